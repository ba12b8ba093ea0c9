"""The keys of the box open with what was handed out, and with nothing else."""

import contextlib
import copy
import json
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import keys as keeping
from appliance.errors import Locked, Misconfigured, Refused, Tampered
from appliance.keys import (
    COPIES,
    Keys,
    create_keys,
    damaged_copies,
    describe_mode,
    new_recovery,
    parse_recovery,
    renew_recovery,
    repair_keyring,
    reseal_root,
    root_credential,
    unlock,
)

ROOT = Path(__file__).resolve().parents[1]
SUBKEYS = ("recordings", "connectors", "web", "audit_seed", "pseudonyms", "tls")


@pytest.fixture(autouse=True)
def _no_systemd(monkeypatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def box(tmp_path) -> tuple[Path, Keys, str]:
    keys, recovery = create_keys(tmp_path / "data")
    return tmp_path / "data", keys, recovery


def flip(path: Path, at: int = -20) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_box_unlocks_unattended_and_by_its_recovery_key(box) -> None:
    data, keys, recovery = box
    for opened in (unlock(data), unlock(data, recovery), unlock(data, recovery.lower())):
        assert opened.root == keys.root
        assert opened.database == keys.database


def test_sub_keys_are_all_different_and_stay_what_they_were() -> None:
    keys = Keys(bytes(range(32)))
    values = [getattr(keys, name) for name in SUBKEYS]
    assert all(len(value) == 32 for value in values)
    assert len({*values, keys.root, bytes.fromhex(keys.database)}) == 8
    assert keys.database == "6f57ea20c318c0d14afe25a6c7612e029cecfdd8e60022a20318c8bd7eac8a71"
    assert (
        keys.recordings.hex() == "85cf2e2b5760d3601230f1bc79e52992ed1f203e816ab908d99271fb3b731db1"
    )


def test_two_boxes_share_nothing(tmp_path) -> None:
    (one, paper), (two, other) = create_keys(tmp_path / "a"), create_keys(tmp_path / "b")
    assert one.root != two.root
    assert paper != other


def test_keys_show_nothing_and_are_not_pickled_or_changed(box) -> None:
    _, keys, _ = box
    assert repr(keys) == str(keys) == f"{keys}" == "<Keys>"
    for act in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            act(keys)
    with pytest.raises(AttributeError):
        keys.web = b""
    assert not hasattr(keys, "__dict__")


def test_files_are_for_the_owner_only_and_hold_no_key_in_the_open(box) -> None:
    data, keys, recovery = box
    assert {path.name for path in data.iterdir()} == {*COPIES, "root.key"}
    for path in data.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring = (data / COPIES[0]).read_text()
    assert ring == (data / COPIES[1]).read_text()
    for secret in (keys.root.hex(), keys.database, recovery, recovery.replace("-", "")):
        assert secret not in ring


def test_a_set_up_over_an_existing_box_is_refused(box) -> None:
    data, keys, _ = box
    for name in COPIES:
        with pytest.raises(Refused):
            create_keys(data)
        (data / name).unlink()
    again, recovery = create_keys(data)
    assert again.root == keys.root, "a root without a keyring may have data: it is kept"
    assert unlock(data, recovery).root == keys.root


def test_a_damaged_root_is_never_overwritten_by_a_set_up(tmp_path) -> None:
    (tmp_path / "root.key").write_text("half")
    (tmp_path / "root.key").chmod(0o600)
    with pytest.raises(Refused):
        create_keys(tmp_path)
    assert (tmp_path / "root.key").read_text() == "half"


def test_the_systemd_credential_comes_before_the_file(tmp_path, monkeypatch) -> None:
    keys, _ = create_keys(tmp_path / "data", mode="credential")
    assert not (tmp_path / "data/root.key").exists()
    with pytest.raises(Locked, match="recovery key"):
        unlock(tmp_path / "data")
    (tmp_path / "petsvet.root").write_bytes(root_credential(keys))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert unlock(tmp_path / "data").root == keys.root
    (tmp_path / "data/root.key").write_text("something else")
    assert unlock(tmp_path / "data").root == keys.root


def test_a_credential_that_does_not_fit_leaves_the_file_to_open(box, monkeypatch, tmp_path) -> None:
    data, keys, _ = box
    (tmp_path / "petsvet.root").write_text("0" * 64)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert unlock(data).root == keys.root


def test_without_a_root_the_box_is_locked_until_recovery_seals_it_again(box) -> None:
    data, keys, recovery = box
    (data / "root.key").unlink()
    with pytest.raises(Locked, match="recovery key"):
        unlock(data)
    assert "person types" in describe_mode(data)
    reseal_root(data, unlock(data, recovery))
    assert unlock(data).root == keys.root


def test_the_root_of_another_box_is_told_apart(box, tmp_path) -> None:
    data, _, _ = box
    other, paper = create_keys(tmp_path / "other")
    reseal_root(data, other)
    with pytest.raises(Locked, match="does not fit"):
        unlock(data)
    with pytest.raises(Locked, match="another box"):
        unlock(data, paper)
    with pytest.raises(Locked, match="another box"):
        renew_recovery(data, other, paper)


def test_a_root_others_can_read_is_refused(box) -> None:
    data, _, _ = box
    (data / "root.key").chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        unlock(data)


def test_a_folder_without_keys_says_what_to_do(tmp_path) -> None:
    with pytest.raises(Locked, match="set-up"):
        unlock(tmp_path)


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "remove", "garbage"])
def test_one_damaged_copy_is_survived_and_repaired(box, name, damage) -> None:
    data, keys, recovery = box
    path = data / name
    good = path.read_bytes()
    if damage == "remove":
        path.unlink()
    elif damage == "flip":
        flip(path)
    else:
        path.write_bytes({"cut": good[:100], "empty": b"", "garbage": b"\xff\x00[]"}[damage])
    assert damaged_copies(data) == [name]
    assert unlock(data, recovery).root == unlock(data).root == keys.root
    assert repair_keyring(data) == [name]
    assert path.read_bytes() == good
    assert damaged_copies(data) == []


