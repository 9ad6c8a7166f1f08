"""What every message is, and the three that any request may meet."""

import msgspec

VERSION = 1


class Message(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Any message."""


class Hello(Message, frozen=True):
    """The first message of every connection; core hangs up on another version."""

    role: str
    """`vision`, `web`, `cli` or `supervisor`."""
    version: int = VERSION


class Failed(Message, frozen=True):
    """The answer to a request that could not be met; `text` is for a person."""

    ref: int
    code: str
    """The code of the error (models/errors.py)."""
    text: str
    word: str = ""
    """The rule behind it, which screens translate (recognition/photo.py); empty where none."""


class Done(Message, frozen=True):
    """The answer to a request that was met and has nothing more to say."""

    ref: int
    text: str = ""
    note: str = ""
    """What the asker should know besides."""
