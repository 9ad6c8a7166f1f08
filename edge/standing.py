"""What stands at one lane by a guard's order: a lock-down, or the barrier held open."""

from dataclasses import replace

from edge.arm import Arm
from edge.inbox import Stand
from edge.ports import World
from edge.unwritten import Unwritten
from models.decision import Reason
from models.facts import Facts
from models.lane import Lane
from models.standing import ENDED, ORDERED, Order, Standing


class StandingOrder:
    """Keeps one lane's order over restarts; used by the lane's own thread only.

    An order holds from the moment that it is given, even with a disk that takes nothing: then it is
    recorded later, as a guard's opening is.
    """

    def __init__(self, lane: Lane, world: World, arm: Arm, unwritten: Unwritten) -> None:
        self._lane = lane
        self._clock = world.clock
        self._arm = arm
        self._unwritten = unwritten
        self.order: Order | None = world.ledger.standing(lane.number)
        if self._holds:
            # At a start nothing is commanded: where the barrier is must be read first.
            arm.hold(asks=False)

    @property
    def _holds(self) -> bool:
        return self.order is not None and self.order.what is Standing.HOLD_OPEN

    def take(self, wish: Stand) -> None:
        """Let something stand, or end it; an order that took too long to get here is refused."""
        now = self._clock.now()
        late = not 0 <= now.mono - wish.pressed <= self._lane.max_age
        if wish.order is not None and late:
            wish.answer("refused", Reason.STALE, True)  # noqa: FBT003 - nothing is to be recorded
            return
        held, self.order = self._holds, wish.order
        on_record = self._unwritten.stand(self._lane.number, wish.order, wish.guard, now)
        if self._holds:
            self._arm.hold()
        elif held:
            self._arm.end_hold()
        wish.answer(ENDED if wish.order is None else ORDERED, Reason.GUARD, on_record)

    def reset(self) -> None:
        """Take the barrier back into service; what is ordered to stay open stays so."""
        self._arm.reset()
        if self._holds:
            self._arm.hold()

    def applied(self, facts: Facts) -> Facts:
        """Return the facts of an observation here with what stands, and whether there is fire."""
        locked = self.order is not None and self.order.what is Standing.LOCK_DOWN
        fire = self._arm.barrier.fire
        return replace(facts, locked_down=locked, fire=fire) if locked or fire else facts
