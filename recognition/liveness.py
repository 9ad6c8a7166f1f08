"""Liveness: what must be seen of a named face before it may open a lane. Everything is a value.

Levels are DESIGN's: `passive` looks at single pictures, `challenge` does that first and asks for a
movement wherever doubt is left. Times are seconds of CLOCK_MONOTONIC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median

from models.lane import Liveness
from models.movement import Movement
from models.observation import Alive, FaceFault
from recognition.backoff import BackoffRules, Failures, failed, kept, rests
from recognition.challenge import Challenge, ChallengeRules, Ending, passed, step
from recognition.movement import Pose, at_rest, pose
from recognition.parallax import Still, apart, tells
from recognition.planarity import residual
from recognition.track import Track
from recognition.verdict import Sighted


@dataclass(frozen=True, slots=True)
class LivenessRules:
    """When a face counts as alive; the figures' sources are in docs/liveness.md."""

    live: float = 0.5
    """The least median of the passive scores."""
    surely: float = 0.9
    """A median with which depth that was seen anyway, before the known scene, needs no movement."""
    never: float = 0.1
    """A median under which no movement is asked: it is a picture."""
    moving: float = 0.25
    """The least median of the passive scores from a second before it was asked to its end.

    It is enough before the known scene; elsewhere a clip of the movement could be played, and
    `live` is asked here too.
    """
    depth: float = 0.25
    """Depth seen without having been asked for; distances of the eyes."""
    looks: int = 3
    many: int = 8
    """Scores after which a low median is believed; also after `patience` seconds."""
    patience: float = 1.0
    rest: float = 0.5
    """Seconds for which a face must be still before a movement is asked."""
    again: float = 5.0
    """Before a face that was refused is looked at again."""
    proved: float = 10.0
    """For which a track that moved is believed, counted from the movement."""
    hidden: int = 3
    """Looks in a row at a hidden scene after which the face counts as a picture."""
    challenge: ChallengeRules = field(default_factory=ChallengeRules)
    backoff: BackoffRules = field(default_factory=BackoffRules)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was seen of one track."""

    track: int
    scores: tuple[tuple[float, float], ...] = ()
    """The newest passive scores as (time, score)."""
    poses: tuple[Pose, ...] = ()
    named: Sighted | None = None
    """Whom the track names and has not been told yet."""
    since: float = 0.0
    """When it first named someone."""
    challenge: Challenge | None = None
    rest: Still | None = None
    hidden: int = 0
    """Looks in a row at a hidden scene; negative for looks at the known one."""
    quiet_until: float = float("-inf")
    proved_until: float = float("-inf")
    """Until when the movement that it made is believed."""


@dataclass(frozen=True, slots=True)
class Living:
    """What one view knows about its tracks; begin with `Living()`."""

    proofs: tuple[Proof, ...] = ()
    failures: Failures = field(default_factory=Failures)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One frame of a view: its tracks, what they say, and what else was looked at.

    `named` are the tracks that name someone in this very frame. `drawn` is the movement that is
    asked if one is. `hidden` says whether something hides the camera's scene, None for unknown.
    """

    captured: float
    tracks: tuple[Track, ...]
    said: tuple[Sighted, ...]
    named: frozenset[int]
    drawn: Movement
    scores: Mapping[int, float] = field(default_factory=dict)
    stills: Mapping[int, Still] = field(default_factory=dict)
    hidden: bool | None = None
    unasked: frozenset[str] = frozenset()
    """The residents who are never asked for a movement: only their pictures are rated."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What may be told now: a resident who is alive enough, or a face that may be a picture."""

    said: Sighted
    alive: Alive
    failures: int = 0
    """How often this track has failed by now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A movement that is asked of a track from now on; None: no longer."""

    track: int
    movement: Movement | None


Told = tuple[Proven | Asked, ...]


