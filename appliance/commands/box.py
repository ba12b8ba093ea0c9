"""What every command needs of the box, opened only when it is needed."""

import functools
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from appliance.config import Config, load_config
from appliance.db import Database, open_db
from appliance.errors import NotFound, PetsvetError
from appliance.facts.calls import Call
from appliance.keys import Keys, unlock
from appliance.logs import setup_logs
from appliance.migrations import migrate
from appliance.tools import DATABASE, Tools, make_tools

P = ParamSpec("P")
R = TypeVar("R")


class Box:
    """One box on this machine: its settings, keys and tools."""

    def __init__(self, data: Path | None, model: str = "", config_file: Path | None = None) -> None:
        self._data = data
        self._files = [config_file] if config_file else None
        self.config_file = config_file
        self.model = model

    @functools.cached_property
    def config(self) -> Config:
        """Settings from defaults, files and the command line."""
        overrides = {"speech": {"model": self.model}} if self.model else None
        return load_config(self._data, files=self._files, overrides=overrides)

    @functools.cached_property
    def keys(self) -> Keys:
        """The unlocked keys; raises NotFound where no box was made, Locked when they are away."""
        if not (self.config.data / DATABASE).exists():
            raise NotFound(f"there is no box in {self.config.data}; make one: petsvet init")
        return unlock(self.config.data)

    @functools.cached_property
    def tools(self) -> Tools:
        """What workers use."""
        setup_logs(self.config.log.level)
        return make_tools(self.config, self.keys)

    @functools.cached_property
    def db(self) -> Database:
        """A connection with the schema brought up to date."""
        db = open_db(self.config.data / DATABASE, self.keys.database)
        migrate(db)
        return db


def command(function: Callable[Concatenate[Box, P], R]) -> Callable[P, R]:
    """Pass the box to a command and turn our errors into one clear line and exit status 1."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        box = click.get_current_context().find_object(Box)
        assert box is not None
        with friendly_errors():
            return function(box, *args, **kwargs)

    return run


@contextmanager
def friendly_errors() -> Any:
    """Our errors are sentences for people; they need no traceback."""
    try:
        yield
    except PetsvetError as error:
        raise click.ClickException(str(error)) from None


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


def print_rows(items: Sequence[dict[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    """A table for people, or one JSON object a line for programs."""
    if as_json:
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False, default=str))
        return
    shown = [[safe_text(item.get(name)) for name in columns] for item in items]
    widths = [max([len(n), *(len(r[i]) for r in shown)]) for i, n in enumerate(columns)]
    lines = [list(columns), *shown]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def safe_text(value: object) -> str:
    """A value for a terminal: control characters in a caller's name must not reach it."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else "�" for c in text)


def mask_number(number: str) -> str:
    """The last four digits of a number; enough to recognize it, not to call it."""
    digits = "".join(c for c in number if c.isdigit())
    return f"***{digits[-4:]}" if len(digits) >= 4 else ("***" if number else "")


def local_start(call: Call, zone: str = "") -> str:
    """The start of a call in the clinic's time, as people write it."""
    from zoneinfo import ZoneInfo

    moment = call.started_at.astimezone(ZoneInfo(zone) if zone else None)
    return moment.strftime("%Y-%m-%d %H:%M")


def ask_secret(prompt: str) -> str:
    """A secret from the terminal or from standard input, never from the command line."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
