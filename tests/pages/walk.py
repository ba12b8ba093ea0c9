"""The office manager's morning on a box with the sample calls, walked by a browser and filmed.

    python -m tests.pages.walk --out DIR      numbered pictures of the walk, at a desk

Friday: the brief comes by mail, leads to the list, to the call and to the words and their sound; a
misheard line is put right, a suggestion is confirmed, another corrected, a caller given to Denise.
Monday: the week's report comes by mail, as a page and on paper. ``tests/browser/test_morning.py``
walks the same steps.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from appliance.chores import notices, send_mail
from appliance.config import Web
from appliance.db import writing
from appliance.facts.notices import NoticeRules
from appliance.store import mail, readers, users
from appliance.tools import make_tools
from tests.browser.conftest import Browser, open_chromium
from tests.notices.postbox import PASSWORD as MAIL_PASSWORD
from tests.notices.postbox import Postbox, postbox
from tests.pages.seed import PASSWORD, ZONE, Box, seed_box
from tests.pages.server import serving

FRIDAY = datetime(2026, 11, 20, 7, 31, tzinfo=ZONE).astimezone(UTC)
MONDAY = datetime(2026, 11, 23, 7, 31, tzinfo=ZONE).astimezone(UTC)
SPOT = "document.querySelector('#audio, #card audio')"


@dataclass
class Walk:
    """Where the walk stands: browser, box, its clock and its postbox; ``out`` is for pictures."""

    browser: Browser
    box: Box
    mails: Postbox
    folder: Path
    out: Path | None = None
    now: datetime = FRIDAY
    taken: list[str] = field(default_factory=list)
    paper: bytes = b""

    def shoot(self, name: str, high: int = 0) -> None:
        """Keep a numbered picture of what the manager sees now."""
        self.taken.append(name)
        if self.out is None:
            return
        whole = self.browser.run("return document.documentElement.scrollHeight")
        self.browser.size(1440, min(2600, max(900, high or whole)))
        file = self.out / f"{len(self.taken):02}-{name}.png"
        self.browser.driver.save_screenshot(str(file))
        self.browser.size(1440, 900)
        print(file)

    def click(self, selector: str) -> None:
        self.browser.see(selector).click()

    def text(self, selector: str = "main") -> str:
        return str(self.browser.see(selector).text)

    def wait_for(self, words: str, selector: str = "main") -> None:
        """Wait until these words stand there."""
        told = "return document.querySelector(arguments[0])?.innerText ?? ''"
        self.browser.wait(lambda: words in self.browser.run(told, selector))

    def post(self) -> Any:
        """What clock and courier do at this moment; the newest mail."""
        tools = replace(make_tools(self.box.config, self.box.keys), now=lambda: self.now)
        with closing(self.box.open_db()) as db:
            made = notices.work(db, tools, 0)
            with writing(db):
                notices.save(db, made, self.now)
            tried = send_mail.work(db, tools, 0)
            with writing(db):
                send_mail.save(db, tried, self.now)
        return self.mails.letters[-1]

    def open_mail(self, letter: Any) -> None:
        """Look at a mail as a mail program shows it."""
        file = self.folder / "mail.html"
        file.write_text(letter.get_body(("html",)).get_content())
        self.browser.driver.get(file.as_uri())

    def follow(self, words: str) -> None:
        """Follow a link of the mail, and sign in on the way if nobody is."""
        self.browser.see("a")
        self.browser.driver.find_element(By.LINK_TEXT, words).click()
        self.browser.see("main h1")
        self.browser.wait(lambda: "One moment" not in self.text("h1"))
        if "/sign-in" in self.browser.driver.current_url:
            self.browser.see("[name=name]").send_keys("Maria")
            self.browser.see("[name=password]").send_keys(PASSWORD)
            self.click("form button")
            self.browser.wait(lambda: "/sign-in" not in self.browser.driver.current_url)


def read_the_brief(walk: Walk) -> None:
    """The mail tells in its subject what matters, and masks whoever called."""
    letter = walk.post()
    assert "wanted care and left" in letter["subject"] and "overdue" in letter["subject"]
    walk.open_mail(letter)
    told = walk.text("body")
    assert "To call back (6, all overdue)" in told and "These callers may bring $" in told
    assert "+1512" not in told and "Wireless" not in told, "callers are masked"
    walk.shoot("brief-mail")


def open_the_list(walk: Walk) -> None:
    """From the mail by way of signing in to the worklist; what is overdue stands first."""
    walk.follow("Open the whole list on the box")
    walk.wait_for("Call back", "h1")
    assert walk.browser.driver.current_url.endswith("/worklist")
    assert len(walk.browser.all(".work.late")) == 6
    walk.shoot("worklist")


def open_a_caller(walk: Walk) -> None:
    """One caller: why, the words, what is at stake."""
    walk.browser.go(f"/worklist/{walk.box.refs['item-09']}")
    assert "Nobody yet" in walk.text() and "At stake" in walk.text()
    walk.shoot("caller")


def hear_the_evidence(walk: Walk) -> None:
    """On the call, the words that show it are marked, and their sound plays from their second on."""
    walk.browser.go(f"/calls/{walk.box.refs['demo-09']}")
    walk.click(".fact:has([popovertarget=judge-turnaway]) a.hear")
    start = walk.browser.run("return Number(document.querySelector('.seg.evidence .w')"
                             ".dataset.start ?? 0)")  # fmt: skip
    walk.browser.wait(lambda: walk.browser.run(f"return !{SPOT}.paused && {SPOT}.currentTime > 0"))
    assert walk.browser.run(f"return {SPOT}.currentTime") * 1000 >= start
    assert walk.browser.all(".seg.evidence")
    walk.shoot("call-evidence-plays")
    walk.browser.run(f"{SPOT}.pause()")


def correct_a_word(walk: Walk) -> None:
    """A name was misheard: the line is put right where it stands, by keyboard."""
    line = walk.browser.all(".transcript .turn.caller .seg")[0].get_attribute("id")
    walk.browser.run(f"document.querySelector('#{line} .fix').focus()")
    walk.browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    walk.browser.wait(
        lambda: walk.browser.run("return document.activeElement.tagName") == "TEXTAREA"
    )
    field = walk.browser.driver.switch_to.active_element
    field.send_keys(" It is for Biscuit.")
    walk.shoot("correct-a-line", high=1300)
    field.send_keys(Keys.ENTER)
    walk.wait_for("It is for Biscuit.", f"#{line} .text")
    walk.wait_for("Corrected by Maria", f"#{line} .fixed")
    walk.shoot("line-corrected", high=1300)


def correct_a_suggestion(walk: Walk) -> None:
    """Software says that the desk was busy; the manager heard that nothing else was offered."""
    walk.click("button[popovertarget=judge-turnaway]")
    form = "#judge-turnaway"
    Select(walk.browser.see(f"{form} select")).select_by_value("no_alternative")
    walk.browser.see(f"{form} [name=reason]").send_keys("He could have come in after lunch")
    walk.shoot("correct", high=1300)
    walk.click(f"{form} button[value=corrected]")
    walk.wait_for("corrected this to “Handling: no alternative offered”", "#suggestions")
    walk.shoot("corrected")


def confirm_a_suggestion(walk: Walk) -> None:
    """The queue shows safety first; the place is played by the space bar and confirmed by y."""
    walk.browser.go("/review")
    walk.browser.see("#card .clip-play")
    assert "Safety" in walk.text("#card header") and "trial" in walk.text("#card header")
    body = walk.browser.see("body")
    body.send_keys(" ")
    walk.browser.wait(lambda: walk.browser.run(f"return !{SPOT}.paused"))
    walk.shoot("review-plays")
    body.send_keys("y")
    walk.wait_for("You confirmed this", "#stack a.judged .mark")
    walk.shoot("confirmed")


def give_the_caller_to_somebody(walk: Walk) -> None:
    """Denise calls back; the note tells her what to say."""
    walk.browser.go(f"/worklist/{walk.box.refs['item-09']}")
    walk.click(".more-acts summary")
    Select(walk.browser.see("#owner")).select_by_visible_text("Denise")
    walk.click("form[action$='/assign'] button")
    walk.wait_for("Given to Denise", ".history")
    walk.browser.see("#text").send_keys("Offer today at two; the eye may hurt.")
    walk.click("button[value=note]")
    walk.wait_for("Offer today at two", ".history")
    assert "Handling: no alternative offered" in walk.text(), "the correction came here too"
    walk.shoot("given-to-denise")


def look_at_the_day(walk: Walk) -> None:
    """The day's page tells who calls whom back, and by when."""
    walk.browser.go("/today")
    assert walk.text().count("Denise calls back") == 2 and "due yesterday, 10:04 AM" in walk.text()
    walk.shoot("today")


