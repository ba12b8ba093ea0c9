"""A real Asterisk: SIPp calls through MixMonitor, read by the box from its files and records.

The calls run only where ``asterisk`` is installed, which Debian 12 has not; that SIPp's callers and
phones understand each other is tried wherever ``sipp`` is. The dialplan, the scenarios and the
table are those the samples were captured with, and so are the phones: 101 answers, 102 only rings.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.facts.calls import FoundCall
from connectors.kinds import Means
from connectors.registry import open_connector
from tests.connectors.plugging import plug_in
from tests.connectors.servers import free_ports, wait_until
from tests.connectors.world import DATA

PROGRAM = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp is not installed"),
]
needs_asterisk = pytest.mark.skipif(
    PROGRAM is None, reason="asterisk is not installed (Debian 12 has none): no real calls here"
)
CASES = {"100": "wav", "110": "WAV", "120": "wav", "140": "wav", "160": ""}


def start_sipp(home: Path, scenario: str, port: int, *more: str) -> subprocess.Popen[bytes]:
    """SIPp with a scenario of the samples, and the tones its caller and its phones talk in."""
    (home / "caller.ulaw").write_bytes(bytes((0x9F, 0x1F) * 8 * 3000))
    (home / "agent.ulaw").write_bytes(bytes((0x9F, 0x9F, 0x1F, 0x1F) * 4 * 3000))
    return subprocess.Popen(
        ["sipp", "-sf", str(DATA / scenario), "-i", "127.0.0.1", "-p", str(port), *more],
        cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether a program has the UDP port already."""
    assert process.poll() is None, "SIPp has ended"
    ports = (line.split()[1] for line in Path("/proc/net/udp").read_text().splitlines()[1:])
    return any(int(address.rpartition(":")[2], 16) == port for address in ports)


