"""What clinic staff may change, as one typed struct kept in the database."""

import msgspec

from appliance.db import Database, execute, value
from appliance.facts import Fact

Hours = tuple[str, str]


class ClinicSettings(Fact, frozen=True, kw_only=True):
    """The clinic: its name, time zone (IANA) and opening hours.

    ``hours`` maps a weekday ("0" Monday … "6" Sunday) to ("08:00", "18:00"); a missing day is
    closed; empty means not told, and then nothing is called after-hours.
    """

    clinic_name: str = ""
    clinic_names: tuple[str, ...] = ()
    zone: str = "UTC"
    hours: dict[str, Hours] = {}
    vocabulary: tuple[str, ...] = ()


def get_settings(db: Database) -> ClinicSettings:
    """The settings in force; defaults where nothing was set."""
    text = value(db, "SELECT value FROM setting WHERE name = 'clinic'")
    return msgspec.json.decode(text, type=ClinicSettings) if text else ClinicSettings()


def save_settings(db: Database, settings: ClinicSettings) -> None:
    """Put new settings in force."""
    execute(
        db,
        "INSERT OR REPLACE INTO setting VALUES ('clinic', ?)",
        (msgspec.json.encode(settings).decode(),),
    )
