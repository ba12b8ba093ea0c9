"""Notes and goals on a person, and good examples."""

from datetime import date, timedelta

import pytest

from appliance.db import rows, writing
from appliance.errors import NotFound, Refused
from appliance.facts.calls import FoundCall
from appliance.store import coaching, examples
from appliance.store.analyses import Card, save_card
from appliance.store.users import User
from tests.world import BEGIN, World

MARIA = User(id=1, name="Maria", role="manager", staff_extension="")
OTTO = User(id=2, name="Otto", role="owner", staff_extension="")


@pytest.fixture(autouse=True)
def _people(world: World) -> None:
    with writing(world.db):
        for user in (MARIA, OTTO):
            world.db.execute(
                "INSERT INTO user (id, name, role, password_hash, created_at) VALUES (?, ?, ?, '', 0)",
                (user.id, user.name, user.role),
            )


def write(
    world: World, text: str = "Well done", kind: str = "note", **more: date
) -> coaching.CoachingNote:
    with writing(world.db):
        coaching.add_note(world.db, "Finn", kind, text, MARIA, now=BEGIN, **more)
    return coaching.list_notes(world.db, "Finn")[0]


def test_a_note_is_changed_by_its_author_within_a_day(world: World) -> None:
    note = write(world)
    later = BEGIN + timedelta(hours=23)
    with writing(world.db):
        coaching.edit_note(world.db, note, "Very well done", MARIA, now=later)
    changed = coaching.get_note(world.db, note.id)
    assert (changed.text, changed.at, changed.edited_at) == ("Very well done", BEGIN, later)


@pytest.mark.parametrize(("user", "hours"), [(OTTO, 1), (MARIA, 25)])
def test_nobody_else_changes_a_note_and_nobody_after_a_day(
    world: World, user: User, hours: int
) -> None:
    note = write(world)
    with pytest.raises(Refused, match="write another one"), writing(world.db):
        coaching.edit_note(world.db, note, "x", user, now=BEGIN + timedelta(hours=hours))
    assert coaching.get_note(world.db, note.id).text == "Well done"


def test_a_goal_is_reached_once_and_a_note_never(world: World) -> None:
    goal = write(world, "Two times", "goal", until=date(2026, 12, 4))
    with writing(world.db):
        coaching.reach_goal(world.db, goal, OTTO, now=BEGIN)
    reached = coaching.get_note(world.db, goal.id)
    assert (reached.until, reached.done_at, reached.done_by) == (date(2026, 12, 4), BEGIN, "Otto")
    for entry in (goal, write(world)):
        with pytest.raises(Refused, match="still open"), writing(world.db):
            coaching.reach_goal(world.db, entry, OTTO, now=BEGIN)


def test_notes_stay_when_their_author_leaves(world: World) -> None:
    note = write(world)
    with writing(world.db):
        world.db.execute("DELETE FROM user WHERE id = 1")
    left = coaching.get_note(world.db, note.id)
    assert (left.by, left.by_id) == ("Maria", None)
    assert not coaching.may_edit(left, MARIA, BEGIN)
    with pytest.raises(NotFound):
        coaching.get_note(world.db, 999)


def mark(world: World, call_id: int, *, shared: bool, item: str = "empathy") -> None:
    with writing(world.db):
        examples.add_example(
            world.db, call_id, item=item, segments=(0, 1), quote="I see", note="", shared=shared,
            by="Maria", now=BEGIN,
        )  # fmt: skip


def test_only_shared_examples_stand_in_the_library_newest_first_by_page(world: World) -> None:
    [call_id] = world.receive(FoundCall(native_key="one", started_at=BEGIN, staff_extension="101"))
    assert call_id
    for number in range(5):
        mark(world, call_id, shared=number != 2, item="empathy" if number % 2 else "pet_name")
    first, further = examples.list_shared(world.db, limit=3)
    rest, end = examples.list_shared(world.db, limit=3, before=further)
    assert [e.id for e in (*first, *rest)] == [5, 4, 2, 1] and end == 0
    assert [e.id for e in examples.list_shared(world.db, item="empathy")[0]] == [4, 2]
    assert len(examples.list_of_call(world.db, call_id)) == 5
    assert len(examples.list_of_person(world.db, "Extension 101")) == 5


def test_an_example_from_a_call_found_to_be_of_grief_is_on_no_page(world: World) -> None:
    [call_id] = world.receive(FoundCall(native_key="one", started_at=BEGIN, staff_extension="101"))
    assert call_id
    mark(world, call_id, shared=True)
    with writing(world.db):
        save_card(world.db, call_id, Card(intent="grief_followup", outcome="unknown"))
    assert examples.list_shared(world.db)[0] == []
    assert examples.list_of_person(world.db, "Extension 101") == []


def test_an_erased_call_takes_its_examples_along(world: World) -> None:
    [call_id] = world.receive(FoundCall(native_key="one", started_at=BEGIN))
    assert call_id
    mark(world, call_id, shared=True)
    with writing(world.db):
        world.db.execute("DELETE FROM call WHERE id = ?", (call_id,))
    assert rows(world.db, "SELECT 1 FROM example") == []
    with pytest.raises(NotFound, match="erased"):
        examples.get_example(world.db, 1)
