"""What guards ask of zones and loads: to arm a socket, and what was used."""

from datetime import date

from edge import wire
from edge.core.office import Asker, Office
from edge.zones import ArmWish, ZoneKeeper
from models.errors import InputError

LONGEST_NAME = 64
MOST_LINES = 1000


class ZoneDesk:
    """Answers for the zones; the zones' own thread arms."""

    def __init__(self, office: Office, zones: ZoneKeeper) -> None:
        self._at = office
        self._zones = zones

    def arm(self, peer: Asker, request: wire.ArmLoad) -> None:
        """Let a named guard arm a socket."""
        if not 0 < len(request.guard) <= LONGEST_NAME:
            message = "a socket is armed by a guard with a name"
            raise InputError(message)

        def answer(word: str) -> None:
            self._at.changed()
            peer.tell(wire.Armed(request.ref, word))

        self._zones.put(ArmWish(request.load, request.guard, answer))

    def energy(self, _peer: Asker, request: wire.Energy) -> wire.EnergyIs:
        """Return what every zone used since a day."""
        found = self._at.store.zones.energy(
            date.fromisoformat(request.since), by_month=request.by_month
        )
        lines = tuple(
            wire.EnergyLine(
                when,
                zone,
                used.metered,
                used.estimated,
                used.baseline,
                used.paid,
                used.baseline_paid,
            )
            for when, zone, used in found[-MOST_LINES:]
        )
        return wire.EnergyIs(request.ref, lines)
