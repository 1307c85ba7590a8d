"""Regular expressions in linear time: the time they take grows with the text, and with nothing else."""

from functools import lru_cache
from typing import Any

import re2


@lru_cache(maxsize=256)
def linear(pattern: str) -> Any:
    """Return the compiled expression; ``re2.error`` where it is none."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 23
    return re2.compile(pattern, options)


def regexp(pattern: str, text: str | None) -> bool | None:
    """Whether ``pattern`` occurs in ``text``: SQLite's operator REGEXP."""
    return None if text is None else linear(pattern).search(text) is not None
