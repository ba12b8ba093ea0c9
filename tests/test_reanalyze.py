"""Many calls are read again: first as a preview, then for good, quietly, one run at a time."""

from datetime import timedelta

import pytest
from msgspec import structs

from appliance import erasing, pipeline
from appliance.chores import reanalyze
from appliance.db import execute, row, rows, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.jobs import Job
from appliance.facts.reanalyses import Counted
from appliance.facts.rubrics import Check, Item
from appliance.reading import comparing, read_by
from appliance.store import (
    agreement,
    analyses,
    audit,
    calls,
    corrections,
    flags,
    reanalyses,
    reanalysis_calls,
    replacements,
    rubrics,
    safety,
    scores,
    transcripts,
)
from appliance.store.reanalysis_changes import list_alike, list_calls, list_changes
from tests.rereads import FULL, add_call, apply, judge, preview, start, whole
from tests.world import World


def kinds(run: reanalyses.Run) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {(c.field, c.was, c.becomes): (c.changed, c.kept) for c in run.table}


def card(world: World, call_id: int) -> dict[str, object]:
    return row(world.db, "SELECT * FROM card WHERE call_id = ?", (call_id,)) or {}


def test_a_preview_tells_what_would_change_and_changes_nothing(world: World) -> None:
    right = structs.asdict(
        analyses.get_analysis(world.db, add_call(world, 1))  # type: ignore[arg-type]
    )["intent"]
    wrong = add_call(world, 2, intent="spam", outcome="refused")
    before = whole(world.db)

    run = preview(world)

    assert (run.state, run.total, run.done, run.changed, run.kept) == ("done", 2, 2, 1, 0)
    assert kinds(run)["intent", "spam", right] == (1, 0)
    assert kinds(run)["outcome", "refused", "booked"] == (1, 0)
    assert whole(world.db) == before
    page, more = list_alike(world.db, run.id, Counted("intent", "spam", right))
    assert ([p.ref for p in page], more) == ([world.call(wrong).ref], 0)
    told = {c.field: (c.was, c.becomes) for c in list_changes(world.db, run.id, wrong)}
    assert told["outcome"] == ("refused", "booked")


def test_the_log_of_a_run_lists_its_calls_page_by_page(world: World) -> None:
    found = [add_call(world, number, intent="spam") for number in range(5)]
    judge(world, found[4], "intent", "vendor")
    run = apply(world, preview(world))
    right = next(c.becomes for c in run.table if c.field == "intent")
    kind = Counted("intent", "spam", right)
    listed, before = [], 2**62
    while before:
        page, before = list_calls(world.db, run.id, before=before, limit=2)
        listed += page
    assert [c.ref for c in listed] == [world.call(n).ref for n in reversed(found)]
    assert [c.kept for c in listed] == [1, 0, 0, 0, 0]
    alike, before = list_alike(world.db, run.id, kind, limit=4)
    rest, end = list_alike(world.db, run.id, kind, before=before, limit=4)
    assert [c.ref for c in (*alike, *rest)] == [c.ref for c in listed]
    assert end == 0


