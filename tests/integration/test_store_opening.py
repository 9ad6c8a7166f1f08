"""Opening a store: made once, kept to its owner, refused without its keys, mended from backups."""

import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from edge.store import database, migrate
from edge.store.folder import Folder, load_keys
from edge.store.store import Store
from edge.store.verify import verify
from models.errors import StoreFault
from models.event import EventKind
from models.moment import Moment, Trust
from models.registry import ResidentKind
from tests.fakes import store_words as say
from tests.fakes.store_site import opened, quick_folder
from tests.fakes.store_words import HOME, NOW, TODAY

_SCHEMAS = (migrate.REGISTER_SCHEMA, migrate.BIOMETRICS_SCHEMA, migrate.KEYRING_SCHEMA)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


def start(folder: Path, now: Moment = NOW) -> Store:
    return Store.open(folder, now, ballast=0, boot=say.BOOT)


def lived_in(folder: Path) -> str:
    """Leave a closed store with one enrolled resident, backed up; return the resident's id."""
    with start(folder) as store:
        person = store.add_resident("Zhang San", HOME, ResidentKind.OWNER, None, NOW)
        store.enrol(person.resident_id, say.consent(), say.templates(), NOW)
        store.keep_house(NOW)
    return person.resident_id


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_everything_is_closed_to_others(folder: Path) -> None:
    mask = os.umask(0)
    try:
        lived_in(folder)
        with start(folder) as store:
            store.folder.secret("web")
            store.note(EventKind.CALL, "call", NOW)
            modes = {
                str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
                for path in (folder, *folder.rglob("*"))
                if not path.is_symlink()
            }
    finally:
        os.umask(mask)
    folders = {name for name in modes if (folder / name).is_dir()}
    assert {modes[name] for name in folders} == {0o700}
    assert {mode for name, mode in modes.items() if name not in folders} == {0o600}
    assert "register.db-wal" in modes


def test_identity_and_secrets_are_made_once(folder: Path) -> None:
    with start(folder) as store:
        edge, secret = store.edge, store.folder.secret("web")
        assert re.fullmatch("[0-9a-f]{32}", edge)
        assert len(secret) == 32
        assert store.folder.secret("relay") != secret
        signature = store.sign(b"words")
    with start(folder) as store:
        assert (store.edge, store.folder.secret("web")) == (edge, secret)
        assert store.sign(b"words") == signature


@pytest.mark.parametrize("name", ["identity/edge.key", "keyring/device.key"])
def test_a_store_without_its_keys_refuses_to_start(folder: Path, name: str) -> None:
    lived_in(folder)
    kept = (folder / name).read_bytes()
    (folder / name).unlink()
    with pytest.raises(StoreFault, match=re.escape(name)) as refused:
        start(folder)
    assert "back" in refused.value.advice
    assert not (folder / name).exists()
    (folder / name).write_bytes(kept[:-1])
    with pytest.raises(StoreFault, match="31 bytes"):
        start(folder)
    (folder / name).write_bytes(kept)
    start(folder).close()


def test_another_sites_keys_do_not_fit(folder: Path) -> None:
    lived_in(folder)
    lived_in(folder.parent / "other")
    for name, words in (("keyring/device.key", "belong"), ("identity/edge.key", "belongs to edge")):
        kept = (folder / name).read_bytes()
        shutil.copy(folder.parent / "other" / name, folder / name)
        with pytest.raises(StoreFault, match=words):
            start(folder)
        (folder / name).write_bytes(kept)
    start(folder).close()


def test_the_second_to_open_is_told_who_was_first(folder: Path) -> None:
    with start(folder), pytest.raises(StoreFault, match=f"process {os.getpid()}"):
        start(folder)
    start(folder).close()


