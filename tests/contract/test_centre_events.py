"""The centre's promises, the same over SQLite and over PostgreSQL."""

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, inspect, text

from central import ledger
from central.database import migrate, open_database, reading, upgrade, writing
from central.keeping import Shelf, keep
from central.settings import Settings
from central.words import Arrival, Batch
from models.errors import CentreFault, ConfigError
from tests.fakes import postgres
from tests.fakes.centre_databases import ENGINES, empty_database
from tests.fakes.centre_events import EDGE, JOURNAL, START, Row, chain, hash_of, wire
from tests.fakes.centre_server import client


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with empty_database(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=ENGINES)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Yield one centre for tests that keep to an edge of their own."""
    folder = tmp_path_factory.mktemp("centre")
    with empty_database(request, folder) as url, client(url) as http:
        yield http


@pytest.fixture
def edge() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def centre(database_url: str) -> Iterator[httpx.Client]:
    with client(database_url) as http:
        yield http


def post(centre: httpx.Client, *rows: Row | dict[str, Any], edge: str = EDGE) -> dict[str, Any]:
    events = [wire(row) if isinstance(row, Row) else row for row in rows]
    answer = centre.post("/v1/events", json={"edge": edge, "events": events})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def stored(centre: httpx.Client, edge: str = EDGE) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = 0
    while True:
        said = centre.get("/v1/events", params={"edge": edge, "after": after, "limit": 7}).json()
        if not said["events"]:
            assert said["next"] == after
            return rows
        rows += said["events"]
        after = said["next"]


def gaps(centre: httpx.Client, edge: str = EDGE) -> dict[str, Any]:
    said: dict[str, Any] = centre.get("/v1/gaps", params={"edge": edge}).json()
    return said


def keys(rows: list[Row]) -> list[list[Any]]:
    return [[row.journal, row.seq] for row in rows]


def test_what_is_called_safe_can_be_read_back_as_it_was_sent(centre: httpx.Client) -> None:
    rows = chain(20)
    assert post(centre, *rows) == {"safe": keys(rows), "quarantined": []}
    back = stored(centre)
    assert [row["arrival"] for row in back] == list(range(1, 21))
    for sent, kept in zip(rows, back, strict=True):
        assert {name: kept[name] for name in wire(sent) if name != "at"} == {
            name: value for name, value in wire(sent).items() if name != "at"
        }
        assert datetime.fromisoformat(kept["at"]) == sent.at


def test_the_same_event_again_is_safe_again_and_kept_once(centre: httpx.Client) -> None:
    rows = chain(5)
    post(centre, *rows[:3])
    assert post(centre, *rows, *rows)["safe"] == keys(rows)
    assert [row["seq"] for row in stored(centre)] == [1, 2, 3, 4, 5]


def test_the_order_of_arrival_is_kept_whatever_the_numbers(centre: httpx.Client) -> None:
    rows = chain(6)
    post(centre, rows[4], rows[5])
    post(centre, *rows)
    assert [row["seq"] for row in stored(centre)] == [5, 6, 1, 2, 3, 4]


def test_edges_and_journals_do_not_mix(centre: httpx.Client) -> None:
    mine, other = chain(3), chain(3, journal="b" * 32)
    post(centre, *mine)
    post(centre, *other)
    post(centre, *chain(2, salt="another edge"), edge="another")
    assert [(row["journal"], row["seq"]) for row in stored(centre)] == [
        (row.journal, row.seq) for row in mine + other
    ]
    assert len(stored(centre, "another")) == 2
    assert gaps(centre)["forks"] == []


def test_a_fork_is_kept_apart_and_never_called_safe(centre: httpx.Client) -> None:
    rows, (fork,) = chain(3), chain(1, first=2, salt="restored from an old backup")
    post(centre, *rows)
    for _ in range(2):
        said = post(centre, fork, chain(1, first=4)[0])
        assert said["safe"] == [[JOURNAL, 4]]
        assert said["quarantined"] == [
            {"index": 0, "journal": JOURNAL, "seq": 2, "row_hash": fork.row_hash, "why": "fork"}
        ]
    assert [row["row_hash"] for row in stored(centre)] == [
        hash_of(JOURNAL, seq) for seq in (1, 2, 3, 4)
    ]
    (shown,) = gaps(centre)["forks"]
    assert (shown["seq"], shown["row_hash"]) == (2, fork.row_hash)
    assert post(centre, *rows)["safe"] == keys(rows)


def test_a_number_that_comes_twice_in_one_batch_is_not_called_safe(centre: httpx.Client) -> None:
    (first,), (second,) = chain(1), chain(1, salt="fork")
    said = post(centre, first, second)
    assert said["safe"] == []
    assert [row["row_hash"] for row in said["quarantined"]] == [second.row_hash]
    assert post(centre, first)["safe"] == [[JOURNAL, 1]]


def test_the_fork_rule_is_what_keeps_a_fork_from_being_called_safe(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: a ledger that goes by the number alone calls the fork safe."""

    def by_number_alone(
        connection: Connection, shelf: Shelf, rows: Sequence[Arrival]
    ) -> dict[tuple[str, int], str]:
        known = keep(connection, shelf, rows)
        return {(r.journal, r.seq): r.row_hash for r in rows if (r.journal, r.seq) in known}

    monkeypatch.setattr(ledger, "keep", by_number_alone)
    with client(database_url) as mutant:
        post(mutant, *chain(1))
        assert post(mutant, *chain(1, salt="fork"))["safe"] == [[JOURNAL, 1]]


