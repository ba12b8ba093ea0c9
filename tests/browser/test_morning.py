"""The office manager's morning, from the mail to the paper, as ``tests.pages.walk`` films it."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pypdf import PdfReader

from appliance.db import rows
from appliance.store import calls, reviews, safety, work_acts, worklist
from tests.browser.conftest import Browser
from tests.pages.walk import STEPS, Walk, walking

pytestmark = pytest.mark.browser


@pytest.fixture
def walk(chromium: Browser, tmp_path: Path) -> Iterator[Walk]:
    """A box of its own: the walk changes what it finds and moves the clock."""
    with walking(chromium.driver, tmp_path) as begun:
        chromium.complaints()
        yield begun
    chromium.driver.delete_all_cookies()


def test_a_manager_goes_from_the_mail_to_the_paper_and_all_of_it_is_kept(walk: Walk) -> None:
    for step in STEPS:
        step(walk)
        assert walk.browser.complaints() == [], step.__name__

    with closing(walk.box.open_db()) as db:
        call = calls.get_call_by_ref(db, walk.box.refs["demo-09"])
        verdict = reviews.current(db, call.id)["turnaway"]
        assert (verdict.verdict, verdict.value) == ("corrected", "no_alternative")
        item = worklist.item_of_call(db, call.id)
        assert item and (item.owner, item.reason) == ("Denise", "no_alternative")
        assert "Offer today at two" in work_acts.list_notes(db, item.id)[0].text
        card = calls.get_call_by_ref(db, walk.box.refs["demo-15"])
        assert [each.state for each in safety.items_of(db, card.id)] == ["confirmed"]
        log = [r["action"] for r in rows(db, "SELECT action FROM audit WHERE actor = 'Maria'")]
        told = rows(db, "SELECT subject, detail FROM audit")
    assert [a for a in log if a in ("judge_call", "assign_item", "view_report", "export_report")] == [
        "judge_call", "judge_call", "assign_item", "view_report", "export_report",
    ]  # fmt: skip
    said = str([dict(row) for row in told])
    assert "after lunch" not in said and "Offer" not in said, "no words stand in the log"

    paper = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(walk.paper)).pages)
    assert "Wanted care and left without it" in paper and "•••-0182" in paper
    assert "5550182" not in paper and "Emily Brooks" not in paper
