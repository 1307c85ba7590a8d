"""Customers by their exact phone, for an import."""

from sqlalchemy import select

from app.core.work import Work
from app.people import phones, scope
from app.people.models import Customer, Phone


class CustomersByPhone:
    """The active customers the actor may name on a ticket; what was found is kept for the chunk."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._found: dict[str, list[int]] = {}

    def find(self, typed: str) -> int | None:
        """Return the id of the only customer with that number, however it is typed."""
        ids = self._having(typed)
        return ids[0] if len(ids) == 1 else None

    def count(self, typed: str) -> int:
        """Return how many customers have that number: why none was found."""
        return len(self._having(typed))

    def _having(self, typed: str) -> list[int]:
        index = phones.index_of(typed)
        if index is None or not self.work.actor.may("customer.read"):
            return []
        if index not in self._found:
            reach = (scope.customers_on_desk(self.work.actor), Customer.active.is_(True))
            query = select(Phone.customer_id).join(Customer, Customer.id == Phone.customer_id)
            ids = self.work.session.scalars(query.where(Phone.number_index == index, *reach).distinct())
            self._found[index] = list(ids)
        return self._found[index]
