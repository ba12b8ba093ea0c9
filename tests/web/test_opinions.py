"""The second opinion on its pages: set up, tested, shown where it differs, decided by a person."""

import re
from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from appliance.db import Database, row, value, writing
from appliance.facts.analysis import Evidence
from appliance.facts.opinions import Claim, Opinion, OpinionServer, Tested
from appliance.store import opinion_servers, opinions, reviews
from tests.web.world import BEGIN, PROVENANCE, World, browser, form_token, sign_in

GOOD = {
    "scope": "all",
    "url": "http://192.168.1.50:11434",
    "model": "qwen2.5:14b",
    "timeout_s": "90",
    "per_minute": "4",
    "key": "sk-first",
}


@pytest.fixture
def maria(clinic: World) -> TestClient:
    client = browser(clinic.app())
    sign_in(client, "Maria")
    return client


@pytest.fixture
def db(clinic: World) -> Iterator[Database]:
    opened = clinic.open_db()
    yield opened
    opened.close()


def save(client: TestClient, **typed: str):
    token = form_token(client, "/settings/opinion")
    return client.post("/settings/opinion", data={"csrf": token, **typed})


def advise(db: Database, world: World, *, number: int = 0) -> None:
    """A second opinion on a call: another outcome, the same reason, one claim thrown away."""
    place = (Evidence(first_segment=1, last_segment=1),)
    claims = (
        Claim(label="intent", value="sick_visit", evidence=place),
        Claim(label="outcome", value="refused", evidence=place),
        Claim(label="turnaway", value="no_ask", evidence=place),
        Claim(label="urgency", value="unknown"),
    )
    model = PROVENANCE.__class__(engine="chat completions", model="<b>qwen</b>")
    opinion = Opinion(
        claims=claims, dropped={"no_such_line": 1}, digest="d", provenance=model, created_at=BEGIN
    )
    with writing(db):
        opinion_servers.save_server(db, OpinionServer(url="http://192.168.1.50/v1", scope="hand"))
        opinions.save_opinion(db, world.calls[number].id, opinion)


def test_what_is_saved_is_in_force_and_the_key_is_never_shown(
    maria: TestClient, clinic: World, db: Database
) -> None:
    assert save(maria, **GOOD).status_code == 303
    server = opinion_servers.get_server(db)
    assert (server.scope, server.allowed, server.timeout_s) == ("all", "192.168.1.50", 90)
    assert opinion_servers.read_key(db, clinic.keys.connectors) == "sk-first"
    page = maria.get("/settings/opinion?saved=1").text
    assert "Saved" in page
    assert "sk-first" not in page
    assert "sent as they are" in page
    assert ("Maria", "set_opinion", "all") in clinic.log("set_opinion")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"url": ""}, "Enter an address like"),
        ({"url": "192.168.1.50"}, "Enter an address like"),
        ({"url": "http://ai.lan/v1"}, "Enter the address of the server in your network"),
        ({"url": "http://203.0.113.5/v1"}, "outside your own network"),
        ({"url": "https://api.example/v1", "allowed": "8.8.8.8"}, "outside your own network"),
        ({"url": "http://127.0.0.1:11434"}, "is this box itself"),
        ({"url": "http://169.254.169.254/latest"}, "link-local"),
        ({"allowed": "10.0.0.0/8"}, "too wide"),
        ({"model": ""}, "name of the model"),
        ({"timeout_s": "4"}, "from 5 to 300"),
        ({"timeout_s": "1e3"}, "from 5 to 300"),
        ({"per_minute": "0"}, "from 1 to 60"),
        ({"key": "two words"}, "without spaces"),
        ({"certificate": "<b>"}, "hexadecimal"),
        ({"scope": "everything"}, "Choose which calls"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    maria: TestClient, db: Database, wrong: dict[str, str], told: str
) -> None:
    answer = save(maria, **(GOOD | wrong))
    assert answer.status_code == 400
    assert told in answer.text
    assert (GOOD | wrong)["model"] in answer.text
    assert (GOOD | wrong)["key"] not in answer.text
    assert opinion_servers.get_server(db) == OpinionServer()


def test_another_server_does_not_get_the_key_of_the_one_before(
    maria: TestClient, clinic: World, db: Database
) -> None:
    save(maria, **GOOD)
    save(maria, **(GOOD | {"key": "", "model": "other"}))
    assert opinion_servers.has_key(db)
    save(maria, **(GOOD | {"key": "", "url": "http://192.168.1.66:11434"}))
    assert not opinion_servers.has_key(db)
    save(maria, **(GOOD | {"key": "sk-third"}))
    save(maria, **(GOOD | {"key": "", "forget_key": "1"}))
    assert not opinion_servers.has_key(db)


def test_switching_off_asks_about_nothing_any_more(
    maria: TestClient, clinic: World, db: Database
) -> None:
    save(maria, **GOOD)
    with writing(db):
        opinions.wish(db, clinic.calls[0].id, now=BEGIN)
    save(maria, scope="off")
    assert opinions.count_waiting(db) == (0, 0)


def test_it_sees_the_settings_but_not_where_words_go_may_it_choose(clinic: World) -> None:
    ingrid = browser(clinic.app())
    sign_in(ingrid, "Ingrid")
    page = ingrid.get("/settings/opinion").text
    assert "Only the owner and the office manager" in page
    assert "fieldset disabled" in page


