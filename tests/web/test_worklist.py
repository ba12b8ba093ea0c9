"""The worklist on its pages: who sees what, what each act does, and that the log knows of it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx import Response
from litestar.testing import TestClient

from appliance.db import Database, rows, value, writing
from appliance.facts.analysis import Analysis, Evidence, Turnaway
from appliance.facts.calls import FoundCall
from appliance.facts.codes import KIND_OF_REASON
from appliance.facts.fees import FeeList
from appliance.facts.reviews import Flag
from appliance.store import calls, flags, lost, receiving, reviews
from appliance.store.analyses import Card, save_analysis, save_card
from appliance.store.fees import get_fees, save_fees
from appliance.store.worklist import item_of_call
from tests.web.test_pages import inspect
from tests.web.world import (
    BEGIN,
    CANARY,
    PEOPLE,
    PROVENANCE,
    World,
    browser,
    build_world,
    form_token,
    sign_in,
)

OWN, OTHER = 0, 1
NUMBERS = ("+15550100", "+15550101")
PAGE = {"accept": "text/html"}


def turn_away(db: Database, world: World, number: int, reason: str) -> str:
    """One of the clinic's calls was a lost booking; returns the item's reference."""
    call = world.calls[number]
    away = Turnaway(reason=reason, kind=KIND_OF_REASON[reason])
    place = (Evidence(first_segment=1, last_segment=1),)
    analysis = Analysis(intent="sick_visit", outcome="refused", turnaway=away,
                        evidence={"turnaway": place}, provenance=PROVENANCE)  # fmt: skip
    card = Card(intent="sick_visit", outcome="refused", turnaway_kind=away.kind,
                turnaway_reason=reason, first_words="my dog is limping")  # fmt: skip
    with writing(db):
        save_analysis(db, call.id, analysis, now=BEGIN)
        save_card(db, call.id, card)
        flag = Flag(name="turnaway", value=reason, first_segment=1, last_segment=1)
        flags.save_flags(db, call.id, [flag])
        lost.settle_call(db, call.id, now=BEGIN)
    item = item_of_call(db, call.id)
    assert item
    return item.ref


def miss(db: Database, key: str, number: str, minutes_ago: int) -> str:
    """Nobody answered a call; returns its reference."""
    found = FoundCall(
        native_key=key, started_at=BEGIN - timedelta(minutes=minutes_ago), duration_ms=20_000,
        direction="in", answer_state="ring_abandon", caller_number=number, dialed="100",
    )  # fmt: skip
    with writing(db):
        received = receiving.receive_call(db, "pbx", found, now=BEGIN)
        assert received
        save_card(db, received[0], Card(intent="unknown", outcome="unknown",
                                        turnaway_kind="capacity", turnaway_reason="no_connect"))  # fmt: skip
        calls.set_state(db, received[0], "ready", now=BEGIN)
        lost.settle_call(db, received[0], now=BEGIN)
    return calls.get_call(db, received[0]).ref


@pytest.fixture
def db(clinic: World) -> Iterator[Database]:
    opened = clinic.open_db()
    yield opened
    opened.close()


@pytest.fixture
def items(clinic: World, db: Database) -> tuple[str, str]:
    """Finn's call was turned away, and that of another desk."""
    return turn_away(db, clinic, OWN, "cap_day"), turn_away(db, clinic, OTHER, "no_ask")


@pytest.fixture
def people(clinic: World, items: tuple[str, str]) -> dict[str, TestClient]:
    """Everybody's browser at the clinic with two items."""
    app = clinic.app()
    clients = {name: browser(app) for name in PEOPLE}
    for name, client in clients.items():
        assert sign_in(client, name).status_code == 303
    return clients


def post(client: TestClient, path: str, **fields: str) -> Response:
    return client.post(path, data={"csrf": form_token(client, "/worklist"), **fields}, headers=PAGE)


def state(db: Database, ref: str) -> str:
    return str(value(db, "SELECT state FROM work_item WHERE ref = ?", (ref,)))


