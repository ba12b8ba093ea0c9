"""The mails of the box, from what they tell to their words; software only ever suggests in them."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.facts import Fact
from appliance.facts.codes import KIND_OF_REASON, UNKNOWN
from appliance.facts.fees import OTHER_VISIT
from appliance.facts.figures import WeekReport
from appliance.facts.notices import Brief, BriefItem
from appliance.reading.figure_words import period_words
from appliance.reading.letters import (
    Draft,
    Entries,
    Entry,
    Head,
    Part,
    Say,
    masked_number,
    plain_name,
    whole_number,
)
from appliance.reading.money import as_range
from appliance.reading.words import KINDS, OUTCOMES, SAFETY, intent_words, turnaway_words

LONGEST_SUM = 4  # lines of an assumption that still can be read in a mail
SUGGESTED = "These are suggestions by software. Listen before you judge."


class Desk(Fact, frozen=True, kw_only=True):
    """Where and for whom a mail is written; ``box`` is the address of the pages.

    ``full``: names and whole numbers are written out instead of being masked.
    """

    clinic: str
    box: str
    zone: str
    name: str
    full: bool = False

    @property
    def stop(self) -> str:
        """Where these mails are changed or stopped."""
        return f"{self.box}/settings/notices"


def manager_brief(desk: Desk, brief: Brief) -> Draft:
    """Who wanted care and left without it, whether anything dangerous was said, who to call back."""
    lost, danger = brief.lost, brief.totals.get("safety", 0)
    parts = (
        Say(text=f"Hello {desk.name}. {_span(desk, brief)}"),
        *([Say(text=f"{_people(lost)} wanted care and left.")] if lost else []),
        *_list(desk, "Please check first", "safety", brief.safety, danger),
        *_older_dangers(desk, brief),
        *_work(desk, brief),
        *_list(desk, "Wanted care and left", "left", brief.left, brief.totals.get("left", 0)),
        *_list(desk, "Missed and not reached yet", "unreached", brief.unreached, brief.totals.get("unreached", 0)),
        *_withheld(brief),
        *([Say(text=SUGGESTED, quiet=True)] if lost or danger else [Say(text=_QUIET)]),
    )  # fmt: skip
    return Draft(
        subject=f"{desk.clinic}: {_gist(brief)}",
        clinic=desk.clinic,
        parts=parts,
        why=f"You get this because you, {desk.name}, asked for the daily brief.",
        stop=desk.stop,
    )


_QUIET = "Nobody was turned away as far as the box can tell."


def _gist(brief: Brief) -> str:
    danger, late = brief.totals.get("safety", 0), brief.late
    waiting = brief.totals.get("work", 0) + brief.totals.get("unreached", 0)
    told = [
        f"{brief.lost} wanted care and left" if brief.lost else "",
        f"{danger} to check for safety" if danger else "",
        f"{waiting} to call back" + (f" ({late} overdue)" if late else "") if waiting else "",
    ]
    return ", ".join(part for part in told if part) or "a quiet day on the phones"


def _older_dangers(desk: Desk, brief: Brief) -> tuple[Part, ...]:
    """How much of earlier days still waits to be looked at."""
    more = brief.unsafe
    if not more:
        return ()
    words = "1 earlier safety item is" if more == 1 else f"{more} earlier safety items are"
    return (Say(text=f"{words} still open", href=f"{desk.box}/review/safety"),)


def _work(desk: Desk, brief: Brief) -> tuple[Part, ...]:
    """Who is to be called back, by whom and when, and what those callers may bring."""
    total = brief.totals.get("work", 0)
    all_late = brief.late == total > 1
    late = f", {'all' if all_late else brief.late} overdue" if brief.late else ""
    told = _list(desk, "To call back", "work", brief.work, total, late)
    page = Say(text="Open the whole list on the box", href=f"{desk.box}/worklist")
    whole = () if total > len(brief.work) else (page,)
    return (*told, *whole, *_worth(brief)) if told else ()


def _worth(brief: Brief) -> tuple[Part, ...]:
    """Money as a range, and how it came about."""
    if not (worth := brief.worth):
        return ()
    lines = [
        f"{count} × {_visit(one.visit)}, {as_range(*one.fee, brief.currency)}, booked by"
        f" {one.odds[0]} to {one.odds[1]} % ({KINDS.get(kind, kind).lower()})"
        for count, kind, one in worth.lines[:LONGEST_SUM]
    ]
    more = len(worth.lines) - len(lines)
    lines += [f"and {more} more such sum{'' if more == 1 else 's'}"] if more > 0 else []
    left_out = f" {_people(worth.unpriced)} {'is' if worth.unpriced == 1 else 'are'} in no sum."
    unpriced = left_out if worth.unpriced else ""
    return (
        Say(text=f"These callers may bring {as_range(worth.low, worth.high, brief.currency)}."),
        Say(
            text="Assumed from the clinic’s own fee list, fee times how likely such a caller is"
            f" booked: {'; '.join(lines)}.{unpriced}",
            quiet=True,
        ),
    )


def _visit(code: str) -> str:
    return "any other visit" if code == OTHER_VISIT else intent_words(code).lower()


def desk_brief(desk: Desk, brief: Brief) -> Draft | None:
    """What somebody at the front desk may want to do today; None where there is nothing."""
    count = sum(brief.totals.get(name, 0) for name in ("work", "promised", "left", "unreached"))
    if not count:
        return None
    parts = (
        Say(text=f"Hello {desk.name}. {_people(count)} may be glad to hear from you today."),
        *_list(desk, "Yours to call back", "mine", brief.work, brief.totals.get("work", 0)),
        *_list(desk, "A call back was promised", "promised", brief.promised, brief.totals.get("promised", 0)),
        *_list(desk, "May still need a visit", "own", brief.left, brief.totals.get("left", 0)),
        *_list(desk, "Tried to reach you", "unreached", brief.unreached, brief.totals.get("unreached", 0)),
        Say(text="Only you get this list. It is a reminder, not a score.", quiet=True),
    )  # fmt: skip
    return Draft(
        subject=f"{desk.clinic}: {_people(count).lower()} to call back",
        clinic=desk.clinic,
        parts=parts,
        why=f"You get this because you, {desk.name}, asked for your call-back list.",
        stop=desk.stop,
    )


def _people(count: int) -> str:
    return "One caller" if count == 1 else f"{count} callers"


def noon_digest(desk: Desk, brief: Brief) -> Draft | None:
    """Those who wanted care and left today so far; None where there is nobody."""
    left = brief.totals.get("left", 0)
    if not left:
        return None
    return Draft(
        subject=f"{desk.clinic}: {left} wanted care and left since this morning",
        clinic=desk.clinic,
        parts=(
            Say(text="There may still be time to win them back today."),
            *_list(desk, "Wanted care and left", "left", brief.left, left),
            Say(text=SUGGESTED, quiet=True),
        ),
        why=f"You get this because you, {desk.name}, asked for the noon digest.",
        stop=desk.stop,
    )


def safety_alert(desk: Desk, items: tuple[BriefItem, ...]) -> Draft:
    """One call that should be listened to now, or several at once."""
    one = len(items) == 1
    subject = "please check a call for safety" if one else f"{len(items)} calls to check for safety"
    return Draft(
        subject=f"{desk.clinic}: {subject}",
        clinic=desk.clinic,
        parts=(
            Say(text="Software marked " + ("a call" if one else "some calls") + " to check soon."),
            Entries(lines=tuple(_entry(desk, "safety", item) for item in items)),
            Say(text=SUGGESTED, quiet=True),
        ),
        why=f"You get this because you, {desk.name}, asked for safety alerts.",
        stop=desk.stop,
    )


def weekly_report(desk: Desk, week: WeekReport) -> Draft:
    """The week in a few lines, with the way to its report; the figures are those of the report."""
    totals, period = week.trends.totals, week.trends.period
    kinds = Counter[str]()
    for count in week.trends.reasons:
        if count.code != "service_not_offered":  # shown in the report, and nobody's loss
            kinds[KIND_OF_REASON.get(count.code, UNKNOWN)] += count.n
    lines = tuple(Entry(title=f"{KINDS[kind]}: {count}") for kind, count in kinds.most_common())
    told: tuple[Part, ...] = (Head(text="Why they left"), Entries(lines=lines)) if lines else ()
    follow = totals.follow_up
    return Draft(
        subject=f"{desk.clinic}: the week on the phones",
        clinic=desk.clinic,
        parts=(
            Say(text=f"{period_words(period)}: {_calls(totals.calls)} came in, {totals.answered} of"
                f" them answered. {totals.booked} ended with a booked visit."),
            Say(text=f"{totals.lost} wanted care and left without it. {follow.recovered} of"
                f" {follow.missed} missed were reached within a day."),
            *told,
            Say(text="Open the week on the box", href=f"{desk.box}/reports/week/{week.monday}"),
            Say(text="Counts are suggestions by software until somebody has confirmed them.",
                quiet=True),
        ),
        why=f"You get this because you, {desk.name}, asked for the weekly report.",
        stop=desk.stop,
    )  # fmt: skip


def test_letter(clinic: str, box: str, by: str) -> Draft:
    """A mail that only shows that mail works."""
    return Draft(
        subject=f"{clinic}: a test mail from the PetsVet box",
        clinic=clinic,
        parts=(
            Say(text="This mail arrived, so the box can send mail."),
            Say(text="Open the box", href=f"{box}/settings/mail"),
        ),
        why=f"You get this because {by} pressed “Send a test mail”.",
    )


def code_letter(desk: Desk, code: str) -> Draft:
    """The code that shows that a mail address is its owner's."""
    return Draft(
        subject=f"{desk.clinic}: confirm your mail address",
        clinic=desk.clinic,
        parts=(
            Say(text=f"Your code is {code}. Type it in on the box within a day."),
            Say(text="Open the box", href=desk.stop),
        ),
        why="You get this because this address was entered at the clinic’s PetsVet box. If that"
        " was not you, do nothing: no more mail will come.",
    )


