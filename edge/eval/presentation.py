"""Presentations: what a labelled file shows to a camera, and the passages that files belong to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median

from edge.eval.labels import Row

_LIVE = frozenset({"live", "face", "faces", "real", "bonafide"})
_ATTACKS = frozenset({"print", "spoof", "screen", "replay", "mask", "attack", "photo"})
_TAKE = re.compile(r"(?:^|/)\d+_(\d{4})_(\d\d)_")
"""A sequence's file names carry number, person and take."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """One face before a camera: live, or an attack of a `kind`; `passage` is what it belongs to.

    `score` is the passive one, None where no face was found; `accepted` is the passive level's.
    """

    name: str
    attack: bool
    kind: str
    passage: str
    score: float | None = None
    accepted: bool = False

    def seen(self, name: str, score: float | None, *, accepted: bool) -> "Presentation":
        """Return the presentation with what came of it."""
        passage = self.passage or name
        return replace(self, name=name, score=score, accepted=accepted, passage=passage)


def told_of(row: Row) -> Presentation | None:
    """Return what a row says of its file, None for a row that shows neither people nor pictures."""
    label = row["label"].lower()
    if label not in _LIVE | _ATTACKS:
        return None
    attack = label in _ATTACKS
    kind = (row["attack"] or label) if attack else ""
    return Presentation(row.name, attack, kind, _passage(row, label))


def _passage(row: Row, label: str) -> str:
    """Return the passage of a still that is one of a sequence; empty where it stands alone."""
    if row["session"]:
        return f"{label}/{row['subject']}/{row['session']}"
    take = _TAKE.search(row.name)
    if row["kind"] == "frame-sequence" and take is not None:
        return f"{label}/{take[1]}/take-{take[2]}"
    return ""


def passages(every: Iterable[Presentation], live: float) -> tuple[Presentation, ...]:
    """Return one presentation a passage: stills by their median against `live`, clips as told."""
    groups: dict[str, list[Presentation]] = {}
    for one in every:
        groups.setdefault(one.passage, []).append(one)
    return tuple(_one(name, group, live) for name, group in groups.items())


def _one(name: str, group: list[Presentation], live: float) -> Presentation:
    if len(group) == 1:
        return group[0]
    scores = [one.score for one in group if one.score is not None]
    middle = median(scores) if scores else None
    accepted = middle is not None and middle >= live
    return replace(group[0], name=name, score=middle, accepted=accepted)
