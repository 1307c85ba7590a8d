"""Ways to bring a side effect about; `app/channels` adds those that touch the network."""

from app.core.outbox.deliveries.base import Delivery
from app.core.registry import Registry

DELIVERIES: Registry[Delivery] = Registry(Delivery, __name__)
