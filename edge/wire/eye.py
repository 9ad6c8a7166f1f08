"""Between vision and core, and on vision's own socket."""

import msgspec

from edge.wire.message import Message
from models.movement import Prompt
from models.observation import FaceSeen, PassShown, PlateSeen


class SawFace(Message, frozen=True):
    """Vision saw a tracked face; `crop` is JPEG, at most 40 KB, kept as evidence."""

    seen: FaceSeen
    crop: bytes = b""


class SawCode(Message, frozen=True):
    """Vision read a code."""

    seen: PassShown
    crop: bytes = b""


class SawPlate(Message, frozen=True):
    """Vision followed a plate; `crop` is JPEG of the vehicle, kept as evidence."""

    seen: PlateSeen
    crop: bytes = b""


class AskedToMove(Message, frozen=True):
    """Vision asks whoever stands at a lane for a movement, or takes that back."""

    prompt: Prompt


class CameraState(msgspec.Struct, frozen=True):
    """How one camera is."""

    id: str
    ok: bool
    state: str
    """`live`, `opening`, `waiting`, `silent`, `frozen`, `black`, `away` or `ended`."""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    codec: str = ""
    dropped: int = 0
    face_px: int = 0
    """Median width of the faces seen lately, 0 where none."""
    module_px: float = 0.0
    """Pixels per module of the last code read, 0 where none."""
    complaint: str = ""
    """What is wrong and what to do; empty where nothing is."""
    advice: str = ""
    """What the light keeps doing to codes: `glare`, `dark` or empty."""
    moved_ago: float = -1.0
    """Seconds since something moved before it, below 0 where nothing has."""


class VisionHealth(Message, frozen=True):
    """How vision is, once a second."""

    turn: int
    """Counts every turn of vision's own loops; standing still means hanging."""
    engine: str
    cameras: tuple[CameraState, ...]
    faults: tuple[str, ...] = ()
    gallery: int = -1
    """The version of the gallery in force, -1 while there is none."""


class GalleryPart(Message, frozen=True):
    """A piece of the gallery; the last of `parts` puts the whole of `version` into force."""

    version: int
    part: int
    parts: int
    rows: tuple[tuple[str, str, str, bytes], ...]
    """(resident id, home, engine, vector)."""
    second_factor: tuple[str, ...] = ()
    """Those of `rows` who are never asked for a movement."""


class Encode(Message, frozen=True):
    """Core asks vision for the templates of photos that lie on this machine.

    `crops` are pictures of rows (JPEG): the largest face of each is encoded, however good it is,
    unless they are to be learnt as those of `resident`. `photos` are photos in memory, held to the
    same rules as those that lie on this machine.
    """

    ref: int
    paths: tuple[str, ...]
    crops: tuple[bytes, ...] = ()
    resident: str = ""
    photos: tuple[bytes, ...] = ()
    only_look: bool = False
    """Whether it is asked only if the `photos` could be enrolled: no template is made."""


class Encoded(Message, frozen=True):
    """The templates of those photos: (engine, vector), and the smaller faces that were left out.

    `alike` are the residents of the gallery in force whom the faces would be taken for.
    """

    ref: int
    templates: tuple[tuple[str, bytes], ...]
    bystanders: int = 0
    alike: tuple[str, ...] = ()


class Preview(Message, frozen=True):
    """Ask for the newest preview of a camera; `after` is the number of the last one seen."""

    ref: int
    camera: str
    after: int = 0


class PreviewIs(Message, frozen=True):
    """A preview: JPEG, at most 640 px wide; empty where there is none newer yet."""

    ref: int
    number: int
    jpeg: bytes


class Push(Message, frozen=True):
    """One JPEG from a browser that serves as a lane's camera; `age` is its age in seconds."""

    camera: str
    jpeg: bytes
    age: float = 0.0
