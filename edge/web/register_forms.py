"""What the register's forms hold, and how core's answer to one is met."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

from fastapi import Form, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.admission import Who
from edge.web.callers import Caller
from edge.web.house import House
from edge.web.words import Words
from models.registry import ResidentKind

Answer = TypeVar("Answer", bound=wire.Message)
Make = Callable[[int], wire.AnyMessage]

_DAY = r"^(?:\d{4}-\d{2}-\d{2})?$"
_HOME = r"^[1-9]\d{0,3}-\d{1,2}-\d{1,5}$"
HomePath = Annotated[str, Path(pattern=_HOME)]
ResidentPath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
CarPath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
CardPath = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]
PassPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
HomeField = Annotated[str, Form(pattern=_HOME)]
SAID = (
    "added",
    "changed",
    "removed",
    "taken",
    "revoked",
    "undone",
    "face_gone",
    "withdrawn",
    "enrolled",
)
"""The words of what has just been done, which a page's address may carry."""


class PersonForm(BaseModel):
    """A resident as a form has them; `until` is empty for no end."""

    name: str = Field(min_length=1, max_length=60)
    kind: ResidentKind
    until: str = Field(default="", pattern=_DAY)


class CarForm(BaseModel):
    """A vehicle as a form has it."""

    plate: str = Field(min_length=1, max_length=20)
    until: str = Field(default="", pattern=_DAY)
    label: str = Field(default="", max_length=60)
    resident: str = Field(default="", pattern=r"^(?:[0-9a-f]{16})?$")


class CarChange(BaseModel):
    """A correction of a vehicle, or its removal."""

    home: str = Field(pattern=_HOME)
    until: str = Field(default="", pattern=_DAY)
    label: str = Field(default="", max_length=60)


class CardForm(BaseModel):
    """A card as its reader types it."""

    number: str = Field(min_length=1, max_length=80)
    label: str = Field(default="", max_length=60)
    until: str = Field(default="", pattern=_DAY)


class Problem(Exception):  # noqa: N818 - what a person reads, not an error of ours
    """A request that core did not meet; `text` is in the caller's language."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


async def met(
    house: House, caller: Caller, make: Make, answer: type[Answer], *, within: float = 5.0
) -> Answer:
    """Return core's answer to the request that `make` builds around a fresh ref.

    Raises Problem with the reason in words.
    """
    words = house.pages.words[caller.language]
    try:
        return await house.core.ask(make, answer, within=within)
    except Refused as refused:
        raise Problem(409, refusal(words, refused)) from refused
    except ChannelFault as fault:
        raise Problem(503, words.of("problem", "core_away")) from fault


def refusal(words: Words, refused: Refused) -> str:
    """Return why core said no: in words where its rule has some, else as core puts it."""
    if refused.word and words.knows("refused", refused.word):
        return words.of("refused", refused.word)
    return str(refused)


def told(house: House, caller: Caller, problem: Problem) -> Response:
    """Return the page that says why a request was not met, with a way back."""
    return house.pages.page(
        caller, "problem.html", problem.status, text=problem.text, back="/homes"
    )


def day(text: str) -> str | None:
    """Return an ISO 8601 day, None for an empty field; raises Problem for no day of the year."""
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Problem(400, f"{text}?") from error


def may_edit(caller: Caller) -> bool:
    """Return whether the caller may change the register."""
    return Who.MANAGER in caller.roles(None)


def known(word: str) -> str:
    """Return `word` if it is one of SAID, else nothing."""
    return word if word in SAID else ""


def is_home(text: str) -> bool:
    """Return whether `text` is written as a home is."""
    return re.fullmatch(_HOME, text) is not None
