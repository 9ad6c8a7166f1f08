"""The description of `/v1` (OpenAPI 3.1), served as JSON without any page of a framework."""

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from central.api import Asking
from central.batch import Envelope, Event
from central.claims import Claiming
from central.feed import Page
from central.letters import Receipt as LettersReceipt
from central.post import Envelope as LetterEnvelope
from central.post import Letter
from central.reports import Gaps, Stored
from central.sessions import Answered, Opened
from central.words import Receipt

PATH: Final = "/v1/openapi.json"
_OPEN: Final = frozenset({"/v1/claim", "/v1/challenge", "/v1/session", "/v1/health"})
_BODIES: Final[dict[str, type]] = {
    "/v1/claim": Claiming,
    "/v1/challenge": Asking,
    "/v1/session": Answered,
    "/v1/events": Envelope,
    "/v1/letters": LetterEnvelope,
}
_ANSWERS: Final[dict[tuple[str, str], type]] = {
    ("/v1/session", "post"): Opened,
    ("/v1/events", "post"): Receipt,
    ("/v1/events", "get"): Stored,
    ("/v1/gaps", "get"): Gaps,
    ("/v1/feed", "get"): Page,
    ("/v1/letters", "post"): LettersReceipt,
}
_NAMES: Final[dict[type, str]] = {
    LettersReceipt: "LettersReceipt",
    LetterEnvelope: "LetterEnvelope",
}


_ANYTHING: Final = {"description": "any JSON"}


def describe(app: FastAPI) -> None:
    """Let `app` describe its own routes, bodies and answers included, and who may ask."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _filled(app)
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign] # the framework's own way


def _filled(app: FastAPI) -> dict[str, Any]:
    said = get_openapi(title=app.title, version="1", routes=app.routes)
    parts = said.setdefault("components", {}).setdefault("schemas", {})
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            if method == "post":
                operation["requestBody"] = {"required": True, **_content(parts, _BODIES[path])}
            answer = _ANSWERS.get((path, method))
            if answer is not None:
                # A list of events lies in an object of its own, with the place to go on from.
                operation["responses"]["200"] |= _content(parts, answer, many=answer is Stored)
            if path not in _OPEN:
                operation["security"] = [{"session": []}]
    said["components"]["securitySchemes"] = {"session": {"type": "http", "scheme": "bearer"}}
    for each in (Event, Letter):
        _reference(parts, each)
    return said


def _content(parts: dict[str, Any], kind: type, *, many: bool = False) -> dict[str, Any]:
    one = _reference(parts, kind)
    whole = {
        "type": "object",
        "properties": {
            "events": {"type": "array", "items": one},
            "next": {"type": "integer"},
        },
        "required": ["events", "next"],
    }
    return {"content": {"application/json": {"schema": whole if many else one}}}


def _reference(parts: dict[str, Any], kind: type) -> dict[str, Any]:
    (schema,), found = msgspec.json.schema_components(
        (kind,), schema_hook=lambda _any: _ANYTHING, ref_template="#/components/schemas/{name}"
    )
    # Python's anchors; those of JSON Schema are the browsers'.
    text = msgspec.json.encode(found).replace(rb"\\A", b"^").replace(rb"\\Z", b"$")
    found = msgspec.json.decode(text, type=dict[str, Any])
    name = _NAMES.get(kind)
    if name is None:
        parts.update(found)
        return schema
    parts.update({key: value for key, value in found.items() if key != kind.__name__})
    parts[name] = found[kind.__name__]
    return {"$ref": f"#/components/schemas/{name}"}
