"""The door: who is asking, from where, and with which token, before any handler runs."""

import hashlib
import hmac
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotAuthorizedException,
    PermissionDeniedException,
)
from litestar.handlers import BaseRouteHandler

from appliance.config import Config
from appliance.db import Database, open_db, value, writing
from appliance.errors import Unavailable
from appliance.facts import to_ms
from appliance.keys import Keys
from appliance.store import audit, replies, safety, users
from appliance.store.calls import get_call, get_call_by_ref
from appliance.store.recordings import get_recording
from appliance.store.rubrics import list_words
from appliance.store.settings import get_review_rules, get_settings
from appliance.vault import Vault
from webui.policy import ABOUT_A_CALL, OPEN, RULES, Person, allow, visible_extensions

SESSION_COOKIE = "__Host-sid"
CSRF_COOKIE = "__Host-csrf"
TOUCH_EVERY = timedelta(minutes=1)
SAFE_METHODS = frozenset({"GET", "HEAD"})

Clock = Callable[[], datetime]
Connection = ASGIConnection[Any, Any, Any, Any]


class Box:
    """What the pages need of the machine: settings, keys, a clock and the names it answers to."""

    def __init__(self, config: Config, keys: Keys, clock: Clock) -> None:
        self.config, self.keys, self.clock = config, keys, clock
        self.names = own_names(config)
        self.vault = Vault(config.data, keys.recordings)
        self.plays = Lately(timedelta(minutes=10))
        # Hashing takes 46 MiB; one at a time also counts tries that are sent at once one by one.
        self.one_password_at_a_time = Lock()

    def open_db(self) -> Database:
        """A connection for one request; the caller closes it."""
        return open_db(self.config.data / "petsvet.db", self.keys.database)


class Lately:
    """What was noted lately and need not be noted again; forgotten when the process ends."""

    def __init__(self, span: timedelta) -> None:
        self._span, self._noted, self._lock = span, dict[Any, datetime](), Lock()

    @contextmanager
    def once(self, what: Any, now: datetime) -> Iterator[bool]:
        """Yield whether this is the first time; it counts as noted if the block does not raise.

        Held while the block runs, so that two requests at once note it once.
        """
        with self._lock:
            oldest = now - self._span
            self._noted = {key: at for key, at in self._noted.items() if oldest < at <= now}
            first = what not in self._noted
            yield first
            if first:
                self._noted[what] = now


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard of every route; raises what the error pages show."""
    box: Box = connection.app.state.box
    check_host(connection, box.names)
    action = handler.opt.get("action")
    if action is None:  # only the framework's own OPTIONS handlers: create_app refuses others
        raise MethodNotAllowedException()
    unsafe = connection.scope.get("method") not in SAFE_METHODS
    if unsafe:
        check_origin(connection)
    if action in OPEN:
        return
    person = await sync_to_thread(enter, box, connection, action, not handler.opt.get("poll"))
    if unsafe:
        await check_token(connection, person.csrf)


def enter(box: Box, connection: Connection, action: str, touch: bool) -> Person:
    """The person of the session, who may do this; polls do not keep a session alive."""
    now = box.clock()
    with closing(box.open_db()) as db:
        session = users.find_session(db, connection.cookies.get(SESSION_COOKIE, ""), now=now)
        if session is None:
            raise NotAuthorizedException("sign in to see this")
        person = Person(
            user=session.user,
            csrf=session.csrf,
            waiting=waiting_for(db, session.user, now),
            clinic_name=get_settings(db).clinic_name,
            rubric_words=list_words(db),
        )
        connection.scope["user"] = person  # also for the page that says no
        allow(person, action)
        if action in ABOUT_A_CALL:
            _allow_subject(db, person, action, connection.path_params["ref"])
        if touch:
            _touch(db, session, now)
    return person


def waiting_for(db: Database, user: users.User, now: datetime) -> dict[str, int]:
    """How much waits behind a place of the menu.

    For leaders what may have been dangerous, for staff the verdicts on calls of theirs to answer.
    """
    if user.role in RULES["view_review"]:
        return {"/review": safety.count_open(db)}
    desks = visible_extensions(user)
    if user.role not in RULES["view_mine"] or not desks:
        return {}
    since = now - timedelta(days=get_review_rules(db).reply_days)
    return {"/mine": replies.count_to_answer(db, desks, since)}


def _allow_subject(db: Database, person: Person, action: str, ref: str) -> None:
    """Both kinds of reference are asked for, so that no route can forget whose call it is."""
    if action == "play":
        allow(person, action, get_call(db, get_recording(db, ref).call_id))
    else:
        allow(person, action, get_call_by_ref(db, ref))


def _touch(db: Database, session: users.Session, now: datetime) -> None:
    """Note the use at most once a minute, so that looking around hardly ever writes.

    A full disk must not lock out those who come to free it; what needs the log is refused later.
    """
    seen = value(db, "SELECT seen_at FROM session WHERE id_hash = ?", (session.id_hash,))
    if seen is not None and seen <= to_ms(now - TOUCH_EVERY):
        with suppress(Unavailable), writing(db):
            users.touch_session(db, session, now=now)


def check_host(connection: Connection, names: frozenset[str]) -> None:
    """Answer only to our own names, so that a foreign name pointed at the box gets nothing.

    An address passes when it is the one the request came in at: a name cannot be one.
    """
    name = host_of(connection.headers.get("host", ""))
    address = (connection.scope.get("server") or ("", 0))[0].removeprefix("::ffff:")
    if name not in names and not (name == address and is_address(name)):
        raise HTTPException(status_code=421, detail="this box does not answer to that name")


def host_of(netloc: str) -> str:
    """The lower-case name or address in a Host header; "" when it is none."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Whether this is an IP address and not a name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def own_names(config: Config) -> frozenset[str]:
    """The names of this box: those of the machine and those the operator added."""
    machine = socket.gethostname().lower()
    short = machine.partition(".")[0]
    given = (name.lower().strip("[]").rstrip(".") for name in config.web.names)
    return frozenset({"localhost", machine, short, f"{short}.local", *given})


