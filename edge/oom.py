"""Who goes first when the machine runs out of memory: what can look or show, never what opens."""

from contextlib import suppress
from pathlib import Path

_SCORE = Path("/proc/self/oom_score_adj")


def go_first(score: int) -> None:
    """Have the kernel end this process before others; `score` is 0 to 1000 (proc(5)).

    Nothing is done for 0: lowering a score needs rights that we do not have. A kernel that does
    not know the file has no say.
    """
    if score > 0:
        with suppress(OSError):
            _SCORE.write_text(str(score), encoding="ascii")
