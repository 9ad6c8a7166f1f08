"""Telling the host of each showing of a pass: signed, without names, again and again, bounded."""

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import new
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from edge.core.afterwards import is_of_interest
from edge.notify import GIVE_UP, ROOM, Notifier, Webhook, pause, post_to, signature
from edge.store.pass_news import PassNews
from models.errors import ConfigError, StoreFault
from models.event import Event, EventKind
from models.lane import Credential, Direction
from models.moment import Moment
from tests.fakes.store_words import NOW

SECRET = b"a secret that is long enough"
HOOK = Webhook("https://hooks.example/kuahu", SECRET)


def news(event: int = 1) -> PassNews:
    where = (2, Direction.ENTRY, NOW.utc)
    return PassNews("aa" * 16, event, "cc" * 16, "bb" * 8, *where, opened=True, reason="visitor")


@dataclass
class Register:
    """A register whose rows say something of a pass, or nothing, or cannot be read."""

    rows: dict[int, PassNews | None] = field(default_factory=dict)
    broken: bool = False

    def news(self, seq: int) -> PassNews | None:
        if self.broken:
            message = "the disk is away"
            raise StoreFault(message)
        return self.rows.get(seq)


@dataclass
class Clock:
    at: Moment = NOW

    def now(self) -> Moment:
        return self.at


@dataclass
class Hook:
    """A webhook that takes what it is sent, or not while it is away."""

    there: bool = True
    took: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    asked: int = 0

    def __call__(self, body: bytes, headers: dict[str, str]) -> bool:
        self.asked += 1
        if self.there:
            self.took.append((body, headers))
        return self.there

    def events(self) -> list[int]:
        return [json.loads(body)["event"] for body, _ in self.took]


def notifier(register: Register, hook: Hook, clock: Clock | None = None) -> Notifier:
    return Notifier(HOOK, "00112233", register, clock or Clock(), hook)


def test_a_showing_is_told_once_signed_and_without_a_name() -> None:
    hook = Hook()
    told = notifier(Register({1: news(), 2: None}), hook)
    for seq in (1, 2, 1):
        told.recorded(seq)
    told.turn(NOW)
    ((body, headers),) = hook.took
    assert json.loads(body) == {
        "compound": "00112233",
        "journal": "aa" * 16,
        "event": 1,
        "pass_id": "cc" * 16,
        "host": "bb" * 8,
        "lane": 2,
        "direction": "entry",
        "at": NOW.utc.isoformat(),
        "opened": True,
        "reason": "visitor",
        "double": False,
    }
    seconds, _, value = headers["Kuahu-Signature"].removeprefix("t=").partition(",v1=")
    assert seconds == str(int(NOW.utc.timestamp()))
    assert value == new(SECRET, f"{seconds}.".encode() + body, sha256).hexdigest()


def test_a_webhook_that_is_away_is_asked_again_later_and_later() -> None:
    hook, register = Hook(there=False), Register({1: news(), 2: news(2)})
    told = notifier(register, hook)
    told.recorded(1)
    told.recorded(2)
    times, at = [], NOW
    for _ in range(200):
        before = hook.asked
        told.turn(at)
        times += [at.mono] * (hook.asked - before)
        at = at.after(1.0)
    gaps = [round(later - sooner) for sooner, later in itertools.pairwise(times)]
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60]
    hook.there = True
    told.turn(at.after(60.0))
    assert hook.events() == [1, 2]
    assert told.dropped == 0


def test_what_cannot_be_told_in_time_is_dropped_and_counted() -> None:
    hook = Hook(there=False)
    told = notifier(Register({1: news()}), hook)
    told.recorded(1)
    told.turn(NOW)
    told.turn(NOW.after(GIVE_UP))
    assert told.dropped == 1
    hook.there = True
    told.turn(NOW.after(GIVE_UP + 100))
    assert hook.took == []


def test_no_more_wait_than_there_is_room_for() -> None:
    hook = Hook(there=False)
    told = notifier(Register({seq: news(seq) for seq in range(1, 1000)}), hook)
    for seq in range(1, ROOM + 11):
        told.recorded(seq)
    assert told.dropped == 10
    hook.there = True
    told.turn(NOW)
    assert hook.events() == list(range(11, ROOM + 11))


def test_a_register_that_cannot_be_read_is_asked_again() -> None:
    hook, register = Hook(), Register({1: news()}, broken=True)
    told = notifier(register, hook)
    told.recorded(1)
    told.turn(NOW)
    register.broken = False
    told.turn(NOW.after(1.0))
    assert hook.events() == [1]


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://hooks.example/", SECRET),
        ("ftp://127.0.0.1/", SECRET),
        ("https://", SECRET),
        ("hooks.example", SECRET),
        ("https://hooks.example/", b"short"),
    ],
)
def test_an_address_in_the_clear_or_a_weak_secret_is_refused(url: str, secret: bytes) -> None:
    with pytest.raises(ConfigError, match="notify"):
        Webhook(url, secret)


def test_the_secret_is_printed_nowhere() -> None:
    assert "secret that" not in repr(HOOK)


def test_pauses_grow_to_a_minute() -> None:
    assert [pause(tries) for tries in (0, 1, 5, 6, 50)] == [1, 2, 32, 60, 60]


def row(kind: EventKind, **more: object) -> Event:
    bare = Event("aa" * 16, 5, kind, NOW.utc, 1, Direction.ENTRY, None, "refused", "used")
    return replace(bare, **more)  # type: ignore[arg-type] # a field's own sort, by its name


def test_what_says_how_a_pass_fared_is_of_interest_and_nothing_else() -> None:
    shown = row(EventKind.DECISION, credential=Credential.PASS)
    assert is_of_interest(shown)
    assert is_of_interest(replace(shown, credential=Credential.PIN))
    assert is_of_interest(row(EventKind.ALERT, reason="double_use"))
    # An opening is told once its barrier has answered.
    assert not is_of_interest(replace(shown, answer="opened"))
    assert is_of_interest(replace(shown, answer="opened", outcome="done"))
    assert not is_of_interest(row(EventKind.REPORT))
    assert not is_of_interest(replace(shown, credential=Credential.FACE))
    assert not is_of_interest(row(EventKind.ALERT, reason="tailgated"))


class _Server(BaseHTTPRequestHandler):
    """Answers as told and notes what it was sent."""

    answers: ClassVar[list[int]] = []
    took: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.took.append((self.headers["Kuahu-Signature"], body))
        status = self.answers.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(*answers: int) -> Iterator[str]:
    _Server.answers, _Server.took = list(answers), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_only_a_yes_of_the_webhook_itself_counts() -> None:
    with served(500, 302, 404, 204) as url:
        send = post_to(Webhook(url, SECRET))
        signed = {"Kuahu-Signature": signature(SECRET, 5, b"{}")}
        assert [send(b"{}", signed) for _ in range(4)] == [False, False, False, True]
    assert _Server.took == [(signed["Kuahu-Signature"], b"{}")] * 4
    assert not send(b"{}", signed)


def test_a_thread_of_its_own_tells() -> None:
    with served(204) as url:
        hook = Webhook(url, SECRET)
        told = Notifier(hook, "00112233", Register({1: news()}), Clock())
        told.start()
        told.recorded(1)
        for _ in range(200):
            if _Server.took:
                break
            threading.Event().wait(0.05)
        told.stop()
    assert len(_Server.took) == 1
