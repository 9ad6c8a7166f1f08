"""P14: the slowest decisions while the web is asked 200 times a second, against a quiet web.

Real core and web processes under the supervisor. The flood is a process of its own on the same
machine: a logged-in guard's page with its rows, the log-in page, the health word and a static file
in turns. Timed is an expired pass from the desk to its recorded refusal, p99 of a block.
"""

import statistics
import sys
import time
from contextlib import ExitStack

import httpx

from edge import wire
from edge.jobs import CORE, WEB
from tests.bench._blocks import disk_folder, interleave, show
from tests.bench._flood import Flood
from tests.bench._product import Product, product
from tests.bench._row import About, Goal, Row, percentile
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import CHEAP_HASH, GUARD, PASSWORD

RATE = 200
DECISIONS = 200
REST = 0.004
BLOCKS = 7


def main() -> None:
    """Print P14, and the same at the median without a goal."""
    answered: list[float] = []
    middle: dict[str, list[float]] = {"flood": [], "quiet": []}
    with ExitStack() as stack:
        folder = stack.enter_context(disk_folder())
        site = stack.enter_context(product(folder / "state", (CORE, WEB)))
        port = int(site.site.places.web_port.read_text("ascii"))
        flood = Flood("127.0.0.1", port, RATE, guard_cookie(site, port))
        stack.callback(flood.close)

        def slowest(name: str) -> float:
            taken = decisions(site)
            middle[name].append(statistics.median(taken))
            return percentile(taken, 0.99)

        def flooded() -> float:
            flood.on()
            time.sleep(0.3)
            figure = slowest("flood")
            answered.append(flood.off())
            time.sleep(0.3)
            return figure

        decisions(site)
        taken = interleave({"flood": flooded, "quiet": lambda: slowest("quiet")}, BLOCKS)
    rate = statistics.median(answered)
    sys.stderr.write(f"  {rate:.0f} of {RATE} requests a second were answered\n")
    unit, n = f"p99 of a decision at {rate:.0f} requests a second / quiet", BLOCKS * DECISIONS
    peer = "the same processes with a quiet web"
    show(
        Row(
            About("P14", peer, unit, "ms", n),
            Goal("<=", 1.5),
            tuple(taken["flood"]),
            tuple(taken["quiet"]),
        ),
        Row(
            About("P14_p50", peer, unit.replace("p99", "p50"), "ms", n),
            Goal("<=", None),
            tuple(middle["flood"]),
            tuple(middle["quiet"]),
        ),
    )


def decisions(site: Product) -> list[float]:
    """Return the milliseconds of each decision of a block."""
    taken = []
    for _ in range(DECISIONS):
        time.sleep(REST)
        taken.append(site.check())
    return taken


def guard_cookie(site: Product, port: int) -> str:
    """Return what the browser of a logged-in guard carries."""
    client = site.site.client
    claim = site.site.places.claim.read_text("utf-8").strip()
    client.ask(wire.FirstUser(client.ref(), claim, GUARD, CHEAP_HASH), wire.Done)
    with PlainBrowser(f"http://127.0.0.1:{port}") as browser:
        for _ in range(100):
            if browser.log_in(GUARD, PASSWORD).status_code == httpx.codes.SEE_OTHER:
                break
            time.sleep(0.1)
        cookies = browser.http.cookies.jar
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
