"""What people say of labels: kept beside the suggestion, and what lists show from then on."""

import pytest

from appliance.db import row, rows, writing
from appliance.errors import Refused
from appliance.facts.analysis import Analysis, Turnaway
from appliance.facts.calls import FoundCall
from appliance.facts.reviews import Review
from appliance.stages import publish
from appliance.store import analyses, flags, reviews
from tests.world import BEGIN, PROVENANCE, World


@pytest.fixture
def call_id(world: World) -> int:
    """A call that was read as turned away for want of a slot."""
    [found] = world.receive(FoundCall(native_key="one", started_at=BEGIN, staff_extension="101"))
    assert found
    analysis = Analysis(
        intent="sick_visit", outcome="refused", rubric={"empathy": "not_met"},
        turnaway=Turnaway(reason="cap_day", kind="capacity"), staff_name="Finn",
        provenance=PROVENANCE,
    )  # fmt: skip
    with writing(world.db):
        analyses.save_analysis(world.db, found, analysis, now=BEGIN)
    publish_again(world, found)
    return found


def publish_again(world: World, call_id: int) -> None:
    fact = publish.work(world.db, world.tools(), call_id)
    with writing(world.db):
        publish.save(world.db, fact, BEGIN)


def verdict(world: World, call_id: int, name: str, value: str, how: str = "corrected") -> None:
    with writing(world.db):
        reviews.judge(
            world.db,
            call_id,
            Review(
                name=name,
                suggested="?",
                verdict=how,
                value=value,
                reason="heard it",
                by="Maria",
                at=BEGIN,
            ),
        )


def card(world: World, call_id: int) -> tuple[str, str, str]:
    found = row(world.db, "SELECT * FROM card WHERE call_id = ?", (call_id,))
    assert found
    return found["outcome"], found["turnaway_reason"], found["turnaway_kind"]


def test_lists_follow_what_a_person_said_also_after_it_is_published_again(
    world: World, call_id: int
) -> None:
    assert card(world, call_id) == ("refused", "cap_day", "capacity")
    verdict(world, call_id, "turnaway", "none", "rejected")
    verdict(world, call_id, "outcome", "booked")
    assert card(world, call_id) == ("booked", "", "")
    publish_again(world, call_id)
    assert card(world, call_id) == ("booked", "", "")


def test_a_verdict_taken_back_lets_the_suggestion_hold_again(world: World, call_id: int) -> None:
    verdict(world, call_id, "turnaway", "no_ask")
    assert card(world, call_id) == ("refused", "no_ask", "skill")
    with writing(world.db):
        reviews.withdraw(world.db, call_id, "turnaway")
    assert card(world, call_id) == ("refused", "cap_day", "capacity")


def test_verdicts_are_never_rewritten(world: World, call_id: int) -> None:
    for value in ("no_ask", "price_only", "none"):
        verdict(world, call_id, "turnaway", value)
    assert [r.value for r in reviews.history(world.db, call_id)] == ["no_ask", "price_only", "none"]
    assert reviews.current(world.db, call_id)["turnaway"].value == "none"


def test_a_verdict_is_one_of_three(world: World, call_id: int) -> None:
    with pytest.raises(Refused, match="confirmed, corrected or rejected"):
        verdict(world, call_id, "turnaway", "none", "maybe")
    assert reviews.history(world.db, call_id) == []


def test_flags_are_made_anew_with_each_analysis_and_verdicts_stay(
    world: World, call_id: int
) -> None:
    assert {f.name for f in flags.list_flags(world.db, call_id)} == {"turnaway", "rubric.empathy"}
    verdict(world, call_id, "turnaway", "cap_day", "confirmed")
    with writing(world.db):
        analyses.save_analysis(world.db, call_id, Analysis(provenance=PROVENANCE), now=BEGIN)
    publish_again(world, call_id)
    assert flags.list_flags(world.db, call_id) == []
    assert card(world, call_id)[1] == "cap_day"


def test_a_forgotten_call_takes_flags_and_verdicts_along(world: World, call_id: int) -> None:
    verdict(world, call_id, "turnaway", "none", "rejected")
    with writing(world.db):
        world.db.execute("DELETE FROM call WHERE id = ?", (call_id,))
    assert rows(world.db, "SELECT 1 FROM flag") == rows(world.db, "SELECT 1 FROM review") == []


def test_the_card_knows_day_and_hour_of_the_clinic(world: World, call_id: int) -> None:
    found = row(world.db, "SELECT local_day, local_hour FROM card WHERE call_id = ?", (call_id,))
    assert found == {"local_day": "2026-11-22", "local_hour": 15}
