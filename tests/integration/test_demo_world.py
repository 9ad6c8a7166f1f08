"""The whole product in the demo's world: the story, and what the viewer can do to it."""

import functools
import secrets
import threading
import time
from collections.abc import Callable, Iterator

import cv2
import httpx
import pytest

from edge import wire
from edge.channel import connect
from edge.clock import SystemClock
from edge.demo.backdrop import Backdrop
from edge.demo.compound import HOME, make_up
from edge.demo.consent import version
from edge.demo.director import Wanted
from edge.demo.reel import Reel
from edge.demo.scenes import CodeHeldUp, Painter
from edge.demo.stage import Act
from edge.demo.story import OPENED, Step, story
from edge.demo.viewer import NAME, Viewer
from edge.demo.world import Inputs, World, broker_at, pictures, running
from edge.qr_image import png
from edge.store.folder import Folder, load_keys
from edge.sync.road import Address, Road
from edge.sync.session import Session
from models.command import Action
from models.errors import InputError
from models.lane import Credential, Direction
from models.observation import GuardPressed, GuardReason, Sighting
from mqtt_bridge.ledger import Entry, read_ledger
from tests.fakes.portraits import eileen_collins

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # pytest's own folders are too deep for a Unix socket on some machines.
    root = tmp_path_factory.mktemp("d")
    stop = threading.Event()
    with running(Inputs(root, pictures(None, None), patience=60.0), stop) as opened:
        yield opened
        stop.set()


def _until(met: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.1)
    return met()


def _site(world: World) -> wire.Site:
    assert world.witness.site is not None
    return world.witness.site


def _faults(world: World) -> str:
    return " ".join(f"{fault.part} {fault.text}" for fault in _site(world).faults)


def _barrier(world: World, lane: int) -> str:
    return next(one.barrier for one in _site(world).lanes if one.number == lane)


def _ledger(world: World, lane: int) -> tuple[Entry, ...]:
    return read_ledger(world.places.root / "demo" / f"gate-{lane}.ledger")


def _closings(world: World, lane: int) -> int:
    return sum(entry.action is Action.CLOSE for entry in _ledger(world, lane))


def _press(world: World, lane: int) -> str:
    at = Sighting(lane, Direction.ENTRY, time.monotonic())
    seen = GuardPressed(at, "keeper", GuardReason.OTHER)
    answer = world.witness.ask(lambda ref: wire.Press(ref, seen))
    assert isinstance(answer, wire.Answered)
    return answer.answer


def _do(world: World, name: str, target: str = "", *, on: bool = True) -> None:
    world.backstage.perform(Act(name, target, on))


def test_the_story_is_told_and_told_again(world: World) -> None:
    # What opened once must open again, and a face that was taken back comes back with a new photo.
    again = ("photo_from_phone", "resident_face", "pass_in", "car_in")
    for steps in (story(), tuple(_step(name) for name in again)):
        codes = world.passes.codes()
        results = [world.director.play(step, codes) for step in steps]
        assert [(result.step, result.got, result.note) for result in results] == [
            (step.name, step.expected, "") for step in steps
        ]
        assert all(result.ok for result in results)
    assert world.witness.saved("2020-01-01") >= 0


def test_the_stage_shows_lamps_and_sockets(world: World) -> None:
    lamps = world.backstage.state()["lamps"]
    assert isinstance(lamps, list)
    assert [one["output"] for one in lamps] == ["drive", "garage", "c1"]


def test_nobody_is_under_a_closing_arm(world: World) -> None:
    assert _until(lambda: world.gates.closed(2))
    before = _closings(world, 2)
    assert _press(world, 2) == OPENED
    _do(world, "stand", "2")
    try:
        # Far longer than the barrier stands open for, and far longer than it needs to close.
        time.sleep(8)
        assert _closings(world, 2) == before
        assert not world.gates.closed(2)
        lanes = world.backstage.state()["lanes"]
        assert isinstance(lanes, list)
        assert [lane["stands"] for lane in lanes] == [False, True, False]
    finally:
        _do(world, "stand", "2", on=False)
    assert _until(lambda: world.gates.closed(2))
    assert _closings(world, 2) == before + 1


def test_the_guard_sees_a_pulled_camera_and_its_return(world: World) -> None:
    _do(world, "camera", "cam1", on=False)
    try:
        assert _until(lambda: "cam1" in _faults(world))
    finally:
        _do(world, "camera", "cam1")
    assert _until(lambda: "cam1" not in _faults(world))


def test_without_the_broker_nothing_opens_and_with_it_all_is_well_again(world: World) -> None:
    assert _until(lambda: world.gates.closed(1))
    _do(world, "broker", on=False)
    try:
        assert _until(lambda: "broker" in _faults(world))
        opened = len(_ledger(world, 1))
        assert _press(world, 1) != OPENED
        assert len(_ledger(world, 1)) == opened
    finally:
        _do(world, "broker")
    assert _until(lambda: all(lane.relay_ok for lane in _site(world).lanes))
    time.sleep(1)
    assert len(_ledger(world, 1)) == opened, "what was wished for meanwhile may not come late"
    assert _press(world, 1) == OPENED
    assert len(_ledger(world, 1)) == opened + 1


def _step(name: str) -> Step:
    return next(step for step in story() if step.name == name)


