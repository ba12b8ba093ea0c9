"""A clinic's week through every way into a 3CX: each call once, none lost, no fact wrong."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import Unavailable
from appliance.facts.calls import FoundCall
from connectors import logins, threecx, threecx_xapi
from connectors.kinds import Kind, Means
from connectors.threecx_cdr import Splitter
from tests.connectors import threecx as pbx
from tests.connectors.servers import Certificate, Running, serving
from tests.connectors.simulated import MONDAY, Tally, TrueCall, calls_in_week, judge, week

STEP = timedelta(hours=6)
CALLS = week()


def voicemails_of(calls: list[TrueCall]) -> int:
    """How many talked to the voicemail, which is not kept among the recordings."""
    return sum(call.answer_state == "voicemail_left" for call in calls)


VOICEMAILS = voicemails_of(CALLS)


@pytest.fixture(scope="module")
def database() -> Iterator[tuple[Running, int]]:
    with pbx.postgres() as running:
        yield running


class Box:
    """Our side: polls, restarts before every look, and keeps what was told with its checkpoint."""

    def __init__(self, kind: Kind, settings: dict[str, Any], means: Means, seed: int = 5) -> None:
        self.kind, self.settings, self.means = kind, settings, means
        self.rng, self.checkpoint, self.failures = random.Random(seed), "{}", 0
        self.told: list[FoundCall] = []
        self.now = MONDAY
        self.share: Path | None = None
        self.met: Counter[str] = Counter()  # files by the number of good looks they were there in

    def look(self) -> None:
        """Look once. Now and then the share is away: its mount point is there, and empty."""
        hidden = self.share.with_name("hidden") if self.share else None
        if not self.share or not hidden or self.rng.random() > 0.1:
            return self._look()
        self.share.rename(hidden)
        self.share.mkdir()
        self._look()
        self.share.rmdir()
        hidden.rename(self.share)

    def _look(self) -> None:
        connector = self.kind.make(self.settings, self.means)
        try:
            found = connector.discover(json.loads(self.checkpoint), self.now)
        except Unavailable:
            self.failures += 1
            return
        if self.rng.random() < 0.08:
            return  # the power went before anything was saved
        self.told += found.calls
        self.checkpoint = json.dumps(found.checkpoint)
        if self.share:
            self.met.update(path.name for path in self.share.glob("*/*.wav"))

    def run(
        self, world: pbx.World, before: Callable[["Box"], None] = lambda box: None, days: float = 9
    ) -> None:
        while self.now < MONDAY + timedelta(days=days):
            self.now += STEP
            world.pass_until(self.now)
            before(self)
            self.look()

    def judge(self, calls: list[TrueCall], *compare: str) -> Tally:
        def identify(call: FoundCall) -> int | None:
            return pbx.number_of(call.native_key, [r.name for r in call.recordings])

        tally = judge(calls, self.told, identify, compare or COMPARE)
        print(tally)
        return tally


COMPARE = ("direction", "answer_state", "caller", "staff", "started_at")


def plan_files(world: pbx.World, folder: pbx.Folder, calls: list[TrueCall] = CALLS) -> None:
    """Recordings appear when their talk ends, some hours late, and are archived away later."""
    rng = random.Random(2)
    for call in calls:
        for talk in pbx.talks_of(call):
            late = timedelta(hours=rng.choice((0, 0, 0, 0, 0, 2, 7, 20)))
            gone = talk.end + late + timedelta(hours=rng.choice((30, 50, 400)))

            def write(talk: pbx.Talk = talk, at: Any = talk.end + late) -> None:
                folder.write(talk.path, at)

            world.at(talk.end + late, write)
            world.at(gone, lambda path=talk.path: folder.remove(path))  # type: ignore[misc]


def expect(tally: Tally, without: int = VOICEMAILS) -> None:
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {})
    assert tally.without_recording == without


def expect_recordings(box: Box) -> None:
    """Every file that was there in two good looks is a recording of the last version told."""
    latest = {call.native_key: call for call in box.told}.values()
    names = [recording.name for call in latest for recording in call.recordings]
    assert len(names) == len(set(names))
    assert {name for name, looks in box.met.items() if looks > 1} <= set(names)
    assert len(box.met) > 200


@pytest.mark.parametrize("version", ["v20", "v18"])
def test_a_week_of_folder_and_database_is_told_call_by_call(
    version: str, tmp_path: Path, database: tuple[Running, int], loopback: tuple[str, ...]
) -> None:
    server, port = database
    calls = CALLS if version == "v20" else week(count=calls_in_week(quick=400))
    schema = pbx.SCHEMA_20 if version == "v20" else pbx.SCHEMA_18
    writer = [pbx.create_database(port, version, schema)]
    folder, world, rows = pbx.Folder(tmp_path / "rec"), pbx.World(), pbx.Rows()
    plan_files(world, folder, calls)
    rng = random.Random(3)
    for call in calls:
        late = timedelta(minutes=rng.choice((0, 0, 0, 1, 20, 200, 900)))
        world.at(call.end + late, lambda call=call: _add(rows, call, version))  # type: ignore[misc]
    settings = {
        "place": {"by": "folder", "path": str(folder.root)}, "database_host": "127.0.0.1",
        "database_port": port, "database_name": version,
    }  # fmt: skip
    means = Means(secrets={"database_password": "correct horse"}, allowed=loopback)
    box = Box(threecx.KIND, settings, means)
    box.share = folder.root

    def before(box: Box) -> None:
        rows.write(writer[0])
        if box.now == MONDAY + 11 * STEP:
            writer[0].close()
            server.kill()
        if box.now == MONDAY + 13 * STEP:
            server.start()
            writer[0] = pbx.connect(port, version)

    world.pass_until(MONDAY)
    original = rows.write
    rows.write = lambda connection: None if connection.closed else original(connection)  # type: ignore[method-assign]
    box.run(world, before)
    writer[0].close()
    expect(box.judge(calls), voicemails_of(calls))
    assert box.failures > 3
    expect_recordings(box)


def _add(rows: pbx.Rows, call: TrueCall, version: str) -> None:
    if version == "v18":
        for table, row in pbx.legs_18(call):
            rows.add(table, **row)
        return
    legs = pbx.legs_20(call)
    for leg in legs:
        rows.add("cdroutput", **leg)
    answered = [leg for leg in legs if leg["cdr_answered_at"] and leg["destination_entity_type"] in
                ("extension", "external_line")]  # fmt: skip
    for index, (talk, leg) in enumerate(zip(pbx.talks_of(call), answered, strict=True)):
        number = call.number * 2 + index
        # Linked by the table, by the column, by both, or by nothing but the name.
        how = call.number % 5
        rows.add(
            "recordings", id_recording=number, recording_url=talk.path, start_time=talk.start,
            end_time=talk.end, cdr_id=leg["cdr_id"] if how in (1, 2, 3) else None,
            archived=False, archived_url="",
        )  # fmt: skip
        if how in (0, 1):
            rows.add("cdrrecordings", cdr_id=leg["cdr_id"], recording_id=number)


def test_a_week_of_folder_and_cdr_lines_is_told_call_by_call(tmp_path: Path) -> None:
    folder, world, feed = pbx.Folder(tmp_path / "rec"), pbx.World(), pbx.Feed()
    plan_files(world, folder)
    rng, splitter, wire = random.Random(4), Splitter(), bytearray()
    for call in CALLS:
        for line in pbx.cdr_lines(call, "/" if call.number < 1000 else "."):
            late = timedelta(minutes=rng.choice((0, 0, 0, 0, 5, 300)))
            times = 2 if rng.random() < 0.05 else 1
            data = (line + "\r\n").encode() * times
            world.at(call.end + late, lambda data=data: wire.extend(data))  # type: ignore[misc]
    settings = {"place": {"by": "folder", "path": str(folder.root)}, "cdr": "active",
                "cdr_port": 4000}  # fmt: skip
    box = Box(threecx.KIND, settings, Means(feed=feed))
    box.share = folder.root

    def before(box: Box) -> None:
        while wire:
            size = rng.randrange(1, 900)
            for line in splitter.feed(bytes(wire[:size])):
                feed.receive(line, box.now)
            del wire[:size]

    box.run(world, before)
    expect(box.judge(CALLS))
    expect_recordings(box)
    state = json.loads(box.checkpoint)
    assert int(state["ledger"]["more"]["line"]) > 500, "old lines are not read for ever"


def test_a_week_of_a_folder_alone_is_told_by_names(tmp_path: Path) -> None:
    folder, world = pbx.Folder(tmp_path / "rec"), pbx.World()
    plan_files(world, folder)
    settings = {"place": {"by": "folder", "path": str(folder.root)}}
    box = Box(threecx.KIND, settings, Means())
    box.share = folder.root
    box.run(world)
    recorded = [call for call in CALLS if pbx.talks_of(call)]
    expect(box.judge(recorded, "staff"), without=0)
    latest = {call.native_key: call for call in box.told}.values()
    assert {call.direction for call in latest} == {"unknown"}
    expect_recordings(box)


@pytest.mark.parametrize("log_given", [True, False])
def test_a_week_of_the_api_is_told_call_by_call(
    log_given: bool, tmp_path: Path, loopback: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, world, rng = pbx.Api(), pbx.World(), random.Random(6)
    api.log_given = log_given
    calls = CALLS if log_given else week(count=calls_in_week(quick=400))
    for call in calls:
        late = timedelta(minutes=rng.choice((0, 0, 0, 3, 50, 400)))
        world.at(call.end + late, lambda call=call: api.add(call))  # type: ignore[misc]
        for talk in pbx.talks_of(call):
            late = timedelta(minutes=rng.choice((0, 0, 0, 2, 90)))
            world.at(talk.end + late, lambda c=call, t=talk: api.record(c, t))  # type: ignore[misc]
    certificate = Certificate(tmp_path)
    with serving(api.serve, certificate) as port:
        settings = {"url": f"https://127.0.0.1:{port}", "client_id": "box",
                    "certificate": certificate.fingerprint}  # fmt: skip
        means = Means(secrets={"client_secret": api.secret}, allowed=loopback)
        box = Box(threecx_xapi.KIND, settings, means)

        def before(box: Box) -> None:
            api.faults = 0.02 if box.now < MONDAY + timedelta(days=8) else 0
            logins.forget_everything()

        box.run(world, before)
        assert api.tokens > 20
        if log_given:
            expect(box.judge(CALLS))
            return
        # Without its log the API tells what was recorded: no missed calls, and no queue.
        recorded = [call for call in calls if pbx.talks_of(call)]
        expect(box.judge(recorded, "direction", "answer_state", "caller", "staff"), without=0)
