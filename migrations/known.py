"""The tables migrations know: Flask-AppBuilder's and ours as one, since ours refer to its accounts."""

from sqlalchemy import MetaData

from app.schema import METADATA


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leave to their own DDL what metadata cannot describe: full-text tables."""
    return not (kind == "table" and name and name.startswith("ticket_search"))


def tables() -> MetaData:
    """Return all tables in one metadata."""
    together = MetaData(naming_convention=METADATA[1].naming_convention)
    for metadata in METADATA:
        for table in metadata.sorted_tables:
            if table.name not in together.tables:
                table.to_metadata(together)
    return together
