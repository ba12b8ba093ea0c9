"""What holds of a call for the person who took it, and the sums."""

import pytest

from appliance.facts.analysis import Analysis, Turnaway
from appliance.facts.codes import RUBRIC_ITEMS
from appliance.facts.people import BANDS, BIT, HANDLING, PEOPLE_ITEMS, STANDING_ITEMS, Standing
from appliance.facts.speech import Provenance
from appliance.reading.standings import (
    WEEK_MS,
    WEEKS,
    Board,
    band,
    call_type,
    is_crowd,
    is_grief,
    items_of,
    key_of,
    people_rows,
)

READING = Provenance(engine="phrases", model="english")
END = 100 * WEEK_MS


def read(reason: str = "", kind: str = "", **rubric: str) -> Analysis:
    turnaway = Turnaway(reason=reason, kind=kind) if reason else None
    return Analysis(turnaway=turnaway, rubric=rubric, provenance=READING)


def names(bits: int) -> set[str]:
    return {item for item, bit in BIT.items() if bits & bit}


def standings_of(analysis: Analysis, intent: str = "refill", **said: str) -> tuple[set[str], ...]:
    labels = {name if name == HANDLING else f"rubric.{name}": code for name, code in said.items()}
    return tuple(names(bits) for bits in items_of(intent, analysis, labels))


def stand(
    who: str, weeks_ago: int = 0, *, met: int = 0, missed: int = 0, waiting: int = 0
) -> Standing:
    return Standing(
        who=who, started_ms=END - 1 - weeks_ago * WEEK_MS, call_type="bookable", hour=9,
        talk_ms=60_000, met=met, missed=missed, waiting=waiting,
    )  # fmt: skip


def test_the_places_of_the_bits_never_change() -> None:
    assert STANDING_ITEMS[:29] == (HANDLING, *RUBRIC_ITEMS[:28])
    assert (BIT["turnaway"], BIT["answered_fast"], BIT["empathy"]) == (1, 2, 1 << 13)
    assert BIT["grief_manner"] == 1 << 28
    assert "grief_manner" not in PEOPLE_ITEMS


def test_software_alone_counts_for_but_never_against_somebody() -> None:
    told = standings_of(
        read(empathy="met", pet_name="not_met", warm_close="na", price_clear="cannot_tell")
    )
    assert told == ({"empathy"}, set(), {"pet_name"})


def test_a_persons_word_holds_before_that_of_software() -> None:
    analysis = read(empathy="met", pet_name="not_met", warm_close="not_met")
    told = standings_of(analysis, empathy="not_met", pet_name="not_met", warm_close="cannot_tell")
    assert told == (set(), {"empathy", "pet_name"}, set())


@pytest.mark.parametrize(
    ("reason", "kind", "said", "expected"),
    [
        ("", "", {}, "met"),
        ("no_ask", "skill", {}, "waiting"),
        ("no_ask", "skill", {"turnaway": "no_ask"}, "missed"),
        ("no_ask", "skill", {"turnaway": "none"}, "met"),
        ("no_ask", "skill", {"turnaway": "cap_day"}, ""),
        ("cap_day", "capacity", {}, ""),
        ("policy_rule", "policy", {}, ""),
        ("cap_day", "capacity", {"turnaway": "busy"}, "missed"),
        ("", "", {"turnaway": "price_only"}, "missed"),
    ],
)
def test_only_handling_counts_and_only_when_confirmed(
    reason: str, kind: str, said: dict[str, str], expected: str
) -> None:
    told = standings_of(read(reason, kind), "sick_visit", **said)
    found = [
        n for n, held in zip(("met", "missed", "waiting"), told, strict=True) if HANDLING in held
    ]
    assert found == ([expected] if expected else [])


def test_who_wanted_no_visit_cannot_have_been_kept() -> None:
    assert standings_of(read()) == (set(), set(), set())
    untold = Analysis(turnaway_told=False, provenance=READING)
    assert standings_of(untold, "sick_visit") == (set(), set(), set())


def test_grief_is_left_out_also_where_it_is_the_second_reason() -> None:
    assert is_grief("end_of_life", read()) and is_grief("grief_followup", read())
    assert is_grief("payment", Analysis(secondary=("end_of_life",), provenance=READING))
    assert not is_grief("payment", read())


def test_every_hour_and_every_reason_has_a_cell() -> None:
    assert [band(hour) for hour in (0, 6, 7, 9, 10, 13, 14, 16, 17, 23)] == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
    ]
    assert band(23) == len(BANDS) - 1
    assert (call_type("refill"), call_type("unknown"), call_type("new code")) == (
        "medication",
        "other",
        "other",
    )


def test_people_are_counted_by_week_and_listed_by_name() -> None:
    bit = BIT["empathy"]
    board = Board(
        [stand("priya", met=bit)] * 25 + [stand("Anna", WEEKS - 1, missed=bit)] * 3
        + [stand("Anna", waiting=bit)] * 2 + [stand("Zoe")],
        END,
    )  # fmt: skip
    ready, few = people_rows(board, "empathy")
    assert [row.who for row in ready] == ["priya"]
    assert [row.who for row in few] == ["Anna", "Zoe"]
    anna = few[0].chosen
    assert (anna.rate.met, anna.rate.missed, anna.rate.waiting) == (0, 3, 2)
    assert [week.missed for week in anna.weeks] == [3] + [0] * (WEEKS - 1)
    assert anna.weeks[-1].waiting == 2
    assert (few[0].calls, few[0].talk_ms) == (5, 300_000)
    assert board.types("Anna") == [("bookable", 5)]
    assert ready[0].key == key_of("priya") != key_of("Priya")


def test_nobody_at_all_is_no_trouble() -> None:
    assert people_rows(Board([], END), "empathy") == ([], [])
    assert not is_crowd(Board([], END))


def test_what_others_get_is_told_only_among_four() -> None:
    three = [stand(who) for who in "abc" for _ in range(20)]
    assert not is_crowd(Board(three + [stand("d")] * 19, END))
    assert is_crowd(Board(three + [stand("d")] * 20, END))
