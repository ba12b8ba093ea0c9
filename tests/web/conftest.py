"""Fixtures of the web tests: a clinic made once and copied, because hashing and sealing take time."""

from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.web.world import PEOPLE, World, browser, build_world, sign_in


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
