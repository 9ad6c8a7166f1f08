"""A site at work for long: what is measured of it, and what may grow by how much."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from edge import wire
from edge.channel import Client, connect
from edge.web.screens import Screens
from edge.web.seal import Seal, open_secret
from tests.fakes.running_site import wait_until
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import CHEAP_HASH, GUARD, PASSWORD
from tests.nemesis.evidence import waiting_in
from tests.nemesis.growth import growth
from tests.nemesis.site import ROOT, Site
from tests.nemesis.vitals import Nurse

NORMAL = 2000 / 86400
"""Journal rows a second at one gate on a usual day: the fault matrix counts 14,000 in a week."""
TIMES_NORMAL = 60
MB = 1024 * 1024
MAY_RISE = {"rss": 4.0 * MB, "files": 1.0, "threads": 1.0, "objects": 2000.0, "outbox": 500.0}
"""What may come on top in the second half, unless the spread explains more."""
LARGEST_LOG = 8 * MB
"""Twice what SQLite writes back by itself."""
LOOK_EVERY = 5.0


def minutes() -> float:
    """Return how long a soak lasts, from KUAHU_SOAK_MINUTES."""
    return float(os.environ.get("KUAHU_SOAK_MINUTES", "20"))


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of a soak: `level` and `rise` in its second half, and whether that is a leak."""

    name: str
    level: float
    rise: float
    spread: float
    leaks: bool

    def __str__(self) -> str:
        unit, per = ("MB", MB) if self.name.endswith("rss") else ("", 1)
        return (
            f"{self.name}: {self.level / per:.1f}{unit} "
            f"rise {self.rise / per:+.2f}{unit} spread {self.spread / per:.2f}{unit}"
        )


def lines_of(nurse: Nurse) -> tuple[Line, ...]:
    """Return what every measure did in the second half."""
    series = {
        f"{process} {word}": [(one.at, getattr(one, word)) for one in taken]
        for process, taken in nurse.vitals.items()
        for word in ("rss", "files", "threads", "objects")
    }
    series |= {name: list(taken) for name, taken in nurse.numbers.items() if name in MAY_RISE}
    found = []
    for name, taken in series.items():
        grown = growth([at for at, _ in taken], [value for _, value in taken])
        leaks = grown.over(MAY_RISE[name.rpartition(" ")[2]])
        found.append(Line(name, grown.mean, grown.rise, grown.spread, leaks))
    return tuple(found)


def log_size(site: Site) -> int:
    """Return the size of the register's write-ahead log in bytes."""
    path = site.places.root / "register.db-wal"
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def outbox_size(site: Site) -> int:
    """Return how many rows wait for the centre."""
    return waiting_in(site.places.root)


def row_count(folder: Path) -> int:
    """Return how many rows the journal has."""
    with closing(sqlite3.connect(f"file:{folder / 'register.db'}?mode=ro", uri=True)) as raw:
        return int(raw.execute("SELECT count(*) FROM event").fetchone()[0])


@contextmanager
def pages(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """Run the web process, with an account that may log in."""
    client = Client(connect(site.places.core_socket, "cli"), lambda _message: None)
    try:
        put = wire.PutUser(client.ref(), GUARD, "guard", CHEAP_HASH)
        client.ask(put, wire.Done)
    finally:
        client.close()
    counts = site.root / "objects-web"
    command = [sys.executable, "-m", "tests.nemesis.web_process", str(site.file), str(counts)]
    with (site.root / "web.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stderr=log)
    try:
        wait_until(site.places.web_port.exists, 60, "the pages")
        yield process
    finally:
        process.terminate()
        process.wait(60)


class Desk:
    """A guard who has the page open and looks at it, and a lane's screen, until `stop`."""

    def __init__(self, site: Site) -> None:
        self.url = f"http://127.0.0.1:{site.places.web_port.read_text('ascii').strip()}"
        root = site.places.root
        self._key = Seal(open_secret(root)).lane_key(1, Screens(root).generation(1))
        self._stop = threading.Event()
        self.heard = 0
        self.looks = 0
        work = (self._look, lambda: self._listen("/events"), self._stand)
        self._threads = [threading.Thread(target=one, name="desk") for one in work]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        with PlainBrowser(self.url) as browser:
            browser.log_in(GUARD, PASSWORD)
            while not self._stop.wait(LOOK_EVERY):
                self.looks += browser.get("/").status_code == httpx.codes.OK

    def _listen(self, path: str) -> None:
        with PlainBrowser(self.url) as browser:
            browser.log_in(GUARD, PASSWORD)
            self._hear(browser, path)

    def _stand(self) -> None:
        with PlainBrowser(self.url) as browser:
            browser.http.get(f"/lane/1?key={self._key}")
            self._hear(browser, "/lane/1/events")

    def _hear(self, browser: PlainBrowser, path: str) -> None:
        # A stream that ends is opened again, as a browser does.
        while not self._stop.is_set():
            with suppress(httpx.HTTPError), browser.http.stream("GET", path) as answer:
                for text in answer.iter_text():
                    self.heard += text.count("event:")
                    if self._stop.is_set():
                        return


@contextmanager
def desk(site: Site) -> Iterator[Desk]:
    """Yield a guard at the page; they have gone when the block ends."""
    guard = Desk(site)
    guard.start()
    try:
        yield guard
    finally:
        guard.stop()
