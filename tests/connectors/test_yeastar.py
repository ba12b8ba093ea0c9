"""Yeastar P-Series: whole weeks through its emulator, and what it does in every odd case."""

from pathlib import Path

import pytest

from tests.connectors.simulated import week
from tests.connectors.yeastar import play_archive, play_poll, play_push

pytestmark = pytest.mark.usefixtures("loopback")


def test_a_week_by_polling_loses_and_doubles_nothing() -> None:
    tally, run = play_poll(week())
    assert (tally.calls_out, tally.doubled, tally.lost, tally.wrong) == (2000, 0, 0, {})
    assert tally.without_recording == len([c for c in week() if c.answer_state == "voicemail_left"])
    assert run.failed > 5


def test_a_week_by_polling_and_pushing_loses_and_doubles_nothing() -> None:
    tally, run = play_push(week())
    assert (tally.calls_out, tally.doubled, tally.lost, tally.wrong) == (2000, 0, 0, {})
    assert tally.without_recording == len([c for c in week() if c.answer_state == "voicemail_left"])
    assert run.failed > 5


def test_a_week_by_archive_alone_tells_every_recorded_call_once(tmp_path: Path) -> None:
    tally, _ = play_archive(week(), tmp_path)
    assert tally.calls_in > 1500
    assert (tally.doubled, tally.lost, tally.without_recording, tally.wrong) == (0, 0, 0, {})
