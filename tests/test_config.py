"""Settings are read once, merged in order, and refused in clear words."""

from pathlib import Path

import msgspec
import pytest

from appliance import config as settings
from appliance.config import Config, load_config
from appliance.errors import Misconfigured


@pytest.fixture
def write(tmp_path):
    def one(text: str, name: str = "config.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return one


def refusal(*files: Path, **more) -> str:
    with pytest.raises(Misconfigured) as caught:
        load_config(None, files, **more)
    return str(caught.value)


def test_without_files_the_defaults_hold() -> None:
    config = load_config(None, [])
    assert config == Config()
    assert (config.queue.lease_s, config.queue.heartbeat_s, config.queue.max_attempts) == (
        60,
        15,
        3,
    )
    assert config.data == Path("/var/lib/petsvet")


def test_later_files_win_and_tables_are_merged(write) -> None:
    first = write('data = "/srv/a"\n[web]\nport = 1000\nnames = ["one", "two"]\n')
    second = write('[web]\nnames = ["three"]\n[speech]\nbeam = 2\n', "b.toml")
    config = load_config(None, [first, second])
    assert (config.web.port, config.web.names) == (1000, ("three",))
    assert (config.speech.beam, config.data) == (2, Path("/srv/a"))


def test_overrides_and_the_data_folder_come_last(write, tmp_path, monkeypatch) -> None:
    file = write('data = "/srv/a"\n[speech]\nmodel = "one"\nbeam = 2\n')
    config = load_config(tmp_path, [file], {"speech": {"model": "two"}})
    assert (config.speech.model, config.speech.beam, config.data) == ("two", 2, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert load_config(Path("here"), []).data == tmp_path / "here"


def test_the_files_of_the_machine_are_read_in_order_of_name(write, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(settings, "FOLDER", tmp_path)
    assert load_config() == Config()
    write("[lanes]\nspeech = 2\nchores = 2\n")
    write("[lanes]\nspeech = 4\n", "config.d/20-more.toml")
    write("[lanes]\nspeech = 3\ncourier = 3\n", "config.d/10-some.toml")
    write("[lanes]\nspeech = 9\n", "config.d/old.toml.bak")
    lanes = load_config().lanes
    assert (lanes.speech, lanes.chores, lanes.courier) == (4, 2, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[web]\nprt = 1", "web.prt is not a setting"),
        ("colour = 1", "colour is not a setting"),
        ("[web]\nport = '443'", "web.port must be a whole number, not text in quotes"),
        ("[web]\nport = 1.5", "web.port must be a whole number, not a number with a point"),
        ("[web]\nport = true", "web.port must be a whole number, not true or false"),
        ("[web]\nport = 70000", "web.port must be at most 65535"),
        ("[web]\nnames = 'one'", "web.names must be a list, not text in quotes"),
        ("[web]\nnames = [1]", "web.names[0] must be text in quotes, not a whole number"),
        ("web = 3", "web must be a table, not a whole number"),
        ("data = 'here'", "data must be an absolute path in quotes"),
        ("data = 3", "data must be an absolute path in quotes"),
        ("[log]\nlevel = 'loud'", "log.level must be one of debug, info, warning, error"),
        ("[speech]\nlanguage = 'English'", "speech.language is not written in the form"),
        ("[decode]\nmax_hours = 0", "decode.max_hours must be more than 0"),
        ("[decode]\nmax_hours = 'a'", "decode.max_hours must be a number, not text in quotes"),
        ("[web\n", "is not written in TOML near line 1"),
    ],
)
def test_a_wrong_setting_is_refused_with_file_and_key(write, text, words) -> None:
    message = refusal(write("[web]\nport = 1\n", "good.toml"), bad := write(text, "bad.toml"))
    assert message.startswith(str(bad))
    assert words in message
    assert message.endswith(".")


def test_a_wrong_override_names_the_command_line() -> None:
    assert refusal(overrides={"web": {"port": 0}}).startswith("the command line: web.port")


@pytest.mark.parametrize("key", ["password", "api_key", "auth_token", "client_secret"])
def test_secrets_are_refused_with_the_place_where_they_belong(write, key) -> None:
    message = refusal(write(f'[web]\n{key} = "hunter2-hunter2"\n'))
    assert "never kept in files" in message
    assert "hunter2" not in message


def test_values_and_odd_keys_are_not_repeated_in_messages(write) -> None:
    assert "Maria" not in refusal(write('[web]\nport = "Maria"\n'))
    assert "555" not in refusal(write('"call\\n5550100" = 1\n'))
    assert "Maria" not in refusal(write("[web]\nport = Maria Quackenbush\n"))


def test_missing_unreadable_and_foreign_files_are_named(write, tmp_path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.toml")
    assert "cannot be read" in refusal(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'data = "/srv/\xe9"')
    assert "not written in TOML" in refusal(tmp_path / "latin.toml")
    assert "TOML" in refusal(write("a = " + "[" * 100_000, "deep.toml"))


def test_settings_that_do_not_go_together_are_refused(write) -> None:
    assert "queue.heartbeat_s" in refusal(write("[queue]\nlease_s = 20\nheartbeat_s = 15\n"))
    assert "clock.timezone" in refusal(write('[clock]\ntimezone = "Mars/Base"\n'))
    assert "web.names" in refusal(write('[web]\nnames = ["a b"]\n'))
    zone = load_config(None, [write('[clock]\ntimezone = "America/Chicago"\n')]).clock.timezone
    assert zone == "America/Chicago"


def test_settings_cannot_be_changed_afterwards() -> None:
    config = load_config(None, [])
    with pytest.raises(AttributeError):
        config.data = Path("/")
    with pytest.raises(AttributeError):
        config.web.port = 1


def test_no_setting_could_hold_a_secret() -> None:
    def names(kind: type) -> list[str]:
        found = []
        for field in msgspec.structs.fields(kind):
            found.append(field.name)
            if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
                found += names(field.type)
        return found

    for name in names(Config):
        assert not any(word in name for word in ("password", "secret", "token", "key")), name
