"""The witness: the product's journal as the demo reads it, through core's own socket."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from edge import wire
from edge.channel import ChannelFault, Client, connect
from edge.demo.director import Wanted
from models.errors import Fault
from models.event import Event, EventKind
from models.lane import Direction
from models.observation import GuardPressed, GuardReason, Sighting

GUARD = "demo-guard"
_DEAF = 1.0
"""Seconds between two looks at the journal, should a pushed row have been missed."""


class Witness:
    """Reads the journal and presses the guard's button; safe from any thread.

    It connects anew by itself when core has been started again.
    """

    def __init__(self, socket: Path, clock: Callable[[], float]) -> None:
        self._socket = socket
        self._clock = clock
        self._turn = threading.Condition()
        self._rows: dict[int, Event] = {}
        self._site: wire.Site | None = None
        self._client: Client | None = None
        self._connecting = threading.Lock()

    @property
    def site(self) -> wire.Site | None:
        """What core said last of how everything is."""
        return self._site

    def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def ask(self, request: Callable[[int], wire.AnyMessage], timeout: float = 10.0) -> wire.Message:
        """Return core's answer to the request that is made with a fresh ref.

        Raises Refused when core will not, ChannelFault when it is not there.
        """
        client = self._connected()
        return client.ask(request(client.ref()), wire.Message, timeout)

    def newest(self) -> int:
        """Return the number of the newest row, 0 where there is none.

        Raises ChannelFault when core is not there.
        """
        rows = self._rows_after(0, newest=True)
        return max((row.seq for row in rows), default=0)

    def decision(self, wanted: Wanted, timeout: float) -> Event | None:
        """Return the first decision that is wanted, with the relay's answer where it opens.

        None where there is none in `timeout` seconds; without the answer where only that is late.
        """
        end = self._clock() + timeout
        found = None
        while (left := end - self._clock()) > 0:
            found = self._found(wanted)
            if found is not None and (found.answer != "opened" or found.outcome is not None):
                return found
            with self._turn:
                self._turn.wait(min(left, _DEAF))
            self._catch_up(wanted.after)
        return found

    def press(self, lane: int, direction: Direction, answers: int | None) -> None:
        """Open by a guard's hand, for a visitor who was confirmed by telephone.

        Raises Fault when core will not or is not there.
        """
        seen = GuardPressed(
            Sighting(lane, direction, self._clock()),
            GUARD,
            GuardReason.VISITOR_CONFIRMED,
            answers=answers,
        )
        self.ask(lambda ref: wire.Press(ref, seen))

    def arm(self, load: str) -> bool:
        """Have a guard arm a socket; False where core will not yet.

        Raises Fault when core is not there.
        """
        answer = self.ask(lambda ref: wire.ArmLoad(ref, load, GUARD))
        return isinstance(answer, wire.Armed) and answer.answer.startswith("armed")

    def saved(self, since: str) -> float:
        """Return the kWh that every zone saved since a day (`2026-11-21`), 0 while core is away."""
        try:
            answer = self.ask(lambda ref: wire.Energy(ref, since))
        except Fault:
            return 0.0
        lines = answer.lines if isinstance(answer, wire.EnergyIs) else ()
        return sum(one.baseline - one.metered - one.estimated for one in lines)

    def wait_live(self, cameras: Sequence[str], timeout: float, stop: threading.Event) -> None:
        """Return once those cameras are live and every lane's relay is heard, or `stop` is set.

        Raises Fault, naming what is not there, after `timeout` seconds.
        """
        end = self._clock() + timeout
        self._connected()
        missing = ["core"]
        while self._clock() < end:
            missing = self._missing(cameras)
            if not missing or stop.wait(0.1):
                return
        message = f"not up after {timeout:.0f} s: {', '.join(missing)}"
        raise Fault(message, part="demo", advice="the lines above say why")

    def _missing(self, cameras: Sequence[str]) -> list[str]:
        site = self._site
        if site is None:
            return ["core"]
        known = {camera.id: camera for camera in site.cameras}
        missing = [f"the relay of lane {lane.number}" for lane in site.lanes if not lane.relay_ok]
        for name in cameras:
            camera = known.get(name)
            if camera is None or camera.state != "live":
                why = camera.complaint if camera else ""
                missing.append(f"camera {name}" + (f" ({why})" if why else ""))
        return missing

    def _found(self, wanted: Wanted) -> Event | None:
        with self._turn:
            rows = sorted(self._rows.values(), key=lambda row: row.seq)
        return next((row for row in rows if _meets(row, wanted)), None)

    def _catch_up(self, after: int) -> None:
        try:
            rows = self._rows_after(after, newest=False)
        except Fault:
            return
        with self._turn:
            self._rows.update({row.seq: row for row in rows})

    def _rows_after(self, after: int, *, newest: bool) -> tuple[Event, ...]:
        limit = 1 if newest else 100
        answer = self.ask(lambda ref: wire.Rows(ref, after, limit, newest))
        return answer.rows if isinstance(answer, wire.RowsAre) else ()

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None or self._client.gone:
                self.close()
                client = Client(connect(self._socket, "cli"), self._hear)
                client.ask(wire.Watch(client.ref()), wire.Done)
                self._client = client
            return self._client

    def _hear(self, message: wire.AnyMessage) -> None:
        match message:
            case wire.Row():
                with self._turn:
                    self._rows[message.event.seq] = message.event
                    self._turn.notify_all()
            case wire.Site():
                self._site = message
            case _:
                pass


def _meets(row: Event, wanted: Wanted) -> bool:
    return (
        row.seq > wanted.after
        and row.kind is EventKind.DECISION
        and row.lane == wanted.lane
        and row.direction == wanted.direction
        and row.credential == wanted.credential
        and (row.answer == "opened" or row.reason not in wanted.not_for)
    )


def wait_for_core(witness: Witness, timeout: float, stop: threading.Event) -> None:
    """Return once core answers.

    Raises ChannelFault when it has not in `timeout` seconds.
    """
    tries = max(1, int(timeout / 0.2))
    for _ in range(tries - 1):
        try:
            witness.newest()
        except ChannelFault:
            if stop.wait(0.2):
                return
        else:
            return
    witness.newest()
