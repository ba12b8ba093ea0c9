"""Drawing by lot: every kind of call its share, the same seed the same calls."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from appliance.facts.codes import INTENTS, OUTCOMES
from appliance.reading.sampling import Candidate, draw, shares, stratum_of

MANY = [
    Candidate(call_id=n, intent="sick_visit" if n % 4 else "refill", outcome="booked")
    for n in range(400)
]
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        call_id=st.integers(1, 10**6),
        intent=st.sampled_from(INTENTS),
        outcome=st.sampled_from(OUTCOMES),
    ),
    unique_by=lambda c: c.call_id,
    max_size=60,
)


def test_every_kind_of_call_has_its_share_in_no_order_of_kinds() -> None:
    drawn = draw(MANY, 48, "seed")
    assert Counter(kind for _, kind in drawn) == {"bookable well": 36, "medication well": 12}
    assert len({kind for _, kind in drawn[:12]}) == 2


def test_the_same_seed_draws_the_same_calls_and_another_one_others() -> None:
    assert draw(MANY, 50, "a") == draw(list(reversed(MANY)), 50, "a")
    assert draw(MANY, 50, "a") != draw(MANY, 50, "b")


def test_every_call_is_as_likely_as_any_other() -> None:
    """Of 300 draws of 40 from 400, each call is in about a tenth; this bound is six deviations wide."""
    times = Counter(call for n in range(300) for call, _ in draw(MANY, 40, f"s{n}"))
    assert set(times) == set(range(400))
    assert max(times.values()) < 30 + 6 * 5.2


@given(CANDIDATES, st.integers(1, 40))
def test_a_draw_is_as_large_as_asked_and_has_no_doubles(calls: list[Candidate], size: int) -> None:
    drawn = draw(calls, size, "x")
    assert len({call for call, _ in drawn}) == len(drawn) == min(size, len(calls))
    kinds = {c.call_id: stratum_of(c) for c in calls}
    assert all(kinds[call] == kind for call, kind in drawn)


@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 500), min_size=1),
    st.integers(1, 200),
)
def test_shares_are_never_off_by_a_whole_call(sizes: dict[str, int], size: int) -> None:
    given_out, total = shares(sizes, size), sum(sizes.values())
    assert sum(given_out.values()) == min(size, total)
    for name, n in sizes.items():
        assert given_out[name] <= n
        assert abs(given_out[name] - min(size, total) * n / total) < 1
