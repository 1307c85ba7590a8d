"""A tree as a sentence in the reader's language."""

from typing import Final

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
        return leaf_sentence(part, locale)
    if not part.parts:
        return (_("never") if part.joint == "any" else _("always")).in_(locale)
    said = [_said(one, locale) for one in part.parts]
    text = said[0]
    for one in said[1:]:
        text = _JOINED[part.joint].with_(first=text, second=one).in_(locale)
    if part.joint == "none":
        return _("not (%(inner)s)", inner=text).in_(locale)
    return text if outermost or len(said) == 1 else _("(%(inner)s)", inner=text).in_(locale)


def leaf_sentence(leaf: Leaf, locale: str) -> str:
    """Return what one leaf says."""
    value = leaf.operator.takes.said(leaf.value, leaf.field, locale)
    return leaf.operator.sentence.with_(field=spoken(leaf.field.label, locale), value=value).in_(locale)
