"""Relays in memory: the real rules on both sides of a wire that is a function call.

`FakeRelays` is an `edge.ports.Relays` that behaves: heartbeats, deadlines, presence, fire and
passages are those of the real thing, and so is the ledger. Its clock is a `ManualClock`;
`turn(seconds)` lets time pass.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from models.command import Action, Command, Report
from models.errors import RelayFault
from models.sensor import Input, Reading
from models.signal import Signal
from mqtt_bridge import codec, relay_core, sim_gate
from mqtt_bridge.broker import Message
from mqtt_bridge.ledger import Entry
from mqtt_bridge.native import NativeTrack, native_track
from mqtt_bridge.relay_core import Actuate, Relay, Tell, Wiring
from mqtt_bridge.sim_gate import SimGate, Timing
from mqtt_bridge.topics import Kind, RelayTopic
from mqtt_bridge.track import RelaySpec, closes_itself

STEP = 0.02


class ManualClock:
    """A monotonic clock that moves when told to."""

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start

    def __call__(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


@dataclass
class FakeGate:
    """One relay and its gate in memory."""

    wiring: Wiring
    clock: ManualClock
    gate: SimGate
    relay: Relay
    born: float
    beat_at: float = 0.0
    said: relay_core.Senses | None = None
    plugged: bool = True
    starts: int = 1

    def stand(self) -> None:
        self.gate = replace(sim_gate.at(self.gate, self.clock()), standing=True)

    def leave(self) -> None:
        self.gate = replace(sim_gate.at(self.gate, self.clock()), standing=False)

    def walk(self) -> bool:
        walked = sim_gate.walks(self.gate, self.clock())
        self.gate = walked or self.gate
        return walked is not None

    def fire(self, *, on: bool) -> None:
        self.gate = replace(sim_gate.at(self.gate, self.clock()), fire=on)

    def reboot(self) -> None:
        self.starts += 1
        self.born, self.beat_at = self.clock(), 0.0
        self.relay = Relay(f"{self.starts:016x}", senses=self.relay.senses)

    def unplug(self) -> None:
        self.plugged = False

    def plug(self) -> None:
        self.plugged, self.beat_at = True, 0.0

    def tick(self) -> int:
        return int((self.clock() - self.born) * 1000)


class FakeRelays:
    """Every relay of a site, in memory."""

    def __init__(
        self,
        wirings: tuple[Wiring, ...],
        hear: Callable[[Report | Reading], None],
        clock: ManualClock,
        timing: Timing | None = None,
    ) -> None:
        self._hear = hear
        self._clock = clock
        self.broker_up = True
        self.ledger: list[Entry] = []
        self.signals: list[tuple[int, Signal]] = []
        self.gates = {w.relay: self._built(w, timing or Timing()) for w in wirings}
        self._tracks: dict[str, NativeTrack] = {
            w.relay: native_track(RelaySpec(w.relay, w.lane, w.drive, key=w.key)) for w in wirings
        }

    def last_seq(self, relay: str) -> int | None:
        track = self._track(relay)
        return track.last_seq(self._clock()) if self.broker_up else None

    def send(self, command: Command) -> None:
        now, track = self._clock(), self._track(command.relay)
        barred = command.action is Action.CLOSE and closes_itself(track.spec)
        ordered = track.order(command, now) if self.broker_up and not barred else None
        if ordered is None or command.deadline <= now:
            message = f"relay {command.relay} cannot be commanded now"
            raise RelayFault(message, part=command.relay)
        self._tracks[command.relay], message_out = ordered
        self.deliver(command.relay, message_out.payload)

    def signal(self, lane: int, signal: Signal) -> None:
        if self.broker_up:
            self.signals.append((lane, signal))

    def deliver(self, name: str, payload: bytes, *, retained: bool = False) -> None:
        """Put bytes on a relay's command topic."""
        gate = self.gates[name]
        if not (gate.plugged and self.broker_up):
            return
        self._sense(gate)
        gate.relay, effects = relay_core.receive(
            gate.wiring, gate.relay, payload, gate.tick(), retained=retained
        )
        self._perform(gate, effects)

    def turn(self, seconds: float = STEP) -> None:
        """Let time pass in small steps: gates move, heartbeats come in."""
        for _ in range(max(1, round(seconds / STEP))):
            self._clock.advance(STEP)
            for gate in self.gates.values():
                self._sense(gate)
                since = self._clock() - gate.beat_at
                if since >= 1.0 or (gate.said != gate.relay.senses and since >= 2 * STEP):
                    self._beat(gate)

    def _built(self, wiring: Wiring, timing: Timing) -> FakeGate:
        wired = wiring.presence | wiring.felt | ({Input.FIRE} if wiring.fire else set())
        gate = SimGate(
            wiring.drive, wired, timing, since=self._clock(), shows_position=wiring.position
        )
        return FakeGate(wiring, self._clock, gate, Relay(f"{1:016x}"), self._clock())

    def _sense(self, gate: FakeGate) -> None:
        gate.gate = sim_gate.at(gate.gate, self._clock())
        felt = sim_gate.senses(gate.gate)
        gate.relay, effects = relay_core.sense(gate.wiring, gate.relay, felt)
        self._perform(gate, effects)

    def _beat(self, gate: FakeGate) -> None:
        gate.beat_at, gate.said = self._clock(), gate.relay.senses
        beat = relay_core.heartbeat(gate.relay, gate.tick())
        payload = codec.encode_heartbeat(gate.wiring.key, gate.wiring.relay, beat)
        self._up(gate, Kind.HEARTBEAT, payload)

    def _perform(self, gate: FakeGate, effects: tuple[relay_core.Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Actuate():
                    self._actuate(gate, effect)
                case Tell(answer):
                    payload = codec.encode_answer(gate.wiring.key, gate.wiring.relay, answer)
                    self._up(gate, Kind.REPORT, payload)

    def _actuate(self, gate: FakeGate, move: Actuate) -> None:
        wiring, order, senses = gate.wiring, move.order, gate.relay.senses
        self.ledger.append(
            Entry(
                self._clock(),
                wiring.relay,
                wiring.lane,
                move.action,
                move.cause,
                order.cmd_id if order else None,
                order.seq if order else None,
                gate.relay.epoch,
                senses.inputs,
                senses.position,
            )
        )
        gate.gate = sim_gate.moved(gate.gate, move.action, self._clock())

    def _up(self, gate: FakeGate, kind: Kind, payload: bytes) -> None:
        if not (gate.plugged and self.broker_up):
            return
        name = gate.wiring.relay
        message = Message(str(RelayTopic(name, kind)), payload)
        self._tracks[name], said = self._tracks[name].hear(message, self._clock())
        for word in said:
            if isinstance(word, Report | Reading):
                self._hear(word)

    def _track(self, relay: str) -> NativeTrack:
        if relay not in self._tracks:
            message = f"there is no relay {relay!r}"
            raise RelayFault(message, part=relay)
        return self._tracks[relay]
