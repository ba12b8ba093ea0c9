"""Fixtures for connectors that talk to servers of the tests."""

import pytest

from connectors import doors, logins, whole


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
