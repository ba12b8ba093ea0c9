"""Reading many calls again on its pages: choose, preview, agree, apply, pause, and see what changed."""

import re
from dataclasses import replace

import pytest
from litestar.testing import TestClient

from appliance.chores import reanalyze
from appliance.db import execute, value, writing
from appliance.facts.reanalyses import Run
from appliance.facts.reviews import Review
from appliance.store import analyses, calls, reanalyses, reviews
from appliance.tools import make_tools
from appliance.worker import Worker
from tests.web.world import World, browser, form_token, sign_in

HERE = "/settings/reanalyze"


@pytest.fixture
def maria(clinic: World) -> TestClient:
    client = browser(clinic.app())
    assert sign_in(client, "Maria").status_code == 303
    return client


def post(client: TestClient, path: str = HERE, **typed: str):
    return client.post(path, data={"csrf": form_token(client, HERE), **typed})


def work(clinic: World, steps: int = 1000) -> None:
    """Do what waits in the lane of reading."""
    tools = replace(make_tools(clinic.config, clinic.keys), now=lambda: clinic.now)
    worker = Worker(tools, ("chores",), "tests")
    while steps and worker.step():
        steps -= 1
    worker.db.close()


def run_of(clinic: World, number: int) -> Run:
    db = clinic.open_db()
    try:
        return reanalyses.get_run(db, number)
    finally:
        db.close()


def preview(client: TestClient, clinic: World, **typed: str) -> str:
    """Make a preview and wait for it; returns its page."""
    answer = post(client, **({"period": "all", "start": "analyze"} | typed))
    assert answer.status_code == 303, answer.text
    work(clinic)
    return client.get(answer.headers["location"]).text


def test_a_preview_is_made_looked_at_and_applied(maria: TestClient, clinic: World) -> None:
    assert "3 calls</strong> were read by other rules" in maria.get(HERE).text
    page = preview(maria, clinic)
    assert "3 of 3 calls read" in page
    assert "Apply to 3 calls" in page
    answer = post(maria, f"{HERE}/1/apply", seen="3", agreed="1")
    assert answer.headers["location"] == f"{HERE}/2"
    assert "The calls are being counted" in maria.get(f"{HERE}/2").text
    work(clinic)
    done = maria.get(f"{HERE}/2").text
    assert "3 of 3 calls read" in done
    assert re.search(r"<strong>\d of 3 calls</strong> changed", done)
    assert run_of(clinic, 2).counts == run_of(clinic, 1).counts
    assert "were read by other rules" not in maria.get(HERE).text
    told = [(who, what, where) for who, what, where in clinic.log() if "run" in where]
    assert told == [
        ("Maria", "preview_reanalysis", "run 1"), ("box", "end_preview", "run 1"),
        ("Maria", "start_reanalysis", "run 2"), ("box", "end_apply", "run 2"),
    ]  # fmt: skip


