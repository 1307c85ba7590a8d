"""How far a long command is, on the last line of a terminal; where nobody looks, nothing is said."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

#: So often at most the line is written anew.
SECONDS: Final = 2.0
_AFRESH: Final = "\r\x1b[K"

Say = Callable[[str], None]


def is_watched() -> bool:
    """Whether somebody sees what is written beside the result."""
    return sys.stderr.isatty()


@contextmanager
def progress_line(clock: Callable[[], float] = time.monotonic) -> Iterator[Say]:
    """Yield what writes the line: at once at first, then every few seconds; when the block ends it is gone."""
    if not is_watched():
        yield lambda _text: None
        return
    last: float | None = None

    def say(text: str) -> None:
        nonlocal last
        if last is None or clock() - last >= SECONDS:
            click.echo(f"{_AFRESH}{text}", nl=False, err=True)
            last = clock()

    try:
        yield say
    finally:
        if last is not None:
            click.echo(_AFRESH, nl=False, err=True)
