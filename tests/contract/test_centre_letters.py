"""Letters at the centre: each counts once, is applied in order, and forgets whom it must."""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text

from central import letters
from central.compounds import add_compound
from central.database import reading, writing
from central.feed import page_after, tell
from central.feed_words import kind_of, wire_body
from central.forgetting import forget
from central.ledger import take_in
from central.letters import CONFLICT, Receipt, take_letters
from central.post import MAX_LETTER, MAX_LETTERS, read_letters
from central.register_tables import (
    HOME_CLAIMS,
    PASS_USES,
    PHOTO_ANSWERS,
    RECEIPTS,
    RESIDENTS,
    SITES,
    VEHICLES,
)
from central.sessions import Speaker
from central.tables import EDGES, EVENTS, METADATA, STRAY_LETTERS
from central.words import Arrival, Batch, Poison
from models.errors import InputError
from models.feed import Erase, Member, PassMade, Revoked, SealedPhoto
from models.home import Home
from models.lane import Credential, Direction, LaneKind
from models.letter import (
    Erased,
    Exported,
    HomeClaim,
    LaneNow,
    NotApplied,
    PassUsed,
    PhotoAnswer,
    PhotoAnswered,
    ResidentGone,
    ResidentNow,
    Said,
    SiteNow,
    VehicleGone,
    VehicleNow,
)
from models.registry import Consent, ResidentKind
from models.visit import PassKind
from tests.fakes.centre_databases import ENGINES, migrated_database

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HOME = Home(3, 1, 502)
LI = ResidentNow(
    "r1", "李雷", HOME, ResidentKind.OWNER, None, frozenset({Credential.FACE}), face=True
)
CAR = VehicleNow("v1", "r1", "浙A12345", date(2027, 1, 1))
SITE = SiteNow(
    "跨湖",
    "Asia/Shanghai",
    (LaneNow(1, "南门", LaneKind.PEDESTRIAN, frozenset({Direction.ENTRY, Direction.EXIT})),),
    "04" * 65,
    "ab" * 8,
)
USED = PassUsed("ab" * 16, 1, Direction.ENTRY, NOW, opened=True, reason="pass")
EVERY: tuple[Said, ...] = (
    SITE,
    LI,
    ResidentGone("r9"),
    CAR,
    VehicleGone("v9"),
    HomeClaim("cd" * 32, "r1", NOW + timedelta(days=7)),
    PhotoAnswered("ph1", PhotoAnswer.TOO_DARK, NOW),
    USED,
    Erased("r8", "q1", NOW, date(2026, 11, 29), 12),
    Exported("q2", "r1", '{"name": "李雷"}'),
    NotApplied(7, "unknown_resident"),
)


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with migrated_database(request, tmp_path_factory.mktemp("centre")) as opened:
        yield opened


@pytest.fixture
def who(engine: Engine) -> Speaker:
    return known(engine, secrets.token_hex(4))


def known(engine: Engine, compound: str) -> Speaker:
    """Return an edge of a compound of its own."""
    edge = secrets.token_hex(16)
    with writing(engine) as connection:
        add_compound(connection, compound, "Kuahu", NOW)
        connection.execute(insert(EDGES).values(edge=edge, arrivals=0, compound=compound))
    return Speaker(edge, compound)


def letter(number: int, said: Said) -> dict[str, Any]:
    return {
        "number": number,
        "kind": kind_of(type(said)),
        "body": json.loads(wire_body(said)),
    }


def hand_in(engine: Engine, who: Speaker, *rows: object) -> Receipt:
    raw = msgspec.json.encode({"letters": rows})
    return take_letters(engine, who, read_letters(raw), NOW, (forget,))


def numbered(said: Sequence[Said], first: int = 1) -> list[dict[str, Any]]:
    return [letter(number, one) for number, one in enumerate(said, first)]


def rows_of(engine: Engine, table: Any, who: Speaker) -> list[dict[str, Any]]:  # noqa: ANN401
    with reading(engine) as connection:
        found = connection.execute(select(table).where(table.c.compound == who.compound))
        return [dict(row) for row in found.mappings()]


