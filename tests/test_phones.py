"""The window to phone systems: forms in and out, addresses named before use, means handed on."""

from pathlib import Path
from typing import Any, get_args

import pytest

from appliance import phones
from appliance.db import writing
from appliance.drop_accounts import check_password
from appliance.errors import Misconfigured, Refused
from appliance.facts.phones import Address
from appliance.phone_forms import PLACES
from appliance.store import connectors
from appliance.store.pushed import add_pushed
from connectors.kinds import LEVELS
from connectors.places import Place
from connectors.registry import KINDS
from tests.booth import Booth, install_booth, usual_settings
from tests.world import BEGIN, World


@pytest.fixture
def booth(monkeypatch: pytest.MonkeyPatch) -> Booth:
    return install_booth(monkeypatch)


def add(world: World, settings: dict[str, Any], kind: str = "booth") -> int:
    with writing(world.db):
        return connectors.add_connector(world.db, "other", kind, settings, now=BEGIN)


def test_every_kind_is_told_with_its_proof_and_fields() -> None:
    listed = phones.list_kinds()
    assert [kind.name for kind in listed] == list(KINDS)
    for kind in listed:
        assert kind.proof == LEVELS[KINDS[kind.name].level]
        assert kind.fields
        assert phones.get_kind(kind.name) == kind


def test_the_form_of_every_place_has_the_fields_of_its_settings_and_no_others() -> None:
    places = {place.__struct_config__.tag: place for place in get_args(Place)}
    assert places.keys() == PLACES.keys()
    for by, place in places.items():
        fields = [field for field in PLACES[by][2] if not field.secret]
        assert {field.name for field in fields} == set(place.__struct_fields__)
        needed = set(place.__struct_fields__[: -len(place.__struct_defaults__) or None])
        assert needed <= {field.name for field in fields if field.required}


def test_the_form_of_every_kind_names_only_settings_that_exist() -> None:
    for name, kind in KINDS.items():
        for field in kind.fields:
            if field.secret or field.type == "place":
                continue
            settings = {field.name: None}
            told = " ".join(phones.find_problems(name, settings).values())
            assert "is not a setting" not in told, (name, field.name)


def test_a_form_becomes_settings_and_secrets_and_a_form_again(booth: Booth) -> None:
    form = {"host": " 192.168.1.20 ", "port": "8080", "password": " p w ", "since": ""}
    settings, secrets = phones.read_form("booth", form)
    assert settings == {"host": "192.168.1.20", "port": 8080}
    assert secrets == {"password": " p w "}
    shown = phones.show_form("booth", settings)
    assert shown == {"host": "192.168.1.20", "port": "8080", "since": ""}


