"""Recordings over FTP: vsftpd with TLS, and a server that knows MLSD."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import aioftp
import msgspec
import pytest

from appliance.errors import Misconfigured, Unavailable
from connectors.ftp_lines import told_fact, told_line
from connectors.ftps import certificate_of
from connectors.kinds import Means
from connectors.places import Ftps
from tests.connectors import trees
from tests.connectors.trees import Far, refusal


@pytest.fixture(scope="module")
def carrier() -> str:
    return "ftps"


def test_links_are_not_followed(far: Far) -> None:
    trees.check_links_are_not_followed(far)


def test_a_name_with_a_line_break_is_counted_not_misread(far: Far) -> None:
    trees.put(far.root, b"new\r\nDELE a.wav", b"x")
    trees.put(far.root, b"a.wav", b"x")
    notes: trees.Counter[str] = trees.Counter()
    assert list(trees.walked(far.tree(), notes)) == ["a.wav"]
    assert (far.root / "a.wav").exists()
    with pytest.raises(trees.NotFound):
        far.tree().open("new%0D%0ADELE a.wav", 100)


def test_a_certificate_is_shown_to_be_confirmed_and_then_pinned(far: Far) -> None:
    assert isinstance(far.place, Ftps)
    shown = far.place.certificate
    assert certificate_of(far.place, far.means) == shown
    assert shown in refusal(Misconfigured, far.with_(certificate=""))
    assert shown in refusal(Misconfigured, far.with_(certificate="0" * 64))


def test_what_is_wrong_is_told_in_words(far: Far) -> None:
    assert "refuses the user" in refusal(Misconfigured, far.with_(user="nobody"))
    assert "no such folder" in refusal(Unavailable, far.with_(path="/nowhere"))
    assert "refused the connection" in refusal(Unavailable, far.with_(port=1))


@pytest.fixture
def plain(tmp_path: Path, loopback: tuple[str, ...]) -> Iterator[Far]:
    """A server without TLS that knows MLSD and MLST."""
    root = tmp_path / "monitor"
    root.mkdir()
    user = aioftp.User("box", "right", base_path=root)
    server, loop = aioftp.Server([user]), asyncio.new_event_loop()
    loop.run_until_complete(server.start("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    place = Ftps(host="127.0.0.1", port=server.server_port, user="box", plain=True)
    means = Means(secrets={"place_password": "right"}, allowed=loopback)
    yield Far(None, root, place, means)  # type: ignore[arg-type]
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_server_with_mlsd_is_read_by_its_facts(plain: Far) -> None:
    trees.check_reading(plain)
    trees.put(plain.root, "2026/11/22/b c.wav", b"b")
    assert sorted(trees.walked(plain.tree())) == ["a.wav", "b c.wav", "empty.wav", "small.wav"]


def test_calls_arrive_once_over_plain_ftp(plain: Far) -> None:
    trees.check_calls_arrive_once(plain)


def test_plain_ftp_is_used_by_explicit_wish_only(plain: Far) -> None:
    encrypted = plain.with_(plain=False)
    assert "choose FTP without TLS" in refusal(Misconfigured, encrypted)
    wrong = plain.with_secrets(place_password="left")
    assert "refuses the user" in refusal(Misconfigured, wrong)


@pytest.mark.parametrize(
    ("line", "thing"),
    [
        ("-rw-r--r--    1 0  0   100 Nov 22 20:15 a b.wav", ("a b.wav", "file", 100)),
        ("drwxr-xr-x    2 ftp  ftp   4096 Nov 22  2024 2024", ("2024", "folder", 4096)),
        ("lrwxrwxrwx    1 0  0   11 Nov 22 20:15 l -> /etc/passwd", ("l", "link", 11)),
        ("11-22-26  08:15PM       <DIR>          Recordings", ("Recordings", "folder", 0)),
        ("11-22-2026  08:15PM            12345 a b.wav", ("a b.wav", "file", 12345)),
        ("half a name.wav", ("?", "other", 0)),
    ],
)
def test_lines_of_old_servers_are_read(line: str, thing: tuple[str, str, int]) -> None:
    found = told_line(line)
    assert found is not None and found[:3] == thing


def test_an_answer_of_mlsd_is_read_with_care() -> None:
    told = told_fact("Type=file;Size=5;Modify=20261122180000.250; a=b; c.wav")
    assert told is not None and told[:3] == ("a=b; c.wav", "file", 5)
    assert told.modified_ns % 10**9 == 250_000_000
    link = told_fact("type=OS.unix=slink:/etc/passwd;size=1; l.wav")
    assert link is not None and link.kind == "link"
    assert told_fact("type=cdir; .") is None
    broken = told_fact("type=file;size=x;modify=never; a.wav")
    assert broken is not None and broken[2:] == (0, 0)
    assert msgspec.json.encode(broken.name) == b'"a.wav"'
