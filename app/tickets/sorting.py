"""What a list is sorted by besides the ticket's own columns: names of what it points at, texts, answers.

Texts stand in the order of their sound, as names of people do, so that both databases give the same order: neither
needs a collation that may be missing or another on the next machine.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.assets.models import InstalledProduct, Product
from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.sources import Among, Answer, Source
from app.core.columns import UtcDateTime
from app.core.pinyin import by_pinyin
from app.core.sql import minutes_between
from app.core.work import Work
from app.people.models import Account, Customer, Outlet, Team
from app.tickets.columns import CHANNELS, SORTED_KINDS, VALUE
from app.tickets.conditions import fields
from app.tickets.models import Ticket

#: Kinds that are sorted in the order of their options.
_OPTIONED: Final = frozenset({"choice", "cascade"})


class Reckoned(FunctionElement[Any]):
    """A key to sort by that is worked out ticket by ticket: no page's rows hold it, and it may be empty."""

    inherit_cache = True
    name = "reckoned"
    nullable = True

    def __init__(self, key: str, expression: ColumnElement[Any]) -> None:
        super().__init__(expression)
        self.type, self.key = expression.type, key


@compiles(Reckoned)
def _plain(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


def _instant(work: Work) -> ColumnElement[Any]:
    return literal(work.now, UtcDateTime())


def _named(key: Any, local: Any, name: Any) -> ColumnElement[Any]:
    return by_pinyin(select(name).where(key == local).scalar_subquery())


def _in_order(known: Sequence[Any], fact: Any) -> ColumnElement[Any]:
    """Return the place of a fact among the options; what is none of them any more comes behind."""
    places = {one: place for place, one in enumerate(known)}
    return case((fact.is_(None), None), else_=case(places, value=fact, else_=len(places))) if places else fact


_UNIT: Final = (
    select(Product.name)
    .join(InstalledProduct, InstalledProduct.product_id == Product.id)
    .where(InstalledProduct.id == Ticket.installed_product_id)
    .scalar_subquery()
)


#: What the fixed columns are sorted by that have no index in their order.
RECKONED: Final[Mapping[str, Callable[[Work], Any]]] = {
    "subject": lambda _work: by_pinyin(Ticket.subject),
    "customer": lambda _work: _named(Customer.id, Ticket.customer_id, Customer.name),
    "installed_product": lambda _work: by_pinyin(_UNIT),
    "assignee": lambda _work: _named(Account.id, Ticket.assignee_id, Account.name),
    "team": lambda _work: _named(Team.id, Ticket.team_id, Team.name),
    "outlet": lambda _work: _named(Outlet.id, Ticket.outlet_id, Outlet.name),
    "creator": lambda _work: _named(Account.id, Ticket.created_by_id, Account.name),
    "channel": lambda _work: _in_order(list(CHANNELS), Ticket.channel),
    "resolved": lambda _work: Ticket.resolved_at,
    "closed": lambda _work: Ticket.closed_at,
    "age": lambda work: minutes_between(Ticket.created_at, func.coalesce(Ticket.closed_at, _instant(work))),
    "external_id": lambda _work: by_pinyin(Ticket.external_id),
}


def key_of(work: Work, name: str) -> Reckoned | None:
    """Return what a list is sorted by for the column ``name``; None: by nothing that is worked out."""
    return Reckoned(name, RECKONED[name](work)) if name in RECKONED else _answer_key(work, name)


def _answer_key(work: Work, name: str) -> Reckoned | None:
    """Return the key of a field's answers as far as the actor may read them; None: no list is sorted by them."""
    field = fields(work, [name]).get(name) if name.startswith(VALUE) else None
    if field is None or field.kind not in SORTED_KINDS or field.source is None:
        return None
    fact = _fact(field, field.source)
    return None if fact is None else Reckoned(name, fact)


def _fact(field: ConditionField, source: Source) -> ColumnElement[Any] | None:
    if isinstance(source, Among):
        # Elsewhere it is not for this reader: there it counts as empty, and its order tells nothing.
        fact = _fact(field, source.source)
        return None if fact is None else case((source.rows, fact), else_=None)
    if not isinstance(source, Answer):
        return None
    fact = source.fact(KINDS[field.kind])
    if field.kind == "text":
        return by_pinyin(fact)
    return _in_order(list(field.options or ()), fact) if field.kind in _OPTIONED else fact
