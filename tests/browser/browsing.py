"""A page in a real browser, and what it did: requests, reports of the policy, what axe finds."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Response

# Milliseconds that something may take to appear: as long as a busy machine needs; what is there is not waited for.
PATIENCE = 300_000
WIDTHS = {"wide": 1280, "narrow": 320}
# The flags that a browser run by root on a machine without a screen needs, and silence towards its maker.
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
_AXE = """(rules) => axe.run(document, {runOnly: {type: "tag", values: rules}, preload: false})
.then(({violations}) => violations.map(({id, help, nodes}) =>
  `${id}: ${help}: ${nodes.slice(0, 5).map(({html, failureSummary}) =>
    `${html.slice(0, 300)} ${failureSummary}`).join(" | ")}`))"""


@dataclass(eq=False)
class Visit:
    """A browser page with a record of what it asked for and what it was told. Close the page's context after use."""

    page: Page
    host: str
    axe_source: str = field(repr=False)
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Response:
        """Go to a path of the server, with an empty record, until all of it is there; give the answer."""
        self.requests.clear()
        self.errors.clear()
        found = self.page.goto(self.host + path.removeprefix("/"))
        assert found is not None
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        return found

    def follow(self, target: Locator) -> None:
        """Press what leads to another page, until that is there: a click alone does not wait for it."""
        with self.page.expect_navigation():
            target.click()

    def axe(self) -> list[str]:
        """Give what axe finds against WCAG 2.0 to 2.2, levels A and AA, and what is good practice besides."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(self.axe_source)
        found: list[str] = self.page.evaluate(_AXE, RULES)
        return found

    def outside(self) -> list[str]:
        """Give the requests that left the server."""
        return [url for url in self.requests if not url.startswith((self.host, "data:", "blob:"))]

    def overflow(self) -> int:
        """Give by how many pixels the page scrolls sideways."""
        size: int = self.page.evaluate(_OVERFLOW)
        return size


def visit(browser: Browser, host: str, axe_source: str, *, width: str, scheme: Any, scripts: bool) -> Visit:
    """Make a page of its own: nothing is shared with another one, neither storage nor cache."""
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 800},
        color_scheme=scheme,
        java_script_enabled=scripts,
        locale="nb-NO",
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_LISTEN)
    page = context.new_page()
    found = Visit(page, host, axe_source)
    context.on("request", lambda request: found.requests.append(request.url))
    context.on("console", lambda message: _note(found, message.type, message.text))
    context.on("weberror", lambda error: found.errors.append(f"script: {error.error}"))
    return found


def _note(found: Visit, kind: str, text: str) -> None:
    # The browser reports the status of a page that is not there as an error; tests look at the status themselves.
    if kind == "error" and not text.startswith("Failed to load resource"):
        found.errors.append(text)
