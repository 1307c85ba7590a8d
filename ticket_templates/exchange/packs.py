"""Packs in and out. An import is all or nothing: what is wrong is told with its line, and nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, Final

from sqlalchemy import select

from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import Message, _
from app.core.work import Work
from ticket_templates import queries
from ticket_templates.codec import Problem, found, path_text
from ticket_templates.exchange.reading import Document, read_document
from ticket_templates.exchange.writing import write_document
from ticket_templates.models import TicketTemplate
from ticket_templates.service import fields as library
from ticket_templates.service import templates as service
from ticket_templates.service.templates import IDENTITY, Identity, identity_problems
from ticket_templates.spec import TEMPLATE, TemplateSpec
from ticket_templates.validation import problems_of
from ticket_templates.versions import Change, diff

#: The format of packs this program writes, and the newest it reads.
FORMAT: Final = 1
_PACKS: Final = FilePath(__file__).parent.parent / "packs"
_ORDER: Final = ("subject", "required", "numbering", "fields", "sections", "checks", "workflow", "checklist", "print")


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One thing wrong with a pack, with its place in the file."""

    filename: str
    line: int
    column: int
    path: str
    message: Message
    code: str

    def in_(self, locale: str) -> str:
        """Return the problem as one line: ``repair.yaml:12:5: fields[0].type: …``."""
        where = f"{self.path}: " if self.path else ""
        return f"{self.filename}:{self.line}:{self.column}: {where}{self.message.in_(locale)}"

    def __str__(self) -> str:
        return self.in_("en")


@dataclass(frozen=True, slots=True)
class PackResult:
    """What an import did: ``created``, ``updated``, ``unchanged``, or ``refused`` with its problems."""

    status: str
    filename: str
    template_key: str = ""
    #: The version that is published now.
    number: int | None = None
    fields_created: tuple[str, ...] = ()
    fields_changed: tuple[str, ...] = ()
    #: What differs from the version that was published before; nothing for a new template.
    changes: tuple[Change, ...] = ()
    problems: tuple[PackProblem, ...] = ()

    @property
    def message(self) -> Message:
        """Return in one sentence what happened."""
        if self.status == "refused":
            return _("%(file)s was not imported; problems: %(count)s.", file=self.filename, count=len(self.problems))
        if self.status == "unchanged":
            return _("%(template)s is unchanged (version %(number)s).", template=self.template_key, number=self.number)
        return _("%(template)s: version %(number)s is published.", template=self.template_key, number=self.number)


def import_pack(work: Work, content: str | bytes, filename: str) -> PackResult:
    """Make template and fields read as the pack says; a changed content is published as a new version.

    The same content again changes nothing. To preview, call it in a rehearsal.
    """
    for permission in ("template.design", "field.design"):
        if not work.actor.may(permission):
            raise NotAllowedError(_("You may not import templates."), code="not_allowed")
    pack, problems = _read(work, content, filename)
    if problems or pack is None:
        return PackResult("refused", filename, problems=tuple(problems))
    identity, spec = pack
    before, indexed = _published(work, identity.key), library.indexed(work)
    created, changed = library.put_fields(work, spec.fields.values())
    status, number = _put_template(work, identity, library.with_library(work, spec), filename)
    if status == "unchanged" and changed:
        status = "updated"
    changes = [*diff(before, queries.spec_of(work, identity.key, number)), *_marks(spec, indexed)] if before else ()
    return PackResult(status, filename, identity.key, number, tuple(created), tuple(changed), tuple(changes))


def export_pack(work: Work, template_key: str) -> str:
    """Return the published version of a template, withdrawn or not, as a pack."""
    if not work.actor.may("template.export"):
        raise NotAllowedError(_("You may not export templates."), code="not_allowed")
    card = queries.card(work, template_key)
    if card.number is None:
        raise DomainError(_("No version of this template is published yet."), code="no_version")
    template = work.session.scalars(select(TicketTemplate).where(TicketTemplate.key == template_key)).one()
    identity = Identity(
        template.key, template.labels, template.description or {}, template.icon, template.color, template.position
    )
    spec = queries.spec_of(work, template_key, card.number)
    indexed = library.indexed(work)
    fields = {key: replace(one, indexed=key in indexed) for key, one in spec.fields.items()}
    return pack_text(identity, replace(spec, fields=fields))


def pack_text(identity: Identity, spec: TemplateSpec) -> str:
    """Return a template as the text of a pack."""
    data = spec.as_json()
    rest: dict[str, Any] = {name: data[name] for name in _ORDER if name in data}
    return write_document({"gongdan_pack": FORMAT, "template": IDENTITY.write(identity), **rest})


