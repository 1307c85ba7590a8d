"""The template screens, as roles see them."""

import html
import io
import re
from dataclasses import replace

import pytest

from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people.roles import ROLES
from tests.factories.tickets import field_spec, repair_spec, template
from ticket_templates import exchange, service
from ticket_templates.spec import FieldUse

PACK = next(path for path in exchange.shipped_packs() if path.stem == "complaint")


@pytest.fixture
def installed(web) -> None:
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system", "tests")) as work:
        service.install_packs(work)


def upload(client, content: bytes, name: str = "my.yaml"):
    data = {"file": (io.BytesIO(content), name)}
    return client.post("/templates/import", data=data, content_type="multipart/form-data")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant", "en"])
@pytest.mark.parametrize(
    "url", ["/templates/", "/templates/complaint", "/templates/appliance_repair?version=1",
            "/templates/complaint/compare?old=1&new=1", "/templates/import", "/fields/"],
)  # fmt: skip
def test_pages_open_in_every_language(client_as, url: str, locale: str) -> None:
    client = client_as("template_designer")
    client.get(f"/lang/{locale}")
    answer = client.get(url)
    assert answer.status_code == 200
    assert not {"None", "True", "[]"} & set(answer.text.replace("<", " ").replace(">", " ").split())


@pytest.mark.usefixtures("installed")
def test_a_template_says_its_rules_as_sentences(client_as) -> None:
    client = client_as("template_designer")
    client.get("/lang/en")
    text = client.get("/templates/appliance_repair").text
    assert "Visible when Outcome is “End of life”" in text
    assert "Still to collect: …. It closes at 0: record what comes in, close it waived" in text
    assert "Fill in: Why it is handed back." in text
    returns = client.get("/templates/return_exchange").text
    assert "Not for whoever took Approve refund." in returns
    assert "Changed only in: Refunding, Recovering, Completed" in returns
    assert "Empties: Assignee." in text
    assert "Answers “Waived” by itself: sum(waived_amount) + balance_due" in text
    assert "Empties: Customer’s signature, Checklist.".replace("’", "&#39;") in text
    assert "Changed by Administrator, Clerk, Outlet manager, Quality assurance" in text
    assert '"initial": "pending_assignment"' in text or '"initial":"pending_assignment"' in text


@pytest.mark.usefixtures("installed")
def test_what_fills_itself_in_is_called_what_it_is(web, client_as) -> None:
    spec = repair_spec()
    own = (
        field_spec("serial", "auto_number", "流水号", settings={"pattern": "R-{seq:4}"}),
        field_spec("twice", "computed", "两倍", settings={"formula": "quantity * 2", "result": "number"}),
    )
    first = replace(spec.sections[0], fields=(*spec.sections[0].fields, *(FieldUse(one.key) for one in own)))
    spec = replace(spec, fields={**spec.fields, **{one.key: one for one in own}}, sections=(first, *spec.sections[1:]))
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system", "tests")) as work:
        key = template(work, spec=spec)
    client = client_as("template_designer")
    client.get("/lang/en")
    text = client.get(f"/templates/{key}").text
    assert re.findall(r">(Computed|Automatic number)</span></div>", text) == ["Automatic number", "Computed"]


def test_templates_are_found_by_name_and_state(client_as) -> None:
    client = client_as("template_designer")
    found = client.get("/templates/?q=ＣＯＭＰＬＡＩＮＴ&state=used").text
    assert 'data-testid="template-complaint"' in found
    assert 'data-testid="template-appliance_repair"' not in found
    for nothing in ("q=nothing+is+called+so", "q=complaint&state=withdrawn"):
        page = client.get(f"/templates/?{nothing}").text
        assert 'data-testid="template-list"' not in page
        assert 'data-testid="list-search"' in page


