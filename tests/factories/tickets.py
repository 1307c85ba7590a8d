"""A small template and its tickets, for tests of the change path and of what stands on it."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from app.core.permissions import Actor, Scope
from app.core.work import Work
from app.people.access_sync import sync_roles
from app.people.access_tables import ACCOUNT_ROLE, ROLE
from app.people.roles import ROLE_BY_NAME
from app.tickets import service
from app.tickets.orders import ChangeTicket, OpenTicket
from tests.factories import people
from ticket_templates.models import TemplateVersion, TicketTemplate
from ticket_templates.spec import (
    ChecklistItem,
    FieldSpec,
    FieldUse,
    Numbering,
    Option,
    PrintLayout,
    Section,
    State,
    TemplateSpec,
    Transition,
    Workflow,
)

_numbers = count(1)


def named(zh: str, en: str = "") -> dict[str, str]:
    return {"zh_Hans": zh, "zh_Hant": zh, "en": en or zh}


def field_spec(key: str, type_: str, zh: str, **more: Any) -> FieldSpec:
    return FieldSpec(key, type_, named(zh, key.replace("_", " ").capitalize()), **more)


def _option(key: str, zh: str) -> Option:
    return Option(key, named(zh))


FIELDS = {
    one.key: one
    for one in (
        field_spec("fault", "text", "故障描述"),
        field_spec("fault_code", "choice", "故障代码", options=(_option("E1", "不制冷"), _option("E2", "异响"))),
        field_spec("quantity", "integer", "数量"),
        field_spec("phone", "phone", "联系电话"),
        field_spec("detail", "long_text", "详情"),
        field_spec("secret", "text", "内部评价"),
        field_spec("photos", "file", "照片"),
        field_spec("result", "text", "处理结果"),
    )
}
STATES = (
    State("waiting", named("待分配", "Waiting"), "new", limit_minutes=60),
    State("working", named("处理中", "Working"), "open", limit_minutes=480),
    State("parts", named("待配件", "Waiting for parts"), "pending"),
    State("done", named("已完成", "Done"), "resolved"),
    State("closed", named("已关闭", "Closed"), "closed"),
)
TRANSITIONS = (
    Transition("start", named("开始", "Start"), ("waiting", "parts"), "working"),
    Transition("wait", named("等配件", "Wait for parts"), ("working",), "parts", note_required=True),
    Transition("finish", named("完工", "Finish"), ("working",), "done", required=("result",)),
    Transition("close", named("关闭", "Close"), ("done",), "closed", checklist=True),
    Transition("reopen", named("重开", "Reopen"), ("done", "closed"), "working", roles=frozenset({"dispatcher"})),
)


def repair_spec(pattern: str = "WX-{yyyy}{mm}{dd}-{seq:4}") -> TemplateSpec:
    uses = (
        FieldUse("fault", required=True),
        FieldUse("fault_code"),
        FieldUse("quantity"),
        FieldUse("phone"),
        FieldUse("photos"),
        FieldUse("detail", visible_when={"field": "values.fault_code", "op": "is", "value": "E2"}),
        FieldUse("secret", read_roles=frozenset({"qa"}), write_roles=frozenset({"qa"})),
    )
    return TemplateSpec(
        fields=FIELDS,
        sections=(
            Section("main", named("报修", "Report"), uses),
            Section("work", named("处理", "Work"), (FieldUse("result"),), on_create=False),
        ),
        workflow=Workflow("waiting", STATES, TRANSITIONS),
        numbering=Numbering(pattern),
        print=PrintLayout(named("服务单", "Service report")),
        checklist=(
            ChecklistItem("tested", named("已试机", "Tested")),
            ChecklistItem("tidy", named("已清理", "Tidy"), required=False),
        ),
        subject="{fault}",
    )


def giving_spec(*needs: str, roles: Iterable[str] = ()) -> TemplateSpec:
    """The same, with a step that gives a ticket that waits to somebody; it asks for ``needs`` besides."""
    spec = repair_spec()
    assign = Transition(
        "assign", named("分配", "Assign"), ("waiting",), "working", roles=frozenset(roles),
        required=(*needs, "assignee"),
    )  # fmt: skip
    return replace(spec, workflow=replace(spec.workflow, transitions=(*TRANSITIONS, assign)))


def template(work: Work, key: str = "", spec: TemplateSpec | None = None, **columns: Any) -> str:
    """Publish a template (the small repair one, unless told) and return its key."""
    key = key or f"repair{next(_numbers)}"
    spec = spec or repair_spec()
    row = TicketTemplate(key=key, labels=named("维修", "Repair"), withdrawn=False, position=0, **columns)
    row.versions = [
        TemplateVersion(
            number=1, spec=spec.as_json(), checksum=spec.checksum(), published_at=work.now, created_at=work.now
        )
    ]
    work.session.add(row)
    work.session.flush()
    return key


def account(work: Work, username: str = "") -> int:
    """Make a bare account for foreign keys and return its id."""
    number = next(_numbers)
    return people.person(
        work, username=username or f"user{number}", first_name=f"师傅{number}", email=f"user{number}@example.com"
    )


def assignee(work: Work, user_id: int = 0, role: str = "technician") -> int:
    """Return an account that may be given tickets: ``user_id``, or a new one, with a seeded role of its own."""
    user_id = user_id or account(work)
    if work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == role)) is None:
        sync_roles(work)
    role_id = work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == role))
    work.session.execute(insert(ACCOUNT_ROLE).values(user_id=user_id, role_id=role_id))
    return user_id


def actor(
    work: Work, role: str = "clerk", *, scope: Scope | None = None,
    teams: Iterable[int] = (), outlets: Iterable[int] = (), without: Iterable[str] = (),
) -> Actor:  # fmt: skip
    """Return an actor with an account and a seeded role's rights, ``without`` some of them."""
    seed = ROLE_BY_NAME[role]
    return Actor(
        user_id=account(work), name=role, roles=frozenset({role}),
        permissions=seed.permissions - set(without), scope=scope or seed.scope,
        team_ids=frozenset(teams), outlet_ids=frozenset(outlets),
    )  # fmt: skip


def ticket(work: Work, template_key: str, answers: dict[str, Any] | None = None, **fields: Any) -> int:
    """Open a ticket and return its id."""
    order = OpenTicket(template_key, fields, {"fault": "空调不制冷"} | (answers or {}))
    opened = service.open_ticket(work, order).ticket_id
    assert opened is not None
    return opened


def finish(work: Work, ticket_id: int, *steps: str) -> None:
    """Start and finish a ticket of the small template, then take ``steps``."""
    for step in ("start", "finish", *steps):
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"result": "好"}, transition=step))


def tickets(work: Work, template_key: str, number: int) -> list[int]:
    """Open several tickets and return their ids."""
    orders = [OpenTicket(template_key, {}, {"fault": f"故障 {i}"}) for i in range(number)]
    outcomes = service.open_tickets(work, orders).outcomes
    return [outcome.ticket_id for outcome in outcomes if outcome.ticket_id is not None]
