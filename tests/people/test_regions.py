import json

import pytest
from sqlalchemy import func, select

from app.core.errors import DomainError
from app.core.records import service
from app.core.records.lookups import LOOKUPS
from app.people import queries, regions
from app.people.models import Region
from app.people.queries import region_path
from app.people.records import REGION
from tests.factories import people as make

SMALL = [
    {"code": "44", "name": "广东省", "children": [
        {"code": "4403", "name": "深圳市", "children": [{"code": "440305", "name": "南山区"}]}]},
    {"code": "50", "name": "重庆市", "children": [
        {"code": "5002", "name": "县", "children": [{"code": "500229", "name": "城口县"}]}]},
]  # fmt: skip


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL), "utf-8")
    return path


def test_the_shipped_file_loads_once(work):
    assert regions.load(work) == 3429
    assert regions.load(work) == 0
    assert work.session.scalar(select(func.count()).select_from(Region)) == 3429
    assert work.session.get(Region, "440305").full_name == "广东省深圳市南山区"
    assert work.session.get(Region, "110108").full_name == "北京市海淀区"


def test_a_newer_file_renames_and_adds_and_takes_nothing_away(work, small, tmp_path):
    regions.load(work, small)
    newer = json.loads(json.dumps(SMALL[:1]))
    newer[0]["children"][0]["name"] = "新深圳市"
    newer[0]["children"][0]["children"].append({"code": "440399", "name": "新区"})
    path = tmp_path / "newer.json"
    path.write_text(json.dumps(newer), "utf-8")
    assert regions.load(work, path) == 3
    work.session.expire_all()
    assert work.session.get(Region, "440305").full_name == "广东省新深圳市南山区"
    assert work.session.get(Region, "500229").full_name == "重庆市城口县"


def test_the_path_of_a_region(work, small):
    regions.load(work, small)
    assert [one.name for one in region_path(work, "440305")] == ["广东省", "深圳市", "南山区"]
    assert region_path(work, "nowhere") == []


def test_renaming_a_region_renames_its_parts(work, small):
    regions.load(work, small)
    service.change(work, REGION, "44", {"name": "粤省"})
    work.session.expire_all()
    assert work.session.get(Region, "440305").full_name == "粤省深圳市南山区"


def test_a_municipality_is_named_once(work):
    """北京市 / 市辖区 / 海淀区 reads 北京市海淀区, whatever is pasted into the line; 市辖区 is not offered."""
    regions.load(work)
    site = make.customer(work, sites=[{"name": "家", "region_code": "110108", "address_line": "中关村大街1号"}]).sites[
        0
    ]
    work.session.flush()
    assert queries.site_address(work, site) == "北京市海淀区中关村大街1号"
    site.address_line = "北京市海淀区中关村大街1号"
    assert queries.site_address(work, site) == "北京市海淀区中关村大街1号"
    found = [one.id for one in LOOKUPS["region"].search(work, "北京市")]
    assert "11" in found
    assert "1101" not in found
    assert [str(regions.level_label(level)) for level in (1, 2, 3, 9)] == ["Province", "City", "District", "Level 9"]


def test_a_region_is_never_part_of_itself(work, small):
    regions.load(work, small)
    with pytest.raises(DomainError) as refused:
        service.change(work, REGION, "44", {"parent_code": "440305"})
    assert [(one.field, one.code) for one in refused.value.refusals] == [("parent_code", "cycle")]


def test_a_region_can_be_added_where_the_file_has_none(work, small):
    regions.load(work, small)
    row = service.create(work, REGION, {"code": "81", "name": "香港特别行政区"})
    part = service.create(work, REGION, {"code": "8101", "name": "中西区", "parent_code": "81"})
    assert (row.level, part.level, part.full_name) == (1, 2, "香港特别行政区中西区")


def test_the_code_of_a_region_stays(work, small):
    """Addresses refer to it."""
    regions.load(work, small)
    with pytest.raises(DomainError) as refused:
        service.change(work, REGION, "440305", {"code": "440399"})
    assert [(one.field, one.code) for one in refused.value.refusals] == [("code", "fixed")]
