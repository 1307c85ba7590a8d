"""The tags of seeded tickets: what a desk marks, most tickets with nothing and few with two."""

import random
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.core.records import service as records
from app.core.work import Work
from app.people.models import Tag
from app.people.records import TAG
from app.people.tags import same

#: The commonest first.
WORDS: Final = ("加急", "等客户回电", "二次上门", "需带配件", "投诉升级", "夜间可上门", "以旧换新", "媒体关注")
_SHARES: Final = (30, 22, 16, 12, 8, 6, 4, 2)
#: Of a hundred tickets, so many have none, one, two.
_NUMBERS: Final = (80, 16, 4)


def tags_of_desk(work: Work) -> dict[int, str]:
    """Return what the tags are called, by id; those made that are not there."""
    found = {tag.name_folded: tag for tag in work.session.scalars(select(Tag))}
    tags = [found.get(same(word)) or records.create(work, TAG, {"name": word}) for word in WORDS]
    return {tag.id: tag.name for tag in tags}


def drawn(tags: Iterable[int], moment: datetime) -> list[str] | None:
    """Return the tags of a ticket made at ``moment``: dice of their own, so that all else falls as without them."""
    dice = random.Random(moment.isoformat())  # noqa: S311 - repeatable on purpose
    number = dice.choices(range(len(_NUMBERS)), _NUMBERS)[0]
    # As a ticket has them: keys as text, each once.
    return list(dict.fromkeys(map(str, dice.choices([*tags], _SHARES, k=number)))) or None
