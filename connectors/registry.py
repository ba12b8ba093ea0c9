"""The phone systems the box knows, by the word used in its settings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from appliance.errors import Misconfigured
from connectors import (
    folder,
    freepbx,
    freeswitch,
    fusionpbx,
    grandstream,
    smdr_avaya,
    smdr_esi,
    smdr_mitel,
    smdr_panasonic,
    switchvox,
    threecx,
    threecx_xapi,
    yeastar,
    yeastar_s,
)
from connectors.interface import Connector
from connectors.kinds import Kind, Means

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        freepbx.KIND,
        grandstream.KIND,
        threecx.KIND,
        threecx_xapi.KIND,
        fusionpbx.KIND,
        freeswitch.KIND,
        yeastar.KIND,
        yeastar_s.KIND,
        switchvox.KIND,
        smdr_avaya.KIND,
        smdr_esi.KIND,
        smdr_panasonic.KIND,
        smdr_mitel.KIND,
        folder.KIND,
    )
}


def kind_named(name: str) -> Kind:
    """The kind of this name. Raises Misconfigured listing the names there are."""
    if name not in KINDS:
        raise Misconfigured(f"unknown kind of phone system {name!r}; use one of {sorted(KINDS)}")
    return KINDS[name]


def open_connector(kind: str, settings: Mapping[str, Any], means: Means | None = None) -> Connector:
    """The connector of ``kind`` with ``settings`` (plain JSON values, unknown keys refused).

    Nothing is contacted yet. Raises Misconfigured naming the setting that is wrong.
    """
    found = kind_named(kind)
    try:
        return found.make(dict(settings), means or Means())
    except msgspec.ValidationError as error:
        raise Misconfigured(f"settings of the phone system {kind!r}: {error}") from error
