"""A Grandstream UCM: polled, pushed and both, through a week with faults, and its refusals."""

import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import Misconfigured, NotFound, PetsvetError, Unavailable
from appliance.facts.calls import FoundCall
from connectors import grandstream, grandstream_push
from connectors.grandstream_records import read_pushed, record_of, split_stream
from connectors.interface import Checkpoint, Discovery
from connectors.kinds import Means
from connectors.registry import open_connector
from tests.connectors.grandstream import AUDIO, ZONE, Kept, Ucm, legs_of, pushed
from tests.connectors.servers import Certificate, free_port
from tests.connectors.simulated import MONDAY, Tally, TrueCall, judge, week

pytestmark = pytest.mark.usefixtures("loopback")
ALLOWED = ("127.0.0.1",)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("ucm"))


class Box:
    """The core's side: a checkpoint that survives, a connector that does not."""

    def __init__(self, means: Means, **settings: Any) -> None:
        self.settings = {"zone": ZONE.key, **settings}
        self.means = means
        self.checkpoint: Checkpoint = {}
        self.told: list[FoundCall] = []
        self.failures = 0

    @property
    def connector(self) -> Any:
        return open_connector("grandstream", self.settings, self.means)

    def look(self, now: datetime) -> Discovery:
        found: Discovery = self.connector.discover(json.loads(json.dumps(self.checkpoint)), now)
        self.checkpoint = json.loads(json.dumps(found.checkpoint))
        self.told += found.calls
        return found

    def try_look(self, now: datetime) -> None:
        try:
            self.look(now)
        except Unavailable:
            self.failures += 1


@contextmanager
def unit(certificate: Certificate, /, **settings: Any) -> Iterator[tuple[Ucm, Box]]:
    """A UCM and a box that polls it."""
    ucm = Ucm()
    with ucm.served(certificate) as port:
        means = Means(secrets={"password": ucm.password}, allowed=ALLOWED)
        given = {"host": "127.0.0.1", "port": port, "certificate": certificate.fingerprint}
        yield ucm, Box(means, **(given | settings))


@contextmanager
def door(
    kept: Kept, login: tuple[str, str] = ("", ""), refuse: list[int] | None = None
) -> Iterator[int]:
    """The listener on a port; ``refuse`` counts how often it cannot keep a record."""
    port, stop = free_port(), threading.Event()

    def receive(data: bytes) -> None:
        if refuse and refuse.pop():
            raise Unavailable("the disk is full")
        kept.receive(data)

    thread = threading.Thread(
        target=grandstream_push.listen, args=(port, login, ALLOWED, receive, stop)
    )
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def send(port: int, data: bytes, parts: list[int] | None = None) -> None:
    """Write to the door in parts and hang up once it has read everything."""
    for _ in range(50):
        try:
            caller = socket.create_connection(("127.0.0.1", port), 5)
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    with caller:
        at = 0
        for size in parts or []:
            caller.sendall(data[at : at + size])
            at += size
        caller.sendall(data[at:])
        caller.shutdown(socket.SHUT_WR)
        caller.recv(1)


def number_of(call: FoundCall) -> int | None:
    return int(call.native_key.rpartition(".")[2]) if "." in call.native_key else None


COMPARED = ("direction", "answer_state", "caller", "staff", "started_at")


def assert_all_there(tally: Tally) -> None:
    assert (tally.doubled, tally.lost, tally.wrong) == (0, 0, {}), tally
    assert tally.without_recording == 0
    assert tally.calls_in == tally.calls_out == 2000


def moments(rng: random.Random) -> Iterator[datetime]:
    """Looks over a week: some minutes or some hours apart, and once none for a night."""
    now = MONDAY
    while now < MONDAY + timedelta(days=7, hours=3):
        step = rng.choice((300, 14400, 21600, 21600, 28800))
        if now.weekday() == 3 and now.hour == 20:
            step = 11 * 3600  # the box was off
        now += timedelta(seconds=step)
        yield now


def record(ucm: Ucm, call: TrueCall, late_s: float) -> None:
    """A call with its records, which come late, and its sound."""
    names = (leg["recordfiles"].rstrip("@") for leg in ucm.add(call, late_s))
    ucm.audio |= {name: AUDIO for name in names if name}