def bent(**changes: object) -> dict[str, Any]:
    return wire(chain(1, first=2)[0]) | changes


POISON: dict[str, Any] = {
    "a text": "event",
    "nothing": None,
    "a list": [],
    "no fields": {},
    "seq 0": bent(seq=0),
    "a true seq": bent(seq=True),
    "a seq past SQL": bent(seq=2**63),
    "a seq past all": bent(seq=10**40),
    "a journal of SQL": bent(journal="'; DROP TABLE events; --"),
    "a short hash": bent(row_hash="ab"),
    "a hash in capitals": bent(row_hash="A" * 64),
    "a hash with a line behind": bent(row_hash="a" * 64 + "\n"),
    "no zone": bent(at="2026-11-21T08:00:00"),
    "year 0": bent(at="0001-01-01T00:00:00+14:00"),
    "year 9999": bent(at="9999-12-31T23:59:59-14:00"),
    "a lane past 63": bent(lane=64),
    "a kind of spaces": bent(kind="door open"),
    "an unknown field": bent(extra=1),
    "a body that is no object": bent(body=[1]),
    "a wrong hash before": bent(body={"before": "x"}),
    "too long": bent(body={"note": "x" * 17_000}),
}


@pytest.mark.parametrize("name", POISON)
def test_a_poison_row_is_put_aside_and_holds_up_nobody(
    shared: httpx.Client, edge: str, name: str
) -> None:
    before, after = chain(1)[0], chain(1, first=3)[0]
    said = post(shared, before, POISON[name], after, edge=edge)
    assert said["safe"] == [[JOURNAL, 1], [JOURNAL, 3]]
    assert len(said["quarantined"]) == 1
    assert said["quarantined"][0]["why"]
    assert [row["seq"] for row in stored(shared, edge)] == [1, 3]
    post(shared, POISON[name], edge=edge)
    assert len(gaps(shared, edge)["quarantined"]) == 1


def test_a_poison_row_is_named_by_its_key_where_it_has_one(centre: httpx.Client) -> None:
    said = post(centre, bent(lane=64))
    assert said["quarantined"][0] | {"why": ""} == {
        "index": 0,
        "journal": JOURNAL,
        "seq": 2,
        "row_hash": hash_of(JOURNAL, 2),
        "why": "",
    }


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"edge":"e","events":[{"a":"' + b"\xff" + rb'"}]}',
        rb'{"edge":"e","events":[{"a":"\u0000\ud800"}]}',
        b'{"edge":"e","events":[' + b"[" * 2000 + b"]" * 2000 + b"]}",
        b'{"edge":"e","events":[1e999]}',
    ],
    ids=["no UTF-8", "NUL and half a letter", "deep", "endless"],
)
def test_bytes_that_a_database_cannot_keep_are_an_answer_and_no_failure(
    shared: httpx.Client, raw: bytes
) -> None:
    answer = shared.post("/v1/events", content=raw)
    assert answer.status_code in {200, 400}
    assert answer.json().get("safe", []) == []
    assert gaps(shared, "e")["edge"] == "e"


