"""The workflow of a template, drawn: each state once, each step named, the step out of many states only once."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import DESK, PHONE, axe, fits
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("look", [DESK, PHONE], indirect=True, ids=str)
def test_the_picture_says_what_the_list_of_steps_says(enter: Any, live: Any, look: Any) -> None:
    furnished(live.app)
    page = enter("administrator")
    page.goto("/templates/appliance_repair")
    picture = page.get_by_test_id("workflow")
    states = picture.locator(".workflow-node:not(.is-many) text")
    expect(states).to_have_text(
        [
            "待分配",
            "已分配",
            "已接单",
            "已预约",
            "处理中",
            "待配件",
            "待审核",
            "已完成",
            "待退还",
            "取消待结清",
            "已回访",
            "已关闭",
            "已取消",
        ]
    )
    steps = picture.locator(".workflow-edge text").all_text_contents()
    assert {"分配", "接单", "开始处理", "回访", "改约"} <= set(steps)
    assert {"提交审核 / 未签名提交审核", "关闭 / 免收关闭"} <= set(steps), (
        "steps between the same two states share a line"
    )
    assert (steps.count("取消工单"), steps.count("重新处理")) == (1, 1)
    many = picture.locator(".workflow-node.is-many text")
    expect(many).to_have_text(["4 个状态", "3 个状态", "11 个状态", "11 个状态", "6 个状态", "6 个状态"])
    axe(page)
    fits(page)
