"""A real browser against the real application: fixtures that journeys and the face's tests import.

``page`` fails its test on an error in the console, a request to another host, a page error. ``look`` says in which
language, colours and size it is seen; parametrise it indirectly. ``enter("clerk")`` signs a page in. `axe(page)`
asserts that nothing on the page is wrong for assistive technology, `axe_in_both_themes(page)` in either theme,
`fits(page)` that it does not scroll sideways.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect
from werkzeug.serving import make_server

from app.people.roles import ROLES
from tests.clients import make_account, make_app

#: Two browsers share two cores with everything else: what takes a moment alone may take many there.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
#: Every rule looks at every element, but only what is wrong is described: to describe what is right takes three times
#: as long as to look.
_AXE_RUN = """([rules, apart]) =>
  axe.run({include: document, exclude: apart}, {runOnly: rules, resultTypes: ['violations']})"""
#: A list's rows are made by the same lines of its template: the first ten stand for all. The gallery has every chip.
_ALIKE = "tbody > tr:nth-child(n + 11)"
#: What is around every page, and how it looks here, whichever of its entries is the open page's.
SHELL = (".gd-side", ".gd-top")
_SHELL = """parts => [innerWidth, document.documentElement.dataset.bsTheme, ...parts.flatMap((part) =>
  [...document.querySelectorAll(part)]).map((part) =>
    part.outerHTML.replace(/ aria-current="page"/g, '').replace(/ value="[^"]*"/g, ''))].join()"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on how a page looks: its colours, its sizes and what is hidden. The rest its markup decides.
LOOKS_DECIDE = [
    *("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "aria-hidden-focus"),
    *("button-name", "link-name", "label", "select-name", "summary-name", "skip-link", "label-content-name-mismatch"),
]
#: Gives an open page the colours of a theme.
WEAR = "theme => { document.documentElement.dataset.bsTheme = theme }"
#: Features of Chromium to do without. Playwright's own are among them, as only the last such list counts; the others
#: would begin pages of the browser's own address bar for each profile, a second of processor time each, and processes
#: for pages nobody opens.
_WITHOUT = [
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AimEnabled"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch", "PreloadTopChromeWebUI"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIReloadButton", "WebUIToolbar"),
    "SpareRendererForSitePerProcess",
]
#: To draw what lies behind a dialog blurred takes a machine without graphics as long as everything else on the page.
_UNBLURRED = """const plain = new CSSStyleSheet();
plain.replaceSync('* { backdrop-filter: none !important }');
document.adoptedStyleSheets = [plain];"""
#: A refused form or an ended session is not an error of the page, though Chromium says so.
_REFUSED = re.compile(r"the server responded with a status of (?:401|409|422)")
#: What a page was asking for when it was left is given up, and htmx says so; what fails it calls htmx:sendError.
_GIVEN_UP = re.compile(r"htmx:(?:afterRequest|sendAbort)\b")


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is seen."""

    locale: str = "zh_Hans"
    theme: str = "light"
    width: int = 1440
    height: int = 900

    @property
    def is_phone(self) -> bool:
        return self.width < 768

    def __str__(self) -> str:
        return f"{self.locale}-{self.theme}-{self.width}"


DESK = Look()
PHONE = Look(width=390, height=844)
#: Every language, colour and size at least once with each other's extremes.
LOOKS = [
    DESK,
    replace(DESK, theme="dark", locale="en"),
    replace(PHONE, locale="zh_Hant"),
    replace(PHONE, theme="dark"),
]


@dataclass(frozen=True, slots=True)
class Live:
    """The application, served on a port of this machine; ``the.<role>`` is an account of each role."""

    app: Flask
    url: str


@pytest.fixture(scope="session")
def live(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The application on a SQLite database of its own, for the whole session."""
    with serve(servers, tmp_path_factory.mktemp("live")) as live:
        yield live


def _whole(app: Flask) -> Callable[..., list[bytes]]:
    """Return the application with each answer read whole and closed before any of it is sent.

    The server of the tests leaves a file open whose reader hangs up; that of the house closes it.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return list(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@contextmanager
def serve(servers: Any, folder: Path, prepare: Callable[[Flask], None] = lambda _app: None) -> Iterator[Live]:
    """Serve an application on a free port; ``prepare`` may add to it first."""
    with servers("sqlite").copy() as database:
        app = make_app(database, folder)
        prepare(app)
        for role in ROLES:
            make_account(app, f"the.{role.name}", role.name)
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        server = make_server("127.0.0.1", 0, _whole(app), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Live(app, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["gongdan"].engine.dispose()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, as pytest-playwright starts it."""
    return {
        "executable_path": "/usr/bin/chromium",
        "args": ["--no-sandbox", "--disable-gpu", "--lang=zh-CN", "--disable-features=" + ",".join(_WITHOUT)],
        "env": {"LANGUAGE": "zh_CN"},
    }


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Look:
    """The desk in Simplified Chinese, unless a test says otherwise."""
    return getattr(request, "param", DESK)


@pytest.fixture
def page(browser: Browser, live: Live, look: Look) -> Iterator[Page]:
    """A page of a fresh browser profile, which must have nothing to complain about."""
    context = browser.new_context(
        base_url=live.url, viewport={"width": look.width, "height": look.height},
        locale={"zh_Hans": "zh-CN", "zh_Hant": "zh-TW", "en": "en-GB"}[look.locale],
        timezone_id="Asia/Shanghai", has_touch=look.is_phone, is_mobile=look.is_phone, reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "theme", "value": look.theme, "url": live.url}])
    context.add_init_script(_UNBLURRED)
    page = context.new_page()
    complaints = _complaints(page, live)
    yield page
    context.close()
    assert not complaints, "\n".join(complaints)


def _complaints(page: Page, live: Live) -> list[str]:
    found: list[str] = []
    asked: set[str] = set()

    def answered(response: Response) -> None:
        if response.request.is_navigation_request():
            asked.add(response.url)

    def said(message: ConsoleMessage) -> None:
        expected = message.location.get("url") in asked or _REFUSED.search(message.text)
        harmless = ("Failed to load resource" in message.text and expected) or _GIVEN_UP.match(message.text)
        if message.type == "error" and not harmless:
            found.append(f"console: {message.text} {message.location.get('url')}")

    page.on("response", answered)
    page.on("console", said)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((live.url, "data:", "blob:")) else found.append(f"foreign: {request.url}")
        ),
    )
    return found


