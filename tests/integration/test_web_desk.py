"""The guard's page and the lane's screen, with a core that answers, hangs, goes and comes back."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge import wire
from edge.web.attempts import PAIR
from models.command import Outcome
from models.lane import Credential, Direction
from models.observation import GuardReason
from tests.fakes.core import Person
from tests.fakes.web_browser import PlainBrowser, lane_screen, read_stream
from tests.fakes.web_eye import portrait
from tests.fakes.web_site import (
    GUARD,
    PASSWORD,
    WebSite,
    health,
    served,
    wait_for,
)

STRANGER = Person(Credential.FACE, crop=portrait(150))
OPEN = {"lane": "1", "direction": "entry", "why": "delivery", "note": " 顺丰 ", "answers": ""}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    with served(tmp_path) as site:
        yield site


@pytest.fixture
def desk(site: WebSite) -> Iterator[PlainBrowser]:
    site.admit(GUARD, "guard")
    with PlainBrowser(site.url) as browser:
        assert browser.log_in(GUARD, PASSWORD).headers["location"] == "/"
        yield browser


# --- the first account, and logging in -----------------------------------------------------------


def test_a_new_site_is_claimed_once_and_then_logged_in_to(site: WebSite) -> None:
    form = {"code": site.core.claim, "name": GUARD, "password": PASSWORD, "again": PASSWORD}
    with PlainBrowser(site.url) as browser:
        assert browser.get("/").headers["location"] == "/claim"
        assert f'value="{site.core.claim}"' in browser.get(f"/claim?code={site.core.claim}").text
        assert browser.post("/claim", form | {"code": "guess"}).status_code == 403
        assert browser.post("/claim", form | {"again": "something else"}).status_code == 400
        assert browser.post("/claim", form | {"password": "short"}).status_code == 400
        assert browser.post("/claim", form | {"name": " "}).status_code == 400
        assert site.core.users == {}
        assert browser.post("/claim", form).headers["location"] == "/login?welcome=1"
        assert site.core.users[GUARD].password_hash.startswith("$argon2id$")
        assert browser.post("/claim", form | {"name": "second"}).status_code == 403
        assert [each.name for each in site.core.claims] == [GUARD, GUARD]
        assert list(site.core.users) == [GUARD]
        assert browser.log_in(GUARD, PASSWORD).headers["location"] == "/"
        assert browser.get("/").status_code == 200
        assert browser.post("/logout").headers["location"] == "/login"
        assert browser.get("/").headers["location"] == "/login"


def test_whoever_guesses_the_claim_code_waits_however_many_guess_at_once(site: WebSite) -> None:
    form = {"name": GUARD, "password": PASSWORD, "again": PASSWORD}
    guesses = 24
    with PlainBrowser(site.url) as browser, ThreadPoolExecutor(guesses) as all_at_once:
        browser.get("/claim")
        answers = list(
            all_at_once.map(
                lambda guess: browser.post("/claim", form | {"code": f"guess {guess}"}).status_code,
                range(guesses),
            )
        )
    assert set(answers) == {403, 429}
    assert len(site.core.claims) == answers.count(403) < guesses


def test_a_claim_that_core_did_not_hear_is_not_a_guess(site: WebSite) -> None:
    form = {"code": site.core.claim, "name": GUARD, "password": PASSWORD, "again": PASSWORD}
    with PlainBrowser(site.url) as browser:
        browser.get("/claim")
        site.core.stop()
        for _ in range(PAIR.free + 2):
            assert browser.post("/claim", form).status_code == 503
        site.core.start()
        wait_for(lambda: health(site))
        assert browser.post("/claim", form).status_code == 303


def test_whoever_guesses_waits_and_who_is_logged_in_still_opens(
    site: WebSite, desk: PlainBrowser
) -> None:
    with PlainBrowser(site.url) as thief:
        thief.get("/login")
        answers = []
        for guess in range(PAIR.free + 2):
            forged = {"x-forwarded-for": f"10.0.0.{guess}"}
            answer = thief.post("/login", {"name": GUARD, "password": f"guess {guess}"}, **forged)
            answers.append(answer.status_code)
        assert answers[: PAIR.free] == [401] * PAIR.free
        assert answers[-1] == 429
        assert thief.post("/login", {"name": GUARD, "password": PASSWORD}).status_code == 429
    assert desk.post("/open", OPEN).status_code == 200
    assert len(site.core.presses) == 1


def test_an_unknown_name_and_a_wrong_password_look_the_same(
    site: WebSite,
    desk: PlainBrowser,  # noqa: ARG001 - makes the account
) -> None:
    texts = []
    for name in (GUARD, "nobody"):
        with PlainBrowser(site.url) as browser:
            answer = browser.log_in(name, "wrong password")
            assert answer.status_code == 401
            texts.append(answer.text.replace(name, "").replace(browser.token, ""))
    assert len(set(texts)) == 1


# --- opening by hand ---------------------------------------------------------------------------


def test_an_opening_by_hand_says_who_why_where_and_for_which_row(
    site: WebSite, desk: PlainBrowser
) -> None:
    refused = site.core.see(1, STRANGER, "refused", "unknown_face")
    answer = desk.post("/open", OPEN | {"answers": str(refused.seq)})
    (seen,) = site.core.presses
    assert (seen.guard, seen.why, seen.note) == (GUARD, GuardReason.DELIVERY, "顺丰")
    assert (seen.at.lane, seen.at.direction, seen.answers) == (1, Direction.ENTRY, refused.seq)
    assert "1 东门人行 · 已放行" in answer.text
    assert "notice ok" in answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"why": "because"},
        {"direction": "up"},
        {"note": "x" * 201},
        *({"lane": lane} for lane in ("one", "", "0", "-1", "64", str(2**63))),
        *({"answers": seq} for seq in ("0", "-1", str(2**53), str(2**63), "9" * 4000)),
    ],
)
def test_a_form_that_is_not_ours_opens_nothing(
    site: WebSite, desk: PlainBrowser, change: dict[str, str]
) -> None:
    assert desk.post("/open", OPEN | change).status_code == 400
    assert site.core.presses == []


def test_a_lane_that_is_not_there_is_named(site: WebSite, desk: PlainBrowser) -> None:
    answer = desk.post("/open", OPEN | {"lane": "9"})
    assert (answer.status_code, site.core.presses) == (404, [])
    assert "没有这条通道" in answer.text


def test_a_relay_that_does_not_answer_is_told_to_the_guard(
    site: WebSite, desk: PlainBrowser
) -> None:
    site.core.relay = Outcome.TIMED_OUT
    answer = desk.post("/open", OPEN)
    assert "道闸未回应" in answer.text
    assert "notice no" in answer.text


def test_a_code_is_checked_for_the_chosen_lane(site: WebSite, desk: PlainBrowser) -> None:
    code = "KH1:6BF+70R30FFWTWGSL +/A"
    site.core.codes[code] = ("opened", "visitor")
    answer = desk.post("/check", {"where": "2 exit", "text": code + "\r\n"})
    (asked,) = site.core.checks
    assert (asked.lane, asked.direction, asked.text, asked.guard) == (2, "exit", code, GUARD)
    assert "2 访客通道 · 已放行 · 访客" in answer.text
    for where in ("0 entry", "064 entry", "٢ exit", "2", f"{2**63} exit"):
        assert desk.post("/check", {"where": where, "text": code}).status_code == 400
    for lane in ("0", "64", str(2**63)):
        assert desk.post("/reset", {"lane": lane}).status_code == 400
    assert (len(site.core.checks), site.core.resets) == (1, [])
    refused = desk.post("/check", {"where": "1 entry", "text": "hello"})
    assert "未放行 · 不是访客码" in refused.text


def test_a_barrier_is_taken_back_in_the_guards_name(site: WebSite, desk: PlainBrowser) -> None:
    site.core.lane(1, barrier="held_fire")
    wait_for(lambda: "已查看，恢复使用" in desk.get("/").text)
    assert "消防联动" in desk.get("/").text
    assert desk.post("/reset", {"lane": "1"}).status_code == 200
    assert site.core.resets == [(1, GUARD)]
    wait_for(lambda: "已查看，恢复使用" not in desk.get("/").text)


# --- the page that keeps itself true --------------------------------------------------------------


def test_rows_arrive_and_arrive_again_with_their_outcome(site: WebSite, desk: PlainBrowser) -> None:
    def later() -> None:
        site.core.see(1, Person(Credential.FACE, "林晓", "3-1-502"), "opened", "resident")

    threading.Timer(1.5, later).start()
    said = read_stream(desk, "/events", "184")
    assert said.index("放行中") < said.index("已放行")
    assert said.count('id="row-1f0c5a8e-1"') == 2
    assert "林晓" in said


def test_a_name_that_was_erased_is_on_no_page(site: WebSite, desk: PlainBrowser) -> None:
    site.core.see(1, Person(Credential.FACE, "林晓", "3-1-502"), "opened", "resident")
    wait_for(lambda: "林晓" in desk.get("/").text)
    threading.Timer(1.5, site.core.erase, ("林晓",)).start()
    said = read_stream(desk, "/events", "event: again")
    assert "林晓" in said.partition("event: again")[0]
    text = desk.get("/").text
    assert "row-1f0c5a8e-1" in text
    assert "注销住户" in text
    assert "林晓" not in text
    assert "3-1-502" not in text


def test_what_a_stranger_writes_stays_text(site: WebSite, desk: PlainBrowser) -> None:
    nasty = '<script>alert(1)</script>"onload=x'
    site.core.see(1, Person(Credential.PASS, nasty, nasty), "refused", nasty)
    wait_for(lambda: "&lt;script&gt;" in desk.get("/").text)
    text = desk.get("/").text
    assert "<script>alert" not in text
    assert '"onload' not in text


def test_faults_are_in_words_with_what_to_do(site: WebSite, desk: PlainBrowser) -> None:
    at = "2026-11-21T17:00:00+00:00"
    fault = wire.FaultLine("camera cam-1", "no answer", "see cable", at, "camera_away")
    site.core.change(
        faults=(fault,), backlog=7, centre="away", unrecorded=2, time_trust="floor", quarantined=1
    )
    wait_for(lambda: "no answer" in desk.get("/").text)
    text = desk.get("/").text
    for words in ("摄像机 cam-1", "摄像机离线", "11-22 01:00:00", "7 条记录待上传"):
        assert words in text
    for words in ("中心未连接", "2 次放行尚未记录", "时间未校准", "1 条记录未被中心接收"):
        assert words in text
    desk.post("/language", {"language": "en", "back": "/"})
    text = desk.get("/").text
    for words in ("Camera cam-1", "see cable", "7 events waiting", "Centre not reached"):
        assert words in text


def test_core_may_go_and_come_back(site: WebSite, desk: PlainBrowser) -> None:
    site.core.see(1, STRANGER, "refused", "unknown_face")
    wait_for(lambda: "row-1f0c5a8e-1" in desk.get("/").text)
    site.core.stop()
    wait_for(lambda: not health(site))
    text = desk.get("/").text
    assert "核心程序重启中" in text
    assert "row-1f0c5a8e-1" in text
    assert desk.post("/open", OPEN).status_code == 503
    assert "核心程序重启中" in desk.post("/check", {"where": "1 entry", "text": "x"}).text
    site.core.see(1, STRANGER, "refused", "unknown_face")
    site.core.start()
    wait_for(lambda: health(site))
    wait_for(lambda: "row-1f0c5a8e-2" in desk.get("/").text)
    assert desk.post("/open", OPEN).status_code == 200


def test_a_core_that_hangs_is_said_to_be_away(site: WebSite, desk: PlainBrowser) -> None:
    site.core.deaf.set()
    wait_for(lambda: not health(site), 40)
    assert "核心程序重启中" in desk.get("/").text
    site.core.deaf.clear()
    wait_for(lambda: health(site))


def test_health_says_no_more_than_whether(site: WebSite) -> None:
    with PlainBrowser(site.url) as browser:
        assert browser.get("/healthz").json() == {"ok": True}


def test_a_stream_shows_that_it_lives_however_much_core_says(
    site: WebSite, desk: PlainBrowser
) -> None:
    def chatter() -> None:
        while not done.wait(0.2):
            site.core.push(site.core.site)

    done = threading.Event()
    talker = threading.Thread(target=chatter)
    talker.start()
    try:
        assert "event: ping" in read_stream(desk, "/events", "event: ping")
        with lane_screen(site, 1) as screen:
            assert "event: ping" in read_stream(screen, "/lane/1/events", "event: ping")
    finally:
        done.set()
        talker.join()


# --- pictures -----------------------------------------------------------------------------------


def test_previews_are_newest_and_numbered(site: WebSite, desk: PlainBrowser) -> None:
    wait_for(lambda: desk.get("/lane-picture/cam-1.jpg").status_code == 200)
    first = desk.get("/lane-picture/cam-1.jpg")
    assert first.content.startswith(b"\xff\xd8")
    numbers = {int(desk.get("/lane-picture/cam-1.jpg").headers["x-number"]) for _ in range(20)}
    assert len(numbers) < 20
    assert desk.get("/lane-picture/elsewhere.jpg").status_code == 404
    assert desk.get(f"/lane-picture/cam-1.jpg?after={10**30}").status_code in {200, 400}
    site.eye.stop()


def test_evidence_is_shown_while_there_is_any(site: WebSite, desk: PlainBrowser) -> None:
    row = site.core.see(1, STRANGER, "refused", "unknown_face")
    answer = desk.get(f"/evidence/{row.seq}.jpg")
    assert (answer.content, answer.headers["content-type"]) == (STRANGER.crop, "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"
    assert desk.get("/evidence/999.jpg").status_code == 404
    for seq in ("x", "0", "-1", str(2**53), str(2**63), str(2**64), "9" * 5000):
        assert desk.get(f"/evidence/{seq}.jpg").status_code == 400
    assert desk.get(f"/evidence/{2**53 - 1}.jpg").status_code == 404
