"""The seal: HMAC-SHA256 over direction, topic and exact body, one 32-byte key per relay."""

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum

KEY_BYTES = 32
_TAG_HEX = 64
_BREAK = b"\n"


class Way(StrEnum):
    """Which way a message travels; a seal made for one way is worth nothing the other way."""

    DOWN = "down"
    """From the site to the relay."""
    UP = "up"
    """From the relay to the site."""


@dataclass(frozen=True, slots=True)
class RelayKey:
    """The secret that one relay shares with the site; never shown by `repr`."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            message = f"a relay key has {KEY_BYTES} bytes, not {len(self.secret)}"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> "RelayKey":
        """Return the key that 64 hex digits name.

        Raises ValueError with a sentence for the user when they name none.
        """
        try:
            return cls(bytes.fromhex(text.strip()))
        except ValueError as error:
            message = "a relay key is 64 hex digits, as `kuahu relay add` showed them"
            raise ValueError(message) from error

    def hex(self) -> str:
        """Return the key as 64 hex digits, to be shown once."""
        return self.secret.hex()


def seal(key: RelayKey, way: Way, topic: str, body: bytes) -> bytes:
    """Return the payload for `body` on `topic`: 64 hex digits, a line feed, then `body`."""
    return _tag(key, way, topic, body) + _BREAK + body


def unseal(key: RelayKey, way: Way, topic: str, payload: bytes) -> bytes | None:
    """Return the body that `payload` carries, or None unless it is exactly what `seal` returns."""
    tag, gap, body = payload[:_TAG_HEX], payload[_TAG_HEX : _TAG_HEX + 1], payload[_TAG_HEX + 1 :]
    if gap != _BREAK or not hmac.compare_digest(tag, _tag(key, way, topic, body)):
        return None
    return body


def unsealed(payload: bytes) -> bytes:
    """Return the body of `payload` without believing a word of it."""
    return payload[_TAG_HEX + 1 :]


def _tag(key: RelayKey, way: Way, topic: str, body: bytes) -> bytes:
    # A topic holds no NUL (MQTT 3.1.1, 1.5.3), so the three parts cannot run into one another.
    # A topic off the wire may hold what UTF-8 cannot say; it must fail the seal, not the program.
    named = topic.encode("utf-8", "surrogatepass")
    text = b"kuahu/1 " + way.encode() + b"\0" + named + b"\0" + body
    return hmac.new(key.secret, text, hashlib.sha256).hexdigest().encode()
