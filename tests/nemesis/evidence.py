"""What a run left behind, as the oracle's history: the register read raw, ledgers, the centre."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.store.folder import Folder, edge_id
from edge.store.verify import verify
from models.command import Action
from models.event import EventKind
from tests.fakes.centre_edges import token_of
from tests.fakes.oracle import Centre, Decided, History, Key, Row
from tests.nemesis.load import Told
from tests.nemesis.site import PRESENCE, Site


def history_of(site: Site, told: Iterable[Told] = (), centre: str = "") -> History:
    """Return the history of a site whose core has stopped.

    `told` is what the guards heard; `centre` the URL of a centre, where the site has one.
    """
    folder = site.places.root
    said = tuple(told)
    with closing(sqlite3.connect(f"file:{folder / 'register.db'}?mode=ro", uri=True)) as raw:
        raw.row_factory = sqlite3.Row
        journal = rows_of(raw)
        last = journal[-1].key[0]
        decided = decided_of(raw)
        moved = moved_of(raw)
        waiting = frozenset((r["journal"], r["seq"]) for r in raw.execute("SELECT * FROM outbox"))
        commands = {r["event"]: r["cmd_id"] for r in raw.execute("SELECT * FROM intent")}
    found = verify(folder)
    return History(
        acknowledged=frozenset((last, one.seq) for one in said if one.seq),
        journal=journal,
        decided=decided,
        moved=moved,
        actuations=site.actuations(),
        failed=failed_of(said, commands),
        presence={spec.name: PRESENCE for spec in site.specs},
        centre=Centre(held_by(centre, edge_of(folder)), waiting) if centre else None,
        broken=f"event {found.first_bad}: {found.why}" if found.broken else "",
    )


def rows_of(raw: sqlite3.Connection) -> tuple[Row, ...]:
    """Return every journal row."""
    return tuple(
        Row((r["journal"], r["seq"]), r["hash"].hex(), EventKind(r["kind"]), r["lane"], r["answer"])
        for r in raw.execute("SELECT * FROM event ORDER BY seq")
    )


def decided_of(raw: sqlite3.Connection) -> dict[str, Decided]:
    """Return the commands that were recorded with a decision."""
    rows = raw.execute("SELECT i.*, e.journal FROM intent i JOIN event e ON e.seq = i.event")
    return {
        r["cmd_id"]: Decided(
            (r["journal"], r["event"]), Action(r["action"]), r["deadline"], r["outcome"] == "done"
        )
        for r in rows
    }


def moved_of(raw: sqlite3.Connection) -> frozenset[str]:
    """Return the commands of movements by rule."""
    rows = raw.execute(
        "SELECT p.body FROM event e JOIN personal p ON p.seq = e.seq WHERE e.kind = 'move'"
    )
    bodies = [msgspec.json.decode(r["body"], type=dict[str, Any]) for r in rows]
    return frozenset(str(body["note"]) for body in bodies)


def failed_of(told: Iterable[Told], commands: Mapping[int, str]) -> dict[str, float]:
    """Return when an asker was told that a recorded command had failed."""
    return {
        commands[one.seq]: one.at
        for one in told
        if one.answer in ("timed_out", "away", "refused") and one.seq in commands
    }


def edge_of(folder: Path) -> str:
    """Return the id under which a site speaks to its centre."""
    private = Ed25519PrivateKey.from_private_bytes(Folder(folder).edge_key.read_bytes())
    return edge_id(private.public_key())


def held_by(centre: str, edge: str) -> tuple[tuple[Key, str], ...]:
    """Return what a centre holds of an edge, in order of arrival."""
    found: list[tuple[Key, str]] = []
    headers = {"Authorization": f"Bearer {token_of(edge)}"}
    with httpx.Client(base_url=centre, headers=headers, trust_env=False, timeout=30) as http:
        after = 0
        while True:
            words: dict[str, str | int] = {"edge": edge, "after": after, "limit": 1000}
            page = http.get("/v1/events", params=words).raise_for_status().json()
            if not page["events"]:
                return tuple(found)
            found += [((r["journal"], r["seq"]), r["row_hash"]) for r in page["events"]]
            after = page["next"]


def waiting_in(folder: Path) -> int:
    """Return how many events still wait for the centre."""
    with closing(sqlite3.connect(f"file:{folder / 'register.db'}?mode=ro", uri=True)) as raw:
        return int(raw.execute("SELECT count(*) FROM outbox").fetchone()[0])
