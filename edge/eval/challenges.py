"""Challenges: what becomes of movements when people make them, other ones, or pictures do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge.cameras.picture_file import unpack_pushed
from edge.eval.attacks import KINDS, Kind, Motion, attack
from edge.eval.heads import head
from edge.eval.pictures import progress
from edge.eval.score import Figure, Miss, Rate
from edge.eval.subjects import Say
from edge.eval.takes import Take, Verdict, Watcher, between, known, play
from edge.eval.turns import LEAD, Turn, turns
from models.lane import Liveness
from models.movement import Movement
from recognition.challenge import PROVING
from recognition.face import Pixels
from recognition.liveness import LivenessRules

_HEADS = 60
_MOST_PEOPLE = 6
_TAIL = 1.5
_LONG_SIDE = 640


@dataclass(frozen=True, slots=True)
class Challenged:
    """What came of all challenges."""

    figures: Mapping[str, Figure]
    kinds: Mapping[str, Mapping[str, Figure]]
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class _Turned:
    """A movement that was found, with the take of it and what a replay of it shows."""

    take: Take
    turn: Turn


@dataclass(frozen=True, slots=True)
class _Attacked:
    kind: Kind
    accepted: bool
    accepted_unknown: bool
    """The same where the camera does not know its own scene."""
    passive: bool


def challenged(
    takes: Sequence[Take],
    people: Sequence[Take],
    watcher: Watcher,
    rules: LivenessRules,
    say: Say,
) -> Challenged:
    """Return how challenges end: live movements, asked rightly and not, and made attacks.

    `takes` are searched for movements; of the first `people` pictures are made.
    """
    every = [
        _Turned(between(take, turn.start - LEAD, turn.end + _TAIL), turn)
        for take in takes
        for turn in turns(take)
    ]
    found = [one for one in every if one.turn.movement in PROVING]
    right = [(one, _first(one.take, one.turn.movement, rules)) for one in found]
    other = [
        _first(one.take, movement, rules)
        for one in found
        for movement in PROVING
        if movement is not one.turn.movement
    ]
    made = list(_attacked(people, found, watcher, rules, say))
    figures: dict[str, Figure] = {
        "challenge_unaskable_n": len(every) - len(found),
        "challenge_genuine_n": len(found),
        "challenge_genuine_accepted": _rate(verdict for _, verdict in right),
        "challenge_other_accepted": _rate(other),
        **_planar(made),
        **_seconds("real", [verdict for _, verdict in right]),
        **_synthetic(rules),
    }
    missed = [one for one, verdict in right if verdict is None or not verdict.alive]
    for one in missed:
        say(f"a live movement is refused: {_where(one)}")
    return Challenged(figures, _kinds(made), tuple(Miss(_where(one), "refused") for one in missed))


def _where(one: _Turned) -> str:
    return f"{one.take.name} {one.turn.movement} at {one.turn.start:.1f} s"


def _first(take: Take, movement: Movement, rules: LivenessRules) -> Verdict | None:
    """Return the first answer that a take gets, None where it ends without one."""
    return next(iter(play(take, Liveness.CHALLENGE, movement, rules)), None)


def _rate(verdicts: Iterator[Verdict | None] | Sequence[Verdict | None]) -> Rate:
    every = list(verdicts)
    return Rate(sum(one is not None and one.alive for one in every), len(every))


def _attacked(
    people: Sequence[Take],
    found: Sequence[_Turned],
    watcher: Watcher,
    rules: LivenessRules,
    say: Say,
) -> Iterator[_Attacked]:
    """Yield what becomes of pictures of `people`, moved as asked.

    Each of the first people is shown in every kind whose edges are hidden or shown that no limit
    was chosen on, asked in turn for each movement; each movement that was found is also played.
    """
    reported = [kind for kind in KINDS if not kind.fits]
    still = [kind for kind in reported if kind.motion is not Motion.PLAY]
    wanted: list[tuple[Kind, Movement, Take, Sequence[Pixels]]] = []
    for person, take in enumerate(people[:_MOST_PEOPLE]):
        for place, kind in enumerate(still):
            movement = PROVING[(person + place) % len(PROVING)]
            wanted.append((kind, movement, take, (take.picture,)))
    for one in found:
        played = [
            unpack_pushed(shown.jpeg)
            for shown in one.take.shown
            if shown.at >= one.turn.start - 0.5
        ]
        for kind in reported:
            sheets = played if kind.motion is Motion.PLAY else played[:1]
            wanted.append((kind, one.turn.movement, one.take, sheets))
    for number, (kind, movement, take, frames) in enumerate(wanted):
        behind = _behind(people, take, frames[0])
        scene = known(behind)
        made = attack(kind, [_sized(one) for one in frames], movement, behind, number)
        shown = watcher.single(f"{kind.name}-{number}", made, scene)
        progress(number + 1, len(wanted), say)
        if shown is None:
            yield _Attacked(kind, accepted=False, accepted_unknown=False, passive=False)
            continue
        unknown = replace(shown, shown=tuple(replace(one, hidden=None) for one in shown.shown))
        yield _Attacked(
            kind,
            accepted=_ever(shown, Liveness.CHALLENGE, movement, rules),
            accepted_unknown=_ever(unknown, Liveness.CHALLENGE, movement, rules),
            passive=_ever(unknown, Liveness.PASSIVE, movement, rules),
        )


def _ever(take: Take, level: Liveness, movement: Movement, rules: LivenessRules) -> bool:
    return any(verdict.alive for verdict in play(take, level, movement, rules))


def _behind(people: Sequence[Take], own: Take, shape: Pixels) -> Pixels:
    """Return a real picture to stand for the gate: another person's clip, else ours, mirrored."""
    others = [take for take in people if take.name.partition("#")[0] != own.name.partition("#")[0]]
    picture = others[0].picture if others else np.ascontiguousarray(own.picture[::-1])
    sized = _sized(shape)
    high, wide = sized.shape[:2]
    scale = max(wide / picture.shape[1], high / picture.shape[0])
    size = max(wide, round(picture.shape[1] * scale)), max(high, round(picture.shape[0] * scale))
    large = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(large[:high, :wide], np.uint8)