def test_a_body_is_kept_to_the_letter(centre: httpx.Client) -> None:
    body = rb'{"note":"\u0000 \ud83d\ude00 \u4e2d \"","n":1.50,"n2":123456789012345678901234567890}'
    row = wire(chain(1)[0])
    row.pop("body")
    raw = json.dumps({"edge": EDGE, "events": [row]}).encode()[:-3] + b',"body":' + body + b"}]}"
    assert centre.post("/v1/events", content=raw).json()["safe"] == [[JOURNAL, 1]]
    assert body in centre.get("/v1/events", params={"edge": EDGE}).content


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"nonsense", b'{"edge":"","events":[]}', b'{"edge":"e","events":{}}',
     b'{"edge":"e","events":[],"more":1}', b'{"edge":"a b","events":[]}', b"[" * 5000],
)  # fmt: skip
def test_what_is_no_batch_is_refused(shared: httpx.Client, raw: bytes) -> None:
    answer = shared.post("/v1/events", content=raw)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_empty_batch_is_welcome(shared: httpx.Client) -> None:
    assert post(shared) == {"safe": [], "quarantined": []}


def test_too_much_at_once_is_told_so(centre: httpx.Client) -> None:
    many = [wire(row) for row in chain(501)]
    assert centre.post("/v1/events", json={"edge": EDGE, "events": many}).status_code == 413
    assert centre.post("/v1/events", content=b" " * 1_048_577).status_code == 413
    assert stored(centre) == []


@pytest.mark.parametrize(
    "query",
    [{}, {"edge": ""}, {"edge": "a b"}, {"edge": "e" * 81}, {"edge": "e", "after": -1},
     {"edge": "e", "after": 2**63}, {"edge": "e", "limit": 0}, {"edge": "e", "limit": 1001}],
)  # fmt: skip
def test_a_question_out_of_range_is_refused(shared: httpx.Client, query: dict[str, Any]) -> None:
    answer = shared.get("/v1/events", params=query)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_missing_numbers_and_broken_chains_are_reported(centre: httpx.Client) -> None:
    rows = chain(10, first=3)
    (stranger,) = chain(1, first=14, salt="another past")
    post(centre, *rows[:2], *rows[5:], *chain(1, first=13), stranger)
    (journal,) = gaps(centre)["journals"]
    assert journal == {
        "journal": JOURNAL,
        "last": 14,
        "count": 9,
        "missing": [[1, 2], [5, 7]],
        "breaks": [14],
    }
    post(centre, *chain(2), *rows)
    assert gaps(centre)["journals"][0]["missing"] == []


def test_many_at_once_count_each_event_once(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    rows = tuple(
        Arrival(row.journal, row.seq, row.row_hash, 0, row.kind, row.lane, None, "{}")
        for row in chain(40)
    )

    def send(turn: int) -> int:
        share = rows[turn % 4 * 5 : turn % 4 * 5 + 25]
        return len(ledger.take_in(engine, Batch(EDGE, share), START).safe)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(16))) == [25] * 16
    with reading(engine) as connection:
        found = connection.execute(text("SELECT arrival, seq FROM events ORDER BY arrival")).all()
    assert [row.arrival for row in found] == list(range(1, 41))
    assert sorted(row.seq for row in found) == list(range(1, 41))
    engine.dispose()


