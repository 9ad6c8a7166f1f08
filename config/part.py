"""What every table of a site file is, and the names that tables call each other by."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

RelayName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
"""A relay's name is part of its topics, so no underscore."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class Part(BaseModel):
    """A table of the site file: frozen, and no key that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")
