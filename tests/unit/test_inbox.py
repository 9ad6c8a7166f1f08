from edge.inbox import ROOM, Inbox, Seen
from models.command import Outcome, Position, Report
from models.lane import Direction
from models.observation import GuardPressed, GuardReason, PassShown, Sighting
from models.sensor import Reading

AT = Sighting(1, Direction.ENTRY, 1.0)


def shown(text: str, captured: float = 1.0) -> Seen:
    return Seen(PassShown(Sighting(1, Direction.ENTRY, captured), text))


def report(number: int) -> Report:
    return Report(f"{number:032x}", "g", 1, Outcome.DONE, Position.OPEN, 1.0)


def reading(at: float) -> Reading:
    return Reading("g", 1, Position.OPEN, {}, at)


def test_same_subject_coalesces_to_the_newest() -> None:
    inbox = Inbox()
    for captured in (1.0, 1.1, 1.2):
        assert inbox.put(shown("KH1:A", captured))
    item = inbox.take(0)
    assert isinstance(item, Seen)
    assert item.observation.at.captured == 1.2
    assert inbox.take(0) is None


def test_a_full_inbox_turns_strangers_away_and_counts_them_but_never_a_guard() -> None:
    inbox = Inbox()
    for number in range(ROOM):
        assert inbox.put(shown(f"KH1:{number}"))
    assert not inbox.put(shown("KH1:ONE-MORE"))
    assert inbox.overflowed == 1
    assert inbox.put(Seen(GuardPressed(AT, "wang", GuardReason.OTHER)))


def test_reports_are_never_lost_and_come_first_and_only_the_newest_reading_counts() -> None:
    inbox = Inbox()
    inbox.put(shown("KH1:A"))
    inbox.put(reading(1.0))
    for number in range(100):
        inbox.put(report(number))
    inbox.put(reading(2.0))
    reports = [inbox.take(0) for _ in range(100)]
    assert reports == [report(number) for number in range(100)]
    assert inbox.take(0) == reading(2.0)
    assert isinstance(inbox.take(0), Seen)
    assert inbox.take(0) is None


def test_somebody_who_waits_for_an_answer_is_never_coalesced_away() -> None:
    inbox = Inbox()
    answers: list[str] = []
    asked = Seen(
        shown("KH1:A").observation, answer=lambda word, _reason, _seq: answers.append(word)
    )
    inbox.put(asked)
    inbox.put(shown("KH1:A"))
    assert inbox.take(0) is asked
    assert inbox.take(0) is not None
