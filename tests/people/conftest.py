"""Two outlets with customers, in the web application's own database."""

from types import SimpleNamespace

import pytest

from app.core.permissions import SYSTEM
from app.people.models import StaffProfile
from tests.clients import CAUSE, make_account
from tests.factories import people as make


@pytest.fixture
def scene(web):
    """Customers here and there, a manager of here; names differ from test to test."""
    transactions = web.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        here, there = make.outlet(work), make.outlet(work)
        mark = here.code
        mine = make.customer(
            work, f"我的{mark}", phone="13800138000", outlet_id=here.id, email="mine@example.com",
            contacts=[{"name": f"甲{mark}"}], sites=[{"name": "家", "address_line": "科技园路1号"}],
        )  # fmt: skip
        other = make.customer(
            work, f"别家{mark}", phone="13800138001", outlet_id=there.id, contacts=[{"name": f"乙{mark}"}]
        )
        unit = make.installed_product(work, mine, serial=f"MINE-{mark}")
        alien = make.installed_product(work, other, serial=f"OTHER-{mark}")
        ids = SimpleNamespace(
            mark=mark, here=here.id, there=there.id, mine=mine.id, other=other.id, mine_name=mine.name,
            other_name=other.name, unit=unit.id, alien=alien.id, alien_contact=other.contacts[0].id,
        )  # fmt: skip
    username = f"manager.{mark.lower()}"
    user_id = make_account(web, username, "outlet_manager")
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add(StaffProfile(user_id=user_id, outlet_id=ids.here))
    client = web.test_client()
    client.enter(username)
    ids.manager = client
    return ids
