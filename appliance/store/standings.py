"""What holds of each answered call for the person who took it: kept with every card and verdict."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound
from appliance.facts import to_ms
from appliance.facts.analysis import Analysis
from appliance.facts.people import HANDLING, PEOPLE_ITEMS, Standing
from appliance.facts.reviews import NOT_TURNED_AWAY, Review
from appliance.reading.standings import WEEKS, Board, call_type, is_grief, items_of, key_of
from appliance.store.agreement import trial_flags
from appliance.store.rubrics import get_rubric

# A name that holds for the call, else the name of the extension, else the extension.
_WHO = "COALESCE(NULLIF(p.staff_name, ''), s.name, 'Extension ' || p.extension)"
_NAMELESS = "Extension "
_FROM = "standing p LEFT JOIN staff s ON s.extension = p.extension"


def settle(db: Database, call_id: int, analysis: Analysis, reviews: Mapping[str, Review]) -> None:
    """Put down what holds of a call; nothing of calls nobody took, and of grief."""
    execute(db, "DELETE FROM standing WHERE call_id = ?", (call_id,))
    found = row(
        db,
        "SELECT k.*, c.talk_ms FROM card k JOIN call c ON c.id = k.call_id"
        " WHERE c.id = ? AND c.answer_state = 'answered' AND c.direction <> 'internal'"
        " AND c.duplicate_of IS NULL AND (k.staff_name <> '' OR k.staff_extension <> '')",
        (call_id,),
    )
    if found is None or is_grief(found["intent"], analysis):
        return
    said = {name: what_is_meant(review) for name, review in reviews.items()}
    fields = ("call_id", "started_at", "staff_name", "staff_extension", "intent", "local_hour")
    execute(
        db,
        "INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*(found[f] for f in fields), found["talk_ms"], *items_of(found["intent"], analysis, said)),
    )


def what_is_meant(review: Review) -> str:
    """The code a person's verdict stands for; a rejection that names none says it is not so."""
    if review.verdict == "confirmed":
        return review.suggested
    if review.verdict == "rejected" and review.value in ("", review.suggested):
        return NOT_TURNED_AWAY if review.name == "turnaway" else "cannot_tell"
    return review.value


def get_board(db: Database, *, now: datetime) -> Board:
    """The last twelve weeks, counted."""
    since = to_ms(now - timedelta(weeks=WEEKS))
    found = rows(
        db,
        f"SELECT {_WHO} AS who, p.started_at, p.intent, p.local_hour, p.talk_ms, p.met, p.missed,"
        f" p.waiting FROM {_FROM} WHERE p.started_at > ? AND p.started_at <= ?",
        (since, to_ms(now)),
    )
    return Board([_standing(r) for r in found], to_ms(now) + 1)


def _standing(found: Row) -> Standing:
    return Standing(
        who=found["who"],
        started_ms=found["started_at"],
        call_type=call_type(found["intent"]),
        hour=found["local_hour"],
        talk_ms=found["talk_ms"],
        met=found["met"],
        missed=found["missed"],
        waiting=found["waiting"],
    )


def countable_items(db: Database) -> list[str]:
    """The items that may count for or against somebody: switched on, and no longer on trial."""
    trial, off = trial_flags(db), {item.name for item in get_rubric(db).items if not item.on}
    names = {item: f"rubric.{item}" for item in PEOPLE_ITEMS} | {HANDLING: HANDLING}
    return [item for item in PEOPLE_ITEMS if names[item] not in trial and item not in off]


def list_people(db: Database, *, now: datetime) -> list[str]:
    """Everybody who has a name here, has notes, or took a call in these weeks; by name."""
    found = rows(
        db,
        f"SELECT {_WHO} AS who FROM (SELECT DISTINCT staff_name, extension FROM standing INDEXED BY standing_by_start"
        " WHERE started_at > ?) p LEFT JOIN staff s ON s.extension = p.extension"
        " UNION SELECT name FROM staff UNION SELECT who FROM coaching",
        (to_ms(now - timedelta(weeks=WEEKS)),),
    )
    return sorted((r["who"] for r in found), key=str.casefold)


def find_person(db: Database, key: str, *, now: datetime) -> str:
    """Who an address means; raises NotFound."""
    for who in list_people(db, now=now):
        if key_of(who) == key:
            return who
    raise NotFound("there is nobody here of whom calls or notes are known")


def person_of(db: Database, extension: str, name: str) -> str:
    """Who signs in as ``name`` and sits at an extension, as the calls name them; "" for nobody.

    The clinic's name for the extension is right. Without one, calls there may be named by their
    greetings, and only those with the person's own name are theirs.
    """
    if not extension:
        return ""
    known = value(db, "SELECT name FROM staff WHERE extension = ?", (extension,))
    greets = "SELECT staff_name FROM standing WHERE extension = ? AND staff_name = ? LIMIT 1"
    return str(known or value(db, greets, (extension, name)) or f"{_NAMELESS}{extension}")


def extension_of(db: Database, who: str) -> str:
    """The extension whose calls a list can show for a person; "" where they have none."""
    found = value(db, "SELECT min(extension) FROM staff WHERE name = ?", (who,))
    if found is None and who.startswith(_NAMELESS):
        return who.removeprefix(_NAMELESS)
    return str(found or "")


def clinic_turnaways(db: Database, *, now: datetime) -> dict[str, int]:
    """Callers lost for a reason of the clinic's, not of a person's, in the same weeks, by kind."""
    since = to_ms(now - timedelta(weeks=WEEKS))
    found = rows(
        db,
        "SELECT turnaway_kind AS kind, count(*) AS n FROM card"
        " WHERE turnaway_kind IN ('capacity', 'policy') AND started_at > ?"
        " AND intent NOT IN ('end_of_life', 'grief_followup') GROUP BY 1",
        (since,),
    )
    return {r["kind"]: r["n"] for r in found}
