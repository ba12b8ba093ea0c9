"""Reading many calls again, in a real browser: preview, agree, pause and stop, with and without hurry."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from appliance.db import execute, writing
from appliance.store import reanalyses
from appliance.tools import make_tools
from tests.browser.conftest import Browser
from tests.pages.reread import read_again, walk
from tests.pages.seed import NOW, Box

pytestmark = pytest.mark.browser
HERE = "/settings/reanalyze"


@pytest.fixture(autouse=True)
def clear(box: Box) -> Iterator[None]:
    """The runs of these tests are gone afterwards; none of them changes a call."""
    yield
    with closing(box.open_db()) as db, writing(db):
        execute(db, "DELETE FROM reanalysis WHERE id > 1")
        execute(db, "DELETE FROM job WHERE kind = 'reanalyze'")


def work(box: Box) -> None:
    """Do the run that is open, to its end."""
    tools = replace(make_tools(box.config, box.keys), now=lambda: NOW)
    with closing(box.open_db()) as db:
        for _ in range(1000):  # where other work waits, a run would stand back for good
            if not (run := reanalyses.find_open(db)):
                return
            walk(db, tools, run)
    raise AssertionError("the run does not end")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_preview_shows_itself_when_it_is_done_and_is_applied_and_stopped(
    browser: Browser, box: Box, width: int
) -> None:
    browser.size(width, 844)
    browser.go(HERE)
    browser.run("document.getElementById('period').value = 'all'")
    press(browser, "main form.part button.main")
    browser.see("#to-pause")
    assert "being counted" in browser.see("#now").text

    work(box)

    browser.wait(lambda: browser.all("#h-apply"))
    assert "20 of 20 calls read" in browser.see("#now").text
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    press(browser, "section[aria-labelledby=h-apply] input[type=checkbox]")
    press(browser, "section[aria-labelledby=h-apply] button")
    browser.see("#to-pause")
    press(browser, "#to-pause")
    browser.see("#to-resume")
    press(browser, "#to-stop")
    browser.wait(lambda: "Stopped" in browser.see("#h-far").text)
    assert browser.complaints() == []


def press(browser: Browser, selector: str) -> None:
    """Bring it into view and press it, as a person does."""
    found = browser.see(selector)
    browser.run("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def test_what_one_has_opened_stays_open_while_the_run_goes_on(browser: Browser, box: Box) -> None:
    run = read_again(box, slices=2)
    browser.go(f"{HERE}/{run.id}")
    browser.wait(lambda: browser.run("return Boolean(window.htmx)"))
    shut = ".field-changes:not([open]) summary"
    before = len(browser.all(shut))
    press(browser, shut)
    browser.run(
        "window.renewed = 0; document.body.addEventListener('htmx:afterSwap', () => renewed++)"
    )
    browser.wait(lambda: browser.run("return window.renewed") > 0)
    assert len(browser.all(shut)) == before - 1
    assert browser.complaints() == []


def test_one_comes_from_a_count_to_a_call_side_by_side(browser: Browser, box: Box) -> None:
    browser.go(f"{HERE}/1")
    press(browser, ".field-changes[open] .n a")
    browser.see(".runs a").click()
    assert browser.see(".sides tbody th").text
    browser.see(".head .button").click()
    browser.see("#transcript, main h1")
    assert "/calls/" in browser.driver.current_url
