"""People on their pages: fair figures, own page, notes and examples; every look is in the log."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx import Response
from litestar.testing import TestClient

from appliance.db import Database, execute, rows, writing
from appliance.facts.analysis import Analysis
from appliance.facts.calls import FoundCall
from appliance.facts.people import BIT
from appliance.reading.standings import key_of
from appliance.store import analyses, calls, receiving, standings
from appliance.store.reviews import settle_card
from tests.web.test_pages import inspect
from tests.web.world import (
    BEGIN,
    CANARY,
    PEOPLE,
    PROVENANCE,
    World,
    browser,
    form_token,
    sign_in,
)
from webui import people as pages

OWN, OTHER = 0, 1
PAGE = {"accept": "text/html"}
FINN, PRIYA = f"/people/{key_of('Finn')}", f"/people/{key_of('Priya')}"


@pytest.fixture
def db(clinic: World) -> Iterator[Database]:
    opened = clinic.open_db()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _nothing_in_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "trial_flags", lambda db: frozenset())


@pytest.fixture
def desk(clinic: World, db: Database) -> dict[str, TestClient]:
    """Everybody's browser at a clinic where Finn and Priya answer, and each took one call."""
    with writing(db):
        calls.name_staff(db, "101", "Finn")
        calls.name_staff(db, "102", "Priya")
        for number, name in ((OWN, "Finn"), (OTHER, "Priya")):
            execute(
                db,
                "UPDATE card SET staff_name = ? WHERE call_id = ?",
                (name, clinic.calls[number].id),
            )
            settle_card(db, clinic.calls[number].id)
    app = clinic.app()
    clients = {name: browser(app) for name in PEOPLE}
    for name, client in clients.items():
        assert sign_in(client, name).status_code == 303
    return clients


def take_calls(
    db: Database, who: str, extension: str, *, met: int, missed: int = 0, waiting: int = 0
) -> None:
    """Many calls of a person, with what holds of their empathy."""
    bit = BIT["empathy"]
    states = [(bit, 0, 0)] * met + [(0, bit, 0)] * missed + [(0, 0, bit)] * waiting
    with writing(db):
        for number, state in enumerate(states):
            found = FoundCall(
                native_key=f"{who}-{number}", started_at=BEGIN - timedelta(hours=2 + number % 500),
                talk_ms=60_000, direction="in", staff_extension=extension,
            )  # fmt: skip
            received = receiving.receive_call(db, "pbx", found, now=BEGIN)
            assert received
            execute(
                db,
                "INSERT INTO standing SELECT id, started_at, ?, ?, 'wellness', 9, 60000, ?, ?, ?"
                " FROM call WHERE id = ?",
                (who, extension, *state, received[0]),
            )


def post(client: TestClient, path: str, **fields: str) -> Response:
    return client.post(path, data={"csrf": form_token(client, "/calls"), **fields}, headers=PAGE)


def plain(html: str) -> str:
    return (
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
        .replace("&nbsp;", " ")
        .replace("\xa0", " ")
    )


def test_the_list_is_by_name_with_those_of_too_few_calls_apart(
    desk: dict[str, TestClient], db: Database
) -> None:
    take_calls(db, "Zoe", "103", met=90, missed=10, waiting=4)
    take_calls(db, "Anna", "104", met=40, missed=60)
    take_calls(db, "Bo", "105", met=6, missed=1)
    text = plain(desk["Maria"].get("/people?item=empathy").text.partition("Every item")[0])
    assert (
        text.index("Anna") < text.index("Zoe") < text.index("Too few to compare") < text.index("Bo")
    )
    assert "90 % 83–94 %, n = 100" in text
    assert "4 waiting for review, at least 87 %" in text
    assert "n = 7, too few" in text
    assert "Below usual" in text and "Above usual" in text


def test_what_nobody_confirmed_is_in_no_rate(desk: dict[str, TestClient], db: Database) -> None:
    take_calls(db, "Zoe", "103", met=30, waiting=300)
    take_calls(db, "Anna", "104", met=300)
    text = plain(desk["Maria"].get("/people?item=empathy").text)
    assert "100 % 89–100 %, n = 30 300 waiting for review, at least 9 % Open until reviewed" in text
    assert "Below usual" not in text.partition("How this is counted")[0]


def test_what_waits_leads_to_the_queue_of_that_person_and_item(
    desk: dict[str, TestClient], db: Database
) -> None:
    take_calls(db, "Priya", "102", met=30, waiting=4)
    link = "/review?when=weeks&amp;staff=102&amp;what=rubric.empathy"
    for page in ("/people?item=empathy", PRIYA):
        assert re.search(rf'<a href="{re.escape(link)}">4 waiting', desk["Maria"].get(page).text)
    queue = desk["Maria"].get(link.replace("&amp;", "&")).text
    for chosen in ('"102" selected', '"weeks" selected', '"rubric.empathy" selected'):
        assert f"value={chosen}" in queue
    take_calls(db, "Finn", "101", met=30, waiting=4)
    own = desk["Finn"].get("/people/me").text
    assert '<a href="/mine">4 waiting' in own and "/review?" not in own


