"""What clinic staff may change, as one typed struct kept in the database."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from appliance.db import Database, execute, value
from appliance.facts import Fact
from appliance.store import replacements, vocabulary

Hours = tuple[str, str]
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class ClinicSettings(Fact, frozen=True, kw_only=True):
    """The clinic: its name, time zone (IANA) and opening hours.

    ``hours`` maps a weekday ("0" Monday … "6" Sunday) to ("08:00", "18:00"); a missing day is
    closed; empty means not told, and then nothing is called after-hours. ``vocabulary`` and
    ``replacements`` come out of tables of their own and are changed there, so that two people can.
    """

    clinic_name: str = ""
    clinic_names: tuple[str, ...] = ()
    zone: str = "UTC"
    hours: dict[str, Hours] = {}
    vocabulary: tuple[str, ...] = ()  # to listen for, what matters most first; not all of it
    replacements: tuple[tuple[str, str], ...] = ()  # what is heard, what is meant


class ReviewRules(Fact, frozen=True, kw_only=True):
    """For how many days staff may answer a verdict on a call of theirs."""

    reply_days: int = 14


def zone_of(name: str) -> ZoneInfo:
    """The clinic's time zone; UTC where the name is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def read_hour(text: str) -> bool:
    """Whether this is a time of day like 08:30."""
    return bool(_HOUR.fullmatch(text))


def get_settings(db: Database) -> ClinicSettings:
    """The settings in force; defaults where nothing was set."""
    text = value(db, "SELECT value FROM setting WHERE name = 'clinic'")
    told = msgspec.json.decode(text, type=ClinicSettings) if text else ClinicSettings()
    return msgspec.structs.replace(
        told,
        vocabulary=vocabulary.list_listened(db),
        replacements=replacements.list_pairs(db),
    )


def save_settings(db: Database, settings: ClinicSettings) -> None:
    """Put new settings in force, but for the words, which have tables of their own."""
    settings = msgspec.structs.replace(settings, vocabulary=(), replacements=())
    execute(
        db,
        "INSERT OR REPLACE INTO setting VALUES ('clinic', ?)",
        (msgspec.json.encode(settings).decode(),),
    )


def get_review_rules(db: Database) -> ReviewRules:
    """The rules of reviewing in force; defaults where nothing was set."""
    text = value(db, "SELECT value FROM setting WHERE name = 'review'")
    return msgspec.json.decode(text, type=ReviewRules) if text else ReviewRules()


def save_review_rules(db: Database, rules: ReviewRules) -> None:
    """Put new rules in force, also for verdicts already given."""
    execute(
        db,
        "INSERT OR REPLACE INTO setting VALUES ('review', ?)",
        (msgspec.json.encode(rules).decode(),),
    )


def get_encoder(db: Database) -> str:
    """The checksum of the sentence encoder by which calls are read now, "" for none."""
    return str(value(db, "SELECT value FROM setting WHERE name = 'encoder'") or "")


def note_encoder(db: Database, checksum: str) -> None:
    """Know by which encoder calls are read: the pages tell calls that were read by another."""
    if get_encoder(db) != checksum:
        execute(db, "INSERT OR REPLACE INTO setting VALUES ('encoder', ?)", (checksum,))
