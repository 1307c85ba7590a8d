"""What a request must not share with another: the filters of a screen or a REST list, and the unit of work."""

from typing import Any

from flask import g, has_request_context

from views.base.interface import HouseFilters, HouseInterface


class RequestFilters:
    """Part of `HouseModelView` and `HouseModelApi`; Flask-AppBuilder keeps one filters object for all requests."""

    datamodel: HouseInterface
    _offered: HouseFilters | None = None

    @property
    def _filters(self) -> Any:
        """The filters of this request."""
        if self._offered is None or not has_request_context():
            return self._offered
        mine: dict[int, HouseFilters] = g.setdefault("gongdan_filters", {})
        return mine.setdefault(id(self), self._offered.copy())

    @_filters.setter
    def _filters(self, filters: HouseFilters) -> None:
        self._offered = filters

    @property
    def work(self) -> Any:
        """The unit of work around the hooks."""
        return self.datamodel.session.info.get("work")

    def offer(self) -> None:
        """Narrow what may be searched and sorted by to what can be, and make the filters anew."""
        own: dict[str, Any] = self.__dict__
        may = self.datamodel.is_searchable
        own["search_columns"] = [name for name in getattr(self, "search_columns", ()) if may(name)]
        orders = self.datamodel.orders
        own["order_columns"] = [name for name in getattr(self, "order_columns", ()) if name in orders or may(name)]
        self._offered = self.datamodel.get_filters(own["search_columns"])
