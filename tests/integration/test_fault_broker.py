"""A broker that stalls, flaps, repeats, reorders, replays and keeps: each command moves once."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.arm import ACT_WITHIN
from models.lane import Drive
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.oracle import Rule, judge
from tests.fakes.running_site import wait_until
from tests.fakes.tcp_proxy import Packet, Proxy, Way, mqtt_proxy
from tests.nemesis.evidence import history_of
from tests.nemesis.load import Told, guards, press_once
from tests.nemesis.site import Site, nemesis_site, say

pytestmark = needs_mosquitto


def opens(site: Site) -> bool:
    return press_once(site).answer == "opened"


def beats_since(site: Site, count: int) -> None:
    """Return once the gate is heard again and `count` more commands of a guard were done."""
    for _ in range(count):
        wait_until(lambda: opens(site), 60, "an opening after the outage")


def stalled(root: Path, *words: str) -> set[Rule]:
    """Press while the broker stands still, wake it, and return which promises broke."""
    told: list[Told] = []
    with nemesis_site(root, 1) as site:
        with site.core(*words):
            wait_until(lambda: opens(site), 60, "a first opening")
            for _ in range(2):
                site.broker.stall()
                # The first finds the relay fresh and sends; a later one finds it away.
                told += [press_once(site) for _ in range(2)]
                # It wakes only when the last command's deadline has passed.
                time.sleep(2 * ACT_WITHIN)
                site.broker.resume()
                beats_since(site, 2)
        history = history_of(site, told)
    if not words:
        assert {one.answer for one in told} <= {"timed_out", "away"}
        assert "timed_out" in {one.answer for one in told}
    return {violation.rule for violation in judge(history)}


@pytest.mark.fault("F8")
def test_what_a_stalled_broker_holds_moves_nothing_when_it_wakes(tmp_path: Path) -> None:
    assert stalled(tmp_path) == set()


@pytest.mark.fault("F8", "F10")
def test_a_core_that_takes_a_sent_message_for_an_opening_is_found_out(tmp_path: Path) -> None:
    assert Rule.UNMOVED in stalled(tmp_path, "believe-the-broker")


class Muddle:
    """Repeats, swaps, holds back, replays and marks as retained, by a seeded die."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self._held: dict[str, Packet] = {}
        self._old: list[Packet] = []
        self.twisted = 0

    def __call__(self, way: Way, packet: Packet) -> list[Packet]:
        if way is Way.UP or not packet.topic.startswith("kuahu/1/relay/"):
            return [packet]
        with self._lock:
            return self._muddled(packet)

    def _muddled(self, packet: Packet) -> list[Packet]:
        self._old = [*self._old[-200:], packet]
        before = self._held.pop(packet.topic, None)
        if before is not None:
            return [packet, before, packet]
        match self._rng.randrange(8):
            case 0:
                out = [packet, packet, packet]
            case 1:
                self._held[packet.topic] = packet
                out = []
            case 2:
                same = [old for old in self._old if old.topic == packet.topic]
                out = [self._rng.choice(same), packet]
            case 3:
                out = [packet.retained(), packet]
            case 4:
                out = [packet, packet.retained()]
            case _:
                return [packet]
        self.twisted += 1
        return out


@contextmanager
def proxied(root: Path, lanes: int, drive: Drive = Drive.PULSE) -> Iterator[tuple[Site, Proxy]]:
    proxies: list[Proxy] = []

    @contextmanager
    def through(port: int) -> Iterator[int]:
        with mqtt_proxy(port) as proxy:
            proxies.append(proxy)
            yield proxy.port

    with nemesis_site(root, lanes, drive=drive, through=through) as site:
        yield site, proxies[0]


def muddle(root: Path, seed: int, openings: int) -> None:
    say(f"seed {seed}, {openings} openings")
    with proxied(root, 2) as (site, proxy):
        with site.core():
            wait_until(lambda: opens(site), 60, "a first opening")
            twist = Muddle(seed)
            proxy.twist = twist
            with guards(site, pause=0.02) as at_work:
                wait_until(lambda: at_work.opened >= openings, 240, f"{openings} openings")
            # Everything that ever went by, once more, to whoever listens.
            for packet in twist._old:
                proxy.say(packet)
                proxy.say(packet.retained())
            proxy.twist = lambda _way, packet: [packet]
            beats_since(site, 2)
        assert twist.twisted > openings / 4
        assert judge(history_of(site, at_work.told)) == ()


@pytest.mark.fault("F11")
def test_repeated_swapped_replayed_and_retained_messages_move_each_command_once(
    tmp_path: Path,
) -> None:
    muddle(tmp_path, 7, 40)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.fault("F11")
@pytest.mark.parametrize("seed", range(10))
def test_a_long_muddle_moves_each_command_once(tmp_path: Path, seed: int) -> None:
    muddle(tmp_path, seed, 500)


def flap(root: Path, seed: int, times: int) -> None:
    rng = random.Random(seed)
    say(f"seed {seed}, {times} flaps")
    with proxied(root, 1) as (site, proxy):
        with site.core(), guards(site, pause=0.02) as at_work:
            wait_until(lambda: at_work.opened >= 1, 60, "a first opening")
            begun = time.monotonic()
            for _ in range(times):
                proxy.close()
                time.sleep(rng.uniform(0.2, 0.6))
                proxy.open()
                time.sleep(rng.uniform(0.2, 0.6))
            heard, lasted = at_work.opened, time.monotonic() - begun
            wait_until(lambda: at_work.opened >= heard + 3, 60, "openings after the flapping")
        # Core and one relay: at most one new connection a second each, and the first ones.
        assert proxy.connections <= 2 * (lasted + 2)
        history = history_of(site, at_work.told)
    assert judge(history) == ()
    assert {one.answer for one in at_work.told} > {"opened"}, "no outage was felt"
    assert len({entry.cmd_id for entry in history.actuations}) == len(history.actuations)


@pytest.mark.fault("F9")
def test_a_flapping_broker_delays_and_doubles_nothing(tmp_path: Path) -> None:
    flap(tmp_path, 9, 4)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.fault("F9")
def test_a_minute_of_flapping_delays_and_doubles_nothing(tmp_path: Path) -> None:
    flap(tmp_path, 99, 75)
