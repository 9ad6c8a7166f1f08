"""Codes by which residents take their homes on the phone; the centre learns their digests."""

from collections.abc import Callable

from edge import wire
from edge.core.office import Asker, Office
from edge.store.exchange import CODE_LIFE
from models.event import EventKind


class PhoneDesk:
    """Makes a code and writes down who did, never the code."""

    def __init__(self, office: Office) -> None:
        self._at = office
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {wire.NewHomeClaim: self._claim}

    def _claim(self, _peer: Asker, request: wire.NewHomeClaim) -> wire.HomeClaimIs:
        now = self._at.clock.now()
        code = self._at.store.exchange.new_home_claim(request.resident, now)
        row = self._at.store.note(EventKind.ADMIN, "phone_code_made", now, who=request.by)
        self._at.announce(row)
        return wire.HomeClaimIs(request.ref, code, (now.utc + CODE_LIFE).isoformat())