class Asterisk:
    """One Asterisk in a folder of its own, its phones and callers played by SIPp."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.phone, _, self.caller = free_ports(4)
        self.started: list[subprocess.Popen[bytes]] = []
        for name in ("etc", "log/cdr-csv", "run", "spool/monitor", "db", "keys"):
            (home / name).mkdir(parents=True)
        self._configure()

    def start(self) -> None:
        """The phones, then Asterisk; returns when it takes calls."""
        for port, rings_ms in ((self.phone, "2000"), (self.phone + 1, "30000")):
            phone = start_sipp(self.home, "uas.xml", port, "-d", rings_ms)
            self.started.append(phone)
            wait_until(lambda phone=phone, port=port: listens(phone, port))  # type: ignore[misc]
        command = [str(PROGRAM), "-C", str(self.home / "etc" / "asterisk.conf")]
        server = subprocess.Popen(
            [*command, "-f"], env={**os.environ, "TZ": "UTC"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.started.append(server)
        wait_until(lambda: server.poll() is not None or (self.home / "run/asterisk.ctl").exists())
        assert server.poll() is None, "Asterisk did not start"
        subprocess.run([*command, "-rx", "core waitfullybooted"], check=True, timeout=60)

    def _configure(self) -> None:
        folders = {"astetcdir": "etc", "astlogdir": "log", "astrundir": "run",
                   "astspooldir": "spool", "astdbdir": "db", "astkeydir": "keys"}  # fmt: skip
        lines = "\n".join(f"{name} => {self.home / folder}" for name, folder in folders.items())
        self._write("asterisk.conf", f"[directories]\n{lines}\n[options]\nsystemname = clinic\n")
        self._write("modules.conf", "[modules]\nautoload = yes\n")
        self._write("logger.conf", "[logfiles]\nmessages => notice,warning,error\n")
        self._write("cdr.conf", "[general]\nenable = yes\nunanswered = yes\n"
                    "[csv]\nusegmtime = yes\nloguniqueid = yes\nloguserfield = yes\n"
                    "newcdrcolumns = yes\n")  # fmt: skip
        self._write("queues.conf", "[400]\nstrategy = ringall\nmember => PJSIP/101\n"
                    "member => PJSIP/102\n")  # fmt: skip
        self._write("pjsip.conf", self._pjsip())
        for name in ("extensions.conf", "cdr_sqlite3_custom.conf"):
            shutil.copy(DATA / name, self.home / "etc" / name)

    def _pjsip(self) -> str:
        ends = "".join(
            f"[{name}]\ntype = endpoint\ncontext = {context}\ndisallow = all\nallow = ulaw\n"
            f"aors = {name}\ndirect_media = no\n[{name}]\ntype = aor\n"
            f"contact = sip:{name}@127.0.0.1:{port}\n"
            for name, context, port in (
                ("101", "from-internal", self.phone), ("102", "from-internal", self.phone + 1),
                ("trunk", "from-trunk", self.caller),
            )
        )  # fmt: skip
        listen = f"[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{self.port}\n"
        known = "[known]\ntype = identify\nendpoint = trunk\nmatch = 127.0.0.1\n"
        return listen + ends + known

    def _write(self, name: str, content: str) -> None:
        (self.home / "etc" / name).write_text(content)

    def call(self, case: str) -> None:
        """One caller, who talks for six seconds once somebody answers."""
        caller = start_sipp(self.home, "uac.xml", self.caller, f"127.0.0.1:{self.port}",
                            "-s", f"5125550{case}", "-m", "1", "-d", "6000")  # fmt: skip
        caller.wait(60)

    def stop(self) -> None:
        for process in reversed(self.started):
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    made = Asterisk(tmp_path_factory.mktemp("asterisk"))
    try:
        made.start()
        for case in CASES:
            made.call(case)
        yield made
    finally:
        made.stop()


def read(asterisk: Asterisk, **records: str) -> list[FoundCall]:
    quick = {"look_gap_s": 1, "quiet_s": 1, "orphan_quiet_s": 2}
    settings = {"root": str(asterisk.home / "spool" / "monitor"), "patience": quick, **records}
    connector = open_connector("freepbx", settings)
    told: dict[str, FoundCall] = {}
    checkpoint: dict[str, object] = {}
    for _ in range(8):
        found = connector.discover(checkpoint, datetime.now(UTC))
        checkpoint = found.checkpoint
        told |= {call.native_key: call for call in found.calls}
        time.sleep(1)
    return sorted(told.values(), key=lambda call: call.started_at)


@needs_asterisk
@pytest.mark.parametrize("source", ["master_csv", "database_file"])
def test_real_calls_come_with_their_recordings(asterisk: Asterisk, source: str) -> None:
    path = "log/cdr-csv/Master.csv" if source == "master_csv" else "log/master.db"
    calls = read(asterisk, **{source: str(asterisk.home / path)},
                 **({"usegmtime": True} if source == "master_csv" else {}))  # fmt: skip
    assert len(calls) == len(CASES)
    for call, ending in zip(calls, CASES.values(), strict=True):
        assert (call.caller_number, call.direction) == ("+15125550142", "in")
        assert {recording.name.rpartition(".")[2] for recording in call.recordings} == (
            {ending} if ending else set()
        )
    assert [call.answer_state for call in calls] == ["answered"] * 4 + ["ring_abandon"]
    assert {call.staff_extension for call in calls[:4]} == {"101"}
    legs = calls[2].recordings
    assert [leg.channel_map for leg in legs] == [{"0": "caller"}, {"0": "staff"}]
    assert calls[3].queue == "400"


@needs_asterisk
def test_a_real_call_comes_into_a_box(asterisk: Asterisk, tmp_path: Path) -> None:
    settings = {"root": str(asterisk.home / "spool" / "monitor"), "usegmtime": True,
                "master_csv": str(asterisk.home / "log" / "cdr-csv" / "Master.csv")}  # fmt: skip
    assert plug_in(tmp_path, "freepbx", settings, Means(), datetime.now(UTC), recorded=True)


def test_the_callers_and_phones_of_the_calls_understand_each_other(tmp_path: Path) -> None:
    at, other = free_ports(2)
    phone = start_sipp(tmp_path, "uas.xml", at, "-d", "100")
    try:
        wait_until(lambda: listens(phone, at))
        caller = start_sipp(tmp_path, "uac.xml", other, f"127.0.0.1:{at}",
                            "-s", "5125550100", "-m", "1", "-d", "500")  # fmt: skip
        assert caller.wait(60) == 0
    finally:
        phone.terminate()
        phone.wait(30)