def test_items_in_trial_are_on_no_page(
    desk: dict[str, TestClient], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_calls(db, "Zoe", "103", met=90)
    monkeypatch.setattr(standings, "trial_flags", lambda db: frozenset({"rubric.empathy"}))
    for path in ("/people", "/people?item=empathy", f"/people/{key_of('Zoe')}"):
        assert "Shows empathy" not in desk["Maria"].get(path).text


def test_where_everything_is_in_trial_the_page_says_so(
    desk: dict[str, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "countable_items", lambda db: [])
    assert "Nothing is counted yet" in desk["Maria"].get("/people").text
    assert desk["Maria"].get(FINN).status_code == 200


def test_the_front_desk_sees_its_own_page_and_nobody_elses(
    desk: dict[str, TestClient], db: Database
) -> None:
    take_calls(db, "Priya", "102", met=40)
    own = desk["Finn"].get("/people/me", headers=PAGE)
    assert own.status_code == 200 and "<h1>Finn</h1>" in own.text
    assert "Priya" not in own.text
    for path in ("/people", FINN, PRIYA):
        assert desk["Finn"].get(path, headers=PAGE).status_code == 403


def test_what_others_get_is_not_told_to_one_of_two(
    desk: dict[str, TestClient], db: Database
) -> None:
    take_calls(db, "Finn", "101", met=40)
    take_calls(db, "Priya", "102", met=10, missed=90)
    assert "Above usual" not in desk["Finn"].get("/people/me").text
    assert "Above usual" in desk["Maria"].get(FINN).text
    for who in ("Anna", "Bo"):
        take_calls(db, who, "103", met=2, missed=90)
    assert "Above usual" in desk["Finn"].get("/people/me").text


def test_somebody_without_an_extension_is_told_why_there_is_nothing(
    desk: dict[str, TestClient], db: Database
) -> None:
    with writing(db):
        execute(db, "UPDATE user SET staff_extension = '' WHERE name = 'Finn'")
    assert "Your extension is not known" in desk["Finn"].get("/people/me").text
    assert post(desk["Finn"], f"{FINN}/notes", kind="note", text="x").status_code == 404


def test_every_look_at_people_is_in_the_log(desk: dict[str, TestClient], clinic: World) -> None:
    desk["Maria"].get("/people")
    desk["Maria"].get(FINN)
    desk["Finn"].get("/people/me")
    desk["Finn"].get("/people/examples")
    assert clinic.log("view_people", "view_person", "view_examples") == [
        ("Maria", "view_people", ""),
        ("Maria", "view_person", "person:Finn"),
        ("Finn", "view_person", "person:Finn"),
        ("Finn", "view_examples", ""),
    ]


def test_notes_are_for_leaders_and_the_person(desk: dict[str, TestClient], clinic: World) -> None:
    assert (
        post(desk["Maria"], f"{FINN}/notes", kind="note", text="Slow down a little").status_code
        == 303
    )
    assert (
        post(
            desk["Maria"], f"{PRIYA}/notes", kind="goal", text="Two times", until="2026-12-04"
        ).status_code
        == 303
    )
    assert post(desk["Finn"], f"{FINN}/notes", kind="note", text="I will").status_code == 303
    own = desk["Finn"].get("/people/me").text
    assert "Slow down a little" in own and "I will" in own and "Two times" not in own
    assert "Until December 4, 2026" in desk["Olivia"].get(PRIYA).text
    for path in (f"{PRIYA}/notes", "/people/notes/2", "/people/notes/2/reached"):
        assert post(desk["Finn"], path, kind="note", text="x").status_code == 404
    assert clinic.log("add_note", "add_goal") == [
        ("Maria", "add_note", "person:Finn"),
        ("Maria", "add_goal", "person:Priya"),
        ("Finn", "add_note", "person:Finn"),
    ]


def test_a_note_is_changed_by_its_author_within_a_day(
    desk: dict[str, TestClient], clinic: World
) -> None:
    post(desk["Maria"], f"{FINN}/notes", kind="note", text="Slow down")
    assert 'id="edit-1"' in desk["Maria"].get(FINN).text
    assert 'id="edit-1"' not in desk["Finn"].get("/people/me").text
    assert post(desk["Finn"], "/people/notes/1", text="Speed up").status_code == 403
    assert post(desk["Maria"], "/people/notes/1", text="Slow down a bit").status_code == 303
    clinic.wait(hours=25)
    assert sign_in(desk["Maria"], "Maria").status_code == 303
    assert 'id="edit-1"' not in desk["Maria"].get(FINN).text
    assert post(desk["Maria"], "/people/notes/1", text="x").status_code == 403
    assert "Slow down a bit" in desk["Maria"].get(FINN).text


def test_a_goal_is_reached(desk: dict[str, TestClient], clinic: World) -> None:
    post(desk["Maria"], f"{FINN}/notes", kind="goal", text="Two times")
    assert post(desk["Finn"], "/people/notes/1/reached").status_code == 303
    assert "said by Finn" in plain(desk["Maria"].get(FINN).text)
    assert clinic.log("reach_goal") == [("Finn", "reach_goal", "person:Finn")]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "note", "text": "  "},
        {"kind": "praise", "text": "x"},
        {"kind": "goal", "text": "x", "until": "soon"},
    ],
)
def test_what_makes_no_note_is_refused(
    desk: dict[str, TestClient], db: Database, fields: dict[str, str]
) -> None:
    assert post(desk["Maria"], f"{FINN}/notes", **fields).status_code == 422
    assert rows(db, "SELECT 1 FROM coaching") == []


