"""A calibration session on its pages: blind, saved at each answer, and what it found."""

import re

import pytest
from litestar.testing import TestClient

from appliance.db import rows, value, writing
from appliance.facts.analysis import Analysis
from appliance.facts.reviews import Review
from appliance.facts.rubrics import Answer
from appliance.store import analyses, calibrations, reviews, scores
from tests.web.world import BEGIN, PROVENANCE, World, browser, form_token, sign_in

HERE = "/review/calibration"
ANSWERS = {
    "turnaway": "none", "intent": "sick_visit", "outcome": "refused", "rubric.empathy": "not_met",
}  # fmt: skip
SUGGESTION = ("Booked", "Sick visit", "Same day")


@pytest.fixture
def people(clinic: World) -> dict[str, TestClient]:
    app = clinic.app()
    clients = {name: browser(app) for name in ("Maria", "Olivia", "Finn")}
    for name, client in clients.items():
        assert sign_in(client, name).status_code == 303
    return clients


@pytest.fixture
def maria(people: dict[str, TestClient]) -> TestClient:
    return people["Maria"]


def post(client: TestClient, path: str, headers: dict[str, str] | None = None, **typed: str):
    form = {"csrf": form_token(client, "/calls"), **typed}
    return client.post(path, data=form, headers=headers or {})


def begin(client: TestClient) -> str:
    answer = post(client, HERE, **{"size": "20", "item.empathy": "1"})
    assert answer.status_code == 303
    return answer.headers["location"]


def label_all(client: TestClient, at: str, **changed: str) -> None:
    for place in (1, 2, 3):
        answer = post(client, f"{at}/calls/{place}", **(ANSWERS | changed))
        assert answer.status_code == 303
    assert post(client, f"{at}/finish").status_code == 303


def main_of(text: str) -> str:
    """What the page shows, without the choices of its questions."""
    text = text.partition("<main")[2]
    return re.sub(r"<form class=\"panel questions\".*?</form>", "", text, flags=re.DOTALL)


def test_the_suggestion_is_nowhere_on_the_page_of_a_call_to_label(
    maria: TestClient, clinic: World
) -> None:
    at = begin(maria)
    for place in (1, 2, 3):
        page = maria.get(f"{at}?at={place}").text
        assert "is limping" in re.sub(r"<[^>]+>", "", page)
        assert not any(said in main_of(page) for said in SUGGESTION)
        form = page.partition('<form class="panel questions"')[2].partition("</form>")[0]
        assert not re.findall(r"checked|selected", form)
    assert len(clinic.log("view_call")) == 3
    assert len(set(clinic.log("view_call"))) == 3


def test_answers_are_saved_as_they_are_given_and_are_there_again(
    maria: TestClient, clinic: World
) -> None:
    at = begin(maria)
    part = {"turnaway": "yes", "reason": "", "intent": "refill"}
    told = post(maria, f"{at}/calls/2", {"hx-request": "true"}, **part)
    assert (told.status_code, told.text) == (200, "Saved. 3 still to answer.")
    undecided = part | {"turnaway": "none"}
    assert "2 still" in post(maria, f"{at}/calls/2", {"hx-request": "true"}, **undecided).text
    assert "3 still" in post(maria, f"{at}/calls/2", {"hx-request": "true"}, **part).text
    part["reason"] = "no_ask"
    assert "2 still" in post(maria, f"{at}/calls/2", {"hx-request": "true"}, **part).text
    page = maria.get(f"{at}?at=2").text
    assert '<option value="no_ask" selected>' in page
    assert 'value="yes" checked' in page
    assert '<option value="refill" selected>' in page
    assert "Call 1 of 3" in maria.get(at).text, "a call that is not done is asked again"
    assert ("Maria", "label_call", "calibration 1") in clinic.log("label_call")


def test_save_and_go_on_leads_through_all_calls_to_the_end(maria: TestClient) -> None:
    at = begin(maria)
    first = post(maria, f"{at}/calls/1", **ANSWERS)
    assert first.headers["location"] == f"{at}?at=2"
    assert post(maria, f"{at}/calls/3", **ANSWERS).headers["location"] == f"{at}?at=2"
    assert post(maria, f"{at}/calls/2", **ANSWERS).headers["location"] == at
    assert "All calls are labeled" in maria.get(at).text
    assert "Maria: 3 done" in maria.get(HERE).text


def test_results_are_closed_to_those_who_still_label(
    people: dict[str, TestClient], clinic: World
) -> None:
    maria, olivia = people["Maria"], people["Olivia"]
    at = begin(maria)
    assert maria.get(f"{at}/results").headers["location"] == HERE
    assert olivia.get(f"{at}/results").headers["location"] == HERE
    assert post(olivia, f"{at}/join").status_code == 303
    label_all(maria, at)
    assert olivia.get(f"{at}/results").headers["location"] == HERE
    assert maria.get(f"{at}/results").status_code == 200
    assert maria.get(at).headers["location"] == f"{at}/results"


def test_what_differs_is_listed_with_a_way_to_hear_it_and_both_people(
    people: dict[str, TestClient], clinic: World
) -> None:
    maria, olivia = people["Maria"], people["Olivia"]
    at = begin(maria)
    post(olivia, f"{at}/join")
    label_all(maria, at)
    label_all(olivia, at, outcome="booked")
    page = maria.get(f"{at}/results").text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "3 calls, labeled by Maria and Olivia" in text
    assert "Software: Booked Maria: Refused Olivia: Booked" in text
    assert "Kappa between people" in text
    assert all(f'href="/calls/{call.ref}"' in page for call in clinic.calls)
    assert ("Maria", "view_calibration", "calibration 1") in clinic.log("view_calibration")


