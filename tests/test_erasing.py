"""A call that is destroyed is gone with what was delivered of it, and does not come again."""

from datetime import UTC, datetime

import pytest

from appliance import erasing
from appliance.chores import clear_drop
from appliance.db import rows, value, writing
from appliance.drop_jail import Jail
from appliance.errors import NotFound
from appliance.facts.phones import Rule
from appliance.store import connectors
from tests.test_clear_drop import NAME, look, names, put, sealed
from tests.world import World, tone_wav

OTHER = NAME.replace("-101-", "-102-").replace(".1.wav", ".2.wav")


def deliver(world: World, jail: Jail, name: str, number: int) -> None:
    put(jail, f"archive/{name}", tone_wav(number))
    put(jail, f"archive/{name[:-4]}.xml", b"<call/>")
    world.now = max(world.now, datetime.now(UTC))
    look(world, 8, minutes=3)


def clear(world: World) -> None:
    """What the box does by itself after an erasure: the job is there already."""
    world.work(("chores",))


def calls(world: World) -> list[int]:
    return [r["id"] for r in rows(world.db, "SELECT id FROM call ORDER BY id")]


def erase(world: World, call_id: int) -> None:
    with writing(world.db):
        erasing.erase_call(world.db, call_id, now=world.now)


def test_an_erased_calls_delivery_is_removed_at_once_and_others_stay(
    world: World, delivered: Jail
) -> None:
    deliver(world, delivered, NAME, 1)
    deliver(world, delivered, OTHER, 2)
    first, second = calls(world)
    erase(world, first)
    clear(world)
    assert names(delivered) == sorted([OTHER, f"{OTHER[:-4]}.xml"])
    assert calls(world) == [second]
    assert sealed(world) == 1
    assert value(world.db, "SELECT count(*) FROM discard") == 0, "its name is forgotten too"


def test_an_erased_call_is_not_taken_again_however_it_comes(world: World, delivered: Jail) -> None:
    deliver(world, delivered, NAME, 1)
    erase(world, calls(world)[0])
    clear(world)
    with writing(world.db):  # the phone system is read from the beginning, as a backfill does
        world.db.conn.execute("UPDATE connector SET checkpoint = '{}'")
    deliver(world, delivered, NAME, 1)
    assert calls(world) == []
    clear(world)
    assert names(delivered) == []
    deliver(world, delivered, NAME, 3)  # with other content: the same call, sent anew
    assert calls(world) == []
    clear(world)
    assert names(delivered) == []


def test_the_doubles_of_an_erased_call_go_with_it(world: World, delivered: Jail) -> None:
    deliver(world, delivered, NAME, 1)
    deliver(world, delivered, OTHER, 1)
    original, double = calls(world)
    assert value(world.db, "SELECT duplicate_of FROM call WHERE id = ?", (double,)) == original
    erase(world, double)
    clear(world)
    assert (calls(world), names(delivered)) == ([], [])


def test_what_is_still_being_sent_is_removed_once_it_is_there(
    world: World, delivered: Jail
) -> None:
    deliver(world, delivered, NAME, 1)
    writer = delivered.open_write(f"archive/{NAME}", create=False, exclusive=False, truncate=False)
    erase(world, calls(world)[0])
    clear(world)
    assert NAME in names(delivered)
    delivered.finish(writer)
    world.now = max(world.now, datetime.now(UTC))
    assert clear_drop.work(world.db, world.tools(), 0).files > 0
    assert NAME not in names(delivered)


def test_a_file_that_another_call_is_made_of_stays(world: World, delivered: Jail) -> None:
    deliver(world, delivered, NAME, 1)
    deliver(world, delivered, OTHER, 2)
    first, second = calls(world)
    with writing(world.db):
        world.db.conn.execute(
            "UPDATE recording SET (locator, size, modified_ns) ="
            " (SELECT locator, size, modified_ns FROM recording WHERE call_id = ?)"
            " WHERE call_id = ?",
            (first, second),
        )
    erase(world, first)
    clear(world)
    assert NAME in names(delivered)


def test_a_call_that_a_rule_turns_out_to_mean_is_gone_from_the_drop_too(
    world: World, delivered: Jail
) -> None:
    deliver(world, delivered, NAME, 1)
    with writing(world.db):
        connectors.save_rules(world.db, 2, [Rule(effect="not_taken", extensions=("101",))])
        world.db.conn.execute("UPDATE connector SET checkpoint = '{}'")
    look(world, 8, minutes=3)
    assert calls(world) == []
    clear(world)
    assert names(delivered) == []


def test_what_a_rule_keeps_away_lies_in_the_drop_for_a_day_at_most(
    world: World, delivered: Jail
) -> None:
    with writing(world.db):
        connectors.save_rules(world.db, 2, [Rule(effect="not_taken", extensions=("101",))])
    deliver(world, delivered, NAME, 1)
    clear(world)
    assert NAME in names(delivered)
    world.wait(hours=25)
    assert clear_drop.work(world.db, world.tools(), 0).files == 2
    assert names(delivered) == []


def test_a_late_record_that_lets_a_call_in_saves_its_delivery(
    world: World, delivered: Jail
) -> None:
    with writing(world.db):
        connectors.save_rules(world.db, 2, [Rule(effect="not_taken", extensions=("101",))])
    deliver(world, delivered, NAME, 1)
    with writing(world.db):
        connectors.save_rules(world.db, 2, [])
        world.db.conn.execute("UPDATE connector SET checkpoint = '{}'")
    look(world, 8, minutes=3)
    assert sealed(world) == 1
    assert value(world.db, "SELECT count(*) FROM discard") == 0


def test_nothing_is_ever_removed_where_the_phone_system_does_not_deliver_to_us(
    world: World,
) -> None:
    path = world.drop(1)
    world.poll()
    world.work(("courier",))
    erase(world, calls(world)[0])
    world.work(("chores",))
    assert path.exists()
    assert value(world.db, "SELECT count(*) FROM discard") == 0
    with writing(world.db):
        world.db.conn.execute("UPDATE connector SET checkpoint = '{}'")
    world.poll()
    world.work(("courier",))
    assert calls(world) == [], "but it is not taken again"


def test_a_call_of_a_removed_phone_system_can_be_erased(world: World) -> None:
    world.drop(1)
    world.poll()
    world.work(("courier",))
    with writing(world.db):
        connectors.remove_connector(world.db, 1)
    erase(world, calls(world)[0])
    assert calls(world) == []
    with pytest.raises(NotFound):
        erase(world, 1)
