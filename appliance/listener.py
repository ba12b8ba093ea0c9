"""The listener: waits for what phone systems send by themselves, one thread for each of them.

A record is committed before its sender hears that it was taken: a crash loses none. A sender that
did not hear it sends it again, so a record may lie here twice; connectors know it by its content.
"""

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from types import FrameType
from typing import Any, NamedTuple

import msgspec

from appliance import phones, pipeline
from appliance.db import Database, writing
from appliance.errors import PetsvetError
from appliance.guarding import noting_refusals
from appliance.logs import get_log
from appliance.store.connectors import ConnectorRow, list_connectors
from appliance.store.pushed import LARGEST, Intake
from appliance.store.troubles import list_troubles, note_trouble
from appliance.tools import Tools
from connectors.kinds import Kind, Means
from connectors.registry import KINDS

log = get_log(__name__)

LEAST_FREE = 256 << 20  # bytes; records are small
LOOK_S = 3.0  # how often settings are looked at
WAKE_S = 2.0  # a burst wakes its connector at most so often
SLOWEST_RESTART_S = 60.0
STEADY_S = 60.0
BROKE = "waiting for what this phone system sends broke off ({}); it is started again"
ENDED = "waiting for what this phone system sends ended by itself; it is started again"
UNFIT = "what this phone system sends cannot be waited for with these settings; check them"
TOO_LARGE = "a record of this phone system was too large and is left out"


class Wish(NamedTuple):
    """One listener that there should be; ``signature`` changes with anything it depends on.

    One whose phone system is paused goes on: what is sent cannot be asked for again. It waits.
    """

    kind: Kind
    settings: dict[str, Any]
    means: Means
    signature: str


class Ear:
    """One listener: its thread, and whether its connector is to be woken."""

    def __init__(self, tools: Tools, connector_id: int, wish: Wish) -> None:
        self.tools, self.connector_id, self.wish = tools, connector_id, wish
        self.stopping = threading.Event()
        self.news = threading.Event()
        self.trouble = ""
        self.woken = 0.0
        self._failures = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        """Listen until told to stop, again after whatever happens."""
        while not self.stopping.is_set():
            started = time.monotonic()
            trouble = self._listen()
            if self.stopping.is_set():
                return
            steady = time.monotonic() - started > STEADY_S
            self._failures = 1 if steady else self._failures + 1
            self.trouble = trouble
            self.stopping.wait(min(SLOWEST_RESTART_S, 2.0 ** (self._failures - 1)))

    def _listen(self) -> str:
        """Listen once; says in words why that ended."""
        db: Database | None = None
        try:
            db = self.tools.open_db()
            intake = Intake(db, self.connector_id, self.tools.config.data, LEAST_FREE)
            listen = self.wish.kind.listen
            assert listen is not None
            # From here on nothing is known to be wrong; a listener that fails says so at once.
            settling = threading.Timer(LOOK_S, self._settled)
            settling.daemon = True
            settling.start()
            try:
                receive = self._receiver(intake)
                with (
                    closing(self.tools.open_db()) as own,  # records come by other threads too
                    noting_refusals(own, self.connector_id, self.tools.now),
                ):
                    listen(dict(self.wish.settings), self.wish.means, receive, self.stopping)
            finally:
                settling.cancel()
        except PetsvetError as error:
            log.warning("listener broke off", connector=self.connector_id, error=error)
            return str(error)
        except Exception as error:  # noqa: BLE001  (one phone system must not silence the others)
            log.error("listener broke", connector=self.connector_id, error=error)
            return BROKE.format(type(error).__name__)
        finally:
            if db is not None:
                db.close()
        return ENDED

    def _settled(self) -> None:
        self.trouble = ""

    def _receiver(self, intake: Intake) -> Callable[[bytes], None]:
        """What the phone system's code calls for each record; an empty one only wakes."""
        lock = threading.Lock()  # one may listen with several threads

        def receive(data: bytes) -> None:
            if len(data) > LARGEST:
                log.warning("a pushed record is too large", connector=self.connector_id)
                self.trouble = TOO_LARGE
                return
            if data:
                with lock:
                    intake.receive(data, self.tools.now())
            self.news.set()

        return receive