def test_nothing_of_a_batch_that_failed_half_way_is_kept(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with client(database_url) as centre:
        with writing(engine) as connection:
            connection.execute(text("ALTER TABLE quarantine RENAME TO elsewhere"))
        answer = centre.post("/v1/events", json={"edge": EDGE, "events": [wire(chain(1)[0]), {}]})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert stored(centre) == []
        with writing(engine) as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO quarantine"))
        assert post(centre, chain(1)[0], {})["safe"] == [[JOURNAL, 1]]
    engine.dispose()


def test_a_failing_database_is_told_without_a_row_of_it(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE received"))
    row = bent(body={"home": "3-1-502"})
    with client(database_url) as centre:
        answer = centre.post("/v1/events", json={"edge": EDGE, "events": [row]})
    assert answer.status_code == 503
    assert "database failed" in caplog.text
    for said in (caplog.text, answer.text):
        assert "3-1-502" not in said
        assert row["row_hash"] not in said
    engine.dispose()


def test_a_second_start_finds_the_schema_and_the_events(database_url: str) -> None:
    for _ in range(2):
        with client(database_url) as centre:
            post(centre, *chain(2))
            assert len(stored(centre)) == 2


def test_a_worker_that_starts_while_another_migrates_waits_for_it(database_url: str) -> None:
    first, second = open_database(database_url), open_database(database_url)
    with ThreadPoolExecutor(1) as pool:
        with writing(first) as connection:
            upgrade(connection)
            started = pool.submit(migrate, second)
            # Long enough for the second to run into the first, were nothing to hold it off.
            time.sleep(0.5)
        started.result()
    with reading(second) as connection:
        assert set(inspect(connection).get_table_names()) >= {"edges", "events", "received"}
    first.dispose()
    second.dispose()


def test_the_schema_of_a_newer_program_is_left_alone(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CentreFault, match="does not know"):
        migrate(engine)
    engine.dispose()


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/centre.db")
    migrate(engine)
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    engine.dispose()


def test_sqlite_waits_for_the_disk_at_each_commit(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/centre.db")
    with reading(engine) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()


def test_events_lie_in_the_partition_of_their_month(pytestconfig: pytest.Config) -> None:
    with postgres.database(postgres.shared(pytestconfig)) as url:
        engine = open_database(url)
        migrate(engine)
        rows = [
            Arrival(r.journal, r.seq, r.row_hash, 0, r.kind, r.lane, None, "{}") for r in chain(4)
        ]
        ledger.take_in(engine, Batch(EDGE, tuple(rows[:2])), START)
        ledger.take_in(engine, Batch(EDGE, tuple(rows)), START.replace(month=12))
        with reading(engine) as connection:
            found = connection.execute(
                text("SELECT tableoid::regclass::text, count(*) FROM events GROUP BY 1 ORDER BY 1")
            ).all()
        assert [tuple(row) for row in found] == [("events_202611", 2), ("events_202612", 2)]
        engine.dispose()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["", "", "fork"])), max_size=6),
        max_size=5,
    )
)
def test_whatever_is_sent_in_whatever_order_only_what_is_kept_is_safe(
    shared: httpx.Client, batches: list[list[tuple[int, str]]]
) -> None:
    edge = f"edge-{abs(hash(str(batches)))}"
    for batch in batches:
        rows = [chain(1, first=seq, salt=salt)[0] for seq, salt in batch]
        said = post(shared, *rows, edge=edge)
        held = {(row["journal"], row["seq"]): row["row_hash"] for row in stored(shared, edge)}
        for journal, seq in said["safe"]:
            sent = {row.row_hash for row in rows if (row.journal, row.seq) == (journal, seq)}
            assert sent == {held[journal, seq]}
    kept = [(row["journal"], row["seq"]) for row in stored(shared, edge)]
    assert len(kept) == len(set(kept))
    assert set(kept) == {(JOURNAL, seq) for batch in batches for seq, _ in batch}


@pytest.mark.parametrize(
    "address", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://user:secret@host/db"]
)
def test_an_address_that_is_no_database_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///centre\.db") as caught:
        open_database(address)
    assert "secret" not in str(caught.value)


def test_a_database_that_is_away_is_a_fault(tmp_path: Path) -> None:
    for address in (f"sqlite:///{tmp_path}/none/centre.db", "postgresql://kuahu@127.0.0.1:9/none"):
        engine = open_database(address)
        with pytest.raises(CentreFault, match="database failed"):
            migrate(engine)
        engine.dispose()


def test_settings_never_print_their_secrets() -> None:
    assert "hidden" not in repr(Settings("postgresql://user:hidden@host/db"))


def test_whom_an_event_names_is_kept_beside_it(centre: httpx.Client, database_url: str) -> None:
    named = ["r1", None, 7, "a b", "x" * 65, "", {"id": "r1"}, "r1"]
    rows = [
        wire(row) | {"body": {"resident": name}}
        for row, name in zip(chain(len(named)), named, strict=True)
    ]
    assert len(post(centre, *rows)["safe"]) == len(named)
    engine = open_database(database_url)
    with reading(engine) as connection:
        found = connection.execute(text("SELECT resident FROM events ORDER BY arrival")).scalars()
        assert list(found) == ["r1", *[None] * 6, "r1"]
    engine.dispose()