def read_the_report(walk: Walk) -> None:
    """On Monday the week comes by mail and leads to its page."""
    walk.now = MONDAY
    letter = walk.post()
    (paper,) = letter.iter_attachments()
    assert paper.get_filename() == "calls-week-2026-11-16.pdf"
    walk.paper = paper.get_content()
    walk.open_mail(letter)
    walk.shoot("weekly-mail")
    walk.follow("Open the week on the box")
    walk.wait_for("Weekly report", "h1")
    assert walk.browser.driver.current_url.endswith("/reports/week/2026-11-16")
    walk.shoot("report")


def print_it(walk: Walk) -> None:
    """The same on paper, with no caller's name or number on it."""
    href = walk.browser.see("a[download]").get_attribute("href")
    fetch = ("const done = arguments[1]; fetch(arguments[0]).then((r) => r.blob())"
             ".then(async (b) => done([b.type, b.size]))")  # fmt: skip
    kind, size = walk.browser.driver.execute_async_script(fetch, href)
    assert kind == "application/pdf" and size > 20_000
    if walk.out:
        (walk.out / f"{len(walk.taken) + 1:02}-report.pdf").write_bytes(walk.paper)


STEPS: tuple[Callable[[Walk], None], ...] = (
    read_the_brief,
    open_the_list,
    open_a_caller,
    hear_the_evidence,
    correct_a_word,
    correct_a_suggestion,
    confirm_a_suggestion,
    give_the_caller_to_somebody,
    look_at_the_day,
    read_the_report,
    print_it,
)


