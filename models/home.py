"""A home: the building, unit and room by which everyone in a compound is known."""

import re
from dataclasses import dataclass

_HOME = re.compile(r"(?P<building>[1-9]\d{0,3})-(?P<unit>\d{1,2})-(?P<room>\d{1,5})")


@dataclass(frozen=True, slots=True, order=True)
class Home:
    """A dwelling such as 3-1-502; `unit` is 0 where a building has none."""

    building: int
    unit: int
    room: int

    def __str__(self) -> str:
        return f"{self.building}-{self.unit}-{self.room}"

    @classmethod
    def parse(cls, text: str) -> "Home":
        """Return the home that `text` names.

        Raises ValueError with a sentence for the user when it names none.
        """
        match = _HOME.fullmatch(text.strip())
        if match is None:
            message = f"{text!r} is not a home; write building-unit-room, such as 3-1-502"
            raise ValueError(message)
        return cls(int(match["building"]), int(match["unit"]), int(match["room"]))
