"""The weights that tell whose name it is: made from the labelled calls, and good on others' calls."""

from appliance import learning_names
from appliance.learning import read_sets
from appliance.reading.redaction_weights import WEIGHTS


def test_the_weights_of_names_are_those_that_the_labelled_calls_give() -> None:
    made = learning_names.fit(
        row for calls in read_sets().values() for row in learning_names.examples_of(calls)
    )
    signs = made.keys() | WEIGHTS.keys()
    none = (0, 0, 0)
    off = [
        abs(a - b)
        for sign in signs
        for a, b in zip(made.get(sign, none), WEIGHTS.get(sign, none), strict=True)
    ]
    assert max(off) <= 1  # another processor may round the other way


def test_names_of_an_author_are_told_apart_by_the_calls_of_the_others() -> None:
    sets = {name: list(learning_names.examples_of(calls)) for name, calls in read_sets().items()}
    for name in ("calls_b", "calls_d"):
        others = (row for other, rows in sets.items() if other != name for row in rows)
        assert learning_names.share_right(sets[name], learning_names.fit(others)) >= 0.85
