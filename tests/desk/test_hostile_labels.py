"""What an administrator or a pack calls things is only ever text: in pages, parts of pages, JSON, picture and names."""

import dataclasses
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.desk.filling import hidden_inputs, upload
from tests.factories.tickets import repair_spec, template

HOSTILE = "\"'>{{7*7}}<img src=x onerror=alert(1)></script><script>alert(2)</script>"


class Reader(HTMLParser):
    """Reads a page as a browser does and keeps what no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        runs = tag == "script" and "src" not in named and named.get("type") != "application/json"
        called = any(value.strip().lower().startswith("javascript:") for value in named.values())
        if runs or called or named.get("src") == "x" or any(name.startswith("on") for name in named):
            self.wrong.append(self.get_starttag_text() or tag)


def hostile(value: Any) -> Any:
    """The same spec with every text for people replaced."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: hostile(getattr(value, one.name)) for one in dataclasses.fields(value) if one.init}
        return dataclasses.replace(value, **changes)
    if isinstance(value, dict):
        if value and value.keys() <= {"zh_Hans", "zh_Hant", "en"}:
            return dict.fromkeys(value, HOSTILE)
        return {key: hostile(one) for key, one in value.items()}
    return type(value)(hostile(one) for one in value) if type(value) in {tuple, list} else value


@pytest.fixture
def key(desk):
    with desk.work() as work:
        spec = hostile(repair_spec("HL-{seq}"))
        return template(work, spec=spec, description=dict.fromkeys(("zh_Hans", "zh_Hant", "en"), HOSTILE))


def test_no_label_is_markup(desk, boss, key):
    photo = upload(boss, "<img src=x onerror=alert(1)>.png").json["id"]
    number = desk.opened(boss, key, **{"values.fault": HOSTILE, "values.photos": str(photo), "subject": HOSTILE})
    data = hidden_inputs(boss.get(f"/tickets/new/{key}").text)
    boss.post(f"/tickets/{number}/notes", data={"body": f"{HOSTILE} [x](javascript:alert(1))", "files": ""})
    pages = [
        boss.get(url)
        for url in (
            "/templates/", f"/templates/{key}", f"/templates/{key}/export", "/tickets/new", f"/tickets/new/{key}",
            f"/tickets/{number}", f"/tickets/{number}/sections/main", f"/tickets/{number}/sections/main/edit",
            f"/tickets/{number}/steps/start", f"/tickets/{number}/timeline", f"/tickets/{number}/about",
            f"/tickets/?template={key}&cols=number,subject,state,template,values.fault,values.fault_code,values.photos",
            f"/tickets/columns?template={key}", "/", f"/search/suggest?q={number}", f"/tickets/{number}/transfer",
        )
    ]  # fmt: skip
    pages.append(boss.post(f"/tickets/new/{key}", data=data | {"values.quantity": "x", "values.fault": HOSTILE}))
    pages.append(boss.post(f"/tickets/{number}/steps/finish", data={"version": "1"}))
    for page in pages:
        # Of two forms that were filled in badly the answer is that they were.
        assert page.status_code in (200, 422), page.request.path
        if page.mimetype == "text/html":
            reader = Reader()
            reader.feed(page.text)
            assert not reader.wrong, page.request.path
            assert "&#34;&#39;&gt;49" not in page.text
