"""Deciding between two readings where they stand, by ear."""

import pytest

from appliance.store import calls, opinions
from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


def differing(box: Box) -> str:
    """The reference of a sample call on which both readings differ."""
    db = box.open_db()
    try:
        for name in sorted(box.refs):
            call = calls.get_call_by_ref(db, box.refs[name])
            if any(c.differs for c in opinions.compared(db, call.id)):
                return call.ref
    finally:
        db.close()
    raise AssertionError("no sample call has readings that differ")


def test_a_differing_opinion_is_heard_and_taken_over(browser: Browser, box: Box) -> None:
    ref = differing(box)
    browser.go(f"/calls/{ref}")
    open_ones = len(browser.all(".differ:not(.settled)"))

    browser.see(".differ .hear").click()
    browser.wait(lambda: browser.all(".seg.evidence"))
    browser.see(".differ:not(.settled) .actions button").click()

    browser.wait(lambda: browser.all(".differ.settled"))
    assert "Settled by Maria" in browser.see(".differ.settled").text
    assert len(browser.all(".differ:not(.settled)")) == open_ones - 1
