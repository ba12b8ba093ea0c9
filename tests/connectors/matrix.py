"""Every phone system's simulated week in one table: ``python -m tests.connectors.matrix``.

Plays the weeks below, 2,000 calls each, counts what came of them, and at the end of each plugs the
same phone system into an empty box to see how long its first call takes. ``--json`` prints the
table as JSON; ``--quick`` plays the slower ways with fewer calls; ``--save`` keeps the result and
writes the README's table from it; ``--readme`` writes the README's table and plays nothing. All
other options go to pytest. It ends with 1 when a call was doubled, lost or told wrongly.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from connectors.kinds import LEVELS, Kind, Means
from connectors.registry import KINDS
from tests.connectors import simulated
from tests.connectors.plugging import FirstCall, plug_in
from tests.connectors.simulated import Tally, TrueCall

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
SAVED = Path(__file__).parent / "data" / "matrix.json"
SECTION = "## Phone systems"
HOUR = timedelta(hours=1)


class Way(NamedTuple):
    """One kind of phone system, how the box reaches it, and the test that plays its week."""

    kind: str
    transport: str
    test: str


FILES, THREECX = "test_week_asterisk.py::test_", "test_threecx_week.py::test_a_week_of_"
FAR, FOLDER = "test_week_remote.py::test_a_week_over_", "test_week_folder.py::test_"
UCM, PSERIES = "test_grandstream.py::test_a_week_by_", "test_yeastar.py::test_a_week_by_"
SMDR = "test_smdr.py::test_a_week_is_told_call_for_call"
WAYS = (
    Way("freepbx", "folder, Master.csv", FILES + "master_csv_and_files"),
    Way("freepbx", "folder, SQLite file", FILES + "sqlite_and_files"),
    Way("freepbx", "folder, MariaDB", FILES + "mariadb_and_files"),
    Way("freepbx", "SFTP, Master.csv", FAR + "the_network_with_master_csv[sftp]"),
    Way("freepbx", "SMB, SQLite file", FAR + "smb_with_a_database_file"),
    Way("freepbx", "FTPS, Master.csv", FAR + "the_network_with_master_csv[ftps]"),
    Way("grandstream", "API", UCM + "polling_with_faults"),
    Way("grandstream", "pushed records alone", UCM + "pushed_records_alone"),
    Way("grandstream", "API, pushed records", UCM + "both_with_either_away_at_times"),
    Way("3cx", "folder, database of v20", THREECX + "folder_and_database_is_told_call_by_call[v20]"),
    Way("3cx", "folder, database of v18", THREECX + "folder_and_database_is_told_call_by_call[v18]"),
    Way("3cx", "folder, CDR lines", THREECX + "folder_and_cdr_lines_is_told_call_by_call"),
    Way("3cx", "folder alone", THREECX + "a_folder_alone_is_told_by_names"),
    Way("3cx-xapi", "API", THREECX + "the_api_is_told_call_by_call[True]"),
    Way("3cx-xapi", "API without its log", THREECX + "the_api_is_told_call_by_call[False]"),
    Way("fusionpbx", "folder, PostgreSQL", "test_fusionpbx.py::test_a_week_of_fusionpbx_on_postgresql"),
    Way("freeswitch", "folder, JSON records",
        "test_fusionpbx.py::test_a_week_of_plain_freeswitch_by_its_files"),
    Way("yeastar", "API", PSERIES + "polling_loses_and_doubles_nothing"),
    Way("yeastar", "API, pushed records", PSERIES + "polling_and_pushing_loses_and_doubles_nothing"),
    Way("yeastar", "archive alone", PSERIES + "archive_alone_tells_every_recorded_call_once"),
    Way("yeastar_s", "API, pushed records",
        "test_yeastar_s.py::test_a_week_of_pushed_records_loses_and_doubles_nothing"),
    Way("switchvox", "folder, XML beside", FOLDER + "the_pairs_of_switchvox_tell_the_whole_week"),
    Way("avaya", "folder, SMDR", SMDR + "[avaya]"),
    Way("esi", "folder, SMDR", SMDR + "[esi]"),
    Way("panasonic", "folder, SMDR", SMDR + "[panasonic]"),
    Way("mitel", "folder, SMDR", SMDR + "[mitel]"),
    Way("folder", "names by a pattern", FOLDER + "names_made_by_a_pattern_tell_the_whole_week"),
    Way("folder", "JSON beside",
        FOLDER + "sidecars_late_missing_and_broken_beside_names_that_say_nothing"),
)  # fmt: skip


class Result(msgspec.Struct, forbid_unknown_fields=True):
    """What came of one week. ``work_s`` and ``wait_s``: see FirstCall; None when no call came."""

    kind: str
    transport: str
    calls_in: int = 0
    calls_out: int = 0
    doubled: int = 0
    lost: int = 0
    wrong: int = 0
    work_s: float | None = None
    wait_s: int | None = None

    @property
    def sound(self) -> bool:
        """Whether every call came once, as it was, and a new box gets calls too."""
        whole = self.calls_in == self.calls_out > 0 and self.wait_s is not None
        return whole and not (self.doubled or self.lost or self.wrong)

    @property
    def cells(self) -> tuple[str, ...]:
        """The numbers as the columns of the table."""
        counts = (self.calls_in, self.calls_out, self.doubled, self.lost, self.wrong)
        first = "none" if self.wait_s is None else f"{self.work_s:.1f} s + {self.wait_s} s"
        return (*map(str, counts), first)


class Looked(NamedTuple):
    """The last look of a week: what a new box needs to take the phone system over."""

    kind: str
    settings: dict[str, Any]
    means: Means
    now: datetime


class Watcher:
    """A pytest plugin that looks over the judge's shoulder."""

    def __init__(self) -> None:
        self.ways = {way.test: way for way in WAYS}
        self.results: list[Result] = []
        self.current: Result | None = None
        self.looked: Looked | None = None
        self.recorded = False
        self.home = Path()
        for kind in KINDS.values():
            msgspec.structs.force_setattr(kind, "make", self._watched(kind))
        self.judge = simulated.judge
        simulated.judge = self._noting  # type: ignore[assignment]

    def _watched(self, kind: Kind) -> Any:
        make = kind.make

        def making(settings: dict[str, Any], means: Means) -> Any:
            connector: Any = make(settings, means)
            discover = connector.discover

            def looking(checkpoint: dict[str, Any], now: datetime) -> Any:
                self.looked = Looked(kind.name, settings, means, now)
                found = discover(checkpoint, now)
                self.recorded |= any(call.recordings for call in found.calls)
                return found

            connector.discover = looking
            return connector

        return making

    @pytest.fixture(autouse=True)
    def _between(self, request: pytest.FixtureRequest, tmp_path: Path) -> None:
        name = request.node.nodeid.rpartition("/")[2]
        way = self.ways[name]
        self.current, self.looked, self.recorded = Result(way.kind, way.transport), None, False
        self.home = tmp_path / "plugged in"
        self.results.append(self.current)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A week that was skipped, for want of its server, gave nothing."""
        if report.skipped and self.current in self.results:
            self.results.remove(self.current)

    def _noting(self, truth: Iterable[TrueCall], *given: Any, **named: Any) -> Tally:
        truth = list(truth)
        tally = self.judge(truth, *given, **named)
        result = self.current
        assert result is not None
        result.wrong += sum(tally.wrong.values())
        if not result.calls_in:  # further tallies are of some of the calls, more closely
            result.calls_in, result.calls_out = tally.calls_in, tally.calls_out
            result.doubled, result.lost = tally.doubled, tally.lost
            if first := self._plugged_in(max(call.end for call in truth)):
                result.work_s, result.wait_s = round(first.work_s, 2), first.wait_s
        return tally

    def _plugged_in(self, over: datetime) -> FirstCall | None:
        """A new box, an hour after the last call where the old one has looked for days since."""
        assert self.looked is not None and self.current is not None
        kind, settings, means, now = self.looked
        assert kind == self.current.kind
        now = min(now, over + HOUR)
        return plug_in(self.home, kind, settings, means, now, self.recorded)


def lines_of(results: Iterable[Result]) -> list[str]:
    """The table, one line for each week."""
    lines = [
        "| kind | transport | level | in | out | doubled | lost | wrong | first call: work + waits |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        level = LEVELS[KINDS[result.kind].level]
        cells = (result.kind, result.transport, level, *result.cells)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def saved_results() -> list[Result]:
    """What the last run that was kept gave."""
    return msgspec.json.decode(SAVED.read_bytes(), type=list[Result])


def readme_lines() -> list[str]:
    """The README's table: every kind, how far it was proved, and what its weeks gave."""
    lines = [
        "| kind | phone system | tried | reached by | in | out | doubled | lost | wrong"
        " | first call |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    results = saved_results()
    for kind in KINDS.values():
        own = [result for result in results if result.kind == kind.name]
        for number, result in enumerate(own):
            about = (f"`{kind.name}`", kind.title, LEVELS[kind.level]) if not number else ("",) * 3
            lines.append(f"| {' | '.join((*about, result.transport, *result.cells))} |")
    return lines


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


def play(options: Sequence[str]) -> tuple[int, list[Result]]:
    """Run the weeks; pytest's status, and what each week gave in the order of the table."""
    watcher = Watcher()
    tests = [str(Path(__file__).parent / way.test) for way in WAYS]
    with contextlib.redirect_stdout(sys.stderr):
        status = pytest.main(["-q", "-p", "no:cacheprovider", *options, *tests], plugins=[watcher])
    results = {(result.kind, result.transport): result for result in watcher.results}
    found = [results[way[:2]] for way in WAYS if way[:2] in results]
    print(f"{len(found)} of {len(WAYS)} weeks were played", file=sys.stderr)
    return int(status), found


def save(results: list[Result]) -> None:
    """Keep a whole run. Raises SystemExit when it is not whole."""
    if len(results) < len(WAYS) or not all(result.sound for result in results):
        sys.exit("not saved: a week is missing, or not sound")
    SAVED.parent.mkdir(exist_ok=True)
    SAVED.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    write_readme()


def main() -> int:
    """Play, print, and say whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    for name in ("--json", "--quick", "--save", "--readme"):
        parser.add_argument(name, action="store_true")
    asked, options = parser.parse_known_args()
    if asked.readme:
        write_readme()
        return 0
    if not asked.quick:
        os.environ[simulated.WHOLE] = "1"
    status, results = play(options)
    if asked.json:
        print(json.dumps(msgspec.to_builtins(results), indent=2))
    else:
        print("\n".join(lines_of(results)))
    if asked.save:
        save(results)
    return int(bool(status) or not all(result.sound for result in results))


if __name__ == "__main__":
    sys.exit(main())