@pytest.mark.slow
def test_ten_thousand_calls_are_drawn_from_and_all_of_them_read_once(world: World) -> None:
    first = add_call(world, 1, intent="spam")
    columns = (
        "connector, duration_ms, talk_ms, direction, answer_state, caller_number, caller_name,"
        " dialed, staff_extension, queue, metadata_level, state, found_at"
    )
    with writing(world.db):
        execute(
            world.db,
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
            f" INSERT INTO call (id, ref, native_key, started_at, {columns}) SELECT i + 1000,"
            f" 'r' || i, 'n' || i, started_at - i, {columns} FROM call, n WHERE call.id = ?",
            (first,),
        )
        execute(
            world.db,
            "INSERT INTO analysis SELECT c.id, a.body, a.provenance, a.created_at FROM call c,"
            " analysis a WHERE c.id > 1000",
        )
        execute(
            world.db,
            "INSERT INTO card SELECT c.id, c.started_at, k.staff_extension, k.intent, k.outcome,"
            " k.urgency, k.turnaway_kind, k.turnaway_reason, k.staff_name, k.first_words,"
            " k.caller_relation, k.sentiment_start, k.sentiment_end, k.disclosure, k.species,"
            " k.local_day, k.local_hour FROM call c, card k WHERE c.id > 1000",
        )
    shown = preview(world)
    assert (shown.total, shown.whole, shown.changed) == (2000, 10_000, 2000)
    low, high = comparing.expect(shown) or (0, 0)
    assert low < 10_000 <= high

    run = apply(world, shown)

    assert (run.state, run.done, run.changed, run.gone, run.failed) == (
        "done",
        10_000,
        10_000,
        0,
        0,
    )
    told = "SELECT count(DISTINCT call_id) FROM reanalysis_change WHERE run_id = ?"
    assert value(world.db, told, (run.id,)) == 10_000
    assert reanalysis_calls.count_other(world.db) == (0, 0)
    assert value(world.db, "SELECT count(*) FROM card WHERE intent = 'spam'") == 0


def test_applying_does_what_the_preview_told(world: World) -> None:
    call_id = add_call(world, 1, intent="spam", outcome="refused")
    stamps = row(world.db, "SELECT state, ready_at FROM call WHERE id = ?", (call_id,))
    shown = preview(world)
    world.wait(minutes=5)

    run = apply(world, shown)

    assert (run.state, run.done, run.changed) == ("done", 1, 1)
    assert kinds(run) == kinds(shown)
    analysis = analyses.get_analysis(world.db, call_id)
    assert analysis is not None and analysis.provenance == read_by()
    assert card(world, call_id)["outcome"] == "booked"
    assert row(world.db, "SELECT state, ready_at FROM call WHERE id = ?", (call_id,)) == stamps
    assert preview(world, other=True).total == 0
    assert preview(world).changed == 0


def test_start_and_end_stand_in_the_audit_log_without_words(world: World) -> None:
    add_call(world, 1, intent="spam")
    apply(world, preview(world))
    told = [(e.actor, e.action, e.subject) for e in audit.list_entries(world.db, limit=9)]
    assert told == [("box", "end_apply", "run 2"), ("box", "end_preview", "run 1")]
    assert audit.list_entries(world.db, limit=1)[0].detail == {
        "calls": "1", "changed": "1", "kept": "0",
    }  # fmt: skip


def test_what_a_person_said_holds_and_is_told_as_kept(world: World) -> None:
    call_id = add_call(world, 1, intent="spam", outcome="refused")
    judge(world, call_id, "intent", "vendor")
    judge(world, call_id, "outcome", "refused", "confirmed", "refused")

    run = apply(world, preview(world))

    assert kinds(run)["outcome", "refused", "booked"] == (0, 1)
    assert (card(world, call_id)["intent"], card(world, call_id)["outcome"]) == (
        "vendor", "refused",
    )  # fmt: skip
    assert (run.changed, run.kept) == (0, 1)


def test_a_verdict_given_while_a_slice_was_read_is_not_run_over(world: World) -> None:
    call_id = add_call(world, 1, intent="spam")
    run = start(world, preview(world))
    with writing(world.db):
        counted = reanalyze.work(world.db, world.tools(), run.id)
    with writing(world.db):
        execute(world.db, "DELETE FROM job")
        reanalyze.save(world.db, counted, world.now)
        execute(world.db, "DELETE FROM job")
    read = reanalyze.work(world.db, world.tools(), run.id)
    judge(world, call_id, "intent", "vendor")

    with writing(world.db):
        reanalyze.save(world.db, read, world.now)

    run = reanalyses.get_run(world.db, run.id)
    assert (run.done, run.changed, run.kept) == (1, 0, 1)
    assert card(world, call_id)["intent"] == "vendor"