def test_every_event_arrives_at_the_centre_once_though_it_was_away(world: World) -> None:
    codes = world.passes.codes()
    for name in ("photo_from_phone", "resident_face"):
        assert world.director.play(_step(name), codes).ok
    _do(world, "centre", on=False)
    away = [world.director.play(_step(name), codes) for name in ("pass_in", "stranger_face")]
    assert all(result.ok for result in away)
    # Only somebody who has something to send notices that the centre is away.
    assert _until(lambda: _site(world).centre == "away" and _site(world).backlog > 0, 60)
    _do(world, "centre")
    assert _until(lambda: _site(world).backlog == 0 and _site(world).centre == "ok", 90)
    here = _rows(world)
    there = _at_centre(world)
    assert len(there) == len(set(there))
    assert set(there) >= here
    assert _site(world).quarantined == 0


def _rows(world: World) -> set[tuple[str, int]]:
    """Return every row that guards see, as (journal, seq)."""
    found: set[tuple[str, int]] = set()
    after = 0
    while True:
        answer = world.witness.ask(functools.partial(wire.Rows, since=after))
        assert isinstance(answer, wire.RowsAre)
        if not answer.rows:
            return found
        found |= {(row.journal, row.seq) for row in answer.rows}
        after = max(row.seq for row in answer.rows)


def _at_centre(world: World) -> list[tuple[str, int]]:
    keys = load_keys(Folder(world.places.root))
    edge = keys.edge
    with Road(Address(world.links.centre, edge), lambda: 0.0) as road:
        token = Session(edge, keys.sign).token(road)
    after = 0
    found: list[tuple[str, int]] = []
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        while True:
            answer = client.get(
                f"{world.links.centre}/v1/events", params={"edge": edge, "after": after}
            ).json()
            if not answer["events"]:
                return found
            found += [(row["journal"], row["seq"]) for row in answer["events"]]
            after = answer["next"]


def test_the_lane_screens_open_with_their_keys(world: World) -> None:
    for url in world.links.screens.values():
        assert httpx.get(url, follow_redirects=True).status_code == 200
    refused = world.links.screens[1].partition("?")[0]
    assert httpx.get(refused, follow_redirects=True).status_code != 200


def test_the_stage_knows_its_limits(world: World) -> None:
    for act in (
        Act("fly", "", on=True),
        Act("stand", "4", on=True),
        Act("walk", "²", on=True),
        Act("camera", "cam9", on=False),
    ):
        with pytest.raises(InputError):
            world.backstage.perform(act)
    assert _until(lambda: world.gates.closed(1))
    with pytest.raises(InputError, match="not open"):
        world.backstage.perform(Act("walk", "1", on=True))


def test_a_visitors_code_for_a_phone_is_a_fresh_pass(world: World) -> None:
    first, second = world.backstage.visitor_code(), world.backstage.visitor_code()
    assert first.startswith(b"\x89PNG")
    assert first != second


def test_a_pass_before_a_browsers_camera_opens_its_lane(world: World) -> None:
    assert _until(lambda: world.gates.closed(2))
    token = world.household.visitor()
    reel = Reel(Painter(Backdrop(3), {}, png), time.monotonic)
    reel.show(CodeHeldUp(token))
    wanted = Wanted(world.witness.newest(), 2, Direction.ENTRY, Credential.PASS)
    eye = connect(world.places.vision_socket, "web")
    try:
        seen = None
        for _ in range(100):
            eye.send(wire.Push("kiosk", reel.frame()[1]))
            seen = seen or world.witness.decision(wanted, 0.1)
            if seen is not None and seen.outcome is not None:
                break
    finally:
        eye.close()
    assert seen is not None
    assert (seen.answer, seen.reason, seen.who) == (OPENED, "visitor", "演示访客")
    assert _until(lambda: world.gates.walk(2))


def test_a_viewer_of_a_killed_demo_is_erased_by_the_next(world: World) -> None:
    _, jpeg = cv2.imencode(".jpg", cv2.imread(str(eileen_collins())))
    with pytest.raises(InputError, match="agree"):
        world.viewer.enrol(jpeg.tobytes(), "some other text")
    world.viewer.enrol(jpeg.tobytes(), version("zh"))
    left = world.places.root / "demo" / "viewer.jpg"
    left.write_bytes(b"a picture that nobody has read yet")
    # What a process does that knows nothing of the one before.
    later = Viewer(world.places.root, HOME, world.witness, lambda: SystemClock().now().utc)
    later.erase()
    assert later.receipt.startswith("erased ")
    assert not left.exists()
    known = world.witness.ask(wire.Residents)
    assert isinstance(known, wire.ResidentsAre)
    assert NAME not in {row.name for row in known.rows}
    later.end()
    with pytest.raises(InputError, match="stopping"):
        later.enrol(jpeg.tobytes(), version("zh"))


def test_secrets_are_open_to_their_owner_only(world: World) -> None:
    root = world.places.root
    files = [root / "site.toml", root / "demo" / "secrets.json", world.places.relay_key("gate-1")]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert make_up(root) == make_up(root)


@pytest.mark.parametrize("url", ["", "localhost", "http://a:1", "mqtt://", "mqtt://a:99999", "x"])
def test_a_broker_that_is_no_address_is_named(url: str) -> None:
    with pytest.raises(InputError, match="mqtt://user:password@host:port"):
        broker_at(url)


def test_a_brokers_address_is_read_whole() -> None:
    password = secrets.token_urlsafe(8)
    address = broker_at(f"mqtt://me:{password}%40@broker.example:1884")
    assert (address.host, address.port, address.username) == ("broker.example", 1884, "me")
    assert address.password == f"{password}@"
