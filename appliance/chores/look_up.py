"""Look up: where do the names in a phone system's settings lead? Kept for its page to show.

The pages resolve no name themselves; nothing is contacted here but the name server.
"""

from datetime import datetime

from appliance import phones
from appliance.db import Database
from appliance.facts import Fact
from appliance.facts.phones import Address
from appliance.store import connectors
from appliance.tools import Tools

LANE = "courier"


class LookedUp(Fact, frozen=True, kw_only=True):
    """Where the names led."""

    connector_id: int
    addresses: tuple[Address, ...]


def work(db: Database, tools: Tools, connector_id: int) -> LookedUp:
    """Ask the name server of the network."""
    known = connectors.get_connector(db, connector_id)
    return LookedUp(connector_id=connector_id, addresses=phones.look_up(known.settings))


def save(db: Database, looked_up: LookedUp, now: datetime) -> bool:
    """Keep the answer beside the settings."""
    connectors.save_addresses(db, looked_up.connector_id, looked_up.addresses)
    return True
