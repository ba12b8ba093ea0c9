"""Plain FreeSWITCH: the files of mod_json_cdr or mod_xml_cdr, and its recordings."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from appliance.errors import NotFound, PetsvetError, Unusable
from appliance.facts import Fact
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.files import Entry, from_share
from connectors.freeswitch_files import Shelf, candidate_of, open_recording, orphans, verdict
from connectors.freeswitch_legs import Leg, leg_of_file
from connectors.freeswitch_telling import group_legs
from connectors.interface import Checkpoint, Discovery, Finality, Probe, told_of
from connectors.kinds import Field, Kind, Means
from connectors.ledger import Ledger, checkpoint_of, recall, settle
from connectors.mount import suffix_of
from connectors.places import Place, open_place, open_second
from connectors.settling import Patience
from connectors.telling import Site

LONGEST = 3_000_000
_RECORDS = ("json", "xml")


class Settings(Fact, frozen=True):
    """Where the files lie.

    ``place`` holds the call records; ``recordings`` the recordings, None where both lie in one
    tree. ``lookback_days``: how far back files are looked at. ``max_bytes``: larger recordings are
    not opened.
    """

    place: Place
    recordings: Place | None = None
    extensions: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    sweep: bool = False
    immediate: bool = False
    lookback_days: float = 2
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


class Read(Fact, frozen=True, array_like=True):
    """A file of call records that was read: what it was then, and the leg in it."""

    size: int
    modified_ns: int
    leg: Leg | None


class FreeSwitch:
    """The connector."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self.settings = settings
        self.site = Site(dids=settings.dids, extensions=settings.extensions)
        self.records = open_place(settings.place, means)
        self.files = (
            open_second(settings.recordings, "recordings", means)
            if settings.recordings
            else open_place(settings.place, means)
        )
        patience = settings.patience
        self.patience = (
            msgspec.structs.replace(patience, quiet_s=0) if settings.immediate else patience
        )

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        ledger, notes = Ledger(), Counter[str]()
        try:
            legs, _ = self._legs(ledger, now, notes)
            shelf = Shelf(self.files, self._begin(now), notes, ledger)
        except PetsvetError as error:
            return Probe(problems=(str(error),))
        problems = []
        if not legs:
            problems.append(
                "No call record was written in the last days; load mod_json_cdr with log-b-leg=true"
                " and point this at its folder, mostly /var/log/freeswitch/json_cdr."
            )
        if not shelf.by_id:
            problems.append("No recording was written in the last days; is this the right folder?")
        ahead = max((leg.end for leg in legs), default=0.0) - now.timestamp()
        if ahead > 60:
            problems.append(f"The phone system's clock is {ahead:.0f} seconds ahead of this box.")
        newest = sorted(
            {e.locator: e for found in shelf.by_id.values() for e in found}.values(),
            key=lambda entry: entry.modified_ns,
            reverse=True,
        )
        return Probe(
            problems=tuple(problems),
            capabilities=(*(("cdr",) if legs else ()), *(("recordings",) if newest else ())),
            newest=tuple(entry.locator for entry in newest[:5]),
            clock_skew_s=ahead if ahead > 0 else None,
            zone="UTC",
        )

    def _begin(self, now: datetime) -> datetime:
        days = 36500.0 if self.settings.sweep or self.settings.immediate else 0.0
        days = max(days, 1.0, self.settings.lookback_days)
        return datetime.fromtimestamp(max(0.0, now.timestamp() - 86400 * days), UTC)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        ledger, notes = recall(checkpoint), Counter[str]()
        legs, news = self._legs(ledger, now, notes)
        shelf = Shelf(self.files, self._begin(now), notes, ledger)
        groups = group_legs(legs, {**ledger.waiting, **ledger.told})
        candidates = [
            candidate_of(group, shelf, ledger, self.site, self.patience, now)
            for group in groups
            # Of a call told long ago the first legs may not be among the files any more.
            if group.key not in ledger.told or not group.ids.isdisjoint(news)
            or len(shelf.of(group.ids)) > ledger.told[group.key].recordings
        ]  # fmt: skip
        candidates += orphans(
            shelf, groups, ledger, self.patience, self._begin(now).timestamp() + 43200, now
        )
        calls = settle(ledger, candidates, now)
        for group in groups:
            if told := ledger.told.get(group.key):  # remembered for as long as its files are seen
                ledger.told[group.key] = msgspec.structs.replace(told, seen=now.timestamp())
        return Discovery(
            calls=calls,
            checkpoint=checkpoint_of(ledger),
            waiting=len(ledger.waiting),
            notes=told_of(notes),
        )

    def _legs(
        self, ledger: Ledger, now: datetime, notes: Counter[str]
    ) -> tuple[list[Leg], set[str]]:
        """All legs in the files of the last days, and the uuids of new ones.

        What was read once is kept in the checkpoint: most files never change.
        """
        with from_share():
            self.records.look()
        known = msgspec.json.decode(ledger.more.get("read", "{}"), type=dict[str, Read])
        read: dict[str, Read] = {}
        news: set[str] = set()
        for entry in self.records.walk(self._begin(now), notes):
            if suffix_of(entry.name) not in _RECORDS or entry.size > LONGEST:
                continue
            before = known.get(entry.locator)
            same = before and (before.size, before.modified_ns) == (entry.size, entry.modified_ns)
            found = before if before and same else self._read(entry)
            if found is None:
                continue
            read[entry.locator] = found
            if found.leg is None:
                notes["cdr_malformed"] += 1
            elif not same:
                news.add(found.leg.uuid)
        ledger.more["read"] = msgspec.json.encode(read).decode()
        return [found.leg for found in read.values() if found.leg is not None], news

    def _read(self, entry: Entry) -> Read | None:
        """A file of call records; None when it vanished. A cut one is read again as it grows."""
        try:
            handle, seen = self.records.open(entry.locator, LONGEST)
            with handle:
                content = handle.read()
        except (NotFound, Unusable):
            return None
        leg = leg_of_file(content, entry.name, entry.modified_ns / 1e9)
        return Read(seen.size, seen.modified_ns, leg)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        return verdict(self.files, recording, self.patience, now)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        return open_recording(self.files, recording, self.settings.max_bytes)


