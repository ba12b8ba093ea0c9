"""What mails say: the same in both forms, masked unless asked for, harmless whoever called."""

import re
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.facts.codes import INTENTS, KIND_OF_REASON, SAFETY, TURNAWAY_KINDS
from appliance.facts.fees import FeeList
from appliance.facts.figures import Count, Totals, Trends, WeekReport
from appliance.facts.notices import Brief, BriefItem
from appliance.facts.phones import FollowUp
from appliance.facts.work import WeekRow
from appliance.reading import briefs, words
from appliance.reading.briefs import Desk
from appliance.reading.letters import Draft, masked_number, plain_name, whole_number, write_letter
from appliance.reading.money import week_sum
from appliance.reading.periods import before, week_of
from webui import show

BEGIN, END = datetime(2026, 11, 22, 13, 30, tzinfo=UTC), datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
DESK = Desk(clinic="Willow Creek", box="https://vet-box:8443", zone="America/Chicago", name="Maria")
HOSTILE = "<img src=x onerror=alert(1)> http://evil.example/a.b \u202egpj.exe\r\nBcc: x@y.example"


def item(number: str = "+15125550142", name: str = "Kim Doe", **facts: object) -> BriefItem:
    usual = {"at": BEGIN, "ref": "abc123", "about": "sick_visit", "why": ("no_ask",)}
    return BriefItem(number=number, name=name, **(usual | facts))  # type: ignore[arg-type]


def brief(**lists: tuple[BriefItem, ...]) -> Brief:
    totals = {name: len(items) for name, items in lists.items()}
    return Brief(
        begin=BEGIN, end=END, calls=40, missed=3, totals=totals, lost=totals.get("left", 0),
        late=sum(item.late for item in lists.get("work", ())), **lists,  # type: ignore[arg-type]
    )  # fmt: skip


def week() -> WeekReport:
    """Seven calls, one missed; two left, and one asked for what is not offered here."""
    monday = date(2026, 11, 16)
    period = week_of(monday)
    reached = FollowUp(missed=1, callers=1, withheld=0, recovered=1)
    totals = Totals(calls=7, answered=6, booked=3, lost=2, follow_up=reached)
    reasons = (Count(code="no_ask", n=2), Count(code="service_not_offered", n=1))
    trends = Trends(period=period, previous=before(period), totals=totals, before=Totals(),
                    reasons=reasons)  # fmt: skip
    return WeekReport(clinic_name="Willow Creek", monday=monday, trends=trends)


def full(desk: Desk = DESK) -> Desk:
    return Desk(clinic=desk.clinic, box=desk.box, zone=desk.zone, name=desk.name, full=True)


