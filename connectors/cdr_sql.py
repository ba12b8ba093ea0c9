"""FreePBX's call records in MariaDB or MySQL: ``asteriskcdrdb.cdr``, and ``cel`` where it is kept.

Read with a user that may only SELECT, over one short connection per look. Columns differ by age
and by taste, so they are asked for first. ``calldate`` is when a call began and its row comes when
it is over, so no watermark on it is safe: every look reads some days again.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any

from appliance.errors import Misconfigured, Unavailable
from appliance.facts import Fact
from connectors import doors
from connectors.cdr import Row, end_of, row_of_columns, text_of
from connectors.cel import KINDS, NOTHING, Event, Signs, read_signs
from connectors.kinds import Means
from connectors.records import Found, Report
from connectors.tls import context_for

LONGEST_QUERY_S = 30
MOST_ROWS = 2_000_000
_WANTED = (
    "calldate", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata",
    "duration", "billsec", "disposition", "uniqueid", "userfield", "did", "recordingfile", "cnum",
    "cnam", "linkedid", "sequence",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_$-]{1,64}", re.ASCII)
_WRITES = re.compile(
    r"\b(?:ALL PRIVILEGES|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|FILE|SUPER|GRANT OPTION)\b"
)
_CEL_MARK = "cel"


class Database(Fact, frozen=True, kw_only=True):
    """Where the tables are. ``certificate``: pinned SHA-256 of the server's, "" for known CAs."""

    host: str
    user: str
    port: int = 3306
    name: str = "asteriskcdrdb"
    table: str = "cdr"
    cel_table: str = "cel"
    tls: bool = False
    certificate: str = ""


