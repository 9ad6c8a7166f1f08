"""Whether a vehicle stands in a lane, by the inputs that only a vehicle trips. Pure."""

from gate.barrier import FRESH, Barrier
from models.vehicle import Presence


def vehicle_presence(barrier: Barrier, now: float) -> Presence:
    """Return whether a vehicle stands in the lane of `barrier`.

    One input that says so is enough; that none stands there must be said by all. An input that is
    silent, stale or flapping says nothing.
    """
    heard, inputs = barrier.heard, barrier.fitting.vehicle
    if not inputs or heard is None or now - heard.at > FRESH:
        return Presence.UNKNOWN
    steady = inputs - barrier.flapping.at(now)
    said = [heard.active[each] for each in steady if each in heard.active]
    if any(said):
        return Presence.THERE
    return Presence.CLEAR if len(said) == len(inputs) else Presence.UNKNOWN
