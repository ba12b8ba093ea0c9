"""How far software can be trusted here: agreement per flag, and the bar a flag must reach."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Misconfigured
from appliance.facts.calibrations import LABELS
from appliance.reading.agreement import Agreement, Bar, Rate
from appliance.store import agreement, calibrations
from appliance.store.agreement import MEASURED
from webui import show
from webui.forms import Form
from webui.policy import Person
from webui.reviews import tabs_of
from webui.security import note, note_view

GROUPS = (("", "What the call was"), ("safety.", "Safety"), ("rubric.", "How it was handled"))


@get(
    "/review/agreement",
    name="agreement_show",
    opt={"action": "view_agreement"},
    sync_to_thread=True,
)
def agreement_show(db: Database, now: datetime, person: Person, saved: str = "") -> Template:
    """The page."""
    note_view(db, person, "view_agreement", now=now)
    return _page(db, saved=bool(saved))


@post(
    "/review/agreement/bar", name="bar_save", opt={"action": "change_rubric"}, sync_to_thread=True
)
def bar_save(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """Raise or lower the bar."""
    try:
        bar = read_bar(data)
    except Misconfigured as error:
        return _page(db, problem=str(error), typed=data)
    with writing(db):
        agreement.save_bar(db, bar)
        note(db, person, "change_trial_bar", now=now, detail=_told(bar))
    return Redirect("/review/agreement?saved=1", status_code=303)


def read_bar(data: Mapping[str, str]) -> Bar:
    """The bar a person typed; raises Misconfigured with what is wrong."""
    try:
        labels, each = int(data.get("labels", "")), int(data.get("each", ""))
        precision, kappa = int(data.get("precision", "")), float(data.get("kappa", ""))
    except ValueError:
        raise Misconfigured("write numbers") from None
    if labels not in range(10, 501) or each not in range(1, labels // 2 + 1):
        raise Misconfigured("ask for 10 to 500 labels, and at most half of them for each side")
    if precision not in range(30, 100) or not 0 <= kappa <= 0.95:
        raise Misconfigured("ask for 30 to 99 percent right, and a kappa of 0 to 0.95")
    return Bar(labels=labels, each=each, precision=precision / 100, kappa=kappa)


def _told(bar: Bar) -> dict[str, str]:
    """The bar as it is typed."""
    return {
        "labels": str(bar.labels),
        "each": str(bar.each),
        "precision": str(round(bar.precision * 100)),
        "kappa": f"{bar.kappa:.2f}",
    }


def _page(
    db: Database, *, saved: bool = False, problem: str = "", typed: Mapping[str, str] | None = None
) -> Template:
    found, bar = agreement.list_agreement(db), agreement.get_bar(db)
    context = {
        **tabs_of(db, "agreement"),
        "groups": [(title, _of_group(found, prefix)) for prefix, title in GROUPS],
        "passed": sum(a.state == "passed" for a in found),
        "total": len(found),
        "by_lot": max((a.random for a in found), default=0),
        "sessions": len(calibrations.list_sessions(db)),
        "measured": sorted(MEASURED),
        "bar": bar,
        "filled": _told(bar) | dict(typed or {}),
        "saved": saved,
        "problem": problem,
    }
    return Template("agreement.html", context=context, status_code=400 if problem else 200)


def _of_group(found: list[Agreement], prefix: str) -> list[Agreement]:
    return [a for a in found if a.name.startswith(prefix) and (prefix or "." not in a.name)]


def judged_label(name: str, words: Mapping[str, str]) -> str:
    """What a label is about, in plain words; ``words`` are what the clinic calls its items."""
    room, _, code = name.partition(".")
    if room == "rubric":
        return show.rubric_label(code, words)
    return _NAMES.get(name) or show.label(code or name)


def judged_value(value: str, name: str) -> str:
    """What was said of a label, in plain words."""
    if name == "turnaway":
        return "Not turned away" if value == "none" else show.label(value)
    return show.intent_label(value) if name == "intent" else show.label(value)


def bar_width(rate: Rate) -> dict[str, float]:
    """Where value and interval lie on a line of 100, for drawing."""
    low, high = max(0.0, rate.low) * 100, max(0.0, rate.high) * 100
    return {
        "low": round(low, 1),
        "wide": round(max(1.0, high - low), 1),
        "at": round(max(0.0, rate.value) * 100, 1),
    }


_NAMES: dict[str, str] = {
    **dict(zip(LABELS, ("Turned away", "What it was about", "How it ended"), strict=True)),
    "safety.red_flag_late": "Emergency not seen the same day",
    "safety.advice": "Medical advice from the front desk",
    "safety.card_aloud": "Card number said aloud",
    "safety.identity": "Results given without asking who calls",
}
FILTERS: dict[str, Any] = {
    "judged_label": judged_label, "judged_value": judged_value, "bar_width": bar_width,
}  # fmt: skip
ROUTES = [agreement_show, bar_save]
