"""Reading the outbox: metrics."""

from sqlalchemy import func, select

from app.core.outbox.models import OutboxMessage
from app.core.work import Work


def messages_by_state(work: Work) -> dict[str, int]:
    """Return how many messages there are in each state."""
    states = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    return dict(work.session.execute(states).all())
