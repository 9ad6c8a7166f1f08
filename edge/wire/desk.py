"""What the guard's pages and the command line ask of core."""

import msgspec

from edge.wire.message import Message
from models.event import Event
from models.observation import GuardPressed


class Press(Message, frozen=True):
    """A guard opens by hand."""

    ref: int
    seen: GuardPressed


class Check(Message, frozen=True):
    """A guard passes on a code from a scanner or keyboard, for a chosen lane."""

    ref: int
    lane: int
    direction: str
    text: str
    guard: str
    pressed: float | None = None
    """When, in seconds of CLOCK_MONOTONIC; None for now."""


class Answered(Message, frozen=True):
    """What came of a press or a check; `seq` is 0 where nothing could be recorded."""

    ref: int
    answer: str
    reason: str
    seq: int
    recorded: bool = True


class Call(Message, frozen=True):
    """Someone at a lane's screen calls the guard."""

    ref: int
    lane: int


class Stand(Message, frozen=True):
    """A named guard orders `what` to stand at a lane; empty ends what stands there.

    `pressed` is when, in seconds of CLOCK_MONOTONIC.
    """

    ref: int
    lane: int
    what: str
    guard: str
    pressed: float
    why: str = ""


class ResetHold(Message, frozen=True):
    """A named guard ends a hold after fire, or resolves an unknown barrier."""

    ref: int
    lane: int
    guard: str


class Rows(Message, frozen=True):
    """Ask for journal rows after `since`, or the newest `limit` ones; only those below `before`."""

    ref: int
    since: int = 0
    limit: int = 100
    newest: bool = False
    before: int | None = None


class RowsAre(Message, frozen=True):
    """Journal rows in order of seq."""

    ref: int
    rows: tuple[Event, ...]


class Crop(Message, frozen=True):
    """Ask for the evidence picture of an event."""

    ref: int
    seq: int


class CropIs(Message, frozen=True):
    """The evidence picture, JPEG; empty where there is none any more."""

    ref: int
    jpeg: bytes


class WhoIs(Message, frozen=True):
    """Ask for a guard's record, to check a password in the asker's own process."""

    ref: int
    name: str


class UserIs(Message, frozen=True):
    """A guard's record; `password_hash` is empty where there is no such user."""

    ref: int
    name: str
    role: str
    password_hash: str


class FirstUser(Message, frozen=True):
    """Whoever holds the claim code makes the first account; refused once any account exists."""

    ref: int
    claim: str
    name: str
    password_hash: str


class PutUser(Message, frozen=True):
    """Make an account, or give it another password."""

    ref: int
    name: str
    role: str
    password_hash: str


class RemoveUser(Message, frozen=True):
    """End an account at once; the last manager's stays."""

    ref: int
    name: str


class Users(Message, frozen=True):
    """Ask for all accounts."""

    ref: int


class UsersAre(Message, frozen=True):
    """All accounts: (name, role)."""

    ref: int
    users: tuple[tuple[str, str], ...]


class AddResident(Message, frozen=True):
    """Put a person on the register, with or without photos."""

    ref: int
    name: str
    home: str
    kind: str
    until: str | None
    photos: tuple[str, ...]
    consent: str | None
    by: str
    guardian: str | None
    channel: str = "desk"
    """Where the consent was given."""


class EnrolFace(Message, frozen=True):
    """Give a person on the register a face, in place of any from before."""

    ref: int
    resident: str
    photos: tuple[str, ...]
    consent: str
    by: str
    guardian: str | None


class NotThatPerson(Message, frozen=True):
    """A guard says that row `seq` took somebody else for the resident whom it names."""

    ref: int
    seq: int
    by: str


class ThatPerson(Message, frozen=True):
    """A guard says that the picture of row `seq` is of the resident whom it names."""

    ref: int
    seq: int
    by: str


class AllowLearning(Message, frozen=True):
    """A person agrees that templates are made of passages which a guard has confirmed."""

    ref: int
    resident: str
    consent: str
    by: str
    guardian: str | None
    channel: str = "desk"
    """Where the consent was given."""


class EndLearning(Message, frozen=True):
    """A person no longer agrees to that; what was learnt goes at once, the photo's stays."""

    ref: int
    resident: str
    by: str


class WithdrawFace(Message, frozen=True):
    """A person no longer wants to be known by face; every other way stays."""

    ref: int
    resident: str
    by: str


class SecondFactor(Message, frozen=True):
    """Never ask a person for a movement, or do so again; the face then needs a second factor."""

    ref: int
    resident: str
    on: bool
    by: str


class RemoveResident(Message, frozen=True):
    """Erase a person."""

    ref: int
    resident: str
    by: str


class Residents(Message, frozen=True):
    """Ask for a page of the register, after the first `skip` people."""

    ref: int
    skip: int = 0


class ResidentRow(msgspec.Struct, frozen=True):
    """One person on the register."""

    id: str
    name: str
    home: str
    kind: str
    until: str | None
    allowed: tuple[str, ...]
    second_factor: bool = False
    learns: bool = False
    """Whether the person agrees that confirmed passages are learnt from."""


class ResidentsAre(Message, frozen=True):
    """The register."""

    ref: int
    rows: tuple[ResidentRow, ...]


class NotePass(Message, frozen=True):
    """A pass was issued: core reads it like any stranger's and notes its label.

    With a `plate` it is that car's as well.
    """

    ref: int
    token: str
    label: str
    by: str
    plate: str = ""


class RevokePass(Message, frozen=True):
    """End a pass at once."""

    ref: int
    pass_id: str
    by: str


class Passes(Message, frozen=True):
    """Ask for a page of the passes that were noted, after the first `skip`."""

    ref: int
    skip: int = 0


class PassRow(msgspec.Struct, frozen=True):
    """One noted pass."""

    id: str
    label: str
    kind: str
    not_before: str
    expires: str
    uses: int
    used: int
    revoked: bool


class PassesAre(Message, frozen=True):
    """The passes that were noted."""

    ref: int
    rows: tuple[PassRow, ...]
