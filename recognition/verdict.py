"""Verdicts: what a track may say of a face, each thing once. Everything here is a value.

One frame alone names nobody, and nobody is called unknown before having had a fair look.
"""

from collections import Counter
from dataclasses import dataclass, replace

from models.observation import FaceFault
from recognition.face import Face, Vector
from recognition.gallery import Likeness, Matcher, Nearest
from recognition.track import Track


@dataclass(frozen=True, slots=True)
class VerdictRules:
    """How long to look before speaking; times in seconds, sources in docs/recognition.md."""

    frames: int = 3
    """Good frames before anyone is named, and how many must agree."""
    newest: float = 1.0
    """How far under the threshold the newest frame itself may be; deviations."""
    again: float = 5.0
    """Before the same resident is told again."""
    patience: float = 1.0
    """Without a name before a face is told to be unknown; half of it after `many` good frames."""
    many: int = 8
    nearly: float = 0.9
    """A mean score this little under the threshold doubles the patience; deviations."""
    after_a_name: float = 3.0
    """More patience where a named face was a moment ago: most likely the same head, turned."""
    stranger_again: float = 10.0
    """Before the same stranger is told again."""
    same_stranger: float = 4.0
    """How alike two unknown faces are that count as the same stranger; deviations."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """What one track says: a resident, or nobody and why.

    `captured` is the time of the newest frame used; `face` is its place in that frame.
    """

    resident: str | None
    fault: FaceFault | None
    score: float
    gallery: int
    track: int
    captured: float
    face: Face


@dataclass(frozen=True, slots=True)
class Told:
    """What one view has said lately; begin with `Told()`."""

    residents: tuple[tuple[str, float], ...] = ()
    """Who was told, and when."""
    named: tuple[tuple[int, float], ...] = ()
    """The tracks that look like a resident, and when last."""
    strangers: tuple[tuple[Vector, float], ...] = ()
    """The faces that were told to name nobody, and when."""
    refused: frozenset[int] = frozenset()
    """Their tracks."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    resident: str | None
    ambiguous: bool
    score: float


def judge(
    told: Told,
    tracks: tuple[Track, ...],
    captured: float,
    matcher: Matcher,
    rules: VerdictRules,
) -> tuple[Told, tuple[Sighted, ...]]:
    """Return what is told from now on, and what the tracks have to say after this frame.

    Only a track with a good face in the frame of `captured` speaks: whom it names is in the
    picture now.
    """
    told = _recent(told, tracks, captured, rules)
    said: list[Sighted] = []
    deviation = matcher.impostors.deviation
    for track in tracks:
        if track.last_good != captured or len(track.samples) < rules.frames:
            continue
        verdict = _weigh(track, matcher, rules)
        if verdict.resident is not None:
            speaks = verdict.resident not in dict(told.residents)
            told = _naming(told, track, verdict.resident, captured, speaks=speaks)
        else:
            nearly = verdict.score > matcher.threshold - rules.nearly * deviation
            speaks = _had_fair_look(told, track, captured, rules, nearly=nearly)
            if speaks:
                known = _is_told(told, track, matcher.impostors.level(rules.same_stranger))
                told = _refusing(told, track, captured)
                speaks = not known
        if speaks:
            said.append(_sighted(track, verdict, captured, matcher.version))
    return told, tuple(said)


def _weigh(track: Track, matcher: Matcher, rules: VerdictRules) -> _Verdict:
    """Name by the mean of the good frames or by enough agreeing ones, if the newest agrees.

    Frames before one that names another home are somebody else's. If too few are left after that,
    or a rival of another home is as near, the track is ambiguous.
    """
    each = [matcher.nearest(vector) for vector, _ in track.samples]
    own = _since_another_home(each, matcher)
    newest, mean = each[-1], matcher.nearest(track.mean(own))
    score = max(mean.score, newest.score)
    if own < rules.frames or mean.likeness is Likeness.AMBIGUOUS:
        return _Verdict(None, ambiguous=True, score=score)
    votes = Counter(near.resident for near in each[-own:] if near.likeness is Likeness.NAMED)
    if mean.likeness is Likeness.NAMED:
        votes[mean.resident] += rules.frames
    least = matcher.threshold - rules.newest * matcher.impostors.deviation
    for resident, count in votes.most_common(1):
        if count >= rules.frames and newest.resident == resident and newest.score >= least:
            return _Verdict(resident, ambiguous=False, score=score)
    return _Verdict(None, ambiguous=False, score=score)


def _since_another_home(each: list[Nearest], matcher: Matcher) -> int:
    """Return how many of the newest frames name no two homes."""
    home: str | None = None
    for count, near in enumerate(reversed(each)):
        if near.likeness is not Likeness.NAMED or near.resident is None:
            continue
        named = matcher.home(near.resident)
        if home is not None and named != home:
            return count
        home = named
    return len(each)


def _had_fair_look(
    told: Told, track: Track, captured: float, rules: VerdictRules, *, nearly: bool
) -> bool:
    if track.number in told.refused or track.first_good is None:
        return False
    since = track.first_good
    for number, when in told.named:
        if number in (track.number, track.parent):
            since = max(since, when + rules.after_a_name)
    patience = rules.patience * (0.5 if track.good >= rules.many else 1.0)
    if nearly:
        patience = rules.patience * 2
    return captured - since >= patience


def _is_told(told: Told, stranger: Track, alike: float) -> bool:
    mean = stranger.mean()
    return any(float(vector @ mean) >= alike for vector, _ in told.strangers)


def _naming(told: Told, track: Track, resident: str, captured: float, *, speaks: bool) -> Told:
    named = dict(told.named) | {track.number: captured}
    residents = told.residents
    if speaks:
        residents = (*residents, (resident, captured))
    return replace(told, residents=residents, named=tuple(named.items()))


def _refusing(told: Told, track: Track, captured: float) -> Told:
    strangers = (*told.strangers, (track.mean(), captured))
    return replace(told, strangers=strangers, refused=told.refused | {track.number})


def _sighted(track: Track, verdict: _Verdict, captured: float, gallery: int) -> Sighted:
    fault = None
    if verdict.resident is None:
        fault = FaceFault.AMBIGUOUS if verdict.ambiguous else FaceFault.UNKNOWN
    return Sighted(
        verdict.resident, fault, verdict.score, gallery, track.number, captured, track.face
    )


def _recent(told: Told, tracks: tuple[Track, ...], captured: float, rules: VerdictRules) -> Told:
    """Forget what is too long ago, what lies in the future, and tracks that have ended."""
    again, stranger_again = rules.again, rules.stranger_again
    quiet = rules.after_a_name + 2 * rules.patience
    return Told(
        tuple(pair for pair in told.residents if 0 <= captured - pair[1] < again),
        tuple(pair for pair in told.named if 0 <= captured - pair[1] <= quiet),
        tuple(pair for pair in told.strangers if 0 <= captured - pair[1] < stranger_again),
        told.refused & {track.number for track in tracks},
    )
