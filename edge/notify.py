"""Telling the host: each showing of a pass goes to an address of the site's own, signed.

A thread of its own sends, one at a time and again with back-off; what cannot be told within a
quarter of an hour is dropped and counted. No door waits for any of it (docs/pass.md).
"""

import json
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256
from hmac import digest
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from edge.ports import Clock
from edge.store.pass_news import PassNews
from models.errors import ConfigError, StoreFault
from models.moment import Moment

ROOM: Final = 256
"""Rows that wait; with more the oldest is dropped."""
GIVE_UP: Final = 900.0
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
_PATIENCE: Final = 5.0
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

_log = logging.getLogger("kuahu.core")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where news go; https, or http on this machine only. Raises ConfigError for another."""

    url: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        at_home = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not (parts.scheme == "https" or at_home) or not parts.hostname:
            message = "[notify] url must begin with https://, for it carries who gave which pass"
            raise ConfigError(message)
        if len(self.secret) < 16:  # noqa: PLR2004 - what nobody guesses
            message = "[notify] needs a secret of 16 characters or more, to sign with"
            raise ConfigError(message)


Send = Callable[[bytes, dict[str, str]], bool]
"""Hands in one body with its headers; returns whether it was taken."""


class News(Protocol):
    """The store as telling the host needs it."""

    def news(self, seq: int) -> PassNews | None:
        """Return what row `seq` says of a pass, None for any other row."""


def post_to(webhook: Webhook) -> Send:
    """Return what posts to a webhook; nothing but 2xx is an answer that it was taken."""
    client = httpx.Client(trust_env=False, follow_redirects=False, timeout=_PATIENCE)

    def send(body: bytes, headers: dict[str, str]) -> bool:
        try:
            with client.stream("POST", webhook.url, content=body, headers=headers) as answer:
                return answer.is_success
        except httpx.HTTPError as error:
            _log.debug("the host's webhook does not answer: %s", type(error).__name__)
            return False

    return send


def body_of(news: PassNews, compound: str) -> bytes:
    """Return what is told of one showing: JSON without a name, a home or the code."""
    return json.dumps(
        {
            "compound": compound,
            "journal": news.journal,
            "event": news.event,
            "pass_id": news.pass_id,
            "host": news.host,
            "lane": news.lane,
            "direction": news.direction,
            "at": news.at.astimezone(UTC).isoformat(),
            "opened": news.opened,
            "reason": news.reason,
            "double": news.double,
        }
    ).encode()


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """Return the value of the header `Kuahu-Signature`: `t=SECONDS,v1=HEX`.

    HEX is HMAC-SHA256 over the seconds since 1970, a full stop and the exact body.
    """
    return f"t={seconds},v1={digest(secret, f'{seconds}.'.encode() + body, sha256).hex()}"


class Notifier:
    """Sends what rows say of passes; `recorded` may be called from any thread and never waits."""

    def __init__(
        self, webhook: Webhook, compound: str, store: News, clock: Clock, send: Send | None = None
    ) -> None:
        self._webhook = webhook
        self._compound = compound
        self._store = store
        self._clock = clock
        self._send = send or post_to(webhook)
        self._bell = threading.Event()
        self._stop = threading.Event()
        self._waiting: deque[tuple[int, float]] = deque(maxlen=ROOM)
        self._tries = 0
        self._next_at = float("-inf")
        self._last = 0
        self.dropped = 0
        """How many showings could not be told since the start."""
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sending; what waits is not told."""
        self._stop.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def recorded(self, seq: int) -> None:
        """Hear of a row that may say something of a pass."""
        if len(self._waiting) == ROOM:
            self.dropped += 1
        self._waiting.append((seq, self._clock.now().mono))
        self._bell.set()

    def turn(self, now: Moment) -> None:
        """Send what waits and is due; stop at the first that is not taken."""
        while self._waiting and now.mono >= self._next_at and not self._stop.is_set():
            seq, since = self._waiting[0]
            if self._told(seq, now):
                self._tries = 0
            elif now.mono - since < GIVE_UP:
                self._next_at = now.mono + pause(self._tries)
                self._tries += 1
                return
            else:
                self.dropped += 1
                _log.warning("row %d could not be told to the host's webhook", seq)
            if self._waiting and self._waiting[0] == (seq, since):
                self._waiting.popleft()

    def _told(self, seq: int, now: Moment) -> bool:
        try:
            news = self._store.news(seq)
        except StoreFault as fault:
            _log.debug("row %d is told later: %s", seq, fault)
            return False
        if news is None or news.event == self._last:
            return True
        body = body_of(news, self._compound)
        headers = {
            "Content-Type": "application/json",
            "Kuahu-Signature": signature(self._webhook.secret, int(now.utc.timestamp()), body),
        }
        if not self._send(body, headers):
            return False
        self._last = news.event
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            self._bell.wait(FIRST_PAUSE)
            self._bell.clear()
            try:
                self.turn(self._clock.now())
            except Exception:  # noqa: BLE001 - the top of a thread: it tries again
                _log.exception("a showing could not be told to the host")
                self._stop.wait(FIRST_PAUSE)


def pause(tries: int) -> float:
    """Return the seconds until the next try after `tries` failed ones."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries, 10))
