"""Today, trends and the weekly report: every figure is the number of calls it leads to."""

import html
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient
from pypdf import PdfReader

from appliance.db import execute, rows, value, writing
from appliance.facts.calls import CallFilter
from appliance.facts.reviews import Review
from appliance.reading import periods
from appliance.store import calls, reviews, tallies
from appliance.store.settings import ClinicSettings, save_settings
from tests.pages.seed import LINES, NOW, PASSWORD, ZONE, Box, seed_box
from tests.web.world import browser, form_token
from webui.app import create_app
from webui.calls import as_filter, read_chosen

FIGURE = re.compile(r'<a\b[^>]*?href="(/calls\?[^"]*)"[^>]*?data-n="(\d+)"')
PAGES = (
    "/today", "/trends?period=week&tab=calls", "/trends?period=week&tab=missed",
    "/trends?period=4weeks&tab=calls", "/trends?period=quarter&tab=missed",
    "/reports/week/2026-11-16", "/reports/week/2026-11-09",
)  # fmt: skip


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """The sample calls and five days of others; a few verdicts of people besides."""
    made = seed_box(tmp_path_factory.mktemp("boards"), many=1500, sound=False)
    db = made.open_db()
    lost = calls.list_calls(db, CallFilter(turnaway="lost"))[0]
    with writing(db):
        for row, verdict in zip(lost, ("confirmed", "rejected", "corrected"), strict=False):
            judge(db, row.call.id, verdict)
    db.close()
    return made


def judge(db, call_id: int, verdict: str, name: str = "turnaway") -> None:
    value = {"confirmed": "no_ask", "corrected": "cap_day", "rejected": "none"}[verdict]
    review = Review(
        name=name, suggested="no_ask", verdict=verdict, value=value, reason="", by="Maria", at=NOW
    )
    reviews.judge(db, call_id, review)


def enter(box: Box, name: str) -> TestClient:
    client = browser(create_app(box.config, box.keys, clock=lambda: NOW))
    form = {"name": name, "password": PASSWORD, "csrf": form_token(client)}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


@pytest.fixture(scope="module")
def maria(box: Box) -> TestClient:
    return enter(box, "Maria")


@pytest.fixture(scope="module")
def denise(box: Box) -> TestClient:
    return enter(box, "Denise")


def figures_of(page: str) -> list[tuple[str, int]]:
    return [(html.unescape(href), int(n)) for href, n in FIGURE.findall(page)]


def count_of(db, href: str, extensions=None) -> int:
    """How many calls the list at an address has, counted by walking through its pages."""
    chosen = read_chosen(dict(parse_qsl(urlsplit(href).query)))
    filters = as_filter(chosen, ZONE, NOW, extensions)
    found, before = 0, ""
    while True:
        page, before = calls.list_calls(db, filters, before=before, limit=500)
        found += len(page)
        if not before:
            assert calls.count_list(db, filters) == found
            return found


@pytest.mark.parametrize("path", PAGES)
def test_each_figure_is_the_number_of_calls_in_the_list_it_leads_to(
    maria: TestClient, box: Box, path: str
):
    told = figures_of(maria.get(path).text)
    assert len(told) > (4 if path == "/today" else 40)
    db = box.open_db()
    for href, n in dict(told).items():
        assert count_of(db, href) == n, href
    db.close()


def test_the_front_desk_counts_its_own_calls_alone(denise: TestClient, maria: TestClient, box: Box):
    told = figures_of(denise.get("/today").text)
    assert told
    db = box.open_db()
    for href, n in told:
        assert count_of(db, href, ("101",)) == n, href
    db.close()
    assert sum(n for _, n in told) < sum(n for _, n in figures_of(maria.get("/today").text))


def test_a_link_is_kept_whole_by_the_list(maria: TestClient):
    """No part of an address of a figure may be lost on the way into the filters."""
    for path in PAGES:
        for href, _ in figures_of(maria.get(path).text):
            query = dict(parse_qsl(urlsplit(href).query))
            assert read_chosen(query).address() == query, href


