"""A real Asterisk: SIPp calls through MixMonitor, read by the box from its files and records.

Runs only where ``asterisk`` and ``sipp`` are installed; Debian 12 has no Asterisk. The dialplan,
the scenarios and the table are those the samples were captured with.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.facts.calls import FoundCall
from connectors.registry import open_connector
from tests.connectors.servers import free_port
from tests.connectors.world import DATA

PROGRAM = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PROGRAM is None or shutil.which("sipp") is None,
        reason="asterisk and sipp are not installed",
    ),
]
CASES = {"100": "wav", "110": "WAV", "120": "wav", "140": "wav", "160": ""}


class Asterisk:
    """One Asterisk in a folder of its own, its phones and callers played by SIPp."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.phone = home, free_port(), free_port()
        for name in ("etc", "log/cdr-csv", "run", "spool/monitor", "db", "keys"):
            (home / name).mkdir(parents=True)
        self._configure()
        (home / "caller.ulaw").write_bytes(bytes((0x9F, 0x1F) * 8 * 3000))
        (home / "agent.ulaw").write_bytes(bytes((0x9F, 0x9F, 0x1F, 0x1F) * 4 * 3000))
        self.started = [self._start_phone(), self._start_asterisk()]

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
        self._write("queues.conf", "[400]\nstrategy = ringall\nmember => PJSIP/101\n")
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
                ("trunk", "from-trunk", self.phone + 2),
            )
        )  # fmt: skip
        listen = f"[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{self.port}\n"
        known = "[known]\ntype = identify\nendpoint = trunk\nmatch = 127.0.0.1\n"
        return listen + ends + known

    def _write(self, name: str, content: str) -> None:
        (self.home / "etc" / name).write_text(content)

    def _start_phone(self) -> subprocess.Popen[bytes]:
        return self._sipp("uas.xml", self.phone, "-d", "2000")

    def _start_asterisk(self) -> subprocess.Popen[bytes]:
        started = subprocess.Popen(
            [str(PROGRAM), "-f", "-C", str(self.home / "etc" / "asterisk.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (self.home / "run" / "asterisk.ctl").exists():
            assert started.poll() is None and time.monotonic() < deadline, "Asterisk did not start"
            time.sleep(0.2)
        time.sleep(3)  # the SIP channel comes up after the control socket
        return started

    def _sipp(self, scenario: str, port: int, *more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["sipp", "-sf", str(DATA / scenario), "-i", "127.0.0.1", "-p", str(port), *more],
            cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def call(self, case: str) -> None:
        """One caller, who talks for six seconds."""
        caller = self._sipp("uac.xml", self.phone + 2, f"127.0.0.1:{self.port}",
                            "-s", f"5125550{case}", "-m", "1", "-d", "6000")  # fmt: skip
        caller.wait(60)

    def stop(self) -> None:
        for process in reversed(self.started):
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    started = Asterisk(tmp_path_factory.mktemp("asterisk"))
    for case in CASES:
        started.call(case)
    yield started
    started.stop()


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
