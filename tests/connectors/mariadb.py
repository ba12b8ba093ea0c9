"""A real MariaDB on loopback with FreePBX's tables, started once and stopped with the tests."""

import atexit
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pymysql
import pymysql.connections
import pytest

from tests.connectors.servers import Certificate, free_port

PASSWORD = "read-only-here"
CDR = """CREATE TABLE cdr (
 calldate datetime NOT NULL default '0000-00-00 00:00:00', clid varchar(80) NOT NULL default '',
 src varchar(80) NOT NULL default '', dst varchar(80) NOT NULL default '',
 dcontext varchar(80) NOT NULL default '', channel varchar(80) NOT NULL default '',
 dstchannel varchar(80) NOT NULL default '', lastapp varchar(80) NOT NULL default '',
 lastdata varchar(80) NOT NULL default '', duration int(11) NOT NULL default '0',
 billsec int(11) NOT NULL default '0', disposition varchar(45) NOT NULL default '',
 amaflags int(11) NOT NULL default '0', accountcode varchar(20) NOT NULL default '',
 uniqueid varchar(32) NOT NULL default '', userfield varchar(255) NOT NULL default ''{more},
 KEY calldate (calldate), KEY uniqueid (uniqueid)) DEFAULT CHARSET={charset}"""
NEWER = """, did varchar(50) NOT NULL default '', recordingfile varchar(255) NOT NULL default '',
 cnum varchar(80) NOT NULL default '', cnam varchar(80) NOT NULL default '',
 linkedid varchar(32) NOT NULL default '', peeraccount varchar(80) NOT NULL default '',
 sequence int(11) NOT NULL default 0"""
CEL = """CREATE TABLE cel (
 id int(11) NOT NULL auto_increment, eventtype varchar(30) NOT NULL, eventtime datetime NOT NULL,
 uniqueid varchar(32) NOT NULL, linkedid varchar(32) NOT NULL, extra varchar(512) NOT NULL
 default '', PRIMARY KEY (id), KEY uniqueid_index (uniqueid), KEY linkedid_index (linkedid))"""


class MariaDb:
    """One server; every test makes databases of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.made = home, free_port(), 0
        self.certificate = Certificate(home, "mariadb.test")
        data, self.socket = home / "data", home / "s"
        install = shutil.which("mariadb-install-db") or "mariadb-install-db"
        subprocess.run(
            [install, "--no-defaults", "--user=root", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, capture_output=True, timeout=200,
        )  # fmt: skip
        self.process = subprocess.Popen(
            [program(), "--no-defaults", "--user=root", f"--datadir={data}",
             f"--socket={self.socket}", f"--pid-file={home / 'pid'}", "--bind-address=127.0.0.1",
             "--skip-networking=0", f"--port={self.port}", "--skip-name-resolve",
             "--skip-log-bin", "--innodb-buffer-pool-size=16M", "--innodb-doublewrite=0",
             "--innodb-flush-log-at-trx-commit=0", "--performance-schema=0", "--sql-mode=",
             f"--ssl-cert={self.certificate.path}", f"--ssl-key={self.certificate.path}"],
            stdout=subprocess.DEVNULL, stderr=(home / "log").open("wb"),
        )  # fmt: skip
        atexit.register(self.stop)
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                with self.root() as db:
                    db.ping()
                return
            except pymysql.err.OperationalError:
                assert self.process.poll() is None, (self.home / "log").read_text()
                time.sleep(0.1)
        raise AssertionError("MariaDB did not start")

    def root(self, database: str | None = None) -> Any:
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, autocommit=True,
            charset="utf8mb4",
        )  # fmt: skip

    def make(self, *, newer: bool = True, cel: bool = False, charset: str = "utf8mb4") -> str:
        """A database with the tables and a user ``petsvet`` who may only read them."""
        self.made += 1
        name = f"cdrdb{self.made}"
        self.do(None, f"CREATE DATABASE {name}")
        self.do(name, CDR.format(more=NEWER if newer else "", charset=charset))
        if cel:
            self.do(name, CEL)
        self.do(
            None,
            f"CREATE OR REPLACE USER petsvet IDENTIFIED BY '{PASSWORD}'",
            f"GRANT SELECT ON {name}.* TO petsvet",
        )
        return name

    def do(self, database: str | None, *statements: str) -> None:
        with self.root(database) as db, db.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def insert(self, database: str, table: str, rows: Iterable[dict[str, Any]]) -> None:
        given = list(rows)
        if not given:
            return
        names = list(given[0])
        marks = ", ".join(["%s"] * len(names))
        with self.root(database) as db, db.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
                [tuple(row[name] for name in names) for row in given],
            )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.home, ignore_errors=True)


def program() -> str | None:
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")


@cache
def server() -> MariaDb:
    """The one server of this run; skips the test where MariaDB is not installed."""
    if program() is None:
        pytest.skip("mariadbd is not installed")
    return MariaDb(Path(tempfile.mkdtemp(prefix="mariadb-", dir="/tmp")))
