"""A small site around the real web process: two lanes, a core and an eye that behave."""

import itertools
import multiprocessing
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from config.settings import Settings
from edge import wire
from edge.clock import monotonic
from edge.web.process import run
from edge.web.screens import Screens
from edge.web.seal import Seal, open_secret
from models.event import EventKind
from models.lane import Credential
from tests.fakes.core import FakeCore, Person
from tests.fakes.web_eye import FakeEye, portrait

PASSWORD = "correct horse battery"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
"""Of PASSWORD; cheap, as a test is no attacker."""
GUARD = "小王"


def site_settings(**web: object) -> Settings:
    """Return two pedestrian lanes; the second goes both ways and has a browser's camera."""
    return Settings.model_validate(
        {
            "site": {"name": "跨湖小区", "compound": "00112233"},
            "web": {"host": "127.0.0.1", "port": 0, **web},
            "camera": [
                {"id": "cam-1", "source": "folder:pictures"},
                {"id": "cam-2", "source": "kiosk"},
            ],
            "relay": [{"name": "relay-1"}, {"name": "relay-2"}],
            "lane": [
                {
                    "number": 1,
                    "name": "东门人行",
                    "relay": "relay-1",
                    "demo": True,
                    "view": [{"camera": "cam-1"}],
                },
                {
                    "number": 2,
                    "name": "访客通道",
                    "relay": "relay-2",
                    "demo": True,
                    "directions": ["entry", "exit"],
                    "view": [{"camera": "cam-2"}, {"camera": "cam-2", "direction": "exit"}],
                },
            ],
        }
    )


@dataclass
class WebSite:
    """The pages at `url`, and what stands behind them."""

    url: str
    core: FakeCore
    eye: FakeEye
    folder: Path
    settings: Settings

    def admit(self, name: str, role: str) -> None:
        """Make an account whose password is PASSWORD, and wait until the pages know of it."""
        self.core._put_user(wire.PutUser(0, name, role, CHEAP_HASH))
        wait_for(lambda: httpx.get(f"{self.url}/login", verify=False).status_code == httpx.codes.OK)

    def lane_link(self, number: int) -> str:
        """Return the address that makes a device the screen of a lane."""
        key = self.seal.lane_key(number, Screens(self.folder).generation(number))
        return f"/lane/{number}?key={key}"

    @property
    def seal(self) -> Seal:
        """What this site signs with."""
        return Seal(open_secret(self.folder))


@contextmanager
def served(folder: Path, settings: Settings | None = None) -> Iterator[WebSite]:
    """Run the pages on a thread of this process, against a fake core and a fake eye."""
    settings = settings or site_settings()
    core, eye = FakeCore(folder, settings), FakeEye(folder)
    core.start()
    eye.start()
    stop, ports = threading.Event(), queue.Queue[int]()
    kinds = {"ready": ports.put}
    thread = threading.Thread(target=run, args=(settings, folder, stop), kwargs=kinds, daemon=True)
    thread.start()
    try:
        scheme = "https" if settings.web.certificate else "http"
        site = WebSite(f"{scheme}://127.0.0.1:{ports.get(timeout=60)}", core, eye, folder, settings)
        wait_for(lambda: health(site))
        yield site
    finally:
        stop.set()
        thread.join(20)
        core.stop()
        eye.stop()


def health(site: WebSite) -> bool:
    """Return what the pages say of themselves."""
    answer = httpx.get(f"{site.url}/healthz", verify=False)
    return answer.json() == {"ok": True} and answer.status_code == httpx.codes.OK


@contextmanager
def web_site(folder: Path, port: int = 0) -> Iterator[WebSite]:
    """Run the real web process against a fake core and a fake eye."""
    settings = site_settings(port=port)
    core, eye = FakeCore(folder, settings), FakeEye(folder)
    core.start()
    eye.start()
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=run, args=(settings, folder, stop), daemon=True)
    process.start()
    try:
        wait_for(lambda: (folder / "web.port").exists() or not process.is_alive(), 60)
        taken = (folder / "web.port").read_text("ascii").strip()
        yield WebSite(f"http://127.0.0.1:{taken}", core, eye, folder, settings)
    finally:
        stop.set()
        process.join(20)
        process.kill()
        process.join()
        core.stop()
        eye.stop()


def wait_for(seen: Callable[[], object], within: float = 10.0) -> None:
    """Return once `seen` holds; raise after `within` seconds, which no good run comes near."""
    until = monotonic() + within
    pause = threading.Event()
    while not seen():
        assert monotonic() < until, "what was waited for did not come"
        pause.wait(0.02)


def story() -> Iterator[tuple[int, Person, str, str, str]]:
    """Yield what happens at the gate, again and again."""
    resident = Person(Credential.FACE, "林晓", "3-1-502", portrait(90))
    stranger = Person(Credential.FACE, crop=portrait(150))
    visitor = Person(Credential.PASS, "访客（林晓）", "3-1-502")
    return itertools.cycle(
        (
            (1, resident, "opened", "resident", "entry"),
            (1, stranger, "refused", "unknown_face", "entry"),
            (2, visitor, "opened", "visitor", "entry"),
            (2, visitor, "opened", "visitor", "exit"),
            (2, visitor, "refused", "used", "entry"),
            (2, Person(Credential.PASS), "refused", "expired", "entry"),
            (2, Person(Credential.PASS), "refused", "forged", "entry"),
            (2, visitor, "asked", "clock", "entry"),
        )
    )


def show() -> None:
    """Serve the pages until interrupted, with someone coming by every few seconds."""
    with tempfile.TemporaryDirectory() as folder, web_site(Path(folder)) as site:
        print(f"{site.url}/claim?code={site.core.claim}", flush=True)  # noqa: T201 - for a person
        pause = threading.Event()
        for lane, person, answer, reason, direction in story():
            if pause.wait(6):
                break
            site.core.see(lane, person, answer, reason, direction)
            if reason == "clock":
                site.core._record(kind=EventKind.CALL, lane=2, reason="call")
