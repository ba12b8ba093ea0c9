"""Phone systems as rows: drafts, sealed secrets, removal, and calls that rules keep away."""

import threading
from datetime import timedelta

import pytest

from appliance.db import Database, driver, execute, value, writing
from appliance.errors import NotFound, Refused, Tampered
from appliance.facts.phones import Probed, Rule
from appliance.store import connectors, kept_away
from tests.world import BEGIN, World, found_call

KEY, OTHER_KEY = bytes(32), bytes([1]) * 32


def add(db: Database, name: str, *, draft: bool = False) -> int:
    with writing(db):
        return connectors.add_connector(db, name, "folder", {"root": "/x"}, now=BEGIN, draft=draft)


def test_a_draft_is_kept_but_not_polled_until_it_is_activated(world: World) -> None:
    number = add(world.db, "new pbx", draft=True)
    assert not connectors.get_connector(world.db, number).live
    assert number not in dict(connectors.list_live(world.db))
    with writing(world.db):
        connectors.save_settings(world.db, number, {"root": "/y"}, name="front desk")
        connectors.activate(world.db, number)
    row = connectors.get_connector(world.db, number)
    assert (row.name, row.settings, row.live) == ("front desk", {"root": "/y"}, True)
    assert number in dict(connectors.list_live(world.db))


def test_a_live_phone_system_keeps_its_name(world: World) -> None:
    with pytest.raises(Refused), writing(world.db):
        connectors.save_settings(world.db, 1, {}, name="other")


def test_pausing_stops_polling_and_resuming_goes_on_from_the_same_checkpoint(
    world: World,
) -> None:
    with writing(world.db):
        connectors.save_checkpoint(world.db, 1, {"mark": 7}, problem="", now=BEGIN)
        connectors.pause(world.db, 1)
    assert connectors.list_live(world.db) == []
    with writing(world.db):
        connectors.resume(world.db, 1)
    assert connectors.list_live(world.db) == [(1, False)]
    assert connectors.get_connector(world.db, 1).checkpoint == {"mark": 7}


def test_secrets_are_merged_dated_forgotten_when_empty_and_not_in_the_row(world: World) -> None:
    later = BEGIN + timedelta(days=1)
    with writing(world.db):
        connectors.save_secrets(world.db, KEY, 1, {"password": "a1", "key": "b2"}, now=BEGIN)
        connectors.save_secrets(world.db, KEY, 1, {"password": "c3"}, now=later)
    assert connectors.read_secrets(world.db, KEY, 1) == {"password": "c3", "key": "b2"}
    row = connectors.get_connector(world.db, 1)
    assert row.secrets_set == {"password": later, "key": BEGIN}
    assert "c3" not in repr(row)
    with writing(world.db):
        connectors.save_secrets(world.db, KEY, 1, {"password": "", "key": ""}, now=later)
    assert connectors.read_secrets(world.db, KEY, 1) == {}
    assert connectors.get_connector(world.db, 1).secrets_set == {}


def test_secrets_moved_to_another_phone_system_or_key_do_not_open(world: World) -> None:
    second = add(world.db, "second")
    with writing(world.db):
        connectors.save_secrets(world.db, KEY, 1, {"password": "a1"}, now=BEGIN)
        execute(world.db, "UPDATE connector SET secrets = (SELECT secrets FROM connector"
                " WHERE id = 1) WHERE id = ?", (second,))  # fmt: skip
    with pytest.raises(Tampered):
        connectors.read_secrets(world.db, KEY, second)
    with pytest.raises(Tampered):
        connectors.read_secrets(world.db, OTHER_KEY, 1)


def test_removal_forgets_secrets_and_waiting_work_but_no_call(world: World) -> None:
    world.receive(found_call("a"))
    world.poll()
    with writing(world.db):
        connectors.save_secrets(world.db, KEY, 1, {"password": "a1"}, now=BEGIN)
        connectors.remove_connector(world.db, 1)
    with pytest.raises(NotFound):
        connectors.get_connector(world.db, 1)
    assert value(world.db, "SELECT count(*) FROM job WHERE kind = 'discover'") == 0
    assert world.call("a").connector == "phones"


def test_the_name_of_a_removed_phone_system_with_calls_is_not_given_away_again(
    world: World,
) -> None:
    world.receive(found_call("a"))
    with writing(world.db):
        connectors.remove_connector(world.db, 1)
    with pytest.raises(Refused, match="another"):
        add(world.db, "phones")
    assert add(world.db, "phones two") > 1, "numbers are not used twice either"


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 61])
def test_a_name_that_is_none_is_refused(world: World, name: str) -> None:
    with pytest.raises(Refused):
        add(world.db, name)


