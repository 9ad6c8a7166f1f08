"""What every store does with people, faces and users."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.decision import Reason
from models.errors import InputError, StoreFault
from models.event import EventKind
from models.home import Home
from models.lane import Credential
from models.registry import ResidentKind
from models.user import Role, User
from tests.fakes import store_words as say
from tests.fakes.store_site import KINDS, AnyStore, StoreSite, quick_folder, resident, store_site
from tests.fakes.store_words import BOOT, HOME, NOW, POLICY, TODAY


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest) -> Iterator[StoreSite]:
    with quick_folder() as folder, store_site(request.param, folder) as made:
        yield made


@pytest.fixture
def store(site: StoreSite) -> AnyStore:
    return site.store


def test_a_resident_is_found_by_id_and_listed_by_home(store: AnyStore) -> None:
    later = store.add_resident(" Li Si ", Home(10, 1, 101), ResidentKind.TENANT, TODAY, NOW)
    first = resident(store)
    assert store.residents() == (first, later)
    assert store.resident(later.resident_id) == later
    assert (later.name, later.until, later.allowed) == ("Li Si", TODAY, frozenset())
    assert store.resident("nobody") is None


def test_a_nameless_resident_is_refused(store: AnyStore) -> None:
    with pytest.raises(InputError, match="name"):
        store.add_resident("  ", HOME, ResidentKind.OWNER, None, NOW)
    assert store.residents() == ()


def test_a_face_opens_only_after_consent_and_templates(store: AnyStore) -> None:
    person = resident(store)
    assert store.gallery(TODAY).rows == ()
    store.enrol(person.resident_id, say.consent(), say.templates(), NOW)
    enrolled = store.resident(person.resident_id)
    assert enrolled is not None
    assert enrolled.allowed == {Credential.FACE}
    rows = store.gallery(TODAY).rows
    assert rows == tuple((person.resident_id, str(HOME), one) for one in say.templates())


def test_an_enrolment_without_templates_or_person_keeps_nothing(store: AnyStore) -> None:
    person = resident(store)
    with pytest.raises(InputError, match="template"):
        store.enrol(person.resident_id, say.consent(), (), NOW)
    with pytest.raises(InputError, match="nobody"):
        store.enrol("nobody", say.consent(), say.templates(), NOW)
    assert store.resident(person.resident_id) == person
    assert store.gallery(TODAY).rows == ()


def test_a_second_enrolment_replaces_the_first(store: AnyStore) -> None:
    person = resident(store)
    store.enrol(person.resident_id, say.consent(), say.templates(1), NOW)
    before = store.gallery(TODAY)
    store.enrol(person.resident_id, say.consent(), say.templates(2), NOW)
    after = store.gallery(TODAY)
    assert [row[2] for row in after.rows] == list(say.templates(2))
    assert after.version > before.version


def test_a_withdrawn_face_is_gone_and_older_galleries_are_refused(site: StoreSite) -> None:
    person = resident(site.store)
    site.store.enrol(person.resident_id, say.consent(), say.templates(), NOW)
    before = site.store.gallery(TODAY)
    assert site.store.gallery_floor <= before.version
    site.store.withdraw_face(person.resident_id, NOW)
    for store in (site.store, site.restart()):
        assert store.gallery_floor > before.version
        after = store.gallery(TODAY)
        assert after.rows == ()
        assert after.version >= store.gallery_floor
        assert store.resident(person.resident_id) == person


def test_a_face_ends_after_its_last_day_and_the_version_tells(store: AnyStore) -> None:
    person = resident(store, until=TODAY)
    store.enrol(person.resident_id, say.consent(), say.templates(), NOW)
    on_the_day = store.gallery(TODAY)
    assert len(on_the_day.rows) == 2
    assert store.gallery(TODAY) == on_the_day
    day_after = store.gallery(TODAY + timedelta(days=1))
    assert day_after.rows == ()
    assert day_after.version > on_the_day.version


def test_a_removed_resident_is_gone_with_the_personal_part_of_the_log(site: StoreSite) -> None:
    person = resident(site.store)
    other = resident(site.store, "Li Si")
    for one in (person, other):
        site.store.enrol(one.resident_id, say.consent(), say.templates(), NOW)
        site.store.record(
            say.face(one.resident_id),
            say.facts(resident=one),
            say.opens(Reason.RESIDENT),
            NOW,
            intent=None,
            crop=b"picture",
            policy=POLICY,
            who=one.name,
            home=str(one.home),
        )
    site.store.note_pass(say.claims(host=person.resident_id), "a cousin", "guard-wang", NOW)
    receipt = site.store.remove_resident(person.resident_id, NOW)
    assert receipt.resident_id == person.resident_id
    assert receipt.events == 2
    assert receipt.keys_expire >= NOW.utc.date()
    for store in (site.store, site.restart()):
        assert [one.name for one in store.residents()] == ["Li Si"]
        names = [event.who for event in store.events(limit=1000)]
        assert person.name not in names
        assert names.count("Li Si") == 2
        decisions = [one for one in store.events() if one.kind is EventKind.DECISION]
        assert [store.crop(one.seq) for one in decisions] == [None, b"picture"]
        assert {row[0] for row in store.gallery(TODAY).rows} == {other.resident_id}
        assert store.pass_state(say.claims().pass_id).revoked
        assert store.passes() == ()
    with pytest.raises(InputError, match="no resident"):
        site.store.remove_resident(person.resident_id, NOW)


def test_a_mark_of_a_second_factor_is_kept_and_goes_out_with_the_gallery(site: StoreSite) -> None:
    person, other = resident(site.store), resident(site.store, "Li Si")
    for one in (person, other):
        site.store.enrol(one.resident_id, say.consent(), say.templates(), NOW)
    before = site.store.gallery(TODAY)
    site.store.mark_second_factor(person.resident_id, True, "chen", NOW)
    (row,) = site.store.events(newest=True, limit=1)
    assert (row.reason, row.who, row.note) == ("second_factor_on", person.name, "chen")
    for store in (site.store, site.restart()):
        marked = [one.name for one in store.residents() if one.second_factor]
        assert marked == [person.name]
        gallery = store.gallery(TODAY)
        assert gallery.second_factor == {person.resident_id}
        assert gallery.version > before.version
        assert store.gallery_floor <= before.version
    site.store.mark_second_factor(person.resident_id, False, "chen", NOW)
    after = site.store.gallery(TODAY)
    assert (after.second_factor, after.version > gallery.version) == (frozenset(), True)
    with pytest.raises(InputError, match="no resident"):
        site.store.mark_second_factor("nobody", True, "chen", NOW)


def test_users_log_in_by_name(store: AnyStore) -> None:
    store.add_user(User("wang", Role.GUARD, "$argon2id$1"), NOW)
    store.add_user(User("chen", Role.MANAGER, "$argon2id$2"), NOW)
    store.set_password("wang", "$argon2id$3")
    assert [one.name for one in store.users()] == ["chen", "wang"]
    assert store.user("wang") == User("wang", Role.GUARD, "$argon2id$3")
    assert store.user("nobody") is None
    with pytest.raises(InputError, match="wang"):
        store.add_user(User("wang", Role.GUARD, "x"), NOW)
    with pytest.raises(InputError, match="nobody"):
        store.set_password("nobody", "x")


def test_only_one_store_is_open_at_a_time(site: StoreSite) -> None:
    with pytest.raises(StoreFault, match="in use"):
        site.start(BOOT)
    assert site.restart().journal


def test_a_closed_store_takes_nothing(site: StoreSite) -> None:
    site.store.close()
    with pytest.raises(StoreFault, match="closed"):
        site.store.note(EventKind.CALL, "call", NOW)
