"""Corrections in the database: kept apart, applied again, undone, forgotten with the call."""

import json
from datetime import timedelta

import pytest
import sqlcipher3.dbapi2 as driver
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import erasing, pipeline, queue
from appliance.db import row, rows, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.speech import Segment, Transcript, Word
from appliance.stages import attribute, publish, transcribe
from appliance.store import analyses, calls, corrections, replacements, search, transcripts
from tests.world import PROVENANCE, World, found_call

SAID = (
    ("staff", "Lakeside, this is Finn."),
    ("caller", "My dog needs brave ecto refilled."),
    ("staff", "We are full today."),
)


def segments(*said: tuple[str, str]) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            index=n, speaker=who, speaker_why="channel", start_ms=4000 * n, end_ms=4000 * n + 3000,
            text=text,
            words=tuple(
                Word(start_ms=4000 * n + 300 * k, end_ms=4000 * n + 300 * k + 200, text=word)
                for k, word in enumerate(text.split())
            ),
        )
        for n, (who, text) in enumerate(said)
    )  # fmt: skip


def heard(world: World, call_id: int, *said: tuple[str, str]) -> None:
    """Recognition with this result, as the stage saves it."""
    transcript = Transcript(language="en", segments=segments(*said), provenance=PROVENANCE)
    with writing(world.db):
        fact = transcribe.Heard(call_id=call_id, listened=(), transcript=transcript)
        transcribe.save(world.db, fact, world.now)
        queue.drop_jobs(world.db, pipeline.NAMES, call_id)  # its recording is not there


@pytest.fixture
def call_id(world: World) -> int:
    (number,) = world.receive(found_call("one"))
    heard(world, number, *SAID)
    return number


def line(world: World, call_id: int, index: int) -> Segment:
    return transcripts.list_segments(world.db, call_id)[index].holds


def fix(world: World, call_id: int, index: int, text: str) -> None:
    with writing(world.db):
        corrections.correct_words(
            world.db, call_id, line(world, call_id, index), text, "Maria", now=world.now
        )


def test_the_corrected_words_hold_and_the_recognized_stay_beside_them(
    world: World, call_id: int
) -> None:
    fix(world, call_id, 1, "My dog needs Bravecto refilled.")
    stored = transcripts.list_segments(world.db, call_id)
    assert stored[1].holds.text == "My dog needs Bravecto refilled."
    assert stored[1].heard and stored[1].heard.text == "My dog needs brave ecto refilled."
    assert [s.heard for s in (stored[0], stored[2])] == [None, None]
    transcript = transcripts.get_transcript(world.db, call_id)
    assert transcript and transcript.segments[1].words[3].text == "Bravecto"


def test_the_search_finds_what_was_said_and_no_longer_what_was_recognized(
    world: World, call_id: int
) -> None:
    def found(word: str) -> int:
        query = search.match_query(word)
        sql = "SELECT count(*) FROM segment_fts WHERE segment_fts MATCH ?"
        return int(value(world.db, sql, (query,)))

    assert (found("ecto"), found("Bravecto")) == (1, 0)
    fix(world, call_id, 1, "My dog needs Bravecto refilled.")
    assert (found("ecto"), found("Bravecto")) == (0, 1)


def test_taken_back_everything_is_as_it_was_to_the_byte(world: World, call_id: int) -> None:
    before = rows(world.db, "SELECT * FROM segment ORDER BY id")
    fix(world, call_id, 1, "Something else")
    told = [(line(world, call_id, n), "caller") for n in range(3)]
    with writing(world.db):
        corrections.correct_speaker(world.db, call_id, told, "Maria", now=world.now)
    assert rows(world.db, "SELECT * FROM segment ORDER BY id") != before
    with writing(world.db):
        for correction in corrections.list_corrections(world.db, call_id):
            corrections.withdraw(world.db, call_id, correction.id, "Olivia", now=world.now)
    assert rows(world.db, "SELECT * FROM segment ORDER BY id") == before
    assert [by for _, by, _ in corrections.list_all(world.db, call_id)] == ["Olivia"] * 2


