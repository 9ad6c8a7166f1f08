"""The house: all that the pages need, put together once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from config.lanes import LaneTable
from config.settings import Settings
from edge.web.accounts import Accounts
from edge.web.attempts import Attempts
from edge.web.board import Board
from edge.web.callers import Caller, Cookies
from edge.web.link import Link
from edge.web.pages import Pages
from edge.web.picture import Picture
from edge.web.screens import Screens
from edge.web.seal import Seal

CALLER = "kuahu.caller"


@dataclass(frozen=True, slots=True)
class House:
    """What the routes work with."""

    settings: Settings
    seal: Seal
    screens: Screens
    cookies: Cookies
    core: Link
    eye: Link
    board: Board
    accounts: Accounts
    attempts: Attempts
    pages: Pages
    mono: Callable[[], float]
    secure: bool
    pictures: dict[str, Picture]
    """The newest preview of each camera."""
    metrics_token: str = field(default="", repr=False)
    """What a machine shows to read `/metrics`; empty where it need only be on this machine."""
    calls: dict[int, float] = field(default_factory=dict)
    """When each lane last called the guard, in seconds of CLOCK_MONOTONIC."""
    looking: set[str] = field(default_factory=set)
    """Whose still is being looked at, for an enrolment."""

    def lane(self, number: int) -> LaneTable | None:
        """Return the lane of that number as the site file has it, or None."""
        return next((lane for lane in self.settings.lane if lane.number == number), None)

    def place(self, number: int) -> str:
        """Return how people call lane `number`."""
        lane = self.lane(number)
        if lane is None or lane.name.startswith(str(number)):
            return lane.name if lane else str(number)
        return f"{number} {lane.name}"

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.settings.site.timezone)

    @property
    def kiosks(self) -> frozenset[str]:
        """The cameras that are browsers'."""
        cameras = self.settings.camera
        return frozenset(camera.id for camera in cameras if camera.source == "kiosk")

    def kiosk(self, lane: LaneTable) -> str | None:
        """Return the camera of `lane` that is its screen's own, or None."""
        return next((view.camera for view in lane.view if view.camera in self.kiosks), None)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _caller(request: Request) -> Caller:
    caller: Caller = request.scope[CALLER]
    return caller


Here = Annotated[House, Depends(_house)]
Asking = Annotated[Caller, Depends(_caller)]
