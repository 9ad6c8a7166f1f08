"""The relay's brain: what it does about a message, an input and the passing of time. Pure.

One rule outranks the rest: nothing is done that cannot be shown to be wanted now. A command is
done only when sealed with this relay's key, fresh, of this epoch, newer than the last, before its
deadline, and against neither a person under the arm nor a fire.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from models.command import Action, Outcome, Position, Refusal
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge.codec import (
    MAX_AHEAD_MS,
    Answer,
    Flaw,
    Heartbeat,
    Malformed,
    Order,
    claimed_order,
    decode_order,
)
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import relay_name

PRESENCE = frozenset({Input.LOOP, Input.BEAM, Input.EDGE})
"""The inputs that see a person or a car."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What one relay is and what is wired to it.

    `fire` and `position` say whether those wires exist; `presence` names the wired ones.
    """

    relay: str
    lane: int
    drive: Drive
    key: RelayKey
    presence: frozenset[Input] = frozenset({Input.LOOP, Input.BEAM})
    fire: bool = True
    position: bool = True
    felt: frozenset[Input] = frozenset()
    """Inputs that are wired and told, and keep nothing from closing: a loop or radar in front."""

    def __post_init__(self) -> None:
        relay_name(self.relay)
        if not self.presence <= PRESENCE:
            message = f"relay {self.relay}: {sorted(self.presence - PRESENCE)} see no presence"
            raise ValueError(message)
        if self.drive is Drive.OPEN_CLOSE and not self.presence:
            message = (
                f"relay {self.relay} closes a barrier but no presence input is wired: "
                "wire a loop, a beam or an edge, or let the gate close itself (drive = pulse)"
            )
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Senses:
    """What the relay's body feels now; an input absent from `inputs` cannot be read."""

    position: Position = Position.UNKNOWN
    inputs: dict[Input, bool] = field(default_factory=dict)
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Relay:
    """The state of one relay since it started; `epoch` is 16 hex digits, new at each start."""

    epoch: str
    last_seq: int = 0
    senses: Senses = field(default_factory=Senses)


class Cause(StrEnum):
    """What moved a barrier."""

    COMMAND = "command"
    FIRE = "fire"
    REVERSAL = "reversal"
    """Someone came under a closing arm."""


@dataclass(frozen=True, slots=True)
class Actuate:
    """The body shall move the barrier; `order` is None when the relay decided by itself."""

    action: Action
    cause: Cause
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """The body shall say this on the report topic, after doing what stands before it."""

    answer: Answer


Effect = Actuate | Tell


def heartbeat(relay: Relay, tick: int) -> Heartbeat:
    """Return what the relay says of itself at `tick`."""
    senses = relay.senses
    return Heartbeat(
        relay.epoch, tick, relay.last_seq, senses.position, senses.inputs, senses.passages
    )


def receive(
    wiring: Wiring, relay: Relay, payload: bytes, tick: int, *, retained: bool
) -> tuple[Relay, tuple[Effect, ...]]:
    """Return the relay after a message on its command topic, and what its body must do.

    A message that carries no readable command gets no answer.
    """
    if retained:
        return relay, _refuse(relay, claimed_order(payload), Refusal.RETAINED)
    order = decode_order(wiring.key, wiring.relay, payload)
    if isinstance(order, Malformed):
        if order.flaw is not Flaw.SEAL:
            return relay, ()
        return relay, _refuse(relay, claimed_order(payload), Refusal.MAC)
    why = judge(wiring, relay, order, tick)
    if why is not None:
        return relay, _refuse(relay, order, why)
    reached = _reached(wiring, relay.senses.position, order.action)
    after = replace(relay, last_seq=order.seq, senses=replace(relay.senses, position=reached))
    answer = Answer(order.cmd_id, order.seq, relay.epoch, Outcome.DONE, reached)
    return after, (Actuate(order.action, Cause.COMMAND, order), Tell(answer))


