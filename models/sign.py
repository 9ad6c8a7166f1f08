"""A sign: what a lane's display shows and its voice says."""

from dataclasses import dataclass

MOST_LINES = 4
LONGEST_LINE = 16
LONGEST_VOICE = 24


@dataclass(frozen=True, slots=True)
class SignText:
    """Up to four lines of sixteen characters, one sentence to be said, and for how many seconds."""

    lines: tuple[str, ...]
    voice: str = ""
    seconds: int = 6

    def __post_init__(self) -> None:
        texts = (*self.lines, self.voice)
        fits = len(self.lines) <= MOST_LINES and len(self.voice) <= LONGEST_VOICE
        fits = fits and all(len(line) <= LONGEST_LINE for line in self.lines)
        if not fits or not all(text.isprintable() for text in texts):
            message = (
                f"a sign has {MOST_LINES} lines of {LONGEST_LINE} characters and says "
                f"{LONGEST_VOICE}, without control characters: {texts!r}"
            )
            raise ValueError(message)
        if not 1 <= self.seconds <= 60:  # noqa: PLR2004 - a minute is as long as anybody waits
            message = f"a sign is shown for 1 to 60 seconds, not {self.seconds}"
            raise ValueError(message)
