"""Kinds of background jobs. Features keep theirs in a `jobs/` folder of their own (table: app/extensions.py)."""

from app.core.jobs.kinds.base import JobKind
from app.core.registry import Registry

JOB_KINDS: Registry[JobKind] = Registry(JobKind, __name__)
