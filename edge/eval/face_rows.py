"""Rows about faces: who each picture shows, in the layout of faces or of liveness."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from edge.eval.labels import Row, Unusable
from edge.eval.subjects import Say

_CLIPS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})


class Role(StrEnum):
    """What a picture is for."""

    ENROL = "enrol"
    PROBE = "probe"
    IMPOSTOR = "impostor"


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: whom it shows, what for, and in which sitting, empty where none is named."""

    row: Row
    identity: str
    role: Role
    session: str


def shown(rows: Iterable[Row], say: Say) -> tuple[Shown, ...]:
    """Return what the rows show.

    With a `subject` it is a liveness folder: its live pictures are used, and a subject without an
    enrolled picture is a stranger. Clips are left out, and it is said. Raises Unusable for an
    unknown role, or without an enrolled picture.
    """
    every = tuple(rows)
    if any(row["subject"] for row in every):
        found = _live(tuple(row for row in every if row["label"] == "live"), say)
    else:
        found = tuple(Shown(row, row["label"], _role(row["role"]), row["session"]) for row in every)
    if not any(each.role is Role.ENROL for each in found):
        message = "labels.csv has no picture with role enrol; mark at least one"
        raise Unusable(message)
    return found


def _live(rows: tuple[Row, ...], say: Say) -> tuple[Shown, ...]:
    still = tuple(row for row in rows if row.file.suffix.lower() not in _CLIPS)
    if len(still) < len(rows):
        say(f"{len(rows) - len(still)} clips are left out: faces are scored on single pictures")
    enrolled = {row["subject"] for row in still if row["role"] == Role.ENROL}
    return tuple(
        Shown(
            row,
            row["subject"],
            _role(row["role"]) if row["subject"] in enrolled else Role.IMPOSTOR,
            row["session"],
        )
        for row in still
    )


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError as error:
        message = f"role {word!r} is none of {', '.join(Role)}; correct labels.csv"
        raise Unusable(message) from error
