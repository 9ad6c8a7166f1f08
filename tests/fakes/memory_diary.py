"""The journal and outbox of a store that forgets."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from edge.store.outbox import FORK
from edge.store.words import Backlog, Key, OutboxRow, UseTaken
from gate.counting import Count
from models.command import Intent, Outcome, Report
from models.decision import Decision, Verdict
from models.event import Event, EventKind
from models.facts import Facts
from models.lane import Credential, Direction
from models.moment import Moment
from models.observation import (
    CardShown,
    FaceSeen,
    GuardPressed,
    Observation,
    PassShown,
    PinEntered,
    PlateSeen,
    credential_of,
)
from models.standing import ENDED, Order
from models.vehicle import CarPassage
from models.visit import PassUse, UseState
from tests.fakes.memory_pins import MemoryPins
from tests.fakes.memory_shelf import Book, DriveBy, Line, Use, Wish

_ANSWERS = {Verdict.OPEN: "opened", Verdict.REFUSE: "refused", Verdict.ASK_GUARD: "asked"}


class MemoryDiary:
    """Behaves as edge.store.diary.Diary and edge.store.post.Post do."""

    def __init__(self, book: Book, pins: MemoryPins) -> None:
        self._book = book
        self._pins = pins
        self._shelf = book.shelf

    def record(  # noqa: PLR0913 - the store's own signature
        self,
        seen: Observation,
        facts: Facts,
        decision: Decision,
        now: Moment,
        *,
        intent: Intent | None,
        crop: bytes | None,
        policy: str,  # noqa: ARG002 - the store's own signature
        who: str | None,
        home: str | None,
        wait: float = 5.0,  # noqa: ARG002 - memory never keeps anybody waiting
    ) -> int:
        self._book.must_write()
        use = None
        opens = decision.verdict is Verdict.OPEN and intent is not None
        if opens and decision.use is not None and facts.claims:
            use = (facts.claims.pass_id, decision.use)
            self._spend(use, seen, now, len(self._shelf.rows) + 1)
        confirms = facts.confirms if decision.verdict is Verdict.OPEN else None
        seq = self._book.append(
            Line(
                kind=EventKind.DECISION,
                at=now.utc_of(seen.at.captured),
                reason=decision.reason.value,
                answer=_ANSWERS[decision.verdict],
                lane=seen.at.lane,
                direction=seen.at.direction,
                credential=credential_of(seen),
                answers=seen.answers if isinstance(seen, GuardPressed) else confirms,
                who=who,
                home=home,
                note=(seen.note or None) if isinstance(seen, GuardPressed) else None,
                why=seen.why if isinstance(seen, GuardPressed) else None,
                about=_about(seen, facts),
                evidence=crop is not None,
            )
        )
        self._pins.decided(seen, decision, now, seq)
        if intent is not None and isinstance(seen, PlateSeen) and seen.reading.text:
            where = (seen.at.lane, seen.at.direction, UseState.OPEN, now.mono)
            drive = DriveBy(seen.reading.text, CarPassage(*where), self._book.boot)
            self._shelf.drives[seq] = drive
        if intent is not None:
            self._shelf.wishes[intent.cmd_id] = Wish(intent, seq, use)
        if crop is not None:
            self._shelf.crops[seq] = crop
        return seq

    def outcome(self, report: Report, event_seq: int, ms: int | None, now: Moment) -> int:
        self._book.must_write()
        wish = self._shelf.wishes.get(report.cmd_id)
        done = report.outcome is Outcome.DONE
        was_done = wish is not None and wish.outcome is Outcome.DONE
        if done and wish is not None and wish.use is not None:
            spent = self._shelf.uses[wish.use]
            spent.use = replace(spent.use, state=UseState.SPENT, opened=True)
        elif not done and not was_done:
            self._give_back(event_seq, UseState.OPEN)
        if done and event_seq in self._shelf.drives:
            self._drove(event_seq, UseState.SPENT)
        if wish is not None and not was_done:
            wish.outcome = report.outcome
        return self._book.append(
            Line(
                kind=EventKind.REPORT,
                at=now.utc,
                reason=(report.why or report.outcome).value,
                answer=report.outcome.value,
                lane=report.lane,
                answers=event_seq,
                ms=ms,
                note=f"{report.relay}: {report.position.value}",
            )
        )

    def passage(self, event_seq: int, passed: bool, now: Moment) -> int:
        self._book.must_write()
        if not passed:
            self._give_back(event_seq, UseState.SPENT)
        word = "passed" if passed else "nobody"
        lane = self._shelf.rows[event_seq - 1].lane
        count = self._shelf.counts.get(lane or 0)
        if passed and lane is not None and count is not None:
            self._shelf.counts[lane] = replace(count, number=count.number + 1)
        return self._book.append(
            Line(EventKind.PASSAGE, now.utc, word, word, lane=lane, answers=event_seq)
        )

    def told_count(self, lane: int) -> Count | None:
        return self._shelf.counts.get(lane)

    def through(
        self,
        lane: int,
        ways: Sequence[tuple[Direction | None, int | None]],
        anew: Count | None,
        now: Moment,
    ) -> int:
        self._book.must_write()
        before = self._shelf.counts.get(lane)
        if anew is not None:
            self._shelf.counts[lane] = anew
        elif before is not None:
            self._shelf.counts[lane] = replace(before, number=before.number + len(ways))
        blind = anew is not None or any(way is None for way, _ in ways)
        words = [("unwatched", None, None)] if blind else []
        seq = 0
        for word, way, opening in [*words, *(("through", *one) for one in ways if one[0])]:
            line = Line(
                EventKind.PASSAGE,
                now.utc,
                word,
                word,
                lane=lane,
                direction=way,
                answers=opening,
            )
            seq = self._book.append(line)
        return seq

    def late(self, seen: GuardPressed, at: datetime, now: Moment) -> int:
        assert at <= now.utc
        return self._book.append(
            Line(
                kind=EventKind.LATE,
                at=at,
                reason="guard",
                answer="opened",
                lane=seen.at.lane,
                direction=seen.at.direction,
                credential=Credential.GUARD,
                answers=seen.answers,
                who=seen.guard,
                note=seen.note or None,
                why=seen.why,
            )
        )

    def note(
        self,
        kind: EventKind,
        reason: str,
        now: Moment,
        *,
        lane: int | None = None,
        who: str | None = None,
        text: str | None = None,
    ) -> int:
        return self._book.append(Line(kind, now.utc, reason, lane=lane, who=who, note=text))

    def stand(self, lane: int, order: Order | None, guard: str, now: Moment) -> int:
        word, why = (ENDED, None) if order is None else (order.what.value, order.why or None)
        line = Line(EventKind.ADMIN, now.utc, word, lane=lane, who=guard, note=why)
        seq = self._book.append(line)
        self._shelf.standing.pop(lane, None)
        if order is not None:
            self._shelf.standing[lane] = order
        return seq

    def standing(self, lane: int) -> Order | None:
        return self._shelf.standing.get(lane)

    def next_seq(self, relay: str, last_seq: int) -> int:
        number = max(self._shelf.seqs.get(relay, 0), last_seq) + 1
        self._shelf.seqs[relay] = number
        return number

    def events(
        self, since: int = 0, limit: int = 100, *, newest: bool = False, before: int | None = None
    ) -> tuple[Event, ...]:
        rows = [r for r in self._shelf.rows if r.seq > since and (before is None or r.seq < before)]
        if newest:
            rows.reverse()
        return tuple(self._joined(row) for row in rows[:limit])

    def event(self, seq: int) -> Event | None:
        found = 1 <= seq <= len(self._shelf.rows)
        return self._joined(self._shelf.rows[seq - 1]) if found else None

    def crop(self, seq: int) -> bytes | None:
        return self._shelf.crops.get(seq)

    def outbox(self, limit: int) -> tuple[OutboxRow, ...]:
        if limit < 1:
            return ()
        waiting = sorted(self._shelf.waiting)
        if len(waiting) <= limit:
            waiting.sort(key=lambda seq: self._shelf.waiting[seq])
            return tuple(self._row(seq) for seq in waiting)
        urgent = [seq for seq in waiting if self._shelf.waiting[seq] == 0][: max(1, limit // 2)]
        room = max(0, limit - len(urgent))
        live = sorted(sorted(waiting, reverse=True)[: max(1, limit // 4)][:room])
        order = list(dict.fromkeys([*urgent, *live, *waiting]))[:limit]
        return tuple(self._row(seq) for seq in order)

    def acknowledge(self, keys: Sequence[Key]) -> None:
        for journal, seq in keys:
            if journal == self._shelf.journal:
                self._shelf.waiting.pop(seq, None)
                self._shelf.aside.pop(seq, None)

    def quarantine(self, key: Key, why: str) -> None:
        journal, seq = key
        if journal == self._shelf.journal and seq in self._shelf.waiting:
            self._shelf.aside[seq] = (why, self._shelf.waiting.pop(seq))

    def set_aside(self) -> tuple[tuple[OutboxRow, str], ...]:
        return tuple((self._row(seq), why) for seq, (why, _) in sorted(self._shelf.aside.items()))

    def release(self, key: Key) -> None:
        journal, seq = key
        if journal == self._shelf.journal and seq in self._shelf.aside:
            _, self._shelf.waiting[seq] = self._shelf.aside.pop(seq)

    def backlog(self) -> Backlog:
        times = [self._shelf.rows[seq - 1].at for seq in self._shelf.waiting]
        forked = sum(why == FORK for why, _ in self._shelf.aside.values())
        return Backlog(len(times), len(self._shelf.aside), min(times, default=None), forked)

    def _spend(self, use: tuple[str, int], seen: Observation, now: Moment, event: int) -> None:
        before = self._shelf.uses.get(use)
        if before is None:
            where = (seen.at.lane, seen.at.direction)
            fresh = PassUse(use[1], *where, UseState.OPEN, now.mono, tries=1, at=now.utc)
            self._shelf.uses[use] = Use(fresh, self._book.boot, event)
            return
        same = (before.use.state, before.use.lane, before.use.direction)
        if same != (UseState.RETURNED, seen.at.lane, seen.at.direction):
            message = f"use {use[1]} was taken meanwhile"
            raise UseTaken(message, part="store", advice="Decide again.")
        before.use = replace(before.use, state=UseState.OPEN, tries=before.use.tries + 1)
        before.event = event

    def _give_back(self, event: int, was: UseState) -> None:
        for one in self._shelf.uses.values():
            if one.event == event and one.use.state is was:
                one.use = replace(one.use, state=UseState.RETURNED)
        drive = self._shelf.drives.get(event)
        if drive is not None and drive.passage.state is was:
            self._drove(event, UseState.RETURNED)

    def _drove(self, event: int, state: UseState) -> None:
        drive = self._shelf.drives[event]
        drive.passage = replace(drive.passage, state=state)

    def _joined(self, row: Event) -> Event:
        reports = [
            one
            for one in self._shelf.rows
            if one.kind is EventKind.REPORT and one.answers == row.seq
        ]
        if not reports:
            return row
        done = [one for one in reports if one.answer == Outcome.DONE.value]
        report = done[0] if done else reports[-1]
        return replace(row, ms=report.ms, outcome=report.answer)

    def _row(self, seq: int) -> OutboxRow:
        row = self._shelf.rows[seq - 1]
        body = {
            "seq": seq,
            "reason": row.reason,
            "answer": row.answer,
            "resident": self._shelf.about.get(seq),
            "home": row.home,
        }
        return OutboxRow(
            row.journal,
            seq,
            self._book.row_hash(seq),
            row.at,
            row.kind.value,
            row.lane,
            json.dumps(body).encode(),
        )


def _about(seen: Observation, facts: Facts) -> str | None:
    match seen:
        case FaceSeen(resident=resident):
            return resident
        case PlateSeen() if facts.vehicle is not None:
            return facts.vehicle.vehicle_id
        case PassShown() | PinEntered() | PlateSeen():
            return None if facts.claims is None else facts.claims.host
        case CardShown():
            return None if facts.card is None else facts.card.resident
        case GuardPressed():
            return None
