"""Routes that learn to write their address when it is first asked for; those of the API end in a slash or not."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Map, Rule


class LateRule(Rule):
    """A route whose address builder is generated at its first use.

    Werkzeug generates two functions a route as the route is added: half of the time an application takes to come
    about, for some hundred routes of which a page links a few dozen.
    """

    def bind(self, map: Map, rebind: bool = False) -> None:  # noqa: A002 - Werkzeug's
        """Know the map; a program finds a route of the API with and without a slash at its end."""
        if self.rule.startswith("/api/"):
            # Otherwise it is sent on by a page, and not every program follows where it has sent something.
            self.strict_slashes = False
        super().bind(map, rebind)

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        generate, name = super()._compile_builder, "_build_unknown" if append_unknown else "_build"

        def build(rule: Rule, *parts: Any, **values: Any) -> tuple[str, str]:
            generated = generate(append_unknown).__get__(rule, None)
            setattr(rule, name, generated)
            address: tuple[str, str] = generated(*parts, **values)
            return address

        return build
