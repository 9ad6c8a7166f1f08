"""The desk about homes: what is found, corrected, erased, and taken back within ten minutes."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from edge import wire
from edge.core.undo import LASTS
from gate.passes import read
from models.visit import Claims, PassKind
from tests.fakes.register_site import GOOD, POOR, RegisterSite, register_site
from tests.fakes.store_words import NOW, TODAY

CHEN, WANG = "chen", "wang"
PLATE = "浙A12345"


@pytest.fixture
def site() -> Iterator[RegisterSite]:
    with register_site() as site:
        yield site


def _car(site: RegisterSite, plate: str = PLATE, home: str = "3-1-502", **more: str) -> None:
    site.done(
        wire.AddVehicle(
            1, plate, home, more.get("until"), CHEN, more.get("resident"), more.get("label", "")
        )
    )


def _homes(site: RegisterSite, find: str = "", skip: int = 0) -> wire.HomesAre:
    said = site.ask(wire.Homes(1, find, skip))
    assert isinstance(said, wire.HomesAre)
    return said


def test_homes_are_found_by_number_room_name_and_plate(site: RegisterSite) -> None:
    site.add("林晓")
    site.add("Ann Lee", "3-1-503")
    site.add("李雷", "12-2-502")
    _car(site, "京B67890", "12-2-502")
    _car(site, "沪C00001", "7-1-101")
    every = _homes(site)
    assert [row.home for row in every.rows] == ["3-1-502", "3-1-503", "7-1-101", "12-2-502"]
    for find, homes in {
        "3-1": ["3-1-502", "3-1-503"],
        "3-1-502": ["3-1-502"],
        "502": ["3-1-502", "12-2-502"],
        "林": ["3-1-502"],
        "ann": ["3-1-503"],
        " 京B·67890 ": ["12-2-502"],
        "7890": ["12-2-502"],
        "6-7": [],
        "00001": ["7-1-101"],
        "nobody": [],
    }.items():
        found = _homes(site, find)
        assert ([row.home for row in found.rows], found.total) == (homes, len(homes)), find


def test_many_homes_come_in_pages(site: RegisterSite) -> None:
    for room in range(1, 56):
        site.add(f"P{room}", f"1-1-{room}")
    first, second = _homes(site), _homes(site, skip=50)
    assert (len(first.rows), len(second.rows), first.total) == (50, 5, 55)
    assert first.rows[0].home == "1-1-1"
    assert second.rows[-1].home == "1-1-55"


def test_a_household_is_all_of_one_home_and_nothing_of_another(site: RegisterSite) -> None:
    lin, other = site.add("林晓"), site.add("李雷", "3-1-503")
    _car(site, resident=lin, label="白色")
    _car(site, "京B67890", "3-1-503")
    site.done(wire.AddCard(1, "04a1b2c3", lin, "蓝扣", None, CHEN))
    site.done(wire.AddCard(1, "04a1b2c4", other, "", None, CHEN))
    home = site.household()
    assert [one.name for one in home.people] == ["林晓"]
    assert [(one.plate, one.label, one.resident) for one in home.cars] == [(PLATE, "白色", lin)]
    assert [(one.label, one.resident) for one in home.cards] == [("蓝扣", lin)]
    assert site.household("9-9-9") == wire.HouseholdIs(1, "9-9-9", (), (), (), ())
    assert "building-unit-room" in site.refused(wire.Household(1, "nowhere"))


def test_a_correction_is_written_down_and_taken_back_once(site: RegisterSite) -> None:
    lin = site.add("林小")
    site.done(wire.ChangeResident(1, lin, " 林晓 ", "tenant", "2026-12-31", CHEN))
    (now,) = site.household().people
    assert (now.name, now.kind, now.until) == ("林晓", "tenant", "2026-12-31")
    last = site.last(CHEN)
    assert (last.what, last.about) == ("resident_changed", "林小 3-1-502")
    assert LASTS - 2 <= last.left <= LASTS
    site.done(wire.Undo(1, CHEN))
    (before,) = site.household().people
    assert (before.name, before.kind, before.until) == ("林小", "owner", None)
    assert site.last(CHEN).what == ""
    assert "nothing to undo" in site.refused(wire.Undo(1, CHEN))
    assert site.reasons()[-4:] == [
        "resident_added",
        "resident_changed",
        "resident_changed",
        "undone_resident_changed",
    ]
    told = [row for row in site.journal() if row.reason == "resident_changed"]
    assert [(row.who, row.home, row.note) for row in told] == [
        ("林晓", "3-1-502", CHEN),
        ("林小", "3-1-502", CHEN),
    ]
    assert site.journal()[-1].who == CHEN


def test_what_changes_nothing_is_no_change(site: RegisterSite) -> None:
    lin = site.add("林晓")
    rows = len(site.journal())
    site.done(wire.ChangeResident(1, lin, "林晓", "owner", None, CHEN))
    assert len(site.journal()) == rows
    assert site.last(CHEN).what == ""


def test_what_is_no_correction_changes_nothing(site: RegisterSite) -> None:
    lin = site.add("林晓")
    for name, kind, until in (
        ("", "owner", None),
        ("  ", "owner", None),
        ("x" * 61, "owner", None),
        ("林晓", "king", None),
        ("林晓", "owner", "tomorrow"),
        ("林\ud800晓", "owner", None),
    ):
        assert site.refused(wire.ChangeResident(1, lin, name, kind, until, CHEN))
    assert site.refused(wire.ChangeResident(1, "f" * 16, "林晓", "owner", None, CHEN))
    (row,) = site.household().people
    assert (row.name, row.kind, row.until) == ("林晓", "owner", None)


def test_ten_minutes_later_nothing_is_taken_back(site: RegisterSite) -> None:
    lin = site.add("林晓")
    site.done(wire.ChangeResident(1, lin, "林小", "owner", None, CHEN))
    site.clock.forward(LASTS - 1)
    assert site.last(CHEN).left == 1
    site.clock.forward(1)
    assert site.last(CHEN).what == ""
    assert "nothing to undo" in site.refused(wire.Undo(1, CHEN))
    assert [one.name for one in site.household().people] == ["林小"]


def test_everybody_takes_back_their_own_and_never_over_anothers(site: RegisterSite) -> None:
    lin = site.add("林晓")
    site.done(wire.ChangeResident(1, lin, "林一", "owner", None, CHEN))
    assert "nothing to undo" in site.refused(wire.Undo(1, WANG))
    site.done(wire.ChangeResident(1, lin, "林二", "owner", None, WANG))
    assert "meanwhile" in site.refused(wire.Undo(1, CHEN))
    assert [one.name for one in site.household().people] == ["林二"]
    site.done(wire.Undo(1, WANG))
    assert [one.name for one in site.household().people] == ["林一"]


def test_a_card_that_was_taken_and_a_car_that_was_removed_come_back(site: RegisterSite) -> None:
    lin = site.add("林晓")
    _car(site, resident=lin, label="白色", until="2027-01-31")
    card = site.done(wire.AddCard(1, "04 a1 b2 c3", lin, "蓝扣", "2027-02-28", CHEN)).text
    before = site.household()
    site.done(wire.RemoveCard(1, card, CHEN))
    assert site.household().cards == ()
    site.done(wire.Undo(1, CHEN))
    site.done(wire.RemoveVehicle(1, "浙a·12345", CHEN))
    assert site.household().cars == ()
    assert (site.last(CHEN).what, site.last(CHEN).about) == ("vehicle_removed", PLATE)
    site.done(wire.Undo(1, CHEN))
    after = site.household()
    (was,), (is_now,) = before.cards, after.cards
    assert (was.resident, was.label, was.until) == (is_now.resident, is_now.label, is_now.until)
    assert site.store.card(site.store.garage.card_hash("04A1B2C3")).resident is not None
    (old,), (new,) = before.cars, after.cars
    assert (old.plate, old.label, old.until, old.resident) == (
        new.plate,
        new.label,
        new.until,
        new.resident,
    )
    assert {"undone_card_removed", "undone_vehicle_removed"} <= set(site.reasons())


def test_a_card_that_is_somebody_elses_by_now_does_not_come_back(site: RegisterSite) -> None:
    lin, ann = site.add("林晓"), site.add("Ann", "3-1-503")
    card = site.done(wire.AddCard(1, "04a1b2c3", lin, "", None, CHEN)).text
    site.done(wire.RemoveCard(1, card, CHEN))
    site.done(wire.AddCard(1, "04a1b2c3", ann, "", None, WANG))
    assert "on the register" in site.refused(wire.Undo(1, CHEN))
    assert site.household().cards == ()


def test_a_vehicles_last_day_and_label_are_corrected_and_taken_back(site: RegisterSite) -> None:
    _car(site)
    (car,) = site.household().cars
    site.done(wire.ChangeVehicle(1, car.id, "2026-12-31", " 岳父的车 ", CHEN))
    (later,) = site.household().cars
    assert (later.until, later.label) == ("2026-12-31", "岳父的车")
    rows = len(site.journal())
    site.done(wire.ChangeVehicle(1, car.id, "2026-12-31", "岳父的车", WANG))
    assert (len(site.journal()), site.last(WANG).what) == (rows, "")
    assert "at most 60" in site.refused(wire.ChangeVehicle(1, car.id, None, "x" * 61, CHEN))
    site.done(wire.Undo(1, CHEN))
    assert site.household().cars == (car,)
    assert "not on the register" in site.refused(wire.ChangeVehicle(1, "0" * 16, None, "", CHEN))


def test_an_erasure_is_for_good_and_says_so(site: RegisterSite) -> None:
    lin, ann = site.add("林晓"), site.add("Ann", "3-1-503")
    _car(site, resident=lin)
    site.done(wire.ChangeResident(1, lin, "林小", "owner", None, WANG))
    site.done(wire.RemoveVehicle(1, PLATE, WANG))
    site.done(wire.ChangeResident(1, ann, "Anna", "owner", None, CHEN))
    receipt = site.ask(wire.RemoveResident(1, lin, CHEN))
    assert isinstance(receipt, wire.Receipt)
    assert (receipt.resident, receipt.events > 0) == (lin, True)
    assert receipt.at == NOW.utc.isoformat()
    assert receipt.keys_expire >= TODAY.isoformat()
    assert (site.last(CHEN).what, site.last(CHEN).left) == ("resident_removed", 0)
    assert "cannot be undone" in site.refused(wire.Undo(1, CHEN))
    # What another had changed of that person is forgotten with them.
    assert site.last(WANG).what == ""
    assert "nothing to undo" in site.refused(wire.Undo(1, WANG))
    assert site.household().people == ()


def test_a_person_who_was_erased_from_elsewhere_is_not_remembered(site: RegisterSite) -> None:
    lin = site.add("林晓")
    site.done(wire.ChangeResident(1, lin, "林小", "owner", None, CHEN))
    site.store.remove_resident(lin, NOW)
    assert site.last(CHEN) == wire.LastChangeIs(1)
    assert "nothing to undo" in site.refused(wire.Undo(1, CHEN))


def test_a_right_comes_back_and_a_face_that_has_ended_does_not(site: RegisterSite) -> None:
    lin = site.add("林晓")
    site.done(wire.EnrolPhoto(1, lin, GOOD, "desk-1", CHEN, None))
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    site.done(wire.ChangeResident(1, lin, "林晓", "owner", yesterday, CHEN))
    site.store.keep_house(site.clock.now(), today=TODAY)
    assert site.done(wire.Undo(1, CHEN)).note == "face_gone"
    (row,) = site.household().people
    assert (row.until, row.allowed) == (None, ())


def test_a_photo_is_looked_at_then_kept_as_a_template_with_its_consent(site: RegisterSite) -> None:
    lin = site.add("林晓")
    assert site.done(wire.CheckPhoto(1, POOR)).text == "too_dark"
    assert site.done(wire.CheckPhoto(1, GOOD)).text == ""
    assert "consent" in site.refused(wire.EnrolPhoto(1, lin, GOOD, "", CHEN, None))
    assert "too dark" in site.refused(wire.EnrolPhoto(1, lin, POOR, "desk-1", CHEN, None))
    assert site.household().people[0].allowed == ()
    site.done(wire.EnrolPhoto(1, lin, GOOD, "desk-1", CHEN, "林父"))
    person = site.ask(wire.Person(1, lin))
    assert isinstance(person, wire.PersonIs)
    assert person.row.allowed == ("face",)
    assert (person.consent, person.by, person.guardian) == ("desk-1", CHEN, "林父")
    assert person.given == NOW.utc.isoformat()
    site.done(wire.WithdrawFace(1, lin, CHEN))
    assert "cannot be undone" in site.refused(wire.Undo(1, CHEN))
    assert site.ask(wire.Person(1, lin)) == wire.PersonIs(
        1, wire.ResidentRow(lin, "林晓", "3-1-502", "owner", None, ())
    )


def test_eyes_that_are_away_keep_nothing(site: RegisterSite) -> None:
    lin = site.add("林晓")
    site.eyes.away = True
    assert "not answering" in site.refused(wire.CheckPhoto(1, GOOD))
    assert "not answering" in site.refused(wire.EnrolPhoto(1, lin, GOOD, "desk-1", CHEN, None))
    assert site.household().people[0].allowed == ()


def _order(resident: str, **more: object) -> wire.MakePass:
    fields: dict[str, object] = {
        "label": "外婆",
        "kind": "single",
        "start": None,
        "minutes": 240,
        "uses": 1,
    }
    return wire.MakePass(1, resident, by=CHEN, **(fields | more))  # type: ignore[arg-type] # as named


def test_a_pass_is_signed_noted_and_seen_among_those_of_its_home(site: RegisterSite) -> None:
    lin = site.add("林晓")
    ready = site.ask(_order(lin, kind="printed", uses=5, plate="浙B00001"))
    assert isinstance(ready, wire.PassReady), ready
    claims = read(ready.token, site.desk_keys())
    assert isinstance(claims, Claims)
    assert (claims.host, claims.kind, claims.uses) == (lin, PassKind.PRINTED, 5)
    assert re.fullmatch(r"[0-9]{6}", ready.pin)
    assert site.store.pins.look(1, site.store.pins.hash(ready.pin), 0.0).claims == claims
    assert claims.expires - claims.not_before == timedelta(minutes=240)
    assert (ready.home, ready.pass_id) == ("3-1-502", claims.pass_id)
    (listed,) = site.household().passes
    assert (listed.id, listed.host, listed.label) == (claims.pass_id, lin, "外婆")
    assert (listed.used, listed.uses, listed.revoked) == (0, 5, False)
    site.done(wire.RevokePass(1, claims.pass_id, CHEN))
    assert site.household().passes[0].revoked
    assert site.household("3-1-503").passes == ()


def test_what_is_no_pass_is_refused_in_words(site: RegisterSite) -> None:
    lin = site.add("林晓")
    for more in (
        {"kind": "recurring"},
        {"kind": "party"},
        {"minutes": 0},
        {"minutes": 366 * 1440 + 1},
        {"uses": 0},
        {"uses": 1001},
        {"lanes": (1,)},
        {"plate": "no plate!"},
        {"start": "2026-05-01T08:00:00"},
        {"start": "2026-04-01T08:00:00+00:00"},
        {"start": "soon"},
    ):
        assert site.refused(_order(lin, **more)), more
    assert site.household().passes == ()


def test_a_site_whose_passes_are_signed_elsewhere_makes_none_here(site: RegisterSite) -> None:
    lin = site.add("林晓")
    site.places.pass_keys.write_text('{"compound": "00112233", "keys": []}', "utf-8")
    assert "signed off this machine" in site.refused(_order(lin))
    assert not site.places.issuer.exists()
    assert "no resident" in site.refused(_order("f" * 16))
