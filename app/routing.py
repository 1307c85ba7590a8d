"""Routes that learn to write their address when it is first asked for."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A route whose address builder is generated at its first use.

    Werkzeug generates two functions a route as the route is added: half of the time an application takes to come
    about, for some hundred routes of which a page links a few dozen.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        generate, name = super()._compile_builder, "_build_unknown" if append_unknown else "_build"

        def build(rule: Rule, *parts: Any, **values: Any) -> tuple[str, str]:
            generated = generate(append_unknown).__get__(rule, None)
            setattr(rule, name, generated)
            address: tuple[str, str] = generated(*parts, **values)
            return address

        return build
