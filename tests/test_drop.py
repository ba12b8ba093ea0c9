"""The drop: archives deliver by SFTP, scp and FTP, stay in their folder and lose nothing."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aioftp
import asyncssh
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from appliance import phones
from appliance.commands.box import Box
from appliance.commands.main import cli
from appliance.commands.serve import children_of
from appliance.config import Drop as Table
from appliance.config import load_config
from appliance.db import rows, writing
from appliance.drop import Drop
from appliance.drop_host_key import fingerprint, host_key
from appliance.drop_jail import MARKER, Jail, Limits, parts_of
from appliance.errors import Misconfigured, Tampered
from appliance.health import check_drop
from appliance.store import audit, connectors
from appliance.store.troubles import list_troubles
from tests.world import BEGIN, World, make_world

PASSWORD = "an archive with a long password"
SFTP = shutil.which("sftp")
FREE = 1 << 20  # bytes that must stay free for these tests


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.02)


def is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


class Site:
    """A box with a drop, and a phone system's archive that delivers into it."""

    def __init__(self, folder: Path, **drop: Any) -> None:
        self.port, self.ftp_port = free_port(), free_port()
        ports: dict[str, Any] = {"port": self.port, "ftp_port": self.ftp_port, "host": "127.0.0.1"}
        self.world: World = make_world(folder, drop=Table(**(ports | drop)))
        self.home = folder
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.key_file = folder / "id"
        self.key.write_private_key(self.key_file)
        self.key_file.chmod(0o600)
        self.known_hosts = folder / "known_hosts"
        self.free = FREE

    def add(self, user: str = "pbx", *, key: bool = True, password: str = PASSWORD) -> int:
        """A phone system that delivers as ``user``."""
        public = self.key.export_public_key().decode().strip() if key else ""
        place = {"by": "drop", "user": user, "key": public}
        db = self.world.open_db()
        with writing(db):
            number = connectors.add_connector(
                db, f"archive {user}", "folder", {"place": place}, now=BEGIN
            )
            if password:
                secrets = {"place_password": password}
                phones.save_secrets(db, self.world.keys, number, secrets, now=BEGIN)
        return number

    def folder(self, user: str = "pbx") -> Path:
        return self.world.data / "drop" / user

    @contextmanager
    def open(self) -> Iterator["Site"]:
        """The servers, in a thread of this process."""
        loop, ready = asyncio.new_event_loop(), threading.Event()
        stopping: list[asyncio.Event] = []

        async def serve() -> None:
            stopping.append(asyncio.Event())
            self.drop = Drop(self.world.tools(), self.free)
            ready.set()
            await self.drop.run(stopping[0])

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
        thread.start()
        ready.wait()
        try:
            until(lambda: is_open(self.port))
            yield self
        finally:
            loop.call_soon_threadsafe(stopping[0].set)
            thread.join()
            loop.close()

    def options(self) -> list[str]:
        """What OpenSSH's clients are told: the pinned host key and nothing else."""
        public = asyncssh.read_private_key(self.world.data / "drop_host_key").export_public_key()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public.decode()}")
        return [
            "-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "StrictHostKeyChecking=yes",
            "-o", "IdentitiesOnly=yes", "-F", "none", "-i", str(self.key_file),
        ]  # fmt: skip

    def sftp(self, *commands: str, user: str = "pbx") -> subprocess.CompletedProcess[str]:
        """OpenSSH's client with a batch of commands; a leading - lets one fail."""
        assert SFTP
        return subprocess.run(
            [SFTP, "-b", "-", "-P", str(self.port), *self.options(), f"{user}@127.0.0.1"],
            input="\n".join(commands) + "\n", text=True, capture_output=True, cwd=self.home,
            timeout=60,
        )  # fmt: skip

    def client(self, user: str = "pbx", password: str = PASSWORD) -> Any:
        """A connection of asyncssh."""
        return asyncssh.connect(
            "127.0.0.1", self.port, username=user, password=password, known_hosts=None,
            client_keys=None, config=None,
        )  # fmt: skip

    def actions(self) -> list[tuple[str, str]]:
        return [(e.actor, e.action) for e in audit.list_entries(self.world.open_db())]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    made.add()
    yield made
    made.world.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.drop.LOOK_S", 0.2)


