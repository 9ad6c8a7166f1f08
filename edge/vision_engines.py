"""The table of engines: which code looks for faces and codes, and what to say when it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from config.settings import Recognition
from config.weights import weight_files
from models.errors import RecogniserFault
from models.weights import WeightFile
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
class Engines:
    """What could be loaded; an engine that could not is None and has a fault for the guard."""

    faces: FaceEngine | None
    codes: CodeReader | None
    faults: tuple[str, ...] = ()
    liveness: LivenessRater | None = None
    """None where no lane wants it, too."""

    @property
    def name(self) -> str:
        """The name under which templates of the face engine are kept, empty where it is off."""
        return self.faces.engine if self.faces is not None else ""


def load_engines(
    wanted: Recognition,
    weights: Callable[[str], Weights] | None = None,
    *,
    liveness: bool = False,
) -> Engines:
    """Return the engines that the site file names, each proved by an inference.

    `liveness` says whether any lane wants it. Never raises: a wrong or missing weight switches its
    engine off and leaves the others alone.
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
    return Engines(faces, codes, tuple(faults), rater)
