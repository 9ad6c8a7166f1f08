"""What ails each part of a site, in words with what to do. Nothing here remembers anything."""

from collections.abc import Collection, Iterator, Mapping

import msgspec

from edge import wire
from edge.ailment import Ailment, Trouble
from edge.core.way import WayDown, WayUp
from edge.lane import LaneKeeper
from edge.neighbours import Company
from edge.store.disk import DiskState, Mark
from edge.store.store import Store
from gate.barrier import State
from gate.sensors import Ailing, ailing
from models.command import Refusal
from models.moment import Moment, Trust

SLOW_DISK = 1.0
"""Seconds that a decision may wait for the disk; people notice the second."""
SLOW_FPS = 2.0
"""Pictures a second below which people have passed before they are looked at."""
NARROWEST = 320
"""Pixels; in a narrower picture no face or code is large enough."""
JUST_FELL = 60.0
"""Seconds for which the fall of a process is shown."""
EXPECTED = frozenset({Refusal.PRESENCE, Refusal.FIRE})
"""Refusals that say that a relay does its duty."""

_ALONE = WayDown()
_FREE_SPACE = "free some space or fit a larger disk; the guard's button still opens"
_LOOK = "look at the lane, then press reset on its tile"

_BARRIERS: Mapping[State, tuple[Ailment, str]] = {
    State.OBSTRUCTED: (Ailment.BARRIER_OBSTRUCTED, "met somebody three times and stays open"),
    State.FAULT: (Ailment.BARRIER_FAULT, "cannot be moved by its relay"),
    State.HELD_FIRE: (Ailment.BARRIER_HELD_FIRE, "is held open by the fire input"),
    State.HELD_GUARD: (Ailment.BARRIER_HELD_GUARD, "is held open by a guard"),
    State.UNKNOWN: (Ailment.BARRIER_UNKNOWN, "is where nobody knows"),
}
_DISKS: Mapping[Mark, tuple[Ailment, str]] = {
    Mark.WARNING: (Ailment.DISK_NEARLY_FULL, "nearly full"),
    Mark.ALARM: (Ailment.DISK_FULL, "full"),
}
_SENSORS: Mapping[Ailing, tuple[Ailment, str]] = {
    Ailing.STALE: (Ailment.SENSOR_STALE, "does not say what it shows, so it counts as somebody"),
    Ailing.FLAPPING: (
        Ailment.SENSOR_FLAPPING,
        "changes more than five times a second, so it counts as somebody",
    ),
    Ailing.CONTRADICTORY: (
        Ailment.SENSOR_CONTRADICTORY,
        "does not agree with the position wire whether the gate is shut",
    ),
}
_LIGHT: Mapping[str, tuple[Ailment, str, str]] = {
    "glare": (
        Ailment.CODES_DAZZLED,
        "codes shown to it are dazzled and cannot be read",
        "shorten its exposure, switch its backlight compensation off, or move the lamp",
    ),
    "dark": (
        Ailment.CODES_DARK,
        "codes shown to it are too dark to be read",
        "add a lamp, or lengthen its exposure",
    ),
}
_CAMERAS: Mapping[str, Ailment] = {
    "away": Ailment.CAMERA_AWAY,
    "silent": Ailment.CAMERA_SILENT,
    "frozen": Ailment.CAMERA_FROZEN,
    "black": Ailment.CAMERA_BLACK,
}


def store_troubles(store: Store) -> tuple[Trouble, ...]:
    """Return what is wrong with the disk and the files on it."""
    found = list(disk_troubles(store.disk))
    if store.trouble is not None:
        # SQLite's own words for SQLITE_FULL.
        full = "disk is full" in str(store.trouble)
        ailment = Ailment.STORE_FULL if full else Ailment.STORE_FAILING
        advice = store.trouble.advice or "check the disk; the guard's button still opens"
        found.insert(0, Trouble(ailment, "store", str(store.trouble), advice))
    if store.restored:
        found.append(restored(store.restored))
    return tuple(found)


def restored(files: tuple[str, ...]) -> Trouble:
    """Return the trouble of files that were damaged and stand replaced by a backup."""
    text = f"{', '.join(files)} was damaged and stands replaced by its newest good backup"
    advice = "what came after that backup is missing; the damaged file is kept for a week"
    return Trouble(Ailment.STORE_RESTORED, "store", text, advice)


