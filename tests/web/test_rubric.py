"""The rubric on its pages: versions, questions of the clinic's own, and a look before saving."""

import re

import pytest
from litestar.testing import TestClient

from appliance.store.rubrics import get_rubric
from tests.web.world import World, browser, form_token, sign_in

HERE = "/settings/rubric"
QUESTION = {
    "words": "Says which clinic it is", "phrases": "this is the clinic\nlakes*", "speaker": "staff",
    "present": "met", "weight": "2", "on": "1", "seen": "1",
}  # fmt: skip


@pytest.fixture
def maria(clinic: World) -> TestClient:
    client = browser(clinic.app())
    assert sign_in(client, "Maria").status_code == 303
    return client


def post(client: TestClient, path: str, **typed: str):
    return client.post(path, data={"csrf": form_token(client, HERE), **typed})


def names(clinic: World) -> dict[str, object]:
    db = clinic.open_db()
    try:
        return {item.name: item for item in get_rubric(db).items}
    finally:
        db.close()


def number(clinic: World) -> int:
    db = clinic.open_db()
    try:
        return get_rubric(db).number
    finally:
        db.close()


def filled(client: TestClient, path: str = HERE) -> dict[str, str]:
    """What a browser would send of the form as it is shown."""
    form = client.get(path).text.partition('<form class="panel')[2].partition("</form>")[0]
    boxes = re.findall(r'type="checkbox" name="([^"]+)"[^>]*? checked', form)
    choices = re.findall(r'<select[^>]*? name="([^"]+)".*?<option selected>(\d)', form, re.DOTALL)
    return {**dict.fromkeys(boxes, "1"), **dict(choices)}


def test_weights_switches_and_critical_items_make_one_new_version(
    maria: TestClient, clinic: World
) -> None:
    form = filled(maria) | {"seen": "1", "weight.empathy": "5", "critical.empathy": "1"}
    form.pop("on.hold_asked")
    assert post(maria, HERE, **form).status_code == 303
    items = names(clinic)
    assert (items["empathy"].weight, items["empathy"].critical) == (5, True)
    assert not items["hold_asked"].on
    page = maria.get(f"{HERE}?saved=1").text
    assert "Version 2 is in force" in page
    assert "Shows empathy: weight 2 to 5" in page
    assert "Asks before hold, thanks after: switched off" in page
    assert ("Maria", "change_rubric", "version 2") in clinic.log("change_rubric")


def test_saving_what_is_there_makes_no_version(maria: TestClient, clinic: World) -> None:
    answer = post(maria, HERE, **filled(maria), seen="1")
    assert (answer.status_code, number(clinic)) == (400, 1)
    assert "Nothing was changed" in answer.text
    assert clinic.log("change_rubric") == []


def test_a_page_that_is_older_than_the_newest_version_overwrites_nothing(
    maria: TestClient, clinic: World
) -> None:
    assert post(maria, f"{HERE}/items/new", **QUESTION).status_code == 303
    late = post(maria, HERE, **(filled(maria) | {"seen": "1", "weight.empathy": "0"}))
    assert late.status_code == 400
    assert "Maria saved version 2 meanwhile" in late.text
    assert number(clinic) == 2


def test_a_question_of_the_clinics_own_is_added_changed_and_listed(
    maria: TestClient, clinic: World
) -> None:
    assert post(maria, f"{HERE}/items/new", **QUESTION).status_code == 303
    item = names(clinic)["x_says_which_clinic_it_is"]
    assert item.check.phrases == ("this is the clinic", "lakes*")
    assert "your question, 2 phrases" in maria.get(HERE).text
    path = f"{HERE}/items/{item.name}"
    assert "this is the clinic\nlakes*" in maria.get(path).text
    changed = QUESTION | {"seen": "2", "not_for.refill": "1", "weight": "3"}
    assert post(maria, path, **changed).status_code == 303
    item = names(clinic)[item.name]
    assert (item.weight, item.not_for) == (3, ("refill",))
    assert "“this is the clinic”, “lakes*”" in maria.get(f"{HERE}/versions/2").text
    assert "not for medication refill" in maria.get(f"{HERE}/versions/3").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"words": ""}, "Write the question"),
        ({"phrases": "***"}, "has no words"),
        ({"phrases": ""}, "at least one phrase"),
        ({"speaker": "dog"}, "who says it"),
        ({"weight": "9"}, "0 to 5"),
        ({"seen": "7"}, "saved version 1 meanwhile"),
        ({"seen": "x" * 20}, "saved version 1 meanwhile"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    maria: TestClient, clinic: World, wrong: dict[str, str], told: str
) -> None:
    typed = QUESTION | wrong
    answer = post(maria, f"{HERE}/items/new", **typed)
    assert answer.status_code == 400
    assert told in answer.text
    assert typed["words"] in answer.text
    assert typed["phrases"] in answer.text
    assert number(clinic) == 1


def test_a_look_shows_what_phrases_would_say_of_the_newest_calls_and_saves_nothing(
    maria: TestClient, clinic: World
) -> None:
    part = post(maria, f"{HERE}/preview", **QUESTION).text
    assert "3 met" in part
    assert "Hello, this is the clinic" in part
    assert part.count(f"/calls/{clinic.calls[0].ref}#s=0-0") == 1
    caller = post(maria, f"{HERE}/preview", **(QUESTION | {"speaker": "caller"})).text
    assert "3 not met" in caller
    exempt = post(maria, f"{HERE}/preview", **(QUESTION | {"not_for.sick_visit": "1"})).text
    assert "3 does not apply" in exempt
    assert "no words" in post(maria, f"{HERE}/preview", **(QUESTION | {"phrases": "*"})).text
    page = post(maria, f"{HERE}/items/new", **(QUESTION | {"to": "try"}))
    assert (page.status_code, number(clinic)) == (200, 1)
    assert "3 met" in page.text
    assert clinic.log("preview_rubric") == [("Maria", "preview_rubric", "")]


def test_an_item_or_version_that_is_not_there_is_not_found(maria: TestClient) -> None:
    assert maria.get(f"{HERE}/items/x_nothing").status_code == 404
    assert maria.get(f"{HERE}/versions/2").status_code == 404
    assert post(maria, f"{HERE}/items/x_nothing", **QUESTION).status_code == 404


def test_markup_in_a_question_is_shown_and_never_runs(maria: TestClient) -> None:
    mark = "<script>alert(1)</script>"
    assert post(maria, f"{HERE}/items/new", **(QUESTION | {"words": mark})).status_code == 303
    for path in (HERE, f"{HERE}/versions/2", f"{HERE}/items/x_script_alert_1_script",
                 "/review/calibration", "/review/agreement"):  # fmt: skip
        text = maria.get(path).text
        assert mark not in text, path
        assert "&lt;script&gt;" in text, path
