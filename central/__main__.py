"""Run a centre: `python -m central [HOST] [PORT]`, set up by environment variables."""

import argparse
import sys
from typing import Final

from central import clock
from central.app import serve
from central.database import migrate, open_database
from central.operator.accounts import first_code
from central.settings import Settings, from_environment
from models.errors import CentreFault, ConfigError

_FAILED: Final = 1
_BAD_CONFIG: Final = 78


def main(arguments: list[str]) -> int:
    """Serve until stopped; return 78 where the settings cannot be used, 1 where the world fails."""
    parser = argparse.ArgumentParser(prog="python -m central", description=__doc__)
    parser.add_argument("host", nargs="?", default="127.0.0.1")
    parser.add_argument("port", nargs="?", type=int, default=8090)
    wanted = parser.parse_args(arguments)
    try:
        settings = from_environment()
        code = _first_code(settings)
        serve(settings, wanted.host, wanted.port, lambda url: _tell(url, code))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return _BAD_CONFIG
    except CentreFault as fault:
        sys.stderr.write(f"{fault}. {fault.advice}\n")
        return _FAILED
    except OSError as error:
        sys.stderr.write(f"{wanted.host} port {wanted.port} cannot be used: {error.strerror}\n")
        return _FAILED
    return 0


def _first_code(settings: Settings) -> str | None:
    engine = open_database(settings.database_url)
    try:
        migrate(engine)
        return first_code(engine, clock.now())
    finally:
        engine.dispose()


def _tell(url: str, code: str | None) -> None:
    sys.stdout.write(f"centre ready at {url}\n")
    if code is not None:
        sys.stdout.write(f"first account: open {url}/staff/login and give the code {code}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