def test_a_score_of_an_earlier_version_stays_and_a_new_one_stands_beside_it(world: World) -> None:
    call_id = add_call(world, 1)
    first = row(world.db, "SELECT * FROM call_score WHERE call_id = ?", (call_id,))
    items = [structs.replace(i, weight=i.weight and 1) for i in rubrics.get_rubric(world.db).items]
    own = Item(name="x_says_hello", words="Says hello", check=Check(phrases=("thank you",)))
    with writing(world.db):
        rubrics.save_version(world.db, [*items, own], seen=1, by="Maria", now=world.now)

    shown = preview(world)

    assert kinds(shown)["rubric.x_says_hello", "not_asked", "met"] == (1, 0)
    run = apply(world, shown)
    assert run.changed == 1
    assert first in rows(world.db, "SELECT * FROM call_score WHERE call_id = ?", (call_id,))
    scored = scores.get_score(world.db, call_id)
    assert scored is not None and scored.rubric.number == 2
    assert [n for n, _ in scored.earlier] == [1]


def test_a_score_that_a_person_settled_is_not_rewritten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("appliance.store.scores", "appliance.rereading"):
        monkeypatch.setattr(f"{room}.trial_flags", lambda _: frozenset())
    calls_of = {"settled": add_call(world, 1), "open": add_call(world, 2)}
    for name, call_id in calls_of.items():
        answers = scores.last_score(world.db, call_id).answers
        better = {item: structs.replace(a, state="met") for item, a in answers.items()}
        if name == "open":
            better["price_clear"] = structs.replace(better["price_clear"], state="not_met")
        with writing(world.db):
            scores.save_score(world.db, call_id, better, {}, now=world.now)
        judge(world, call_id, "rubric.two_choices", "not_met", "confirmed", "not_met")
        assert scores.last_score(world.db, call_id).settled == (name == "settled")
    before = {n: scores.get_score(world.db, c) for n, c in calls_of.items()}

    run = apply(world, preview(world))

    after = {n: scores.get_score(world.db, c) for n, c in calls_of.items()}
    assert after["settled"] == before["settled"]
    assert after["open"] != before["open"]
    told_scores = [c for c in run.table if c.field == "score"]
    assert [(c.changed, c.kept) for c in told_scores] == [(1, 1)]


def test_nobody_is_told_of_old_calls_as_if_they_had_just_happened(world: World) -> None:
    add_call(world, 1, FULL, outcome="booked", reason="")
    before = value(world.db, "SELECT count(*) FROM happening")

    run = apply(world, preview(world))

    assert run.changed == 1
    assert value(world.db, "SELECT count(*) FROM happening") == before
    assert value(world.db, "SELECT count(*) FROM mail") == 0


@pytest.mark.parametrize(("days", "items"), [(2, 1), (20, 0)], ids=["last days", "long ago"])
def test_only_calls_that_are_worth_calling_back_open_items(
    world: World, days: int, items: int
) -> None:
    call_id = add_call(world, 1, FULL, days_ago=days, outcome="booked", reason="")

    apply(world, preview(world))
    pipeline.start_chore(world.db, "settle_worklist", now=world.now)
    world.work()

    assert card(world, call_id)["turnaway_reason"] != ""
    assert value(world.db, "SELECT count(*) FROM work_item") == items
    assert value(world.db, "SELECT count(*) FROM work_mark") == 0


def test_an_item_that_a_person_closed_stays_closed_as_it_was(world: World) -> None:
    call_id = add_call(world, 1, days_ago=2, outcome="refused", reason="cap_day")
    with writing(world.db):
        execute(
            world.db,
            "UPDATE work_item SET state = 'recovered', how = 'said', closed_by = 'Maria',"
            " closed_at = ?",
            (1,),
        )
    before = row(world.db, "SELECT * FROM work_item")
    assert before is not None

    assert apply(world, preview(world)).changed == 1

    assert card(world, call_id)["turnaway_reason"] == ""
    assert row(world.db, "SELECT * FROM work_item") == before


