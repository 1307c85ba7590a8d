"""Table: event → handlers, in order. Read it to know what follows what."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.core.work import Handler

HANDLERS: Final[Mapping[type, Sequence[Handler]]] = {}
