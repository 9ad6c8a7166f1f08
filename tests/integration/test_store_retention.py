"""What ends by itself: each class of data on its day, and only by a clock that is trusted."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command

from central.batch import read_batch
from central.words import Arrival
from edge.store.database import writing
from edge.store.migrate import REGISTER_SCHEMA, _config
from edge.store.store import Store
from edge.store.verify import verify
from edge.store.words import OutboxRow
from edge.sync.wire import request
from models.errors import StoreFault
from models.event import Event
from models.moment import Trust
from models.registry import ResidentKind
from tests.fakes import store_words as say
from tests.fakes.store_site import (
    CROP,
    NAME,
    enrolled,
    on_disk,
    opened,
    quick_folder,
    seen_at_gate,
)
from tests.fakes.store_words import HOME, NOW, POLICY, TODAY


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


def kept_faces(folder: Path) -> tuple[int, int]:
    """Return how many faces have a key, and how many have templates."""
    with closing(sqlite3.connect(folder / "keyring" / "keyring.db")) as raw:
        (keys,) = raw.execute("SELECT count(*) FROM key").fetchone()
    with closing(sqlite3.connect(folder / "biometrics.db")) as raw:
        (faces,) = raw.execute("SELECT count(DISTINCT face) FROM template").fetchone()
    return keys, faces


def test_a_face_is_destroyed_on_the_day_after_the_last_one(folder: Path) -> None:
    after = TODAY + timedelta(days=1)
    with on_disk(folder) as store:
        gone, stays = enrolled(store, until=TODAY), enrolled(store, until=after)
        floor = store.gallery_floor
        for now, today in (
            (NOW, TODAY),
            (NOW, None),
            (replace(NOW, trust=Trust.FLOOR), after),
            (replace(NOW, trust=Trust.UNKNOWN), after),
        ):
            store.keep_house(now, today=today)
            assert kept_faces(folder) == (2, 2)
        for _ in range(2):
            store.keep_house(NOW, today=after)
            assert kept_faces(folder) == (1, 1)
        assert [row[0] for row in store.gallery(after).rows] == [stays.resident_id]
        told = [row.note for row in store.events(limit=1000) if row.reason == "face_ended"]
        assert told == [gone.resident_id]
        # Whoever may still enter is not kept waiting for another gallery.
        assert store.gallery_floor == floor
        again = store.resident(gone.resident_id)
        assert again is not None
        assert again.allowed == frozenset()
    with on_disk(folder) as store:
        assert kept_faces(folder) == (1, 1)
        assert "face_lost" not in {row.reason for row in store.events(limit=1000)}


def _row(store: Store, seq: int) -> Event:
    row = store.event(seq)
    assert row is not None
    return row


ISSUED, FOREIGN, UNSEEN, ERASED = ("11" * 16, "22" * 16, "33" * 16, "44" * 16)


def with_passes(store: Store) -> None:
    """Leave passes that were issued, used and revoked here, or only some of it."""
    host = store.add_resident("Li Si", HOME, ResidentKind.OWNER, None, NOW).resident_id
    store.note_pass(say.claims(ISSUED), "an uncle", "guard-wang", NOW)
    store.note_pass(say.claims(ERASED, host), "an aunt", "guard-wang", NOW)
    for pass_id in (ISSUED, FOREIGN):
        opened(store, pass_id=pass_id)
    for pass_id in (ISSUED, FOREIGN, UNSEEN):
        store.revoke_pass(pass_id, NOW)
    store.remove_resident(host, NOW)


def passes_kept(folder: Path) -> list[set[str]]:
    """Return whose rows there are: issued, used, revoked."""
    with closing(sqlite3.connect(folder / "register.db")) as raw:
        return [
            {row[0] for row in raw.execute(f"SELECT pass_id FROM {table}")}
            for table in ("issued", "pass_use", "revoked")
        ]


def test_a_pass_is_forgotten_thirty_days_after_it_expired(folder: Path) -> None:
    over = say.claims().expires - NOW.utc + timedelta(days=30)
    everything = [{ISSUED}, {ISSUED, FOREIGN}, {ISSUED, FOREIGN, UNSEEN, ERASED}]
    with on_disk(folder) as store:
        with_passes(store)
        store.keep_house(NOW.after(over.total_seconds() - 1))
        store.keep_house(replace(NOW.after(2 * over.total_seconds()), trust=Trust.FLOOR))
        assert passes_kept(folder) == everything
        store.keep_house(NOW.after(over.total_seconds() + 1))
        # Nobody here knows when the last one ends, so it stays refused.
        assert passes_kept(folder) == [set(), set(), {UNSEEN}]
        assert store.pass_state(ISSUED).uses == ()
        assert store.pass_state(UNSEEN).revoked


def test_a_pass_of_before_the_dates_were_kept_is_forgotten_too(folder: Path) -> None:
    with on_disk(folder) as store:
        with_passes(store)
    engine = writing(folder / "register.db")
    config = _config(REGISTER_SCHEMA)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        connection.commit()
    engine.dispose()
    with on_disk(folder) as store:
        assert [one.claims for one in store.passes()] == [say.claims(ISSUED)]
        store.keep_house(NOW.after(31 * 86400.0))
        assert passes_kept(folder) == [set(), {FOREIGN}, {FOREIGN, UNSEEN, ERASED}]


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    path.write_bytes(bytes(content))


def set_aside(folder: Path) -> list[str]:
    """Return which files lie aside as damaged."""
    return sorted(path.name for path in (folder / "damaged").rglob("*.db"))


def test_a_damaged_file_lives_no_longer_than_a_copy(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        store.keep_house(NOW)
    spoil(folder / "register.db")
    mended = NOW.after(86400.0)
    with Store.open(folder, mended, ballast=0, boot=say.BOOT) as store:
        for path in (folder / "backup").iterdir():
            path.unlink()
        receipt = store.remove_resident(person.resident_id, mended.after(1))
        assert receipt.keys_expire == (mended.utc + timedelta(days=7)).date()
        week = 7 * 86400.0
        store.keep_house(replace(mended.after(2 * week), trust=Trust.FLOOR))
        store.keep_house(mended.after(week - 1))
        assert set_aside(folder) == ["register.db"]
        store.keep_house(mended.after(week + 1))
        assert set_aside(folder) == []
        assert list((folder / "damaged").iterdir()) == []


def test_what_cannot_be_deleted_is_told_and_no_link_is_followed(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "letter").touch()
    with on_disk(folder) as store:
        (folder / "damaged").mkdir()
        (folder / "damaged" / "20260401T080000000000Z-register").symlink_to(elsewhere)
        with pytest.raises(StoreFault, match="cannot be deleted"):
            store.keep_house(NOW)
    assert (elsewhere / "letter").exists()


@pytest.mark.parametrize("how", ["withdrawn", "removed", "ended", "enrolled again"])
def test_a_damaged_keyring_goes_with_the_next_key_that_does(folder: Path, how: str) -> None:
    with on_disk(folder) as store:
        person = enrolled(store, until=TODAY)
        store.keep_house(NOW)
    for name in ("keyring/keyring.db", "biometrics.db"):
        spoil(folder / name)
    with on_disk(folder) as store:
        assert set_aside(folder) == ["biometrics.db", "keyring.db"]
        if how == "withdrawn":
            store.withdraw_face(person.resident_id, NOW)
        elif how == "removed":
            store.remove_resident(person.resident_id, NOW)
        elif how == "ended":
            store.keep_house(NOW, today=TODAY + timedelta(days=1))
        else:
            store.enrol(person.resident_id, say.consent(), say.templates(), NOW)
        assert set_aside(folder) == ["biometrics.db"]


def test_what_waits_for_the_centre_forgets_whom_with_the_event(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        aside, waiting = seen_at_gate(store, person), seen_at_gate(store, person)
        store.quarantine((store.journal, aside), "not now")
        before = {row.seq: row for row in _unsent(store)}
        for seq in (aside, waiting):
            assert person.resident_id.encode() in before[seq].body
        store.keep_house(NOW.after(181 * 86400.0))
        after = {row.seq: row for row in _unsent(store)}
    assert after.keys() >= before.keys()
    for row in after.values():
        assert person.resident_id.encode() not in row.body
        assert str(HOME).encode() not in row.body
    for seq in (aside, waiting):
        assert (after[seq].key, after[seq].row_hash) == (before[seq].key, before[seq].row_hash)
        nobody = {"resident": None, "home": None}
        assert json.loads(after[seq].body) == {**json.loads(before[seq].body), **nobody}
    batch = read_batch(request("ab" * 16, list(after.values())))
    assert all(isinstance(row, Arrival) for row in batch.rows)


def _unsent(store: Store) -> list[OutboxRow]:
    return [*store.outbox(100), *(row for row, _ in store.set_aside())]


def test_each_class_lives_as_long_as_it_may(folder: Path) -> None:
    days = 86400.0
    with on_disk(folder) as store:
        kept = seen_at_gate(store, enrolled(store))
        visit, _ = opened(store)
        refused = store.record(
            say.face(None),
            say.facts(),
            say.refuses(),
            NOW,
            intent=None,
            crop=CROP,
            policy=POLICY,
            who=None,
            home=None,
        )
        store.keep_house(NOW.after(0.9 * days))
        assert store.crop(refused) == CROP
        store.keep_house(NOW.after(1.1 * days))
        assert (store.crop(refused), store.crop(kept)) == (None, CROP)
        store.keep_house(NOW.after(7.1 * days))
        assert store.crop(kept) is None
        assert not _row(store, kept).evidence
        store.keep_house(NOW.after(29 * days))
        assert _row(store, visit).who is not None
        store.keep_house(NOW.after(31 * days))
        assert _row(store, visit).who is None
        assert _row(store, kept).who == NAME
        store.keep_house(NOW.after(181 * days))
        assert _row(store, kept).who is None
        assert store.residents()[0].name == NAME
    assert list((folder / "evidence").iterdir()) == []
    found = verify(folder)
    assert found.broken == 0
    assert found.erased >= 3
