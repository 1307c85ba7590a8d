"""A gunicorn worker that takes up a request when it is there whole: who is silent or slow costs a socket, no process.

A synchronous worker reads from the connection it has accepted, however long that takes: as many silent connections as
there are workers, such as those browsers open in advance, would stop the site. Here connections wait in a selector
until their request has come; only then is it one process's for as long as it takes to answer.
"""

import errno
import os
import re
import selectors
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from gunicorn.workers.sync import SyncWorker

#: Who has not said what he wants by then is let go; a browser opens another connection when it needs one.
HEAD_SECONDS: Final = 20.0
#: A body may take long on a slow line, but it must be coming.
SILENT_SECONDS: Final = 20.0
LONGEST_SECONDS: Final = 900.0
#: Beyond this nobody's head is a head: gunicorn refuses it.
HEAD_BYTES: Final = 64 * 1024
#: Larger bodies wait on the disk.
MEMORY_BYTES: Final = 1024 * 1024
#: Connections one worker keeps waiting, and how many of the largest bodies; then those go that would go first anyway.
MOST_WAITING: Final = 400
MOST_LARGEST: Final = 4
#: The kernel takes over what an answer has at most, so that a slow reader keeps nobody; larger ones are sent in parts.
ANSWER_BYTES: Final = 512 * 1024
ANSWER_SECONDS: Final = 30.0
TICK_SECONDS: Final = 1.0

_READ_BYTES: Final = 256 * 1024
_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_CONTINUE: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_LAST_CHUNK: Final = b"0\r\n\r\n"


class Arrival:
    """A connection whose request is on its way."""

    def __init__(self, listener: socket.socket, connection: socket.socket, address: Any, most: int) -> None:
        self.listener, self.connection, self.address = listener, connection, address
        self.begun = time.monotonic()
        self.until = self.begun + HEAD_SECONDS
        self.size = 0
        #: Whether all of it is here, or too much to wait for: then the answer is a refusal.
        self.is_here = self.is_too_much = False
        self._most = most
        self._kept = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed with the connection
        self._head = b""
        #: How many bytes there will be; 0: its last chunk will say.
        self._wanted: int | None = None

    def read(self) -> bool:
        """Take what has come; False when the client is gone."""
        try:
            data = self.connection.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        if not data:
            return False
        self._kept.write(data)
        self.size += len(data)
        if self._wanted is None:
            self._read_head(data)
        elif not self._wanted:
            self._head = self._head[-len(_LAST_CHUNK) :] + data
        if self._wanted is not None and not self.is_here:
            self.until = min(time.monotonic() + SILENT_SECONDS, self.begun + LONGEST_SECONDS)
            self.is_here = self.size >= self._wanted if self._wanted else self._head.endswith(_LAST_CHUNK)
            self.is_here = self.is_here or self.size > self._most
        return True

    def _read_head(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(_END)
        if end < 0:
            self.is_here = len(self._head) > HEAD_BYTES
            return
        head, self._head = self._head[: end + len(_END)], self._head[end + len(_END) :]
        length = _LENGTH.search(head)
        self._wanted = 0 if _CHUNKED.search(head) else len(head) + int(length[1] if length else 0)
        self.is_here = self.is_too_much = self._wanted > self._most
        if _CONTINUE.search(head) and not self.is_too_much and not self._head:
            # Who asks first sends nothing more until he is told to.
            with suppress(OSError):
                self.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def taken_up(self) -> "Whole":
        """Return the connection for the one who answers, reading from the beginning."""
        self._kept.seek(0)
        self.connection.settimeout(ANSWER_SECONDS)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ANSWER_BYTES)
        return Whole(self.connection, self._kept, is_whole=not self.is_too_much)

    def let_go(self) -> None:
        """Close it unanswered."""
        self._kept.close()
        self.connection.close()


class Whole:
    """A socket whose request has been read already."""

    def __init__(self, connection: socket.socket, kept: Any, *, is_whole: bool) -> None:
        self._connection, self._kept, self._is_whole = connection, kept, is_whole

    def recv(self, size: int) -> bytes:
        """Return the next of the request, nothing at its end; one that is refused unread is still being sent."""
        data: bytes = self._kept.read(size)
        return data if data or self._is_whole else self._connection.recv(size)

    def sendall(self, data: bytes) -> None:
        """Send a part of the answer."""
        with _read_by_somebody():
            self._connection.sendall(data)

    def sendfile(self, file: Any, **which: Any) -> int:
        """Send a file, or a part of it."""
        with _read_by_somebody():
            return self._connection.sendfile(file, **which)

    def close(self) -> None:
        """Close, and forget the request."""
        self._kept.close()
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@contextmanager
def _read_by_somebody() -> Iterator[None]:
    """Take a client that does not read for one that is gone, of which gunicorn makes no fuss."""
    try:
        yield
    except TimeoutError:
        raise ConnectionResetError(errno.ECONNRESET, "the client does not read the answer") from None


class Arrivals:
    """The connections of one worker that wait for the rest of their request."""

    def __init__(self, listeners: Sequence[socket.socket], wake: int, most: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._most = most
        self._waiting: set[Arrival] = set()
        for listener in listeners:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, listener)
        self._selector.register(wake, selectors.EVENT_READ, wake)

    def here(self) -> Iterator[Arrival]:
        """Yield those whose request is here, after waiting a moment for one.

        A round accepts one connection: the others are for the workers that have nothing to do.
        """
        for key, _events in self._selector.select(TICK_SECONDS):
            if isinstance(key.data, int):
                # A signal, which has been seen to.
                os.read(key.data, 100)
                continue
            arrival = key.data if isinstance(key.data, Arrival) else self._accepted(key.data)
            if arrival is None:
                continue
            if not arrival.read():
                self._drop(arrival)
            elif arrival.is_here:
                self._forget(arrival)
                yield arrival
        self._drop_late()

    def close(self) -> None:
        """Let go of all that are not here."""
        for arrival in [*self._waiting]:
            self._drop(arrival)
        self._selector.close()

    def _accepted(self, listener: socket.socket) -> Arrival | None:
        try:
            connection, address = listener.accept()
        except OSError:
            # Another worker was faster, or the client is gone again.
            return None
        connection.setblocking(False)
        arrival = Arrival(listener, connection, address, self._most)
        self._waiting.add(arrival)
        self._selector.register(connection, selectors.EVENT_READ, arrival)
        return arrival

    def _drop_late(self) -> None:
        now = time.monotonic()
        first_to_go = sorted(self._waiting, key=lambda one: one.until)
        kept, held = len(first_to_go), sum(one.size for one in first_to_go)
        for arrival in first_to_go:
            if arrival.until > now and kept <= MOST_WAITING and held <= self._most * MOST_LARGEST:
                break
            kept, held = kept - 1, held - arrival.size
            self._drop(arrival)

    def _forget(self, arrival: Arrival) -> None:
        self._waiting.discard(arrival)
        self._selector.unregister(arrival.connection)

    def _drop(self, arrival: Arrival) -> None:
        self._forget(arrival)
        arrival.let_go()


class PatientWorker(SyncWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers one whole request after the other."""

    def run(self) -> None:
        arrivals = Arrivals(self.sockets, self.PIPE[0], self.wsgi.config["MAX_CONTENT_LENGTH"])
        while self.alive and self.is_parent_alive():
            self.notify()
            for arrival in arrivals.here():
                self.notify()
                self.handle(arrival.listener, arrival.taken_up(), arrival.address)
        arrivals.close()
