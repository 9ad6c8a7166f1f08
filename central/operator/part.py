"""The operator's pages as one part of the centre's front: the routes, and who may use them."""

from typing import Final

from central.admission import FORM, Admission, Admissions, Audience
from central.callers import Door
from central.operator import accounts, pages

_PUBLIC: Final = frozenset({Audience.ANYONE})
_STAFF: Final = frozenset({Audience.STAFF})
_MANAGER: Final = frozenset({Audience.MANAGER})

DOOR: Final = Door(_STAFF | _MANAGER, accounts.COOKIE, accounts.find, "/staff/login")

_COMPOUND: Final = "/staff/compounds/{compound}"
ROUTES: Final = (
    ("GET", "/staff/login", pages.login_page),
    ("POST", "/staff/login", pages.log_in),
    ("POST", "/staff/first", pages.make_first),
    ("POST", "/staff/logout", pages.log_out),
    ("GET", "/staff", pages.listed),
    ("POST", "/staff/compounds", pages.add),
    ("GET", _COMPOUND, pages.one),
    ("POST", _COMPOUND + "/code", pages.make_code),
    ("POST", _COMPOUND + "/revoke", pages.put_out),
    ("POST", _COMPOUND + "/seen", pages.seen),
    ("GET", "/staff/people", pages.people),
    ("POST", "/staff/people", pages.add_account),
    ("POST", "/staff/people/close", pages.close_account),
)

ADMISSIONS: Final[Admissions] = {
    ("GET", "/staff/login"): Admission(_PUBLIC),
    ("POST", "/staff/login"): Admission(_PUBLIC, FORM),
    ("POST", "/staff/first"): Admission(_PUBLIC, FORM),
    ("POST", "/staff/logout"): Admission(_STAFF, FORM),
    ("GET", "/staff"): Admission(_STAFF),
    ("POST", "/staff/compounds"): Admission(_MANAGER, FORM),
    ("GET", _COMPOUND): Admission(_STAFF),
    ("POST", _COMPOUND + "/code"): Admission(_MANAGER, FORM),
    ("POST", _COMPOUND + "/revoke"): Admission(_MANAGER, FORM),
    ("POST", _COMPOUND + "/seen"): Admission(_MANAGER, FORM),
    ("GET", "/staff/people"): Admission(_MANAGER),
    ("POST", "/staff/people"): Admission(_MANAGER, FORM),
    ("POST", "/staff/people/close"): Admission(_MANAGER, FORM),
}
