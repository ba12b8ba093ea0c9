"""FusionPBX on a real PostgreSQL, and plain FreeSWITCH by its files: a week each, with faults."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import Misconfigured, NotFound, Unavailable
from appliance.facts.calls import FoundCall
from connectors.freeswitch_legs import leg_of_file
from connectors.freeswitch_telling import compose, group_legs
from connectors.interface import Checkpoint, Discovery, Final, Gone, NotYet
from connectors.kinds import Means
from connectors.registry import open_connector
from connectors.telling import Site
from tests.connectors.freeswitch import (
    DOMAIN,
    HOUR,
    PASSWORD,
    cdr_json,
    connect,
    create_tables,
    insert,
    legs_of,
    number_of,
    postgres,
    uuid_of,
    write_cdr,
    write_recording,
)
from tests.connectors.simulated import MONDAY, TrueCall, judge, week
from tests.connectors.world import wav

ALLOWED = ("127.0.0.1",)
COMPARED = ("direction", "answer_state", "caller", "staff", "started_at")


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with postgres() as port:
        yield port


@pytest.fixture
def database(server: int, loopback: tuple[str, ...]) -> Iterator[Any]:
    connection = connect(server)
    create_tables(connection)
    yield connection
    connection.close()


class Box:
    """The core's side: a checkpoint that survives, a connector that does not."""

    def __init__(self, kind: str, means: Means, **settings: Any) -> None:
        self.kind, self.means, self.settings = kind, means, settings
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []

    @property
    def connector(self) -> Any:
        return open_connector(self.kind, self.settings, self.means)

    def look(self, now: datetime) -> Discovery:
        found: Discovery = self.connector.discover(json.loads(json.dumps(self.checkpoint)), now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        return found


def fusion(port: int, root: Path, /, **settings: Any) -> Box:
    root.mkdir(exist_ok=True)
    means = Means(secrets={"password": PASSWORD}, allowed=ALLOWED)
    place = {"by": "folder", "path": str(root)}
    own = {"host": "127.0.0.1", "port": port, "user": "reader", "place": place}
    return Box("fusionpbx", means, **(own | settings))


def play(
    box: Box, root: Path, write: Callable[[dict[str, Any], datetime], Any], seed: int
) -> list[TrueCall]:
    """The week: legs come when they end, some late; recordings are deleted after two days."""
    rng, calls, now = random.Random(seed), week(), MONDAY
    due: list[tuple[datetime, dict[str, Any]]] = []
    sounds = [(call.end, call) for call in calls if call.recorded]
    for call in calls:
        for leg in legs_of(call):
            ended = call.start + timedelta(seconds=leg["end_epoch"] - call.start.timestamp())
            due.append((ended + timedelta(seconds=rng.choice((1, 20, 70, 70, 3000))), leg))
    due.sort(key=lambda item: item[0])
    sounds.sort(key=lambda item: item[0])
    written: list[tuple[datetime, Path]] = []
    while now < MONDAY + timedelta(days=7, hours=12):
        now += timedelta(minutes=rng.choice((5, 90, 180, 240, 400)))
        while due and due[0][0] <= now:
            at, leg = due.pop(0)
            write(leg, at)
        while sounds and sounds[0][0] <= now:
            written.append((now, write_recording(root, sounds.pop(0)[1])))
        for at, path in [w for w in written if w[0] < now - timedelta(days=2)]:
            path.unlink()
            written.remove((at, path))
        box.look(now)
    assert not due and not sounds
    return calls


def test_a_week_of_fusionpbx_on_postgresql(server: int, database: Any, tmp_path: Path) -> None:
    rng, root = random.Random(7), tmp_path / "recordings"
    box = fusion(server, root)

    def write(leg: dict[str, Any], at: datetime) -> None:
        named = {}
        if leg["leg"] == "a" and leg["answer_epoch"] and rng.random() < 0.5:
            folder = f"/var/lib/freeswitch/recordings/{DOMAIN}/archive/2026/Nov/02"
            named = {"record_path": folder, "record_name": f"{leg['xml_cdr_uuid']}.wav"}
            if leg["cc_queue"] and leg["missed_call"]:
                named = {}
        insert(database, [(leg | named, at)])

    calls = play(box, root, write, seed=8)
    tally = judge(calls, box.told, lambda call: number_of(call.native_key), COMPARED)
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.without_recording == 0


def test_a_week_of_plain_freeswitch_by_its_files(tmp_path: Path) -> None:
    rng, records, root = random.Random(9), tmp_path / "json_cdr", tmp_path / "recordings"
    records.mkdir()
    root.mkdir()
    box = Box(
        "freeswitch",
        Means(),
        place={"by": "folder", "path": str(records)},
        recordings={"by": "folder", "path": str(root)},
        lookback_days=1,
    )
    here: list[tuple[datetime, Path]] = []

    def write(leg: dict[str, Any], at: datetime) -> None:
        here.append((at, write_cdr(records, leg, rng, at)))
        while here[0][0] < at - timedelta(days=2):
            here.pop(0)[1].unlink()

    calls = play(box, root, write, seed=10)
    tally = judge(calls, box.told, lambda call: number_of(call.native_key), COMPARED)
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.without_recording == 0


NOON = MONDAY + timedelta(hours=12)
LATER = NOON + timedelta(minutes=10)


def talk(number: int = 1, **given: Any) -> TrueCall:
    facts = {"direction": "in", "outside": "5125550142", "staff": ("101",), "queue": "",
             "answer_state": "answered", "ring_s": 5, "talk_s": 60}  # fmt: skip
    return TrueCall(number=number, start=NOON, **(facts | given))


def only(calls: Any) -> FoundCall:
    assert len(calls) == 1
    found: FoundCall = calls[0]
    return found


def imported(legs: list[dict[str, Any]], at: datetime) -> list[tuple[dict[str, Any], datetime]]:
    return [(leg, at) for leg in legs]


def test_stereo_sides_are_told_only_where_the_direction_is_known(
    server: int, database: Any, tmp_path: Path
) -> None:
    box = fusion(server, tmp_path / "r")
    ways = ("in", "out", "internal", "")
    calls = [talk(n, direction=way or "in") for n, way in enumerate(ways)]
    for call, way in zip(calls, ways, strict=True):
        legs = legs_of(call)
        if not way:
            legs[0]["direction"] = None
        insert(database, imported(legs, call.end))
        write_recording(tmp_path / "r", call)
    told = {number_of(call.native_key): call for call in box.look(LATER).calls}
    maps = [told[number].recordings[0].channel_map for number in range(4)]
    outside_left = {"0": "caller", "1": "staff"}
    assert maps == [outside_left, outside_left, {"0": "staff", "1": "staff"}, None]
    assert told[3].direction == "unknown"
    with box.connector.open(told[0].recordings[0]) as handle:
        assert handle.read() == wav(0.05, channels=2)
    assert isinstance(box.connector.is_final(told[0], told[0].recordings[0], LATER), Final)


def test_a_call_waits_for_its_first_leg_and_for_its_recording_to_be_whole(
    server: int, database: Any, tmp_path: Path
) -> None:
    box, call = fusion(server, tmp_path / "r"), talk(staff=("101", "102"))
    legs = legs_of(call)
    insert(database, imported(legs[1:], call.end))
    path = write_recording(tmp_path / "r", call)
    path.write_bytes(wav(1, closed=False))
    assert box.look(LATER).calls == ()
    insert(database, imported(legs[:1], LATER))
    assert box.look(LATER + timedelta(minutes=2)).calls == (), "still being written"
    write_recording(tmp_path / "r", call)
    found = only(box.look(LATER + timedelta(minutes=4)).calls)
    assert (found.legs, found.staff_extension) == (("101", "102"), "101")
    path.unlink()
    assert box.look(LATER + timedelta(minutes=9)).calls == (), "told calls never shrink"
    assert isinstance(box.connector.is_final(found, found.recordings[0], LATER), Gone)
    with pytest.raises(NotFound):
        box.connector.open(found.recordings[0])


def test_a_recording_no_row_names_is_told_alone_and_given_its_call_later(
    server: int, database: Any, tmp_path: Path
) -> None:
    box, call = fusion(server, tmp_path / "r"), talk()
    write_recording(tmp_path / "r", call)
    assert box.look(LATER).calls == ()
    alone = only(box.look(NOON + 2 * HOUR).calls)
    assert (alone.metadata_level, alone.warnings) == ("none", ("file_without_cdr",))
    insert(database, imported(legs_of(call), NOON + 2 * HOUR))
    found = only(box.look(NOON + 3 * HOUR).calls)
    assert (found.native_key, found.metadata_level) == (alone.native_key, "cdr")
    assert box.look(NOON + 4 * HOUR).calls == ()


def test_a_named_recording_that_freeswitch_deleted_holds_its_call_for_a_day_only(
    server: int, database: Any, tmp_path: Path
) -> None:
    box, call = fusion(server, tmp_path / "r"), talk()
    legs = legs_of(call)
    legs[0]["record_name"] = f"{uuid_of(1, 0)}.wav"
    insert(database, imported(legs, call.end))
    assert box.look(LATER).waiting == 1
    assert only(box.look(LATER + 25 * HOUR).calls).warnings == ("cdr_without_file",)


def test_an_old_version_with_fewer_columns_is_read_too(
    server: int, database: Any, tmp_path: Path
) -> None:
    for name in ("insert_date", "extension_uuid", "cc_queue", "missed_call", "leg"):
        database.execute(f"ALTER TABLE v_xml_cdr DROP COLUMN {name}")
    call = talk()
    columns = {"insert_date", "extension_uuid", "cc_queue", "missed_call", "leg"}
    for leg in legs_of(call):
        given = {name: value for name, value in leg.items() if name not in columns}
        names = ", ".join(given)
        values = ", ".join(f"%({name})s" for name in given)
        database.execute(f"INSERT INTO v_xml_cdr ({names}) VALUES ({values})", given)
    box = fusion(server, tmp_path / "r", place=None)
    found = only(box.look(LATER).calls)
    assert (found.staff_extension, found.answer_state) == ("101", "answered")
    columns = box.connector.probe(LATER).columns
    assert "start_epoch" in columns and "insert_date" not in columns
    database.execute("DROP TABLE v_xml_cdr")
    with pytest.raises(Misconfigured, match="v_xml_cdr"):
        box.look(LATER)


def test_another_clinics_domain_is_left_alone(server: int, database: Any, tmp_path: Path) -> None:
    insert(database, imported(legs_of(talk(1)), NOON))
    insert(database, imported([leg | {"domain_name": "other"} for leg in legs_of(talk(2))], NOON))
    box = fusion(server, tmp_path / "r", domain=DOMAIN, place=None)
    assert number_of(only(box.look(LATER).calls).native_key) == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"user": "nobody"}, "refused user and password"),
        ({"database": "asterisk"}, "no such database"),
        ({"tls": True}, "does not speak TLS"),
        ({"port": 1}, "does not answer"),
        ({"host": "192.0.2.1"}, "allowed addresses"),
    ],
)
def test_the_probe_says_in_words_what_is_wrong(
    server: int, database: Any, tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    box = fusion(server, tmp_path / "r", **change)
    assert word in only(box.connector.probe(LATER).problems)


def test_the_reader_cannot_write(server: int, database: Any, tmp_path: Path) -> None:
    box = fusion(server, tmp_path / "r", user="fusionpbx")
    with pytest.raises(Unavailable), box.connector._connected() as connection:
        connection.execute("DELETE FROM v_xml_cdr")


def test_a_json_record_says_who_and_where_however_it_is_encoded() -> None:
    call = talk(direction="out")
    for encoded in (True, False):
        legs = legs_of(call)
        path = "/var/lib/freeswitch/recordings/with space/a+b.wav"
        found = [
            leg_of_file(
                cdr_json(legs[0], encoded, (path,)), f"a_{legs[0]['xml_cdr_uuid']}.json", 0
            ),
            leg_of_file(cdr_json(legs[1], encoded), f"{legs[1]['xml_cdr_uuid']}.json", 0),
        ]
        group = group_legs([leg for leg in found if leg], ())[0]
        assert len(group.legs) == 2
        assert group.legs[0].files == ("a+b.wav",)
        told = compose(group, Site())
        assert (told.direction, told.staff_extension, told.dialed) == ("out", "101", call.outside)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b'{"variables": []}', b'{"variables": {"uuid": "x"}}', b"<cdr></cdr>",
        b'<!DOCTYPE c [<!ENTITY a "b">]><cdr>&a;</cdr>', b'{"variables":' + b"[" * 100_000,
        cdr_json(legs_of(talk())[0], True)[:200], b"\xff\xfe<cdr>",
    ],
)  # fmt: skip
def test_a_damaged_record_is_counted_and_read_again_when_it_grew(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "json").mkdir()
    box = Box("freeswitch", Means(), place={"by": "folder", "path": str(tmp_path)})
    path, legs = tmp_path / "json" / f"a_{uuid_of(1, 0)}.cdr.json", legs_of(talk())
    path.write_bytes(content)
    assert box.look(LATER).notes == ("cdr_malformed: 1",)
    path.write_bytes(cdr_json(legs[0], True))
    assert only(box.look(LATER).calls).answer_state == "answered"
    assert path.exists()


def test_not_yet_is_said_of_a_recording_that_grew(tmp_path: Path) -> None:
    call = talk()
    (tmp_path / "r").mkdir()
    box = Box("freeswitch", Means(), place={"by": "folder", "path": str(tmp_path)})
    for leg in legs_of(call):
        write_cdr(tmp_path, leg, random.Random(1), call.end)
    path = write_recording(tmp_path / "r", call)
    found = only(box.look(LATER).calls)
    path.write_bytes(wav(2, channels=2))
    assert isinstance(box.connector.is_final(found, found.recordings[0], LATER), NotYet)
    with pytest.raises(Unavailable):
        box.connector.open(found.recordings[0])
