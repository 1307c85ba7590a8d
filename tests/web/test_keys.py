"""A key that no column can hold: there is no such thing, on PostgreSQL too, which fails when asked for one."""

import pytest


@pytest.mark.parametrize("key", [2**31, 2**63 - 1, 2**63])
def test_a_key_no_column_holds_is_not_found(client_as, key):
    client = client_as("administrator")
    for url in (f"/users/show/{key}", f"/users/edit/{key}", f"/users/password/{key}", f"/staff/show/{key}"):
        assert client.get(url).status_code == 404, url
    for url in (f"/users/edit/{key}", f"/users/password/{key}", f"/users/delete/{key}"):
        assert client.post(url, data={}).status_code in {404, 405}, url
    for url in (f"/audit/?person={key}&after={key}", f"/staff/list/?_flt_0_outlet={key}", f"/roles/{key}",
                f"/users/list/?_flt_0_roles={key}", f"/teams/list/?_flt_0_outlet={key}", f"/jobs/{key}",
                f"/api/v1/staff/?q=(filters:!((col:outlet,opr:rel_o_m,value:{key})))"):  # fmt: skip
        assert client.get(url).status_code < 500, url
