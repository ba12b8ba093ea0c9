"""The places of the box: what stands in the menu, what stands behind More, and the settings.

A place is shown to those whose role may use its action; the guard decides again when it is opened.
"""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """A page one can go to; ``about`` is a sentence for the list of settings."""

    action: str
    href: str
    title: str
    icon: str
    about: str = ""


MAIN: Final = (Place("list_calls", "/calls", "Calls", "phone"),)
MORE: Final = (
    Place("search", "/search", "Search", "search"),
    Place("view_activity", "/activity", "Activity", "activity"),
    Place("view_settings", "/phones", "Phones", "phone2"),
    Place("view_settings", "/settings", "Settings", "gear"),
    Place("view_audit", "/audit", "Audit", "audit"),
)
SETTINGS: Final = (
    Place(
        "view_settings", "/settings/clinic", "Clinic", "clock",
        "Name, time zone and opening hours.",
    ),
    Place(
        "view_settings", "/phones", "Phone systems", "phone2",
        "Where calls come from, names of extensions, rules.",
    ),
    Place(
        "view_settings", "/settings/opinion", "Second opinion", "question",
        "Have a language model in your own network read calls too.",
    ),
)  # fmt: skip
