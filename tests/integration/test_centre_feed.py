"""The feed and the schema under it, the same over SQLite and over PostgreSQL."""

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, inspect, text

from central import database, feed, register_tables, tables
from central.compounds import add_compound
from central.database import migrate, open_database, reading, upgrade, writing
from central.feed import page_after, tell
from models.errors import InputError
from models.feed import Choice, FaceWithdrawn, Member, PassKey, PassMade, Revoked, SealedPhoto
from models.home import Home
from models.lane import Credential
from models.registry import Consent, ResidentKind
from models.visit import PassKind
from tests.fakes import postgres
from tests.fakes.centre_databases import ENGINES, migrated_database

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
CONSENT = Consent("2", NOW, "phone", "r1")


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with migrated_database(request, tmp_path_factory.mktemp("centre")) as opened:
        yield opened


@pytest.fixture
def compound(engine: Engine) -> str:
    name = secrets.token_hex(4)
    with writing(engine) as connection:
        add_compound(connection, name, "Kuahu", NOW)
    return name


def items(page: feed.Page) -> list[dict[str, object]]:
    return [json.loads(bytes(one)) for one in page.items]


def test_the_migrations_make_the_tables_that_the_program_uses(engine: Engine) -> None:
    mine = {
        table.name
        for module in (tables, register_tables)
        for table in vars(module).values()
        if isinstance(table, Table)
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _o, name, kind, *_: kind != "table" or name in mine},
        )
        assert compare_metadata(context, tables.METADATA) == []
        assert mine <= set(inspect(connection).get_table_names())


def test_events_of_before_are_asked_whom_they_name(
    request: pytest.FixtureRequest, engine: Engine, tmp_path: Path
) -> None:
    with ExitStack() as up:
        url = f"sqlite:///{tmp_path}/old.db"
        if engine.dialect.name == "postgresql":
            url = up.enter_context(postgres.database(postgres.shared(request.config)))
        old = open_database(url)
        up.callback(old.dispose)
        bodies = ['{"resident": "r1"}', '{"resident": null}', '{"resident": 7}', "{}"]
        with writing(old) as connection:
            upgrade(connection, "0001")
            if engine.dialect.name == "postgresql":
                connection.execute(
                    text("CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1)")
                )
            for number, body in enumerate(bodies, 1):
                connection.execute(
                    text(
                        "INSERT INTO events VALUES ('e', :n, 1, 'j', :n, 'h', 0, 'k', NULL, :b, 0)"
                    ),
                    {"n": number, "b": body},
                )
        migrate(old)
        with reading(old) as connection:
            found = connection.execute(text("SELECT resident FROM events ORDER BY arrival"))
            assert list(found.scalars()) == ["r1", None, None, None]


def test_the_migrations_have_one_end() -> None:
    script = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert len(script.get_heads()) == 1


def test_an_item_comes_out_as_the_words_of_the_wire(engine: Engine, compound: str) -> None:
    made = PassMade(
        pass_id="ab" * 16,
        host="12" * 8,
        label="爷爷",
        kind=PassKind.WINDOW,
        lanes=frozenset({3, 1, 2}),
        not_before=NOW,
        expires=NOW.replace(hour=9),
        uses=4,
        kid=7,
        pin="012345",
    )
    member = Member("r2", "Li", Home(3, 1, 502), ResidentKind.FAMILY, "r1", date(2027, 1, 31))
    with writing(engine) as connection:
        numbers = [tell(connection, compound, one) for one in (made, member)]
    page = page_after(engine, compound, 0)
    assert page.number == page.newest == numbers[1] > numbers[0]
    first, second = items(page)
    body = first["body"]
    assert isinstance(body, dict)
    assert first == {
        "number": numbers[0],
        "kind": "pass_made",
        "body": body
        | {
            "pass_id": "ab" * 16,
            "host": "12" * 8,
            "label": "爷爷",
            "kind": "window",
            "lanes": [1, 2, 3],
            "not_before": "2026-11-22T01:02:03Z",
            "expires": "2026-11-22T09:02:03Z",
            "uses": 4,
            "kid": 7,
            "rotating": False,
            "pin": "012345",
            "plate": None,
        },
    }
    assert second == {
        "number": numbers[1],
        "kind": "member",
        "body": {
            "resident_id": "r2",
            "name": "Li",
            "home": "3-1-502",
            "kind": "family",
            "by": "r1",
            "until": "2027-01-31",
            "guardian": None,
        },
    }