def test_leaders_see_every_item_with_its_words_and_the_front_desk_only_its_own(
    people: dict[str, TestClient], items: tuple[str, str]
) -> None:
    maria, finn = (people[name].get("/worklist").text for name in ("Maria", "Finn"))
    assert all(ref in maria for ref in items)
    assert "number 1 is limping" in maria
    assert items[OWN] in finn and "number 0 is limping" in finn
    assert items[OTHER] not in finn
    assert "number 1 is" not in finn
    assert people["Finn"].get(f"/worklist/{items[OTHER]}", headers=PAGE).status_code == 404


def test_no_list_and_no_item_shows_a_number_in_full_before_it_is_asked_for(
    people: dict[str, TestClient], items: tuple[str, str]
) -> None:
    for path in ("/worklist", "/worklist?tab=done", f"/worklist/{items[OWN]}"):
        assert NUMBERS[OWN] not in people["Maria"].get(path).text


def test_a_number_is_shown_to_its_owner_and_each_look_is_in_the_log(
    people: dict[str, TestClient], items: tuple[str, str], clinic: World
) -> None:
    path = f"/worklist/{items[OTHER]}"
    assert post(people["Finn"], f"{path}/number").status_code == 404
    assign(people["Maria"], clinic, items[OTHER], "Finn")
    assert clinic.log("reveal_number") == []
    assert NUMBERS[OTHER] in post(people["Finn"], f"{path}/number").text
    assert NUMBERS[OTHER] in post(people["Olivia"], f"{path}/number").text
    subject = f"item:{items[OTHER]}"
    assert clinic.log("reveal_number") == [
        ("Finn", "reveal_number", subject), ("Olivia", "reveal_number", subject),
    ]  # fmt: skip


def assign(client: TestClient, clinic: World, ref: str, name: str) -> Response:
    db = clinic.open_db()
    number = value(db, "SELECT id FROM user WHERE name = ?", (name,))
    db.close()
    return post(client, f"/worklist/{ref}/assign", owner=str(number))


def test_an_item_of_anothers_call_that_was_given_to_the_front_desk_hides_its_words(
    people: dict[str, TestClient], items: tuple[str, str], clinic: World
) -> None:
    assert assign(people["Maria"], clinic, items[OTHER], "Finn").status_code == 303
    page = people["Finn"].get(f"/worklist/{items[OTHER]}").text
    assert "Sick visit" in page
    assert "number 1 is" not in page
    assert clinic.calls[OTHER].ref not in page
    assert clinic.recording(OTHER) not in page


def test_an_item_is_taken_noted_and_closed_and_the_log_has_a_row_for_each(
    people: dict[str, TestClient], items: tuple[str, str], clinic: World, db: Database
) -> None:
    finn, path = people["Finn"], f"/worklist/{items[OWN]}"
    assert post(finn, f"{path}/note", what="called").status_code == 403, "it is not his yet"
    for act, fields in (
        ("take", {}), ("note", {"what": "note", "text": "Asks for Friday <b>"}),
        ("note", {"what": "called"}), ("due", {"due": "2026-11-23T10:00"}),
        ("note", {"what": "recovered", "text": "comes on Friday"}),
    ):  # fmt: skip
        assert post(finn, f"{path}/{act}", **fields).status_code == 303, act
    assert state(db, items[OWN]) == "recovered"
    page = finn.get(path).text
    assert "Asks for Friday &lt;b&gt;" in page and "comes on Friday" in page
    acts = [action for _, action, subject in clinic.log() if subject == f"item:{items[OWN]}"]
    assert [a for a in acts if a != "view_item"] == [
        "take_item", "work_on_item", "work_on_item", "set_due", "work_on_item",
    ]  # fmt: skip
    assert "Friday" not in str(rows(db, "SELECT detail FROM audit"))