needs_sftp = pytest.mark.skipif(SFTP is None, reason="sftp is not installed")


@needs_sftp
def test_openssh_uploads_resumes_renames_lists_and_deletes(site: Site) -> None:
    whole = os.urandom(300_000)
    (site.home / "call.wav").write_bytes(whole)
    with site.open():
        cut = site.folder() / "2026" / "call.part"
        done = site.sftp("mkdir 2026", "put call.wav 2026/call.part")
        assert done.returncode == 0, done.stderr
        cut.write_bytes(whole[:100_000])  # the line broke
        done = site.sftp(
            "reput call.wav 2026/call.part",
            "rename 2026/call.part 2026/call.wav",
            "ls -l 2026",
            "put call.wav other.wav",
            "rm other.wav",
            "pwd",
        )
        assert done.returncode == 0, done.stderr
        assert "call.wav" in done.stdout
        assert "Remote working directory: /" in done.stdout
    assert (site.folder() / "2026" / "call.wav").read_bytes() == whole
    assert sorted(p.name for p in site.folder().rglob("*")) == [".petsvet", "2026", "call.wav"]


@needs_sftp
def test_nothing_leads_out_of_an_account(site: Site) -> None:
    secret = site.world.data / "keyring.json"
    site.add("other")
    (site.home / "x").write_bytes(b"x")
    with site.open():
        until(lambda: site.folder("other").exists())
        (site.folder("other") / "theirs.wav").write_bytes(b"theirs")
        (site.folder() / "out").symlink_to(site.world.data)
        (site.folder() / "hard.wav").hardlink_to(site.folder("other") / "theirs.wav")
        (site.home / "copy").mkdir()
        done = site.sftp(
            "-symlink /etc/passwd link",
            "-symlink ../other link",
            "-ln x link",
            "-ln -s x link",
            "-put x ../other/x",
            "-put x ../../x",
            f"-get {secret} copy/a",
            "-get ../../keyring.json copy/b",
            "-get out/keyring.json copy/c",
            "-put x out/x",
            "-get /../other/theirs.wav copy/d",
            "-get hard.wav copy/e",
            "-put x hard.wav",
            "-rename out in",
            "-put x .petsvet",
            "-rm .petsvet",
            "-put x up/../kept",
            "ls -la",
        )
    assert done.returncode == 0, done.stderr
    assert list((site.home / "copy").iterdir()) == []
    assert (site.folder("other") / "theirs.wav").read_bytes() == b"theirs"
    inside = {p.name for p in site.folder().iterdir()}
    assert inside <= {".petsvet", "out", "in", "hard.wav", "kept", "x", "other"}
    assert not (site.world.data / "x").exists()
    assert {p.name for p in site.folder("other").iterdir()} == {".petsvet", "theirs.wav"}
    assert "out" not in done.stdout.split("ls -la")[-1].split()


def test_a_client_that_speaks_the_protocol_by_hand_gets_no_further(site: Site) -> None:
    async def attack() -> None:
        async with site.client() as line, line.start_sftp_client() as sftp:
            for act in (
                sftp.symlink("/etc", "a"),
                sftp.link("b", "a"),
                sftp.readlink("a"),
                sftp.mkdir("/".join("deep" for _ in range(14))),
                sftp.open("bad\nname", "wb"),
                sftp.open(".petsvet", "wb"),
                sftp.stat("/etc/passwd"),
                sftp.statvfs("/"),
                sftp.setstat("/etc/passwd", asyncssh.SFTPAttrs(permissions=0o777)),
            ):
                with pytest.raises((asyncssh.SFTPError, OSError)):
                    await act
            async with sftp.open("mode.wav", "wb") as file:
                await file.write(b"x")
            await sftp.chmod("mode.wav", 0o4777)
            assert await sftp.realpath("../../..") == "/"
            with pytest.raises(asyncssh.Error):
                await line.run("id", check=True)
            with pytest.raises(asyncssh.Error):
                await line.create_process()
            with pytest.raises(asyncssh.Error):
                await line.open_connection("127.0.0.1", site.port)
            with pytest.raises(asyncssh.ChannelListenError):
                await line.forward_remote_port("", 0, "127.0.0.1", 1)

    with site.open():
        asyncio.run(attack())
    assert (site.folder() / "mode.wav").stat().st_mode & 0o7777 == 0o600
    assert site.folder().stat().st_mode & 0o777 == 0o700
    assert (site.world.data / "drop_host_key").stat().st_mode & 0o777 == 0o600