@contextmanager
def walking(driver: webdriver.Chrome, folder: Path, out: Path | None = None) -> Iterator[Walk]:
    """A box of its own that mails Maria, served with a clock that the walk moves."""
    (folder / "box").mkdir()
    box = seed_box(folder / "box")
    walk: Walk | None = None

    def clock() -> datetime:
        return walk.now if walk else FRIDAY

    with postbox(folder) as mails, serving(box, clock) as address:
        port = int(address.rpartition(":")[2])
        web = Web(names=("localhost",), port=port)
        box.config = msgspec.structs.replace(box.config, web=web)
        subscribe(box, mails)
        walk = Walk(Browser(driver, address), box, mails, folder, out)
        driver.delete_all_cookies()
        walk.browser.size(1440, 900)
        yield walk


def subscribe(box: Box, mails: Postbox) -> None:
    """Maria gets the brief and the weekly report; Mondays only the report, to be told apart."""
    with closing(box.open_db()) as db, writing(db):
        mail.save_server(db, box.keys.connectors, mails.server(), MAIL_PASSWORD)
        days = dict.fromkeys("1234", "07:30")
        readers.save_rules(db, NoticeRules(brief=days, weekly="07:30"))
        maria = users.get_user(db, "Maria").id
        reader = readers.get_reader(db, maria)
        readers.save_choices(db, reader, "maria@clinic.example", ["brief", "weekly"])
        code = readers.new_code(db, maria, now=FRIDAY)
        assert readers.try_code(db, maria, code, now=FRIDAY)


def main() -> None:
    """Walk, and keep the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True)
    told = asked.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    driver = open_chromium()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            walking(driver, Path(folder), told.out) as walk,
        ):
            for step in STEPS:
                step(walk)
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
