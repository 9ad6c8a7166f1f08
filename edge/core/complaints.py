"""Complaints: each ailment is logged once when it begins and once when it is over."""

from collections.abc import Iterable

from edge import wire
from edge.ailment import ELSEWHERE_LOGGED
from edge.complaint import Key, say
from models.outage import Outage, noted


class Complaints:
    """The outages of a site; for the one thread that looks at its state once a second."""

    def __init__(self) -> None:
        self._outages: dict[Key, Outage] = {}

    def look(self, site: wire.Site, now: float) -> None:
        """Log what has begun and what is over at `now`, seconds of CLOCK_MONOTONIC."""
        wrong = dict.fromkeys(_keys(site))
        for key in (*self._outages, *(key for key in wrong if key not in self._outages)):
            outage, word = noted(self._outages.get(key, Outage()), now, wrong=key in wrong)
            if outage.lasts:
                self._outages[key] = outage
            else:
                del self._outages[key]
            if word is not None:
                say(key, word)


def _keys(site: wire.Site) -> Iterable[Key]:
    for fault in site.faults:
        if fault.ailment not in ELSEWHERE_LOGGED:
            yield fault.ailment, fault.part
    for notice in site.notices:
        yield notice, "site"
