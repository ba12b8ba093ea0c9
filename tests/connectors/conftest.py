"""Fixtures for connectors that talk to servers of the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import doors, logins, whole
from tests.connectors.carriers import CARRIERS, Show
from tests.connectors.trees import Far


@pytest.fixture(autouse=True)
def fresh_memory() -> None:
    """Forget who was let in and what was cut, as a new process would."""
    logins.forget_everything()
    whole.forget_endings()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Lift the ban on this box for the servers of a test; gives what to allow."""
    judge = doors.reason_against

    def lenient(address: doors.Address) -> str:
        return "" if address.is_loopback else judge(address)

    monkeypatch.setattr(doors, "reason_against", lenient)
    return ("127.0.0.1", "::1")


@pytest.fixture(scope="module")
def shown(carrier: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """A server of the module's ``carrier`` that shows a folder to each of its tests."""
    with CARRIERS[carrier].start(tmp_path_factory.mktemp(carrier)) as show:
        yield show


@pytest.fixture
def far(shown: Show, tmp_path: Path, loopback: tuple[str, ...]) -> Far:
    """A folder of this test alone on a server it shares."""
    return shown(tmp_path.name, loopback)


@pytest.fixture
def mortal(carrier: str, tmp_path: Path, loopback: tuple[str, ...]) -> Iterator[Far]:
    """A server of one test alone, which may kill it."""
    with CARRIERS[carrier].start(tmp_path) as show:
        yield show("mortal", loopback)
