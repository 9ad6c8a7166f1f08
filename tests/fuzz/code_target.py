"""A code held to a reader: read, gathered, decided, and written as the journal would write it.

The first byte chooses what the rest is: text as a reader gives it, the bytes of a token, contents
that the desk has signed (with any tag, or with that of the moment), or contents that were changed
after signing.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import base45

from edge import wire
from edge.facts import Gatherer, SiteRules
from edge.store.body import Case, body_of, case_of, decode_body, encode
from edge.store.words import PassState, PinState
from gate.access import decide
from gate.pass_contents import claims_in
from gate.passes import PREFIX, PrivateKey, mint, mint_rotating, read, with_tag
from gate.rotation import inner_key, step_of, tag_of
from models.decision import Verdict
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import PassShown, Sighting
from models.registry import Resident
from models.visit import Claims

KEY = PrivateKey.from_private_bytes(bytes(range(32)))
KID = 7
SECRET = bytes(range(100, 132))
NOW = Moment(datetime(2026, 11, 21, 9, tzinfo=UTC), 5000.0)
_DOMAIN = b"kuahu pass 1\x00"
_LANE = Lane(
    1,
    "gate",
    LaneKind.PEDESTRIAN,
    frozenset(Direction),
    Drive.PULSE,
    frozenset({Credential.PASS}),
)


class _People:
    """A register in which nothing is known; it notes who was asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def gallery_floor(self) -> int:
        return 0

    def resident(self, resident_id: str) -> Resident | None:
        self.asked.append(resident_id)
        return None

    def pin(self, lane: int, pin: str, mono: float) -> PinState:
        del lane, mono
        self.asked.append(pin)
        return PinState(locked=False)

    def pass_state(self, pass_id: str) -> PassState:
        self.asked.append(pass_id)
        return PassState(revoked=False, uses=(), label="")


def signed(payload: bytes, tag: bytes = b"") -> str:
    """Return a token with a good signature over any contents at all."""
    kid = bytes([KID])
    body = kid + KEY.sign(_DOMAIN + kid + payload) + payload + tag
    text: bytes = base45.b45encode(body)
    return PREFIX + text.decode("ascii")


def _tag_of_now(payload: bytes) -> bytes:
    claims = claims_in(payload, KID)
    pass_id = "00" * 16 if claims is None else claims.pass_id
    return tag_of(inner_key(SECRET, pass_id), step_of(NOW.utc))


def text_of(data: bytes) -> str:
    """Return the code that `data` stands for."""
    sort, rest = data[:1], data[1:]
    match sort:
        case b"s":
            return signed(rest)
        case b"r":
            return signed(rest[8:], rest[:8])
        case b"t":
            return signed(rest, _tag_of_now(rest))
        case b"c" if len(rest) > 1:
            token = signed(rest[1:])
            at = len(PREFIX) + rest[0] % (len(token) - len(PREFIX))
            return token[:at] + chr(rest[0] % 128) + token[at + 1 :]
        case b"b":
            text: bytes = base45.b45encode(rest)
            return PREFIX + text.decode("ascii")
    return data.decode("utf-8", "replace")


def feed(data: bytes) -> None:
    """Feed the whole way of a code."""
    text = text_of(data)
    people = _People()
    rules = SiteRules(
        "a1b2c3d4",
        ZoneInfo("Asia/Shanghai"),
        {1: _LANE},
        lambda: {KID: KEY.public_key()},
        rotation=lambda: SECRET,
    )
    gather = Gatherer(rules, people)
    for way in Direction:
        seen = PassShown(Sighting(1, way, NOW.mono - 1), text)
        gathered = gather(seen, NOW)
        decision = decide(seen, gathered.facts, NOW)
        claims = gathered.facts.claims
        if claims is None:
            assert people.asked == [], "the register was asked about what nobody signed"
            assert way is Direction.EXIT or decision.verdict is Verdict.REFUSE
        else:
            _genuine(text, claims)
        case = Case(seen, gathered.facts, decision, NOW)
        body = encode(body_of(case, who=gathered.who, home=gathered.home, crop=None))
        assert claims is None or text.encode() not in body, "the journal holds the code itself"
        again = case_of(decode_body(body))
        assert again is not None
        assert (again.facts, again.decision) == (gathered.facts, decision)
    said = wire.decode(wire.encode(wire.SawCode(PassShown(Sighting(1, Direction.EXIT, 1.0), text))))
    assert isinstance(said, wire.SawCode)
    assert said.seen.text == text


def _genuine(text: str, claims: Claims) -> None:
    """Hold what was believed against the one spelling that the desk gives it."""
    if claims.rotating:
        inner = inner_key(SECRET, claims.pass_id)
        steps = (step_of(NOW.utc) + off for off in (-1, 0, 1))
        assert text in [with_tag(mint_rotating(claims, KEY), inner, step) for step in steps]
    else:
        assert text == mint(claims, KEY)
    assert read(text, {}) is not claims
