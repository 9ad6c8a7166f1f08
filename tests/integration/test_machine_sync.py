"""The way up, as a state machine: a real edge against a centre, over a road that fails.

The edge is the product's: store on SQLite, outbox, client, plan. The centre is a model that keeps
its promises, and in a second machine the real application on SQLite, called in this process.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from central import ledger
from central.app import create
from central.settings import Settings
from central.words import Arrival, Poison
from edge.store.store import Store
from edge.sync import plan
from edge.sync.centre import Centre
from edge.sync.plan import Refused
from edge.sync.ports import OutboxRow
from edge.sync.wire import Receipt
from tests.fakes.asgi_client import AsgiClient
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_events import chain, hash_of, wire
from tests.fuzz.machine import Pace, found_out
from tests.fuzz.sync_world import FAULTS, START, FarEnd, Key, ModelCentre, SyncWorld, edge_folder
from tests.nemesis.evidence import edge_of

PACE = Pace(stories=8, steps=20)
SHORT = Pace(stories=3, steps=15)
BATCH = 4
TURNS = 120
NUMBERS = count(1)


def centre_settings(folder: Path, file: Path) -> Settings:
    """Return the settings of a centre on a copy of the database that the folder's secret opens."""
    return Settings(f"sqlite:///{file}", secret_file=folder / "centre.secret")


