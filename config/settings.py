"""The schema of a site file. Read once by the command line; nobody else imports settings."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.lane import Credential, Direction, Drive, Lane, LaneKind, Liveness
from models.sensor import Input

RelayName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
"""A relay's name is part of its topics, so no underscore."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    # A folder of zones is an OSError, as is a name longer than any file's.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name!r} is no time zone; write one such as Asia/Shanghai"
        raise ValueError(message) from error


Zone = Annotated[str, AfterValidator(_zone)]


class Part(BaseModel):
    """A table of the site file: frozen, and no key that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(Part):
    """`[site]`: the compound itself."""

    name: str = "小区"
    compound: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
    """Four bytes in hex: passes of another compound are refused."""
    timezone: Zone = "Asia/Shanghai"
    state: Path = Path("state")


class Broker(Part):
    """`[broker]`: where the relays are heard. `embedded` starts one on loopback."""

    embedded: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=1883, ge=0, le=65535)
    username: str = "kuahu-site"
    password: SecretStr | None = None
    password_file: Path | None = None
    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class Web(Part):
    """`[web]`: the guard's pages; anything but loopback needs a certificate."""

    host: str = "127.0.0.1"
    port: int = Field(default=8443, ge=0, le=65535)
    certificate: Path | None = None
    key: Path | None = None
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    """What a machine shows to read `/metrics`; without one, only programs on this machine may."""
    metrics_token_file: Path | None = None

    @model_validator(mode="after")
    def _loopback_or_tls(self) -> "Web":
        if self.host not in {"127.0.0.1", "::1", "localhost"} and not (
            self.certificate and self.key
        ):
            message = (
                f"host {self.host!r} is seen by others, so it needs certificate and key; "
                "keep 127.0.0.1 where there is none"
            )
            raise ValueError(message)
        return self


class Centre(Part):
    """`[centre]`: where events are sent; leave the table out to stand alone."""

    url: str
    claim: SecretStr
    """The token that the centre gave this compound."""


class Recognition(Part):
    """`[recognition]`: which engines look."""

    engine: Literal["yunet-sface", "dlib"] = "yunet-sface"
    codes: Literal["zxing", "pyzbar"] = "zxing"
    target_fpir: float = Field(default=1e-3, gt=0, lt=0.1)
    """False names per passage of a stranger that the site accepts."""
    min_face: int = Field(default=60, ge=30, le=600)
    """Width in pixels below which a face is somebody passing by."""
    challenge_seconds: float = Field(default=20.0, ge=5, le=20)
    """How long a lane with `liveness = "challenge"` waits for the movement that it asked for."""
    weights: Path | None = None
    """The folder of unpacked weights where it is not the one that set-up fills."""


_IN_THE_CLEAR = ("password=", "passwd=", "pwd=", "user=", "username=")
_BUILT = frozenset({Credential.FACE, Credential.PASS, Credential.GUARD})
"""The ways in that this version can read; another one would be a promise that no lane keeps."""


class Camera(Part):
    """`[[camera]]`: credentials stand apart from the source, so that no log ever shows them."""

    id: Name
    source: str
    """`rtsp://`, `http(s)://` (MJPEG), `usb:0`, `file:PATH`, `folder:PATH` or `kiosk`."""
    user: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    repeat: int = Field(default=8, ge=1, le=1000)
    """Frames that a picture of a folder is shown for."""
    loop: bool = False
    """Whether a file or folder starts again at its end."""
    fps: float = Field(default=10.0, gt=0, le=60)
    """Frames a second of a folder, and the most that is asked of a USB camera."""

    @model_validator(mode="after")
    def _known_source(self) -> "Camera":
        kinds = ("rtsp://", "rtsps://", "http://", "https://", "usb:", "file:", "folder:")
        if self.source != "kiosk" and not self.source.startswith(kinds):
            message = f"source {self.source!r} is none of kiosk, {', '.join(kinds)}"
            raise ValueError(message)
        if any(word in self.source.lower() for word in _IN_THE_CLEAR):
            message = "source holds a user or password; write them as user and password"
            raise ValueError(message)
        if "@" in self.source.partition("://")[2].partition("/")[0]:
            message = "source holds a user or password; write them as user and password"
            raise ValueError(message)
        return self


class Relay(Part):
    """`[[relay]]`: a relay on the broker; its key is made by `kuahu relay add NAME`."""

    name: RelayName
    profile: Literal["kuahu/1", "tasmota"] = "kuahu/1"
    topic: str | None = None
    """The device's own topic, for shop-bought relays."""


class View(Part):
    """`[[lane.view]]`: what one camera watches of a lane."""

    camera: Name
    direction: Direction = Direction.ENTRY
    looks: frozenset[Literal["face", "code"]] = frozenset({"face", "code"})
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


class Settings(BaseSettings):
    """A whole site file; every key can also be set as KUAHU_TABLE__KEY."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="KUAHU_", env_nested_delimiter="__"
    )

    site: Site
    broker: Broker = Broker()
    web: Web = Web()
    centre: Centre | None = None
    recognition: Recognition = Recognition()
    camera: tuple[Camera, ...] = ()
    relay: tuple[Relay, ...] = ()
    lane: tuple[LaneTable, ...] = ()

    @model_validator(mode="after")
    def _names_resolve(self) -> "Settings":
        _once("camera id", [camera.id for camera in self.camera])
        _once("relay name", [relay.name for relay in self.relay])
        _once("lane number", [str(lane.number) for lane in self.lane])
        _once("lane relay", [lane.relay for lane in self.lane])
        cameras = {camera.id for camera in self.camera}
        relays = {relay.name for relay in self.relay}
        for lane in self.lane:
            if lane.relay not in relays:
                message = f"lane {lane.number} names relay {lane.relay!r}, which is not a [[relay]]"
                raise ValueError(message)
            for view in lane.view:
                if view.camera not in cameras:
                    message = f"lane {lane.number} views {view.camera!r}, which is not a [[camera]]"
                    raise ValueError(message)
        return self


def _once(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{what} {', '.join(twice)} stands more than once"
        raise ValueError(message)
