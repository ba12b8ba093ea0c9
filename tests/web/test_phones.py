"""Connecting a phone system on the pages: wizard, test, addresses, names, rules, earlier calls."""

from datetime import timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient

from appliance.db import writing
from appliance.facts.calls import FoundCall
from appliance.facts.phones import Address, Alarm, Probed, ProbedCall, ProbedRecording, Rule
from appliance.store import alarms, connectors, pushed, refusals
from appliance.store.calls import get_call
from appliance.store.receiving import receive_call
from connectors import doors
from tests.web.world import World, browser, build_world, form_token, sign_in

SECRET = "s3cret-never-shown"
SFTP = {
    "name": "Front desk phones",
    "place.by": "sftp",
    "place.host": "192.0.2.7",
    "place.user": "reader",
    "place_password": SECRET,
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path, hostile=True)


@pytest.fixture
def maria(world: World) -> TestClient:
    client = browser(world.app())
    sign_in(client, "Maria")
    return client


def send(client: TestClient, path: str, **data: str) -> tuple[int, str]:
    """A form as the browser sends it; returns status and the page it leads to."""
    form = {"csrf": form_token(client, "/activity"), **data}
    answer = client.post(path, data=form, follow_redirects=True)
    return answer.status_code, answer.text


def add(client: TestClient, **data: str) -> tuple[int, str]:
    return send(client, "/phones/new/folder", **(SFTP | data))


def row(world: World) -> connectors.ConnectorRow:
    db = world.open_db()
    try:
        return connectors.list_connectors(db)[-1]
    finally:
        db.close()


def jobs(world: World) -> list[str]:
    db = world.open_db()
    try:
        return [r["kind"] for r in db.query("SELECT kind FROM job WHERE state = 'waiting'")]
    finally:
        db.close()


def test_every_kind_has_a_form_with_its_proof(maria: TestClient) -> None:
    page = maria.get("/phones/new").text
    names = [part.split('"')[0] for part in page.split('href="/phones/new/')[1:]]
    assert len(names) >= 2
    for name in names:
        form = maria.get(f"/phones/new/{name}")
        assert form.status_code == 200
        assert "Step 2 of 3" in form.text


def test_what_is_typed_becomes_a_draft_that_is_not_read(world: World, maria: TestClient) -> None:
    status, page = add(maria)
    found = row(world)
    assert status == 200
    assert "test, then switch on" in page
    assert (found.name, found.kind, found.draft, found.live) == (
        "Front desk phones",
        "folder",
        True,
        False,
    )
    assert found.settings["place"] == {"by": "sftp", "host": "192.0.2.7", "user": "reader"}


def test_a_secret_is_never_shown_again(world: World, maria: TestClient) -> None:
    _, page = add(maria)
    number = row(world).id
    shown = page + maria.get(f"/phones/{number}/fields?place.by=sftp").text
    shown += maria.get("/phones").text + maria.get("/audit").text
    assert SECRET not in shown
    assert "Set; leave empty to keep it" in page
    db = world.open_db()
    stored = bytes(next(iter(db.query("SELECT secrets FROM connector")))["secrets"])
    db.close()
    assert stored
    assert SECRET.encode() not in stored


def test_a_name_is_looked_up_by_the_courier_and_the_page_shows_what_it_found(
    world: World, maria: TestClient
) -> None:
    _, page = add(maria, **{"place.host": "pbx.example"})
    number = row(world).id
    assert "Looking up where <strong>pbx.example</strong> leads" in page
    assert f'hx-get="/phones/{number}/addresses"' in page
    assert jobs(world) == ["look_up"]
    db = world.open_db()
    with writing(db):
        db.execute("DELETE FROM job")
        found = (
            Address(host="pbx.example", address="10.20.30.40"),
            Address(host="pbx.example", address="127.0.0.1", refused="is this box itself"),
        )
        connectors.save_addresses(db, number, found)
    db.close()
    part = maria.get(f"/phones/{number}/addresses").text
    assert "May it talk to <strong>10.20.30.40</strong> (pbx.example)" in part
    assert "(127.0.0.1) cannot be used: it is this box itself." in part
    assert "hx-get" not in part
    assert "10.20.30.40" in maria.get(f"/phones/{number}").text