def test_nobody_takes_what_another_has_taken_but_leaders_may_move_it(
    people: dict[str, TestClient], items: tuple[str, str], clinic: World, db: Database
) -> None:
    path = f"/worklist/{items[OWN]}"
    assert assign(people["Maria"], clinic, items[OWN], "Olivia").status_code == 303
    assert post(people["Finn"], f"{path}/take").status_code == 403
    assert post(people["Maria"], f"{path}/take").status_code == 303
    assert post(people["Maria"], f"{path}/assign", owner="").status_code == 303
    assert state(db, items[OWN]) == "open"
    assert assign(people["Maria"], clinic, items[OWN], "Ingrid").status_code == 422, "no listener"


def test_not_a_lost_booking_needs_a_reason_and_is_a_verdict_on_the_call(
    people: dict[str, TestClient], items: tuple[str, str], clinic: World, db: Database
) -> None:
    path = f"/worklist/{items[OWN]}/reject"
    assert post(people["Finn"], path, reason="no").status_code == 403
    assert post(people["Maria"], path, reason=" ").status_code == 422
    assert post(people["Maria"], path, reason="only asked for hours").status_code == 303
    review = reviews.current(db, clinic.calls[OWN].id)["turnaway"]
    assert (review.verdict, review.by, review.reason) == (
        "rejected", "Maria", "only asked for hours",
    )  # fmt: skip
    assert state(db, items[OWN]) == "not_lost"
    assert ("Maria", "reject_item", f"item:{items[OWN]}") in clinic.log("reject_item")


def test_a_closed_item_is_not_worked_on_but_can_be_opened_again(
    people: dict[str, TestClient], items: tuple[str, str], db: Database
) -> None:
    maria, path = people["Maria"], f"/worklist/{items[OWN]}"
    post(maria, f"{path}/note", what="lost")
    for act, fields in (
        ("take", {}),
        ("note", {"what": "called"}),
        ("due", {"due": "2026-11-23T10:00"}),
    ):
        assert post(maria, f"{path}/{act}", **fields).status_code == 403, act
    assert items[OWN] in maria.get("/worklist?tab=done").text
    assert post(maria, f"{path}/reopen").status_code == 303
    assert post(maria, f"{path}/reopen").status_code == 403
    assert state(db, items[OWN]) == "open"


@pytest.mark.parametrize(
    "due", ["", "tomorrow", "2026-11-23T10:00+09:00", "9999-12-31T23:59", "0001-01-01T00:00"]
)
def test_a_due_time_that_is_none_is_refused(
    people: dict[str, TestClient], items: tuple[str, str], due: str
) -> None:
    path = f"/worklist/{items[OWN]}/due"
    assert post(people["Maria"], path, due=due).status_code == 422


