"""Customers by their exact phone, for an import."""

from sqlalchemy import select

from app.core.work import Work
from app.people import phones, scope
from app.people.models import Customer, Phone


class CustomersByPhone:
    """The active customers within the actor's reach; what was found is kept for the chunk."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._found: dict[str, int | None] = {}

    def find(self, typed: str) -> int | None:
        """Return the id of the only customer with that number, however it is typed."""
        index = phones.index_of(typed)
        if index is None or not self.work.actor.may("customer.read"):
            return None
        if index not in self._found:
            reach = (scope.customers(self.work.actor), Customer.active.is_(True))
            query = select(Phone.customer_id).join(Customer, Customer.id == Phone.customer_id)
            ids = self.work.session.scalars(query.where(Phone.number_index == index, *reach).distinct().limit(2)).all()
            self._found[index] = ids[0] if len(ids) == 1 else None
        return self._found[index]
