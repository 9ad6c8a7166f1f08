"""Passes that the desk makes in a resident's name; the site's own issuer signs them."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from edge import wire
from edge.core.office import Asker, Office
from edge.core.register_desk import must_have
from edge.issuer.client import ask, ask_keys, make
from edge.issuer.order import Order
from edge.places import keep_secret
from edge.store.cars import checked
from gate.passes import read
from models.errors import InputError
from models.event import EventKind
from models.visit import CodeFault, PassKind

LONGEST = 366 * 24 * 60
"""Minutes for which a pass may last."""
LONGEST_LABEL = 40
KINDS = (PassKind.SINGLE, PassKind.WINDOW, PassKind.DELIVERY, PassKind.PRINTED)
"""What a desk makes: those whose code stands still, and whose times are not of the week."""
_MANY = frozenset({PassKind.WINDOW, PassKind.PRINTED})
MOST_USES = 1000
_TRIES = 20
"""How often six free digits are looked for; a site has thousands of passes at most."""


class PassDesk:
    """Has the issuer's own short process sign, and notes the pass as that of its host."""

    def __init__(self, office: Office) -> None:
        self._at = office
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {wire.MakePass: self._make}

    def _make(self, _peer: Asker, request: wire.MakePass) -> wire.PassReady:
        host = must_have(self._at, request.resident)
        now = self._at.clock.now()
        order = self._order(request, now.utc)
        plate = checked(request.plate) if request.plate else None
        self._keep_issuer()
        issued = ask(self._at.places.issuer, order)
        claims = read(issued.token, self._at.keys())
        if isinstance(claims, CodeFault):
            message = f"the gates would not believe this pass ({claims.value}); see docs/pass.md"
            raise InputError(message)
        label = request.label.strip() or host.name
        self._at.store.note_pass(claims, label[:LONGEST_LABEL], request.by, now, plate)
        pin = self._pin(claims.pass_id)
        self._at.announce(self._at.store.note(EventKind.ADMIN, "pass_issued", now, who=request.by))
        return wire.PassReady(
            request.ref,
            issued.token,
            issued.pass_id,
            str(host.home),
            claims.not_before.isoformat(),
            claims.expires.isoformat(),
            pin,
        )

    def _pin(self, pass_id: str) -> str:
        """Return six digits that stand for a pass; empty where no free ones were found."""
        for _ in range(_TRIES):
            digits = f"{secrets.randbelow(10**6):06d}"
            with suppress(InputError):
                self._at.store.pins.note(pass_id, digits)
                return digits
        return ""

    def _order(self, request: wire.MakePass, now: datetime) -> Order:
        kind = PassKind(request.kind)
        if kind not in KINDS:
            message = f"the desk makes no pass of the kind {kind.value}; the resident's page does"
            raise InputError(message)
        if not 1 <= request.minutes <= LONGEST or not 1 <= request.uses <= MOST_USES:
            message = f"a pass lasts 1 minute to 366 days and has 1 to {MOST_USES} ways in"
            raise InputError(message)
        unknown = sorted(set(request.lanes) - set(self._at.keepers))
        if unknown:
            message = f"there is no lane {', '.join(map(str, unknown))} at this site"
            raise InputError(message)
        begin = datetime.fromisoformat(request.start) if request.start else now
        if begin.utcoffset() is None:
            message = f"{request.start!r} has no time zone"
            raise InputError(message)
        begin = begin.astimezone(UTC).replace(microsecond=0)
        end = begin + timedelta(minutes=request.minutes)
        if end <= now:
            message = "this pass would be over before it is made; choose a later start"
            raise InputError(message, "over_already")
        return Order(
            host=request.resident,
            not_before=begin,
            expires=end,
            lanes=frozenset(request.lanes),
            uses=request.uses if kind in _MANY else 1,
            kind=kind,
        )

    def _keep_issuer(self) -> None:
        """Make the site's issuer at first use, unless the site's passes are signed elsewhere."""
        places = self._at.places
        if places.issuer.exists():
            return
        if places.pass_keys.exists():
            message = "passes of this site are signed off this machine: make this one there"
            raise InputError(message, "signed_elsewhere")
        make(places.issuer, self._at.compound)
        keep_secret(places.pass_keys, ask_keys(places.issuer))
