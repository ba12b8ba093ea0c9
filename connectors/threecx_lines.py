"""The lines of CDR output at hand: what was sent to us, and what 3CX wrote into files."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import structs

from appliance.errors import NotFound, Unusable
from connectors.cdr import complete_lines
from connectors.files import Entry, Files
from connectors.kinds import Feed
from connectors.ledger import Ledger
from connectors.mount import suffix_of
from connectors.threecx_cdr import Line, parse_line

DAYS = 4  # lines are read again for so long: an archived recording may come days after its line
_ENDINGS = ("log", "txt", "csv", "cdr", "")
_MOST_BYTES = 64 * 1024**2
_PAGE = 10_000
_WRITTEN_S = 60  # a last line without its end is whole when its file has not changed for so long


# Read so much before the edge: a call that was cut by it must not look like another one.
_MARGIN = timedelta(hours=12)


def edge_of(ledger: Ledger, now: datetime) -> datetime:
    """What reached us before this is told; nothing that waits is older."""
    waiting = [waiting.position for waiting in ledger.waiting.values()]
    # What came in while nobody looked, as during a pause, is not old for having waited.
    looked = min(now.timestamp(), float(ledger.more.get("looked", now.timestamp())))
    edge = min([looked - DAYS * 86400, *waiting])
    return datetime.fromtimestamp(max(0.0, edge), now.tzinfo)


def lines_sent(
    feed: Feed, ledger: Ledger, fields: Sequence[str], now: datetime, notes: Counter[str]
) -> list[Line]:
    """The lines that were sent to us, in the order of their arrival; the ledger learns the edge."""
    found: list[Line] = []
    after = known = int(ledger.more.get("line", "0"))
    edge, past = edge_of(ledger, now) - _MARGIN, True
    while page := feed.lines(after, _PAGE):
        for sent in page:
            after = sent.id
            line = parse_line(sent.data, fields)
            past = past and sent.at < edge
            known = after if past else known
            if line is None:
                notes["bad_line"] += 1
            else:
                found.append(structs.replace(line, arrived_at=sent.at))
    ledger.more["line"] = str(known)
    return found


def lines_written(
    files: Files, ledger: Ledger, fields: Sequence[str], now: datetime, notes: Counter[str]
) -> list[Line]:
    """The lines in files, one for all calls or one for each, in order of time."""
    edge = edge_of(ledger, now) - _MARGIN
    found: list[Line] = []
    there = set()
    for entry in sorted(files.walk(edge, Counter()), key=lambda entry: entry.locator):
        if suffix_of(entry.name) in _ENDINGS:
            there.add(f"at:{entry.locator}")
            found += _lines_of(files, entry, ledger, fields, edge, now, notes)
    for name in [name for name in ledger.more if name.startswith("at:") and name not in there]:
        del ledger.more[name]
    return sorted(found, key=lambda line: (line.started_at, line.text("callid")))


def _lines_of(
    files: Files, entry: Entry, ledger: Ledger, fields: Sequence[str], edge: datetime,
    now: datetime, notes: Counter[str],
) -> Iterator[Line]:  # fmt: skip
    """The lines of one file that are not older than the edge."""
    name = f"at:{entry.locator}"
    start = int(ledger.more.get(name, "0"))
    if start > entry.size:
        start = 0  # begun anew
    start = max(start, entry.size - _MOST_BYTES)
    try:
        handle, _ = files.open(entry.locator, 1 << 62)
    except (NotFound, Unusable):
        return
    closed = entry.modified_ns / 1e9 + _WRITTEN_S <= now.timestamp()
    past = True
    with handle:
        handle.seek(start)
        at = start
        for length, raw in complete_lines(handle):
            at += length
            line = parse_line(raw, fields) if raw is not None and raw.strip() else None
            old = line is None or line.arrived_at < edge
            past = past and old
            start = at if past else start
            if line is not None and not old:
                yield line
            elif line is None and (raw is None or raw.strip()):
                notes["bad_line"] += 1
        if closed and at < entry.size:
            handle.seek(at, os.SEEK_SET)
            line = parse_line(handle.read(entry.size - at), fields)
            if line is not None:
                yield line
    ledger.more[name] = str(start)
