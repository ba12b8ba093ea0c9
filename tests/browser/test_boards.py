"""From a figure to its calls and back, with the pointer, the keyboard, and without looking."""

import pytest

from tests.browser.conftest import Browser

pytestmark = pytest.mark.browser


def test_a_bar_leads_to_as_many_calls_as_it_says(browser: Browser) -> None:
    browser.go("/trends?period=week")
    bar = browser.see(".bars a[data-n]")
    told = int(bar.get_attribute("data-n"))

    bar.click()

    browser.see("#list")
    assert len(browser.all(".call")) == told


def test_columns_are_reached_by_keyboard_and_say_what_they_stand_for(browser: Browser) -> None:
    browser.go("/trends?period=week")
    browser.see(".plot a")
    browser.run("document.querySelectorAll('.plot a')[5].focus()")
    words = browser.run("return document.activeElement.getAttribute('aria-label')")
    assert "answered" in words and "missed" in words

    browser.run("document.activeElement.dispatchEvent(new MouseEvent('click', {bubbles: true}))")

    browser.wait(lambda: "/calls?" in browser.driver.current_url)


def test_each_picture_is_a_table_too(browser: Browser) -> None:
    browser.go("/trends?period=week")
    browser.see(".columns summary").click()
    browser.wait(lambda: browser.see(".columns table").is_displayed())
    captions = browser.run(
        "return [...document.querySelectorAll('main table')].every(t => t.caption || t.tHead)"
    )
    assert captions


def test_a_cell_of_the_week_leads_to_that_hour_and_a_chip_widens_it_again(browser: Browser) -> None:
    browser.go("/trends?period=week")
    cell = browser.see(".heat a[data-n]")
    told = int(cell.get_attribute("data-n"))
    cell.click()
    browser.see(".chip")
    assert len(browser.all(".call")) == told
    assert len(browser.all(".chip")) == 2

    browser.see(".chip").click()

    browser.wait(lambda: len(browser.all(".chip")) == 1)
    assert len(browser.all(".call")) >= told


def test_another_filter_keeps_what_the_figure_narrowed(browser: Browser) -> None:
    browser.go("/calls?direction=in&hour=9")
    before = len(browser.all(".call"))
    browser.run(
        "const s = document.getElementById('outcome'); s.value = 'booked';"
        "s.dispatchEvent(new Event('change', {bubbles: true}));"
    )
    browser.wait(lambda: "outcome=booked" in browser.driver.current_url)
    assert "hour=9" in browser.driver.current_url
    assert len(browser.all(".call")) < before


def test_filters_are_saved_under_a_name_and_forgotten(browser: Browser) -> None:
    browser.go("/calls?turnaway=lost")
    browser.see(".keep summary").click()
    browser.see("#keep-name").send_keys("Left without care")
    browser.see(".keep-form button").click()

    browser.wait(lambda: browser.all(".kept a[aria-current]"))
    browser.go("/calls")
    browser.see(".kept a").click()
    browser.wait(lambda: browser.driver.current_url.endswith("/calls?turnaway=lost"))

    browser.see(".kept button").click()
    browser.wait(lambda: not browser.all(".kept"))


def test_a_quote_leads_to_its_place_in_the_call(browser: Browser) -> None:
    browser.go("/today")
    browser.see('.person a[href*="#s="]').click()

    assert browser.see(".seg.evidence")