def test_an_example_is_drafted_without_the_caller_and_shared_after_a_look(
    desk: dict[str, TestClient], clinic: World
) -> None:
    path = f"/calls/{clinic.calls[OTHER].ref}/example"
    page = desk["Maria"].get(f"{path}?first=0&last=1").text
    draft = page.partition('name="quote"')[2].partition(">")[2].partition("</textarea>")[0]
    assert draft == "Hello, this is the clinic"
    told = {"first": "0", "last": "1", "item": "empathy", "note": "Warm", "quote": "Hello, I see"}
    assert post(desk["Maria"], path, **told, shared="yes").headers["location"] == "/people/examples"
    library = desk["Finn"].get("/people/examples").text
    assert "Hello, I see" in library and "Priya" in library and "Warm" in library
    assert clinic.calls[OTHER].ref not in library  # somebody else's call stays closed
    assert "limping" not in library
    assert f"/calls/{clinic.calls[OTHER].ref}#s=0-1" in desk["Maria"].get("/people/examples").text
    assert desk["Finn"].get(f"/recordings/{clinic.recording(OTHER)}/audio").status_code == 404
    assert clinic.log("mark_example") == [("Maria", "mark_example", clinic.calls[OTHER].ref)]


def test_an_example_of_ones_own_call_leads_to_its_sound(
    desk: dict[str, TestClient], clinic: World
) -> None:
    ref = clinic.calls[OWN].ref
    told = {"first": "0", "last": "1", "quote": "Hello, I see"}
    post(desk["Maria"], f"/calls/{ref}/example", **told, shared="yes")
    assert f"/calls/{ref}#s=0-1" in desk["Finn"].get("/people/examples").text
    assert f"/calls/{ref}#s=0-1" in desk["Finn"].get("/people/me").text


def test_an_example_that_is_not_shared_is_not_in_the_library(
    desk: dict[str, TestClient], clinic: World, db: Database
) -> None:
    path = f"/calls/{clinic.calls[OWN].ref}/example"
    post(desk["Maria"], path, first="0", last="1", quote="kept", note="kept")
    assert "kept" not in desk["Maria"].get("/people/examples").text
    assert "Already marked" in desk["Maria"].get(path).text
    assert (
        post(desk["Maria"], path, first="0", last="1", quote=" ", shared="yes").status_code == 422
    )
    assert post(desk["Finn"], "/people/examples/1/remove").status_code == 403
    assert post(desk["Maria"], "/people/examples/1/remove").status_code == 303
    assert rows(db, "SELECT 1 FROM example") == []


@pytest.mark.parametrize(("first", "last"), [("1", "0"), ("0", "9"), ("x", "1"), ("", "")])
def test_lines_that_are_none_are_refused(
    desk: dict[str, TestClient], clinic: World, first: str, last: str
) -> None:
    path = f"/calls/{clinic.calls[OWN].ref}/example"
    assert post(desk["Maria"], path, first=first, last=last).status_code == 422


def test_a_call_of_grief_becomes_no_example(
    desk: dict[str, TestClient], clinic: World, db: Database
) -> None:
    call = clinic.calls[OWN]
    with writing(db):
        analyses.save_analysis(
            db, call.id, Analysis(intent="end_of_life", provenance=PROVENANCE), now=BEGIN
        )
    assert desk["Maria"].get(f"/calls/{call.ref}/example", headers=PAGE).status_code == 404


def test_markup_in_names_notes_and_examples_is_shown_and_never_runs(
    desk: dict[str, TestClient], clinic: World, db: Database
) -> None:
    take_calls(db, CANARY, "103", met=30)
    evil = f"/people/{key_of(CANARY)}"
    post(desk["Maria"], f"{evil}/notes", kind="goal", text=CANARY)
    post(desk["Maria"], f"{evil}/notes", kind="note", text=CANARY)
    path = f"/calls/{clinic.calls[OWN].ref}/example"
    post(desk["Maria"], path, first="0", last="1", quote=CANARY, note=CANARY, shared="yes")
    for shown in ("/people?item=empathy", evil, "/people/examples", path):
        text = desk["Maria"].get(shown).text
        assert "&lt;script&gt;alert" in text or shown == path
        assert "<script>alert" not in text and inspect(text) == [], shown


def test_the_weeks_are_told_in_words_too() -> None:
    board = standings.Board([], 0)
    assert pages.rows_of(board, ["empathy"], "Nobody") == []
    rate = pages.Rate(met=9, missed=3, waiting=0, low=0.4, high=0.9)
    few = pages.Rate(met=1, missed=0, waiting=0, low=0, high=1)
    assert pages.weeks_words((few, rate)) == "By week, oldest first: 1, too few; 75\u00a0% of 12"
