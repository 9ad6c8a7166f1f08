"""A home that is claimed on a phone, for tests of the residents' page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from models.letter import ResidentNow
from tests.fakes.asgi_client import AsgiClient
from tests.fakes.centre_home import OWNER, HomeCentre, claim_of, home_centre
from tests.fakes.phone_browser import PhoneBrowser


class PhoneHome:
    """A centre and the phones of its residents."""

    def __init__(self, centre: HomeCentre, client: AsgiClient) -> None:
        self.centre = centre
        self.client = client
        self._codes = 0

    def code(self, who: ResidentNow, days: float = 3) -> str:
        """Return a code that the desk has given to somebody, once the centre knows of it."""
        self._codes += 1
        code = f"C0DE-{self._codes:04}"
        self.centre.hear(claim_of(code, who, self.centre.clock() + timedelta(days=days)))
        return code

    def phone(self, who: ResidentNow = OWNER) -> PhoneBrowser:
        """Return the phone of somebody who has claimed their home."""
        phone = PhoneBrowser(self.client)
        phone.follow(phone.claim(self.code(who)))
        return phone


@contextmanager
def phone_home(database_url: str, public_url: str = "") -> Iterator[PhoneHome]:
    """Yield a centre whose pages answer until the block is left."""
    centre = home_centre(database_url, public_url)
    with AsgiClient(centre.app) as client:
        yield PhoneHome(centre, client)
    centre.engine.dispose()
