"""A tree as a sentence in the reader's language."""

from typing import Any, Final

from app.conditions.tree import Group, Leaf, Tree
from app.core.i18n import _, spoken

_JOINED: Final = {
    "all": _("%(first)s and %(second)s"),
    "any": _("%(first)s or %(second)s"),
    "none": _("%(first)s or %(second)s"),
}


def sentence(tree: Tree, locale: str) -> str:
    """Return what ``tree`` says, with fields and values called as people call them."""
    return _said(tree.root, locale, outermost=True)


def _said(part: Group | Leaf, locale: str, *, outermost: bool = False) -> str:
    if isinstance(part, Leaf):
        field = spoken(part.field.label, locale)
        return part.operator.sentence.with_(field=field, value=_values(part, locale)).in_(locale)
    if not part.parts:
        return (_("never") if part.joint == "any" else _("always")).in_(locale)
    said = [_said(one, locale) for one in part.parts]
    text = said[0]
    for one in said[1:]:
        text = _JOINED[part.joint].with_(first=text, second=one).in_(locale)
    if part.joint == "none":
        return _("not (%(inner)s)", inner=text).in_(locale)
    return text if outermost or len(said) == 1 else _("(%(inner)s)", inner=text).in_(locale)


def _values(leaf: Leaf, locale: str) -> str:
    if leaf.operator.takes == "none":
        return ""
    values = leaf.value if leaf.operator.takes == "many" else (leaf.value,)
    quoted = [_("“%(value)s”", value=_value(leaf, value, locale)).in_(locale) for value in values]
    return ("、" if locale.startswith("zh") else ", ").join(quoted)


def _value(leaf: Leaf, value: Any, locale: str) -> str:
    field = leaf.field
    if field.show is not None:
        return field.show(value, locale)
    if field.options is not None and value in field.options:
        return spoken(field.options[value], locale)
    if isinstance(value, bool):
        return (_("Yes") if value else _("No")).in_(locale)
    return str(value)
