"""Photos that core wants templates of, encoded one at a time between frames."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from edge import wire
from models.errors import InputError, KuahuError, RecogniserFault
from recognition.enrolment import Enrolled, enrol
from recognition.ports import FaceEngine


@dataclass(slots=True)
class _Order:
    ref: int
    waiting: deque[str]
    done: list[tuple[str, bytes]] = field(default_factory=list)
    bystanders: int = 0


class Enrolments:
    """Orders for templates, worked off photo by photo so that no door waits for a whole album."""

    def __init__(self) -> None:
        self._orders: deque[_Order] = deque()

    @property
    def waiting(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._orders)

    def add(self, request: wire.Encode) -> None:
        """Take an order."""
        self._orders.append(_Order(request.ref, deque(request.paths)))

    def forget(self) -> None:
        """Drop all orders: whoever gave them has gone."""
        self._orders.clear()

    def step(self, faces: FaceEngine | None) -> wire.Encoded | wire.Failed | None:
        """Encode one photo; return the answer to an order that it completes or that fails.

        A photo that cannot be enrolled fails its whole order, with a sentence for the person.
        """
        if not self._orders:
            return None
        order = self._orders[0]
        if order.waiting:
            name = order.waiting.popleft()
            try:
                enrolled = _enrolled(Path(name), faces)
                order.done.extend((one.engine, one.vector) for one in enrolled.templates)
                order.bystanders += enrolled.bystanders
            except OSError as error:
                why = f"cannot be read ({error.strerror}); give a file that Kuahu may read"
                return self._fail(InputError.code, f"{Path(name).name} {why}")
            except KuahuError as error:
                return self._fail(error.code, f"{Path(name).name}: {error}")
        if order.waiting:
            return None
        self._orders.popleft()
        return wire.Encoded(order.ref, tuple(order.done), order.bystanders)

    def _fail(self, code: str, text: str) -> wire.Failed:
        return wire.Failed(self._orders.popleft().ref, code, text)


def _enrolled(path: Path, faces: FaceEngine | None) -> Enrolled:
    if faces is None:
        advice = "see the faults on the guard's page"
        message = f"not encoded, because face recognition is off; {advice}"
        raise RecogniserFault(message, part="faces", advice=advice)
    return enrol(path.read_bytes(), faces)
