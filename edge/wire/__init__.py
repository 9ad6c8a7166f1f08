"""The words on the Unix sockets between our own processes: msgspec, versioned, capped, no pickle.

Core listens on `core.sock`; vision, web and the command line connect. Vision listens on
`vision.sock` for pictures only: previews out, kiosk frames in. Every message is one tagged struct;
a request carries `ref`, and exactly one answer carries it back.
"""

import msgspec

from edge.wire.desk import (
    AddResident,
    AllowLearning,
    Answered,
    Call,
    Check,
    Crop,
    CropIs,
    EndLearning,
    EnrolFace,
    FirstUser,
    NotePass,
    NotThatPerson,
    Passes,
    PassesAre,
    PassRow,
    Press,
    PutUser,
    RemoveResident,
    RemoveUser,
    ResetHold,
    ResidentRow,
    Residents,
    ResidentsAre,
    RevokePass,
    Rows,
    RowsAre,
    SecondFactor,
    Stand,
    ThatPerson,
    UserIs,
    Users,
    UsersAre,
    WhoIs,
    WithdrawFace,
)
from edge.wire.eye import (
    AskedToMove,
    CameraState,
    Encode,
    Encoded,
    GalleryPart,
    Preview,
    PreviewIs,
    Push,
    SawCode,
    SawFace,
    SawPlate,
    VisionHealth,
)
from edge.wire.figures import Figures, LaneFigures, Processes, ProcessState, RelayFigures
from edge.wire.garage import (
    AddCard,
    AddVehicle,
    ApproveRestriction,
    CardRow,
    Cards,
    CardsAre,
    EndRestriction,
    RemoveCard,
    RemoveVehicle,
    Restrict,
    RestrictionRow,
    Restrictions,
    RestrictionsAre,
    VehicleRow,
    Vehicles,
    VehiclesAre,
)
from edge.wire.message import VERSION, Done, Failed, Hello, Message
from edge.wire.phone import HomeClaimIs, NewHomeClaim
from edge.wire.register import (
    ChangeResident,
    ChangeVehicle,
    CheckPhoto,
    EnrolPhoto,
    GivenPass,
    HomeRow,
    Homes,
    HomesAre,
    Household,
    HouseholdIs,
    LastChange,
    LastChangeIs,
    MakePass,
    PassReady,
    Person,
    PersonIs,
    Receipt,
    Undo,
)
from edge.wire.screen import FaultLine, LaneState, Row, Shown, Site, StandingLine, Watch
from edge.wire.sheets import ApplySheet, MistakeLine, PutSheet, SheetIs
from edge.wire.stays import (
    CountedInside,
    RebuildStays,
    RoomLine,
    SeenGone,
    StayLine,
    Stays,
    StaysAre,
)
from edge.wire.zones import Armed, ArmLoad, Energy, EnergyIs, EnergyLine, LoadState, ZoneState

