"""How an edge becomes known, is let in and is put out, the same over SQLite and PostgreSQL."""

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Engine, text

from central import attempts, claims, clock, sessions
from central.database import open_database, writing
from central.feed import Page, page_after, tell
from central.sessions import Answered, StrangerError, challenge_for, open_session, revoke, speaker
from models.feed import Revoked
from tests.fakes.centre_databases import ENGINES, empty_database
from tests.fakes.centre_edges import Gate, code_for
from tests.fakes.centre_events import chain, wire
from tests.fakes.centre_server import client

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Centre:
    """A running centre and its database."""

    http: httpx.Client
    database_url: str

    def claim(self, gate: Gate, code: str) -> httpx.Response:
        return self.http.post("/v1/claim", json=gate.claiming(code))

    def as_(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def let_in(self, gate: Gate) -> dict[str, str]:
        """Claim and return the headers of a session."""
        gate.claim(self.database_url, str(self.http.base_url))
        return self.as_(gate.token(str(self.http.base_url)))


@pytest.fixture(scope="module", params=ENGINES)
def centre(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Centre]:
    with (
        empty_database(request, tmp_path_factory.mktemp("centre")) as url,
        client(url, known=False) as http,
    ):
        yield Centre(http, url)


@pytest.fixture(autouse=True)
def forgiven(centre: Centre) -> None:
    """Forget wrong codes of other tests."""
    engine = open_database(centre.database_url)
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM attempts"))
    engine.dispose()


def fresh() -> Gate:
    return Gate(secrets.token_hex(8), secrets.token_hex(4))


def test_an_edge_claims_is_let_in_and_speaks(centre: Centre) -> None:
    gate = fresh()
    code = code_for(centre.database_url, gate.compound)
    answer = centre.claim(gate, code)
    assert answer.json() == {"edge": gate.edge, "compound": gate.compound}
    known = centre.as_(gate.token(str(centre.http.base_url)))
    batch = {"edge": gate.edge, "events": [wire(row) for row in chain(2)]}
    assert len(centre.http.post("/v1/events", json=batch, headers=known).json()["safe"]) == 2
    feed = centre.http.get("/v1/feed", params={"after": 0}, headers=known).json()
    assert (feed["items"], feed["behind"]) == ([], False)
    assert centre.http.post("/v1/letters", json={"letters": []}, headers=known).json() == {
        "safe": [],
        "aside": [],
    }


def test_a_code_may_be_typed_as_people_type(centre: Centre) -> None:
    gate = fresh()
    code = code_for(centre.database_url, gate.compound)
    typed = " " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert centre.claim(gate, typed).status_code == 200


def test_the_same_code_and_key_again_is_the_same_answer(centre: Centre) -> None:
    gate = fresh()
    code = code_for(centre.database_url, gate.compound)
    assert [centre.claim(gate, code).status_code for _ in range(3)] == [200, 200, 200]


def test_a_used_code_is_refused_to_another_edge(centre: Centre) -> None:
    gate = fresh()
    other = Gate("another", gate.compound)
    code = code_for(centre.database_url, gate.compound)
    assert centre.claim(gate, code).status_code == 200
    answer = centre.claim(other, code)
    assert answer.status_code == 403
    assert "used already" in answer.json()["error"]
    assert centre.http.post("/v1/session", json=other.answer("00" * 56)).status_code == 401


def test_an_expired_code_is_refused(centre: Centre) -> None:
    gate = fresh()
    code = code_for(centre.database_url, gate.compound, age=claims.LIFE)
    answer = centre.claim(gate, code)
    assert answer.status_code == 403
    assert "expired" in answer.json()["error"]


def test_a_wrong_code_and_one_of_another_compound_are_refused_alike(centre: Centre) -> None:
    gate, other = fresh(), fresh()
    code_for(centre.database_url, gate.compound)
    theirs = code_for(centre.database_url, other.compound)
    answers = [centre.claim(gate, code) for code in ("AAAA-AAAA-AAAA-AAAA", theirs, "", "é")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1


def test_a_key_that_is_not_the_edges_is_no_claim(centre: Centre) -> None:
    gate, other = fresh(), fresh()
    said = gate.claiming(code_for(centre.database_url, gate.compound))
    for bent in ({"public_key": other.public.hex()}, {"edge": other.edge}, {"public_key": "zz"}):
        assert centre.http.post("/v1/claim", json=said | bent).status_code == 400
    assert centre.http.post("/v1/claim", json=said).status_code == 200


def test_an_edge_moves_to_no_other_compound(centre: Centre) -> None:
    gate = fresh()
    centre.let_in(gate)
    gate.compound = secrets.token_hex(4)
    answer = centre.claim(gate, code_for(centre.database_url, gate.compound))
    assert answer.status_code == 403
    assert "another compound" in answer.json()["error"]


def test_guessing_codes_is_slowed_and_a_start_does_not_forgive(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS", attempts.Limit(free=3, most=900.0))
    gate = fresh()
    code = code_for(centre.database_url, gate.compound)
    assert [centre.claim(gate, "WRONG").status_code for _ in range(5)] == [403] * 4 + [429]
    with client(centre.database_url, known=False) as restarted:
        answer = restarted.post("/v1/claim", json=gate.claiming(code))
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0


def test_a_right_code_is_no_failure(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESS", attempts.Limit(free=1, most=900.0))
    gate = fresh()
    code = code_for(centre.database_url, gate.compound)
    assert [centre.claim(gate, code).status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer nonsense", "Basic abc", "Bearer " + "x" * 3000],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/events"),
        ("GET", "/v1/events?edge=e"),
        ("GET", "/v1/gaps?edge=e"),
        ("GET", "/v1/feed"),
        ("POST", "/v1/letters"),
    ],
)
def test_without_a_session_nothing_is_told(
    centre: Centre, method: str, path: str, header: str
) -> None:
    answer = centre.http.request(method, path, headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert list(answer.json()) == ["error"]


def test_another_edges_id_is_refused_in_every_call(centre: Centre) -> None:
    mine, theirs = fresh(), fresh()
    known, _ = centre.let_in(mine), centre.let_in(theirs)
    batch = {"edge": theirs.edge, "events": [wire(chain(1)[0])]}
    asked = [
        centre.http.post("/v1/events", json=batch, headers=known),
        centre.http.get("/v1/events", params={"edge": theirs.edge}, headers=known),
        centre.http.get("/v1/gaps", params={"edge": theirs.edge}, headers=known),
    ]
    assert [answer.status_code for answer in asked] == [403] * 3


def test_the_feed_is_that_of_the_edges_compound_whatever_is_asked(centre: Centre) -> None:
    mine, theirs = fresh(), fresh()
    known, other = centre.let_in(mine), centre.let_in(theirs)
    engine = open_database(centre.database_url)
    with writing(engine) as connection:
        tell(connection, theirs.compound, Revoked("p"))
    engine.dispose()
    query = {"after": "0", "compound": theirs.compound, "edge": theirs.edge}
    assert centre.http.get("/v1/feed", params=query, headers=known).json()["items"] == []
    assert len(centre.http.get("/v1/feed", params=query, headers=other).json()["items"]) == 1


def test_a_revoked_edge_is_put_out_at_once(centre: Centre) -> None:
    gate = fresh()
    known = centre.let_in(gate)
    base = str(centre.http.base_url)
    assert centre.http.get("/v1/feed", headers=known).status_code == 200
    challenge = centre.http.post("/v1/challenge", json={"edge": gate.edge}).json()["challenge"]
    engine = open_database(centre.database_url)
    with writing(engine) as connection:
        assert revoke(connection, gate.edge, NOW)
        assert not revoke(connection, gate.edge, NOW)
    engine.dispose()
    assert centre.http.get("/v1/feed", headers=known).status_code == 401
    assert centre.http.post("/v1/session", json=gate.answer(challenge)).status_code == 401
    # A new code from the operator is what brings it back.
    gate.claim(centre.database_url, base)
    assert centre.http.get("/v1/feed", headers=known).status_code == 401
    again = centre.as_(gate.token(base))
    assert centre.http.get("/v1/feed", headers=again).status_code == 200


def test_an_edge_that_waits_for_news_hears_of_its_revocation_only(centre: Centre) -> None:
    gate = fresh()
    known = centre.let_in(gate)
    answers: list[int] = []

    def ask() -> None:
        query = {"after": "0", "wait": "20"}
        answers.append(centre.http.get("/v1/feed", params=query, headers=known).status_code)

    waiting = threading.Thread(target=ask)
    waiting.start()
    engine = open_database(centre.database_url)
    with writing(engine) as connection:
        revoke(connection, gate.edge, NOW)
        tell(connection, gate.compound, Revoked("p"))
    engine.dispose()
    waiting.join()
    assert answers == [401]


@pytest.mark.parametrize("wait", [0, 20])
def test_an_edge_that_is_revoked_while_it_is_read_to_hears_nothing(
    centre: Centre, engine: Engine, monkeypatch: pytest.MonkeyPatch, wait: int
) -> None:
    gate = fresh()
    known = centre.let_in(gate)

    def revoked_first(engine_there: Engine, compound: str, after: int) -> Page:
        with writing(engine) as connection:
            revoke(connection, gate.edge, NOW)
            tell(connection, compound, Revoked("p"))
        return page_after(engine_there, compound, after)

    monkeypatch.setattr("central.api.page_after", revoked_first)
    query = {"after": "0", "wait": str(wait)}
    answer = centre.http.get("/v1/feed", params=query, headers=known)
    assert (answer.status_code, "items" in answer.json()) == (401, False)


def test_news_wakes_an_edge_that_waits(centre: Centre) -> None:
    gate = fresh()
    known = centre.let_in(gate)
    pages: list[dict[str, object]] = []

    def ask() -> None:
        query = {"after": "0", "wait": "25"}
        pages.append(centre.http.get("/v1/feed", params=query, headers=known).json())

    waiting = threading.Thread(target=ask)
    waiting.start()
    engine = open_database(centre.database_url)
    with writing(engine) as connection:
        number = tell(connection, gate.compound, Revoked("p"))
    engine.dispose()
    waiting.join()
    (page,) = pages
    assert page["number"] == page["newest"] == number


def test_a_centre_put_back_from_a_copy_says_so_and_takes_no_number_again(
    centre: Centre, engine: Engine
) -> None:
    gate = fresh()
    known = centre.let_in(gate)

    def ask(after: int, **more: str) -> httpx.Response:
        query = {"after": str(after)} | more
        return centre.http.get("/v1/feed", params=query, headers=known)

    with writing(engine) as connection:
        newest = tell(connection, gate.compound, Revoked("p1"))
    lost = newest + 10_000_000
    first = ask(lost).json()
    assert (first["number"], first["newest"], first["behind"]) == (lost, lost, True)
    with writing(engine) as connection:
        later = tell(connection, gate.compound, Revoked("p2"))
    page = ask(lost).json()
    assert [one["number"] for one in page["items"]] == [later]
    assert later > lost
    assert page["behind"]
    assert ask(2**53).status_code == 400
    assert ask(later).json()["items"] == []
    # Of another database's numbers nothing is believed, and its edge begins anew.
    other = ask(later + 10_000_000, epoch="ab" * 16).json()
    assert (other["number"], other["items"], other["behind"]) == (0, [], False)
    assert other["epoch"] == page["epoch"]
    assert ask(later, epoch=page["epoch"]).json()["newest"] == later


def test_several_workers_on_one_database_are_one_centre(centre: Centre, engine: Engine) -> None:
    gate = fresh()
    with client(centre.database_url, known=False) as second:
        assert second.post(
            "/v1/claim", json=gate.claiming(code_for(centre.database_url, gate.compound))
        ).is_success
        challenge = centre.http.post("/v1/challenge", json={"edge": gate.edge}).json()["challenge"]
        opened = second.post("/v1/session", json=gate.answer(challenge)).json()
        known = centre.as_(opened["token"])
        rows = [wire(row) for row in chain(40)]

        def send(turn: int) -> int:
            http = (centre.http, second)[turn % 2]
            batch = {"edge": gate.edge, "events": rows[turn % 4 * 5 : turn % 4 * 5 + 25]}
            return len(http.post("/v1/events", json=batch, headers=known).json()["safe"])

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(send, range(8))) == [25] * 8
            query = {"after": "0", "wait": "25"}
            asked = pool.submit(second.get, "/v1/feed", params=query, headers=known)
            with writing(engine) as connection:
                number = tell(connection, gate.compound, Revoked("p"))
            assert asked.result().json()["number"] == number
        query = {"edge": gate.edge, "limit": "1000"}
        held = second.get("/v1/events", params=query, headers=known).json()["events"]
    assert [row["arrival"] for row in held] == list(range(1, 41))
    assert sorted(row["seq"] for row in held) == list(range(1, 41))


def test_what_a_log_says_of_a_failing_database_names_nobody(
    centre: Centre, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    gate = fresh()
    known = centre.let_in(gate)
    body = {"resident_id": "r1"}
    letters = {"letters": [{"number": 1, "kind": "resident_gone", "body": body}]}
    code = code_for(centre.database_url, gate.compound)
    with writing(engine) as connection:
        for table in ("letters", "claim_codes"):
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_elsewhere"))
    try:
        answers = [
            centre.http.post("/v1/letters", json=letters, headers=known),
            centre.claim(gate, code),
        ]
    finally:
        with writing(engine) as connection:
            for table in ("letters", "claim_codes"):
                connection.execute(text(f"ALTER TABLE {table}_elsewhere RENAME TO {table}"))
    assert [answer.status_code for answer in answers] == [503, 503]
    for said in (caplog.text, *(answer.text for answer in answers)):
        assert "database failed" in said
        for secret in ("r1", code, known["Authorization"][7:], gate.public.hex()):
            assert secret not in said
    assert centre.http.post("/v1/letters", json=letters, headers=known).json()["safe"] == [1]


@pytest.fixture
def engine(centre: Centre) -> Iterator[Engine]:
    opened = open_database(centre.database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def gate(centre: Centre) -> Gate:
    gate = fresh()
    gate.claim(centre.database_url, str(centre.http.base_url))
    return gate


def answered(gate: Gate, challenge: str, **bent: str) -> Answered:
    return Answered(**(gate.answer(challenge) | bent))


def test_a_code_dies_with_its_life_even_for_the_edge_that_used_it(
    centre: Centre, engine: Engine
) -> None:
    gate = fresh()
    claiming = claims.Claiming(**gate.claiming(code_for(centre.database_url, gate.compound)))
    now = clock.now()
    claims.claim_edge(engine, claiming, now + claims.LIFE - timedelta(minutes=1))
    with pytest.raises(claims.ClaimRefusedError, match="expired"):
        claims.claim_edge(engine, claiming, now + claims.LIFE)


def test_a_challenge_is_good_once_and_for_a_minute(engine: Engine, gate: Gate) -> None:
    challenge = challenge_for(engine, gate.edge, NOW)
    late = NOW + sessions.ANSWER_WITHIN
    with pytest.raises(StrangerError, match="too old"):
        open_session(engine, answered(gate, challenge), late)
    # Nor is one good whose time has not come: a clock was put back in between.
    with pytest.raises(StrangerError, match="too old"):
        open_session(engine, answered(gate, challenge), NOW - timedelta(seconds=1))
    open_session(engine, answered(gate, challenge), late - timedelta(seconds=1))
    with pytest.raises(StrangerError, match="answered already"):
        open_session(engine, answered(gate, challenge), NOW)


def test_a_challenge_of_another_edge_or_of_nobody_is_refused(engine: Engine, gate: Gate) -> None:
    other = challenge_for(engine, fresh().edge, NOW)
    mine = challenge_for(engine, gate.edge, NOW)
    bent = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    for challenge in (other, bent, mine.upper(), "", mine + "00"):
        with pytest.raises(StrangerError, match="none of this centre's"):
            open_session(engine, answered(gate, challenge), NOW)


def test_only_the_edges_own_signature_lets_in(engine: Engine, gate: Gate) -> None:
    challenge = challenge_for(engine, gate.edge, NOW)
    forged = fresh().sign(b"kuahu session 1\x00" + gate.edge.encode() + challenge.encode())
    bare = gate.sign(challenge.encode())
    for signature in (forged.hex(), bare.hex(), "00" * 64, "", "no hex", "中"):
        with pytest.raises(StrangerError, match="does not know"):
            open_session(engine, answered(gate, challenge, signature=signature), NOW)
    assert open_session(engine, answered(gate, challenge), NOW).seconds == 3600


def test_a_token_lives_for_an_hour(engine: Engine, gate: Gate) -> None:
    token = open_session(engine, answered(gate, challenge_for(engine, gate.edge, NOW)), NOW).token
    assert speaker(engine, token, NOW + sessions.LIFE - timedelta(seconds=1)).edge == gate.edge
    for wrong, now in ((token, NOW + sessions.LIFE), (token + "x", NOW), (token[:-1], NOW)):
        with pytest.raises(StrangerError, match="begin a session"):
            speaker(engine, wrong, now)


def test_nothing_that_lets_in_is_kept_as_it_is(centre: Centre, engine: Engine, gate: Gate) -> None:
    code = code_for(centre.database_url, gate.compound)
    opened = open_session(engine, answered(gate, challenge_for(engine, gate.edge, NOW)), NOW)
    with engine.connect() as connection:
        for table in ("claim_codes", "sessions", "edges"):
            kept = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert code not in kept
            assert code.replace("-", "") not in kept
            assert opened.token not in kept
    assert opened.token not in repr(opened)
    assert code not in repr(claims.Claiming(**gate.claiming(code)))


def test_eight_at_once_with_one_code_make_one_edge_known(centre: Centre) -> None:
    first = fresh()
    code = code_for(centre.database_url, first.compound)
    gates = [Gate(secrets.token_hex(8), first.compound) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda gate: centre.claim(gate, code).status_code, gates))
    assert sorted(answers) == [200] + [403] * 7


def test_guessing_at_the_same_moment_gains_nothing(engine: Engine) -> None:
    keys = attempts.by_address("test", secrets.token_hex(4), "account")
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: attempts.admit(engine, keys, NOW), range(24)))
    assert waits.count(0.0) == attempts.PAIR.free + 1


def test_waits_double_are_bounded_and_forgotten_in_time(engine: Engine) -> None:
    keys = (attempts.Key(secrets.token_hex(8), attempts.Limit(free=2, most=10.0)),)
    now, waits = NOW, list[float]()
    for _ in range(8):
        wait = attempts.admit(engine, keys, now)
        waits.append(wait)
        now += timedelta(seconds=wait)
        if wait:
            assert attempts.admit(engine, keys, now - timedelta(milliseconds=1)) > 0
            assert attempts.admit(engine, keys, now) == 0.0
    assert waits == [0.0, 0.0, 0.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    # Many at one moment do not all read the clock in the same order.
    assert attempts.admit(engine, keys, now - timedelta(seconds=1)) == 10.0
    # A clock that was put back keeps nobody out.
    assert attempts.admit(engine, keys, NOW - timedelta(days=300)) == 0.0
    past = NOW - timedelta(days=300) + attempts.FORGET
    assert [attempts.admit(engine, keys, past) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]


def test_whose_tries_are_counted_cannot_be_read_from_the_table(engine: Engine) -> None:
    attempts.admit(engine, attempts.by_address("claim", "203.0.113.7", "boss"), NOW)
    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM attempts")).all())
    assert "203.0.113.7" not in kept
    assert "boss" not in kept
