"""Servers of the tests: they listen at 127.0.0.1 and end with their test."""

import datetime
import hashlib
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificate:
    """A self-signed certificate and its key in one PEM file."""

    def __init__(self, folder: Path, name: str = "pbx.test") -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        made = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=9000))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        self.fingerprint = hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


def free_port() -> int:
    """A port nobody has, below those the system gives to anyone who connects somewhere."""
    while True:
        port = random.randrange(15_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def free_ports(count: int) -> range:
    """So many ports in a row that nobody has."""
    while True:
        found = range(start := random.randrange(15_000, 32_000 - count), start + count)
        with suppress(OSError), ExitStack() as held:
            for port in found:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return found


@contextmanager
def serving(
    serve: Callable[[socket.socket], None], certificate: Certificate | None = None
) -> Iterator[int]:
    """A TCP server whose every connection is handed to ``serve`` in a thread; gives its port."""
    context = certificate.context() if certificate else None
    open_ones: list[socket.socket] = []
    ending = threading.Event()

    def one(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                serve(connection)

    def accept(server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            if ending.is_set():
                connection.close()
                return
            open_ones.append(connection)
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, args=(server,), daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ending.set()
            socket.create_connection(server.getsockname()).close()
            for connection in open_ones:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def read_request(connection: socket.socket) -> bytes:
    """One HTTP request: its head, and its body by its length; b"" when the other side hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def program(name: str) -> str:
    """The path of a server's program; the test is skipped by its name where there is none."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/openssh")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Running:
    """A server that was started, with all it starts itself."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.command, self.port, self.log = command, port, log
        self.start()

    def start(self) -> None:
        """Start it, in a session of its own; returns when it listens."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        self.killed = False
        try:
            wait_until(lambda: self._listens() or self.process.poll() is not None)
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """Kill it and every process that came of it, as a power cut would, and see them gone.

        They are stopped first: one that runs could start another one that nobody kills.
        """
        if self.killed:
            return  # its number may be another's by now
        found: set[psutil.Process] = set()
        while new := self._family() - found:
            signal_all(new, signal.SIGSTOP)
            found |= new
        signal_all(found, signal.SIGKILL)
        self.process.wait(10)
        wait_until(lambda: not any(map(is_alive, found)))
        self.killed = True
        wait_until(lambda: not self._listens())

    def _family(self) -> set[psutil.Process]:
        """All below it, and all in its session, whose own parent may be gone."""
        found = {one for one in psutil.process_iter() if is_in_session(one, self.process.pid)}
        for one in tuple(found):
            with suppress(psutil.NoSuchProcess):
                found.update(one.children(recursive=True))
        return found

    def _listens(self) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        return False


def wait_until(reached: Callable[[], bool], limit_s: float = 30) -> None:
    """Wait for what a server does in its own time."""
    until = time.monotonic() + limit_s
    while not reached():
        assert time.monotonic() < until, "a server of the tests did not start or end in time"
        time.sleep(0.02)


def signal_all(processes: set[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def is_in_session(process: psutil.Process, session: int) -> bool:
    with suppress(OSError):
        return os.getsid(process.pid) == session
    return False


def is_alive(process: psutil.Process) -> bool:
    """Whether it can still do anything: the dead may wait long for whoever buries them."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[Running]:
    """A server's program as long as the test lasts."""
    server = Running(command, port, log)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def sshd(home: Path) -> Iterator[tuple[Running, str, str]]:
    """OpenSSH for the user that runs the tests: the server, its fingerprint, a key that fits."""
    program_path, sftp_server = program("sshd"), program("sftp-server")
    keygen = program("ssh-keygen")
    for name in ("host", "user"):
        subprocess.run(
            [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)], check=True
        )
    told = subprocess.run(
        [keygen, "-lf", str(home / "host.pub")], check=True, capture_output=True, text=True
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    port = free_port()
    (home / "sshd_config").write_text(
        f"""
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
PidFile none
AuthorizedKeysFile {home}/user.pub
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
Subsystem sftp {sftp_server} -e
"""
    )
    command = [program_path, "-D", "-e", "-f", str(home / "sshd_config")]
    with running(command, port, home / "sshd.log") as server:
        yield server, told.stdout.split()[1], (home / "user").read_text()


SMB_USER, SMB_PASSWORD = "box", "correct horse"


@contextmanager
def smbd(home: Path, shared: Path) -> Iterator[Running]:
    """Samba with one share ``recordings``, for the user ``box`` of its own list."""
    program_path, smbpasswd = program("smbd"), program("smbpasswd")
    port = free_port()
    for name in ("private", "lock", "state", "cache", "pid", "ncalrpc"):
        (home / name).mkdir()
    who = Path(home / "users.map")
    owner = shared.owner()
    who.write_text(f"{owner} = {SMB_USER}\n")
    conf = home / "smb.conf"
    conf.write_text(
        f"""
[global]
server role = standalone server
security = user
map to guest = never
smb ports = {port}
interfaces = 127.0.0.1
bind interfaces only = yes
private dir = {home}/private
lock directory = {home}/lock
state directory = {home}/state
cache directory = {home}/cache
pid directory = {home}/pid
ncalrpc dir = {home}/ncalrpc
username map = {who}
log level = 0
disable netbios = yes
load printers = no
printing = bsd
printcap name = /dev/null
disable spoolss = yes

[recordings]
path = {shared}
read only = no
follow symlinks = yes
"""
    )
    subprocess.run(
        [smbpasswd, "-c", str(conf), "-s", "-a", owner],
        input=f"{SMB_PASSWORD}\n{SMB_PASSWORD}\n".encode(),
        check=True,
        capture_output=True,
    )
    command = [program_path, "-F", "--no-process-group", "-s", str(conf), f"--log-basename={home}"]
    with running(command, port, home / "smbd.log") as server:
        yield server


@contextmanager
def vsftpd(
    home: Path, certificate: Certificate | None, data: range = range(0)
) -> Iterator[tuple[Running, str, str]]:
    """vsftpd with anonymous sign-in to ``home/ftp`` alone: the server, a user, a password.

    ``data``: the ports of its data connections, any where it is empty.
    """
    program_path = program("vsftpd")
    port = free_port()
    empty = home / "empty"
    empty.mkdir()
    secured = (
        f"""
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
rsa_cert_file={certificate.path}
ssl_ciphers=HIGH
"""
        if certificate
        else ""
    )
    conf = home / "vsftpd.conf"
    conf.write_text(
        f"""
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
local_enable=NO
anon_root={home}/ftp
no_anon_password=YES
anon_world_readable_only=NO
secure_chroot_dir={empty}
seccomp_sandbox=NO
run_as_launching_user={"NO" if os.geteuid() == 0 else "YES"}
pasv_address=127.0.0.1
pasv_min_port={data.start}
pasv_max_port={max(0, data.stop - 1)}
vsftpd_log_file={home}/vsftpd.log
{secured}
"""
    )
    with running([program_path, str(conf)], port, home / "vsftpd.out") as server:
        yield server, "anonymous", "box@pbx.test"
