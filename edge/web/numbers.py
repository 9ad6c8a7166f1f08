"""Numbers: what a browser may name; a larger one would not fit in the journal."""

from typing import Annotated

from pydantic import Field

from models.lane import MAX_LANE

MAX_SEQ = 2**53 - 1
"""The largest whole number that a browser counts exactly."""

LaneNumber = Annotated[int, Field(ge=1, le=MAX_LANE)]
Seq = Annotated[int, Field(ge=1, le=MAX_SEQ)]
