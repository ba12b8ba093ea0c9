"""Recordings over SFTP, from OpenSSH's own server."""

import asyncio
import threading
from pathlib import Path

import asyncssh
import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.kinds import Means
from connectors.places import Sftp
from tests.connectors import trees
from tests.connectors.trees import Far, refusal


@pytest.fixture(scope="module")
def carrier() -> str:
    return "sftp"


def test_links_are_not_followed(far: Far) -> None:
    trees.check_links_are_not_followed(far)


def test_a_host_key_is_shown_to_be_confirmed_and_then_pinned(far: Far) -> None:
    assert isinstance(far.place, Sftp)
    words = refusal(Misconfigured, far.with_(host_key=""))
    assert far.place.host_key in words and "compare" in words
    words = refusal(Misconfigured, far.with_(host_key="SHA256:" + "A" * 43))
    assert far.place.host_key in words and "another host key" in words
    far.with_(host_key=f" {far.place.host_key}\n").look()


def test_what_is_wrong_is_told_in_words(far: Far) -> None:
    assert "refuses the user" in refusal(Misconfigured, far.with_secrets(place_password="wrong"))
    assert "cannot be read" in refusal(Misconfigured, far.with_secrets(place_key="no key"))
    assert "no such folder" in refusal(Unavailable, far.with_(path="/nowhere/at/all"))
    assert "refused the connection" in refusal(Unavailable, far.with_(port=1))


def test_a_password_lets_in_too(tmp_path: Path, loopback: tuple[str, ...]) -> None:
    """By a server in this process, since OpenSSH's knows the passwords of this machine only."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "a.wav").write_bytes(b"x")

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("box", "right")

    async def serve() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Server, server_host_keys=[key],
            sftp_factory=lambda chan: asyncssh.SFTPServer(chan, chroot=bytes(tmp_path)),
        )  # fmt: skip

    loop = asyncio.new_event_loop()
    acceptor = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    place = Sftp(
        host="127.0.0.1", port=acceptor.get_port(), user="box", host_key=key.get_fingerprint()
    )
    far = Far(None, tmp_path, place, Means(allowed=loopback))  # type: ignore[arg-type]
    try:
        assert list(trees.walked(far.with_secrets(place_password="right"))) == ["a.wav"]
        assert "refuses" in refusal(Misconfigured, far.with_secrets(place_password="left"))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        acceptor.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