def test_a_refusal_stands_on_the_page_and_in_the_audit_log_in_plain_words(
    world: World, maria: TestClient
) -> None:
    add(maria, **{"place.host": "pbx.example"})
    number = row(world).id
    refused = doors.Judged("pbx.example", "10.20.30.41", doors.NOT_ALLOWED)
    db = world.open_db()
    with writing(db):
        refusals.note(db, number, refused, now=world.now)
    page = maria.get(f"/phones/{number}").text
    assert "The box refused to talk to <strong>pbx.example</strong> at 10.20.30.41" in page
    assert "this address is not among the addresses that were allowed." in page
    log = maria.get("/audit").text
    assert "refuse_address" in log
    assert "10.20.30.41" in log
    assert doors.NOT_ALLOWED in log
    with writing(db):
        refusals.note(db, number, doors.Judged("pbx.example", "10.0.0.5", ""), now=world.now)
    db.close()
    assert "The box refused" not in maria.get(f"/phones/{number}").text


DROP = {"place.by": "drop", "place.user": "pbx", "place_password": SECRET}


def test_two_phone_systems_do_not_deliver_under_one_user(world: World, maria: TestClient) -> None:
    send(maria, "/phones/new/folder", name="One", **DROP)
    status, page = send(maria, "/phones/new/folder", name="Two", **DROP)
    assert status == 400
    assert "“One” delivers to this box under this user" in page
    assert 'value="Two"' in page
    status, _ = send(maria, "/phones/new/folder", name="Two", **(DROP | {"place.user": "two"}))
    assert status == 200
    status, page = send(maria, f"/phones/{row(world).id}", name="Two", **DROP)
    assert status == 400
    assert "“One” delivers to this box under this user" in page
    assert row(world).settings["place"]["user"] == "two"


def test_a_paused_phone_system_says_what_waits(world: World, maria: TestClient) -> None:
    send(maria, "/phones/new/folder", name="One", **DROP)
    number = row(world).id
    send(maria, f"/phones/{number}/switch", to="on")
    send(maria, f"/phones/{number}/switch", to="pause")
    assert (
        "<strong>Paused.</strong> No new calls appear until you go on."
        in maria.get(f"/phones/{number}").text
    )
    db = world.open_db()
    with writing(db):
        for _ in range(12):
            pushed.add_pushed(db, number, b"record", now=world.now)
    db.close()
    folder = world.folder / "drop" / "pbx"
    folder.mkdir(parents=True)
    (folder / "one.wav").write_bytes(b"RIFF")
    page = maria.get(f"/phones/{number}").text
    assert "Paused; 12 messages with call records and 1 delivered recording wait." in page
    status, page = send(maria, f"/phones/{number}/rules", effect="nothing")
    assert (status, "Paused" in page) == (400, True)
    send(maria, f"/phones/{number}/switch", to="resume")
    assert "Paused" not in maria.get(f"/phones/{number}").text


def test_a_phone_system_that_delivers_says_where_to(world: World, maria: TestClient) -> None:
    _, page = send(maria, "/phones/new/folder", name="One", **DROP, **{"place.path": "/in/"})
    assert 'port <strong class="num">2222</strong>, as user <strong>pbx</strong>' in page
    assert "into the folder <strong>in</strong>" in page


def test_the_list_tells_of_an_alarm(world: World, maria: TestClient) -> None:
    add(maria)
    number = row(world).id
    alarm = Alarm(
        code="silent", sentence="No call came for six hours.", advice="Look at its cables.",
        since=world.now - timedelta(hours=6),
    )  # fmt: skip
    db = world.open_db()
    with writing(db):
        connectors.activate(db, number)
        alarms.settle_alarms(db, number, [alarm], now=world.now)
    db.close()
    page = maria.get("/phones")
    assert page.status_code == 200
    assert "<strong>Front desk phones:</strong> No call came for six hours." in page.text
    assert "Began 6 hours ago." in page.text


def test_a_second_place_says_whose_password_is_used_when_none_is_entered(
    world: World, maria: TestClient
) -> None:
    form = {
        "place.by": "sftp", "place.host": "192.0.2.7", "place.user": "a", "place_password": SECRET,
        "recordings.by": "sftp", "recordings.host": "192.0.2.8", "recordings.user": "b",
    }  # fmt: skip
    _, page = send(maria, "/phones/new/freeswitch", **form)
    assert 'name="recordings_password" type="password"' in page
    assert page.count("Left empty, the box uses what you entered for the first place.") == 2
    number = row(world).id
    _, page = send(maria, f"/phones/{number}", **form, recordings_password="another one")
    assert sorted(row(world).secrets_set) == ["place_password", "recordings_password"]
    assert "another one" not in page


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(maria: TestClient) -> None:
    status, page = add(maria, **{"place.user": "", "place.host": "pbx.example"})
    assert status == 400
    assert "User: this is needed" in page
    assert 'value="pbx.example"' in page


