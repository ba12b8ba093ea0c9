"""Words, lists and replacements of the clinic, in a real browser and without its scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.db import execute, writing
from tests.browser.conftest import Browser
from tests.pages.seed import Box

pytestmark = pytest.mark.browser
HERE = "/settings/vocabulary"


@pytest.fixture(autouse=True)
def clear(box: Box) -> Iterator[None]:
    yield
    db = box.open_db()
    with writing(db):
        execute(db, "DELETE FROM term WHERE text LIKE 'Waffles%'")
        execute(db, "DELETE FROM replacement WHERE meant = 'Limping'")
    db.close()


def status(browser: Browser) -> str:
    """What the page says, in one step: another page may take its place meanwhile."""
    return str(browser.run("return document.querySelector('[role=status]')?.textContent ?? ''"))


def test_a_term_is_added_starred_and_stands_first(browser: Browser) -> None:
    browser.go(HERE)
    browser.see(".adding summary").click()
    browser.see("#text").send_keys("Waffles")
    browser.see(".adding button").click()
    browser.wait(lambda: "Added" in status(browser))

    browser.go(f"{HERE}?q=waffles")
    browser.see(".star").click()

    browser.wait(lambda: len(browser.all(".star.on")) == 2)  # beside the one of the seed
    assert browser.all(".star")[1].get_attribute("aria-label") == "Star Waffles"
    assert browser.complaints() == []


def test_a_file_is_looked_at_and_taken_in(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "pets.csv"
    file.write_text("group,term\npets,Waffles\npets,Waffles Two\npets,Biscuit\npets,=SUM(A1)\n")
    browser.go(f"{HERE}/import")
    browser.see("#file").send_keys(str(file))
    browser.see("form.panel button").click()
    browser.wait(lambda: browser.all(".counted"))
    assert [cell.text for cell in browser.all(".counted dd")] == ["2", "1", "1"]
    assert "Line 5" in browser.see("#h-refused + ul").text

    browser.see(".taking button").click()

    browser.wait(lambda: "taken in" in status(browser))
    browser.go(f"{HERE}?q=waffles")
    assert [link.text for link in browser.all(".terms .what a")] == ["Waffles", "Waffles Two"]


def test_a_replacement_shows_its_lines_before_it_is_saved(browser: Browser) -> None:
    browser.go(f"{HERE}/replacements")
    browser.see("#heard").send_keys("been limping")
    browser.see("#meant").send_keys("Limping")
    browser.all("form.panel button")[0].click()
    browser.wait(lambda: "of the last 90 days" in status(browser))
    assert browser.see("#heard").get_attribute("value") == "been limping"

    browser.all("form.panel button")[1].click()

    browser.wait(lambda: "Added" in status(browser))
    assert any("been limping" in row.text for row in browser.all(".terms li"))
    assert browser.complaints() == []