def system_letter(desk: Desk, told: str, page: str) -> Draft:
    """Something about the box itself that somebody should look at."""
    return Draft(
        subject=f"{desk.clinic}: the PetsVet box needs a look",
        clinic=desk.clinic,
        parts=(Say(text=told), Say(text="Open the page", href=f"{desk.box}{page}")),
        why=f"You get this because you, {desk.name}, asked for news about the box itself.",
        stop=desk.stop,
    )


def alarm_letter(desk: Desk, told: tuple[tuple[str, str], ...]) -> Draft:
    """What is wrong with phone systems, each with what to do about it."""
    return Draft(
        subject=f"{desk.clinic}: a phone system needs a look",
        clinic=desk.clinic,
        parts=(
            Entries(lines=tuple(Entry(title=title, detail=advice) for title, advice in told)),
            Say(text="Open the phone systems", href=f"{desk.box}/phones"),
        ),
        why=f"You get this because you, {desk.name}, asked for news about the box itself.",
        stop=desk.stop,
    )


def _span(desk: Desk, brief: Brief) -> str:
    zone = ZoneInfo(desk.zone)
    begin, end = (_moment(at, zone) for at in (brief.begin, brief.end))
    were = "was" if brief.calls == 1 else "were"
    missed = f", {brief.missed} of them missed" if brief.missed else ""
    return f"From {begin} to {end} there {were} {_calls(brief.calls)}{missed}."


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


