"""Labeling by ear and trying phrases, in a real browser."""

import pytest
from selenium.webdriver.common.by import By

from appliance.db import value, writing
from appliance.store import calibrations
from tests.browser.conftest import Browser
from tests.pages.seed import NOW, Box

pytestmark = pytest.mark.browser
ITEMS = ("empathy", "pet_name")


@pytest.fixture
def session(box: Box) -> int:
    """A session of Maria's own over all sample calls, gone again afterwards."""
    db = box.open_db()
    with writing(db):
        number = calibrations.begin(db, 20, ITEMS, by="Maria", now=NOW)
    db.close()
    return number


@pytest.fixture(autouse=True)
def clear(box: Box):
    yield
    db = box.open_db()
    with writing(db):
        db.execute("DELETE FROM calibration")
    db.close()


def answers(box: Box, number: int) -> int:
    db = box.open_db()
    try:
        return int(
            value(db, "SELECT count(*) FROM calibration_answer WHERE calibration_id = ?", (number,))
        )
    finally:
        db.close()


def text_of(browser: Browser, selector: str) -> str:
    """The words of an element in one step: the page may put another in its place meanwhile."""
    script = "return document.querySelector(arguments[0])?.textContent ?? ''"
    return str(browser.run(script, selector))


def choose(browser: Browser, name: str, said: str) -> None:
    """Press the choice as a person does."""
    box = browser.see(f'input[name="{name}"][value="{said}"]')
    browser.run("arguments[0].scrollIntoView({block: 'center'})", box)
    box.click()


def pick(browser: Browser, name: str, said: str) -> None:
    browser.run(
        "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
        "s.dispatchEvent(new Event('change', {bubbles: true}));",
        name,
        said,
    )


@pytest.mark.parametrize("width", [1440, 390])
def test_every_answer_is_saved_at_once_and_the_next_call_follows(
    browser: Browser, box: Box, session: int, width: int
) -> None:
    browser.size(width, 844)
    browser.go(f"/review/calibration/{session}?at=1")
    browser.wait(lambda: browser.run("return Boolean(window.htmx)"))
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    for done, (name, said) in enumerate(
        (("turnaway", "none"), ("rubric.empathy", "met"), ("rubric.pet_name", "na")), 1
    ):
        choose(browser, name, said)
        browser.wait(lambda done=done: answers(box, session) == done)
    pick(browser, "intent", "refill")
    browser.wait(lambda: answers(box, session) == 4)
    browser.wait(lambda: "1 still to answer" in text_of(browser, "#saved"))
    pick(browser, "outcome", "booked")
    browser.wait(lambda: "All answered" in text_of(browser, "#saved"))

    browser.see(".questions button").click()

    browser.wait(lambda: "Call 2 of" in text_of(browser, "h1"))
    assert answers(box, session) == 5
    assert browser.complaints() == []


def test_a_call_to_label_can_be_heard(browser: Browser, box: Box, session: int) -> None:
    db = box.open_db()
    place = value(
        db,
        "SELECT c.place FROM calibration_call c JOIN recording r ON r.call_id = c.call_id"
        " WHERE c.calibration_id = ? AND r.duration_ms > 0 LIMIT 1",
        (session,),
    )
    db.close()
    browser.go(f"/review/calibration/{session}?at={place}")
    browser.see("#wave > div")
    browser.see("#toggle").click()
    browser.wait(lambda: browser.run("return document.getElementById('audio').currentTime") > 0)


def test_phrases_are_tried_while_they_are_typed(browser: Browser) -> None:
    browser.go("/settings/rubric/items/new")
    browser.wait(lambda: browser.run("return Boolean(window.htmx)"))
    assert "Write a phrase" in browser.see("#preview").text
    field = browser.driver.find_element(By.ID, "phrases")

    field.send_keys("willow creek")

    browser.wait(lambda: "willow creek" in text_of(browser, "#preview q").lower())
    field.send_keys("\n***")
    browser.wait(lambda: "no words" in text_of(browser, "#preview"))
    assert browser.complaints() == []