def test_a_week_by_polling_with_faults(certificate: Certificate) -> None:
    rng, calls = random.Random(2), week()
    with unit(certificate) as (ucm, box):
        ucm.uses = 7
        for call in calls:
            record(ucm, call, rng.choice((0, 0, 0, 300, 4000)))
        for number, now in enumerate(moments(rng)):
            ucm.now, ucm.newest_first = now, number % 5 == 0
            ucm.faults = [rng.choice(("", "", "", "html", "cut", "busy", "hang up"))
                          for _ in range(rng.choice((0, 0, 3)))]  # fmt: skip
            box.try_look(now)
        ucm.faults = []
        box.try_look(now + timedelta(hours=1))
        assert box.failures > 5
        assert_all_there(judge(calls, box.told, number_of, COMPARED))


def test_a_week_by_pushed_records_alone(certificate: Certificate) -> None:
    rng, calls, kept = random.Random(3), week(), Kept()
    box = Box(Means(allowed=ALLOWED, feed=kept), listen_port=1)
    due = sorted(calls, key=lambda call: call.end)
    with door(kept) as port:
        for now in moments(rng):
            ended = [call for call in due if call.end <= now]
            due = due[len(ended) :]
            kept.now = now - timedelta(minutes=2)
            if rng.random() < 0.2 and len(ended) > 3:
                due = sorted([ended.pop(1), *due], key=lambda call: call.end)  # comes later
            ended += ended[:2]  # and some come twice
            data = b"".join(
                pushed(
                    legs_of(call, 1000 + 10 * call.number),
                    rng.choice(("json", "json", "nested", "nested", "xml")),
                )
                for call in ended
            )
            send(port, data, [rng.randrange(1, 3000) for _ in range(10)])
            box.look(now)
        box.look(now + timedelta(hours=1))
    told = judge(calls, box.told, number_of, COMPARED)
    assert (told.doubled, told.lost, told.wrong) == (0, 0, {}), told
    assert told.without_recording == sum(call.recorded for call in calls), "nowhere to fetch from"


def test_a_week_by_both_with_either_away_at_times(certificate: Certificate) -> None:
    rng, calls, kept = random.Random(4), week(), Kept()
    due = sorted(calls, key=lambda call: call.end)
    with unit(certificate, listen_port=1) as (ucm, box), door(kept) as port:
        box.means = Means(secrets={"password": ucm.password}, allowed=ALLOWED, feed=kept)
        for call in calls:
            record(ucm, call, rng.choice((0, 300)))
        for now in moments(rng):
            ended = [call for call in due if call.end <= now]
            due = due[len(ended) :]
            ucm.now, kept.now = now, now
            ucm.faults = ["hang up"] * rng.choice((0, 0, 0, 50))
            heard = [call for call in ended if rng.random() < 0.7]
            send(port, b"".join(pushed(legs_of(c, 1000 + 10 * c.number), "json") for c in heard))
            box.look(now)
        ucm.faults = []
        box.look(now + timedelta(hours=1))
        assert_all_there(judge(calls, box.told, number_of, COMPARED))


NOON = MONDAY + timedelta(hours=12)


def talk(number: int = 1, start: datetime = NOON, **given: Any) -> TrueCall:
    facts = {"direction": "in", "outside": "5125550142", "staff": ("101",), "queue": "",
             "answer_state": "answered", "ring_s": 5, "talk_s": 60}  # fmt: skip
    return TrueCall(number=number, start=start, **(facts | given))


def only(calls: Any) -> FoundCall:
    assert len(calls) == 1
    found: FoundCall = calls[0]
    return found


LATER = NOON + timedelta(minutes=10)


