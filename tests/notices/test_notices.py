"""Who is written to, when, about what, and never twice."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pypdf import PdfReader

from appliance import clock
from appliance.chores import brief as briefing
from appliance.chores.brief import gather_brief
from appliance.config import Config, Web
from appliance.db import execute, rows, value, writing
from appliance.facts.notices import Brief, Hook
from appliance.facts.phones import Alarm
from appliance.facts.reviews import Review
from appliance.facts.work import WorkFilter, WorkItem
from appliance.store import (
    alarms,
    happenings,
    hooks,
    lost,
    readers,
    reviews,
    users,
    work_acts,
    worklist,
)
from appliance.store.analyses import Card, save_analysis
from appliance.store.settings import ClinicSettings, save_settings
from tests.notices.helpers import (
    ZONE,
    count,
    mails,
    make_notices,
    one,
    ring,
    rules,
    set_up,
    subscribe,
    turned_away,
)
from tests.world import PASSWORD, World

CHICAGO = ZoneInfo(ZONE)
BOOKED = Card(intent="sick_visit", outcome="booked")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.fixture
def clinic(world: World) -> World:
    """Monday, November 23, 2026, seven in the morning."""
    world.now = local("2026-11-23T07:00")
    world.config = Config(data=world.data, web=Web(names=("vet-box.example",)))
    set_up(world)
    return world


def at(world: World, text: str) -> None:
    world.now = local(text)
    make_notices(world)


def words_of(paper: bytes) -> str:
    """The words of a PDF."""
    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(paper)).pages).split())


def gathered(world: World, extensions: tuple[str, ...] | None = None) -> Brief:
    return gather_brief(world.db, world.now - timedelta(days=1), world.now, extensions)


def test_the_brief_comes_at_its_time_once_and_tells_of_the_time_since_the_last(
    clinic: World,
) -> None:
    subscribe(clinic, "Maria", "brief")
    ring(clinic, "old", local("2026-11-22T07:00"), turned_away())
    ring(clinic, "new", local("2026-11-22T09:00"), turned_away(), caller_number="+15125550142")
    at(clinic, "2026-11-23T07:29")
    assert mails(clinic) == []
    for minute in (30, 31, 59):
        at(clinic, f"2026-11-23T07:{minute}")
    (mail,) = mails(clinic)
    assert (mail["kind"], mail["recipient"]) == ("brief", "maria@clinic.example")
    assert mail["subject"] == "Willow Creek: 1 wanted care and left"
    assert "•••-0142" in mail["text"]
    assert "https://vet-box.example:8443/calls/" in mail["text"]
    at(clinic, "2026-11-24T07:30")
    assert [m["subject"] for m in mails(clinic)][1:] == ["Willow Creek: a quiet day on the phones"]


def test_a_call_that_was_still_being_read_at_one_brief_stands_in_the_next_and_only_there(
    clinic: World,
) -> None:
    subscribe(clinic, "Maria", "brief")
    ring(clinic, "slow", local("2026-11-23T07:20"), turned_away(), read_at=local("2026-11-23T07:40"))  # fmt: skip
    for day in (23, 24, 25):
        at(clinic, f"2026-11-{day}T07:30")
    assert [m["text"].count("/calls/") for m in mails(clinic)] == [0, 1, 0]


def test_on_closed_days_nothing_comes_and_the_next_brief_tells_of_them_too(clinic: World) -> None:
    weekdays = {str(day): ("08:00", "18:00") for day in range(5)}
    with writing(clinic.db):
        save_settings(clinic.db, ClinicSettings(clinic_name="C", zone=ZONE, hours=weekdays))
    subscribe(clinic, "Maria", "brief")
    clinic.now = local("2026-11-20T07:30")
    at(clinic, "2026-11-20T07:30")
    ring(clinic, "saturday", local("2026-11-21T10:00"), turned_away())
    at(clinic, "2026-11-21T08:00")
    at(clinic, "2026-11-22T08:00")
    assert len(mails(clinic)) == 1
    at(clinic, "2026-11-23T07:30")
    assert "1 wanted care and left" in mails(clinic)[1]["subject"]
    rules(clinic, closed_days=True)
    at(clinic, "2026-11-28T07:30")
    assert len(mails(clinic)) == 3


def test_a_box_that_was_off_in_the_morning_writes_late_but_not_at_night(clinic: World) -> None:
    subscribe(clinic, "Maria", "brief")
    at(clinic, "2026-11-23T12:00")
    assert len(mails(clinic)) == 1
    at(clinic, "2026-11-24T19:00")
    assert len(mails(clinic)) == 1


def test_front_desk_people_get_their_own_callers_and_nothing_of_others(clinic: World) -> None:
    subscribe(clinic, "Finn", "desk", "brief", "alerts")
    promised = Card(intent="recheck", outcome="callback_untimed")
    ring(clinic, "own", local("2026-11-22T10:00"), promised, "advice", caller_number="+15125550101")
    ring(clinic, "other", local("2026-11-22T10:05"), promised, caller_number="+15125550102", staff_extension="102")  # fmt: skip
    at(clinic, "2026-11-23T08:00")
    (mail,) = mails(clinic)
    assert (mail["kind"], mail["recipient"]) == ("desk", "finn@clinic.example")
    assert "0101" in mail["text"] and "0102" not in mail["text"]
    assert "advice" not in mail["text"].lower()


def test_a_front_desk_person_without_an_extension_gets_nothing(clinic: World) -> None:
    subscribe(clinic, "Finn", "desk")
    with writing(clinic.db):
        execute(clinic.db, "UPDATE user SET staff_extension = ''")
    ring(clinic, "nobodys", local("2026-11-22T10:00"), turned_away(), staff_extension="")
    at(clinic, "2026-11-23T08:00")
    assert mails(clinic) == []


def test_callers_who_were_reached_or_booked_since_are_left_out_and_each_stands_once(
    clinic: World,
) -> None:
    day = "2026-11-22T"
    for n, number in enumerate(("01", "01", "02", "03")):
        ring(clinic, f"lost{n}", local(f"{day}10:0{n}"), turned_away(), caller_number=f"+151255501{number}")  # fmt: skip
    ring(clinic, "booked", local(f"{day}15:00"), BOOKED, caller_number="+15125550102")
    for n, number in enumerate(("11", "11", "12", "")):
        ring(clinic, f"missed{n}", local(f"{day}11:0{n}"), turned_away("no_connect", kind="capacity"),
             answer_state="ring_abandon", caller_number=f"+151255501{number}" if number else "")  # fmt: skip
    ring(clinic, "back", local(f"{day}12:00"), BOOKED, direction="out", caller_number="",
         dialed="+15125550112")  # fmt: skip
    told = gathered(clinic)
    assert [i.number[-2:] for i in told.left] == ["03", "01"]
    assert [(i.number[-2:], i.tries) for i in told.unreached] == [("11", 2)]
    assert (told.totals["left"], told.totals["unreached"], told.withheld) == (2, 1, 1)
    assert (told.calls, told.missed) == (10, 4)


def test_the_end_of_a_life_and_a_service_not_offered_are_nobodys_lost_booking(
    clinic: World,
) -> None:
    ring(clinic, "goodbye", local("2026-11-22T10:00"), turned_away(intent="end_of_life"))
    ring(clinic, "not ours", local("2026-11-22T11:00"), turned_away("service_not_offered"))
    assert gathered(clinic).left == ()


def test_what_a_person_rejected_is_not_told(clinic: World) -> None:
    from appliance.facts.analysis import Analysis
    from tests.world import PROVENANCE

    call_id = ring(clinic, "one", local("2026-11-22T10:00"), BOOKED, "advice", "identity")
    verdict = Review(name="safety.advice", suggested="yes", verdict="rejected", value="no",
                     reason="it was the doctor", by="Maria", at=clinic.now)  # fmt: skip
    with writing(clinic.db):
        save_analysis(clinic.db, call_id, Analysis(intent="sick_visit", outcome="booked", provenance=PROVENANCE), now=clinic.now)  # fmt: skip
        reviews.judge(clinic.db, call_id, verdict)
    assert [i.why for i in gathered(clinic).safety] == [("identity",)]


def test_the_noon_digest_tells_of_today_and_only_when_there_is_somebody(clinic: World) -> None:
    subscribe(clinic, "Maria", "digest")
    ring(clinic, "yesterday", local("2026-11-22T23:59"), turned_away())
    at(clinic, "2026-11-23T12:00")
    assert mails(clinic) == []
    ring(clinic, "today", local("2026-11-24T09:00"), turned_away())
    at(clinic, "2026-11-24T12:00")
    assert [m["kind"] for m in mails(clinic)] == ["digest"]


def test_the_weekly_report_tells_of_the_week_and_carries_what_the_reports_add(
    clinic: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def attach(db: object, begin: datetime, end: datetime) -> tuple[str, bytes]:
        asked.append((begin, end))
        return "week.pdf", b"%PDF"

    monkeypatch.setitem(briefing.ATTACHMENTS, "weekly", attach)
    subscribe(clinic, "Maria", "weekly")
    ring(clinic, "monday", local("2026-11-16T10:00"), turned_away())
    at(clinic, "2026-11-23T07:00")
    (mail,) = mails(clinic)
    assert asked == [(local("2026-11-16T00:00"), local("2026-11-23T00:00"))]
    assert (mail["attachment_name"], mail["attachment"]) == ("week.pdf", b"%PDF")
    assert "1 wanted care and left without it." in mail["text"] and "Handling: 1" in mail["text"]


@pytest.mark.parametrize("full", [False, True])
def test_the_weekly_mail_carries_the_report_and_masks_callers_as_the_clinic_set(
    clinic: World, full: bool
) -> None:
    rules(clinic, full=full)
    subscribe(clinic, "Maria", "weekly")
    ring(clinic, "tuesday", local("2026-11-17T10:00"), turned_away(),
         caller_number="+15125550142", caller_name="Kim Doe")  # fmt: skip
    at(clinic, "2026-11-23T07:00")
    (mail,) = mails(clinic)
    assert mail["attachment_name"] == "calls-week-2026-11-16.pdf"
    paper = words_of(mail["attachment"])
    assert "Calls, November 16 – 22, 2026" in paper and "Sick visit" in paper
    assert ("Kim Doe, +15125550142" in paper, "•••-0142" in paper) == (full, not full)
    assert ("callers are masked" in paper) == (not full)
    assert "https://vet-box.example:8443/reports/week/2026-11-16" in mail["text"]


def test_a_weekly_mail_on_another_day_tells_of_the_week_its_report_tells_of(clinic: World) -> None:
    rules(clinic, weekly_day="3")
    subscribe(clinic, "Maria", "weekly")
    ring(clinic, "in it", local("2026-11-22T23:50"), turned_away())
    ring(clinic, "after it", local("2026-11-24T10:00"), turned_away())
    at(clinic, "2026-11-26T07:00")
    (mail,) = mails(clinic)
    assert "November 16 – 22, 2026: 1 call came in, 1 of them answered." in mail["text"]
    assert mail["attachment_name"] == "calls-week-2026-11-16.pdf"


def test_that_a_report_is_ready_is_told_once_when_the_week_is_over_and_read(clinic: World) -> None:
    def told() -> list[tuple[str, dict[str, str]]]:
        made = rows(clinic.db, "SELECT ref, detail FROM happening WHERE event = 'report.ready'")
        return [(r["ref"], msgspec.json.decode(r["detail"])) for r in made]

    call_id = ring(clinic, "late", local("2026-11-22T23:50"), turned_away())
    with writing(clinic.db):
        execute(clinic.db, "UPDATE call SET state = 'received' WHERE id = ?", (call_id,))
    at(clinic, "2026-11-22T23:59")
    at(clinic, "2026-11-23T00:05")
    assert told() == [], "its last call is still being read"
    with writing(clinic.db):
        execute(clinic.db, "UPDATE call SET state = 'ready' WHERE id = ?", (call_id,))
    for minute in ("06", "07"):
        at(clinic, f"2026-11-23T00:{minute}")
    at(clinic, "2026-11-24T12:00")
    assert told() == [("2026-11-16", {"page": "/reports/week/2026-11-16"})]


def test_a_call_that_is_never_read_does_not_hold_the_report_back_for_good(clinic: World) -> None:
    call_id = ring(clinic, "stuck", local("2026-11-22T23:50"))
    with writing(clinic.db):
        execute(clinic.db, "UPDATE call SET state = 'received' WHERE id = ?", (call_id,))
    at(clinic, "2026-11-23T05:59")
    assert count(clinic, "happening WHERE event = 'report.ready'") == 0
    at(clinic, "2026-11-23T06:00")
    assert count(clinic, "happening WHERE event = 'report.ready'") == 1


def test_a_webhook_hears_of_the_report_though_nobody_gets_mail(clinic: World) -> None:
    with writing(clinic.db):
        hook = Hook(id=0, url="https://example.test/in", events=("report.ready",),
                    created_at=clinic.now, set_by="Maria")  # fmt: skip
        hooks.add_hook(clinic.db, clinic.keys.connectors, hook, now=clinic.now)
    ring(clinic, "sunday", local("2026-11-22T12:00"))
    make_notices(clinic)
    assert clock.post(clinic.tools()) == 1, "the clock asks although nobody reads mail"
    make_notices(clinic)
    assert count(clinic, "hook_delivery WHERE event = 'report.ready'") == 1
    assert "/reports/week/2026-11-16" in one(clinic, "hook_delivery")["body"]


def test_a_week_without_calls_has_no_report_to_tell_of(clinic: World) -> None:
    assert clock.post(clinic.tools()) == 0


def lose(world: World, key: str, when: str, number: str, **facts: Any) -> WorkItem:
    """A caller who left without a visit, on the worklist."""
    call_id = ring(world, key, local(when), turned_away(), caller_number=number, **facts)
    with writing(world.db):
        lost.settle_call(world.db, call_id, now=world.now)
    item = worklist.item_of_call(world.db, call_id)
    assert item
    return item


def give(world: World, item: WorkItem, name: str) -> None:
    with writing(world.db):
        user = users.get_user(world.db, name)
        work_acts.assign(world.db, item, user.id, "Maria", now=world.now, text=name)


def test_the_manager_hears_who_is_to_be_called_back_overdue_first_and_each_caller_once(
    clinic: World,
) -> None:
    clinic.now = local("2026-11-23T07:30")
    old = lose(clinic, "old", "2026-11-18T10:00", "+15125550101")
    new = lose(clinic, "new", "2026-11-23T07:00", "+15125550102")
    gone = lose(clinic, "gone", "2026-11-23T06:30", "+15125550103")
    give(clinic, old, "Finn")
    with writing(clinic.db):
        work_acts.close(clinic.db, gone, "lost", "Maria", now=clinic.now, text="Moved away.")
    told = gather_brief(
        clinic.db, clinic.now - timedelta(days=1), clinic.now, news=True, work=WorkFilter()
    )
    assert [(i.item, i.owner, i.late) for i in told.work] == [
        (old.ref, "Finn", True), (new.ref, "", False),
    ]  # fmt: skip
    assert (told.totals["work"], told.late, told.lost) == (2, 1, 2)
    assert told.left == (), "who is on the list, or done with, stands nowhere else"


def test_the_front_desk_gets_what_is_theirs_and_nothing_a_colleague_has_taken(
    clinic: World,
) -> None:
    clinic.now = local("2026-11-23T07:30")
    with writing(clinic.db):
        users.add_user(clinic.db, "Dana", "frontdesk", PASSWORD, now=clinic.now, staff_extension="102")  # fmt: skip
    mine = lose(clinic, "mine", "2026-11-18T10:00", "+15125550101", staff_extension="102")
    theirs = lose(clinic, "theirs", "2026-11-23T07:00", "+15125550102")
    free = lose(clinic, "free", "2026-11-23T07:10", "+15125550103")
    give(clinic, mine, "Finn")
    give(clinic, theirs, "Dana")
    subscribe(clinic, "Finn", "desk")
    at(clinic, "2026-11-23T07:45")
    (mail,) = mails(clinic)
    assert "YOURS TO CALL BACK (1)" in mail["text"] and f"/worklist/{mine.ref}" in mail["text"]
    assert f"/worklist/{free.ref}" in mail["text"], "nobody has it, and it was her call"
    assert "0102" not in mail["text"] and "$" not in mail["text"]


def test_a_safety_item_that_was_dealt_with_is_not_told_and_an_old_open_one_is_counted(
    clinic: World,
) -> None:
    ring(clinic, "old", local("2026-11-10T10:00"), BOOKED, "advice")
    done = ring(clinic, "done", local("2026-11-23T06:00"), BOOKED, "identity")
    with writing(clinic.db):
        execute(clinic.db, "UPDATE safety SET state = 'handled' WHERE call_id = ?", (done,))  # fmt: skip
    told = gathered(clinic)
    assert (told.safety, told.unsafe) == ((), 1)


def test_a_safety_alert_comes_at_once_and_once_however_often_the_call_is_read_again(
    clinic: World,
) -> None:
    subscribe(clinic, "Maria", "alerts")
    subscribe(clinic, "Olivia", "brief")
    call_id = ring(clinic, "one", local("2026-11-23T06:50"), BOOKED, "advice", "card_aloud")
    make_notices(clinic)
    (mail,) = mails(clinic)
    assert (mail["kind"], mail["recipient"]) == ("alert", "maria@clinic.example")
    assert "Medical advice may have been given; A card number" in mail["text"]
    with writing(clinic.db):
        from appliance.store.flags import list_flags

        happenings.note_published(
            clinic.db, call_id, list_flags(clinic.db, call_id), now=clinic.now
        )
    make_notices(clinic)
    assert len(mails(clinic)) == 1


def test_who_wants_news_about_the_box_hears_once_of_each_alarm(clinic: World) -> None:
    subscribe(clinic, "Ingrid", "system")
    quiet = Alarm(code="silent", sentence="No calls since 8 AM.", advice="Look at the switch.", since=clinic.now)  # fmt: skip
    skewed = Alarm(code="clock", sentence="Its clock is wrong.", advice="Set it.", since=clinic.now)
    for holding in ((quiet,), (quiet,), (quiet, skewed)):
        with writing(clinic.db):
            alarms.settle_alarms(clinic.db, 1, holding, now=clinic.now)
        make_notices(clinic)
        clinic.wait(minutes=10)
    first, second = mails(clinic)
    assert first["recipient"] == "ingrid@clinic.example"
    assert (
        "phones: No calls since 8 AM." in first["text"] and "Look at the switch." in first["text"]
    )
    assert "clock is wrong" in second["text"] and "8 AM" not in second["text"]


def test_at_most_so_many_alerts_an_hour_and_the_last_tells_all_the_rest(clinic: World) -> None:
    subscribe(clinic, "Maria", "alerts")
    for n in range(6):
        ring(clinic, f"a{n}", local("2026-11-23T06:50"), BOOKED, "advice")
    make_notices(clinic)
    assert [m["text"].count("/calls/") for m in mails(clinic)] == [1, 1, 4]
    for n in range(2):
        clinic.wait(minutes=10)
        ring(clinic, f"b{n}", clinic.now, BOOKED, "identity")
        make_notices(clinic)
    assert len(mails(clinic)) == 3, "the hour is not over"
    clinic.wait(minutes=45)
    make_notices(clinic)
    assert [m["text"].count("/calls/") for m in mails(clinic)][3:] == [1, 1]


def test_old_calls_that_are_fetched_from_an_archive_alarm_nobody(clinic: World) -> None:
    subscribe(clinic, "Maria", "alerts")
    for key, age in (("a month ago", timedelta(days=30)), ("the day before", timedelta(hours=30))):
        ring(clinic, key, clinic.now - age, BOOKED, "advice", read_at=clinic.now)
    make_notices(clinic)
    assert mails(clinic) == []
    noted = count(clinic, "happening WHERE call_id IS NOT NULL")
    assert noted == 2, "of the old call nothing is even noted"


def test_nobody_is_told_of_what_was_before_they_asked(clinic: World) -> None:
    ring(clinic, "before", local("2026-11-23T06:50"), BOOKED, "advice")
    subscribe(clinic, "Maria", "alerts")
    make_notices(clinic)
    assert mails(clinic) == []


def test_people_who_left_or_changed_roles_get_nothing_more(clinic: World) -> None:
    subscribe(clinic, "Maria", "brief")
    subscribe(clinic, "Olivia", "brief")
    with writing(clinic.db):
        execute(clinic.db, "UPDATE user SET disabled = 1 WHERE name = 'Olivia'")
        execute(clinic.db, "UPDATE user SET role = 'it' WHERE name = 'Maria'")
    at(clinic, "2026-11-23T07:30")
    assert mails(clinic) == []


def test_an_address_counts_only_after_its_code_was_typed_and_tries_are_few(clinic: World) -> None:
    user_id = value(clinic.db, "SELECT id FROM user WHERE name = 'Maria'")
    with writing(clinic.db):
        reader = readers.get_reader(clinic.db, user_id)
        assert readers.save_choices(clinic.db, reader, "typo@clinic.example", ["brief"]) == "new"
        code = readers.new_code(clinic.db, user_id, now=clinic.now)
    at(clinic, "2026-11-23T07:30")
    assert mails(clinic) == []
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with writing(clinic.db):
        assert not any(
            readers.try_code(clinic.db, user_id, wrong, now=clinic.now) for _ in range(5)
        )
        assert not readers.try_code(clinic.db, user_id, code, now=clinic.now), "guessed too often"
        late = readers.new_code(clinic.db, user_id, now=clinic.now)
        assert not readers.try_code(clinic.db, user_id, late, now=clinic.now + timedelta(days=2))
        assert readers.try_code(clinic.db, user_id, f" {late[:3]} {late[3:]} ", now=clinic.now)
        reader = readers.get_reader(clinic.db, user_id)
        assert readers.save_choices(clinic.db, reader, "other@clinic.example", ["brief"]) == "new"
    assert not readers.get_reader(clinic.db, user_id).confirmed, "another address, another code"


def test_a_turnaway_that_is_booked_later_is_noted_as_recovered_once(clinic: World) -> None:
    ring(clinic, "lost", local("2026-11-22T10:00"), turned_away(), caller_number="+15125550101")
    for n in range(2):
        ring(clinic, f"won{n}", local(f"2026-11-22T1{3 + n}:00"), BOOKED, caller_number="+15125550101")  # fmt: skip
    found = [h for h in happenings.list_new(clinic.db) if h.event == "turnaway.recovered"]
    assert [h.detail["after_minutes"] for h in found] == ["180"]


def test_the_clock_calls_for_notices_only_where_somebody_wants_them(clinic: World) -> None:
    assert clock.post(clinic.tools()) == 0
    subscribe(clinic, "Maria", "brief")
    assert clock.post(clinic.tools()) == 1
    clinic.work(("chores",))
    assert count(clinic, "job WHERE kind = 'notices' AND state = 'done'") == 1


def test_a_published_call_notes_its_happenings_in_the_same_transaction(world: World) -> None:
    world.drop(1)
    world.poll()
    world.work(("speech", "courier", "chores"))
    noted = happenings.list_new(world.db)
    assert [h.event for h in noted][:1] == ["call.ready"]
    told = world.call(1)
    assert (noted[0].ref, noted[0].call_id) == (told.ref, told.id)
    assert set(noted[0].detail) == {"intent", "outcome", "urgency", "turnaway_reason"}
