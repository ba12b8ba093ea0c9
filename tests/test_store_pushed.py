"""Pushed records are kept in order, handed out after a mark, and forgotten only when passed."""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance.db import Database, writing
from appliance.errors import Unavailable
from appliance.store import connectors, pushed
from appliance.store.pushed import Intake, PushedFeed
from tests.world import BEGIN, World


@pytest.fixture
def db(world: World) -> Database:
    with writing(world.db):
        connectors.add_connector(world.db, "second", "folder", {"root": "/x"}, now=BEGIN)
    return world.db


def push(db: Database, connector_id: int, *records: bytes, days: int = 0) -> list[int]:
    with writing(db):
        return [
            pushed.add_pushed(db, connector_id, data, now=BEGIN + timedelta(days=days))
            for data in records
        ]


def test_a_feed_hands_out_what_came_after_a_mark_in_order(db: Database) -> None:
    first = push(db, 1, b"a", b"b")
    push(db, 2, b"of another")
    push(db, 1, b"c\x00\xff")
    feed = PushedFeed(db, 1)
    assert [line.data for line in feed.lines(0)] == [b"a", b"b", b"c\x00\xff"]
    assert [line.data for line in feed.lines(first[0])] == [b"b", b"c\x00\xff"]
    assert [line.data for line in feed.lines(0, limit=1)] == [b"a"]
    assert feed.lines(0)[0].at == BEGIN


def test_only_what_was_passed_and_is_old_is_forgotten(world: World, db: Database) -> None:
    ids = push(db, 1, b"a", b"b", b"c")
    push(db, 2, b"never asked for")
    feed = PushedFeed(world.open_db, 1)
    feed.lines(ids[1])
    feed.lines(0)  # a test of the phone system begins anew and takes nothing back
    late = BEGIN + timedelta(days=30)
    with writing(db):
        assert pushed.prune_pushed(db, before=BEGIN) == 0
        assert pushed.prune_pushed(db, before=late) == 2
    assert [line.data for line in feed.lines(0)] == [b"c"]
    assert len(PushedFeed(db, 2).lines(0)) == 1
    assert push(db, 1, b"d")[0] > ids[2], "a place in the stream is never given twice"


def test_reading_inside_a_transaction_notes_nothing_and_does_not_fail(db: Database) -> None:
    ids = push(db, 1, b"a")
    with writing(db):
        assert PushedFeed(db, 1).lines(ids[0]) == []
    assert pushed.passed(db, 1) == 0


def test_of_a_connector_that_does_not_read_the_oldest_are_kept(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushed, "MOST_WAITING", 3)
    intake = Intake(db, 1, tmp_path, least_free=0)
    for data in (b"a", b"b", b"c"):
        intake.receive(data, BEGIN)
    with pytest.raises(Unavailable, match="wait to be read"):
        intake.receive(b"d", BEGIN)
    feed = PushedFeed(db, 1)
    assert [line.data for line in feed.lines(0)] == [b"a", b"b", b"c"]
    feed.lines(feed.lines(0)[1].id)
    intake.receive(b"d", BEGIN)
    assert [line.data for line in feed.lines(0)] == [b"a", b"b", b"c", b"d"]


def test_nothing_is_taken_when_the_disk_is_nearly_full(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="disk"):
        Intake(db, 1, tmp_path, least_free=1 << 60).receive(b"a", BEGIN)
    assert PushedFeed(db, 1).lines(0) == []


def test_removing_a_phone_system_removes_what_it_pushed(db: Database) -> None:
    push(db, 2, b"a")
    with writing(db):
        connectors.remove_connector(db, 2)
    assert PushedFeed(db, 2).lines(0) == []