def test_a_place_is_typed_field_by_field_and_comes_back_so() -> None:
    form = {
        "place.by": "sftp",
        "place.host": "10.0.0.5",
        "place.user": "pbx",
        "place.port": "2022",
        "place_password": "secret words",
        "extensions": "101, 102,",
    }
    settings, secrets = phones.read_form("freepbx", form)
    place = {"by": "sftp", "host": "10.0.0.5", "user": "pbx", "port": 2022}
    assert settings["place"] == place
    assert settings["extensions"] == ["101", "102"]
    assert secrets == {"place_password": "secret words"}
    shown = phones.show_form("freepbx", settings)
    assert (shown["place.by"], shown["place.port"]) == ("sftp", "2022")
    assert shown["extensions"] == "101, 102"
    assert "secret words" not in str(shown)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"hosst": "x"}, "hosst"),
        ({"port": "eighty"}, "Port: enter a number"),
        ({"password": "x" * 30_000}, "Password"),
        ({"host": "a\0b"}, "Address"),
    ],
)
def test_a_wrong_entry_is_named_by_its_label(booth: Booth, form: dict[str, str], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        phones.read_form("booth", form)


def test_what_is_missing_or_of_the_wrong_type_is_told_by_field(booth: Booth) -> None:
    assert phones.find_problems("booth", {}) == {
        "host": "Address: this is needed",
        "password": "Password: this is needed",
    }
    assert phones.find_problems("booth", usual_settings(), {"password"}) == {}
    wrong = usual_settings(port="eighty")
    assert phones.find_problems("booth", wrong, {"password"}) == {
        "port": "Port: this must be a whole number"
    }
    unknown = usual_settings(prot=1)
    with pytest.raises(Misconfigured, match="prot: this is not a setting"):
        phones.check_settings("booth", unknown, {"password"})
    with pytest.raises(Misconfigured, match="unknown kind"):
        phones.check_settings("nothing", {})


def test_a_place_that_is_not_chosen_or_not_complete_is_told_by_field() -> None:
    told = phones.find_problems("freepbx", {"place": {"by": "pigeon"}})
    assert "place.by" in told
    told = phones.find_problems("freepbx", {"place": {"by": "sftp", "host": "10.0.0.5"}})
    assert told == {"place.user": "User: this is needed"}


def test_the_addresses_in_the_settings_are_named_before_anything_is_contacted() -> None:
    settings = {
        "place": {"by": "sftp", "host": "192.168.1.20"},
        "db_host": "192.168.1.21",
        "url": "https://192.168.1.22:8088/x",
        "user": "192.168.1.99",
    }
    found = phones.addresses_of(settings, allowed=["192.168.1.20", "192.168.1.21/32"])
    assert [(a.address, a.allowed) for a in found] == [
        ("192.168.1.20", True), ("192.168.1.21", True), ("192.168.1.22", False),
    ]  # fmt: skip


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "::1"])
def test_an_address_that_is_this_box_is_named_as_one_that_cannot_be_allowed(host: str) -> None:
    (address,) = phones.look_up({"db_host": host})
    assert "box itself" in address.refused


def test_a_name_that_leads_nowhere_is_told_so() -> None:
    (address,) = phones.look_up({"db_host": "no-such-pbx.invalid"})
    assert address.address == ""
    assert "not known" in address.refused


def test_an_address_is_allowed_once_explicitly_and_can_be_taken_back(world: World) -> None:
    with writing(world.db):
        for entry in ("192.168.1.20", " 192.168.1.20 ", "10.0.5.7/24"):
            phones.allow_address(world.db, 1, entry)
    assert connectors.get_connector(world.db, 1).allowed == ("192.168.1.20", "10.0.5.0/24")
    assert phones.is_allowed("10.0.5.99", connectors.get_connector(world.db, 1).allowed)
    with writing(world.db):
        phones.disallow_address(world.db, 1, "192.168.1.20")
    assert connectors.get_connector(world.db, 1).allowed == ("10.0.5.0/24",)


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ("pbx.local", Misconfigured),
        ("127.0.0.1", Refused),
        ("169.254.169.254", Refused),
        ("0.0.0.0/0", Refused),
        ("10.0.0.0/8", Refused),
        ("::/0", Refused),
        ("224.0.0.1", Refused),
    ],
)
def test_an_address_nobody_may_be_talked_to_at_is_never_allowed(
    world: World, entry: str, error: type[Exception]
) -> None:
    with pytest.raises(error), writing(world.db):
        phones.allow_address(world.db, 1, entry)
    assert connectors.get_connector(world.db, 1).allowed == ()


def test_a_connector_is_handed_its_secrets_addresses_feed_and_drop(
    world: World, booth: Booth
) -> None:
    number = add(world, usual_settings())
    place = {"by": "drop", "user": "grandstream"}
    delivered = world.tools().config.data / "drop" / "grandstream"
    with writing(world.db):
        phones.save_secrets(world.db, world.keys, number, {"password": "p"}, now=BEGIN)
        phones.allow_address(world.db, number, "192.168.1.20")
        connectors.save_settings(world.db, number, {"place": place})
        add_pushed(world.db, number, b"record", now=BEGIN)
        add_pushed(world.db, 1, b"another's", now=BEGIN)
    row = connectors.get_connector(world.db, number)
    means = phones.means_of(world.config, world.keys, world.db, row)
    assert means.secrets == {"password": "p"}
    assert means.allowed == ("192.168.1.20",)
    assert [line.data for line in means.feed.lines(0)] == [b"record"]
    assert Path(means.drop) == delivered


