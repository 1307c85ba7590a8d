from sqlalchemy import func, select

from app.assets.models import InstalledProduct, Product
from app.demo import load_demo
from app.people import regions
from app.people.models import Account, Customer, Outlet, Phone, StaffProfile
from tests.factories import people as make


def counts(work):
    return [
        work.session.scalar(select(func.count()).select_from(one))
        for one in (Outlet, StaffProfile, Product, Customer, Phone, InstalledProduct)
    ]


def test_the_demo_company_is_believable_and_loads_once(work):
    regions.load(work)
    make.account(work, "boss", ["administrator"])
    load_demo(work, passwords={"wang.fang": "a long enough passphrase"})
    first = counts(work)
    outlets, staff, products, customers, phones, units = first
    assert outlets == 6
    assert staff >= 25
    assert products >= 55
    assert customers == 300
    assert phones >= 300
    assert units >= 400
    active = set(work.session.scalars(select(Account.username).where(Account.active.is_(True))))
    assert {"boss", "wang.fang", "huang.qiang"} <= active
    load_demo(work)
    assert counts(work) == first
