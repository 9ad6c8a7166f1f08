"""The product's own processes as a bench runs and asks them."""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np

from config.settings import Settings
from edge import wire
from edge.issuer import desk
from edge.issuer.client import ask, ask_keys
from edge.issuer.order import Order
from edge.places import Places, keep_secret
from edge.supervisor import Job
from models.lane import Direction
from tests.bench._site import COMPOUND
from tests.fakes.running_site import RunningSite, running, settings_of

KIOSK: Mapping[str, object] = {"id": "cam-1", "source": "kiosk"}
"""A camera that nobody has opened: the lane is there, and vision has nothing to do."""


class Product:
    """A running site; `check` has its lane decide about a pass."""

    def __init__(self, site: RunningSite, token: str) -> None:
        self.site = site
        self._token = token

    def check(self) -> float:
        """Return the milliseconds from asking to the recorded answer about an expired pass.

        Its signature is good, so that it goes the whole way: keys, register, decision, disk.
        """
        client = self.site.client
        request = wire.Check(client.ref(), 1, Direction.ENTRY, self._token, "bench")
        start = time.perf_counter()
        said = client.ask(request, wire.Answered, 20.0)
        taken = (time.perf_counter() - start) * 1000
        if (said.answer, said.reason, said.recorded) != ("refused", "expired", True):
            message = f"an expired pass is answered {said}"
            raise RuntimeError(message)
        return taken

    def processes(self) -> dict[str, int]:
        """Return the process ids by name."""
        found = self.site.supervisor.processes()
        return {name: pid for name, pid in found.items() if pid is not None}


@contextmanager
def product(
    root: Path,
    jobs: Sequence[Job],
    camera: Mapping[str, object] = KIOSK,
    **more: object,
) -> Iterator[Product]:
    """Run `jobs` of a site with one lane in a new folder `root`."""
    settings: Settings = settings_of(root, [camera], web={"port": 0}, **more)
    places = Places(root)
    desk.create(places.issuer, COMPOUND)
    keep_secret(places.pass_keys, ask_keys(places.issuer))
    with running(settings, jobs) as site:
        yield Product(site, expired(places.issuer))


def expired(issuer: Path) -> str:
    """Return a pass of the site's own desk that was good until an hour ago."""
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - a pass begins by the wall clock
    order = Order("a1" * 8, now - timedelta(hours=3), now - timedelta(hours=1))
    return ask(issuer, order).token


def film(path: Path, frames: Sequence[np.ndarray], repeat: int = 1, fps: int = 25) -> None:
    """Write a video whose frames are shown `repeat` times each."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 8_000_000
        for pixels in itertools.chain.from_iterable([frame] * repeat for frame in frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="bgr24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
