"""What goes wrong in the processes that wait for phone systems, told until it is over."""

from appliance.db import Database, execute, rows

_START = "trouble."


def note_trouble(db: Database, who: str, sentence: str) -> None:
    """Note what keeps ``who`` (drop, ftp, listener.3) from its work; "" when nothing does."""
    if sentence:
        execute(db, "INSERT OR REPLACE INTO setting VALUES (?, ?)", (_START + who, sentence))
    else:
        execute(db, "DELETE FROM setting WHERE name = ?", (_START + who,))


def list_troubles(db: Database) -> dict[str, str]:
    """All that goes wrong now, by who has the trouble."""
    found = rows(
        db,
        "SELECT name, value FROM setting WHERE name >= ? AND name < ? ORDER BY name",
        (_START, _START[:-1] + chr(ord(".") + 1)),
    )
    return {r["name"].removeprefix(_START): r["value"] for r in found}
