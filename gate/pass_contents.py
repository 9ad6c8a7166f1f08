"""The contents of a pass: one CBOR map, and the one way to write it (docs/pass.md). Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

import cbor2

from models.lane import MAX_LANE
from models.visit import UNLIMITED, Claims, PassKind, Weekly

MAX_PAYLOAD: Final = 67
"""Bytes of CBOR; what keeps the QR code at version 8-M."""
MAX_USES: Final = UNLIMITED

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_UINT32: Final = 2**32 - 1

# Keys of the CBOR map, in the order in which they are written.
_PASS_ID, _HOST, _COMPOUND, _LANES, _NOT_BEFORE, _LIFETIME, _USES, _KIND, _FLAGS = range(1, 10)
_ROTATING: Final = 1
# A recurring pass has its week in the flags and no kind, or it would not fit.
_KIND_NUMBER: Final = {
    PassKind.SINGLE: 1,
    PassKind.WINDOW: 2,
    PassKind.DELIVERY: 4,
    PassKind.PRINTED: 5,
}
_KIND_OF: Final = {number: kind for kind, number in _KIND_NUMBER.items()}
_ID_BYTES: Final = {_PASS_ID: 16, _HOST: 8, _COMPOUND: 4}
_ONE_VISIT: Final = frozenset({PassKind.SINGLE, PassKind.DELIVERY})
# Where the week lies in the flags: a bit for each day, then two minutes of eleven bits.
_DAYS_AT, _START_AT, _END_AT, _MINUTE_BITS = 1, 8, 19, 11


def payload_of(claims: Claims) -> bytes:
    """Return the one encoding of `claims`; raises ValueError where they do not fit it."""
    if claims.not_before.tzinfo is None or claims.expires.tzinfo is None:
        message = "a pass's times need a time zone"
        raise ValueError(message)
    not_before = _seconds(claims.not_before - _EPOCH)
    lifetime = _seconds(claims.expires - claims.not_before)
    ranges = (
        ("the start, in seconds since 1970,", not_before, 0, _UINT32),
        ("the time from start to expiry, in seconds,", lifetime, 1, _UINT32),
        ("uses", claims.uses, 1, 1 if claims.kind in _ONE_VISIT else MAX_USES),
        *(("a lane number", lane, 1, MAX_LANE) for lane in claims.lanes),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:
            message = f"{name} is {value}, not within {low} to {high}"
            raise ValueError(message)
    if claims.rotating and claims.kind is PassKind.PRINTED:
        message = "a printed pass stands still and cannot rotate"
        raise ValueError(message)
    fields: dict[int, int | bytes] = {
        _PASS_ID: _identity(claims.pass_id, _PASS_ID),
        _HOST: _identity(claims.host, _HOST),
        _COMPOUND: _identity(claims.compound, _COMPOUND),
        _LANES: sum(1 << lane for lane in claims.lanes),
        _NOT_BEFORE: not_before,
        _LIFETIME: lifetime,
        _USES: claims.uses,
    }
    if claims.weekly is None:
        fields[_KIND] = _KIND_NUMBER[claims.kind]
    flags = (_ROTATING if claims.rotating else 0) | _packed(claims.weekly)
    if flags:
        fields[_FLAGS] = flags
    return cbor2.dumps(fields, canonical=True)


def _packed(weekly: Weekly | None) -> int:
    if weekly is None:
        return 0
    days = sum(1 << day for day in weekly.days)
    return days << _DAYS_AT | weekly.start << _START_AT | weekly.end << _END_AT


def _weekly(flags: int) -> Weekly | None:
    """Return the week in the flags, None where there is none; raises ValueError for no week."""
    if not flags >> _DAYS_AT:
        return None
    minutes = (1 << _MINUTE_BITS) - 1
    return Weekly(
        frozenset(day for day in range(7) if flags >> _DAYS_AT + day & 1),
        flags >> _START_AT & minutes,
        flags >> _END_AT & minutes,
    )


def _identity(text: str, field: int) -> bytes:
    raw = bytes.fromhex(text)
    if len(raw) != _ID_BYTES[field] or raw.hex() != text:
        message = f"{text!r} is not {_ID_BYTES[field]} bytes in lower-case hex"
        raise ValueError(message)
    return raw


def _seconds(span: timedelta) -> int:
    if span % _SECOND:
        message = f"{span} is not whole seconds; a pass counts in those"
        raise ValueError(message)
    return span // _SECOND


def claims_in(payload: bytes, kid: int) -> Claims | None:
    """Return the claims that `payload` is the one encoding of, or None.

    Encoding the answer again and comparing bytes is what refuses every other spelling: doubled or
    unknown keys, longer integers, another order, trailing bytes, a value out of its range.
    """
    if len(payload) > MAX_PAYLOAD:
        return None
    try:
        said = cbor2.loads(payload, max_depth=2, allow_indefinite=False, allow_duplicate_keys=False)
    except cbor2.CBORDecodeError:
        return None
    if type(said) is not dict:
        return None
    try:
        claims = _claims_of(said, kid)
        again = payload_of(claims)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return claims if again == payload else None


def _claims_of(said: dict[object, object], kid: int) -> Claims:
    mask = _number(said[_LANES])
    not_before = _EPOCH + timedelta(seconds=_number(said[_NOT_BEFORE]))
    flags = _number(said.get(_FLAGS, 0))
    weekly = _weekly(flags)
    kind = PassKind.RECURRING if weekly is not None else _KIND_OF[_number(said[_KIND])]
    return Claims(
        pass_id=_bytes(said[_PASS_ID]).hex(),
        host=_bytes(said[_HOST]).hex(),
        compound=_bytes(said[_COMPOUND]).hex(),
        lanes=frozenset(bit for bit in range(mask.bit_length()) if mask >> bit & 1),
        not_before=not_before,
        expires=not_before + timedelta(seconds=_number(said[_LIFETIME])),
        uses=_number(said[_USES]),
        kind=kind,
        kid=kid,
        rotating=flags & _ROTATING == _ROTATING,
        weekly=weekly,
    )


def _number(value: object) -> int:
    if type(value) is not int:
        message = f"{value!r} is no whole number"
        raise TypeError(message)
    return value


def _bytes(value: object) -> bytes:
    if type(value) is not bytes:
        message = f"{value!r} is no byte string"
        raise TypeError(message)
    return value
