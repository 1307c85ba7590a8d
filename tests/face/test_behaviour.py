"""What app.js and inputs.js promise, tried with mouse, finger and keyboard."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from app.core.permissions import SYSTEM
from tests.browser import DESK, PHONE
from tests.clients import CAUSE
from tests.face.gallery import NAMES, GalleryView
from tests.factories import people

pytestmark = pytest.mark.browser


def needs(*names):
    return pytest.mark.skipif(not set(names) <= set(NAMES), reason=f"no field type {names}")


@pytest.fixture
def desk(enter):
    return enter("administrator")


@pytest.fixture(autouse=True)
def posted():
    GalleryView.posted.clear()
    return GalleryView.posted


def test_signing_in_and_out(page):
    page.goto("/login/")
    page.get_by_test_id("field-username").fill("the.clerk")
    page.get_by_test_id("field-password").fill("wrong")
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("errors")).to_be_focused()
    page.get_by_test_id("field-password").fill("correct horse battery staple")
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("account")).to_be_visible()
    page.get_by_test_id("account").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("login")).to_be_visible()


def test_a_cancelled_question_never_affects_the_next_one(desk, posted):
    desk.goto("/gallery/words")
    desk.get_by_test_id("delete-a").click()
    expect(desk.get_by_test_id("confirm")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_test_id("confirm")).to_have_count(0)
    desk.get_by_test_id("archive-b").click()
    with desk.expect_navigation():
        desk.get_by_test_id("confirm-yes").click()
    assert posted == ["b"]


def test_cancel_has_the_focus_when_a_question_opens(desk, posted):
    desk.goto("/gallery/words")
    desk.get_by_test_id("delete-a").click()
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("confirm")).to_have_count(0)
    assert posted == []


def test_what_is_fetched_again_and_again_goes_on_behind_a_question(desk, posted):
    desk.clock.install()
    desk.goto("/gallery/words")
    part = desk.evaluate("""() => {
        const form = document.querySelector('[data-testid="delete-a"]').closest('form');
        const part = document.createElement('div');
        part.setAttribute('hx-get', '/gallery/again');
        part.setAttribute('hx-trigger', 'every 1s');
        part.setAttribute('hx-swap', 'outerHTML');
        form.replaceWith(part);
        part.append(form);
        htmx.process(part);
        return part.outerHTML;
    }""")
    fetched = []

    def again(route):
        fetched.append(route.request.url)
        route.fulfill(content_type="text/html", body=part)

    desk.route("**/gallery/again", again)
    with desk.expect_response("**/gallery/again"):
        desk.clock.run_for(1_100)
    desk.get_by_test_id("delete-a").click()
    expect(desk.get_by_test_id("confirm")).to_be_visible()
    fetched.clear()
    with desk.expect_response("**/gallery/again"):
        desk.clock.run_for(1_100)
    assert fetched
    # The answer counts for the form as it stands there now.
    with desk.expect_navigation():
        desk.get_by_test_id("confirm-yes").click()
    assert posted == ["a"]


def test_a_refused_part_is_said_in_the_corner_and_leaves_the_page_as_it_is(desk):
    desk.goto("/gallery/words")
    desk.get_by_test_id("refused").click()
    said = desk.get_by_test_id("error-422")
    expect(said).to_be_visible()
    expect(desk.get_by_test_id("refused")).to_be_visible()
    said.get_by_role("button").click()
    expect(said).to_have_count(0)


def test_a_form_is_sent_once(desk, posted):
    desk.goto("/gallery/words")
    desk.locator("[data-bs-target='#dialog']").click()
    button = desk.locator("#dialog button.btn-primary")
    expect(button).to_be_visible()
    button.dblclick()
    desk.wait_for_url("**/posted?c=1")
    assert posted == ["c"]


def test_the_slash_key_finds_the_search_and_never_while_typing(desk):
    desk.goto("/gallery/words")
    desk.keyboard.press("/")
    search = desk.get_by_test_id("search")
    expect(search).to_be_focused()
    desk.keyboard.type("a/b")
    expect(search).to_have_value("a/b")


def test_the_theme_is_kept_by_the_server(desk):
    desk.goto("/gallery/words")
    root = desk.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    with desk.expect_response("**/users/userinfo/theme") as kept:
        desk.get_by_test_id("theme").click()
    assert kept.value.ok
    expect(root).to_have_attribute("data-bs-theme", "dark")
    answer = desk.request.get("/gallery/words").text()
    assert 'data-bs-theme="dark"' in answer


def test_the_language_is_switched_on_the_spot(desk):
    desk.goto("/gallery/words")
    desk.get_by_test_id("language").click()
    desk.get_by_role("link", name="English").first.click()
    expect(desk.locator("html")).to_have_attribute("lang", "en")
    desk.get_by_test_id("language").click()
    desk.get_by_role("link", name="简体中文").first.click()
    expect(desk.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_rows_are_ticked_one_by_one_in_ranges_and_all(desk):
    desk.goto("/gallery/words")
    boxes = desk.locator("input[data-row]")
    boxes.nth(1).check()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(desk.locator("input[data-row]:checked")).to_have_count(4)
    expect(desk.locator("[data-selection-bar]")).to_be_visible()
    assert "4" in desk.locator("[data-selection-count]").inner_text()
    desk.locator("input[data-all]").check()
    expect(desk.locator("input[data-row]:checked")).to_have_count(8)
    desk.locator("input[data-all]").uncheck()
    expect(desk.locator("[data-selection-bar]")).to_be_hidden()


def test_times_are_relative_with_the_exact_instant_on_hover(desk):
    desk.goto("/gallery/words")
    time = desk.locator("time[data-relative]").first
    expect(time).to_have_attribute("title", re.compile(r"2026-11-21 13:30"))
    assert time.inner_text() != time.get_attribute("title")


_TOLD = """(given) => {
  const then = given === "now" ? new Date() : new Date(new Date().setHours(48, 30, 0, 0));
  const box = document.createElement("div");
  box.innerHTML = `<time data-relative datetime="${then.toISOString()}"></time>`;
  document.querySelector("main").append(box);
  window.gongdan.attach(box);
  return box.textContent;
}"""
_IN_TWO_DAYS = "new Intl.RelativeTimeFormat(document.documentElement.lang, {numeric: 'auto'}).format(2, 'day')"


def test_a_moment_ago_is_just_now_and_days_are_those_of_the_calendar(desk):
    desk.goto("/gallery/words")
    assert desk.evaluate(_TOLD, "now") == desk.evaluate("window.t('just now')")
    # Half past midnight of the day after tomorrow may be but a day and an hour away.
    assert desk.evaluate(_TOLD, "day") == desk.evaluate(_IN_TWO_DAYS)


_DATED = """([exact, days]) => {
  const box = document.createElement("div");
  const then = new Date(Date.now() + days * 86400000);
  box.innerHTML = `<time data-relative datetime="${then.toISOString()}">${exact}</time>`;
  document.querySelector("main").append(box);
  window.gongdan.attach(box);
  const time = box.firstElementChild;
  return [time.textContent, time.title];
}"""


def test_what_is_more_than_a_week_away_is_a_day(desk):
    desk.goto("/gallery/words")
    year = desk.evaluate("new Date().getFullYear()")
    chinese = desk.evaluate("document.documentElement.lang").startswith("zh")
    far, near = f"{year - 2}-03-09 23:30", f"{year}-03-09 00:30"
    assert desk.evaluate(_DATED, [far, -700]) == [far[:10] if chinese else f"Mar 9, {year - 2}", far]
    assert desk.evaluate(_DATED, [near, -8.5]) == ["03-09" if chinese else "Mar 9", near]
    assert desk.evaluate(_DATED, [near, 9])[0] == ("03-09" if chinese else "Mar 9")
    assert desk.evaluate(_DATED, [near, -6])[0] not in {"03-09", "Mar 9"}


_LIMIT = """(minutes) => {
  const box = document.createElement("div");
  box.dataset.timeLimits = "";
  box.innerHTML = `<time data-relative datetime="${new Date(Date.now() + minutes * 60000).toISOString()}"></time>`;
  document.querySelector("main").append(box);
  window.gongdan.attach(box);
  return box.textContent;
}"""
_SPAN = """([text, number, unit]) => window.t(text, {
  span: new Intl.NumberFormat(document.documentElement.lang, {style: 'unit', unit, unitDisplay: 'long'}).format(number),
})"""


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (18.5, ("%(span)s left", 18, "minute")),
        (-6.5, ("overdue by %(span)s", 6, "minute")),
        (0.4, ("%(span)s left", 1, "minute")),
        (-3 * 24 * 60, ("overdue by %(span)s", 3, "day")),
    ],
)
def test_of_a_time_limit_is_said_what_is_left_or_by_how_much_it_passed(desk, minutes, told):
    desk.goto("/gallery/words")
    assert desk.evaluate(_LIMIT, minutes) == desk.evaluate(_SPAN, list(told))


def customers(route):
    """Stand in for the look-up: 24 customers, found by what they are called."""
    text = parse_qs(urlsplit(route.request.url).query, keep_blank_values=True)["q"][0]
    found = [{"id": n, "text": f"customer {n}", "hint": "hint <b>"} for n in range(1, 25) if text in f"customer {n}"]
    route.fulfill(json={"results": found[:20]})


def test_a_remote_select_is_searched_by_typing(desk):
    desk.route("**/lookup/customer?*", customers)
    desk.goto("/gallery/words")
    box = desk.locator("#who + .ts-wrapper")
    with desk.expect_response("**/lookup/customer?q=*"):
        box.click()
    with desk.expect_response("**/lookup/customer?q=customer+7"):
        box.locator("input").fill("customer 7")
    expect(desk.locator(".ts-dropdown .option")).to_have_count(1)
    option = desk.locator(".ts-dropdown .option", has_text="customer 7")
    expect(option).to_have_count(1)
    assert "hint <b>" in option.inner_text()
    desk.keyboard.press("Enter")
    expect(desk.locator("#who")).to_have_value("7")


def test_enter_waits_for_the_answer_to_what_was_typed(desk):
    """Answers come when they come: one to earlier words is not offered, let alone taken."""
    held = []

    def hold(route):
        held.append(route)

    desk.route("**/lookup/customer?*", hold)
    desk.goto("/gallery/words")
    chosen = desk.locator("#who")
    with desk.expect_request("**/lookup/customer?q=*"):
        desk.locator("#who + .ts-wrapper").click()
    for words in ("customer 1", "customer 17"):
        with desk.expect_request(f"**/lookup/customer?q={words.replace(' ', '+')}"):
            desk.locator("#who + .ts-wrapper input").fill(words)
    desk.keyboard.press("Enter")
    for route in held[:2]:
        with desk.expect_response(route.request.url):
            customers(route)
    expect(chosen).to_have_value("")
    expect(desk.locator(".ts-dropdown .option")).to_have_count(0)
    with desk.expect_response(held[2].request.url):
        customers(held[2])
    expect(chosen).to_have_value("17")
    # With one chosen, what is typed counts, not what stands there.
    with desk.expect_request("**/lookup/customer?q=customer+9"):
        desk.keyboard.type("customer 9")
    desk.keyboard.press("Enter")
    customers(held[3])
    expect(chosen).to_have_value("9")


def test_a_long_choice_is_as_high_with_the_focus_as_without(desk):
    """Else what stands below moves away from under the pointer that leaves it."""
    desk.goto("/gallery/words")
    select = desk.locator("#who")
    select.evaluate("one => gongdan.rechoose(one.tomselect, [['7', '净水机 RO-1200G 商用大通量反渗透直饮机']])")
    control = desk.locator("#who + .ts-wrapper .ts-control")
    heights = set()
    for width in range(180, 260, 4):
        control.evaluate("(one, width) => { one.style.width = `${width}px`; }", width)
        for does in ("focus", "blur"):
            select.evaluate(f"one => one.tomselect.{does}()")
            heights.add((width, control.evaluate("one => one.offsetHeight")))
    assert len(heights) == 20


def test_the_summary_of_errors_leads_to_the_input(desk):
    desk.goto("/gallery/words")
    expect(desk.get_by_test_id("errors")).to_be_focused()
    desk.get_by_test_id("errors").get_by_role("link").click()
    expect(desk.locator("#who + .ts-wrapper input")).to_be_focused()


def test_leaving_unsaved_work_asks_and_back_gives_it_back(desk):
    desk.goto("/gallery/fields")
    desk.get_by_test_id("field-text").fill("还没有保存")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.accept()

    desk.on("dialog", stay)
    desk.goto("/gallery/words")
    assert asked == ["beforeunload"]
    desk.go_back()
    expect(desk.get_by_test_id("field-text")).to_have_value("还没有保存")


def take_position(page):
    """Ask for the position where the browser gives none, then where it does; put one number of it right."""
    box, said = page.locator("[data-location]"), page.locator(".gd-toast")
    button, lat, accuracy = (box.locator(f"[data-{one}]") for one in ("locate", "lat", "accuracy"))
    button.click()
    expect(said).to_contain_text("无法获取位置，请手动输入。")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 22.5431234, "longitude": 114.0579, "accuracy": 12.4})
    button.click()
    expect(lat).to_have_value("22.543123")
    expect(accuracy).to_have_value("12")
    lat.fill("22.6")
    expect(accuracy).to_have_value("")


def take_the_present_time(page):
    """The company's, wherever the reader is: here an hour ahead of his."""
    page.clock.set_fixed_time("2026-11-21T07:29:50Z")
    now = page.get_by_test_id("now-datetime")
    expect(now).to_have_attribute("data-zone", "Asia/Shanghai")
    now.evaluate("button => { button.dataset.zone = 'Asia/Tokyo'; }")
    now.click()


