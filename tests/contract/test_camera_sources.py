"""What every kind of camera keeps to: real files, real pictures, and a browser's inlet."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.cameras.folder import FolderSource
from edge.cameras.kiosk import KioskSource, Pushed, pushed
from edge.cameras.pace import BEHIND, Pace
from edge.cameras.picture_file import pack
from edge.cameras.source import Source
from edge.cameras.usb import UsbSource
from edge.cameras.video_file import VideoFileSource
from edge.latest import Latest
from models.errors import CameraFault
from tests.fakes.camera import HandClock, Scripted, noisy
from tests.fakes.rtsp import clip

_SIZE = (320, 240)


def _jpegs(folder: Path, number: int) -> Path:
    folder.mkdir()
    for each in range(number):
        (folder / f"{each}.jpg").write_bytes(pack(noisy(each, *_SIZE), 320, 90))
    return folder


def _folder(tmp_path: Path, clock: HandClock) -> Source:
    folder = _jpegs(tmp_path / "pictures", 3)
    return FolderSource(folder, repeat=2, loop=False, fps=10, clock=clock, wait=clock.sleep)


def _file(tmp_path: Path, clock: HandClock) -> Source:
    path = clip(tmp_path / "a.mp4", "libx264", seconds=1, size=_SIZE)
    return VideoFileSource(path, loop=False, clock=clock, wait=clock.sleep)


class _Browser(Latest[Pushed]):
    """Pushes a picture whenever one is wanted, five in all."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock
        self._left = 5

    def take(self, timeout: float = 0.0) -> Pushed | None:
        if self._left:
            self._left -= 1
            self._clock.sleep(0.1)
            self.put(pushed(pack(noisy(self._left, *_SIZE), 320, 90), 0.05, self._clock()))
        return super().take(min(timeout, 0.01))


def _kiosk(tmp_path: Path, clock: HandClock) -> Source:
    del tmp_path
    return KioskSource(_Browser(clock))


@pytest.mark.parametrize("kind", [_folder, _file, _kiosk])
def test_every_source_gives_colour_pictures_with_times_that_have_come(
    kind: Callable[[Path, HandClock], Source], tmp_path: Path
) -> None:
    clock = HandClock()
    source = kind(tmp_path, clock)
    before = float("-inf")
    for _ in range(5):
        picture = source.read()
        assert picture is not None
        assert picture.pixels.shape == (240, 320, 3)
        assert picture.captured is not None
        assert before < picture.captured <= clock()
        before = picture.captured
    about = source.about()
    assert (about.width, about.height) == _SIZE
    assert about.codec
    source.close()


@pytest.mark.parametrize(("kind", "frames"), [(_folder, 6), (_file, 15)])
def test_a_recording_ends_after_its_last_picture(
    kind: Callable[[Path, HandClock], Source], frames: int, tmp_path: Path
) -> None:
    source = kind(tmp_path, HandClock())
    assert not source.about().live
    shown = list(itertools.takewhile(lambda p: p is not None, iter(source.read, 0)))
    assert len(shown) == frames
    source.close()


def test_a_browser_that_goes_away_is_a_fault_that_says_what_to_do() -> None:
    source = KioskSource(_Browser(HandClock()))
    for _ in range(5):
        source.read()
    with pytest.raises(CameraFault, match="open the lane's screen"):
        source.read()


def test_a_folder_is_shown_in_order_each_picture_for_its_frames(tmp_path: Path) -> None:
    clock = HandClock()
    folder = _jpegs(tmp_path / "p", 2)
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    source = FolderSource(folder, repeat=2, loop=True, fps=10, clock=clock, wait=clock.sleep)
    shown = [source.read() for _ in range(6)]
    means = [round(float(each.pixels.mean()), 3) for each in shown if each is not None]
    assert means[0] == means[1] == means[4] == means[5]
    assert means[2] == means[3] != means[0]
    times = [each.captured for each in shown if each is not None]
    assert times == pytest.approx([100 + n / 10 for n in range(6)])


def test_a_looped_file_goes_on(tmp_path: Path) -> None:
    clock = HandClock()
    path = clip(tmp_path / "a.mp4", "libx264", seconds=0.4, size=_SIZE)
    source = VideoFileSource(path, loop=True, clock=clock, wait=clock.sleep)
    times = [picture.captured for _ in range(20) if (picture := source.read()) is not None]
    assert len(times) == 20
    assert times == sorted(times)
    source.close()


@pytest.mark.parametrize("inside", [None, "notes.txt"])
def test_a_folder_without_pictures_says_so(inside: str | None, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    if inside is not None:
        folder.mkdir()
        (folder / inside).write_text("x", encoding="utf-8")
    clock = HandClock()
    with pytest.raises(CameraFault, match=r"check the path|put \.jpg"):
        FolderSource(folder, repeat=1, loop=False, fps=10, clock=clock, wait=clock.sleep)


@pytest.mark.parametrize("content", [None, b"", b"not a video at all" * 100])
def test_a_file_that_is_no_video_says_so(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    clock = HandClock()
    with pytest.raises(CameraFault, match="check the path in source"):
        VideoFileSource(path, loop=False, clock=clock, wait=clock.sleep)


def test_a_damaged_picture_in_a_folder_is_named(tmp_path: Path) -> None:
    folder = _jpegs(tmp_path / "p", 1)
    (folder / "0.jpg").write_bytes(b"\xff\xd8\xff")
    clock = HandClock()
    with pytest.raises(CameraFault, match=r"0\.jpg is damaged"):
        FolderSource(folder, repeat=1, loop=False, fps=10, clock=clock, wait=clock.sleep)


@pytest.mark.skipif(Path("/dev/video63").exists(), reason="this machine has 64 cameras")
def test_a_usb_camera_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(CameraFault, match="plug it in"):
        UsbSource(63, fps=10, clock=time.monotonic)


@pytest.mark.parametrize(("age", "captured"), [(0.2, 99.8), (-5.0, 100.0), (float("nan"), None)])
def test_a_pushed_picture_is_as_old_as_its_browser_says(age: float, captured: float | None) -> None:
    assert pushed(b"", age, 100.0).captured == captured


def test_a_showing_that_fell_behind_goes_on_from_now() -> None:
    clock = HandClock()
    pace = Pace(clock, clock.sleep)
    assert pace.until(0.0) == 100.0
    clock.now += 1 + BEHIND + 0.1
    assert pace.until(1.0) == clock.now
    due = pace.until(1.1)
    assert due == pytest.approx(clock.now)


def test_the_scripted_camera_keeps_to_the_same() -> None:
    source: Source = Scripted(iter([]))
    assert source.read() is None
    source.close()
