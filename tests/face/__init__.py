"""The face: templates, scripts, styles, vendored packages."""
