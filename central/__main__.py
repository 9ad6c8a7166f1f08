"""Run a centre: `python -m central [HOST] [PORT]`, set up by two environment variables."""

import sys

from central.app import serve
from central.settings import from_environment
from models.errors import ConfigError

_BAD_CONFIG = 78


def main(arguments: list[str]) -> int:
    """Serve until stopped; return 78 where the settings cannot be used."""
    host, port = (*arguments, *("127.0.0.1", "8090")[len(arguments) :])
    try:
        settings = from_environment()
        serve(host, int(port), settings.database_url, settings.token, _tell)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return _BAD_CONFIG
    return 0


def _tell(url: str) -> None:
    sys.stdout.write(f"centre ready at {url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
