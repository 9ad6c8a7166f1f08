"""Verifying the journal: does every row hold what it held when it was written?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select, union

from edge.store.body import decode_body
from edge.store.chain import GENESIS, NOTHING, digest, head_message, row_hash
from edge.store.folder import Folder
from edge.store.reads import Reads
from edge.store.tables import event, head, outbox, personal
from edge.store.walk import Step, reads_of, steps
from edge.store.words import VerifyResult


@dataclass(slots=True)
class _Tally:
    ok: int = 0
    erased: int = 0
    heads: int = 0
    wrong: dict[int, str] = field(default_factory=dict)

    def blame(self, seq: int, why: str) -> None:
        self.wrong.setdefault(seq, why)

    def result(self) -> VerifyResult:
        first = min(self.wrong, default=None)
        why = "" if first is None else self.wrong[first]
        return VerifyResult(self.ok, self.erased, len(self.wrong), first, why, self.heads)


def verify(folder: Path) -> VerifyResult:
    """Return what a walk along the journal's chain and its signed heads finds.

    A row whose personal part was erased counts as `erased`, not as broken. What this cannot see
    is a tail that was cut off together with every head that vouched for it; the centre can.
    Raises StoreFault where there is no store to read.
    """
    tally = _Tally()
    with reads_of(folder) as reads:
        _walk(reads, tally)
        for seq in reads(_parts_without_event):
            tally.blame(seq, "the event is missing, though other parts of it are there")
        for seq, why in _wrong_heads(reads, Folder(folder), tally):
            tally.blame(seq, why)
    return tally.result()


def _walk(reads: Reads, tally: _Tally) -> None:
    before, expected = GENESIS, 1
    for step in steps(reads):
        for missing in range(expected, step.link.seq):
            tally.blame(missing, "the event is missing")
        why = _wrong_with(step, before)
        if why is not None:
            tally.blame(step.link.seq, why)
        elif step.link.digest != NOTHING and step.salt is None:
            tally.erased += 1
        else:
            tally.ok += 1
        before, expected = step.hash, step.link.seq + 1


def _wrong_with(step: Step, before: bytes) -> str | None:
    if row_hash(before, step.link) != step.hash:
        return "the event or the one before it was changed"
    if step.salt is None or step.body is None:
        return None
    if digest(step.salt, step.body) != step.link.digest:
        return "the personal part was changed"
    try:
        person = decode_body(step.body).person
    except ValueError:
        # Words that this program no longer reads are whole all the same: the digest holds.
        return None
    return None if person == step.person else "the person that the event is about was changed"


def _parts_without_event(connection: Connection) -> list[int]:
    parts = union(select(personal.c.seq), select(outbox.c.seq)).subquery()
    rows = connection.execute(
        select(parts.c.seq)
        .join(event, event.c.seq == parts.c.seq, isouter=True)
        .where(event.c.seq.is_(None))
    )
    return list(rows.scalars())


def _wrong_heads(reads: Reads, folder: Folder, tally: _Tally) -> Iterator[tuple[int, str]]:
    if not folder.edge_key.is_file():
        return
    private = Ed25519PrivateKey.from_private_bytes(folder.edge_key.read_bytes())
    public = private.public_key()
    query = (
        select(head, event.c.hash.label("now"), event.c.journal.label("of"))
        .join(event, event.c.seq == head.c.seq, isouter=True)
        .order_by(head.c.seq)
    )
    for row in reads(lambda connection: connection.execute(query).all()):
        try:
            public.verify(row.signature, head_message((row.journal, row.seq, row.hash), row.at))
        except InvalidSignature:
            yield row.seq, "the signed head was changed"
            continue
        if (row.now, row.of) != (row.hash, row.journal):
            yield row.seq, "the event is not the one that the signed head vouches for"
            continue
        tally.heads += 1