def test_another_kind_under_the_same_name_starts_reading_anew(world: World) -> None:
    with writing(world.db):
        connectors.save_checkpoint(world.db, 1, {"mark": 7}, problem="", now=BEGIN)
        connectors.add_connector(world.db, "phones", "folder", {"root": "/z"}, now=BEGIN)
        assert connectors.get_connector(world.db, 1).checkpoint == {"mark": 7}
        connectors.add_connector(world.db, "phones", "freepbx", {"root": "/z"}, now=BEGIN)
    assert connectors.get_connector(world.db, 1).checkpoint == {}


def test_failing_counts_from_the_first_failure_until_it_can_be_read(world: World) -> None:
    with writing(world.db):
        for minutes in (0, 30):
            moment = BEGIN + timedelta(minutes=minutes)
            connectors.save_problem(world.db, 1, "away", now=moment)
    assert connectors.get_connector(world.db, 1).failing_since == BEGIN
    with writing(world.db):
        connectors.save_checkpoint(world.db, 1, {}, problem="", now=BEGIN)
    assert connectors.get_connector(world.db, 1).failing_since is None


def test_rules_addresses_and_the_last_test_come_back_as_they_were_saved(world: World) -> None:
    rule = Rule(effect="not_taken", extensions=("105",), days=(0, 1), start="12:00", end="13:00")
    probed = Probed(problems=("too quiet",), capabilities=("cdr",), quota_used=0.5)
    with writing(world.db):
        connectors.save_rules(world.db, 1, [rule])
        connectors.save_allowed(world.db, 1, ["10.0.0.5"])
        connectors.save_tested(world.db, 1, probed, now=BEGIN)
    row = connectors.get_connector(world.db, 1)
    assert (row.rules, row.allowed, row.tested) == ((rule,), ("10.0.0.5",), probed)
    assert row.tested_at == BEGIN


def test_a_call_left_out_is_counted_once_and_counted_back_when_let_in(world: World) -> None:
    with writing(world.db):
        for key in ("a", "a", "b"):
            kept_away.leave_out(world.db, 1, key, now=BEGIN)
    assert connectors.get_connector(world.db, 1).left_out == 2
    with writing(world.db):
        kept_away.let_in(world.db, 1, "a")
        kept_away.let_in(world.db, 1, "never seen")
        assert kept_away.prune_left_out(world.db, before=BEGIN + timedelta(days=1)) == 1
    assert connectors.get_connector(world.db, 1).left_out == 1


def delivering(user: str) -> dict[str, object]:
    return {"place": {"by": "drop", "user": user}}


def test_two_phone_systems_never_deliver_under_one_user(world: World) -> None:
    with writing(world.db):
        first = connectors.add_connector(world.db, "a", "folder", delivering("pbx"), now=BEGIN)
        other = connectors.add_connector(world.db, "b", "folder", delivering("b"), now=BEGIN)
    for change in (
        lambda: connectors.add_connector(world.db, "c", "folder", delivering("pbx"), now=BEGIN),
        lambda: connectors.add_connector(world.db, "b", "folder", delivering("pbx"), now=BEGIN),
        lambda: connectors.save_settings(world.db, other, delivering("pbx")),
    ):
        with pytest.raises(Refused, match="“a” delivers"), writing(world.db):
            change()
    with writing(world.db):
        connectors.save_settings(world.db, first, delivering("pbx"))
        connectors.save_settings(world.db, first, delivering("free"))
        connectors.save_settings(world.db, other, delivering("pbx"))
        connectors.remove_connector(world.db, other)
        connectors.add_connector(world.db, "d", "folder", delivering("pbx"), now=BEGIN)


def test_of_two_who_ask_for_one_drop_user_at_once_one_is_refused(world: World) -> None:
    told: list[str] = []
    ready = threading.Barrier(4)

    def add(db: Database, name: str) -> None:
        ready.wait()
        try:
            with writing(db):
                connectors.add_connector(db, name, "folder", delivering("pbx"), now=BEGIN)
            told.append("added")
        except Refused:
            told.append("refused")

    threads = [
        threading.Thread(target=add, args=(world.open_db(), name)) for name in ("a", "b", "c", "d")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["added", "refused", "refused", "refused"]


def test_the_database_itself_holds_one_drop_user_once(world: World) -> None:
    with writing(world.db):
        connectors.add_connector(world.db, "a", "folder", delivering("pbx"), now=BEGIN)
        connectors.add_connector(world.db, "b", "folder", {}, now=BEGIN)
    with pytest.raises(driver.IntegrityError), writing(world.db):
        world.db.conn.execute("UPDATE connector SET drop_user = 'pbx' WHERE name = 'b'")
