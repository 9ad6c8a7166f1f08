"""How one centre is run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """One centre: its database (`sqlite:///FILE` or `postgresql://…`) and where it is found."""

    database_url: str = field(repr=False)
    public_url: str = ""
    """Where browsers find the pages; with https:// in front their cookies never go without it."""
    secret_file: Path | None = None
    """The file of the secret that passes are made with; None for the place that suits the
    database (central/passes/secret.py)."""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings named by KUAHU_CENTRE_DATABASE, _URL and _SECRET_FILE.

    The database is ./centre.db where none is named.
    """
    secret_file = environment.get("KUAHU_CENTRE_SECRET_FILE", "")
    return Settings(
        environment.get("KUAHU_CENTRE_DATABASE", "sqlite:///centre.db"),
        environment.get("KUAHU_CENTRE_URL", ""),
        Path(secret_file) if secret_file else None,
    )
