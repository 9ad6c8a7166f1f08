"""A core that behaves: users, rows and lanes in memory, every message of the desk answered.

`python -m tests.fakes.core` serves the pages with it, so that they can be looked at.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from config.settings import Settings
from edge import wire
from edge.channel import Channel, ChannelFault, listen
from edge.clock import SystemClock
from models.command import Outcome
from models.event import Event, EventKind
from models.lane import Credential, Direction
from models.observation import GuardPressed
from models.signal import Signal
from tests.fakes.core_people import People, not_that_person, that_person
from tests.fakes.core_zones import FakeZones
from tests.fakes.web_state import sound_site

SPEAKS_EVERY = 2.0
JOURNAL = "1f0c5a8e9b7d4c3a"


@dataclass(frozen=True)
class Person:
    """Who came by, and with what."""

    credential: Credential
    who: str | None = None
    home: str | None = None
    crop: bytes = b""
    learns: bool = False
    """Whether the person agrees that confirmed passages are learnt from."""


def _nobody(ask: wire.Stays) -> wire.AnyMessage:
    return wire.StaysAre(ask.ref, (), ())


class FakeCore:
    """Listens at `core.sock` in `folder`; can be stopped and started again, as a crash would."""

    def __init__(self, folder: Path, settings: Settings, claim: str = "claim-code") -> None:
        self.claim = claim
        self.users: dict[str, wire.UserIs] = {}
        self.rows: list[Event] = []
        self.crops: dict[int, bytes] = {}
        self.presses: list[GuardPressed] = []
        self.checks: list[wire.Check] = []
        self.resets: list[tuple[int, str]] = []
        self.orders: list[wire.Stand] = []
        self.calls: list[int] = []
        self.mistakes: list[tuple[int, str]] = []
        """Rows whose face was somebody else, and who said so."""
        self.lessons: list[tuple[int, str]] = []
        """Rows whose face was confirmed, and who said so."""
        self.claims: list[wire.FirstUser] = []
        self.codes: dict[str, tuple[str, str]] = {}
        """What a code is answered with: answer and reason; any other code is malformed."""
        self.people = People(self._record)
        self.relay = Outcome.DONE
        self.also: dict[type, Callable[[Any], wire.AnyMessage]] = {wire.Stays: _nobody}
        """What else is answered, and how; what is here goes before what this core does itself."""
        self.zones = FakeZones(self)
        self.deaf = threading.Event()
        """While set, no request is answered, as by a core that hangs."""
        self.mute: set[type[wire.Message]] = set()
        """Requests that are heard and never answered."""
        self._ending = threading.Event()
        self._folder = folder
        self._clock = SystemClock()
        self._lock = threading.RLock()
        self._watchers: set[Channel] = set()
        self._channels: set[Channel] = set()
        self._server: socket.socket | None = None
        self.site = sound_site(settings)

    def start(self) -> None:
        self._server = listen(self._folder / "core.sock")
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()
        self._ending.clear()
        threading.Thread(target=self._speak, daemon=True).start()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        self._ending.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        (self._folder / "core.sock").unlink(missing_ok=True)
        with self._lock:
            channels = tuple(self._channels)
        for channel in channels:
            channel.close()

    # --- what happens at the gate --------------------------------------------------------------

    def see(
        self, lane: int, person: Person, answer: str, reason: str, direction: str = "entry"
    ) -> Event:
        """Record an answer, show it, and report the outcome of an opening."""
        event = self._record(
            kind=EventKind.DECISION,
            lane=lane,
            direction=Direction(direction),
            credential=person.credential,
            answer=answer,
            reason=reason,
            who=person.who,
            home=person.home,
            evidence=bool(person.crop),
            learnable=person.learns,
        )
        if person.crop:
            self.crops[event.seq] = person.crop
        if answer == "opened":
            return self.report(event)
        self.show(lane, Signal.WAIT if answer == "asked" else Signal.REFUSED, reason, event.seq)
        return event

    def report(self, event: Event, ms: int = 184) -> Event:
        """Let the relay answer an opening: the row is pushed again with its outcome."""
        done = self.relay is Outcome.DONE
        later = replace(event, outcome=self.relay, ms=ms if done else None)
        with self._lock:
            self.rows[event.seq - 1] = later
        self.push(wire.Row(later))
        lane = event.lane or 0
        self.show(lane, Signal.GRANTED if done else Signal.WAIT, event.reason, event.seq)
        if done:
            self.lane(lane, barrier="open")
        return later

    def erase(self, who: str) -> None:
        """Take a person off the register: what rows say of them is gone, and it is noted."""
        with self._lock:
            self.rows = [
                replace(row, who=None, home=None) if row.who == who else row for row in self.rows
            ]
        self._record(kind=EventKind.ADMIN, lane=None, reason="resident_removed")

    def show(self, lane: int, signal: str, word: str, seq: int = 0) -> None:
        self.push(wire.Shown(lane, signal, word, seq))

    def lane(self, number: int, **changes: Any) -> None:  # noqa: ANN401 - fields of LaneState
        """Change how a lane is and tell everyone."""
        lanes = tuple(
            msgspec.structs.replace(each, **changes) if each.number == number else each
            for each in self.site.lanes
        )
        self.change(lanes=lanes)

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of Site
        """Change how the site is and tell everyone."""
        with self._lock:
            self.site = msgspec.structs.replace(self.site, **changes)
        self.push(self.site)

    def push(self, message: wire.AnyMessage) -> None:
        with self._lock:
            watchers = tuple(self._watchers)
        for channel in watchers:
            with contextlib.suppress(ChannelFault):
                channel.send(message)

    def _record(self, **fields: Any) -> Event:  # noqa: ANN401 - fields of Event
        with self._lock:
            seq = len(self.rows) + 1
            blank = {"direction": None, "credential": None, "answer": "", "reason": ""}
            at = self._clock.now().utc
            event = Event(journal=JOURNAL, seq=seq, at=at, **(blank | fields))
            self.rows.append(event)
        self.push(wire.Row(event))
        return event

    def _speak(self) -> None:
        while not self._ending.wait(SPEAKS_EVERY):
            if not self.deaf.is_set():
                self.push(self.site)

    # --- the socket ----------------------------------------------------------------------------

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            channel = Channel(connection)
            threading.Thread(target=self._serve, args=(channel,), daemon=True).start()

    def _serve(self, channel: Channel) -> None:
        with self._lock:
            self._channels.add(channel)
        hello = channel.receive()
        if not isinstance(hello, wire.Hello) or hello.version != wire.VERSION:
            channel.close()
        with contextlib.suppress(ChannelFault):
            while (message := channel.receive()) is not None:
                if self.deaf.is_set():
                    continue
                answer = self._answer(channel, message)
                if type(message) not in self.mute:
                    channel.send(answer)
        channel.close()
        with self._lock:
            self._watchers.discard(channel)
            self._channels.discard(channel)

    def _answer(self, channel: Channel, message: wire.AnyMessage) -> wire.AnyMessage:
        answers: dict[type, Callable[[Any], wire.AnyMessage]] = {
            wire.Rows: self._rows,
            wire.Crop: lambda each: wire.CropIs(each.ref, self.crops.get(each.seq, b"")),
            wire.WhoIs: self._who_is,
            wire.FirstUser: self._first_user,
            wire.PutUser: self._put_user,
            wire.Users: self._users,
            wire.Press: self._press,
            wire.Check: self._check,
            wire.Call: self._call,
            wire.NotThatPerson: self._not_that_person,
            wire.Residents: self.people.page,
            wire.SecondFactor: self.people.second_factor,
            wire.ThatPerson: self._that_person,
            wire.Stand: self._stand,
            wire.ResetHold: self._reset,
            **self.zones.answers,
        }
        if isinstance(message, wire.Watch):
            with self._lock:
                self._watchers.add(channel)
            channel.send(self.site)
            return wire.Done(message.ref)
        known = self.also.get(type(message)) or answers.get(type(message))
        if known is None:
            # As a core of another version: the asker is told, and the next one is heard.
            return wire.Failed(getattr(message, "ref", 0), "input", "not known to this core")
        return known(message)

    def _rows(self, ask: wire.Rows) -> wire.AnyMessage:
        with self._lock:
            rows = [
                row
                for row in self.rows
                if row.seq > ask.since and (ask.before is None or row.seq < ask.before)
            ]
        some = rows[-ask.limit :] if ask.newest else rows[: ask.limit]
        return wire.RowsAre(ask.ref, tuple(some))

    def _who_is(self, ask: wire.WhoIs) -> wire.AnyMessage:
        user = self.users.get(ask.name, wire.UserIs(0, ask.name, "", ""))
        return msgspec.structs.replace(user, ref=ask.ref)

    def _first_user(self, ask: wire.FirstUser) -> wire.AnyMessage:
        self.claims.append(ask)
        if self.users or ask.claim != self.claim:
            return wire.Failed(ask.ref, "input", "this claim code is not valid")
        self.users[ask.name] = wire.UserIs(0, ask.name, "manager", ask.password_hash)
        # The others hear of it with the next word, not before the answer.
        self.site = msgspec.structs.replace(self.site, claimed=True)
        return wire.Done(ask.ref)

    def _put_user(self, ask: wire.PutUser) -> wire.AnyMessage:
        self.users[ask.name] = wire.UserIs(0, ask.name, ask.role, ask.password_hash)
        self.change(claimed=True)
        return wire.Done(ask.ref)

    def _users(self, ask: wire.Users) -> wire.AnyMessage:
        return wire.UsersAre(ask.ref, tuple((each.name, each.role) for each in self.users.values()))

    def _press(self, ask: wire.Press) -> wire.AnyMessage:
        self.presses.append(ask.seen)
        event = self._record(
            kind=EventKind.DECISION,
            lane=ask.seen.at.lane,
            direction=ask.seen.at.direction,
            credential=Credential.GUARD,
            answer="opened",
            reason="guard",
            who=ask.seen.guard,
            note=ask.seen.note or None,
            why=ask.seen.why,
            answers=ask.seen.answers,
        )
        self.report(event, ms=31)
        answer = "opened" if self.relay is Outcome.DONE else str(self.relay)
        return wire.Answered(ask.ref, answer, "guard", event.seq)

    def _check(self, ask: wire.Check) -> wire.AnyMessage:
        self.checks.append(ask)
        answer, reason = self.codes.get(ask.text, ("refused", "malformed"))
        visitor = Person(Credential.PASS, "访客")
        event = self.see(ask.lane, visitor, answer, reason, ask.direction)
        return wire.Answered(ask.ref, answer, reason, event.seq)

    def _call(self, ask: wire.Call) -> wire.AnyMessage:
        self.calls.append(ask.lane)
        self._record(kind=EventKind.CALL, lane=ask.lane, reason="call")
        return wire.Done(ask.ref)

    def _not_that_person(self, ask: wire.NotThatPerson) -> wire.AnyMessage:
        return not_that_person(self.rows, ask, self.mistakes, self._record)

    def _that_person(self, ask: wire.ThatPerson) -> wire.AnyMessage:
        return that_person(self.rows, ask, self.lessons, self._record)

    def _stand(self, ask: wire.Stand) -> wire.AnyMessage:
        self.orders.append(ask)
        since = self._clock.now().utc.isoformat()
        line = wire.StandingLine(ask.what, ask.guard, ask.why, since) if ask.what else None
        barrier = "held_guard" if ask.what == "hold_open" else "closed"
        word = ask.what or "order_ended"
        note = ask.why or None
        self._record(kind=EventKind.ADMIN, lane=ask.lane, reason=word, who=ask.guard, note=note)
        self.lane(ask.lane, standing=line, barrier=barrier)
        return wire.Answered(ask.ref, "ordered" if ask.what else "order_ended", "guard", 0)

    def _reset(self, ask: wire.ResetHold) -> wire.AnyMessage:
        self.resets.append((ask.lane, ask.guard))
        self.lane(ask.lane, barrier="closed")
        return wire.Done(ask.ref)


if __name__ == "__main__":
    from tests.fakes.web_site import show

    show()
