"""Fixtures of the web tests: a clinic made once and copied, because hashing and sealing take time."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.web.world import PEOPLE, World, browser, build_world, sign_in


@pytest.fixture(autouse=True)
def no_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pages resolve no name: lookups belong to the courier, which alone may ask the network."""
    resolve, asked = socket.getaddrinfo, list[str]()

    def watched(host: Any, *more: Any, **other: Any) -> Any:
        if not _is_here(host):
            asked.append(str(host))
            raise socket.gaierror(socket.EAI_FAIL, "no name is resolved here")
        return resolve(host, *more, **other)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    yield
    assert asked == [], "the web process asked a name server"


def _is_here(host: Any) -> bool:
    """This machine under its loopback names: what the tests themselves connect to."""
    if host in (None, "", b"", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The clinic that the others are copies of; nobody changes it."""
    return build_world(tmp_path_factory.mktemp("made"))


@pytest.fixture
def clinic(made: World, tmp_path: Path) -> World:
    """A clinic of one's own."""
    return made.copy(tmp_path / "box")


@pytest.fixture
def door(clinic: World) -> TestClient:
    """A browser before signing in."""
    return browser(clinic.app())


@pytest.fixture(scope="module")
def shared(made: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A clinic for tests that only look."""
    return made.copy(tmp_path_factory.mktemp("shared") / "box")


@pytest.fixture(scope="module")
def desks(shared: World) -> dict[str, TestClient]:
    """Everybody's browser, signed in at the shared clinic."""
    app = shared.app()
    clients = {name: browser(app) for name in PEOPLE}
    for name, client in clients.items():
        assert sign_in(client, name).status_code == 303
    return clients
