"""Requests made out of an OpenAPI description, sent to an application in this process as a role."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import schemathesis
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.fakes.asgi_client import AsgiClient

_TOKEN = re.compile(r'(?:name="csrf" value|data-csrf)="([0-9a-f]+)"')
Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]
_FORM = "application/x-www-form-urlencoded"


def operations(app: FastAPI) -> list[Operation]:
    """Return all operations of `app`; it need not serve its description to anybody."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    found = list(schema.get_all_operations())
    good = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(good) == len(found)
    return good


def cases(operation: Operation) -> st.SearchStrategy[Request]:
    """Return requests for an operation, right and wrong ones where it has anything to get wrong."""
    right = operation.as_strategy(GenerationMode.POSITIVE)
    if not (operation.body or operation.query or operation.path_parameters):
        return right
    return st.one_of(right, operation.as_strategy(GenerationMode.NEGATIVE))


@dataclass
class Caller:
    """A browser or machine that calls: its cookies, headers and the token of its last page."""

    client: AsgiClient
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> httpx.Response:
        """Visit a page, keeping its cookies and its token."""
        answer = self.client.ask("GET", path, self._all({"accept": "text/html"}))
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        token = _TOKEN.search(answer.text)
        if token is not None:
            self.headers["x-csrf"] = token[1]
        return answer

    def send(self, case: Request, body: bytes | None = None) -> httpx.Response:
        """Send one request; `body` in place of the one that the description knows of."""
        kind, content = _content(case)
        more = {name: _latin(value) for name, value in dict(case.headers or {}).items()}
        if kind:
            more["content-type"] = kind
        query = urlencode(_plain(case.query), doseq=True)
        path = quote(_path(case), safe="/%") + (f"?{query}" if query else "")
        return self.client.ask(
            case.method, path, self._all(more), content if body is None else body
        )

    def _all(self, more: Mapping[str, str]) -> list[tuple[str, str]]:
        # A generated header never takes the place of the caller's own.
        headers = {name.lower(): value for name, value in more.items()} | self.headers
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return list(headers.items())


def _path(case: Request) -> str:
    path = case.path
    for name, value in dict(case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(_text(value), safe=""))
    return path


def _content(case: Request) -> tuple[str, bytes]:
    body: Any = case.body
    if (
        not isinstance(body, dict | list | str | int | float | bytes | None)
        or case.media_type is None
    ):
        return "", b""
    if case.media_type == _FORM:
        fields = _plain(body) if isinstance(body, dict) else _text(body)
        text = fields if isinstance(fields, str) else urlencode(fields, doseq=True)
        return _FORM, text.encode("utf-8", "surrogatepass")
    return case.media_type, json.dumps(body, default=str).encode()


def _plain(values: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever was generated
    if not isinstance(values, dict):
        return {}
    return {
        _text(name): [_text(one) for one in value] if isinstance(value, list) else _text(value)
        for name, value in values.items()
    }


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


def _latin(value: object) -> str:
    return re.sub(r"[\r\n\0]", "", _text(value)).encode("latin-1", "replace").decode("latin-1")
