"""A site whose store can be restarted: the one in memory and the one on a disk."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.store.store import Store
from models.command import Intent
from models.decision import Reason
from models.registry import Resident, ResidentKind
from models.template import Template
from tests.fakes import store_words as say
from tests.fakes.memory_shelf import Shelf
from tests.fakes.memory_store import MemoryStore
from tests.fakes.store_words import BOOT, HOME, NOW, POLICY

AnyStore = Store | MemoryStore
KINDS = ("memory", "sqlite")
NAME = "Ouyang Qingfeng"
PLANTED = b"THE-TEMPLATE-OF-A-FACE" * 20
CROP = b"\xff\xd8THE-PICTURE-OF-A-FACE" * 20


@dataclass
class StoreSite:
    """A store that can be restarted, and the machine under it."""

    start: Callable[[str], AnyStore]
    store: AnyStore

    def restart(self, boot: str = BOOT) -> AnyStore:
        self.store.close()
        self.store = self.start(boot)
        return self.store


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Make a folder whose writes wait for no disk, where the system has memory to lend."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@contextmanager
def store_site(kind: str, folder: Path) -> Iterator[StoreSite]:
    """Start a store of one kind; closed at the end."""
    shelf = Shelf()

    def start(boot: str) -> AnyStore:
        if kind == "memory":
            return MemoryStore(shelf, NOW, boot=boot)
        return Store.open(folder / "state", NOW, ballast=0, boot=boot)

    site = StoreSite(start, start(BOOT))
    try:
        yield site
    finally:
        site.store.close()


def resident(store: AnyStore, name: str = "Zhang San", until: date | None = None) -> Resident:
    """Put someone on the register."""
    return store.add_resident(name, HOME, ResidentKind.OWNER, until, NOW)


def opened(
    store: AnyStore, use: int = 1, lane: int = 1, pass_id: str = "aa" * 16
) -> tuple[int, Intent]:
    """Record an opening for a pass's use; return its seq and its command."""
    intent = say.wish(lane)
    seq = store.record(
        say.shown(lane),
        say.facts(lane, claims=say.claims(pass_id)),
        say.opens(use=use),
        NOW,
        intent=intent,
        crop=None,
        policy=POLICY,
        who="visitor of 3-1-502",
        home=str(HOME),
    )
    return seq, intent


def on_disk(folder: Path) -> Store:
    """Open the store in a folder."""
    return Store.open(folder, NOW, ballast=0, boot=BOOT)


def enrolled(store: Store, until: date | None = None) -> Resident:
    """Put someone on the register whose name and template can be searched for."""
    person = store.add_resident(NAME, HOME, ResidentKind.OWNER, until, NOW)
    store.enrol(person.resident_id, say.consent(), [Template("sface-1", PLANTED)], NOW)
    return person


def seen_at_gate(store: Store, person: Resident) -> int:
    """Record that someone was let in, with a picture; return the seq."""
    return store.record(
        say.face(person.resident_id),
        say.facts(resident=person),
        say.opens(Reason.RESIDENT),
        NOW,
        intent=None,
        crop=CROP,
        policy=POLICY,
        who=person.name,
        home=str(person.home),
    )
