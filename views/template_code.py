"""How templates put out what stands in `{{ }}`: by one call of `shown`.

Jinja itself makes eight: `finalize`, `escape`, and what Markup asks of a Markup that is one already. A page puts out
more than a thousand values, so that was a tenth of the time it took to draw it.
"""

import re
from typing import Any, Final

from flask import Flask
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from app.core.i18n import Message
from views.base.answers import current_locale

#: What means something else in HTML than itself.
_SPECIAL: Final = re.compile("[&<>'\"]").search


def install(app: Flask) -> None:
    """Let the templates of ``app`` be compiled so; call before any is."""
    app.jinja_env.code_generator_class = HouseCode
    app.jinja_env.finalize = _finalized
    app.jinja_env.shown = shown  # type: ignore[attr-defined]


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
