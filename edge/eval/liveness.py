"""Liveness: live people let in and pictures of people kept out, at the limits that are shipped."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.settings import Recognition
from config.weights import weight_files
from edge.eval.challenges import challenged
from edge.eval.labels import Row, Unusable, read_labels
from edge.eval.liveness_figures import figures, kinds, plots
from edge.eval.pictures import opened, progress
from edge.eval.presentation import Presentation, passages, told_of
from edge.eval.score import Figure, Miss, Score
from edge.eval.subjects import Say
from edge.eval.takes import Take, Watcher, clip, play
from edge.vision_engines import FACES
from models.errors import CameraFault
from models.lane import Liveness
from models.movement import Movement
from recognition.fr_liveness import FrLiveness
from recognition.liveness import LivenessRules

_CLIPS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})


@dataclass(slots=True)
class _Looked:
    """What was looked at so far."""

    said: list[Presentation]
    takes: list[Take]
    """Live people's."""
    stills: dict[str, Take]
    """One still of each live person, by subject; takes without frames."""


def score(folder: Path, settings: Recognition, say: Say) -> Score:
    """Return how well the shipped limits tell live people from pictures of people in `folder`.

    Its labels.csv has file and label (`live`, `face` and `faces` for people; `print`, `spoof`,
    `screen`, `replay`, `mask` and `attack` for pictures of them; others are left out), and may have
    subject, session and attack. Raises Unusable where nothing of either is there, and
    RecogniserFault when engine or weights cannot be loaded.
    """
    rows = [(row, told_of(row)) for row in read_labels(folder, ("label",))]
    wanted = [(row, told) for row, told in rows if told is not None]
    if not wanted:
        message = f"{folder} labels nothing as live or as an attack; check the column label"
        raise Unusable(message)
    engine = FACES[settings.engine](weight_files(settings.engine, folder=settings.weights))
    rater = FrLiveness(weight_files("liveness", folder=settings.weights)["passive"])
    watcher = Watcher(engine, rater, float(settings.min_face))
    rules = LivenessRules()
    looked = _Looked([], [], {})
    for done, (row, told) in enumerate(wanted, 1):
        if row.file.suffix.lower() in _CLIPS:
            _clip(row, told, watcher, rules, looked, say)
        else:
            picture = opened(row.file, say)
            rated = None if picture is None else watcher.rate(picture)
            alive = rated is not None and rated >= rules.live
            looked.said.append(told.seen(row.name, rated, accepted=alive))
            if picture is not None and rated is not None and not told.attack:
                subject = row["subject"] or told.passage or row.name
                looked.stills.setdefault(subject, Take(row.name, (), picture))
        progress(done, len(wanted), say)
    return _scored(looked, watcher, rules, say)


def _clip(
    row: Row,
    told: Presentation,
    watcher: Watcher,
    rules: LivenessRules,
    looked: _Looked,
    say: Say,
) -> None:
    try:
        takes = watcher.every(row.name, clip(row.file))
    except CameraFault as fault:
        say(f"counted as a miss: {fault}")
        takes = ()
    if not takes:
        looked.said.append(told.seen(row.name, None, accepted=False))
    for take in takes:
        if not take.looks_ahead:
            say(f"left out, for it looks ahead too seldom to be named: {take.name}")
            continue
        verdicts = play(take, Liveness.PASSIVE, Movement.NOD, rules)
        # A person is judged by the first answer, an attack by the best that it ever got.
        alive = [verdict.alive for verdict in verdicts]
        accepted = any(alive) if told.attack else bool(alive) and alive[0]
        looked.said.append(told.seen(take.name, take.middle, accepted=accepted))
    if not told.attack:
        looked.takes += takes


def _scored(looked: _Looked, watcher: Watcher, rules: LivenessRules, say: Say) -> Score:
    grouped = passages(looked.said, rules.live)
    said: dict[str, Figure] = {**figures(looked.said), "threshold": rules.live}
    said |= {f"passage_{key}": value for key, value in figures(grouped).items()}
    refused = [one for one in grouped if not one.attack and not one.accepted]
    let_in = [one for one in grouped if one.attack and one.accepted]
    for one in refused:
        say(f"a live passage is refused: {one.name} (score {_number(one.score)})")
    for one in let_in:
        say(f"an attack is accepted: {one.name} (score {_number(one.score)})")
    challenge = challenged(
        looked.takes, (*looked.takes, *looked.stills.values()), watcher, rules, say
    )
    return Score(
        figures=said | dict(challenge.figures),
        plots=plots(looked.said, rules.live),
        misses=(*_misses(refused, "refused"), *_misses(let_in, "accepted"), *challenge.misses),
        kinds={**kinds(looked.said), **challenge.kinds},
        notes=(
            "apcer and bpcer are those of the passive level at its one shipped limit.",
            "The keys that begin with passage_ count each clip and each sequence once.",
            "Challenges are played from clips; the pictures are made by edge/eval/attacks.py.",
        ),
    )


def _misses(wrong: Iterable[Presentation], how: str) -> tuple[Miss, ...]:
    return tuple(
        Miss(one.name, f"{one.kind or 'live'}, {how} with a score of {_number(one.score)}")
        for one in wrong
    )


def _number(score: float | None) -> str:
    return "none" if score is None else f"{score:.3f}"
