"""Words of other processes and machines: our own sockets, the centre's answers, an edge's batches.

The first byte chooses the reader: `w` our sockets, `r` a receipt, `b` a batch, `k` a page of pass
keys, `i` an order for a pass.
"""

import math
from datetime import UTC, datetime

from central.batch import MAX_EVENT, read_batch
from central.words import Arrival
from edge import wire
from edge.issuer.order import Order
from edge.store.words import OutboxRow
from edge.sync.wire import complaint, receipt, request
from gate.pass_keys import key_set, published
from models.errors import InputError
from models.moment import Moment
from models.observation import Sighting
from tests.fuzz.targets import in_words

NOW = Moment(datetime(2026, 11, 21, 9, tzinfo=UTC), 5000.0)
ROWS = tuple(OutboxRow("a" * 32, seq, f"{seq:064x}", NOW.utc, "call", 1, b"{}") for seq in (1, 2))


def feed(data: bytes) -> None:
    """Feed one message to the reader that its first byte names."""
    sort, rest = data[:1], data[1:]
    match sort:
        case b"w":
            _sockets(rest)
        case b"r":
            _answer(rest)
        case b"k":
            _keys(rest)
        case b"i":
            _order(rest)
        case _:
            _batch(rest)


def _sockets(rest: bytes) -> None:
    try:
        message = wire.decode(rest)
    except ValueError:
        return
    again = wire.decode(wire.encode(message))
    assert again == message or repr(again) == repr(message)
    seen = getattr(message, "seen", None)
    at = getattr(seen, "at", None)
    if isinstance(at, Sighting):
        # The journal writes down when it was.
        assert math.isfinite(at.captured)
        NOW.utc_of(at.captured)


def _answer(rest: bytes) -> None:
    said = receipt(rest, ROWS)
    keys = {row.key for row in ROWS}
    assert said is None or (said.safe <= keys and said.aside.keys() <= keys)
    assert said is None or not said.safe & said.aside.keys()
    line = complaint(rest)
    assert line == "" or line.isprintable()


def _batch(rest: bytes) -> None:
    try:
        batch = read_batch(rest)
    except InputError as error:
        in_words(error)
        return
    for row in batch.rows:
        if isinstance(row, Arrival):
            assert 0 < row.seq < 2**63
            assert len(row.body.encode()) <= MAX_EVENT
        else:
            assert row.why
            assert "\0" not in row.text
    assert request(batch.edge, ())


def _keys(rest: bytes) -> None:
    try:
        keys = key_set(rest.decode("utf-8", "replace"), "a1b2c3d4")
    except ValueError as error:
        in_words(error)
        return
    assert key_set(published("a1b2c3d4", keys.items()), "a1b2c3d4").keys() == keys.keys()


def _order(rest: bytes) -> None:
    try:
        Order.parse(rest)
    except InputError as error:
        in_words(error)
