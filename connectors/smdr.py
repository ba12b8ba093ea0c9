"""SMDR phone systems: their lines as calls, joined to a folder of recordings made beside them."""

from collections import Counter
from datetime import datetime, timedelta
from typing import BinaryIO

from msgspec import structs

from appliance.errors import NotFound, PetsvetError
from appliance.facts.calls import FoundCall, FoundRecording
from connectors.gathering import Rules, newest_of, skew_of
from connectors.interface import Checkpoint, Discovery, Finality, Gone, Probe, told_of
from connectors.kinds import Line, Means
from connectors.looking import is_settled, open_found, verdict_now
from connectors.patterns import compile_pattern
from connectors.places import open_place
from connectors.smdr_form import Settings, door_of
from connectors.smdr_join import Joined, join_takes
from connectors.smdr_records import (
    Clock,
    Dialect,
    SmdrCall,
    join_segments,
    parse_lines,
    tell_segments,
)
from connectors.takes import Notebook, Take, Ways, call_of, find_takes, recall, recordings_of
from connectors.telling import Site, zone_named
from connectors.watching import (
    Survey,
    begin_of,
    calls_with_losses,
    check_root,
    checkpoint_of,
    forget_old,
    horizon_of,
    is_known,
    reach_back,
    survey,
    tell,
)

_MISSED = timedelta(hours=1)


class Smdr:
    """The connector. Raises Misconfigured for settings that cannot be right."""

    def __init__(self, settings: Settings, means: Means, dialect: Dialect) -> None:
        door_of(settings, means)
        self.settings, self.means, self.dialect = settings, means, dialect
        self.files = open_place(settings.place, means) if settings.place else None
        self.pattern = compile_pattern(settings.pattern) if settings.pattern.strip() else None
        self.clock = Clock(zone_named(settings.zone), settings.day_first)
        self.since = begin_of(settings.since, settings.zone)
        site = Site(zone=self.clock.zone, dids=settings.dids, extensions=settings.extensions)
        self.rules = Rules(
            site=site,
            patience=settings.patience,
            immediate=settings.immediate,
            sweep=settings.sweep or settings.immediate,
        )

    def probe(self, now: datetime) -> Probe:
        """See Connector."""
        notes: Counter[str] = Counter()
        problems: list[str] = []
        found, skew = None, None
        try:
            calls = self._calls(Notebook(), notes)
            if self.files:
                found, _ = self._takes(Notebook(), self.rules, now)
        except PetsvetError as error:
            return Probe(problems=(str(error),), zone=self.clock.zone)
        if not calls:
            problems.append("No call record has come yet; make a call, then test again.")
        if notes["smdr_malformed"] > len(calls):
            problems.append("Most of what comes is no record of this phone system; is it the one?")
        if found is not None and not found.seen:
            problems.append("No recording was written in the last days; is this the right folder?")
        if calls:
            ahead = (max(call.end for call in calls) - now).total_seconds()
            skew = ahead if ahead > self.dialect.slack_s else None
        skew = skew or (skew_of(found, now) if found else None)
        if skew and skew > 60 + self.dialect.slack_s:
            problems.append(f"The phone system's clock is {skew:.0f} seconds ahead of this box.")
        return Probe(
            problems=tuple(problems),
            capabilities=(("cdr",) if calls else ()) + (("recordings",) if self.files else ()),
            newest=newest_of(found) if found else (),
            clock_skew_s=skew,
            zone=self.clock.zone,
        )

    def _calls(self, book: Notebook, notes: Counter[str]) -> list[SmdrCall]:
        parsed, damaged, doubled = parse_lines(self._lines(book.lines), self.dialect, self.clock)
        notes.update({"smdr_malformed": damaged, "duplicate_row": doubled})
        return join_segments(self.dialect, parsed)

    def _lines(self, after: int) -> list[Line]:
        found: list[Line] = []
        while self.means.feed is not None:
            lines = self.means.feed.lines(found[-1].id if found else after)
            if not lines:
                break
            found += lines
        return found

    def _takes(self, book: Notebook, rules: Rules, now: datetime) -> tuple[Survey, list[Take]]:
        assert self.files is not None
        check_root(book, self.files)
        found = survey(book, self.files, rules.patience, now, rules.sweep)
        return found, find_takes(book, self.files, found, self.pattern, Ways(), rules, now)

    def discover(self, checkpoint: Checkpoint, now: datetime) -> Discovery:
        """See Connector."""
        book = recall(checkpoint)
        patience = reach_back(book, self.rules.patience, self.since, now)
        rules = structs.replace(self.rules, patience=patience)
        found, takes = Survey([], frozenset(), Counter()), list[Take]()
        if self.files:
            found, takes = self._takes(book, rules, now)
        calls = self._calls(book, found.notes)
        joined = join_takes(
            calls, takes, _told_with(book, calls, takes), rules.site, self.dialect.slack_s
        )
        joined = _keep_apart(book, joined)
        losses = calls_with_losses(book, found.seen)
        told = [self._tell(book, call, joined, losses, rules, now) for call in calls]
        told += [self._tell_alone(book, *alone, losses, rules, now) for alone in joined.apart]
        forget_old(book, found.seen, patience, now)
        _forget_lines(book, calls, rules, now)
        news = [call for call in told if call is not None]
        return Discovery(
            calls=tuple(sorted(news, key=lambda call: (call.started_at, call.native_key))),
            checkpoint=checkpoint_of(book),
            waiting=len(book.pending),
            notes=told_of(+found.notes),
        )

    def _tell(
        self, book: Notebook, call: SmdrCall, joined: Joined, losses: frozenset[str],
        rules: Rules, now: datetime,
    ) -> FoundCall | None:  # fmt: skip
        takes = joined.by_call.get(call.key, [])
        files = [item for take in takes for item in take.files]
        end, patience = call.end, rules.patience
        last = max(part.at for part in call.parts)
        if not call.whole and last + timedelta(seconds=patience.salvage_after_s) > now:
            return None
        if not is_settled(files, call.end, patience, now, rules.immediate):
            return None
        key = _key_of(book, call, takes)
        # Whether a recording is missing is only to be told some time after the call.
        sure = bool(files) or self.files is None or end + 3 * _MISSED < now
        if sure and is_known(book, key, len(call.parts), files, now):
            return None
        told = tell_segments(call, rules.site)
        recordings, warnings = recordings_of(takes, told.direction, rules, now)
        gone = self.files and not recordings and "empty" not in warnings
        if gone and _was_heard(told) and end + _MISSED < now:
            warnings = (*warnings, "cdr_without_file")
        told = structs.replace(
            told,
            native_key=key,
            recordings=recordings,
            warnings=(*told.warnings, *dict.fromkeys(warnings)),
        )
        return tell(book, told, len(call.parts), files, now, lossy=key in losses, old=False)

    def _tell_alone(
        self, book: Notebook, take: Take, doubt: str, losses: frozenset[str], rules: Rules,
        now: datetime,
    ) -> FoundCall | None:  # fmt: skip
        """A recording without its record, told late: the record may still come."""
        wait = 0 if rules.immediate else 60 * self.settings.alone_minutes
        first = max(item.look.since for item in take.files)
        if first + wait > now.timestamp():
            return None
        # Its record may have been told with it and is not read any more.
        before = book.told.get(take.key)
        if before and is_known(book, take.key, before.rows, take.files, now):
            return None
        if not is_settled(take.files, None, rules.patience, now, rules.immediate):
            return None
        call = call_of(take, rules, now)
        warning = doubt or "file_without_cdr"
        call = structs.replace(call, warnings=(*call.warnings, warning))
        old = not any(item.entry.recent for item in take.files)
        return tell(book, call, 0, take.files, now, lossy=take.key in losses, old=old)

    def is_final(self, call: FoundCall, recording: FoundRecording, now: datetime) -> Finality:
        """See Connector."""
        if self.files is None:
            return Gone()
        rules = self.rules
        return verdict_now(self.files, rules.patience, call, recording, now, rules.immediate)

    def open(self, recording: FoundRecording) -> BinaryIO:
        """See Connector."""
        if self.files is None:
            raise NotFound("this phone system has no folder of recordings any more")
        return open_found(self.files, recording, self.settings.max_bytes)


