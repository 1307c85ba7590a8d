"""How the things a ticket points at are called: read in batches, kept for one page or batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ScalarResult,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.assets.models import InstalledProduct, Product
from app.core.db import folded
from app.core.numbers import LARGEST_KEY, LARGEST_SMALL_KEY, whole_in
from app.core.permissions import Actor
from app.core.work import Work
from app.people import scope as people_scope
from app.people.models import Account, Contact, Customer, Outlet, Region, Site, Tag, Team
from app.people.queries import last_called
from app.tickets import scope
from app.tickets.models import Attachment
from ticket_templates.field_types.base import FileFacts

Key = int | str


@dataclass(frozen=True, slots=True)
class Named:
    """What a thing is called, and the code that tells two of one name apart; either may be empty."""

    name: str
    code: str = ""

    @property
    def label(self) -> str:
        """Return both as one line of text."""
        both = self.name and self.code and self.name != self.code
        return f"{self.name} ({self.code})" if both else self.name or self.code


#: Kind → (key, the columns of the name and of the code, where it has one).
_NAMES: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "customer": (Customer.id, (Customer.name, Customer.code)),
    "contact": (Contact.id, (Contact.name,)),
    "site": (Site.id, (Site.name,)),
    "product": (Product.id, (Product.name, Product.code)),
    "installed_product": (InstalledProduct.id, (Product.name, InstalledProduct.serial)),
    "user": (Account.id, (Account.name, Account.username)),
    "team": (Team.id, (Team.name, Team.code)),
    "outlet": (Outlet.id, (Outlet.name, Outlet.code)),
    "region": (Region.code, (Region.full_name,)),
    "tag": (Tag.id, (Tag.name,)),
}
#: Kind → the columns one of which an exact text of an import must equal: codes first.
_FINDS: Mapping[str, tuple[Any, ...]] = {
    "customer": (Customer.code, Customer.name_folded),
    "product": (Product.code, Product.name),
    "installed_product": (InstalledProduct.serial,),
    "user": (Account.username, Account.name),
    "team": (Team.code, Team.name),
    "outlet": (Outlet.code, Outlet.name),
    "region": (Region.code, Region.full_name),
}
#: No name is longer.
_LONGEST = 200
_SMALL_KEYS = frozenset({"product", "user", "team", "outlet", "tag"})
#: Sets of kinds a page names things of: so many statements are kept put together.
_STATEMENTS: Final = 128
#: Kinds whose rows are not everybody's.
_REACH: Mapping[str, Callable[[Actor], ColumnElement[bool]]] = {
    "customer": people_scope.customers,
    "contact": people_scope.contacts,
    "site": people_scope.sites,
    "installed_product": lambda actor: or_(
        InstalledProduct.customer_id.is_(None), people_scope.of_customer(InstalledProduct.customer_id, actor)
    ),
}


class DatabaseReferences:
    """Labels of things by kind and key.

    ``within_reach``: what the actor may not name is as if it were not there (writing). Without it, what stands
    on a ticket the actor may see is called by its name (reading).
    ``hold``: what is found is there until the transaction ends, as if a foreign key named it. SQLite has one writer.
    """

    def __init__(self, work: Work, *, within_reach: bool = False, hold: bool = False) -> None:
        self._work = work
        self._within_reach = within_reach
        self._hold = hold and work.dialect == "postgresql"
        self._named: dict[tuple[str, Key], Named | None] = {}
        self._found: dict[tuple[str, str], Key | None] = {}
        self._files: dict[int, FileFacts | None] = {}

    def preload(self, kind: str, keys: Iterable[Any]) -> None:
        """Read the labels of ``keys`` in one statement."""
        self.preload_all({kind: keys})

    def preload_all(self, keys: Mapping[str, Iterable[Any]]) -> None:
        """Read the labels of things of several kinds in one statement; the facts of files in another."""
        wanted = {kind: fresh for kind, some in keys.items() if (fresh := self._unread(kind, some))}
        if unread := {int(one) for one in wanted.pop("file", ())} - self._files.keys():
            self._read_files(unread)
        asked = {kind: sorted(wanted[kind]) for kind in sorted(wanted.keys() & _NAMES.keys())}
        if not asked:
            return
        self._named.update({(kind, one): None for kind, some in asked.items() for one in some})
        for query, named in self._queries(asked):
            for kind, raw, name, code in self._work.rows(query, named):
                key = _key(kind, raw)
                if key is not None:
                    self._named[kind, key] = Named(name or "", code or "")
        if not self._within_reach:
            self._name_gone(asked)

    def _name_gone(self, asked: Mapping[str, Iterable[Key]]) -> None:
        """Call what a ticket names, or named, and is gone by its last name; there is a statement more only then."""
        missing = {kind: [one for one in some if self._named[kind, one] is None] for kind, some in asked.items()}
        for (kind, raw), last in last_called(
            self._work, {kind: some for kind, some in missing.items() if some}
        ).items():
            if (key := _key(kind, raw)) is not None:
                self._named[kind, key] = Named(*last)

    def _queries(self, asked: Mapping[str, Sequence[Key]]) -> Iterator[tuple[Any, Mapping[str, Sequence[Key]]]]:
        """Yield one statement for all kinds; where they are held, one a kind: PostgreSQL locks no rows of a union."""
        if self._hold:
            for kind, keys in asked.items():
                query = self._naming(kind)
                if kind != "user":  # accounts are never deleted
                    query = query.with_for_update(read=True, key_share=True, of=_NAMES[kind][0].class_)
                yield query, {kind: keys}
        else:
            yield _together(*map(self._naming, asked)) if self._within_reach else _names(*asked), asked

    def _unread(self, kind: str, keys: Iterable[Any]) -> set[Key]:
        return {one for key in keys if (one := _key(kind, key)) is not None and (kind, one) not in self._named}

    def _naming(self, kind: str) -> Select[Any]:
        return self._reached(kind, _naming(kind))

    def label(self, kind: str, key: Key) -> str | None:
        """Return how the thing is called, or None when there is none."""
        one = _key(kind, key)
        if one is None:
            return None
        if kind == "file":
            facts = self.file(int(one))
            return facts.filename if facts else None
        named = self.named(kind, one)
        return named.label if named else None

    def named(self, kind: str, key: Key) -> Named | None:
        """Return name and code of the thing, each for itself, or None when there is none; a file has no such."""
        one = _key(kind, key)
        if one is None:
            return None
        if (kind, one) not in self._named:
            self.preload(kind, [one])
        return self._named.get((kind, one))

    def find(self, kind: str, text: str) -> Key | None:
        """Return the key of the one thing with that code, number, exact name or label; None when none or several."""
        if (kind, text) not in self._found:
            self._found[kind, text] = self._looked_up(kind, text.strip())
        return self._found[kind, text]

    def count(self, kind: str, text: str) -> int:
        """Return how many things have that code, number or exact name: why none was found."""
        text = text.strip()
        if kind not in _FINDS or not text or len(text) > _LONGEST:
            return 0
        key = _NAMES[kind][0]
        return max(int(self._matching(kind, column, text, func.count(key)).one()) for column in _FINDS[kind])

    def _matching(self, kind: str, column: Any, text: str, what: Any) -> ScalarResult[Any]:
        wanted = folded(text) if column.key == "name_folded" else text
        return self._work.session.scalars(self._query(kind, what).where(column == wanted).limit(2))

    def file(self, key: int) -> FileFacts | None:
        """Return the facts of an attachment of a ticket in reach, or of the actor's own upload."""
        if _key("file", key) is None:
            return None
        if key not in self._files:
            self._read_files({key})
        return self._files[key]

    def _query(self, kind: str, *columns: Any) -> Any:
        return self._reached(kind, _of(kind, *columns))

    def _reached(self, kind: str, query: Select[Any]) -> Select[Any]:
        narrowed = self._within_reach and kind in _REACH
        return query.where(_REACH[kind](self._work.actor)) if narrowed else query

    def _looked_up(self, kind: str, text: str) -> Key | None:
        if kind not in _FINDS or not text or len(text) > _LONGEST:
            return None
        key, parts = _NAMES[kind]
        for column in _FINDS[kind]:
            found = self._matching(kind, column, text, key).all()
            if len(found) == 1:
                return found[0]  # type: ignore[no-any-return]
        # The label itself: "name (code)".
        name, _open, code = text.removesuffix(")").rpartition(" (")
        if name and len(parts) > 1:
            both = self._query(kind, key).where(parts[0] == name, cast(parts[1], String) == code).limit(2)
            found = self._work.session.scalars(both).all()
            return found[0] if len(found) == 1 else None
        return None

    def _read_files(self, keys: set[int]) -> None:
        self._files.update(dict.fromkeys(keys))
        query = select(Attachment.id, Attachment.filename, Attachment.media_type, Attachment.size_bytes)
        if (reach := scope.files(self._work.actor)) is not None:
            query = query.where(reach)
        for one, filename, media_type, size in self._work.session.execute(query.where(Attachment.id.in_(sorted(keys)))):
            self._files[one] = FileFacts(filename, media_type, size)


