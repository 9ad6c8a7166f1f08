"""The centre's pages: templates in the caller's language, escaped, with nothing run inline."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from central.callers import Caller, Cookies
from central.languages import Language, Words

TEMPLATES = Path(__file__).with_name("templates")


class Pages:
    """Fills templates."""

    def __init__(self, words: Mapping[Language, Words], cookies: Cookies) -> None:
        self.words = words
        self._cookies = cookies
        self._environments = MappingProxyType(
            {language: _environment(each) for language, each in words.items()}
        )

    def fill(self, language: Language, template: str, **values: object) -> str:
        """Return a piece of a page."""
        return self._environments[language].get_template(template).render(values)

    def page(
        self, caller: Caller, template: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Return a whole page, whose forms belong to the caller's browser."""
        html = self.fill(caller.language, template, caller=caller, csrf=caller.token, **values)
        response = HTMLResponse(html, status)
        if caller.fresh:
            self._cookies.keep(response, "visit", caller.nonce)
        return response

    def problem(self, request: Request, caller: Caller, status: int, why: str = "") -> Response:
        """Return the answer to a request that cannot be met, in words."""
        text = self.words[caller.language].of("problem", why or str(status))
        if "text/html" in request.headers.get("accept", ""):
            back = request.url.path if request.method == "GET" else "/"
            return self.page(caller, "problem.html", status, text=text, back=back)
        return Response(text, status, media_type="text/plain")


def _environment(words: Words) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(words.catalogue, newstyle=True)  # type: ignore[attr-defined] # added by the extension
    environment.globals["language"] = words.language
    return environment
