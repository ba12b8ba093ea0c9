"""Recordings whose length nobody told: the connection may have broken where they end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from appliance.errors import Unavailable, Unusable
from connectors.http import Http
from connectors.whole import Part
from tests.connectors.servers import read_request, serving
from tests.connectors.world import wav

pytestmark = pytest.mark.usefixtures("loopback")

FRAME = b"\xff\xe3\x18\xc4" + bytes(68)  # MPEG 2.5 layer III, 8 kbit/s at 8 kHz: 72 bytes
MP3 = FRAME * 40
OGG = b"OggS\x00\x04" + bytes(20) + b"\x01\x10" + bytes(16)
ULAW = bytes(range(256)) * 8


@contextmanager
def hanging_up(*bodies: bytes) -> Iterator[Http]:
    """A server that sends one of these at each question and hangs up, no length told."""
    left = list(bodies)

    def serve(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + left.pop(0))

    with serving(serve) as port:
        client = Http(f"http://127.0.0.1:{port}", ("127.0.0.1",))
        yield client
        client.close()


def fetch(client: Http, suffix: str, name: str = "one", listed: int = 0) -> bytes:
    part = Part(name=name, suffix=suffix, listed=listed)
    with client.download("GET", "/", max_bytes=10**6, part=part) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("suffix", "sound"),
    [("wav", wav(1)), ("mp3", MP3), ("ogg", OGG), ("ulaw", ULAW), ("wav", wav(0))],
)
def test_what_says_itself_that_it_is_whole_is_taken_at_once(suffix: str, sound: bytes) -> None:
    with hanging_up(sound) as client:
        assert fetch(client, suffix) == sound


@pytest.mark.parametrize(
    ("suffix", "sound", "listed"),
    [("wav", wav(1), 0), ("mp3", MP3, 0), ("ogg", OGG, 0), ("ulaw", ULAW, len(ULAW))],
)
def test_what_ends_too_early_is_asked_for_again(suffix: str, sound: bytes, listed: int) -> None:
    for cut in (30, len(sound) // 2 + 1, len(sound) - 1):
        with hanging_up(sound[:cut], sound) as client:
            with pytest.raises(Unavailable) as caught:
                fetch(client, suffix, listed=listed)
            assert caught.value.outcome == "partial_http"
            assert fetch(client, suffix, listed=listed) == sound


def test_what_ends_twice_at_the_same_byte_was_left_so() -> None:
    """Else a recording that broke off on the phone system would be asked for without end."""
    left = wav(1)[:9000]
    with hanging_up(left, left[:-5], left, wav(1)[:9000], left) as client:
        for _ in range(3):  # the second of another length counts as a broken connection, too
            with pytest.raises(Unavailable):
                fetch(client, "wav")
        assert fetch(client, "wav") == left
        with pytest.raises(Unavailable):
            fetch(client, "wav", name="another")


def test_a_header_without_a_length_was_left_by_a_crash() -> None:
    with hanging_up(wav(1, closed=False)) as client:
        assert fetch(client, "wav") == wav(1, closed=False)


def test_a_list_of_another_format_is_believed_less_than_the_sound() -> None:
    with hanging_up(wav(1)) as client:
        assert fetch(client, "wav", listed=10**6) == wav(1)


def test_a_format_of_the_vendors_own_is_named_so() -> None:
    with hanging_up(b"YSWV" + bytes(400)) as client, pytest.raises(Unusable) as caught:
        fetch(client, "yswav")
    assert caught.value.outcome == "unknown_codec"
    with hanging_up(wav(1)) as client:
        assert fetch(client, "yswav") == wav(1), "a name says less than the sound"