def advance(
    before: Living, seen: Glimpse, level: Liveness, rules: LivenessRules
) -> tuple[Living, Told]:
    """Return what is known after one more frame, and what there is to tell.

    Faces that name nobody are told as they are and count for nothing.
    """
    told: list[Proven | Asked] = [
        Proven(one, Alive.UNCHECKED)
        for one in seen.said
        if one.resident is None or level is Liveness.OFF
    ]
    if level is Liveness.OFF:
        return before, tuple(told)
    live = {track.number: track for track in seen.tracks}
    told += [
        Asked(proof.track, None)
        for proof in before.proofs
        if proof.track not in live and _is_asked(proof)
    ]
    known = {proof.track: proof for proof in before.proofs if proof.track in live}
    failures = kept(before.failures, live)
    proofs: list[Proof] = []
    for number, track in live.items():
        asked = _is_asked(known.get(number, Proof(number)))
        proof = _looked(known.get(number, Proof(number)), track, seen, rules)
        others = any(_is_asked(one) for one in (*proofs, *known.values()) if one.track != number)
        if not rests(failures, number, seen.captured, rules.backoff):
            proof, how = _spared(proof, seen, level)
            proof, verdict = _judged(proof, seen, how, rules, waits=others)
            if asked and not _is_asked(proof):
                told.append(Asked(number, None))
            if verdict is not None and verdict.said.fault is FaceFault.NOT_LIVE:
                failures = failed(failures, number, seen.captured)
                verdict = replace(verdict, failures=failures.of(number))
            if verdict is not None:
                told.append(_now(verdict, track, seen.captured))
            if proof.challenge is not None and _is_asked(proof) and not asked:
                told.append(Asked(number, proof.challenge.movement))
        proofs.append(proof)
    return Living(tuple(proofs), failures), tuple(told)


def _is_asked(proof: Proof) -> bool:
    return proof.challenge is not None and proof.challenge.ending is None


def _now(verdict: Proven, track: Track, captured: float) -> Proven:
    """Return the verdict as of this frame, in which the face is seen."""
    return replace(verdict, said=replace(verdict.said, captured=captured, face=track.face))


def _looked(proof: Proof, track: Track, seen: Glimpse, rules: LivenessRules) -> Proof:
    """Return the proof with what this frame shows of the track."""
    said = next((one for one in seen.said if one.track == track.number and one.resident), None)
    if said is not None:
        since = proof.since if proof.named is not None else seen.captured
        proof = replace(proof, named=said, since=since)
    if track.number in seen.scores:
        score = (seen.captured, seen.scores[track.number])
        hidden = _in_a_row(proof.hidden, hidden=seen.hidden)
        proof = replace(proof, scores=(*proof.scores, score)[-60:], hidden=hidden)
    held = pose(track.face, seen.captured) if track.last_seen == seen.captured else None
    if held is not None:
        proof = replace(proof, poses=(*proof.poses, held)[-30:])
    challenge = proof.challenge
    if challenge is None or challenge.ending is not None:
        return proof
    if held is None:
        return replace(proof, challenge=passed(challenge, seen.captured, rules.challenge))
    here = seen.stills.get(track.number)
    moved = apart(proof.rest, here) if proof.rest is not None and here is not None else None
    return replace(proof, challenge=step(challenge, held, moved, rules.challenge))


def _spared(proof: Proof, seen: Glimpse, level: Liveness) -> tuple[Proof, Liveness]:
    """Return the proof and the level for whom it names: who is never asked has pictures rated.

    Core lets nobody in by such a face alone (gate/access.py).
    """
    if proof.named is None or proof.named.resident not in seen.unasked:
        return proof, level
    return replace(proof, challenge=None, rest=None), Liveness.PASSIVE


def _in_a_row(before: int, *, hidden: bool | None) -> int:
    if hidden is None:
        return max(0, before)
    return max(0, before) + 1 if hidden else min(0, before) - 1


