"""Reading the letters that an edge hands in, as one reads a stranger's: pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec

from central.batch import TooMuch
from central.feed_words import kind_of, word_of
from central.moments import EPOCH
from models.errors import InputError
from models.lane import MAX_LANE
from models.letter import (
    Erased,
    Exported,
    HomeClaim,
    NotApplied,
    PassUsed,
    PhotoAnswered,
    ResidentGone,
    ResidentNow,
    Said,
    SiteNow,
    VehicleGone,
    VehicleNow,
)

MAX_LETTERS: Final = 200
MAX_LETTER: Final = 640 * 1024
"""Bytes of one letter, its number and kind included."""
MAX_DOCUMENT: Final = 600 * 1024
"""Characters of the document of one export."""
MAX_NUMBER: Final = 2**53

_KINDS: Final[dict[str, type[Said]]] = {
    kind_of(kind): kind
    for kind in (
        SiteNow,
        ResidentNow,
        ResidentGone,
        VehicleNow,
        VehicleGone,
        HomeClaim,
        PhotoAnswered,
        PassUsed,
        Erased,
        Exported,
        NotApplied,
    )
}
_ID: Final = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_TEXTS: Final = {
    **dict.fromkeys(
        ("resident_id", "vehicle_id", "request_id", "photo_id", "pass_id", "guardian"), _ID
    ),
    "timezone": re.compile(r"[0-9A-Za-z_+/-]{1,64}"),
    "reason": re.compile(r"[a-z_]{1,64}"),
    "plate": re.compile(r"\S{1,16}"),
    "home": re.compile(r"[0-9-]{1,16}"),
    "digest": re.compile(r"[0-9a-f]{64}"),
    "photo_key": re.compile(r"[0-9a-f]{130}"),
    "photo_key_id": re.compile(r"[0-9a-f]{16}"),
}
"""What a field of that name must look like, in whichever letter; others are a line of text."""
_LINE: Final = 200
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_MAX_EVENTS: Final = 2**31 - 1
_MAX_LANES: Final = MAX_LANE


@dataclass(frozen=True, slots=True)
class Posted:
    """One letter as it came; `digest` is the SHA-256 of all of it, the same for the same."""

    number: int
    kind: str
    digest: str
    said: Said


@dataclass(frozen=True, slots=True)
class Stray:
    """Something that is no letter; `index` is its place in the request."""

    index: int
    number: int | None
    digest: str
    why: str


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """One request with letters, each a Letter."""

    letters: list[msgspec.Raw]


class Letter(msgspec.Struct, forbid_unknown_fields=True):
    """One letter on the wire: its body is a word of models/letter.py."""

    number: Annotated[int, msgspec.Meta(ge=1, le=MAX_NUMBER)]
    kind: str
    body: dict[str, Any]


class _Key(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1, le=MAX_NUMBER)]


def read_letters(raw: bytes) -> tuple[Posted | Stray, ...]:
    """Return what `raw` holds, each a letter or a stray, whatever the others are.

    Raises InputError where it holds no letters at all and TooMuch where too many.
    """
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = 'these are no letters; write {"letters": […]}'
        raise InputError(message) from error
    if len(envelope.letters) > MAX_LETTERS:
        message = f"{len(envelope.letters)} letters are more than {MAX_LETTERS}; send fewer"
        raise TooMuch(message)
    return tuple(_one(index, bytes(each)) for index, each in enumerate(envelope.letters))


def _one(index: int, raw: bytes) -> Posted | Stray:
    if len(raw) > MAX_LETTER:
        return _stray(index, raw, f"a letter of {len(raw)} bytes is longer than {MAX_LETTER}")
    try:
        letter = msgspec.json.decode(raw, type=Letter)
        said = _said(letter)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # The library's sentence may quote a person's name.
        return _stray(index, raw, "it does not have the fields of a letter")
    except ValueError as error:
        return _stray(index, raw, str(error))
    whole = [letter.number, letter.kind, letter.body]
    canonical = msgspec.json.encode(whole, order="deterministic")
    return Posted(letter.number, letter.kind, sha256(canonical).hexdigest(), said)


def _said(letter: Letter) -> Said:
    kind = _KINDS.get(letter.kind)
    if kind is None:
        message = "this centre knows no letter of that kind"
        raise ValueError(message)
    _check_texts(letter.body)
    try:
        said = word_of(kind, letter.body)
    except msgspec.MsgspecError:
        raise
    except ValueError as error:
        # A home's own sentence repeats the home.
        message = "home must be text such as 3-1-502"
        raise ValueError(message) from error
    _check(said)
    return said


def _check_texts(body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        match value:
            case dict():
                _check_texts(value)
            case list():
                for each in value:
                    _check_texts(each if isinstance(each, dict) else {name: each})
            case str() if not _fits(name, value):
                message = f"its {name if _ID.fullmatch(name) else 'field'} cannot be that text"
                raise ValueError(message)


def _fits(name: str, text: str) -> bool:
    if name == "document":
        return len(text) <= MAX_DOCUMENT and "\x00" not in text
    shape = _TEXTS.get(name)
    if shape is not None:
        return shape.fullmatch(text) is not None
    return len(text) <= _LINE and text.isprintable()


def _check(said: Said) -> None:
    at: datetime = getattr(said, "at", getattr(said, "expires", EPOCH))
    if at.tzinfo is None or not EPOCH <= at < _LATEST:
        message = "its time needs a zone and a year of 1970 to 2199"
        raise ValueError(message)
    match said:
        case PassUsed() if not 1 <= said.lane <= MAX_LANE:
            message = f"its lane is none of 1 to {MAX_LANE}"
            raise ValueError(message)
        case SiteNow() if len(said.lanes) > _MAX_LANES or not all(
            1 <= lane.number <= MAX_LANE for lane in said.lanes
        ):
            message = f"its lanes are not those of 1 to {MAX_LANE}"
            raise ValueError(message)
        case Erased() if not 0 <= said.events <= _MAX_EVENTS:
            message = "its number of events is none"
            raise ValueError(message)
        case NotApplied() if not 1 <= said.number <= MAX_NUMBER:
            message = "it names no item of the feed"
            raise ValueError(message)
        case _:
            pass


def _stray(index: int, raw: bytes, why: str) -> Stray:
    try:
        number = msgspec.json.decode(raw, type=_Key).number
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        number = None
    return Stray(index, number, sha256(raw).hexdigest(), why)
