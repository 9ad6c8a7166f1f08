"""What guards ask of the lanes: to open, look at a code, let something stand, or be back."""

from edge import wire
from edge.core.office import MOST_ROWS, Asker, Office
from edge.inbox import Release, Seen, Stand, answered
from edge.lane import LaneKeeper
from models.errors import InputError
from models.event import EventKind
from models.lane import Direction
from models.observation import PassShown, PinEntered, Sighting
from models.standing import Order, Standing

LONGEST_NOTE = 500
LONGEST_NAME = 64


class LaneDesk:
    """Passes on what is asked of a lane; the lane itself answers."""

    def __init__(self, office: Office) -> None:
        self._at = office

    def _keeper(self, lane: int) -> LaneKeeper:
        keeper = self._at.keepers.get(lane)
        if keeper is None:
            numbers = ", ".join(str(number) for number in sorted(self._at.keepers))
            message = f"there is no lane {lane}; this site has {numbers}"
            raise InputError(message)
        return keeper

    def press(self, peer: Asker, request: wire.Press) -> None:
        """Let a guard open by hand."""
        keeper = self._keeper(request.seen.at.lane)
        answers = request.seen.answers
        if answers is not None and not 0 < answers < MOST_ROWS:
            message = f"{answers} is no row of the journal"
            raise InputError(message)
        if len(request.seen.note) > LONGEST_NOTE or not 0 < len(request.seen.guard) <= LONGEST_NAME:
            message = f"a note has at most {LONGEST_NOTE} characters, and a guard has a name"
            raise InputError(message)
        keeper.inbox.put(Seen(request.seen, answer=answered(request.ref, peer.tell)))

    def check(self, peer: Asker, request: wire.Check) -> None:
        """Let a lane decide on a code that a guard has scanned, or on six digits that were told."""
        keeper = self._keeper(request.lane)
        pressed = self._at.clock.now().mono if request.pressed is None else request.pressed
        at = Sighting(request.lane, Direction(request.direction), pressed, f"desk:{request.guard}")
        keeper.inbox.put(Seen(self._code(at, request), answer=answered(request.ref, peer.tell)))

    def _code(self, at: Sighting, request: wire.Check) -> PassShown | PinEntered:
        text = request.text.strip()
        try:
            pin = self._at.store.pins.hash(text)
        except InputError:
            return PassShown(at, text)
        return PinEntered(at, pin, guard=request.guard)

    def call(self, _peer: Asker, request: wire.Call) -> wire.Done:
        """Note that someone at a lane's screen calls the guard."""
        keeper = self._keeper(request.lane)
        now = self._at.clock.now()
        seq = self._at.store.note(EventKind.CALL, "call", now, lane=keeper.lane.number)
        self._at.announce(seq)
        return wire.Done(request.ref)

    def stand(self, peer: Asker, request: wire.Stand) -> None:
        """Let a guard's order stand at a lane, or end it."""
        keeper = self._keeper(request.lane)
        if not 0 < len(request.guard) <= LONGEST_NAME or len(request.why) > LONGEST_NOTE:
            message = f"an order needs a guard's name, and at most {LONGEST_NOTE} characters of why"
            raise InputError(message)
        order = None
        if request.what:
            what, since = Standing(request.what), self._at.clock.now().utc
            if not request.why.strip():
                message = "an order that stands needs its reason in words"
                raise InputError(message)
            order = Order(request.lane, what, request.guard, request.why.strip(), since)

        def answer(word: str, reason: str, recorded: bool) -> None:  # noqa: FBT001 - the fact itself
            self._at.changed()
            peer.tell(wire.Answered(request.ref, word, reason, 0, recorded=recorded))

        keeper.inbox.put(Stand(order, request.guard, request.pressed, answer))

    def reset(self, peer: Asker, request: wire.ResetHold) -> None:
        """Let a named guard take a barrier back into service."""
        keeper = self._keeper(request.lane)
        keeper.inbox.put(Release(request.guard, lambda: peer.tell(wire.Done(request.ref))))
