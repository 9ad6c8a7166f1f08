"""A desk over a real store in memory's own folder: people, cars, a clock that moves, eyes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge import wire
from edge.core.desk import Desk
from edge.core.eyes import Encoded, PhotoUnfit
from edge.core.office import Office
from edge.core.pass_keys import PassKeys
from edge.places import Places
from edge.store.store import Store
from models.errors import RecogniserFault
from models.event import Event
from models.moment import Moment
from models.template import Template
from tests.fakes.desk_asker import Asker
from tests.fakes.store_site import on_disk, quick_folder
from tests.fakes.store_words import NOW

COMPOUND = "00112233"
GOOD = b"\xff\xd8 a good photo"
POOR = b"\xff\xd8 a poor photo"
_FACE = Template("sface-1", b"THE-FACE-IN-THE-PHOTO!!!" * 20)


class MovingClock:
    """Shows NOW until it is moved on."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> Moment:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at = self.at.after(seconds)


class DeskEyes:
    """Sees a face in every photo but the `poor` one, which is too dark; may be away."""

    def __init__(self) -> None:
        self.away = False
        self.poor = POOR
        self.refreshed = 0
        self.seen: list[str | bytes] = []
        self.alike: tuple[str, ...] = ()

    def check(self, photo: bytes) -> None:
        self._see(photo)

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        del resident
        for photo in photos:
            self._see(photo)
        return Encoded((_FACE,) * (len(photos) + len(crops)), 0, self.alike)

    def refresh(self) -> None:
        self.refreshed += 1

    def _see(self, photo: str | bytes) -> None:
        if self.away:
            message = "the vision process is not answering"
            raise RecogniserFault(message, part="vision")
        self.seen.append(photo)
        if photo == self.poor:
            message = "the photo: the face is too dark"
            raise PhotoUnfit(message, "too_dark")


class RegisterSite:
    """The desk, and what is behind it."""

    def __init__(
        self, store: Store, folder: Path, announce: Callable[[int], None] | None = None
    ) -> None:
        self.store, self.eyes, self.clock = store, DeskEyes(), MovingClock()
        self.places = Places(folder)
        self.announced: list[int] = []
        self.desk_keys = PassKeys(self.places.pass_keys, COMPOUND)
        self.desk = Desk(
            Office(
                clock=self.clock,
                store=store,
                keepers={},
                eyes=self.eyes,
                places=self.places,
                keys=self.desk_keys,
                announce=announce or self.announced.append,
                changed=lambda: None,
                compound=COMPOUND,
            )
        )

    def ask(self, message: wire.AnyMessage) -> wire.AnyMessage:
        """Return the desk's answer, as a core on its socket would give it."""
        asker = Asker()
        self.desk.hear(asker, message)
        return asker.told[-1]

    def done(self, message: wire.AnyMessage) -> wire.Done:
        """Return the answer to a request that must be met."""
        said = self.ask(message)
        assert isinstance(said, wire.Done), said
        return said

    def refused(self, message: wire.AnyMessage) -> str:
        """Return why a request that must not be met is not."""
        said = self.ask(message)
        assert isinstance(said, wire.Failed), said
        return said.text

    def add(self, name: str, home: str = "3-1-502", **more: object) -> str:
        """Put somebody on the register; return the id."""
        fields: dict[str, object] = {"kind": "owner", "until": None} | more
        request = wire.AddResident(
            1,
            name,
            home,
            str(fields["kind"]),
            None if fields["until"] is None else str(fields["until"]),
            (),
            None,
            "chen",
            None,
        )
        return self.done(request).text

    def household(self, home: str = "3-1-502") -> wire.HouseholdIs:
        """Return one home."""
        said = self.ask(wire.Household(1, home))
        assert isinstance(said, wire.HouseholdIs), said
        return said

    def last(self, by: str) -> wire.LastChangeIs:
        """Return what somebody changed last."""
        said = self.ask(wire.LastChange(1, by))
        assert isinstance(said, wire.LastChangeIs), said
        return said

    def journal(self) -> list[Event]:
        """Return the journal, oldest first."""
        return sorted(self.store.events(limit=200), key=lambda row: row.seq)

    def reasons(self) -> list[str]:
        """Return what the journal says, oldest first."""
        return [row.reason for row in self.journal()]


@contextmanager
def register_site() -> Iterator[RegisterSite]:
    """Open a desk over a new store."""
    with quick_folder() as folder, on_disk(folder / "state") as store:
        yield RegisterSite(store, folder)