@pytest.mark.usefixtures("installed")
def test_reading_and_designing_are_apart(client_as) -> None:
    clerk = client_as("clerk")
    assert clerk.get("/templates/complaint").status_code == 200
    assert clerk.get("/templates/import").status_code == 403
    assert clerk.post("/templates/complaint/withdraw").status_code == 403
    assert clerk.get("/fields/").status_code == 403


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_packs_and_the_shelf_are_for_who_keeps_templates_and_the_menu_says_so(client_as, role) -> None:
    """Whoever works with tickets reads what one template asks, and no more."""
    client = client_as(role)
    keeps = role in {"administrator", "template_designer", "auditor"}
    page = client.get("/templates/complaint")
    assert page.status_code == 200
    assert ("/templates/complaint/export" in page.text, 'href="/templates/"' in page.text) == (keeps, keeps)
    for url in ("/templates/", "/templates/complaint/export", "/templates/complaint/compare?old=1&new=1"):
        assert client.get(url).status_code == (200 if keeps else 403), url


@pytest.mark.usefixtures("installed")
def test_unknown_things_are_not_found(client_as) -> None:
    client = client_as("template_designer")
    for url in ("/templates/nothing", "/templates/complaint?version=99", "/templates/complaint?version=x",
                "/templates/complaint/compare?old=1&new=99", "/templates/nothing/export"):  # fmt: skip
        assert client.get(url).status_code == 404, url


@pytest.mark.usefixtures("installed")
def test_export_is_the_pack(client_as) -> None:
    answer = client_as("template_designer").get("/templates/complaint/export")
    assert answer.text == PACK.read_text("utf-8")
    assert "complaint.yaml" in answer.headers["Content-Disposition"]


@pytest.mark.usefixtures("installed")
def test_an_import_is_previewed_then_done(client_as) -> None:
    client = client_as("template_designer")
    client.get("/lang/en")
    changed = PACK.read_text("utf-8").replace("key: complaint\n", "key: my_complaint\n", 1)
    preview = upload(client, changed.encode())
    assert "my_complaint" in preview.text
    assert client.get("/templates/my_complaint").status_code == 404
    done = client.post("/templates/import", data={"content": changed.replace("\n", "\r\n"), "filename": "my.yaml"})
    assert (done.status_code, done.headers["Location"]) == (302, "/templates/my_complaint")
    assert client.get("/templates/my_complaint/export").text == changed
    assert "Nothing will change" in upload(client, changed.encode()).text
    again = upload(client, changed.replace("en: First response", "en: Answered first").encode())
    assert "Answered first" in again.text


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a: &x 1", b"[]", "签: 工单".encode()])
def test_bad_packs_are_told_and_nothing_happens(client_as, content: bytes) -> None:
    answer = upload(client_as("template_designer"), content)
    assert answer.status_code == 422


@pytest.mark.usefixtures("installed")
def test_withdrawing_and_reinstating(client_as) -> None:
    client = client_as("template_designer")
    assert client.post("/templates/vehicle_service/withdraw").status_code == 302
    assert "reinstate" in client.get("/templates/vehicle_service").text
    assert client.post("/templates/vehicle_service/reinstate").status_code == 302


@pytest.mark.usefixtures("installed")
def test_a_template_tells_who_published_and_withdrew_it(client_as) -> None:
    client = client_as("template_designer")
    client.get("/lang/en")
    client.post("/templates/vehicle_service/withdraw")
    client.post("/templates/vehicle_service/reinstate")
    told = client.get("/templates/vehicle_service").text.split('data-testid="history"')[1].split("</ol>")[0]
    actions = [told.index(one) for one in ("possible again", "withdrew this", "published version 1", "created this")]
    assert actions == sorted(actions)
    assert "System" in told
    assert "checksum" not in told
    assert 'data-testid="history"' not in client_as("clerk").get("/templates/vehicle_service").text
    auditor = client_as("auditor")
    auditor.get("/lang/en")
    audit = auditor.get("/audit/?table=template_version").text
    assert "Content" in audit


