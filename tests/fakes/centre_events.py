"""Events as an edge sends them: a true chain, and its rows on the wire."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

EDGE = "00112233445566778899aabbccddeeff"
JOURNAL = "a" * 32
START = datetime(2026, 11, 21, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One outbox row, of the shape that `edge.sync.ports.OutboxRow` names."""

    journal: str
    seq: int
    row_hash: str
    at: datetime
    kind: str
    lane: int | None
    body: bytes

    @property
    def key(self) -> tuple[str, int, str]:
        return (self.journal, self.seq, self.row_hash)


def hash_of(journal: str, seq: int, salt: str = "") -> str:
    return sha256(f"{journal}/{seq}/{salt}".encode()).hexdigest()


def chain(count: int, first: int = 1, journal: str = JOURNAL, salt: str = "") -> list[Row]:
    """Return `count` rows from number `first`, each naming the hash of the row before it."""
    return [
        Row(
            journal=journal,
            seq=seq,
            row_hash=hash_of(journal, seq, salt),
            at=START + timedelta(seconds=seq, microseconds=seq % 7),
            kind="decision" if seq % 2 else "report",
            lane=None if seq % 5 == 0 else 1 + seq % 3,
            body=msgspec.json.encode(
                {"seq": seq, "before": hash_of(journal, seq - 1, salt), "answer": "opened"}
            ),
        )
        for seq in range(first, first + count)
    ]


def wire(row: Row) -> dict[str, Any]:
    """Return a row as docs/centre.md writes it."""
    return {
        "journal": row.journal,
        "seq": row.seq,
        "row_hash": row.row_hash,
        "at": row.at.isoformat(),
        "kind": row.kind,
        "lane": row.lane,
        "body": msgspec.json.decode(row.body),
    }
