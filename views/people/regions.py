"""The screen of regions: provinces, cities and districts."""

from types import MappingProxyType
from typing import Any

from app.core.i18n import _
from app.people.models import Region
from app.people.records import REGION
from app.people.regions import LEVELS, level_label
from views.base import HouseInterface
from views.record_view import RecordView


class RegionView(RecordView):
    """Provinces, cities and districts."""

    record = REGION
    route_base = "/regions"
    datamodel = HouseInterface(Region)
    class_permission_name = "region"
    list_columns = ("full_name", "name", "code", "level")
    search_columns = ("full_name", "code", "level", "parent")
    order_columns = ("full_name", "name", "code", "level")
    base_order = ("code", "asc")
    quick_search = ("full_name", "code")
    search_hint = _("Name or code")
    label_columns: Any = MappingProxyType({"full_name": _("Whole name"), "level": _("Level")})
    choices = MappingProxyType({"level": {str(level): label for level, label in LEVELS.items()}})
    formatters_columns = MappingProxyType({"level": level_label})