def test_two_phone_systems_do_not_share_a_name(maria: TestClient) -> None:
    add(maria)
    status, page = add(maria)
    assert status == 400
    assert "of this name already" in page


def test_an_address_must_be_allowed_by_a_person(world: World, maria: TestClient) -> None:
    _, page = add(maria, **{"place.host": "10.20.30.40"})
    number = row(world).id
    assert "May it talk to <strong>10.20.30.40</strong>" in page
    send(maria, f"/phones/{number}/allow", address="10.20.30.40")
    assert row(world).allowed == ("10.20.30.40",)
    send(maria, f"/phones/{number}/allow", address="10.20.30.40", take_back="1")
    assert row(world).allowed == ()


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "10.0.0.0/8", "x"]
)
def test_what_may_never_be_talked_to_cannot_be_allowed(
    world: World, maria: TestClient, address: str
) -> None:
    add(maria)
    status, page = send(maria, f"/phones/{row(world).id}/allow", address=address)
    assert status == 400
    assert 'role="alert"' in page
    assert row(world).allowed == ()


def test_a_test_is_work_for_the_courier_and_shows_what_it_found(
    world: World, maria: TestClient
) -> None:
    add(maria)
    number = row(world).id
    _, page = send(maria, f"/phones/{number}/test")
    assert "Testing…" in page
    assert jobs(world) == ["probe"]
    call = ProbedCall(
        started_at=world.now, direction="in", answer_state="answered",
        caller_number="5125550142", caller_name="<b>Quentin</b>", staff_extension="101",
        recordings=(ProbedRecording(size=960_044, length_ms=60_000, channels=2),),
    )  # fmt: skip
    db = world.open_db()
    with writing(db):
        db.execute("DELETE FROM job")
        connectors.save_tested(db, number, Probed(calls=(call,), clock_skew_s=95), now=world.now)
    db.close()
    page = maria.get(f"/phones/{number}").text
    assert "can be read" in page
    assert "1 minute 35 seconds ahead" in page
    assert "1:00, both sides apart" in page
    assert "•••-0142" in page
    assert "5125550142" not in page
    assert "&lt;b&gt;Quentin" in page
    ingrid = browser(world.app())
    sign_in(ingrid, "Ingrid")
    assert "Quentin" not in ingrid.get(f"/phones/{number}").text  # IT sees no names of callers


def test_a_phone_system_is_switched_on_paused_and_removed(world: World, maria: TestClient) -> None:
    add(maria)
    number = row(world).id
    for to, live in (("on", True), ("pause", False), ("resume", True)):
        send(maria, f"/phones/{number}/switch", to=to)
        assert row(world).live is live, to
    assert jobs(world) == ["discover"]
    _, page = send(maria, f"/phones/{number}/switch", to="remove")
    assert "Front desk phones" not in page
    assert maria.get(f"/phones/{number}").status_code == 404


def test_names_are_given_to_extensions(world: World, maria: TestClient) -> None:
    add(maria)
    number = row(world).id
    _, page = send(
        maria,
        f"/phones/{number}/staff",
        **{"staff.101": "Finn", "extension": "104", "who": "Hannah"},
    )
    assert 'value="Hannah"' in page
    status, _ = send(maria, f"/phones/{number}/staff", extension="x1", who="Nobody")
    assert status == 400


def test_rules_are_added_checked_and_taken_away(world: World, maria: TestClient) -> None:
    add(maria)
    number = row(world).id
    send(maria, f"/phones/{number}/rules", effect="not_taken", extensions="103, 104")
    lunch = {"effect": "not_analyzed", "start": "12:00", "end": "13:00", "day.0": "1", "day.4": "1"}
    _, page = send(maria, f"/phones/{number}/rules", **lunch)
    assert row(world).rules == (
        Rule(effect="not_taken", extensions=("103", "104")),
        Rule(effect="not_analyzed", days=(0, 4), start="12:00", end="13:00"),
    )
    assert "Monday, Friday 12:00–13:00" in page
    status, page = send(maria, f"/phones/{number}/rules", effect="not_taken")
    assert status == 400
    assert "this one means every call" in page
    send(maria, f"/phones/{number}/rules", remove="0")
    assert [rule.effect for rule in row(world).rules] == ["not_analyzed"]


