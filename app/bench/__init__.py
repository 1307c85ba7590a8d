"""Benches: how fast a thing is, as a ratio to a bare limit measured in the same run."""

from app.bench.base import Bench
from app.core.registry import Registry

BENCHES: Registry[Bench] = Registry(Bench, __name__)
