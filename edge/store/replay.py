"""Replaying the journal: same facts, same answer, or the policy is not what it says it is."""

from collections.abc import Callable
from pathlib import Path

from edge.store.body import Case, case_of, decode_body
from edge.store.walk import Step, reads_of, steps
from edge.store.words import Difference, ReplayResult
from models.decision import Decision
from models.event import EventKind
from models.facts import Facts
from models.moment import Moment
from models.observation import Observation

Decide = Callable[[Observation, Facts, Moment], Decision]


def replay(folder: Path, decide: Decide, policy: str) -> ReplayResult:
    """Return whether `decide` gives every recorded decision of `policy` again.

    A decision that cannot be read any more counts as different. Raises StoreFault where there is
    no store to read.
    """
    agreed = erased = other = 0
    differ: list[Difference] = []
    with reads_of(folder) as reads:
        for step in steps(reads):
            if step.link.kind != EventKind.DECISION:
                continue
            if step.link.policy != policy:
                other += 1
                continue
            if step.body is None:
                erased += 1
                continue
            difference = _difference(step, step.body, decide)
            if difference is None:
                agreed += 1
            else:
                differ.append(difference)
    return ReplayResult(agreed, tuple(differ), erased, other)


def _difference(step: Step, body: bytes, decide: Decide) -> Difference | None:
    case = _case(body)
    if case is None:
        return Difference(step.link.seq, None, None)
    again = decide(case.seen, case.facts, case.now)
    return None if again == case.decision else Difference(step.link.seq, case.decision, again)


def _case(body: bytes) -> Case | None:
    try:
        return case_of(decode_body(body))
    except ValueError:
        return None
