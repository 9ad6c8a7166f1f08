"""What becomes of a request on its way to the centre and of the answer on its way back."""

from collections.abc import Callable

import httpx
import msgspec

from tests.fakes.centre_edge import Ask
from tests.fakes.centre_model import Asked

Fault = Callable[[Ask, Asked], httpx.Response]


def _away(_ask: Ask, _asked: Asked) -> httpx.Response:
    message = "no route"
    raise httpx.ConnectError(message)


def _lost(ask: Ask, asked: Asked) -> httpx.Response:
    ask(asked)
    message = "the answer never came"
    raise httpx.ReadTimeout(message)


def _cut(ask: Ask, asked: Asked) -> httpx.Response:
    status, said = ask(asked)
    return httpx.Response(status, content=said[: len(said) // 2])


def _says(status: int, body: bytes = b"", **headers: str) -> Fault:
    return lambda _ask, _asked: httpx.Response(status, content=body, headers=headers)


def _twice(ask: Ask, asked: Asked) -> httpx.Response:
    ask(asked)
    status, said = ask(asked)
    return httpx.Response(status, content=said)


def _leads_back(ask: Ask, asked: Asked) -> httpx.Response:
    """Answer a question for the feed as a proxy with an old page would."""
    status, said = ask(asked)
    page = msgspec.json.decode(said)
    if status == httpx.codes.OK and isinstance(page, dict) and "newest" in page:
        page |= {"number": max(0, page["number"] - 2), "items": []}
    return httpx.Response(status, content=msgspec.json.encode(page))


def _too_far(ask: Ask, asked: Asked) -> httpx.Response:
    """Answer a question for the feed with an item that is not within the page."""
    status, said = ask(asked)
    page = msgspec.json.decode(said)
    if status == httpx.codes.OK and isinstance(page, dict) and "newest" in page:
        stray = {"number": page["number"] + 5, "kind": "revoked", "body": {"pass_id": "e" * 32}}
        page["items"] = [stray, *page["items"]]
    return httpx.Response(status, content=msgspec.json.encode(page))


ROADS: dict[str, Fault] = {
    "away": _away,
    "lost": _lost,
    "cut": _cut,
    "twice": _twice,
    "leads back": _leads_back,
    "too far": _too_far,
    "401": _says(401),
    "429": _says(429, **{"Retry-After": "7"}),
    "500": _says(500, b"<html>"),
    "page": _says(200, b"<html>log in to the Wi-Fi</html>"),
    "nothing safe": _says(200, b'{"safe": []}'),
    "others safe": _says(200, b'{"safe": [999999]}'),
}