@pytest.mark.parametrize("schema", _SCHEMAS, ids=lambda schema: schema.name)
def test_the_migrations_lead_to_the_tables(tmp_path: Path, schema: migrate.Schema) -> None:
    engine = database.writing(tmp_path / "file.db")
    assert not migrate.is_current(schema, engine)
    migrate.migrate(schema, engine)
    assert migrate.is_current(schema, engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []


def test_a_newer_schema_is_refused(folder: Path) -> None:
    lived_in(folder)
    with closing(sqlite3.connect(folder / "register.db", isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreFault, match="9999"):
        start(folder)


def test_a_migration_is_preceded_by_a_backup(folder: Path) -> None:
    lived_in(folder)
    shutil.rmtree(folder / "backup")
    with closing(sqlite3.connect(folder / "biometrics.db", isolation_level=None)) as raw:
        raw.execute("DROP TABLE template")
        raw.execute("DELETE FROM alembic_version")
    start(folder).close()
    assert len(list((folder / "backup").glob("register-*.db"))) == 1


def _spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    path.write_bytes(bytes(content))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _remove(path: Path) -> None:
    path.unlink()


_HARMS = (_spoil, _empty, _remove)


@pytest.mark.parametrize("harm", _HARMS)
def test_a_damaged_register_is_replaced_by_its_backup(folder: Path, harm: say.Harm) -> None:
    resident = lived_in(folder)
    with start(folder) as store:
        journal = store.journal
        before = store.gallery(TODAY).version
        store.note(EventKind.CALL, "lost with the file", NOW)
    harm(folder / "register.db")
    with start(folder) as store:
        assert store.resident(resident) is not None
        assert store.journal != journal
        assert len(store.gallery(TODAY).rows) == 2
        assert store.gallery(TODAY).version > before
        assert store.gallery_floor > before
        reasons = [row.reason for row in store.events(newest=True, limit=2)]
        assert reasons == ["start", "store_restored"]
        assert {row.journal for row in store.events()} == {journal, store.journal}
        restored = store.journal
    kept = sorted(path.name for path in (folder / "damaged").rglob("*.db"))
    assert kept == ([] if harm is _remove else ["register.db"])
    assert verify(folder).broken == 0
    with start(folder) as store:
        assert store.journal == restored


@pytest.mark.parametrize("harm", _HARMS)
def test_a_damaged_register_without_a_backup_starts_nothing(folder: Path, harm: say.Harm) -> None:
    lived_in(folder)
    shutil.rmtree(folder / "backup")
    harm(folder / "register.db")
    for _ in range(2):
        with pytest.raises(StoreFault, match="no good backup"):
            start(folder)


def test_a_bad_backup_is_passed_over(folder: Path) -> None:
    resident = lived_in(folder)
    with start(folder) as store:
        store.keep_house(NOW.after(90_000))
    newest = max((folder / "backup").glob("register-*.db"))
    _spoil(newest)
    _spoil(folder / "register.db")
    with start(folder) as store:
        assert store.resident(resident) is not None


def test_lost_templates_cost_faces_and_nothing_else(folder: Path) -> None:
    resident = lived_in(folder)
    shutil.rmtree(folder / "backup")
    _remove(folder / "biometrics.db")
    with start(folder) as store:
        person = store.resident(resident)
        assert person is not None
        assert person.allowed == frozenset()
        assert store.gallery(TODAY).rows == ()
        reasons = [row.reason for row in store.events(newest=True, limit=10)]
        assert {"face_lost", "store_restored"} <= set(reasons)


def test_a_lost_keyring_comes_back_from_its_own_backup(folder: Path) -> None:
    lived_in(folder)
    _spoil(folder / "keyring" / "keyring.db")
    with start(folder) as store:
        assert len(store.gallery(TODAY).rows) == 2
    shutil.rmtree(folder / "keyring" / "backup")
    _remove(folder / "keyring" / "keyring.db")
    with pytest.raises(StoreFault, match=r"keyring\.db"):
        start(folder)


def test_a_first_start_cut_short_is_begun_again(folder: Path) -> None:
    start(folder).close()
    (folder / "identity" / "made").unlink()
    for name in ("biometrics.db", "keyring/keyring.db"):
        _empty(folder / name)
    start(folder).close()
    assert (folder / "identity" / "made").exists()


def test_backups_are_daily_and_live_seven_days(folder: Path) -> None:
    lived_in(folder)
    with start(folder) as store:
        for hours in range(0, 24 * 10, 6):
            store.keep_house(NOW.after(hours * 3600))
    for place, stem in (("backup", "register"), ("backup", "biometrics"), ("keyring/backup", "k")):
        found = list((folder / place).glob(f"{stem}*.db"))
        assert 7 <= len(found) <= 8, (place, len(found))
    assert not list((folder / "backup").glob("*k*ring*"))


def test_an_untrusted_clock_deletes_nothing(folder: Path) -> None:
    lived_in(folder)
    before = sorted(path.name for path in files(folder / "backup"))
    far = Moment(NOW.utc + timedelta(days=9000), NOW.mono, Trust.FLOOR)
    with start(folder) as store:
        seq, _ = opened(store)
        store.keep_house(far)
        row = store.event(seq)
        assert row is not None
        assert row.who is not None
    assert set(before) <= {path.name for path in files(folder / "backup")}


def test_the_keys_are_there_before_the_first_table(folder: Path) -> None:
    folder.mkdir()
    keys = load_keys(Folder(_with_rooms(folder)))
    with start(folder) as store:
        assert store.edge == keys.edge


def _with_rooms(folder: Path) -> Path:
    for name in ("identity", "keyring"):
        (folder / name).mkdir()
    return folder


def test_the_ballast_is_there_and_given_up(folder: Path) -> None:
    size = 1024 * 1024
    with Store.open(folder, NOW, ballast=size) as store:
        assert (folder / "ballast").stat().st_blocks * 512 >= size
        assert store.disk.ballast
        assert 0 < store.disk.free < store.disk.total


def test_clock_floor_is_the_newest_trusted_time(folder: Path) -> None:
    with start(folder) as store:
        assert store.clock_floor() == NOW.utc
        late = Moment(NOW.utc + timedelta(days=900), NOW.mono, Trust.FLOOR)
        store.note(EventKind.CALL, "call", late)
        assert store.clock_floor() == NOW.utc
        store.note(EventKind.CALL, "call", NOW.after(30))
        assert store.clock_floor() == NOW.after(30).utc
