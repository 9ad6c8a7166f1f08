"""The choice: the one plate of a lane that may speak, and when it has something to say."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.plate import Band, PlateReading
from plates.track import PlateTrack, TrackRules
from plates.vote import VoteRules, vote


@dataclass(frozen=True, slots=True)
class ChoiceRules:
    """How a plate is chosen and told."""

    track: TrackRules = field(default_factory=TrackRules)
    vote: VoteRules = field(default_factory=VoteRules)
    patience: float = 1.5
    """Seconds after which a plate that cannot be accepted is left to the guard."""
    again: float = 1.0
    """Seconds after which what was said of a vehicle that still stands there is said again: a gate
    that shut on it opens for nothing that is older."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a track last; begin with `Told()`."""

    last: tuple[tuple[int, Band, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to say of one track."""

    track: PlateTrack
    reading: PlateReading


def chosen(tracks: Sequence[PlateTrack], captured: float, rules: TrackRules) -> PlateTrack | None:
    """Return the track that may speak: of those seen just now, a nearing one, then the largest.

    A parked vehicle is never chosen; what is outside of the lane's region is no track of its.
    """
    candidates = [
        track
        for track in tracks
        if track.last_seen == captured and track.readings and not track.parked(rules)
    ]
    return max(candidates, key=lambda track: (track.nearing(rules), track.quad.area), default=None)


def judge(
    told: Told, tracks: Sequence[PlateTrack], captured: float, rules: ChoiceRules
) -> tuple[Told, Said | None]:
    """Return what was told by now, and what there is to say after this picture.

    An accepted text is said at once; one for the guard after the patience, and as accepted when it
    becomes so. Either is said again for as long as the vehicle is there.
    """
    kept = {number: (band, text, at) for number, band, text, at in told.last}
    kept = {track.number: kept[track.number] for track in tracks if track.number in kept}
    said = None
    track = chosen(tracks, captured, rules.track)
    reading = vote(track.readings, rules.vote) if track is not None else None
    if track is not None and reading is not None:
        waited = track.last_seen - track.first_seen >= rules.patience
        before = kept.get(track.number)
        if before is None:
            news = reading.band is Band.ACCEPT or waited
        else:
            band, text, at = before
            due = captured - at >= rules.again
            changed = reading.band is Band.ACCEPT and (band, text) != (reading.band, reading.text)
            news = changed or (due and reading.band is band)
        if news:
            said = Said(track, reading)
            kept[track.number] = reading.band, reading.text, captured
    return Told(tuple((number, *each) for number, each in kept.items())), said
