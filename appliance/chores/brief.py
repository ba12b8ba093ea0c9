"""What a brief tells, gathered in one place from calls, cards and flags."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.chores.week import attach_week
from appliance.db import Database, Row, rows
from appliance.facts import from_ms, to_ms
from appliance.facts.fees import WeekSum
from appliance.facts.notices import Brief, BriefItem
from appliance.facts.work import WorkFilter, WorkItem
from appliance.reading.money import week_sum
from appliance.store import safety, worklist
from appliance.store.fees import get_fees
from appliance.store.followups import MISSED

SHOWN: Final = 10  # lines of each list; the pages have the rest
LATEST: Final = timedelta(days=3)  # after which the reading of a call is no news any more
PROMISES: Final = ("callback_timed", "callback_untimed", "message_taken")

# What else a notice carries, by its name.
Attach = Callable[[Database, datetime, datetime], tuple[str, bytes] | None]
ATTACHMENTS: Final[dict[str, Attach]] = {"weekly": attach_week}

_FIELDS = (
    "c.ref, c.started_at, c.caller_number, c.caller_name, c.outside_key, i.ref AS item,"
    " i.owner_id, i.due_at, i.closed_at,"
    " (SELECT u.name FROM user u WHERE u.id = i.owner_id) AS owner"
)
_CALLS = (
    "FROM call c LEFT JOIN card k ON k.call_id = c.id LEFT JOIN work_call w ON w.call_id = c.id"
    " LEFT JOIN work_item i ON i.id = w.item_id WHERE c.duplicate_of IS NULL"
    " AND c.started_at >= ? AND c.started_at < ?"
)
_READ = (
    " AND COALESCE((SELECT h.at FROM happening h WHERE h.event = 'call.ready'"
    " AND h.name = c.ref || ':'), c.started_at) BETWEEN ? AND ? - 1"
)
_LATER = (
    "EXISTS (SELECT 1 FROM call f {join} WHERE f.outside_key = c.outside_key AND f.outside_key <> ''"
    " AND f.started_at > c.started_at AND f.duplicate_of IS NULL AND {what})"
)
_REACHED = _LATER.format(join="", what="f.answer_state = 'answered' AND f.direction <> 'internal'")
_BOOKED = _LATER.format(
    join="JOIN card fk ON fk.call_id = f.id", what="fk.outcome IN ('booked', 'booked_alternative')"
)
# Missed calls have a list of their own; a service the clinic does not have is nobody's loss, and
# the end of a life is no booking.
_LEFT = (
    f"k.turnaway_reason NOT IN ('', 'service_not_offered') AND k.intent <> 'end_of_life'"
    f" AND NOT ({MISSED}) AND NOT {_BOOKED}"
)
_FLAGGED = (
    "JOIN flag g ON g.call_id = c.id AND g.name >= 'safety.' AND g.name < 'safety/' AND NOT EXISTS"
    " (SELECT 1 FROM review r WHERE r.call_id = c.id AND r.name = g.name AND r.superseded = 0"
    " AND r.verdict = 'rejected') AND NOT EXISTS (SELECT 1 FROM safety s"
    " WHERE s.call_id = c.id AND s.name = g.name AND s.open = 0)"
)


def gather_brief(
    db: Database,
    begin: datetime,
    end: datetime,
    extensions: tuple[str, ...] | None = None,
    *,
    news: bool = False,
    work: WorkFilter | None = None,
) -> Brief:
    """What happened in [begin, end); ``extensions``: only these people's calls, None for all.

    ``news``: what was said counts when it was read, not when the call was, so that a call that was
    still being read at one brief stands in the next. ``work``: tell these open items of the
    worklist too; their callers, and those who are somebody else's, stand in no other list then.

    Each caller stands once in a list, with the newest call; who was reached or booked since is left
    out, and so is what a person has rejected.
    """
    ask = _Asking(db, begin, end, extensions)
    read = _Asking(db, begin, end, extensions, news)
    left = read.list(f"k.intent, k.turnaway_reason AS why {_CALLS} AND {_LEFT}")
    dangers = read.list(f"k.intent, substr(g.name, 8) AS why {_with_flags()}")
    unreached = ask.list(f"'' AS intent, '' AS why {_CALLS} AND {MISSED} AND NOT {_REACHED}")
    promised = read.list(
        f"k.intent, k.outcome AS why {_CALLS} AND k.outcome IN {PROMISES} AND NOT {_REACHED}"
    )
    lists = {
        "left": _by_caller(_to_tell(left, work)),
        "safety": _by_call(dangers),
        "unreached": _by_caller(r for r in _to_tell(unreached, work) if r["outside_key"]),
        "promised": _by_caller(_to_tell(promised, work)),
    }
    calls, missed = ask.counts()
    told = Brief(
        begin=begin,
        end=end,
        calls=calls,
        missed=missed,
        lost=len(_newest_of_each(left)),
        totals={name: len(items) for name, items in lists.items()},
        withheld=sum(not r["outside_key"] for r in unreached),
        unsafe=max(0, safety.count_open(db) - len(dangers)),
    )
    shown = {name: tuple(items[:SHOWN]) for name, items in lists.items()}
    told = msgspec.structs.replace(told, **shown)
    return told if work is None else _with_work(db, told, work)


def _to_tell(found: Iterable[Row], work: WorkFilter | None) -> list[Row]:
    """Without callers whose item is closed, and without those told as ``work`` or not one's own."""
    taken = work is not None and work.owner_id is None
    return [
        row
        for row in found
        if row["item"] is None
        or not (row["closed_at"] or taken or (work is not None and row["owner_id"]))
    ]


