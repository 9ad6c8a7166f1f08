"""Figures of faces: rates, plots and misses from what became of every picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.eval.det import det
from edge.eval.face_rows import Role, Shown
from edge.eval.identification import tpir_at_fpir
from edge.eval.score import Curve, Figure, Histogram, Miss, Plot, Rate, Score
from recognition.gallery import Likeness, Nearest

_NOBODY = -1.0


@dataclass(frozen=True, slots=True)
class Looked:
    """A probe or a stranger after its picture was looked at; `nearest` is None without a face.

    `own` is the score against the person's own templates, -1 for a stranger.
    """

    shown: Shown
    nearest: Nearest | None
    own: float

    @property
    def score(self) -> float:
        """The score of the best match, -1 without a face."""
        return self.nearest.score if self.nearest is not None else _NOBODY

    @property
    def right(self) -> bool:
        """Whether the best match is the person."""
        return self.nearest is not None and self.nearest.resident == self.shown.identity

    @property
    def named(self) -> bool:
        """Whether the shipped threshold names someone, rightly or not."""
        return self.nearest is not None and self.nearest.likeness is Likeness.NAMED


@dataclass(frozen=True, slots=True)
class Run:
    """What holds for the whole folder."""

    engine: str
    threshold: float
    enrolled: int
    enrolled_sessions: frozenset[tuple[str, str]]
    """(identity, session) of each enrolled picture."""
    seen: int
    found: int
    milliseconds: tuple[float, ...]
    lost: tuple[Miss, ...]


def scored(run: Run, looked: Sequence[Looked], enrolled: Mapping[str, Path]) -> Score:
    """Return the score; `enrolled` is one enrolled picture of each person."""
    probes = [each for each in looked if each.shown.role is Role.PROBE]
    strangers = [each for each in looked if each.shown.role is Role.IMPOSTOR]
    figures: dict[str, Figure] = {
        "n_enrol": run.enrolled,
        "n_probe": len(probes),
        "n_impostor": len(strangers),
        "detected": Rate(run.found, run.seen),
        **_rates(probes, strangers),
        "ms_per_image_p50": median(run.milliseconds) if run.milliseconds else None,
        "threshold": run.threshold,
        "engine": run.engine,
    }
    kinds = {
        name: {"n_probe": len(chosen), **_rates(chosen, strangers)}
        for name, chosen in _by_session(run, probes).items()
    }
    misses = (*run.lost, *_misses(probes, strangers, enrolled))
    return Score(figures, _plots(probes, strangers, run), misses, kinds)


def _rates(probes: Sequence[Looked], strangers: Sequence[Looked]) -> dict[str, Figure]:
    pairs = [(each.shown.identity, each.score if each.right else float("-inf")) for each in probes]
    wrong = [each.score for each in strangers]
    right = sum(each.named and each.right for each in probes)
    return {
        "rank1": Rate(sum(each.right for each in probes), len(probes)),
        "tpir_at_fpir_1e-2": tpir_at_fpir(pairs, wrong, 1e-2),
        "tpir_at_fpir_1e-3": tpir_at_fpir(pairs, wrong, 1e-3),
        "tpir_at_default": Rate(right, len(probes)),
        "fpir_at_default": Rate(sum(each.named for each in strangers), len(strangers)),
    }


def _by_session(run: Run, probes: Sequence[Looked]) -> Mapping[str, Sequence[Looked]]:
    """Return the probes of the sitting of their enrolment and of others, if sittings are named."""
    if not any(each.shown.session for each in probes):
        return {}
    kinds: dict[str, list[Looked]] = {"same_session": [], "cross_session": []}
    for each in probes:
        same = (each.shown.identity, each.shown.session) in run.enrolled_sessions
        kinds["same_session" if same else "cross_session"].append(each)
    return kinds


def _plots(probes: Sequence[Looked], strangers: Sequence[Looked], run: Run) -> tuple[Plot, ...]:
    own = tuple(each.own for each in probes)
    others = tuple(each.score for each in strangers)
    curve = det([each.score if each.right else _NOBODY for each in probes], others)
    named = sum(each.named for each in strangers) / max(1, len(strangers))
    missed = 1 - sum(each.named and each.right for each in probes) / max(1, len(probes))
    marks = {"threshold": run.threshold}
    return (
        Histogram(
            "Alike: residents to themselves, strangers to their nearest",
            "cosine",
            {"residents": own, "strangers": others},
            marks,
        ),
        Curve(
            "DET: strangers named, residents not named",
            ("strangers named", "residents not named"),
            curve,
            {"shipped": (named, missed)} if strangers else {},
        ),
    )


def _misses(
    probes: Sequence[Looked], strangers: Sequence[Looked], enrolled: Mapping[str, Path]
) -> list[Miss]:
    """Return strangers taken for someone, then people taken for another, then those not named."""
    taken = sorted((each for each in strangers if each.named), key=lambda each: -each.score)
    swapped = [each for each in probes if each.named and not each.right]
    missed = sorted(
        (each for each in probes if not each.named and each.nearest is not None),
        key=lambda each: each.own,
    )
    return [
        *(_miss(each, "a stranger named as {who} at {score:.3f}", enrolled) for each in taken),
        *(_miss(each, "taken for {who} at {score:.3f}", enrolled) for each in swapped),
        *(
            _miss(
                each,
                "not named: {own:.3f} to the person, nearest is {who} at {score:.3f}",
                enrolled,
            )
            for each in missed
        ),
    ]


def _miss(each: Looked, why: str, enrolled: Mapping[str, Path]) -> Miss:
    assert each.nearest is not None
    who = each.nearest.resident or "nobody"
    beside = enrolled.get(who if each.named else each.shown.identity)
    pictures = (each.shown.row.file, beside) if beside is not None else (each.shown.row.file,)
    words = why.format(who=who, score=each.score, own=each.own)
    return Miss(each.shown.row.name, words, pictures)
