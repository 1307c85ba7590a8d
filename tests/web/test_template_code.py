"""A value is put out by one call, and stands in the page exactly as Jinja itself would have put it."""

import pytest
from jinja2 import Environment, Undefined
from jinja2.compiler import CodeGenerator
from markupsafe import Markup
from werkzeug.local import LocalProxy

from app.core.i18n import _
from views.template_code import HouseCode, shown


class Word(str):
    """A text of a kind of its own."""

    __slots__ = ()


class Drawn:
    """What says itself how it stands in HTML."""

    def __html__(self):
        return "<i>drawn</i>"


VALUES = (
    "plain 文字", "<b>&'\"", "", Word("<i>"), Markup("<b>bold</b>"), Drawn(), 7, 1.5, None, True, Undefined(name="it"),
    LocalProxy(lambda: "<proxied>"), _("%(field)s: %(problem)s", field="<b>", problem=_("Yes")), ["<li>"],
)  # fmt: skip
SOURCES = (
    "{{ value }}",
    "{% macro twice(one) %}{{ one }}{{ one }}{% endmacro %}{{ twice(value) }}",
    "{% macro box() %}<p>{{ caller() }}</p>{% endmacro %}{% call box() %}{{ value }}{% endcall %}",
    "{% set kept %}{{ value }}{% endset %}{{ kept }}{{ kept|upper }}",
    "{{ value|e }}{{ '<const>' }}{{ value if value else '<other>' }}",
    "{% filter trim %} {{ value }} {% endfilter %}",
    "{% autoescape false %}{{ value }}{% endautoescape %}",
)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("escapes", [True, False])
def test_what_is_put_out_is_what_jinja_puts_out(webs, source, escapes):
    ours = webs("sqlite").jinja_env
    with webs("sqlite").test_request_context("/"):
        said = []
        for generator in (CodeGenerator, HouseCode):
            environment = Environment(autoescape=escapes, finalize=ours.finalize)  # noqa: S701 - both ways are compared
            environment.code_generator_class = generator
            environment.shown = ours.shown
            template = environment.from_string(source)
            said.append([template.render(value=one) for one in VALUES])
        assert said[0] == said[1]


def test_pages_are_compiled_so(webs):
    with webs("sqlite").test_request_context("/"):
        assert webs("sqlite").jinja_env.code_generator_class is HouseCode
        assert webs("sqlite").jinja_env.from_string("{{ value }}").render(value="<a>") == "&lt;a&gt;"
        assert shown(_("Yes")) == "是"
