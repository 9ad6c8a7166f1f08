"""Sensors that are stuck, cut, flapping and contradictory, over a million steps of a whole lane.

Belief (gate/barrier), relay (relay_core) and iron (sim_gate) are the product's own; only time and
mishaps are drawn. Nothing closes onto what an honest input shows, nor against a fire, and once all
is mended and a guard has looked, an arm closes.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gate.barrier import AWAY, FRESH, Barrier, Fitting, HoldOpen, Reset, Sent, State, Tick, step
from models.command import Action, Outcome, Position, Refusal, Report
from models.lane import Drive
from models.sensor import Input, Reading
from mqtt_bridge import relay_core, sim_gate
from mqtt_bridge.codec import Order
from mqtt_bridge.relay_core import Actuate, Relay, Senses, Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_gate import SimGate, Timing
from tests.nemesis.site import say

KEY = RelayKey(bytes(range(32)))
PRESENCE = frozenset({Input.LOOP, Input.BEAM, Input.EDGE})
PAUSES = (*(0.02, 0.1, 0.3, 0.7) * 6, 1.0, FRESH, FRESH + 0.1, AWAY + 0.1)
MENDING = ("leave", "let go", "mend", "free", "no fire", "heard", "reset")
MISHAPS = (
    *("stand", "walk", "squeeze", "cut", "stick", "flap", "fire", "silent", "deaf", "hold"),
    *MENDING * 3,
)


class Lane:
    """One lane with its mishaps."""

    def __init__(self, rng: random.Random, drive: Drive) -> None:
        presence = PRESENCE if drive is Drive.OPEN_CLOSE else frozenset()
        self.rng = rng
        self.now = 0.0
        self.wiring = Wiring("gate-1", 1, drive, KEY, presence)
        self.relay = Relay("e" * 16)
        self.gate = SimGate(drive, PRESENCE | {Input.FIRE}, Timing())
        self.barrier = Barrier(Fitting(drive, presence, 1.0))
        self.stuck: dict[Input, bool] = {}
        self.silent = self.deaf = False
        self.unreset_fire = False
        self.closed = self.steps = 0

    def run(self, steps: int) -> None:
        until = self.steps + steps
        while self.steps < until:
            self.now += self.rng.choice(PAUSES)
            if self.rng.random() < 0.05:
                self.mishap(self.rng.choice(MISHAPS))
            if self.rng.random() < 0.05:
                self.order(Action.OPEN)
            self.beat()
            self.happen(Tick())

    def mishap(self, what: str) -> None:
        """Let something happen to the iron, the wires or the people."""
        gate, which = sim_gate.at(self.gate, self.now), self.rng.choice(sorted(PRESENCE))
        changes: dict[str, dict[str, Any]] = {
            "stand": {"standing": True},
            "leave": {"standing": False},
            "squeeze": {"squeezed": True},
            "let go": {"squeezed": False},
            "cut": {"cut": gate.cut | {which}},
            "mend": {"cut": frozenset()},
            "fire": {"fire": True},
            "no fire": {"fire": False},
        }
        self.gate = replace(gate, **changes.get(what, {}))
        deeds: dict[str, Callable[[], None]] = {
            "walk": self.walk,
            "stick": self.stick,
            "free": self.stuck.clear,
            "flap": self.flap,
            "reset": self.reset,
            "hold": lambda: self.happen(HoldOpen()),
        }
        deeds.get(what, lambda: None)()
        self.silent = what == "silent" or (self.silent and what != "heard")
        self.deaf ^= what == "deaf"

    def walk(self) -> None:
        self.gate = sim_gate.walks(self.gate, self.now) or self.gate

    def stick(self) -> None:
        # Only the loop lies: what no honest input shows, nobody can know.
        self.stuck[Input.LOOP] = self.rng.random() < 0.5

    def flap(self) -> None:
        for number in range(8):
            self.gate = replace(self.gate, standing=number % 2 == 0)
            self.now += 0.05
            self.beat()

    def reset(self) -> None:
        self.happen(Reset())
        if self.barrier.state is not State.HELD_FIRE:
            self.unreset_fire = False

    def felt(self) -> Senses:
        felt = sim_gate.senses(self.gate)
        lies = {name: on for name, on in self.stuck.items() if name in felt.inputs}
        return replace(felt, inputs={**felt.inputs, **lies})

    def beat(self) -> None:
        self.gate = sim_gate.at(self.gate, self.now)
        self.relay, effects = relay_core.sense(self.wiring, self.relay, self.felt())
        for effect in effects:
            assert isinstance(effect, Actuate)
            assert effect.action is Action.OPEN, "a relay closes nothing by itself"
            self.gate = sim_gate.moved(self.gate, effect.action, self.now)
        if not self.silent:
            felt = self.relay.senses
            self.unreset_fire |= felt.inputs.get(Input.FIRE, False)
            said = Reading("gate-1", 1, felt.position, felt.inputs, self.now, felt.passages)
            self.happen(said)

    def happen(self, what: Reading | Report | Sent | Reset | HoldOpen | Tick) -> None:
        self.steps += 1
        self.barrier, asked = step(self.barrier, what, self.now)
        for action in asked:
            if action is Action.CLOSE:
                self.may_close()
            self.order(action)

    def may_close(self) -> None:
        """Hold a wish to close to what core could know."""
        heard = self.barrier.heard
        assert self.wiring.drive is Drive.OPEN_CLOSE, "a gate that closes itself was told to"
        assert not self.unreset_fire, "a close before a guard has reset the fire"
        assert heard is not None
        assert self.now - heard.at <= FRESH, "a close on stale inputs"
        assert all(heard.active.get(one) is False for one in PRESENCE), "a close on somebody"

    def order(self, action: Action) -> None:
        cmd_id = f"{self.steps:032x}"
        self.happen(Sent(cmd_id, action, self.now + 0.5))
        if self.deaf:
            self.now += 0.6
            self.happen(self.answer(cmd_id, None, Outcome.TIMED_OUT))
            return
        seq, tick = self.relay.last_seq + 1, int(self.now * 1000)
        order = Order(cmd_id, 1, action, seq, self.relay.epoch, tick + 300)
        self.gate = sim_gate.at(self.gate, self.now)
        self.relay = replace(self.relay, senses=self.felt())
        why = relay_core.judge(self.wiring, self.relay, order, tick)
        if why is None:
            self.obey(action, seq)
        self.happen(self.answer(cmd_id, why))

    def obey(self, action: Action, seq: int) -> None:
        if action is Action.CLOSE:
            honest = sim_gate.senses(self.gate)
            assert honest.inputs.get(Input.BEAM) is False, "closed on somebody in the beam"
            assert not honest.inputs.get(Input.EDGE, True), "closed on somebody at the edge"
            assert not self.gate.fire, "closed in a fire"
            self.closed += 1
        self.relay = replace(self.relay, last_seq=seq)
        self.gate = sim_gate.moved(self.gate, action, self.now)

    def answer(self, cmd_id: str, why: Refusal | None, heard: Outcome = Outcome.DONE) -> Report:
        outcome = heard if why is None else Outcome.REFUSED
        return Report(cmd_id, "gate-1", 1, outcome, self.gate.position, self.now, why)

    def mended(self) -> None:
        """Mend everything, let a guard look, and give it a minute."""
        self.gate = replace(
            sim_gate.at(self.gate, self.now), cut=frozenset(), fire=False, standing=False
        )
        self.gate = replace(self.gate, squeezed=False)
        self.stuck.clear()
        self.silent = self.deaf = False
        self.now += 1.0
        self.beat()
        self.reset()
        for _ in range(120):
            self.now += 0.5
            self.beat()
            self.happen(Tick())
        assert self.gate.position is Position.CLOSED, "a mended, clear lane closes in the end"


def wander(seed: int, steps: int) -> None:
    say(f"seed {seed}, {steps} steps")
    rng = random.Random(seed)
    closed = 0
    for drive in Drive:
        lane = Lane(rng, drive)
        while lane.steps < steps / len(Drive):
            lane.run(300)
            lane.mended()
        closed += lane.closed
    assert closed > steps / 1000, "hardly anything was ever closed"


@pytest.mark.fault("F23", "F24")
def test_no_mishap_of_the_sensors_closes_on_anybody() -> None:
    wander(23, 100_000)


@pytest.mark.fault("F23")
def test_a_barrier_that_looks_at_no_sensor_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Barrier, "occupied", lambda _barrier, _now: False)
    with pytest.raises(AssertionError, match="a close on"):
        wander(23, 100_000)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.fault("F23", "F24")
@pytest.mark.parametrize("seed", range(4))
def test_no_mishap_in_a_million_steps_closes_on_anybody(seed: int) -> None:
    wander(seed, 1_000_000)
