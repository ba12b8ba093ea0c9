"""Recordings on a share, from Samba."""

import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.smb import SmbShelf
from tests.connectors import trees
from tests.connectors.trees import Far, refusal


@pytest.fixture(scope="module")
def carrier() -> str:
    return "smb"


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
