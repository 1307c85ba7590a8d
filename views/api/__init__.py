"""REST over the reference tables: ``/api/v1/<thing>/``, one class a record."""

from views.api.records import RECORD_APIS

__all__ = ["RECORD_APIS"]
