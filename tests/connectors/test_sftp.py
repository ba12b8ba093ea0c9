"""Recordings over SFTP, from OpenSSH's own server."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.kinds import Means
from connectors.places import Sftp
from tests.connectors import trees
from tests.connectors.servers import sshd
from tests.connectors.trees import HOSTILE, Far, refusal


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    with sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def far(started: tuple, tmp_path: Path, loopback: tuple[str, ...]) -> Far:
    return shown_by(started, tmp_path, loopback)


@pytest.fixture
def mortal(tmp_path: Path, loopback: tuple[str, ...]) -> Iterator[Far]:
    """A server of one test alone, which may kill it."""
    with sshd(tmp_path) as started:
        yield shown_by(started, tmp_path, loopback)


def shown_by(started: tuple, folder: Path, loopback: tuple[str, ...]) -> Far:
    server, host_key, key = started
    root = folder / "monitor"
    root.mkdir()
    place = Sftp(
        host="127.0.0.1", port=server.port, user=root.owner(), path=str(root), host_key=host_key
    )
    return Far(server, root, place, Means(secrets={"place_key": key}, allowed=loopback))


def test_calls_arrive_once_over_sftp(far: Far) -> None:
    trees.check_calls_arrive_once(far)


def test_files_are_read_as_they_were_when_opened(far: Far) -> None:
    trees.check_reading(far)


def test_a_file_cut_while_it_is_read_is_told(far: Far) -> None:
    trees.check_a_file_cut_while_read(far)


def test_nothing_leads_out_of_the_root(far: Far) -> None:
    trees.check_nothing_leads_out(far)


def test_any_name_is_found_and_opened(far: Far) -> None:
    more = [b"new\nline.wav", "Peña.wav".encode("latin-1"), b"\xff\xfe.wav", b"\x1b[31m.wav"]
    assert trees.check_hostile_names(far, HOSTILE + more) == {}


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
