"""Tracks: which plates of successive pictures are one vehicle's. Everything here is a value.

`captured` is seconds of CLOCK_MONOTONIC throughout.
"""

import math
from dataclasses import dataclass, replace

from models.plate import Band, PlateReading
from plates.eye import Plate
from plates.quad import Quad


@dataclass(frozen=True, slots=True)
class TrackRules:
    """When two plates are one vehicle's; docs/plates.md says why."""

    overlap: float = 0.2
    reach: float = 3.0
    """Plate widths that a vehicle may go between two pictures if its text stays the same."""
    gap: float = 1.5
    """Seconds unseen after which a track has ended."""
    window: int = 12
    """Readings that are remembered."""
    nearing: float = 1.12
    """How much wider than at first a plate must have become to be coming closer."""
    parked: float = 8.0
    """Seconds in one place, never having moved, after which a vehicle counts as parked."""


@dataclass(frozen=True, slots=True)
class PlateTrack:
    """One plate followed over pictures; `readings` are the newest that say anything."""

    number: int
    first: Quad
    quad: Quad
    first_seen: float
    last_seen: float
    readings: tuple[PlateReading, ...] = ()
    moved: bool = False

    def nearing(self, rules: TrackRules) -> bool:
        """Return whether the plate came closer since it was first seen."""
        return self.quad.width >= rules.nearing * self.first.width

    def parked(self, rules: TrackRules) -> bool:
        """Return whether the plate has stood where it was first seen for long."""
        return not self.moved and self.last_seen - self.first_seen >= rules.parked


@dataclass(frozen=True, slots=True)
class PlateTracks:
    """Every plate that one view follows; begin with `PlateTracks()`."""

    live: tuple[PlateTrack, ...] = ()
    last_number: int = 0


def follow(
    before: PlateTracks, plates: tuple[Plate, ...], captured: float, rules: TrackRules
) -> PlateTracks:
    """Return the tracks after one more picture.

    A track unseen for longer than the gap is gone, and so is every track when time runs backwards
    (a camera that began again).
    """
    live = [track for track in before.live if 0 <= captured - track.last_seen <= rules.gap]
    fits = sorted(
        (
            (-fit, track.number, place)
            for track in live
            for place, plate in enumerate(plates)
            if (fit := _fit(track, plate, rules)) > 0
        ),
    )
    taken: dict[int, int] = {}
    for _, number, place in fits:
        if number not in taken and place not in taken.values():
            taken[number] = place
    after = [
        _extend(track, plates[taken[track.number]], captured, rules)
        if track.number in taken
        else track
        for track in live
    ]
    number = before.last_number
    for place, plate in enumerate(plates):
        if place not in taken.values():
            number += 1
            born = PlateTrack(number, plate.quad, plate.quad, captured, captured)
            after.append(_extend(born, plate, captured, rules))
    return PlateTracks(tuple(after), number)


def _fit(track: PlateTrack, plate: Plate, rules: TrackRules) -> float:
    """Return how well the plate continues the track, 0 where it does not."""
    overlap = track.quad.overlap(plate.quad)
    text = plate.reading.text if plate.reading.band is not Band.IGNORE else ""
    same = bool(text) and any(text == reading.text for reading in track.readings)
    if same and math.dist(track.quad.centre, plate.quad.centre) <= rules.reach * track.quad.width:
        return 1 + overlap
    return overlap if overlap >= rules.overlap else 0.0


def _extend(track: PlateTrack, plate: Plate, captured: float, rules: TrackRules) -> PlateTrack:
    away = math.dist(track.first.centre, plate.quad.centre)
    readings = track.readings
    if plate.reading.band is not Band.IGNORE:
        readings = (*readings, plate.reading)[-rules.window :]
    return replace(
        track,
        quad=plate.quad,
        last_seen=captured,
        readings=readings,
        moved=track.moved or away > track.first.width / 2,
    )
