"""What people are asked to judge."""

from appliance.facts.analysis import Analysis, Evidence, Turnaway
from appliance.facts.speech import Provenance
from appliance.reading.flags import flags_of

READ = Provenance(engine="reading", model="phrases")


def flags(**labels: object) -> dict[str, str]:
    return {f.name: f.value for f in flags_of(Analysis(provenance=READ, **labels))}  # type: ignore[arg-type]


def test_a_turnaway_and_what_was_met_or_not_are_flags() -> None:
    found = flags(
        turnaway=Turnaway(reason="cap_day", kind="capacity"),
        rubric={
            "empathy": "met",
            "pet_name": "not_met",
            "two_choices": "na",
            "warm_close": "cannot_tell",
        },
    )
    assert found == {"turnaway": "cap_day", "rubric.empathy": "met", "rubric.pet_name": "not_met"}


def test_critical_items_that_were_not_met_are_safety_flags_too() -> None:
    rubric = dict.fromkeys(
        ("red_flag_escalated", "no_medical_advice", "no_card_aloud", "identity_check"), "not_met"
    )
    named = {name for name in flags(rubric=rubric) if name.startswith("safety.")}
    assert named == {
        "safety.red_flag_late",
        "safety.advice",
        "safety.card_aloud",
        "safety.identity",
    }


def test_an_emergency_that_was_not_seen_the_same_day_is_a_safety_flag() -> None:
    assert "safety.red_flag_late" in flags(urgency="red", outcome="callback_untimed")
    assert "safety.red_flag_late" not in flags(urgency="red", outcome="booked")
    assert "safety.red_flag_late" not in flags(urgency="soon", outcome="callback_untimed")


def test_a_flag_says_where_to_listen() -> None:
    places = (Evidence(first_segment=3, last_segment=4), Evidence(first_segment=9, last_segment=9))
    analysis = Analysis(
        rubric={"no_medical_advice": "not_met"},
        evidence={"rubric.no_medical_advice": places},
        provenance=READ,
    )
    assert {(f.first_segment, f.last_segment) for f in flags_of(analysis)} == {(3, 4)}
