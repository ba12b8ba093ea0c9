"""Finding one's way: list, filters, search, activity; no error, no violation, no sideways scroll."""

import re

import pytest

from appliance.reading.standings import key_of
from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


def test_the_list_leads_to_a_call_and_back(browser: Browser) -> None:
    browser.go("/calls")
    assert browser.see("h2.day").text == "Today"

    browser.all(".call .cover")[6].click()

    assert browser.see("#transcript .w")
    browser.see(".back a").click()
    assert browser.see(".rows")


def test_a_filter_narrows_the_list_and_stands_in_the_address(browser: Browser) -> None:
    browser.go("/calls")
    before = len(browser.all(".call"))
    browser.see(".more-filters summary").click()

    browser.run(
        "const s = document.getElementById('turnaway'); s.value = 'skill';"
        "s.dispatchEvent(new Event('change', {bubbles: true}));"
    )

    browser.wait(lambda: 0 < len(browser.all(".call")) < before)
    assert browser.driver.current_url.endswith("/calls?turnaway=skill")
    assert all(browser.see(".badge.skill").text for _ in browser.all(".call"))


def test_typing_words_filters_and_no_match_offers_a_way_out(browser: Browser) -> None:
    browser.go("/calls")
    browser.see("#q").send_keys("elephant")

    browser.wait(lambda: "No calls match" in browser.see("#list").text)
    browser.see("#list .empty .button").click()
    browser.wait(lambda: browser.all(".call"))


def test_search_highlights_and_leads_to_the_moment(browser: Browser) -> None:
    browser.go("/search?q=puppy")
    assert {mark.text.lower() for mark in browser.all("mark")} == {"puppy"}

    browser.see("a.hit").click()

    assert browser.see(".seg.evidence")
    assert browser.run("return document.getElementById('audio').currentTime") > 0


def test_a_parked_job_is_retried_in_place(browser: Browser, box: Box) -> None:
    browser.go("/activity")
    row = browser.see(".job.parked")
    assert "free memory" in row.text

    browser.see(".job.parked button").click()

    browser.wait(lambda: not browser.all(".job.parked"))
    assert browser.driver.current_url.endswith("/activity")


def test_a_request_that_fails_is_told(browser: Browser) -> None:
    browser.go("/activity")
    browser.wait(lambda: browser.run("return Boolean(window.htmx)"))
    browser.run("htmx.ajax('GET', '/nowhere', '#now')")

    browser.wait(lambda: browser.see("#toast").is_displayed())
    browser.complaints()


def test_it_sees_the_queue_but_neither_callers_nor_words(browser: Browser, box: Box) -> None:
    browser.sign_in("Ingrid")
    browser.go("/activity")

    text = browser.see("main").text
    assert box.refs["running"][:8] in text
    assert "0201" not in text
    assert not browser.all('a[href^="/calls"]')


def test_front_desk_sees_only_calls_of_her_own(browser: Browser) -> None:
    browser.sign_in("Denise")
    browser.go("/calls")

    assert {cell.text for cell in browser.all(".c-staff")} == {"Denise"}
    assert not browser.all("#staff")


PAGES = (
    "/review",
    "/review?tab=care",
    "/review/safety",
    "/review/safety?show=closed",
    "/review/disputes",
    "/settings/review",
    "/settings",
    "/settings/clinic",
    "/settings/rubric",
    "/settings/rubric/items/empathy",
    "/settings/rubric/items/new",
    "/settings/rubric/versions/1",
    "/settings/reanalyze",
    "/settings/reanalyze/1",
    "/settings/reanalyze/1/calls?field=outcome&was=callback_timed&becomes=booked",
    "/settings/reanalyze/1/calls",
    "/settings/reanalyze/1/calls/demo-11",
    "/review/agreement",
    "/review/calibration",
    "/settings/mail",
    "/settings/notices",
    "/settings/webhooks",
    "/settings/opinion",
    "/settings/vocabulary",
    "/settings/vocabulary?q=willow&group=pets",
    "/settings/vocabulary?q=nothing-like-it",
    "/settings/vocabulary/terms/1",
    "/settings/vocabulary/terms/7",
    "/settings/vocabulary/import",
    "/settings/vocabulary/replacements",
    "/settings/vocabulary/suggestions",
    "/phones",
    "/phones/new",
    "/phones/new/folder?place.by=sftp",
    "/today",
    "/trends",
    "/trends?period=week&tab=missed",
    "/reports/week/2026-11-16",
    "/phones/new/folder?place.by=drop",
    "/phones/new/freeswitch?place.by=folder&recordings.by=smb",
    "/phones/1",
    "/audit",
    "/settings/fees",
    "/worklist",
    "/worklist?tab=mine",
    "/worklist?tab=missed",
    "/worklist?tab=done",
    "/worklist/item-05",
    "/worklist/item-08",
    "/people",
    f"/people/{key_of('Denise')}",
    "/people/examples",
    "/calls/demo-01/example?first=0&last=6",
    "/calls/demo-06/lines/3",
    "/calls",
    "/calls?turnaway=any&when=week",
    "/calls?direction=in&weekday=1&hour=9&species=dog",
    "/search?q=dog",
    "/search",
    "/activity",
)


