"""A letter as parts, written once as plain text and once as simple HTML.

Both say the same. Nothing is loaded from anywhere, and whatever came from a telephone is escaped
and stripped of what could pass for a link or turn the writing round.
"""

import re
import unicodedata
from html import escape
from typing import Final

from appliance.facts import Fact
from appliance.facts.notices import Letter

WIDTH: Final = 72
LONGEST_NAME: Final = 40
_INK, _MUTED, _ACCENT, _LINE = "#18252a", "#52636a", "#0b6470", "#dbe2e4"
_ALLOWED: Final = " '’-.,&"


class Head(Fact, frozen=True, kw_only=True):
    """A heading."""

    text: str


class Say(Fact, frozen=True, kw_only=True):
    """A paragraph; with ``href`` all of it leads there."""

    text: str
    href: str = ""
    quiet: bool = False


class Entry(Fact, frozen=True, kw_only=True):
    """One line of a list: what it is, what else is known, and where to look."""

    title: str
    detail: str = ""
    href: str = ""


class Entries(Fact, frozen=True, kw_only=True):
    """A list."""

    lines: tuple[Entry, ...]


Part = Head | Say | Entries


class Draft(Fact, frozen=True, kw_only=True):
    """A letter before it is written; ``why`` one gets it, and ``stop``: where to change that."""

    subject: str
    clinic: str
    parts: tuple[Part, ...]
    why: str
    stop: str = ""


def write_letter(draft: Draft) -> Letter:
    """The letter in both forms."""
    text = "\n\n".join(_as_text(part) for part in (*draft.parts, *_foot(draft)))
    body = "".join(_as_html(part) for part in draft.parts)
    foot = "".join(_as_html(part) for part in _foot(draft))
    return Letter(
        subject=one_line(draft.subject),
        text=text + "\n",
        html=_PAGE.format(
            title=escape(one_line(draft.subject)), clinic=escape(draft.clinic), body=body, foot=foot
        ),
    )


def _foot(draft: Draft) -> tuple[Say, ...]:
    why = Say(text=draft.why, quiet=True)
    if not draft.stop:
        return (why,)
    return (why, Say(text="Change or stop these mails", href=draft.stop, quiet=True))


def _as_text(part: Part) -> str:
    if isinstance(part, Head):
        return f"{part.text.upper()}\n{'-' * min(WIDTH, len(part.text))}"
    if isinstance(part, Say):
        return f"{part.text}:\n{part.href}" if part.href else part.text
    return "\n".join(_entry_as_text(line) for line in part.lines)


def _entry_as_text(line: Entry) -> str:
    told = f"* {line.title}"
    told += f"\n  {line.detail}" if line.detail else ""
    return told + (f"\n  {line.href}" if line.href else "")


def _as_html(part: Part) -> str:
    if isinstance(part, Head):
        return (
            f'<h2 style="font-size:17px;margin:24px 0 8px;line-height:1.3">{escape(part.text)}</h2>'
        )
    if isinstance(part, Say):
        style = f"color:{_MUTED};font-size:13px" if part.quiet else "font-size:16px"
        inner = _link(part.href, part.text) if part.href else escape(part.text)
        return f'<p style="margin:12px 0;{style}">{inner}</p>'
    return "".join(_entry_as_html(line) for line in part.lines)


def _entry_as_html(line: Entry) -> str:
    title = _link(line.href, line.title) if line.href else escape(line.title)
    detail = (
        f'<br><span style="color:{_MUTED};font-size:14px">{escape(line.detail)}</span>'
        if line.detail
        else ""
    )
    style = f"margin:0;padding:10px 0;border-bottom:1px solid {_LINE};font-size:16px"
    return f'<p style="{style}">{title}{detail}</p>'


def _link(href: str, text: str) -> str:
    style = f"color:{_ACCENT};display:inline-block;padding:4px 0"
    return f'<a href="{escape(href)}" style="{style}">{escape(text)}</a>'


_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light"><title>{title}</title></head>'
    '<body style="margin:0;padding:0;background:#f4f6f6">'
    f'<div style="max-width:560px;margin:0 auto;padding:20px 18px;background:#ffffff;color:{_INK};'
    "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;line-height:1.5\">"
    f'<p style="margin:0 0 16px;color:{_MUTED};font-size:14px">{{clinic}}</p>'
    f'{{body}}<div style="margin-top:28px;padding-top:14px;border-top:1px solid {_LINE}">{{foot}}'
    "</div></div></body></html>"
)


def one_line(text: str) -> str:
    """Text that can be no more than one line, whatever it was."""
    kept = (" " if sign.isspace() else sign for sign in text if _is_plain(sign) or sign.isspace())
    return " ".join("".join(kept).split())[:200]


def _is_plain(sign: str) -> bool:
    return unicodedata.category(sign)[0] != "C"  # control, direction, private and unassigned


def plain_name(name: str) -> str:
    """A caller's name as it may stand in a mail: letters and little else, and never a link."""
    kept = "".join(
        sign if sign in _ALLOWED or unicodedata.category(sign)[0] in "LMN" else " "
        for sign in one_line(name)
    )
    return re.sub(r"\.(?=\S)", " ", " ".join(kept.split()))[:LONGEST_NAME].strip()


def masked_number(number: str) -> str:
    """•••-0142: the end of a number; "number withheld" where there is none."""
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    return f"•••-{digits[-4:]}" if len(digits) >= 4 else digits or "number withheld"


def whole_number(number: str) -> str:
    """A number as it can be dialed, and nothing else that a phone system may have told."""
    kept = "".join(sign for sign in number if sign in "+0123456789 -()")[:24].strip()
    return kept or "number withheld"
