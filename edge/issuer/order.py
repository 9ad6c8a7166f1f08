"""What a desk is asked to sign, and what it answers: JSON on the issuer's stdin and stdout."""

from datetime import datetime
from typing import Self

import msgspec

from models.errors import InputError
from models.visit import PassKind, Weekly


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pass as wanted: the issuer adds its compound, its key, and an id where none is given.

    `host` is 16 hex digits, `pass_id` 32, `lanes` lane numbers (none: every lane), times ISO 8601
    with a zone and in whole seconds.
    """

    host: str
    not_before: datetime
    expires: datetime
    lanes: frozenset[int] = frozenset()
    uses: int = 1
    kind: PassKind = PassKind.SINGLE
    pass_id: str | None = None
    weekly: Weekly | None = None
    """Days and times of each week, for a recurring pass."""

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Return the order that `text` is.

        Raises InputError with what is wrong where it is none.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            message = f"this is no order for a pass: {error}; see docs/pass.md"
            raise InputError(message) from error


class Issued(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pass as signed."""

    token: str
    pass_id: str
    compound: str
    kid: int
