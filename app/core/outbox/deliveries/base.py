"""The contract of a delivery."""

from typing import Any, ClassVar

from app.core.company import Company


class Delivery:
    """Brings one message to its target; called after the commit, at least once."""

    #: Stored name, equal to the file's name, never renamed.
    name: ClassVar[str]
    #: After so many attempts a message is dead: visible, and resent by hand only.
    max_attempts: ClassVar[int] = 10

    def deliver(self, company: Company, target: str, payload: dict[str, Any], idempotency_key: str) -> None:
        """Deliver, or raise: any error means "try again later". A key seen before must have no second effect."""
        raise NotImplementedError
