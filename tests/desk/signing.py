"""The small repair, handed in with a signature and sent back by a review that takes it away again."""

from dataclasses import replace

from app.core.work import Work
from tests.factories import tickets
from ticket_templates.spec import FieldUse, Section, Transition

STEPS = (
    Transition(
        "hand_in", tickets.named("提交审核", "Hand in"), ("working",), "parts",
        required=("signature", "result", "quantity"), checklist=True,
    ),
    Transition(
        "rework", tickets.named("返工", "Rework"), ("parts",), "working", note_required=True,
        clears=("signature", "result", "checklist"),
    ),
)  # fmt: skip


def template(work: Work) -> str:
    """Publish it and return its key."""
    spec = tickets.repair_spec()
    uses = (FieldUse("result"), FieldUse("signature"))
    spec = replace(
        spec,
        fields={**spec.fields, "signature": tickets.field_spec("signature", "signature", "客户签名")},
        sections=(spec.sections[0], Section("work", tickets.named("处理", "Work"), uses, on_create=False)),
        workflow=replace(spec.workflow, transitions=(*spec.workflow.transitions, *STEPS)),
    )
    return tickets.template(work, spec=spec)