def test_what_is_taken_back_twice_is_told(world: World, call_id: int) -> None:
    fix(world, call_id, 1, "Something else")
    (made,) = corrections.list_corrections(world.db, call_id)
    with writing(world.db):
        corrections.withdraw(world.db, call_id, made.id, "Maria", now=world.now)
    with pytest.raises(NotFound, match="withdrawn meanwhile"), writing(world.db):
        corrections.withdraw(world.db, call_id, made.id, "Maria", now=world.now)
    with pytest.raises(NotFound), writing(world.db):
        corrections.withdraw(world.db, call_id + 1, made.id, "Maria", now=world.now)


def test_a_correction_survives_another_recognition_and_attribution(
    world: World, call_id: int
) -> None:
    fix(world, call_id, 1, "My dog needs Bravecto refilled.")
    with writing(world.db):
        told = [(line(world, call_id, 2), "caller")]
        corrections.correct_speaker(world.db, call_id, told, "Maria", now=world.now)
    heard(world, call_id, SAID[0], ("caller", "My dog needs bra vector refill."), SAID[2])
    with writing(world.db):
        speakers = dict.fromkeys(range(3), ("unknown", "turn"))
        attribute.save(
            world.db, attribute.Attributed(call_id=call_id, speakers=speakers), world.now
        )
    stored = transcripts.list_segments(world.db, call_id)
    assert stored[1].holds.text == "My dog needs Bravecto refilled."
    assert stored[1].heard and stored[1].heard.text == "My dog needs bra vector refill."
    assert [(s.holds.speaker, s.holds.speaker_why) for s in stored] == [
        ("unknown", "turn"), ("unknown", "turn"), ("caller", "person"),
    ]  # fmt: skip
    assert stored[2].heard and stored[2].heard.speaker == "unknown"


def test_a_correction_that_finds_no_place_is_kept_and_told_until_it_finds_one(
    world: World, call_id: int
) -> None:
    fix(world, call_id, 2, "We are fully booked today.")
    heard(world, call_id, *SAID[:2])
    (kept,) = corrections.list_corrections(world.db, call_id)
    assert (kept.placed, kept.value) == (False, "We are fully booked today.")
    heard(world, call_id, *SAID)
    (kept,) = corrections.list_corrections(world.db, call_id)
    assert kept.placed
    assert line(world, call_id, 2).text == "We are fully booked today."


def test_the_clinics_pairs_apply_and_go_with_the_vocabulary(world: World, call_id: int) -> None:
    with writing(world.db):
        number = replacements.add_replacement(
            world.db, "brave ecto", "Bravecto", "Maria", now=world.now
        )
        assert corrections.settle_transcript(world.db, call_id) == 1
        assert corrections.settle_transcript(world.db, call_id) == 0
    assert line(world, call_id, 1).text == "My dog needs Bravecto refilled."
    heard(world, call_id, *SAID)
    assert line(world, call_id, 1).text == "My dog needs Bravecto refilled."
    with writing(world.db):
        replacements.remove_replacement(world.db, number)
        corrections.settle_transcript(world.db, call_id)
    assert line(world, call_id, 1).text == SAID[1][1]
    assert value(world.db, "SELECT count(*) FROM segment WHERE heard <> ''") == 0


def test_who_took_the_call_is_who_a_person_says(world: World, call_id: int) -> None:
    world.work(("chores",))
    with writing(world.db):
        corrections.correct_staff_name(world.db, call_id, "", " Priya ", "Maria", now=world.now)
        pipeline.reread(world.db, call_id, now=world.now)
    world.work(("chores",))
    assert value(world.db, "SELECT staff_name FROM card WHERE call_id = ?", (call_id,)) == "Priya"
    assert corrections.list_staff_names(world.db) == ["Priya"]
    (made,) = corrections.list_corrections(world.db, call_id)
    with writing(world.db):
        corrections.withdraw(world.db, call_id, made.id, "Maria", now=world.now)
        pipeline.reread(world.db, call_id, now=world.now)
    world.work(("chores",))
    assert value(world.db, "SELECT staff_name FROM card WHERE call_id = ?", (call_id,)) != "Priya"


def test_the_call_is_read_again_by_the_corrected_words(world: World, call_id: int) -> None:
    with writing(world.db):
        pipeline.reread(world.db, call_id, now=world.now)
    world.work(("chores",))
    before = analyses.get_analysis(world.db, call_id)
    fix(world, call_id, 1, "I would like to book a dental cleaning for my dog.")
    with writing(world.db):
        pipeline.reread(world.db, call_id, now=world.now)
    world.work(("chores",))
    after = analyses.get_analysis(world.db, call_id)
    assert before and after
    assert (before.intent, after.intent) == ("refill", "dental")
    assert "dental" in str(
        value(world.db, "SELECT first_words FROM card WHERE call_id = ?", (call_id,))
    )