def test_earlier_calls_are_estimated_before_they_are_fetched(
    world: World, maria: TestClient
) -> None:
    add(maria)
    number = row(world).id
    status, page = send(maria, f"/phones/{number}/backfill", to="estimate", since="2026-09-01")
    assert status == 400  # a draft is not read
    send(maria, f"/phones/{number}/switch", to="on")
    _, page = send(maria, f"/phones/{number}/backfill", to="estimate", since="2026-09-01")
    assert "Looking how many calls there are since 2026-09-01" in page
    assert "backfill" in jobs(world)
    _, page = send(maria, f"/phones/{number}/backfill", to="stop")
    assert "Stopped after 0 of 0" in page
    for day in ("", "tomorrow", "2031-01-01", "0001-01-01"):
        status, page = send(maria, f"/phones/{number}/backfill", to="estimate", since=day)
        assert status == 400, day


def test_every_change_is_in_the_audit_log(world: World, maria: TestClient) -> None:
    add(maria)
    number = row(world).id
    send(maria, f"/phones/{number}/test")
    send(maria, f"/phones/{number}/switch", to="on")
    told = [
        (action, subject)
        for _, action, subject in world.log("add_phone", "test_phone", "change_phone")
    ]
    assert told == [(a, f"phone {number}") for a in ("add_phone", "test_phone", "change_phone")]


def test_a_pattern_is_tried_on_the_newest_names_before_it_is_saved(
    world: World, maria: TestClient
) -> None:
    add(maria)
    number = row(world).id
    names = ("20261102-091500_in_5125550142_101.wav", "<b>odd</b>.wav")
    db = world.open_db()
    with writing(db):
        connectors.save_tested(db, number, Probed(names=names), now=world.now)
    db.close()
    pattern = "{date:YYYYMMDD}-{time:HHMMSS}_{direction}_{caller}_{extension}.wav"
    status, page = send(maria, f"/phones/{number}/pattern", pattern=pattern)
    assert status == 200
    assert "2026-11-02 09:15:00" in page
    assert "&lt;b&gt;odd" in page
    assert row(world).settings.get("pattern", "") == ""
    _, page = send(maria, f"/phones/{number}/pattern", pattern="{date:nonsense}")
    assert 'class="problem" role="alert"' in page
    ingrid = browser(world.app())
    sign_in(ingrid, "Ingrid")
    _, page = send(ingrid, f"/phones/{number}/pattern", pattern=pattern)
    assert "5125550142" not in page


def test_missed_calls_nobody_reached_are_listed_and_what_followed_is_shown(
    world: World, maria: TestClient
) -> None:
    def call(key: str, hours: int, direction: str, state: str, number: str) -> FoundCall:
        side = {"caller_number": number} if direction == "in" else {"dialed": number}
        return FoundCall(
            native_key=key, started_at=world.now - timedelta(hours=hours), direction=direction,
            answer_state=state, staff_extension="101", **side,
        )  # fmt: skip

    found = [
        call("a", 9, "in", "ring_abandon", "5125550151"),
        call("b", 8, "out", "answered", "5125550151"),
        call("c", 7, "in", "hold_abandon", "5125550162"),
    ]
    db = world.open_db()
    with writing(db):
        ids = [receive_call(db, "pbx", one, now=world.now) for one in found]
    refs = [get_call(db, known[0]).ref for known in ids if known]
    db.close()
    listed = {answer: maria.get(f"/calls?answer={answer}").text for answer in ("missed", "waiting")}
    assert refs[0] in listed["missed"] and refs[2] in listed["missed"]
    assert refs[0] not in listed["waiting"] and refs[2] in listed["waiting"]
    assert refs[1] not in listed["missed"]
    page = maria.get(f"/calls/{refs[0]}").text
    assert "Called back after 60 minutes" in page
    assert f'href="/calls/{refs[1]}"' in page
    finn = browser(world.app())
    sign_in(finn, "Finn")
    assert refs[1] not in finn.get(f"/calls/{refs[0]}").text