class SqlRecords:
    """The call records in one database. Raises Misconfigured for names that cannot be any."""

    def __init__(self, database: Database, means: Means, zone: tzinfo) -> None:
        self.database, self.means, self.zone = database, means, zone
        for name in (database.name, database.table, database.cel_table):
            if not _NAME.fullmatch(name):
                raise Misconfigured(f"{name!r} cannot be the name of a database or table")
        if not database.host or not database.user:
            raise Misconfigured("enter the host and the user of the database of call records")

    def read(
        self, since: datetime | None, skips: dict[str, int], now: datetime, notes: Counter[str]
    ) -> Found:
        """See Records."""
        with self._telling(), closing(self._connect()) as db:
            columns = self._columns(db, self.database.table)
            if "calldate" not in columns:
                raise Misconfigured(self._no_table(columns))
            rows = list(self._rows(db, columns, since, notes))
            return Found(rows, self._signs(db, since, skips, now))

    def probe(self, now: datetime) -> Report:
        """See Records."""
        with self._telling(), closing(self._connect()) as db:
            columns = self._columns(db, self.database.table)
            if "calldate" not in columns:
                return Report((self._no_table(columns),))
            problems = list(self._problems(db, columns, now))
            skew = _skew(db, now)
            signs = self._signs(db, now - timedelta(days=1), {}, now)
        found = ["cdr", *sorted(columns & {"linkedid", "recordingfile", "did", "sequence"})]
        if signs.ended:
            found.append("cel")
        return Report(tuple(problems), tuple(found), skew)

    def _problems(self, db: Any, columns: set[str], now: datetime) -> Iterator[str]:
        if self._may_write(db):
            yield (
                f"The database user may also change data; it needs to read only: {self._grant(db)}"
            )
        if missing := {"uniqueid", "channel", "dstchannel"} - columns:
            named = ", ".join(sorted(missing))
            yield f"The table of call records lacks {named}; calls are told with fewer facts."
        if not list(self._rows(db, columns, now - timedelta(days=4), Counter())):
            yield "No call record of the last days was found in the database."

    def _may_write(self, db: Any) -> bool:
        grants = (_text(row[0]) for row in _ask(db, "SHOW GRANTS FOR CURRENT_USER()"))
        return any(_WRITES.search(re.sub(r"[`'\"].*?[`'\"]", "", grant)) for grant in grants)

    def _no_table(self, columns: set[str]) -> str:
        told = f"{self.database.name}.{self.database.table}"
        if columns:
            return f"The table {told} has no column calldate; is it the table of call records?"
        return f"There is no table {told}, or this user may not read it; check the name and grant."

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Errors of the driver in the house's words."""
        try:
            yield
        except _driver().Error as error:
            raise self._in_words(error) from error
        except OSError as error:
            raise Unavailable(doors.why_no_answer(error)) from error
        except (UnicodeError, ValueError, IndexError) as error:
            raise Unavailable("the database answered with something that is no answer") from error

    def _in_words(self, error: Exception) -> Exception:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        original = getattr(error, "original_exception", None)
        if isinstance(original, Misconfigured | Unavailable):
            return original
        grant = self._grant(None)
        if code in (1044, 1045, 1698):
            return Misconfigured(
                "the database refused this user or password; check both, or run on the phone"
                f" system: {grant}"
            )
        if code == 1049:
            return Misconfigured(f"there is no database {self.database.name!r} on that server")
        if code in (1130, 1129):
            return Misconfigured(
                "the database lets nobody in from this box's address; run on the phone system:"
                f" {grant}"
            )
        if code in (1142, 1143, 1146):
            return Misconfigured(self._no_table(set()) + f" To let it read: {grant}")
        if code in (1969, 3024, 1317):
            return Unavailable("the database took too long; has the table an index on calldate?")
        if code == 2026 or "SSL" in str(error):
            return Misconfigured("the database does not offer the encryption that was asked for")
        return Unavailable("the database of call records is away or broke off; it is tried again")

    def _grant(self, db: Any | None) -> str:
        """The statements that let this box read the table and no more."""
        who = f"'{self.database.user}'@'{_own_address(db, self.database)}'"
        tables = [self.database.table, self.database.cel_table]
        grants = " ".join(f"GRANT SELECT ON `{self.database.name}`.`{t}` TO {who};" for t in tables)
        return f"CREATE USER {who} IDENTIFIED BY 'a new password'; {grants}"

    def _connect(self) -> Any:
        """One connection through the doors, told to read only and to give up in time."""
        database = self.database
        sock = doors.connect(database.host, database.port, self.means.allowed)
        tls = context_for(database.certificate) if database.tls else None
        db = _driver().connect(
            host=database.host,
            port=database.port,
            user=database.user,
            password=self.means.secrets.get("db_password", ""),
            database=database.name,
            charset="utf8mb4",
            use_unicode=False,
            conv=dict(_driver().converters.encoders),
            ssl=tls,
            ssl_disabled=tls is None,
            read_timeout=LONGEST_QUERY_S + 15,
            write_timeout=15,
            local_infile=False,
            autocommit=True,
            defer_connect=True,
        )
        try:
            db.connect(sock)
            _limit(db)
        except BaseException:
            sock.close()
            raise
        return db

    def _columns(self, db: Any, table: str) -> set[str]:
        found = _ask(
            db,
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = %s",
            (self.database.name, table),
        )
        return {_text(row[0]).lower() for row in found}

    def _rows(
        self, db: Any, columns: set[str], since: datetime | None, notes: Counter[str]
    ) -> Iterator[Row]:
        chosen = [name for name in _WANTED if name in columns]
        query = f"SELECT {', '.join(chosen)} FROM {self._table(self.database.table)}"
        given: tuple[Any, ...] = ()
        if since is not None:
            # A call may have begun long before it ended, and clocks change: better some too many.
            edge = since.astimezone(self.zone) - timedelta(hours=26)
            query, given = query + " WHERE calldate >= %s", (f"{edge:%Y-%m-%d %H:%M:%S}",)
        for cells in _ask(db, f"{query} LIMIT {MOST_ROWS}", given):
            row = row_of_columns(dict(zip(chosen, cells, strict=True)), self.zone)
            if row is None:
                notes["cdr_malformed"] += 1
            elif since is None or end_of(row, self.zone) >= since:
                yield row

    def _table(self, table: str) -> str:
        return f"`{self.database.name}`.`{table}`"

    def _signs(
        self, db: Any, since: datetime | None, skips: dict[str, int], now: datetime
    ) -> Signs:
        """What the event log says of the days asked for, from the row number they begin at."""
        wanted = {"id", "eventtype", "eventtime", "uniqueid", "linkedid"}
        columns = self._columns(db, self.database.cel_table)
        if not wanted <= columns:
            return NOTHING
        table = self._table(self.database.cel_table)
        edge = (since or now - timedelta(days=7)).astimezone(self.zone)
        start = _first_id(db, table, f"{edge:%Y-%m-%d %H:%M:%S}", skips.get(_CEL_MARK, 0))
        if since is not None:
            skips[_CEL_MARK] = start
        extra = "extra" if "extra" in columns else "''"
        marks = ", ".join(["%s"] * len(KINDS))
        events = _ask(
            db,
            f"SELECT id, eventtype, eventtime, uniqueid, linkedid, {extra} FROM {table}"
            f" WHERE id >= %s AND eventtype IN ({marks}) LIMIT {MOST_ROWS}",
            (start, *KINDS),
        )
        told = [Event(int(cells[0]), *map(_text, cells[1:])) for cells in events]
        return read_signs(told, self.zone, now)