def test_five_wrong_passwords_make_an_address_wait_and_all_is_in_the_audit_log(site: Site) -> None:
    async def knock(user: str, password: str) -> bool:
        try:
            async with site.client(user, password):
                return True
        except asyncssh.Error:
            return False

    with site.open():
        assert asyncio.run(knock("pbx", PASSWORD))
        assert asyncio.run(knock("pbx", PASSWORD))
        assert not asyncio.run(knock("nobody", PASSWORD))
        assert not asyncio.run(knock("pbx", ""))
        for _ in range(5):
            assert not asyncio.run(knock("pbx", "wrong"))
        assert not asyncio.run(knock("pbx", PASSWORD)), "this address has to wait"
        site.world.wait(minutes=16)
        assert asyncio.run(knock("pbx", PASSWORD))
    actions = site.actions()
    assert actions.count(("pbx", "drop_sign_in")) == 1, "noted once an hour"
    assert ("unknown", "drop_sign_in_failed") in actions
    failed = [a for a in actions if a[1] == "drop_sign_in_failed"]
    assert len(failed) == 5


def test_a_new_account_works_at_once_and_a_changed_one_no_longer(site: Site) -> None:
    async def visit(user: str) -> None:
        async with site.client(user) as line, line.start_sftp_client() as sftp:
            async with sftp.open("a.wav", "wb") as file:
                await file.write(b"a")
            if user == "late":
                return
            db = site.world.open_db()
            with writing(db):
                other = {"place_password": "a wholly different password"}
                phones.save_secrets(db, site.world.keys, number, other, now=BEGIN)
            with pytest.raises((asyncssh.Error, OSError, ConnectionError)):
                for _ in range(100):
                    await asyncio.sleep(0.1)
                    await sftp.stat("a.wav")

    with site.open():
        site.add("late")
        asyncio.run(visit("late"))
        number = connectors.get_connector_by_name(site.world.db, "archive pbx").id
        asyncio.run(visit("pbx"))
        with pytest.raises(asyncssh.PermissionDenied):
            asyncio.run(visit("pbx"))


def test_a_box_without_drop_places_opens_no_port(tmp_path: Path) -> None:
    empty = Site(tmp_path)
    with pytest.raises(AssertionError, match="in time"):  # noqa: SIM117
        with patched_until(1.0), empty.open():
            pass
    empty.world.close()


@contextmanager
def patched_until(seconds: float) -> Iterator[None]:
    """Let the site give up sooner."""
    here = sys.modules[__name__]
    usual = until
    here.until = lambda condition: usual(condition, seconds)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        here.until = usual  # type: ignore[attr-defined]


def test_a_port_that_is_taken_is_told_and_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.drop.AGAIN_S", 0.1)
    taken = socket.create_server(("127.0.0.1", site.port))
    with site.open():
        until(lambda: "drop" in list_troubles(site.world.open_db()))
        taken.close()
        until(lambda: list_troubles(site.world.open_db()) == {})
        assert asyncio.run(_listing(site)) == []


async def _listing(site: Site) -> list[str]:
    async with site.client() as line, line.start_sftp_client() as sftp:
        return [name for name in await sftp.listdir(".") if name not in (".", "..")]