class Listener:
    """All listeners of the box."""

    def __init__(self, tools: Tools, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.tools, self.kinds = tools, kinds
        self.ears: dict[int, Ear] = {}
        self.stopping = threading.Event()
        self._noted: dict[str, str] | None = None
        self._live: frozenset[int] = frozenset()
        self._unfit: dict[int, str] = {}

    def run(self) -> None:
        """Until told to stop."""
        due = 0.0
        try:
            while not self.stopping.is_set():
                if time.monotonic() >= due:
                    self._safely(self.look)
                    due = time.monotonic() + LOOK_S
                self._safely(self.wake)
                self.stopping.wait(0.25)
        finally:
            for ear in self.ears.values():
                ear.stopping.set()
            for ear in self.ears.values():
                ear.thread.join(5)
            self._safely(self.wake)

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask for the end; fit to be a signal handler."""
        self.stopping.set()

    def _safely(self, act: Callable[[Database], None]) -> None:
        """A database that is away for a moment must not end the listening."""
        try:
            db = self.tools.open_db()
            try:
                act(db)
            finally:
                db.close()
        except PetsvetError as error:
            log.warning("the listener waits", error=error)

    def look(self, db: Database) -> None:
        """Start, restart and stop listeners as the settings say, and note their troubles."""
        wishes = self.wishes(db)
        for number, ear in list(self.ears.items()):
            wish = wishes.get(number)
            if wish is None or wish.signature != ear.wish.signature:
                ear.stopping.set()
                ear.thread.join(1)
                if not ear.thread.is_alive():
                    del self.ears[number]
        for number, wish in wishes.items():
            if number not in self.ears:  # one that still ends holds its port: it comes next time
                self.ears[number] = Ear(self.tools, number, wish)
        self._note_troubles(db)

    def wishes(self, db: Database) -> dict[int, Wish]:
        """The listeners there should be, by the number of their connector."""
        known = {row.id: row for row in list_connectors(db) if not row.draft}
        self._live = frozenset(number for number, row in known.items() if row.live)
        self._unfit = {number: told for number, told in self._unfit.items() if number in known}
        wishes = {number: self._wish(db, row) for number, row in known.items()}
        return {number: wish for number, wish in wishes.items() if wish is not None}

    def _wish(self, db: Database, row: ConnectorRow) -> Wish | None:
        kind = self.kinds.get(row.kind)
        if kind is None or kind.listen is None or kind.wants_listener is None:
            return None
        if kind.only_rings and not row.live:
            return None
        try:
            if not kind.wants_listener(row.settings):
                return None
            means = phones.means_of(self.tools.config, self.tools.keys, db, row)
        except Exception as error:  # noqa: BLE001  (one phone system must not silence the others)
            if row.id not in self._unfit:
                log.warning("a listener cannot be set up", connector=row.id, error=error)
            self._unfit[row.id] = str(error) if isinstance(error, PetsvetError) else UNFIT
            return None
        self._unfit.pop(row.id, None)
        told = (row.kind, row.settings, dict(means.secrets), means.allowed)
        signature = hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()
        return Wish(kind, row.settings, means, signature)

    def wake(self, db: Database) -> None:
        """Have those connectors looked at that have news, each at most every few seconds.

        What came while one is paused wakes it once it goes on.
        """
        for number, ear in self.ears.items():
            if number not in self._live:
                continue
            if not ear.news.is_set() or time.monotonic() - ear.woken < WAKE_S:
                continue
            ear.news.clear()
            ear.woken = time.monotonic()
            with writing(db):
                started = pipeline.start_chore(db, "discover", number, now=self.tools.now())
            if not started:  # a look that runs now may have begun before the news came
                ear.news.set()

    def _note_troubles(self, db: Database) -> None:
        known = {f"listener.{number}": trouble for number, trouble in self._unfit.items()}
        known |= {f"listener.{number}": ear.trouble for number, ear in self.ears.items()}
        troubles = {who: trouble for who, trouble in known.items() if trouble}
        if troubles == self._noted:
            return
        with writing(db):
            old = (who for who in list_troubles(db) if who.startswith("listener."))
            for who in {*old, *troubles}:
                note_trouble(db, who, troubles.get(who, ""))
        self._noted = troubles


def run_listener(tools: Tools, kinds: Mapping[str, Kind] = KINDS) -> None:
    """The listener process: until SIGTERM or SIGINT."""
    listener = Listener(tools, kinds)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, listener.stop)
    listener.run()
