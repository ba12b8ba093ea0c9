"""Coaching by hand: a good example is marked and shared, a goal is set and reached."""

import pytest

from appliance.reading.standings import key_of
from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


def test_a_good_example_is_marked_read_and_found_by_the_front_desk(
    browser: Browser, box: Box
) -> None:
    browser.go(f"/calls/{box.refs['demo-02']}")
    browser.see("a[href$='/example']").click()
    browser.run("document.getElementById('last').value = '3'")
    browser.see("main form button").click()
    browser.wait(lambda: browser.all("#quote"))
    assert "•••" in browser.see("#quote").get_attribute("value"), "names are masked in the draft"
    browser.run("document.getElementById('quote').value = 'How can I help you and your pet?'")
    browser.see("input[name=shared]").click()
    browser.see("button.main").click()
    browser.wait(lambda: browser.driver.current_url.endswith("/people/examples"))
    browser.sign_in("Denise")
    browser.go("/people/examples")
    assert "How can I help you and your pet?" in browser.see(".library").text


def test_a_goal_is_set_by_the_manager_and_reached_by_the_person(browser: Browser) -> None:
    browser.go(f"/people/{key_of('Denise')}")
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    browser.see("#goal").send_keys("Offer two times")
    browser.see("form:has(#goal) button").click()
    browser.wait(lambda: "Set by Maria" in browser.driver.page_source)
    browser.sign_in("Denise")
    browser.go("/people/me")
    browser.see("form[action$=reached] button").click()
    browser.wait(lambda: "said by Denise" in browser.driver.page_source)
