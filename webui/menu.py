"""The places of the box: what stands in the menu, what stands behind More, and the settings.

A place is shown to those whose role may use its action; the guard decides again when it is opened.
"""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """A page one can go to; ``about`` is a sentence for the list of settings.

    ``wide``: it stands in the main row where that has room, and behind More where it has not.
    """

    action: str
    href: str
    title: str
    icon: str
    about: str = ""
    wide: bool = False


MAIN: Final = (
    Place("view_today", "/today", "Today", "today"),
    Place("list_calls", "/calls", "Calls", "phone"),
    Place("view_worklist", "/worklist", "Call back", "callback"),
    Place("view_review", "/review", "Review", "review"),
    Place("view_mine", "/mine", "Reviews", "star"),
    Place("view_me", "/people/me", "My page", "people"),
)
MORE: Final = (
    Place("view_people", "/people", "People", "people", wide=True),
    Place("view_trends", "/trends", "Trends", "trend", wide=True),
    Place("search", "/search", "Search", "search"),
    Place("view_activity", "/activity", "Activity", "activity"),
    Place("view_settings", "/phones", "Phones", "phone2"),
    Place("view_settings", "/settings", "Settings", "gear"),
    Place("view_audit", "/audit", "Audit", "audit"),
    Place("find_notices", "/settings/notices", "My mail", "mail"),
)
SETTINGS: Final = (
    Place(
        "view_settings", "/settings/clinic", "Clinic", "clock",
        "Name, time zone and opening hours.",
    ),
    Place(
        "view_fees", "/settings/fees", "Fees", "money",
        "What visits bring, so that lost bookings can be told as a range of money.",
    ),
    Place(
        "view_vocabulary", "/settings/vocabulary", "Vocabulary", "pencil",
        "Names and products to listen for, and what is meant for what is heard.",
    ),
    Place(
        "view_settings", "/phones", "Phone systems", "phone2",
        "Where calls come from, names of extensions, rules.",
    ),
    Place(
        "change_rubric", "/settings/rubric", "Rubric", "review",
        "What calls are scored by: weights, exceptions, questions of your own.",
    ),
    Place(
        "reanalyze", "/settings/reanalyze", "Read calls again", "again",
        "After a change of rules: what calls would be read in another way, and doing it.",
    ),
    Place(
        "view_agreement", "/review/agreement", "Agreement", "check",
        "How often software and people say the same, and what is still in trial.",
    ),
    Place(
        "calibrate", "/review/calibration", "Calibration", "star",
        "Label calls drawn by lot, to measure what software can be trusted with.",
    ),
    Place(
        "view_settings", "/settings/mail", "Mail server", "mail",
        "How the box sends mail, a test, and what waits.",
    ),
    Place(
        "choose_notices", "/settings/notices", "Notices", "today",
        "Briefs, alerts and reports by mail: who gets what, and when.",
    ),
    Place(
        "view_settings", "/settings/webhooks", "Webhooks", "forward",
        "Tell other systems of the clinic what happens.",
    ),
    Place(
        "change_review_rules", "/settings/review", "Review", "review",
        "How long staff may answer what was said of their calls.",
    ),
    Place(
        "view_settings", "/settings/opinion", "Second opinion", "question",
        "Have a language model in your own network read calls too.",
    ),
)  # fmt: skip
