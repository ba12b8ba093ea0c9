"""Who may do what: one table, and the one function that reads it.

A route names its action in ``opt={"action": …}``; the guard asks here before the handler runs.
What a person may not know to exist is NotFound (404), what a role may not do is Refused (403).
"""

from typing import Final

from appliance.errors import NotFound, Refused
from appliance.facts import Fact
from appliance.facts.calls import Call
from appliance.store.users import User


class Person(Fact, frozen=True, kw_only=True):
    """Somebody signed in; ``csrf`` is what every form and htmx request must send back.

    ``waiting`` says how much waits for this person behind a place of the menu, by its address.
    ``rubric_words`` are what the clinic calls items of its rubric.
    """

    user: User
    csrf: str
    waiting: dict[str, int] = {}
    clinic_name: str = ""
    rubric_words: dict[str, str] = {}


# Reachable without a session; nothing behind these names tells anything about the clinic.
OPEN: Final = frozenset({"sign_in", "fetch_asset"})

_EVERYBODY = frozenset({"owner", "manager", "frontdesk", "it", "auditor"})
_LISTENERS = frozenset({"owner", "manager", "frontdesk"})
_LEADERS = frozenset({"owner", "manager"})
_OPERATORS = frozenset({"owner", "manager", "it"})
_WATCHERS = frozenset({"owner", "manager", "auditor"})

RULES: Final[dict[str, frozenset[str]]] = {
    "go_home": _EVERYBODY,
    "sign_out": _EVERYBODY,
    "list_calls": _LISTENERS,
    "view_call": _LISTENERS,
    "play": _LISTENERS,
    "search": _LISTENERS,
    "keep_filters": _LISTENERS,
    "view_today": _LISTENERS,
    "view_trends": _LEADERS,
    "view_report": _LEADERS,
    "redo_call": _LEADERS,
    "correct_call": _LEADERS,  # staff dispute instead: the words are what their calls are judged by
    "export": _LEADERS,
    "view_worklist": _LISTENERS,
    "work_items": _LISTENERS,
    "reveal_number": _LISTENERS,  # of their own items and calls; see webui/work_item.py
    "assign_items": _LEADERS,
    "judge_items": _LEADERS,
    "view_people": _LEADERS,
    "view_me": frozenset({"frontdesk"}),
    "coach": _LISTENERS,  # the front desk on their own page only; see webui/coaching.py
    "view_examples": _LISTENERS,
    "mark_example": _LEADERS,
    "remove_example": _LEADERS,
    "view_fees": _LEADERS,
    "change_fees": _LEADERS,
    "view_review": _LEADERS,
    "judge_call": _LEADERS,
    "handle_safety": _LEADERS,
    "settle_dispute": _LEADERS,
    "change_review_rules": _LEADERS,
    "view_mine": frozenset({"frontdesk"}),
    "reply_to_verdict": frozenset({"frontdesk"}),
    "view_activity": _OPERATORS,
    "retry_job": _OPERATORS,
    "view_health": _OPERATORS,
    "view_settings": _OPERATORS,
    "change_settings": _OPERATORS,
    "view_vocabulary": _OPERATORS,
    "change_vocabulary": _OPERATORS,
    "weigh_words": _LEADERS,  # what callers said, and how often: never for IT
    "set_opinion": _LEADERS,  # whoever chooses the address chooses who gets the words
    "ask_opinion": _LEADERS,
    "view_audit": _WATCHERS,
    "view_agreement": _LEADERS,
    "calibrate": _LEADERS,
    "change_rubric": _LEADERS,
    "reanalyze": _LEADERS,
    "choose_notices": _EVERYBODY - {"auditor"},
    "find_notices": frozenset({"frontdesk"}),  # the others find them among the settings
    "set_notices": _LEADERS,
}

# Actions on one call: their routes carry its ``ref`` (or its recording's) in the path.
ABOUT_A_CALL: Final = frozenset((
    "view_call", "play", "redo_call", "judge_call", "handle_safety", "settle_dispute",
    "reply_to_verdict", "mark_example", "ask_opinion",
    "correct_call",
))  # fmt: skip
_NO_SUCH_CALL = "there is no such call; it may have been erased"


def allow(person: Person, action: str, subject: Call | None = None) -> None:
    """Return when the person may do this (to this call); raises Refused or NotFound."""
    if person.user.role not in RULES.get(action, frozenset()):
        raise Refused("your role does not allow this; ask the owner or the office manager")
    visible = visible_extensions(person.user)
    if subject and visible is not None and subject.staff_extension not in visible:
        raise NotFound(_NO_SUCH_CALL)


def may(person: Person | None, action: str) -> bool:
    """Whether to show a link or a button at all; the guard decides again when it is used."""
    if person is None:
        return action in OPEN
    try:
        allow(person, action)
    except Refused:
        return False
    return True


def visible_extensions(user: User) -> tuple[str, ...] | None:
    """Whose calls a person sees: None for everybody's; goes into CallFilter and search."""
    if user.role in _LEADERS:
        return None
    if user.role == "frontdesk" and user.staff_extension:
        return (user.staff_extension,)
    return ()


def home_of(user: User) -> str:
    """The page a person starts at."""
    for action, path in (("view_today", "/today"), ("view_activity", "/activity")):
        if user.role in RULES[action]:
            return path
    return "/audit"
