"""Writes the kept corpus anew: `python -m tests.fuzz.seeds`. Every picture in it is drawn here.

Inputs that once failed are made here too, under a name that says what they broke.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cbor2
import msgspec
from PIL import Image

from edge import wire
from gate.passes import mint
from models.lane import Direction
from models.observation import GuardPressed, GuardReason, PassShown, Sighting
from models.visit import Claims, PassKind
from tests.fakes.centre_events import chain
from tests.fakes.centre_events import wire as as_sent
from tests.fuzz.code_target import KEY, KID
from tests.fuzz.targets import CORPUS

_ROOT = Path(__file__).parents[2]
_START = datetime(2026, 11, 21, 8, tzinfo=UTC)
_FIELDS: dict[int, object] = {
    1: bytes(16),
    2: bytes(8),
    3: bytes.fromhex("a1b2c3d4"),
    4: 2,
    5: 1_795_248_000,
    6: 43_200,
    7: 1,
    8: 1,
}
Seeds = Iterator[tuple[str, bytes]]


def codes() -> Seeds:
    """Yield codes: genuine, changed, signed nonsense."""
    claims = Claims(
        "00" * 16,
        "11" * 8,
        "a1b2c3d4",
        frozenset({1}),
        _START,
        _START + timedelta(hours=12),
        1,
        PassKind.SINGLE,
        KID,
    )
    yield "genuine", mint(claims, KEY).encode()
    yield "signed", b"s" + cbor2.dumps(_FIELDS, canonical=True)
    yield "signed-empty", b"s"
    yield "signed-bignum", b"s" + cbor2.dumps(_FIELDS | {4: 2**64}, canonical=True)
    yield "signed-far-future", b"s" + cbor2.dumps(_FIELDS | {6: 2**32 - 1, 5: 2**32 - 1})
    yield "signed-nested", b"s" + b"\x81" * 60
    yield "signed-tag", b"s" + cbor2.dumps({1: cbor2.CBORTag(1, 2**40)})
    yield "signed-text-keys", b"s" + cbor2.dumps({"1": 1, 1.5: None})
    yield "rotating", b"r" + bytes(8) + cbor2.dumps(_FIELDS | {9: 1}, canonical=True)
    yield "rotating-now", b"t" + cbor2.dumps(_FIELDS | {9: 1}, canonical=True)
    week = 1 | 0b111110 << 1 | 540 << 8 | 1080 << 19
    recurring = {key: value for key, value in _FIELDS.items() if key != 8} | {7: 65_535, 9: week}
    yield "recurring-now", b"t" + cbor2.dumps(recurring, canonical=True)
    yield "recurring-no-week", b"s" + cbor2.dumps(recurring | {9: 2}, canonical=True)
    yield "delivery", b"s" + cbor2.dumps(_FIELDS | {8: 4}, canonical=True)
    yield "printed", b"s" + cbor2.dumps(_FIELDS | {8: 5, 7: 20}, canonical=True)
    yield "changed", b"c\x20" + cbor2.dumps(_FIELDS, canonical=True)
    yield "bytes", b"b" + bytes(range(80))
    yield "address", b"https://example.org/visit?id=1' OR '1'='1"
    yield "control", "KH1:\x00\u202e\ufeff€".encode()


def frames() -> Seeds:
    """Yield frames of relays, devices and the simulator's socket."""
    epoch = "e" * 16
    beat = {
        "epoch": epoch,
        "tick": 5,
        "last_seq": 1,
        "state": "open",
        "inputs": {"loop": False, "fire": True},
    }
    order = {
        "cmd_id": "c" * 32,
        "lane": 1,
        "action": "open",
        "seq": 2,
        "epoch": epoch,
        "not_after_tick": 300,
    }
    answer = {
        "cmd_id": "c" * 32,
        "seq": 2,
        "epoch": epoch,
        "outcome": "refused",
        "state": "unknown",
        "why": "mac",
    }
    for sort, value in (("h", beat), ("a", answer), ("o", order)):
        for sealed in "s-":
            name = f"{ {'h': 'heartbeat', 'a': 'answer', 'o': 'order'}[sort] }-{sealed}".strip("-")
            yield name, f"{sort}{sealed}".encode() + msgspec.json.encode(value)
    yield "order-nested", b"os" + b"[" * 900
    yield "order-not-utf8", b"os" + msgspec.json.encode(order).replace(b"open", b"\xff\xfe")
    yield "heartbeat-number", b"hs" + msgspec.json.encode(beat).replace(b'"tick":5', b'"tick":1e99')
    yield "tasmota-pulse", b"t-\x00" + b'{"PulseTime1":{"Set":10,"Remaining":0}}'
    yield "tasmota-no-pulse", b"t-\x00" + b'{"PulseTime1":{"Set":-1}}'
    yield "tasmota-on", b"t-\x01ON"
    yield "tasmota-offline", b"t-\x03Offline"
    yield "tasmota-nested", b"t-\x00" + b'{"PulseTime1":' + b"[" * 900
    yield "control-cut", b"c-" + b'{"do":"cut","input":"loop"}'
    yield "control-pass", b"c-" + b'{"do":"pass"}'
    yield "control-unknown", b"c-" + b'{"do":"\\u0000"}'
    yield "control-nested", b"c-" + b"[" * 900
    yield "topic", b"kuahu/1/relay/gate-1/heartbeat"
    yield "topic-not-utf8", b"kuahu/1/relay/\xff/command"


