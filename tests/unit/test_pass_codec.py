"""What no visitor, forger or careless issuer may get past the codec."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import base45
import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gate import pass_contents
from gate.pass_contents import MAX_PAYLOAD
from gate.passes import MAX_TOKEN, PREFIX, PrivateKey, mint, read
from models.visit import Claims, CodeFault, PassKind, Weekly

KEY = PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {7: KEY.public_key()}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
START = datetime(1970, 1, 1, tzinfo=UTC)
VISIT = Claims(
    pass_id="00112233445566778899aabbccddeeff",
    host="0011223344556677",
    compound="a1b2c3d4",
    lanes=frozenset({2}),
    not_before=datetime(2026, 11, 21, 8, tzinfo=UTC),
    expires=datetime(2026, 11, 21, 20, tzinfo=UTC),
    uses=1,
    kind=PassKind.SINGLE,
    kid=7,
)
UINT32 = st.one_of(
    st.sampled_from([0, 1, 23, 24, 255, 256, 2**31, 2**32 - 1]), st.integers(0, 2**32 - 1)
)


MINUTES = st.sampled_from([0, 1, 540, 1080, 1439, 1440])
WEEKS = st.tuples(
    st.frozensets(st.integers(0, 6), min_size=1), MINUTES.filter(lambda m: m < 1440), MINUTES
).filter(lambda week: 0 != week[2] != week[1])
ONE_VISIT = {PassKind.SINGLE, PassKind.DELIVERY}


@st.composite
def visits(draw: st.DrawFn) -> Claims:
    kind = draw(st.sampled_from(PassKind))
    not_before = START + timedelta(seconds=draw(UINT32))
    return Claims(
        pass_id=draw(st.binary(min_size=16, max_size=16)).hex(),
        host=draw(st.binary(min_size=8, max_size=8)).hex(),
        compound=draw(st.binary(min_size=4, max_size=4)).hex(),
        lanes=draw(st.frozensets(st.integers(1, 63))),
        not_before=not_before,
        expires=not_before + timedelta(seconds=draw(UINT32.filter(bool))),
        uses=1 if kind in ONE_VISIT else draw(st.integers(1, 65_535)),
        kind=kind,
        kid=7,
        weekly=Weekly(*draw(WEEKS)) if kind is PassKind.RECURRING else None,
    )


def signed(payload: bytes, tag: bytes = b"", kid: int = 7) -> str:
    """Return a token of any payload at all, with a good signature."""
    signature = KEY.sign(b"kuahu pass 1\x00" + bytes([kid]) + payload)
    text: bytes = base45.b45encode(bytes([kid]) + signature + payload + tag)
    return PREFIX + text.decode()


def fields(**changes: object) -> dict[Any, Any]:
    """Return the CBOR map of VISIT with some of its fields changed."""
    number = dict(
        zip(
            ["pass_id", "host", "compound", "lanes", "start", "life", "uses", "kind", "flags"],
            range(1, 10),
            strict=True,
        )
    )
    page = {
        1: bytes.fromhex(VISIT.pass_id),
        2: bytes.fromhex(VISIT.host),
        3: bytes.fromhex(VISIT.compound),
        4: 1 << 2,
        5: 1_795_248_000,
        6: 43_200,
        7: 1,
        8: 1,
    }
    return page | {number[name]: value for name, value in changes.items()}


def token_of(raw: bytes) -> str:
    text: bytes = base45.b45encode(raw)
    return PREFIX + text.decode()


def raw_of(token: str) -> bytes:
    raw: bytes = base45.b45decode(token.removeprefix(PREFIX))
    return raw


@given(visits())
def test_a_token_says_what_was_minted(visit: Claims) -> None:
    token = mint(visit, KEY)
    assert read(token, KEYS) == visit
    assert len(token) <= MAX_TOKEN
    assert len(raw_of(token)) - 65 <= MAX_PAYLOAD
    assert set(token) <= set(ALPHABET)
    assert not token.endswith(" ")


def test_the_fields_used_below_are_those_of_the_visit() -> None:
    assert signed(cbor2.dumps(fields())) == mint(VISIT, KEY)


def test_every_bit_of_a_token_counts() -> None:
    raw = raw_of(mint(VISIT, KEY))
    every_kid = dict.fromkeys(range(256), KEY.public_key())
    for bit in range(len(raw) * 8):
        bent = bytearray(raw)
        bent[bit // 8] ^= 1 << bit % 8
        text: bytes = base45.b45encode(bytes(bent))
        assert read(PREFIX + text.decode(), every_kid) == CodeFault.FORGED, bit


def test_every_character_of_a_token_counts() -> None:
    token = mint(VISIT, KEY)
    for place in range(len(token)):
        for letter in "0Z:":
            if letter != token[place]:
                bent = token[:place] + letter + token[place + 1 :]
                assert isinstance(read(bent, KEYS), CodeFault), place


@given(st.data())
def test_a_cut_or_lengthened_token_is_refused(data: st.DataObject) -> None:
    token = mint(VISIT, KEY)
    end = data.draw(st.integers(0, len(token) - 1))
    more = data.draw(st.text(ALPHABET + "\n\x00 ", min_size=1, max_size=40))
    assert isinstance(read(token[:end], KEYS), CodeFault)
    assert isinstance(read(token + more, KEYS), CodeFault)
    assert isinstance(read(more + token, KEYS), CodeFault)


@given(st.text(max_size=400))
@example("")
@example("KH1:")
@example("\ud800")
@example("KH1:" + "\u0660" * 100)
@example("' OR 1=1 --")
@example("KH1:" + ":" * 210)
def test_any_text_has_a_fault_for_an_answer(text: str) -> None:
    assert isinstance(read(text, KEYS), CodeFault)


@settings(max_examples=400)
@given(st.binary(max_size=140))
def test_any_bytes_in_the_right_clothes_have_a_fault_for_an_answer(raw: bytes) -> None:
    text: bytes = base45.b45encode(raw)
    assert isinstance(
        read(PREFIX + text.decode(), dict.fromkeys(range(256), KEY.public_key())), CodeFault
    )


@settings(max_examples=400)
@given(st.binary(max_size=67))
def test_contents_that_a_broken_issuer_signed_have_a_fault_for_an_answer(payload: bytes) -> None:
    assert isinstance(read(signed(payload), KEYS), CodeFault)
    assert isinstance(read(signed(payload, b"8 bytes."), KEYS), CodeFault)


CBOR = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.binary(max_size=20),
        st.text(max_size=10),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.integers(0, 12), inner)
    ),
    max_leaves=4,
)


@given(st.integers(0, 12), CBOR)
def test_a_field_of_another_sort_is_never_read_as_something_else(
    number: int, value: object
) -> None:
    page = fields() | {number: value}
    payload = cbor2.dumps(page, canonical=True)
    answer = read(signed(payload), KEYS) if len(payload) <= MAX_PAYLOAD else CodeFault.MALFORMED
    if isinstance(answer, Claims):
        assert mint(answer, KEY) == signed(payload)


@pytest.mark.parametrize(
    "changes",
    [
        {"pass_id": bytes(15)},
        {"pass_id": "x" * 16},
        {"host": bytes(9)},
        {"compound": bytes(5)},
        {"lanes": 1},
        {"lanes": 1 << 64},
        {"lanes": -4},
        {"start": -1},
        {"start": 2**32},
        {"start": 1.0},
        {"life": 0},
        {"life": 2**32},
        {"uses": 0},
        {"uses": 2},
        {"uses": True},
        {"uses": 65_536, "kind": 2},
        {"kind": 0},
        {"kind": 3},
        {"flags": 0},
        {"flags": 2},
        {"flags": True},
        {"flags": 2 | 540 << 8 | 1080 << 19},
        {"kind": 4, "uses": 2},
        {"kind": 5, "flags": 1},
        {"kind": 6},
    ],
    ids=str,
)
def test_a_signed_value_out_of_range_is_malformed(changes: dict[str, object]) -> None:
    assert read(signed(cbor2.dumps(fields(**changes), canonical=True)), KEYS) == CodeFault.MALFORMED


def spellings() -> dict[str, bytes]:
    page = cbor2.dumps(fields())
    body = page[1:]
    return {
        "another order": cbor2.dumps(dict(reversed(fields().items()))),
        "a doubled key": b"\xa9" + body + b"\x08\x01",
        "an unknown key": cbor2.dumps(fields() | {10: 1}),
        "a missing key": b"\xa7" + body[:-2],
        "a longer integer": page[:-1] + b"\x18\x01",
        "a longer count": b"\xb8\x08" + body,
        "no definite length": b"\xbf" + body + b"\xff",
        "a byte behind": page + b"\x00",
        "a map behind": page + b"\xa0",
        "a tag in front": b"\xd9\xd9\xf7" + page,
        "no map": b"\x88" + body,
        "nothing": b"\xf6",
        "text keys": cbor2.dumps({str(key): value for key, value in list(fields().items())[3:]}),
    }


@pytest.mark.parametrize("name", spellings())
def test_only_one_spelling_of_the_contents_is_a_pass(name: str) -> None:
    assert read(signed(spellings()[name]), KEYS) == CodeFault.MALFORMED


def test_a_key_that_is_not_ours_is_told_from_a_bad_signature() -> None:
    assert read(mint(replace(VISIT, kid=8), KEY), KEYS) == CodeFault.UNKNOWN_KEY
    assert read(mint(VISIT, OTHER), KEYS) == CodeFault.FORGED
    assert read(mint(VISIT, KEY), {}) == CodeFault.UNKNOWN_KEY


def test_the_same_signature_under_another_kid_is_forged() -> None:
    raw = raw_of(mint(VISIT, KEY))
    text: bytes = base45.b45encode(b"\x08" + raw[1:])
    assert read(PREFIX + text.decode(), {8: KEY.public_key()}) == CodeFault.FORGED


def test_a_signature_made_for_another_purpose_is_forged() -> None:
    payload = cbor2.dumps(fields())
    for purpose in (b"", b"kuahu pass 2\x00", b"kuahu pass 1"):
        signature = KEY.sign(purpose + b"\x07" + payload)
        text: bytes = base45.b45encode(b"\x07" + signature + payload)
        assert read(PREFIX + text.decode(), KEYS) == CodeFault.FORGED


@pytest.mark.parametrize(
    "flags",
    [
        540 << 8 | 1080 << 19,
        2 | 540 << 8 | 540 << 19,
        2 | 1440 << 8 | 60 << 19,
        2 | 60 << 8,
        2 | 60 << 8 | 1441 << 19,
        2 | 60 << 8 | 90 << 19 | 1 << 30,
        -2,
        2**70,
    ],
    ids=str,
)
def test_a_signed_week_that_is_none_is_malformed(flags: int) -> None:
    page = fields(flags=flags)
    del page[8]
    assert read(signed(cbor2.dumps(page, canonical=True)), KEYS) == CodeFault.MALFORMED


def test_a_tag_cut_off_or_put_behind_by_hand_is_malformed() -> None:
    assert read(signed(cbor2.dumps(fields(flags=1))), KEYS) == CodeFault.MALFORMED
    assert read(signed(cbor2.dumps(fields()), bytes(8)), KEYS) == CodeFault.MALFORMED


def test_the_length_is_looked_at_before_anything_else() -> None:
    assert read("KH1:" + "0" * (MAX_TOKEN - 3), KEYS) == CodeFault.TOO_LONG
    assert read("é" * (MAX_TOKEN + 1), KEYS) == CodeFault.TOO_LONG
    assert read("é" * MAX_TOKEN, KEYS) == CodeFault.WRONG_ALPHABET
    assert read("KH1:" + "0" * (MAX_TOKEN - 4), KEYS) == CodeFault.UNKNOWN_KEY


def test_look_alikes_are_a_wrong_alphabet() -> None:
    token = mint(VISIT, KEY)
    assert read(token.lower(), KEYS) == CodeFault.WRONG_ALPHABET
    assert read(token.replace("K", "\u039a", 1), KEYS) == CodeFault.WRONG_ALPHABET
    assert read(token + "\n", KEYS) == CodeFault.WRONG_ALPHABET


@pytest.mark.parametrize(
    "changes",
    [
        {"pass_id": "00"},
        {"pass_id": VISIT.pass_id.upper()},
        {"host": "zz" * 8},
        {"compound": " a1b2c3d"},
        {"lanes": frozenset({0})},
        {"lanes": frozenset({64})},
        {"not_before": VISIT.not_before + timedelta(milliseconds=1)},
        {"not_before": VISIT.not_before.replace(tzinfo=None)},
        {"not_before": START - timedelta(seconds=1)},
        {"expires": VISIT.not_before},
        {"expires": VISIT.expires.replace(tzinfo=None)},
        {"uses": 0},
        {"uses": 2},
        {"uses": 65_536, "kind": PassKind.WINDOW},
        {"kid": -1},
        {"kid": 256},
        {"rotating": True},
        {"kind": PassKind.DELIVERY, "uses": 2},
    ],
    ids=str,
)
def test_claims_that_do_not_fit_are_not_minted(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mint(replace(VISIT, **changes), KEY)


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    shanghai = timezone(timedelta(hours=8))
    there = replace(
        VISIT,
        not_before=VISIT.not_before.astimezone(shanghai),
        expires=VISIT.expires.astimezone(shanghai),
    )
    assert mint(there, KEY) == mint(VISIT, KEY)


def test_a_reader_that_skips_the_second_encoding_accepts_a_second_spelling() -> None:
    """The mutant of the canonical law: without the comparison a doubled spelling is a pass."""
    loose = pass_contents._claims_of(cbor2.loads(spellings()["a longer integer"]), 7)
    assert loose == VISIT


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_million_random_tokens_are_refused() -> None:
    chance = Random(20261121)
    genuine = raw_of(mint(VISIT, KEY))
    found = Counter[CodeFault]()
    for turn in range(1_000_000):
        match turn % 4:
            case 0:
                text = "".join(chance.choices(ALPHABET, k=chance.randint(0, MAX_TOKEN)))
            case 1:
                text = "".join(map(chr, chance.choices(range(0x110000), k=chance.randint(0, 40))))
            case 2:
                text = token_of(b"\x07" + chance.randbytes(chance.randint(0, 139)))
            case _:
                bent = bytearray(genuine)
                for _ in range(chance.randint(1, 3)):
                    bent[chance.randrange(len(bent))] ^= chance.randint(1, 255)
                text = token_of(bytes(bent)) if bytes(bent) != genuine else ""
        answer = read(text, KEYS)
        assert isinstance(answer, CodeFault), text
        found[answer] += 1
    assert found[CodeFault.FORGED] > 200_000
