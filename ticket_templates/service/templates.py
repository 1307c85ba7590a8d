"""Templates and their versions: drafts, publishing, withdrawal.

A draft is a version without `published_at`; a template has at most one. What is published never changes. The
definitions a version carries are those of the library when it was saved last, so a field means the same in
every template that is published after it changed.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import column, func, select, table

from app.core.audit import AuditEvent
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.i18n import Label, _
from app.core.work import Work
from app.icons import PICKABLE
from ticket_templates import queries
from ticket_templates.codec import LabelText, OneOf, Path, Problem, ProblemsError, Shape, Whole
from ticket_templates.models import TemplateVersion, TicketTemplate
from ticket_templates.roles import ROLE_LABELS
from ticket_templates.service.fields import with_library
from ticket_templates.spec import TemplateSpec
from ticket_templates.spec.shapes import COLOR, KEY, LABEL
from ticket_templates.validation import ensure_valid

_ROLE: Final = table("ab_role", column("name"))


@dataclass(frozen=True, slots=True)
class Identity:
    """What a template is called and how its card looks; changes without a new version."""

    key: str
    labels: Label
    description: Label = field(default_factory=dict)
    icon: str = "ticket"
    color: str = "blue"
    position: int = 0


IDENTITY: Final = Shape(
    Identity,
    key=KEY,
    labels=LABEL,
    description=LabelText(500, empty=True, lines=True),
    icon=OneOf(PICKABLE),
    color=COLOR,
    position=Whole(0, 10_000),
)


#: Words that stand in the addresses of the template and ticket screens where a template's key does.
RESERVED_KEYS: Final = frozenset({"add", "api", "compare", "delete", "edit", "export", "import", "list", "new", "show"})


def identity_problems(identity: Identity, path: Path) -> list[Problem]:
    """Return why a template cannot be called so."""
    if identity.key not in RESERVED_KEYS:
        return []
    message = _(
        "“%(key)s” is a word of this program's addresses; choose another key. Not possible are: %(all)s.",
        key=identity.key, all=", ".join(sorted(RESERVED_KEYS)),
    )  # fmt: skip
    return [Problem((*path, "key"), message, "reserved_key")]


def create_template(work: Work, identity: Identity, spec: TemplateSpec) -> None:
    """Make a new template with ``spec`` as its draft."""
    _allow(work)
    _check(identity)
    if work.session.scalar(select(TicketTemplate.id).where(TicketTemplate.key == identity.key)) is not None:
        message = _("There is a template “%(key)s” already.", key=identity.key)
        raise DomainError(message, field="key", code="taken")
    template = TicketTemplate(key=identity.key, withdrawn=False, **_columns(identity))
    work.session.add(template)
    work.session.flush()
    _put_draft(work, template, spec)


def change_template(work: Work, identity: Identity) -> bool:
    """Change name, description and looks of the template of that key; return whether anything changed."""
    _allow(work)
    _check(identity)
    template = locked(work, identity.key)
    changes = {name: value for name, value in _columns(identity).items() if getattr(template, name) != value}
    for name, value in changes.items():
        setattr(template, name, value)
    work.session.flush()
    return bool(changes)


def create_draft(work: Work, template_key: str, *, number: int | None = None) -> TemplateSpec:
    """Begin a draft with what version ``number`` says (the newest, unless told); ConflictError when there is one."""
    _allow(work)
    template = locked(work, template_key)
    if _draft(work, template) is not None:
        raise ConflictError(_("There is a draft already; publish or discard it first."), code="draft_exists")
    if number is None:
        number = _newest_number(work, template)
    spec = with_library(work, queries.spec_of(work, template_key, number))
    _put_draft(work, template, spec)
    return spec


def restore(work: Work, template_key: str, number: int) -> TemplateSpec:
    """Begin a draft that reads as version ``number`` did, with the definitions its fields have today."""
    return create_draft(work, template_key, number=number)


def save_draft(work: Work, template_key: str, spec: TemplateSpec, *, based_on: str | None = None) -> str:
    """Make the draft read as ``spec`` (begin one if there is none) and return its checksum.

    ``based_on`` is the checksum of the draft the wish was made from; another one there now is a ConflictError.
    A draft may be unfinished: it is checked when it is published.
    """
    _allow(work)
    template = locked(work, template_key)
    draft = _draft(work, template)
    if based_on is not None and (draft is None or draft.checksum != based_on):
        raise ConflictError(_("Somebody else changed the draft meanwhile."), code="stale_draft")
    return _put_draft(work, template, with_library(work, spec)).checksum


def discard_draft(work: Work, template_key: str) -> None:
    """Delete the draft; NotFoundError when there is none."""
    _allow(work)
    template = locked(work, template_key)
    draft = _needed_draft(work, template)
    if draft.number == 1:
        message = _("The first draft of a template cannot be discarded; withdraw the template instead.")
        raise DomainError(message, code="first_draft")
    work.session.delete(draft)
    work.session.flush()


def publish(work: Work, template_key: str, *, note: str = "") -> int:
    """Publish the draft and return its number; from now on it never changes, and new tickets are made with it."""
    _allow(work)
    template = locked(work, template_key)
    draft = _needed_draft(work, template)
    # Numbers are looked up by name, not by row, since a draft may be the only version.
    spec = with_library(work, queries.spec_of(work, template_key, draft.number))
    ensure_valid(spec, known_roles(work), work.company.currency)
    _refuse_unchanged(work, template, spec)
    draft.spec, draft.checksum = spec.as_json(), spec.checksum()
    draft.published_at = work.now
    draft.note = note.strip()[:300] or None
    work.session.flush()
    _audit(work, draft, "published")
    return draft.number


def withdraw(work: Work, template_key: str) -> None:
    """Make no more tickets of a template; those there are go on."""
    _set_withdrawn(work, template_key, withdrawn=True)


def reinstate(work: Work, template_key: str) -> None:
    """Make tickets of a withdrawn template again."""
    _set_withdrawn(work, template_key, withdrawn=False)


def known_roles(work: Work) -> frozenset[str]:
    """Return the roles workflows may name: those every installation has, and those an administrator added."""
    return frozenset(ROLE_LABELS) | frozenset(work.session.scalars(select(_ROLE.c.name)))


def locked(work: Work, template_key: str) -> TicketTemplate:
    """Return the template, locked until the transaction ends, so that writers of it come one after the other."""
    template = work.session.scalar(select(TicketTemplate).where(TicketTemplate.key == template_key).with_for_update())
    if template is None:
        raise queries.no_template(template_key)
    return template


def _put_draft(work: Work, template: TicketTemplate, spec: TemplateSpec) -> TemplateVersion:
    draft = _draft(work, template)
    if draft is None:
        last = work.session.scalar(
            select(func.max(TemplateVersion.number)).where(TemplateVersion.template_id == template.id)
        )
        draft = TemplateVersion(template_id=template.id, number=(last or 0) + 1)
        work.session.add(draft)
    draft.spec, draft.checksum = spec.as_json(), spec.checksum()
    work.session.flush()
    return draft


def _draft(work: Work, template: TicketTemplate) -> TemplateVersion | None:
    return work.session.scalar(
        select(TemplateVersion).where(
            TemplateVersion.template_id == template.id, TemplateVersion.published_at.is_(None)
        )
    )


def _needed_draft(work: Work, template: TicketTemplate) -> TemplateVersion:
    draft = _draft(work, template)
    if draft is None:
        raise NotFoundError(_("“%(template)s” has no draft.", template=template.labels), code="no_draft")
    return draft


def _newest_number(work: Work, template: TicketTemplate) -> int:
    number = work.session.scalar(
        select(func.max(TemplateVersion.number)).where(
            TemplateVersion.template_id == template.id, TemplateVersion.published_at.is_not(None)
        )
    )
    if number is None:
        raise NotFoundError(_("No version of this template is published yet."), code="no_version")
    return number


def _refuse_unchanged(work: Work, template: TicketTemplate, spec: TemplateSpec) -> None:
    newest = work.session.scalar(
        select(TemplateVersion.checksum)
        .where(TemplateVersion.template_id == template.id, TemplateVersion.published_at.is_not(None))
        .order_by(TemplateVersion.number.desc())
        .limit(1)
    )
    if newest == spec.checksum():
        raise DomainError(_("The draft says the same as the published version."), code="unchanged")


def _set_withdrawn(work: Work, template_key: str, *, withdrawn: bool) -> None:
    _allow(work)
    locked(work, template_key).withdrawn = withdrawn
    work.session.flush()


def _columns(identity: Identity) -> dict[str, Any]:
    return {
        "labels": dict(identity.labels),
        "description": dict(identity.description) or None,
        "icon": identity.icon,
        "color": identity.color,
        "position": identity.position,
    }


def _check(identity: Identity) -> None:
    problems: list[Problem] = []
    IDENTITY.read(IDENTITY.write(identity), (), problems)
    problems += identity_problems(identity, ())
    if problems:
        raise ProblemsError(problems)


def _audit(work: Work, version: TemplateVersion, action: str) -> None:
    """Record that a version was published; its content is kept by the version itself."""
    work.session.add(
        AuditEvent(
            at=work.now,
            actor_id=work.actor.user_id,
            cause=work.cause.as_json(),
            action=action,
            table_name=TemplateVersion.__tablename__,
            row_id=str(version.id),
            changes={"checksum": [None, version.checksum]},
        )
    )
    work.session.flush()


def _allow(work: Work) -> None:
    if not work.actor.may("template.design"):
        raise NotAllowedError(_("You may not change templates."), code="not_allowed")
