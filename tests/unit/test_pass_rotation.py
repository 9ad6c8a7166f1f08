"""A rotating code is good for its own quarter of a minute, and for the one before and after."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import base45
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gate import passes
from gate.pass_contents import MAX_PAYLOAD
from gate.passes import MAX_TOKEN, PREFIX, PrivateKey, mint, mint_rotating, read, with_tag
from gate.rotation import Rotation, inner_key, step_of, tag_of
from models.moment import Moment, Trust
from models.visit import UNLIMITED, Claims, CodeFault, PassKind, Weekly

KEY = PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {255: KEY.public_key()}
SECRET = bytes(range(100, 132))
NOW = datetime(2026, 11, 23, 9, 0, 7, tzinfo=UTC)
LAST = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)
NANNY = Claims(
    pass_id="fedcba9876543210" * 2,
    host="0123456789abcdef",
    compound="a1b2c3d4",
    lanes=frozenset(range(1, 64)),
    not_before=LAST,
    expires=LAST + timedelta(seconds=2**32 - 1),
    uses=UNLIMITED,
    kind=PassKind.RECURRING,
    kid=255,
    rotating=True,
    weekly=Weekly(frozenset(range(7)), 1439, 1440),
)
UNTAGGED = mint_rotating(NANNY, KEY)
INNER = inner_key(SECRET, NANNY.pass_id)


def at(utc: datetime, trust: Trust = Trust.TRUSTED, key: bytes | None = SECRET) -> Rotation:
    return Rotation(key, Moment(utc, 100.0, trust))


def shown(utc: datetime) -> str:
    """Return the code that a phone shows at `utc`."""
    return with_tag(UNTAGGED, INNER, step_of(utc))


def test_the_longest_pass_of_all_fits() -> None:
    raw = base45.b45decode(UNTAGGED.removeprefix(PREFIX))
    assert len(raw) - 65 == MAX_PAYLOAD
    assert len(shown(NOW)) == MAX_TOKEN


def test_a_step_is_whole_quarters_of_a_minute() -> None:
    assert step_of(datetime(1970, 1, 1, 0, 0, 14, 999_999, tzinfo=UTC)) == 0
    assert step_of(datetime(1970, 1, 1, 0, 0, 15, tzinfo=UTC)) == 1


@given(st.timedeltas(timedelta(seconds=-60), timedelta(seconds=60)))
@example(timedelta(seconds=-22))
@example(timedelta(seconds=-23))
@example(timedelta(seconds=22, microseconds=999_999))
@example(timedelta(seconds=23))
def test_a_code_is_good_one_step_either_side(off: timedelta) -> None:
    near = abs(step_of(NOW + off) - step_of(NOW)) <= 1
    answer = read(shown(NOW + off), KEYS, at(NOW))
    assert answer == (NANNY if near else CodeFault.STALE_CODE)


def test_a_picture_of_half_a_minute_ago_is_stale() -> None:
    taken = shown(NOW)
    assert read(taken, KEYS, at(NOW + timedelta(seconds=31))) == CodeFault.STALE_CODE


@pytest.mark.parametrize("trust", [Trust.FLOOR, Trust.UNKNOWN])
def test_a_clock_that_is_not_trusted_cannot_say(trust: Trust) -> None:
    assert read(shown(NOW), KEYS, at(NOW, trust)) == CodeFault.CLOCK


def test_a_gate_that_cannot_check_takes_it_for_a_picture() -> None:
    assert read(shown(NOW), KEYS) == CodeFault.STALE_CODE
    assert read(shown(NOW), KEYS, at(NOW, key=None)) == CodeFault.STALE_CODE


@given(st.binary(min_size=8, max_size=8))
def test_a_guessed_tag_is_stale(tag: bytes) -> None:
    raw = base45.b45decode(UNTAGGED.removeprefix(PREFIX)) + tag
    answer = read(PREFIX + base45.b45encode(raw).decode(), KEYS, at(NOW))
    assert answer == CodeFault.STALE_CODE or tag == tag_of(INNER, step_of(NOW))


def test_every_bit_of_a_tag_counts() -> None:
    raw = base45.b45decode(shown(NOW).removeprefix(PREFIX))
    for bit in range(64):
        bent = bytearray(raw)
        bent[-1 - bit // 8] ^= 1 << bit % 8
        text = PREFIX + base45.b45encode(bytes(bent)).decode()
        assert read(text, KEYS, at(NOW)) == CodeFault.STALE_CODE, bit


def test_the_tag_of_another_pass_is_stale() -> None:
    other = inner_key(SECRET, "00" * 16)
    assert read(with_tag(UNTAGGED, other, step_of(NOW)), KEYS, at(NOW)) == CodeFault.STALE_CODE


def test_without_its_tag_a_rotating_pass_is_malformed() -> None:
    assert read(UNTAGGED, KEYS, at(NOW)) == CodeFault.MALFORMED


def test_a_tag_behind_a_still_pass_is_malformed() -> None:
    still = mint(replace(NANNY, rotating=False, lanes=frozenset()), KEY)
    assert read(with_tag(still, INNER, step_of(NOW)), KEYS, at(NOW)) == CodeFault.MALFORMED


def test_each_way_to_mint_refuses_the_other_ones_passes() -> None:
    with pytest.raises(ValueError, match="tag"):
        mint(NANNY, KEY)
    with pytest.raises(ValueError, match="rotate"):
        mint_rotating(replace(NANNY, rotating=False), KEY)
    printed = replace(NANNY, kind=PassKind.PRINTED, weekly=None)
    with pytest.raises(ValueError, match="printed"):
        mint_rotating(printed, KEY)


def test_only_a_token_gets_a_tag_and_only_a_key_makes_one() -> None:
    with pytest.raises(ValueError, match="no token"):
        with_tag("KH1:", INNER, 1)
    with pytest.raises(ValueError, match="32 bytes"):
        inner_key(bytes(31), NANNY.pass_id)


def test_a_reader_that_does_not_look_at_the_tag_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mutant of the rotation law: without the look, a picture of yesterday opens."""
    monkeypatch.setattr(passes, "is_fresh", lambda *_: True)
    assert read(shown(NOW - timedelta(days=1)), KEYS, at(NOW)) == NANNY