def test_from_every_kind_of_change_one_comes_to_its_calls_side_by_side(
    maria: TestClient, clinic: World
) -> None:
    page = preview(maria, clinic)
    links = re.findall(rf'href="({HERE}/1/calls\?[^"]+)"', page)
    assert len(links) == len(run_of(clinic, 1).counts) > 3
    for link in links:
        listed = maria.get(link.replace("&amp;", "&")).text
        call = re.search(rf'href="({HERE}/1/calls/\w+)"', listed)
        assert call, link
    both = maria.get(call[1]).text
    assert '<td data-name="Before">' in both and '<td data-name="After">' in both
    assert "nothing was changed yet" in both
    assert re.search(r'href="/calls/\w+"', both)
    assert ("Maria", "view_reanalysis", "run 1") in clinic.log("view_reanalysis")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"period": ""}, "choose from when"),
        ({"period": "dates"}, "the first and the last day"),
        ({"period": "dates", "from": "2026-11-02", "to": "2026-11-01"}, "swap them"),
        ({"period": "dates", "from": "0001-01-01", "to": "2026-11-01"}, "days that have been"),
        ({"intent": "lunch"}, "from their lists"),
        ({"line": "1" * 50}, "from their lists"),
        ({"start": "publish"}, "read again or listened to again"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_begun(
    maria: TestClient, clinic: World, typed: dict[str, str], told: str
) -> None:
    answer = post(maria, **({"period": "all", "start": "analyze", "other": "1"} | typed))
    assert answer.status_code == 400
    assert told in answer.text.replace("Choose", "choose").replace("Give", "give")
    assert 'name="other" value="1" checked' in answer.text
    assert clinic.log("preview_reanalysis") == []


def test_a_second_run_is_refused_with_a_sentence(maria: TestClient, clinic: World) -> None:
    assert post(maria, period="all", start="analyze").status_code == 303
    again = post(maria, period="30", start="analyze")
    assert again.status_code == 400
    assert "Maria is reading many calls again already" in again.text
    work(clinic)
    assert post(maria, period="30", start="analyze").status_code == 303
    refused = post(maria, f"{HERE}/1/apply", seen="3", agreed="1")
    assert refused.status_code == 409
    assert "already" in refused.text


def test_applying_needs_the_tick_the_count_and_todays_rules(
    maria: TestClient, clinic: World
) -> None:
    preview(maria, clinic)
    for typed, told in (
        ({"seen": "3"}, "Tick that"),
        ({"seen": "x", "agreed": "1"}, "Tick that"),
        ({"seen": "2", "agreed": "1"}, "not the number of calls"),
    ):
        answer = post(maria, f"{HERE}/1/apply", **typed)
        assert (answer.status_code, told in answer.text) == (409, True)
    db = clinic.open_db()
    with writing(db):
        calls.name_staff(db, "101", "Finn")
    db.close()
    assert "were changed since this preview" in maria.get(f"{HERE}/1").text
    answer = post(maria, f"{HERE}/1/apply", seen="3", agreed="1")
    assert (answer.status_code, "make another one" in answer.text) == (409, True)


def test_a_run_is_paused_resumed_and_stopped(
    maria: TestClient, clinic: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reanalyze, "AT_ONCE", 1)
    preview(maria, clinic)
    post(maria, f"{HERE}/1/apply", seen="3", agreed="1")
    work(clinic, 2)
    assert post(maria, f"{HERE}/2/steer", to="pause").status_code == 303
    page = maria.get(f"{HERE}/2").text
    assert "Resume" in page and "1 of 3 calls read" in page
    assert "paused" in maria.get(HERE).text
    work(clinic)
    assert run_of(clinic, 2).done == 1
    post(maria, f"{HERE}/2/steer", to="resume")
    clinic.wait(minutes=1)
    work(clinic, 1)
    page = maria.get(f"{HERE}/2").text
    assert "2 of 3 calls read. 1 a minute, about 1 minute left" in page
    assert post(maria, f"{HERE}/2/steer", to="stop").status_code == 303
    work(clinic)
    assert (run_of(clinic, 2).state, run_of(clinic, 2).done) == ("stopped", 2)
    late = post(maria, f"{HERE}/2/steer", to="stop")
    assert (late.status_code, "over already" in late.text) == (409, True)
    assert post(maria, f"{HERE}/2/steer", to="fly").status_code == 409
    told = [what for _, what, where in clinic.log() if where == "run 2"]
    assert told == [
        "start_reanalysis", "pause_reanalysis", "resume_reanalysis", "stop_reanalysis",
    ]  # fmt: skip


def test_the_part_that_renews_itself_asks_for_the_page_once_it_is_over(
    maria: TestClient, clinic: World
) -> None:
    post(maria, period="all", start="analyze")
    part = maria.get(f"{HERE}/1/now")
    assert "HX-Refresh" not in part.headers and "<html" not in part.text
    work(clinic)
    assert maria.get(f"{HERE}/1/now").headers["HX-Refresh"] == "true"
    assert "data-tick" not in maria.get(f"{HERE}/1").text


def test_no_calls_is_said_and_cannot_be_applied(maria: TestClient, clinic: World) -> None:
    page = preview(maria, clinic, period="dates", **{"from": "2020-01-01", "to": "2020-01-31"})
    assert "No call is meant by this choice" in page
    assert "Apply to" not in page
    assert post(maria, f"{HERE}/1/apply", seen="0", agreed="1").status_code == 409


def test_where_people_judged_everything_all_is_kept(maria: TestClient, clinic: World) -> None:
    db = clinic.open_db()
    with writing(db):
        for call in clinic.calls:
            told = analyses.get_analysis(db, call.id)
            assert told is not None
            names = ["intent", "outcome", "urgency", "caller_relation", "turnaway", "staff_name"]
            for name in names:
                review = Review(
                    name=name, suggested="x", verdict="corrected",
                    value="none" if name == "turnaway" else "vendor", reason="heard",
                    by="Maria", at=clinic.now,
                )  # fmt: skip
                reviews.judge(db, call.id, review)
        before = value(db, "SELECT group_concat(intent || outcome || staff_name) FROM card")
    db.close()
    preview(maria, clinic)
    post(maria, f"{HERE}/1/apply", seen="3", agreed="1")
    work(clinic)
    run = run_of(clinic, 2)
    assert run.kept == 3
    judged = [c for c in run.table if c.field in names]
    assert judged and all(c.changed == 0 for c in judged)
    page = maria.get(f"{HERE}/2").text
    assert "In 3 calls something is kept because a person judged it" in page
    db = clinic.open_db()
    assert value(db, "SELECT group_concat(intent || outcome || staff_name) FROM card") == before
    db.close()


def test_a_stuck_run_says_why_and_goes_on(maria: TestClient, clinic: World) -> None:
    post(maria, period="all", start="analyze")
    db = clinic.open_db()
    with writing(db):
        execute(db, "UPDATE job SET state = 'parked', error = 'it broke', finished_at = 1")
    db.close()
    page = maria.get(f"{HERE}/1").text
    assert "It is stuck: it broke" in page and "Resume" in page
    post(maria, f"{HERE}/1/steer", to="resume")
    work(clinic)
    assert run_of(clinic, 1).state == "done"


def test_listening_again_tells_how_long_it_takes(maria: TestClient, clinic: World) -> None:
    page = preview(maria, clinic, start="transcribe")
    assert "not known yet" in page
    db = clinic.open_db()
    with writing(db):
        execute(db, "UPDATE reanalysis SET work_ms = 18000000")
    db.close()
    assert "takes about 5 hours at the pace of the last calls" in maria.get(f"{HERE}/1").text
    assert "Listen to them again" in maria.get(f"{HERE}/1").text


def test_names_in_a_change_are_shown_and_never_run(maria: TestClient, clinic: World) -> None:
    mark = "<script>alert(1)</script>"
    db = clinic.open_db()
    with writing(db):
        execute(db, "UPDATE card SET staff_name = ? WHERE call_id = 1", (mark,))
    db.close()
    preview(maria, clinic)
    ref = clinic.calls[0].ref
    for path in (f"{HERE}/1", f"{HERE}/1/calls/{ref}",
                 f"{HERE}/1/calls?field={mark}&was={mark}&becomes={mark}"):  # fmt: skip
        assert mark not in maria.get(path).text, path
    assert "&lt;script&gt;" in maria.get(f"{HERE}/1/calls/{ref}").text


def test_others_neither_see_nor_do_it(clinic: World) -> None:
    for who in ("Finn", "Ingrid", "Ada"):
        client = browser(clinic.app())
        sign_in(client, who)
        assert client.get(HERE).status_code == 403
        token = form_token(client, "/audit" if who == "Ada" else "/")
        begun = client.post(HERE, data={"csrf": token, "period": "all", "start": "analyze"})
        assert begun.status_code == 403
    assert clinic.log("preview_reanalysis") == []
