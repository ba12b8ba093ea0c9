"""The mails of the box, from what they tell to their words; software only ever suggests in them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.facts import Fact
from appliance.facts.notices import Brief, BriefItem
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
from appliance.reading.words import KINDS, OUTCOMES, SAFETY, intent_words, turnaway_words

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
    left, danger = brief.totals.get("left", 0), brief.totals.get("safety", 0)
    unreached = brief.totals.get("unreached", 0)
    parts = (
        Say(text=f"Hello {desk.name}. {_span(desk, brief)}"),
        *_list(desk, "Please check first", "safety", brief.safety, danger),
        *_list(desk, "Wanted care and left", "left", brief.left, left),
        *_list(desk, "Missed and not reached yet", "unreached", brief.unreached, unreached),
        *_withheld(brief),
        *([Say(text=SUGGESTED, quiet=True)] if left or danger else [Say(text=_QUIET)]),
    )
    return Draft(
        subject=f"{desk.clinic}: {_gist(left, danger, unreached)}",
        clinic=desk.clinic,
        parts=parts,
        why=f"You get this because you, {desk.name}, asked for the daily brief.",
        stop=desk.stop,
    )


_QUIET = "Nobody was turned away as far as the box can tell."


def _gist(left: int, danger: int, unreached: int) -> str:
    told = [
        f"{left} wanted care and left" if left else "",
        f"{danger} to check for safety" if danger else "",
        f"{unreached} to call back" if unreached else "",
    ]
    return ", ".join(part for part in told if part) or "a quiet day on the phones"


def desk_brief(desk: Desk, brief: Brief) -> Draft | None:
    """What somebody at the front desk may want to do today; None where there is nothing."""
    count = sum(brief.totals.get(name, 0) for name in ("promised", "left", "unreached"))
    if not count:
        return None
    parts = (
        Say(text=f"Hello {desk.name}. {_people(count)} may be glad to hear from you today."),
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


def weekly_report(desk: Desk, brief: Brief) -> Draft:
    """The week in a few lines, with the way to the pages."""
    left = brief.totals.get("left", 0)
    kinds = sorted(brief.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = tuple(Entry(title=f"{KINDS.get(kind, kind)}: {count}") for kind, count in kinds)
    told: tuple[Part, ...] = (Head(text="Why they left"), Entries(lines=lines)) if lines else ()
    return Draft(
        subject=f"{desk.clinic}: the week on the phones",
        clinic=desk.clinic,
        parts=(
            Say(text=_span(desk, brief)),
            Say(text=f"{left} wanted care and left; {brief.totals.get('unreached', 0)} that were"
                " missed were not reached again."),
            *told,
            Say(text="Open the week on the box", href=f"{desk.box}/"),
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
    missed = f", {brief.missed} of them missed" if brief.missed else ""
    calls = "1 call" if brief.calls == 1 else f"{brief.calls} calls"
    return f"From {begin} to {end} there were {calls}{missed}."


def _list(
    desk: Desk, title: str, kind: str, items: tuple[BriefItem, ...], total: int
) -> tuple[Part, ...]:
    if not items:
        return ()
    more = total - len(items)
    rest = (Say(text=f"And {more} more on the box", href=f"{desk.box}/calls"),) if more > 0 else ()
    lines = tuple(_entry(desk, kind, item) for item in items)
    return (Head(text=f"{title} ({total})"), Entries(lines=lines), *rest)


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
        details += [told for code in item.why if (told := _why(kind, code))]
    detail = f"{_moment(item.at, zone)}: {', '.join(details)}"
    return Entry(title=title, detail=detail, href=f"{desk.box}/calls/{item.ref}")


def _why(kind: str, code: str) -> str:
    """Why a call stands in a list; a person's own list does not hold it up to them."""
    told = {"promised": OUTCOMES.get(code, ""), "left": turnaway_words(code)}
    words = told.get(kind, "")
    return words[:1].lower() + words[1:]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    hour = f"{local:%I:%M %p}".lstrip("0")
    return f"{local:%a}, {local:%b} {local.day}, {hour}"
