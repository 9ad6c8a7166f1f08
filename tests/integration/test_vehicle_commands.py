"""`kuahu vehicle` and `kuahu card`, with no core running; and what the store keeps of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from edge.store.store import Store
from models.command import Action, Intent
from models.decision import Decision, Reason, Verdict
from models.errors import InputError
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.observation import PlateSeen, Sighting
from models.plate import Band, Ground, PlateKind, PlateReading
from models.registry import ResidentKind
from models.user import Role, User
from models.vehicle import Presence
from tests.fakes.command_line import kuahu, ok
from tests.fakes.store_words import BOOT, NOW, POLICY

HOME = Home(3, 1, 502)
PLATE = "京A12345"
SITE = """
[site]
compound = "00112233"
state = "s"
[[relay]]
name = "gate-1"
[[lane]]
number = 1
name = "1号门"
relay = "gate-1"
"""
LANE = Lane(
    1,
    "车行",
    LaneKind.VEHICLE,
    frozenset({Direction.ENTRY}),
    Drive.PULSE,
    frozenset({Credential.PLATE}),
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, "utf-8")
    with Store.open(tmp_path / "s", NOW, ballast=0) as store:
        for name in ("wang", "zhao"):
            store.add_user(User(name, Role.MANAGER, "$argon2id$"), NOW)
    return path


def wrong(site: Path, *words: str) -> str:
    result = kuahu(site, *words)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def test_vehicles_are_added_listed_and_erased(site: Path) -> None:
    said = ok(site, "vehicle", "add", "京A·12345", "--home", "3-1-502", "--until", "2027-06-30")
    assert said == f"{PLATE} may come in until 2027-06-30\n"
    assert ok(site, "vehicle", "list") == f"{PLATE}\t3-1-502\t2027-06-30\t-\t\n"
    assert "remove it first" in wrong(site, "vehicle", "add", PLATE, "--home", "3-1-502")
    assert "is no plate" in wrong(site, "vehicle", "add", "A1", "--home", "3-1-502")
    assert "personal part of 1 events" in ok(site, "vehicle", "remove", "京a12345")
    assert ok(site, "vehicle", "list") == ""
    assert "not on the register" in wrong(site, "vehicle", "remove", PLATE)


def test_keeping_a_car_out_takes_two_people_a_basis_and_an_end(site: Path) -> None:
    ask = ("vehicle", "block", PLATE, "--until", "2027-01-31", "--basis")
    assert "no account" in wrong(site, *ask, "法院裁定", "--by", "nobody")
    assert "legal basis" in wrong(site, *ask, " ", "--by", "wang")
    one = ok(site, *ask, "法院裁定", "--by", "wang", "--lane", "1").split()[0]
    listed = ok(site, "vehicle", "blocked")
    assert listed == f"{one}\t{PLATE}\twaits\t2027-01-31\t1\twang\t-\t法院裁定\n"
    assert "another person" in wrong(site, "vehicle", "approve", one, "--by", "wang")
    ok(site, "vehicle", "approve", one, "--by", "zhao")
    assert "in force" in ok(site, "vehicle", "blocked")
    assert "waits" in wrong(site, "vehicle", "approve", one, "--by", "zhao")
    ok(site, "vehicle", "unblock", one, "--by", "zhao")
    assert ok(site, "vehicle", "blocked") == ""
    assert "no restriction" in wrong(site, "vehicle", "unblock", one, "--by", "zhao")


def test_cards_are_given_listed_and_taken_back_and_their_numbers_kept_nowhere(site: Path) -> None:
    add = ("resident", "add", "李雷", "--home", "3-1-502", "--kind", "owner")
    person = ok(site, *add).strip()
    asked = ok(site, "card", "add", person, "--label", "蓝", feed="04A2B3C4D5\n")
    card = asked.split()[-1]
    assert ok(site, "card", "list") == f"{card}\t{person}\t-\t蓝\n"
    assert ok(site, "resident", "list").rstrip("\n").split("\t")[5] == "card"
    again = wrong(site, "card", "add", person, "--number", "04-a2-b3-c4-d5")
    assert "remove it first" in again
    assert "4 to 32" in wrong(site, "card", "add", person, "--number", "#1")
    kept = b"".join(path.read_bytes() for path in (site.parent / "s").rglob("*") if path.is_file())
    assert b"04A2B3C4D5" not in kept
    ok(site, "card", "remove", card)
    assert ok(site, "card", "list") == ""
    assert ok(site, "card", "add", person, "--number", "04A2B3C4D5")


def test_a_pass_may_be_a_cars(site: Path) -> None:
    out = ok(site, "pass", "issue", "王阿姨", "--hours", "2", "--plate", "粤B·99999")
    assert "for 王阿姨" in out
    with Store.open(site.parent / "s", NOW, ballast=0) as store:
        ((claims, state),) = store.car("粤B99999").passes
        assert (claims.uses, state.label, state.uses) == (1, "王阿姨", ())
    assert "is no plate" in wrong(site, "pass", "issue", "x", "--plate", "??")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s", NOW, ballast=0, boot=BOOT) as one:
        yield one


def record(
    store: Store,
    text: str = PLATE,
    ago: float = 0.0,
    *,
    intent: Intent | None = None,
    reason: Reason = Reason.RESIDENT,
) -> int:
    now = NOW.after(-ago)
    reading = PlateReading(text, PlateKind.ORDINARY, Ground.BLUE, 0.97, Band.ASK)
    seen = PlateSeen(Sighting(1, Direction.ENTRY, now.mono - 0.1), reading, 1, nearing=True)
    vehicle = store.car(text).vehicle
    facts = Facts(LANE, "00112233", date(2026, 11, 21), presence=Presence.THERE, vehicle=vehicle)
    decision = Decision(Verdict.OPEN, reason)
    return store.record(
        seen,
        facts,
        decision,
        now,
        intent=intent,
        crop=b"jpeg",
        policy=POLICY,
        who=text,
        home=None,
        wait=5.0,
    )


def who(store: Store, seq: int) -> str | None:
    event = store.event(seq)
    assert event is not None
    return event.who


def test_a_resident_is_erased_with_car_card_and_every_row_about_them(store: Store) -> None:
    now = NOW
    person = store.add_resident("李雷", HOME, ResidentKind.OWNER, None, now)
    mine = person.resident_id
    store.garage.add_vehicle(PLATE, HOME, None, now, by="wang", resident=mine)
    store.garage.add_vehicle("粤B99999", HOME, None, now, by="wang")
    card = store.garage.card_hash("04A2B3C4")
    store.garage.add_card("04A2B3C4", mine, None, now, by="wang", label="蓝")
    rows = record(store), record(store, "粤B99999")
    assert store.card(card).resident == replace(person, allowed=frozenset({Credential.CARD}))
    store.remove_resident(mine, now)
    assert [one.plate for one in store.garage.vehicles()] == ["粤B99999"]
    assert store.card(card).card is None
    assert [who(store, seq) for seq in rows] == [None, "粤B99999"]


def test_a_car_that_was_erased_stays_so_when_a_backup_is_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    with Store.open(folder, NOW, ballast=0, boot=BOOT) as store:
        store.garage.add_vehicle(PLATE, HOME, None, NOW, by="wang")
        person = store.add_resident("李雷", HOME, ResidentKind.OWNER, None, NOW)
        store.garage.add_card("04A2B3C4", person.resident_id, None, NOW, by="w", label="")
    backup = (folder / "register.db").read_bytes()
    with Store.open(folder, NOW, ballast=0, boot=BOOT) as store:
        store.garage.remove_vehicle(PLATE, NOW, by="wang")
        store.garage.remove_card(store.garage.cards()[0].card_id, NOW, by="wang")
    (folder / "register.db").write_bytes(backup)
    with Store.open(folder, NOW, ballast=0, boot=BOOT) as store:
        assert store.garage.vehicles() == ()
        assert store.garage.cards() == ()


def test_plates_and_where_cars_were_end_after_ninety_days(store: Store) -> None:
    day = 86400.0
    old, young = (
        record(
            store,
            ago=days * day,
            intent=Intent(f"{days:032x}", 1, "gate-1", Action.OPEN, days, NOW.mono),
        )
        for days in (91, 89)
    )
    store.add_user(User("wang", Role.GUARD, "x"), NOW)
    for until in (date(2026, 3, 1), date(2026, 4, 20)):
        store.garage.restrict(PLATE, until, NOW, basis="法院裁定", by="wang")
    assert len(store.car(PLATE).passages) == 2
    store.keep_house(NOW)
    assert (who(store, old), who(store, young)) == (None, PLATE)
    assert len(store.car(PLATE).passages) == 1
    strangers = [
        record(store, "粤B99999", days * 86400.0, reason=Reason.UNKNOWN_PLATE) for days in (31, 29)
    ]
    store.keep_house(NOW)
    assert [who(store, seq) for seq in strangers] == [None, "粤B99999"]
    assert [one.until for one in store.garage.restrictions()] == [date(2026, 4, 20)]