def _drawn(mode: str = "RGB", size: tuple[int, int] = (24, 16)) -> Image.Image:
    bare = Image.linear_gradient("L").resize(size)
    return bare.convert(mode)


def _saved(image: Image.Image, sort: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, sort, **options)
    return file.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def _png(width: int, height: int, depth: int, colours: int, *more: bytes) -> bytes:
    """Return a PNG that claims a size, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + b"".join(more) + _chunk(b"IEND", b"")


def pictures() -> Seeds:
    """Yield pictures of every odd sort, and files that claim to be pictures."""
    jpeg = _saved(_drawn(), "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    yield "jpeg", b"p" + jpeg
    yield "jpeg-changed", b"e\x02\x00\x20\xff\x00\x40\x00" + jpeg
    yield "jpeg-cmyk", b"p" + _saved(_drawn("CMYK"), "JPEG")
    yield "jpeg-grey", b"p" + _saved(_drawn("L"), "JPEG")
    yield "jpeg-progressive", b"p" + _saved(_drawn(), "JPEG", progressive=True)
    yield "jpeg-truncated", b"p" + jpeg[: len(jpeg) // 2]
    yield "jpeg-huge", b"p" + jpeg[:at] + b"\xff\xff\xff\xff" + jpeg[at + 4 :]
    yield "jpeg-no-height", b"p" + jpeg[:at] + b"\x00\x00\x00\x18" + jpeg[at + 4 :]
    yield "jpeg-twelve-bit", b"p" + jpeg[: at - 1] + b"\x0c" + jpeg[at:]
    yield "jpeg-two-frames", b"p" + jpeg[: at - 5] + jpeg[at - 5 : at + 14] * 2 + jpeg[at + 14 :]
    for turn in (1, 6, 9, 65_535):
        exif = Image.Exif()
        exif[0x0112] = turn
        yield f"jpeg-turned-{turn}", b"p" + _saved(_drawn(), "JPEG", exif=exif)
    bad = b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff"
    yield "jpeg-exif-nowhere", b"p" + _saved(_drawn(), "JPEG", exif=bad)
    loop = b"Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\xff\xff\xff\xff\x08\x00"
    yield "jpeg-exif-endless", b"p" + _saved(_drawn(), "JPEG", exif=loop + b"\x00" * 6)
    yield "png", b"p" + _saved(_drawn("RGBA"), "PNG")
    yield "png-sixteen-bit", b"p" + _saved(_drawn("I;16"), "PNG")
    yield "png-palette", b"p" + _saved(_drawn("P"), "PNG", transparency=0)
    yield "png-bits", b"p" + _saved(_drawn("1"), "PNG")
    yield (
        "png-animated",
        (b"p" + _saved(_drawn(), "PNG", save_all=True, append_images=[_drawn("L")])),
    )
    yield "png-huge", b"p" + _png(2**31 - 1, 2**31 - 1, 8, 6, _chunk(b"IDAT", b""))
    yield (
        "png-bomb",
        (b"p" + _png(4000, 3000, 16, 6, _chunk(b"IDAT", zlib.compress(bytes(1 << 20), 9)))),
    )
    text = _chunk(b"zTXt", b"k\x00\x00" + zlib.compress(bytes(16 << 20), 9))
    yield "png-text-bomb", b"p" + _png(2, 2, 8, 2, text, _chunk(b"IDAT", zlib.compress(bytes(14))))
    profile = _chunk(b"iCCP", b"k\x00\x00" + zlib.compress(bytes(16 << 20), 9))
    yield "png-profile-bomb", b"p" + _png(2, 2, 8, 2, profile, _chunk(b"IDAT", b"\x00"))
    yield "png-no-end", b"p" + _saved(_drawn(), "PNG")[:-12]
    yield "webp", b"p" + _saved(_drawn("RGBA"), "WEBP", lossless=True)
    yield (
        "webp-animated",
        (b"p" + _saved(_drawn(), "WEBP", save_all=True, append_images=[_drawn("L")])),
    )
    yield "webp-truncated", b"p" + _saved(_drawn(), "WEBP")[:40]
    yield "gif", b"p" + _saved(_drawn("P"), "GIF")
    yield "tiff-in-disguise", b"p\xff\xd8\xff" + _saved(_drawn(), "TIFF")
    yield "nothing", b"p"


def sites() -> Seeds:
    """Yield site files: the examples, and those that once broke the reader."""
    for name in ("dahua", "hikvision"):
        yield name, (_ROOT / "config" / f"{name}.example.toml").read_bytes()
    yield "deep-brackets", b"sa = " + b"[" * 3000
    yield "deep-tables", b"sa = " + b"{a=" * 1200
    yield "deep-dots", b"s" + b".".join([b"a"] * 2000) + b" = 1"
    yield "endless-number", b"s[web]\nport = " + b"9" * 4400
    yield "old-mac-lines", b'[site]\rcompound = "00112233"\r'
    yield "windows-mark", b'\xef\xbb\xbf[site]\r\ncompound = "00112233"\r\n'
    yield "zone-is-a-folder", b'stimezone = "Asia"'
    yield "zone-is-too-long", b'stimezone = "' + b"a" * 400 + b'"'
    yield "zone-outside", b'stimezone = "../../etc/passwd"'
    yield "nul-in-path", b'sstate = "a\\u0000b"'
    yield "not-utf8", b"\xff\xfe\x00"
    yield "not-a-number", b"s[[lane]]\nnumber = nan\nname = 'x'\nrelay = 'a'\nmax_age = nan"
    yield "roi", b"s[[lane]]\nnumber=1\nname='x'\nrelay='a'\nview=[{camera='c',roi=[0,nan,1,inf]}]"


def words() -> Seeds:
    """Yield messages of our own sockets, of a centre, of an edge, and pages of keys."""
    at = Sighting(1, Direction.ENTRY, 5.0, "cam-1")
    yield "hello", b"w" + wire.encode(wire.Hello("web"))
    yield "code", b"w" + wire.encode(wire.SawCode(PassShown(at, "KH1:"), b"\xff\xd8"))
    pressed = GuardPressed(at, "guard", GuardReason.OTHER, "", None)
    yield "press", b"w" + wire.encode(wire.Press(1, pressed))
    code = wire.encode(wire.SawCode(PassShown(at, "x")))
    five = b"\xcb" + struct.pack(">d", 5.0)
    for name, odd in (("nan", float("nan")), ("endless", float("inf")), ("far", 1e300)):
        yield f"captured-{name}", b"w" + code.replace(five, b"\xcb" + struct.pack(">d", odd))
    yield "socket-nested", b"w" + b"\x91" * 3000
    yield "socket-not-utf8", b"w\x82\xa4type\xa5Hello\xa4role\xa1\xff"
    yield "receipt", b"r" + msgspec.json.encode({"safe": [["a" * 32, 1]], "quarantined": []})
    aside = {"safe": [["a" * 32, 1]], "quarantined": [{"index": 0, "why": "\x1b[2J"}]}
    yield "receipt-aside", b"r" + msgspec.json.encode(aside)
    yield "receipt-nested", b"r" + b"[" * 3000
    yield "receipt-page", b"r<html>\x1b[31m"
    batch = {"edge": "e", "events": [as_sent(row) for row in chain(3)]}
    yield "batch", b"b" + msgspec.json.encode(batch)
    yield "batch-poison", b"b" + b'{"edge":"e","events":[{"seq":1},[],"\\u0000",{"body":{}}]}'
    yield "batch-nested", b"b" + b'{"edge":"e","events":[{"body":' + b"[" * 3000
    key = {"kid": 1, "ed25519": "00" * 32}
    for name, keys in (("keys", [key]), ("keys-twice", [key, key])):
        yield name, b"k" + msgspec.json.encode({"compound": "a1b2c3d4", "keys": keys})
    yield "keys-nested", b"k" + b"[" * 3000
    order = {
        "host": "11" * 8,
        "not_before": "2026-11-21T08:00:00Z",
        "expires": "2026-11-21T20:00:00Z",
    }
    yield "order", b"i" + msgspec.json.encode(order)


SEEDS = {"code": codes, "mqtt": frames, "picture": pictures, "config": sites, "wire": words}


def main() -> None:
    """Write every seed that is not there yet or has changed."""
    for target, made in SEEDS.items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