def test_a_call_on_its_way_is_not_sent_back(world: World, call_id: int) -> None:
    """What it is corrected to is applied when its words are there."""
    with writing(world.db):
        pipeline.redo(world.db, call_id, "transcribe", now=world.now)
        pipeline.reread(world.db, call_id, now=world.now)
    kinds = rows(
        world.db, "SELECT kind FROM job WHERE subject = ? AND state = 'waiting'", (call_id,)
    )
    assert [r["kind"] for r in kinds] == ["transcribe"]


def test_nothing_of_a_correction_is_left_of_an_erased_call(world: World, call_id: int) -> None:
    fix(world, call_id, 1, "My parakeet needs quetzalcoatl drops.")
    with writing(world.db):
        erasing.erase_call(world.db, call_id, now=world.now)
    assert rows(world.db, "SELECT * FROM correction") == []


def test_nothing_of_a_correction_is_left_where_a_rule_keeps_words_away(
    world: World, call_id: int
) -> None:
    fix(world, call_id, 1, "My parakeet needs quetzalcoatl drops.")
    with writing(world.db):
        calls.forget_reading(world.db, call_id)
    assert rows(world.db, "SELECT * FROM correction") == []


def test_a_correction_is_never_changed(world: World, call_id: int) -> None:
    fix(world, call_id, 1, "One")
    with pytest.raises(driver.IntegrityError, match="never changed"), writing(world.db):
        world.db.conn.execute("UPDATE correction SET value = 'Two'")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two \n lines\t", "two lines"),
        ("turned \u202egnuor\u202c", "turned gnuor"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("<b>bold</b> & 'quoted'", "<b>bold</b> & 'quoted'"),
        ("e\u0301clair", "éclair"),
    ],
)
def test_typed_lines_hold_only_what_can_be_said(typed: str, kept: str) -> None:
    assert corrections.read_line(typed) == kept


def test_lines_and_names_have_a_length(world: World, call_id: int) -> None:
    with pytest.raises(Refused, match="at most 1000 characters; this has 1001"):
        corrections.read_line("a" * 1001)
    for name in ("", "  ", "123", "x" * 41):
        with pytest.raises(Refused, match="name of a person"):
            corrections.read_name(name)
    with pytest.raises(Refused, match="choose who speaks"), writing(world.db):
        told = [(line(world, call_id, 0), "doctor")]
        corrections.correct_speaker(world.db, call_id, told, "Maria", now=world.now)


def test_what_people_correct_the_same_way_is_counted_by_calls(world: World) -> None:
    for key, spelled in (("1", "Brave Ecto"), ("2", "brave ecto,")):
        (number,) = world.receive(found_call(key))
        heard(world, number, ("caller", f"My dog needs {spelled} please."))
        fix(world, number, 0, "My dog needs Bravecto please.")
    (number,) = world.receive(found_call("3"))
    heard(world, number, ("caller", "Is the doctor all for us in?"))
    fix(world, number, 0, "Is Dr. Alvarez in?")
    assert corrections.list_word_changes(world.db)[0] == ("brave ecto", "Bravecto", 2)


@settings(max_examples=20, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_can_be_a_line(text: str) -> None:
    assert json.loads(json.dumps(corrections.read_line(text))) == corrections.read_line(text)


def test_old_and_new_corrections_of_one_line_are_undone_one_by_one(
    world: World, call_id: int
) -> None:
    fix(world, call_id, 1, "First")
    world.now += timedelta(minutes=1)
    fix(world, call_id, 1, "Second")
    made = corrections.list_corrections(world.db, call_id)
    with writing(world.db):
        corrections.withdraw(world.db, call_id, made[1].id, "Maria", now=world.now)
    assert line(world, call_id, 1).text == "First"


def test_publishing_needs_no_correction(world: World, call_id: int) -> None:
    assert publish.work(world.db, world.tools(), call_id).card.staff_name == ""
    assert row(world.db, "SELECT * FROM correction") is None
