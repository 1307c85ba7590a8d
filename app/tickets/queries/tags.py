"""The tags a ticket may be given: those that are like what somebody types, and the word itself where it is none yet."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, select

from app.core.errors import DomainError
from app.core.pinyin import by_pinyin
from app.core.work import Work
from app.people import tags as names
from app.people.models import Tag
from app.tickets.queries.page import permit

#: So many are offered: whoever does not find it there types more of it.
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class TagOffer:
    """A tag by its name; ``is_new``: giving it to a ticket makes it."""

    name: str
    is_new: bool = False


def tags_like(work: Work, typed: str) -> list[TagOffer]:
    """Return the tags in whose names ``typed`` stands, those that begin with it first; then itself, for who may."""
    permit(work)
    text = names.same(typed[: 2 * names.LONGEST].replace("\x00", ""))
    name = Tag.name_folded
    begins = case((name == text, 0), (name.startswith(text, autoescape=True), 1), else_=2)
    query = select(Tag.name).where(name.contains(text, autoescape=True)).order_by(begins, by_pinyin(Tag.name), Tag.id)
    found = [TagOffer(one) for one in work.session.scalars(query.limit(MOST))]
    if text and work.actor.may("tag.create") and not (found and names.same(found[0].name) == text):
        try:
            found.append(TagOffer(names.named(typed), is_new=True))
        except DomainError:
            # No tag can be called that: the change path says why to whoever sends it all the same.
            return found
    return found


def tag_called(work: Work, name: str) -> int:
    """Return the id of the tag of that name, however it is written; 0: there is none."""
    return work.session.scalar(select(Tag.id).where(Tag.name_folded == names.same(name.strip()))) or 0
