"""The clinic's fee list: what visits bring and how likely they are to be booked."""

import msgspec

from appliance.db import Database, execute, value
from appliance.facts.fees import FeeList


def get_fees(db: Database) -> FeeList:
    """The list in force; empty where the clinic told none."""
    text = value(db, "SELECT value FROM setting WHERE name = 'fees'")
    return msgspec.json.decode(text, type=FeeList) if text else FeeList()


def save_fees(db: Database, fees: FeeList) -> None:
    """Put a new list in force."""
    execute(
        db,
        "INSERT OR REPLACE INTO setting VALUES ('fees', ?)",
        (msgspec.json.encode(fees).decode(),),
    )
