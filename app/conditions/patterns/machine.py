"""A pattern as a little machine for the browser, whose own engine would need years for ``(a+)+$``.

Its steps are ``["read", ranges]``: take a character of these; ``["either", a, b]``: go on at both; ``["done"]``.
`conditions.js` goes all ways at once, so it looks at each character as often as there are steps, and no more.
"""

from collections.abc import Iterator
from typing import Any

from app.conditions.patterns.nodes import Characters, Choice, Node, Repeat, Sequence

Step = list[Any]


def machine(root: Node) -> list[Step]:
    """Return the steps; it is done at the last."""
    steps: list[Step] = []
    _write(root, steps)
    return [*steps, ["done"]]


def _write(node: Node, steps: list[Step]) -> None:
    """Append the steps of ``node``; behind the last of them the machine goes on."""
    if isinstance(node, Characters):
        steps.append(["read", [list(one) for one in node.ranges]])
    elif isinstance(node, Sequence):
        for part in node.parts:
            _write(part, steps)
    elif isinstance(node, Choice):
        _write_choice(node, steps)
    else:
        for part in _written_out(node):
            _write_optional(part, steps) if part.least == 0 else _write(part.part, steps)


def _written_out(node: Repeat) -> Iterator[Repeat]:
    """Yield ``node`` as parts that come once, at most once, or without end."""
    for _time in range(node.least):
        yield Repeat(node.part, 1, 1)
    if node.most is None:
        yield Repeat(node.part, 0, None)
    else:
        for _time in range(node.most - node.least):
            yield Repeat(node.part, 0, 1)


def _write_choice(node: Choice, steps: list[Step]) -> None:
    leave = []
    for part in node.parts[:-1]:
        split: Step = ["either", len(steps) + 1, 0]
        steps.append(split)
        _write(part, steps)
        leave.append(len(steps))
        steps.append([])
        split[2] = len(steps)
    _write(node.parts[-1], steps)
    for index in leave:
        steps[index] = ["either", len(steps), len(steps)]


def _write_optional(node: Repeat, steps: list[Step]) -> None:
    begin = len(steps)
    split: Step = ["either", begin + 1, 0]
    steps.append(split)
    _write(node.part, steps)
    if node.most is None:
        steps.append(["either", begin, begin])
    split[2] = len(steps)
