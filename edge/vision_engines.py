"""The table of engines: which code looks for what, and what to say when it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.settings import Recognition, Settings
from config.weights import weight_files
from edge.plate_engine import load_plates
from models.errors import ConfigError, RecogniserFault
from models.weights import WeightFile
from plates.eye import PlateEye
from recognition.dlib_faces import DlibFaces
from recognition.fr_liveness import FrLiveness
from recognition.ports import CodeReader, FaceEngine, LivenessRater
from recognition.pyzbar_codes import PyzbarCodes
from recognition.yunet_sface import YuNetSFace
from recognition.zxing_codes import ZxingCodes

Weights = Mapping[str, WeightFile]

FACES: Mapping[str, Callable[[Weights], FaceEngine]] = {
    "yunet-sface": lambda weights: YuNetSFace(weights["detector"], weights["embedder"]),
    "dlib": lambda weights: DlibFaces(weights["detector"], weights["points"], weights["embedder"]),
}
CODES: Mapping[str, Callable[[], CodeReader]] = {"zxing": ZxingCodes, "pyzbar": PyzbarCodes}


@dataclass(frozen=True, slots=True)
class PlateWish:
    """That plates are looked for, and by which country's grammar file."""

    grammar: Path | None = None


@dataclass(frozen=True, slots=True)
class Engines:
    """What could be loaded; an engine that could not is None and has a fault for the guard."""

    faces: FaceEngine | None
    codes: CodeReader | None
    faults: tuple[str, ...] = ()
    liveness: LivenessRater | None = None
    """None where no lane wants it, too."""
    plates: PlateEye | None = None
    wants_plates: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing that is looked for is off."""
        plates = self.plates is not None or not self.wants_plates
        return self.faces is not None and self.codes is not None and plates

    @property
    def name(self) -> str:
        """The name under which templates of the face engine are kept, empty where it is off."""
        return self.faces.engine if self.faces is not None else ""


def plate_wish(settings: Settings) -> PlateWish | None:
    """Return what the site's views want of plates, None where none looks for any."""
    looks = any("plate" in view.looks for lane in settings.lane for view in lane.view)
    return PlateWish(settings.vehicles.grammar) if looks else None


def load_engines(
    wanted: Recognition,
    weights: Callable[[str], Weights] | None = None,
    *,
    liveness: bool = False,
    plates: PlateWish | None = None,
) -> Engines:
    """Return the engines that the site file names, each proved by an inference.

    `liveness` says whether any lane wants it, `plates` is None where none does. Never raises: a
    wrong or missing weight switches its engine off and leaves the others alone.
    """
    weights = weights or partial(weight_files, folder=wanted.weights)
    faults: list[str] = []
    faces: FaceEngine | None = None
    codes: CodeReader | None = None
    try:
        faces = FACES[wanted.engine](weights(wanted.engine))
    except RecogniserFault as fault:
        faults.append(f"faces are off: {fault}")
    try:
        codes = CODES[wanted.codes]()
    except RecogniserFault as fault:
        faults.append(f"codes are off: {fault}")
    rater: LivenessRater | None = None
    try:
        rater = FrLiveness(weights("liveness")["passive"]) if liveness else None
    except RecogniserFault as fault:
        faults.append(f"liveness is off, and lanes that want it open for no face: {fault}")
    eye: PlateEye | None = None
    try:
        eye = None if plates is None else load_plates(wanted.weights, plates.grammar)
    except (RecogniserFault, ConfigError) as fault:
        faults.append(f"plates are off, and vehicle lanes open for a pass or by hand only: {fault}")
    return Engines(faces, codes, tuple(faults), rater, eye, plates is not None)
