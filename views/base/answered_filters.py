"""The filters of lists, as the condition language means them: what is empty is not “another”, a % is a %.

Flask-AppBuilder's differ among themselves: over a number “is not” leaves out the rows that have none, over a relation
it keeps them, over a text that depends on whether nothing is stored as NULL or as a text without letters. And what is
typed is a pattern to them: “contains %” finds everything.
"""

from typing import Any, ClassVar, Final

from flask_appbuilder.models.sqla import filters as fab
from sqlalchemy import ColumnElement, and_, not_


class _Literal(fab.BaseFilter):
    """A filter over texts that finds what is typed as it stands."""

    #: How a column is compared with it, and whether the rows that fit are left out.
    compare: ClassVar[str]
    leaves_out: ClassVar[bool]

    def apply(self, query: Any, value: Any) -> Any:
        """Return the query, narrowed."""
        query, column = fab.get_field_setup_query(query, self.model, self.column_name)
        fits: ColumnElement[bool] = getattr(column, self.compare)(value, autoescape=True)
        return query.filter(not_(fits) if self.leaves_out else fits)


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
_LITERAL: Final = {
    fab.FilterStartsWith: "istartswith", fab.FilterNotStartsWith: "istartswith",
    fab.FilterEndsWith: "iendswith", fab.FilterNotEndsWith: "iendswith",
    fab.FilterContains: "icontains", fab.FilterNotContains: "icontains",
}  # fmt: skip


def _ours(one: type[fab.BaseFilter]) -> type[fab.BaseFilter]:
    """Return a filter of Flask-AppBuilder's as we mean it."""
    parts = [_OfAnswered] * (one in _NEGATED) + [_Literal] * (one in _LITERAL)
    how = {"compare": _LITERAL[one], "leaves_out": one in _NEGATED} if one in _LITERAL else {}
    return type(one.__name__, (*parts, one), how) if parts else one


#: Flask-AppBuilder's table of the filters each kind of column has, in its order: addresses name them by their place.
FILTERS_BY_KIND: Final = tuple(
    (kind, [_ours(one) for one in filters]) for kind, filters in fab.SQLAFilterConverter.conversion_table
)
