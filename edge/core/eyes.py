"""Eyes: core's end of the vision process: its health, its gallery, its enrolments."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge import wire
from edge.core.peer import Peer
from models.errors import InputError, KuahuError, RecogniserFault, StoreFault
from models.template import Gallery, Template

_log = logging.getLogger("kuahu.core")
ROWS_A_PART = 300
ENROL_WITHIN = 30.0
SILENT_AFTER = 3.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """The templates of some photos, and how many smaller faces in them were left out.

    `alike` are the ids of residents whom these faces would be taken for today.
    """

    templates: tuple[Template, ...]
    bystanders: int
    alike: tuple[str, ...] = ()


def encoded(answer: wire.Encoded) -> Encoded:
    """Return what vision says, in the store's words."""
    templates = tuple(Template(engine, vector) for engine, vector in answer.templates)
    return Encoded(templates, answer.bystanders, answer.alike)


class PhotoUnfit(InputError):  # noqa: N818 - a refusal is what happens to a photo
    """A photo cannot be enrolled; `word` is the rule (recognition/photo.py)."""

    code = "photo"


class Eyes:
    """The vision process as core knows it."""

    def __init__(self, gallery: Callable[[], Gallery], clock: Callable[[], float]) -> None:
        self._gallery = gallery
        self._clock = clock
        self._peer: Peer | None = None
        self._health: wire.VisionHealth | None = None
        self._health_at = float("-inf")
        self._refs: Iterator[int] = itertools.count(1)
        self._answers: dict[int, wire.Encoded | wire.Failed] = {}
        self._turn = threading.Condition()
        self._telling = threading.Lock()
        self.stale = False
        """Whether the last gallery could not be read, so that it must be sent again."""
        self._told: tuple[Peer, int] | None = None

    def arrived(self, peer: Peer) -> None:
        """Greet a vision process that has just started: it is told the gallery first."""
        if peer.role != "vision":
            return
        with self._turn:
            self._peer = peer
        self.refresh()

    def left(self, peer: Peer) -> None:
        """Note that a vision process is gone."""
        with self._turn:
            if self._peer is peer:
                self._peer = None
                self._health = None
            self._turn.notify_all()

    def health(self) -> wire.VisionHealth | None:
        """Return what vision last said of itself, or None while it is silent."""
        fresh = self._clock() - self._health_at < SILENT_AFTER
        return self._health if fresh else None

    def looks(self) -> bool:
        """Return whether vision speaks and looks at faces."""
        health = self.health()
        return health is not None and bool(health.engine)

    def heard(self, message: wire.VisionHealth | wire.Encoded | wire.Failed) -> None:
        """Take what vision says of itself or answers."""
        if isinstance(message, wire.VisionHealth):
            self._health = message
            self._health_at = self._clock()
            return
        with self._turn:
            self._answers[message.ref] = message
            self._turn.notify_all()

    def refresh(self) -> None:
        """Send the whole gallery as it is now, if the eyes there have another."""
        with self._turn:
            peer = self._peer
        if peer is None:
            return
        # One at a time, or an older gallery could arrive after a newer one.
        with self._telling:
            try:
                gallery = self._gallery()
            except StoreFault as fault:
                self.stale = True
                _log.info("the gallery cannot be read: %s", fault)
                return
            self.stale = False
            if self._told != (peer, gallery.version):
                self._told = (peer, gallery.version)
                self._tell(peer, gallery)

    def _tell(self, peer: Peer, gallery: Gallery) -> None:
        rows = [(who, home, one.engine, one.vector) for who, home, one in gallery.rows]
        parts = max(1, -(-len(rows) // ROWS_A_PART))
        for part in range(parts):
            some = tuple(rows[part * ROWS_A_PART : (part + 1) * ROWS_A_PART])
            marked = tuple(sorted(gallery.second_factor & {row[0] for row in some}))
            peer.tell(wire.GalleryPart(gallery.version, part, parts, some, marked))

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        """Return the templates of photos, by path on this machine or in memory, and of rows.

        With `resident` the rows' pictures must surely be of that resident, and as good as a photo.
        Raises PhotoUnfit with what to do about an unusable photo, RecogniserFault while vision is
        away.
        """
        paths = tuple(one for one in photos if isinstance(one, str))
        held = tuple(one for one in photos if isinstance(one, bytes))
        return self._ask(wire.Encode(next(self._refs), paths, crops, resident, held))

    def check(self, photo: bytes) -> None:
        """Raise PhotoUnfit with what to do if `photo` could not be enrolled; nothing is kept."""
        self._ask(wire.Encode(next(self._refs), (), photos=(photo,), only_look=True))

    def _ask(self, order: wire.Encode) -> Encoded:
        ref = order.ref
        with self._turn:
            peer = self._peer
        if peer is None:
            raise _away()
        peer.tell(order)
        with self._turn:
            self._turn.wait_for(
                lambda: ref in self._answers or self._peer is not peer, ENROL_WITHIN
            )
            answer = self._answers.pop(ref, None)
        if answer is None:
            raise _away()
        if isinstance(answer, wire.Failed):
            raise refusal(answer)
        return encoded(answer)


def refusal(failed: wire.Failed) -> KuahuError:
    """Return what vision says instead of templates: PhotoUnfit, or RecogniserFault of an engine."""
    if failed.code == RecogniserFault.code:
        return RecogniserFault(failed.text, part="vision")
    return PhotoUnfit(failed.text, failed.word) if failed.word else InputError(failed.text)


def _away() -> RecogniserFault:
    return RecogniserFault(
        "the vision process is not answering, so no photo can be read now",
        part="vision",
        advice="it is started again by itself; try once more in a few seconds",
    )