def of_box(path: str, box: Box) -> str:
    """An address in which ``item-05`` stands for what it is called in this box."""
    return re.sub(r"(?:demo|item)-\d\d", lambda found: box.refs[found.group()], path)


# Besides those above: further tabs, narrowed lists and what is found nowhere.
MORE_PAGES = (
    "/calls?turnaway=capacity",
    "/calls?safety=any",
    "/calls?q=elephant",
    "/review?when=all&what=rubric.empathy",
    "/review?when=all&staff=104",
    "/search?q=elephant",
    "/trends?period=quarter",
    "/reports/week/2026-11-09",
    "/settings/webhooks/new",
    "/settings/nowhere",
    "/worklist?kind=technical",
    "/people?item=empathy",
    "/people/me",
    "/mine",
)
ALL_PAGES = (*PAGES, *MORE_PAGES)
SAMPLES = ("demo-01", "demo-11", "demo-16", "demo-18", "demo-20", "waiting", "parked", "broken")


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_complains_or_scrolls_sideways(browser: Browser, box: Box, width: int) -> None:
    browser.size(width, 844)
    for path in (*PAGES, *(f"/calls/{box.refs[name]}" for name in SAMPLES)):
        browser.go(of_box(path, box))
        browser.see("main h1")
        wide = browser.run("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (path, wide)
        if browser.all("#wave"):
            browser.see("#wave > div")
            browser.run("document.getElementById('audio').play()")
        assert browser.complaints() == [], path


WIDTHS = (1440, 1100, 1024, 820, 600, 390)
AT_EVERY_WIDTH = """
const bar = document.querySelector('.top-in'), who = document.querySelector('.who');
const wide = Math.max(0, document.documentElement.scrollWidth - innerWidth);
if (!bar) return [wide, 0, 0];  // an address that is none tells nobody who they are
const room = bar.getBoundingClientRect().right - parseFloat(getComputedStyle(bar).paddingRight);
const name = document.querySelector('.brand strong');
return [wide, Math.max(0, Math.ceil(who.getBoundingClientRect().right - room)),
        name.scrollWidth - name.clientWidth];
"""


@pytest.mark.parametrize("who", ["Maria", "Denise", "Ingrid", "Ada"])
def test_no_page_scrolls_sideways_at_any_width(browser: Browser, box: Box, who: str) -> None:
    browser.sign_in(who)
    bad = {}
    for path in (*ALL_PAGES, *(f"/calls/{box.refs[name]}" for name in SAMPLES)):
        browser.size(WIDTHS[0], 900)
        browser.go(of_box(path, box))
        browser.see("h1")
        for width in WIDTHS:
            browser.size(width, 900)
            if any(told := browser.run(AT_EVERY_WIDTH)):
                bad[path, width] = told
    assert bad == {}, "page wider than the window, Sign out beyond its place, PetsVet cut"


@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_leave_the_menu_whole(browser: Browser, width: int) -> None:
    browser.size(width, 900)
    browser.go("/today")
    name = "Bartholomew Featherstonehaugh " * 4
    for part in (".brand span", ".who .name"):
        browser.run("document.querySelector(arguments[0]).textContent = arguments[1]", part, name)
    assert browser.run(AT_EVERY_WIDTH) == [0, 0, 0]
    assert browser.see(".who button").is_displayed()


def test_a_long_name_on_the_list_stays_in_its_place_on_a_phone(browser: Browser) -> None:
    browser.size(390, 844)
    browser.go("/worklist")
    name = "Bartholomew-Featherstonehaugh von und zu Hohenlohe"
    browser.see(".w-who .clip")
    browser.run("document.querySelector('.w-who .clip').textContent = arguments[0]", name)
    left = "return arguments[0].getBoundingClientRect().left"
    who, due = browser.see(".w-who .clip"), browser.see(".w-due")
    assert browser.run(left, who) > browser.run(left, due) + 100


@pytest.mark.parametrize(
    ("width", "beside"), [(1440, True), (1100, True), (1024, False), (390, False)]
)
def test_people_and_trends_stand_in_the_row_where_it_has_room(
    browser: Browser, width: int, beside: bool
) -> None:
    browser.size(width, 900)
    browser.go("/today")
    for place in ("/people", "/trends"):
        assert browser.see(f'.nav > a[href="{place}"]').is_displayed() == beside
        browser.see(".more-nav summary").click()
        assert browser.see(f'.more-list a[href="{place}"]').is_displayed() == (not beside)
        browser.see(".more-nav summary").click()
    browser.go("/people")
    shown = [a.text for a in browser.all('.nav [aria-current="page"]') if a.is_displayed()]
    assert shown == (["People"] if beside else [])


def test_every_control_has_a_name_and_every_page_one_heading(browser: Browser, box: Box) -> None:
    for path in (*PAGES, f"/calls/{box.refs['demo-01']}"):
        browser.go(of_box(path, box))
        browser.see("main h1")
        nameless = browser.run(
            "return [...document.querySelectorAll('button, a, input:not([type=hidden]), select')]"
            ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') ||"
            " e.labels?.length)).map(e => e.outerHTML)"
        )
        assert nameless == [], path
        assert len(browser.all("h1")) == 1
        assert browser.all("main") and browser.all("nav") and browser.all("a.skip")