@pytest.mark.parametrize(("days", "items"), [(2, 1), (20, 0)], ids=["last days", "long ago"])
def test_dangers_of_long_ago_are_flagged_but_do_not_fill_the_queue(
    world: World, days: int, items: int
) -> None:
    said = (
        "Lakeside Animal Hospital, this is Finn",
        "My dog cannot breathe and he collapsed",
        "Just give him some ibuprofen, two pills, and he will be fine",
        "Okay, goodbye",
    )
    call_id = add_call(world, 1, said, days_ago=days)
    dangers = {f.name for f in flags.list_flags(world.db, call_id) if f.name[:7] == "safety."}
    assert dangers
    with writing(world.db):
        told = analyses.get_analysis(world.db, call_id)
        assert told is not None
        calm = structs.replace(told, urgency="routine", rubric={})
        analyses.save_analysis(world.db, call_id, calm, now=world.now)
        flags.save_flags(world.db, call_id, ())
        execute(world.db, "DELETE FROM safety")

    run = apply(world, preview(world))

    assert {c.field for c in run.table} >= dangers
    assert {f.name for f in flags.list_flags(world.db, call_id)} >= dangers
    assert (safety.count_open(world.db) > 0) == bool(items)


def test_what_waits_on_the_safety_queue_stays_there(world: World) -> None:
    call_id = add_call(world, 1, days_ago=200)
    with writing(world.db):
        execute(
            world.db,
            "INSERT INTO safety (call_id, name, started_at, staff_name, staff_extension)"
            " VALUES (?, 'safety.advice', 1, '', '')",
            (call_id,),
        )
    apply(world, preview(world))
    assert safety.names_of(world.db, call_id) == ["safety.advice"]


def test_one_run_at_a_time(world: World) -> None:
    add_call(world, 1)
    shown = preview(world)
    run = start(world, shown)
    with pytest.raises(Refused, match="Maria is reading many calls again already"):
        start(world, shown)
    with pytest.raises(Refused, match="already"), writing(world.db):
        pipeline.preview_many(world.db, shown.choice, "Olivia", now=world.now)
    with writing(world.db):
        pipeline.steer_many(world.db, run.id, "stop", now=world.now)
    assert start(world, shown).id > run.id


def test_what_is_paused_goes_on_where_it_was_and_what_is_stopped_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reanalyze, "AT_ONCE", 1)
    for number in range(4):
        add_call(world, number, intent="spam")
    run = start(world, preview(world))

    def steer(to: str) -> reanalyses.Run:
        with writing(world.db):
            return pipeline.steer_many(world.db, run.id, to, now=world.now)

    def step() -> None:
        from appliance.worker import Worker

        worker = Worker(world.tools(), ("chores",), "tests")
        worker.step()
        worker.db.close()

    step()  # counts
    step()
    assert steer("pause").done == 1
    world.work()
    assert reanalyses.get_run(world.db, run.id).done == 1
    steer("resume")
    step()
    assert reanalyses.get_run(world.db, run.id).done == 2
    steer("stop")
    world.work()
    stopped = reanalyses.get_run(world.db, run.id)
    assert (stopped.state, stopped.done) == ("stopped", 2)
    assert value(world.db, "SELECT count(*) FROM card WHERE intent = 'spam'") == 2
    for to, told in (("resume", "over"), ("stop", "over"), ("pause", "going on"), ("x", "can be")):
        with pytest.raises(Refused, match=told):
            steer(to)
    assert value(world.db, "SELECT count(*) FROM job WHERE state <> 'done'") == 0


def test_fresh_calls_come_first(world: World) -> None:
    add_call(world, 1, intent="spam")
    run = start(world, preview(world))
    fresh = add_call(world, 2)
    with writing(world.db):
        pipeline.redo(world.db, fresh, "publish", now=world.now + timedelta(milliseconds=0))

    waiting = reanalyze.work(world.db, world.tools(), run.id)

    assert waiting.stands_back and waiting.read == ()
    with writing(world.db):
        execute(world.db, "UPDATE job SET state = 'done' WHERE kind = 'reanalyze'")
        reanalyze.save(world.db, waiting, world.now)
    assert world.job("reanalyze")["run_after"] > world.job("publish")["run_after"]
    world.work()
    assert world.job("publish")["state"] == "done"
    world.wait(seconds=6)
    world.work()
    assert reanalyses.get_run(world.db, run.id).state == "done"


