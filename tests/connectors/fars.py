"""OpenSSH, Samba and vsftpd with a clinic's monitor folder, each at the far end of a wire."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from connectors.kinds import Means
from connectors.places import Ftps, Place, Sftp, Smb
from tests.connectors.servers import (
    SMB_PASSWORD,
    SMB_USER,
    Certificate,
    Running,
    free_ports,
    smbd,
    sshd,
    vsftpd,
)
from tests.connectors.wire import NEAR, Wire

ALLOWED = ("127.0.0.0/24",)


class Clinic(NamedTuple):
    """A phone system's machine: ``home`` is what it shows, with ``monitor`` and ``log`` inside.

    ``log`` is how the connector says the folder of call records. ``refused`` is the place and the
    means of somebody the server does not know.
    """

    server: Running
    wire: Wire
    home: Path
    place: Place
    means: Means
    log: str
    refused: tuple[Place, Means]

    @property
    def root(self) -> Path:
        """Where the recordings are written."""
        return self.home / "monitor"


@contextmanager
def over_sftp(folder: Path) -> Iterator[Clinic]:
    """OpenSSH."""
    home = _home(folder / "pbx")
    with sshd(folder) as (server, host_key, key), _wire(server.port) as wire:
        place = Sftp(host=NEAR, port=server.port, user=home.owner(),
                     path=str(home / "monitor"), host_key=host_key)  # fmt: skip
        means = Means(secrets={"place_key": key}, allowed=ALLOWED)
        wrong = msgspec.structs.replace(means, secrets={"place_password": "wrong"})
        yield Clinic(server, wire, home, place, means, str(home / "log"), (place, wrong))


@contextmanager
def over_smb(folder: Path) -> Iterator[Clinic]:
    """Samba."""
    home = _home(folder / "pbx")
    with smbd(folder, home) as server, _wire(server.port) as wire:
        place = Smb(host=NEAR, port=server.port, share="recordings", user=SMB_USER, path="monitor")
        means = Means(secrets={"place_password": SMB_PASSWORD}, allowed=ALLOWED)
        wrong = msgspec.structs.replace(means, secrets={"place_password": "wrong"})
        yield Clinic(server, wire, home, place, means, "/log", (place, wrong))


@contextmanager
def over_ftps(folder: Path) -> Iterator[Clinic]:
    """vsftpd with TLS; its data connections go over the wire too."""
    home, certificate = _home(folder / "ftp"), Certificate(folder)
    for above in (folder, *list(folder.parents)[:2]):
        above.chmod(0o755)
    data = free_ports(30)
    with (
        vsftpd(folder, certificate, data) as (server, user, password),
        _wire(server.port, *data) as wire,
    ):
        place = Ftps(host=NEAR, port=server.port, user=user, path="/monitor",
                     certificate=certificate.fingerprint)  # fmt: skip
        means = Means(secrets={"place_password": password}, allowed=ALLOWED)
        stranger = msgspec.structs.replace(place, user="nobody")
        yield Clinic(server, wire, home, place, means, "/log", (stranger, means))


OVER: dict[str, Callable[[Path], AbstractContextManager[Clinic]]] = {
    "sftp": over_sftp, "smb": over_smb, "ftps": over_ftps,
}  # fmt: skip


def _home(folder: Path) -> Path:
    (folder / "log").mkdir(parents=True)
    return folder


@contextmanager
def _wire(*ports: int) -> Iterator[Wire]:
    wire = Wire(ports)
    try:
        yield wire
    finally:
        wire.close()