def test_every_flipped_byte_of_the_keyring_is_noticed(box) -> None:
    data, keys, recovery = box
    path = data / COPIES[0]
    good = path.read_bytes()
    for at in range(0, len(good), 3):
        flip(path, at)
        assert damaged_copies(data) in ([COPIES[0]], []), at
        assert unlock(data, recovery).root == keys.root
        path.write_bytes(good)


def test_two_damaged_copies_are_tampered(box) -> None:
    data, _, recovery = box
    for name in COPIES:
        flip(data / name)
    for text in (None, recovery):
        with pytest.raises(Tampered):
            unlock(data, text)


def test_a_keyring_rewritten_with_a_right_digest_is_still_noticed(box) -> None:
    data, _, recovery = box
    ring = json.loads((data / COPIES[0]).read_text())
    other = keeping._encode_keyring({**ring, "mode": "credential"})
    for name in COPIES:
        (data / name).write_bytes(other)
    for text in (None, recovery):
        with pytest.raises(Tampered):
            unlock(data, text)


def test_one_wrong_sign_of_the_recovery_key_names_its_group(box) -> None:
    data, _, recovery = box
    for at, sign in enumerate(recovery):
        if sign == "-" or at % 3:
            continue
        wrong = recovery[:at] + ("A" if sign != "A" else "Q") + recovery[at + 1 :]
        with pytest.raises(Locked, match=f"group {at // 5 + 1} of 14"):
            unlock(data, wrong)


def test_two_swapped_signs_name_their_group(box) -> None:
    groups = box[2].split("-")
    at = next(i for i, group in enumerate(groups) if group[0] != group[1])
    groups[at] = groups[at][1] + groups[at][0] + groups[at][2:]
    with pytest.raises(Locked, match=f"group {at + 1} of 14"):
        parse_recovery("-".join(groups))


def test_missing_and_foreign_signs_are_named_too(box) -> None:
    recovery = box[2]
    groups = recovery.split("-")
    with pytest.raises(Locked, match="14 groups of 4"):
        parse_recovery("-".join(groups[:-1]))
    with pytest.raises(Locked, match="Check group 3"):
        parse_recovery("-".join([*groups[:2], groups[2][:3], *groups[3:]]))
    with pytest.raises(Locked, match="foreign sign in group 2"):
        parse_recovery("-".join([groups[0], "AB!C", *groups[2:]]))
    for text in ("", "é" * 56, "ﬀ" * 28, "A" * 100_000):
        with pytest.raises(Locked):
            parse_recovery(text)


def test_a_recovery_key_is_read_as_people_type_it(box) -> None:
    recovery = box[2]
    root = parse_recovery(recovery)
    typed = recovery.lower().replace("-", " ").replace("o", "0").replace("i", "1")
    assert parse_recovery(f"  {typed}\n") == root
    assert parse_recovery(recovery.replace("-", "").replace("B", "8")) == root


def test_a_new_recovery_key_replaces_the_old_one(box) -> None:
    data, keys, old = box
    new = new_recovery()
    renew_recovery(data, keys, new)
    assert unlock(data, new).root == keys.root
    with pytest.raises(Locked):
        unlock(data, old)


def test_a_crash_between_the_copies_leaves_a_box_that_opens(box, monkeypatch) -> None:
    data, keys, old = box
    written = []

    def once(path: Path, content: bytes) -> None:
        if written:
            raise OSError("power cut")
        written.append(path)
        path.write_bytes(content)

    monkeypatch.setattr(keeping, "write_private", once)
    new = new_recovery()
    with pytest.raises(OSError, match="power cut"):
        renew_recovery(data, keys, new)
    assert unlock(data, old).root == unlock(data, new).root == unlock(data).root == keys.root


def test_the_description_tells_what_a_thief_gets(box, tmp_path) -> None:
    assert "can read everything" in describe_mode(box[0])
    create_keys(tmp_path / "sealed", mode="credential")
    assert "stolen disk stays closed" in describe_mode(tmp_path / "sealed")


KILLED = """
import os, sys
from pathlib import Path
from appliance import keys
real, left = os.fsync, int(sys.argv[2])
def counted(fd):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    real(fd)
os.fsync = counted
keys.renew_recovery(Path(sys.argv[1]), keys.unlock(Path(sys.argv[1])), sys.argv[3])
"""


@pytest.mark.parametrize("step", range(4))
def test_a_kill_at_any_write_leaves_a_box_that_one_paper_opens(box, step) -> None:
    data, keys, old = box
    new = new_recovery()
    command = [sys.executable, "-c", KILLED, data, str(step), new]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 9
    assert damaged_copies(data) == []
    assert unlock(data).root == keys.root
    opened = 0
    for paper in (old, new):
        with contextlib.suppress(Locked):
            opened += unlock(data, paper).root == keys.root
    assert opened >= 1