@needs("location", "datetime")
def test_saving_does_not_ask_and_sends_what_was_typed_and_what_is_here_and_now(desk, posted):
    desk.goto("/gallery/fields")
    desk.get_by_test_id("field-text").fill("第二次")
    take_position(desk)
    take_the_present_time(desk)
    with desk.expect_navigation():
        desk.get_by_test_id("save").click()
    [answers] = posted
    assert answers["text"] == "第二次"
    assert answers["location"] == {"lat": "22.6", "lng": "114.057900", "accuracy": ""}
    assert answers["datetime"] == "2026-11-21T16:29"


@needs("file")
def test_files_are_sent_at_once_refused_with_a_reason_and_removed(desk):
    desk.goto("/gallery/fields")
    box = desk.get_by_test_id("field-file")
    was = box.locator("li").count()
    box.locator("input[type=file][multiple]").set_input_files(
        [{"name": "故障.txt", "mimeType": "text/plain", "buffer": "你好，世界".encode()}]
    )
    expect(box.locator("li")).to_have_count(was + 1)
    expect(box.locator("li").last).to_contain_text("故障.txt")
    expect(box.locator("li").last.locator("input[type=hidden]")).to_have_count(1)
    box.locator("li").last.get_by_role("button").click()
    expect(box.locator("li")).to_have_count(was)
    box.locator("input[type=file][multiple]").set_input_files(
        [{"name": "bad.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00\x03\x00\x00\x00"}]
    )
    expect(box.locator("li.is-bad [role=alert]")).to_be_visible()
    expect(box.locator("li.is-bad input[type=hidden]")).to_have_count(0)