def test_the_list_says_how_many_there_are_and_why_it_is_narrow(maria: TestClient):
    page = maria.get("/calls?direction=in&weekday=2&hour=9").text
    assert "Wednesdays" in page and "9–10 AM" in page
    db_count = re.search(r"(\d+) calls?", page)
    assert db_count and int(db_count.group(1)) > 0


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize("whole_days", [True, False])
def test_hours_and_weekdays_are_those_of_the_wall_clock(box: Box, zone: str, whole_days: bool):
    """Three weeks over the end of summer time; whole days and whole hours have an index."""
    db, there = box.open_db(), ZoneInfo(zone)
    midnight = periods.midnight(NOW.date(), there)
    begin, end = midnight - 25 * periods.DAY, midnight if whole_days else NOW
    offsets = periods.offsets_of(there, begin, end)
    asked = CallFilter(started_from=begin, started_before=end, direction="in")
    expected: dict[tuple, int] = {}
    for r in rows(
        db, "SELECT started_at, answer_state, direction FROM call WHERE duplicate_of IS NULL"
    ):
        at = datetime.fromtimestamp(r["started_at"] / 1000, UTC)
        if begin <= at < end and r["direction"] == "in":
            local = at.astimezone(there)
            key = (local.date(), local.hour, r["answer_state"])
            expected[key] = expected.get(key, 0) + 1
    assert {told[:3]: told[3] for told in tallies.count_hours(db, asked, offsets)} == expected
    db.close()


def test_the_manager_sees_first_who_left_without_care_and_the_words_that_show_it(maria: TestClient):
    page = maria.get("/today").text
    main = page.partition("<main")[2]
    assert main.index("Wanted care and left without it") < main.index("Anything dangerous?")
    assert re.search(r"/calls/[0-9a-f]{16}#s=\d+-\d+", main)
    assert "•••-" in main and "+1512555" not in main
    assert "Suggested by software" in main


def test_the_day_tells_who_calls_back_and_by_when(tmp_path: Path):
    box = seed_box(tmp_path, sound=False)
    page = plain(enter(box, "Maria").get("/today").text)
    assert "Denise calls back due today, 6:00 PM" in page
    assert "Denise calls back due yesterday, 1:47 PM Overdue" in page
    assert "Nobody calls back yet due today, 10:04 AM Overdue" in page
    assert "Could not be recovered" in page, "and who was given up stands last"
    assert page.index("Could not be recovered") > page.rindex("Overdue")
    own = plain(enter(box, "Denise").get("/today").text)
    assert "You call back due today, 6:00 PM" in own and "Denise calls" not in own


def plain(page: str) -> str:
    """What people read in the main part of a page."""
    main = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_a_turnaway_that_was_rejected_and_a_danger_that_was_rejected_are_gone(tmp_path: Path):
    box = seed_box(tmp_path, sound=False)
    db = box.open_db()
    asked = CallFilter(safety="any")
    before = calls.count_list(db, asked)
    lost = calls.count_list(db, CallFilter(turnaway="lost"))
    [flagged] = calls.list_calls(db, asked, limit=1)[0]
    turned = calls.list_calls(db, CallFilter(turnaway="lost"), limit=1)[0][0]
    names = [
        r["name"]
        for r in rows(
            db,
            "SELECT name FROM flag WHERE call_id = ? AND name LIKE 'safety.%'",
            (flagged.call.id,),
        )
    ]
    with writing(db):
        for name in names:
            judge(db, flagged.call.id, "rejected", name)
        judge(db, turned.call.id, "rejected")
    assert calls.count_list(db, asked) == before - 1
    assert calls.count_list(db, CallFilter(turnaway="lost")) == lost - 1
    db.close()


def test_people_confirm_and_the_page_says_how_many(maria: TestClient):
    page = maria.get("/reports/week/2026-11-16").text
    assert re.search(r"\d+ suggested by software, <a[^>]*>2 confirmed by people</a>", page)


