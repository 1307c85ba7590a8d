"""Reports and documents."""
