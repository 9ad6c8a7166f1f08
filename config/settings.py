"""The schema of a site file. Read once by the command line; nobody else imports settings."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.lanes import LaneTable, Reader, check_readers
from config.part import Name, Part, RelayName
from config.stays import Stays
from config.zones import Known, LoadTable, ZoneTable, check


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    # A folder of zones is an OSError, as is a name longer than any file's.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name!r} is no time zone; write one such as Asia/Shanghai"
        raise ValueError(message) from error


Zone = Annotated[str, AfterValidator(_zone)]


class Site(Part):
    """`[site]`: the compound itself."""

    name: str = "小区"
    compound: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
    """Four bytes in hex: passes of another compound are refused."""
    timezone: Zone = "Asia/Shanghai"
    state: Path = Path("state")
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    """Degrees, north and east positive: where zones with `daylight = "sun"` see the sun."""


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
    """`[centre]`: with whom the site speaks once claimed; leave the table out to stand alone."""

    url: str
    ca: Path | None = None
    """The certificate (PEM) of an authority of one's own, where the centre's is from one."""


class Notify(Part):
    """`[notify]`: where the host of a pass is told of each showing (docs/pass.md)."""

    url: str
    """https; or http on this machine, for a program that passes it on."""
    secret: SecretStr | None = None
    secret_file: Path | None = None


class Vehicles(Part):
    """`[vehicles]`: what is asked of cars at every lane."""

    passback: bool = True
    """Whether a car that is inside already is brought before the guard when it comes again."""
    grammar: Path | None = None
    """Another country's plates; mainland China's where it is left out."""


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
    profile: Literal["kuahu/1", "tasmota", "shelly"] = "kuahu/1"
    """`shelly` is for lamps and sockets; it moves no barrier."""
    topic: str | None = None
    """The device's own topic, for shop-bought relays."""


class Settings(BaseSettings):
    """A whole site file; every key can also be set as KUAHU_TABLE__KEY."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="KUAHU_", env_nested_delimiter="__"
    )

    site: Site
    broker: Broker = Broker()
    web: Web = Web()
    centre: Centre | None = None
    uses: Broker | None = None
    """`[uses]`: the broker over which this compound's gate machines share uses (docs/mqtt.md)."""
    notify: Notify | None = None
    vehicles: Vehicles = Vehicles()
    stays: Stays = Stays()
    recognition: Recognition = Recognition()
    camera: tuple[Camera, ...] = ()
    relay: tuple[Relay, ...] = ()
    reader: tuple[Reader, ...] = ()
    lane: tuple[LaneTable, ...] = ()
    zone: tuple[ZoneTable, ...] = ()
    load: tuple[LoadTable, ...] = ()

    @model_validator(mode="after")
    def _lights_resolve(self) -> "Settings":
        moving = {lane.relay for lane in self.lane}
        for relay in self.relay:
            if relay.profile == "shelly" and relay.name in moving:
                message = f"relay {relay.name}: a shelly switches lamps and sockets, no barrier"
                raise ValueError(message)
        known = Known(
            relays={relay.name for relay in self.relay},
            lane_relays=moving,
            lanes={lane.number for lane in self.lane},
            watched={view.camera for lane in self.lane for view in lane.view},
            has_place=self.site.latitude is not None and self.site.longitude is not None,
        )
        check(self.zone, self.load, known)
        return self

    @model_validator(mode="after")
    def _names_resolve(self) -> "Settings":
        _once("camera id", [camera.id for camera in self.camera])
        _once("relay name", [relay.name for relay in self.relay])
        _once("lane number", [str(lane.number) for lane in self.lane])
        _once("lane relay", [lane.relay for lane in self.lane])
        _once("reader name", [reader.name for reader in self.reader])
        check_readers(self.reader, self.lane)
        self.stays.check(self.lane)
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