@needs("signature")
@pytest.mark.parametrize("look", [PHONE], indirect=True)
def test_a_signature_is_drawn_kept_and_drawn_again(desk):
    desk.goto("/gallery/fields")
    box = desk.get_by_test_id("field-signature")
    box.locator("[data-again]").click()
    canvas = box.locator("canvas")
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    desk.mouse.move(area["x"] + 30, area["y"] + 40)
    desk.mouse.down()
    for step in range(1, 8):
        desk.mouse.move(area["x"] + 30 + 20 * step, area["y"] + 40 + (step % 3) * 25)
    desk.mouse.up()
    with desk.expect_response("**/files/") as sent:
        box.locator("[data-keep]").click()
    expect(box.locator("input[type=hidden]")).to_have_value(str(sent.value.json()["id"]))
    # It stands there as a picture, and nothing is under way any more.
    expect(box.locator("img")).not_to_have_js_property("naturalWidth", 0)


@needs("cascade")
def test_a_cascade_narrows_level_by_level(desk):
    desk.goto("/gallery/fields")
    box = desk.get_by_test_id("field-cascade")
    levels = box.locator("select")
    deepest = levels.count()
    assert deepest >= 2
    levels.first.select_option(index=0)
    expect(box.locator("select")).to_have_count(1)
    expect(box.locator("input[type=hidden]")).to_have_value("")


