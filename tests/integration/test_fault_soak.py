"""Eight lanes at far more than a usual day's work for long: nothing grows, nothing is lost.

`KUAHU_SOAK_MINUTES` says for how long; the arithmetic is proved in tests/unit/test_soak_growth.py.
"""

import time
from collections import Counter
from pathlib import Path

import pytest

from models.lane import Drive
from tests.fakes.centre_server import running
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.oracle import judge
from tests.fakes.running_site import wait_until
from tests.nemesis.evidence import history_of
from tests.nemesis.site import Site, nemesis_site, say
from tests.nemesis.soak import (
    LARGEST_LOG,
    NORMAL,
    TIMES_NORMAL,
    desk,
    lines_of,
    log_size,
    minutes,
    outbox_size,
    pages,
    row_count,
)
from tests.nemesis.visitors import visitors
from tests.nemesis.vitals import Nurse, open_files

LANES = 8
EVERY = 1.0


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.fault("F27")
@needs_mosquitto
def test_a_site_that_works_for_long_does_not_grow(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/centre.db"
    with (
        running(database) as far,
        nemesis_site(tmp_path, LANES, drive=Drive.OPEN_CLOSE, centre=(far, database)) as site,
    ):
        site.file.write_text(site.file.read_text("utf-8") + "\n[web]\nport = 0\n", "utf-8")
        with site.core("count-objects") as core, pages(site) as web:
            nurse = Nurse(
                {
                    "core": (core.pid, site.root / "objects-core"),
                    "web": (web.pid, site.root / "objects-web"),
                },
                {"wal": lambda: log_size(site), "outbox": lambda: outbox_size(site)},
            )
            with visitors(site, EVERY) as people, desk(site) as guard:
                pace, fresh = work(site, nurse, core.pid)
            wait_until(lambda: outbox_size(site) == 0, 300, "an empty outbox")
            assert core.poll() is None
            assert web.poll() is None
        told = people.told
        history = history_of(site, told, far)
    lines = lines_of(nurse)
    largest = max(size for _, size in nurse.numbers["wal"])
    for line in lines:
        say(str(line))
    say(f"{people.came} people, {len(history.journal)} rows, {pace / NORMAL / LANES:.0f} x normal")
    say(f"log at most {largest / 1024:.0f} KiB; {guard.looks} looks, {guard.heard} pieces of news")
    say(f"files that core has opened in the second half: {dict(fresh)}")
    assert people.errors == []
    opened = sum(one.answer == "opened" for one in told)
    assert opened >= 0.99 * len(told), "a disk that others stall may refuse one now and then"
    assert guard.looks > 0
    assert guard.heard > len(told), "the open page hears of every row"
    assert pace >= TIMES_NORMAL * NORMAL * LANES, "too slow a machine for this proof"
    assert judge(history) == ()
    assert largest <= LARGEST_LOG
    assert [str(line) for line in lines if line.leaks] == []


def work(site: Site, nurse: Nurse, pid: int) -> tuple[float, Counter[str]]:
    """Let the site work for the length of a soak.

    Returns the journal's rows a second, and what process `pid` has open at the end and had not yet
    in the middle.
    """
    began, before = time.monotonic(), row_count(site.places.root)
    nurse.start()
    try:
        time.sleep(minutes() * 30)
        middle = open_files(pid)
        time.sleep(minutes() * 30)
        opened = open_files(pid) - middle
    finally:
        nurse.stop()
    return (row_count(site.places.root) - before) / (time.monotonic() - began), opened
