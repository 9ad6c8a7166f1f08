"""One single-use pass shown at 32 lanes in the same instant opens one of them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.facts import Gatherer, SiteRules
from edge.inbox import Seen
from edge.lane import LaneKeeper
from edge.ports import Gathered, World
from edge.store import passes
from edge.store.store import Store
from gate.barrier import Fitting
from gate.passes import mint
from models.command import Command
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import Observation, PassShown, Sighting
from models.signal import Signal
from models.visit import Claims, PassKind
from tests.fakes import store_words as say
from tests.fakes.store_site import quick_folder

LANES = 32
COMPOUND = "00112233"
START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
WAYS = frozenset({Credential.PASS})


class Relays:
    """Relays that are there and note what they are sent; safe for many lanes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent: list[Command] = []

    def last_seq(self, relay: str) -> int | None:
        del relay
        return 0

    def send(self, command: Command) -> None:
        with self._lock:
            self.sent.append(command)

    def signal(self, lane: int, signal: Signal) -> None:
        """Show nothing."""


class Watch:
    """The wall clock stands, the other one runs."""

    def now(self) -> Moment:
        return Moment(START, time.monotonic())


class Race:
    """Real lanes on a real store; all have gathered the facts before any may go on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.relays = Relays()
        self.said: list[tuple[str, str]] = []
        key = Ed25519PrivateKey.generate()
        begin = START - timedelta(hours=1)
        self.token = mint(
            Claims(
                pass_id="ab" * 16,
                host="a1" * 8,
                compound=COMPOUND,
                lanes=frozenset(),
                not_before=begin,
                expires=begin + timedelta(hours=3),
                uses=1,
                kind=PassKind.SINGLE,
                kid=1,
            ),
            key,
        )
        lanes = {
            n: Lane(n, f"{n}", LaneKind.PEDESTRIAN, frozenset({Direction.ENTRY}), Drive.PULSE, WAYS)
            for n in range(1, LANES + 1)
        }
        keys = {1: key.public_key()}
        gather = Gatherer(SiteRules(COMPOUND, ZoneInfo("UTC"), lanes, lambda: keys), store)
        together = threading.Barrier(LANES)
        met = threading.local()

        def gather_together(seen: Observation, now: Moment) -> Gathered:
            found = gather(seen, now)
            if not getattr(met, "yes", False):
                met.yes = True
                together.wait(60)
            return found

        world = World(
            Watch(), gather_together, store, self.relays, lambda *_: None, lambda _seq: None
        )
        fitting = Fitting(Drive.PULSE, frozenset(), 5.0)
        self.keepers = [LaneKeeper(lanes[n], f"gate-{n}", fitting, world) for n in lanes]

    def run(self) -> None:
        threads = [threading.Thread(target=self._show, args=(keeper,)) for keeper in self.keepers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive()

    def _show(self, keeper: LaneKeeper) -> None:
        at = Sighting(keeper.lane.number, Direction.ENTRY, time.monotonic())
        heard = lambda answer, reason, _seq: self.said.append((answer, reason))  # noqa: E731
        keeper.handle(Seen(PassShown(at, self.token), None, heard))


@contextmanager
def race() -> Iterator[Race]:
    now = Moment(START, time.monotonic())
    with quick_folder() as folder, Store.open(folder, now, ballast=0, boot=say.BOOT) as store:
        yield Race(store)


@pytest.mark.fault("F25")
def test_one_pass_at_many_lanes_in_one_instant_opens_one() -> None:
    with race() as one:
        one.run()
        assert len(one.relays.sent) == 1
        assert [answer for answer, _ in one.said].count("refused") == LANES - 1
        assert {reason for _, reason in one.said} == {"used"}
        (use,) = one.store.pass_state("ab" * 16).uses
        assert use.lane == one.relays.sent[0].lane


@pytest.mark.fault("F25")
def test_a_store_that_does_not_look_whether_the_use_is_free_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passes, "spend", lambda _connection, _one: None)
    with race() as one:
        one.run()
        assert len(one.relays.sent) > 1
