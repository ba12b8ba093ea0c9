"""The main acts of mail: a test that tells its result by itself, and confirming one's address."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.db import execute, value, writing
from appliance.store import mail
from appliance.tools import make_tools
from appliance.worker import Worker
from tests.browser.conftest import Browser
from tests.notices.postbox import PASSWORD, Postbox, postbox
from tests.pages.seed import Box

pytestmark = pytest.mark.browser


@pytest.fixture
def there(box: Box, tmp_path: Path) -> Iterator[Postbox]:
    """A mail server in force for one test."""
    db = box.open_db()
    with postbox(tmp_path) as found:
        with writing(db):
            mail.save_server(db, box.keys.connectors, found.server(), PASSWORD)
        yield found
    with writing(db):
        execute(db, "DELETE FROM setting WHERE name IN ('mail', 'mail.password')")
        execute(db, "DELETE FROM mail")
        execute(db, "DELETE FROM reader")
    db.close()


def deliver(box: Box) -> None:
    """What the courier does."""
    worker = Worker(make_tools(box.config, box.keys), ("courier",), "browser-tests")
    try:
        worker.run_until_idle()
    finally:
        worker.db.close()


def test_a_test_mail_tells_its_result_without_reloading(
    browser: Browser, box: Box, there: Postbox
) -> None:
    browser.go("/settings/mail")
    browser.see("#m-address").send_keys("maria@clinic.example")
    browser.see("#test form button").click()
    browser.wait(lambda: "Sending to maria@clinic.example" in browser.see("#tested").text)

    deliver(box)

    browser.wait(lambda: "The mail server took the test mail" in browser.see("#tested").text)
    assert [recipient for _, recipient, _ in there.mails] == ["maria@clinic.example"]
    assert browser.complaints() == []


def test_one_chooses_gets_a_code_and_types_it_in(
    browser: Browser, box: Box, there: Postbox
) -> None:
    browser.go("/settings/notices")
    browser.see("#n-address").send_keys("maria@clinic.example")
    browser.see("input[name='notice.brief']").click()
    browser.see("#own .form button").click()
    browser.see("#n-code")

    deliver(box)
    (letter,) = there.letters
    body = letter.get_body(("plain",))
    assert body
    code = re.search(r"\b\d{6}\b", body.get_content())
    assert code
    browser.see("#n-code").send_keys(code.group())
    browser.see("#confirm button.main").click()

    browser.wait(lambda: "This address is confirmed" in browser.see("#own").text)
    db = box.open_db()
    assert value(db, "SELECT count(*) FROM reader WHERE confirmed_at IS NOT NULL") == 1
    db.close()
    assert browser.complaints() == []
