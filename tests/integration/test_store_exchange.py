"""Letters are written with what they tell of; the feed is saved before anything is made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.store.feed import Position
from edge.store.letters import CONFLICT, STEP
from edge.store.store import Store
from models.command import Intent
from models.decision import Decision, Reason
from models.errors import InputError
from models.home import Home
from models.lane import Credential, Direction
from models.letter import PassUsed, SiteNow
from models.moment import Moment
from models.registry import Consent, Resident, ResidentKind
from models.template import Template
from tests.fakes import store_words as say
from tests.fakes.store_site import quick_folder

NOW = Moment(datetime(2026, 11, 22, 8, tzinfo=UTC), 5000.0)
HOME = Home(3, 1, 502)


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    kind: str = "revoked"
    body: bytes = b'{"pass_id": "00"}'


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder, NOW, ballast=0, boot="1") as one:
        yield one


def somebody(store: Store, name: str = "Ouyang Qingfeng") -> Resident:
    return store.add_resident(name, HOME, ResidentKind.OWNER, None, NOW)


def letters(store: Store) -> list[tuple[str, dict[str, Any]]]:
    return [(one.kind, msgspec.json.decode(one.body)) for one in store.exchange.letters(500)]


def test_nobody_is_told_anything_before_there_is_a_centre(store: Store) -> None:
    person = somebody(store)
    assert letters(store) == []
    with pytest.raises(InputError, match="kuahu centre claim"):
        store.exchange.new_home_claim(person.resident_id, NOW)
    store.exchange.begin("e1", NOW)
    assert [kind for kind, _ in letters(store)] == ["resident_now"]


def test_a_first_meeting_tells_everybody_once(store: Store) -> None:
    person = somebody(store)
    store.garage.add_vehicle("粤B12345", HOME, None, NOW, by="t", resident=person.resident_id)
    store.garage.add_vehicle("粤B12346", HOME, None, NOW, by="t")
    store.exchange.begin("e1", NOW)
    told = letters(store)
    assert sorted(kind for kind, _ in told) == ["resident_now", "vehicle_gone", "vehicle_now"]
    assert told[0] == (
        "resident_now",
        {
            "resident_id": person.resident_id,
            "name": person.name,
            "home": "3-1-502",
            "kind": "owner",
            "until": None,
            "allowed": ["plate"],
            "face": False,
            "guardian": None,
        },
    )
    store.exchange.begin("e1", NOW)
    assert letters(store) == told


def test_every_way_of_changing_a_resident_is_told_in_the_commit_of_the_change(
    store: Store, folder: Path
) -> None:
    store.exchange.begin("e1", NOW)
    person = somebody(store)
    consent = Consent("v1", NOW.utc, "desk", "guard")
    store.enrol(person.resident_id, consent, (Template("t", b"x" * 8),), NOW)
    store.close()
    with Store.open(folder, NOW, ballast=0, boot="1") as again:
        (told,) = letters(again)
        assert (told[1]["face"], told[1]["allowed"]) == (True, ["face"])
        again.withdraw_face(person.resident_id, NOW)
        assert letters(again)[-1][1]["allowed"] == []
        card = again.garage.add_card("1234567", person.resident_id, None, NOW, by="t", label="a")
        assert letters(again)[-1][1]["allowed"] == ["card"]
        again.garage.remove_card(card, NOW, by="t")
        assert letters(again)[-1][1]["allowed"] == []
        again.remove_resident(person.resident_id, NOW)
        assert letters(again)[-1] == ("resident_gone", {"resident_id": person.resident_id})


def test_an_erased_resident_takes_their_cars_along_in_the_letters(store: Store) -> None:
    store.exchange.begin("e1", NOW)
    person = somebody(store)
    store.garage.add_vehicle("粤B12345", HOME, None, NOW, by="t", resident=person.resident_id)
    letters(store)
    store.remove_resident(person.resident_id, NOW)
    assert {kind for kind, _ in letters(store)[2:]} == {"resident_gone", "vehicle_gone"}


def test_a_pass_that_is_shown_is_told_in_the_commit_of_the_decision(store: Store) -> None:
    def show(decision: Decision, intent: Intent | None) -> None:
        store.record(
            say.shown(2),
            say.facts(2, claims=say.claims()),
            decision,
            NOW,
            intent=intent,
            crop=None,
            policy="1",
            who=None,
            home=None,
        )

    show(say.refuses(Reason.USED), None)
    assert letters(store) == []
    store.exchange.begin("e1", NOW)
    show(say.refuses(Reason.USED), None)
    show(say.opens(use=1), say.wish(2))
    show(say.opens(use=1), None)
    told = [body for kind, body in letters(store) if kind == "pass_used"]
    assert [(one["reason"], one["opened"], one["lane"]) for one in told] == [
        ("used", False, 2),
        ("visitor", True, 2),
        ("visitor", False, 2),
    ]
    assert {one["pass_id"] for one in told} == {"aa" * 16}


def test_only_what_was_proved_goes_and_numbers_are_never_used_twice(store: Store) -> None:
    store.exchange.begin("e1", NOW)
    for lane in (1, 2, 3):
        store.exchange.say(PassUsed("00", lane, Direction.ENTRY, NOW.utc, True, "visitor"))
    assert [one.number for one in store.exchange.letters(9)] == [1, 2, 3]
    store.exchange.let_go([3, 1, 99])
    store.exchange.say(PassUsed("00", 4, Direction.ENTRY, NOW.utc, True, "visitor"))
    assert [one.number for one in store.exchange.letters(9)] == [2, 4]
    store.exchange.put_aside(2, "it says so")
    assert [one.number for one in store.exchange.letters(9)] == [4]
    backlog = store.exchange.letter_backlog()
    assert (backlog.waiting, backlog.quarantined) == (1, 1)


def test_a_conflict_gives_all_letters_numbers_far_above_and_tells_everything(store: Store) -> None:
    store.exchange.begin("e1", NOW)
    somebody(store)
    store.exchange.letters(9)
    store.exchange.put_aside(1, CONFLICT)
    numbers = [one.number for one in store.exchange.letters(9)]
    assert numbers == [STEP + 2, STEP + 3]


def test_the_site_is_told_when_it_changes(store: Store) -> None:
    site = SiteNow("小区", "Asia/Shanghai", (), "04aa", "id")
    store.exchange.say_site(site)
    store.exchange.begin("e1", NOW)
    store.exchange.say_site(site)
    store.exchange.say_site(site)
    assert [kind for kind, _ in letters(store)] == ["site_now"]
    store.exchange.say_site(SiteNow("小区", "Asia/Shanghai", (), "04bb", "id2"))
    store.exchange.begin("e2", NOW)
    store.exchange.say_site(SiteNow("小区", "Asia/Shanghai", (), "04bb", "id2"))
    assert [body["photo_key"] for _, body in letters(store)] == ["04aa", "04bb", "04bb"]


def test_a_home_claim_sends_the_digest_alone(store: Store) -> None:
    person = somebody(store)
    store.exchange.begin("e1", NOW)
    code = store.exchange.new_home_claim(person.resident_id, NOW)
    kind, body = letters(store)[-1] if letters(store)[-1][0] == "home_claim" else letters(store)[0]
    assert kind == "home_claim"
    assert len(code) == 10
    assert not set(code) & set("01IO")
    assert body["digest"] == sha256(b"kuahu claim " + code.encode()).hexdigest()
    assert datetime.fromisoformat(body["expires"]) == NOW.utc + timedelta(days=7)
    assert code.encode() not in b"".join(one.body for one in store.exchange.letters(9))
    with pytest.raises(InputError):
        store.exchange.new_home_claim("nobody", NOW)


def test_the_feed_is_saved_once_and_never_goes_back(store: Store) -> None:
    exchange = store.exchange
    assert exchange.position().epoch is None
    assert exchange.save("e1", 5, [Item(5)]) == 0, "of a feed that is not followed"
    exchange.begin("e1", NOW)
    assert exchange.save("e1", 7, [Item(5), Item(7)]) == 2
    assert exchange.save("e1", 7, [Item(5), Item(7)]) == 0
    assert exchange.save("e1", 3, [Item(2)]) == 0
    assert exchange.save("e1", 9, [Item(6), Item(9), Item(10)]) == 1
    assert exchange.position().number == 9
    assert [one.number for one in exchange.waiting()] == [5, 7, 9]


def test_what_takes_away_rights_comes_first_and_photos_wait_by_themselves(store: Store) -> None:
    exchange = store.exchange
    exchange.begin("e1", NOW)
    kinds = ("pass_made", "sealed_photo", "erase", "member", "face_withdrawn", "revoked")
    exchange.save("e1", 6, [Item(place, kind) for place, kind in enumerate(kinds, 1)])
    named = [one.kind for one in exchange.waiting()]
    assert named == ["revoked", "face_withdrawn", "erase", "pass_made", "member"]
    assert exchange.waiting(photos=True) == (), "a member was told before it"
    exchange.done(exchange.waiting()[3])
    assert [one.kind for one in exchange.waiting(photos=True)] == ["sealed_photo"]


def test_what_cannot_be_used_is_counted_and_told(store: Store) -> None:
    exchange = store.exchange
    exchange.begin("e1", NOW)
    exchange.save("e1", 2, [Item(1), Item(2)])
    exchange.refuse(exchange.waiting()[0], "unknown")
    exchange.refuse_unread(2)
    assert letters(store) == [("not_applied", {"number": 1, "why": "unknown"})]
    assert exchange.position().refused == 3
    exchange.done(exchange.waiting()[0])
    assert exchange.waiting() == ()


def test_another_epoch_begins_at_nothing_and_a_centre_from_a_copy_is_told_again(
    store: Store,
) -> None:
    exchange = store.exchange
    somebody(store)
    exchange.begin("e1", NOW)
    exchange.save("e1", 7, [Item(7)])
    exchange.let_go([one.number for one in exchange.letters(9)])
    for row in store.outbox(100):
        store.acknowledge([row.key])
    exchange.note_behind(NOW, behind=True)
    exchange.note_behind(NOW, behind=True)
    assert [kind for kind, _ in letters(store)] == ["resident_now"]
    assert exchange.position() == Position("e1", 7, behind=True)
    before = {one.seq: one for one in store.events()}
    exchange.retell()
    exchange.retell()
    again = store.outbox(100)
    assert {row.seq for row in again} == set(before)
    exchange.note_behind(NOW, behind=False)
    exchange.begin("e2", NOW)
    assert (exchange.position().epoch, exchange.position().number) == ("e2", 0)
    assert [one.number for one in exchange.waiting()] == [7], "what was told before is kept"


def test_events_told_again_are_the_same_to_the_letter(store: Store) -> None:
    somebody(store)
    person = somebody(store, "Wang")
    store.enrol(
        person.resident_id,
        Consent("v1", NOW.utc, "desk", "guard"),
        (Template("t", b"x" * 8),),
        NOW,
    )
    first = {row.seq: row for row in store.outbox(100)}
    for row in first.values():
        store.acknowledge([row.key])
    store.exchange.begin("e1", NOW)
    store.exchange.note_behind(NOW, behind=True)
    store.exchange.retell()
    assert {row.seq: row for row in store.outbox(100)} == first


def test_a_site_that_leaves_its_centre_tells_nobody_any_more(store: Store) -> None:
    exchange = store.exchange
    exchange.begin("e1", NOW)
    somebody(store)
    exchange.save("e1", 2, [Item(2)])
    exchange.leave()
    assert (letters(store), exchange.waiting(), exchange.position().epoch) == ([], (), None)
    somebody(store, "Li")
    assert letters(store) == []


def test_a_retired_key_stays_retired(store: Store) -> None:
    exchange = store.exchange
    exchange.put_key(7, "aa" * 32)
    exchange.put_key(8, "bb" * 32)
    assert exchange.pass_keys() == {7: "aa" * 32, 8: "bb" * 32}
    exchange.put_key(7, None)
    exchange.put_key(7, "aa" * 32)
    assert exchange.pass_keys() == {8: "bb" * 32}
    assert exchange.key_retired("aa" * 32)


def test_the_rotation_key_is_private_and_outlives_a_start(store: Store, folder: Path) -> None:
    assert store.exchange.rotation_key() is None
    store.exchange.put_rotation_key(b"k" * 32)
    store.exchange.put_rotation_key(b"n" * 32)
    assert (folder / "secrets" / "rotation-key").stat().st_mode & 0o777 == 0o600
    store.close()
    with Store.open(folder, NOW, ballast=0, boot="1") as again:
        assert again.exchange.rotation_key() == b"n" * 32


def test_choices_are_what_the_gate_goes_by(store: Store) -> None:
    person = somebody(store)
    who = person.resident_id
    store.garage.add_card("1234567", who, None, NOW, by="t", label="a")
    store.garage.add_vehicle("粤B12345", HOME, None, NOW, by="t", resident=who)
    store.exchange.begin("e1", NOW)
    letters(store)
    for way in (Credential.CARD, Credential.PLATE):
        store.exchange.choose(who, way, None, NOW)
        store.exchange.choose(who, way, None, NOW)
    found = store.resident(who)
    assert found is not None
    assert found.allowed == frozenset()
    assert store.car("粤B12345").vehicle is None
    assert letters(store)[-1][1]["allowed"] == []
    agreed = Consent("v1", NOW.utc, "phone", who)
    for way in (Credential.CARD, Credential.PLATE):
        store.exchange.choose(who, way, agreed, NOW)
    found = store.resident(who)
    assert found is not None
    assert found.allowed == {Credential.CARD}
    assert store.car("粤B12345").vehicle is not None


def test_an_export_holds_what_is_kept_and_no_number_of_a_card(store: Store) -> None:
    person = store.add_resident("Li", HOME, ResidentKind.OWNER, date(2027, 1, 1), NOW)
    who = person.resident_id
    store.enrol(who, Consent("v1", NOW.utc, "desk", "guard"), (Template("t", b"x" * 8),), NOW)
    store.garage.add_card("1234567", who, None, NOW, by="t", label="blue fob")
    store.garage.add_vehicle("粤B12345", HOME, None, NOW, by="t", resident=who)
    text = store.exchange.exported(who)
    found = msgspec.json.decode(text)
    assert found["resident"]["home"] == "3-1-502"
    assert found["resident"]["face_kept"] is True
    assert found["consents"][0]["version"] == "v1"
    assert found["vehicles"] == [{"plate": "粤B12345", "until": None, "label": ""}]
    assert found["cards"] == [{"label": "blue fob", "until": None}]
    assert {row["reason"] for row in found["journal"]} >= {"face_enrolled", "card_added"}
    assert store.garage.card_hash("1234567") not in text
    with pytest.raises(InputError):
        store.exchange.exported("nobody")
