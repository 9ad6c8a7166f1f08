"""`[[lane]]`, its views, and `[[reader]]`: the ways through a gate, as a site file has them."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field, model_validator

from config.part import Name, Part, RelayName
from models.lane import Credential, Direction, Drive, Lane, LaneKind, Liveness
from models.plate import VEHICLE_INPUTS
from models.sensor import Input

_BUILT = frozenset(set(Credential) - {Credential.REMOTE})
"""The ways in that this version can read; another one would be a promise that no lane keeps."""


class Reader(Part):
    """`[[reader]]`: a card reader or keypad of another maker, which speaks in the clear.

    Anyone who knows its broker password can say any card or number: one that is wired to a kuahu/1
    relay is sealed and needs no table.
    """

    name: RelayName
    lane: int
    direction: Direction = Direction.ENTRY


class View(Part):
    """`[[lane.view]]`: what one camera watches of a lane."""

    camera: Name
    direction: Direction = Direction.ENTRY
    looks: frozenset[Literal["face", "code", "plate"]] = frozenset({"face", "code"})
    roi: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom as fractions of the picture; the whole of it when left out."""

    @model_validator(mode="after")
    def _ordered(self) -> "View":
        if self.roi is not None:
            left, top, right, bottom = self.roi
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                message = f"roi {self.roi} is not left, top, right, bottom as fractions within 0..1"
                raise ValueError(message)
        return self


class LaneTable(Part):
    """`[[lane]]`: one way through a gate."""

    number: int
    name: str
    kind: LaneKind = LaneKind.PEDESTRIAN
    directions: frozenset[Direction] = frozenset({Direction.ENTRY})
    drive: Drive = Drive.PULSE
    relay: RelayName
    credentials: frozenset[Credential] = frozenset({Credential.FACE, Credential.PASS})
    liveness: Liveness = Liveness.OFF
    max_age: float = 3.0
    open_for: float = Field(default=5.0, ge=0.5, le=120)
    """Seconds a passage may take before the barrier closes or the gate has closed itself."""
    presence: frozenset[Input] = frozenset()
    """Inputs that must be fresh and clear before this lane's barrier may be told to close."""
    vehicle: frozenset[Input] = frozenset()
    """Inputs that only a car trips: without one of them active a plate opens nothing."""
    demo: bool = False
    view: tuple[View, ...] = ()

    def lane(self) -> Lane:
        """Return the lane in the house's words.

        Raises ValueError when the combination is not allowed.
        """
        return Lane(
            number=self.number,
            name=self.name,
            kind=self.kind,
            directions=self.directions,
            drive=self.drive,
            credentials=self.credentials,
            liveness=self.liveness,
            max_age=self.max_age,
        )

    @model_validator(mode="after")
    def _sound(self) -> "LaneTable":
        self.lane()
        self._only_what_is_built()
        _check_vehicles(self)
        if self.drive is Drive.OPEN_CLOSE and not self.presence:
            message = (
                f"lane {self.number}: drive open_close needs presence inputs (loop, beam or edge), "
                "or its barrier could be closed on a person"
            )
            raise ValueError(message)
        for view in self.view:
            if view.direction not in self.directions:
                message = f"lane {self.number}: a view looks at {view.direction}, the lane does not"
                raise ValueError(message)
        return self

    def _only_what_is_built(self) -> None:
        later = sorted(self.credentials - _BUILT)
        if later:
            message = f"lane {self.number}: {', '.join(later)} cannot be read by this version yet"
            raise ValueError(message)
        if self.liveness is not Liveness.OFF and Credential.FACE not in self.credentials:
            message = (
                f"lane {self.number}: liveness {self.liveness} has no face to look at, and a lane "
                "must not seem safer than it is: write off, or add face to its credentials"
            )
            raise ValueError(message)
        faces = {view.direction for view in self.view if "face" in view.looks}
        codes = {view.direction for view in self.view if "code" in view.looks}
        for direction in sorted(faces - codes):
            message = (
                f"lane {self.number}: its cameras look for faces on the way of {direction} and for "
                "no code, so face would be the only way; let a view there look for code as well"
            )
            raise ValueError(message)


def _check_vehicles(lane: LaneTable) -> None:
    """Check that a lane's plates can be believed; raises ValueError in words."""
    number = lane.number
    strange = sorted(lane.vehicle - VEHICLE_INPUTS)
    if strange:
        message = (
            f"lane {number}: {', '.join(strange)} is tripped by people too; name a loop or radar"
        )
        raise ValueError(message)
    plates = Credential.PLATE in lane.credentials
    if plates and lane.kind is not LaneKind.VEHICLE:
        message = f"lane {number}: plates open lanes of kind vehicle, this one is {lane.kind}"
        raise ValueError(message)
    if plates and not lane.vehicle:
        message = (
            f"lane {number}: a plate can be held up by hand, so it opens only where a vehicle is "
            'felt; wire a loop or radar and write vehicle = ["loop"]'
        )
        raise ValueError(message)
    looks = any("plate" in view.looks for view in lane.view)
    if looks and not plates and lane.kind is not LaneKind.EBIKE:
        message = (
            f"lane {number}: a view looks for plates, which open nothing here; add plate to the "
            "credentials of a vehicle lane, or leave the look out"
        )
        raise ValueError(message)


def check_readers(readers: Iterable[Reader], tables: Iterable[LaneTable]) -> None:
    """Check that each reader's lane takes cards or numbers; raises ValueError in words."""
    lanes = {lane.number: lane for lane in tables}
    for reader in readers:
        lane = lanes.get(reader.lane)
        if lane is None or not lane.credentials & {Credential.CARD, Credential.PIN}:
            message = f"reader {reader.name} is at lane {reader.lane}, which takes no card or pin"
            raise ValueError(message)
        if reader.direction not in lane.directions:
            message = f"reader {reader.name}: lane {lane.number} has no way of {reader.direction}"
            raise ValueError(message)