@pytest.mark.parametrize("way", ["month in name", "month in folder", "no month"])
def test_a_recording_is_fetched_wherever_the_firmware_keeps_it(
    certificate: Certificate, way: str
) -> None:
    with unit(certificate) as (ucm, box):
        legs, ucm.way, ucm.now = ucm.add(talk()), way, LATER
        ucm.audio[legs[0]["recordfiles"].rstrip("@")] = AUDIO
        call = only(box.look(LATER).calls)
        with box.connector.open(call.recordings[0]) as stream:
            assert stream.read() == AUDIO
        ucm.cookies.clear()  # all cookies ran out
        with box.connector.open(call.recordings[0]) as stream:
            assert stream.read() == AUDIO
        ucm.audio.clear()
        with pytest.raises(NotFound):
            box.connector.open(call.recordings[0])


@pytest.mark.parametrize("fault", ["html", "busy", "cut", "hang up"])
def test_what_is_no_whole_recording_is_never_taken_for_one(
    certificate: Certificate, fault: str
) -> None:
    with unit(certificate) as (ucm, box):
        legs, ucm.now = ucm.add(talk()), LATER
        ucm.audio[legs[0]["recordfiles"].rstrip("@")] = AUDIO
        call = only(box.look(LATER).calls)
        ucm.faults = [fault]
        with pytest.raises(Unavailable), box.connector.open(call.recordings[0]) as stream:
            stream.read()
        with box.connector.open(call.recordings[0]) as stream:
            assert stream.read() == AUDIO


def test_a_wrong_password_never_locks_us_out(certificate: Certificate) -> None:
    with unit(certificate) as (ucm, box):
        box.means = Means(secrets={"password": "wrong"}, allowed=ALLOWED)
        for _ in range(20):
            with pytest.raises(PetsvetError):
                box.look(LATER)
        assert (ucm.bad, ucm.locked) == (1, False)
        problem = only(box.connector.probe(LATER).problems)
        assert "refused the login" in problem
        assert ucm.bad == 1, "the probe does not try it either"
        box.means = Means(secrets={"password": ucm.password}, allowed=ALLOWED)
        box.look(LATER)


@pytest.mark.parametrize(
    ("heeds_filter", "heeds_paging", "refuses_filter"),
    [(False, True, False), (True, False, False), (False, False, False), (True, True, True)],
)
def test_calls_are_complete_whatever_the_firmware_makes_of_the_filter(
    certificate: Certificate, heeds_filter: bool, heeds_paging: bool, refuses_filter: bool
) -> None:
    with unit(certificate) as (ucm, box):
        ucm.heeds_filter, ucm.heeds_paging = heeds_filter, heeds_paging
        ucm.refuses_filter, ucm.now = refuses_filter, LATER
        for number in range(5):
            ucm.add(talk(number, NOON - timedelta(days=30 if number == 0 else 0, hours=number)))
        assert len(box.look(LATER).calls) == 4, "the one of last month is old"
        ucm.add(talk(9, LATER))
        ucm.now = LATER + timedelta(minutes=10)
        assert only(box.look(ucm.now).calls).native_key.endswith(".9")


@pytest.mark.parametrize(
    ("fault", "word"),
    [("html", "web page"), ("forbidden", "Permitted IP"), ("hang up", "broke off")],
)
def test_the_probe_says_in_words_what_is_wrong(
    certificate: Certificate, fault: str, word: str
) -> None:
    with unit(certificate) as (ucm, box):
        ucm.faults = [fault]
        assert word in only(box.connector.probe(LATER).problems)


def test_the_probe_shows_the_fingerprint_to_confirm(certificate: Certificate) -> None:
    with unit(certificate, certificate="") as (_, box):
        assert certificate.fingerprint in only(box.connector.probe(LATER).problems)


def test_the_probe_notices_a_wrong_zone_and_is_content_with_the_right_one(
    certificate: Certificate,
) -> None:
    with unit(certificate, zone="UTC") as (ucm, box):
        ucm.add(talk())
        ucm.now = LATER
        assert "6 hours off" in only(box.connector.probe(LATER).problems)
        assert only(box.look(LATER).calls).started_at == NOON, "the epoch settles it all the same"
        box.settings["zone"] = ZONE.key
        found = box.connector.probe(LATER)
        assert (found.problems, found.capabilities) == ((), ("api", "cdr", "recordings"))