def test_a_missed_caller_is_put_on_the_list_by_the_front_desk_and_only_then_seen_in_full(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    ref = miss(db, "m1", "+15550155", 30)
    finn = people["Finn"]
    page = finn.get("/worklist?tab=missed").text
    assert "•••-0155" in page and "+15550155" not in page and f'href="/calls/{ref}"' not in page
    answer = post(finn, f"/missed/{ref}/add")
    assert answer.status_code == 303
    item = answer.headers["location"]
    assert "Finn" in finn.get(item).text
    assert "+15550155" in post(finn, f"{item}/number").text
    assert f'href="{item}"' in finn.get("/worklist?tab=mine").text
    assert clinic.log("add_missed") == [("Finn", "add_missed", ref)]
    answered = clinic.calls[OTHER].ref
    assert post(finn, f"/missed/{answered}/add").status_code == 404


def test_without_a_fee_list_no_money_is_shown_and_the_page_says_so(
    people: dict[str, TestClient], items: tuple[str, str]
) -> None:
    page = people["Maria"].get("/worklist").text
    assert "No money is shown" in page
    assert "$" not in page


def test_with_a_fee_list_money_is_a_range_with_its_assumptions_for_leaders_only(
    people: dict[str, TestClient], items: tuple[str, str], db: Database
) -> None:
    with writing(db):
        told = FeeList(fees={"sick_visit": (80, 240)}, odds={"capacity": (25, 50)})
        save_fees(db, told)
    for path in ("/worklist", f"/worklist/{items[OWN]}"):
        page = people["Maria"].get(path).text
        assert "$20 to $120" in page and "Assumptions" in page, path
        assert "$80 to $240" in page and "25 to 50 %" in page, path
        assert "$" not in people["Finn"].get(path).text, path
    assert "1 caller is in no sum" in re.sub(r"\s+", " ", people["Maria"].get("/worklist").text)


def test_a_fee_list_is_saved_shown_again_and_noted(
    people: dict[str, TestClient], clinic: World, db: Database
) -> None:
    maria = people["Maria"]
    told = {"currency": "$", "fee.dental.low": "300", "fee.dental.high": "1,200",
            "odds.skill.low": "30", "odds.skill.high": "60"}  # fmt: skip
    assert post(maria, "/settings/fees", **told).status_code == 303
    assert get_fees(db) == FeeList(fees={"dental": (300, 1200)}, odds={"skill": (30, 60)})
    assert 'value="1200"' in maria.get("/settings/fees?saved=1").text
    assert ("Maria", "change_settings", "fees") in clinic.log("change_settings")


@pytest.mark.parametrize(
    "wrong",
    [{"currency": ""}, {"fee.dental.low": "5"}, {"fee.dental.low": "9", "fee.dental.high": "8"},
     {"odds.skill.low": "1", "odds.skill.high": "101"}, {"odds.skill.low": "a", "odds.skill.high": "5"},
     {"fee.dental.low": "-5", "fee.dental.high": "5"}, {"fee.dental.low": "٣", "fee.dental.high": "٥"}],
)  # fmt: skip
def test_a_fee_list_with_a_mistake_is_not_saved_and_nothing_typed_is_lost(
    people: dict[str, TestClient], db: Database, wrong: dict[str, str]
) -> None:
    typed = {"currency": "$", "fee.surgery.low": "411", "fee.surgery.high": "799"} | wrong
    answer = post(people["Maria"], "/settings/fees", **typed)
    assert answer.status_code == 400
    assert 'value="411"' in answer.text
    assert get_fees(db) == FeeList()


def test_the_page_of_a_call_leads_to_its_item(
    people: dict[str, TestClient], items: tuple[str, str], clinic: World
) -> None:
    page = people["Finn"].get(f"/calls/{clinic.calls[OWN].ref}").text
    assert f'href="/worklist/{items[OWN]}"' in page
    assert "/worklist/" not in people["Maria"].get(f"/calls/{clinic.calls[2].ref}").text


@pytest.mark.parametrize("after", ["9" * 5000, "-1", "x", "999999999999999.1", "٣.٤", "0.0"])
def test_no_address_breaks_the_list(people: dict[str, TestClient], after: str) -> None:
    for tab in ("todo", "mine", "missed", "done", "x"):
        query = {"tab": tab, "after": after, "kind": after, "closed": after}
        assert people["Maria"].get("/worklist", params=query).status_code == 200


def test_markup_in_callers_and_notes_never_runs(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = build_world(tmp_path_factory.mktemp("hostile"), hostile=True)
    db = world.open_db()
    ref = turn_away(db, world, OWN, "cap_day")
    miss(db, "m", f"+15550155{CANARY}", 20)
    db.close()
    client = browser(world.app())
    sign_in(client, "Olivia")
    post(client, f"/worklist/{ref}/note", what="note", text=CANARY)
    for path in ("/worklist", "/worklist?tab=missed", f"/worklist/{ref}"):
        text = client.get(path, headers=PAGE).text
        assert "<script>alert" not in text
        assert inspect(text) == [], path
    number = post(client, f"/worklist/{ref}/number").text
    assert "<script>alert" not in number
    assert 'href="tel:+15550100' in number