def _was_heard(call: FoundCall) -> bool:
    return call.talk_ms > 0 and call.answer_state in ("answered", "transfer_abandon", "internal")


def _told_with(book: Notebook, calls: list[SmdrCall], takes: list[Take]) -> dict[str, str]:
    """The call's key for each take that was told with one, by its own key or by an adopted one."""
    adopted = {told: key for key, told in book.adopted.items()}
    known = {call.key for call in calls}
    found = {}
    for take in takes:
        for item in take.files:
            taken = book.taken.get(item.entry.locator)
            if taken:
                found[take.key] = taken.key if taken.key in known else adopted.get(taken.key, "")
    return found


def _keep_apart(book: Notebook, joined: Joined) -> Joined:
    """Recordings that were told by themselves stay so where their call was told too.

    Told once as two calls, they cannot become one: the first would be left behind for ever.
    """
    apart = list(joined.apart)
    by_call: dict[str, list[Take]] = {}
    for key, takes in joined.by_call.items():
        own = {key, book.adopted.get(key, key)}
        alone = [take for take in takes if take.key in book.told and take.key not in own]
        free = key not in book.told and key not in book.adopted
        apart += [(take, "") for take in alone[1 if free else 0 :]]
        kept = {id(take) for take in takes} - {id(take) for take in alone[1 if free else 0 :]}
        by_call[key] = [take for take in takes if id(take) in kept]
    return Joined(by_call, apart)


def _key_of(book: Notebook, call: SmdrCall, takes: list[Take]) -> str:
    """The key under which a call is told: that of its recording where it was told first by it."""
    if call.key in book.adopted:
        return book.adopted[call.key]
    if call.key not in book.told:
        # A first segment may come after the rest was told, and a record after its recording.
        for key in (*call.others, *(take.key for take in takes)):
            if key != call.key and key in book.told:
                book.adopted[call.key] = key
                return key
    return call.key


def _forget_lines(book: Notebook, calls: list[SmdrCall], rules: Rules, now: datetime) -> None:
    """Lines of calls told long ago are read no more; a call is forgotten whole or not at all."""
    edge = horizon_of(rules.patience, now) - timedelta(days=2)
    kept = [
        call for call in calls
        if max(part.at for part in call.parts) >= edge or not _is_told(book, call)
    ]  # fmt: skip
    lines = [part.line for call in kept for part in call.parts]
    past = [part.last for call in calls for part in call.parts]
    cut = min(lines) - 1 if lines else max([book.lines, *past])
    spans = [(min(p.line for p in c.parts), max(p.last for p in c.parts)) for c in calls]
    for first, last in sorted(spans, reverse=True):
        if first <= cut < last:
            cut = first - 1
    book.lines = max(book.lines, cut)
    here = {call.key for call in calls}
    book.adopted = {key: told for key, told in book.adopted.items() if key in here}


def _is_told(book: Notebook, call: SmdrCall) -> bool:
    return book.adopted.get(call.key, call.key) in book.told
