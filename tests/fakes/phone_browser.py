"""A phone's browser without a screen, for pages in this process: keeps cookies and form tokens."""

import re
from collections.abc import Mapping, Sequence

import httpx

from tests.fakes.asgi_client import AsgiClient

_TOKEN = re.compile(r'(?:name="csrf" value|data-csrf)="([0-9a-f]{32})"')
_FORM = "application/x-www-form-urlencoded"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; M2102K1C) AppleWebKit/537.36 Chrome/107.0 Mobile "
    "Safari/537.36 MicroMessenger/8.0.47 NetType/WIFI Language/zh_CN"
)

Fields = Mapping[str, str | Sequence[str]]


class PhoneBrowser:
    """Visits pages of `client`; `token` is that of the last page that had one."""

    def __init__(self, client: AsgiClient, agent: str = WECHAT) -> None:
        self.client = client
        self.agent = agent
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Return a page, as a browser asks for one."""
        return self._ask("GET", path, headers)

    def post(self, path: str, fields: Fields | None = None, **headers: str) -> httpx.Response:
        """Send a form from the last page."""
        whole = {"csrf": self.token, **(fields or {})}
        body = str(httpx.QueryParams(whole)).encode()
        return self._ask("POST", path, {"content-type": _FORM} | headers, body)

    def send(self, path: str, body: bytes) -> httpx.Response:
        """Send what a script of the page sends."""
        headers = {"content-type": "application/json", "x-csrf": self.token}
        return self._ask("POST", path, headers, body)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """Return the page that a form led to."""
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return self.get(answer.headers["location"])

    def claim(self, code: str, **fields: str) -> httpx.Response:
        """Claim a home with the desk's code."""
        self.get("/home/claim")
        return self.post("/home/claim", {"code": code, **fields})

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Response:
        given = {"accept": "text/html", "user-agent": self.agent} | dict(headers)
        if self.cookies:
            given["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.client.ask(method, path, tuple(given.items()), body)
        self._keep(answer)
        found = _TOKEN.search(answer.text)
        if found:
            self.token = found[1]
        return answer

    def _keep(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            name, value = line.split(";", 1)[0].split("=", 1)
            if "max-age=0" in line.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