def judge(wiring: Wiring, relay: Relay, order: Order, tick: int) -> Refusal | None:
    """Return why the relay will not do a genuine command, or None when it will.

    The order of the rules is the policy: the first that applies names the refusal.
    """
    return next((why for why, applies in RULES if applies(wiring, relay, order, tick)), None)


def sense(wiring: Wiring, relay: Relay, senses: Senses) -> tuple[Relay, tuple[Effect, ...]]:
    """Return the relay once it feels `senses`, and what its body must do by itself.

    A fire opens; a presence under a closing arm opens. Both only mirror what the gate's own
    hardware must do without us.
    """
    before, after = relay.senses, replace(relay, senses=senses)
    if _burns(wiring, senses):
        shut = senses.position in (Position.CLOSED, Position.CLOSING)
        was_shut = before.position in (Position.CLOSED, Position.CLOSING)
        if not _burns(wiring, before) or (shut and not was_shut):
            return after, (Actuate(Action.OPEN, Cause.FIRE),)
    elif senses.position is Position.CLOSING and any(senses.inputs.get(i) for i in wiring.presence):
        return after, (Actuate(Action.OPEN, Cause.REVERSAL),)
    return after, ()


def broken(answer: Answer) -> Answer:
    """Return what to say instead of `answer` when the body could not move the barrier."""
    return replace(answer, outcome=Outcome.REFUSED, state=Position.UNKNOWN, why=Refusal.FAULT)


def _other_epoch(_wiring: Wiring, relay: Relay, order: Order, _tick: int) -> bool:
    return order.epoch != relay.epoch


def _too_late(_wiring: Wiring, _relay: Relay, order: Order, tick: int) -> bool:
    return not tick <= order.not_after_tick <= tick + MAX_AHEAD_MS


def _not_newer(_wiring: Wiring, relay: Relay, order: Order, _tick: int) -> bool:
    return order.seq <= relay.last_seq


def _against_fire(wiring: Wiring, relay: Relay, order: Order, _tick: int) -> bool:
    # A fire wire that cannot be read counts as burning: an open gate can be closed by hand.
    unread = wiring.fire and Input.FIRE not in relay.senses.inputs
    return order.action is Action.CLOSE and (unread or _burns(wiring, relay.senses))


def _onto_someone(wiring: Wiring, relay: Relay, order: Order, _tick: int) -> bool:
    clear = all(relay.senses.inputs.get(i) is False for i in wiring.presence)
    return order.action is Action.CLOSE and not (wiring.presence and clear)


def _beyond_the_drive(wiring: Wiring, _relay: Relay, order: Order, _tick: int) -> bool:
    wrong_lane = order.lane != wiring.lane
    return wrong_lane or (order.action is Action.CLOSE and wiring.drive is not Drive.OPEN_CLOSE)


Rule = Callable[[Wiring, Relay, Order, int], bool]

RULES: tuple[tuple[Refusal, Rule], ...] = (
    (Refusal.EPOCH, _other_epoch),
    (Refusal.DEADLINE, _too_late),
    (Refusal.SEQ, _not_newer),
    (Refusal.FIRE, _against_fire),
    (Refusal.FAULT, _beyond_the_drive),
    (Refusal.PRESENCE, _onto_someone),
)


def _refuse(relay: Relay, order: Order | None, why: Refusal) -> tuple[Effect, ...]:
    if order is None:
        return ()
    state = relay.senses.position
    return (Tell(Answer(order.cmd_id, order.seq, relay.epoch, Outcome.REFUSED, state, why)),)


def _burns(wiring: Wiring, senses: Senses) -> bool:
    return wiring.fire and senses.inputs.get(Input.FIRE, False)


def _reached(wiring: Wiring, position: Position, action: Action) -> Position:
    if not wiring.position:
        return Position.UNKNOWN
    match action:
        case Action.OPEN:
            return Position.OPEN if position is Position.OPEN else Position.OPENING
        case Action.CLOSE:
            return Position.CLOSED if position is Position.CLOSED else Position.CLOSING
