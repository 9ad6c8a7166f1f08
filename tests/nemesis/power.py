"""Power cuts out of a record: what the disk may hold when the current goes, at any moment of a run.

A write counts as safe only once an fdatasync (or fsync) that began after it has come back, a new
or removed name only once its folder was synced. Whatever is not safe may or may not be there, each
piece by itself: that is what a disk with a cache does.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edge import wire
from mqtt_bridge.codec import claimed_order
from tests.fakes.tcp_proxy import split

SECTOR = 512
_LINE = re.compile(r"^(\d+) +(\w+)\((.*?)(?:\) += (-?\d+)|( <unfinished \.\.\.>)).*$", re.DOTALL)
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")
_FILE = re.compile(r"^\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OF_SQLITE = re.compile(r"\.db(-wal|-journal)?$")


@dataclass(frozen=True, slots=True)
class Call:
    """One step of a recorded process; `began` is when its call did, as a line number."""

    name: str
    path: str
    began: int
    data: bytes = b""
    at: int = 0


@dataclass
class File:
    """A file as the disk surely has it, and what is on its way."""

    safe: bytearray
    pending: list[Call] = field(default_factory=list)
    named: bool = True
    """Whether its name is surely there."""
    gone: bool = False
    """Whether its name was removed."""


def calls_of(trace: Iterable[str]) -> Iterator[Call]:
    """Yield the steps of a recorded run in order.

    A write stands where it began, everything else where it came back.
    """
    waiting: dict[str, Call] = {}
    for number, line in enumerate(trace):
        if resumed := _RESUMED.match(line):
            call = waiting.pop(resumed[1], None)
            if call is not None and int(resumed[3]) >= 0:
                yield call
            continue
        found = _LINE.match(line)
        if found is None:
            continue
        thread, name, words, result, unfinished = found.groups()
        call = _call(name, words, number)
        if call is None or (result is not None and int(result) < 0):
            continue
        if name in ("pwrite64", "sendto") or not unfinished:
            # What is being said may have been heard, and what is being written may be there.
            yield call
        else:
            waiting[thread] = call


def _call(name: str, words: str, number: int) -> Call | None:
    texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(words)]
    file = _FILE.match(words)
    path = bytes.fromhex(file[1].replace("\\x", "")).decode() if file and "\\x" in file[1] else ""
    data, last = (texts[0] if texts else b""), words.rpartition(",")[2]
    steps: dict[str, Callable[[], Call | None]] = {
        "pwrite64": lambda: Call(name, path, number, data, int(last)),
        "ftruncate": lambda: Call(name, path, number, at=int(last)),
        "fdatasync": lambda: Call("sync", path, number),
        "fsync": lambda: Call("sync", path, number),
        "unlink": lambda: Call(name, data.decode(), number),
        "openat": lambda: Call("make", data.decode(), number) if "O_CREAT" in words else None,
        "sendto": lambda: Call("say", path, number, data),
    }
    return steps[name]() if name in steps else None


class Disk:
    """The SQLite files under a folder, as a power cut would find them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = {
            str(path): File(bytearray(path.read_bytes()))
            for path in sorted(root.rglob("*"))
            if path.is_file() and _OF_SQLITE.search(path.name)
        }

    def step(self, call: Call) -> None:
        """Let one step happen."""
        if call.name == "sync" and not _OF_SQLITE.search(call.path):
            self._sync_folder(Path(call.path))
        elif _OF_SQLITE.search(call.path) and Path(call.path).is_relative_to(self._root):
            self._step(call)

    def cut(self, rng: random.Random) -> dict[Path, bytes]:
        """Return what may be found after a power cut now: path under the folder, and content."""
        keep = rng.choice([0.0, 0.5, 0.9])
        found = {}
        for path, file in self._files.items():
            if (file.gone or not file.named) and rng.random() >= keep:
                if not file.named:
                    continue
            elif file.gone:
                continue
            content = bytearray(file.safe)
            for call in file.pending:
                if rng.random() < keep:
                    _apply(content, _torn(call, rng))
            found[Path(path).relative_to(self._root)] = bytes(content)
        return found

    def _step(self, call: Call) -> None:
        file = self._files.get(call.path)
        match call.name:
            case "make" if file is None or file.gone:
                self._files[call.path] = File(bytearray(), named=False)
            case "unlink" if file is not None:
                file.gone = True
            case "sync" if file is not None:
                for each in [one for one in file.pending if one.began < call.began]:
                    _apply(file.safe, each)
                file.pending = [one for one in file.pending if one.began >= call.began]
            case "pwrite64" | "ftruncate" if file is not None:
                file.pending.append(call)

    def _sync_folder(self, folder: Path) -> None:
        for path, file in list(self._files.items()):
            if Path(path).parent == folder:
                file.named = True
                if file.gone:
                    del self._files[path]


def _torn(call: Call, rng: random.Random) -> Call:
    """Return a write that may have stopped at the end of a sector."""
    sectors = len(call.data) // SECTOR
    if call.name != "pwrite64" or sectors < 2 or rng.random() < 0.8:
        return call
    length = rng.randrange(1, sectors) * SECTOR
    return Call(call.name, call.path, call.began, call.data[:length], call.at)


def _apply(content: bytearray, call: Call) -> None:
    if call.name == "ftruncate":
        del content[call.at :]
        content.extend(bytes(call.at - len(content)))
        return
    content.extend(bytes(max(0, call.at - len(content))))
    content[call.at : call.at + len(call.data)] = call.data


def promises_of(call: Call) -> tuple[set[int], set[str]]:
    """Return the events that a message names as recorded, and the commands that it carries."""
    if call.name != "say":
        return set(), set()
    return _answered(call.data), _ordered(call.data)


def _answered(data: bytes) -> set[int]:
    try:
        said = wire.decode(data[4:])
    except ValueError:
        return set()
    return {said.seq} - {0} if isinstance(said, wire.Answered) else set()


def _ordered(data: bytes) -> set[str]:
    if not data or data[0] >> 4 != 3:
        return set()
    packets, _ = split(data)
    orders = [
        claimed_order(_payload(packet.raw)) for packet in packets if _is_command(packet.topic)
    ]
    return {order.cmd_id for order in orders if order is not None}


def _is_command(topic: str) -> bool:
    return topic.startswith("kuahu/1/relay/") and topic.endswith("/command")


def _payload(raw: bytes) -> bytes:
    at = 2 + next(index for index, byte in enumerate(raw[1:5]) if byte < 0x80)
    return raw[at + 2 + int.from_bytes(raw[at : at + 2], "big") :]