class Reading(HTMLParser):
    """The words, links and tags of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_managers_brief_tells_in_its_subject_what_matters() -> None:
    told = brief(left=(item(), item()), safety=(item(why=("advice",)),), unreached=(item(tries=3),))
    letter = write_letter(briefs.manager_brief(DESK, told))
    assert letter.subject == "Willow Creek: 2 wanted care and left, 1 to check for safety, 1 to call back"  # fmt: skip
    assert "From Sun, Nov 22, 7:30 AM to Mon, Nov 23, 7:30 AM there were 40 calls, 3 of them missed." in letter.text  # fmt: skip
    assert letter.text.index("PLEASE CHECK FIRST (1)") < letter.text.index(
        "WANTED CARE AND LEFT (2)"
    )
    assert "* Sick visit\n  Sun, Nov 22, 7:30 AM: •••-0142, handling: nobody offered a visit" in letter.text  # fmt: skip
    assert "* Rang 3 times" in letter.text
    assert "https://vet-box:8443/calls/abc123" in letter.text
    assert briefs.SUGGESTED in letter.text


def test_the_managers_brief_tells_who_calls_whom_back_by_when_and_what_is_overdue() -> None:
    late = item(item="feed01", owner="Denise", due_at=BEGIN, late=True, urgent=True, tries=2)
    free = item(number="+15125550143", item="feed02", due_at=END, why=("cap_day",))
    letter = write_letter(briefs.manager_brief(DESK, brief(work=(late, free))))
    assert letter.subject == "Willow Creek: 2 to call back (1 overdue)"
    assert "TO CALL BACK (2, 1 OVERDUE)" in letter.text
    assert "* Urgent: sick visit\n  Due Sun, Nov 22, 7:30 AM, overdue: •••-0142, handling: nobody offered a visit, Denise calls back" in letter.text  # fmt: skip
    assert "Due Mon, Nov 23, 7:30 AM: •••-0143, capacity: no opening that day, nobody calls back yet" in letter.text  # fmt: skip
    assert "https://vet-box:8443/worklist/feed01" in letter.text
    assert "Open the whole list on the box:\nhttps://vet-box:8443/worklist\n" in letter.text


def test_money_is_a_range_with_what_it_was_reckoned_from() -> None:
    fees = FeeList(fees={"sick_visit": (80, 240)}, odds={"skill": (20, 50)})
    opened = [
        WeekRow(caller=who, opened_at=BEGIN, kind=kind, intent="sick_visit", state="open")
        for who, kind in (("a", "skill"), ("b", "skill"), ("c", "policy"))
    ]
    told = msgspec.structs.replace(
        brief(work=(item(item="feed01", due_at=END),)), worth=week_sum(BEGIN.date(), opened, fees)
    )
    letter = write_letter(briefs.manager_brief(DESK, told))
    assert "These callers may bring $32 to $240." in letter.text
    assert "2 × sick visit, $80 to $240, booked by 20 to 50 % (handling). One caller is in no sum." in letter.text  # fmt: skip
    desk = briefs.desk_brief(DESK, told)
    assert desk and "$" not in write_letter(desk).text


def test_safety_items_of_earlier_days_are_not_forgotten() -> None:
    told = msgspec.structs.replace(brief(), unsafe=2)
    letter = write_letter(briefs.manager_brief(DESK, told))
    assert "2 earlier safety items are still open:\nhttps://vet-box:8443/review/safety" in letter.text  # fmt: skip


def test_the_weekly_mail_leads_to_the_report_of_its_week() -> None:
    letter = write_letter(briefs.weekly_report(DESK, week()))
    assert "November 16 – 22, 2026: 7 calls came in, 6 of them answered." in letter.text
    assert "2 wanted care and left without it. 1 of 1 missed were reached" in letter.text
    assert "* Handling: 2\n" in letter.text and "Clinic rule" not in letter.text
    assert "https://vet-box:8443/reports/week/2026-11-16\n" in letter.text


def test_a_quiet_day_is_told_too_so_that_silence_means_something() -> None:
    letter = write_letter(briefs.manager_brief(DESK, brief()))
    assert letter.subject == "Willow Creek: a quiet day on the phones"


def test_the_front_desk_gets_kind_words_and_no_letter_where_there_is_nothing_to_do() -> None:
    assert briefs.desk_brief(DESK, brief(safety=(item(),))) is None
    draft = briefs.desk_brief(DESK, brief(promised=(item(why=("callback_timed",)),)))
    assert draft
    letter = write_letter(draft)
    assert letter.subject == "Willow Creek: one caller to call back"
    assert "a call-back at a time was promised" in letter.text
    assert "It is a reminder, not a score." in letter.text
    assert "safety" not in letter.text.lower()
    own = briefs.desk_brief(DESK, brief(left=(item(),)))
    assert own and "handling" not in write_letter(own).text.lower(), "it holds up no mistakes"


def test_numbers_and_names_are_masked_unless_the_clinic_wants_them_whole() -> None:
    told = brief(left=(item(),))
    masked = write_letter(briefs.manager_brief(DESK, told))
    assert "•••-0142" in masked.text
    for form in (masked.text, masked.html):
        assert "Kim" not in form and "512555" not in form
    whole = write_letter(briefs.manager_brief(full(), told))
    assert "Kim Doe, +15125550142" in whole.text


def drafts(desk: Desk) -> list[Draft]:
    hostile = item(name=HOSTILE, number="+1 (512) 555-0142;ext=<b>", about="x<y>", why=("<i>",))
    work = item(name=HOSTILE, number="<b>", about="<u>", why=("<i>",), item="0a", owner=HOSTILE,
                due_at=END)  # fmt: skip
    told = brief(left=(hostile,), safety=(hostile,), unreached=(hostile,), promised=(hostile,),
                 work=(work,))  # fmt: skip
    found = [
        briefs.manager_brief(desk, told), briefs.desk_brief(desk, told),
        briefs.noon_digest(desk, told), briefs.safety_alert(desk, (hostile, hostile)),
        briefs.weekly_report(desk, week()), briefs.code_letter(desk, "123456"),
        briefs.system_letter(desk, "Look.", "/settings/webhooks/1"),
        briefs.alarm_letter(desk, (("phones: <b>quiet</b>", "Look."),)),
        briefs.test_letter(desk.clinic, desk.box, "Maria"),
    ]  # fmt: skip
    return [draft for draft in found if draft]


@pytest.mark.parametrize("desk", [DESK, full()])
def test_hostile_names_and_codes_are_harmless_in_every_letter(desk: Desk) -> None:
    assert len(drafts(desk)) == 9
    for draft in drafts(desk):
        letter = write_letter(draft)
        read = Reading(letter.html)
        assert read.tags <= {"html", "head", "meta", "title", "body", "div", "p", "h2", "a", "span", "br"}  # fmt: skip
        assert all(link.startswith("https://vet-box:8443/") for link in read.links), read.links
        assert "evil.example" not in letter.text + letter.html
        assert "\u202e" not in letter.text + letter.html
        assert re.findall(r"\S+://\S+", letter.text) == re.findall(r"https://vet-box:8443/\S*", letter.text)  # fmt: skip


@pytest.mark.parametrize("desk", [DESK, full()])
def test_both_forms_say_the_same_and_load_nothing(desk: Desk) -> None:
    for draft in drafts(desk):
        letter = write_letter(draft)
        said = unescape(" ".join(" ".join(Reading(letter.html).words).split())).lower()
        for line in letter.text.splitlines():
            line = line.removeprefix("* ").strip().rstrip(":").lower()  # noqa: PLW2901
            if line and not line.startswith("https://") and set(line) != {"-"}:
                assert line in said, line
        assert not re.search(r"<(img|link|script|style)|url\(|@import", letter.html)


def test_every_letter_says_why_it_comes_and_those_one_asked_for_how_to_stop_them() -> None:
    for draft in drafts(DESK):
        letter = write_letter(draft)
        assert "You get this because" in letter.text
        stoppable = "asked for" in letter.text
        assert ("https://vet-box:8443/settings/notices" in letter.text) >= stoppable
        assert ("Change or stop these mails" in letter.html) == stoppable


@given(st.text(max_size=200))
def test_a_name_is_one_short_line_that_no_mail_program_makes_a_link_of(name: str) -> None:
    plain = plain_name(name)
    assert len(plain) <= 40
    assert not re.search(r"[\r\n<>@/:\u202a-\u202e\u2066-\u2069]|\w\.\w", plain)


@pytest.mark.parametrize(
    ("number", "masked", "whole"),
    [
        ("+15125550142", "•••-0142", "+15125550142"),
        ("", "number withheld", "number withheld"),
        ("<b>anonymous</b>", "number withheld", "number withheld"),
        ("555-0142;ext=http://x", "•••-0142", "555-0142"),
    ],
)
def test_numbers_are_digits_and_little_else(number: str, masked: str, whole: str) -> None:
    assert masked_number(number) == masked
    assert whole_number(number) == whole


def test_mails_and_pages_use_the_same_words_and_know_every_code() -> None:
    assert set(words.KINDS) == set(TURNAWAY_KINDS) and words.KINDS == show.KINDS
    assert set(words.REASONS) == set(KIND_OF_REASON) - {"unknown"}
    assert set(words.INTENTS) == set(INTENTS) - {"unknown"}
    assert set(words.SAFETY) == set(SAFETY)
    assert words.SPECIES == show.SPECIES_NAMES
    for code, told in (words.REASONS | words.INTENTS).items():
        assert told == show.label(code), code
    for reason, kind in KIND_OF_REASON.items():
        assert words.turnaway_words(reason) == show.turnaway_label(kind, reason)
