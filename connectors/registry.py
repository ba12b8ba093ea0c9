"""The phone systems the box knows, by the word used in its settings."""

from collections.abc import Callable
from typing import Any

import msgspec

from appliance.errors import Misconfigured
from connectors import folder, freepbx
from connectors.interface import Connector


def _freepbx(settings: dict[str, Any]) -> Connector:
    return freepbx.FreePbx(msgspec.convert(settings, freepbx.Settings))


def _folder(settings: dict[str, Any]) -> Connector:
    return folder.Folder(msgspec.convert(settings, folder.Settings))


KINDS: dict[str, Callable[[dict[str, Any]], Connector]] = {
    "freepbx": _freepbx,
    "folder": _folder,
}


def open_connector(kind: str, settings: dict[str, Any]) -> Connector:
    """The connector of ``kind`` with ``settings`` (plain JSON values, unknown keys refused).

    Nothing is contacted yet. Raises Misconfigured naming the setting that is wrong.
    """
    if kind not in KINDS:
        raise Misconfigured(f"unknown kind of phone system {kind!r}; use one of {sorted(KINDS)}")
    try:
        return KINDS[kind](settings)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"settings of the phone system {kind!r}: {error}") from error
