"""Asking over HTTP: bounded, pinned, never led elsewhere, and honest about cut answers."""

import gzip
import io
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from appliance import seal
from appliance.errors import Misconfigured, NotFound, PetsvetError, Unavailable, Unusable
from connectors import doors, http
from connectors.http import BadAnswer, Http
from connectors.whole import Part
from tests.connectors.servers import Certificate, free_port, read_request, serving

PART = Part(name="recording", suffix="wav")
OK = b"HTTP/1.1 200 OK\r\n"
AUDIO = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 500


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def pbx(
    *answers: bytes, certificate: Certificate | None = None, host: str = "127.0.0.1", **given: Any
) -> Iterator[tuple[Http, list[bytes]]]:
    """An Http towards a server that gives these answers in turn, and what it was asked."""
    asked: list[bytes] = []
    left = list(answers)

    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            asked.append(request)
            reply = left.pop(0) if left else b""
            connection.sendall(reply)
            if not left or b"Connection: close" in reply or not reply:
                return

    with serving(serve, certificate) as port:
        scheme = "https" if certificate else "http"
        client = Http(f"{scheme}://{host}:{port}", **{"allowed": ("127.0.0.1",), **given})
        yield client, asked
        client.close()


pytestmark = pytest.mark.usefixtures("loopback")


def test_a_question_and_its_answer(loopback: tuple[str, ...]) -> None:
    said = {"name": "Jane Doe", "n": [1, 2]}
    with pbx(answer(json.dumps(said).encode()), headers={"X-Key": "a"}) as (client, asked):
        assert client.json("POST", "/api", params={"q": "1"}, body={"a": 1}) == (200, said)
    head = asked[0]
    assert head.startswith(b"POST /api?q=1 HTTP/1.1\r\n")
    assert b"\r\nHost: 127.0.0.1:" in head
    assert b"x-key: a" in head.lower()
    assert head.endswith(b'{"a":1}')


def test_cookies_are_kept_between_questions() -> None:
    first = answer(b"{}", "Set-Cookie: sid=abc; Path=/")
    with pbx(first, answer(b"{}")) as (client, asked):
        client.json("GET", "/login")
        client.json("GET", "/calls")
    assert b"sid=abc" in asked[1]


def test_a_form_is_sent_as_one() -> None:
    with pbx(answer(b"{}")) as (client, asked):
        client.json("POST", "/login", form={"user": "box", "token": "a b&c"})
    assert asked[0].endswith(b"user=box&token=a+b%26c")


@pytest.mark.parametrize(
    "body", [b'{"name": "Pe\xf1a"}', b'\xef\xbb\xbf{"name": "x"}', b'{"name": "tab\there\x01"}']
)
def test_careless_json_is_read(body: bytes) -> None:
    with pbx(answer(body)) as (client, _):
        assert "name" in client.json("GET", "/")[1]


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"<html>sign in</html>"), answer(b""), answer(b'{"cut": '), answer(b"[" * 100_000),
        answer(b'{"a": 1}', status="302 Found"), OK + b'Content-Length: 900\r\n\r\n{"a": 1}',
        OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\n{\"a\": 1}\r\n", b"SSH-2.0-x\r\n\r\n", b"",
        answer(b"x", "Content-Encoding: br"), answer(b"broken", "Content-Encoding: gzip"),
        answer(gzip.compress(b'{"a": 1}' * 999)[:-20], "Content-Encoding: gzip"),
        answer(b"<h1>Bad gateway</h1>", status="502 Bad Gateway"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_unavailable(reply: bytes) -> None:
    with pbx(reply) as (client, _), pytest.raises(Unavailable):
        client.json("GET", "/")


def test_an_error_status_is_told_with_or_without_json() -> None:
    replies = (
        answer(b"<html>401</html>", status="401 Unauthorized"),
        answer(b'{"errcode": 10004}', status="403 Forbidden"),
        answer(b"", status="204 No Content"),
    )
    with pbx(*replies) as (client, _):
        assert client.json("GET", "/") == (401, None)
        assert client.json("GET", "/") == (403, {"errcode": 10004})
        assert client.json("GET", "/") == (204, None)


def test_an_endless_answer_is_not_read_on() -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"\r\n[")
        while True:
            connection.sendall(b"1," * 50_000)

    with serving(serve) as port:
        client = Http(f"http://127.0.0.1:{port}", ("127.0.0.1",))
        with pytest.raises(Unavailable, match="endless"):
            client.json("GET", "/")


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_what_unpacks_to_too_much_is_not_unpacked(packing: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if packing == "gzip" else 15)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(24)) + packer.flush()
    packed = answer(bomb, f"Content-Encoding: {packing}")
    with pbx(packed, packed) as (client, _):
        with pytest.raises(Unavailable, match="endless"):
            client.json("GET", "/")
        with (
            pytest.raises(Unusable),
            client.download("GET", "/", max_bytes=10**6, part=PART) as reader,
        ):
            reader.read()


