"""Every dialect's simulated week in one table: ``python -m tests.connectors.matrix``.

Runs the tests whose name speaks of a week and notes what each gave to the judge, and how much
simulated time passed from the first look to the first call. ``--readme`` runs nothing: it writes
the table of phone systems and their levels in the README anew.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connectors import interface
from tests.connectors import simulated
from tests.connectors.simulated import Tally

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
SECTION = "## Phone systems"
# Words in the names of tests that stand for a kind of phone system.
ALIASES = {"asterisk": "freepbx"}


@dataclass
class Week:
    """One week as it was played."""

    test: str
    tallies: list[Tally] = field(default_factory=list)
    first_look: datetime | None = None
    first_call: datetime | None = None
    passed: bool = False

    def saw(self, now: datetime | None, calls: int) -> None:
        self.first_look = self.first_look or now
        if calls and self.first_call is None:
            self.first_call = now


class Watcher:
    """A pytest plugin that looks over the judge's shoulder."""

    def __init__(self) -> None:
        self.weeks: dict[str, Week] = {}
        self.current = Week("")
        interface.Discovery = watched(self)  # type: ignore[misc]
        judge = simulated.judge

        def noting(*given: Any, **named: Any) -> Tally:
            tally = judge(*given, **named)
            self.current.tallies.append(tally)
            return tally

        simulated.judge = noting  # type: ignore[assignment]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        name = item.nodeid.rpartition("/")[2]
        self.current = self.weeks[item.nodeid] = Week(name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.weeks[report.nodeid].passed = report.passed


def watched(watcher: Watcher) -> type:
    """Discovery that tells when it was made: at the ``now`` of the look that makes it."""

    class Watched(interface.Discovery, frozen=True):  # type: ignore[misc]
        def __post_init__(self) -> None:
            now = sys._getframe(1).f_locals.get("now")
            watcher.current.saw(now, len(self.calls))

    return Watched


def kind_in(test: str, names: Iterable[str]) -> str:
    """The kind of phone system a test is about, by the words of its name; "" for none."""
    words = {**{name: name for name in names}, **ALIASES}
    found = [word for word in words if re.search(rf"(?<![a-z]){word}(?![a-z])", test)]
    return words[max(found, key=len)] if found else ""


def lines_of(weeks: Iterable[Week]) -> list[str]:
    """The table, one line per week."""
    from connectors.kinds import LEVELS
    from connectors.registry import KINDS

    lines = [
        "| dialect | week | level | in | out | doubled | lost | wrong facts | first call after s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for week in weeks:
        kind = kind_in(week.test, KINDS)
        level = LEVELS[KINDS[kind].level] if kind else ""
        words = week.test.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        for tally in week.tallies:
            numbers = (tally.calls_in, tally.calls_out, tally.doubled, tally.lost,
                       sum(tally.wrong.values()), _waited(week))  # fmt: skip
            lines.append(f"| {kind} | {words} | {level} | {' | '.join(map(str, numbers))} |")
        if not week.tallies:
            lines.append(f"| {kind} | {words} | {level} | did not run here |")
    return lines


def _waited(week: Week) -> str:
    if week.first_look is None or week.first_call is None:
        return ""
    return f"{(week.first_call - week.first_look).total_seconds():.0f}"


def readme_lines() -> list[str]:
    """The README's table: every kind of phone system and how far it was proved."""
    from connectors.kinds import LEVELS
    from connectors.registry import KINDS

    rows = [f"| `{kind.name}` | {kind.title} | {LEVELS[kind.level]} |" for kind in KINDS.values()]
    return ["| kind | phone system | tried |", "|---|---|---|", *rows]


def rows_in(text: str) -> list[str]:
    """The lines of the first table below the section's heading."""
    _, _, rest = text.partition(f"{SECTION}\n")
    section = rest.partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")]


def write_readme() -> None:
    """Put the table into the README, where the old one stands."""
    text = README.read_text()
    old = "\n".join(rows_in(text))
    README.write_text(text.replace(old, "\n".join(readme_lines()), 1))


def main() -> int:
    """Run the weeks and print the table; 0 when none failed."""
    if "--readme" in sys.argv:
        write_readme()
        return 0
    watcher = Watcher()
    given = ["-q", "-p", "no:cacheprovider", "-k", "week", str(ROOT / "tests/connectors")]
    status = pytest.main([*given, *sys.argv[1:]], plugins=[watcher])
    print("\n".join(lines_of(watcher.weeks.values())))
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
