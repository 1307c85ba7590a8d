"""Filters over trees: who asks for a province means the places in it, who asks for air conditioners all their kinds."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask_appbuilder.models.filters import FilterRelation
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from sqlalchemy import ColumnElement, false, select

from app.assets.models import ProductCategory
from app.core.i18n import _
from app.people.models import Region
from views.base.answered_filters import FILTERS_BY_KIND

#: How a tree tells what lies at a node or below it.
TREES: Final[Mapping[Any, Callable[[Any], ColumnElement[bool]]]] = {
    ProductCategory: lambda node: ProductCategory.path.startswith(node.path, autoescape=True),
    # Codes of places are prefixes of those below them.
    Region: lambda node: Region.code.startswith(node.code, autoescape=True),
}


class FilterBelow(FilterRelation):
    """At the node that is named, or below it."""

    name = _("is or is below")
    arg_name = "below"

    def apply(self, query: Any, value: Any) -> Any:
        """Return the query, narrowed."""
        node = self.datamodel.get_related_obj(self.column_name, value)
        if node is None:
            return query.filter(false())
        relation = getattr(self.model, self.column_name).property
        ((own, key),) = relation.local_remote_pairs
        return query.filter(own.in_(select(key).where(TREES[relation.mapper.class_](node))))


class HouseFilterConverter(SQLAFilterConverter):
    """The filters a column has: those of Flask-AppBuilder, and over a tree one for all below a node."""

    conversion_table = FILTERS_BY_KIND

    def convert(self, col_name: str) -> Any:
        """Return the filters of a column."""
        found = super().convert(col_name)
        is_tree = self.datamodel.is_relation(col_name) and self.datamodel.get_related_model(col_name) in TREES
        if found and is_tree and not self.datamodel.is_relation_many_to_many(col_name):
            # Behind the others, which addresses name by their place.
            return [*found, FilterBelow(col_name, self.datamodel)]
        return found