def _make(given: dict[str, Any], means: Means) -> FreeSwitch:
    return FreeSwitch(msgspec.convert(given, Settings), means)


KIND = Kind(
    name="freeswitch",
    title="FreeSWITCH without FusionPBX",
    level="emulated",
    make=_make,
    fields=(
        Field(
            name="place",
            label="Call records",
            type="place",
            required=True,
            help="The folder of mod_json_cdr or mod_xml_cdr; nothing in it is ever deleted.",
        ),
        Field(
            name="recordings",
            label="Recordings",
            type="place",
            help="Where they lie elsewhere than the call records.",
        ),
        Field(
            name="extensions",
            label="Extensions",
            type="list",
            help="The phones of the clinic; left empty, two to six digits are one.",
            advanced=True,
        ),
        Field(name="dids", label="The clinic's own outside numbers", type="list", advanced=True),
    ),
    stereo=(
        'Set <action application="set" data="RECORD_STEREO=true"/> before record_session in the'
        " dialplan (conf/dialplan/…). Your own dialplan files survive an upgrade of the package."
        " Left is what the recorded channel hears come in, as read in the source: on an incoming"
        " call the one outside. It was not heard on a real system: listen to one recording each way."
    ),
    notes=(
        "Needs the files of both legs: log-b-leg=true in json_cdr.conf.xml, and the uuid of the"
        " call in the names of recordings, or record_session as the dialplan wrote it. Not for the"
        " xml_cdr folder of a FusionPBX, which imports and deletes those files itself: choose"
        " FusionPBX there. The files are read only; clean the folder up by a rule of your own that"
        " keeps at least three days."
    ),
)
