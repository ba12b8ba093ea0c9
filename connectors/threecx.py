"""3CX v18 and v20 on the clinic's own machine: recordings in a folder, calls from its database.

Where nobody can open the database, 3CX's CDR output tells the calls: sent to us, fetched from its
socket, or written into files. With none of these a folder alone still tells recordings.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from appliance.errors import NotFound, PetsvetError
from appliance.facts.calls import FoundCall, FoundRecording
from connectors import ledger as ledgers
from connectors import threecx_sql as sql
from connectors.gathering import newest_of, skew_of
from connectors.interface import Checkpoint, Discovery, Final, Finality, Probe, told_of
from connectors.kinds import Kind, Means, Receive
from connectors.looking import open_found, verdict_now
from connectors.places import open_place, open_second
from connectors.settling import Patience
from connectors.telling import zone_named
from connectors.threecx_calls import Record
from connectors.threecx_cdr import count_of, records_of
from connectors.threecx_form import FORM, NOTES, STEREO, Settings, check_settings
from connectors.threecx_gather import Rules, State, forget_adopted, gather, gone_files
from connectors.threecx_join import File, files_of, join, vote
from connectors.threecx_lines import edge_of, lines_sent, lines_written
from connectors.threecx_names import Flat, moments_of
from connectors.threecx_socket import listen_active, listen_passive
from connectors.watching import Survey, Taken, check_root, forget_old, survey

_OVERLAP_S = 86400.0  # rows come late: a leg is written when it ends, not when it begins
_LATEST_S = 5 * 86400.0  # a recording later than this is found by its name alone
_ORPHAN_S = 3600.0  # so long a recording waits for its call record before it is told without


class Told(NamedTuple):
    """What the records say in one look; ``source`` is "" where there are none."""

    records: list[Record]
    source: str
    complete: bool = True
    reading: sql.Reading | None = None


class ThreeCx:
    """The connector. Raises Misconfigured for settings that cannot work."""

    def __init__(self, settings: Settings, means: Means) -> None:
        check_settings(settings)
        self.settings, self.means = settings, means
        self.zone = ZoneInfo(zone_named(settings.zone))
        self.files = Flat(open_place(settings.place, means)) if settings.place else None
        self.written = (
            open_second(settings.cdr_place, "cdr_place", means) if settings.cdr_place else None
        )
        self.sweep = settings.sweep or settings.immediate

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        state, problems, notes = State(), list[str](), Counter[str]()
        found, told = Survey([], frozenset(), Counter()), Told([], "")
        for look in ("files", "records"):
            try:
                if look == "files":
                    found = self._survey(state, now)
                else:
                    told = self._records(state, found, now, notes)
            except PetsvetError as error:
                problems.append(str(error))
        problems += self._problems(found, told, notes) if not problems else []
        skew = skew_of(found, now)
        if told.reading is not None:
            skew = (told.reading.clock - now).total_seconds()
        if skew and abs(skew) > 60:
            problems.append(f"The phone system's clock is {skew:.0f} seconds off this box's.")
        return Probe(
            problems=tuple(problems),
            capabilities=self._capabilities(told),
            newest=newest_of(found),
            clock_skew_s=skew,
            zone=self.settings.zone,
            columns=self.settings.cdr_fields if self.settings.cdr != "off" else (),
        )

    def _problems(self, found: Survey, told: Told, notes: Counter[str]) -> list[str]:
        problems = []
        if self.files and not found.seen:
            problems.append(
                "No recording was written in the last days; is this the right folder, or does 3CX"
                " archive its recordings elsewhere? Then let it archive into our drop folder."
            )
        elif found.seen and not any(file.name for file in files_of(found.seen)):
            problems.append("No file here is named as 3CX names its recordings.")
        if told.reading and not told.reading.schema:
            problems.append("The database holds no table of calls that this user may read.")
        if told.reading and told.reading.archived and not found.seen:
            problems.append(
                "3CX says it archived recordings; point its archive at our drop folder."
            )
        if notes["bad_line"] and not told.records:
            problems.append(self._about_fields())
        return problems

    def _about_fields(self) -> str:
        """Why no line of CDR output could be read, in words."""
        sent = self.means.feed.lines(0, 1) if self.means.feed else []
        count = f" A line has {count_of(sent[0].data)} of them." if sent else ""
        return (
            "No CDR line fits the fields given here; copy their list and order from 3CX."
            f" Here are {len(self.settings.cdr_fields)} fields.{count}"
        )

    def _capabilities(self, told: Told) -> tuple[str, ...]:
        found = ["recordings", "filename"] if self.files else []
        if told.records:
            found.append("cdr")
        if told.reading and told.reading.schema:
            found.append(told.reading.schema)
        return tuple(found)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        state = msgspec.convert(checkpoint, State)
        found = self._survey(state, now)
        told = self._records(state, found, now, found.notes)
        files = files_of(found.seen)
        zones, doubt = self._zones(state, told.records, files)
        rules = self._rules(told, zones[0], doubt)
        files += gone_files(state, files)
        candidates = gather(state, told.records, join(told.records, files, zones), rules, now)
        calls = ledgers.settle(state.ledger, [item.candidate for item in candidates], now)
        for item in candidates:
            if item.candidate.call.native_key not in state.ledger.waiting:
                _take(state, item.candidate.call.native_key, item.files)
        self._forget(state, found, now)
        return Discovery(
            calls=calls,
            checkpoint=msgspec.to_builtins(state),
            waiting=len(state.files.pending) + len(state.ledger.waiting),
            notes=told_of(found.notes),
        )

    def _survey(self, state: State, now: datetime) -> Survey:
        """Every file to think about; after a time away, those of that time too."""
        if self.files is None:
            return Survey([], frozenset(), Counter())
        check_root(state.files, self.files)
        return survey(state.files, self.files, self._patience(state, now), now, self.sweep)

    def _patience(self, state: State, now: datetime) -> Patience:
        patience = self.settings.patience
        away = (now.timestamp() - float(state.ledger.more.get("looked", now.timestamp()))) / 86400
        return structs.replace(patience, lookback_days=max(patience.lookback_days, away + 1))

    def _records(self, state: State, found: Survey, now: datetime, notes: Counter[str]) -> Told:
        settings = self.settings
        if settings.database_host:
            return self._rows(state, found, now)
        if settings.cdr == "off":
            return Told([], "")
        lines, edge = [], edge_of(state.ledger, now)
        if self.means.feed is not None:
            lines += lines_sent(self.means.feed, state.ledger, settings.cdr_fields, now, notes)
        if self.written is not None:
            lines += lines_written(self.written, state.ledger, settings.cdr_fields, now, notes)
        known = state.ledger.told.keys() | state.ledger.waiting.keys()
        return Told(records_of(lines, known, edge), "csv")

    def _rows(self, state: State, found: Survey, now: datetime) -> Told:
        """The calls of the database since the last look, and those of files from before."""
        settings, ledger = self.settings, state.ledger
        since = self._since(state, found, now)
        old = [
            item.entry.name
            for item in found.seen
            if since and item.look.modified_ns / 1e9 < since.timestamp() + _OVERLAP_S
        ]
        reading = sql.read(
            sql.Database(
                settings.database_host, settings.database_port, settings.database_name,
                settings.database_user, self.means.secrets.get("database_password", ""),
                self.means.allowed,
            ),
            sql.Ask(since, int(ledger.more.get("recording", "-1")), old, settings.extensions),
        )  # fmt: skip
        last = max(reading.last_recording, int(ledger.more.get("recording", "-1")))
        ledger.more["recording"] = str(last)
        records = _after_update(state, reading)
        return Told(records, "csv", reading.complete, reading)

    def _since(self, state: State, found: Survey, now: datetime) -> datetime | None:
        """From when on to read: not past what waits, nor past a recording that has come late."""
        at = ledgers.since(state.ledger, _OVERLAP_S)
        if at >= 0:
            names = (f.name for f in files_of(found.seen) if f.locator in state.files.pending)
            stamps = [moments_of(name.stamp, UTC)[0].timestamp() for name in names if name]
            late = min(stamps, default=at) - _OVERLAP_S  # whichever zone the name tells
            return datetime.fromtimestamp(max(min(at, late), at - _LATEST_S), UTC)
        return None if self.sweep else now - timedelta(days=self.settings.patience.lookback_days)

    def _zones(
        self, state: State, records: Sequence[Record], files: Sequence[File]
    ) -> tuple[list[tzinfo], bool]:
        """The zones a name's time may be in, likeliest first, and whether that is only assumed."""
        if self.settings.stamps_in_utc != "auto":
            return ([UTC] if self.settings.stamps_in_utc == "yes" else [self.zone]), False
        more = state.ledger.more
        if self.settings.zone == "UTC":
            return [UTC], False
        if word := vote(records, files, self.zone) or more.get("stamps", ""):
            more["stamps"] = word
            return ([UTC] if word == "utc" else [self.zone]), False
        return [UTC, self.zone], True

    def _rules(self, told: Told, zone: tzinfo, doubt: bool) -> Rules:
        return Rules(
            patience=self.settings.patience,
            source=told.source,
            zone=zone,
            doubt=doubt,
            extensions=self.settings.extensions,
            immediate=self.settings.immediate,
            hold_orphans=not told.complete,
            orphan_s=_ORPHAN_S,
            has_place=self.files is not None,
        )

    def _forget(self, state: State, found: Survey, now: datetime) -> None:
        ledger = state.ledger
        forget_old(state.files, found.seen, self._patience(state, now), now)
        forget_adopted(state)
        ledger.more["looked"] = str(now.timestamp())

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        if self.files is None:
            return Final()
        settings = self.settings
        return verdict_now(self.files, settings.patience, call, recording, now, settings.immediate)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        if self.files is None:
            raise NotFound("no folder of recordings is set for this phone system")
        return open_found(self.files, recording, self.settings.max_bytes)


