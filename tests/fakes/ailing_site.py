"""A compound in memory that can be made to have every ailment, and the state that core tells of it.

Each ailment is brought about where it begins: at a relay, a gate, a store, a camera's own word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from edge import wire
from edge.ailment import Ailment
from edge.core.complaints import Complaints
from edge.core.eyes import Eyes
from edge.core.health import store_notices, store_troubles
from edge.core.status import Sources, Status
from edge.core.way import WayDown, WayUp
from edge.neighbours import Company
from edge.store.disk import DiskState, mark_of
from edge.zones import View
from gate.barrier import HoldOpen, Sent, State
from models.command import Action, Outcome, Position, Refusal, Report
from models.errors import StoreFault
from models.moment import Moment, Trust
from models.sensor import Input
from models.template import Gallery
from tests.fakes.compound import Compound
from tests.fakes.garage import ailing_garage

LIVE = wire.CameraState("cam1", ok=True, state="live", width=1280, height=720, fps=10.0)


@dataclass
class Disk:
    """A store as its health is read."""

    used: int = 10
    trouble: StoreFault | None = None
    restored: tuple[str, ...] = ()

    @property
    def disk(self) -> DiskState:
        return DiskState(100, 100 - self.used, mark_of(100, 100 - self.used), ballast=True)


@dataclass
class AilingSite:
    """The compound, and the knobs of what lies outside it."""

    compound: Compound = field(default_factory=Compound)
    disk: Disk = field(default_factory=Disk)
    way: WayUp = field(default_factory=lambda: WayUp("ok", answer="taken"))
    down: WayDown = field(default_factory=lambda: WayDown("ok", answer="taken"))
    company: Company = field(default_factory=Company)
    trust: Trust = Trust.TRUSTED
    processes: tuple[wire.ProcessState, ...] = (
        wire.ProcessState("core", beating=True, restarts=0, beat_age=0.1),
    )
    vision: wire.VisionHealth | None = field(
        default_factory=lambda: wire.VisionHealth(1, "yunet-sface", (LIVE,), gallery=3)
    )
    notices: tuple[str, ...] = ()
    zones: View = field(default_factory=View)
    """What the zones' own loop says of itself (tests/unit/test_zones.py)."""
    loose: str = ""
    """The gate whose loop has a loose wire; empty where none has."""

    def __post_init__(self) -> None:
        site = self.compound
        self.eyes = Eyes(lambda: Gallery(0, ()), site.clock)
        self.complaints = Complaints()
        self.status = Status(
            Sources(
                name="小区",
                timezone="Asia/Shanghai",
                keepers=site.keepers,
                shapes=site.shapes,
                eyes=self.eyes,
                broker=lambda: "" if site.relays.broker_up else "the broker does not answer",
                relay=lambda name: "" if site.relays.last_seq(name) is not None else "is away",
                store=lambda: store_troubles(self.disk),  # type: ignore[arg-type]
                centre=lambda: self.way,
                told=lambda: self.down,
                company=lambda: self.company,
                claimed=lambda: True,
                notices=lambda: (*store_notices(self.disk), *self.notices),  # type: ignore[arg-type]
                starts=lambda name: site.relays._track(name).starts,
                gallery=lambda: 3,
                disk=lambda: self.disk.disk,
                processes=lambda _now: self.processes,
                zones=lambda: self.zones,
            )
        )

    def now(self) -> Moment:
        """Return this moment, with the trust that the site's clock has."""
        return replace(self.compound.clocks.now(), trust=self.trust)

    def site(self) -> wire.Site:
        """Return what core tells now."""
        if self.vision is not None:
            self.eyes.heard(self.vision)
        return self.status.site(self.now())

    def live(self, seconds: float) -> wire.Site:
        """Let time pass, with core's look once a second, and return what it tells at the end."""
        told = self.site()
        self.complaints.look(told, self.now().mono)
        for _ in range(round(seconds)):
            self._second()
            told = self.site()
            self.complaints.look(told, self.now().mono)
        return told

    def _second(self) -> None:
        if not self.loose:
            self.compound.settle(1.0)
            return
        for turn in range(10):
            self.gate(self.loose, standing=turn % 2 == 0)
            self.compound.settle(0.1)

    def camera(self, **changes: object) -> None:
        """Have vision say something else of its camera."""
        camera = wire.CameraState(
            **{name: changes.get(name, getattr(LIVE, name)) for name in LIVE.__struct_fields__}
        )
        self.vision = wire.VisionHealth(1, "yunet-sface", (camera,), gallery=3)

    def gate(self, name: str, **changes: object) -> None:
        """Do something to a gate's iron or wires."""
        fake = self.compound.relays.gates[name]
        fake.gate = replace(fake.gate, **changes)  # type: ignore[arg-type]

    def barrier(self, state: State) -> None:
        """Have lane 1's barrier be believed in a state."""
        arm = self.compound.keepers[1]._arm
        arm.barrier = replace(arm.barrier, state=state, since=self.now().mono, awaiting=None)