__all__ = [
    "MAX_MESSAGE",
    "VERSION",
    "AddCard",
    "AddResident",
    "AddVehicle",
    "AllowLearning",
    "Answered",
    "AnyMessage",
    "ApplySheet",
    "ApproveRestriction",
    "ArmLoad",
    "Armed",
    "AskedToMove",
    "Call",
    "CameraState",
    "CardRow",
    "Cards",
    "CardsAre",
    "ChangeResident",
    "ChangeVehicle",
    "Check",
    "CheckPhoto",
    "CountedInside",
    "Crop",
    "CropIs",
    "Done",
    "Encode",
    "Encoded",
    "EndLearning",
    "EndRestriction",
    "Energy",
    "EnergyIs",
    "EnergyLine",
    "EnrolFace",
    "EnrolPhoto",
    "Failed",
    "FaultLine",
    "Figures",
    "FirstUser",
    "GalleryPart",
    "GivenPass",
    "Hello",
    "HomeClaimIs",
    "HomeRow",
    "Homes",
    "HomesAre",
    "Household",
    "HouseholdIs",
    "LaneFigures",
    "LaneState",
    "LastChange",
    "LastChangeIs",
    "LoadState",
    "MakePass",
    "Message",
    "MistakeLine",
    "NewHomeClaim",
    "NotThatPerson",
    "NotePass",
    "PassReady",
    "PassRow",
    "Passes",
    "PassesAre",
    "Person",
    "PersonIs",
    "Press",
    "Preview",
    "PreviewIs",
    "ProcessState",
    "Processes",
    "Push",
    "PutSheet",
    "PutUser",
    "RebuildStays",
    "Receipt",
    "RelayFigures",
    "RemoveCard",
    "RemoveResident",
    "RemoveUser",
    "RemoveVehicle",
    "ResetHold",
    "ResidentRow",
    "Residents",
    "ResidentsAre",
    "Restrict",
    "RestrictionRow",
    "Restrictions",
    "RestrictionsAre",
    "RevokePass",
    "RoomLine",
    "Row",
    "Rows",
    "RowsAre",
    "SawCode",
    "SawFace",
    "SawPlate",
    "SecondFactor",
    "SeenGone",
    "SheetIs",
    "Shown",
    "Site",
    "Stand",
    "StandingLine",
    "StayLine",
    "Stays",
    "StaysAre",
    "ThatPerson",
    "Undo",
    "UserIs",
    "Users",
    "UsersAre",
    "VehicleRow",
    "Vehicles",
    "VehiclesAre",
    "VisionHealth",
    "Watch",
    "WhoIs",
    "WithdrawFace",
    "ZoneState",
    "decode",
    "encode",
]

MAX_MESSAGE = 256 * 1024

AnyMessage = (
    Hello | Failed | Done | SawFace | SawCode | SawPlate | AskedToMove | VisionHealth | GalleryPart
    | Encode | Encoded | Press | Check | Answered | Call | Stand | ResetHold | Rows | RowsAre
    | Crop | CropIs | WhoIs | UserIs | FirstUser | PutUser | RemoveUser | Users | UsersAre
    | AddResident | EnrolFace | WithdrawFace | NotThatPerson
    | ThatPerson | AllowLearning | EndLearning | SecondFactor
    | RemoveResident | Residents | ResidentsAre | NotePass | RevokePass | Passes | PassesAre
    | ArmLoad | Armed | Energy | EnergyIs
    | Watch | Row | Shown | Site | Preview | PreviewIs | Push | Processes
    | AddVehicle | RemoveVehicle | Vehicles | VehiclesAre | Restrict | ApproveRestriction
    | EndRestriction | Restrictions | RestrictionsAre
    | AddCard | RemoveCard | Cards | CardsAre
    | Stays | StaysAre | SeenGone | CountedInside | RebuildStays
    | Homes | HomesAre | Household | HouseholdIs | Person | PersonIs | ChangeResident
    | ChangeVehicle | Receipt | LastChange | LastChangeIs | Undo | MakePass | PassReady
    | CheckPhoto | EnrolPhoto | PutSheet | ApplySheet | SheetIs
    | NewHomeClaim | HomeClaimIs
)  # fmt: skip

_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[AnyMessage] = msgspec.msgpack.Decoder(AnyMessage)


def encode(message: AnyMessage) -> bytes:
    """Return `message` as bytes.

    Raises ValueError when it is larger than the cap.
    """
    data = _ENCODER.encode(message)
    if len(data) > MAX_MESSAGE:
        text = f"{type(message).__name__} of {len(data)} bytes is over the cap of {MAX_MESSAGE}"
        raise ValueError(text)
    return data


def decode(data: bytes) -> AnyMessage:
    """Return the message that `data` holds.

    Raises ValueError for anything else.
    """
    try:
        return _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        text = f"not a message of version {VERSION}: {error}"
        raise ValueError(text) from error
