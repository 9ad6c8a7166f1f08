"""A site of real parts in this process: the store on a disk, the register, the pass keys."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.clock import SystemClock
from edge.facts import Gatherer, SiteRules
from edge.store.store import Store
from gate.access import POLICY, decide
from gate.passes import mint
from models.command import Action, Intent
from models.decision import Decision, Verdict
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import FaceSeen, Observation, PassShown, Sighting
from models.registry import Consent, Resident, ResidentKind
from models.template import Template
from tests.fakes.one_visit import one_visit

COMPOUND = "00112233"
RELAY = "gate-1"


class Site:
    """What a lane decides with, and people and passes to decide about."""

    def __init__(self, folder: Path, lanes: int = 1) -> None:
        self.clock = SystemClock()
        self.store = Store.open(folder, self.clock.now())
        self.key = Ed25519PrivateKey.generate()
        self.lanes = {number: _lane(number) for number in range(1, lanes + 1)}
        keys = {1: self.key.public_key()}
        zone = ZoneInfo("Asia/Shanghai")
        self.gather = Gatherer(SiteRules(COMPOUND, zone, self.lanes, lambda: keys), self.store)
        self._numbers = itertools.count(1)
        self._gallery = 0

    def resident(self, name: str = "Li Lei", templates: tuple[Template, ...] = ()) -> Resident:
        """Put someone on the register, with a face."""
        home, now = Home(3, 1, 502), self.clock.now()
        person = self.store.add_resident(name, home, ResidentKind.OWNER, None, now)
        consent = Consent("2026-11", now.utc, "desk", "wang")
        self.store.enrol(person.resident_id, consent, templates or (Template("e", b"v"),), now)
        self._gallery = self.store.gallery_version
        return person

    def token(self) -> str:
        """Return a pass that is good for one visit."""
        claims = one_visit(f"{next(self._numbers):032x}", COMPOUND, self.clock.now().utc)
        return mint(claims, self.key)

    def at(self, lane: int = 1) -> Sighting:
        """Return a sighting of just now."""
        return Sighting(lane, Direction.ENTRY, self.clock.now().mono, "cam-1")

    def face(self, who: Resident, lane: int = 1) -> FaceSeen:
        """Return what vision says of a resident's face."""
        return FaceSeen(self.at(lane), who.resident_id, None, 0.8, self._gallery, 1)

    def shown(self, token: str, lane: int = 1) -> PassShown:
        """Return what vision says of a pass."""
        return PassShown(self.at(lane), token)

    def decided(self, seen: Observation) -> tuple[Decision, Moment]:
        """Return the decision about `seen`, not recorded; it opens, or the bench is wrong."""
        now = self.clock.now()
        decision = decide(seen, self.gather(seen, now).facts, now)
        if decision.verdict is not Verdict.OPEN:
            message = f"{seen} is answered {decision}"
            raise RuntimeError(message)
        return decision, now

    def decide_durably(self, seen: Observation) -> int:
        """Gather, decide and record with the command, as a lane does; return the row's number."""
        now = self.clock.now()
        gathered = self.gather(seen, now)
        decision = decide(seen, gathered.facts, now)
        if decision.verdict is not Verdict.OPEN:
            message = f"{seen} is answered {decision}"
            raise RuntimeError(message)
        relay = f"gate-{seen.at.lane}"
        number = self.store.next_seq(relay, 0)
        deadline = seen.at.captured + self.lanes[seen.at.lane].max_age
        intent = Intent(uuid.uuid4().hex, seen.at.lane, relay, Action.OPEN, number, deadline)
        return self.store.record(
            seen,
            gathered.facts,
            decision,
            now,
            intent=intent,
            crop=None,
            policy=POLICY,
            who=gathered.who,
            home=gathered.home,
        )


@contextmanager
def site_on_disk(folder: Path, lanes: int = 1) -> Iterator[Site]:
    """Open a new site in `folder`; closed at the end."""
    site = Site(folder / "state", lanes)
    try:
        yield site
    finally:
        site.store.close()


def _lane(number: int) -> Lane:
    ways = frozenset({Credential.FACE, Credential.PASS})
    entry = frozenset({Direction.ENTRY})
    return Lane(number, f"gate {number}", LaneKind.PEDESTRIAN, entry, Drive.PULSE, ways)
