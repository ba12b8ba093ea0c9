"""Yeastar S-Series: a week of pushed records, and what it does in every odd case."""

import pytest

from connectors import yeastar_logins
from tests.connectors.simulated import week
from tests.connectors.yeastar import play_s

pytestmark = pytest.mark.usefixtures("loopback", "fresh_logins")


@pytest.fixture
def fresh_logins() -> None:
    yeastar_logins.forget_everything()


def test_a_week_of_pushed_records_loses_and_doubles_nothing() -> None:
    tally, run = play_s(week())
    assert (tally.calls_out, tally.doubled, tally.lost, tally.wrong) == (2000, 0, 0, {})
    assert tally.without_recording == len([c for c in week() if c.answer_state == "voicemail_left"])
    assert run.failed > 5