def test_a_packed_answer_is_unpacked_though_none_was_asked_for() -> None:
    said = json.dumps({"rows": ["x" * 100] * 5000}).encode()
    with pbx(answer(gzip.compress(said), "Content-Encoding: gzip")) as (client, asked):
        assert client.json("GET", "/")[1] == json.loads(said)
    assert b"accept-encoding: identity" in asked[0].lower()


def test_a_slow_answer_is_given_up() -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            threading.Event().wait(0.05)

    with serving(serve) as port:
        client = Http(f"http://127.0.0.1:{port}", ("127.0.0.1",), timeout_s=0.2)
        with pytest.raises(Unavailable, match="slowly"):
            client.json("GET", "/")


def test_a_recording_comes_as_a_stream_into_the_vault() -> None:
    sealed = io.BytesIO()
    with (
        pbx(answer(AUDIO, "Content-Type: audio/x-wav")) as (client, _),
        client.download("GET", "/rec", params={"id": 1}, max_bytes=10**6, part=PART) as reader,
    ):
        info = seal.seal(reader, sealed, b"k" * 32, "name")
    assert info.size == len(AUDIO)


@pytest.mark.parametrize(
    "reply",
    [
        OK + b"Content-Length: %d\r\n\r\n" % (len(AUDIO) + 1) + AUDIO,
        OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(AUDIO) + AUDIO + b"\r\n",
    ],
)
def test_a_recording_cut_short_is_an_error_at_its_end(reply: bytes) -> None:
    with (
        pbx(reply) as (client, _),
        client.download("GET", "/", max_bytes=10**6, part=PART) as reader,
        pytest.raises(Unavailable, match="partial_http"),
    ):
        while reader.read(1000):
            pass


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<!DOCTYPE html><html>Please sign in</html>"),
        ("audio/wav", b"\n <html><body>401 Authentication required</body></html>"),
        ("application/octet-stream", b'{"response": {}, "status": -6}'),
        ("application/json; charset=utf-8", b"RIFF"),
    ],
)
def test_a_page_in_place_of_audio_is_told_with_its_beginning(kind: str, body: bytes) -> None:
    with pbx(answer(body, f"Content-Type: {kind}")) as (client, _):
        with pytest.raises(BadAnswer, match="html_instead_of_audio") as caught:
            client.download("GET", "/", max_bytes=10**6, part=PART)
        assert (caught.value.status, caught.value.body) == (200, body)


def test_headerless_audio_may_begin_like_text() -> None:
    sound = b"{<[" + bytes(range(128, 256)) * 40
    with (
        pbx(answer(sound)) as (client, _),
        client.download("GET", "/", max_bytes=10**6, part=PART) as reader,
    ):
        assert reader.read() == sound


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(b"gone", status="404 Not Found"), NotFound),
        (answer(b"", status="410 Gone"), NotFound),
        (answer(b"no", status="401 Unauthorized"), BadAnswer),
        (answer(b"oops", status="500 Error"), BadAnswer),
        (answer(b"", "Location: http://127.0.0.1:1/x", status="301 Moved"), BadAnswer),
        (answer(AUDIO[:-1], status="206 Partial Content"), BadAnswer),
        (answer(b""), Unusable),
    ],
)
def test_no_recording_is_told_as_what_it_is(reply: bytes, kind: type[PetsvetError]) -> None:
    with pbx(reply) as (client, _), pytest.raises(kind):
        client.download("GET", "/", max_bytes=10**6, part=PART)


def test_a_recording_too_long_is_not_taken() -> None:
    with pbx(answer(AUDIO), OK + b"\r\n" + AUDIO + b"Connection: close") as (client, _):
        with pytest.raises(Unusable):
            client.download("GET", "/", max_bytes=1000, part=PART)
        with (
            pytest.raises(Unusable),
            client.download("GET", "/", max_bytes=9000, part=PART) as reader,
        ):
            reader.read()


def test_a_redirect_is_not_followed() -> None:
    away = answer(b"", "Location: http://127.0.0.1:1/", status="302 Found")
    with (
        pbx(away, answer(b"{}")) as (client, asked),
        pytest.raises(Unavailable, match="not followed"),
    ):
        client.json("GET", "/")
    assert len(asked) == 1


