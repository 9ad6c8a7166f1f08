"""However many read at once, the store has the same files open."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from edge.store.reads import QUICK, SLOW
from models.event import EventKind
from tests.fakes.store_site import on_disk, quick_folder
from tests.fakes.store_words import NOW
from tests.nemesis.vitals import open_files


def test_a_busy_moment_opens_no_file_that_was_not_open_before() -> None:
    with quick_folder() as folder, on_disk(folder / "s") as store:
        store.note(EventKind.CALL, "call", NOW, lane=1)
        before = store_files()
        assert before["register.db"] >= QUICK + SLOW
        many, start = 24, Barrier(24)

        def read(number: int) -> None:
            start.wait(60)
            for _ in range(20):
                store.events(newest=True)
                store.pass_state(f"{number:032x}")

        with ThreadPoolExecutor(many) as readers:
            list(readers.map(read, range(many)))
        assert store_files() == before


def store_files() -> Counter[str]:
    names = open_files(os.getpid())
    return Counter({name: names[name] for name in names if name.startswith("register.db")})
