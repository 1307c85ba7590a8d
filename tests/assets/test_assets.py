import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.assets.models import InstalledProduct, ProductCategory
from app.assets.records import INSTALLED_PRODUCT, PRODUCT, PRODUCT_CATEGORY
from app.core.errors import DomainError
from app.core.records import service
from tests.factories import people as make

LOOSE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)


def refusals(error):
    return {(one.field, one.code) for one in error.value.refusals}


def category(work, code, parent=None):
    return service.create(
        work, PRODUCT_CATEGORY, {"code": code, "name": code, "parent_id": parent.id if parent else None}
    )


def test_a_path_follows_the_parents(work):
    root = category(work, "appliance")
    aircon = category(work, "aircon", root)
    wall = category(work, "wall", aircon)
    assert wall.path == "/appliance/aircon/wall/"
    service.change(work, PRODUCT_CATEGORY, root.id, {"code": "home"})
    work.session.expire_all()
    assert wall.path == "/home/aircon/wall/"
    service.change(work, PRODUCT_CATEGORY, aircon.id, {"parent_id": None})
    work.session.expire_all()
    assert wall.path == "/aircon/wall/"


def test_a_category_is_never_below_itself(work):
    root = category(work, "a")
    part = category(work, "b", root)
    for below in (root, part):
        with pytest.raises(DomainError) as error:
            service.change(work, PRODUCT_CATEGORY, root.id, {"parent_id": below.id})
        assert refusals(error) == {("parent_id", "cycle")}
        work.session.expire_all()


@LOOSE
@given(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), max_size=8))
def test_whatever_moves_every_path_is_the_codes_from_the_root(work, moves):
    with work.session.begin_nested() as savepoint:
        nodes = [category(work, f"c{number}") for number in range(6)]
        for node, parent in moves:
            try:
                service.change(
                    work, PRODUCT_CATEGORY, nodes[node].id, {"parent_id": nodes[parent].id if parent >= 0 else None}
                )
            except DomainError:
                work.session.expire_all()
        work.session.expire_all()
        for row in work.session.scalars(select(ProductCategory)):
            codes, up = [], row
            while up is not None:
                codes.insert(0, up.code)
                up = up.parent
                assert len(codes) <= 6
            assert row.path == f"/{'/'.join(codes)}/"
        savepoint.rollback()
    work.session.expire_all()


def test_a_serial_is_unique_within_its_product(work):
    unit = make.installed_product(work, serial="SN-1")
    with pytest.raises(DomainError) as error:
        make.installed_product(work, product_of=unit.product, serial=" SN-1 ")
    assert refusals(error) == {("serial", "taken")}
    assert make.installed_product(work, serial="SN-1").id


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"sold_on": "2025-05-02", "delivered_on": "2025-05-01"}, {("delivered_on", "wrong_order")}),
        ({"sold_on": "2025-05-02", "installed_on": "2025-05-01"}, {("installed_on", "wrong_order")}),
        ({"sold_on": "0001-01-01"}, {("sold_on", "out_of_range")}),
        ({"sold_on": "9999-12-31"}, {("sold_on", "out_of_range")}),
        ({"sold_on": "2025-02-30"}, {("sold_on", "not_a_date")}),
        ({"sold_on": "yesterday"}, {("sold_on", "not_a_date")}),
        ({"serial": ""}, {("serial", "required")}),
        ({"serial": "x" * 81}, {("serial", "too_long")}),
        ({"product_id": ""}, {("product_id", "required")}),
        ({"product_id": 10**30}, {("product_id", "out_of_range")}),
        ({"product_id": "1.5"}, {("product_id", "unknown")}),
    ],
)
def test_bad_units_are_refused_at_the_field(work, values, expected):
    given_values = {"product_id": make.product(work).id, "serial": "SN-1"} | values
    with pytest.raises(DomainError) as error:
        service.create(work, INSTALLED_PRODUCT, given_values)
    assert refusals(error) == expected


def test_dates_are_read_as_people_write_them(work):
    unit = make.installed_product(work, sold_on="2025/5/1", delivered_on="2025年5月2日", installed_on="２０２５-05-03")
    assert [str(unit.sold_on), str(unit.delivered_on), str(unit.installed_on)] == [
        "2025-05-01",
        "2025-05-02",
        "2025-05-03",
    ]


def test_a_site_is_the_customers_own(work):
    row, other = make.customer(work, sites=[{"name": "家"}]), make.customer(work)
    with pytest.raises(DomainError) as error:
        make.installed_product(work, other, site_id=row.sites[0].id)
    assert refusals(error) == {("site_id", "other_customer")}
    assert make.installed_product(work, row, site_id=row.sites[0].id).id


@LOOSE
@given(links=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=10))
def test_replacements_never_go_round(work, links):
    with work.session.begin_nested() as savepoint:
        units = [make.installed_product(work) for _ in range(5)]
        for old, new in links:
            try:
                service.change(work, INSTALLED_PRODUCT, units[old].id, {"replaced_by_id": units[new].id})
            except DomainError:
                work.session.expire_all()
        after = {
            row[0]: row[1] for row in work.session.execute(select(InstalledProduct.id, InstalledProduct.replaced_by_id))
        }
        for following in after.values():
            steps, at = 0, following
            while at is not None:
                steps, at = steps + 1, after[at]
                assert steps <= 5
        savepoint.rollback()
    work.session.expire_all()


@pytest.mark.parametrize("months", [-1, 601, "1.5", "1e3", "abc", 10**30, True])
def test_a_warranty_is_a_plausible_number_of_months(work, months):
    with pytest.raises(DomainError) as error:
        service.create(work, PRODUCT, {"code": "P", "name": "空调", "warranty_months": months})
    assert {one.field for one in error.value.refusals} == {"warranty_months"}
