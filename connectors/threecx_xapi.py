"""3CX with an Enterprise license: recordings and calls through its API, no folder needed."""

from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import msgspec

from appliance.errors import Misconfigured, NotFound, PetsvetError
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors import ledger as ledgers
from connectors.ahead import is_ahead
from connectors.files import Entry
from connectors.http import Http
from connectors.interface import Checkpoint, Discovery, Final, Finality, Probe
from connectors.kinds import Field, Kind, Means
from connectors.looking import Seen
from connectors.mount import locate, path_of
from connectors.settling import Look, Patience
from connectors.threecx_api import Api, Row
from connectors.threecx_calls import Record
from connectors.threecx_form import STEREO
from connectors.threecx_gather import Rules, State, adopted_keys, forget_adopted, gather
from connectors.threecx_join import files_of, join
from connectors.threecx_log import LONE, moment_of, records_of_log, records_of_rest, text_of
from connectors.threecx_names import tail_of
from connectors.watching import Taken, forget_old

_BACK = 500  # numbers of recordings read again: one that was being made then is done now
_DAY_S = 86400.0
_OVERLAP_S = _DAY_S
_MARGIN = timedelta(hours=6)


class Settings(Fact, frozen=True):
    """Where the API is and who asks. Secret: ``client_secret``.

    ``certificate``: pinned SHA-256 of 3CX's certificate, "" for one known to the world.
    ``sweep``: from the first recording on, not only the last days.
    """

    url: str
    client_id: str
    certificate: str = ""
    sweep: bool = False
    immediate: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class ThreeCxApi:
    """The connector."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self.settings = settings
        http = Http(settings.url, means.allowed, settings.certificate)
        self.api = Api(http, settings.client_id, means.secrets.get("client_secret", ""))

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        problems, rows, logged = [], list[Row](), False
        try:
            rows = self._recordings(State(), now)
            logged = self._log(now - timedelta(days=1), now) is not None
        except PetsvetError as error:
            problems.append(str(error))
        if not problems and not rows:
            problems.append("No recording was made in the last days; is recording turned on?")
        if rows and not logged:
            problems.append(
                "3CX does not give its call log to this client, so missed calls are not told; give"
                " the client the role System Owner."
            )
        seen = [_seen(row, now) for row in rows]
        newest = sorted(seen, key=lambda item: item.look.modified_ns, reverse=True)
        return Probe(
            problems=tuple(problems),
            capabilities=(("recordings",) if rows else ()) + (("cdr",) if logged else ()),
            newest=tuple(item.entry.locator for item in newest[:5]),
            zone="UTC",
        )

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        state = msgspec.convert(checkpoint, State)
        rows = self._recordings(state, now)
        since = self._since(state, now) - _MARGIN
        log = self._log(since - _MARGIN, now + timedelta(hours=1))
        logged = records_of_log(log or ())
        # A call that the beginning of the log may have cut is not told anew.
        records = [record for record in logged if record.started_at >= since]
        records += self._rest(state, rows, logged, now, waits=log is not None)
        files = files_of(_seen(row, now) for row in rows)
        candidates = gather(state, records, join(records, files, [UTC]), self._rules(), now)
        calls = ledgers.settle(state.ledger, [item.candidate for item in candidates], now)
        for told in candidates:
            key = told.candidate.call.native_key
            if key not in state.ledger.waiting:
                for file in told.files:
                    state.files.taken[file.locator] = Taken(look=file.seen.look, key=key)
        self._remember(state, rows, [file.seen for file in files], now)
        return Discovery(
            calls=calls,
            checkpoint=msgspec.to_builtins(state),
            waiting=len(state.ledger.waiting),
            notes=() if log is not None else ("no_call_log: 1",),
        )

    def _rest(
        self, state: State, rows: list[Row], records: list[Record], now: datetime, waits: bool
    ) -> list[Record]:
        """Records of recordings the log tells nothing of, nor told of when it was read before."""
        told = {_number(locator): taken.key for locator, taken in state.files.taken.items()}
        adopted = adopted_keys(state)
        own = [(row, told.get(int(row["Id"]), LONE)) for row in rows]
        left = [row for row, key in own if key.startswith(LONE) and key not in adopted]
        return records_of_rest(left, records, told.keys(), now, waits)

    def _rules(self) -> Rules:
        return Rules(
            patience=self.settings.patience,
            source="csv",
            zone=UTC,
            doubt=False,
            extensions=(),
            immediate=self.settings.immediate,
            hold_orphans=True,  # every recording has a record here; none is told by its name
            orphan_s=0,
            has_place=True,
        )

    def _since(self, state: State, now: datetime) -> datetime:
        at = ledgers.since(state.ledger, _OVERLAP_S)
        if at >= 0:
            return datetime.fromtimestamp(at, UTC)
        # A log is asked day by day, so a sweep reads as far back as 3CX keeps most reports.
        days = 92.0 if self.settings.sweep else self._days
        return now - timedelta(days=days)

    def _recordings(self, state: State, now: datetime) -> list[Row]:
        """The recordings since the last look, the first time those of the last days."""
        more = state.ledger.more
        first = 0 if self.settings.sweep else now.timestamp() - _DAY_S * self._days
        edge = float(more.setdefault("floor", str(first)))
        return [
            row
            for row in self.api.recordings(int(more.get("from", "-1")))
            if (begun := moment_of(row.get("StartTime")))
            and begun.timestamp() >= edge
            and tail_of(text_of(row, "RecordingUrl"))[1]
        ]

    @property
    def _days(self) -> float:
        return self.settings.patience.lookback_days

    def _log(self, since: datetime, until: datetime) -> list[Row] | None:
        """The call log, None where this client does not get it: recordings still tell calls."""
        try:
            return list(self.api.log(since, until))
        except Misconfigured:
            return None

    def _remember(self, state: State, rows: list[Row], seen: list[Seen], now: datetime) -> None:
        """Where to read on: some numbers back, and never past a recording not told yet."""
        ledger = state.ledger
        numbers = [int(row["Id"]) for row in rows]
        if numbers:
            told = state.files.taken
            waiting = [_number(item.entry.locator) for item in seen
                       if item.entry.locator not in told]  # fmt: skip
            edge = min([max(numbers) - _BACK, *(number - 1 for number in waiting)])
            ledger.more["from"] = str(max(edge, int(ledger.more.get("from", "-1")), 0))
        forget_adopted(state)
        forget_old(state.files, seen, self.settings.patience, now)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector. A recording is listed with its end only when it has one."""
        return Final()

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return self.api.download(_number(recording.locator), self.settings.max_bytes)


