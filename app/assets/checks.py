"""Laws of products and installed products, asked by the write door after the attributes are clean."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sqlalchemy import func, inspect, select

from app.assets.models import InstalledProduct, ProductCategory
from app.core.errors import Refusal
from app.core.i18n import _
from app.core.records.locks import one_at_a_time
from app.core.work import Work
from app.people.models import Site

LONGEST_PATH: Final = 400
#: Units that replaced one another; a longer chain is a mistake.
LONGEST_CHAIN: Final = 100


def category(work: Work, row: ProductCategory) -> Iterator[Refusal]:
    """Derive the path from the parent's; a category is never below itself."""
    if "/" in row.code:
        yield Refusal(_("The code of a category may not hold a slash."), "code", "not_a_code")
        return
    one_at_a_time(work, "category tree")
    parent = work.session.get(ProductCategory, row.parent_id, populate_existing=True) if row.parent_id else None
    was = old_path(row)
    if parent and was and parent.path.startswith(was):
        yield Refusal(_("A category cannot be part of itself."), "parent_id", "cycle")
        return
    path = f"{parent.path if parent else '/'}{row.code}/"
    deepest = 0
    if was:
        longest = select(func.max(func.length(ProductCategory.path))).where(
            ProductCategory.path.startswith(was, autoescape=True)
        )
        deepest = (work.session.scalar(longest) or len(was)) - len(was)
    if len(path) + deepest > LONGEST_PATH:
        yield Refusal(_("The tree gets too deep here. Use shorter codes or fewer levels."), "parent_id", "too_deep")
        return
    row.path = path


def old_path(row: ProductCategory) -> str:
    """Return the path as it is in the database, empty for a new row."""
    state = inspect(row)
    if not state.has_identity:
        return ""
    history = state.attrs.path.history
    return str(history.deleted[0] if history.deleted else row.path)


def category_follows(work: Work, row: ProductCategory) -> None:
    """Carry a new path on to the parts, level by level; a category whose path is right has right parts."""
    changed = [row]
    while changed:
        wholes = {one.id: one for one in changed}
        parts = work.session.scalars(select(ProductCategory).where(ProductCategory.parent_id.in_(wholes)))
        changed = []
        for part in parts:
            path = f"{wholes[part.parent_id or 0].path}{part.code}/"
            if part.path != path:
                part.path = path
                changed.append(part)
        work.session.flush()


def unit(work: Work, row: InstalledProduct) -> Iterator[Refusal]:
    """A serial once a product, dates in their order, a site of the same customer, no circle of replacements."""
    yield from _serial(work, row)
    yield from _dates(row)
    if row.site_id is not None:
        owner = work.session.scalar(select(Site.customer_id).where(Site.id == row.site_id))
        if owner != row.customer_id:
            yield Refusal(_("This site belongs to another customer."), "site_id", "other_customer")
    if row.replaced_by_id is not None:
        yield from _replacement(work, row)


def _serial(work: Work, row: InstalledProduct) -> Iterator[Refusal]:
    same = select(InstalledProduct.id).where(
        InstalledProduct.product_id == row.product_id, InstalledProduct.serial == row.serial
    )
    if work.session.scalar(same.where(InstalledProduct.id != row.id) if row.id else same) is not None:
        yield Refusal(_("This serial number exists already for this product."), "serial", "taken")


def _dates(row: InstalledProduct) -> Iterator[Refusal]:
    known = [(name, day) for name in ("sold_on", "delivered_on", "installed_on") if (day := getattr(row, name))]
    for (_earlier, before), (name, after) in pairwise(known):
        if after < before:
            yield Refusal(
                _("This is before %(date)s. A unit is sold, then delivered, then installed.", date=before.isoformat()),
                name, "wrong_order",
            )  # fmt: skip


def _replacement(work: Work, row: InstalledProduct) -> Iterator[Refusal]:
    one_at_a_time(work, "replacement chain")
    step: int | None = row.replaced_by_id
    for _step in range(LONGEST_CHAIN):
        if step is None:
            return
        if step == row.id:
            break
        step = work.session.scalar(select(InstalledProduct.replaced_by_id).where(InstalledProduct.id == step))
    yield Refusal(_("A unit cannot be replaced by itself, not even by way of others."), "replaced_by_id", "cycle")
