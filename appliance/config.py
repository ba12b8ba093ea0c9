"""The settings of the machine, decoded once into one frozen struct; secrets never live here."""

import re
import tomllib
import zoneinfo
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from appliance.errors import Misconfigured

FOLDER = Path("/etc/petsvet")
_KINDS = {
    "int": "a whole number", "float": "a number with a point", "str": "text in quotes", "bool": "true or false",
    "array": "a list", "object": "a table", "null": "nothing", "Path": "an absolute path",
}  # fmt: skip

_Port = Annotated[int, Meta(ge=1, le=65535)]
_Few = Annotated[int, Meta(ge=1, le=64)]
_Hour = Annotated[int, Meta(ge=0, le=23)]
_Seconds = Annotated[float, Meta(gt=0, le=86400)]


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the file: frozen, unknown keys refused."""


class Web(_Table, frozen=True):
    """Where the pages are served; ``names`` are further host names and addresses people type."""

    host: str = "0.0.0.0"  # noqa: S104 - the pages are for the whole clinic network
    port: _Port = 8443
    names: tuple[str, ...] = ()


class Speech(_Table, frozen=True):
    """How speech becomes words; ``auto`` and 0 mean: as fits machine and model."""

    model: str = "auto"
    language: Annotated[str, Meta(pattern="^(auto|[a-z]{2,3})$")] = "en"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: Literal[
        "auto", "int8", "int8_float16", "int8_bfloat16", "int8_float32", "int16",
        "float16", "bfloat16", "float32",
    ] = "auto"  # fmt: skip
    threads: Annotated[int, Meta(ge=0, le=256)] = 0
    beam: Annotated[int, Meta(ge=0, le=20)] = 0
    hotwords: tuple[str, ...] = ()


class Lanes(_Table, frozen=True):
    """How many workers run side by side in each lane."""

    speech: _Few = 1
    chores: _Few = 1
    courier: _Few = 1


class Decode(_Table, frozen=True):
    """Limits of the child process that opens a recording."""

    memory_mb: Annotated[int, Meta(ge=128, le=65536)] = 1024
    cpu_s: _Seconds = 30
    max_hours: Annotated[float, Meta(gt=0, le=24)] = 4


class Queue(_Table, frozen=True):
    """When a job counts as left behind, and how often it is tried."""

    lease_s: _Seconds = 60
    heartbeat_s: _Seconds = 15
    max_attempts: Annotated[int, Meta(ge=1, le=20)] = 3


class Clock(_Table, frozen=True):
    """When the box starts work by itself; hours are local to ``timezone`` (empty: the system's)."""

    poll_s: _Seconds = 30
    timezone: str = ""
    sweep_hour: _Hour = 2
    retention_hour: _Hour = 3
    backup_hour: _Hour = 4
    report_hour: _Hour = 6


class Drop(_Table, frozen=True):
    """Where phone systems deliver: SFTP, and FTP only by explicit wish, as it hides nothing.

    Each account may fill ``account_gb`` with at most ``account_files`` files and folders.
    """

    host: str = "0.0.0.0"  # noqa: S104 - the phone system is another machine of the clinic
    port: _Port = 2222
    connections: Annotated[int, Meta(ge=1, le=1024)] = 32
    account_gb: Annotated[float, Meta(gt=0, le=100_000)] = 50
    account_files: Annotated[int, Meta(ge=1, le=10_000_000)] = 200_000
    ftp: bool = False
    ftp_port: _Port = 2121
    ftp_data_ports: tuple[_Port, _Port] = (50100, 50131)


class Log(_Table, frozen=True):
    """How much is written to the journal."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(_Table, frozen=True):
    """All settings of the machine; what clinic staff may change lives in the database instead."""

    data: Path = Path("/var/lib/petsvet")
    web: Web = Web()
    speech: Speech = Speech()
    lanes: Lanes = Lanes()
    decode: Decode = Decode()
    queue: Queue = Queue()
    clock: Clock = Clock()
    drop: Drop = Drop()
    log: Log = Log()


def load_config(
    data: Path | None = None,
    files: Sequence[Path] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Config:
    """Settings of this machine: defaults, then files, then ``overrides``, then ``data``.

    Without ``files`` it reads ``/etc/petsvet/config.toml`` and ``config.d/*.toml`` beside it, as
    far as they exist; given files must exist. Later ones win, tables are merged, lists replaced.
    Raises Misconfigured, naming the file and the key.
    """
    merged: dict[str, Any] = {}
    for path in _system_files() if files is None else files:
        merged = _merge(merged, _read(path))
    if overrides:
        _decode(overrides, "the command line")
        merged = _merge(merged, overrides)
    if data is not None:
        merged["data"] = str(data.absolute())
    config = _decode(merged, "the settings")
    _check_together(config)
    return config


def _system_files() -> list[Path]:
    """The files of this machine in the order in which they count."""
    try:
        parts = sorted(path for path in FOLDER.glob("config.d/*.toml") if path.is_file())
        return [path for path in (FOLDER / "config.toml", *parts) if path.exists()]
    except OSError:
        raise Misconfigured(f"{FOLDER} cannot be read by this account; check its mode.") from None


def _read(path: Path) -> dict[str, Any]:
    """One file, checked by itself so that a message can name it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured(f"{path} does not exist.") from None
    except OSError:
        raise Misconfigured(f"{path} cannot be read by this account; check its mode.") from None
    except (ValueError, RecursionError) as error:
        line = (
            re.search(r"line (\d+)", str(error))
            if isinstance(error, tomllib.TOMLDecodeError)
            else None
        )
        place = f" near line {line[1]}" if line else ""
        raise Misconfigured(f"{path} is not written in TOML{place}.") from None
    _decode(content, str(path))
    return content


def _decode(content: Mapping[str, Any], source: str) -> Config:
    try:
        return msgspec.convert(content, Config, dec_hook=_path_from)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{source}: {_explain(str(error))}.") from None


def _path_from(kind: type, value: object) -> Path:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise ValueError("must be an absolute path in quotes")
    return Path(value)


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables key by key, everything else replaced by the later one."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = _merge(below, value) if both and below is not None else value
    return merged


def _explain(problem: str) -> str:
    """What msgspec found, in the words of a settings file; it never repeats a value."""
    what, _, path = problem.partition(" - at `$")
    key = path.strip("`").lstrip(".")
    unknown = re.search(r"unknown field `(.*)`$", what, re.DOTALL)
    if unknown:
        name = f"{key}.{unknown[1]}" if key else unknown[1]
        return f"{_quoted(name)} is not a setting{_secret_hint(unknown[1])}"
    if "enum value" in what:
        return f"{key} must be one of {', '.join(_allowed(key))}"
    expected = re.match(r"Expected `([^`]+)`(?:, got `(\w+)`| (matching regex|[<>]=?)(.*))", what)
    if not expected:
        return f"{key} {what}"
    kind, got, relation, limit = expected.groups()
    if got:
        return f"{key} must be {_KINDS.get(kind, kind).removesuffix(' with a point')}, not {_KINDS.get(got, got)}"
    words = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}
    if relation in words:
        return f"{key} must be {words[relation]}{limit.rstrip('.')}"
    return f"{key} is not written in the form expected here"


def _allowed(key: str) -> tuple[str, ...]:
    """The words a setting may have."""
    kind: Any = Config
    for part in key.split("."):
        kind = get_type_hints(kind)[part]
    return get_args(kind)


def _quoted(name: str) -> str:
    """A key as it may be shown: short and without anything that is no part of a name."""
    return re.sub(r"[^A-Za-z_.\-]", "?", name)[:60]


def _secret_hint(name: str) -> str:
    if re.search(r"pass|secret|token|api_?key|credential", name, re.IGNORECASE):
        return "; passwords and keys are never kept in files: enter them on the pages of the box"
    return "; remove it or correct its spelling"


def _check_together(config: Config) -> None:
    """What one value alone cannot show."""
    if config.queue.heartbeat_s * 2 > config.queue.lease_s:
        raise Misconfigured("queue.heartbeat_s must be at most half of queue.lease_s.")
    if config.clock.timezone and config.clock.timezone not in zoneinfo.available_timezones():
        raise Misconfigured("clock.timezone is not a known time zone; write America/Chicago.")
    if config.drop.ftp_data_ports[0] > config.drop.ftp_data_ports[1]:
        raise Misconfigured("drop.ftp_data_ports must be the first port and the last.")
    if any(not re.fullmatch(r"[A-Za-z0-9.:\-]{1,253}", name) for name in config.web.names):
        raise Misconfigured("web.names may hold host names and addresses only.")