def test_end_of_life_is_never_counted_as_lost_nor_in_the_funnel(box: Box):
    db = box.open_db()
    with writing(db):
        execute(db, "UPDATE card SET intent = 'end_of_life', turnaway_reason = 'no_ask',"
                " turnaway_kind = 'skill', outcome = 'booked' WHERE call_id IN"
                " (SELECT call_id FROM card WHERE intent = 'dental' LIMIT 3)")  # fmt: skip
    for filters in (
        CallFilter(turnaway="lost"),
        *(CallFilter(step=s) for s in ("wanted", "offered", "booked")),
    ):
        found = calls.list_calls(db, filters, limit=2000)[0]
        assert found
        assert "end_of_life" not in {row.intent for row in found}
    db.close()


def test_the_period_is_remembered_in_a_cookie_that_holds_nothing_else(box: Box):
    client = enter(box, "Olivia")
    answer = client.get("/trends?period=week&tab=missed")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-view=week.missed;")
    assert "Max-Age=2592000" in cookie and "Secure" in cookie and "HttpOnly" in cookie
    client.cookies.set("__Host-view", "week.missed", domain="localhost.local", path="/")
    again = client.get("/trends")
    assert 'href="/trends?period=week&amp;tab=missed" aria-current="page"' in again.text


@pytest.mark.parametrize("cookie", ["", "x", "week", "week.x.y", "<script>.calls", "." * 900])
def test_a_forged_cookie_shows_the_usual_page(maria: TestClient, cookie: str):
    answer = maria.get("/trends", headers={"cookie": f"{sid(maria)}; __Host-view={cookie}"})
    assert answer.status_code == 200
    assert "<script>." not in answer.text


def sid(client: TestClient) -> str:
    return f"__Host-sid={client.cookies['__Host-sid']}"


def test_looking_at_these_pages_is_logged(box: Box, maria: TestClient):
    for path in ("/today", "/trends", "/reports/week/2026-11-09", "/reports/week/2026-11-09/pdf"):
        maria.get(path)
    db = box.open_db()
    logged = {
        r["action"] for r in rows(db, "SELECT DISTINCT action FROM audit WHERE actor = 'Maria'")
    }
    db.close()
    assert {"view_today", "view_trends", "view_report", "export_report"} <= logged


