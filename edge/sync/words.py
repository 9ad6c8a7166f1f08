"""Items and letters as JSON (docs/centre.md): homes as text, times in ISO 8601, sets sorted."""

from types import MappingProxyType
from typing import Any, Final, get_args

import msgspec

from models.feed import Told
from models.home import Home
from models.letter import Said


def kind_of(word: type) -> str:
    """Return the name of a word on the wire: `PassUsed` is `pass_used`."""
    name = word.__name__
    return name[0].lower() + "".join(f"_{c.lower()}" if c.isupper() else c for c in name[1:])


KINDS: Final = MappingProxyType({kind_of(word): word for word in get_args(Told)})
"""What the centre may tell, by its name."""


def letter_body(said: Said) -> bytes:
    """Return what a letter says, as JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(said, order="deterministic")
    home = getattr(said, "home", None)
    if isinstance(home, Home):
        plain["home"] = str(home)
    return msgspec.json.encode(plain)


def told_of(kind: str, body: bytes) -> Told:
    """Return the word that an item of the feed says; nothing of it is believed yet.

    Raises ValueError for an unknown kind, and for a field that is missing or of another sort.
    """
    wanted = KINDS.get(kind)
    if wanted is None:
        message = f"the kind {kind!r} is not known here"
        raise ValueError(message)
    try:
        plain = msgspec.json.decode(body, type=dict[str, Any])
    except (UnicodeDecodeError, RecursionError) as error:
        message = "the body is no JSON"
        raise ValueError(message) from error
    if "home" in plain:
        home = Home.parse(str(plain["home"]))
        plain["home"] = {"building": home.building, "unit": home.unit, "room": home.room}
    told: Told = msgspec.convert(plain, wanted)
    return told
