"""The rotation tag: what changes in a rotating code every fifteen seconds (docs/pass.md). Pure.

The compound's rotation key stays with the gates and whoever mints. A phone gets the inner key of
its one pass, and makes tags of it with no network.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Final

from models.moment import Moment

KEY_BYTES: Final = 32
TAG_BYTES: Final = 8
STEP: Final = timedelta(seconds=15)
STEPS_EITHER_SIDE: Final = 1
"""How far a phone's clock may be from the gate's, in steps."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a gate holds a rotating code against; without a key it can check none."""

    key: bytes | None = field(repr=False)
    now: Moment


def step_of(utc: datetime) -> int:
    """Return the number of the step that an instant lies in: whole fifteen seconds of 1970."""
    return (utc - _EPOCH) // STEP


def inner_key(rotation_key: bytes, pass_id: str) -> bytes:
    """Return the key (32 bytes) that one pass's tags are made with; `pass_id` is hex.

    Raises ValueError where the rotation key has not its 32 bytes.
    """
    if len(rotation_key) != KEY_BYTES:
        message = f"a rotation key has {KEY_BYTES} bytes, not {len(rotation_key)}"
        raise ValueError(message)
    return digest(rotation_key, bytes.fromhex(pass_id), sha256)


def tag_of(inner: bytes, step: int) -> bytes:
    """Return the 8 bytes that stand behind a pass's contents during `step`."""
    return digest(inner, step.to_bytes(8, "big"), sha256)[:TAG_BYTES]


def is_fresh(tag: bytes, inner: bytes, utc: datetime) -> bool:
    """Return whether `tag` is of the step of `utc` or of one beside it.

    Takes the same time whichever of them it is, and for none.
    """
    now = step_of(utc)
    near = range(max(0, now - STEPS_EITHER_SIDE), now + STEPS_EITHER_SIDE + 1)
    found = False
    for step in near:
        found |= compare_digest(tag, tag_of(inner, step))
    return found
