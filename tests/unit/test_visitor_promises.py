"""What a pass's page promises is what a gate that knows the same does."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from central.passes.order import LONGEST, Host
from central.passes.record import Record
from central.visitor.standing import Passage, Standing, standing
from gate.access import decide
from models.decision import Reason, Verdict
from models.facts import Facts
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import PassShown, Sighting
from models.visit import UNLIMITED, PassKind, PassUse, UseState, Weekly
from tests.fakes.centre_passes import COMPOUND, HOME, NOW

ZONE = ZoneInfo("Asia/Shanghai")
LANE = Lane(
    1,
    "东门",
    LaneKind.PEDESTRIAN,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.PASS}),
)
_SEEN_FROM = {
    Standing.REVOKED: {Reason.REVOKED},
    Standing.NOT_YET: {Reason.NOT_YET},
    Standing.NOT_NOW: {Reason.NOT_NOW},
    Standing.OVER: {Reason.EXPIRED},
    Standing.WORKS: {Reason.VISITOR},
    # The gate names the time first, where both the time and the uses are against it.
    Standing.USED: {Reason.USED, Reason.NOT_YET, Reason.NOT_NOW},
    Standing.INSIDE: {Reason.USED, Reason.NOT_YET, Reason.NOT_NOW, Reason.EXPIRED},
}

weeks = st.builds(
    Weekly,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 719),
    st.integers(720, 1440),
) | st.builds(
    Weekly,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(720, 1439),
    st.integers(1, 719),
)


@st.composite
def stories(draw: st.DrawFn) -> tuple[Record, tuple[Passage, ...]]:
    """Return a pass that may be over, early, used or revoked, and the ways it opened by now."""
    kind = draw(st.sampled_from(PassKind))
    start = NOW + timedelta(minutes=draw(st.integers(-6000, 600)))
    once = kind in {PassKind.SINGLE, PassKind.DELIVERY}
    record = Record(
        pass_id="0f" * 16,
        host=Host(COMPOUND, HOME, "ab" * 8),
        label="x",
        kind=kind,
        lanes=frozenset(),
        not_before=start,
        expires=start + draw(st.sampled_from([timedelta(hours=2), LONGEST[kind]])),
        uses=1 if once else draw(st.sampled_from([1, 2, 3, UNLIMITED])),
        weekly=draw(weeks) if kind is PassKind.RECURRING else None,
        rotating=False,
        plate=None,
        kid=128,
        made_at=NOW,
        revoked_at=draw(st.sampled_from([None, None, None, NOW])),
    )
    ago = sorted(draw(st.lists(st.integers(1, 5000), max_size=6, unique=True)), reverse=True)
    passages, inside = [], 0
    for minutes in ago:
        out = inside > 0 and draw(st.booleans())
        inside += -1 if out else 1
        way = Direction.EXIT if out else Direction.ENTRY
        passages.append(Passage(way, NOW - timedelta(minutes=minutes)))
    return record, tuple(passages)


def _at_the_gate(
    record: Record, passages: tuple[Passage, ...], way: Direction
) -> tuple[Verdict, Reason]:
    uses = tuple(
        PassUse(number, 1, one.direction, UseState.SPENT, None, 1, one.at, opened=True)
        for number, one in enumerate(passages, 1)
    )
    here = NOW.astimezone(ZONE)
    facts = Facts(
        LANE,
        COMPOUND,
        here.date(),
        here.hour * 60 + here.minute,
        claims=record.claims,
        revoked=record.revoked_at is not None,
        uses=uses,
    )
    now = Moment(NOW, 1e6)
    said = decide(PassShown(Sighting(1, way, now.mono), "KH1:..."), facts, now)
    return said.verdict, said.reason


@given(stories())
def test_the_page_says_what_the_gate_will_do(story: tuple[Record, tuple[Passage, ...]]) -> None:
    record, passages = story
    said = standing(record, passages, ZONE, NOW)
    verdict, reason = _at_the_gate(record, passages, Direction.ENTRY)
    assert (verdict is Verdict.OPEN) is (said is Standing.WORKS)
    assert reason in _SEEN_FROM[said]


@given(stories())
def test_who_is_told_that_the_code_lets_out_is_let_out_by_it(
    story: tuple[Record, tuple[Passage, ...]],
) -> None:
    record, passages = story
    if standing(record, passages, ZONE, NOW) is Standing.INSIDE:
        assert _at_the_gate(record, passages, Direction.EXIT) == (Verdict.OPEN, Reason.VISITOR)
