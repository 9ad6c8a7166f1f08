"""What guards and the command line ask about who is inside."""

from collections.abc import Callable
from datetime import datetime, timedelta

from edge import wire
from edge.core.office import Asker, Office
from edge.store.stay_ledger import StayLedger
from models.errors import InputError, StoreFault
from models.event import EventKind
from models.stay import Room, Subject

PAGE = 500
LONGEST_PAST = 90
LONGEST_NAME = 64


class StayDesk:
    """Answers from the stay ledger, which writes each correction into the journal itself."""

    def __init__(self, office: Office) -> None:
        self._at = office
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {
            wire.Stays: self._stays,
            wire.SeenGone: self._seen_gone,
            wire.CountedInside: self._counted,
            wire.RebuildStays: self._rebuild,
        }

    def _stays(self, _peer: Asker, request: wire.Stays) -> wire.StaysAre:
        ledger, skip = self._at.store.stays, max(0, request.skip)
        books = ledger.books()
        if request.past > 0:
            days = timedelta(days=min(request.past, LONGEST_PAST))
            ended = ledger.past(self._at.clock.now().utc - days, skip + PAGE + 1)
            every = tuple(
                _line(
                    one.zone,
                    one.who,
                    None if one.stay is None else one.stay.since,
                    (one.how.value, one.at.isoformat()),
                )
                for one in ended
            )
        else:
            every = tuple(_line(one.zone, one.who, one.since) for one in books.stays)
        page = every[skip : skip + PAGE]
        return wire.StaysAre(
            request.ref, _rooms(ledger.rooms(books)), page, more=len(every) > skip + PAGE
        )

    def _seen_gone(self, _peer: Asker, request: wire.SeenGone) -> wire.Done:
        seq = self._at.store.stays.seen_gone(
            request.zone, request.key, _named(request.guard), self._at.clock.now()
        )
        return self._done(request.ref, seq)

    def _counted(self, _peer: Asker, request: wire.CountedInside) -> wire.Done:
        seq = self._at.store.stays.counted(
            request.zone, request.number, _named(request.guard), self._at.clock.now()
        )
        return self._done(request.ref, seq)

    def _rebuild(self, _peer: Asker, request: wire.RebuildStays) -> wire.Done:
        store = self._at.store
        named = store.stays.rebuild()
        seq = store.note(
            EventKind.ADMIN, "stays_rebuilt", self._at.clock.now(), who=_named(request.by)
        )
        done = self._done(request.ref, seq)
        return wire.Done(done.ref, f"{named} stays with a name")

    def _done(self, ref: int, seq: int) -> wire.Done:
        self._at.announce(seq)
        self._at.changed()
        return wire.Done(ref)


def room_lines(ledger: StayLedger) -> tuple[wire.RoomLine, ...]:
    """Return how full each zone is; nothing while the books cannot be read."""
    try:
        return _rooms(ledger.rooms())
    except StoreFault:
        return ()


def _rooms(rooms: tuple[Room, ...]) -> tuple[wire.RoomLine, ...]:
    return tuple(
        wire.RoomLine(one.zone, one.counts.value, one.inside, one.spaces, one.strangers)
        for one in rooms
    )


def _named(guard: str) -> str:
    if not 0 < len(guard) <= LONGEST_NAME:
        message = "the stay ledger is corrected by a guard with a name"
        raise InputError(message)
    return guard


def _line(
    zone: str, who: Subject, since: datetime | None, over: tuple[str, str] = ("", "")
) -> wire.StayLine:
    return wire.StayLine(
        zone,
        who.key,
        who.guest.value,
        who.home or "",
        "" if since is None else since.isoformat(),
        "" if who.until is None else who.until.isoformat(),
        *over,
    )
