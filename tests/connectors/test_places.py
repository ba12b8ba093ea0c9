"""Where files lie, as a setting: each place opens its tree, and contacts nobody before it must."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.errors import Misconfigured
from connectors import doors, sftp
from connectors.kinds import Means
from connectors.mount import Mount
from connectors.places import Drop, Mounted, Place, Sftp, open_place, secrets_for
from connectors.registry import open_connector
from connectors.remote import Remote
from tests.connectors.trees import LONG_AGO

FORMS: dict[str, dict[str, Any]] = {
    "folder": {"by": "folder", "path": "/recordings"},
    "sftp": {"by": "sftp", "host": "10.0.0.5", "user": "box", "host_key": "SHA256:abc"},
    "smb": {"by": "smb", "host": "10.0.0.5", "share": "recordings", "user": "box"},
    "ftps": {"by": "ftps", "host": "10.0.0.5", "user": "box"},
}


@pytest.mark.parametrize("by", FORMS)
def test_a_place_is_read_from_plain_settings_and_contacts_nobody(
    by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(doors.socket, "getaddrinfo", lambda *given, **_: asked.append(given))
    place = msgspec.convert(FORMS[by], Place)
    tree = open_place(place, Means(secrets={"place_password": "x"}))
    assert isinstance(tree, Mount if by == "folder" else Remote)
    assert asked == []


def test_an_unknown_word_in_a_place_is_refused() -> None:
    for form in ({"by": "gopher"}, {"by": "folder", "path": "/x", "pasword": "y"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(form, Place)


def test_what_was_delivered_lies_in_our_own_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.wav").touch()
    (tmp_path / "b.wav").touch()
    means = Means(drop=str(tmp_path))
    whole = open_place(Drop(user="pbx"), means).walk(LONG_AGO, Counter())
    assert sorted(entry.locator for entry in whole) == ["b.wav", "inner/a.wav"]
    inner = open_place(Drop(user="pbx", path="/inner/"), means).walk(LONG_AGO, Counter())
    assert [entry.locator for entry in inner] == ["a.wav"]


@pytest.mark.parametrize("path", ["..", "a/../../b", "/../x"])
def test_a_folder_inside_the_drop_does_not_lead_out(path: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="lead out"):
        open_place(Drop(user="pbx", path=path), Means(drop=str(tmp_path)))


def test_a_drop_without_a_folder_is_told() -> None:
    with pytest.raises(Misconfigured, match="drop folder"):
        open_place(Drop(user="pbx"), Means())


def test_a_mounted_folder_is_the_folder() -> None:
    tree = open_place(Mounted(path="/recordings"), Means())
    assert isinstance(tree, Mount) and tree.root == "/recordings"


def test_a_second_place_has_secrets_of_its_own_or_those_of_the_first() -> None:
    first = {"place_password": "one", "place_key": "KEY", "db_password": "x"}
    assert secrets_for("place", first) == {"place_password": "one", "place_key": "KEY"}
    assert secrets_for("recordings", first) == {"place_password": "one", "place_key": "KEY"}
    both = first | {"recordings_password": "two"}
    assert secrets_for("recordings", both) == {"place_password": "two"}, "never mixed"
    assert secrets_for("place", both) == {"place_password": "one", "place_key": "KEY"}
    assert secrets_for("cdr_place", {}) == {}


@pytest.mark.parametrize(
    ("kind", "second", "more"),
    [("freeswitch", "recordings", {}), ("3cx", "cdr_place", {"cdr": "files"})],
)
@pytest.mark.parametrize("own", ["", "two"])
def test_a_kind_with_two_places_signs_in_at_each_with_its_own_password(
    monkeypatch: pytest.MonkeyPatch, kind: str, second: str, more: dict[str, str], own: str
) -> None:
    offered: dict[str, str] = {}

    def open_sftp(place: Sftp, means: Means) -> None:
        offered[place.host] = means.secrets["place_password"]

    monkeypatch.setattr(sftp, "open_sftp", open_sftp)
    places = {
        "place": {"by": "sftp", "host": "10.0.0.5", "user": "a"},
        second: {"by": "sftp", "host": "10.0.0.6", "user": "b"},
    }
    secrets = {"place_password": "one"} | ({f"{second}_password": own} if own else {})
    open_connector(kind, places | more, Means(secrets=secrets))
    assert offered == {"10.0.0.5": "one", "10.0.0.6": own or "one"}