def _of(kind: str, *columns: Any) -> Select[Any]:
    query: Select[Any] = select(*columns)
    return query.join(Product, Product.id == InstalledProduct.product_id) if kind == "installed_product" else query


@cache
def _naming(kind: str) -> Select[Any]:
    """Select (kind, key, name, code) by the keys ``kind``, the key as text: kinds have keys of their own types."""
    column, parts = _NAMES[kind]
    name, code = (*parts, literal(""))[:2]
    shown = (literal(kind), cast(column, String), cast(name, String), cast(code, String))
    return _of(kind, *shown).where(column.in_(bindparam(kind, expanding=True)))


@lru_cache(_STATEMENTS)
def _names(*kinds: str) -> Any:
    return _together(*map(_naming, kinds))


def _together(first: Select[Any], *others: Select[Any]) -> Any:
    return union_all(first, *others) if others else first


def _key(kind: str, key: Any) -> Key | None:
    """Return ``key`` as the kind's keys are, or None when it cannot be one."""
    if kind == "region":
        # A refused form is drawn again with whatever was typed.
        known = isinstance(key, str) and key.isascii() and key.isdigit() and len(key) <= 12  # noqa: PLR2004 - the column's width
        return key if known else None
    if isinstance(key, bool):
        return None
    if isinstance(key, str):
        key = whole_in(key)
    largest = LARGEST_SMALL_KEY if kind in _SMALL_KEYS else LARGEST_KEY
    return key if isinstance(key, int) and 0 < key <= largest else None
