"""How one centre is run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.errors import ConfigError

MIN_TOKEN: Final = 16
"""Characters of the edges' bearer token; a shorter one can be guessed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One centre: its database (`sqlite:///FILE` or `postgresql://…`) and the edges' token."""

    database_url: str = field(repr=False)
    token: str = field(repr=False)
    public_url: str = ""
    """Where browsers find the pages; with https:// in front their cookies never go without it."""
    secret_file: Path | None = None
    """The file of the secret that passes are made with; None for the place that suits the
    database (central/passes/secret.py)."""

    def __post_init__(self) -> None:
        if len(self.token) < MIN_TOKEN or not self.token.isascii() or not self.token.isprintable():
            message = (
                f"the centre's token is shorter than {MIN_TOKEN} characters or not plain ASCII; "
                "make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
            raise ConfigError(message)


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings named by KUAHU_CENTRE_DATABASE, _TOKEN, _URL and _SECRET_FILE.

    Raises ConfigError where the token is missing; the database is ./centre.db where not named.
    """
    secret_file = environment.get("KUAHU_CENTRE_SECRET_FILE", "")
    return Settings(
        environment.get("KUAHU_CENTRE_DATABASE", "sqlite:///centre.db"),
        environment.get("KUAHU_CENTRE_TOKEN", ""),
        environment.get("KUAHU_CENTRE_URL", ""),
        Path(secret_file) if secret_file else None,
    )
