"""The clinic's words in their tables: order, room, lists, replacements and suggestions."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance import migrations
from appliance.chores import count_terms
from appliance.commands.main import cli
from appliance.db import execute, open_db, value, writing
from appliance.errors import NotFound, Refused
from appliance.facts.calls import CallFilter
from appliance.facts.speech import Provenance, Segment, Transcript
from appliance.facts.vocabulary import Term
from appliance.migrations import migrate
from appliance.stages import analyze
from appliance.store import (
    calls,
    corrections,
    replacements,
    transcripts,
    vocabulary,
    word_suggestions,
)
from appliance.store.search import count_lines
from appliance.store.settings import ClinicSettings, get_settings, save_settings
from tests.world import World, found_call


@pytest.fixture
def talked(world: World) -> World:
    """A box with two calls that were heard."""
    world.receive(found_call("1"), found_call("2"))
    return world


def add(world: World, *terms: Term) -> None:
    with writing(world.db):
        vocabulary.add_terms(world.db, terms, "Maria", now=world.now)


def texts(world: World, **how: Any) -> list[str]:
    return [term.text for term in vocabulary.list_terms(world.db, **how)]


def test_stars_come_first_then_groups_then_what_was_heard_most(world: World) -> None:
    add(
        world,
        Term(group="pets", text="Biscuit"), Term(group="pets", text="Waffles"),
        Term(group="drugs", text="Apoquel"), Term(group="doctors", text="Dr. Alvarez"),
        Term(group="pets", text="Zorro", pinned=True),
    )  # fmt: skip
    with writing(world.db):
        execute(world.db, "UPDATE term SET heard = 7 WHERE text = 'Waffles'")
    ranked = ["Zorro", "Dr. Alvarez", "Apoquel", "Waffles", "Biscuit"]
    assert texts(world) == ranked
    assert get_settings(world.db).vocabulary == tuple(ranked)


def test_a_term_in_two_groups_is_listened_for_once_at_its_better_place(world: World) -> None:
    add(world, Term(group="pets", text="Riley"), Term(group="drugs", text="Apoquel"),
        Term(group="doctors", text="Riley"))  # fmt: skip
    assert vocabulary.list_listened(world.db) == ("Riley", "Apoquel")


def test_saving_the_settings_neither_loses_nor_doubles_words(world: World) -> None:
    add(world, Term(group="drugs", text="Apoquel"))
    with writing(world.db):
        replacements.add_replacement(world.db, "brave ecto", "Bravecto", "Maria", now=world.now)
        clinic = msgspec.structs.replace(get_settings(world.db), clinic_name="Willow Creek")
        save_settings(world.db, clinic)
    assert get_settings(world.db) == clinic
    assert clinic.replacements == (("brave ecto", "Bravecto"),)
    stored = value(world.db, "SELECT value FROM setting WHERE name = 'clinic'")
    assert "Apoquel" not in stored and "Bravecto" not in stored


def test_the_words_of_the_old_setting_move_into_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [name for name, _ in migrations.MIGRATIONS]
    steps = migrations.MIGRATIONS
    db = open_db(tmp_path / "old.db", "1" * 64, create=True)
    monkeypatch.setattr(migrations, "MIGRATIONS", steps[: names.index("the clinic's vocabulary")])
    migrate(db)
    old = ClinicSettings(
        clinic_name="Willow Creek", vocabulary=("Rimadyl", " Rimadyl ", ""),
        replacements=(("brave ecto", "Bravecto"),),
    )  # fmt: skip
    with writing(db):
        told = msgspec.json.encode(old).decode()
        execute(db, "INSERT INTO setting VALUES ('clinic', ?)", (told,))
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    migrate(db)
    clinic = get_settings(db)
    db.close()
    assert (clinic.clinic_name, clinic.vocabulary) == ("Willow Creek", ("Rimadyl",))
    assert clinic.replacements == (("brave ecto", "Bravecto"),)


def test_two_people_at_one_term_do_not_overwrite_each_other(world: World) -> None:
    add(world, Term(group="drugs", text="Apoquel"), Term(group="drugs", text="Rimadyl"))
    seen = vocabulary.seen_of(vocabulary.get_term(world.db, 1))
    with writing(world.db):
        vocabulary.change_term(world.db, 1, seen, Term(group="drugs", text="Apoquel chewable"))
    with pytest.raises(Refused, match="meanwhile"), writing(world.db):
        vocabulary.change_term(world.db, 1, seen, Term(group="drugs", text="Aquapel"))
    now_seen = vocabulary.seen_of(vocabulary.get_term(world.db, 1))
    with pytest.raises(Refused, match="already"), writing(world.db):
        vocabulary.change_term(world.db, 1, now_seen, Term(group="drugs", text="RIMADYL"))
    assert set(texts(world)) == {"Apoquel chewable", "Rimadyl"}
    with writing(world.db):
        vocabulary.remove_term(world.db, 1)
    with pytest.raises(NotFound), writing(world.db):
        vocabulary.remove_term(world.db, 1)


def test_a_list_past_what_the_vocabulary_holds_is_refused_as_a_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "MOST_TERMS", 2)
    with pytest.raises(Refused, match="at most"):
        add(world, *(Term(group="pets", text=name) for name in ("Ada", "Bo", "Cy")))
    assert vocabulary.count_terms(world.db) == 0


def test_a_search_takes_signs_as_they_are(world: World) -> None:
    add(world, Term(group="pets", text="Mr. 100% Fluff"), Term(group="pets", text="Ünal"))
    assert texts(world, text="100%") == ["Mr. 100% Fluff"]
    assert texts(world, text="%") == ["Mr. 100% Fluff"]
    assert texts(world, text="üNA") == ["Ünal"]
    assert texts(world, text="_") == []


def test_the_chore_counts_lines_slice_by_slice_and_a_killed_slice_is_repeated(
    talked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_terms, "AT_ONCE", 2)
    for call in calls.list_calls(talked.db, CallFilter())[0]:
        say(talked, call.call.id, "Biscuit needs Apoquel, Biscuit does", "Apoquel again")
    add(talked, *(Term(group="pets", text=t) for t in ("Biscuit", "Nobody", "Apoquel")))

    counted = count_terms.work(talked.db, talked.tools(), 0)
    assert counted.following == 2
    assert count_terms.work(talked.db, talked.tools(), 0) == counted
    with writing(talked.db):
        count_terms.save(talked.db, counted, talked.now)
        assert value(talked.db, "SELECT subject FROM job WHERE kind = 'count_terms'") == 2
        count_terms.save(
            talked.db, count_terms.work(talked.db, talked.tools(), 2), talked.now
        )  # fmt: skip

    assert {t.text: t.heard for t in vocabulary.list_terms(talked.db)} == {
        "Apoquel": 4, "Biscuit": 2, "Nobody": 0,
    }  # fmt: skip


def test_lines_are_counted_of_late_and_never_past_a_thousand(
    talked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = calls.list_calls(talked.db, CallFilter())[0][0].call
    say(talked, call.id, 'brave ecto "please"', "a brave ecto", "ecto brave")
    since = call.started_at - timedelta(days=1)
    assert count_lines(talked.db, "Brave Ecto", since) == 2
    assert count_lines(talked.db, "brave ecto", call.started_at + timedelta(seconds=1)) == 0
    assert count_lines(talked.db, '"*(', since) == 0
    monkeypatch.setattr("appliance.store.search.MOST_COUNTED", 0)
    assert count_lines(talked.db, "brave ecto", since) == 1


def say(world: World, call_id: int, *lines: str) -> None:
    segments = tuple(
        Segment(index=n, text=text, start_ms=n * 1000, end_ms=n * 1000 + 900)
        for n, text in enumerate(lines)
    )
    transcript = Transcript(
        language="en", segments=segments, provenance=Provenance(engine="scripted", model="told")
    )
    with writing(world.db):
        transcripts.save_transcript(world.db, call_id, transcript, now=world.now)


def test_doctors_and_staff_are_known_to_the_reading_without_their_titles(world: World) -> None:
    add(world, Term(group="doctors", text="Dr. Alvarez"), Term(group="doctors", text="Chen, DVM"),
        Term(group="staff", text="Priya"), Term(group="pets", text="Biscuit"))  # fmt: skip
    assert {"Alvarez", "Chen", "Priya"} <= set(analyze.known_names(world.db).staff)
    assert "Biscuit" not in analyze.known_names(world.db).staff
    assert vocabulary.list_names(world.db, "doctors") == ["Chen, DVM", "Dr. Alvarez"]


def test_what_people_corrected_is_suggested_until_it_is_taken_or_dismissed(talked: World) -> None:
    call_id = calls.list_calls(talked.db, CallFilter())[0][0].call.id
    say(talked, call_id, "my dog takes brave ecto now", "and the simple rica")
    for index, text in ((0, "my dog takes Bravecto now"), (1, "and the Simparica")):
        with writing(talked.db):
            segment = transcripts.list_segments(talked.db, call_id)[index].holds
            corrections.correct_words(talked.db, call_id, segment, text, "Maria", now=talked.now)
    found = {s.heard: s for s in word_suggestions.list_suggestions(talked.db) if s.heard}
    assert found["brave ecto"].meant == "Bravecto" and found["brave ecto"].calls == 1

    with writing(talked.db):
        replacements.add_replacement(
            talked.db, "brave ecto", "Bravecto", "Maria", now=talked.now
        )  # fmt: skip
        word_suggestions.dismiss(talked.db, found["simple rica"], "Maria", now=talked.now)
    assert [s for s in word_suggestions.list_suggestions(talked.db) if s.heard] == []


def test_names_of_extensions_are_suggested_unless_they_are_known_or_numbers(world: World) -> None:
    with writing(world.db):
        for extension, name in (("101", "Priya"), ("102", "Marcus"), ("103", "103")):
            calls.name_staff(world.db, extension, name)
    add(world, Term(group="staff", text="priya"))
    assert [s.meant for s in word_suggestions.list_suggestions(world.db)] == ["Marcus"]


def test_every_command_of_the_vocabulary_is_known() -> None:
    group = cli.commands["vocabulary"]
    assert set(group.commands) == {"list", "add", "remove", "import", "export"}  # type: ignore[attr-defined]
