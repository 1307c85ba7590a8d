"""Alembic migrations, both ways, on SQLite and PostgreSQL; run by `gongdan init` and `make migration`."""