def test_quota_and_full_disk_are_refused_in_words_and_lose_nothing(tmp_path: Path) -> None:
    small = Site(tmp_path, account_gb=100_000 / 2**30, account_files=4)
    small.add()

    async def fill() -> None:
        async with small.client() as line, line.start_sftp_client() as sftp:
            async with sftp.open("a.wav", "wb") as file:
                await file.write(b"a" * 60_000)
            async with sftp.open("b.wav", "wb") as file:
                with pytest.raises(asyncssh.SFTPError, match="quota"):
                    await file.write(b"b" * 60_000)
            with pytest.raises(asyncssh.SFTPError, match="quota"):
                await sftp.truncate("a.wav", 10**12)
            await sftp.posix_rename("b.wav", "a2.wav")
            await sftp.remove("a2.wav")
            async with sftp.open("b.wav", "wb") as file:
                await file.write(b"b" * 30_000)
            await sftp.mkdir("c")
            await sftp.mkdir("d")
            with pytest.raises(asyncssh.SFTPError, match="quota"):
                await sftp.mkdir("e")
            with pytest.raises(asyncssh.SFTPError, match="quota"):
                await sftp.open("f.wav", "wb")

    async def full() -> None:
        async with small.client() as line, line.start_sftp_client() as sftp:
            with pytest.raises(asyncssh.SFTPError, match="nearly full"):
                await sftp.open("a.wav", "wb")
            async with sftp.open("a.wav", "rb") as file:
                assert len(await file.read()) == 60_000

    with small.open():
        asyncio.run(fill())
        until(lambda: "quota" in list_troubles(small.world.open_db()).get("drop.pbx", ""))
        assert check_drop(small.world.db, small.world.tools()).state == "problem"
    small.free = 1 << 60
    with small.open():
        asyncio.run(full())
    assert (small.folder() / "a.wav").read_bytes() == b"a" * 60_000
    small.world.close()


def test_many_small_files_in_two_uploads_at_once_all_arrive(site: Site) -> None:
    async def upload(start: str) -> None:
        async with site.client() as line, line.start_sftp_client() as sftp:
            await sftp.mkdir(start)

            async def one(number: int) -> None:
                async with sftp.open(f"{start}/{number}.wav", "wb") as file:
                    await file.write(b"%d" % number)

            for first in range(0, 150, 50):
                await asyncio.gather(*(one(first + n) for n in range(50)))

    async def both() -> None:
        await asyncio.gather(upload("one"), upload("two"))

    with site.open():
        asyncio.run(both())
    for start in ("one", "two"):
        files = {p.name: p.read_bytes() for p in (site.folder() / start).iterdir()}
        assert files == {f"{n}.wav": b"%d" % n for n in range(150)}


def test_a_client_that_vanishes_leaves_nothing_open_and_one_folder_removed_is_made_anew(
    site: Site,
) -> None:
    async def vanish() -> None:
        line = await site.client()
        sftp = await line.start_sftp_client()
        file = await sftp.open("half.wav", "wb")
        await file.write(b"half")
        line.abort()

    async def removed() -> None:
        async with site.client() as line, line.start_sftp_client() as sftp:
            await sftp.stat("half.wav")
            shutil.rmtree(site.folder())
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await sftp.open("lost.wav", "wb")

    with site.open():
        asyncio.run(vanish())
        until(lambda: not site.drop._jails["pbx"]._open)
        assert (site.folder() / "half.wav").read_bytes() == b"half"
        asyncio.run(removed())
        until(site.folder().exists)
        assert asyncio.run(_listing(site)) == []


def test_too_many_connections_from_one_address_are_turned_away(site: Site) -> None:
    async def crowd() -> None:
        lines = [await site.client() for _ in range(8)]
        with pytest.raises((asyncssh.Error, OSError)):
            await site.client()
        for line in lines:
            line.abort()

    with site.open():
        asyncio.run(crowd())
        until(lambda: asyncio.run(_listing(site)) == [])