@needs("table")
def test_rows_of_a_table_come_and_go(desk):
    desk.goto("/gallery/fields")
    box = desk.get_by_test_id("field-table")
    rows = box.locator("tbody tr")
    was = rows.count()
    box.locator("[data-add-row]").click()
    expect(rows).to_have_count(was + 1)
    names = [one.get_attribute("name") for one in box.locator("tbody [name]").all()]
    assert not [name for name in names if name and "__row__" in name]
    rows.last.locator("[data-remove-row]").click()
    expect(rows).to_have_count(was)


#: Leaves one row in a sheet and gives it these columns, in a box of that width; returns how far it scrolls.
_COLUMNS = """(sheet, [kinds, width]) => {
  const box = sheet.querySelector('.gd-scroll'), row = sheet.querySelector('tbody tr'), bin = row.lastElementChild;
  sheet.querySelectorAll('tbody tr ~ tr').forEach((one) => one.remove());
  [...row.children].forEach((cell) => { if (cell !== bin) cell.remove(); });
  sheet.querySelectorAll('thead th:not(.gd-sheet-end)').forEach((one) => one.remove());
  for (const kind of kinds) {
    const cell = row.insertBefore(document.createElement('td'), bin);
    cell.dataset.cell = kind;
    cell.append(gongdan.el('input', { class: 'form-control', type: kind === 'date' ? 'date' : 'text' }));
  }
  box.style.width = `${width}px`;
  return box.scrollWidth - box.clientWidth;
}"""


