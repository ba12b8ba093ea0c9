"""Who delivers into the drop: at most one phone system under each user, as its files are its own."""

from collections.abc import Mapping
from typing import Any

from appliance.db import Database, value
from appliance.errors import Refused


class DropUserTaken(Refused):
    """Two phone systems would deliver under one user; a form shows it at that field."""


def drop_place_of(settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The setting that is a drop place, by its name and content; None where there is none."""
    for name, place in settings.items():
        if isinstance(place, Mapping) and place.get("by") == "drop":
            return name, dict(place)
    return None


def drop_user_of(settings: Mapping[str, Any]) -> str:
    """The user under which a phone system delivers, "" where it does not."""
    found = drop_place_of(settings)
    return str(found[1].get("user", "")) if found else ""


def check_drop_user(db: Database, settings: Mapping[str, Any], name: str) -> None:
    """Raises DropUserTaken when another phone system than ``name`` delivers under this user.

    Belongs inside ``writing()``: nobody can take the user between this look and what follows.
    """
    user = drop_user_of(settings)
    if not user:
        return
    sql = "SELECT name FROM connector WHERE drop_user = ? AND name <> ?"
    other = value(db, sql, (user, name))
    if other is not None:
        raise DropUserTaken(
            f"the phone system “{other}” delivers to this box under this user;"
            " give each phone system a user of its own"
        )
