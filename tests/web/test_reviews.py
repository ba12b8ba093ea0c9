"""Reviewing on the pages: what leaders say, what staff read and answer, and what the log keeps."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from httpx import Response

from appliance.db import writing
from appliance.facts.analysis import Analysis, Evidence, Turnaway
from appliance.facts.calls import Call
from appliance.reading.flags import flags_of
from appliance.stages.publish import make_card
from appliance.store import agreement, analyses, flags, judging, reviews, safety
from appliance.store.replies import count_disputes
from tests.web.world import BEGIN, PROVENANCE, World, browser, sign_in

PAGE = {"accept": "text/html"}
BAD = Analysis(
    intent="sick_visit", outcome="refused",
    rubric={"empathy": "not_met", "offers_help": "met", "no_medical_advice": "not_met"},
    turnaway=Turnaway(reason="cap_day", kind="capacity"),
    evidence={"rubric.no_medical_advice": (Evidence(first_segment=1, last_segment=1),)},
    provenance=PROVENANCE,
)  # fmt: skip


def read_as(world: World, call: Call, analysis: Analysis = BAD) -> None:
    db = world.open_db()
    with writing(db):
        analyses.save_analysis(db, call.id, analysis, now=BEGIN)
        analyses.save_card(db, call.id, make_card(call, analysis, (), "UTC"))
        reviews.settle_card(db, call.id)
        flags.save_flags(db, call.id, flags_of(analysis))
    db.close()


class Desk:
    """Somebody at a browser of a clinic whose calls are flagged."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.client = world, browser(world.app())
        assert sign_in(self.client, name).status_code == 303

    def see(self, path: str) -> str:
        answer = self.client.get(path, headers=PAGE)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def send(self, path: str, *, htmx: bool = False, **typed: str) -> Response:
        token = re.findall(r'name="csrf" value="([^"]+)"', self.client.get("/calls").text)[0]
        headers = {"hx-request": "true"} if htmx else PAGE
        return self.client.post(path, data={"csrf": token, **typed}, headers=headers)

    def seen(self, name: str, number: int = 0) -> str:
        db = self.world.open_db()
        try:
            return judging.standing_of(db, self.world.calls[number].id, name).seen
        finally:
            db.close()

    def judge(self, name: str, verdict: str, number: int = 0, **typed: str) -> Response:
        ref, usual = self.world.calls[number].ref, {"seen": self.seen(name, number)}
        told = usual | {"name": name, "verdict": verdict, "reason": "I listened"} | typed
        return self.send(f"/calls/{ref}/review", **told)


@pytest.fixture
def world(clinic: World) -> World:
    for call in clinic.calls:
        read_as(clinic, call)
    return clinic


@pytest.fixture
def maria(world: World) -> Desk:
    return Desk(world, "Maria")


@pytest.fixture
def finn(world: World) -> Desk:
    return Desk(world, "Finn")


def current(world: World, name: str, number: int = 0) -> str:
    db = world.open_db()
    try:
        held = reviews.current(db, world.calls[number].id).get(name)
        return held.value if held else ""
    finally:
        db.close()


def test_the_queue_begins_with_safety_and_shows_the_place_to_hear(
    maria: Desk, world: World
) -> None:
    page = maria.see("/review")
    assert "0 of 9</strong> judged" in page
    newest = world.calls[0]
    assert f'data-item="{newest.ref}~safety.advice"' in page.partition('id="card"')[2]
    assert "my dog Rex number 0 is limping" in page
    assert f"/recordings/{world.recording(0)}/audio#t=3.0,8.5" in page
    assert page.index("Medical advice") < page.index("No opening that day".lower())


def test_the_card_says_that_its_flag_is_on_trial_until_it_has_passed(
    maria: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "On trial: not yet shown" in maria.see("/review")
    monkeypatch.setattr(agreement, "trial_flags", lambda db: frozenset({"turnaway"}))
    assert "On trial" not in maria.see("/review?what=safety")
    assert "On trial" in maria.see("/review?what=turnaway")


def test_agreement_and_calibration_are_tabs_of_reviewing(maria: Desk) -> None:
    for path in ("/review", "/review/safety", "/review/disputes", "/review/agreement",
                 "/review/calibration"):  # fmt: skip
        tabs = maria.see(path).partition('aria-label="Review"')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)" aria-current="page"', tabs) == [path]
        assert {"/review/agreement", "/review/calibration"} <= set(re.findall(r'href="([^"]+)"', tabs))  # fmt: skip


