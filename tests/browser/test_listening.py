"""Hearing a call: words, evidence, keys and addresses lead to the moment in the recording."""

import pytest

from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


def second(browser: Browser) -> float:
    return float(browser.run("return document.getElementById('audio').currentTime"))


def plays(browser: Browser) -> bool:
    return not browser.run("return document.getElementById('audio').paused")


@pytest.fixture
def call(browser: Browser, box: Box) -> Browser:
    browser.go(f"/calls/{box.refs['demo-04']}")
    browser.see("#wave > div")
    return browser


def test_nothing_is_loaded_and_nothing_plays_before_somebody_wants_it(call: Browser) -> None:
    loaded = call.run("return performance.getEntriesByType('resource').map(r => r.name)")

    assert not [name for name in loaded if name.endswith("/audio")]
    assert not plays(call)


def test_a_clicked_word_is_heard_and_lit(call: Browser) -> None:
    word = call.all(".w")[60]
    start = int(word.get_attribute("data-s")) / 1000

    word.click()

    call.wait(lambda: plays(call) and second(call) >= start)
    assert start <= second(call) < start + 8
    assert call.see(".w.lit")


def test_an_evidence_link_shows_its_sentences_and_plays_from_there(call: Browser) -> None:
    link = call.see(".analysis a.hear")
    first = link.get_attribute("data-first")
    start = int(call.see(f"#s{first}").get_attribute("data-s")) / 1000

    link.click()

    call.wait(lambda: plays(call) and second(call) >= start)
    assert "evidence" in call.see(f"#s{first}").get_attribute("class")
    assert call.driver.current_url.endswith(f"#s={first}-{link.get_attribute('data-last')}")


def test_an_address_leads_to_a_moment_without_playing_it(call: Browser, box: Box) -> None:
    call.go(f"/calls/{box.refs['demo-04']}#t=12.3")
    call.wait(lambda: abs(second(call) - 12.3) < 0.1)

    call.go(f"/calls/{box.refs['demo-04']}#s=7")
    start = int(call.see("#s7").get_attribute("data-s")) / 1000
    call.wait(lambda: abs(second(call) - start) < 0.1)

    assert call.see("#s7.evidence")
    assert not plays(call)


def test_keys_play_skip_and_change_the_speed(call: Browser) -> None:
    body = call.see("body")
    body.send_keys("l")
    call.wait(lambda: abs(second(call) - 10) < 0.1)
    body.send_keys("j")
    call.wait(lambda: second(call) < 0.1)
    body.send_keys(">")
    body.send_keys("k")
    call.wait(lambda: plays(call))
    body.send_keys(" ")
    call.wait(lambda: not plays(call))

    assert call.run("return document.getElementById('audio').playbackRate") == 1.25


def test_the_help_tells_the_keys(call: Browser) -> None:
    assert not call.run("return document.getElementById('help').matches(':popover-open')")
    call.see("body").send_keys("?")
    call.wait(lambda: call.run("return document.getElementById('help').matches(':popover-open')"))


def test_long_silence_is_skipped_when_asked(call: Browser) -> None:
    gap = call.run(
        "const s = [...document.querySelectorAll('.seg')].map(e => [+e.dataset.s, +e.dataset.e]);"
        "for (let i = 1; i < s.length; i++) if (s[i][0] - s[i-1][1] > 3000) return [s[i-1][1], s[i][0]];"
    )
    assert gap, "the sample call is put on hold once"
    call.run(
        "document.getElementById('hush').checked = true;"
        "const a = document.getElementById('audio'); a.currentTime = arguments[0]; a.play();",
        gap[0] / 1000 + 0.5,
    )

    call.wait(lambda: second(call) >= gap[1] / 1000 - 0.4, 3)


def test_both_sides_of_a_stereo_call_are_drawn(call: Browser) -> None:
    assert [lane.text for lane in call.all(".lanes span")] == ["Caller", "Staff"]
    call.wait(
        lambda: (
            call.run(
                "return document.querySelector('#wave > div').shadowRoot"
                ".querySelectorAll('.canvases canvas').length"
            )
            >= 2
        )
    )
