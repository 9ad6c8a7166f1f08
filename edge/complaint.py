"""A complaint: the one log record at the beginning of an outage, and the one at its end.

A record names the ailment and the part of the site file, and never says more: what a part says of
itself may hold a name.
"""

import logging

from edge.ailment import NOTICES
from models.outage import Begins, Ends, Word

_log = logging.getLogger("kuahu.health")
Key = tuple[str, str]
"""Ailment and part."""


def say(key: Key, word: Word) -> None:
    """Log one word about an outage."""
    ailment, part = key
    level = logging.INFO if ailment in NOTICES else logging.WARNING
    about: dict[str, object] = {"state": str(ailment), "part": part}
    match word:
        case Begins():
            _log.log(level, "outage_begins", extra=about)
        case Ends(seconds, flaps):
            more = {"seconds": round(seconds, 1), "flaps": flaps}
            _log.log(level, "outage_over", extra=about | more)
