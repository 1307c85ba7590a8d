"""Work in the background: jobs of chunks, claimed with a lease, finished behind a fence."""