def shipped_packs() -> list[FilePath]:
    """Return the packs Gongdan ships with; a file is named as its template's key."""
    return sorted(_PACKS.glob("*.yaml"))


def is_installed(work: Work, template_key: str) -> bool:
    """Whether there is a template of that key."""
    return work.session.scalar(select(TicketTemplate.id).where(TicketTemplate.key == template_key)) is not None


def _marks(spec: TemplateSpec, indexed: frozenset[str]) -> Iterable[Change]:
    """Yield which fields are indexed from now on, or no longer: the library knows, not the versions."""
    for one in spec.fields.values():
        if one.indexed != (one.key in indexed):
            yield Change("changed", "field", one.key, one.labels, ("indexed",))


def _published(work: Work, template_key: str) -> TemplateSpec | None:
    number = queries.card(work, template_key).number if is_installed(work, template_key) else None
    return queries.spec_of(work, template_key, number) if number is not None else None


def _put_template(work: Work, identity: Identity, spec: TemplateSpec, filename: str) -> tuple[str, int]:
    """Create or update the template and publish; return what happened and the version's number."""
    note = _("Imported from %(file)s", file=filename[:200]).in_(work.company.locale)
    if not is_installed(work, identity.key):
        service.create_template(work, identity, spec)
        return "created", service.publish(work, identity.key, note=note)
    renamed = service.change_template(work, identity)
    card = queries.card(work, identity.key)
    if card.number is not None and queries.spec_of(work, identity.key, card.number).checksum() == spec.checksum():
        return ("updated" if renamed else "unchanged"), card.number
    service.save_draft(work, identity.key, spec)
    return "updated", service.publish(work, identity.key, note=note)


def _read(
    work: Work, content: str | bytes, filename: str
) -> tuple[tuple[Identity, TemplateSpec] | None, list[PackProblem]]:
    document = read_document(content)
    pack = None
    problems: list[Problem] = []
    if not document.problems:
        pack = parsed(document.data, problems)
        if pack is not None:
            wrong_parts = problems_of(pack[1], service.known_roles(work), work.company.currency)
            fitting = [*wrong_parts, *_library_problems(work, pack[1])]
            problems += [one for one in fitting if not any(_is_about(wrong, one) for wrong in problems)]
    return pack, list(_placed(document, problems, filename))


def _is_about(wrong: Problem, other: Problem) -> bool:
    """Whether ``other`` is at or within what could not be read, and so may only follow from that."""
    return other.path[: len(wrong.path)] == wrong.path


def parsed(data: Any, problems: list[Problem]) -> tuple[Identity, TemplateSpec] | None:
    """Return what a pack's data say, adding to ``problems``; None for what is no pack."""
    if not isinstance(data, dict):
        message = _("Expected %(expected)s, found %(found)s.", expected=_("a pack"), found=found(data))
        problems.append(Problem((), message, "wrong_type"))
        return None
    rest = dict(data)
    version = rest.pop("gongdan_pack", None)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        message = _("A pack begins with “gongdan_pack: %(format)s”.", format=FORMAT)
        problems.append(Problem(("gongdan_pack",), message, "no_format"))
        return None
    if version > FORMAT:
        message = _(
            "This pack has format %(format)s; this installation reads up to %(ours)s. Upgrade Gongdan first.",
            format=version, ours=FORMAT,
        )  # fmt: skip
        problems.append(Problem(("gongdan_pack",), message, "newer_format"))
        return None
    if "template" not in rest:
        problems.append(Problem((), _("“%(name)s” is missing.", name="template"), "missing"))
    identity = IDENTITY.read(rest.pop("template", {}), ("template",), problems if "template" in data else [])
    problems += identity_problems(identity, ("template",))
    spec = TEMPLATE.read(rest, (), problems)
    return identity, spec


def _library_problems(work: Work, spec: TemplateSpec) -> Iterable[Problem]:
    usages = library.usages(work)
    for index, definition in enumerate(spec.fields.values()):
        usage = usages.get(definition.key)
        if usage is None:
            continue
        for name, error in (
            ("type", library.type_problem(definition, usage)),
            ("indexed", library.sealed_problem(definition, usage)),
        ):
            if error is not None:
                yield Problem(("fields", index, name), error.refusals[0].message, error.refusals[0].code)


def _placed(document: Document, problems: Iterable[Problem], filename: str) -> Iterable[PackProblem]:
    places = [*document.problems, *((one, document.place(one)) for one in problems)]
    for problem, (line, column) in sorted(places, key=lambda pair: pair[1]):
        yield PackProblem(filename, line, column, path_text(problem.path), problem.message, problem.code)