class RealCentre:
    """The application on a database file of its own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"centre-{next(NUMBERS)}.db"
        shutil.copyfile(folder / "centre.db", self._file)
        self._settings = centre_settings(folder, self._file)
        self._edge = edge_of(folder / "state")
        self._client = self._started()

    def post(self, body: bytes) -> tuple[int, bytes]:
        answer = self._client.ask("POST", "/v1/events", self._headers, body)
        return answer.status_code, answer.content

    def held(self, edge: str) -> list[tuple[str, int, str]]:
        answer = self._client.ask("GET", f"/v1/events?edge={edge}&limit=1000", self._headers)
        rows = answer.json()["events"]
        assert [row["arrival"] for row in rows] == list(range(1, len(rows) + 1))
        return [(row["journal"], row["seq"], row["row_hash"]) for row in rows]

    def restart(self) -> None:
        self.close()
        self._client = self._started()

    def close(self) -> None:
        self._client.__exit__()

    @property
    def _headers(self) -> list[tuple[str, str]]:
        return [
            ("Authorization", f"Bearer {token_of(self._edge)}"),
            ("Content-Type", "application/json"),
        ]

    def _started(self) -> AsgiClient:
        return AsgiClient(create(self._settings)).__enter__()


class SyncMachine(RuleBasedStateMachine):
    """Events happen, roads fail, both ends start again, two edges claim one number."""

    folder: ClassVar[Path]

    @initialize()
    def install(self) -> None:
        place = self.folder / f"edge-{next(NUMBERS)}"
        shutil.copytree(self.folder / "state", place)
        store = Store.open(place, START, ballast=0, boot="1")
        self.world = SyncWorld(place, store, self.built())
        self.journal = store.journal
        self.twins: dict[Key, str] = {}
        self.poisoned: set[int] = set()
        self.world.look()

    def built(self) -> FarEnd:
        return ModelCentre()

    def newest(self) -> int:
        return max(seq for _, seq in self.world.seen)

    @rule(number=st.integers(1, 5))
    def events_happen(self, number: int) -> None:
        self.world.record(number)
        self.world.look()

    @rule(turns=st.integers(1, 6))
    def way_up_turns(self, turns: int) -> None:
        for _ in range(turns):
            self.world.turn()

    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def road_fails(self, faults: list[str]) -> None:
        self.world.road.faults += faults

    @precondition(lambda self: len(self.poisoned) < 3)
    @rule(status=st.sampled_from([400, 413, 422]))
    def next_event_is_poison(self, status: int) -> None:
        seq = self.newest() + 1
        self.poisoned.add(seq)
        self.world.road.poison[seq] = status
        self.events_happen(2)

    @precondition(lambda self: len(self.twins) < 2)
    @rule()
    def another_edge_claims_the_next_number(self) -> None:
        seq = self.newest() + 1
        (twin,) = chain(1, first=seq, journal=self.journal, salt="another edge")
        body = {"edge": self.world.store.edge, "events": [wire(twin)]}
        assert self.world.centre.post(msgspec.json.encode(body))[0] == 200
        self.twins[self.journal, seq] = hash_of(self.journal, seq, "another edge")
        self.events_happen(2)

    @rule()
    def edge_starts_again(self) -> None:
        self.world.restart_edge()
        self.world.look()

    @rule()
    def centre_starts_again(self) -> None:
        self.world.centre.restart()

    @rule()
    def poison_is_cured(self) -> None:
        """The centre was mended: what lay aside for its sake is sent again by hand."""
        for row, _ in self.world.store.set_aside():
            if row.seq in self.poisoned:
                self.world.store.release(row.key)
        self.poisoned.clear()
        self.world.road.poison.clear()

    @invariant()
    def nothing_is_lost_doubled_or_made_up(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        held = world.held()
        at_centre = {(journal, seq): row_hash for journal, seq, row_hash in held}
        assert len(held) == len(at_centre), "doubled"
        waiting = {row.key for row in world.store.outbox(1000)}
        aside = {row.key: why for row, why in world.store.set_aside()}
        for key, row_hash in at_centre.items():
            assert row_hash == self.twins.get(key, world.seen.get(key)), "made up"
        for key, row_hash in world.seen.items():
            there = at_centre.get(key) == row_hash
            assert there or key in waiting or key in aside, f"{key} is lost"
        for key, why in aside.items():
            assert why
            assert key in self.twins or key[1] in self.poisoned, f"{key} aside for no reason"
        backlog = world.store.backlog()
        assert (backlog.waiting, backlog.quarantined) == (len(waiting), len(aside))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        try:
            world.road.faults.clear()
            for _ in range(TURNS):
                world.turn()
            self.nothing_is_lost_doubled_or_made_up()
            assert world.store.backlog().waiting == 0, "something waits for ever"
            aside = {row.key for row, _ in world.store.set_aside()}
            poisoned = {(self.journal, seq) for seq in self.poisoned}
            assert aside == self.twins.keys() | poisoned
        finally:
            world.close()
            world.store.close()
            if isinstance(world.centre, RealCentre):
                world.centre.close()
            shutil.rmtree(world.folder)


class RealSyncMachine(SyncMachine):
    """The same against the real centre."""

    def built(self) -> FarEnd:
        return RealCentre(self.folder)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with edge_folder() as made:
        settings = centre_settings(made, made / "centre.db")
        with AsgiClient(create(settings)):
            admit(settings.database_url, edge_of(made / "state"))
        yield made


@pytest.fixture
def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> type[SyncMachine]:
    monkeypatch.setattr(plan, "BATCH", BATCH)
    SyncMachine.folder = folder
    return SyncMachine


@pytest.fixture
def real(folder: Path, monkeypatch: pytest.MonkeyPatch) -> type[SyncMachine]:
    monkeypatch.setattr(plan, "BATCH", BATCH)
    RealSyncMachine.folder = folder
    return RealSyncMachine


def test_no_story_loses_an_event(model: type[SyncMachine]) -> None:
    PACE.run(model)


def test_no_story_with_the_real_centre_loses_an_event(real: type[SyncMachine]) -> None:
    SHORT.run(real)


@pytest.mark.long
def test_no_long_story_loses_an_event(model: type[SyncMachine], real: type[SyncMachine]) -> None:
    PACE.longer(20).run(model)
    SHORT.longer(20).run(real)


def _deletes_on_4xx(far: Centre, rows: tuple[OutboxRow, ...]) -> Receipt | Refused:
    answer = _HAND_IN(far, rows)
    if isinstance(answer, Refused) and 400 <= answer.status < 500:
        return Receipt(frozenset((row.journal, row.seq) for row in rows), {})
    return answer


def _believes_every_200(far: Centre, rows: tuple[OutboxRow, ...]) -> Receipt | Refused:
    answer = _HAND_IN(far, rows)
    if isinstance(answer, Receipt):
        return Receipt(frozenset((row.journal, row.seq) for row in rows), {})
    return answer


_HAND_IN = Centre.hand_in

MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "deletes on 4xx": lambda patch: patch.setattr(Centre, "hand_in", _deletes_on_4xx),
    "believes every 200": lambda patch: patch.setattr(Centre, "hand_in", _believes_every_200),
    "puts aside without trying the centre": lambda patch: patch.setattr(
        plan, "_CONTENT", frozenset({400, 401, 413, 422, 429, 500})
    ),
    "lets one poison event block the rest": lambda patch: patch.setattr(
        plan, "_CONTENT", frozenset[int]()
    ),
}


_SOON = {"deletes on 4xx", "believes every 200"}
"""What a few stories find; the others are left to the long form."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in _SOON else pytest.mark.long, id=name)
        for name in MUTANTS
    ],
)
def test_the_machine_finds_an_edge_that(
    name: str, model: type[SyncMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    MUTANTS[name](monkeypatch)
    found_out(model, PACE)


def test_the_machine_finds_a_centre_that_calls_a_fork_safe(
    real: type[SyncMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    sort = ledger._sort

    def forgetful(rows: Sequence[Arrival | Poison], kept: Mapping[Key, str]) -> object:
        said = {(one.journal, one.seq): one.row_hash for one in rows if isinstance(one, Arrival)}
        return sort(rows, {**kept, **said})

    monkeypatch.setattr(ledger, "_sort", forgetful)
    found_out(real, SHORT)