def test_a_verdict_leaves_the_queue_counts_and_is_in_the_log(maria: Desk, world: World) -> None:
    ref = world.calls[0].ref
    answer = maria.judge("turnaway", "corrected", value="no_ask", back="/review?what=turnaway")
    assert answer.headers["location"] == f"/review?what=turnaway&done={ref}~turnaway"
    page = maria.see("/review?what=turnaway")
    assert "1 of 3</strong> judged" in page
    assert f"item={ref}~turnaway" not in page
    call = maria.see(f"/calls/{ref}")
    assert "corrected this to “Handling: nobody offered a visit”, because “I listened”" in call
    assert ("Maria", "judge_call", ref) in world.log("judge_call")


def test_a_script_is_led_back_to_the_same_card_to_go_on_from_there(
    maria: Desk, world: World
) -> None:
    ref = world.calls[0].ref
    told = {"name": "turnaway", "seen": maria.seen("turnaway"), "back": "/review"}
    answer = maria.send(f"/calls/{ref}/review", htmx=True, verdict="confirmed", **told)
    assert answer.headers["location"] == f"/review?item={ref}~turnaway"
    card = maria.see(f"/review?item={ref}~turnaway").partition('id="card"')[2]
    assert 'data-verdict="You confirmed this"' in card
    assert "Undo" in card


def test_a_verdict_is_taken_back_and_stays_in_the_history(maria: Desk, world: World) -> None:
    ref = world.calls[0].ref
    maria.judge("turnaway", "confirmed")
    told = {"name": "turnaway", "seen": maria.seen("turnaway"), "back": f"/calls/{ref}"}
    assert maria.send(f"/calls/{ref}/review/undo", **told).status_code == 303
    assert current(world, "turnaway") == ""
    assert "Said earlier (1)" in maria.see(f"/calls/{ref}")
    assert world.log("undo_verdict") == [("Maria", "undo_verdict", ref)]


def test_two_leaders_at_once_do_not_overrule_each_other_unseen(maria: Desk, world: World) -> None:
    seen, olivia = maria.seen("turnaway"), Desk(world, "Olivia")
    assert olivia.judge("turnaway", "confirmed").status_code == 303
    answer = maria.judge("turnaway", "rejected", seen=seen)
    assert answer.status_code == 409
    assert "Olivia judged this while you had it open" in answer.text
    assert current(world, "turnaway") == "cap_day"


