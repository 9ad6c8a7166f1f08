"""The porch: what every page of the centre shares: where one starts, and in which language."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Form
from fastapi.responses import RedirectResponse, Response

from central.admission import FORM, Admission, Admissions, Audience
from central.house import Here
from central.languages import Language

_PUBLIC: Final = frozenset({Audience.ANYONE})


async def start() -> Response:
    """Lead whoever names no page to the residents' one."""
    return RedirectResponse("/home", 303)


async def choose_language(
    house: Here, language: Annotated[Language, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Serve this browser in another language, and go back to where it was."""
    response = RedirectResponse(back if is_ours(back) else "/", 303)
    house.cookies.keep(response, "language", str(language))
    return response


def is_ours(back: str) -> bool:
    """Return whether `back` is the path of a page of ours."""
    try:
        parts = urlsplit(back)
    except ValueError:
        return False
    local = not parts.scheme and not parts.netloc and back.startswith("/")
    # A backslash is a slash to some browsers, and would lead out of the house.
    return local and "\\" not in back and back.isprintable()


ROUTES: Final = (
    ("GET", "/", start),
    ("POST", "/language", choose_language),
)
ADMISSIONS: Final[Admissions] = {
    ("GET", "/"): Admission(_PUBLIC),
    ("POST", "/language"): Admission(_PUBLIC, FORM),
}