@given(st.text(st.sampled_from("ab./\\\0\n\u00e9\udc80 "), max_size=30))
def test_no_path_leads_above_the_top(path: str) -> None:
    try:
        parts = parts_of(path)
    except OSError:
        return
    assert not {"", ".", "..", MARKER} & set(parts)
    assert not any("/" in part or "\0" in part or "\n" in part for part in parts)


def test_two_uploads_of_the_same_name_at_once_leave_one_whole_size(site: Site) -> None:
    async def upload(letter: bytes) -> None:
        async with site.client() as line, line.start_sftp_client() as sftp:
            file = await sftp.open("same.wav", "wb")
            for at in range(0, 200_000, 50_000):
                await file.write(letter * 50_000, at)
            await file.close()

    async def both() -> None:
        await asyncio.gather(upload(b"a"), upload(b"b"))

    with site.open():
        asyncio.run(both())
    stored = (site.folder() / "same.wav").read_bytes()
    assert len(stored) == 200_000
    assert set(stored) <= {ord("a"), ord("b")}


def test_ten_thousand_small_files_fit_and_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.drop_jail.os.fsync", lambda _: None)  # ten thousand are slow
    jail = Jail(tmp_path / "pbx", Limits(size=1 << 20, entries=10_001, free=0))
    jail.make_folder("day")
    for number in range(10_000):
        file = jail.open_write(f"day/{number}", create=True, exclusive=False, truncate=True)
        jail.write(file, 0, b"x")
        jail.finish(file)
    assert len(jail.entries("day")) == 10_000
    with pytest.raises(OSError, match="quota"):
        jail.open_write("one more", create=True, exclusive=False, truncate=True)
    jail.remove("day/7")
    jail.finish(jail.open_write("one more", create=True, exclusive=False, truncate=True))
    jail.close()


def serve(site: Site) -> subprocess.Popen[bytes]:
    """The drop as its own process, as the supervisor starts it."""
    config = site.home / "config.toml"
    drop = f'[drop]\nhost = "127.0.0.1"\nport = {site.port}\n'
    config.write_text(drop)
    command = [sys.executable, "-m", "appliance", "--data", str(site.world.data)]
    process = subprocess.Popen(
        [*command, "--config", str(config), "serve", "drop"], stderr=subprocess.DEVNULL
    )
    until(lambda: is_open(site.port), 60)
    return process


@needs_sftp
def test_a_server_killed_in_the_middle_of_an_upload_lets_it_be_resumed(site: Site) -> None:
    whole = os.urandom(3_000_000)
    (site.home / "call.wav").write_bytes(whole)

    async def half(process: subprocess.Popen[bytes]) -> None:
        line = await site.client()
        sftp = await line.start_sftp_client()
        file = await sftp.open("call.wav.part", "wb")
        await file.write(whole[:1_000_000])
        process.send_signal(signal.SIGKILL)
        process.wait()
        with pytest.raises((asyncssh.Error, OSError)):
            await file.write(whole[1_000_000:])
            await file.close()
        line.abort()

    process = serve(site)
    asyncio.run(half(process))
    assert (site.folder() / "call.wav.part").stat().st_size == 1_000_000
    process = serve(site)
    try:
        told = site.sftp("reput call.wav call.wav.part", "rename call.wav.part call.wav")
        assert told.returncode == 0, told.stderr
    finally:
        process.terminate()
        assert process.wait(20) == 0
    assert (site.folder() / "call.wav").read_bytes() == whole
    assert fingerprint(site.world.data).startswith("SHA256:")