@needs("table")
def test_six_columns_fit_beside_the_customer_and_what_scrolls_says_so(desk):
    desk.goto("/gallery/fields")
    sheet = desk.get_by_test_id("field-table")
    box = sheet.locator(".gd-scroll")
    assert sheet.evaluate(_COLUMNS, [["text", "number", "date", "money", "computed", "choice"], 731]) == 0
    expect(box).not_to_have_class(re.compile("has-after"))
    assert sheet.evaluate(_COLUMNS, [["text"] * 8, 500]) > 200
    expect(box).to_have_class(re.compile("has-after"))
    assert sheet.locator("tbody [data-remove-row]").evaluate("""bin => {
      const here = bin.getBoundingClientRect(), box = bin.closest('.gd-scroll').getBoundingClientRect();
      return here.left >= box.left && here.right <= box.right;
    }"""), "what takes the row out is in sight"
    box.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    expect(box).to_have_class(re.compile("has-before"))
    expect(box).not_to_have_class(re.compile("has-after"))


@pytest.mark.parametrize("look", [PHONE], indirect=True)
def test_the_menu_opens_on_a_phone(desk):
    desk.goto("/gallery/words")
    expect(desk.locator("#side")).to_be_hidden()
    desk.locator(".gd-top [data-bs-target='#side']").click()
    expect(desk.locator("#side")).to_be_visible()
    desk.locator("#side .btn-close").click()
    expect(desk.locator("#side")).to_be_hidden()
    # What a row has nothing of takes no room on its card.
    desk.goto("/regions/list/")
    desk.locator("main").evaluate("""main => {
      const el = gongdan.el, cells = ['', 'is-empty'].map((name) => el('td', { class: name, 'data-label': 'x' }, '—'));
      main.append(el('div', { class: 'gd-fit' }, el('table', { class: 'gd-table', 'data-testid': 'some' },
        el('tbody', {}, el('tr', {}, ...cells)))));
    }""")
    said, shown = desk.get_by_test_id("some").locator("td").all()
    expect(said).to_be_visible()
    expect(shown).to_be_hidden()


def test_how_a_filter_compares_decides_what_is_listed(desk, live):
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for months in (12, 24, 36):
            people.product(work, f"保{months}个月", warranty_months=months)
    desk.goto("/products/list/")
    desk.get_by_test_id("filters").locator("summary").click()
    months = desk.locator("[data-filter=warranty_months]")
    months.locator("[data-filter-value]").fill("24")
    months.locator("[data-filter-how]").select_option(label="大于")
    with desk.expect_navigation():
        desk.locator("#filter_form button[type=submit]").click()
    expect(desk.locator("main tbody tr")).to_have_count(1)
    expect(desk.locator("main tbody tr")).to_contain_text("保36个月")
    expect(months.locator("[data-filter-how] option:checked")).to_have_text("大于")


def covered(page, selector):
    """The parts of the page that a passing message lies on."""
    return page.evaluate(
        """selector => {
          const boxes = [...document.querySelectorAll(selector)].map((one) => [one, one.getBoundingClientRect()]);
          const toast = document.querySelector('.gd-toasts').getBoundingClientRect();
          const on = (box) => box.left < toast.right && toast.left < box.right
            && box.top < toast.bottom && toast.top < box.bottom;
          return boxes.filter(([, box]) => box.height && on(box)).map(([one]) => one.outerHTML.slice(0, 80));
        }""",
        selector,
    )


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_a_message_covers_neither_a_dialog_nor_the_buttons_at_the_bottom(desk):
    desk.goto("/gallery/fields")
    desk.evaluate("gongdan.toast('没有连接。什么都没有发送，请重试。', 'bad')")
    assert covered(desk, ".gd-form-foot .btn, .gd-top .btn, .gd-page-head .btn") == []
    desk.goto("/gallery/words")
    desk.evaluate("document.querySelector('[data-bs-target=\"#dialog\"]').click()")
    expect(desk.locator("#dialog .modal-content")).to_be_visible()
    desk.evaluate("gongdan.toast('没有连接。什么都没有发送，请重试。', 'bad')")
    assert covered(desk, "#dialog .modal-content") == []