@pytest.mark.parametrize("user", ["../other", "", ".", "a/b", "x" * 33])
def test_a_drop_user_never_leads_out_of_the_drop_folder(world: World, user: str) -> None:
    number = add(world, {"place": {"by": "drop", "user": user}}, "freepbx")
    row = connectors.get_connector(world.db, number)
    with pytest.raises(Misconfigured):
        phones.means_of(world.config, world.keys, world.db, row)


def test_a_wrong_setting_of_a_saved_phone_system_is_named_when_it_is_opened(
    world: World, booth: Booth
) -> None:
    row = connectors.get_connector(world.db, add(world, {"port": "x"}))
    with pytest.raises(Misconfigured, match="Port: this must be a whole number"):
        phones.open_phone(world.config, world.keys, world.db, row)


def test_a_kind_without_a_first_day_reaches_back_by_its_patience() -> None:
    day = BEGIN.date().replace(day=1)
    reaching = phones.settings_since("folder", {"root": "/x"}, day, BEGIN)
    told = reaching.get("since") == day.isoformat() or reaching["patience"]["lookback_days"] >= 22
    assert told


TWO = {
    "place.by": "sftp", "place.host": "10.0.0.5", "place.user": "a", "place_password": "one",
    "recordings.by": "smb", "recordings.host": "10.0.0.6", "recordings.share": "r",
    "recordings.user": "b", "recordings_password": "two",
}  # fmt: skip


def test_the_form_of_a_second_place_has_a_password_of_its_own() -> None:
    settings, secrets = phones.read_form("freeswitch", TWO)
    assert secrets == {"place_password": "one", "recordings_password": "two"}
    assert phones.find_problems("freeswitch", settings, secrets) == {}
    assert {"place_password", "recordings_password", "recordings_key"} <= phones.secret_names(
        "freeswitch"
    )
    assert "recordings_password" not in phones.secret_names("freepbx")
    with pytest.raises(Misconfigured):
        phones.read_form("freepbx", {"recordings_password": "x"})


def test_both_places_of_a_phone_system_deliver_under_one_user() -> None:
    form = {
        "place.by": "drop", "place.user": "pbx",
        "recordings.by": "drop", "recordings.user": "other",
    }  # fmt: skip
    settings, secrets = phones.read_form("freeswitch", form)
    assert list(phones.find_problems("freeswitch", settings, secrets)) == ["recordings.user"]
    settings["recordings"]["user"] = "pbx"
    assert phones.find_problems("freeswitch", settings, secrets) == {}


def test_a_second_place_that_is_delivered_to_us_is_signed_in_to_with_its_own_password(
    world: World,
) -> None:
    settings = {
        "place": {"by": "sftp", "host": "10.0.0.5", "user": "a"},
        "cdr": "files",
        "cdr_place": {"by": "drop", "user": "pbx"},
    }
    number = add(world, settings, "3cx")

    def may_enter(password: str) -> bool:
        try:
            return bool(check_password(world.tools(), "pbx", password, "192.0.2.1"))
        except Refused:
            return False

    with writing(world.db):
        phones.save_secrets(world.db, world.keys, number, {"place_password": "one"}, now=BEGIN)
    assert may_enter("one")
    with writing(world.db):
        phones.save_secrets(world.db, world.keys, number, {"cdr_place_password": "two"}, now=BEGIN)
    assert may_enter("two")
    assert not may_enter("one")


def test_a_name_is_shown_with_what_was_found_out_and_nothing_is_resolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(*_: Any, **__: Any) -> None:
        raise AssertionError("only the courier may ask a name server")

    monkeypatch.setattr(phones.socket, "getaddrinfo", resolve)
    settings = {"db_host": "pbx.example", "url": "https://10.0.0.6/", "host": "other.example"}
    known = [
        Address(host="pbx.example", address="10.0.0.5"),
        Address(host="old.example", address="10.0.0.9"),
    ]
    assert phones.addresses_of(settings, known, ["10.0.0.5"]) == [
        Address(host="pbx.example", address="10.0.0.5", allowed=True),
        Address(host="10.0.0.6", address="10.0.0.6"),
        Address(host="other.example"),
    ]