@pytest.mark.parametrize(
    "path", ["http://10.9.9.9/x", "https://127.0.0.1/x", "file:///etc/passwd", "http://127.0.0.1:1"]
)
def test_an_address_in_an_answer_leads_nowhere_else(path: str) -> None:
    with pbx(answer(b"{}")) as (client, asked):
        with pytest.raises(Unavailable, match="another address"):
            client.json("GET", path)
        assert client.json("GET", f"{client.base}/same") == (200, {})
    assert [line[:14] for line in asked] == [b"GET /same HTTP"]


@pytest.mark.parametrize(
    "path", ["//evil.test/x", "@evil.test/x", "\\evil.test", ":1@evil/", "/.."]
)
def test_a_path_is_only_ever_a_path(path: str) -> None:
    with pbx(answer(b"{}")) as (client, asked):
        client.json("GET", path)
    assert asked[0].startswith(b"GET /")


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "gopher://10.0.0.5", "10.0.0.5", "ftp://10.0.0.5", "https://",
     "http://user:secret@10.0.0.5", "http://10.0.0.5/?x=1", "http://[::1", ""],
)  # fmt: skip
def test_only_plain_web_addresses_are_taken(address: str) -> None:
    with pytest.raises(Misconfigured):
        Http(address, ())


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "169.254.169.254", "0xa9fea9fe", "[::ffff:a9fe:a9fe]"]
)
def test_nobody_is_talked_to_who_was_not_allowed(host: str) -> None:
    with pytest.raises(Misconfigured):
        Http(f"http://{host}/", ("127.0.0.1", "169.254.0.0/16")).json("GET", "/")


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pbx(answer(b"{}")) as (client, _):
        assert client.json("GET", "/") == (200, {})


def test_nobody_there_is_told_in_words() -> None:
    with pytest.raises(Unavailable, match="refused"):
        Http(f"http://127.0.0.1:{free_port()}", ("127.0.0.1",)).json("GET", "/")


def resolving(monkeypatch: pytest.MonkeyPatch, address: Callable[[], str]) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *given: Any, **named: Any) -> Any:
        return real(address() if host.endswith(".test") else host, port, *given, **named)

    monkeypatch.setattr(doors.socket, "getaddrinfo", resolve)


def test_a_name_is_kept_for_the_host_and_for_tls_while_the_address_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, lambda: "127.0.0.1")
    certificate = Certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with pbx(answer(b"{}"), certificate=certificate, host="pbx.test") as (client, asked):
        assert client.json("GET", "/") == (200, {})
    assert b"Host: pbx.test:" in asked[0]
    with (
        pbx(answer(b"{}"), certificate=certificate, host="other.test") as (client, _),
        pytest.raises(Misconfigured, match="confirm its fingerprint"),
    ):
        client.json("GET", "/")


def test_a_name_that_moves_to_this_box_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    where = ["127.0.0.1"]
    resolving(monkeypatch, lambda: where[0])
    with pbx(answer(b"{}", "Connection: close"), answer(b"{}"), host="pbx.test") as (client, asked):
        client.json("GET", "/")
        where[0] = "169.254.169.254"
        with pytest.raises(Misconfigured):
            client.json("GET", "/")
    assert len(asked) == 1


def test_a_self_signed_certificate_is_taken_when_it_was_confirmed(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path)
    spelled = certificate.fingerprint.upper()
    pin = "SHA256:" + ":".join(spelled[i : i + 2] for i in range(0, 64, 2))
    with (
        pbx(answer(b"{}"), certificate=certificate, certificate_pin=None)
        if False
        else pbx(answer(b"{}"), certificate=certificate) as (client, _)
    ):
        port = int(client.base.rpartition(":")[2])
        assert http.certificate_of("127.0.0.1", port, ("127.0.0.1",)) == certificate.fingerprint
        with pytest.raises(Misconfigured, match="confirm its fingerprint"):
            client.json("GET", "/")
        pinned = Http(client.base, ("127.0.0.1",), certificate=pin)
        assert pinned.json("GET", "/") == (200, {})


def test_another_certificate_than_the_confirmed_one_gets_nothing_from_us(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path)
    with pbx(answer(b"{}"), certificate=certificate) as (client, asked):
        pinned = Http(client.base, ("127.0.0.1",), certificate="0" * 64)
        with pytest.raises(Misconfigured, match=certificate.fingerprint):
            pinned.json("POST", "/login", body={"password": "secret"})
    assert asked == []


def test_a_pin_that_is_none_and_a_port_without_tls_are_told() -> None:
    with pytest.raises(Misconfigured, match="64"):
        Http("https://10.0.0.5", (), certificate="abc")
    with serving(lambda connection: connection.sendall(b"220 ready\r\n")) as port:
        with pytest.raises(Unavailable):
            http.certificate_of("127.0.0.1", port, ("127.0.0.1",))
        with pytest.raises(Unavailable):
            Http(f"https://127.0.0.1:{port}", ("127.0.0.1",)).json("GET", "/")
