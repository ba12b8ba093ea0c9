"""The command line as an operator uses it: a box is made, fed, asked and checked."""

import json
import wave
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from appliance.commands.main import cli
from appliance.facts.speech import Segment
from models.scripted import ScriptedRecognizer
from models.sense import find_files

PASSWORD = "correct horse battery\n"
Run = Callable[..., Result]

TURNS = [
    Segment(index=0, start_ms=300, end_ms=2000, channel=1, text="Thank you for calling Willow Creek, this is Denise, how can I help you?"),
    Segment(index=1, start_ms=2200, end_ms=4000, channel=0, text="Hi, how much is a dental cleaning for my dog?"),
    Segment(index=2, start_ms=4100, end_ms=6000, channel=1, text="That is four hundred dollars. Bye."),
]  # fmt: skip


def stereo_wav(path: Path, seconds: float = 7.0) -> Path:
    """A short stereo recording of two tones."""
    t = np.arange(int(8000 * seconds)) / 8000
    sound = np.stack([np.sin(2 * np.pi * f * t) * 8000 for f in (500, 900)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(sound.astype("<i2").tobytes())
    return path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call petsvet on a box of its own; the recognizer says TURNS."""
    monkeypatch.setattr("models.loading.load_recognizer", lambda *_: ScriptedRecognizer(TURNS))
    config = tmp_path / "config.toml"
    config.write_text('[log]\nlevel = "error"\n')

    def call(*arguments: str, stdin: str = "") -> Result:
        start = ["--data", str(tmp_path / "box"), "--config", str(config)]
        return CliRunner().invoke(cli, [*start, *arguments], input=stdin)

    return call


@pytest.fixture
def fed(run: Run, tmp_path: Path) -> Run:
    """A box that has taken and read one call."""
    assert run("init", "--clinic", "Willow Creek", stdin=PASSWORD).exit_code == 0
    folder = tmp_path / "recordings"
    folder.mkdir()
    stereo_wav(folder / "external-101-+15125550142-20261118-081205-1795011125.7.wav")
    assert "1 call received" in run("import", str(folder)).output
    done = run("work", "--until-idle")
    assert done.exit_code == 0, done.output
    return run


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_init_prints_the_recovery_key_once_and_refuses_to_make_a_box_twice(run: Run) -> None:
    made = run("init", stdin=PASSWORD)
    assert made.exit_code == 0
    assert "Recovery key" in made.output
    again = run("init", stdin=PASSWORD)
    assert again.exit_code == 1
    assert "already a box" in again.output


def test_a_short_password_makes_no_box(run: Run, tmp_path: Path) -> None:
    result = run("init", stdin="short\n")
    assert result.exit_code == 1
    assert "15 characters" in result.output
    assert not (tmp_path / "box").exists()


def test_a_call_is_imported_read_listed_shown_and_found(fed: Run) -> None:
    (call,) = lines(fed("calls", "list", "--json"))
    assert call["state"] == "ready"
    assert call["caller"] == "***0142"
    assert call["intent"] == "price_shop"
    shown = fed("calls", "show", str(call["ref"]))
    assert "caller  Hi, how much is a dental cleaning" in shown.output
    (hit,) = lines(fed("search", "dental", "--json"))
    assert hit["ref"] == call["ref"]
    assert hit["at_s"] == 2


def test_importing_again_adds_nothing(fed: Run, tmp_path: Path) -> None:
    assert "0 calls received" in fed("import", str(tmp_path / "recordings")).output
    assert len(lines(fed("calls", "list", "--json"))) == 1


def test_a_single_file_is_imported_without_its_neighbors(run: Run, tmp_path: Path) -> None:
    run("init", stdin=PASSWORD)
    stereo_wav(tmp_path / "one.wav")
    stereo_wav(tmp_path / "two.wav", seconds=8)
    assert "1 call received" in run("import", str(tmp_path / "one.wav")).output


def test_a_redo_walks_the_road_again(fed: Run) -> None:
    (call,) = lines(fed("calls", "list", "--json"))
    assert fed("calls", "redo", str(call["ref"]), "--from", "transcribe").exit_code == 0
    assert fed("work", "--until-idle").exit_code == 0
    (again,) = lines(fed("calls", "list", "--json"))
    assert again == call
    assert fed("calls", "redo", "nonsense").exit_code == 1


def test_the_shell_is_audited_and_the_log_verifies(fed: Run) -> None:
    fed("calls", "list")
    fed("search", "dental")
    actions = [entry["action"] for entry in lines(fed("audit", "list", "--json"))]
    assert actions[:2] == ["search", "list_calls"]
    assert {"box_made", "import"} <= set(actions)
    (verified,) = lines(fed("audit", "verify", "--json"))
    assert verified["broken_at"] is None
    assert fed("audit", "verify", "--head", str(verified["head"])).exit_code == 0
    assert fed("audit", "verify", "--head", f"{verified['rows']}:{'0' * 64}").exit_code == 1


def test_people_are_added_and_listed_without_their_passwords(fed: Run) -> None:
    assert fed("users", "add", "finn", "--role", "frontdesk", "--extension", "101",
               stdin=PASSWORD).exit_code == 0  # fmt: skip
    people = lines(fed("users", "list", "--json"))
    assert [(p["name"], p["role"]) for p in people] == [("finn", "frontdesk"), ("owner", "owner")]
    assert "argon2" not in json.dumps(people)


def test_a_lost_root_key_locks_the_box_until_the_recovery_key_is_typed(
    run: Run, tmp_path: Path
) -> None:
    made = run("init", stdin=PASSWORD)
    recovery = made.output.strip().splitlines()[-1].strip()
    (tmp_path / "box" / "root.key").unlink()
    locked = run("calls", "list")
    assert locked.exit_code == 1
    assert "recover" in locked.output
    assert run("recover", stdin=f"{recovery}\n").exit_code == 0
    assert run("calls", "list").exit_code == 0


def test_no_box_is_a_sentence_not_a_traceback(run: Run) -> None:
    result = run("calls", "list")
    assert result.exit_code == 1
    assert "petsvet init" in result.output
    assert "Traceback" not in result.output


def test_an_unknown_setting_names_file_and_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\nprot = 1\n")
    result = run("calls", "list")
    assert result.exit_code == 1
    assert "prot" in result.output
    assert "config.toml" in result.output


def test_hostile_names_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    run("init", stdin=PASSWORD)
    folder = tmp_path / "recordings"
    folder.mkdir()
    stereo_wav(folder / "\x1b[31mred\n$(reboot).wav")
    run("import", str(folder))
    run("work", "--until-idle")
    assert "\x1b" not in run("calls", "list").output


def test_doctor_examines_everything_and_says_what_to_do(fed: Run) -> None:
    found = [json.loads(line) for line in fed("doctor", "--json").output.splitlines()]
    states = {finding["name"]: finding["state"] for finding in found}
    assert states["database"] == "ok"
    assert states["audit log"] == "ok"
    assert states["decoder cage"] == "ok"
    assert states["phone systems"] == "warning"
    assert states["reading"] == ("ok" if find_files() else "warning")
    assert all(f["advice"] for f in found if f["state"] != "ok")


def test_the_catalogue_is_listed_and_an_incomplete_model_is_not_installed(
    run: Run, tmp_path: Path
) -> None:
    run("init", stdin=PASSWORD)
    cards = lines(run("models", "list", "--json"))
    assert {"tiny.en", "small", "large-v3"} <= {card["id"] for card in cards}
    encoder = next(card for card in cards if card["id"] == "all-MiniLM-L6-v2")
    assert encoder["installed"] == ("yes" if find_files() else "")
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("models", "install", "tiny.en", str(empty))
    assert result.exit_code == 1
    assert run("models", "verify").exit_code == 0


def test_a_box_made_to_watch_a_folder_has_it_as_its_phone_system(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "monitor"
    folder.mkdir()
    assert run("init", "--watch", str(folder), stdin=PASSWORD).exit_code == 0
    (phones,) = lines(run("connectors", "list", "--json"))
    assert (phones["name"], phones["kind"], phones["state"]) == ("phones", "freepbx", "on")
    checked = run("connectors", "check", "phones")
    assert checked.exit_code == 1
    assert "right folder" in checked.output
    stereo_wav(folder / "external-101-+15125550142-20261118-081205-1795011125.7.wav")
    checked = run("connectors", "check", "phones")
    assert "***0142" in checked.output
    assert "2 ch" in checked.output


def test_who_is_to_be_called_back_is_listed_with_masked_numbers(fed: Run, tmp_path: Path) -> None:
    day = f"{datetime.now(UTC) - timedelta(days=2):%Y%m%d}"  # nobody calls back after two weeks
    later = tmp_path / "later"
    later.mkdir()
    stereo_wav(later / f"external-101-+15125550143-{day}-081205-1795011126.8.wav", 8.0)
    fed("import", str(later))
    fed("work", "--until-idle")
    lines = fed("worklist", "list", "--json").output.splitlines()
    item = next(i for i in map(json.loads, lines) if i["caller"] == "***0143")
    assert (item["kind"], item["reason"], item["state"]) == ("skill", "price_only", "open")
    assert "price_only" in fed("worklist", "list", "--kind", "skill").output
    assert fed("worklist", "list", "--kind", "policy", "--json").output == ""
    assert fed("worklist", "list", "--kind", "nonsense").exit_code == 2
    assert "view_worklist" in fed("audit", "list").output
