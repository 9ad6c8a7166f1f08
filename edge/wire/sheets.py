"""A sheet of the register on its way to core: in parts, looked at, then put on the register."""

import msgspec

from edge.wire.message import Message


class PutSheet(Message, frozen=True):
    """One part of a file; once the last is there it is looked at, and nothing is changed.

    `sheet` is 32 hex digits by chance, `kind` a SheetKind (edge/sheet_rules.py).
    """

    ref: int
    sheet: str
    kind: str
    part: int
    parts: int
    content: bytes
    by: str


class ApplySheet(Message, frozen=True):
    """Put a sheet that was looked at on the register: all of it, or nothing."""

    ref: int
    sheet: str
    by: str


class MistakeLine(msgspec.Struct, frozen=True):
    """One thing that is wrong in a sheet; `rule` is a Rule (edge/sheet_rules.py)."""

    line: int
    column: str
    rule: str
    value: str


class SheetIs(Message, frozen=True):
    """What a sheet comes to; with mistakes nothing of it is put on the register.

    `ready` is whether all parts are there; `mistakes` are the first of `wrong`.
    """

    ref: int
    sheet: str
    ready: bool = False
    applied: bool = False
    new: int = 0
    changed: int = 0
    same: int = 0
    wrong: int = 0
    mistakes: tuple[MistakeLine, ...] = ()
