"""Each rule of the relay through a real mosquitto, and its mutant: without the rule it goes wrong.

A scenario does what a network, a stranger or a crash can do, and returns the ledger. With the rule
the ledger shows no violation; with the rule taken away the same scenario must show it.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.command import Action, Position, Refusal
from models.sensor import Input
from mqtt_bridge import codec, relay_core
from mqtt_bridge.codec import Order
from mqtt_bridge.ledger import Entry
from mqtt_bridge.relay_core import Cause
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import Kind, RelayTopic
from tests.fakes.mosquitto import Mosquitto, mosquitto_broker, needs_mosquitto
from tests.fakes.relay_site import KEY, RELAY, SPEC, WiredSite, wired_site
from tests.fakes.relay_wire import Wire, wait, wire

pytestmark = needs_mosquitto

COMMAND = str(RelayTopic(RELAY, Kind.COMMAND))
REPORT = str(RelayTopic(RELAY, Kind.REPORT))


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto_broker(tmp_path_factory.mktemp("mosquitto"), (SPEC,)) as running:
        yield running


class Stage:
    """A wired site, and a client that knows the site's password and the relay's key."""

    def __init__(self, broker: Mosquitto, site: WiredSite, hand: Wire) -> None:
        self.broker = broker
        self.site = site
        self.hand = hand

    def order(self, action: Action = Action.OPEN, left_ms: int = 2000) -> Order:
        """Return a command that is good right now."""
        side = self.site.simulator._side
        state = self.site.simulator.state
        return Order(
            secrets.token_hex(16),
            1,
            action,
            state.last_seq + 1,
            state.epoch,
            side._tick() + min(left_ms, codec.MAX_AHEAD_MS - 50),
        )

    def say(self, order: Order, *, key: RelayKey = KEY, retained: bool = False) -> None:
        self.hand.say(COMMAND, codec.encode_order(key, RELAY, order), retained=retained)

    def answered(self, count: int = 1) -> None:
        """Wait until the relay has answered this many commands."""
        wait(lambda: len(self.hand.on(REPORT)) >= count, f"{count} answers of the relay")

    def refusals(self) -> list[Refusal | None]:
        answers = [codec.decode_answer(KEY, RELAY, m.payload) for m in self.hand.on(REPORT)]
        return [answer.why for answer in answers if isinstance(answer, codec.Answer)]

    def opened(self) -> None:
        self.site.do(Action.OPEN)
        self.site.wait(lambda: self.site.simulator.state.position is Position.OPEN, "the open gate")


@pytest.fixture
def stage(broker: Mosquitto, tmp_path: Path) -> Iterator[Stage]:
    with wired_site(broker, tmp_path) as site, wire(broker.address(), REPORT) as hand:
        site.ready()
        yield Stage(broker, site, hand)


def commanded(ledger: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in ledger if entry.cause is Cause.COMMAND]


def held_by_a_stalled_broker(stage: Stage) -> bool:
    order = stage.order(left_ms=300)
    stage.broker.stall()
    stage.say(order)
    time.sleep(0.8)
    stage.broker.resume()
    stage.answered()
    return bool(commanded(stage.site.ledger()))


def stocked_up(stage: Stage) -> bool:
    stage.say(replace(stage.order(), not_after_tick=2**40))
    stage.answered()
    return bool(commanded(stage.site.ledger()))


def played_again(stage: Stage) -> bool:
    order = stage.order()
    for _ in range(3):
        stage.say(order)
    stage.answered(3)
    return len(commanded(stage.site.ledger())) > 1


def out_of_order(stage: Stage) -> bool:
    first = stage.order()
    stage.say(replace(first, seq=first.seq + 1, cmd_id=secrets.token_hex(16)))
    stage.say(first)
    stage.answered(2)
    return len(commanded(stage.site.ledger())) > 1


def from_before_a_restart(stage: Stage) -> bool:
    order = stage.order()
    stage.site.simulator.reboot()
    stage.say(replace(order, not_after_tick=1500))
    stage.answered()
    return bool(commanded(stage.site.ledger()))


def kept_by_the_broker(stage: Stage) -> bool:
    stage.site.simulator.unplug()
    stage.say(stage.order(), retained=True)
    stage.hand.ping()
    stage.site.simulator.plug()
    stage.answered()
    stage.hand.say(COMMAND, b"", retained=True)
    return bool(commanded(stage.site.ledger()))


def of_a_stranger(stage: Stage) -> bool:
    stage.say(stage.order(), key=RelayKey(bytes(32)))
    stage.answered()
    return bool(commanded(stage.site.ledger()))


def onto_someone(stage: Stage) -> bool:
    stage.opened()
    stage.site.simulator.stand()
    stage.say(stage.order(Action.CLOSE))
    stage.answered(2)
    return any(
        entry.action is Action.CLOSE and entry.inputs[Input.BEAM] for entry in stage.site.ledger()
    )


def into_a_fire(stage: Stage) -> bool:
    stage.opened()
    stage.site.simulator.fire(on=True)
    stage.site.wait(lambda: len(stage.site.ledger()) > 1, "the gate to feel the fire")
    stage.say(stage.order(Action.CLOSE))
    stage.answered(2)
    return any(
        entry.action is Action.CLOSE and entry.inputs[Input.FIRE] for entry in stage.site.ledger()
    )


Mutate = Callable[[pytest.MonkeyPatch], None]


def without(rule: Refusal) -> Mutate:
    def mutate(patch: pytest.MonkeyPatch) -> None:
        rest = tuple(row for row in relay_core.RULES if row[0] is not rule)
        assert len(rest) == len(relay_core.RULES) - 1
        patch.setattr(relay_core, "RULES", rest)

    return mutate


def believing_retained(patch: pytest.MonkeyPatch) -> None:
    genuine = relay_core.receive

    def receive(*args: Any, retained: bool) -> Any:  # noqa: ANN401 - stands in for any call
        del retained
        return genuine(*args, retained=False)

    patch.setattr(relay_core, "receive", receive)


def believing_strangers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(codec, "unseal", lambda _key, _way, _topic, payload: payload[65:])


RULES = [
    pytest.param(held_by_a_stalled_broker, Refusal.DEADLINE, without(Refusal.DEADLINE), id="late"),
    pytest.param(stocked_up, Refusal.DEADLINE, without(Refusal.DEADLINE), id="far-deadline"),
    pytest.param(played_again, Refusal.SEQ, without(Refusal.SEQ), id="duplicate"),
    pytest.param(out_of_order, Refusal.SEQ, without(Refusal.SEQ), id="reordered"),
    pytest.param(from_before_a_restart, Refusal.EPOCH, without(Refusal.EPOCH), id="old-epoch"),
    pytest.param(kept_by_the_broker, Refusal.RETAINED, believing_retained, id="retained"),
    pytest.param(of_a_stranger, Refusal.MAC, believing_strangers, id="forged"),
    pytest.param(onto_someone, Refusal.PRESENCE, without(Refusal.PRESENCE), id="presence"),
    pytest.param(into_a_fire, Refusal.FIRE, without(Refusal.FIRE), id="fire"),
]


@pytest.mark.parametrize(("violates", "why", "mutate"), RULES)
def test_the_rule_holds(
    stage: Stage, violates: Callable[[Stage], bool], why: Refusal, mutate: Mutate
) -> None:
    del mutate
    assert not violates(stage)
    assert why in stage.refusals()


@pytest.mark.parametrize(("violates", "why", "mutate"), RULES)
def test_without_the_rule_the_ledger_shows_the_violation(
    stage: Stage,
    violates: Callable[[Stage], bool],
    why: Refusal,
    mutate: Mutate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mutate(monkeypatch)
    assert violates(stage)
    assert why not in stage.refusals()
