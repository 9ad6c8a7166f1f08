"""What edges ask of the centre over HTTP (docs/centre.md): each for itself and its compound."""

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine, text

from central import attempts
from central.asked import body_of, json_answer, read_as
from central.batch import MAX_BYTES, MAX_SEQ, edge_name, read_batch
from central.bell import Bell
from central.claims import Claiming, ClaimRefusedError, claim_edge
from central.database import reading
from central.feed import Page, acknowledge, page_after
from central.ledger import take_in
from central.letters import Forget, take_letters
from central.post import MAX_NUMBER, read_letters
from central.reports import MAX_LISTED, events_after, gaps_of
from central.sessions import Answered, Speaker, StrangerError, challenge_for, open_session, speaker
from central.turns import Turns
from central.words import Receipt

MAX_WAIT: Final = 25.0
"""Seconds that a question for the feed may wait for news."""
_SMALL: Final = 4096
"""Bytes of a claim, a question for a challenge, or its answer."""
_LIVE: Final = 16 * 1024
"""Bytes up to which a request with events is one of what happens now, not of a backlog."""
_CLAIM: Final = "claim"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a challenge."""

    edge: str


@dataclass(frozen=True, slots=True)
class Counter:
    """What the routes for edges work with; `now` is the centre's clock."""

    engine: Engine
    bell: Bell
    now: Callable[[], datetime]
    forget: Sequence[Forget]
    backlog: Turns


def add_routes(app: FastAPI, counter: Counter) -> None:
    """Add every route of edges to `app`."""
    app.state.counter = counter
    for method, path, handler in _ROUTES:
        app.add_api_route(path, handler, methods=[method], response_model=None)


def _counter(request: Request) -> Counter:
    counter: Counter = request.app.state.counter
    return counter


Here = Annotated[Counter, Depends(_counter)]


def _known(request: Request, here: Here) -> Speaker:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    token = given.strip()
    if scheme.lower() != "bearer" or not token:
        message = "begin a session and give its token"
        raise StrangerError(message)
    return speaker(here.engine, token, here.now())


Known = Annotated[Speaker, Depends(_known)]
Edge = Annotated[str, Query(max_length=80)]


async def post_claim(request: Request, here: Here) -> Response:
    """Make an edge known by a code that an operator made for its compound."""
    claiming = read_as(Claiming, await body_of(request, _SMALL))
    address = request.client.host if request.client else ""
    return json_answer(await run_in_threadpool(_claim, here, claiming, address))


def _claim(counter: Counter, claiming: Claiming, address: str) -> dict[str, str]:
    keys = attempts.by_address(_CLAIM, address)
    wait = attempts.admit(counter.engine, keys, counter.now())
    if wait:
        seconds = math.ceil(wait)
        raise HTTPException(
            429,
            f"too many wrong codes; try again in {seconds} seconds",
            headers={"Retry-After": str(seconds)},
        )
    claim_edge(counter.engine, claiming, counter.now())
    attempts.passed(counter.engine, keys, counter.now())
    return {"edge": claiming.edge, "compound": claiming.compound}


async def post_challenge(request: Request, here: Here) -> Response:
    """Give an edge a challenge to sign; it is good for a minute."""
    edge = edge_name(read_as(Asking, await body_of(request, _SMALL)).edge)
    challenge = await run_in_threadpool(challenge_for, here.engine, edge, here.now())
    return json_answer({"challenge": challenge})


async def post_session(request: Request, here: Here) -> Response:
    """Begin a session for an edge that signed its challenge; each challenge is good once."""
    answered = read_as(Answered, await body_of(request, _SMALL))
    return json_answer(await run_in_threadpool(open_session, here.engine, answered, here.now()))


async def post_events(request: Request, here: Here, who: Known) -> Response:
    """Take events in; only what the answer lists as safe may leave the outbox."""
    raw = await body_of(request, MAX_BYTES)
    # A backlog's batches wait for each other, so that what happens now waits for one at most.
    async with here.backlog if len(raw) > _LIVE else nullcontext():
        return json_answer(await run_in_threadpool(_take, here, who, raw))


def _take(counter: Counter, who: Speaker, raw: bytes) -> Receipt:
    batch = read_batch(raw)
    _for_itself(who, batch.edge)
    return take_in(counter.engine, batch, counter.now())


def get_events(
    here: Here,
    who: Known,
    edge: Edge,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 100,
) -> Response:
    """Return the caller's own events in order of arrival."""
    rows = events_after(here.engine, _for_itself(who, edge_name(edge)), after, limit)
    return json_answer({"events": rows, "next": rows[-1].arrival if rows else after})


def get_gaps(here: Here, who: Known, edge: Edge) -> Response:
    """Return what of the caller's own events is missing, forked or broken."""
    return json_answer(gaps_of(here.engine, _for_itself(who, edge_name(edge))))


def _for_itself(known: Speaker, edge: str) -> str:
    if known.edge != edge:
        message = "an edge speaks and reads for itself only"
        raise ClaimRefusedError(message)
    return edge


async def get_feed(
    request: Request,
    here: Here,
    who: Known,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER)] = 0,
    wait: Annotated[float, Query(ge=0, le=MAX_WAIT)] = 0.0,
    epoch: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
) -> Response:
    """Return what the compound was told after a number, which is thereby acknowledged."""
    page = await run_in_threadpool(_page, here, who, after, epoch)
    if wait and not page.items and page.newest == after:
        await here.bell.wait(who.compound, after, wait)
        page = await run_in_threadpool(page_after, here.engine, who.compound, after)
    # Looked at last: whoever was revoked while it waited or was read to is told nothing any more.
    await run_in_threadpool(_known, request, here)
    return json_answer(page)


async def post_letters(request: Request, here: Here, who: Known) -> Response:
    """Take letters in, each once; only what the answer lists as safe is proved."""
    rows = read_letters(await body_of(request, MAX_BYTES))
    receipt = await run_in_threadpool(take_letters, here.engine, who, rows, here.now(), here.forget)
    return json_answer(receipt)


def _page(counter: Counter, who: Speaker, after: int, epoch: str | None) -> Page:
    """Return what came after `after`, which asking for it acknowledges.

    A number of another database's epoch says nothing here: then the answer is empty and names ours.
    """
    page = page_after(counter.engine, who.compound, after)
    if epoch is not None and epoch != page.epoch:
        return Page(0, page.newest, page.epoch, ())
    acknowledge(counter.engine, who.edge, who.compound, after, counter.now())
    return page if after <= page.newest else page_after(counter.engine, who.compound, after)


def get_health(here: Here) -> Response:
    """Return whether the database answers."""
    with reading(here.engine) as connection:
        connection.execute(text("SELECT 1"))
    return json_answer({"ok": True})


_ROUTES: Final[tuple[tuple[str, str, Callable[..., object]], ...]] = (
    ("POST", "/v1/claim", post_claim),
    ("POST", "/v1/challenge", post_challenge),
    ("POST", "/v1/session", post_session),
    ("POST", "/v1/events", post_events),
    ("GET", "/v1/events", get_events),
    ("GET", "/v1/gaps", get_gaps),
    ("GET", "/v1/feed", get_feed),
    ("POST", "/v1/letters", post_letters),
    ("GET", "/v1/health", get_health),
)
