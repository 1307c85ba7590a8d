"""A request is taken up when it is there whole; what waits costs nobody anything, and not for ever."""

import os
import socket
import time

import pytest

from app import arrivals
from app.arrivals import Arrivals

MOST = 100_000
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(arrivals, "TICK_SECONDS", 0.01)
    with Site() as made:
        yield made


class Site:
    """A listener with its arrivals, and clients that say what they are told."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.wake = os.pipe()
        self.arrivals = Arrivals([self.listener], self.wake[0], MOST)
        self.clients = []
        return self

    def __exit__(self, *_why):
        self.arrivals.close()
        for one in (*self.clients, self.listener):
            one.close()
        for one in self.wake:
            os.close(one)

    def client(self, data=b""):
        made = socket.create_connection(self.listener.getsockname(), timeout=5)
        self.clients.append(made)
        made.sendall(data)
        return made

    def here(self, rounds=20):
        """What is taken up within some rounds."""
        found = [one.taken_up() for _round in range(rounds) for one in self.arrivals.here()]
        self.clients += found
        return found

    def read(self, whole):
        return b"".join(iter(lambda: whole.recv(1000), b""))


def test_who_is_silent_or_slow_keeps_nobody_waiting(site):
    for begun in (b"", b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345"):
        site.client(begun)
    assert site.here() == []
    site.client(GET)
    (whole,) = site.here()
    assert site.read(whole) == GET


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET / HTTP/1.1\r\nHo", b"st: localhost\r\n", b"\r\n"],
        [b"POST / HTTP/1.1\r\ncontent-length:5\r\n\r", b"\n12", b"345"],
        [b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX: 0\r\n\r\n", b"5\r\nab", b"cde\r\n0", b"\r\n\r\n"],
        [b"POST / HTTP/1.1\r\nContent-Length: 90000\r\n\r\n", b"a" * 60_000, b"b" * 30_000],
    ],
    ids=["head", "body", "chunks", "large"],
)
def test_it_is_taken_up_when_its_last_part_has_come(site, parts):
    client = site.client()
    for part in parts[:-1]:
        client.sendall(part)
        assert site.here() == []
    client.sendall(parts[-1])
    (whole,) = site.here()
    assert site.read(whole) == b"".join(parts)
    whole.sendall(b"done")
    whole.close()
    assert client.recv(10) == b"done"
    assert client.recv(10) == b""


def test_who_asks_whether_to_go_on_is_told_to(site):
    client = site.client(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert site.here() == []
    assert client.recv(100).startswith(b"HTTP/1.1 100 ")
    client.sendall(b"ok")
    assert len(site.here()) == 1


def test_what_is_too_much_is_not_waited_for(site):
    site.client(b"POST / HTTP/1.1\r\nContent-Length: 100001\r\n\r\n")
    site.client(b"GET / HTTP/1.1\r\nX: " + b"x" * arrivals.HEAD_BYTES)
    assert len(site.here()) == 2


def test_who_never_comes_to_an_end_is_let_go(site, monkeypatch):
    monkeypatch.setattr(arrivals, "HEAD_SECONDS", 0.05)
    silent = site.client()
    gone = site.client(b"GET /")
    gone.close()
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        assert site.here(1) == []
    assert silent.recv(1) == b""


def test_of_too_many_the_first_are_let_go(site, monkeypatch):
    monkeypatch.setattr(arrivals, "MOST_WAITING", 3)
    several = [site.client() for _each in range(5)]
    site.here()
    assert several[0].recv(1) == several[1].recv(1) == b""
    for one in several[2:]:
        one.sendall(GET)
    assert len(site.here()) == 3
