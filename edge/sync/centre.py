"""Events at the centre: a batch is handed in over the road, and its receipt is read."""

from collections.abc import Sequence
from typing import Final, Self

from edge.sync.plan import Refused
from edge.sync.ports import OutboxRow
from edge.sync.road import Question, Road, no_centre
from edge.sync.session import Admission, admitted
from edge.sync.wire import Receipt, receipt, request

_EVENTS: Final = "v1/events"


class Centre:
    """One centre that takes events, spoken to by one thread."""

    def __init__(self, road: Road, session: Admission) -> None:
        self._road = road
        self._session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._road.__exit__()

    def hand_in(self, rows: Sequence[OutboxRow]) -> Receipt | Refused:
        """Send `rows` once and return the receipt, or the refusal with its status.

        Raises CentreFault where no answer came or it was none of a centre: what became of the
        rows is unknown then.
        """
        asked = Question(_EVENTS, request(self._road.edge, rows))
        said = admitted(self._road, self._session, asked)
        if isinstance(said, Refused):
            return said
        proved = receipt(said.body, rows)
        if proved is None:
            raise no_centre()
        return proved
