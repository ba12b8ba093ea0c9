"""Calls: what is known of one, and lists of them by page. How they come in: receiving.py."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound
from appliance.facts import from_ms, to_ms
from appliance.facts.calls import Call, CallFilter, CallRow
from appliance.facts.codes import TURNAWAY_KINDS
from appliance.facts.jobs import ROAD
from appliance.store import followups, narrowing
from appliance.store.search import match_query

PAGE = 50
MOST_LINES = 20_000  # in which words were said, the newest
FEW_LINES = 600
MOST_COUNTED = 100_000
_ROAD_KINDS = ", ".join(f"'{kind}'" for kind in ROAD)

_CALL = "c.*, COALESCE(s.name, '') AS staff_name_known"
_BY_CARD = "card k CROSS JOIN call c ON c.id = k.call_id"  # CROSS: cards lead, in their order
_FROM = "call c LEFT JOIN staff s ON s.extension = c.staff_extension"


def set_columns(db: Database, call_id: int, changes: dict[str, str | int | None]) -> None:
    """Change columns of a call by their names, which are the program's own."""
    assignments = ", ".join(f"{name} = ?" for name in changes)
    execute(db, f"UPDATE call SET {assignments} WHERE id = ?", (*changes.values(), call_id))


def set_state(db: Database, call_id: int, state: str, *, now: datetime) -> None:
    """Move a call along the road; ``ready`` is stamped with its moment."""
    set_columns(db, call_id, {"state": state, "ready_at": to_ms(now) if state == "ready" else None})


def set_after_hours(db: Database, call_id: int, after_hours: bool | None) -> None:
    """Whether the call came outside the clinic's opening hours; None where they are not known."""
    set_columns(db, call_id, {"after_hours": None if after_hours is None else int(after_hours)})


def mark_duplicate(db: Database, call_id: int, original: int) -> None:
    """The same recording came in as another call; keep the row so that it is not found again."""
    set_columns(db, call_id, {"duplicate_of": original, "state": "ready"})


def id_of(db: Database, connector: str, native_key: str) -> int | None:
    """The number of a call by what its phone system calls it, None when it is not ours."""
    found = value(
        db,
        "SELECT id FROM call WHERE connector = ? AND native_key = ?",
        (connector, native_key),
    )
    return None if found is None else int(found)


def doubles_first(db: Database, call_id: int) -> list[int]:
    """A call with all that are the same sound: its doubles, then the one they are doubles of."""
    root = value(db, "SELECT COALESCE(duplicate_of, id) FROM call WHERE id = ?", (call_id,))
    if root is None:
        raise NotFound("there is no such call; it may have been erased")
    found = rows(db, "SELECT id FROM call WHERE duplicate_of = ? ORDER BY id", (root,))
    return [*(r["id"] for r in found), int(root)]


def forget_call(db: Database, call_id: int) -> list[int]:
    """Destroy the rows of a call, by way of ``erasing``: keys of its recordings, words, facts. Its files are swept as orphans.

    Returns the calls that were taken for doubles of it: they stand for themselves again and must
    be received anew. Belongs inside ``writing()``.
    """
    doubles = rows(
        db,
        "UPDATE call SET duplicate_of = NULL, state = 'found' WHERE duplicate_of = ? RETURNING id",
        (call_id,),
    )
    execute(db, "DELETE FROM call WHERE id = ?", (call_id,))
    return [r["id"] for r in doubles]


def forget_reading(db: Database, call_id: int) -> None:
    """Forget what was heard in a call and made of it; the sound stays."""
    execute(db, "INSERT OR IGNORE INTO work_mark VALUES (?)", (call_id,))  # it may be on the list
    for table in (
        "opinion", "opinion_label", "opinion_wish", "call_score", "flag", "card", "analysis",
        "correction", "segment", "transcript", "reanalysis_change",
    ):  # fmt: skip
        execute(db, f"DELETE FROM {table} WHERE call_id = ?", (call_id,))
    for table in ("flag", "safety"):  # nobody can listen for what nobody may read
        execute(db, f"DELETE FROM {table} WHERE call_id = ?", (call_id,))


def get_call(db: Database, call_id: int) -> Call:
    """One call by its number; raises NotFound."""
    found = row(db, f"SELECT {_CALL} FROM {_FROM} WHERE c.id = ?", (call_id,))
    if found is None:
        raise NotFound("there is no such call; it may have been erased")
    return _call(found)


