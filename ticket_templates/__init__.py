"""The low-code kernel: field types, templates, versions, workflow."""
