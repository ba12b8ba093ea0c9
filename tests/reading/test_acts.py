"""Single lines with the act they perform: nearly all are found, and idle lines stay idle."""

from pathlib import Path

import pytest

from appliance.reading.plain import masked, plain
from appliance.reading.scene import compiled

DATA = Path("tests/data")
# Idle lines do contain these: a chart that is looked up, an "okay".
HARMLESS = {"takes_time", "tells_hold", "says_yes"}


def lines(side: str) -> list[tuple[str, str]]:
    """Acts with their lines."""
    rows = (DATA / f"acts_{side}.txt").read_text().splitlines()
    return [(row.split("|", 1)[0], masked(plain(row.split("|", 1)[1]))) for row in rows]


@pytest.mark.parametrize(("side", "known"), [("desk", "staff"), ("caller", "caller")])
def test_acts_are_found(side: str, known: str) -> None:
    acts = [(act, line) for act, line in lines(side) if act != "none"]
    missed = [(a, line) for a, line in acts if not compiled(known)[a].search(line)]
    assert len(missed) <= 0.05 * len(acts), missed


@pytest.mark.parametrize(("side", "known"), [("desk", "staff"), ("caller", "caller")])
def test_idle_lines_perform_nothing_that_decides(side: str, known: str) -> None:
    idle = [line for act, line in lines(side) if act == "none"]
    raised = [
        (act, line)
        for line in idle
        for act, pattern in compiled(known).items()
        if act not in HARMLESS and pattern.search(line)
    ]
    assert len(raised) <= 0.1 * len(idle), raised
