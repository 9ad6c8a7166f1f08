"""What happens at a lane, as transactions on the journal: decided, answered, passed, too late."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from edge.store import cars, commands, letters, passes, pins, uses
from edge.store.body import Body, Case, body_of, case_of, decode_body, late_body
from edge.store.journal import Entry, Written, append
from edge.store.tables import event, personal
from models.command import Intent, Outcome, Report
from models.decision import Decision, Reason, Verdict
from models.event import EventKind
from models.lane import Credential
from models.letter import PassUsed
from models.moment import Moment
from models.observation import GuardPressed, PinEntered, PlateSeen, credential_of
from models.visit import UseState

_ANSWERS = {Verdict.OPEN: "opened", Verdict.REFUSE: "refused", Verdict.ASK_GUARD: "asked"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes into a decision's record besides the case: the command, names, picture, policy."""

    intent: Intent | None
    crop: bytes | None
    policy: str
    who: str | None
    home: str | None


def record(connection: Connection, diary: tuple[str, str], case: Case, asked: Asked) -> Written:
    """Write a decision with everything that must be durable before anything moves.

    `diary` is the journal id and the machine's boot id. Raises UseTaken when the pass's use went
    elsewhere meanwhile.
    """
    journal, boot = diary
    seen, decision = case.seen, case.decision
    written = append(
        connection,
        journal,
        Entry(
            kind=EventKind.DECISION,
            at=case.now.utc_of(seen.at.captured),
            trust=case.now.trust,
            reason=decision.reason.value,
            answer=_ANSWERS[decision.verdict],
            lane=seen.at.lane,
            direction=seen.at.direction,
            credential=credential_of(seen),
            answers=_answers(case),
            policy=asked.policy,
            body=body_of(case, who=asked.who, home=asked.home, crop=asked.crop),
        ),
    )
    _count_wrong(connection, diary, case, written.seq)
    _tell_centre(connection, case, opens=asked.intent is not None)
    # Without a command nothing can open, and only an opening spends a use.
    use = _use_of(case, decision) if asked.intent is not None else None
    if use is not None and case.facts.claims is not None:
        passes.spend(
            connection,
            passes.Spending(
                claims=case.facts.claims,
                number=use[1],
                lane=seen.at.lane,
                direction=seen.at.direction,
                boot=boot,
                at=case.now,
                event=written.seq,
            ),
        )
    if asked.intent is not None:
        commands.intend(connection, asked.intent, written.seq, use)
        plate = _plate_of(connection, case)
        if plate:
            cars.note_opening(
                connection,
                written.seq,
                plate,
                lane=seen.at.lane,
                direction=seen.at.direction,
                boot=boot,
                at_mono=case.now.mono,
                at=case.now.utc_of(seen.at.captured),
            )
    return written


def outcome(
    connection: Connection, journal: str, report: Report, about: tuple[int, int | None, Moment]
) -> int:
    """Write what became of the command of an event; `about` is its seq, milliseconds and now."""
    opening, ms, now = about
    done = report.outcome is Outcome.DONE
    use = commands.use_of(connection, report.cmd_id)
    if done and use is not None:
        passes.keep_spent(connection, *use)
    if done:
        cars.keep_spent(connection, opening)
    elif not commands.was_done(connection, report.cmd_id):
        passes.give_back(connection, opening, UseState.OPEN)
        cars.give_back(connection, opening, UseState.OPEN)
    commands.conclude(connection, report.cmd_id, report.outcome)
    entry = Entry(
        kind=EventKind.REPORT,
        at=now.utc,
        trust=now.trust,
        reason=report.outcome.value if report.why is None else report.why.value,
        answer=report.outcome.value,
        lane=report.lane,
        answers=opening,
        ms=ms,
        body=Body(note=f"{report.relay}: {report.position.value}"),
    )
    seq = append(connection, journal, entry).seq
    if done and use is not None:
        passes.tell(connection, *use, seq)
        uses.note_double(connection, journal, use[0], now)
    return seq


def passage(
    connection: Connection, journal: str, opening: int, *, passed: bool, now: Moment
) -> int:
    """Write whether anybody went through; a use that nobody took is given back."""
    if not passed:
        passes.give_back(connection, opening, UseState.SPENT)
        cars.give_back(connection, opening, UseState.SPENT)
    word = "passed" if passed else "nobody"
    entry = Entry(
        kind=EventKind.PASSAGE,
        at=now.utc,
        trust=now.trust,
        reason=word,
        answer=word,
        lane=connection.execute(select(event.c.lane).where(event.c.seq == opening)).scalar(),
        answers=opening,
    )
    return append(connection, journal, entry).seq