def _driver() -> Any:
    """PyMySQL, loaded where it is needed: the web process imports this module too."""
    import pymysql.converters  # type: ignore[import-untyped]  # it has none

    return pymysql


def _limit(db: Any) -> None:
    """Read only, raw bytes, and no query longer than its time; old servers know fewer of these."""
    _ask(db, "SET SESSION TRANSACTION READ ONLY")
    _ask(db, "SET character_set_results = NULL")
    for limit in (
        f"SET SESSION max_statement_time = {LONGEST_QUERY_S}",
        f"SET SESSION max_execution_time = {LONGEST_QUERY_S * 1000}",
    ):
        try:
            _ask(db, limit)
        except _driver().Error as error:
            if not error.args or error.args[0] != 1193:  # unknown variable: it is the other kind
                raise


def _ask(db: Any, query: str, given: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    with db.cursor() as cursor:
        cursor.execute(query, given)
        return list(cursor.fetchall())


def _first_id(db: Any, table: str, edge: str, low: int) -> int:
    """The first event id at or after the time ``edge``, found by halves: only ids have an index."""
    (bounds,) = _ask(db, f"SELECT min(id), max(id) FROM {table}")
    if bounds[0] is None:
        return 0
    low, high = max(low, int(bounds[0])), int(bounds[1]) + 1
    if low >= high:
        low = int(bounds[0])  # the log was emptied and counts anew
    while low < high:
        middle = (low + high) // 2
        found = _ask(
            db, f"SELECT id, eventtime FROM {table} WHERE id >= %s ORDER BY id LIMIT 1", (middle,)
        )
        if found and _text(found[0][1]) < edge:
            low = int(found[0][0]) + 1
        else:
            high = middle
    return low


def _skew(db: Any, now: datetime) -> float | None:
    """Seconds the server's clock is ahead of ours."""
    ((said,),) = _ask(db, "SELECT unix_timestamp(now(6))")
    return float(_text(said)) - now.timestamp() if said else None


def _own_address(db: Any | None, database: Database) -> str:
    """The address under which the server sees this box, as far as the road there tells it."""
    import socket
    from contextlib import suppress

    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as road:
        road.connect((database.host, database.port))  # sends nothing: it only picks a road
        return str(road.getsockname()[0])
    return "%"


def _text(cell: object) -> str:
    return text_of(cell)