def test_the_paper_says_what_the_page_says_and_names_no_caller(box: Box, maria: TestClient):
    answer = maria.get("/reports/week/2026-11-16/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert 'filename="calls-week-2026-11-16.pdf"' in answer.headers["content-disposition"]
    paper = PdfReader(io.BytesIO(answer.content))
    text = "\n".join(page.extract_text() for page in paper.pages)
    assert "Willow Creek" in text and "November 16 – 22, 2026" in text
    assert "This week is not over" in text
    page = maria.get("/reports/week/2026-11-16").text
    [lost] = set(re.findall(r'turnaway=lost" data-n="(\d+)"', page))
    assert re.search(rf"Left without care\s+{lost}\b", text)
    db = box.open_db()
    told = rows(db, "SELECT caller_number, caller_name FROM call WHERE direction = 'in'")
    db.close()
    told = [
        r for r in told if r["caller_number"] not in LINES
    ]  # the sample calls know the clinic's
    for r in told:
        for secret in (r["caller_number"], r["caller_name"]):
            assert not secret or secret not in text
            if secret:
                assert secret not in page.partition("<main")[2]
    assert "•••-" in text


def test_the_paper_tells_readers_its_language_and_title_and_carries_its_letters(maria: TestClient):
    paper = PdfReader(io.BytesIO(maria.get("/reports/week/2026-11-09/pdf").content))
    assert paper.root_object["/Lang"] == "en-US"
    assert paper.xmp_metadata.dc_title["x-default"] == "Weekly report, November 9 – 15, 2026"
    assert [entry["/Title"] for entry in paper.outline][:2] == [
        "Calls that came in, by day",
        "Turned away, by reason",
    ]
    fonts = [f.get_object() for page in paper.pages for f in page["/Resources"]["/Font"].values()]
    assert all("/ToUnicode" in font for font in fonts)


@pytest.mark.parametrize(
    "week", ["2026-11-17", "2026-13-01", "x", "2026-W47-1", "0001-01-01", "20261116", "9999-12-27"]
)
def test_a_week_that_is_none_is_not_found(maria: TestClient, week: str):
    assert maria.get(f"/reports/week/{week}").status_code == 404
    assert maria.get(f"/reports/week/{week}/pdf").status_code == 404


def test_an_empty_box_says_so_everywhere(tmp_path: Path):
    maria = enter(seed_box(tmp_path, samples=False), "Maria")
    assert "No calls yet" in maria.get("/today").text
    assert "No calls in these days" in maria.get("/trends").text
    assert "No calls in this week" in maria.get("/reports/week/2026-11-09").text
    paper = PdfReader(io.BytesIO(maria.get("/reports/week/2026-11-09/pdf").content))
    assert "Nobody, as far as the software could tell" in paper.pages[0].extract_text()


def test_people_start_at_today_and_it_where_the_box_is_watched(box: Box):
    for name, home in (
        ("Maria", "/today"),
        ("Denise", "/today"),
        ("Ingrid", "/activity"),
        ("Ada", "/audit"),
    ):
        assert enter(box, name).get("/").headers["location"] == home


def keep(client: TestClient, name: str, query: str):
    form = {"csrf": form_token(client, "/today"), "name": name, "query": query}
    return client.post("/filters", data=form)


def test_filters_are_kept_for_their_owner_alone(box: Box, maria: TestClient, denise: TestClient):
    answer = keep(maria, "Cats <b>at nine</b>", "species=cat&hour=9&bogus=1&outcome=nonsense")
    assert answer.headers["location"] == "/calls?species=cat&hour=9"
    page = maria.get("/calls").text
    assert (
        "Cats &lt;b&gt;at nine&lt;/b&gt;" in page and 'href="/calls?species=cat&amp;hour=9"' in page
    )
    assert "at nine" not in denise.get("/calls").text

    db = box.open_db()
    number = value(db, "SELECT id FROM saved_filter")
    db.close()
    theirs = {"csrf": form_token(denise, "/today")}
    assert denise.post(f"/filters/{number}/remove", data=theirs).status_code == 404
    mine = {"csrf": form_token(maria, "/today")}
    assert maria.post(f"/filters/{number}/remove", data=mine).status_code == 303
    assert "at nine" not in maria.get("/calls").text


def test_the_same_name_again_replaces_a_filter(box: Box, denise: TestClient):
    for query in ("hour=8", "hour=9"):
        keep(denise, "mornings", query)
    db = box.open_db()
    found = rows(db, "SELECT address FROM saved_filter WHERE name = 'mornings'")
    db.close()
    assert found == [{"address": "hour=9"}]


@pytest.mark.parametrize(
    ("name", "query"), [("", "hour=8"), ("x" * 61, "hour=8"), ("a\nb", "hour=8"), ("all", "")]
)
def test_a_filter_needs_a_name_and_something_to_keep(denise: TestClient, name: str, query: str):
    assert keep(denise, name, query).status_code == 403


def test_the_offsets_of_a_clinic_far_from_utc_put_calls_into_its_own_days(box: Box):
    db = box.open_db()
    zone = ZoneInfo("Asia/Tokyo")
    chosen = read_chosen({"when": "today", "hour": str(NOW.astimezone(zone).hour)})
    found = calls.list_calls(db, as_filter(chosen, zone, NOW, None), limit=500)[0]
    assert found
    assert {row.call.started_at.astimezone(zone).hour for row in found} == {
        NOW.astimezone(zone).hour
    }
    db.close()


def test_letters_the_paper_does_not_carry_and_odd_lines_break_nothing(tmp_path: Path):
    box = seed_box(tmp_path, sound=False)
    db = box.open_db()
    with writing(db):
        save_settings(db, ClinicSettings(clinic_name="Łukasz 獣医 🐈 <b>", zone=ZONE.key))
        execute(db, "UPDATE call SET dialed = '<script>alert(1)</script>' WHERE direction = 'in'")
    db.close()
    maria = enter(box, "Maria")
    page = maria.get("/trends?period=week").text
    assert "<script>alert" not in page
    paper = PdfReader(io.BytesIO(maria.get("/reports/week/2026-11-16/pdf").content))
    assert "Łukasz" in paper.pages[0].extract_text()
