"""What holds of a transcript: the clinic's words and people's corrections, tied to the sound."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.facts.corrections import Correction, Place
from appliance.facts.speech import Segment, Word
from appliance.reading.revising import revise, touches

AT = datetime(2026, 11, 28, tzinfo=UTC)


def line(
    index: int, start: int, text: str, *, channel: int = 0, speaker: str = "caller"
) -> Segment:
    """A segment with a word each 400 ms, 100 ms between words."""
    words = tuple(
        Word(start_ms=start + 500 * n, end_ms=start + 500 * n + 400, text=word, confidence=0.8)
        for n, word in enumerate(text.split())
    )
    end = words[-1].end_ms if words else start + 400
    return Segment(
        index=index, start_ms=start, end_ms=end, text=text, words=words, channel=channel,
        speaker=speaker, speaker_why="channel",
    )  # fmt: skip


def words_of(segment: Segment, value: str, number: int = 1) -> Correction:
    place = Place(channel=segment.channel, start_ms=segment.start_ms, end_ms=segment.end_ms)
    return Correction(
        kind="words", places=(place,), was=segment.text, value=value, by="Maria", at=AT, id=number
    )


def speaker_of(*told: tuple[Segment, str], number: int = 1) -> Correction:
    places = tuple(
        Place(channel=s.channel, start_ms=s.start_ms, end_ms=s.end_ms, speaker=who)
        for s, who in told
    )
    return Correction(kind="speaker", places=places, value=told[0][1], by="M", at=AT, id=number)


CALL = (
    line(0, 0, "Thank you for calling, this is Tom.", speaker="staff"),
    line(1, 3600, "My dog needs brave ecto refilled."),
    line(2, 6500, "Sure, what is his name?", speaker="staff"),
)


def test_other_words_take_the_time_of_those_they_stand_for() -> None:
    held = revise(CALL, (), [words_of(CALL[1], "My dog needs Bravecto refilled.")]).segments[1]
    assert held.text == "My dog needs Bravecto refilled."
    assert [(w.text, w.start_ms, w.end_ms) for w in held.words] == [
        ("My", 3600, 4000), ("dog", 4100, 4500), ("needs", 4600, 5000), ("Bravecto", 5100, 6000),
        ("refilled.", 6100, 6500),
    ]  # fmt: skip
    assert [w.confidence for w in held.words] == [0.8, 0.8, 0.8, 1.0, 0.8]


def test_words_that_were_not_recognized_lie_between_their_neighbors() -> None:
    held = revise(CALL, (), [words_of(CALL[2], "Sure, and what is his name?")]).segments[2]
    added = held.words[1]
    assert (added.text, added.start_ms, added.end_ms) == ("and", 6900, 7000)


def test_a_line_in_which_nothing_was_said_has_no_words() -> None:
    held = revise(CALL, (), [words_of(CALL[2], "")]).segments[2]
    assert (held.text, held.words, held.start_ms) == ("", (), 6500)


def test_the_later_of_two_corrections_of_a_line_holds() -> None:
    first, second = words_of(CALL[1], "My cat."), words_of(CALL[1], "My cat Milo.", 2)
    assert revise(CALL, (), [first, second]).segments[1].text == "My cat Milo."
    assert revise(CALL, (), [first]).segments[1].text == "My cat."


def test_after_another_recognition_only_the_words_of_that_sound_are_replaced() -> None:
    longer = (line(0, 0, "Thank you for calling, this is Tom. My dog needs brave ecto please."),)
    found = revise(longer, (), [words_of(CALL[1], "My dog needs Bravecto refilled.")])
    assert found.segments[0].text == (
        "Thank you for calling, this is Tom. My dog needs Bravecto refilled."
    )
    assert not found.unplaced


@pytest.mark.parametrize(
    "heard",
    [
        (),
        (line(0, 60_000, "Somewhere else."),),
        (line(0, 3600, "My dog", channel=1),),
        (line(0, 3600, "My dog needs"), line(1, 5100, "brave ecto refilled.")),
    ],
    ids=("nothing", "elsewhere", "another channel", "torn apart"),
)
def test_a_correction_without_a_place_is_told_and_changes_nothing(
    heard: tuple[Segment, ...],
) -> None:
    found = revise(heard, (), [words_of(CALL[1], "My dog needs Bravecto refilled.", 9)])
    assert found.unplaced == {9}
    assert found.segments == heard


def test_neighbors_that_touch_keep_their_words() -> None:
    """Recognized lines often follow each other without a pause."""
    first = line(0, 0, "One two three")
    second = line(1, first.end_ms, "four five six")
    held = revise((first, second), (), [words_of(first, "One too three")]).segments
    assert [s.text for s in held] == ["One too three", "four five six"]


def test_who_speaks_follows_the_sound_and_not_the_label() -> None:
    swap = speaker_of((CALL[0], "caller"), (CALL[1], "staff"), (CALL[2], "caller"))
    held = revise(CALL, (), [swap]).segments
    assert [s.speaker for s in held] == ["caller", "staff", "caller"]
    assert {s.speaker_why for s in held} == {"person"}
    found_right = [
        msgspec.structs.replace(s, speaker=h.speaker) for s, h in zip(CALL, held, strict=True)
    ]
    assert [s.speaker for s in revise(found_right, (), [swap]).segments] == [
        "caller", "staff", "caller",
    ]  # fmt: skip


def test_a_correction_touches_the_lines_of_its_sound() -> None:
    assert [touches(words_of(CALL[1], "x"), s) for s in CALL] == [False, True, False]
    swap = speaker_of((CALL[0], "caller"), (CALL[2], "caller"))
    assert [touches(swap, s) for s in CALL] == [True, False, True]


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("My dog needs brave ecto refilled.", "My dog needs Bravecto refilled."),
        ("(Brave Ecto), please!", "(Bravecto), please!"),
        ("braveecto", "braveecto"),
        ("a brave dog", "a brave dog"),
        ("brave ecto brave ecto", "Bravecto Bravecto"),
        ("Doctor alvarez.", "Dr. Alvarez."),
        ("rim a dill and brave ecto", "Rimadyl and Bravecto"),
        ("Metro nidazole?", "Metronidazole?"),
        ("", ""),
    ],
)
def test_what_is_heard_for_the_clinics_own_words_is_replaced(said: str, held: str) -> None:
    pairs = (
        ("brave ecto", "Bravecto"), ("doctor Alvarez", "Dr. Alvarez"), ("rim a dill", "Rimadyl"),
        ("metro nidazole", "metronidazole"), ("dill", "pickle"),
    )  # fmt: skip
    for segment in (line(0, 0, said), Segment(index=0, text=said)):
        assert revise((segment,), pairs).segments[0].text == held


def test_the_longest_of_two_pairs_is_meant() -> None:
    pairs = (("brave", "Bravo"), ("brave ecto", "Bravecto"))
    assert revise((line(0, 0, "brave ecto brave"),), pairs).segments[0].text == "Bravecto Bravo"


def test_a_person_has_the_last_word_over_the_vocabulary() -> None:
    held = revise(CALL, (("brave ecto", "Bravecto"),), [words_of(CALL[1], "A brave ecto.")])
    assert held.segments[1].text == "A brave ecto."


texts = st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=8).map(" ".join)


@given(st.lists(texts, max_size=5), st.lists(st.tuples(texts, texts), max_size=3), texts)
def test_any_words_keep_their_order_in_time_and_their_segment(
    lines: list[str], pairs: list[tuple[str, str]], said: str
) -> None:
    heard = tuple(line(n, 5000 * n, text) for n, text in enumerate(lines))
    corrections = [words_of(heard[0], said)] if heard else []
    held = revise(heard, pairs, corrections).segments
    assert [(s.index, s.start_ms, s.end_ms) for s in held] == [
        (s.index, s.start_ms, s.end_ms) for s in heard
    ]
    for segment in held:
        times = [t for w in segment.words for t in (w.start_ms, w.end_ms)]
        assert times == sorted(times)
        assert all(segment.start_ms <= t <= segment.end_ms for t in times)


@given(st.lists(texts, max_size=4))
def test_without_anything_to_correct_nothing_changes(lines: list[str]) -> None:
    heard = tuple(line(n, 5000 * n, text) for n, text in enumerate(lines))
    assert revise(heard).segments == heard