@pytest.mark.usefixtures("installed")
def test_a_field_is_indexed_by_who_may_design_it(client_as) -> None:
    clerk, designer = client_as("clerk"), client_as("template_designer")
    for client in (clerk, designer):
        client.get("/lang/en")
    assert designer.get("/fields/brand").text.count("Make an index") == 1
    answer = designer.post("/fields/brand/index", data={"indexed": "1"}, follow_redirects=True).text
    assert "Being made" in answer
    assert "Drop the index" in answer
    assert "Indexed" in answer[answer.index('data-testid="history"') :]
    assert "Drop the index" not in clerk.get("/fields/brand").text
    assert clerk.post("/fields/brand/index", data={"indexed": "0"}).status_code == 403
    designer.post("/fields/brand/index", data={"indexed": "0"})
    assert "Make an index" in designer.get("/fields/brand").text
    long = designer.get("/fields/fault_description").text
    assert "Only fields with one short answer" in long
    assert "Make an index" not in long
    assert designer.post("/fields/no_such/index", data={"indexed": "1"}).status_code == 404


EVERYTHING = """gongdan_pack: 1
template: {key: says_all, labels: {zh_Hans: 全, en: All}}
subject: "{name}"
numbering: {pattern: "QL-{seq:4}"}
fields:
  - key: name
    type: text
    labels: {zh_Hans: 名称, en: Name}
    help: {zh_Hans: 铭牌上, en: On the plate}
    settings: {max_length: 12, pattern: "[A-Z]+", pattern_hint: CAPITALS, default: ABC}
  - {key: weight, type: decimal, labels: {zh_Hans: 重, en: Weight}, settings: {scale: 3, unit: kg, min: 0, max: "1.5"}}
  - {key: fee, type: money, labels: {zh_Hans: 费, en: Fee}}
  - key: kind
    type: choice
    labels: {zh_Hans: 类, en: Kind}
    options: [{key: a, labels: {en: Aa}, color: green}, {key: old, labels: {en: Older}, retired: true}]
  - key: parts
    type: table
    labels: {zh_Hans: 件, en: Parts}
    settings:
      max_rows: 7
      columns:
        - {key: qty, type: integer, labels: {en: Quantity}, required: true, settings: {min: 1, unit: pcs}}
        - {key: sum, type: computed, labels: {en: Total}, settings: {formula: qty * 2, result: number}}
sections:
  - key: s
    labels: {zh_Hans: 段, en: Part}
    fields:
      - {field: name, default_from: installed_product.serial}
      - field: weight
        visible_when: {field: values.kind, op: is, value: a}
        required_when: {field: values.fee, op: is_less_than, value: 100}
      - {field: fee, default: 30, lowered_in: [waiting]}
      - {field: kind}
      - {field: parts}
workflow:
  initial: waiting
  states: [{key: waiting, labels: {en: Waiting}, category: new}, {key: done, labels: {en: Done}, category: resolved}]
  transitions:
    - {key: look, labels: {en: Have a look}, sources: [waiting], target: waiting}
    - {key: pay, labels: {en: Pay}, sources: [waiting, done]}
    - {key: close, labels: {en: Close}, sources: [waiting], target: done, after: [look], required: [weight],
       adds: [weight], takes_off: [fee], shows: [fee]}
print: {title: {en: All}}
"""


def test_the_page_says_all_a_definition_asks(client_as) -> None:
    client = client_as("administrator")
    client.get("/lang/en")
    assert client.post("/templates/import", data={"content": EVERYTHING, "filename": "all.yaml"}).status_code == 302
    page = client.get("/templates/says_all").text
    text = html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page)))
    for said in (
        "On the plate", "Most characters 12", "[A-Z]+", "CAPITALS", "Default value ABC",
        "Filled from Installed product: Serial number", "Decimal places 3", "Unit shown behind the number kg",
        "Smallest value 0", "Largest value 1.5", "CNY", "Default value CN¥30.00", "1 options · 1 retired",
        "Most rows 7", "Quantity Required", "Smallest value 1", "Formula qty * 2", "Visible when Kind is",
        "Required when Fee is", "Only grows; becomes less only in: Waiting", "Only after Have a look.",
        "Not emptied there: Weight", "Adds to Weight what is typed.", "Takes off Fee what is typed.",
        "Have a look Waiting → Waiting", "Pay Waiting, Done · stays where it is",
    ):  # fmt: skip
        assert said in text, said
    assert '{"label": "Pay", "source": "done", "stays": true, "target": "done"}' in text
    assert re.search("<del>.*Older.*</del>", page)
    field = client.get("/fields/parts").text
    assert "Quantity" in field
    assert "{&#39;key&#39;" not in field
