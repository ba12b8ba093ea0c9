"""FusionPBX's table of calls, read with whatever columns this version of it has."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from appliance.errors import Misconfigured, Unavailable
from connectors import doors
from connectors.freeswitch_legs import Leg, leg_of_row

COLUMNS = (
    "xml_cdr_uuid", "domain_name", "direction", "caller_id_name", "caller_id_number",
    "caller_destination", "source_number", "destination_number", "start_epoch", "start_stamp",
    "answer_epoch", "answer_stamp", "end_epoch", "end_stamp", "duration", "billsec", "bridge_uuid",
    "originating_leg_uuid", "leg", "last_app", "voicemail_message", "missed_call",
    "cc_member_session_uuid", "cc_queue", "cc_agent", "hangup_cause", "ivr_menu_uuid",
    "record_path", "record_name", "extension_uuid", "insert_date",
)  # fmt: skip
NEEDED = ("xml_cdr_uuid", "start_epoch", "hangup_cause")
MOST_ROWS = 200_000
_TIMEOUT_MS = 60_000


@contextmanager
def connected(
    host: str, port: int, database: str, user: str, password: str, tls: bool, allowed: Iterable[str]
) -> Iterator[Any]:
    """A read-only connection. Raises Misconfigured and Unavailable in plain words."""
    import psycopg

    address = doors.check_host(host, port, allowed)
    try:
        connection = psycopg.connect(
            host=host, hostaddr=address, port=port, dbname=database, user=user, password=password,
            sslmode="require" if tls else "prefer", connect_timeout=10, autocommit=True,
            client_encoding="UTF8", application_name="call-reader",
            options=f"-c default_transaction_read_only=on -c statement_timeout={_TIMEOUT_MS}",
        )  # fmt: skip
    except psycopg.Error as error:
        raise _explained(error) from error
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise _explained(error) from error


def _explained(error: Exception) -> Exception:
    text = str(error).lower()
    if "password" in text or "authentication" in text:
        return Misconfigured(
            "the database refused user and password; FusionPBX keeps its own in"
            " /etc/fusionpbx/config.conf, better is a user of your own that may only read"
        )
    if "pg_hba" in text:
        return Misconfigured(
            "the database lets nobody in from this box; add a line for it to pg_hba.conf and this"
            " network to listen_addresses, then reload PostgreSQL"
        )
    if "does not exist" in text:
        return Misconfigured("there is no such database or user; FusionPBX's is named fusionpbx")
    if "permission denied" in text:
        return Misconfigured(
            "this user may not read the calls; grant SELECT on v_xml_cdr and v_extensions to it"
        )
    if "server does not support ssl" in text:
        return Misconfigured("the database does not speak TLS; turn it on there, or off here")
    return Unavailable("the database of the phone system does not answer; is it on?")


def columns_of(connection: Any, table: str) -> frozenset[str]:
    """The columns a table has, none where there is no such table."""
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = ANY (current_schemas(false))",
        (table,),
    )
    return frozenset(name for (name,) in found.fetchall())


def read_legs(connection: Any, edge: float, domain: str) -> list[Leg]:
    """The legs written since ``edge`` (epoch seconds). Raises Misconfigured without the table."""
    from psycopg import sql
    from psycopg.rows import dict_row

    has = columns_of(connection, "v_xml_cdr")
    if missing := [name for name in NEEDED if name not in has]:
        raise Misconfigured(
            f"the table v_xml_cdr is not there or lacks {', '.join(missing)}; is this the database"
            " of a FusionPBX of version 4.4 or later?"
        )
    wanted = [name for name in COLUMNS if name in has]
    since, when = _since(has, edge)
    extensions = _join(connection, wanted)
    query = sql.SQL(
        "SELECT {columns}, {when} AS position{more} FROM v_xml_cdr c{join} WHERE "
    ).format(
        columns=sql.SQL(", ").join(sql.Identifier("c", name) for name in wanted),
        when=sql.SQL(when),
        more=sql.SQL(", e.extension" if extensions else ""),
        join=sql.SQL(extensions),
    )
    query += sql.SQL(since)
    given: dict[str, Any] = {"edge": edge, "most": MOST_ROWS + 1}
    if domain and "domain_name" in has:
        query += sql.SQL(" AND c.domain_name = %(domain)s")
        given["domain"] = domain
    query += sql.SQL(" ORDER BY position, c.xml_cdr_uuid LIMIT %(most)s")
    cursor = connection.cursor(row_factory=dict_row)
    rows = cursor.execute(query, given).fetchall()
    if len(rows) > MOST_ROWS:
        raise Misconfigured("there are too many calls to read at once; look back fewer days")
    legs = (leg_of_row(row, float(row["position"] or 0)) for row in rows)
    return [leg for leg in legs if leg is not None]


def _since(has: frozenset[str], edge: float) -> tuple[str, str]:
    """The condition for rows since the edge, and what tells when a row was written.

    ``insert_date`` is when it was imported; rows of older versions end without it.
    """
    ended = (
        "COALESCE(NULLIF(c.end_epoch, 0), c.start_epoch)" if "end_epoch" in has else "c.start_epoch"
    )
    if "insert_date" not in has:
        return f"{ended} >= %(edge)s", ended
    written = f"COALESCE(extract(epoch FROM c.insert_date), {ended})"
    return (
        "(c.insert_date >= to_timestamp(%(edge)s)"
        f" OR (c.insert_date IS NULL AND {ended} >= %(edge)s))",
        written,
    )


def _join(connection: Any, wanted: list[str]) -> str:
    """How a leg finds the number of its phone, "" where this cannot be read."""
    if "extension_uuid" not in wanted:
        return ""
    has = columns_of(connection, "v_extensions")
    if not {"extension_uuid", "extension"} <= has:
        return ""
    return " LEFT JOIN v_extensions e ON e.extension_uuid = c.extension_uuid"


def clock_of(connection: Any) -> datetime:
    """The time of day at the database."""
    (now,) = connection.execute("SELECT now()").fetchone()
    found: datetime = now.astimezone(UTC)
    return found
