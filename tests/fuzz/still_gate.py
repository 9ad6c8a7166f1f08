"""A simulated gate without threads or sockets: takes every poke and notes it."""

from models.command import Position
from models.sensor import Input
from mqtt_bridge.simulator import GateState


class StillGate:
    """What the simulator's control socket pokes."""

    def __init__(self) -> None:
        self.done: list[str] = []

    @property
    def state(self) -> GateState:
        return GateState("gate-1", 1, Position.CLOSED, {}, 0, "e" * 16, 0, connected=True)

    def stand(self) -> None:
        self.done.append("stand")

    def leave(self) -> None:
        self.done.append("leave")

    def walk(self) -> bool:
        self.done.append("walk")
        return len(self.done) % 2 == 0

    def fire(self, *, on: bool) -> None:
        self.done.append(f"fire {on}")

    def squeeze(self, *, on: bool) -> None:
        self.done.append(f"squeeze {on}")

    def force(self, *, on: bool) -> None:
        self.done.append(f"force {on}")

    def cut(self, which: Input) -> None:
        self.done.append(f"cut {which}")

    def mend(self, which: Input) -> None:
        self.done.append(f"mend {which}")

    def reboot(self) -> None:
        self.done.append("reboot")

    def unplug(self) -> None:
        self.done.append("unplug")

    def plug(self) -> None:
        self.done.append("plug")
