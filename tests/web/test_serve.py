"""The web process as it runs: TLS on a real socket, nothing told to strangers, gone when asked."""

import http.client
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import uvicorn

from appliance.config import Config, Web
from appliance.errors import Misconfigured
from appliance.tools import DATABASE
from tests.web.world import World
from webui import serve
from webui.security import Box


@pytest.fixture(scope="module")
def address(made: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A server on a free port of this machine."""
    world = made.copy(tmp_path_factory.mktemp("served") / "box")
    door = serve.open_socket("127.0.0.1", 0)
    server = uvicorn.Server(serve.server_config(world.config, world.keys, world.app()))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
        assert thread.is_alive()
    yield door.getsockname()
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


def trusting(version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl._create_unverified_context()
    if version:
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def ask(address: tuple[str, int], path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection(*address, context=trusting(), timeout=60)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def test_the_sign_in_page_is_served_over_tls_under_the_address_it_came_to(address):
    answer = ask(address, "/sign-in")
    assert answer.status == 200
    assert answer.getheader("server") is None
    assert answer.getheader("strict-transport-security")


def test_another_name_or_address_is_refused(address):
    for host in ("evil.example", "10.0.0.7", "127.0.0.2"):
        assert ask(address, "/sign-in", host=host).status == 421


def test_the_claims_of_a_proxy_are_not_believed(address):
    answer = ask(address, "/sign-in", **{"x-forwarded-host": "evil.example", "forwarded": "host=x"})
    assert answer.status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(address, version: ssl.TLSVersion):
    with socket.create_connection(address, 60) as plain, pytest.raises(OSError):
        trusting(version).wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_tls_comes_with_authenticated_ciphers_only(address, version: ssl.TLSVersion):
    with (
        socket.create_connection(address, 60) as plain,
        trusting(version).wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert "GCM" in secure.cipher()[0] or "CHACHA20" in secure.cipher()[0]
        assert secure.compression() is None


def test_plain_http_gets_no_page(address):
    connection = http.client.HTTPConnection(*address, timeout=60)
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.request("GET", "/sign-in")
        connection.getresponse()


def test_a_port_in_use_is_said_in_plain_words(made: World):
    with serve.open_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        config = Config(data=made.folder, web=Web(host="127.0.0.1", port=port))
        with pytest.raises(Misconfigured, match=f"port {port} is taken"):
            serve.serve_web(config, made.keys)


def test_an_address_of_another_machine_is_said_in_plain_words():
    with pytest.raises(Misconfigured, match="not an address of this machine"):
        serve.open_socket("192.0.2.1", 0)


def test_the_names_the_operator_adds_are_answered_to(made: World):
    web = Web(names=("Calls.Clinic.example", "10.1.2.3", "[fd00::1]"))
    config = msgspec.structs.replace(made.config, web=web)
    names = Box(config, made.keys, lambda: made.now).names
    assert {"localhost", "calls.clinic.example", "10.1.2.3", "fd00::1"} <= names


def test_pages_and_workers_open_the_same_database(made: World):
    box = Box(replace(made).config, made.keys, lambda: made.now)
    db = box.open_db()
    file = db.conn.execute("PRAGMA database_list").fetchone()[2]
    db.close()
    assert Path(file).name == DATABASE


def test_the_web_process_loads_no_speech_engine():
    code = (
        "import sys, webui.serve; heavy = {'ctranslate2', 'faster_whisper', 'torch', 'pyannote',"
        " 'onnxruntime', 'av'} & set(sys.modules); sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
