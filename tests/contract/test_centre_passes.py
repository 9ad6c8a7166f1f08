"""Passes at the centre, the same over SQLite and over PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, inspect, select, update

from central.compounds import add_compound
from central.database import reading, writing
from central.moments import microseconds
from central.passes.link import link_digest, link_token
from central.passes.making import (
    KEPT,
    NoSuchPass,
    forget_host,
    forget_old,
    make_pass,
    revoke_pass,
)
from central.passes.order import MOST_LIVE, Host, Rule, Unfit
from central.passes.record import find_pass, linked_pass, passes_of
from central.passes.ring import (
    FIRST_KID,
    Ring,
    keys_of,
    renew,
    renew_rotation,
    retire,
    ring_of,
    rotation_of,
)
from central.passes.secret import open_secret, read_secret
from central.passes.tables import PASS_KEYS, PASS_RINGS, PASS_SECRET, PASSES
from central.passes.token import code_of
from central.register import Hand, apply
from central.register_tables import PASS_USES
from gate.passes import MAX_KID, PublicKey, read
from gate.rotation import inner_key
from models.errors import ConfigError, InputError
from models.home import Home
from models.lane import Direction
from models.letter import PassUsed, ResidentGone, ResidentNow
from models.registry import ResidentKind
from models.visit import PassKind
from tests.fakes.centre_databases import ENGINES, empty_database
from tests.fakes.centre_passes import COMPOUND, HOME, HOST, NOW, SECRET, centre, order, told

OTHER = "00c0ffee"


@pytest.fixture(scope="module", params=ENGINES)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with empty_database(request, tmp_path_factory.mktemp("passes")) as url:
        engine = centre(url)
        yield engine
        engine.dispose()


@pytest.fixture
def engine(shared: Engine) -> Engine:
    """Return a centre on which no pass was ever made."""
    with writing(shared) as connection:
        for table in (PASSES, PASS_KEYS, PASS_RINGS, PASS_SECRET):
            connection.execute(table.delete())
        connection.exec_driver_sql("DELETE FROM feed")
        connection.exec_driver_sql("DELETE FROM residents")
        connection.exec_driver_sql("DELETE FROM pass_uses")
        add_compound(connection, OTHER, "另一个", NOW)
    return shared


def test_a_pass_is_told_with_the_keys_before_it(engine: Engine) -> None:
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, order(lanes=frozenset({2, 1})), NOW)
    with reading(engine) as connection:
        items = told(connection)
        record = find_pass(connection, COMPOUND, HOME, made.pass_id)
    assert [kind for kind, _ in items] == ["pass_key", "rotation_key", "pass_made"]
    keys = keys_of(SECRET, Ring(COMPOUND, FIRST_KID, 0))
    assert items[0][1] == {
        "kid": FIRST_KID,
        "ed25519": keys.private.public_key().public_bytes_raw().hex(),
    }
    assert items[1][1] == {"key": keys.rotation.hex()}
    assert record is not None
    body = items[2][1]
    assert body["pin"] == made.pin == record.pin
    assert len(made.pin) == 6
    assert (body["lanes"], body["plate"], body["weekly"]) == ([1, 2], None, None)
    # The code opens with what the gates were told, and with nothing else.
    public = {FIRST_KID: PublicKey.from_public_bytes(bytes.fromhex(str(items[0][1]["ed25519"])))}
    assert read(code_of(SECRET, record, 0).at(NOW), public) == record.claims
    assert record.claims.pass_id == body["pass_id"]


def test_a_recurring_pass_is_kept_with_its_week(engine: Engine) -> None:
    wanted = order(PassKind.RECURRING)
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, wanted, NOW)
        record = find_pass(connection, COMPOUND, HOME, made.pass_id)
        body = told(connection)[-1][1]
    assert record is not None
    assert (record.weekly, record.rotating, record.uses) == (wanted.weekly, True, 500)
    assert body["weekly"] == {"days": [0, 2, 5], "start": 840, "end": 1080}


def test_keys_are_told_once(engine: Engine) -> None:
    with writing(engine) as connection:
        for _ in range(2):
            make_pass(connection, SECRET, HOST, order(), NOW)
        assert [kind for kind, _ in told(connection)].count("pass_key") == 1


def test_an_order_that_does_not_fit_leaves_no_trace(engine: Engine) -> None:
    with pytest.raises(Unfit), writing(engine) as connection:
        make_pass(connection, SECRET, HOST, order(label=""), NOW)
    with reading(engine) as connection:
        assert told(connection) == []


def test_a_compound_that_is_not_here_gets_no_pass(engine: Engine) -> None:
    stranger = replace(HOST, compound="ffffffff")
    with pytest.raises(InputError, match="ffffffff"), writing(engine) as connection:
        make_pass(connection, SECRET, stranger, order(), NOW)


def test_the_link_finds_its_pass_and_the_database_holds_no_link(engine: Engine) -> None:
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, order(), NOW)
        token = made.link.removeprefix("/p/")
        record = linked_pass(connection, link_digest(token) or "")
        assert linked_pass(connection, "0" * 64) is None
        rows = [
            str(value)
            for table in inspect(connection).get_table_names()
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
            for value in row
        ]
    assert record is not None
    assert record.pass_id == made.pass_id
    assert token == link_token(SECRET, COMPOUND, made.pass_id)
    keys = keys_of(SECRET, Ring(COMPOUND, FIRST_KID, 0))
    secrets = (token, SECRET.raw.hex(), keys.private.private_bytes_raw().hex())
    assert [secret for secret in secrets for value in rows if secret in value] == []


def test_revoking_tells_the_gates_once_and_frees_the_number(engine: Engine) -> None:
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, order(), NOW)
        revoke_pass(connection, COMPOUND, HOME, made.pass_id, NOW)
        revoke_pass(connection, COMPOUND, HOME, made.pass_id, NOW + timedelta(hours=1))
        record = find_pass(connection, COMPOUND, HOME, made.pass_id)
        items = told(connection)
    assert items[-1] == ("revoked", {"pass_id": made.pass_id})
    assert [kind for kind, _ in items] == ["pass_key", "rotation_key", "revoked"]
    assert record is not None
    assert (record.revoked_at, record.pin) == (NOW, None)
    assert not record.is_live(NOW)


def test_another_home_and_another_compound_have_no_such_pass(engine: Engine) -> None:
    neighbour = Home(3, 1, 503)
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, order(), NOW)
        for compound, home in ((COMPOUND, neighbour), (OTHER, HOME)):
            assert find_pass(connection, compound, home, made.pass_id) is None
            assert passes_of(connection, compound, home) == ()
            with pytest.raises(NoSuchPass):
                revoke_pass(connection, compound, home, made.pass_id, NOW)
        assert told(connection)[-1][0] == "pass_made"


def test_a_home_has_so_many_live_passes_and_no_more(engine: Engine) -> None:
    with writing(engine) as connection:
        made = [make_pass(connection, SECRET, HOST, order(), NOW) for _ in range(MOST_LIVE)]
    with pytest.raises(Unfit) as caught, writing(engine) as connection:
        make_pass(connection, SECRET, HOST, order(), NOW)
    assert caught.value.rule is Rule.TOO_MANY
    with writing(engine) as connection:
        neighbour = replace(HOST, home=Home(3, 1, 503))
        make_pass(connection, SECRET, neighbour, order(), NOW)
        revoke_pass(connection, COMPOUND, HOME, made[0].pass_id, NOW)
        make_pass(connection, SECRET, HOST, order(), NOW)
        assert len(passes_of(connection, COMPOUND, HOME)) == MOST_LIVE + 1
    pins = {one.pin for one in made}
    assert len(pins) == MOST_LIVE


def test_a_number_is_free_again_once_its_pass_is_over(engine: Engine) -> None:
    later = NOW + timedelta(days=1)
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, order(), NOW)
        make_pass(
            connection,
            SECRET,
            HOST,
            order(not_before=later, expires=later + timedelta(hours=1)),
            later,
        )
        record = find_pass(connection, COMPOUND, HOME, made.pass_id)
    assert record is not None
    assert record.pin is None


def test_many_at_once_get_numbers_of_their_own(engine: Engine) -> None:
    def one(room: int) -> str:
        host = Host(COMPOUND, Home(1, 1, room), f"{room:016x}")
        with writing(engine) as connection:
            return make_pass(connection, SECRET, host, order(), NOW).pin

    with ThreadPoolExecutor(6) as pool:
        pins = list(pool.map(one, range(1, 13)))
    assert len(set(pins)) == 12
    with reading(engine) as connection:
        kinds = [kind for kind, _ in told(connection)]
    assert (kinds.count("pass_key"), kinds.count("pass_made")) == (1, 12)


def test_a_new_key_signs_from_now_on_and_the_old_one_can_be_taken_back(engine: Engine) -> None:
    with writing(engine) as connection:
        old = make_pass(connection, SECRET, HOST, order(), NOW)
        ring = renew(connection, SECRET, COMPOUND, NOW)
        with pytest.raises(InputError, match="renew it first"):
            retire(connection, COMPOUND, ring.kid, NOW)
        new = make_pass(connection, SECRET, HOST, order(), NOW)
        retire(connection, COMPOUND, FIRST_KID, NOW)
        with pytest.raises(InputError, match="no key"):
            retire(connection, COMPOUND, FIRST_KID, NOW)
        kids = [
            find_pass(connection, COMPOUND, HOME, one.pass_id).kid  # type: ignore[union-attr] # both are there
            for one in (old, new)
        ]
        items = told(connection)
    assert kids == [FIRST_KID, FIRST_KID + 1]
    assert items[-1] == ("pass_key", {"kid": FIRST_KID, "ed25519": None})


def test_no_kid_is_used_twice_even_at_the_end_of_them(engine: Engine) -> None:
    with writing(engine) as connection:
        ring_of(connection, SECRET, COMPOUND, NOW)
        connection.execute(update(PASS_RINGS).values(kid=MAX_KID - 1))
        assert renew(connection, SECRET, COMPOUND, NOW).kid == MAX_KID
        with pytest.raises(InputError, match="all key numbers"):
            renew(connection, SECRET, COMPOUND, NOW)


def test_a_new_rotation_key_is_told_and_old_passes_change_to_it(engine: Engine) -> None:
    with writing(engine) as connection:
        old = make_pass(connection, SECRET, HOST, order(PassKind.RECURRING), NOW)
        assert rotation_of(connection, COMPOUND) == 0
        ring = renew_rotation(connection, SECRET, COMPOUND, NOW)
        assert told(connection)[-1] == (
            "rotation_key",
            {"key": keys_of(SECRET, ring).rotation.hex()},
        )
        record = find_pass(connection, COMPOUND, HOME, old.pass_id)
        assert rotation_of(connection, COMPOUND) == ring.rotation == 1
    assert record is not None
    assert code_of(SECRET, record, 1).inner == inner_key(
        keys_of(SECRET, ring).rotation, old.pass_id
    )


def test_a_database_keeps_to_one_secret(engine: Engine, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    secret = open_secret(engine, mine)
    assert open_secret(engine, mine) == secret == read_secret(mine)
    with pytest.raises(ConfigError, match="other is not the one"):
        open_secret(engine, other)
    with reading(engine) as connection:
        assert connection.execute(select(PASS_SECRET.c.raw)).scalar_one() is None


def test_a_secret_that_is_not_named_has_its_place(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: open_secret(engine, None), range(4)))
    assert len(found) == 1
    with reading(engine) as connection:
        raw = connection.execute(select(PASS_SECRET.c.raw)).scalar_one()
    (secret,) = found
    if engine.dialect.name == "sqlite":
        assert raw is None
        assert read_secret(Path(f"{engine.url.database}.secret")) == secret
    else:
        assert raw == secret.raw.hex()
        assert raw not in repr(secret)


def test_a_secret_that_was_in_a_file_is_missed(engine: Engine, tmp_path: Path) -> None:
    open_secret(engine, tmp_path / "mine")
    with pytest.raises(ConfigError, match="put back"):
        open_secret(engine, None)


def test_who_is_erased_leaves_no_pass_and_none_that_opens(engine: Engine) -> None:
    spouse = replace(HOST, resident_id="ab" * 8)
    with writing(engine) as connection:
        live = make_pass(connection, SECRET, HOST, order(), NOW)
        taken = make_pass(connection, SECRET, HOST, order(), NOW)
        revoke_pass(connection, COMPOUND, HOME, taken.pass_id, NOW)
        other = make_pass(connection, SECRET, spouse, order(), NOW)
        hand = Hand(connection, "e" * 32, COMPOUND, NOW, 5)
        apply(hand, PassUsed(live.pass_id, 1, Direction.ENTRY, NOW, opened=True, reason="visitor"))
        assert forget_host(connection, COMPOUND, HOST.resident_id, NOW) == 2
        assert told(connection)[-1] == ("revoked", {"pass_id": live.pass_id})
        assert HOST.resident_id not in str(told(connection))
        assert connection.execute(select(PASS_USES.c.number)).all() == []
        assert [one.pass_id for one in passes_of(connection, COMPOUND, HOME)] == [other.pass_id]


def test_who_has_left_the_register_invites_nobody(engine: Engine) -> None:
    edge = "e" * 32
    with writing(engine) as connection:
        made = make_pass(connection, SECRET, HOST, order(), NOW)
        hand = Hand(connection, edge, COMPOUND, NOW, 7)
        now = ResidentNow(
            HOST.resident_id, "陈", HOME, ResidentKind.OWNER, None, frozenset(), face=False
        )
        apply(hand, now)
        # A letter that was overtaken says nothing about today.
        apply(replace(hand, number=6), ResidentGone(HOST.resident_id))
        assert find_pass(connection, COMPOUND, HOME, made.pass_id) is not None
        apply(replace(hand, number=8), ResidentGone(HOST.resident_id))
        assert find_pass(connection, COMPOUND, HOME, made.pass_id) is None
        assert told(connection)[-1] == ("revoked", {"pass_id": made.pass_id})


def test_what_has_long_been_over_is_dropped(engine: Engine) -> None:
    with writing(engine) as connection:
        make_pass(connection, SECRET, HOST, order(), NOW)
        row = connection.execute(select(PASSES)).mappings().one()
        old = microseconds(NOW - KEPT - timedelta(seconds=1))
        connection.execute(
            insert(PASSES),
            dict(row) | {"pass_id": "0" * 32, "pin": None, "link_digest": "1", "expires": old},
        )
        hand = Hand(connection, "e" * 32, COMPOUND, NOW, 9)
        apply(
            hand, PassUsed("0" * 32, 1, Direction.ENTRY, NOW - KEPT, opened=True, reason="visitor")
        )
        # Whoever makes a pass sweeps.
        make_pass(connection, SECRET, HOST, order(), NOW)
        assert len(passes_of(connection, COMPOUND, HOME)) == 2
        assert forget_old(connection, NOW) == 0
        assert connection.execute(select(PASS_USES.c.number)).all() == []
