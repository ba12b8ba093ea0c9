"""Reviewing by keys: hear just the place, say what holds, go on, take it back."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from appliance.db import execute, writing
from appliance.store import calls, flags, judging, replies
from appliance.store.judging import Decision
from tests.browser.conftest import Browser
from tests.pages.seed import NOW, Box

pytestmark = pytest.mark.browser


@pytest.fixture
def queue(browser: Browser, box: Box) -> Iterator[Browser]:
    """The queue of everything; what is said in a test is forgotten after it."""
    browser.go("/review?when=all")
    browser.see("#card .clip-play")
    yield browser
    db = box.open_db()
    with writing(db):
        execute(db, "UPDATE review SET superseded = 1")  # flags and safety items follow
        execute(db, "DELETE FROM review")
    db.close()


def item(browser: Browser) -> str:
    """The flag on the card; asked in one step, as the card is renewed all the time."""
    return str(browser.run("return document.getElementById('card').dataset.item"))


def text(browser: Browser, selector: str) -> str:
    return str(browser.run("return document.querySelector(arguments[0])?.innerText", selector))


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        ActionChains(browser.driver).send_keys(key).perform()


def order(browser: Browser) -> list[str]:
    return [str(a.get_attribute("data-item")) for a in browser.all("#stack a[data-item]")]


def test_keys_lead_through_what_waits(queue: Browser) -> None:
    first, second, *_ = order(queue)
    assert item(queue) == first
    press(queue, "j")
    queue.wait(lambda: item(queue) == second)
    here = "return document.querySelector('#stack a[aria-current]').dataset.item"
    queue.wait(lambda: queue.run(here) == second)
    press(queue, "k")
    queue.wait(lambda: item(queue) == first)
    assert queue.complaints() == []


def test_space_plays_just_the_place_and_stops_after_it(queue: Browser) -> None:
    begin, end = (
        float(queue.see("#card audio").get_attribute(name)) / 1000
        for name in ("data-from", "data-to")
    )
    now = "return document.querySelector('#card audio').currentTime"
    stopped = "return document.querySelector('#card audio').paused"
    press(queue, " ")
    queue.wait(lambda: not queue.run(stopped) and queue.run(now) >= begin)
    queue.run("document.querySelector('#card audio').currentTime = arguments[0] - 0.4", end)
    queue.wait(lambda: queue.run(stopped))
    assert end - 0.5 < queue.run(now) < end + 1.5


def test_yes_goes_on_and_undo_brings_it_back(queue: Browser) -> None:
    first, second, *_ = order(queue)
    before = text(queue, "#progress")
    press(queue, "y")
    queue.wait(lambda: item(queue) == second)
    assert "You confirmed this" in text(queue, "#stack a.judged")
    assert text(queue, "#progress") != before
    press(queue, "u")
    queue.wait(lambda: item(queue) == first and not queue.all("#stack a.judged"))
    queue.wait(lambda: text(queue, "#progress") == before)
    assert queue.complaints() == []


def test_no_asks_why_and_a_number_answers(queue: Browser) -> None:
    first, second, *_ = order(queue)
    press(queue, "n")
    assert queue.run("return document.activeElement.name") == "reason"
    assert item(queue) == first  # nothing was said yet
    press(queue, Keys.ESCAPE, "2")
    queue.wait(lambda: item(queue) == second)
    press(queue, "k")
    queue.wait(lambda: item(queue) == first)
    assert "because “Wrong speaker”" in text(queue, "#card .said-by")


def test_typing_a_reason_decides_nothing_until_enter(queue: Browser) -> None:
    first, second, *_ = order(queue)
    press(queue, "r", "yes no cause", Keys.ENTER)
    assert item(queue) == first
    press(queue, Keys.ESCAPE, "n")
    queue.wait(lambda: item(queue) == second)


def test_another_value_is_chosen_by_keys(queue: Browser) -> None:
    queue.go("/review?when=all&what=turnaway")
    queue.see("#card .clip")
    first, second, *_ = order(queue)
    press(queue, "r", "heard it", Keys.ESCAPE, "c", Keys.ARROW_DOWN)
    queue.wait(lambda: queue.run("return document.activeElement.value") == "none")
    press(queue, Keys.ENTER)
    queue.wait(lambda: item(queue) == second)
    press(queue, "k")
    queue.wait(lambda: item(queue) == first)
    assert "corrected this to “Not turned away”" in text(queue, "#card .said-by")


def test_a_suggestion_is_judged_on_the_page_of_its_call_while_it_plays(
    queue: Browser, box: Box
) -> None:
    queue.go(f"/calls/{box.refs['demo-04']}")
    queue.see("#wave > div")
    queue.run("document.getElementById('audio').play()")
    queue.see("button[popovertarget='judge-outcome']").click()
    form = queue.see("#judge-outcome form.judge")
    form.find_element("name", "reason").send_keys("I heard it")
    form.find_element("css selector", "button[value=rejected]").click()
    queue.wait(lambda: "because “I heard it”" in text(queue, "#suggestions"))
    assert not queue.run("return document.getElementById('audio').paused")

    queue.see(
        "#suggestions .analysis a.hear"
    ).click()  # what was renewed still leads to its sentences
    assert queue.see(".seg.evidence")
    queue.see("#suggestions .undo button").click()
    queue.wait(lambda: "Said earlier (1)" in text(queue, "#suggestions"))
    assert queue.complaints() == []


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_full_of_verdicts_neither_complain_nor_scroll_sideways(
    queue: Browser, box: Box, width: int
) -> None:
    say_much(box)
    queue.size(width, 844)
    for who, paths in {
        "Maria": ("/review", "/review/safety", "/review/disputes", f"/calls/{box.refs['demo-11']}"),
        "Denise": ("/mine", f"/calls/{box.refs['demo-11']}"),
    }.items():
        queue.sign_in(who)
        for path in paths:
            queue.go(path)
            queue.see("main h1")
            wide = queue.run(
                "return Math.max(...[...document.querySelectorAll('main *')]"
                ".map(e => e.getBoundingClientRect().right)) - innerWidth"
            )
            assert wide <= 0, (path, wide)
            assert queue.complaints() == [], path


def say_much(box: Box) -> None:
    """Maria judges every flag of a call of Denise's, who acknowledges one and disputes the rest."""
    db = box.open_db()
    call = calls.get_call_by_ref(db, box.refs["demo-11"])
    with writing(db):
        for name in [f.name for f in flags.list_flags(db, call.id) if f.value != "met"]:
            standing = judging.standing_of(db, call.id, name)
            if standing.review:
                continue  # judged with its twin
            decision = Decision(
                name=name, verdict="confirmed", chosen="", reason="heard it twice",
                seen=standing.seen, by="Maria",
            )  # fmt: skip
            assert judging.decide(db, call.id, decision, now=NOW) == ""
        for number, verdict in enumerate(replies.list_verdicts(db, ["101"])):
            what = "disputed" if number else "acknowledged"
            replies.reply(db, verdict, what, "I offered Monday", "Denise", now=NOW, days=14)
    db.close()


def test_a_missing_reason_is_told_and_nothing_typed_is_lost(queue: Browser, box: Box) -> None:
    queue.go(f"/calls/{box.refs['demo-04']}")
    queue.see("button[popovertarget='judge-outcome']").click()
    queue.see("#judge-outcome button[value=rejected]").click()
    queue.wait(lambda: "few words why" in text(queue, "#toast"))
    assert queue.see("#judge-outcome form.judge").is_displayed()
    queue.complaints()
