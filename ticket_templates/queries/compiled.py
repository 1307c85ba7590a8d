"""Published versions, compiled and cached: what tickets are made with, one by one or the whole catalogue."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased

from app.core.columns import Json
from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Label, _
from app.core.work import Work
from ticket_templates.models import TemplateVersion, TicketTemplate
from ticket_templates.queries.cards import CARDS, NEWEST, TemplateCard, card_of, no_template
from ticket_templates.spec import TemplateSpec, from_json
from ticket_templates.versions import CompiledSpec, CompiledVersion

#: Compiled specs kept by a process; each takes some 100 kB.
MOST_COMPILED: Final = 256


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All templates, withdrawn ones too, and the versions new tickets are made with."""

    cards: Sequence[TemplateCard]
    versions: Sequence[CompiledVersion]


class _Head(NamedTuple):
    """What there is of a published version besides what it says."""

    id: int
    number: int
    checksum: str
    template_id: int
    key: str
    labels: Label
    withdrawn: bool


class _Compiled:
    """The compiled specs this process used last, by checksum and currency. A spec never changes, so neither do they."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._compiled: OrderedDict[tuple[str, str], CompiledSpec] = OrderedDict()

    def get(self, checksum: str, currency: str) -> CompiledSpec | None:
        with self._lock:
            found = self._compiled.get((checksum, currency))
            if found is not None:
                self._compiled.move_to_end((checksum, currency))
            return found

    def put(self, checksum: str, currency: str, spec: TemplateSpec) -> CompiledSpec:
        compiled = CompiledSpec(spec, currency)
        with self._lock:
            self._compiled[checksum, currency] = compiled
            while len(self._compiled) > MOST_COMPILED:
                self._compiled.popitem(last=False)
        return compiled


_COMPILED = _Compiled()

_HEAD_COLUMNS: Final = (
    TemplateVersion.id, TemplateVersion.number, TemplateVersion.checksum,
    TicketTemplate.id.label("template_id"), TicketTemplate.key, TicketTemplate.labels, TicketTemplate.withdrawn,
)  # fmt: skip
_HEAD: Final = (
    select(*_HEAD_COLUMNS)
    .join(TicketTemplate, TicketTemplate.id == TemplateVersion.template_id)
    .where(TemplateVersion.published_at.is_not(None))
)
_BY_ID: Final = _HEAD.where(TemplateVersion.id.in_(bindparam("versions", expanding=True)))
_BY_KEY: Final = _HEAD.where(TicketTemplate.key == bindparam("template"))
_NEWEST_BY_KEY: Final = _BY_KEY.where(
    TemplateVersion.number == select(NEWEST.c.number).where(NEWEST.c.template_id == TicketTemplate.id).scalar_subquery()
)


def published_version(work: Work, template_key: str) -> CompiledVersion:
    """Return the version new tickets of a template are made with; DomainError "withdrawn" when none may be."""
    found = _compiled(work, _NEWEST_BY_KEY, template=template_key)
    if not found:
        raise no_template(template_key)
    (version,) = found.values()
    if version.withdrawn:
        raise DomainError(
            _("“%(template)s” is withdrawn; no tickets are made of it any more.", template=version.template_labels),
            field="template",
            code="withdrawn",
        )
    return version


def version(work: Work, version_id: int) -> CompiledVersion:
    """Return one published version, the template withdrawn or not."""
    found = versions(work, [version_id]).get(version_id)
    if found is None:
        raise NotFoundError(_("There is no such template version."), field="template", code="no_version")
    return found


def versions(work: Work, ids: Iterable[int]) -> dict[int, CompiledVersion]:
    """Return published versions by id, in one statement (and a second for those met for the first time)."""
    wanted, known = sorted(set(ids)), _known(work)
    heads = _heads(work)
    known.update(_built(work, [heads[one] for one in wanted if one in heads and one not in known]))
    if unread := [one for one in wanted if one not in known]:
        known.update(_compiled(work, _BY_ID, versions=unread))
    return {one: known[one] for one in wanted if one in known}


def beside(query: Select[Any], version_id: Any) -> Select[Any]:
    """Return a query of few rows with what `split` takes off each: what there is of the version that they name."""
    query = query.join(TemplateVersion, TemplateVersion.id == version_id)
    return query.join(TicketTemplate, TicketTemplate.id == TemplateVersion.template_id).add_columns(*_HEAD_COLUMNS)


def split(work: Work, row: Sequence[Any]) -> Sequence[Any]:
    """Return a row of `beside` without the version, which `versions` then knows without a statement."""
    own, head = row[: -len(_HEAD_COLUMNS)], row[-len(_HEAD_COLUMNS) :]
    _known(work).update(_built(work, [_Head._make(head)]))
    return own


def every_version(work: Work) -> list[CompiledVersion]:
    """Return every version tickets may be of, the newest first, in one statement; in none after the catalogue."""

    def read() -> list[CompiledVersion]:
        heads = _heads(work)
        found = versions(work, heads) if heads else _compiled(work, _HEAD)
        _known(work).update(found)
        return sorted(found.values(), key=lambda one: one.id, reverse=True)

    return work.once("every template version", read)


def catalogue(work: Work) -> Catalogue:
    """Return all templates and their newest versions, in one statement."""
    return work.once("catalogue of templates", lambda: _catalogue(work))


def versions_of(work: Work, template_key: str) -> list[CompiledVersion]:
    """Return the published versions of a template, the newest first; none: there is no such.

    In one statement; in none after the catalogue.
    """
    if heads := _heads(work):
        found = versions(work, [one.id for one in heads.values() if one.key == template_key])
    else:
        found = _compiled(work, _BY_KEY, template=template_key.replace("\x00", ""))
    return sorted(found.values(), key=lambda one: -one.number)


def _known(work: Work) -> dict[int, CompiledVersion]:
    """Return the versions a page has read already, to be added to."""
    return work.once("template versions", dict[int, CompiledVersion])


def _heads(work: Work) -> dict[int, _Head]:
    """Return the heads of all published versions, if the page has read the catalogue; else none."""
    return work.once("heads of template versions", dict[int, _Head])


def _catalogue(work: Work) -> Catalogue:
    rows = [tuple(row) for row in work.rows(_with_published(work.dialect))]
    last = _LAST.get(work.company.currency)
    if last is None or last.rows != rows:
        last = _LAST[work.company.currency] = _read_anew(work, rows)
    _heads(work).update(last.heads)
    _known(work).update({one.id: one for one in last.catalogue.versions})
    return last.catalogue


class _Read(NamedTuple):
    """A catalogue, and the rows it was made of: as long as they say the same, so does it."""

    rows: Sequence[Sequence[Any]]
    heads: Mapping[int, _Head]
    catalogue: Catalogue


#: What this process read last, by currency: most pages ask for the catalogue, and it changes when somebody publishes.
_LAST: Final[dict[str, _Read]] = {}


def _read_anew(work: Work, rows: Sequence[Sequence[Any]]) -> _Read:
    cards = [card_of(row) for row in rows]
    heads = {
        key: _Head(key, number, checksum, card.id, card.key, card.labels, card.withdrawn)
        for card, row in zip(cards, rows, strict=True)
        for key, number, checksum in row[-1] or ()
    }
    newest = _built(work, [heads[one.version_id] for one in cards if one.version_id is not None])
    return _Read(rows, heads, Catalogue(cards, list(newest.values())))


@cache
def _with_published(dialect: str) -> Any:
    """Select the cards, each with id, number and checksum of all its published versions as one more column."""
    one = aliased(TemplateVersion)
    array, every = (func.jsonb_build_array, func.jsonb_agg) if dialect == "postgresql" else _SQLITE_ARRAYS
    listed = every(array(one.id, one.number, one.checksum), type_=Json())
    mine = select(listed).where(one.template_id == TicketTemplate.id, one.published_at.is_not(None))
    return CARDS.add_columns(mine.correlate(TicketTemplate).scalar_subquery().label("published"))


_SQLITE_ARRAYS: Final = (func.json_array, func.json_group_array)


def _compiled(work: Work, heads: Select[*tuple[Any, ...]], **named: Any) -> dict[int, CompiledVersion]:
    return _built(work, [_Head._make(row) for row in work.rows(heads, named)])


def _built(work: Work, heads: Sequence[_Head]) -> dict[int, CompiledVersion]:
    rules = _rules(work, {head.id: head.checksum for head in heads})
    return {
        one.id: CompiledVersion(
            one.id, one.number, one.template_id, one.key, one.labels, one.withdrawn, rules[one.checksum]
        )
        for one in heads
    }


def _rules(work: Work, checksums: Mapping[int, str]) -> dict[str, CompiledSpec]:
    """Return the compiled specs of versions by their checksum; those this process has not met yet are read."""
    currency = work.company.currency
    known = {one: _COMPILED.get(one, currency) for one in checksums.values()}
    if strange := [version for version, one in checksums.items() if known[one] is None]:
        query = select(TemplateVersion.checksum, TemplateVersion.spec).where(TemplateVersion.id.in_(strange))
        for checksum, spec in work.session.execute(query):
            known[checksum] = _COMPILED.put(checksum, currency, from_json(spec))
    return {checksum: rules for checksum, rules in known.items() if rules is not None}