def get_call_by_ref(db: Database, ref: str) -> Call:
    """One call by the reference people see; raises NotFound."""
    found = row(db, f"SELECT {_CALL} FROM {_FROM} WHERE c.ref = ?", (ref,))
    if found is None:
        raise NotFound("there is no such call; it may have been erased")
    return _call(found)


def list_calls(
    db: Database, filters: CallFilter, *, before: str = "", limit: int = PAGE
) -> tuple[list[CallRow], str]:
    """A page of calls, newest first, and the cursor of the next page ("" at the end).

    Pages follow (start, id), not an offset, so that page 2,000 costs what page 1 does.
    """
    found: list[Row] = []
    for lines in (FEW_LINES, MOST_LINES) if filters.text and not before else (MOST_LINES,):
        found = _list_rows(db, filters, before, limit + 1, lines)
        if len(found) > limit:  # the newest fill a page: most words need no more
            break
    page = [_call_row(r) for r in found[:limit]]
    if len(found) <= limit:
        return page, ""
    last = page[-1].call
    return page, f"{to_ms(last.started_at)}.{last.id}"


def _list_rows(db: Database, filters: CallFilter, before: str, most: int, lines: int) -> list[Row]:
    by_card = narrowing.needs_card(filters)
    where, params = conditions(filters, "k" if by_card else "c", lines)
    place = "k.started_at, k.call_id" if by_card else "c.started_at, c.id"
    if before:
        where.append(f"({place}) < (?, ?)")
        params += _cursor(before)
    tables = (
        _BY_CARD if by_card
        else "call c LEFT JOIN card k ON k.call_id = c.id"
    )  # fmt: skip
    order = place.replace(",", " DESC,") + " DESC"
    return rows(
        db,
        f"SELECT {_CALL}, k.intent, k.outcome, k.urgency, k.turnaway_kind, k.turnaway_reason,"
        " k.staff_name, k.first_words,"
        " EXISTS (SELECT 1 FROM job j WHERE j.subject = c.id AND j.state = 'parked'"
        f" AND j.kind IN ({_ROAD_KINDS})) AS parked"
        f" FROM {tables} LEFT JOIN staff s ON s.extension = c.staff_extension"
        f" WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?",
        (*params, most),
    )


def _cursor(before: str) -> list[int]:
    """Start and number in a cursor; one that was made up is the end of the list."""
    start, _, call_id = before.partition(".")
    parts = (start, call_id)
    sound = all(part.isdecimal() and len(part) < 19 for part in parts)
    return [int(part) for part in parts] if sound else [0, 0]


def conditions(
    filters: CallFilter, table: str, lines: int = MOST_LINES
) -> tuple[list[str], list[str | int]]:
    """SQL conditions and their values; ``table`` is where start and staff are indexed best.

    Of words only the newest ``lines`` in which they were said are looked at.
    """
    where = ["c.duplicate_of IS NULL"]
    params: list[str | int] = []

    def also(sql: str, *values: str | int) -> None:
        where.append(sql)
        params.extend(values)

    if filters.started_from:
        also(f"{table}.started_at >= ?", to_ms(filters.started_from))
    if filters.started_before:
        also(f"{table}.started_at < ?", to_ms(filters.started_before))
    if filters.staff:
        also(f"{table}.staff_extension = ?", filters.staff)
    if filters.intent:
        also("k.intent = ?", filters.intent)
    if filters.outcome:
        also("k.outcome = ?", filters.outcome)
    if filters.turnaway == "any":
        also("k.turnaway_reason > ''")
    elif filters.turnaway == "lost":
        also(narrowing.LOST)
    elif filters.turnaway in TURNAWAY_KINDS:
        also("k.turnaway_kind = ?", filters.turnaway)
    elif filters.turnaway:
        also("k.turnaway_reason = ?", filters.turnaway)
    for sql, values in (*_by_answer(filters), *narrowing.narrow(filters)):
        also(sql, *values)
    if filters.extensions is not None:
        also(
            f"c.staff_extension IN ({', '.join('?' for _ in filters.extensions)})",
            *filters.extensions,
        )
    if filters.text:
        also(
            "c.id IN (SELECT call_id FROM segment WHERE id IN (SELECT rowid FROM segment_fts"
            " WHERE segment_fts MATCH ? ORDER BY rowid DESC LIMIT ?))",
            match_query(filters.text),
            lines,
        )
    return where, params


