"""The residents of the core that behaves, and what it is taught of their faces."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from edge import wire
from models.event import Event, EventKind
from models.lane import Credential

PAGE = 200


class Record(Protocol):
    """Writes a row of the journal."""

    def __call__(self, **fields: Any) -> Event: ...  # noqa: ANN401 - fields of Event


class People:
    """Everybody on the register, by id, in `rows`."""

    def __init__(self, record: Record) -> None:
        self.rows: dict[str, wire.ResidentRow] = {}
        self._record = record

    def page(self, ask: wire.Residents) -> wire.AnyMessage:
        some = tuple(self.rows.values())[ask.skip : ask.skip + PAGE]
        return wire.ResidentsAre(ask.ref, some)

    def second_factor(self, ask: wire.SecondFactor) -> wire.AnyMessage:
        row = self.rows.get(ask.resident)
        if row is None:
            return wire.Failed(ask.ref, "input", f"there is no resident {ask.resident}")
        self.rows[row.id] = msgspec.structs.replace(row, second_factor=ask.on)
        word = "second_factor_on" if ask.on else "second_factor_off"
        self._record(kind=EventKind.ADMIN, lane=None, reason=word, who=row.name, note=ask.by)
        return wire.Done(ask.ref)


def not_that_person(
    rows: Sequence[Event], ask: wire.NotThatPerson, said: list[tuple[int, str]], record: Record
) -> wire.AnyMessage:
    row = next((row for row in rows if row.seq == ask.seq), None)
    if row is None or row.who is None or row.credential is not Credential.FACE:
        return wire.Failed(ask.ref, "input", f"row {ask.seq} names nobody by face")
    said.append((ask.seq, ask.by))
    record(kind=EventKind.ADMIN, lane=None, reason="not_that_person", who=row.who)
    return wire.Done(ask.ref)


def that_person(
    rows: Sequence[Event], ask: wire.ThatPerson, said: list[tuple[int, str]], record: Record
) -> wire.AnyMessage:
    row = next((row for row in rows if row.seq == ask.seq), None)
    if row is None or not row.learnable:
        return wire.Failed(ask.ref, "input", f"row {ask.seq} teaches nothing")
    said.append((ask.seq, ask.by))
    record(kind=EventKind.ADMIN, lane=None, reason="face_learnt", who=row.who)
    return wire.Done(ask.ref)
