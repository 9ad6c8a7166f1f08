"""The site file and state folder that a command works on."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from config.load import load
from config.settings import Settings
from edge.places import Places
from models.errors import ConfigError

SITE_FILE = "site.toml"

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="KUAHU_CONFIG",
        help="The site file.",
        show_default=True,
    ),
]
DEFAULT = Path(SITE_FILE)


@dataclass(frozen=True, slots=True)
class Site:
    """A site file that was read, and where its state lies."""

    settings: Settings
    places: Places


def open_site(config: Path) -> Site:
    """Return the site of a site file.

    Raises ConfigError when the file is missing or wrong.
    """
    if not config.exists():
        message = (
            f"{config}: there is no such site file; name yours with --config, "
            "or run `kuahu demo` to look around first"
        )
        raise ConfigError(message)
    settings = load(config)
    return Site(settings, Places(settings.site.state))


def by_whom() -> str:
    """Return the name of whoever runs this command, for the journal."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or "root"