def test_a_suggestion_that_was_read_again_is_not_judged_unseen(maria: Desk, world: World) -> None:
    seen = maria.seen("turnaway")
    read_as(world, world.calls[0], Analysis(provenance=PROVENANCE))
    answer = maria.judge("turnaway", "confirmed", seen=seen)
    assert answer.status_code == 409
    assert "read again while you had it open" in answer.text
    assert current(world, "turnaway") == ""


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"verdict": "rejected", "reason": " "}, "Say in a few words why"),
        ({"verdict": "corrected", "value": "dental"}, "Choose what holds"),
        ({"verdict": "maybe"}, "Choose whether"),
    ],
)
def test_what_makes_no_sense_is_told_and_not_kept(
    maria: Desk, world: World, typed: dict[str, str], told: str
) -> None:
    answer = maria.judge("turnaway", **typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert current(world, "turnaway") == ""


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/sign-out", "x"])
def test_nobody_is_sent_elsewhere_afterwards(maria: Desk, world: World, back: str) -> None:
    answer = maria.judge("turnaway", "confirmed", back=back)
    assert answer.headers["location"] == f"/calls/{world.calls[0].ref}"


def test_calls_about_death_wait_apart(maria: Desk, world: World) -> None:
    sad = Analysis(intent="end_of_life", rubric={"empathy": "not_met"}, provenance=PROVENANCE)
    read_as(world, world.calls[0], sad)
    ref = world.calls[0].ref
    assert f"{ref}~rubric.empathy" not in maria.see("/review")
    assert f"{ref}~rubric.empathy" in maria.see("/review?tab=care")


def test_safety_is_confirmed_then_handled_and_leaves_the_menu(maria: Desk, world: World) -> None:
    ref = world.calls[0].ref
    for number in (1, 2):
        maria.judge("safety.advice", "rejected", number)
    assert '<span class="count">1<' in maria.see("/calls")
    told = {"name": "safety.advice", "note": "Called the owner, dog is fine"}
    assert maria.send(f"/calls/{ref}/safety", **told).status_code == 409  # not confirmed yet
    maria.judge("safety.advice", "confirmed", back="/review/safety")
    assert "Mark as handled" in maria.see("/review/safety")
    assert maria.send(f"/calls/{ref}/safety", **told).status_code == 303
    assert "Nothing waits" in maria.see("/review/safety")
    assert '<span class="count">' not in maria.see("/calls")
    closed = maria.see("/review/safety?show=closed")
    assert "noted what was done: “Called the owner, dog is fine”" in closed
    assert "Not an issue" in closed
    assert world.log("handle_safety") == [("Maria", "handle_safety", ref)]


def test_a_safety_item_that_software_does_not_say_any_more_still_waits(
    maria: Desk, world: World
) -> None:
    read_as(world, world.calls[0], Analysis(provenance=PROVENANCE))
    page = maria.see("/review/safety")
    assert "software does not say this any more" in page
    assert maria.judge("safety.advice", "confirmed").status_code == 303


def test_staff_read_what_was_said_and_dispute_it_and_learn_the_answer(
    maria: Desk, finn: Desk, world: World
) -> None:
    ref = world.calls[0].ref
    assert "Suggested by software, not reviewed" in finn.see("/mine")
    maria.judge("turnaway", "confirmed", reason="no other day was offered")
    page = finn.see("/mine")
    assert "because “no other day was offered”" in page
    assert "14 days left" in page
    assert '<span class="count">1<' in page
    number = re.findall(r'name="verdict_id" value="(\d+)"', page)[0]
    told = {"verdict_id": number, "what": "disputed", "text": "I offered Monday at nine"}
    assert finn.send(f"/calls/{ref}/reply", **told).status_code == 303
    assert "Waits for a leader’s answer" in finn.see("/mine")
    assert '<span class="count">' not in finn.see("/calls")
    assert "Disputes" in maria.judge("turnaway", "rejected").text  # not past the dispute

    assert "“I offered Monday at nine”" in maria.see("/review/disputes")
    answer = maria.send(
        f"/calls/{ref}/dispute", verdict_id=number, verdict="rejected",
        reason="You did, at 0:31", seen=maria.seen("turnaway"),
    )  # fmt: skip
    assert answer.status_code == 303
    assert current(world, "turnaway") == "none"
    mine = finn.see("/mine")
    assert "changed the verdict: “You did, at 0:31”" in mine
    assert "does not hold any more" in mine
    assert [action for _, action, _ in world.log("reply_to_verdict", "settle_dispute")] == [
        "reply_to_verdict", "settle_dispute",
    ]  # fmt: skip
    assert "No dispute waits" in maria.see("/review/disputes")


def test_after_the_days_set_by_the_clinic_nobody_disputes(
    maria: Desk, finn: Desk, world: World
) -> None:
    assert maria.send("/settings/review", reply_days="3").status_code == 303
    maria.judge("turnaway", "confirmed")
    number = re.findall(r'name="verdict_id" value="(\d+)"', finn.see("/mine"))[0]
    world.now += timedelta(days=3)
    late = Desk(world, "Finn")
    assert "The 3 days to answer are over" in late.see("/mine")
    told = {"verdict_id": number, "what": "disputed", "text": "I offered Monday"}
    answer = late.send(f"/calls/{world.calls[0].ref}/reply", **told)
    assert answer.status_code == 409
    assert "3 days to answer this verdict are over" in answer.text


@pytest.mark.parametrize("days", ["", "0", "91", "two", "-1", "1.5", "٣"])
def test_days_that_make_no_sense_are_told(maria: Desk, days: str) -> None:
    answer = maria.send("/settings/review", reply_days=days)
    assert answer.status_code == 400
    assert "whole number of days" in answer.text


def test_staff_answer_only_verdicts_on_calls_of_their_own(
    maria: Desk, finn: Desk, world: World
) -> None:
    maria.judge("turnaway", "confirmed", 1)
    db = world.open_db()
    [(held, review_id)] = [
        (s.review, s.review_id)
        for s in judging.standings(db, world.calls[1].id).values()
        if s.review
    ]
    db.close()
    assert held
    told = {"verdict_id": str(review_id), "what": "acknowledged"}
    assert finn.send(f"/calls/{world.calls[1].ref}/reply", **told).status_code == 404
    assert finn.send(f"/calls/{world.calls[0].ref}/reply", **told).status_code == 404
    assert "Caller 1" not in finn.see("/mine")
    assert world.calls[1].ref not in finn.see("/mine")


def test_staff_see_verdicts_on_the_page_of_a_call_and_no_controls(
    maria: Desk, finn: Desk, world: World
) -> None:
    maria.judge("rubric.empathy", "rejected", reason="she was kind")
    page = finn.see(f"/calls/{world.calls[0].ref}")
    assert "said that this is wrong, because “she was kind”" in page
    assert "/review" not in page
    assert "popover" not in page.partition('id="suggestions"')[2].partition("</main>")[0]


def test_markup_in_reasons_is_shown_and_never_runs(maria: Desk, finn: Desk, world: World) -> None:
    mark = "<script>alert(1)</script>"
    maria.judge("turnaway", "confirmed", reason=mark)
    for desk, path in ((maria, f"/calls/{world.calls[0].ref}"), (finn, "/mine")):
        raw = desk.client.get(path, headers=PAGE).text
        assert mark not in raw
        assert "&lt;script&gt;alert(1)" in raw


@pytest.mark.parametrize(
    "query",
    [
        "when=x&what=y&staff=%00", "item=~", "item=0123456789abcdef~rubric.empathy", "item=x~" + "y" * 900,
        "after=2~9~9~rubric.empathy", "after=x", "after=9~9~9~9~9", "tab=care&item=a~b", "done=%22%3E",
    ],
)  # fmt: skip
def test_no_address_breaks_the_queue(maria: Desk, query: str) -> None:
    assert "<h1>Review</h1>" in maria.see(f"/review?{query}")


@pytest.mark.parametrize("before", ["x", "1~2~3", "~~", "9" * 30 + "~1~a", quote("'; --")])
def test_no_address_breaks_the_safety_queue(maria: Desk, before: str) -> None:
    assert "<h1>Safety</h1>" in maria.see(f"/review/safety?before={before}")


def test_an_item_that_is_gone_is_told(maria: Desk) -> None:
    page = maria.see("/review?item=0123456789abcdef~rubric.empathy")
    assert "There is nothing to judge here" in page


def test_old_addresses_of_tabs_lead_on(maria: Desk) -> None:
    assert maria.client.get("/review?tab=safety").headers["location"] == "/review/safety"


def test_each_look_at_what_is_reviewed_is_in_the_log(maria: Desk, finn: Desk, world: World) -> None:
    maria.see("/review")
    maria.see("/review/safety")
    maria.see("/review/disputes")
    finn.see("/mine")
    ref = world.calls[0].ref
    assert world.log("view_review", "view_mine") == [
        ("Maria", "view_review", ref), ("Maria", "view_review", "safety"),
        ("Maria", "view_review", "disputes"), ("Finn", "view_mine", ""),
    ]  # fmt: skip


def test_nothing_is_open_for_a_clinic_without_flags(clinic: World) -> None:
    desk = Desk(clinic, "Maria")
    assert "Nothing to review here" in desk.see("/review?when=all")
    assert "Nothing waits" in desk.see("/review/safety")
    assert "Nothing was said of your calls yet" in Desk(clinic, "Finn").see("/mine")
    db = clinic.open_db()
    assert (safety.count_open(db), count_disputes(db)) == (0, 0)
    db.close()
