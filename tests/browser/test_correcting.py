"""Correcting a line where it stands: by keyboard, taken back, and with the player going on."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from selenium.webdriver.common.keys import Keys

from appliance import queue
from appliance.db import writing
from appliance.store import calls
from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def clear(box: Box) -> Iterator[None]:
    """No worker serves this box: what waits to be read again would wait for good."""
    yield
    with closing(box.open_db()) as db, writing(db):
        queue.drop_jobs(db, ("analyze",), calls.get_call_by_ref(db, box.refs["demo-04"]).id)


@pytest.fixture
def call(browser: Browser, box: Box) -> Browser:
    browser.go(f"/calls/{box.refs['demo-04']}")
    browser.see("#wave > div")
    return browser


def text_of(browser: Browser, line: int) -> str:
    return str(browser.see(f"#s{line} .text").text)


def open_line(browser: Browser, line: int) -> None:
    """By keyboard: the pencil is reached and pressed."""
    browser.run("arguments[0].focus()", browser.see(f"#s{line} .fix"))
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait(lambda: browser.run("return document.activeElement.tagName") == "TEXTAREA")


def test_a_line_is_corrected_by_keyboard_and_taken_back(call: Browser) -> None:
    before = text_of(call, 3)
    open_line(call, 3)
    field = call.driver.switch_to.active_element
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("He needs his Bravecto.", Keys.ENTER)
    call.wait(lambda: text_of(call, 3) == "He needs his Bravecto.")
    assert "Corrected by Maria" in call.see("#s3 .fixed").text
    assert call.run("return document.activeElement.className") == "fix"
    assert "reads this call again" in call.see("#rereading").text
    call.all("#s3 .w")[3].click()
    call.wait(lambda: call.all("#s3 .w.lit"))

    call.see("#s3 .fixed summary").click()
    call.see("#s3 .fixed .undo button").click()
    call.wait(lambda: not call.all("#s3 .fixed"))
    assert text_of(call, 3) == before
    assert call.complaints() == []


def test_escape_and_cancel_bring_the_line_back_untouched(call: Browser) -> None:
    before = text_of(call, 2)
    for leave in (
        lambda: call.driver.switch_to.active_element.send_keys("never mind", Keys.ESCAPE),
        lambda: call.see("#s2 .cancel").click(),
    ):
        open_line(call, 2)
        leave()
        call.wait(lambda: not call.all(".fixing"))
        assert text_of(call, 2) == before
        assert call.run("return document.activeElement.className") == "fix"
    open_line(call, 2)  # the line that came back can be opened again


def test_keys_typed_into_a_line_do_not_reach_the_player(call: Browser) -> None:
    open_line(call, 2)
    call.driver.switch_to.active_element.send_keys("jkl ?")
    assert call.run("return document.getElementById('audio').paused")
    assert "jkl ?" in call.run("return document.activeElement.value")


def test_words_are_not_lost_when_somebody_else_was_quicker(call: Browser, box: Box) -> None:
    open_line(call, 5)
    seen = call.see("#s5 [name=seen]")
    call.run("arguments[0].value = '0123456789abcdef'", seen)
    field = call.see("#s5 textarea")
    field.send_keys(" Kept.", Keys.ENTER)
    call.wait(lambda: call.see("#toast").is_displayed())
    assert "was changed meanwhile" in call.see("#toast").text
    assert str(call.see("#s5 textarea").get_attribute("value")).endswith(" Kept.")
    call.complaints()  # the refusal is told there as well


def test_a_whole_call_is_turned_around_and_back(call: Browser) -> None:
    first = call.see(".turn").get_attribute("class")
    call.see(".fix-menu summary").click()
    call.see(".fix-menu form button").click()
    call.wait(lambda: call.see(".turn").get_attribute("class") != first)
    call.see(".fixed summary").click()
    call.see(".fixed .undo button").click()
    call.wait(lambda: call.see(".turn").get_attribute("class") == first)


def test_who_took_the_call_is_corrected_on_a_phone(call: Browser) -> None:
    call.size(390, 844)
    call.see(".fix-staff summary").click()
    call.see("#staff-name").send_keys("Priya")
    call.see(".fix-staff button").click()
    call.wait(lambda: "Priya (corrected by Maria)" in call.see(".facts").text)
    assert call.run("return document.documentElement.scrollWidth <= innerWidth")
    call.see(".fix-staff summary").click()
    call.all(".fix-staff button")[1].click()
    call.wait(lambda: "corrected by" not in call.see(".facts").text)
