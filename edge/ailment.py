"""Ailments: everything that can be wrong with a site, each by one word.

The word is the same on the page (catalogue contexts `fault` and `advice`), in `/metrics`
(`kuahu_ailment`), in the log (`state`) and in `kuahu doctor`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ailment(StrEnum):
    """One thing that can be wrong, or be weaker than it could be."""

    CORE_AWAY = "core_away"
    """Told by the page, `/metrics` and the doctor, which ask core; its supervisor logs it."""
    PROCESS_RESTARTED = "process_restarted"

    BROKER_AWAY = "broker_away"
    RELAY_AWAY = "relay_away"
    RELAY_RESTARTED = "relay_restarted"
    COMMAND_REFUSED = "command_refused"
    COMMAND_UNANSWERED = "command_unanswered"

    BARRIER_OBSTRUCTED = "barrier_obstructed"
    BARRIER_FAULT = "barrier_fault"
    BARRIER_UNKNOWN = "barrier_unknown"
    BARRIER_HELD_FIRE = "barrier_held_fire"
    BARRIER_HELD_GUARD = "barrier_held_guard"
    SENSOR_STALE = "sensor_stale"
    SENSOR_FLAPPING = "sensor_flapping"
    SENSOR_CONTRADICTORY = "sensor_contradictory"

    ZONE_FAIL_LIT = "zone_fail_lit"
    """Lamps shine because a sensor, their relay or the broker is away."""
    LOAD_CUT = "load_cut"
    LOAD_STUCK = "load_stuck"
    """A socket is on although it was told to go off."""

    LANE_UNRECORDED = "lane_unrecorded"
    LANE_OVERFLOWED = "lane_overflowed"
    OPENINGS_UNRECORDED = "openings_unrecorded"
    STORE_FAILING = "store_failing"
    STORE_FULL = "store_full"
    STORE_SLOW = "store_slow"
    STORE_RESTORED = "store_restored"
    DISK_FILLING = "disk_filling"
    DISK_NEARLY_FULL = "disk_nearly_full"
    DISK_FULL = "disk_full"

    VISION_AWAY = "vision_away"
    ENGINE_OFF = "engine_off"
    GALLERY_OLD = "gallery_old"
    CAMERA_AWAY = "camera_away"
    CAMERA_SILENT = "camera_silent"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_BLACK = "camera_black"
    CAMERA_SLOW = "camera_slow"
    CAMERA_SIZE = "camera_size"
    CODES_DAZZLED = "codes_dazzled"
    CODES_DARK = "codes_dark"

    CLOCK_DOUBTED = "clock_doubted"

    CENTRE_AWAY = "centre_away"
    CENTRE_QUARANTINE = "centre_quarantine"
    CENTRE_FORK = "centre_fork"
    CENTRE_STRANGER = "centre_stranger"
    CENTRE_BEHIND = "centre_behind"
    CENTRE_REFUSED = "centre_refused"

    USES_BROKER_AWAY = "uses_broker_away"
    """The broker over which the compound's gate machines share the uses of passes."""
    USES_UNHEARD = "uses_unheard"
    """Another gate machine of the compound says nothing."""

    OWN_ISSUER = "own_issuer"
    WEAK_RELAY = "weak_relay"


NOTICES = frozenset({Ailment.DISK_FILLING, Ailment.OWN_ISSUER, Ailment.WEAK_RELAY})
"""What to know while nothing is wrong."""

ELSEWHERE_LOGGED = frozenset({Ailment.CORE_AWAY, Ailment.PROCESS_RESTARTED})
"""What the supervisor logs, because core itself may be what is away."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One ailment of one part, in words with what to do; `part` names a part of the site file."""

    ailment: Ailment
    part: str
    text: str
    advice: str
