"""The operator's pages: compounds and edges, codes and revocations, staff accounts."""

import math
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from central import attempts
from central.absence import Absent
from central.callers import Caller
from central.claims import make_edge_code
from central.compounds import add_compound
from central.database import reading, writing
from central.house import CALLER, Asking, Here, House
from central.languages import Words
from central.operator import accounts, overview
from central.operator.accounts import Role, Staff
from central.resident.times import Clock
from central.sessions import revoke
from models.errors import InputError

_WHAT = "staff"

Word = Annotated[str, Form(max_length=200)]


def _staff(request: Request) -> Staff:
    caller: Caller = request.scope[CALLER]
    if not isinstance(caller.holder, Staff):
        message = "nobody of the staff is logged in here"
        raise Absent(message)
    return caller.holder


Mine = Annotated[Staff, Depends(_staff)]


def login_page(house: Here, caller: Asking) -> Response:
    """Return the page to log in, or to make the first account."""
    return _entrance(house, caller, 200, "")


def log_in(
    request: Request, house: Here, caller: Asking, name: Word = "", password: Word = ""
) -> Response:
    """Log a member of staff in; whoever guesses waits, whatever is started again in between."""
    now = house.now()
    keys = attempts.by_address(_WHAT, request.client.host if request.client else "", name)
    wait = attempts.admit(house.engine, keys, now)
    if wait:
        return _entrance(house, caller, 429, _please_wait(house, caller, wait))
    secret = accounts.log_in(house.engine, name, password, now)
    if secret is None:
        wrong = words_of(house, caller).text("Name or password is wrong.")
        return _entrance(house, caller, 403, wrong)
    attempts.passed(house.engine, keys, now)
    response = RedirectResponse("/staff", 303)
    house.cookies.keep(response, accounts.COOKIE, secret, int(accounts.LIFE.total_seconds()))
    return response


def make_first(
    request: Request,
    house: Here,
    caller: Asking,
    code: Word = "",
    name: Word = "",
    password: Word = "",
) -> Response:
    """Make the first account with the code that the terminal showed."""
    now = house.now()
    keys = attempts.by_address(_WHAT, request.client.host if request.client else "")
    wait = attempts.admit(house.engine, keys, now)
    if wait:
        return _entrance(house, caller, 429, _please_wait(house, caller, wait))
    try:
        made = accounts.make_first(house.engine, code, name, password, now)
    except InputError:
        return _entrance(house, caller, 400, _no_account(house, caller))
    if not made:
        wrong = words_of(house, caller).text(
            "This code is wrong, too old, or there is an account already."
        )
        return _entrance(house, caller, 403, wrong)
    attempts.passed(house.engine, keys, now)
    return _to("/staff/login")


def log_out(request: Request, house: Here) -> Response:
    """End this browser's session."""
    accounts.log_out(house.engine, house.cookies.value(request, accounts.COOKIE))
    response = _to("/staff/login")
    house.cookies.forget(response, accounts.COOKIE)
    return response


def listed(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return every compound with its edges."""
    return _listed(house, caller, mine, 200, "")


def add(house: Here, caller: Asking, mine: Mine, compound: Word = "", name: Word = "") -> Response:
    """Take a compound in."""
    try:
        with writing(house.engine) as connection:
            add_compound(connection, compound.strip(), name, house.now())
    except InputError:
        wrong = words_of(house, caller).text(
            "Give the 8 hex digits of its site file, and a name of 1 to 100 letters."
        )
        return _listed(house, caller, mine, 400, wrong)
    return _to(f"/staff/compounds/{compound.strip()}")


def one(house: Here, caller: Asking, mine: Mine, compound: str) -> Response:
    """Return one compound: its edges, what is missing or odd, and what can be done."""
    return _one(house, caller, mine, compound, "")


def make_code(house: Here, caller: Asking, mine: Mine, compound: str) -> Response:
    """Make a code for one edge; it is shown on this page and nowhere else."""
    _known(house, compound)
    with writing(house.engine) as connection:
        code = make_edge_code(connection, compound, mine.name, house.now())
    return _one(house, caller, mine, compound, code)


def put_out(house: Here, compound: str, edge: Word = "") -> Response:
    """Revoke an edge of this compound."""
    known = {one.edge for one in _known(house, compound).edges}
    if edge not in known:
        message = "there is no such edge in this compound"
        raise Absent(message)
    with writing(house.engine) as connection:
        revoke(connection, edge, house.now())
    return _to(f"/staff/compounds/{compound}")


def seen(house: Here, compound: str) -> Response:
    """Take back the marks that somebody has to look, once somebody has."""
    _known(house, compound)
    with writing(house.engine) as connection:
        overview.acknowledge_behind(connection, compound)
        overview.drop_oddities(connection, compound)
    return _to(f"/staff/compounds/{compound}")


def people(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the staff's accounts."""
    return _people(house, caller, mine, 200, "")


def add_account(
    house: Here,
    caller: Asking,
    mine: Mine,
    name: Word = "",
    password: Word = "",
    role: Role = Role.READER,
) -> Response:
    """Make an account."""
    try:
        with writing(house.engine) as connection:
            accounts.add(connection, name, password, role, house.now())
    except InputError:
        return _people(house, caller, mine, 400, _no_account(house, caller))
    return _to("/staff/people")


def close_account(house: Here, caller: Asking, mine: Mine, name: Word = "") -> Response:
    """Close an account."""
    try:
        with writing(house.engine) as connection:
            accounts.close(connection, name)
    except InputError:
        wrong = words_of(house, caller).text("One operator's account must stay open.")
        return _people(house, caller, mine, 400, wrong)
    return _to("/staff/people")


def _entrance(house: House, caller: Caller, status: int, problem: str) -> Response:
    first = accounts.open_to_first(house.engine)
    return house.pages.page(caller, "operator/login.html", status, problem=problem, first=first)


def _listed(house: House, caller: Caller, mine: Staff, status: int, problem: str) -> Response:
    now = house.now()
    rows = [
        (one, Clock(caller.language, one.zone, now)) for one in overview.compounds(house.engine)
    ]
    return house.pages.page(
        caller, "operator/compounds.html", status, mine=mine, rows=rows, problem=problem
    )


def _one(house: House, caller: Caller, mine: Staff, compound: str, code: str) -> Response:
    known = _known(house, compound)
    gaps = {one.edge: one for one in overview.gaps(house.engine, known)}
    clock = Clock(caller.language, known.zone, house.now())
    return house.pages.page(
        caller, "operator/compound.html", mine=mine, one=known, gaps=gaps, code=code, clock=clock
    )


def _people(house: House, caller: Caller, mine: Staff, status: int, problem: str) -> Response:
    with reading(house.engine) as connection:
        found = accounts.accounts(connection)
    return house.pages.page(
        caller, "operator/people.html", status, mine=mine, accounts=found, problem=problem
    )


def _known(house: House, compound: str) -> overview.Compound:
    found = overview.compounds(house.engine, compound)
    if not found:
        message = "there is no such compound at this centre"
        raise Absent(message)
    return found[0]


def _please_wait(house: House, caller: Caller, wait: float) -> str:
    said = words_of(house, caller).text("Too many tries. Please wait %(seconds)s seconds.")
    return said % {"seconds": math.ceil(wait)}


def _no_account(house: House, caller: Caller) -> str:
    return words_of(house, caller).text(
        "Give a name of letters and digits that nobody has, and a password of 10 to 128 characters."
    )


def words_of(house: House, caller: Caller) -> Words:
    """Return the words of the caller's language."""
    return house.pages.words[caller.language]


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303)