def dump(engine: Engine, who: Speaker) -> str:
    """Return everything that is kept of a compound, as text."""
    kept = []
    with reading(engine) as connection:
        for table in METADATA.sorted_tables:
            mine = {"compound": who.compound, "edge": who.edge}
            keys = [table.c[name] == value for name, value in mine.items() if name in table.c]
            if keys:
                kept += [str(row) for row in connection.execute(select(table).where(keys[0]))]
                kept += [str(row) for row in connection.execute(select(table).where(keys[-1]))]
    return "\n".join(kept)


def test_every_letter_is_safe_and_safe_again(engine: Engine, who: Speaker) -> None:
    sent = numbered(EVERY)
    everything = tuple(range(1, len(EVERY) + 1))
    assert hand_in(engine, who, *sent) == Receipt(everything, ())
    before = dump(engine, who)
    assert hand_in(engine, who, *reversed(sent)) == Receipt(everything, ())
    assert dump(engine, who) == before


def test_the_register_is_what_the_gates_said(engine: Engine, who: Speaker) -> None:
    hand_in(engine, who, *numbered(EVERY))
    (site,) = rows_of(engine, SITES, who)
    assert json.loads(site["lanes"]) == [
        {"number": 1, "name": "南门", "kind": "pedestrian", "directions": ["entry", "exit"]}
    ]
    residents = {row["resident"]: row for row in rows_of(engine, RESIDENTS, who)}
    assert residents["r1"] | {"edge": "", "compound": ""} == {
        "compound": "",
        "resident": "r1",
        "edge": "",
        "number": 2,
        "gone": False,
        "name": "李雷",
        "home": "3-1-502",
        "kind": "owner",
        "until": None,
        "allowed": '["face"]',
        "face": True,
        "guardian": None,
    }
    assert residents["r9"]["gone"]
    assert residents["r8"]["gone"]
    cars = {row["vehicle"]: row for row in rows_of(engine, VEHICLES, who)}
    assert (cars["v1"]["plate"], cars["v1"]["until"]) == ("浙A12345", date(2027, 1, 1))
    (use,) = rows_of(engine, PASS_USES, who)
    assert (use["pass_id"], use["opened"], use["double"]) == ("ab" * 16, True, False)
    receipts = {row["request"]: row for row in rows_of(engine, RECEIPTS, who)}
    assert (receipts["q1"]["keys_expire"], receipts["q1"]["events"]) == (date(2026, 11, 29), 12)
    assert receipts["q2"]["document"] == '{"name": "李雷"}'


def test_a_letter_that_comes_late_changes_nothing_newer(engine: Engine, who: Speaker) -> None:
    older, newer = replace(LI, name="Old"), replace(LI, name="New")
    hand_in(engine, who, letter(5, newer), letter(6, VehicleGone("v1")))
    hand_in(engine, who, letter(3, older), letter(4, CAR))
    assert [row["name"] for row in rows_of(engine, RESIDENTS, who)] == ["New"]
    assert [row["gone"] for row in rows_of(engine, VEHICLES, who)] == [True]
    hand_in(engine, who, letter(7, older))
    assert [row["name"] for row in rows_of(engine, RESIDENTS, who)] == ["Old"]


def test_another_edge_of_the_compound_begins_its_numbers_anew(engine: Engine, who: Speaker) -> None:
    hand_in(engine, who, letter(900, LI))
    replacement = known(engine, who.compound)
    hand_in(engine, replacement, letter(1, replace(LI, name="New")))
    assert [row["name"] for row in rows_of(engine, RESIDENTS, who)] == ["New"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(1, 6), max_size=6), max_size=5))
def test_in_pieces_and_any_order_the_last_number_wins(
    engine: Engine, pieces: list[list[int]]
) -> None:
    who = known(engine, secrets.token_hex(4))
    for piece in pieces:
        rows = [letter(n, replace(LI, name=f"n{n}")) for n in piece]
        assert set(hand_in(engine, who, *rows).safe) == set(piece)
    sent = [n for piece in pieces for n in piece]
    names = [row["name"] for row in rows_of(engine, RESIDENTS, who)]
    assert names == ([f"n{max(sent)}"] if sent else [])