def _with_work(db: Database, brief: Brief, work: WorkFilter) -> Brief:
    """The brief with the open items, what is due first, and with the worth of all of them."""
    found, _ = worklist.list_items(db, work, limit=SHOWN)
    everybody = work.owner_id is None
    return msgspec.structs.replace(
        brief,
        work=tuple(_work_item(item, brief.end) for item in found),
        totals=brief.totals | {"work": worklist.count_items(db, work)},
        late=worklist.count_items(db, work, due_before=brief.end),
        currency=get_fees(db).currency,
        worth=_worth(db, brief.end) if everybody else None,
    )


def _worth(db: Database, now: datetime) -> WeekSum | None:
    """What the open items may bring; None where the clinic told too little to say."""
    fees = get_fees(db)
    told = week_sum(now.date(), worklist.open_rows(db), fees) if fees.told else None
    return told if told and told.lines else None


def _work_item(item: WorkItem, now: datetime) -> BriefItem:
    return BriefItem(
        at=item.latest_at,
        ref=item.call_ref,
        number=item.number,
        name=item.caller_name,
        about=item.intent,
        why=(item.reason,),
        tries=item.calls,
        item=item.ref,
        owner=item.owner,
        due_at=item.due_at,
        late=item.due_at < now,
        urgent=item.urgent,
    )


def _with_flags() -> str:
    return _CALLS.replace(" WHERE", f" {_FLAGGED} WHERE", 1)


class _Asking:
    """The span and the people asked about, for several questions."""

    def __init__(
        self,
        db: Database,
        begin: datetime,
        end: datetime,
        extensions: tuple[str, ...] | None,
        news: bool = False,
    ) -> None:
        span = [to_ms(begin), to_ms(end)]
        marks = ", ".join("?" for _ in extensions or ())
        self._db = db
        self._whose = "" if extensions is None else f" AND c.staff_extension IN ({marks})"
        self._given = [*span, *(extensions or ())]
        if news:
            self._whose = _READ + self._whose
            self._given = [to_ms(begin - LATEST), span[1], *span, *(extensions or ())]

    def list(self, what: str) -> list[Row]:
        """Calls, newest first."""
        return rows(
            self._db,
            f"SELECT {_FIELDS}, {what}{self._whose} ORDER BY c.started_at DESC, c.id DESC",
            self._given,
        )

    def counts(self) -> tuple[int, int]:
        """Calls from and to the outside, and those of them nobody answered."""
        found = rows(
            self._db,
            f"SELECT count(*) AS calls, COALESCE(sum({MISSED}), 0) AS missed {_CALLS}"
            f" AND c.direction <> 'internal'{self._whose}",
            self._given,
        )[0]
        return found["calls"], found["missed"]


def _newest_of_each(found: Iterable[Row]) -> list[Row]:
    """The first row of each caller; those without a number stand alone."""
    kept: dict[str, Row] = {}
    for row in found:
        kept.setdefault(row["outside_key"] or row["ref"], row)
    return list(kept.values())


def _by_caller(found: Iterable[Row]) -> list[BriefItem]:
    rows_ = list(found)
    tries = Counter(row["outside_key"] for row in rows_)
    return [
        _item(row, (row["why"],), tries[row["outside_key"]] if row["outside_key"] else 1)
        for row in _newest_of_each(rows_)
    ]


def _by_call(found: Iterable[Row]) -> list[BriefItem]:
    together: dict[str, list[Row]] = {}
    for row in found:
        together.setdefault(row["ref"], []).append(row)
    return [_item(group[0], tuple(r["why"] for r in group)) for group in together.values()]


def _item(row: Row, why: tuple[str, ...], tries: int = 1) -> BriefItem:
    return BriefItem(
        at=from_ms(row["started_at"]),
        ref=row["ref"],
        number=row["caller_number"],
        name=row["caller_name"],
        about=row["intent"] or "",
        why=why,
        tries=tries,
        item=row["item"] or "",
        owner=row["owner"] or "",
        due_at=None if row["due_at"] is None else from_ms(row["due_at"]),
    )


def items_of(db: Database, flags: dict[int, tuple[str, ...]]) -> tuple[BriefItem, ...]:
    """The calls of these numbers as lines of an alert, oldest first."""
    marks = ", ".join("?" for _ in flags)
    found = rows(
        db,
        f"SELECT c.id, {_FIELDS}, k.intent FROM call c JOIN card k ON k.call_id = c.id"
        " LEFT JOIN work_call w ON w.call_id = c.id LEFT JOIN work_item i ON i.id = w.item_id"
        f" WHERE c.id IN ({marks}) ORDER BY c.started_at, c.id",
        tuple(flags),
    )
    return tuple(_item(row, flags[row["id"]]) for row in found)
