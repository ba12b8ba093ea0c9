"""Recordings on a share, from Samba."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.kinds import Means
from connectors.places import Smb
from connectors.smb import SmbShelf
from tests.connectors import trees
from tests.connectors.servers import SMB_PASSWORD, SMB_USER, Running, smbd
from tests.connectors.trees import HOSTILE, Far, refusal


@contextmanager
def smb_server(home: Path) -> Iterator[tuple[Running, Path]]:
    (home / "shared").mkdir()
    with smbd(home, home / "shared") as server:
        yield server, home / "shared"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    with smb_server(tmp_path_factory.mktemp("smbd")) as found:
        yield found


@pytest.fixture
def mortal(tmp_path: Path, loopback: tuple[str, ...]) -> Iterator[Far]:
    """A server of one test alone, which may kill it."""
    with smb_server(tmp_path) as found:
        yield shown_by(found, "mortal", loopback)


@pytest.fixture
def far(
    started: tuple[Running, Path], request: pytest.FixtureRequest, loopback: tuple[str, ...]
) -> Far:
    return shown_by(started, request.node.name[:40], loopback)


def shown_by(started: tuple[Running, Path], name: str, loopback: tuple[str, ...]) -> Far:
    server, shared = started
    root = shared / name / "monitor"
    root.mkdir(parents=True)
    place = Smb(
        host="127.0.0.1",
        port=server.port,
        share="recordings",
        user=SMB_USER,
        path=str(root.relative_to(shared)),
    )
    means = Means(secrets={"place_password": SMB_PASSWORD}, allowed=loopback)
    return Far(server, root, place, means)


def test_calls_arrive_once_over_smb(far: Far) -> None:
    trees.check_calls_arrive_once(far)


def test_files_are_read_as_they_were_when_opened(far: Far) -> None:
    trees.check_reading(far)


def test_a_file_cut_while_it_is_read_is_told(far: Far) -> None:
    trees.check_a_file_cut_while_read(far)


def test_links_inside_the_share_are_the_servers_and_those_out_of_it_are_closed(far: Far) -> None:
    outside = far.root.parents[2]
    (far.root / "file.wav").symlink_to(outside / "smb.conf")
    (far.root / "folder").symlink_to("/etc")
    trees.put(far.root, "a.wav", b"a")
    trees.put(far.root, "a.wav.part", b"a")
    tree = far.tree()
    assert list(trees.walked(tree)) == ["a.wav"]
    for locator in ("file.wav", "folder/passwd"):
        with pytest.raises(trees.NotFound):
            tree.open(locator, 10**6)
        assert tree.find(locator) is None


def test_names_samba_can_say_are_found_and_opened(far: Far) -> None:
    trees.check_hostile_names(far, [*HOSTILE, b"new\nline.wav", b"ask?.wav", b'"quoted".wav'])


def test_a_server_that_dies_in_between_is_away_and_comes_back(mortal: Far) -> None:
    trees.check_a_server_that_dies(mortal)


def test_a_dropped_connection_is_made_anew(mortal: Far) -> None:
    trees.check_a_connection_that_was_dropped(mortal)


def test_a_share_that_is_suddenly_empty_is_not_believed(far: Far) -> None:
    trees.check_an_emptied_share(far)


def test_three_thousand_files_are_listed(far: Far) -> None:
    trees.check_many_files(far, 3000)


def test_only_an_allowed_address_is_talked_to(far: Far) -> None:
    trees.check_who_is_talked_to(far)


def test_the_phone_system_may_go_on_writing_and_delete_what_we_read(far: Far) -> None:
    """Another client of the share stands for it: the server keeps its sharing rules for both."""
    from smbprotocol.open import (
        CreateDisposition,
        CreateOptions,
        FilePipePrinterAccessMask,
        ImpersonationLevel,
        Open,
        ShareAccess,
    )

    trees.put(far.root, "a.wav", b"x" * 2_000_000)
    handle, _ = far.tree().open("a.wav", 10**7)
    assert handle.read(1) == b"x"
    other = SmbShelf(far.place, far.means)._linked()
    writer = Open(other.tree, "\\".join((other.base, "a.wav")))
    writer.create(
        ImpersonationLevel.Impersonation,
        FilePipePrinterAccessMask.FILE_WRITE_DATA | FilePipePrinterAccessMask.DELETE,
        0,
        ShareAccess.FILE_SHARE_READ,
        CreateDisposition.FILE_OPEN,
        CreateOptions.FILE_NON_DIRECTORY_FILE | CreateOptions.FILE_DELETE_ON_CLOSE,
    )
    writer.write(b"more", 2_000_000)
    writer.close()
    with handle:
        assert len(handle.read()) == 2_000_000 - 1
    assert not (far.root / "a.wav").exists()


def test_the_session_is_signed_and_encrypted(far: Far) -> None:
    link = SmbShelf(far.place, far.means)._linked()
    assert link.connection.require_signing
    assert link.tree.session.encrypt_data


def test_what_is_wrong_is_told_in_words(far: Far) -> None:
    assert "refuses the user" in refusal(Misconfigured, far.with_secrets(place_password="wrong"))
    assert "refuses the user" in refusal(Misconfigured, far.with_(user="nobody-known"))
    assert "no share" in refusal(Misconfigured, far.with_(share="nothing"))
    assert "no such folder" in refusal(Unavailable, far.with_(path="nowhere/at/all"))
    assert "refused the connection" in refusal(Unavailable, far.with_(port=1))
