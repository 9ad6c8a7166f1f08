"""A real Chromium, and the pages of a small site for it to walk."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    TimeoutError,  # noqa: A004 - as Playwright calls it
    expect,
    sync_playwright,
)

from tests.fakes.web_site import GUARD, PASSWORD, WebSite, web_site

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
# What a page did that it should not have done, and the tones that it played.
_WITNESS = """
window.violations = [];
window.tones = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones.push(this.frequency.value);
  return start.apply(this, when);
};
"""

Visit = Callable[..., Page]

# A loaded machine is slow, and slowness is no failure.
expect.set_options(timeout=45_000)


# For a module and no longer: while Playwright is there, its event loop is this thread's, and a test
# of another module that runs a loop of its own would be refused.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """A site that has an account, shared by all who look at it."""
    with web_site(tmp_path_factory.mktemp("b")) as site:
        site.admit(GUARD, "guard")
        yield site


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Return a page in a browser of its own; at the end nothing has gone wrong in it.

    What goes wrong: a violation of the content security policy, an error of a script, a word from
    another host.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def new(**options: object) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))  # type: ignore[arg-type] # a browser's options
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_init_script(_WITNESS)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.extend(_off_host(request.url)))
        return page

    yield new
    for context in contexts:
        for page in context.pages:
            wrong += page.evaluate("window.violations ?? []")
        context.close()
    assert wrong == []


@pytest.fixture
def desk(site: WebSite, visit: Visit) -> Page:
    """The guard's page, logged in."""
    return log_in(site, visit())


def log_in(site: WebSite, page: Page) -> Page:
    """Log in on `page`, again where it is slow, and wait for the desk to be live."""
    for _ in range(3):
        page.goto(f"{site.url}/login")
        page.fill("#name", GUARD)
        page.fill("#password", PASSWORD)
        page.click("form[action='/login'] button")
        with suppress(TimeoutError):
            page.wait_for_selector("body.desk", timeout=20_000)
            break
    page.wait_for_selector(".live.fresh")
    return page


def _off_host(url: str) -> list[str]:
    local = ("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:")
    return [] if url.startswith(local) else [url]