def test_revocations_withdrawals_and_erasures_come_first(engine: Engine, compound: str) -> None:
    choice = Choice("r1", Credential.FACE, True, "r1", CONSENT)
    told = (choice, PassKey(1, None), FaceWithdrawn("r1", "r1"), choice, Revoked("p1"))
    with writing(engine) as connection:
        numbers = [tell(connection, compound, one) for one in told]
    page = page_after(engine, compound, 0)
    assert [one["number"] for one in items(page)] == [numbers[n] for n in (4, 2, 0, 1, 3)]
    assert page_after(engine, compound, numbers[2]).number == numbers[4]
    assert [one["kind"] for one in items(page_after(engine, compound, numbers[3]))] == ["revoked"]
    assert items(page_after(engine, compound, numbers[4])) == []


def test_a_long_feed_comes_in_pieces_that_leave_nothing_out(engine: Engine, compound: str) -> None:
    photo = SealedPhoto("p", "r1", "k", "A" * 400_000, "r1", CONSENT)
    with writing(engine) as connection:
        numbers = [tell(connection, compound, photo) for _ in range(5)]
        numbers += [tell(connection, compound, Revoked(f"p{n}")) for n in range(feed.MAX_ITEMS)]
    after, pieces, seen = 0, 0, list[int]()
    while True:
        page = page_after(engine, compound, after)
        if not page.items:
            break
        got = [int(str(one["number"])) for one in items(page)]
        assert max(got) <= page.number
        assert sum(map(len, page.items)) <= feed.MAX_ANSWER + 100 * feed.MAX_ITEMS
        seen, after, pieces = seen + got, page.number, pieces + 1
    assert sorted(seen) == numbers
    assert after == page.newest
    assert pieces == 4


def test_nothing_is_told_that_was_rolled_back(engine: Engine, compound: str) -> None:
    class Halt(Exception):  # noqa: N818 - a stop of this test
        pass

    def fail_late() -> None:
        with writing(engine) as connection:
            tell(connection, compound, Revoked("p"))
            raise Halt

    before = page_after(engine, compound, 0)
    with pytest.raises(Halt):
        fail_late()
    assert page_after(engine, compound, 0) == before


def test_numbers_told_by_many_at_once_are_all_different(engine: Engine, compound: str) -> None:
    def one(which: int) -> int:
        with writing(engine) as connection:
            return tell(connection, compound, Revoked(f"p{which}"))

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(one, range(40)))
    assert len(set(numbers)) == 40
    assert [i["number"] for i in items(page_after(engine, compound, 0))] == sorted(numbers)


def test_another_compound_is_told_nothing(engine: Engine, compound: str) -> None:
    other = secrets.token_hex(4)
    with writing(engine) as connection:
        add_compound(connection, other, "Elsewhere", NOW)
        tell(connection, other, Revoked("p"))
    assert page_after(engine, compound, 0).items == ()


def test_what_is_too_long_or_for_nobody_is_refused(engine: Engine, compound: str) -> None:
    photo = SealedPhoto("p", "r1", "k", "A" * feed.MAX_ITEM, "r1", CONSENT)
    for where, what in ((compound, photo), ("ffffffff", Revoked("p"))):
        with pytest.raises(InputError), writing(engine) as connection:
            tell(connection, where, what)
    assert page_after(engine, compound, 0).items == ()


def test_after_a_backup_is_put_back_new_numbers_come_after_the_old(
    engine: Engine, compound: str
) -> None:
    with writing(engine) as connection:
        old = tell(connection, compound, Revoked("p1"))
    lost = old + 5_000_000
    page = page_after(engine, compound, lost)
    assert (page.number, page.newest, page.items) == (lost, old, ())
    feed.acknowledge(engine, "e1", compound, lost, NOW)
    with writing(engine) as connection:
        assert tell(connection, compound, Revoked("p2")) > lost
    page = page_after(engine, compound, lost)
    assert page.behind
    assert [one["kind"] for one in items(page)] == ["revoked"]


def test_each_database_has_an_epoch_and_a_secret_of_its_own(engine: Engine, tmp_path: Path) -> None:
    other = open_database(f"sqlite:///{tmp_path}/other.db")
    migrate(other)
    query = text("SELECT epoch, secret FROM centre")
    with engine.connect() as here, other.connect() as there:
        assert {*here.execute(query).one()}.isdisjoint({*there.execute(query).one()})
    other.dispose()
