"""Operators: one class a file, registered by its stored name."""

from app.conditions.operators.base import Operator
from app.core.registry import Registry

OPERATORS: Registry[Operator] = Registry(Operator, __name__)
