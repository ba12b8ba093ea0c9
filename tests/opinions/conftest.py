"""Fixtures of the tests of second opinions: a clinic's network that is this machine."""

import ipaddress

import pytest

from appliance import opinion_server
from connectors import doors


@pytest.fixture
def lan(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let this machine be a neighbor in the clinic's network; gives its address."""
    judge = doors.reason_against

    def lenient(address: doors.Address) -> str:
        return "" if address.is_loopback else judge(address)

    here = ipaddress.ip_network("127.0.0.0/8")
    monkeypatch.setattr(doors, "reason_against", lenient)
    monkeypatch.setattr(opinion_server, "LAN", (*opinion_server.LAN, here))
    return "127.0.0.1"
