"""Which shipped packs say what no version here has said yet: a newer Gongdan brought them, and nobody imported them."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from app.core.errors import NotFoundError
from app.core.i18n import Label, _
from app.core.work import Work
from ticket_templates.codec import ProblemsError
from ticket_templates.exchange.packs import parsed, shipped_packs
from ticket_templates.exchange.reading import read_document
from ticket_templates.models import TemplateVersion, TicketTemplate
from ticket_templates.service import fields as library
from ticket_templates.spec import TemplateSpec


@dataclass(frozen=True, slots=True)
class NewerPack:
    """A shipped pack that a template has not taken over. ``changed``: the company made versions of its own."""

    key: str
    labels: Label
    path: Path
    changed: bool


def newer_packs(work: Work) -> list[NewerPack]:
    """Return the shipped packs that are newer than their templates here, by key; withdrawn templates are let be.

    Nothing is ever taken over unasked: whoever imports one sees first what it changes.
    """
    query = (
        select(TicketTemplate.key, TicketTemplate.labels, TemplateVersion.checksum, TemplateVersion.created_by_id)
        .join(TemplateVersion, TemplateVersion.template_id == TicketTemplate.id)
        .where(TemplateVersion.published_at.is_not(None), TicketTemplate.withdrawn.is_(False))
    )
    said: dict[str, set[str]] = defaultdict(set)
    labels, changed = {}, set()
    for key, label, checksum, author in work.session.execute(query):
        said[key].add(checksum)
        labels[key] = label
        if author is not None:
            changed.add(key)
    return [
        NewerPack(path.stem, labels[path.stem], path, path.stem in changed)
        for path in shipped_packs()
        if path.stem in said and said[path.stem].isdisjoint(_ways_to_say(work, _read(path)))
    ]


def newer_pack(work: Work, template_key: str) -> NewerPack:
    """Return the newer pack of one template; NotFoundError where there is none."""
    found = next((one for one in newer_packs(work) if one.key == template_key), None)
    if found is None:
        raise NotFoundError(_("No newer version of this template is shipped."), code="not_found")
    return found


@lru_cache(maxsize=64)
def _read(path: Path) -> TemplateSpec:
    """Return what a shipped pack says; its file stays as it is while a program runs."""
    pack = parsed(read_document(path.read_bytes()).data, [])
    if pack is None:
        raise ValueError(f"{path.name} is no pack")
    return replace(pack[1], fields={key: replace(one, indexed=False) for key, one in pack[1].fields.items()})


def _ways_to_say(work: Work, spec: TemplateSpec) -> set[str]:
    """Return the checksums of a version made of the pack: as it stands, and with what the library keeps besides."""
    try:
        return {spec.checksum(), library.with_library(work, spec).checksum()}
    except ProblemsError:
        return {spec.checksum()}  # it has a field the library does not know yet