def _number(locator: str) -> int:
    word, number, *_ = (*path_of(locator), "")
    if word != "rec" or not number.isdecimal():
        raise NotFound("this is no recording of 3CX's API")
    return int(number)


def _seen(row: Row, now: datetime) -> Seen:
    """A recording of the API as if it were a file of a folder, so that both go the same road."""
    folder, name = tail_of(text_of(row, "RecordingUrl"))
    ended = moment_of(row.get("EndTime"))
    begun = moment_of(row.get("StartTime")) or now
    locator = locate("rec", str(int(row["Id"])), folder or "-", name)
    at = ended or begun
    modified_ns = int(at.timestamp()) * 10**9
    since = now.timestamp() - _DAY_S if is_ahead(at, now) else modified_ns / 1e9
    look = Look(
        size=0, modified_ns=modified_ns, since=since,
        state="whole" if ended else "writing", hint="wav",
    )  # fmt: skip
    entry = Entry(locator=locator, name=name, size=0, modified_ns=modified_ns)
    return Seen(entry=entry, look=look, name=None)


def _make(settings: dict[str, Any], means: Means) -> ThreeCxApi:
    return ThreeCxApi(msgspec.convert(settings, Settings), means)


KIND = Kind(
    name="3cx-xapi",
    title="3CX with an Enterprise license (API)",
    level="emulated",
    make=_make,
    fields=(
        Field(
            name="url",
            label="Address of 3CX",
            required=True,
            help="With its port, such as https://192.168.1.10:5001.",
        ),
        Field(
            name="client_id",
            label="API client",
            required=True,
            help="Made in 3CX's admin console under Integrations, API, with the role System Owner.",
        ),
        Field(name="client_secret", label="Its key", secret=True, required=True),
        Field(
            name="certificate",
            label="Fingerprint of 3CX's certificate",
            help="Needed only where 3CX has no certificate that is known to the world.",
            advanced=True,
        ),
    ),
    stereo=STEREO,
    notes=(
        "Needs an Enterprise license; without one, connect the folder of recordings with the other"
        " 3CX entry. 3CX keeps one token valid at a time, so give this box an API client of its"
        " own. Missed calls come from the call log, which 3CX gives only to System Owners. Built"
        " from the published description of the API and records of one unit; emulated."
    ),
)