def _judged(  # noqa: PLR0911 - a ladder of questions, each with its answer
    proof: Proof, seen: Glimpse, level: Liveness, rules: LivenessRules, *, waits: bool
) -> tuple[Proof, Proven | None]:
    """Return the proof and what the track may tell now, None while it is to be waited for."""
    now = seen.captured
    if proof.named is None or now < proof.quiet_until:
        return proof, None
    if proof.hidden >= rules.hidden:
        return _refused(proof, now, rules)
    if now <= proof.proved_until:
        return _settled(proof, Alive.MOVED, seen, rules)
    if proof.challenge is not None:
        return _challenged(proof, proof.challenge, seen, rules)
    score = _score(proof, now, rules)
    if score is None:
        return proof, None
    believed = len(proof.scores) >= rules.many or now - proof.since >= rules.patience
    least = rules.live if level is Liveness.PASSIVE else rules.never
    if score < least:
        return _refused(proof, now, rules) if believed else (proof, None)
    if level is Liveness.PASSIVE:
        return _settled(proof, Alive.PASSIVE, seen, rules)
    if score >= rules.surely and proof.hidden <= -rules.hidden and _has_depth(proof, rules):
        return _settled(proof, Alive.MOVED, seen, rules)
    if now - proof.since > rules.challenge.seconds:
        return _refused(proof, now, rules)
    return (proof if waits else _asking(proof, seen, rules)), None


def _score(proof: Proof, now: float, rules: LivenessRules) -> float | None:
    """Return the median of the last scores, None while there are too few."""
    lately = [score for at, score in proof.scores[-12:] if now - at <= 2 * rules.patience]
    return median(lately) if len(lately) >= rules.looks else None


def _has_depth(proof: Proof, rules: LivenessRules) -> bool:
    """Return whether the face showed depth on its own: several frames on both sides of it."""
    for first in proof.poses:
        beyond = sum(
            abs(residual(first.points, other.points)[0]) >= rules.depth for other in proof.poses
        )
        if beyond >= rules.looks:
            return True
    return False


def _asking(proof: Proof, seen: Glimpse, rules: LivenessRules) -> Proof:
    """Return the proof with the drawn movement asked, once the face is at rest."""
    now = seen.captured
    lately = [held for held in proof.poses if now - held.at <= rules.rest]
    if len(lately) < rules.looks or lately[-1].at != now:
        return proof
    rest = at_rest(lately, rules.challenge.movement)
    if rest is None:
        return proof
    here = seen.stills.get(proof.track)
    if seen.drawn is Movement.CLOSER and (here is None or not tells(here)):
        # Nothing could be seen to stay behind: the next frame brings another draw.
        return proof
    return replace(proof, challenge=Challenge(seen.drawn, now, rest), rest=here)


def _challenged(
    proof: Proof, challenge: Challenge, seen: Glimpse, rules: LivenessRules
) -> tuple[Proof, Proven | None]:
    now = seen.captured
    if proof.hidden >= rules.hidden:
        return _refused(proof, now, rules)
    if challenge.ending is None:
        return proof, None
    # With those of the rest before: a face that is looked at from above or aside scores less.
    during = [score for at, score in proof.scores if at >= challenge.asked - rules.patience]
    least = rules.moving if proof.hidden <= -rules.hidden else rules.live
    alive = len(during) >= rules.looks and median(during) >= least
    if challenge.ending is not Ending.MOVED or not alive:
        return _refused(proof, now, rules)
    # It moved as asked and must now be seen to be who it was, or somebody else did it.
    if now - challenge.asked > rules.challenge.seconds:
        return _refused(proof, now, rules)
    return _settled(proof, Alive.MOVED, seen, rules)


def _settled(
    proof: Proof, alive: Alive, seen: Glimpse, rules: LivenessRules
) -> tuple[Proof, Proven | None]:
    """Return who it is, once this very frame names someone."""
    if proof.named is None or proof.track not in seen.named:
        return proof, None
    told = Proven(proof.named, alive)
    after = replace(proof, named=None, challenge=None, rest=None)
    if alive is Alive.MOVED and seen.captured > proof.proved_until:
        after = replace(after, proved_until=seen.captured + rules.proved)
    return after, told


def _refused(proof: Proof, now: float, rules: LivenessRules) -> tuple[Proof, Proven | None]:
    """Return a refusal, after which all begins anew."""
    assert proof.named is not None
    said = replace(proof.named, resident=None, fault=FaceFault.NOT_LIVE)
    after = replace(Proof(proof.track), poses=proof.poses[-1:], quiet_until=now + rules.again)
    return after, Proven(said, Alive.UNCHECKED)