def test_a_parked_call_and_who_picked_it_up_are_one(certificate: Certificate) -> None:
    with unit(certificate) as (ucm, box):
        parked = legs_of(talk(), 50)[0] | {"lastapp": "Park", "dstchannel": "", "recordfiles": "",
                                           "action_type": "PARKEDCALL", "dst": "71"}  # fmt: skip
        epoch = int((NOON + timedelta(seconds=65)).timestamp())
        session = f"{epoch}767640-102"
        taken = legs_of(talk(staff=("102",)), 51)[0] | {"session": session, "lastapp": "Park"}
        fetched = legs_of(talk(direction="internal", outside="102", staff=("71",)), 52)[0] | {
            "session": session, "uniqueid": f"{epoch}.9", "lastapp": "ParkedCall",
            "dstchannel": "", "recordfiles": "", "dst": "71",
        }  # fmt: skip
        main = {"src": "5125550142", "start": parked["start"], "AcctId": "", "session": "x",
                "uniqueid": ""}  # fmt: skip
        nest = {"cdr": "", "main_cdr": main, "sub_cdr_1": parked, "sub_cdr_2": taken}
        ucm.calls = [(NOON, nest), (NOON, {"cdr": "", **fetched})]
        ucm.now = LATER
        call = only(box.look(LATER).calls)
    assert (call.direction, call.staff_extension, call.answer_state) == ("in", "102", "answered")
    assert (call.caller_number, len(call.recordings)) == ("5125550142", 1)


def test_several_recordings_of_a_row_are_taken_and_paths_that_lead_out_are_not() -> None:
    leg = legs_of(talk(), 50)[0] | {
        "recordfiles": "2026-11/auto-1793620805-1-2.wav@../../etc/passwd@/2026-11/b.wav@",
        "recordfiles_desc": "duration=31,size=489324B,start-time=1793620805@@@",
    }
    record = record_of(leg, ZONE)
    assert record is not None
    assert [(f.path, f.size, f.at) for f in record.files] == [
        ("2026-11/auto-1793620805-1-2.wav", 489324, 1793620805),
        ("2026-11/b.wav", 0, 0),
    ]


@pytest.mark.parametrize("style", ["json", "nested", "xml"])
def test_pushed_records_are_found_however_the_network_cuts_them(style: str) -> None:
    legs = [leg for n in range(4) for leg in legs_of(talk(n, staff=("101", "102")), 10 * n)]
    data = b"HELLO\r\n" + b"".join(
        pushed(legs[at : at + 2], style) for at in range(0, len(legs), 2)
    )
    for size in (1, 7, 400, 100_000):
        rest, found = b"", []
        for at in range(0, len(data), size):
            records, rest = split_stream(rest + data[at : at + size])
            found += [r for record in records for r in read_pushed(record, ZONE, 1)[0]]
            if size == 1 and at > 3000:
                break
        if size > 1:
            assert [record.number for record in found] == [int(leg["AcctId"]) for leg in legs]
            assert not rest.strip()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it holds no state
)
@given(st.lists(st.integers(1, 900), max_size=30), st.sampled_from(["json", "nested", "xml"]))
def test_any_cutting_of_the_stream_gives_the_same_records(cuts: list[int], style: str) -> None:
    legs = legs_of(talk(staff=("101", "102")), 10)
    data, rest, found, at = pushed(legs, style) * 2, b"", [], 0
    for size in [*cuts, len(data)]:
        records, rest = split_stream(rest + data[at : at + size])
        at += size
        found += records
    assert rest.strip() == b""
    assert found == split_stream(data)[0]


@pytest.mark.parametrize(
    "bad",
    [
        b"{not json}", b"{" * 5000, b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"{}", b"<x/>",
        b'{"AcctId":"1","start":"yesterday"}', b'{"start":"2026-02-31 10:00:00","session":"1"}',
        b"\xff\xfe\x00", b'{"AcctId":' + b"[" * 100_000, b'{"start":null,"uniqueid":5}',
    ],
)  # fmt: skip
def test_damaged_pushed_records_are_counted_and_harm_no_other(bad: bytes) -> None:
    good = pushed(legs_of(talk(), 10), "json")
    assert read_pushed(bad, ZONE, 1)[0] == []
    kept = Kept()
    kept.now = NOON
    kept.receive(bad)
    kept.receive(good)
    box = Box(Means(allowed=ALLOWED, feed=kept), listen_port=1)
    found = box.look(LATER)
    assert len(found.calls) == 1
    assert bad.startswith((b"\xff", b"<x/>")) or found.notes == ("push_malformed: 1",)


