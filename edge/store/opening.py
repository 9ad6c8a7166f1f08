"""Opening a store: keys, damage, schema, crossed-out work of the last run; in this order."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from edge.store import copies, disk, erasing, keyring, letters, marks, recording
from edge.store.body import Body
from edge.store.database import reading, translated, writing
from edge.store.evidence import Evidence
from edge.store.faces import Faces
from edge.store.folder import Folder, Keys, load_keys, prepare, touch_private, write_once
from edge.store.journal import Entry, append
from edge.store.lock import Lock
from edge.store.mend import mend
from edge.store.migrate import (
    BIOMETRICS_SCHEMA,
    KEYRING_SCHEMA,
    REGISTER_SCHEMA,
    Schema,
    is_current,
    migrate,
)
from edge.store.reads import Reads
from edge.store.writer import Writer
from models.errors import StoreFault
from models.event import EventKind
from models.moment import Moment

RESTORED_STEP = 1_000_000
"""Gallery versions that a restored register skips: none from before may look newer."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Parts:
    """What an open store is made of."""

    folder: Folder
    keys: Keys
    lock: Lock
    writer: Writer
    reads: Reads
    faces: Faces
    evidence: Evidence
    journal: str
    boot: str
    ballast: int


@dataclass(frozen=True, slots=True)
class Wish:
    """How a store is to be opened; `ballast` in bytes, `boot` names this start of the machine."""

    ballast: int = disk.BALLAST
    boot: str | None = None
    start: bool = True


def open_parts(root: Path, now: Moment, wish: Wish) -> Parts:
    """Return the parts of the store in `root`, made now if the folder is new.

    Raises StoreFault when another process holds it, when its keys are missing, when it was written
    by a newer program, or when it is damaged beyond its backups.
    """
    folder = prepare(root)
    lock = Lock(folder.lock)
    try:
        return _open(folder, lock, now, wish)
    except BaseException:
        lock.release()
        raise


def boot_id() -> str:
    """Return the id of this start of the machine, a random one where the system names none."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)


def _open(folder: Folder, lock: Lock, now: Moment, wish: Wish) -> Parts:
    if disk.is_full(folder.root):
        disk.drop_reserve(folder.ballast)
    keys = load_keys(folder)
    mended = mend(folder, now.utc)
    disk.load_ballast(folder.ballast, wish.ballast)
    register, templates, wrapped = _engines(folder, now)
    with translated("keyring.db"), wrapped.begin() as connection:
        keyring.prove(connection, keys.device)

    def on_fault(full: bool) -> None:  # noqa: FBT001 - the writer's one question
        # A full disk may also show as an I/O error, where SQLite extends its shared memory.
        if full or disk.is_full(folder.root):
            disk.drop_ballast(folder.ballast)

    run = _Run(secrets.token_hex(8), tuple(mended.items()), now, wish.start)

    def settle(connection: Connection) -> None:
        marks.note_fault(connection)
        journal = marks.read(connection, marks.JOURNAL)
        if journal is not None:
            run.begin(connection, journal)

    writer = Writer(register, settle, on_fault)
    faces = Faces(wrapped, templates, keys.device)
    reads = Reads(reading(folder.register))
    evidence = Evidence(folder.evidence, keys.device)
    try:
        reads.warm()
        journal = writer.submit(
            lambda connection: _begin(connection, keys.edge, folder.register.name in mended),
            wait=60,
        )
        erasing.finish(writer, faces, evidence, journal, now)
        # A full disk keeps nobody's door shut: the guard's button and all that is known still
        # work, and the run is begun in the journal by the first write that succeeds.
        with suppress(StoreFault):
            writer.submit(lambda connection: run.begin(connection, journal), wait=60)
        if not folder.made.exists():
            write_once(folder.made, b"")
    except BaseException:
        writer.close()
        evidence.close()
        reads.close()
        faces.close()
        raise
    boot = wish.boot or boot_id()
    return Parts(folder, keys, lock, writer, reads, faces, evidence, journal, boot, wish.ballast)


def _engines(folder: Folder, now: Moment) -> tuple[Engine, Engine, Engine]:
    files: tuple[tuple[Path, Schema], ...] = (
        (folder.register, REGISTER_SCHEMA),
        (folder.biometrics, BIOMETRICS_SCHEMA),
        (folder.keyring, KEYRING_SCHEMA),
    )
    engines = []
    behind = []
    for path, schema in files:
        touch_private(path)
        engine = writing(path)
        engines.append(engine)
        if not is_current(schema, engine):
            behind.append((schema, engine))
    if behind and folder.made.exists():
        copies.make(folder, now.utc)
    for schema, engine in behind:
        migrate(schema, engine)
    return engines[0], engines[1], engines[2]


def _begin(connection: Connection, edge: str, restored: bool) -> str:  # noqa: FBT001 - the fact itself
    """Return the journal's id, a new one for a new or a restored register."""
    owner = marks.read(connection, marks.EDGE)
    if owner is None:
        marks.write(connection, marks.EDGE, edge)
    elif owner != edge:
        message = f"register.db belongs to edge {owner}, not to this identity ({edge})"
        advice = "Put identity/edge.key back from where this register came from."
        raise StoreFault(message, part="store", advice=advice)
    journal = marks.read(connection, marks.JOURNAL)
    if journal is None or restored:
        journal = secrets.token_hex(16)
        marks.write(connection, marks.JOURNAL, journal)
    if restored:
        marks.raise_floor(connection, RESTORED_STEP)
        letters.skip(connection)
    return journal


@dataclass(frozen=True, slots=True)
class _Run:
    """This run of the store, begun in the journal once and before anything else is written."""

    name: str
    mended: tuple[tuple[str, str], ...]
    now: Moment
    start: bool

    def begin(self, connection: Connection, journal: str) -> None:
        """End what the last run left open and say that this one has started."""
        if marks.read(connection, marks.RUN) == self.name:
            return
        marks.write(connection, marks.RUN, self.name)
        at, trust = self.now.utc, self.now.trust
        recording.close_unanswered(connection, journal, self.now)
        for name, wrong in self.mended:
            text = f"{name} was damaged ({wrong}); its newest good backup is in its place"
            entry = Entry(EventKind.FAULT, at, trust, reason="store_restored", body=Body(note=text))
            append(connection, journal, entry)
        if self.start:
            append(connection, journal, Entry(EventKind.START, at, trust, reason="start"))