def _by_answer(filters: CallFilter) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """The conditions on how a call was answered, and whether a missed one was made good."""
    if filters.answer_state == "missed" or filters.unrecovered_h:
        yield followups.MISSED, ()
    elif filters.answer_state:
        yield "c.answer_state = ?", (filters.answer_state,)
    if filters.unrecovered_h:
        span = filters.unrecovered_h * followups.HOUR_MS
        yield f"NOT EXISTS ({followups.MADE_GOOD})", (span,)


def count_list(db: Database, filters: CallFilter, limit: int = MOST_COUNTED) -> int:
    """How many calls a list has in all; no further than ``limit`` is counted."""
    by_card = narrowing.needs_card(filters)
    where, params = conditions(filters, "k" if by_card else "c")
    tables = (
        _BY_CARD if by_card
        else "call c LEFT JOIN card k ON k.call_id = c.id"
    )  # fmt: skip
    sql = f"SELECT 1 FROM {tables} WHERE {' AND '.join(where)} LIMIT ?"
    return int(value(db, f"SELECT count(*) FROM ({sql})", (*params, limit)))


def count_calls(db: Database) -> dict[str, int]:
    """How many calls stand in each state, duplicates apart."""
    found = rows(
        db, "SELECT state, count(*) AS n FROM call WHERE duplicate_of IS NULL GROUP BY state"
    )
    return {r["state"]: r["n"] for r in found}


def count_done(db: Database, since: datetime) -> tuple[int, int]:
    """How many calls came to the end of the road since a moment, and their audio in ms."""
    found = row(
        db,
        "SELECT count(*) AS calls, COALESCE(sum(t.duration_ms), 0) AS audio_ms FROM job j"
        " LEFT JOIN transcript t ON t.call_id = j.subject"
        " WHERE j.state = 'done' AND j.kind = 'publish' AND j.finished_at >= ?",
        (to_ms(since),),
    )
    assert found is not None
    return found["calls"], found["audio_ms"]


def parked_reason(db: Database, call_id: int) -> str:
    """Why the road of a call stopped, "" while it has not."""
    reason = value(
        db,
        "SELECT error FROM job WHERE state = 'parked' AND subject = ?"
        f" AND kind IN ({_ROAD_KINDS}) ORDER BY id DESC LIMIT 1",
        (call_id,),
    )
    return "" if reason is None else reason or "no reason was given."


def list_staff(db: Database) -> list[tuple[str, str]]:
    """(extension, name) of everybody who is named or has taken a call, by name."""
    found = rows(
        db,
        "SELECT extension, name FROM staff UNION"
        " SELECT DISTINCT staff_extension, staff_extension FROM call"
        " WHERE staff_extension <> '' AND staff_extension NOT IN (SELECT extension FROM staff)"
        " ORDER BY 2",
    )
    return [(r["extension"], r["name"]) for r in found]


def name_staff(db: Database, extension: str, name: str) -> None:
    """Say who sits at an extension."""
    execute(db, "INSERT OR REPLACE INTO staff (extension, name) VALUES (?, ?)", (extension, name))


def _call_row(found: Row) -> CallRow:
    return CallRow(
        call=_call(found),
        intent=found["intent"] or "",
        outcome=found["outcome"] or "",
        urgency=found["urgency"] or "",
        turnaway_kind=found["turnaway_kind"] or "",
        turnaway_reason=found["turnaway_reason"] or "",
        staff_name=found["staff_name"] or found["staff_name_known"],
        first_words=found["first_words"] or "",
        parked=bool(found["parked"]),
    )


def _call(found: Row) -> Call:
    return Call(
        id=found["id"],
        ref=found["ref"],
        connector=found["connector"],
        native_key=found["native_key"],
        started_at=from_ms(found["started_at"]),
        duration_ms=found["duration_ms"],
        talk_ms=found["talk_ms"],
        ring_ms=found["ring_ms"],
        direction=found["direction"],
        answer_state=found["answer_state"],
        caller_number=found["caller_number"],
        caller_name=found["caller_name"],
        dialed=found["dialed"],
        staff_extension=found["staff_extension"],
        staff_name=found["staff_name_known"],
        queue=found["queue"],
        after_hours=None if found["after_hours"] is None else bool(found["after_hours"]),
        metadata_level=found["metadata_level"],
        warnings=msgspec.json.decode(found["warnings"], type=tuple[str, ...]),
        state=found["state"],
        outside_key=found["outside_key"],
        rule=found["rule"],
    )
