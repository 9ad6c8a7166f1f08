"""The residents' page as one part of the centre's front: its routes, and who may use them."""

from typing import Final

from central.admission import FORM, Admission, Admissions, Audience
from central.callers import Door
from central.resident import cars, entrance, mine, passes, people, sessions, ways
from central.resident.photos import MOST_BODY

_PUBLIC: Final = frozenset({Audience.ANYONE})
_HOME: Final = frozenset({Audience.RESIDENT})

DOOR: Final = Door(_HOME, sessions.COOKIE, sessions.find, "/home/claim")

ROUTES: Final = (
    ("GET", "/home/claim", entrance.claim_page),
    ("POST", "/home/claim", entrance.claim),
    ("GET", "/home/app.webmanifest", entrance.manifest),
    ("POST", "/home/leave", entrance.leave),
    ("GET", "/home", mine.home),
    ("GET", "/home/me", mine.me),
    ("GET", "/home/people", people.listed),
    ("GET", "/home/people/new", people.add_page),
    ("POST", "/home/people/new", people.add),
    ("GET", "/home/people/{resident}", people.person),
    ("GET", "/home/people/{resident}/photo", ways.photo_state),
    ("POST", "/home/people/{resident}/photo", ways.photo),
    ("GET", "/home/people/{resident}/{way}", ways.page),
    ("POST", "/home/people/{resident}/{way}/agree", ways.agreed),
    ("POST", "/home/people/{resident}/{way}/withdraw", ways.withdrawn),
    ("GET", "/home/cars", cars.page),
    ("POST", "/home/cars", cars.give),
    ("POST", "/home/cars/take", cars.take),
    ("GET", "/home/passes", passes.listed),
    ("GET", "/home/passes/new", passes.new),
    ("POST", "/home/passes/new", passes.make),
    ("GET", "/home/passes/{pass_id}", passes.page),
    ("POST", "/home/passes/{pass_id}/revoke", passes.revoke),
    ("GET", "/home/history", mine.history),
    ("GET", "/home/devices", mine.devices),
    ("POST", "/home/devices/end", mine.end_device),
    ("GET", "/home/data", mine.data),
    ("POST", "/home/data/export", mine.export),
    ("GET", "/home/data/{request_id}", mine.copy),
    ("GET", "/home/erase", mine.erase_page),
    ("POST", "/home/erase", mine.erase),
    ("GET", "/receipt/{request_id}", mine.receipt),
)

ADMISSIONS: Final[Admissions] = {
    ("GET", "/home/claim"): Admission(_PUBLIC),
    ("POST", "/home/claim"): Admission(_PUBLIC, FORM),
    ("GET", "/home/app.webmanifest"): Admission(_PUBLIC),
    ("POST", "/home/leave"): Admission(_HOME, FORM),
    ("GET", "/home"): Admission(_HOME),
    ("GET", "/home/me"): Admission(_HOME),
    ("GET", "/home/people"): Admission(_HOME),
    ("GET", "/home/people/new"): Admission(_HOME),
    ("POST", "/home/people/new"): Admission(_HOME, FORM),
    ("GET", "/home/people/{resident}"): Admission(_HOME),
    ("GET", "/home/people/{resident}/photo"): Admission(_HOME),
    ("POST", "/home/people/{resident}/photo"): Admission(_HOME, MOST_BODY),
    ("GET", "/home/people/{resident}/{way}"): Admission(_HOME),
    ("POST", "/home/people/{resident}/{way}/agree"): Admission(_HOME, FORM),
    ("POST", "/home/people/{resident}/{way}/withdraw"): Admission(_HOME, FORM),
    ("GET", "/home/cars"): Admission(_HOME),
    ("POST", "/home/cars"): Admission(_HOME, FORM),
    ("POST", "/home/cars/take"): Admission(_HOME, FORM),
    ("GET", "/home/passes"): Admission(_HOME),
    ("GET", "/home/passes/new"): Admission(_HOME),
    ("POST", "/home/passes/new"): Admission(_HOME, FORM),
    ("GET", "/home/passes/{pass_id}"): Admission(_HOME),
    ("POST", "/home/passes/{pass_id}/revoke"): Admission(_HOME, FORM),
    ("GET", "/home/history"): Admission(_HOME),
    ("GET", "/home/devices"): Admission(_HOME),
    ("POST", "/home/devices/end"): Admission(_HOME, FORM),
    ("GET", "/home/data"): Admission(_HOME),
    ("POST", "/home/data/export"): Admission(_HOME, FORM),
    ("GET", "/home/data/{request_id}"): Admission(_HOME),
    ("GET", "/home/erase"): Admission(_HOME),
    ("POST", "/home/erase"): Admission(_HOME, FORM),
    ("GET", "/receipt/{request_id}"): Admission(_PUBLIC),
}