def late(
    connection: Connection, journal: str, seen: GuardPressed, at: datetime, now: Moment
) -> int:
    """Write a hand-open of the time `at` that could not be recorded then."""
    entry = Entry(
        kind=EventKind.LATE,
        at=at,
        trust=now.trust,
        reason="guard",
        answer="opened",
        lane=seen.at.lane,
        direction=seen.at.direction,
        credential=Credential.GUARD,
        answers=seen.answers,
        body=late_body(seen),
    )
    return append(connection, journal, entry).seq


def close_unanswered(connection: Connection, journal: str, now: Moment) -> int:
    """Report every command as unknown that nobody waits for any more; return how many."""
    open_commands = commands.unanswered(connection)
    for command in open_commands:
        unknown(connection, journal, command, now)
    return len(open_commands)


def unknown(
    connection: Connection, journal: str, command: tuple[str, int, int, str], now: Moment
) -> None:
    """Report one command as unknown; it is never sent again, and its use is given back."""
    cmd_id, opening, lane, relay = command
    commands.conclude(connection, cmd_id, Outcome.UNKNOWN)
    passes.give_back(connection, opening, UseState.OPEN)
    cars.give_back(connection, opening, UseState.OPEN)
    entry = Entry(
        kind=EventKind.REPORT,
        at=now.utc,
        trust=now.trust,
        reason=Outcome.UNKNOWN.value,
        answer=Outcome.UNKNOWN.value,
        lane=lane,
        answers=opening,
        body=Body(note=f"{relay}: unknown"),
    )
    append(connection, journal, entry)


def _count_wrong(connection: Connection, diary: tuple[str, str], case: Case, seq: int) -> None:
    """Count a wrong number at a keypad, in the COMMIT of its refusal; a guard's is not counted."""
    journal, boot = diary
    seen, now = case.seen, case.now
    if not isinstance(seen, PinEntered) or seen.guard or not _is_wrong(case.decision):
        return
    if pins.count_wrong(connection, seen.at.lane, (boot, now.mono)):
        entry = Entry(
            kind=EventKind.ALERT,
            at=now.utc,
            trust=now.trust,
            reason="keypad_paused",
            lane=seen.at.lane,
            answers=seq,
        )
        append(connection, journal, entry)


def _is_wrong(decision: Decision) -> bool:
    """Return whether a number was refused as nobody's; on a way out nobody learns of it."""
    return decision.reason is Reason.UNKNOWN_PIN and decision.verdict is Verdict.REFUSE


def _tell_centre(connection: Connection, case: Case, *, opens: bool) -> None:
    """Write the letter that a pass was shown, so that its host is told."""
    claims, seen = case.facts.claims, case.seen
    if claims is not None and not isinstance(seen, GuardPressed):
        at = case.now.utc_of(seen.at.captured)
        opened = opens and case.decision.verdict is Verdict.OPEN
        where = (seen.at.lane, seen.at.direction, at)
        letters.say(
            connection, PassUsed(claims.pass_id, *where, opened, case.decision.reason.value)
        )


def _use_of(case: Case, decision: Decision) -> tuple[str, int] | None:
    if decision.use is None or case.facts.claims is None or decision.verdict is not Verdict.OPEN:
        return None
    return case.facts.claims.pass_id, decision.use


def _answers(case: Case) -> int | None:
    """Return the row that a decision deals with: a guard's, or that of the face it confirms."""
    if isinstance(case.seen, GuardPressed):
        return case.seen.answers
    return case.facts.confirms if case.decision.verdict is Verdict.OPEN else None


def _plate_of(connection: Connection, case: Case) -> str:
    """Return the plate of the car that an opening is for, empty where it is for none.

    A guard's opening that answers a row about a plate is for that car.
    """
    match case.seen:
        case PlateSeen(reading=reading):
            return reading.text
        case GuardPressed(answers=int(seq)):
            return plate_seen(connection, seq)
        case _:
            return ""


def plate_seen(connection: Connection, seq: int) -> str:
    """Return the plate that decision `seq` was about, empty where it was about none (any more)."""
    row = connection.execute(
        select(personal.c.body)
        .join(event, event.c.seq == personal.c.seq)
        .where(event.c.seq == seq, event.c.credential == Credential.PLATE.value)
    ).first()
    case = None if row is None else case_of(decode_body(row.body))
    return case.seen.reading.text if case is not None and isinstance(case.seen, PlateSeen) else ""
