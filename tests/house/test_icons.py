"""Every icon a page may draw is in the sprite: an unknown name draws nothing, and nobody is told."""

import ast
import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment, nodes

from app.icons import icons_used
from tests.house.source import ROOT
from views.marks import _LOOKS
from views.menu import MENU

SPRITE = ROOT / "app" / "static" / "vendor" / "icons.svg"
TEMPLATES = ROOT / "app" / "templates"
#: What draws an icon in a page, and which of its arguments names it.
PLACES = {"icon": 0, "badge": 2, "confirm_button": 3, "empty": 4}
KEYWORDS = {"icon", "icon_name"}
JINJA = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def drawn():
    return set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))


def names_in_page(text: str) -> set[str]:
    """Return the icons a template names: outright, by a condition, or out of a dictionary."""
    tree = JINJA.parse(text)
    given = {one.target.name: one.node for one in tree.find_all(nodes.Assign) if isinstance(one.target, nodes.Name)}
    found = set()
    for call in tree.find_all(nodes.Call):
        name = getattr(call.node, "attr", getattr(call.node, "name", ""))
        arguments = [call.args[PLACES[name]]] if name in PLACES and len(call.args) > PLACES[name] else []
        arguments += [one.value for one in call.kwargs if one.key in KEYWORDS]
        for one in arguments:
            found |= set(said_in_page(one, given))
    return found - {""}


def said_in_page(node: nodes.Node | None, given: dict[str, nodes.Node]) -> Iterator[str]:
    match node:
        case nodes.Const(value=str() as name):
            yield name
        case nodes.CondExpr():
            yield from said_in_page(node.expr1, given)
            yield from said_in_page(node.expr2, given)
        case nodes.Or():
            yield from said_in_page(node.left, given)
            yield from said_in_page(node.right, given)
        case nodes.Dict():
            for pair in node.items:
                yield from said_in_page(pair.value, given)
        case nodes.Getitem():
            yield from said_in_page(node.node, given)
        case nodes.Call(node=nodes.Getattr(attr="get") as getter):
            yield from said_in_page(getter.node, given)
            yield from (name for one in node.args[1:] for name in said_in_page(one, given))
        case nodes.Name() if node.name in given:
            yield from said_in_page(given[node.name], {})


def names_in_python(text: str) -> set[str]:
    """Return the icons a module names: ``icon="x"``, ``icon = "x"``, ``{"icon": "x"}``, ``marks.icon("x")``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.keyword(arg=("icon" | "icon_name"), value=value):
                found |= said_in_python(value)
            case ast.Assign(targets=[ast.Name(id="icon")], value=value):
                found |= said_in_python(value)
            case ast.AnnAssign(target=ast.Name(id="icon"), value=ast.expr() as value):
                found |= said_in_python(value)
            case ast.Call(func=ast.Attribute(attr="icon"), args=[value, *_]):
                found |= said_in_python(value)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "icon":
                        found |= said_in_python(value)
    return found - {""}


def said_in_python(node: ast.expr) -> set[str]:
    match node:
        case ast.Constant(value=str() as name):
            return {name}
        case ast.IfExp():
            return said_in_python(node.body) | said_in_python(node.orelse)
        case _:
            return set()


def in_pages():
    return {name for path in TEMPLATES.rglob("*.html") for name in names_in_page(path.read_text(encoding="utf-8"))}


def in_python():
    rooms = ("app", "views", "forms", "ticket_templates")
    found = {
        name
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for name in names_in_python(path.read_text(encoding="utf-8"))
    }
    found |= {entry.icon for group in MENU for entry in group.entries}
    return found | {icon for icon, _tone in _LOOKS.values()}


@pytest.mark.parametrize("named", [in_pages, in_python, icons_used], ids=lambda one: one.__name__)
def test_every_icon_named_is_in_the_sprite(named):
    assert named() - drawn() == set()


@pytest.mark.parametrize("named", [in_pages, in_python], ids=lambda one: one.__name__)
def test_every_icon_named_is_still_there_when_the_sprite_is_cut_anew(named):
    """When this fails, teach `app.icons` the new way of naming one, or add the name to `CHOSEN` there."""
    assert named() - icons_used() == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ ui.icon('plus', 'me-1') }}", {"plus"}),
        ("{{ ui.badge(text, 'blue', 'tags') }}{{ ui.badge(text, 'blue') }}", {"tags"}),
        ("{{ ui.empty(_('Nothing'), '', None, None, 'ticket') }}{{ ui.empty('x', icon='bug') }}", {"ticket", "bug"}),
        ("{{ ui.icon({1: 'flame'}.get(n, 'equal')) }}", {"flame", "equal"}),
        ("{{ ui.icon('eye' if a else 'edit') }}", {"eye", "edit"}),
        ("{% set icons = {404: 'map-search'} %}{{ ui.icon(icons.get(code, 'lock')) }}", {"map-search", "lock"}),
        ("{{ ui.icon(entry.icon) }}", set()),
    ],
)  # fmt: skip
def test_names_in_pages_are_found(text, names):
    assert names_in_page(text) == names


def test_names_in_python_are_found():
    text = 'icon = "a"\nf(icon="b")\n{"icon": "c"}\nmarks.icon("d" if x else "e")\nicon: str = "f"\n'
    assert names_in_python(text) == {"a", "b", "c", "d", "e", "f"}
