"""Items and letters as JSON (docs/centre.md): homes as text, times in ISO, sets sorted."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from models.feed import Told
from models.home import Home
from models.letter import Said

Made = TypeVar("Made")

_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kind_of(word: type) -> str:
    """Return the name of a word on the wire: `PassMade` is `pass_made`."""
    return _CAPITAL.sub("_", word.__name__).lower()


def wire_body(word: Told | Said) -> bytes:
    """Return the body of an item or a letter as JSON, the same bytes for the same word."""
    plain: dict[str, Any] = msgspec.to_builtins(word, order="deterministic")
    home = getattr(word, "home", None)
    if isinstance(home, Home):
        plain["home"] = str(home)
    return msgspec.json.encode(plain, order="deterministic")


def word_of(kind: type[Made], body: Mapping[str, Any]) -> Made:
    """Return the word of class `kind` that `body` says.

    Raises ValueError where it says none: a field that is missing, of another type or out of range.
    """
    plain = dict(body)
    if isinstance(plain.get("home"), str):
        home = Home.parse(plain["home"])
        plain["home"] = {"building": home.building, "unit": home.unit, "room": home.room}
    elif "home" in plain:
        message = "home must be text such as 3-1-502"
        raise ValueError(message)
    return msgspec.convert(plain, kind)
