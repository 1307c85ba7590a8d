"""How templates put out what stands in `{{ }}`: by one call of `shown`.

Jinja itself makes eight: `finalize`, `escape`, and what Markup asks of a Markup that is one already. A page puts out
more than a thousand values, so that was a tenth of the time it took to draw it.
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from app.core.i18n import Message
from views.base.answers import current_locale

#: What means something else in HTML than itself.
_SPECIAL: Final = re.compile("[&<>'\"]").search


def shown(value: Any) -> str:
    """Return a value as it stands in HTML: a message in the language of the request, what is no markup escaped."""
    kind = type(value)
    if kind is Markup:
        markup: Markup = value
        return markup
    if kind is str:
        text: str = value
        return escape(text) if _SPECIAL(text) else text
    return escape(_finalized(value))


def _finalized(value: Any) -> Any:
    return value.in_(current_locale()) if isinstance(value, Message) else value


class HouseCode(CodeGenerator):
    """Jinja's, but for the call around a value in a template that escapes."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _is_shown(frame):
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _is_shown(frame):
            self.write(")")
        else:
            super()._output_child_post(node, frame, finalize)


def _is_shown(frame: Frame) -> bool:
    return frame.eval_ctx.autoescape and not frame.eval_ctx.volatile


class HouseEnvironment(Environment):
    """Flask's, for templates compiled by `HouseCode`; the application is told of it before anything asks for one."""

    code_generator_class = HouseCode
    shown = staticmethod(shown)

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, finalize=_finalized, **options)

    def make_globals(self, d: Any) -> MutableMapping[str, Any]:
        """Return the globals of a template: the dictionary of all, where it has none of its own.

        Each `import` takes them from those of the page around it, and from a chain of dictionaries one by one.
        """
        return super().make_globals(d) if d else self.globals