def test_a_run_without_calls_ends_at_once_and_cannot_be_applied(world: World) -> None:
    shown = preview(world, since="2020-01-01", until="2020-02-01")
    assert (shown.state, shown.total, shown.done) == ("done", 0, 0)
    with pytest.raises(Refused, match="no call is meant"):
        start(world, shown)


def test_a_preview_by_other_rules_than_todays_cannot_be_applied(world: World) -> None:
    add_call(world, 1)
    shown = preview(world)
    with writing(world.db):
        calls.name_staff(world.db, "101", "Finn")
    with pytest.raises(Refused, match="changed since this preview"):
        start(world, shown)
    again = preview(world)
    with pytest.raises(Refused, match="number of calls"), writing(world.db):
        reanalyses.begin_apply(world.db, again.id, "Maria", seen=7, now=world.now)


def test_choices_narrow_by_day_line_intent_and_rules(world: World) -> None:
    for number, days in enumerate((1, 40, 200)):
        add_call(world, number, days_ago=days, intent="spam")
    with writing(world.db):
        execute(world.db, "UPDATE call SET dialed = '100' WHERE native_key = 'old-1'")
        execute(
            world.db,
            "UPDATE analysis SET provenance = (SELECT provenance FROM analysis LIMIT 1)",
        )
    assert preview(world, since="2026-11-01").total == 1
    assert preview(world, until="2026-10-31").total == 2
    assert preview(world, line="100").total == 1
    assert preview(world, intent="spam").total == 3
    assert preview(world, intent="dental").total == 0
    assert reanalysis_calls.count_other(world.db) == (3, 0)


def test_of_many_calls_a_preview_draws_some_by_lot_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reanalysis_calls, "SAMPLE", 3)
    for number in range(7):
        add_call(world, number)
    run = preview(world)
    assert (run.total, run.whole, run.done, run.is_sample) == (3, 7, 3, True)
    found = list(range(100))
    assert reanalysis_calls.draw(found, 1) == reanalysis_calls.draw(found, 1)
    assert reanalysis_calls.draw(found, 1) != reanalysis_calls.draw(found, 2)


def test_a_call_that_cannot_be_read_stays_as_it_was_and_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = add_call(world, 1, intent="spam"), add_call(world, 2, intent="spam")
    shown = preview(world)
    right = reanalyze.read_again

    def wrong(db, rules, call_id):
        if call_id == broken:
            raise ZeroDivisionError
        return right(db, rules, call_id)

    monkeypatch.setattr(reanalyze, "read_again", wrong)
    run = apply(world, shown)
    assert (run.state, run.done, run.failed) == ("done", 2, 1)
    assert card(world, broken)["intent"] == "spam"
    assert card(world, fine)["intent"] != "spam"


def test_a_call_on_its_way_again_is_left_to_its_road(world: World) -> None:
    call_id = add_call(world, 1, intent="spam")
    shown = preview(world)
    run = start(world, shown)
    read = reanalyze.work(world.db, world.tools(), run.id)
    with writing(world.db):
        execute(world.db, "DELETE FROM job")
        reanalyze.save(world.db, read, world.now)
        execute(world.db, "DELETE FROM job")
    read = reanalyze.work(world.db, world.tools(), run.id)
    with writing(world.db):
        calls.set_state(world.db, call_id, "analyzed", now=world.now)
        reanalyze.save(world.db, read, world.now)
    run = reanalyses.get_run(world.db, run.id)
    assert (run.done, run.gone, run.changed) == (1, 1, 0)


def test_what_a_run_told_of_a_call_goes_with_the_call(world: World) -> None:
    erased, forgotten = add_call(world, 1, intent="spam"), add_call(world, 2, intent="spam")
    run = apply(world, preview(world))
    with writing(world.db):
        erasing.erase_call(world.db, erased, now=world.now)
        calls.forget_reading(world.db, forgotten)
    assert value(world.db, "SELECT count(*) FROM reanalysis_change") == 0
    assert reanalyses.get_run(world.db, run.id).changed == 2