def disk_troubles(disk: DiskState) -> tuple[Trouble, ...]:
    """Return whether the disk is nearly full or full."""
    if disk.mark not in _DISKS:
        return ()
    ailment, word = _DISKS[disk.mark]
    text = f"the disk is {word}: {100 - disk.free * 100 // disk.total} % used"
    advice = "remove what does not belong to this box, or fit a larger disk"
    return (Trouble(ailment, "disk", text, advice),)


def store_notices(store: Store) -> tuple[str, ...]:
    """Return what the guard should know of the disk while nothing is wrong yet."""
    return (Ailment.DISK_FILLING,) if store.disk.mark is Mark.NOTICE else ()


def broker_trouble(why: str) -> tuple[Trouble, ...]:
    """Return the trouble of a broker that is away because of `why`; none where that is empty."""
    advice = "check that the broker runs and the network cable; open by hand at the gate"
    return (Trouble(Ailment.BROKER_AWAY, "broker", why, advice),) if why else ()


def relay_trouble(relay: str, why: str) -> Trouble:
    """Return the trouble of a relay that cannot be commanded because of `why`."""
    advice = "check its power and network; open by hand meanwhile"
    return Trouble(Ailment.RELAY_AWAY, f"relay {relay}", f"relay {relay} {why}", advice)


def lane_troubles(
    keeper: LaneKeeper, now: Moment, relay: str, *, speaks: bool
) -> Iterator[Trouble]:
    """Yield what ails a lane, its barrier and its inputs; `speaks` is whether its relay does."""
    part = f"lane {keeper.lane.number}"
    if keeper.fault:
        text = f"cannot record, so it opens only by hand: {keeper.fault}"
        yield Trouble(Ailment.LANE_UNRECORDED, part, text, _FREE_SPACE)
    if keeper.unrecorded:
        text = f"{keeper.unrecorded} openings by hand are not recorded yet"
        yield Trouble(Ailment.OPENINGS_UNRECORDED, part, text, "keep this machine on meanwhile")
    waited = keeper.waited(now.mono)
    if waited > SLOW_DISK:
        text = f"a decision waited {waited:.1f} s for the disk"
        yield Trouble(Ailment.STORE_SLOW, part, text, "the disk may be worn out: fit another")
    barrier = keeper.barrier
    if barrier.state in _BARRIERS and (speaks or barrier.state is not State.UNKNOWN):
        ailment, text = _BARRIERS[barrier.state]
        yield Trouble(ailment, part, f"the barrier {text}", _LOOK)
    for each, what in ailing(barrier, now.mono) if speaks else ():
        ailment, text = _SENSORS[what]
        advice = f"check the {each} and its wire at relay {relay}"
        yield Trouble(ailment, part, f"its {each} {text}", advice)


def refused(keeper: LaneKeeper) -> int:
    """Return how many commands a lane's relay refused otherwise than to protect somebody."""
    return sum(often for (why,), often in keeper.refusals if why not in EXPECTED)


def unanswered(keeper: LaneKeeper) -> int:
    """Return how many commands of a lane got no answer in time."""
    return sum(often for (outcome,), often in keeper.outcomes if outcome == "timed_out")


def vision_troubles(
    health: wire.VisionHealth | None, kiosks: Collection[str] = ()
) -> Iterator[Trouble]:
    """Yield what ails the vision process, its engines and its cameras; `kiosks` are browsers."""
    if health is None:
        text = "the program that looks through the cameras is not answering"
        advice = "it is started again by itself; cards, the guard and the barrier still work"
        yield Trouble(Ailment.VISION_AWAY, "vision", text, advice)
        return
    for fault in health.faults:
        advice = "run `kuahu doctor`; passes and the guard still work"
        yield Trouble(Ailment.ENGINE_OFF, "vision", fault, advice)
    for camera in health.cameras:
        yield from camera_troubles(camera, pushed=camera.id in kiosks)


def camera_troubles(camera: wire.CameraState, *, pushed: bool = False) -> Iterator[Trouble]:
    """Yield what ails one camera; a browser that pushes pictures has a pace of its own."""
    part = f"camera {camera.id}"
    if not camera.ok and camera.complaint:
        what, _, advice = camera.complaint.partition("; ")
        yield Trouble(_CAMERAS.get(camera.state, Ailment.CAMERA_AWAY), part, what, advice)
    if not camera.ok or camera.state != "live" or pushed:
        return
    if 0 < camera.fps < SLOW_FPS:
        text = f"only {camera.fps:.1f} pictures a second come"
        yield Trouble(Ailment.CAMERA_SLOW, part, text, "set 10 to 15 a second in the camera")
    if 0 < camera.width < NARROWEST:
        text = f"its picture is only {camera.width} x {camera.height}"
        yield Trouble(Ailment.CAMERA_SIZE, part, text, "set 640 to 1280 pixels wide in the camera")
    if camera.advice in _LIGHT:
        yield Trouble(_LIGHT[camera.advice][0], part, *_LIGHT[camera.advice][1:])


