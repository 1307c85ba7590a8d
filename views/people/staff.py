"""Screens of those who serve customers: outlets, teams, skills and staff."""

from types import MappingProxyType
from typing import Any

from app.core.i18n import Message, _
from app.core.pinyin import by_pinyin
from app.core.work import Work
from app.people.lookups import staff_matches
from app.people.models import Account, Outlet, Skill, StaffProfile, Team
from app.people.records import OUTLET, SKILL, STAFF, TEAM
from views.base import HouseInterface
from views.base.interface import sorted_by
from views.people import shown
from views.record_view import RecordView


class OutletView(RecordView):
    """Service outlets."""

    record = OUTLET
    route_base = "/outlets"
    datamodel = HouseInterface(Outlet, scope=OUTLET.reach, orders={"region": lambda: Outlet.region_code})
    class_permission_name = "outlet"
    list_columns = ("name", "code", "region", "address", "phone", "active")
    search_columns = ("name", "code", "region", "active")
    order_columns = ("name", "code", "region", "active")
    base_order = ("code", "asc")
    quick_search = ("name", "code", "address", "phone")
    search_hint = _("Name, code, address or phone")


class TeamView(RecordView):
    """Teams."""

    record = TEAM
    route_base = "/teams"
    datamodel = HouseInterface(
        Team, scope=TEAM.reach, orders={"outlet": sorted_by(Outlet.name, Outlet.id == Team.outlet_id)}
    )
    class_permission_name = "team"
    list_columns = ("name", "code", "outlet", "active")
    search_columns = ("name", "code", "outlet", "active")
    order_columns = ("name", "code", "outlet", "active")
    base_order = ("code", "asc")
    quick_search = ("name", "code")


class SkillView(RecordView):
    """What staff can be able to do."""

    record = SKILL
    route_base = "/skills"
    datamodel = HouseInterface(Skill, orders={"labels": shown.by_label(Skill.labels)})
    class_permission_name = "skill"
    list_columns = ("labels", "key")
    search_columns = ("key",)
    order_columns = ("labels", "key")
    base_order = ("key", "asc")
    quick_search = ("labels", "key")
    formatters_columns = MappingProxyType({"labels": shown.labels})


class StaffView(RecordView):
    """What the company knows of the people who work for it."""

    record = STAFF
    route_base = "/staff"
    datamodel = HouseInterface(
        StaffProfile, scope=STAFF.reach,
        orders={
            "user": sorted_by(by_pinyin(Account.name), Account.id == StaffProfile.user_id),
            "outlet": sorted_by(Outlet.name, Outlet.id == StaffProfile.outlet_id),
        },
    )  # fmt: skip
    class_permission_name = "staff"
    list_columns = ("user", "outlet", "teams", "known_skills", "phone", "capacity_per_day")
    search_columns = ("outlet", "teams", "known_skills", "regions", "capacity_per_day")
    order_columns = ("user", "outlet", "capacity_per_day")
    base_order = ("user", "asc")
    quick_search = ("user",)
    search_hint = _("Name, account, team or skill")
    label_columns: Any = MappingProxyType({"user": _("Full name"), "known_skills": _("Skills")})
    formatters_columns = MappingProxyType({"known_skills": shown.skills, "phone": shown.staff_phone})

    def matching(self, text: str) -> Any:
        return staff_matches(text)

    def more_facts(self, work: Work, row: StaffProfile, *, yours: bool) -> dict[str, Any]:
        """Give the page the skills as a table."""
        del work, yours
        heads: list[Message] = [one.label for one in STAFF.lines["skills"].attributes]
        rows = [(shown.labels(one.skill), one.level, one.certificate_no, one.valid_until_on) for one in row.skills]
        return {"tables": [(_("Skills"), heads, rows)] if rows else []}
