"""Requests a second through the production server: list, ticket page, creation; against /healthz of that server."""

import http.client
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.change_path import TEMPLATE, answers
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.house import House
from app.people import access
from app.seeding import seed_tickets
from app.tickets import queries

#: As many clients as the server has processes, and a little pressure.
CLIENTS = 4
SECONDS = 5.0
PASSWORD_BYTES = 18


@BENCHES.register
class Web(Bench):
    """Four clients with kept connections for five seconds a page."""

    name = "web"
    about = "requests a second of list, ticket page and creation, against /healthz of the same server"
    rows = 10_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Seed, start the server, sign in once, and ask."""
        seed_tickets(house.transactions, rows, cause=Cause("system", "bench"))
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        with house.transactions.unit_of_work(SYSTEM, Cause("system", "bench")) as work:
            roles = ("administrator",)
            access.create_account(work, "bench", password, name="bench", roles=roles, must_change_password=False)
            number = queries.ticket_page(work, queries.TicketQuery(size=1)).rows[0].number
        with _served(house) as port:
            cookie, _token = _signed_in(port, password)
            limit = _rate(port, cookie, lambda: ("GET", "/healthz", None))
            for metric, path in (("web", "/tickets/"), ("web_ticket", f"/tickets/{number}")):
                ours = _rate(port, cookie, lambda path=path: ("GET", path, None))  # type: ignore[misc]
                yield Measurement(metric, rows, ours, limit, "requests/s")
            form, cookie = _creation(port, cookie)
            yield Measurement("web_create", rows, _rate(port, cookie, form, expect=303), limit, "requests/s")


@contextmanager
def _served(house: House) -> Iterator[int]:
    """Yield the port of a server process over the house's database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "GONGDAN_DATABASE_URL": house.settings.url,
        "GONGDAN_INSTANCE": str(house.settings.instance),
        "GONGDAN_PORT": str(port),
        "GONGDAN_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "app.cli.process", "web"]
    with subprocess.Popen(command, env=environment) as server:  # noqa: S603 - our own program
        try:
            _await(port)
            yield port
        finally:
            server.terminate()


def _await(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if _ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/healthz", None, "")[0] == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _ask(
    line: http.client.HTTPConnection, method: str, path: str, form: dict[str, str] | None, cookie: str
) -> tuple[int, str, str]:
    """Return (status, body, cookies set)."""
    body = urlencode(form) if form else None
    headers = {"Cookie": cookie} | ({"Content-Type": "application/x-www-form-urlencoded"} if form else {})
    line.request(method, path, body, headers)
    answer = line.getresponse()
    cookies = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])
    return answer.status, answer.read().decode(), cookies


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return found[1] if found else ""


def _signed_in(port: int, password: str) -> tuple[str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port)
    _status, page, cookie = _ask(line, "GET", "/login/", None, "")
    form = {"username": "bench", "password": password, "csrf_token": _token(page)}
    status, _page, after = _ask(line, "POST", "/login/", form, cookie)
    if status != http.client.FOUND:
        raise RuntimeError(f"signing in answered {status}")
    return after or cookie, ""


def _creation(port: int, cookie: str) -> tuple[Callable[[], tuple[str, str, dict[str, str] | None]], str]:
    """Return what makes one more ticket each time it is called, and the cookie its form was given with."""
    path = f"/tickets/new/{TEMPLATE}"
    _status, page, renewed = _ask(http.client.HTTPConnection("127.0.0.1", port), "GET", path, None, cookie)
    filled = {"csrf_token": _token(page), **{f"values.{key}": str(value) for key, value in answers(1).items()}}

    def one() -> tuple[str, str, dict[str, str] | None]:
        return "POST", path, filled | {"submission_key": secrets.token_hex(16)}

    return one, renewed or cookie


def _rate(
    port: int, cookie: str, order: Callable[[], tuple[str, str, dict[str, str] | None]], *, expect: int = 200
) -> float:
    """Return answers a second of several clients at once; an answer that is not as expected ends the bench."""
    counts = [0] * CLIENTS
    wrong: list[str] = []
    until = time.perf_counter() + SECONDS

    def client(index: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < until and not wrong:
            method, path, form = order()
            status, _body, _cookies = _ask(line, method, path, form, cookie)
            if status != expect:
                wrong.append(f"{method} {path} answered {status}")
            counts[index] += 1

    threads = [threading.Thread(target=client, args=(index,)) for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return sum(counts) / SECONDS
