"""What people read on every page: plain words, never a code, a name of Python's or of a column."""

import re
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.browser.test_pages import ALL_PAGES, of_box
from tests.pages.coached import coach
from tests.pages.seed import NOW, PASSWORD, QUESTION, Box, seed_box
from webui.app import create_app

# A code has an underscore, or a room and a dot; words of Python's own are None and the like.
CODE = re.compile(
    r"\b[a-zA-Z]\w*_\w+|\b(?:rubric|safety|work|how|media|label)\.[a-z]\w*|"
    r"\bNone\b(?!:| yet| of )|\b(?:True|False|nan|Undefined)\b|\bfrontdesk\b|[<{]\w+ object|\{\{|\{%"
)
TOLD = {"title", "aria-label", "placeholder", "alt", "data-reason", "data-verdict"}
VOID = {"meta", "link", "input", "br", "img", "hr", "col", "source", "path", "rect", "circle"}
# A phone system's own names for its settings and tables stand on its pages.
THEIRS = "/phones"
# Codes for those who work with them: the audit log's own, addresses, file names, a key to press.
SILENT = {"script", "style", "code", "kbd"}


class Reading(HTMLParser):
    """The text of a page and what its attributes say aloud."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        self.said += [value or "" for name, value in attrs if name in TOLD]

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self._silent:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.said.append(data.strip())


def codes_in(html: str) -> list[str]:
    """What no person should have to read."""
    return [found.group() for text in Reading(html).said for found in CODE.finditer(text)]


@pytest.fixture(scope="module", params=["fresh", "coached"])
def box(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Box:
    """The seeded box, as it came and after people reviewed and coached."""
    made = seed_box(tmp_path_factory.mktemp("box"), many=40, sound=False)
    if request.param == "coached":
        with closing(made.open_db()) as db:
            coach(db)
    return made


@pytest.fixture(scope="module")
def app(box: Box) -> Litestar:
    return create_app(box.config, box.keys, clock=lambda: NOW)


def signed_in(app: Litestar, name: str) -> TestClient[Litestar]:
    client = TestClient(app, base_url="https://localhost")
    client.headers["sec-fetch-site"] = "same-origin"
    token = client.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf": token})
    return client


def pages(box: Box) -> Iterator[str]:
    yield from (of_box(path, box) for path in ALL_PAGES)
    yield from (f"/calls/{ref}" for name, ref in box.refs.items() if not name.startswith("item"))


@pytest.mark.parametrize("name", ["Maria", "Denise", "Ingrid", "Ada"])
def test_no_page_shows_a_raw_code(box: Box, app: Litestar, name: str) -> None:
    client, leaks, seen = signed_in(app, name), {}, 0
    for path in pages(box):
        answer = client.get(path, headers={"accept": "text/html"})
        seen += answer.status_code == 200
        if not path.startswith(THEIRS) and (found := codes_in(answer.text)):
            leaks[path] = found[:5]
    assert leaks == {}
    assert seen >= {"Maria": 60, "Denise": 20, "Ingrid": 8, "Ada": 1}[name]


def test_the_clinics_own_question_reads_as_it_is_asked_wherever_it_stands(
    box: Box, app: Litestar
) -> None:
    client = signed_in(app, "Maria")
    own = next(p for p in pages(box) if p.startswith("/calls/") and QUESTION in client.get(p).text)
    what = "rubric.x_asks_about_pet_insurance_and_explain"
    for path in (own, f"/review?when=all&what={what}", "/review/agreement", "/review/calibration",
                 "/settings/rubric"):  # fmt: skip
        page = client.get(path).text
        assert QUESTION in page, path
        assert "Asks about pet insurance" not in page, path


def test_codes_and_nothing_are_found_where_they_leak() -> None:
    leaky = '<p title="cap_day">None</p><b>rubric.x_forms</b><code>view_call</code><i>No</i>'
    assert codes_in(leaky) == ["cap_day", "None", "rubric.x_forms"]