def _take(state: State, key: str, files: Sequence[File]) -> None:
    """Note files as told. Old ones, found by a sweep, need not be remembered."""
    for file in files:
        state.files.pending.pop(file.locator, None)
        if file.seen.entry.recent:
            state.files.taken[file.locator] = Taken(look=file.seen.look, key=key)


def _after_update(state: State, reading: sql.Reading) -> list[Record]:
    """The records, without those told before an update of 3CX began to tell them in other tables."""
    more = state.ledger.more
    if reading.schema and more.get("schema", reading.schema) != reading.schema:
        more["from"] = str(state.ledger.mark)
    if reading.schema:
        more["schema"] = reading.schema
    edge = float(more.get("from", "-1"))
    return [record for record in reading.records if record.started_at.timestamp() > edge]


def _make(settings: dict[str, Any], means: Means) -> ThreeCx:
    return ThreeCx(msgspec.convert(settings, Settings), means)


def _listen(settings: dict[str, Any], means: Means, receive: Receive, stop: Event) -> None:
    """See Kind."""
    known = msgspec.convert(settings, Settings)
    check_settings(known)
    if known.cdr == "passive":
        listen_passive(known.cdr_host, known.cdr_port, means, receive, stop)
    elif known.cdr == "active":
        listen_active(known.cdr_port, means, receive, stop)


def _wants_listener(settings: dict[str, Any]) -> bool:
    return settings.get("cdr") in ("active", "passive")


KIND = Kind(
    name="3cx",
    title="3CX v18 or v20 on site (folder, database, CDR output)",
    level="emulated",
    make=_make,
    fields=FORM,
    stereo=STEREO,
    notes=NOTES,
    listen=_listen,
    wants_listener=_wants_listener,
)
