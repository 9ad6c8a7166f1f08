"""A line to core for the command line: over its socket, or, with no core running, to the store."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from config.settings import Settings
from config.stays import stay_zones
from edge import wire
from edge.channel import ChannelFault, Client, Refused, connect
from edge.clock import SystemClock
from edge.core.desk import Desk
from edge.core.eyes import Encoded, encoded, refusal
from edge.core.office import Office
from edge.core.pass_keys import PassKeys
from edge.places import Places
from edge.store.store import Store
from models.errors import InputError

Answer = TypeVar("Answer", bound=wire.Message)
PATIENCE = 40.0
"""Seconds; a photo may wait for vision to start."""


class Line:
    """Asks core; `ref` numbers the requests."""

    def __init__(self, settings: Settings) -> None:
        places = Places(settings.site.state)
        self._client: Client | None = None
        self._local: _Local | None = None
        try:
            self._client = Client(connect(places.core_socket, "cli"), lambda _message: None)
        except ChannelFault:
            self._local = _Local(settings, places)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            self._client.close()
        if self._local is not None:
            self._local.store.close()

    def ref(self) -> int:
        """Return a number for the next request."""
        return 0 if self._client is None else self._client.ref()

    def ask(self, request: wire.AnyMessage, answer: type[Answer]) -> Answer:
        """Return the answer to `request`.

        Raises InputError with the reason in words when it cannot be met.
        """
        if self._client is not None:
            try:
                return self._client.ask(request, answer, PATIENCE)
            except Refused as refused:
                raise InputError(str(refused)) from refused
        assert self._local is not None
        said = self._local.answer(request)
        if isinstance(said, wire.Failed):
            raise InputError(said.text)
        assert isinstance(said, answer)
        return said


class _Local:
    """The same desk, at work in this process because no core is."""

    def __init__(self, settings: Settings, places: Places) -> None:
        clock = SystemClock()
        self.store = Store.open(places.root, clock.now(), start=False)
        self.store.stays.keep(stay_zones(settings.stays, settings.lane))
        self._said: list[wire.AnyMessage] = []
        self.role = "cli"
        office = Office(
            clock=clock,
            store=self.store,
            keepers={},
            eyes=_OwnEyes(settings),
            places=places,
            keys=PassKeys(places.pass_keys, settings.site.compound),
            announce=lambda _seq: None,
            changed=lambda: None,
            compound=settings.site.compound,
        )
        self._desk = Desk(office)

    def tell(self, message: wire.AnyMessage) -> None:
        """Keep what the desk says."""
        self._said.append(message)

    def answer(self, request: wire.AnyMessage) -> wire.AnyMessage:
        """Return what the desk says to `request`."""
        self._desk.hear(self, request)
        return self._said.pop()


class _OwnEyes:
    """Encodes photos in this process; the models are loaded for the first photo only."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._refs: Iterator[int] = itertools.count(1)

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        """Return the templates of photos; rows' pictures are compared with a gallery, not here.

        Raises InputError with what to do about a photo that cannot be used.
        """
        if crops or resident:
            message = "pictures of rows are encoded by a running site only; start it: kuahu run"
            raise InputError(message)
        # Only a command with a photo pays for the models.
        from edge.vision_engines import load_engines  # noqa: PLC0415
        from edge.vision_enrolment import Enrolments  # noqa: PLC0415

        engines = load_engines(self._settings.recognition)
        work = Enrolments()
        paths = tuple(str(Path(one)) for one in photos if isinstance(one, str))
        held = tuple(one for one in photos if isinstance(one, bytes))
        work.add(wire.Encode(next(self._refs), paths, photos=held))
        said = None
        while said is None:
            said = work.step(engines.faces)
        if isinstance(said, wire.Failed):
            raise refusal(said)
        return encoded(said)

    def check(self, photo: bytes) -> None:
        """Raise a KuahuError in words if `photo` could not be enrolled; nothing is kept of it."""
        self.encode((photo,))

    def refresh(self) -> None:
        """Do nothing: no vision process is there to be told."""
