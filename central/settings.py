"""How one centre is run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """One centre: its database (`sqlite:///FILE` or `postgresql://…`) and where it is found."""

    database_url: str = field(repr=False)
    public_url: str = ""
    """Where browsers find the pages; with https:// in front their cookies never go without it."""
    secret_file: Path | None = None
    """The file of the secret that passes are made with; None for the place that suits the
    database (central/passes/secret.py)."""
    certificate: Path | None = None
    """The certificate (PEM) under which it is served; None where something before it has one."""
    key: Path | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            message = (
                "the centre has a certificate without a key, or a key without a certificate; "
                "set KUAHU_CENTRE_CERTIFICATE and KUAHU_CENTRE_KEY, or neither"
            )
            raise ConfigError(message)


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings named by KUAHU_CENTRE_DATABASE, _URL, _SECRET_FILE, _CERTIFICATE, _KEY.

    The database is ./centre.db where none is named. Raises ConfigError for a certificate without
    its key.
    """
    files = (environment.get(f"KUAHU_CENTRE_{name}") for name in _FILES)
    return Settings(
        environment.get("KUAHU_CENTRE_DATABASE", "sqlite:///centre.db"),
        environment.get("KUAHU_CENTRE_URL", ""),
        *(Path(file) if file else None for file in files),
    )


_FILES = ("SECRET_FILE", "CERTIFICATE", "KEY")
