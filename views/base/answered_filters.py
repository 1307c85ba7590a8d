"""The filters of lists that say “not”, as the condition language means it: what is empty is not “another”.

Flask-AppBuilder's differ among themselves: over a number “is not” leaves out the rows that have none, over a relation
it keeps them, over a text that depends on whether nothing is stored as NULL or as a text without letters.
"""

from typing import Any, Final

from flask_appbuilder.models.sqla import filters as fab
from sqlalchemy import ColumnElement, and_


class _OfAnswered(fab.BaseFilter):
    """Part of a filter that says “not”: it holds of no row whose column is empty."""

    def apply(self, query: Any, value: Any) -> Any:
        """Return the query, narrowed."""
        return super().apply(query, value).filter(self._answered())

    def _answered(self) -> ColumnElement[bool]:
        column = getattr(self.model, self.column_name)
        if self.datamodel.is_relation(self.column_name):
            ((column, _key),) = column.property.local_remote_pairs
            return column.is_not(None)
        texts = self.datamodel.is_string(self.column_name) or self.datamodel.is_text(self.column_name)
        return and_(column.is_not(None), column != "") if texts else column.is_not(None)


_NEGATED: Final = (
    fab.FilterNotEqual, fab.FilterNotStartsWith, fab.FilterNotEndsWith, fab.FilterNotContains, fab.FilterNotIn,
    fab.FilterRelationOneToManyNotEqual,
)  # fmt: skip
_OURS: Final = {one: type(one.__name__, (_OfAnswered, one), {}) for one in _NEGATED}

#: Flask-AppBuilder's table of the filters each kind of column has, in its order: addresses name them by their place.
FILTERS_BY_KIND: Final = tuple(
    (kind, [_OURS.get(one, one) for one in filters]) for kind, filters in fab.SQLAFilterConverter.conversion_table
)