def test_the_test_waits_in_the_queue_and_its_result_is_shown(
    maria: TestClient, db: Database
) -> None:
    save(maria, **GOOD)
    token = form_token(maria, "/settings/opinion")
    maria.post("/settings/opinion/test", data={"csrf": token})
    job = row(db, "SELECT lane, state FROM job WHERE kind = 'try_opinion'")
    assert job == {"lane": "courier", "state": "waiting"}
    assert "Testing" in maria.get("/settings/opinion/test").text
    with writing(db):
        db.execute("DELETE FROM job")
        tested = Tested(problem="the server does not accept the key; enter the right one")
        opinion_servers.save_tested(db, tested, now=BEGIN)
    assert "does not accept the key" in maria.get("/settings/opinion/test").text
    with writing(db):
        opinion_servers.save_tested(
            db, Tested(models=("<i>m</i>",), mode="plain", believed=2), now=BEGIN
        )
    told = maria.get("/settings/opinion").text
    assert "only 2 of 5 labels" in told
    assert "&lt;i&gt;m&lt;/i&gt;" in told


def test_a_disagreement_is_shown_with_its_evidence_and_agreement_quietly(
    maria: TestClient, clinic: World, db: Database
) -> None:
    advise(db, clinic)
    page = maria.get(f"/calls/{clinic.calls[0].ref}").text
    section = page.partition('id="opinion"')[2].partition("</section>")[0]
    assert "Handling: nobody offered a visit" in section
    assert "Not turned away" in section
    assert 'href="#s=1-1"' in section
    assert section.count("Differs") == 2
    assert "Reads the same: about" in section
    assert "Cannot tell: urgency" in section
    assert "1 of its answers was thrown away" in section
    assert "<b>qwen" not in page


def test_a_person_takes_it_over_as_a_correction(
    maria: TestClient, clinic: World, db: Database
) -> None:
    advise(db, clinic)
    call = clinic.calls[0]
    assert clinic.calls[0].ref in maria.get("/calls?opinion=differ").text
    assert clinic.calls[1].ref not in maria.get("/calls?opinion=differ").text
    page = maria.get(f"/calls/{call.ref}").text
    for label, button in (("turnaway", "Take this over"), ("outcome", "Keep the box’s")):
        assert maria.post(
            f"/calls/{call.ref}/review", data=form_of(page, label, button)
        ).is_redirect
    said = reviews.current(db, call.id)
    assert (said["turnaway"].verdict, said["turnaway"].value) == ("corrected", "no_ask")
    assert (said["outcome"].verdict, said["outcome"].value) == ("confirmed", "booked")
    assert said["turnaway"].by == "Maria"
    assert value(db, "SELECT turnaway_kind FROM card WHERE call_id = ?", (call.id,)) == "skill"
    assert call.ref not in maria.get("/calls?opinion=differ").text
    assert "Settled by Maria" in maria.get(f"/calls/{call.ref}").text
    assert len(clinic.log("judge_call")) == 2


def form_of(page: str, label: str, button: str) -> dict[str, str]:
    """What the button of an opinion's label sends."""
    section = page.partition('id="opinion"')[2].partition("</section>")[0]
    form = next(f for f in section.split("<form")[1:] if f'value="{label}"' in f and button in f)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_two_readings_judged_meanwhile_are_not_judged_again_unseen(
    maria: TestClient, clinic: World, db: Database
) -> None:
    advise(db, clinic)
    call = clinic.calls[0]
    page = maria.get(f"/calls/{call.ref}").text
    for button, status in (("Take this over", 303), ("Keep the box’s", 409)):
        form = form_of(page, "outcome", button)
        assert maria.post(f"/calls/{call.ref}/review", data=form).status_code == status
    assert reviews.current(db, call.id)["outcome"].verdict == "corrected"


def test_a_call_is_asked_about_by_hand(maria: TestClient, clinic: World, db: Database) -> None:
    save(maria, **(GOOD | {"scope": "hand"}))
    ref = clinic.calls[2].ref
    assert "Ask for a second opinion" in maria.get(f"/calls/{ref}").text
    token = form_token(maria, f"/calls/{ref}")
    assert maria.post(f"/calls/{ref}/opinion", data={"csrf": token}).status_code == 303
    wished = opinions.get_wish(db, clinic.calls[2].id)
    assert wished and wished.asked_by == "Maria"
    assert value(db, "SELECT count(*) FROM job WHERE kind = 'ask_opinion'") == 1
    assert "Asked for" in maria.get(f"/calls/{ref}").text


def test_the_front_desk_reads_it_and_decides_nothing(clinic: World, db: Database) -> None:
    advise(db, clinic)
    finn = browser(clinic.app())
    sign_in(finn, "Finn")
    page = finn.get(f"/calls/{clinic.calls[0].ref}").text
    assert "nobody offered a visit" in page
    assert "Take this over" not in page
    assert "Ask again" not in page


def test_agreement_is_counted_by_label(maria: TestClient, clinic: World, db: Database) -> None:
    for number in range(3):
        advise(db, clinic, number=number)
    found = {a.label: a for a in opinions.agreements(db)}
    assert (found["intent"].both, found["intent"].same) == (3, 3)
    assert (found["outcome"].both, found["outcome"].same) == (3, 0)
    assert "How far both readings agree" in maria.get("/settings/opinion").text