def _refusing(site: AilingSite) -> None:
    gate = site.compound.relays.gates["gate-1"]
    gate.relay = replace(gate.relay, last_seq=100_000)
    assert site.compound.show(site.compound.press(1)).answer == "refused"


def _deaf(site: AilingSite) -> None:
    site.compound.relays.gates["gate-1"].unplug()
    assert site.compound.show(site.compound.press(1)).answer == "timed_out"
    site.compound.relays.gates["gate-1"].plug()


def _rebooted(site: AilingSite) -> None:
    gate = site.compound.relays.gates["gate-1"]
    gate.unplug()
    site.compound.settle(3.0)
    gate.reboot()
    gate.plug()


def _lost(site: AilingSite) -> None:
    gate = site.compound.relays.gates["gate-2"]
    site.gate("gate-2", shows_position=False)
    gate.unplug()
    site.compound.settle(3.0)
    gate.plug()


def _broken_motor(site: AilingSite) -> None:
    arm = site.compound.keepers[1]._arm
    arm.step(Sent("c" * 32, Action.OPEN, site.now().mono + 1))
    outcome, at = Outcome.REFUSED, site.now().mono
    report = Report("c" * 32, "gate-1", 1, outcome, Position.UNKNOWN, at, Refusal.FAULT)
    arm.step(report)


def _forced(site: AilingSite) -> None:
    wired = site.compound.relays.gates["gate-2"].gate.wired | {Input.CONTACT}
    site.gate("gate-2", wired=wired, forced=True)


def _no_disk(site: AilingSite) -> None:
    site.compound.shelf.broken = True
    site.compound.show(site.compound.press(1))


def _full_inbox(site: AilingSite) -> None:
    site.compound.keepers[1].inbox.overflowed += 3


def _slow_disk(site: AilingSite) -> None:
    compound = site.compound
    record = compound.store.record

    def slowly(*given: object, **named: object) -> int:
        seq: int = record(*given, **named)  # type: ignore[arg-type]
        compound.clock.advance(1.4)
        return seq

    compound.store.record = slowly  # type: ignore[method-assign]
    compound.show(compound.press(1))


def _set(**changes: object) -> Callable[[AilingSite], None]:
    def make(site: AilingSite) -> None:
        for name, value in changes.items():
            setattr(site, name, value)

    return make


def _camera(**changes: object) -> Callable[[AilingSite], None]:
    return lambda site: site.camera(**changes)


def _store(text: str) -> Callable[[AilingSite], None]:
    return _set(disk=Disk(trouble=StoreFault(text)))


def _garage(what: str) -> Callable[[AilingSite], None]:
    def make(site: AilingSite) -> None:
        site.zones = ailing_garage(what)

    return make


_ENGINE_OFF = wire.VisionHealth(1, "", (LIVE,), ("faces are off: weights are missing",))

