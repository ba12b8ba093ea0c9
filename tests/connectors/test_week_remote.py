"""A week of FreePBX on real servers, over a wire that is cut, slow, or not there at all.

Every recording is fetched too, and is byte for byte what the phone system holds.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest

from appliance.errors import Misconfigured, Unavailable
from appliance.facts.calls import FoundRecording
from connectors.freepbx import FreePbx
from connectors.interface import Connector
from connectors.kinds import Means
from connectors.places import Place
from connectors.registry import open_connector
from connectors.remote import Handle, Remote, Shelf, Thing
from connectors.walking import path_of
from tests.connectors.asterisk import (
    Phones,
    csv_lines,
    insert_sqlite,
    make_master_db,
    number_of,
    run_week,
)
from tests.connectors.fars import OVER, Clinic
from tests.connectors.simulated import calls_in_week, judge
from tests.connectors.wire import Wire

LONGEST_S = 20.0  # of a recording: 320 KB, more than is fetched at once
TROUBLES = ("list", "file", "refused", "away", "slow")
T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("loopback")


class Tripwire:
    """A shelf whose wire is cut in the middle of an answer.

    ``due`` is how often that is still to come, for lists and for files; ``met`` how often it did.
    """

    def __init__(self, shelf: Shelf, wire: Wire, due: Counter[str], met: Counter[str]) -> None:
        self.shelf, self.wire, self.due, self.met = shelf, wire, due, met

    def list(self, parts: tuple[str, ...]) -> list[Thing]:
        """A folder of a day is cut off."""
        where = "list" if len(parts) == 3 else ""
        return self.ask(where, 3000, lambda: self.shelf.list(parts))

    def open(self, parts: tuple[str, ...]) -> tuple[Handle, Thing]:
        """A long file is cut off while it is read."""
        handle, thing = self.shelf.open(parts)
        return (Cut(handle, self) if thing.size > 100_000 else handle), thing

    def ask(self, where: str, after: int, question: Callable[[], T]) -> T:
        """The answer to a question, unless one is due to be cut off."""
        if self.due[where] > 0:
            self.due[where] -= 1
            self.wire.cut_after(after)
        before = self.wire.cuts
        try:
            return question()
        finally:
            self.met[where] += self.wire.cuts - before

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shelf, name)


class Cut(NamedTuple):
    """A file being read through a tripwire."""

    handle: Handle
    tripwire: Tripwire

    def read_at(self, offset: int, size: int) -> bytes:
        """See Handle."""
        return self.tripwire.ask("file", 40_000, lambda: self.handle.read_at(offset, size))

    def close(self) -> None:
        """See Handle."""
        self.handle.close()


class FarWeek:
    """A phone system at the far end of a wire, and a box that has trouble on the way to it."""

    def __init__(self, clinic: Clinic, **settings: Any) -> None:
        self.clinic, self.wire, self.rng = clinic, clinic.wire, random.Random(11)
        self.due, self.met = Counter[str](), Counter[str]()
        place = msgspec.to_builtins(clinic.place)
        own = {"place": place, **settings}
        count = calls_in_week(quick=300)
        self.phones = Phones(clinic.home, own, clinic.means, count, LONGEST_S)
        self.phones.open, self.phones.excused = self.connect, (Unavailable, Misconfigured)
        self.fetched: dict[tuple[str, int, int], str] = {}
        self.kept: FreePbx | None = None
        self.rotate: Callable[[], None] = lambda: None

    def trouble(self, spell: int, begins: bool) -> dict[str, Any]:
        """One trouble after the other."""
        self.wire.mend()
        self.due.clear()
        what = TROUBLES[spell % len(TROUBLES)]
        if not begins:
            return {}
        if what == "slow":
            self.rotate()
            self.wire.pause_s = 0.003
        elif what == "away":
            self.wire.take_away()
        elif what != "refused":
            self.due[what] = 2
        self.met[what] += what in ("slow", "away", "refused")
        return {"refused": what == "refused"}

    def connect(self, given: dict[str, Any]) -> Connector:
        """A box newly started or still connected, which first fetches what it was told before."""
        if given.get("refused"):
            return self.start(*self.clinic.refused)
        if self.rng.random() < 0.3:
            self.due[self.rng.choice(("list", "file"))] += 1
        if self.kept is None or self.rng.random() < 0.3:
            self.kept = self.start(self.clinic.place, self.clinic.means)
        self.fetch(self.kept)
        return self.kept

    def start(self, place: Place, means: Means) -> FreePbx:
        own = self.phones.settings | {"place": msgspec.to_builtins(place)}
        made = open_connector("freepbx", own, means)
        assert isinstance(made, FreePbx) and isinstance(made.mount, Remote)
        made.mount.shelf = Tripwire(made.mount.shelf, self.wire, self.due, self.met)
        return made

    def fetch(self, connector: Connector) -> None:
        """Everything told and not fetched yet, over one connection, until it fails too often."""
        failed = 0
        for recording in self.wanted():
            try:
                with connector.open(recording) as source:
                    found = source.read()
            except self.phones.excused:
                failed += 1
                if failed > 3:
                    return
                continue
            path = self.clinic.root.joinpath(*path_of(recording.locator))
            assert found == path.read_bytes()
            self.fetched[version_of(recording)] = recording.name

    def wanted(self) -> list[FoundRecording]:
        latest = {call.native_key: call for call in self.phones.told}.values()
        told = [recording for call in latest for recording in call.recordings]
        return [recording for recording in told if version_of(recording) not in self.fetched]


def version_of(recording: FoundRecording) -> tuple[str, int, int]:
    return recording.locator, recording.size, recording.modified_ns


def play(week: FarWeek) -> None:
    """All told once, all true, all fetched whole, whatever happened on the way."""
    vain = run_week(week.phones, week.trouble)
    week.wire.mend()
    week.due.clear()
    week.connect({})
    week.due.clear()
    week.connect({})
    tally = judge(week.phones.calls, week.phones.told, number_of)
    assert (tally.doubled, tally.lost, tally.wrong, tally.without_recording) == (0, 0, {}, 0)
    assert tally.calls_in == tally.calls_out == len(week.phones.calls)
    assert week.wanted() == []
    assert len(set(week.fetched.values())) == sum(call.recorded for call in week.phones.calls)
    assert week.phones.checkpoint["pending"] == {}
    assert vain > 5, "the troubles must have been met"
    assert all(week.met[trouble] for trouble in TROUBLES), week.met
    assert week.wire.cuts >= 4


@pytest.mark.parametrize("way", ["sftp", "ftps"])
def test_a_week_over_the_network_with_master_csv(way: str, tmp_path: Path) -> None:
    with OVER[way](tmp_path) as clinic:
        csv = clinic.home / "log" / "Master.csv"
        csv.touch()

        def write(rows: list[dict[str, Any]]) -> None:
            with csv.open("a") as file:
                file.write(csv_lines(rows))

        def rotate() -> None:
            csv.rename(csv.with_name("Master.csv.1"))
            csv.touch()

        week = FarWeek(clinic, master_csv=f"{clinic.log}/Master.csv")
        week.phones.write_rows, week.rotate = write, rotate
        play(week)


def test_a_week_over_smb_with_a_database_file(tmp_path: Path) -> None:
    with OVER["smb"](tmp_path) as clinic:
        path = clinic.home / "log" / "master.db"
        make_master_db(path)
        week = FarWeek(clinic, database_file=f"{clinic.log}/master.db")
        week.phones.write_rows = lambda rows: insert_sqlite(path, rows)
        play(week)
