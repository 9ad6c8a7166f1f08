"""Which code was read when, so that a code held to a camera is told once. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeRules:
    """When the same text is told again, in seconds."""

    again: float = 2.0
    """At the earliest, and then only if it had left."""
    left: float = 1.0
    """Unseen for this long is having left."""
    anyway: float = 5.0
    """After this it is told again even if it stayed."""


@dataclass(frozen=True, slots=True)
class CodeMemory:
    """The codes of one view as (text, told, seen, came); begin with `CodeMemory()`.

    `told` is when it was last told, `seen` when last read, `came` when it came into view; seconds
    of CLOCK_MONOTONIC.
    """

    codes: tuple[tuple[str, float, float, float], ...] = ()

    @property
    def busy(self) -> bool:
        """True while a code was in view a moment ago."""
        return bool(self.codes)


def remember(
    memory: CodeMemory, texts: frozenset[str], captured: float, rules: CodeRules
) -> tuple[CodeMemory, frozenset[str]]:
    """Return what is remembered after one more frame, and which of its texts are to be told."""
    longest = max(rules.again, rules.left, rules.anyway)
    known = {
        text: (told, seen, came)
        for text, told, seen, came in memory.codes
        if 0 <= captured - seen <= longest
    }
    tell: set[str] = set()
    for text in texts:
        if text not in known:
            tell.add(text)
            known[text] = (captured, captured, captured)
            continue
        told, seen, came = known[text]
        came = captured if captured - seen >= rules.left else came
        left_since = came > told
        waited = captured - told
        if waited >= rules.anyway or (left_since and waited >= rules.again):
            tell.add(text)
            told = captured
        known[text] = (told, captured, came)
    return CodeMemory(tuple((text, *times) for text, times in known.items())), frozenset(tell)