def test_results_are_kept_for_ninety_days(world: World) -> None:
    add_call(world, 1, intent="spam")
    run = apply(world, preview(world))
    world.wait(days=89)
    pipeline.start_chore(world.db, "prune", now=world.now)
    world.work()
    assert reanalyses.get_run(world.db, run.id).changed == 1
    world.wait(days=2)
    pipeline.start_chore(world.db, "prune", now=world.now)
    world.work()
    with pytest.raises(NotFound, match="90 days"):
        reanalyses.get_run(world.db, run.id)
    assert value(world.db, "SELECT count(*) FROM reanalysis_change") == 0


def test_counts_tell_no_names(world: World) -> None:
    call_id = add_call(world, 1, staff_name="Zebulon")
    run = preview(world)
    assert "Zebulon" not in str(value(world.db, "SELECT counts FROM reanalysis"))
    changes = {c.field: c for c in list_changes(world.db, run.id, call_id)}
    assert changes["staff_name"].was_text == "Zebulon"
    assert ("staff_name", "a_name", "another_name") in kinds(run)


def test_pace_and_time_left_follow_the_stretch_at_hand(world: World) -> None:
    add_call(world, 1)
    run = structs.replace(
        preview(world), total=100, done=40, stretch_done=20, stretch_at=world.now,
        state="running",
    )  # fmt: skip
    assert run.time_left(world.now) is None
    assert run.per_minute(world.now + timedelta(minutes=2)) == 10
    assert run.time_left(world.now + timedelta(minutes=2)) == timedelta(minutes=6)


def test_agreement_is_measured_as_before(world: World) -> None:
    """Verdicts and what they were said of are not touched by a run."""
    call_id = add_call(world, 1, intent="spam")
    judge(world, call_id, "intent", "vendor", said="spam")
    before = [a for a in agreement.list_agreement(world.db) if a.name == "intent"]
    apply(world, preview(world))
    assert [a for a in agreement.list_agreement(world.db) if a.name == "intent"] == before


def test_a_slice_is_a_job_like_any_other(world: World) -> None:
    job = Job(
        id=1, kind="reanalyze", subject=1, lane="chores", state="waiting", attempt=0,
        run_after=world.now, created_at=world.now,
    )  # fmt: skip
    assert pipeline.stage_of(job) is reanalyze


def test_another_vocabulary_is_heard_in_earlier_calls_and_only_previewed_before(
    world: World,
) -> None:
    """What is meant for what is heard counts in the preview, and holds once it is applied."""
    call_id = add_call(world, 1)
    said = transcripts.list_heard(world.db, call_id)
    heard = " ".join(said[0].text.split()[:3])
    with writing(world.db):
        replacements.add_replacement(world.db, heard, "Zanzibar", "Maria", now=world.now)
    before = whole(world.db)

    looked = preview(world)

    assert whole(world.db) == before
    apply(world, looked)
    held = [s.holds.text for s in transcripts.list_segments(world.db, call_id)]
    assert any("Zanzibar" in text for text in held)
    assert transcripts.list_heard(world.db, call_id) == said


def test_a_call_corrected_in_between_is_read_as_it_was_corrected(world: World) -> None:
    call_id = add_call(world, 1)
    stamp = reanalysis_calls.stamp_of(world.db, call_id)
    line = transcripts.list_segments(world.db, call_id)[0].holds
    with writing(world.db):
        corrections.correct_words(world.db, call_id, line, "Other words", "Maria", now=world.now)
    corrected = reanalysis_calls.stamp_of(world.db, call_id)
    assert corrected != stamp
    (made,) = corrections.list_corrections(world.db, call_id)
    with writing(world.db):
        corrections.withdraw(world.db, call_id, made.id, "Maria", now=world.now)
    assert reanalysis_calls.stamp_of(world.db, call_id) not in (stamp, corrected)
