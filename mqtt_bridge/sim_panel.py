"""A simulated panel: lamps, sockets, what is plugged in, motion, smoke and meters in numbers.

The brain is panel_core; every change of an output is on the disk before it happens.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, RLock, Thread
from time import monotonic

import msgspec

from models.errors import RelayFault
from mqtt_bridge import panel_codec as codec
from mqtt_bridge import panel_core as core
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Errand, Link
from mqtt_bridge.panel_core import Moved, PanelSenses, PanelState, PanelWiring

TURN = 0.05
BEAT_EVERY = 1.0
VOLTS = 220.0


class PanelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change of an output; `t` is seconds of CLOCK_MONOTONIC, `seq` None without a setting."""

    t: float
    panel: str
    output: str
    level: int
    cause: Moved
    seq: int | None
    epoch: str


@dataclass(frozen=True, slots=True)
class SimBody:
    """What hangs on a panel: watts of each lamp, amperes of what is plugged in, its inputs."""

    lamps: Mapping[str, float] = field(default_factory=dict)
    plugged: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, bool] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()
    metered: bool = True

    def senses(self, levels: Mapping[str, int], sockets: frozenset[str]) -> PanelSenses:
        """Return what inputs and meters feel while the outputs are at `levels`."""
        inputs = {name: on for name, on in self.inputs.items() if name not in self.cut}
        if not self.metered:
            return PanelSenses(inputs)
        amps = {one: self.plugged.get(one, 0.0) * (levels.get(one, 0) > 0) for one in sockets}
        watts = {name: full * levels.get(name, 0) / 100 for name, full in self.lamps.items()}
        return PanelSenses(inputs, watts | {one: VOLTS * of for one, of in amps.items()}, amps)


class PanelSimulator:
    """One panel on the broker, with a ledger of what its outputs really did."""

    def __init__(
        self,
        address: BrokerAddress,
        wiring: PanelWiring,
        body: SimBody,
        ledger: Path,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._address = address
        self._wiring = wiring
        self._clock = clock
        self._lock = RLock()
        self._body = body
        ledger.parent.mkdir(parents=True, exist_ok=True)
        self._ledger = ledger.open("ab")
        self._born = clock()
        self._state = PanelState("")
        self._said: object = None
        self._said_at = float("-inf")
        self._ending = Event()
        self._thread = Thread(target=self._live, name=f"panel-{wiring.panel}")
        self._link = self._new_link()
        self.reboot()

    @property
    def levels(self) -> dict[str, int]:
        """What every output really is."""
        with self._lock:
            return dict(self._state.levels)

    @property
    def connected(self) -> bool:
        """True while settings can come in."""
        return self._link.connected

    def start(self) -> None:
        """Begin to live and to connect."""
        self._thread.start()
        self._link.start()

    def stop(self) -> None:
        """Return when both threads have ended and the ledger is closed."""
        self._ending.set()
        self._link.stop()
        self._thread.join()
        self._ledger.close()

    def sense(self, name: str, *, on: bool) -> None:
        """Switch an input: somebody moves before it, or smoke comes to it."""
        with self._lock:
            self._body = replace(self._body, inputs={**self._body.inputs, name: on})

    def plug_in(self, output: str, amps: float) -> None:
        """Plug something into a socket that draws `amps` while there is current; 0 pulls it out."""
        with self._lock:
            self._body = replace(self._body, plugged={**self._body.plugged, output: amps})

    def cut(self, name: str) -> None:
        """Cut an input's wire."""
        with self._lock:
            self._body = replace(self._body, cut=self._body.cut | {name})

    def mend(self, name: str) -> None:
        """Mend it."""
        with self._lock:
            self._body = replace(self._body, cut=self._body.cut - {name})

    def reboot(self) -> None:
        """Start anew, as after a power cut: a new epoch, lamps on, sockets off."""
        with self._lock:
            self._born = self._clock()
            fresh = core.started(self._wiring, secrets.token_hex(8))
            self._become(fresh, Moved.START)
            self._said_at = float("-inf")

    def unplug(self) -> None:
        """Leave the network; the panel lives on."""
        self._link.stop()

    def plug(self) -> None:
        """Come back to the network."""
        self._link = self._new_link()
        self._link.start()

    def joined(self) -> None:
        """Hear that settings can come in: say hello at once."""
        self._said_at = float("-inf")

    def left(self) -> None:
        """Hear that the broker went away; what was set runs out by itself."""

    def turned(self) -> None:
        """Hear that the link's loop turned; the panel has its own thread."""

    def heard(self, message: Message) -> None:
        """Hear a message on the setting topic."""
        with self._lock:
            self._tick_over()
            after = core.receive(
                self._wiring,
                self._state,
                message.payload,
                self._tick(),
                retained=message.retained,
            )
            self._become(after, Moved.SETTING)
            self._beat()

    def _new_link(self) -> Link:
        topics = (codec.setting_topic(self._wiring.panel),)
        return Link(
            self._address, Errand(f"kuahu-panel-{self._wiring.panel}", topics), self, self._clock
        )

    def _live(self) -> None:
        while not self._ending.wait(TURN):
            with self._lock:
                self._tick_over()
                self._beat()

    def _tick(self) -> int:
        return int((self._clock() - self._born) * 1000)

    def _tick_over(self) -> None:
        self._become(core.timed(self._wiring, self._state, self._tick()), Moved.RAN_OUT)

    def _become(self, after: PanelState, cause: Moved) -> None:
        for output, level in sorted(after.levels.items()):
            if self._state.levels.get(output) != level:
                seq = after.last_seq if cause is Moved.SETTING else None
                at, panel = self._clock(), self._wiring.panel
                entry = PanelEntry(at, panel, output, level, cause, seq, after.epoch)
                self._ledger.write(msgspec.json.encode(entry) + b"\n")
                self._ledger.flush()
                os.fsync(self._ledger.fileno())
        self._state = after

    def _beat(self) -> None:
        """Say how it is: each second, and at once when something changed."""
        now = self._clock()
        senses = self._body.senses(self._state.levels, self._wiring.sockets)
        said = (self._state.epoch, dict(self._state.levels), senses)
        if said == self._said and now - self._said_at < BEAT_EVERY:
            return
        beat = core.beat(self._state, self._tick(), senses)
        name = self._wiring.panel
        payload = codec.encode_beat(self._wiring.key, name, beat)
        try:
            self._link.publish(Message(codec.beat_topic(name), payload))
        except RelayFault:
            return
        self._said, self._said_at = said, now


def read_panel_ledger(path: Path) -> tuple[PanelEntry, ...]:
    """Return every whole entry of a panel's ledger, none where there is no file yet."""
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple(msgspec.json.decode(line, type=PanelEntry) for line in lines)
