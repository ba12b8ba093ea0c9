"""All pages: hostile text stays text, no query breaks them, and no look goes unlogged."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from appliance.db import Database, driver, execute, writing
from appliance.errors import Unavailable
from appliance.store import audit
from tests.web.world import CANARY, World, browser, build_world, sign_in
from webui.security import Box

PAGE = {"accept": "text/html"}


class Inspector(HTMLParser):
    """Collects what could run: inline scripts, handlers, styles and links that are not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside = tag
        self.found += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        self.found += [f"<{tag} {name}>" for name in given if name in {"style", "srcdoc", "action"}
                       and not (given[name] or "").startswith("/")]  # fmt: skip
        if tag == "style" and "nonce" not in given:
            self.found.append("<style> without nonce")
        for name in ("src", "href"):
            target = given.get(name)
            if (target is not None and not target.startswith(("/", "#"))) or target == "//":
                self.found.append(f"{name}={target}")
        if tag in {"iframe", "object", "embed", "base"}:
            self.found.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and data.strip():
            self.found.append(f"inline script {data[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def inspect(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    return inspector.found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A clinic whose callers, files and words are full of markup."""
    return build_world(tmp_path_factory.mktemp("hostile"), hostile=True)


@pytest.fixture(scope="module")
def victim(hostile: World) -> TestClient:
    client = browser(hostile.app())
    sign_in(client, "Olivia")
    return client


def test_markup_in_calls_is_shown_and_never_runs(victim: TestClient, hostile: World):
    mark = quote(CANARY)
    paths = ["/calls", f"/calls/{hostile.calls[0].ref}", "/search?q=limping", f"/search?q={mark}",
             f"/calls?q={mark}&staff={mark}&before={mark}&from={mark}", "/activity",
             "/today", f"/trends?period={mark}&tab={mark}", "/reports/week/2026-11-16",
             f"/reports/week/{mark}", f"/calls?line={mark}&species={mark}&hour={mark}",
             "/activity/now", "/audit", f"/nowhere/{mark}", f"/calls/{mark}"]  # fmt: skip
    seen = 0
    for path in paths:
        for more in ({}, {"hx-request": "true", "hx-target": "list"}, {"hx-target": "more"}):
            answer = victim.get(path, headers={**PAGE, **more})
            assert "<script>alert" not in answer.text, path
            assert inspect(answer.text) == [], path
            seen += "&lt;script&gt;alert" in answer.text
    assert seen >= 4


def test_markup_in_the_address_of_the_form_never_runs(victim: TestClient):
    for bad in (CANARY, '"><img src=x onerror=alert(1)>', "javascript:alert(1)"):
        answer = victim.get(f"/sign-in?next={quote('/' + bad)}", headers=PAGE)
        assert answer.status_code == 200
        assert inspect(answer.text) == []


def test_no_template_turns_escaping_off():
    for path in Path("webui/templates").glob("*.html"):
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path.name
        assert "autoescape" not in text, path.name


words = st.text(max_size=60) | st.sampled_from(
    ['"', "NEAR(a b)", "a*", "text:a", "a AND OR", "{a b}:c", "^a", "-a", "(((", "'; --", "\0",
     "a" * 8000, "* * *", '"a" *', "col : x", "1e999", "\ud800".encode("utf-8", "replace").decode()]
)  # fmt: skip
cursors = st.from_regex(r"[\d.]{0,30}", fullmatch=True) | st.sampled_from(
    ["9" * 5000, "999999999999999.1", "1.999999999999999", "٣.٤", "-1.0", "0.0"]
)
days = st.sampled_from(
    ["", "0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1", "20261122", "x", "٢٠٢٦-٠١-٠١"]
)
gentle = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@gentle
@given(q=words, before=cursors)
def test_no_search_breaks_the_page(desks: dict[str, TestClient], q: str, before: str):
    answer = desks["Maria"].get("/search", params={"q": q, "before": before})
    assert answer.status_code < 500
    assert "fts5" not in answer.text


@gentle
@given(
    query=st.fixed_dictionaries(
        {},
        optional={
            "q": words, "before": cursors, "from": days, "to": days, "staff": words,
            "when": st.sampled_from(["dates", "week", "today", "yesterday", "x"]),
            "intent": words, "outcome": words, "turnaway": words, "line": words,
            "hour": st.sampled_from(["0", "23", "24", "-1", "٣", "9" * 30, "x"]),
            "weekday": st.sampled_from(["0", "6", "7", "1.5", "x"]),
            "ring": st.sampled_from(["0-5", "60-86400", "5-0", "-", "1e9-2"]),
            "step": st.sampled_from(["wanted", "offered", "booked", "x"]),
            "said": st.sampled_from(["confirmed", "open", "x"]), "safety": st.sampled_from(["any", "advice", "x"]),
            "answer": st.sampled_from(["recovered", "waiting", "hold_abandon", "x"]),
        },
    )
)  # fmt: skip
def test_no_filter_breaks_the_list(desks: dict[str, TestClient], query: dict[str, str]):
    assert desks["Maria"].get("/calls", params=query).status_code < 500


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_there_are_can_be_chosen(desks: dict[str, TestClient], day: str):
    query = {"when": "dates", "from": day, "to": day}
    assert desks["Maria"].get("/calls", params=query).status_code < 500


@pytest.mark.parametrize("before", ["9" * 5000, "0", "-1", "x", str(2**63), "٣"])
def test_no_cursor_breaks_search_list_or_log(desks: dict[str, TestClient], before: str):
    assert desks["Maria"].get(f"/search?q=limping&before={before}").status_code < 500
    assert desks["Maria"].get(f"/calls?before={before}.{before}").status_code < 500
    assert desks["Ada"].get(f"/audit?before={before}").status_code < 500


def test_the_latest_moment_there_is_can_be_a_cursor(desks: dict[str, TestClient]):
    assert desks["Maria"].get(f"/calls?before={'9' * 15}.1").status_code < 500


def test_each_look_at_content_is_logged_once(clinic: World, door: TestClient):
    sign_in(door, "Finn")
    door.get(f"/calls/{clinic.calls[0].ref}")
    door.get("/search?q=limping")
    assert len(clinic.log("view_call")) == 1
    assert clinic.calls[0].ref in clinic.log("view_call")[0][2]
    assert len(clinic.log("search")) == 1


def test_the_log_of_a_search_does_not_hold_its_words(clinic: World, door: TestClient):
    sign_in(door, "Finn")
    door.get("/search?q=limping")
    door.get("/calls?q=limping")
    sign_in(door, "Ada")
    assert "limping" not in door.get("/audit").text
    db = clinic.open_db()
    entries = audit.list_entries(db)
    db.close()
    assert "limping" not in str(entries)
    assert [e.detail["length"] for e in entries if e.action == "search"] == ["7"]


def test_the_chain_of_the_log_holds_after_a_day_of_work(clinic: World, door: TestClient):
    for name in ("Maria", "Ada"):
        sign_in(door, name)
        for path in ("/calls", "/audit", f"/calls/{clinic.calls[1].ref}", "/search?q=dog"):
            door.get(path)
    db = clinic.open_db()
    rows, broken = audit.verify(db)
    db.close()
    assert rows > 4
    assert broken is None


def test_the_log_is_shown_in_pages(clinic: World, door: TestClient):
    db = clinic.open_db()
    with writing(db):
        for number in range(250):
            audit.record(db, "Maria", "manager", "view_call", f"call {number:03}", now=clinic.now)
    db.close()
    sign_in(door, "Ada")
    first = door.get("/audit").text
    assert "call 249" in first and "call 151" in first and "call 150" not in first
    older = first.partition('href="/audit?before=')[2].partition('"')[0]
    assert "call 150" in door.get(f"/audit?before={older}").text


def fill_disk(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """From now on no connection of the pages may make the database any larger."""
    real = Box.open_db

    def full(self: Box) -> Database:
        db = real(self)
        db.conn.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size instead
        return db

    monkeypatch.setattr(Box, "open_db", full)
    db = full(Box(world.config, world.keys, lambda: world.now))
    with pytest.raises((Unavailable, driver.DatabaseError)):
        for _ in range(10_000):
            with writing(db):
                execute(db, "INSERT INTO sign_in_failure VALUES (?, 0)", ("x" * 3000,))
    with pytest.raises((Unavailable, driver.DatabaseError)):
        for _ in range(10_000):
            with writing(db):
                audit.record(db, "disk", "system", "fill", now=world.now)
    db.close()


def test_when_the_log_cannot_be_written_nobody_sees_or_hears_anything(
    clinic: World, door: TestClient, monkeypatch: pytest.MonkeyPatch
):
    sign_in(door, "Maria")
    fill_disk(monkeypatch, clinic)
    paths = [f"/calls/{clinic.calls[0].ref}", "/search?q=limping", "/calls", "/today",
             "/trends", "/reports/week/2026-11-16", "/reports/week/2026-11-16/pdf",
             f"/recordings/{clinic.recording(0)}/audio"]  # fmt: skip
    for path in paths:
        answer = door.get(path, headers=PAGE)
        assert answer.status_code == 503, path
        assert "limping" not in answer.text, path
        assert "Caller 0" not in answer.text, path
        assert b"RIFF" not in answer.content, path
        assert "disk" in answer.text, path
    assert clinic.log("play", "view_call", "search", "list_calls") == []
    clinic.wait(minutes=2)
    assert door.get("/activity").status_code == 200  # those who free the disk are let in


def test_a_change_that_cannot_be_logged_does_not_happen(
    clinic: World, door: TestClient, monkeypatch: pytest.MonkeyPatch
):
    sign_in(door, "Maria")
    token = door.get("/activity").text.partition('name="csrf" value="')[2].partition('"')[0]

    def full(*_: object, **__: object) -> int:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(audit, "execute", full)
    answer = door.post("/sign-out", data={"csrf": token})
    assert answer.status_code == 503
    monkeypatch.undo()
    assert door.get("/").status_code == 303  # still signed in: both or nothing


def test_a_locked_or_missing_database_is_an_error_page(clinic: World, door: TestClient):
    (clinic.folder / "petsvet.db").rename(clinic.folder / "away.db")
    door.cookies.set("__Host-sid", "x", domain="localhost.local", path="/")
    answer = door.get("/calls", headers=PAGE)
    assert answer.status_code in {404, 500, 503}
    assert str(clinic.folder) not in answer.text
