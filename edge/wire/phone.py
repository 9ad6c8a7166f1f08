"""What the desk asks of core for a resident's phone."""

from edge.wire.message import Message


class NewHomeClaim(Message, frozen=True):
    """Make a code by which a resident takes their home on the phone."""

    ref: int
    resident: str
    by: str


class HomeClaimIs(Message, frozen=True):
    """The code, to be shown once, and the moment (ISO 8601) after which it is no good."""

    ref: int
    code: str
    expires: str
