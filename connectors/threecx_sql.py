"""3CX's own database, read only: the call tables of v20, of v18, and of what came before.

Which tables and columns there are is asked first: they differ by version and by update, and a
column that is missing means fewer facts.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from appliance.errors import Misconfigured, Unavailable
from connectors import doors, threecx_tables
from connectors.threecx_calls import Record
from connectors.threecx_tables import Row

if TYPE_CHECKING:
    from psycopg import Connection

ROWS = 20_000  # so many legs at a look; the next look goes on from there
BACK = 500  # numbers of recordings read again: a lower one may be committed later than a higher one
_STATEMENT_MS = 60_000
_NAMED = "regexp_replace({}recording_url, '^.*[/\\\\]', '') = ANY(%s)"  # the file's own name

Columns = Mapping[str, frozenset[str]]


class Database(NamedTuple):
    """Where the database is and who reads it."""

    host: str
    port: int
    name: str
    user: str
    password: str
    allowed: tuple[str, ...]


class Ask(NamedTuple):
    """What to read: calls begun since, recordings with a higher number, recordings so named.

    ``since`` None: from the first one on.
    """

    since: datetime | None
    recordings_after: int = -1
    names: Sequence[str] = ()
    extensions: tuple[str, ...] = ()


class Reading(NamedTuple):
    """What was read. ``complete``: up to now, not only up to the limit. ``schema``: "" for none."""

    records: list[Record]
    schema: str
    last_recording: int
    complete: bool
    clock: datetime
    archived: int = 0


def read(database: Database, ask: Ask, limit: int = ROWS) -> Reading:
    """The calls asked for, each with all of its legs. Raises Unavailable, Misconfigured."""
    with _connect(database) as connection:
        columns = columns_of(connection)
        schema = schema_of(connection, columns)
        clock = _all(connection, "SELECT now() AS clock")[0]["clock"]
        if schema == "v20":
            found = _read_v20(connection, columns, ask, limit)
        elif schema == "v18":
            found = _read_v18(connection, columns, ask, limit)
        elif schema == "history":
            found = _read_history(connection, columns, ask, limit)
        else:
            found = _Found([], -1, True, 0)
    return Reading(
        found.records, schema, found.last_recording, found.complete, clock, found.archived
    )


class _Found(NamedTuple):
    records: list[Record]
    last_recording: int
    complete: bool
    archived: int


@contextlib.contextmanager
def _connect(database: Database) -> Iterator["Connection[Row]"]:
    """A connection that cannot write and sees one moment."""
    import psycopg
    from psycopg.rows import dict_row

    address = doors.check_host(database.host, database.port, database.allowed)
    options = f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_MS}"
    try:
        with psycopg.connect(
            host=database.host, hostaddr=address, port=database.port, dbname=database.name,
            user=database.user, password=database.password, connect_timeout=10,
            options=f"{options} -c timezone=UTC", application_name="petsvet", row_factory=dict_row,
        ) as connection:  # fmt: skip
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
    except psycopg.Error as error:
        raise _in_words(error) from error


def _in_words(error: Any) -> Exception:
    """A failure as one of ours; the server's own text may hold names and is left out."""
    state, text = error.sqlstate or "", str(error)
    if state.startswith("28") or "password authentication failed" in text or "no password" in text:
        return Misconfigured(
            "the database of 3CX does not take this user and password; enter those of a user that"
            " may read it"
        )
    if "no pg_hba.conf entry" in text:
        return Misconfigured(
            "the database of 3CX does not let this box in; its pg_hba.conf must name our address"
        )
    if state == "3D000" or ("database" in text and "does not exist" in text):
        return Misconfigured("there is no database of this name; 3CX calls it database_single")
    if state == "42501":
        return Misconfigured("this user may not read the call tables; grant it SELECT on them")
    return Unavailable("the database of 3CX is away or failed; it will be asked again")


def _all(connection: "Connection[Row]", sql: str, values: Iterable[Any] = ()) -> list[Row]:
    return connection.execute(sql, list(values)).fetchall()


def columns_of(connection: "Connection[Row]") -> Columns:
    """The columns this user may read, by table."""
    found: dict[str, set[str]] = {}
    for row in _all(
        connection,
        "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = ANY(%s)",
        [list(threecx_tables.WANTED)],
    ):
        found.setdefault(row["t"], set()).add(row["c"])
    return {table: frozenset(names) for table, names in found.items()}


def schema_of(connection: "Connection[Row]", columns: Columns) -> str:
    """Which of the call tables are in use: the newest that hold anything, "" where there are none.

    After an update the old tables stay, and the new ones are there before their first call.
    """
    known = [
        (schema, table)
        for schema, table, needed in threecx_tables.SCHEMAS
        if needed <= columns.get(table, frozenset())
    ]
    for schema, table in known:
        if _all(connection, f"SELECT 1 AS one FROM {table} LIMIT 1"):
            return schema
    return known[0][0] if known else ""


def _select(columns: Columns, table: str, prefix: str = "") -> str:
    """The wanted columns of a table that are there, as text of a SELECT."""
    there = [name for name in threecx_tables.WANTED[table] if name in columns[table]]
    return ", ".join(f"{prefix}{name}" for name in there)


