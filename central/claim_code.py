"""Make a claim code on the centre's own machine: `python -m central.claim_code COMPOUND NAME`."""

import argparse
import sys
from typing import Final

from central import clock
from central.claims import make_edge_code
from central.compounds import add_compound
from central.database import migrate, open_database, writing
from central.settings import from_environment
from models.errors import CentreFault, ConfigError, InputError

_FAILED: Final = 1
_BAD_CONFIG: Final = 78


def main(arguments: list[str]) -> int:
    """Print a code by which one edge of the compound can claim, and take the compound in if new.

    Return 78 where the settings cannot be used, 1 where the database or the words cannot.
    """
    parser = argparse.ArgumentParser(prog="python -m central.claim_code", description=__doc__)
    parser.add_argument("compound", help="the 8 hex digits of the compound's site file")
    parser.add_argument("name", help="what the compound is called, where it is new here")
    wanted = parser.parse_args(arguments)
    try:
        engine = open_database(from_environment().database_url)
        migrate(engine)
        with writing(engine) as connection:
            add_compound(connection, wanted.compound, wanted.name, clock.now())
            code = make_edge_code(connection, wanted.compound, "terminal", clock.now())
        engine.dispose()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return _BAD_CONFIG
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return _FAILED
    except CentreFault as fault:
        sys.stderr.write(f"{fault}. {fault.advice}\n")
        return _FAILED
    sys.stdout.write(f"{code}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
