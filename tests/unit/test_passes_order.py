"""The rules of a pass, and the keys, links and texts that follow from one secret."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from central.passes.link import link_digest, link_path, link_token
from central.passes.order import AHEAD, LONGEST, MOST_USES, Order, Rule, Unfit, checked
from central.passes.record import Record
from central.passes.ring import FIRST_KID, Ring, keys_of
from central.passes.secret import Secret, read_secret
from central.passes.token import code_of
from gate.passes import MAX_KID, MAX_TOKEN, read
from gate.rotation import Rotation
from models.errors import ConfigError
from models.moment import Moment
from models.visit import CodeFault, PassKind
from tests.fakes.centre_passes import COMPOUND, HOST, NOW, SECRET, order

STEP = timedelta(seconds=15)


@pytest.mark.parametrize("kind", PassKind)
def test_the_plain_order_of_each_kind_is_fit(kind: PassKind) -> None:
    wanted = checked(order(kind), NOW)
    assert wanted.rotating is (kind is PassKind.RECURRING)


BROKEN = {
    Rule.LABEL: [order(label=" \t"), order(label="x" * 41), order(label="a\x07b")],
    Rule.LANES: [order(lanes=frozenset({0})), order(lanes=frozenset({1, 64}))],
    Rule.START: [
        order(not_before=NOW - timedelta(days=1, seconds=1)),
        order(not_before=NOW + AHEAD + timedelta(seconds=1), expires=NOW + timedelta(days=91)),
    ],
    Rule.OVER: [order(expires=NOW), order(expires=NOW - timedelta(hours=1))],
    Rule.TOO_SHORT: [order(expires=NOW + timedelta(minutes=4, seconds=59))],
    Rule.TOO_LONG: [
        order(kind, expires=NOW + LONGEST[kind] + timedelta(seconds=1)) for kind in PassKind
    ],
    Rule.USES: [order(uses=0)] + [order(kind, uses=MOST_USES[kind] + 1) for kind in PassKind],
    Rule.WEEKLY: [
        order(PassKind.RECURRING, weekly=None),
        order(PassKind.WINDOW, weekly=order(PassKind.RECURRING).weekly),
    ],
    Rule.ROTATING: [order(PassKind.PRINTED, rotating=True)],
    Rule.PLATE: [order(plate="浙A·12345"), order(plate="A" * 17)],
}


@pytest.mark.parametrize(
    ("rule", "wanted"), [(rule, one) for rule, several in BROKEN.items() for one in several]
)
def test_an_order_that_breaks_a_rule_names_it(rule: Rule, wanted: Order) -> None:
    with pytest.raises(Unfit) as caught:
        checked(wanted, NOW)
    assert caught.value.rule is rule


def test_every_rule_of_one_order_has_its_case() -> None:
    assert set(Rule) - set(BROKEN) == {Rule.TOO_MANY, Rule.FULL}


def test_an_order_is_made_tidy() -> None:
    wanted = checked(
        order(
            label="  送 \n 沙发 ",
            plate="浙a 12345",
            not_before=NOW.replace(microsecond=9),
            rotating=True,
        ),
        NOW,
    )
    assert (wanted.label, wanted.plate) == ("送 沙发", "浙A12345")
    assert wanted.not_before == NOW
    assert wanted.rotating is True


def test_the_secret_is_made_once_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "centre.secret"
    first = read_secret(file)
    assert read_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["centre.secret"]
    assert first.raw.hex() not in repr(first)


@pytest.mark.parametrize("text", ["", "00" * 31, "zz" * 32])
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "centre.secret"
    file.write_text(text, encoding="ascii")
    with pytest.raises(ConfigError, match=r"centre\.secret"):
        read_secret(file)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        read_secret(tmp_path / "nowhere" / "centre.secret")


def test_keys_differ_by_purpose_compound_and_number() -> None:
    rings = [Ring(COMPOUND, 128, 0), Ring(COMPOUND, 129, 1), Ring("00000000", 128, 0)]
    raw = [keys_of(SECRET, ring).private.private_bytes_raw() for ring in rings]
    raw += [keys_of(SECRET, ring).rotation for ring in rings]
    assert len(set(raw)) == len(raw)
    assert SECRET.raw not in raw


def test_a_link_can_be_given_again_and_be_read_by_its_digest_only() -> None:
    token = link_token(SECRET, COMPOUND, "00" * 16)
    assert token == link_token(SECRET, COMPOUND, "00" * 16)
    assert token != link_token(SECRET, COMPOUND, "01" + "00" * 15)
    assert token != link_token(Secret(bytes(32)), COMPOUND, "00" * 16)
    assert link_path(token) == f"/p/{token}"
    digest = link_digest(token)
    assert digest is not None
    assert token not in digest


@pytest.mark.parametrize(
    "token", ["", "a" * 21, "a" * 23, "a" * 21 + "/", "é" * 22, "a" * 22 + "\n"]
)
def test_what_can_be_no_link_has_no_digest(token: str) -> None:
    assert link_digest(token) is None


def _record(wanted: Order) -> Record:
    wanted = checked(wanted, NOW)
    return Record(
        pass_id="0f" * 16,
        host=HOST,
        label=wanted.label,
        kind=wanted.kind,
        lanes=frozenset(range(1, 64)),
        not_before=wanted.not_before,
        expires=wanted.expires,
        uses=wanted.uses,
        weekly=wanted.weekly,
        rotating=bool(wanted.rotating),
        plate=wanted.plate,
        kid=FIRST_KID,
        made_at=NOW,
    )


@pytest.mark.parametrize("kind", PassKind)
def test_the_code_of_each_kind_is_read_at_a_gate(kind: PassKind) -> None:
    record = _record(order(kind))
    keys = keys_of(SECRET, Ring(COMPOUND, FIRST_KID, 0))
    text = code_of(SECRET, record, 0).at(NOW)
    assert len(text) <= MAX_TOKEN
    rotation = Rotation(keys.rotation, Moment(NOW, 0.0))
    assert read(text, {FIRST_KID: keys.private.public_key()}, rotation) == record.claims
    assert FIRST_KID <= record.kid <= MAX_KID


def test_a_rotating_code_is_good_for_its_step_and_those_beside_it() -> None:
    record = _record(order(PassKind.RECURRING))
    keys = keys_of(SECRET, Ring(COMPOUND, FIRST_KID, 0))
    public = {FIRST_KID: keys.private.public_key()}
    code = code_of(SECRET, record, 0)
    rotation = Rotation(keys.rotation, Moment(NOW, 0.0))
    answers = [read(code.at(NOW + STEP * step), public, rotation) for step in range(-2, 3)]
    stale = CodeFault.STALE_CODE
    assert answers == [stale, record.claims, record.claims, record.claims, stale]
    assert read(code.text, public, rotation) is CodeFault.MALFORMED


def test_a_code_is_the_same_whenever_it_is_written() -> None:
    record = _record(order())
    assert code_of(SECRET, record, 0) == code_of(
        SECRET, replace(record, pin="123456", label="other"), 0
    )
    assert code_of(SECRET, record, 0).text not in repr(code_of(SECRET, record, 0))