def test_the_same_number_with_another_hash_is_never_safe(engine: Engine, who: Speaker) -> None:
    hand_in(engine, who, letter(1, LI))
    for _ in range(2):
        receipt = hand_in(engine, who, letter(1, replace(LI, name="Other")), letter(2, CAR))
        assert receipt.safe == (2,)
        assert [(one.index, one.number, one.why) for one in receipt.aside] == [(0, 1, CONFLICT)]
    assert [row["name"] for row in rows_of(engine, RESIDENTS, who)] == ["李雷"]
    both = hand_in(engine, who, letter(3, LI), letter(3, replace(LI, name="Other")))
    assert both.safe == ()
    with reading(engine) as connection:
        mine = select(STRAY_LETTERS).where(STRAY_LETTERS.c.edge == who.edge)
        assert len(connection.execute(mine).all()) == 2


def test_the_same_words_in_another_order_are_the_same_letter(engine: Engine, who: Speaker) -> None:
    plain = letter(1, LI)
    turned = plain | {"body": dict(reversed(plain["body"].items()))}
    assert hand_in(engine, who, plain).safe == hand_in(engine, who, turned).safe == (1,)


def bent(said: Said, **changes: object) -> dict[str, Any]:
    plain = letter(2, said)
    return plain | {"body": plain["body"] | changes}


STRAYS: dict[str, Any] = {
    "a text": "letter",
    "no fields": {},
    "number 0": letter(0, LI),
    "a number past all": letter(2**53 + 1, LI),
    "an unknown kind": letter(2, LI) | {"kind": "money"},
    "a kind of the way down": letter(2, LI) | {"kind": "revoked"},
    "an unknown field outside": letter(2, LI) | {"more": 1},
    "no body": {"number": 2, "kind": "resident_now"},
    "a missing field": {"number": 2, "kind": "resident_gone", "body": {}},
    "no home": bent(LI, home="somewhere"),
    "a home of parts": bent(LI, home={"building": 1, "unit": 1, "room": 1}),
    "an id of SQL": bent(LI, resident_id="'; DROP TABLE residents; --"),
    "an id too long": bent(LI, resident_id="r" * 65),
    "a name with NUL": bent(LI, name="a\x00b"),
    "a name without end": bent(LI, name="x" * 201),
    "an unknown way": bent(LI, allowed=["telepathy"]),
    "a way of SQL": bent(LI, allowed=["x" * 300]),
    "a plate of spaces": bent(CAR, plate="浙 A"),
    "a lane past 63": bent(USED, lane=64),
    "a lane past SQL": bent(USED, lane=2**70),
    "no zone": bent(USED, at="2026-11-22T08:00:00"),
    "year 1": bent(USED, at="0001-01-01T00:00:00+14:00"),
    "year 9999": bent(USED, at="9999-12-31T23:59:59-14:00"),
    "a reason with a line": bent(USED, reason="pass\nfail"),
    "a short digest": bent(HomeClaim("cd" * 32, "r1", NOW), digest="cd"),
    "events past SQL": bent(Erased("r", "q", NOW, date(2026, 1, 1), 1), events=2**40),
    "a key that is none": bent(SITE, photo_key="zz"),
    "a lane's name too long": bent(
        SITE, lanes=[{"number": 1, "name": "x" * 201, "kind": "pedestrian", "directions": []}]
    ),
    "too long": bent(Exported("q", "r", ""), document="x" * MAX_LETTER),
    "NUL in a document": bent(Exported("q", "r", ""), document="\x00"),
}


@pytest.mark.parametrize("name", STRAYS)
def test_what_is_no_letter_is_put_aside_and_holds_up_nobody(
    engine: Engine, who: Speaker, name: str
) -> None:
    receipt = hand_in(engine, who, letter(1, LI), STRAYS[name], letter(3, CAR))
    assert receipt.safe == (1, 3)
    ((index, why),) = [(one.index, one.why) for one in receipt.aside]
    assert (index, bool(why)) == (1, True)
    assert hand_in(engine, who, STRAYS[name]).safe == ()
    assert [row["name"] for row in rows_of(engine, RESIDENTS, who)] == ["李雷"]


