"""The filters of lists mean what the condition language means: what is empty is neither this nor “another”."""

from typing import Any

import pytest
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.assets.models import Product, ProductCategory
from app.core.work import Work
from views.base import HouseInterface

#: A filter that says “not”, and the one it is the opposite of.
OPPOSITES = {
    "neq": "eq", "nct": "ct", "nsw": "sw", "new": "ew", "not_in": "in", "nrel_o_m": "rel_o_m",
}  # fmt: skip
COLUMNS = ("brand", "category", "warranty_months", "active")
KEPT = settings(
    deadline=None, derandomize=True, database=None, max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
PRODUCTS = st.lists(
    st.fixed_dictionaries({
        "brand": st.sampled_from([None, "", "海尔", "海信", "ab"]), "category": st.sampled_from([None, 0, 1]),
        "warranty_months": st.sampled_from([None, 0, 5, 12]), "active": st.booleans(),
    }),
    max_size=8,
)  # fmt: skip


def found(work: Work, column: str, operator: str, value: Any) -> set[int]:
    datamodel = HouseInterface(Product, work.session)
    filters = datamodel.get_filters([column])
    [which] = [n for n, one in enumerate(filters.get_search_filters()[column]) if one.arg_name == operator]
    filters.add_filter_index(column, which, value)
    return {one.id for one in datamodel.apply_filters(work.session.query(Product), filters)}


@KEPT
@given(rows=PRODUCTS, brand=st.sampled_from(["海尔", "海", "ab"]), months=st.sampled_from([0, 5]))
def test_not_this_is_what_is_answered_and_not_this(work, rows, brand, months):
    with work.session.begin_nested() as savepoint:
        work.session.execute(delete(Product))
        nodes = [ProductCategory(code=f"c{number}", name="C", path=f"/c{number}/") for number in range(2)]
        work.session.add_all(nodes)
        for number, row in enumerate(rows):
            node = None if row["category"] is None else nodes[row["category"]]
            work.session.add(Product(code=f"p{number}", name=f"P{number}", **row | {"category": node}))
        work.session.flush()
        wanted = {"brand": brand, "category": nodes[0].id, "warranty_months": months, "active": True}
        products = work.session.query(Product).all()
        asked = 0
        for column in COLUMNS:
            answered = {one.id for one in products if getattr(one, column) not in (None, "")}
            offered = {
                one.arg_name for one in HouseInterface(Product).get_filters([column]).get_search_filters()[column]
            }
            for negated in offered & set(OPPOSITES):
                value = [wanted[column]] if negated == "not_in" else wanted[column]
                same = found(work, column, OPPOSITES[negated], value)
                assert found(work, column, negated, value) == answered - same, (column, negated)
                asked += 1
        assert asked == 9
        savepoint.rollback()


@pytest.mark.parametrize(("typed", "operator", "fits"), [
    ("%", "ct", {"5% off"}), ("_", "ct", {"a_b"}), ("/", "ct", {"w/o"}), ("\\", "ct", {"c\\d"}),
    ("5%", "sw", {"5% off"}), ("A_", "sw", {"a_b"}), ("_b", "ew", {"a_b"}),
    ("%", "nct", {"a_b", "w/o", "c\\d"}), ("_b", "new", {"5% off", "w/o", "c\\d"}),
])  # fmt: skip
def test_what_is_typed_is_found_as_it_stands(work, typed, operator, fits):
    names = ("5% off", "a_b", "w/o", "c\\d")
    work.session.add_all(Product(code=f"p{place}", name=f"P{place}", brand=one) for place, one in enumerate(names))
    work.session.flush()
    brands = {one.id: one.brand for one in work.session.query(Product)}
    assert {brands[one] for one in found(work, "brand", operator, typed)} == fits


@pytest.mark.parametrize("column", COLUMNS)
def test_addresses_name_the_filters_by_their_place_as_before(column):
    datamodel = HouseInterface(Product)
    stock = [one.arg_name for one in SQLAFilterConverter(datamodel).convert(column)]
    offered = datamodel.get_filters([column]).get_search_filters()[column]
    assert [one.arg_name for one in offered][: len(stock)] == stock