def _read_v20(connection: "Connection[Row]", columns: Columns, ask: Ask, limit: int) -> _Found:
    chosen = f"SELECT {_select(columns, 'cdroutput')} FROM cdroutput WHERE"
    begun = _all(
        connection,
        f"{chosen} cdr_started_at >= %s ORDER BY cdr_started_at, cdr_id LIMIT %s",
        [ask.since or datetime(1970, 1, 1, tzinfo=UTC), limit],
    )
    rows = {row["cdr_id"]: row for row in begun}
    links = _new_links(connection, columns, ask)
    late = {link["cdr_id"] for link in links} - rows.keys()
    rows |= _legs_where(connection, chosen, "cdr_id", late)
    calls = {row["main_call_history_id"] for row in rows.values()} - {None}
    rows |= _legs_where(connection, chosen, "main_call_history_id", calls)
    links += _links_where(connection, columns, "{cdr_id} = ANY(%s)", list(rows))
    distinct = {(link["cdr_id"], link["id_recording"]): link for link in links}
    return _Found(
        threecx_tables.records_v20(rows.values(), distinct.values()),
        max((link["id_recording"] for link in links), default=-1),
        len(begun) < limit,
        sum(bool(link.get("archived")) for link in distinct.values()),
    )


def _legs_where(
    connection: "Connection[Row]", chosen: str, column: str, values: set[Any]
) -> dict[Any, Row]:
    if not values:
        return {}
    found = _all(connection, f"{chosen} {column} = ANY(%s)", [list(values)])
    return {row["cdr_id"]: row for row in found}


def _new_links(connection: "Connection[Row]", columns: Columns, ask: Ask) -> list[Row]:
    """The links of recordings that came since the last look, and of those with these names."""
    links = []
    if ask.recordings_after >= 0:
        after = max(-1, ask.recordings_after - BACK)
        links += _links_where(connection, columns, "r.id_recording > %s", after)
    if ask.names and "recording_url" in columns.get("recordings", ()):
        links += _links_where(connection, columns, _NAMED.format("r."), list(ask.names))
    return links


def _links_where(
    connection: "Connection[Row]", columns: Columns, where: str, value: Any
) -> list[Row]:
    """Recordings with the leg they belong to: by the table of links, by their own column, or both.

    ``{cdr_id}`` in ``where`` stands for the leg. Empty where the database tells neither.
    """
    own = columns.get("recordings", frozenset())
    if "id_recording" not in own:
        return []
    chosen, found = _select(columns, "recordings", "r."), []
    if {"cdr_id", "recording_id"} <= columns.get("cdrrecordings", frozenset()):
        found += _all(
            connection,
            f"SELECT {chosen}, l.cdr_id FROM recordings r JOIN cdrrecordings l"
            f" ON l.recording_id = r.id_recording WHERE {where.replace('{cdr_id}', 'l.cdr_id')}",
            [value],
        )
    if "cdr_id" in own:
        found += _all(
            connection,
            f"SELECT {chosen}, r.cdr_id FROM recordings r WHERE r.cdr_id IS NOT NULL"
            f" AND {where.replace('{cdr_id}', 'r.cdr_id')}",
            [value],
        )
    return found


def _read_v18(connection: "Connection[Row]", columns: Columns, ask: Ask, limit: int) -> _Found:
    chosen = f"SELECT {_select(columns, 'cl_calls')} FROM cl_calls WHERE"
    since = ask.since or datetime(1970, 1, 1, tzinfo=UTC)
    begun = _all(
        connection, f"{chosen} start_time >= %s ORDER BY start_time, id LIMIT %s", [since, limit]
    )
    calls = {row["id"]: row for row in begun}
    late = _calls_named(connection, columns, ask.names) - calls.keys()
    if late:
        more = _all(connection, f"{chosen} id = ANY(%s)", [list(late)])
        calls |= {row["id"]: row for row in more}
    ids = list(calls)
    segments = _all(
        connection,
        f"SELECT {_select(columns, 'cl_segments')} FROM cl_segments WHERE call_id = ANY(%s)",
        [ids],
    )
    parties = _parties_v18(connection, columns, ids)
    recorded = _recorded_v18(connection, columns, [row["id"] for row in parties])
    return _Found(
        threecx_tables.records_v18(calls.values(), segments, parties, recorded),
        max((row["id_recording"] for row in recorded), default=-1),
        len(begun) < limit,
        sum(bool(row.get("archived")) for row in recorded),
    )


def _parties_v18(connection: "Connection[Row]", columns: Columns, ids: list[int]) -> list[Row]:
    return _all(
        connection,
        f"SELECT {_select(columns, 'cl_participants', 'p.')},"
        f" {_select(columns, 'cl_party_info', 'i.')}"
        " FROM cl_participants p LEFT JOIN cl_party_info i ON i.id = p.info_id"
        " WHERE p.call_id = ANY(%s)",
        [ids],
    )


def _recorded_v18(
    connection: "Connection[Row]", columns: Columns, participants: list[int]
) -> list[Row]:
    """Rows of the recordings table, which v18 hangs on participants."""
    if "cl_participants_id" not in columns.get("recordings", frozenset()):
        return []
    return _all(
        connection,
        f"SELECT {_select(columns, 'recordings')} FROM recordings"
        " WHERE cl_participants_id = ANY(%s)",
        [participants],
    )


def _calls_named(connection: "Connection[Row]", columns: Columns, names: Sequence[str]) -> set[int]:
    """The calls whose recordings have these names."""
    if not names or "recording_url" not in columns["cl_participants"]:
        return set()
    named = _NAMED.format("")
    found = _all(connection, f"SELECT call_id FROM cl_participants WHERE {named}", [list(names)])
    return {row["call_id"] for row in found}


def _read_history(connection: "Connection[Row]", columns: Columns, ask: Ask, limit: int) -> _Found:
    rows = _all(
        connection,
        f"SELECT {_select(columns, 'callhistory3')} FROM callhistory3 WHERE starttime >= %s"
        " ORDER BY starttime LIMIT %s",
        [ask.since or datetime(1970, 1, 1, tzinfo=UTC), limit],
    )
    return _Found(threecx_tables.records_history(rows, ask.extensions), -1, len(rows) < limit, 0)
