"""The vision process as a whole: spawned, with a core on the other end that behaves like one."""

import multiprocessing
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.settings import Settings
from edge import wire
from edge.cameras.jpeg_size import jpeg_size
from edge.cameras.picture_file import pack, read_picture
from edge.channel import Client, connect
from edge.places import Places
from edge.qr_image import png
from edge.vision import run
from models.observation import FaceFault
from recognition.face import Pixels
from tests.fakes.camera import until
from tests.fakes.camera_core import Core, listening
from tests.fakes.portraits import eileen_collins, grace_hopper, nobody

_SPAWN = multiprocessing.get_context("spawn")
_PASS = "KH1:" + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 4


def _settings(*cameras: dict[str, object], **recognition: object) -> Settings:
    return Settings(
        site={"compound": "00000001"},
        recognition=recognition,
        camera=cameras,
        relay=[{"name": camera["id"]} for camera in cameras],
        lane=[
            {
                "number": number,
                "name": str(number),
                "relay": camera["id"],
                "view": [{"camera": camera["id"]}],
            }
            for number, camera in enumerate(cameras, start=1)
        ],
    )


@contextmanager
def _vision(settings: Settings, root: Path) -> Iterator[None]:
    stop = _SPAWN.Event()
    process = _SPAWN.Process(target=run, args=(settings, root, stop))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join(30)
        ended = process.exitcode
        process.kill()
        process.join()
    assert ended == 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "s"
    folder.mkdir()
    return folder


def _noisy(picture: Pixels, seed: int) -> Pixels:
    noise = np.random.default_rng(seed).integers(0, 6, picture.shape, np.uint8)
    return np.asarray(cv2.add(picture, noise), np.uint8)


def _folder(folder: Path, *pictures: Path) -> Path:
    folder.mkdir()
    for number, picture in enumerate(pictures):
        shutil.copy(picture, folder / f"{number}{picture.suffix}")
    return folder


def _enrolled(core: Core, who: str, photo: Path, version: int) -> None:
    answer = core.encode(photo)
    assert isinstance(answer, wire.Encoded)
    rows = tuple((who, "3-1-502", engine, vector) for engine, vector in answer.templates)
    for part, row in enumerate(rows):
        core.say(wire.GalleryPart(version, part, len(rows), (row,)))


def test_an_enrolled_resident_is_named_and_a_stranger_is_not(tmp_path: Path, root: Path) -> None:
    pictures = _folder(tmp_path / "p", eileen_collins(), grace_hopper())
    camera = {"id": "gate", "source": f"folder:{pictures}", "repeat": 30, "loop": True}
    with listening(root) as core, _vision(_settings(camera), root):
        _enrolled(core, "eileen", eileen_collins(), 7)
        until(lambda: {face.seen.resident for face in core.faces()} == {"eileen", None}, 90)
        assert {face.seen.gallery for face in core.faces()} == {7}
        assert {face.seen.at.camera for face in core.faces()} == {"gate"}
        assert {face.seen.at.lane for face in core.faces()} == {1}
        unnamed = [face.seen for face in core.faces() if face.seen.resident is None]
        assert {seen.fault for seen in unnamed} == {FaceFault.UNKNOWN}
        assert all(jpeg_size(face.crop) is not None for face in core.faces())
        until(lambda: (h := core.health()) is not None and h.cameras[0].face_px > 60, 60)


def test_half_a_gallery_names_nobody(tmp_path: Path, root: Path) -> None:
    pictures = _folder(tmp_path / "p", eileen_collins())
    camera = {"id": "gate", "source": f"folder:{pictures}", "loop": True}
    with listening(root) as core, _vision(_settings(camera), root):
        answer = core.encode(eileen_collins())
        assert isinstance(answer, wire.Encoded)
        rows = tuple(("eileen", "3-1-502", *template) for template in answer.templates)
        core.say(wire.GalleryPart(1, 0, 1, ()))
        core.say(wire.GalleryPart(2, 0, 2, rows))
        until(lambda: bool(core.faces()), 90)
        assert core.faces()[0].seen.resident is None
        assert core.faces()[0].seen.gallery == 1


