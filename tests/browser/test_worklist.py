"""A morning at the list: by keyboard from the list to an item, its number, a note, and done."""

import pytest

from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


def press(browser: Browser, key: str) -> None:
    browser.see("body").send_keys(key)


def focused(browser: Browser) -> str:
    return str(browser.run("return document.activeElement.getAttribute('href') || ''"))


def test_keys_lead_from_row_to_row_and_into_an_item_and_back(browser: Browser) -> None:
    browser.go("/worklist")
    rows = [cover.get_attribute("href") for cover in browser.all(".work .cover")]
    press(browser, "j")
    browser.wait(lambda: rows[0].endswith(focused(browser)) and focused(browser))
    browser.driver.switch_to.active_element.send_keys("j")
    browser.wait(lambda: rows[1].endswith(focused(browser)))
    browser.driver.switch_to.active_element.send_keys("k")
    browser.wait(lambda: rows[0].endswith(focused(browser)))
    browser.driver.switch_to.active_element.send_keys("\n")
    browser.wait(lambda: browser.driver.current_url == rows[0])
    press(browser, "\ue00c")  # Escape
    browser.wait(lambda: browser.driver.current_url.endswith("/worklist"))


def test_a_caller_is_taken_shown_in_full_noted_and_closed(browser: Browser, box: Box) -> None:
    path = f"/worklist/{box.refs['item-07']}"
    browser.go(path)
    assert "15125550155" not in browser.driver.page_source
    press(browser, "t")
    browser.wait(lambda: "In progress" in browser.see("h1").text)
    press(browser, "s")
    browser.wait(lambda: browser.see("#number").text == "+15125550155")
    assert browser.see("#number").get_attribute("href") == "tel:+15125550155"
    assert browser.driver.current_url.endswith(path), "the number came without a new page"
    press(browser, "n")
    browser.driver.switch_to.active_element.send_keys("Comes on Friday at ten")
    browser.see("button[value=recovered]").click()
    browser.see(".notice.good a").click()
    browser.wait(lambda: "Recovered" in browser.see("h1").text)
    assert "Comes on Friday at ten" in browser.see(".history").text
    browser.see("form[action$=reopen] button").click()
    browser.wait(lambda: "In progress" in browser.see("h1").text)


def test_the_words_are_heard_on_the_item_from_their_second_on(browser: Browser, box: Box) -> None:
    browser.go(f"/worklist/{box.refs['item-05']}")
    audio = "document.querySelector('audio')"
    start = float(browser.see("audio").get_attribute("src").partition("#t=")[2].partition(",")[0])
    assert start > 1
    browser.run(f"{audio}.play()")
    browser.wait(lambda: browser.run(f"return {audio}.currentTime") >= start)
    assert browser.run(f"return {audio}.currentTime") < start + 15


def test_the_assumptions_fit_a_phone(browser: Browser) -> None:
    browser.size(390, 844)
    browser.go("/worklist")
    for summary in browser.all(".week summary"):
        summary.click()
    assert "Sick visit" in browser.see(".sums").text
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0


def test_without_scripts_the_number_is_shown_on_a_page_of_its_own(
    browser: Browser, box: Box
) -> None:
    browser.go(f"/worklist/{box.refs['item-05']}")
    browser.run("HTMLFormElement.prototype.submit.call(document.querySelector('#number form'))")
    browser.wait(lambda: browser.driver.current_url.endswith("/number"))
    assert browser.see("#number").text == "+15125550161"
    assert browser.see("h1").text.startswith("Sick visit")