STAGES: Mapping[Ailment, Callable[[AilingSite], None]] = {
    Ailment.PROCESS_RESTARTED: _set(
        processes=(wire.ProcessState("vision", beating=True, restarts=1, fell_ago=3.0),)
    ),
    Ailment.BROKER_AWAY: lambda site: setattr(site.compound.relays, "broker_up", False),
    Ailment.RELAY_AWAY: lambda site: site.compound.relays.gates["gate-1"].unplug(),
    Ailment.RELAY_RESTARTED: _rebooted,
    Ailment.COMMAND_REFUSED: _refusing,
    Ailment.COMMAND_UNANSWERED: _deaf,
    Ailment.BARRIER_OBSTRUCTED: lambda site: site.barrier(State.OBSTRUCTED),
    Ailment.BARRIER_FAULT: _broken_motor,
    Ailment.BARRIER_UNKNOWN: _lost,
    Ailment.BARRIER_HELD_FIRE: lambda site: site.gate("gate-1", fire=True),
    Ailment.BARRIER_HELD_GUARD: lambda site: site.compound.keepers[2]._arm.step(HoldOpen()),
    Ailment.SENSOR_STALE: lambda site: site.gate("gate-2", cut=frozenset({Input.LOOP})),
    Ailment.SENSOR_FLAPPING: _set(loose="gate-2"),
    Ailment.SENSOR_CONTRADICTORY: _forced,
    Ailment.ZONE_FAIL_LIT: _garage("silent"),
    Ailment.LOAD_CUT: _garage("smoke"),
    Ailment.LOAD_STUCK: _garage("stuck"),
    Ailment.LANE_UNRECORDED: _no_disk,
    Ailment.OPENINGS_UNRECORDED: _no_disk,
    Ailment.LANE_OVERFLOWED: _full_inbox,
    Ailment.STORE_FAILING: _store("register.db cannot be used: disk I/O error"),
    Ailment.STORE_FULL: _store("register.db cannot be used: database or disk is full"),
    Ailment.STORE_SLOW: _slow_disk,
    Ailment.STORE_RESTORED: _set(disk=Disk(restored=("register.db",))),
    Ailment.DISK_FILLING: _set(disk=Disk(used=75)),
    Ailment.DISK_NEARLY_FULL: _set(disk=Disk(used=86)),
    Ailment.DISK_FULL: _set(disk=Disk(used=96)),
    Ailment.VISION_AWAY: _set(vision=None),
    Ailment.ENGINE_OFF: _set(vision=_ENGINE_OFF),
    Ailment.GALLERY_OLD: _set(vision=wire.VisionHealth(1, "yunet-sface", (LIVE,), gallery=2)),
    Ailment.CAMERA_AWAY: _camera(ok=False, state="away", complaint="no answer; see its cable"),
    Ailment.CAMERA_SILENT: _camera(ok=False, state="silent", complaint="no picture for 3 s; x"),
    Ailment.CAMERA_FROZEN: _camera(ok=False, state="frozen", complaint="it stands still; x"),
    Ailment.CAMERA_BLACK: _camera(ok=False, state="black", complaint="it is black; x"),
    Ailment.CAMERA_SLOW: _camera(fps=1.0),
    Ailment.CAMERA_SIZE: _camera(width=160, height=120),
    Ailment.CODES_DAZZLED: _camera(advice="glare"),
    Ailment.CODES_DARK: _camera(advice="dark"),
    Ailment.CLOCK_DOUBTED: _set(trust=Trust.FLOOR),
    Ailment.CENTRE_AWAY: _set(way=WayUp("away", 7, 0, "no answer", answer="unreached")),
    Ailment.CENTRE_QUARANTINE: _set(way=WayUp("ok", 0, 1, answer="taken")),
    Ailment.CENTRE_FORK: _set(way=WayUp("ok", 0, 1, forked=1, answer="taken")),
    Ailment.CENTRE_STRANGER: _set(way=WayUp("away", 0, 0, "no", answer="stranger")),
    Ailment.CENTRE_BEHIND: _set(down=WayDown("ok", answer="taken", behind=True)),
    Ailment.CENTRE_REFUSED: _set(down=WayDown("ok", answer="taken", refused=2)),
    Ailment.USES_BROKER_AWAY: _set(company=Company(away="the broker does not let us in")),
    Ailment.USES_UNHEARD: _set(company=Company(silent=("5f1d" * 8,))),
    Ailment.OWN_ISSUER: _set(notices=(Ailment.OWN_ISSUER,)),
    Ailment.WEAK_RELAY: _set(notices=(Ailment.WEAK_RELAY,)),
}
"""How each ailment that core tells of is brought about; CORE_AWAY is what core cannot tell."""