@pytest.fixture
def enter(page: Page, live: Live, look: Look) -> Callable[[str], Page]:
    """Sign ``page`` in as the account of a role, in the language of the look."""

    def signed_in(role: str) -> Page:
        client = live.app.test_client()
        assert client.sign_in(f"the.{role}").status_code == 302  # type: ignore[attr-defined]
        client.get(f"/lang/{look.locale}")
        cookie = client.get_cookie(live.app.config["SESSION_COOKIE_NAME"])
        assert cookie
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live.url}])
        return page

    return signed_in


#: What was around pages in which axe found nothing, with the rules it looked for.
_SOUND: set[tuple[str, ...]] = set()


def axe(page: Page, rules: Sequence[str] = RULES) -> None:
    """Assert that axe finds nothing at levels A and AA, or nothing against these ``rules``.

    What is around the page is looked at once for each of its looks: the same menu is not wrong on the next page.
    """
    around = (str(page.evaluate(_SHELL, SHELL)), *rules)
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    apart = [*SHELL, _ALIKE] if around in _SOUND else [_ALIKE]
    result = page.evaluate(_AXE_RUN, [rules, [[part] for part in apart]])
    wrong = [
        f"{violation['id']}: {node['html'][:200]} — {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
        # A bar that sticks to the bottom covers whatever happens to lie below it; scrolling frees it.
        if "partially obscured" not in node["failureSummary"]
    ]
    assert not wrong, "\n".join(wrong)
    _SOUND.add(around)


def axe_in_both_themes(page: Page) -> None:
    """Assert what `axe` does of a page in light colours, then of the same in dark ones what its looks decide."""
    axe(page)
    page.evaluate(WEAR, "dark")
    axe(page, LOOKS_DECIDE)
    page.evaluate(WEAR, "light")


def fits(page: Page) -> None:
    """Assert that the page is not wider than the screen, and on phones that what one touches is a finger tall."""
    size = page.viewport_size
    assert size
    wide = page.evaluate(_WIDE, size["width"])
    assert not wide, "\n".join(wide)
    if size["width"] < 768:
        small = page.evaluate(_SMALL)
        assert not small, "\n".join(small)


#: What stands out on the right of a page that scrolls sideways. A phone shows such a page smaller and calls it as wide
#: as its screen, so the screen's width is told.
_WIDE = """(width) => document.documentElement.scrollWidth <= width ? [] :
  [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > width + 1)
    .slice(0, 8).map((one) => one.outerHTML.slice(0, 120))"""
#: Controls lower than 44 px; links inside sentences, controls behind a larger label and what cannot be pressed are
#: exempt (WCAG 2.5.8).
_SMALL = """() => {
  const controls = 'a, button, select, input:not([type=hidden]), textarea, summary';
  const exempt = '.visually-hidden, .skip-link, .ts-wrapper, .offcanvas-lg:not(.show), label, td.cell-check';
  return [...document.querySelectorAll(controls)].filter((one) => {
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const seen = box.width > 1 && box.height > 1 && style.opacity !== '0' && style.display !== 'inline';
    return seen && !one.disabled && box.height < 43.5 && !one.closest(exempt);
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
