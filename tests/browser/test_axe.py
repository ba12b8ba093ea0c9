"""axe-core on every page, at a desk and on a phone, by light and by dark: nothing serious."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Browser
from tests.browser.test_pages import ALL_PAGES, SAMPLES, of_box
from tests.pages.seed import Box

pytestmark = pytest.mark.browser

# MPL-2.0, as npm gives it; only tests use it.
AXE = Path(__file__).parent / "axe-core-4.14.1" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  (r) => done(r.violations.filter((v) => ["serious", "critical"].includes(v.impact)).map(
    (v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160))])),
  (e) => done([["axe broke", [String(e)]]]));
"""


def findings(browser: Browser) -> list[Any]:
    """What axe finds serious or critical on the page that is open."""
    browser.run(AXE.read_text())
    browser.driver.set_script_timeout(60)
    found: list[Any] = browser.driver.execute_async_script(RUN)
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, box: Box, width: int, scheme: str
) -> None:
    browser.size(width, 900)
    browser.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    bad = {}
    for path in (*ALL_PAGES, *(f"/calls/{box.refs[name]}" for name in SAMPLES)):
        browser.go(of_box(path, box))
        browser.see("main h1")
        if found := findings(browser):
            bad[path] = found
    assert bad == {}


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    browser.go("/settings")
    browser.run("document.querySelector('main h1').insertAdjacentHTML('afterend', '<input>')")
    assert [found[0] for found in findings(browser)] == ["label"]
