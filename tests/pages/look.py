"""Pictures of pages of a seeded box, to look at before a customer does.

    python -m tests.pages.look --out DIR /calls /settings/clinic      at 1440 and 390 px, as Maria
    python -m tests.pages.look --out DIR --who Denise --many 10000 /calls

``demo-11`` in a path stands for the reference of that sample call, ``item-05`` for that of the
item of the worklist it belongs to.
"""

import argparse
import re
import tempfile
from contextlib import closing
from pathlib import Path

from tests.browser.conftest import Browser, open_chromium
from tests.pages.coached import coach
from tests.pages.reread import read_again
from tests.pages.seed import Box, seed_box
from tests.pages.server import serving

WIDTHS = (1440, 390)


def main() -> None:
    """Make the box, go to each page at each width, and keep a picture of its whole length."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("paths", nargs="+")
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--who", default="Maria")
    asked.add_argument("--many", type=int, default=0, help="so many plain calls besides")
    asked.add_argument("--coached", action="store_true", help="with reviews, notes and examples")
    asked.add_argument("--reread", action="store_true", help="with a preview of reading again")
    asked.add_argument("--slices", type=int, default=10_000, help="... that came so far")
    asked.add_argument("--empty", action="store_true", help="a box without calls")
    told = asked.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        box = seed_box(Path(folder), samples=not told.empty, many=told.many)
        if told.reread:
            read_again(box, slices=told.slices)
        if told.coached:
            with closing(box.open_db()) as db:
                coach(db)
        with serving(box) as address:
            take(box, address, told)


def take(box: Box, address: str, told: argparse.Namespace) -> None:
    """The pictures."""
    driver = open_chromium()
    try:
        browser = Browser(driver, address)
        browser.sign_in(told.who)
        for path in told.paths:
            for width in WIDTHS:
                shoot(browser, box, path, width, told.out)
    finally:
        driver.quit()


def shoot(browser: Browser, box: Box, path: str, width: int, out: Path) -> None:
    """One page at one width, as long as it is."""
    browser.size(width, 900)
    browser.go(re.sub(r"(?:demo|item)-\d\d", lambda found: box.refs[found.group()], path))
    browser.see("main h1")
    high = browser.run("return document.documentElement.scrollHeight")
    browser.size(width, min(4000, max(900, high)))
    name = re.sub(r"\W+", "-", path).strip("-") or "home"
    file = out / f"{name}-{width}.png"
    browser.driver.save_screenshot(str(file))
    print(file)


if __name__ == "__main__":
    main()
