"""The grammar of file names, and the many names that are none."""

import pytest

from connectors.names import epoch_of, is_extension, parse_name, split_left
from connectors.telling import Site, parties_of_name

UID = "clinic-1795359560.0"
TAIL = f"-20261122-145920-{UID}.wav"


def test_a_name_is_read_from_the_right() -> None:
    name = parse_name("external-101-+15555550142" + TAIL)
    assert name is not None
    assert (name.kind, name.to, name.source) == ("external", "101", "+15555550142")
    assert (name.stamp, name.uniqueid, name.exact) == ("20261122T145920", UID, True)


def test_a_system_name_with_hyphens_belongs_to_the_uniqueid() -> None:
    name = parse_name("in-5555550100-5555550142-20261122-145920-my-clinic-1795359560.12.wav")
    assert name is not None
    assert name.uniqueid == "my-clinic-1795359560.12"
    assert epoch_of(name.uniqueid) == 1795359560


@pytest.mark.parametrize(
    ("left", "parts"),
    [
        ("in-5555550100-5555550142", ("in", "5555550100", "5555550142")),
        ("in-555-0100-555-0142", ("in", "555-0100", "555-0142")),
        ("external-101-555-0142", ("external", "101", "555-0142")),
        ("out-555-0142-101", ("out", "555-0142", "101")),
        ("internal-101-102", ("internal", "101", "102")),
        ("q-400-+15555550142", ("q", "400", "+15555550142")),
        ("rg-600-unknown", ("rg", "600", "")),
        ("force-5555550142-3201", ("force", "5555550142", "3201")),
        ("exten-101-106", ("exten", "101", "106")),
        ("parked-71-anonymous", ("parked", "71", "")),
        ("ondemand-101-5555550142", ("ondemand", "101", "5555550142")),
        ("generic-101", ("generic", "101", "")),
        ("800-800-user", ("conference", "800", "")),
    ],
)
def test_types_and_numbers_with_hyphens_are_told_apart(
    left: str, parts: tuple[str, str, str]
) -> None:
    assert split_left(left) == parts
    assert parse_name(left + TAIL) is not None


@pytest.mark.parametrize(
    ("left", "direction", "caller", "dialed", "staff"),
    [
        ("in-5555550100-5555550142", "in", "5555550142", "5555550100", ""),
        ("external-101-5555550142", "in", "5555550142", "", "101"),
        ("out-5555550142-101", "out", "", "5555550142", "101"),
        ("internal-101-102", "internal", "102", "101", "101"),
        ("q-400-5555550142", "in", "5555550142", "400", ""),
        ("q-400-400", "in", "", "400", ""),
        ("force-5555550142-3201", "out", "", "5555550142", "3201"),
        ("exten-101-5555550142", "in", "5555550142", "", "101"),
        ("exten-101-106", "internal", "106", "101", "101"),
        ("ondemand-5555550100-5555550142", "unknown", "5555550142", "5555550100", ""),
    ],
)
def test_the_type_says_what_the_two_numbers_mean(
    left: str, direction: str, caller: str, dialed: str, staff: str
) -> None:
    parties = parties_of_name(parse_name(left + TAIL), Site())
    assert parties[:4] == (direction, caller, dialed, staff)


def test_legs_and_homemade_names_are_known_by_their_number() -> None:
    leg = parse_name("legs-clinic-1795359612.62-in.wav")
    mix = parse_name("legs-clinic-1795359612.62.wav")
    assert leg is not None and mix is not None
    assert (leg.leg, leg.uniqueid, leg.exact) == ("in", "1795359612.62", False)
    assert (mix.leg, mix.stem) == ("", leg.stem)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "voicemail.wav",
        "a\nb" + TAIL,
        "x" * 4096 + TAIL,
        "$(reboot).wav",
        "../../etc/passwd" + TAIL,
        "in-\udcff-1" + TAIL,
        "-" * 250,
        "1" * 250 + ".wav",
    ],
)
def test_a_bad_name_says_nothing_and_does_no_harm(name: str) -> None:
    assert parse_name(name) is None


def test_an_extension_is_listed_or_short() -> None:
    assert is_extension("101") and not is_extension("5555550142") and not is_extension("trunk")
    assert is_extension("desk", ("desk",)) and not is_extension("101", ("desk",))
