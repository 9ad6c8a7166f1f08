"""A browser without a screen: keeps cookies, and finds the token of the page it is on."""

import re
from typing import Self

import httpx

from edge.clock import monotonic
from tests.fakes.web_site import WebSite

_TICK = re.compile(r'data-tick="([0-9]+ [^"]+)"')
_TOKEN = re.compile(r'(?:name="csrf" value|data-csrf)="([0-9a-f]+)"')


class PlainBrowser:
    """Visits pages at `url`; `token` is that of the last page that had one.

    What it sends is dated by the last tick that it got, as our own pages date it.
    """

    def __init__(self, url: str) -> None:
        # The certificate of a test is nobody's.
        self.http = httpx.Client(base_url=url, verify=False, timeout=20.0)
        self.token = ""
        self.tick = ""
        self._heard = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Return a page, as a browser asks for one."""
        answer = self.http.get(path, headers={"accept": "text/html"} | headers)
        found = _TOKEN.search(answer.text)
        if found:
            self.token = found[1]
        tick = _TICK.search(answer.text)
        if tick:
            self.hear(tick[1])
        return answer

    def hear(self, tick: str) -> None:
        """Take a tick that has just arrived: the server's milliseconds, and the signed text."""
        self.tick, self._heard = tick.split(" ")[1], monotonic()

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form from the last page."""
        form = {"csrf": self.token} | (data or {})
        since = str((monotonic() - self._heard) * 1000)
        dated = {"x-tick": self.tick, "x-since": since} if self.tick else {}
        answer = self.http.post(path, data=form, headers=dated | headers)
        if "x-tick" in answer.headers:
            self.hear(answer.headers["x-tick"])
        return answer

    def log_in(self, name: str, password: str) -> httpx.Response:
        """Log in and stand on the guard's page."""
        self.get("/login")
        answer = self.post("/login", {"name": name, "password": password})
        if answer.status_code == httpx.codes.SEE_OTHER:
            self.get("/")
        return answer


def read_stream(browser: PlainBrowser, path: str, enough: str) -> str:
    """Return what a stream says until `enough` is in it."""
    said = ""
    with browser.http.stream("GET", path) as answer:
        for text in answer.iter_text():
            said += text
            if enough in said:
                return said
    return said


def lane_screen(site: WebSite, number: int) -> PlainBrowser:
    """Return a device that is the screen of a lane."""
    browser = PlainBrowser(site.url)
    browser.http.get(site.lane_link(number))
    assert browser.get(f"/lane/{number}").status_code == httpx.codes.OK
    return browser