def centre_troubles(way: WayUp, down: WayDown = _ALONE) -> Iterator[Trouble]:
    """Yield what ails the way to the centre, and the way from it."""
    stranger = "stranger" in {way.answer, down.answer} and "away" in {way.word, down.word}
    if stranger:
        text = "the centre does not know this site, or its claim was revoked"
        advice = "ask the centre's operator for a code and run `kuahu centre claim URL CODE`"
        yield Trouble(Ailment.CENTRE_STRANGER, "centre", text, advice)
    elif way.word == "away":
        text = f"the centre is away: {way.complaint or 'no answer'}; {way.waiting} events wait here"
        advice = "nothing is lost; they are sent when it is back"
        yield Trouble(Ailment.CENTRE_AWAY, "centre", text, advice)
    elif down.word == "away":
        text = f"the centre tells no news: {down.complaint or 'no answer'}"
        advice = "the gates go by what they know; it is asked again by itself"
        yield Trouble(Ailment.CENTRE_AWAY, "centre", text, advice)
    advice = "see `kuahu events`, and tell whoever runs the centre"
    if way.quarantined > way.forked:
        text = f"{way.quarantined - way.forked} events were not accepted by the centre"
        yield Trouble(Ailment.CENTRE_QUARANTINE, "centre", text, advice)
    if way.forked:
        text = f"{way.forked} events have another hash at the centre: two histories of one gate"
        yield Trouble(Ailment.CENTRE_FORK, "centre", text, advice)
    advice = "tell whoever runs the centre; they see why on the centre's own page"
    if way.letters_aside:
        text = f"{way.letters_aside} letters about the register were not accepted by the centre"
        yield Trouble(Ailment.CENTRE_QUARANTINE, "centre", text, advice)
    if down.refused:
        text = f"{down.refused} things that the centre told cannot be used here"
        yield Trouble(Ailment.CENTRE_REFUSED, "centre", text, advice)
    if down.behind:
        text = "the centre was put back from a copy and has forgotten some of what it was told"
        advice = "nothing is lost here, and it is being told again; look at its own page"
        yield Trouble(Ailment.CENTRE_BEHIND, "centre", text, advice)


def company_troubles(company: Company) -> Iterator[Trouble]:
    """Yield what ails the sharing of uses with the compound's other gate machines."""
    goes_on = "each gate goes on by itself meanwhile, so a pass may be let in once at each"
    if company.away:
        advice = f"check that broker and the cable to it; {goes_on}"
        yield Trouble(Ailment.USES_BROKER_AWAY, "uses", company.away, advice)
    if company.alone or company.silent:
        who = ", ".join(one[:8] for one in company.silent)
        text = f"nothing is heard of {who}" if who else "no other gate machine has been heard"
        advice = f"see that it runs and has the same `kuahu uses` key; {goes_on}"
        yield Trouble(Ailment.USES_UNHEARD, "uses", text, advice)


def clock_troubles(trust: Trust) -> Iterator[Trouble]:
    """Yield what ails the clock."""
    if trust is not Trust.TRUSTED:
        text = "this machine does not know the time; passes that begin later ask the guard"
        advice = "set the clock, or connect a time server"
        yield Trouble(Ailment.CLOCK_DOUBTED, "clock", text, advice)


def process_troubles(processes: tuple[wire.ProcessState, ...]) -> Iterator[Trouble]:
    """Yield each process that has just been started again, or does not turn."""
    for one in processes:
        if 0 <= one.fell_ago < JUST_FELL or (one.restarts and not one.beating):
            text = f"the {one.name} program was started again, {one.restarts} times since the start"
            advice = "if this goes on, look at the machine's journal"
            yield Trouble(Ailment.PROCESS_RESTARTED, f"process {one.name}", text, advice)


def older(state: wire.ProcessState, seconds: float) -> wire.ProcessState:
    """Return what was told `seconds` ago of a process, as it is to be read now."""
    beat = state.beat_age + seconds if state.beat_age >= 0 else state.beat_age
    fell = state.fell_ago + seconds if state.fell_ago >= 0 else state.fell_ago
    return msgspec.structs.replace(state, beat_age=beat, fell_ago=fell)
