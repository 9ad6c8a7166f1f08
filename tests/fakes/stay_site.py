"""The pages of a site that keeps stays: a real ledger behind a real web process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge import wire
from edge.clock import SystemClock
from edge.core.eyes import Encoded
from edge.core.office import Office
from edge.core.stay_desk import StayDesk
from edge.places import Places
from edge.store.store import Store
from models.errors import InputError
from models.stay import StayZone
from tests.fakes.car_stays import drive
from tests.fakes.store_words import NOW
from tests.fakes.web_site import GUARD, WebSite, served

YARD = StayZone("yard", frozenset({1}), spaces=3, loops=frozenset({1}))
PLATE, OTHER = "京A12345", "沪B67890"


@dataclass(frozen=True)
class StaySite:
    """The pages, and the store whose ledger they show."""

    web: WebSite
    store: Store


@contextmanager
def stay_site(folder: Path) -> Iterator[StaySite]:
    """Run the pages of that site; two cars came in long ago."""
    with Store.open(folder / "state", NOW, ballast=0) as store:
        store.stays.keep([YARD])
        drive(store, PLATE)
        drive(store, OTHER)
        desk = _desk(folder, store)

        def answered(kind: type, request: wire.AnyMessage) -> wire.AnyMessage:
            try:
                return desk.answers[kind](_Peer(), request)
            except InputError as error:
                return wire.Failed(getattr(request, "ref", 0), error.code, str(error))

        with served(folder) as site:
            site.admit(GUARD, "guard")
            site.core.also = {kind: partial(answered, kind) for kind in desk.answers}
            yield StaySite(site, store)


def _desk(folder: Path, store: Store) -> StayDesk:
    return StayDesk(
        Office(
            clock=SystemClock(),
            store=store,
            keepers={},
            eyes=_Blind(),
            places=Places(folder),
            keys=dict,
            announce=lambda _seq: None,
            changed=lambda: None,
        )
    )


class _Blind:
    """Eyes of a site whose guards enrol nobody."""

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        message = f"{len(photos) + len(crops)} pictures of {resident or 'somebody'}: no eyes here"
        raise InputError(message)

    def check(self, photo: bytes) -> None:
        """Refuse, as `encode` does."""
        self.encode((photo,))

    def refresh(self) -> None:
        """Do nothing."""


class _Peer:
    """Whoever asks; answers are returned, not told."""

    role = "web"

    def tell(self, message: wire.AnyMessage) -> None:
        raise AssertionError(message)