def test_a_stray_letter_is_shown_without_what_it_says(engine: Engine, who: Speaker) -> None:
    hand_in(engine, who, bent(LI, name="张三" * 200), bent(LI, home="张三"))
    assert "张三" not in dump(engine, who)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"nonsense", b'{"letters":{}}', b'{"letters":[],"more":1}', b"[" * 9000],
)
def test_what_is_no_request_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        read_letters(raw)


def test_more_than_one_request_holds_is_told_so() -> None:
    raw = msgspec.json.encode({"letters": [letter(n + 1, CAR) for n in range(MAX_LETTERS + 1)]})
    with pytest.raises(InputError, match="send fewer"):
        read_letters(raw)


def test_a_photo_that_was_answered_is_gone_from_the_feed(engine: Engine, who: Speaker) -> None:
    consent = Consent("2", NOW, "phone", "r1")
    with writing(engine) as connection:
        for photo in ("ph1", "ph2", "ph3"):
            sealed = SealedPhoto(photo, "r1", "k", "A" * 2000, "r1", consent)
            number = tell(connection, who.compound, sealed)
    other = known(engine, secrets.token_hex(4))
    hand_in(engine, other, letter(1, PhotoAnswered("ph2", PhotoAnswer.ACCEPTED, NOW)))
    assert len(page_after(engine, who.compound, 0).items) == 3
    hand_in(engine, who, letter(1, PhotoAnswered("ph1", PhotoAnswer.ACCEPTED, NOW)))
    hand_in(engine, who, letter(2, NotApplied(number, "no_consent")))
    (left,) = page_after(engine, who.compound, 0).items
    assert json.loads(bytes(left))["body"]["photo_id"] == "ph2"


def test_a_photo_that_nobody_could_look_at_yet_waits_for_its_answer(
    engine: Engine, who: Speaker
) -> None:
    consent = Consent("2", NOW, "phone", "r1")
    with writing(engine) as connection:
        tell(connection, who.compound, SealedPhoto("ph1", "r1", "k", "AAAA", "r1", consent))
    later = PhotoAnswered("ph1", PhotoAnswer.TRY_LATER, NOW)
    final = PhotoAnswered("ph1", PhotoAnswer.ACCEPTED, NOW - timedelta(minutes=1))

    def answer() -> str:
        (row,) = rows_of(engine, PHOTO_ANSWERS, who)
        return str(row["answer"])

    hand_in(engine, who, letter(1, later))
    assert answer() == "try_later"
    # The edge has saved it, and answers once more by itself.
    hand_in(engine, who, letter(2, final))
    assert answer() == "accepted"
    assert page_after(engine, who.compound, 0).items == ()
    hand_in(engine, who, letter(3, later), letter(4, replace(final, answer=PhotoAnswer.TURNED)))
    assert answer() == "accepted"


def test_a_home_claim_that_was_used_is_not_made_good_again(engine: Engine, who: Speaker) -> None:
    claim = HomeClaim("ef" * 32, "r1", NOW + timedelta(days=1))
    hand_in(engine, who, letter(1, claim))
    with writing(engine) as connection:
        connection.execute(HOME_CLAIMS.update().values(used_at=1))
    hand_in(engine, who, letter(1, claim), letter(2, claim))
    assert [row["used_at"] for row in rows_of(engine, HOME_CLAIMS, who)] == [1]