def test_a_pass_is_read_and_its_size_told(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "pass.png").write_bytes(png(_PASS))
    camera = {"id": "gate", "source": f"folder:{folder}", "loop": True}
    with listening(root) as core, _vision(_settings(camera), root):
        until(lambda: bool(core.codes()), 90)
        assert core.codes()[0].seen.text == _PASS
        assert core.codes()[0].seen.at.lane == 1
        until(lambda: (h := core.health()) is not None and h.cameras[0].module_px > 0, 60)
        health = core.health()
        assert health is not None
        assert health.cameras[0].module_px == pytest.approx(10, abs=0.5)


def test_a_browser_pushes_a_face_and_guards_see_it(root: Path) -> None:
    settings = _settings({"id": "tablet", "source": "kiosk"})
    portrait = read_picture(eileen_collins())
    with listening(root) as core, _vision(settings, root):
        _enrolled(core, "eileen", eileen_collins(), 1)
        channel = connect(Places(root).vision_socket, "web")
        client = Client(channel, lambda _: None)

        def pushing() -> bool:
            client.tell(wire.Push("tablet", pack(_noisy(portrait, len(core.told)), 640, 85), 0.02))
            return any(face.seen.resident == "eileen" for face in core.faces())

        until(pushing, 90)
        shown = client.ask(wire.Preview(client.ref(), "tablet"), wire.PreviewIs)
        assert jpeg_size(shown.jpeg) == (512, 512)
        assert shown.number > 0
        later = client.ask(wire.Preview(client.ref(), "tablet", after=10**9), wire.PreviewIs)
        assert later.jpeg == b""
        client.close()


def test_what_no_camera_sent_is_not_taken(root: Path) -> None:
    settings = _settings({"id": "tablet", "source": "kiosk"})
    with listening(root) as core, _vision(settings, root):
        until(lambda: core.state("tablet") == "away", 60)
        channel = connect(Places(root).vision_socket, "web")
        client = Client(channel, lambda _: None)
        client.tell(wire.Push("tablet", b"\x89PNG not a jpeg", 0.0))
        client.tell(wire.Push("nowhere", pack(read_picture(nobody()), 320, 80), 0.0))
        asked = wire.Preview(client.ref(), "tablet")
        assert client.ask(asked, wire.PreviewIs).jpeg == b""
        client.close()
        health = core.health()
        assert health is not None
        assert "browser" in health.cameras[0].complaint


def test_photos_that_cannot_be_enrolled_are_answered_in_words(tmp_path: Path, root: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 cut off")
    with listening(root) as core, _vision(_settings(), root):
        for photo, word in (
            (nobody(), "no face"),
            (broken, "broken.jpg"),
            (tmp_path / "gone.jpg", "cannot be read"),
        ):
            answer = core.encode(eileen_collins(), photo)
            assert isinstance(answer, wire.Failed)
            assert word in answer.text
        good = core.encode(eileen_collins(), grace_hopper())
        assert isinstance(good, wire.Encoded)
        assert len(good.templates) == 2


def test_vision_comes_back_to_a_core_that_hung_up(root: Path) -> None:
    with listening(root) as core, _vision(_settings(), root):
        until(lambda: core.health() is not None, 60)
        core.hang_up()
        until(lambda: len(core.lines) == 2, 60)
        before = len(core.told)
        until(lambda: any(isinstance(m, wire.VisionHealth) for m in core.told[before:]), 60)
        assert [m.role for m in core.told if isinstance(m, wire.Hello)] == ["vision", "vision"]


def test_the_turns_go_on(root: Path) -> None:
    with listening(root) as core, _vision(_settings(), root):
        # Two words may fall into one turn of a busy machine.
        until(lambda: len(set(_turns(core))) >= 3, 60)
        turns = _turns(core)
        assert turns == sorted(turns)


def _turns(core: Core) -> list[int]:
    return [m.turn for m in core.told if isinstance(m, wire.VisionHealth)]
