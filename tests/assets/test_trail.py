"""A category is called by the names from the root, in the list and where it is picked; codes are for programs."""

from app.assets.records import PRODUCT_CATEGORY
from app.core.permissions import SYSTEM
from app.core.records import service
from tests.clients import CAUSE


def test_lists_and_pickers_show_names(web, client_as):
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        above = None
        for code, name in (("tr-appliance", "家电"), ("tr-cooling", "制冷"), ("tr-aircon", "空调器")):
            values = {"code": code, "name": name, "parent_id": above}
            above = service.create(work, PRODUCT_CATEGORY, values).id
    client = client_as("administrator")
    listed = client.get("/product-categories/list/?q=tr-aircon").text
    assert "家电 › 制冷 › 空调器" in listed
    assert "tr-appliance ›" not in listed
    found = client.get("/lookup/product_category?q=空调器").json
    assert "家电 › 制冷 › 空调器" in str(found)
    downward = client.get("/product-categories/list/?_oc_ProductCategoryView=trail&_od_ProductCategoryView=desc")
    assert downward.text.index("家电 › 制冷 › 空调器") < downward.text.index("家电 › 制冷<")
