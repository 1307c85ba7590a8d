"""Tables in: Excel workbooks and CSV files that people upload, read safely and told apart by their content."""

from app.exchange.reader.opening import open_table
from app.exchange.reader.table import SourceRow, Table
from app.exchange.reader.unreadable import Unreadable

__all__ = ["SourceRow", "Table", "Unreadable", "open_table"]
