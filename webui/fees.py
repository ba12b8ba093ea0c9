"""The clinic's fee list: what visits bring and how likely they are booked, always from … to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from litestar import get, post
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import Misconfigured
from appliance.facts.fees import KINDS, OTHER_VISIT, PRICED, FeeList, Range
from appliance.store.fees import get_fees, save_fees
from webui import show
from webui.forms import Form
from webui.policy import Person
from webui.security import note

VISITS: Final = (*PRICED, OTHER_VISIT)
HIGHEST_FEE: Final = 100_000
LONGEST_CURRENCY: Final = 4


@get("/settings/fees", name="fees_show", opt={"action": "view_fees"}, sync_to_thread=True)
def fees_show(db: Database, saved: str = "") -> Template:
    """The list as it is set."""
    return _page(get_fees(db), saved=bool(saved))


@post("/settings/fees", name="fees_save", opt={"action": "change_fees"}, sync_to_thread=True)
def fees_save(data: Form, db: Database, now: datetime, person: Person) -> Template | Redirect:
    """Put it in force; what was typed stays on the page when something is wrong with it."""
    try:
        fees = read_fees(data)
    except Misconfigured as error:
        return _page(get_fees(db), problem=str(error), typed=data)
    with writing(db):
        save_fees(db, fees)
        note(db, person, "change_settings", "fees", now=now)
    return Redirect("/settings/fees?saved=1", status_code=303)


def read_fees(data: Mapping[str, str]) -> FeeList:
    """The list a person typed; raises Misconfigured with what is wrong."""
    currency = data.get("currency", "").strip()
    if not currency or len(currency) > LONGEST_CURRENCY or not currency.isprintable():
        raise Misconfigured("give the sign of your currency, like $")
    return FeeList(
        currency=currency,
        fees={
            visit: told
            for visit in VISITS
            if (told := _range(data, f"fee.{visit}", visit_label(visit), HIGHEST_FEE))
        },
        odds={
            kind: told
            for kind in KINDS
            if (told := _range(data, f"odds.{kind}", show.kind_label(kind), 100))
        },
    )


def _range(data: Mapping[str, str], name: str, title: str, highest: int) -> Range | None:
    texts = [data.get(f"{name}.{end}", "").strip().replace(",", "") for end in ("low", "high")]
    if not any(texts):
        return None
    if not all(text.isascii() and text.isdecimal() and len(text) < 8 for text in texts):
        raise Misconfigured(f"{title}: give two whole numbers, from and to, or none")
    low, high = (int(text) for text in texts)
    if low > high or high > highest:
        raise Misconfigured(f"{title}: from must not be above to, and to not above {highest:,}")
    return low, high


def visit_label(visit: str) -> str:
    """What the list calls a visit."""
    return "Any other or unclear visit" if visit == OTHER_VISIT else show.label(visit)


def _page(
    fees: FeeList,
    *,
    problem: str = "",
    saved: bool = False,
    typed: Mapping[str, str] | None = None,
) -> Template:
    filled = {"currency": fees.currency}
    for part, names, known in (("fee", VISITS, fees.fees), ("odds", KINDS, fees.odds)):
        for name in names:
            low, high = known.get(name, ("", ""))
            filled |= {f"{part}.{name}.low": str(low), f"{part}.{name}.high": str(high)}
    context = {
        "filled": filled | dict(typed or {}),
        "problem": problem,
        "saved": saved,
        "visits": VISITS,
        "kinds": KINDS,
        "told": fees.told,
    }
    return Template("fees.html", context=context, status_code=400 if problem else 200)


FILTERS = {"visit_label": visit_label}
ROUTES = [fees_show, fees_save]