def test_a_burst_of_ten_thousand_records_is_kept_in_parts() -> None:
    kept = Kept()
    data = b"".join(
        json.dumps({"AcctId": str(n), "start": "2026-11-02 06:00:00", "uniqueid": f"1793620800.{n}"})
        .encode() for n in range(10_000)
    )  # fmt: skip
    with door(kept) as port:
        send(port, data)
    assert max(len(line.data) for line in kept.kept) <= 64 * 1024
    assert len(kept.kept) < 60, "each part is one commit"
    text = b"".join(line.data for line in kept.kept)
    assert text.count(b"AcctId") == 10_000


def post(port: int, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join(
        ["POST /cdr HTTP/1.1", "Host: box", f"Content-Length: {len(body)}", *headers]
    )
    for _ in range(50):
        try:
            caller = socket.create_connection(("127.0.0.1", port), 5)
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    with caller:
        caller.sendall(head.encode() + b"\r\n\r\n" + body)
        return caller.recv(65536).partition(b"\r\n")[0]


def test_over_http_a_record_is_durable_before_it_is_answered() -> None:
    kept, body = Kept(), pushed(legs_of(talk(), 10), "json")
    with door(kept, ("ucm", "sesame"), refuse=[0, 1]) as port:
        assert b"401" in post(port, body)
        basic = "Authorization: Basic dWNtOnNlc2FtZQ=="
        assert b"503" in post(port, body, basic)
        assert kept.kept == []
        assert b"200" in post(port, body, basic)
    assert [line.data for line in kept.kept] == [body]


def test_a_login_over_tcp_is_checked_and_never_kept() -> None:
    kept, body = Kept(), pushed(legs_of(talk(), 10), "json")
    with door(kept, ("ucm", "sesame")) as port:
        send(port, b'{"username":"ucm","password":"wrong"}' + body)
        assert kept.kept == []
        send(port, b'{"username":"ucm","password":"sesame"}' + body)
    assert [line.data for line in kept.kept] == [body]


def test_strangers_are_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ALLOWED", ("192.0.2.7",))
    kept = Kept()
    with door(kept) as port, pytest.raises(OSError):
        assert post(port, b"{}") == b"", "no answer"
        raise OSError
    assert kept.kept == []


def test_the_archive_gives_the_sound_where_there_is_no_api(tmp_path: Path) -> None:
    kept = Kept()
    kept.now = NOON + timedelta(minutes=2)
    legs = legs_of(talk(), 10)
    kept.receive(pushed(legs, "json"))
    place = {"by": "folder", "path": str(tmp_path)}
    box = Box(Means(feed=kept), listen_port=1, place=place)
    (tmp_path / "README").write_text("not bare")
    assert box.look(LATER).waiting == 1, "the file is still to come"
    path = tmp_path / legs[0]["recordfiles"].rstrip("@")
    path.parent.mkdir()
    path.write_bytes(AUDIO[:5000])
    assert box.look(LATER + timedelta(minutes=1)).waiting == 1, "it is still being copied"
    path.write_bytes(AUDIO)
    call = only(box.look(LATER + timedelta(minutes=2)).calls)
    with box.connector.open(call.recordings[0]) as handle:
        assert handle.read() == AUDIO


def test_nothing_to_read_is_refused_and_no_port_taken_twice() -> None:
    with pytest.raises(Misconfigured, match="address"):
        open_connector("grandstream", {})
    with socket.create_server(("", 0)) as taken, pytest.raises(Misconfigured, match="taken"):
        port = taken.getsockname()[1]
        grandstream_push.listen(port, ("", ""), ALLOWED, lambda data: None, threading.Event())
    assert grandstream.KIND.wants_listener is not None
    assert grandstream.KIND.wants_listener({"listen_port": 5000})
