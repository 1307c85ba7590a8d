"""Tables in: Excel workbooks and CSV files that people upload, read safely and told apart by their content."""

from app.exchange.reader.opening import open_table
from app.exchange.reader.table import SourceRow, Table

__all__ = ["SourceRow", "Table", "open_table"]
