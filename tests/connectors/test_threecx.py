"""The parts of 3CX one by one: names, CDR lines, sockets, the API's faults, words for people."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import Misconfigured, PetsvetError, Unavailable
from connectors import threecx, threecx_socket, threecx_xapi
from connectors.kinds import Means
from connectors.ledger import settle
from connectors.settling import Patience
from connectors.threecx_calls import Expected, Leg, Party, Record, tell_record
from connectors.threecx_cdr import FIELDS, Splitter, parse_line, records_of
from connectors.threecx_gather import Rules, State, gather
from connectors.threecx_join import join
from connectors.threecx_log import lasting, moment_of
from connectors.threecx_names import parse_name
from tests.connectors import threecx as pbx
from tests.connectors.servers import Certificate, free_port, serving
from tests.connectors.simulated import MONDAY, week

NOW = MONDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("[Rowe, Dana]_116-5125550142_20260224201047(789).wav", ("116", "5125550142", "789")),
        ("[Front (Desk)]_302-+15125550143_20260130152748(84).wav", ("302", "+15125550143", "84")),
        ("[A]_1-2_[B]_101-102_20260130120000(12).wav", ("101", "102", "12")),
        ("[Łukasz]_101-_20260130120000(12).wav", ("101", "", "12")),
    ],
)
def test_a_name_is_read_from_its_right_end(name: str, expected: tuple[str, str, str]) -> None:
    found = parse_name(name)
    assert found and (found.extension, found.other, found.callid) == expected


@pytest.mark.parametrize(
    "name",
    ["x.wav", "[A]_101-102_20261330120000(1).wav", "[A]_101-102_20260130120000.wav", "[]\n.wav"],
)
def test_a_name_of_another_grammar_says_nothing(name: str) -> None:
    assert parse_name(name) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 400), max_size=30), st.integers(1, 40))
def test_lines_are_the_same_however_the_network_cuts_them(cuts: list[int], count: int) -> None:
    lines = [line.encode() for call in week()[:count] for line in pbx.cdr_lines(call)]
    wire, splitter, found = b"\r\n".join(lines) + b"\r\n", Splitter(), []
    for cut in cuts:
        found += splitter.feed(wire[:cut])
        wire = wire[cut:]
    assert [*found, *splitter.feed(wire), *splitter.close()] == lines


def test_commas_nobody_quoted_cost_the_names_and_nothing_else() -> None:
    call = next(c for c in week() if c.direction == "in" and len(c.staff) == 1)
    line = pbx.cdr_lines(call)[0].replace(",Ann,", ",Smith, Ann, DVM,")
    found = parse_line(line.encode())
    assert found and found.text("from-dispname") == "" and found.text("final-dn") == call.staff[0]
    assert parse_line(line.encode()[:60]) is None


def test_a_line_that_was_sent_twice_is_one_call() -> None:
    lines = [parse_line(text.encode()) for text in pbx.cdr_lines(week()[1]) * 2]
    records = records_of([line for line in lines if line])
    assert len(records) == 1
    assert tell_record(records[0], "csv").native_key.startswith("cdr:")


def test_fields_may_come_in_another_order() -> None:
    fields = tuple(reversed(FIELDS))
    text = ",".join(reversed(pbx.cdr_lines(week()[2])[0].split(",")))
    found, expected = (
        parse_line(text.encode(), fields),
        parse_line(pbx.cdr_lines(week()[2])[0].encode()),
    )
    assert found and expected and found.texts == expected.texts


class _Listening:
    """A listener of ours in a thread, and what it stored."""

    def __init__(self, listen: Callable[..., None], *given: Any) -> None:
        self.stop, self.lines, self.refuse = threading.Event(), list[bytes](), 0
        self.thread = threading.Thread(target=listen, args=(*given, self.receive, self.stop))
        self.thread.start()

    def receive(self, data: bytes) -> None:
        if self.refuse:
            self.refuse -= 1
            raise Unavailable("the database is busy")
        self.lines.append(data)

    def wait(self, count: int) -> None:
        for _ in range(600):
            if len(self.lines) >= count:
                break
            self.stop.wait(0.05)
        self.stop.set()
        self.thread.join(10)


def test_a_burst_of_ten_thousand_records_is_stored_whole_when_3cx_connects(
    loopback: tuple[str, ...],
) -> None:
    port = free_port()
    ours = _Listening(threecx_socket.listen_active, port, Means(allowed=loopback))
    ours.refuse = 1
    burst = b"".join(b"Call %d,x\r\n" % number for number in range(10_000))
    for _ in range(200):
        try:
            connection = socket.create_connection(("127.0.0.1", port), 5)
            break
        except ConnectionRefusedError:
            ours.stop.wait(0.05)
    with connection:
        connection.sendall(burst[:50_001])
        connection.sendall(burst[50_001:])
    ours.wait(10_000)
    assert ours.lines == burst.split(b"\r\n")[:-1]


def test_a_stranger_may_not_send_records(loopback: tuple[str, ...]) -> None:
    assert not threecx_socket._is_allowed("192.168.7.7", ("192.168.1.0/24", "10.0.0.5"))
    assert threecx_socket._is_allowed("10.0.0.5", ("192.168.1.0/24", "10.0.0.5"))


def test_we_connect_again_when_3cx_hangs_up(
    loopback: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threecx_socket, "_AGAIN_S", (0.05,))
    sent = iter([b"Call 1,x\r\nCall 2", b"Call 3,x\r\n", b""])

    def serve(connection: socket.socket) -> None:
        connection.sendall(next(sent, b""))

    with serving(serve) as port:
        ours = _Listening(threecx_socket.listen_passive, "127.0.0.1", port, Means(allowed=loopback))
        ours.wait(3)
    assert ours.lines == [b"Call 1,x", b"Call 2", b"Call 3,x"]


@pytest.fixture
def api(tmp_path: Path, loopback: tuple[str, ...]) -> Iterator[tuple[pbx.Api, Callable[[], Any]]]:
    server, certificate = pbx.Api(), Certificate(tmp_path)
    for call in [call for call in week() if pbx.talks_of(call)][:150]:
        server.add(call)
        for talk in pbx.talks_of(call):
            server.record(call, talk)
    with serving(server.serve, certificate) as port:
        given = {"url": f"https://127.0.0.1:{port}", "client_id": "box",
                 "certificate": certificate.fingerprint}  # fmt: skip
        means = Means(secrets={"client_secret": "s3cret"}, allowed=loopback)
        yield server, lambda: threecx_xapi.KIND.make(given, means)


def test_pages_advance_even_where_the_filter_is_ignored(api: Any) -> None:
    server, make = api
    expected = [row["Id"] for row in server.recordings]
    for server.ignores_filter in (False, True):
        assert [row["Id"] for row in make().api.recordings(-1)] == expected


def test_a_token_given_to_somebody_else_is_renewed_once(api: Any) -> None:
    server, make = api
    connector = make()
    found = connector.discover({}, NOW)
    server.token = "another"
    recording = next(r for call in found.calls for r in call.recordings)
    with connector.open(recording) as stream:
        assert stream.read() == server.audio
    assert server.tokens == 2


def test_a_page_in_place_of_audio_is_no_recording(api: Any) -> None:
    server, make = api
    connector, server.html = make(), True
    recording = next(r for call in connector.discover({}, NOW).calls for r in call.recordings)
    with pytest.raises(Unavailable, match="html_instead_of_audio"):
        connector.open(recording)


def test_without_an_enterprise_license_people_are_told_to_use_the_folder(api: Any) -> None:
    server, make = api
    server.licensed = False
    assert "Enterprise" in make().probe(NOW).problems[0]
    assert "folder" in make().probe(NOW).problems[0]


def test_a_wrong_secret_is_not_tried_again_at_once(api: Any) -> None:
    server, make = api
    server.secret = "changed"
    for _ in range(3):
        with pytest.raises(PetsvetError):
            make().discover({}, NOW)
    assert server.asked.count("/connect/token") == 1


def test_times_of_the_api_have_seven_digits_and_a_zone() -> None:
    assert moment_of("2026-02-24T14:10:47.8173320-06:00") == datetime(
        2026, 2, 24, 20, 10, 47, 817332, tzinfo=UTC
    )
    assert moment_of("soon") is None
    assert lasting("PT1M12.577027S") == timedelta(seconds=72.577027)


def _discover(connector: Any, now: datetime, times: int = 3) -> list[Any]:
    state, told = {}, []
    for _ in range(times):
        found = connector.discover(state, now)
        state, now = found.checkpoint, now + timedelta(minutes=10)
        told += found.calls
    return told


def test_names_in_local_time_are_recognized_by_when_files_were_closed(tmp_path: Path) -> None:
    folder, zone = pbx.Folder(tmp_path), ZoneInfo("America/Chicago")
    start = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    path = pbx.name_of("101", "5125550142", start.astimezone(zone), 7)
    folder.write(path, start + timedelta(seconds=5), seconds=5)
    connector = threecx.KIND.make(
        {"place": {"by": "folder", "path": str(tmp_path)}, "zone": zone.key}, Means()
    )
    assert [call.started_at for call in _discover(connector, start + timedelta(hours=1))] == [start]


def test_an_extension_that_looks_like_a_year_is_an_extension(tmp_path: Path) -> None:
    folder = pbx.Folder(tmp_path)
    folder.write(pbx.name_of("2001", "5125550142", MONDAY, 7), MONDAY)
    connector = threecx.KIND.make({"place": {"by": "folder", "path": str(tmp_path)}}, Means())
    told = _discover(connector, MONDAY + timedelta(hours=1))
    assert [call.staff_extension for call in told] == ["2001"]


def test_the_same_name_in_two_folders_is_one_call(tmp_path: Path) -> None:
    folder = pbx.Folder(tmp_path)
    name = pbx.name_of("101", "5125550142", MONDAY, 7)
    folder.write(name, MONDAY)
    folder.write(f"Archive/{name}", MONDAY)
    connector = threecx.KIND.make({"place": {"by": "folder", "path": str(tmp_path)}}, Means())
    told = _discover(connector, MONDAY + timedelta(hours=1))
    assert [len(call.recordings) for call in told] == [1]


def test_a_recording_3cx_names_and_nobody_has_is_said_after_a_day() -> None:
    talk = Leg(
        started_at=MONDAY, answered_at=MONDAY, ended_at=MONDAY + timedelta(seconds=60),
        source=Party("line", "10000", "+15125550142"), target=Party("extension", "101"),
    )  # fmt: skip
    record = Record(key="k", legs=(talk,), expected=(Expected(paths=("101/gone.wav",)),))
    rules = Rules(
        patience=Patience(), source="csv", zone=UTC, doubt=False, extensions=(), immediate=False,
        hold_orphans=False, orphan_s=3600, has_place=True,
    )  # fmt: skip
    state, told = State(), []
    for hours in (1, 12, 23, 26, 27):
        now = MONDAY + timedelta(hours=hours)
        found = gather(state, [record], join([record], [], [UTC]), rules, now)
        told.append(settle(state.ledger, [item.candidate for item in found], now))
    assert [len(calls) for calls in told] == [0, 0, 0, 1, 0]
    assert (told[3][0].recordings, told[3][0].warnings) == ((), ("cdr_without_file",))


@pytest.mark.parametrize("wrong", [{}, {"cdr": "active"}, {"cdr": "passive", "cdr_port": 4000},
                                   {"cdr": "files"}])  # fmt: skip
def test_settings_that_cannot_work_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        threecx.KIND.make(wrong, Means())


def test_cdr_files_tell_calls_too(tmp_path: Path) -> None:
    lines = tmp_path / "cdr"
    lines.mkdir()
    calls = week()[:40]
    text = "".join(f"{line}\r\n" for call in calls for line in pbx.cdr_lines(call))
    (lines / "cdr.log").write_text(text + "Call 9,cut off")
    connector = threecx.KIND.make(
        {"cdr": "files", "cdr_place": {"by": "folder", "path": str(lines)}}, Means()
    )
    told = _discover(connector, calls[-1].end + timedelta(hours=2))
    assert len(told) == len({call.native_key for call in told}) == 40


def test_the_database_is_asked_for_with_words_for_people(
    loopback: tuple[str, ...], tmp_path: Path
) -> None:
    given = {"database_host": "127.0.0.1", "database_port": free_port()}
    probe = threecx.KIND.make(given, Means(allowed=loopback)).probe(NOW)
    assert "database of 3CX is away" in probe.problems[0]