def test_finished_answers_cannot_be_changed(maria: TestClient, clinic: World) -> None:
    at = begin(maria)
    label_all(maria, at)
    assert post(maria, f"{at}/calls/1", **(ANSWERS | {"outcome": "booked"})).status_code == 403
    db = clinic.open_db()
    assert {r["value"] for r in rows(db, "SELECT value FROM calibration_answer"
                                         " WHERE label = 'outcome'")} == {"refused"}  # fmt: skip
    db.close()


@pytest.mark.parametrize(
    "wrong",
    [{"intent": "lunch"}, {"turnaway": "yes", "reason": "maybe"}, {"rubric.empathy": "5"}],
)
def test_answers_nobody_could_have_chosen_are_refused(
    maria: TestClient, clinic: World, wrong: dict[str, str]
) -> None:
    at = begin(maria)
    assert post(maria, f"{at}/calls/1", **(ANSWERS | wrong)).status_code == 403
    db = clinic.open_db()
    assert value(db, "SELECT count(*) FROM calibration_answer") == 0
    db.close()


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"size": "50"}, "at least one thing"),
        ({"size": "7", "item.empathy": "1"}, "how many calls"),
        ({"size": "²", "item.empathy": "1"}, "how many calls"),
        ({"size": "20", "item.lunch": "1"}, "at most 10"),
    ],
)
def test_a_session_that_makes_no_sense_is_not_begun(
    maria: TestClient, wish: dict[str, str], told: str
) -> None:
    answer = post(maria, HERE, **wish)
    assert answer.status_code == 400
    assert told in answer.text


def test_agreement_tells_where_its_figures_come_from(maria: TestClient, clinic: World) -> None:
    page = maria.get("/review/agreement").text
    assert "Nobody has labeled calls drawn by lot yet" in page
    assert "0 of 34 have passed" in page
    label_all(maria, begin(maria))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", maria.get("/review/agreement").text))
    assert "How it ended 3 by lot 0 %" in text
    assert "3 of 20 labels so far" in text
    assert ("Maria", "view_agreement", "") in clinic.log("view_agreement")


@pytest.mark.parametrize(
    "wrong",
    [{"labels": "5"}, {"each": "90"}, {"precision": "100"}, {"kappa": "nan"}, {"kappa": ""}],
)
def test_the_bar_is_changed_within_reason(
    maria: TestClient, clinic: World, wrong: dict[str, str]
) -> None:
    good = {"labels": "30", "each": "10", "precision": "70", "kappa": "0.5"}
    bad = post(maria, "/review/agreement/bar", **(good | wrong))
    assert bad.status_code == 400
    assert post(maria, "/review/agreement/bar", **good).status_code == 303
    assert "0 of 30 labels" not in bad.text
    assert 'name="labels" value="30"' in maria.get("/review/agreement?saved=1").text
    assert ("Maria", "change_trial_bar", "") in clinic.log("change_trial_bar")


def test_a_call_shows_its_score_its_version_and_what_is_in_trial(
    people: dict[str, TestClient], clinic: World
) -> None:
    names = ("greeting_name", "offers_help", "pet_name", "warm_close", "empathy")
    states = dict.fromkeys(names, "met") | {"empathy": "not_met"}
    call = clinic.calls[0]
    db = clinic.open_db()
    with writing(db):
        analysis = Analysis(intent="sick_visit", rubric=states, provenance=PROVENANCE)
        analyses.save_analysis(db, call.id, analysis, now=BEGIN)
        told = {name: Answer(state=state) for name, state in states.items()}
        scores.save_score(db, call.id, told, {}, now=BEGIN)
    page = people["Maria"].get(f"/calls/{call.ref}").text
    assert "Too little of this call counts while flags are in trial" in page
    assert page.count(">trial</span>") >= len(names)
    assert 'href="/settings/rubric/versions/1"' in page

    trusted(db, names)
    with writing(db):
        scores.save_score(db, call.id, told, {}, now=BEGIN)
    page = people["Finn"].get(f"/calls/{call.ref}").text
    assert '<strong class="num">100</strong>' in page
    assert "Provisional until reviewed" in page
    assert "waits for review" in page
    assert ">trial</span>" not in page.partition('id="h-score"')[2].partition("</section>")[0]
    assert "/settings/rubric" not in page

    judged = Review(name="rubric.empathy", suggested="not_met", verdict="confirmed",
                    value="not_met", reason="", by="Maria", at=BEGIN)  # fmt: skip
    with writing(db):
        reviews.judge(db, call.id, judged)
    db.close()
    page = people["Finn"].get(f"/calls/{call.ref}").text
    assert "Reviewed" in page
    assert '<strong class="num">75</strong>' in page


def trusted(db: object, names: tuple[str, ...]) -> None:
    """Give the flags enough blind labels, half of each kind, that software got right."""
    with writing(db):  # type: ignore[arg-type]
        number = calibrations.begin(db, 20, names, by="Maria", now=BEGIN)  # type: ignore[arg-type]
        for place in range(4, 44):
            said = "met" if place % 2 else "not_met"
            db.execute(  # type: ignore[attr-defined]
                "INSERT INTO calibration_call SELECT ?, ?, call_id, 'other', '{}'"
                " FROM calibration_call WHERE calibration_id = ? AND place = 1",
                (number, place, number),
            )
            for name in names:
                db.execute(  # type: ignore[attr-defined]
                    "INSERT INTO calibration_answer VALUES (?, ?, 'Maria', ?, ?, ?, 0)",
                    (number, place, f"rubric.{name}", said, said),
                )
        db.execute("UPDATE calibration_reader SET finished_at = 1")  # type: ignore[attr-defined]