def check_origin(connection: Connection) -> None:
    """Refuse a change that another site's page asks for.

    With the referrer policy ``no-referrer`` browsers send ``Origin: null`` from our own forms, so
    null passes only together with Sec-Fetch-Site, which a page cannot forge.
    """
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    here = f"https://{connection.headers.get('host', '')}"
    foreign = origin not in {None, "null", here}
    if foreign or (site != "same-origin" if site is not None else origin != here):
        raise PermissionDeniedException("this request did not come from a page of this box")


async def check_token(connection: Connection, expected: str) -> None:
    """Refuse a change without the session's token in header X-CSRF-Token or field ``csrf``."""
    token = connection.headers.get("x-csrf-token")
    if token is None and isinstance(connection, Request):
        token = str((await connection.form()).get("csrf", ""))
    if not same(token or "", expected):
        raise PermissionDeniedException("the page is out of date; reload it and try again")


def same(given: str, expected: str) -> bool:
    """Compare secrets in constant time; an empty one never fits."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def new_form_token(key: bytes) -> str:
    """A token for the sign-in form, where there is no session yet; only this box can make one."""
    seed = secrets.token_urlsafe(18)
    return f"{seed}.{_mark(key, 'sign-in form', seed)}"


def form_token_holds(key: bytes, cookie: str, field: str) -> bool:
    """Whether cookie and form carry the same token, and it is one of ours."""
    seed, _, mark = cookie.partition(".")
    return same(field, cookie) and same(mark, _mark(key, "sign-in form", seed))


def pseudonym(keys: Keys, kind: str, text: str) -> str:
    """A short stable stand-in that only this box can make and nobody can turn back."""
    return _mark(keys.pseudonyms, kind, text)[:16]


def _mark(key: bytes, kind: str, text: str) -> str:
    return hmac.new(key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


def note(
    db: Database,
    person: Person,
    action: str,
    subject: str = "",
    *,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    """Write an audit row; belongs inside ``writing()`` with the change it tells of."""
    audit.record(db, person.user.name, person.user.role, action, subject, now=now, detail=detail)


def note_view(
    db: Database,
    person: Person,
    action: str,
    subject: str = "",
    *,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    """Write the audit row of a look; call it before anything is shown: no row, no page."""
    with writing(db):
        note(db, person, action, subject, now=now, detail=detail)


def search_detail(keys: Keys, text: str) -> dict[str, str]:
    """What the log keeps of a search: its length and a pseudonym, never the words."""
    return {"length": str(len(text)), "query": pseudonym(keys, "query", text)}


def house_cookie(name: str, content: str, *, gone: bool = False, days: int = 0) -> Cookie:
    """A cookie only this box can set (``__Host-``) and no script can read.

    It ends with the browser unless it is kept for some days.
    """
    return Cookie(
        key=name,
        value="" if gone else content,
        path="/",
        max_age=0 if gone else days * 86_400 or None,
        secure=True,
        httponly=True,
        samesite="strict",
    )