def test_whoever_is_erased_is_forgotten_everywhere(engine: Engine, who: Speaker) -> None:
    pass_id = secrets.token_hex(16)
    made = PassMade(
        pass_id, "r1", "小李的客人", PassKind.SINGLE, frozenset(), NOW, NOW, 1, 3, pin="424242"
    )
    child = Member("r2", "Child", Home(9, 9, 909), ResidentKind.FAMILY, "r1", guardian="r1")
    with writing(engine) as connection:
        tell(connection, who.compound, made)
        tell(connection, who.compound, Member("r1", "李雷", HOME, ResidentKind.OWNER, "r1"))
        order = tell(connection, who.compound, Erase("r1", "q1"))
        theirs = tell(connection, who.compound, child)
        revoked = tell(connection, who.compound, Revoked(pass_id))
    body = msgspec.json.encode({"resident": "r1", "home": "3-1-502", "reason": "face"}).decode()
    other = msgspec.json.encode({"resident": "r2", "home": "9-9-909"}).decode()
    parked = body.replace('"r1"', '"v1"')
    rows = [
        Arrival("a" * 32, n, "f" * 64, 0, "decision", 1, None, text, resident=named)
        for n, (text, named) in enumerate([(body, "r1"), (other, "r2"), (parked, "v1")], 1)
    ]
    poison = Poison(None, None, None, "no zone", body)
    take_in(engine, Batch(who.edge, (*rows, poison)), NOW)
    hand_in(
        engine,
        who,
        letter(1, LI),
        letter(2, CAR),
        letter(3, replace(USED, pass_id=pass_id)),
        letter(4, HomeClaim(secrets.token_hex(32), "r1", NOW)),
        letter(5, Exported("q0", "r1", "all about 李雷")),
        letter(6, replace(LI, resident_id="r2", name="Child", home=Home(9, 9, 909), guardian="r1")),
    )
    for planted in ("李雷", "小李的客人", "3-1-502", "浙A12345", "424242"):
        assert planted in dump(engine, who)
    receipt = Erased("r1", "q1", NOW, date(2026, 11, 29), 2)
    assert hand_in(engine, who, letter(7, receipt), letter(2, CAR)).safe == (2, 7)
    kept = dump(engine, who)
    for planted in ("李雷", "小李的客人", "3-1-502", "浙A12345", "424242"):
        assert planted not in kept
    assert "9-9-909" in kept
    # The order to erase and the taking back stay for an edge that is put back from a copy.
    page = [json.loads(bytes(one)) for one in page_after(engine, who.compound, 0).items]
    assert [one["number"] for one in page] == [revoked, order, theirs]
    assert (page[2]["body"]["by"], page[2]["body"]["guardian"]) == ("erased", None)
    with reading(engine) as connection:
        events = select(EVENTS.c.resident).where(EVENTS.c.edge == who.edge)
        assert list(connection.execute(events.order_by(EVENTS.c.arrival)).scalars()) == [
            None,
            "r2",
            None,
        ]
    # What the gates said before and comes only now brings nobody back.
    hand_in(engine, who, letter(1, LI))
    late = known(engine, secrets.token_hex(4))
    hand_in(engine, late, letter(1, LI))
    assert "李雷" not in dump(engine, who)
    assert "李雷" in dump(engine, late)


def test_each_part_is_asked_to_forget_in_the_same_transaction(engine: Engine, who: Speaker) -> None:
    class Halt(Exception):  # noqa: N818 - a stop of this test
        pass

    def part(connection: Any, compound: str, resident: str) -> None:  # noqa: ANN401
        assert (compound, resident) == (who.compound, "r1")
        connection.execute(text("SELECT 1"))
        raise Halt

    hand_in(engine, who, letter(1, LI))
    raw = msgspec.json.encode({"letters": [letter(2, Erased("r1", "q", NOW, date.max, 0))]})
    with pytest.raises(Halt):
        take_letters(engine, who, read_letters(raw), NOW, (forget, part))
    assert [row["name"] for row in rows_of(engine, RESIDENTS, who)] == ["李雷"]
    assert hand_in(engine, who, letter(2, Erased("r1", "q", NOW, date.max, 0))).safe == (2,)


def test_a_ledger_that_goes_by_the_number_alone_would_call_a_conflict_safe(
    engine: Engine, who: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant that the conflict tests must find."""
    monkeypatch.setattr(
        letters, "_known", lambda _c, _e, rows: {one.number: one.digest for one in rows}
    )
    hand_in(engine, who, letter(1, LI))
    assert hand_in(engine, who, letter(1, replace(LI, name="Other"))).safe == (1,)
