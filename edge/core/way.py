"""How the two ways between this site and its centre are doing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WayUp:
    """How the way to the centre is doing."""

    word: str = "none"
    """`none`, `ok` or `away`."""
    waiting: int = 0
    quarantined: int = 0
    complaint: str = ""
    forked: int = 0
    """How many of those in quarantine the centre has with another hash."""
    answer: str = "none"
    """What it last answered (edge/sync/state.py)."""
    letters: int = 0
    """Letters that wait."""
    letters_aside: int = 0


@dataclass(frozen=True, slots=True)
class WayDown:
    """How the way from the centre is doing."""

    word: str = "none"
    """`none`, `ok` or `away`."""
    complaint: str = ""
    answer: str = "none"
    """What the centre last answered (edge/sync/state.py)."""
    refused: int = 0
    """Items that could not be used since the start."""
    behind: bool = False
    """The centre was put back from a copy and has forgotten some of what it told."""
    waiting: int = 0
    """Items that are saved and not dealt with yet."""