def _sized(picture: Pixels) -> Pixels:
    scale = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
    if scale == 1:
        return picture
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _planar(made: Sequence[_Attacked]) -> dict[str, Figure]:
    flat = [one for one in made if one.kind.motion is not Motion.PLAY and one.kind.hidden]
    played = [one for one in made if one.kind.motion is Motion.PLAY and one.kind.hidden]
    hidden = [*flat, *played]
    return {
        "challenge_planar_accepted": _share(one.accepted for one in hidden),
        "challenge_planar_still_accepted": _share(one.accepted for one in flat),
        "challenge_planar_played_accepted": _share(one.accepted for one in played),
        "challenge_planar_still_scene_unknown_accepted": _share(
            one.accepted_unknown for one in flat
        ),
        "challenge_planar_played_scene_unknown_accepted": _share(
            one.accepted_unknown for one in played
        ),
    }


def _share(accepted: Iterator[bool]) -> Rate:
    every = list(accepted)
    return Rate(sum(every), len(every))


def _kinds(made: Sequence[_Attacked]) -> dict[str, Mapping[str, Figure]]:
    """Return the same per made kind: at `challenge`, with an unknown scene, and at `passive`."""
    return {
        f"made_{kind.name}": {
            "n": len(own),
            "challenge_accepted": _share(one.accepted for one in own),
            "challenge_scene_unknown_accepted": _share(one.accepted_unknown for one in own),
            "passive_scene_unknown_accepted": _share(one.passive for one in own),
        }
        for kind in KINDS
        if (own := [one for one in made if one.kind == kind])
    }


def _synthetic(rules: LivenessRules) -> dict[str, Figure]:
    draw = np.random.default_rng(5)
    right: list[Verdict | None] = []
    other: list[Verdict | None] = []
    for movement in PROVING:
        for _ in range(_HEADS):
            take = head(movement, draw)
            right.append(_first(take, movement, rules))
            other += [_first(take, one, rules) for one in PROVING if one is not movement]
    return {
        "challenge_synthetic_accepted": _rate(right),
        "challenge_synthetic_other_accepted": _rate(other),
        **_seconds("synthetic", right),
    }


def _seconds(whose: str, verdicts: Sequence[Verdict | None]) -> dict[str, Figure]:
    """Return from first sight to opening, over those that opened."""
    took = [one.after for one in verdicts if one is not None and one.alive]
    return {
        f"seconds_to_open_n_{whose}": len(took),
        f"seconds_to_open_p50_{whose}": float(np.percentile(took, 50)) if took else None,
        f"seconds_to_open_p95_{whose}": float(np.percentile(took, 95)) if took else None,
    }