_PAGES = {
    "safety": "/review/safety", "work": "/worklist", "mine": "/worklist?tab=mine",
    "unreached": "/worklist?tab=missed",
}  # fmt: skip


def _list(
    desk: Desk, title: str, kind: str, items: tuple[BriefItem, ...], total: int, besides: str = ""
) -> tuple[Part, ...]:
    if not items:
        return ()
    more, page = total - len(items), f"{desk.box}{_PAGES.get(kind, '/calls')}"
    rest = (Say(text=f"And {more} more on the box", href=page),) if more > 0 else ()
    lines = tuple(_entry(desk, kind, item) for item in items)
    return (Head(text=f"{title} ({total}{besides})"), Entries(lines=lines), *rest)


def _withheld(brief: Brief) -> tuple[Part, ...]:
    if not brief.withheld:
        return ()
    who = "caller" if brief.withheld == 1 else "callers"
    return (Say(text=f"{brief.withheld} more missed {who} gave no number.", quiet=True),)


def _entry(desk: Desk, kind: str, item: BriefItem) -> Entry:
    zone = ZoneInfo(desk.zone)
    who = whole_number(item.number) if desk.full else masked_number(item.number)
    name = plain_name(item.name) if desk.full else ""
    details = [f"{name}, {who}" if name else who]
    if kind == "unreached":
        title = "Missed call" if item.tries == 1 else f"Rang {item.tries} times"
    elif kind == "safety":
        title = "; ".join(SAFETY.get(code, "To check") for code in item.why)
        details.append(intent_words(item.about).lower())
    else:
        title = intent_words(item.about)
        if item.urgent and item.about != "urgent_visit":
            title = f"Urgent: {title[:1].lower()}{title[1:]}"
        details += [told for code in item.why if (told := _why(kind, code))]
    if item.item and kind in ("left", "work"):
        details.append(_who_calls(item))
    when = _due(item, zone) if kind in ("work", "mine") else _moment(item.at, zone)
    page = f"/worklist/{item.item}" if item.item and kind != "safety" else f"/calls/{item.ref}"
    return Entry(title=title, detail=f"{when}: {', '.join(details)}", href=f"{desk.box}{page}")


def _due(item: BriefItem, zone: ZoneInfo) -> str:
    due = f"Due {_moment(item.due_at, zone)}" if item.due_at else "Due"
    return f"{due}, overdue" if item.late else due


def _who_calls(item: BriefItem) -> str:
    """Who calls back."""
    return f"{plain_name(item.owner)} calls back" if item.owner else "nobody calls back yet"


def _why(kind: str, code: str) -> str:
    """Why a call stands in a list; a person's own list does not hold it up to them."""
    told = {
        "promised": OUTCOMES.get(code, ""),
        "left": turnaway_words(code),
        "work": turnaway_words(code),
    }
    words = told.get(kind, "")
    return words[:1].lower() + words[1:]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    hour = f"{local:%I:%M %p}".lstrip("0")
    return f"{local:%a}, {local:%b} {local.day}, {hour}"
