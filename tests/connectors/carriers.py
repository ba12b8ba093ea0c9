"""What carries a tree of files from another machine: each real server, and a folder of it shown."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from connectors.kinds import Means
from connectors.places import Ftps, Sftp, Smb
from tests.connectors.servers import (
    SMB_PASSWORD,
    SMB_USER,
    Certificate,
    smbd,
    sshd,
    vsftpd,
)
from tests.connectors.trees import HOSTILE, Far

# Shows a folder of this name, made empty, to whom may talk to these addresses.
Show = Callable[[str, tuple[str, ...]], Far]


class Carrier(NamedTuple):
    """``names``: of files, as bytes, that it can say. ``many``: files it lists in no time."""

    start: Callable[[Path], AbstractContextManager[Show]]
    names: list[bytes]
    many: int = 3000


@contextmanager
def _sftp(home: Path) -> Iterator[Show]:
    with sshd(home) as (server, host_key, key):

        def show(name: str, allowed: tuple[str, ...]) -> Far:
            root = _root(home, name)
            place = Sftp(host="127.0.0.1", port=server.port, user=root.owner(), path=str(root),
                         host_key=host_key)  # fmt: skip
            return Far(server, root, place, Means(secrets={"place_key": key}, allowed=allowed))

        yield show


@contextmanager
def _smb(home: Path) -> Iterator[Show]:
    shared = home / "shared"
    shared.mkdir()
    with smbd(home, shared) as server:

        def show(name: str, allowed: tuple[str, ...]) -> Far:
            root = _root(shared, name)
            place = Smb(host="127.0.0.1", port=server.port, share="recordings", user=SMB_USER,
                        path=str(root.relative_to(shared)))  # fmt: skip
            means = Means(secrets={"place_password": SMB_PASSWORD}, allowed=allowed)
            return Far(server, root, place, means)

        yield show


@contextmanager
def _ftps(home: Path) -> Iterator[Show]:
    (home / "ftp").mkdir()
    for folder in (home, *list(home.parents)[:2]):
        folder.chmod(0o755)
    certificate = Certificate(home)
    with vsftpd(home, certificate) as (server, user, password):

        def show(name: str, allowed: tuple[str, ...]) -> Far:
            root = _root(home / "ftp", name)
            place = Ftps(host="127.0.0.1", port=server.port, user=user,
                         path=f"/{root.relative_to(home / 'ftp')}",
                         certificate=certificate.fingerprint)  # fmt: skip
            means = Means(secrets={"place_password": password}, allowed=allowed)
            return Far(server, root, place, means)

        yield show


def _root(folder: Path, name: str) -> Path:
    root = folder / name / "monitor"
    root.mkdir(parents=True)
    return root


_LATIN = ["Peña.wav".encode("latin-1"), b"\xff\xfe.wav"]
CARRIERS = {
    "sftp": Carrier(_sftp, [*HOSTILE, *_LATIN, b"new\nline.wav", b"\x1b[31m.wav"]),
    "smb": Carrier(_smb, [*HOSTILE, b"new\nline.wav", b"ask?.wav", b'"quoted".wav']),
    "ftps": Carrier(_ftps, [*HOSTILE, *_LATIN], many=200),
}