@pytest.mark.skipif(shutil.which("scp") is None, reason="scp is not installed")
def test_the_old_scp_delivers_too(site: Site) -> None:
    (site.home / "call.wav").write_bytes(b"call")
    scp = ["scp", "-O", "-B", "-P", str(site.port)]
    with site.open():
        done = subprocess.run(
            [*scp, *site.options(), "call.wav", "pbx@127.0.0.1:../../kept.wav"],
            cwd=site.home,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert (site.folder() / "kept.wav").read_bytes() == b"call"


def test_ftp_is_closed_unless_wished_for(site: Site) -> None:
    with site.open():
        assert not is_open(site.ftp_port)


def test_ftp_has_the_same_accounts_jail_and_quota_and_health_tells_of_it(tmp_path: Path) -> None:
    plain = Site(tmp_path, ftp=True, account_gb=100_000 / 2**30)
    plain.add()
    (plain.home / "call.wav").write_bytes(b"c" * 50_000)

    async def deliver() -> None:
        async with aioftp.Client.context("127.0.0.1", plain.ftp_port, "pbx", PASSWORD) as ftp:
            await ftp.make_directory("2026/11")
            await ftp.upload(plain.home / "call.wav", "2026/11/call.part", write_into=True)
            async with ftp.upload_stream("2026/11/call.part", offset=40_000) as stream:
                await stream.write(b"d" * 20_000)
            await ftp.rename("2026/11/call.part", "2026/11/call.wav")
            assert [p.name for p, _ in await ftp.list("2026/11")] == ["call.wav"]
            _, lines = await ftp.command("SIZE 2026/11/call.wav", "213")
            assert lines[0].strip() == "60000"
            with pytest.raises(aioftp.StatusCodeError):
                await ftp.upload(plain.home / "call.wav", "../../x.wav", write_into=True)
            for path in ("/../../keyring.json", ".petsvet"):
                with pytest.raises(aioftp.StatusCodeError):
                    await ftp.command(f"SIZE {path}", "213")

    async def wrong() -> None:
        with pytest.raises(aioftp.StatusCodeError):
            async with aioftp.Client.context("127.0.0.1", plain.ftp_port, "pbx", "wrong"):
                pass

    with plain.open():
        until(lambda: is_open(plain.ftp_port))
        until(lambda: "readable" in list_troubles(plain.world.open_db()).get("ftp", ""))
        assert check_drop(plain.world.db, plain.world.tools()).state == "warning"
        asyncio.run(deliver())
        for _ in range(5):
            asyncio.run(wrong())
        with pytest.raises(aioftp.StatusCodeError):
            asyncio.run(deliver())
    stored = (plain.folder() / "2026" / "11" / "call.wav").read_bytes()
    assert stored == b"c" * 40_000 + b"d" * 20_000
    assert not (plain.world.data / "x.wav").exists()
    assert len(rows(plain.world.db, "SELECT * FROM sign_in_failure")) == 5
    plain.world.close()


def test_the_host_key_is_made_once_and_never_replaced_in_silence(tmp_path: Path) -> None:
    first = host_key(tmp_path)
    assert host_key(tmp_path) == first
    made = asyncssh.import_private_key(first)
    assert made.get_fingerprint() == fingerprint(tmp_path)
    path = tmp_path / "drop_host_key"
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod"):
        host_key(tmp_path)
    path.chmod(0o600)
    path.write_bytes(b"")
    with pytest.raises(Tampered):
        host_key(tmp_path)


def test_the_command_line_tells_port_and_host_key_and_serve_all_starts_both(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(site.world.data)
    shown = CliRunner().invoke(cli, ["--data", data, "serve", "drop", "--show"])
    assert f"SFTP port 2222, host key {fingerprint(site.world.data)}" in shown.output
    monkeypatch.setattr("appliance.commands.serve.worker_environment", lambda config: {})
    children = {child.name: child.arguments for child in children_of(Box(site.world.data))}
    assert children["drop"] == ["--data", data, "serve", "drop"]
    assert children["listen"] == ["--data", data, "serve", "listen"]


@pytest.mark.parametrize("text", ["ftp_data_ports = [5, 4]", "port = 0", "account_gb = 0"])
def test_settings_of_the_drop_that_cannot_be_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[drop]\n{text}\n")
    with pytest.raises(Misconfigured, match="drop"):
        load_config(tmp_path, [file])
