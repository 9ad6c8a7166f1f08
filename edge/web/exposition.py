"""What `/metrics` tells, read from one frozen snapshot of the site at the moment of asking.

Rules of this file:
- labels are words of the program and names of the site file; whatever is neither becomes `other`,
  so that no name, plate or id of a person can become a label and no label set grows without end;
- what core has not told lately is left out rather than repeated.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.settings import Settings
from config.stays import stay_zones
from edge import wire
from edge.ailment import Ailment
from edge.jobs import PROCESSES
from edge.sync.state import Answered
from gate.barrier import State
from gate.sensors import Ailing
from models.command import Outcome, Refusal
from models.decision import Reason, Verdict
from models.lane import Credential
from models.load import Power
from models.sensor import Input

OTHER = "other"
CAMERA = ("opening", "live", "waiting", "away", "silent", "frozen", "black", "ended")
_PARTS = ("broker", "store", "disk", "vision", "centre", "uses", "clock", "core", "site")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the web process knows at one moment; `age` is seconds since core last spoke."""

    up: bool
    age: float
    site: wire.Site | None


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that may become a label: they come from the site file."""

    parts: frozenset[str]
    cameras: frozenset[str]
    relays: frozenset[str]
    lanes: frozenset[str]
    zones: frozenset[str] = frozenset()
    stays: frozenset[str] = frozenset()
    loads: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Names":
        """Return the names of a site file."""
        cameras = frozenset(one.id for one in settings.camera)
        relays = frozenset(one.name for one in settings.relay)
        lanes = frozenset(str(one.number) for one in settings.lane)
        parts = {
            *_PARTS,
            *(f"camera {one}" for one in cameras),
            *(f"relay {one}" for one in relays),
            *(f"lane {one}" for one in lanes),
            *(f"process {one}" for one in PROCESSES),
            *(f"zone {one.id}" for one in settings.zone),
            *(f"load {one.id}" for one in settings.load),
        }
        zones = frozenset(one.id for one in settings.zone)
        stays = frozenset(one.name for one in stay_zones(settings.stays, settings.lane))
        loads = frozenset(one.id for one in settings.load)
        return cls(frozenset(parts), cameras, relays, lanes, zones, stays, loads)


class Exposition(Collector):
    """The families of one snapshot; made for one answer and thrown away with it."""

    def __init__(self, snapshot: Snapshot, names: Names) -> None:
        self._of = snapshot
        self._names = names

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        up, site = self._of.up, self._of.site
        yield _gauge("up", "Whether the gate program answers.", [((), up)])
        if self._of.age >= 0:
            yield _gauge("snapshot_age_seconds", "Since core last spoke.", [((), self._of.age)])
        yield self._ailments(site if up else None)
        if site is None or not up:
            return
        yield from _processes(site.figures.processes)
        yield from self._relays(site)
        yield from self._lanes(site)
        yield from self._cameras(site)
        yield from self._zones(site)
        yield from self._stays(site)
        yield from _store(site)
        yield from _centre(site)

    def _ailments(self, site: wire.Site | None) -> Metric:
        if site is None:
            found: list[tuple[tuple[str, ...], float]] = [((Ailment.CORE_AWAY, "core"), 1.0)]
        else:
            present = {
                (_word(one.ailment, Ailment), _word(one.part, self._names.parts))
                for one in site.faults
            }
            present |= {(_word(one, Ailment), "site") for one in site.notices}
            words = {word for word, _ in present}
            found = [(pair, 1.0) for pair in sorted(present)]
            found += [((str(word), ""), 0.0) for word in Ailment if word not in words]
        about = "What is wrong, by ailment and part; 0 without a part where nothing has it."
        return _gauge("ailment", about, found, ("state", "part"))

    def _relays(self, site: wire.Site) -> Iterator[Metric]:
        figures = site.figures
        yield _gauge("broker_connected", "Whether the broker lets us in.", [((), figures.broker)])
        relays = [(_word(one.name, self._names.relays), one) for one in figures.relays]
        away = [((name,), one.away) for name, one in relays]
        yield _gauge("relay_away", "Whether a relay cannot be commanded.", away, ("relay",))
        starts = [((name,), one.epochs) for name, one in relays]
        yield _counter("relay_starts", "Times that a relay started anew.", starts, ("relay",))

    def _stays(self, site: wire.Site) -> Iterator[Metric]:
        rooms = [((_word(one.zone, self._names.stays),), one) for one in site.rooms]
        inside = [(zone, one.inside) for zone, one in rooms]
        yield _gauge("stay_inside", "How many are inside a stay zone.", inside, ("zone",))
        free = [(z, max(0, one.spaces - one.inside)) for z, one in rooms if one.spaces is not None]
        yield _gauge("stay_free", "Free spaces of a stay zone.", free, ("zone",))
        nameless = [(zone, one.strangers) for zone, one in rooms]
        yield _gauge("stay_strangers", "Of those inside, without a name.", nameless, ("zone",))

    def _zones(self, site: wire.Site) -> Iterator[Metric]:
        zones = [((_word(one.id, self._names.zones),), one) for one in site.zones]
        levels = [(zone, one.level) for zone, one in zones]
        yield _gauge("zone_level", "Per cent to which lamps are asked to shine.", levels, ("zone",))
        watts = [(zone, one.watts) for zone, one in zones if one.watts >= 0]
        yield _gauge("zone_watts", "What a zone's meter shows.", watts, ("zone",))
        loads = [
            ((_word(one.id, self._names.loads), power), one.power == power)
            for one in site.loads
            for power in Power
        ]
        yield _gauge("load_state", "1 for how a charger stands.", loads, ("load", "state"))

    def _lanes(self, site: wire.Site) -> Iterator[Metric]:
        states = [
            ((self._lane(one.number), state), one.barrier == state)
            for one in site.lanes
            for state in State
        ]
        yield _gauge("barrier_state", "1 for what a barrier is doing.", states, ("lane", "state"))
        busy = [((self._lane(one.number),), one.occupied) for one in site.lanes]
        yield _gauge("lane_occupied", "Whether somebody may be in the way.", busy, ("lane",))
        lanes = [(self._lane(one.number), one) for one in site.figures.lanes]
        yield _counter(
            "decisions",
            "Decisions by way of entry, answer and reason.",
            [
                ((lane, *_words(words, (Credential, Verdict, Reason))), often)
                for lane, one in lanes
                for words, often in one.decisions
            ],
            ("lane", "credential", "verdict", "reason"),
        )
        yield _counter(
            "commands",
            "Commands to relays by what became of them.",
            [
                ((lane, *_words(words, (Outcome,))), often)
                for lane, one in lanes
                for words, often in one.outcomes
            ],
            ("lane", "outcome"),
        )
        yield _counter(
            "commands_refused",
            "Commands that a relay refused, by its rule.",
            [
                ((lane, *_words(words, (Refusal,))), often)
                for lane, one in lanes
                for words, often in one.refusals
            ],
            ("lane", "why"),
        )
        sensors = [
            ((lane, *_words(pair, (Input, Ailing))), 1)
            for lane, one in lanes
            for pair in one.sensors
        ]
        labels = ("lane", "input", "state")
        yield _gauge("sensor_ailing", "1 for an input that ails.", sensors, labels)
        for name, about, counts in (
            ("observations_coalesced", "Seen again before it was answered.", "coalesced"),
            ("observations_overflowed", "Turned away because too many came.", "overflowed"),
            ("late_openings", "Openings by hand that waited for the disk.", "late"),
            ("tailgated", "Cars that went through behind another's opening.", "tailgated"),
        ):
            yield _counter(name, about, [((n,), getattr(o, counts)) for n, o in lanes], ("lane",))
        waits = [((lane,), one.waited) for lane, one in lanes]
        about = "The slowest decision's wait for the disk within the last minute."
        yield _gauge("store_wait_seconds", about, waits, ("lane",))

    def _lane(self, number: int) -> str:
        return _word(str(number), self._names.lanes)

    def _cameras(self, site: wire.Site) -> Iterator[Metric]:
        cameras = [(_word(one.id, self._names.cameras), one) for one in site.cameras]
        states = [((name, state), one.state == state) for name, one in cameras for state in CAMERA]
        yield _gauge("camera_state", "1 for how a camera is.", states, ("camera", "state"))
        for name, about, field in (
            ("camera_fps", "Pictures a second.", "fps"),
            ("camera_width_pixels", "Width of its pictures.", "width"),
            ("camera_height_pixels", "Height of its pictures.", "height"),
        ):
            yield _gauge(name, about, [((n,), getattr(o, field)) for n, o in cameras], ("camera",))
        dropped = [((name,), one.dropped) for name, one in cameras]
        yield _counter(
            "frames_dropped", "Pictures that a newer one replaced.", dropped, ("camera",)
        )
        figures = site.figures
        yield _gauge("engine_on", "Whether faces are looked for.", [((), bool(figures.engine))])
        yield _gauge("gallery_version", "The newest gallery.", [((), figures.gallery)])
        lag = max(0, figures.gallery - figures.gallery_seen) if figures.engine else 0
        yield _gauge("gallery_lag", "Versions that vision's gallery is behind.", [((), lag)])


def _processes(processes: Iterable[wire.ProcessState]) -> Iterator[Metric]:
    named = [(_word(one.name, PROCESSES), one) for one in processes]
    label = ("process",)
    beating = [((name,), one.beating) for name, one in named]
    yield _gauge("process_beating", "Whether a process turns its loops.", beating, label)
    ages = [((name,), one.beat_age) for name, one in named if one.beat_age >= 0]
    yield _gauge("process_beat_age_seconds", "Since a process last turned.", ages, label)
    restarts = [((name,), one.restarts) for name, one in named]
    yield _counter("process_restarts", "Times that a process was started again.", restarts, label)


def _store(site: wire.Site) -> Iterator[Metric]:
    figures = site.figures
    for name, about, value in (
        ("disk_total_bytes", "The disk under the state folder.", figures.disk_total),
        ("disk_free_bytes", "What is free of it.", figures.disk_free),
        ("ballast", "Whether the ballast file still lies there.", figures.ballast),
        ("openings_unrecorded", "Openings by hand that wait for the disk now.", site.unrecorded),
        ("time_trusted", "Whether the wall clock is believed.", site.time_trust == "trusted"),
    ):
        yield _gauge(name, about, [((), value)])
    lost = [((), figures.crops_lost)]
    yield _counter("evidence_lost", "Evidence pictures that could not be kept.", lost)


def _centre(site: wire.Site) -> Iterator[Metric]:
    reached = site.centre == "ok"
    for name, about, value in (
        ("centre_configured", "Whether the site has a centre.", site.centre != "none"),
        ("centre_reached", "Whether the centre's last answer was good.", reached),
        ("outbox_events", "Events that wait for the centre.", site.backlog),
        ("quarantined_events", "Events that the centre did not accept.", site.quarantined),
        ("forked_events", "Of those, events with another hash there.", site.figures.forked),
        ("letters", "Letters about the register that wait for the centre.", site.figures.letters),
        ("letters_aside", "Letters that the centre did not accept.", site.figures.letters_aside),
        ("centre_heard", "Whether the centre's news was last heard.", site.figures.centre_tells),
        ("centre_behind", "Whether the centre has forgotten.", site.figures.centre_behind),
        ("told_waiting", "Items of the centre not dealt with yet.", site.figures.told_waiting),
    ):
        yield _gauge(name, about, [((), value)])
    refused = [((), site.figures.told_refused)]
    yield _counter("told_refused", "Items of the centre that could not be used.", refused)
    answers = [((word,), site.figures.answer == word) for word in Answered]
    yield _gauge("centre_answer", "1 for what the centre last answered.", answers, ("answer",))


def _word(word: str, known: Iterable[str]) -> str:
    return str(word) if word in set(known) else OTHER


def _words(words: Iterable[str], known: tuple[Iterable[str], ...]) -> tuple[str, ...]:
    return tuple(_word(word, of) for word, of in zip(words, known, strict=True))


Rows = Iterable[tuple[tuple[str, ...], float]]


def _gauge(name: str, about: str, rows: Rows, labels: tuple[str, ...] = ()) -> Metric:
    family = GaugeMetricFamily(f"kuahu_{name}", about, labels=labels)
    for values, value in _summed(rows):
        family.add_metric(values, value)
    return family


def _counter(name: str, about: str, rows: Rows, labels: tuple[str, ...] = ()) -> Metric:
    family = CounterMetricFamily(f"kuahu_{name}", about, labels=labels)
    for values, value in _summed(rows):
        family.add_metric(values, value)
    return family


def _summed(rows: Rows) -> Iterator[tuple[list[str], float]]:
    """Yield one row for each set of labels: two unknown words are one `other`."""
    sums: dict[tuple[str, ...], float] = {}
    for values, value in rows:
        sums[values] = sums.get(values, 0.0) + float(value)
    for values, value in sums.items():
        yield list(values), value
