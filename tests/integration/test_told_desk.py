"""What the centre tells is applied once it has been looked at, and never taken on trust."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.told_people import MOST_CARS, MOST_MEMBERS
from models.home import Home
from models.lane import Credential
from models.registry import Consent, ResidentKind
from tests.fakes.centre_edge import HOME, TEMPLATE, CentreEdge, consent
from tests.fakes.store_site import quick_folder

PASS = "5" * 32
KEY = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
OTHER = Home(4, 1, 101)
AT = datetime(2026, 11, 22, 7, tzinfo=UTC)


@pytest.fixture
def edge() -> Iterator[CentreEdge]:
    with quick_folder() as folder:
        one = CentreEdge(folder / "state")
        try:
            yield one
        finally:
            one.close()


def made(host: str, /, **other: object) -> dict[str, Any]:
    return {
        "pass_id": PASS,
        "host": host,
        "label": "parcel",
        "kind": "window",
        "lanes": [1, 2],
        "not_before": AT.isoformat(),
        "expires": (AT + timedelta(days=2)).isoformat(),
        "uses": 3,
        "kid": 9,
    } | other


def member(edge: CentreEdge, by: str, **other: object) -> int:
    said: dict[str, object] = {
        "resident_id": "a" * 16,
        "name": "Wang Wu",
        "home": str(HOME),
        "kind": "family",
        "by": by,
        "until": None,
        "guardian": None,
    }
    return edge.centre.tell("member", **(said | other))


def face(edge: CentreEdge, who: str) -> None:
    given = Consent("v1", edge.now.utc, "desk", "guard")
    edge.store.enrol(who, given, (TEMPLATE,), edge.now)


def now_of(edge: CentreEdge, resident_id: str) -> dict[str, Any]:
    """Return how the centre was last told that somebody is."""
    told = edge.letters("resident_now")
    return next(one for one in reversed(told) if one["resident_id"] == resident_id)


def in_gallery(edge: CentreEdge) -> set[str]:
    return {row[0] for row in edge.store.gallery(date(2026, 11, 22)).rows}


def test_a_first_meeting_tells_the_centre_everybody(edge: CentreEdge) -> None:
    person = edge.somebody()
    edge.live()
    (told,) = edge.letters("resident_now")
    assert told["resident_id"] == person.resident_id


def test_a_pass_is_noted_with_its_host_and_label(edge: CentreEdge) -> None:
    person = edge.somebody()
    edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    edge.centre.tell("pass_made", **made(person.resident_id, plate="粤B12345"))
    edge.live()
    assert list(edge.keys()) == [9]
    (one,) = edge.store.passes()
    assert (one.claims.pass_id, one.claims.host, one.label) == (PASS, person.resident_id, "parcel")
    assert one.claims.lanes == {1, 2}
    assert [claims.pass_id for claims, _ in edge.store.car("粤B12345").passes] == [PASS]
    assert edge.refused() == {}


def test_a_revoked_pass_stays_revoked_whichever_word_comes_first(edge: CentreEdge) -> None:
    person = edge.somebody()
    edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    edge.centre.tell("pass_made", **made(person.resident_id))
    edge.centre.tell("revoked", pass_id=PASS)
    edge.centre.tell("revoked", pass_id="6" * 32)
    edge.live()
    assert edge.store.pass_state(PASS).revoked
    assert edge.store.pass_state("6" * 32).revoked
    edge.restart()
    edge.centre.tell("pass_made", **made(person.resident_id))
    edge.live()
    assert edge.store.pass_state(PASS).revoked


UNUSABLE_PASSES: dict[str, tuple[dict[str, Any], str]] = {
    "a short id": ({"pass_id": "55"}, "pass"),
    "an id that is none": ({"pass_id": "../../etc"}, "pass"),
    "nobody's": ({"host": "b" * 16}, "unknown_resident"),
    "an unknown key": ({"kid": 8}, "unknown_key"),
    "a lane that is not here": ({"lanes": [1, 9]}, "lane"),
    "over before it begins": ({"expires": (AT - timedelta(days=1)).isoformat()}, "time"),
    "for ten years": ({"expires": (AT + timedelta(days=3650)).isoformat()}, "time"),
    "of 1970": ({"not_before": "1970-01-01T00:00:00+00:00"}, "time"),
    "no zone": ({"not_before": "2026-11-22T07:00:00"}, "time"),
    "no uses": ({"uses": 0}, "uses"),
    "a label of lines": ({"label": "a\nb"}, "label"),
    "a plate that is none": ({"plate": "x'; DROP TABLE event"}, "refused"),
    "a kind that is none": ({"kind": "eternal"}, "malformed"),
    "a number for text": ({"label": 7}, "malformed"),
}


def test_a_pass_that_cannot_be_is_refused_with_its_word(edge: CentreEdge) -> None:
    person = edge.somebody()
    edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    wanted = {
        edge.centre.tell("pass_made", **made(person.resident_id, **other)): (name, why)
        for name, (other, why) in UNUSABLE_PASSES.items()
    }
    edge.live()
    told = edge.refused()
    assert {wanted[number][0]: why for number, why in told.items()} == dict(wanted.values())
    assert edge.store.passes() == ()


@pytest.mark.fault("F15")
def test_what_cannot_be_used_holds_up_nothing_else(edge: CentreEdge) -> None:
    edge.centre.tell("a_word_of_tomorrow", anything=[1])
    edge.centre.tell("revoked", pass_id=7)
    edge.centre.tell("revoked", pass_id=PASS)
    edge.centre.stray += [{"kind": "revoked", "body": {}}, 7]
    edge.live()
    assert edge.refused() == {1: "malformed", 2: "malformed"}
    assert edge.store.pass_state(PASS).revoked
    assert edge.store.exchange.position().refused == 4


def test_keys_come_go_and_never_take_the_place_of_another(edge: CentreEdge) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    edge.centre.tell("pass_key", kid=9, ed25519=other)
    edge.centre.tell("pass_key", kid=300, ed25519=other)
    edge.centre.tell("pass_key", kid=8, ed25519="zz" * 32)
    edge.live()
    assert edge.refused() == {2: "kid_taken", 3: "kid", 4: "key"}
    edge.centre.tell("pass_key", kid=9, ed25519=None)
    again = edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    edge.live()
    assert edge.keys() == {}
    assert edge.refused()[again] == "key_retired"


def test_a_key_of_the_desk_is_not_replaced(edge: CentreEdge) -> None:
    page = {"compound": "00000000", "keys": [{"kid": 9, "ed25519": KEY}]}
    (edge.folder / "pass-keys.json").write_bytes(msgspec.json.encode(page))
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    number = edge.centre.tell("pass_key", kid=9, ed25519=other)
    edge.live()
    assert edge.refused() == {number: "kid_taken"}
    assert edge.keys()[9].public_bytes_raw().hex() == KEY


def test_the_rotation_key_is_kept(edge: CentreEdge) -> None:
    edge.centre.tell("rotation_key", key="zz")
    edge.centre.tell("rotation_key", key="ab" * 32)
    edge.live()
    assert edge.refused() == {1: "key"}
    assert edge.store.exchange.rotation_key() == bytes.fromhex("ab" * 32)


def test_a_withdrawn_face_is_gone_at_once_and_stays_gone_in_yesterdays_backup(
    edge: CentreEdge,
) -> None:
    person = edge.somebody()
    edge.live()
    face(edge, person.resident_id)
    kept = {path: (edge.folder / path).read_bytes() for path in _after_closing(edge)}
    edge.open()
    assert in_gallery(edge) == {person.resident_id}
    floor = edge.store.gallery_floor
    edge.centre.tell("face_withdrawn", resident_id=person.resident_id, by=person.resident_id)
    edge.live()
    assert in_gallery(edge) == set()
    assert edge.store.gallery_floor > floor
    assert edge.refreshed
    edge.close()
    for path, content in kept.items():
        (edge.folder / path).write_bytes(content)
    edge.open()
    assert in_gallery(edge) == set(), "before the centre has said a word"
    edge.live()
    assert in_gallery(edge) == set()


def _after_closing(edge: CentreEdge) -> tuple[str, ...]:
    edge.close()
    return ("register.db", "biometrics.db")


def test_choices_are_by_the_person_or_the_guardian_with_a_consent(edge: CentreEdge) -> None:
    person, stranger = edge.somebody(), edge.somebody("Li", OTHER)
    who = person.resident_id
    yes = {"credential": "plate", "allowed": True}
    given = consent(who, AT)
    edge.centre.tell("choice", resident_id=who, by=who, consent=given, **yes)
    edge.centre.tell("choice", resident_id=who, by=who, **yes)
    edge.centre.tell("choice", resident_id=who, by=stranger.resident_id, consent=given, **yes)
    edge.centre.tell("choice", resident_id=who, by=who, credential="guard", allowed=False)
    edge.live()
    assert edge.refused() == {2: "no_consent", 3: "home", 4: "credential"}
    assert now_of(edge, who)["allowed"] == ["plate"]
    edge.centre.tell("choice", resident_id=who, by="staff", credential="plate", allowed=False)
    edge.live()
    assert now_of(edge, who)["allowed"] == []
    face(edge, who)
    edge.centre.tell("choice", resident_id=who, by=who, credential="face", allowed=False)
    edge.live()
    assert in_gallery(edge) == set()


def test_a_member_joins_the_home_of_who_adds_them_and_no_other(edge: CentreEdge) -> None:
    owner = edge.somebody(until=date(2027, 1, 31))
    by = owner.resident_id
    member(edge, by, until="2030-01-01")
    member(edge, by, resident_id="b" * 16, home=str(OTHER))
    member(edge, by, resident_id="c" * 16, kind="staff")
    member(edge, "d" * 16, resident_id="c" * 16)
    member(edge, by, resident_id="c" * 16, guardian="a" * 16)
    member(edge, by, resident_id="c" * 16, name=" \n ")
    member(edge, by, name="Somebody else")
    member(edge, by, resident_id=by)
    edge.live()
    assert edge.refused() == {
        2: "home",
        3: "home",
        4: "unknown_resident",
        5: "guardian",
        6: "name",
        7: "taken",
        8: "taken",
    }
    joined = edge.store.resident("a" * 16)
    assert joined is not None
    assert (joined.home, joined.kind, joined.until) == (HOME, ResidentKind.FAMILY, owner.until)
    assert now_of(edge, "a" * 16)["until"] == "2027-01-31"


def test_a_tenant_adds_tenants_only_and_a_full_home_needs_the_desk(edge: CentreEdge) -> None:
    tenant = edge.somebody(kind=ResidentKind.TENANT)
    first = member(edge, tenant.resident_id, kind="owner")
    for number in range(MOST_MEMBERS):
        member(edge, tenant.resident_id, resident_id=f"{number:016x}", kind="tenant")
    edge.live()
    assert edge.refused() == {first: "home", first + MOST_MEMBERS: "refused"}


def test_a_child_is_decided_for_by_the_guardian_alone(edge: CentreEdge) -> None:
    mother, father = edge.somebody("M"), edge.somebody("F")
    child = "a" * 16
    member(edge, mother.resident_id, guardian=mother.resident_id)
    yes = {"resident_id": child, "credential": "card", "allowed": True}
    edge.centre.tell("choice", by=father.resident_id, consent=consent("x", AT), **yes)
    edge.centre.tell("choice", by=mother.resident_id, consent=consent("x", AT), **yes)
    edge.live()
    assert edge.refused() == {2: "guardian"}
    told = now_of(edge, child)
    assert (told["guardian"], told["allowed"]) == (mother.resident_id, ["card"])


def test_cars_come_and_go_with_their_own_resident(edge: CentreEdge) -> None:
    person, stranger = edge.somebody(until=date(2027, 1, 31)), edge.somebody("Li", OTHER)
    who = person.resident_id
    edge.centre.tell("vehicle_given", resident_id=who, plate="粤B·12345", by=who, until=None)
    edge.centre.tell("vehicle_given", resident_id=who, plate="粤B12345", by=who, until=None)
    edge.centre.tell("vehicle_given", resident_id=who, plate="粤B12346", by=stranger.resident_id)
    edge.centre.tell("vehicle_taken", resident_id=stranger.resident_id, plate="粤B12345", by=who)
    theft = {"resident_id": stranger.resident_id, "plate": "粤B12345"}
    edge.centre.tell("vehicle_taken", by=stranger.resident_id, **theft)
    edge.centre.tell("vehicle_given", by=stranger.resident_id, **theft)
    edge.live()
    assert edge.refused() == {3: "home", 4: "home", 5: "not_theirs", 6: "refused"}
    (car,) = edge.store.garage.vehicles()
    assert (car.plate, car.resident, car.until) == ("粤B12345", who, person.until)
    edge.centre.tell("vehicle_taken", resident_id=who, plate="粤B12345", by=who)
    edge.centre.tell("vehicle_taken", resident_id=who, plate="粤B12345", by=who)
    edge.live()
    assert edge.store.garage.vehicles() == ()
    assert [one["vehicle_id"] for one in edge.letters("vehicle_gone")] == [car.vehicle_id]
    plates = [f"粤B1234{number}" for number in range(MOST_CARS + 1)]
    for plate in plates:
        last = edge.centre.tell("vehicle_given", resident_id=who, plate=plate, by=who)
    edge.live()
    assert edge.refused()[last] == "too_many"


def test_an_erasure_is_answered_by_its_receipt_even_a_second_time(edge: CentreEdge) -> None:
    person = edge.somebody()
    face(edge, person.resident_id)
    edge.live()
    edge.centre.tell("erase", resident_id=person.resident_id, request_id="r1")
    edge.centre.tell("erase", resident_id="e" * 16, request_id="r2")
    edge.live()
    (receipt,) = edge.letters("erased")
    assert (receipt["request_id"], receipt["events"] > 0) == ("r1", True)
    assert edge.letters("resident_gone") == [{"resident_id": person.resident_id}]
    assert edge.refused() == {2: "unknown_resident"}
    edge.centre.tell("erase", resident_id=person.resident_id, request_id="r3")
    again = member(edge, edge.somebody("Li").resident_id, resident_id=person.resident_id)
    edge.live()
    assert [one["request_id"] for one in edge.letters("erased")] == ["r1", "r3"]
    assert edge.refused()[again] == "erased"


def test_an_export_is_a_letter_with_the_whole_document(edge: CentreEdge) -> None:
    person = edge.somebody()
    edge.centre.tell("export_wanted", resident_id=person.resident_id, request_id="r1")
    edge.live()
    (letter,) = edge.letters("exported")
    assert msgspec.json.decode(letter["document"])["resident"]["name"] == person.name


def test_another_feed_begins_at_nothing_and_takes_nothing_back(edge: CentreEdge) -> None:
    person = edge.somebody()
    edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    edge.centre.tell("pass_made", **made(person.resident_id))
    edge.centre.tell("revoked", pass_id=PASS)
    edge.centre.tell("pass_key", kid=9, ed25519=None)
    edge.live()
    edge.centre.epoch, edge.centre.newest, edge.centre.items = "e2", 0, []
    edge.centre.letters.clear()
    edge.centre.tell("pass_key", kid=9, ed25519=KEY)
    edge.centre.tell("pass_made", **made(person.resident_id))
    edge.live(5)
    assert edge.store.exchange.position().number >= 2
    assert edge.store.pass_state(PASS).revoked
    assert edge.keys() == {}
    assert now_of(edge, person.resident_id)["face"] is False


def test_a_centre_put_back_from_a_copy_leads_nobody_back(edge: CentreEdge) -> None:
    edge.centre.tell("revoked", pass_id=PASS)
    edge.centre.tell("revoked", pass_id="6" * 32)
    edge.live()
    edge.centre.newest = 1
    edge.centre.items.pop()
    edge.live()
    assert edge.store.exchange.position().behind
    assert edge.store.pass_state("6" * 32).revoked
    number = edge.centre.tell("revoked", pass_id="7" * 32)
    assert number > 2
    edge.live()
    assert edge.store.pass_state("7" * 32).revoked


def test_a_card_that_is_refused_opens_nothing(edge: CentreEdge) -> None:
    person = edge.somebody()
    who = person.resident_id
    edge.store.garage.add_card("1234567", who, None, edge.now, by="t", label="")
    edge.centre.tell("choice", resident_id=who, by=who, credential="card", allowed=False)
    edge.live()
    found = edge.store.resident(who)
    assert found is not None
    assert Credential.CARD not in found.allowed
