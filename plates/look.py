"""The look: one camera's picture becomes what it says of plates, words without pixels."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.observation import Sighting
from models.plate import Band, PlateSeen
from plates.choice import ChoiceRules, Said, Told, judge
from plates.eye import Plate, PlateEye
from plates.ports import Pixels
from plates.track import PlateTracks, follow
from plates.view import PlateView, around, owner

_CROP_WIDTH, _QUALITY = 480, 80


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """One observation, and a small JPEG of the vehicle that it was seen on."""

    observation: PlateSeen
    jpeg: bytes


@dataclass(slots=True)
class _State:
    tracks: PlateTracks
    told: Told


class PlateLooker:
    """Looks at the frames of one camera for all its vehicle lanes; for one thread."""

    def __init__(
        self,
        camera: str,
        views: tuple[PlateView, ...],
        eye: PlateEye,
        rules: ChoiceRules | None = None,
    ) -> None:
        self._camera, self._views, self._eye = camera, views, eye
        self._rules = rules or ChoiceRules()
        self._states = {view: _State(PlateTracks(), Told()) for view in views}

    @property
    def busy(self) -> bool:
        """Whether a plate is being followed, so that a motion gate should stay open."""
        return any(state.tracks.live for state in self._states.values())

    def look(self, bgr: Pixels, captured: float) -> tuple[SeenPlate, ...]:
        """Return what there is to say after this picture, h x w x 3 BGR: at most one plate a lane.

        Only the part that the lanes' regions lie in is looked at. Raises RecogniserFault when an
        engine breaks.
        """
        if not self._views:
            return ()
        size = bgr.shape[1], bgr.shape[0]
        left, top, right, bottom = around(self._views, size)
        part = np.ascontiguousarray(bgr[top:bottom, left:right])
        by_view: dict[PlateView, list[Plate]] = {view: [] for view in self._views}
        for found in self._eye.look(part):
            plate = replace(found, quad=found.quad.shifted(left, top))
            view = owner(self._views, plate.quad.centre, size)
            if view is not None and plate.reading.band is not Band.IGNORE:
                by_view[view].append(plate)
        seen = []
        for view, plates in by_view.items():
            state = self._states[view]
            state.tracks = follow(state.tracks, tuple(plates), captured, self._rules.track)
            state.told, said = judge(state.told, state.tracks.live, captured, self._rules)
            if said is not None:
                seen.append(self._seen(bgr, view, said))
        return tuple(seen)

    def _seen(self, bgr: Pixels, view: PlateView, said: Said) -> SeenPlate:
        at = Sighting(view.lane, view.direction, said.track.last_seen, self._camera)
        nearing = said.track.nearing(self._rules.track)
        return SeenPlate(PlateSeen(at, said.reading, said.track.number, nearing), _crop(bgr, said))


def _crop(bgr: Pixels, said: Said) -> bytes:
    """Return the vehicle around the plate as a JPEG at most 480 pixels wide, empty on failure."""
    x, y = said.track.quad.centre
    half = said.track.quad.width * 1.5
    rows = slice(max(0, int(y - half)), max(1, int(y + half * 0.6)))
    columns = slice(max(0, int(x - half)), max(1, int(x + half)))
    part = bgr[rows, columns]
    if not part.size:
        return b""
    scale = min(1.0, _CROP_WIDTH / part.shape[1])
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    packed, content = cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    return bytes(content) if packed else b""
