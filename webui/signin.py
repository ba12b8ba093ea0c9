"""Signing in and out: one form, slow for those who guess, a new session id every time."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.exceptions import PermissionDeniedException, TooManyRequestsException
from litestar.response import Redirect, Template

from appliance.db import Database, writing
from appliance.errors import NotFound, Refused
from appliance.facts import Fact
from appliance.store import audit, users
from webui.forms import Form
from webui.policy import Person, home_of
from webui.security import (
    CSRF_COOKIE,
    SESSION_COOKIE,
    Box,
    form_token_holds,
    house_cookie,
    new_form_token,
    note,
    pseudonym,
)

NOT_RIGHT = "The name or the password is not right."
TOO_MANY = "There were too many tries. Wait 15 minutes, then try again."
QUEUE_S = 5.0
_LONGEST = 200  # characters of a name that are looked at


class Attempt(Fact, frozen=True, kw_only=True):
    """One try to sign in, with the pseudonyms under which failures are counted."""

    name: str
    password: str
    address: str
    counted: tuple[str, str]


@get("/sign-in", name="signin_show", opt={"action": "sign_in"}, sync_to_thread=True)
def signin_show(box: Box, next: str = "") -> Template:
    """The form, with a token that cookie and field must share."""
    return _form(box, next)


def _form(box: Box, target: str, problem: str = "", status: int = 200) -> Template:
    token = new_form_token(box.keys.web)
    return Template(
        "signin.html",
        context={"form_token": token, "next": safe_path(target), "problem": problem},
        cookies=[house_cookie(CSRF_COOKIE, token)],
        status_code=status,
    )


@post("/sign-in", name="signin_try", opt={"action": "sign_in"}, sync_to_thread=True)
def signin_try(
    box: Box, db: Database, now: datetime, request: Request[Any, Any, Any], data: Form
) -> Response[Any]:
    """Open a session under a new id, or show the form again with the same words for any reason."""
    cookie = request.cookies.get(CSRF_COOKIE, "")
    if not form_token_holds(box.keys.web, cookie, data.get("csrf", "")):
        raise PermissionDeniedException("the page is out of date; reload it and try again")
    attempt = _attempt(box, request, data)
    try:
        user = try_password(box, db, attempt, now=now)
    except Refused:
        return _form(box, data.get("next", ""), NOT_RIGHT, 403)
    except TooManyRequestsException:
        return _form(box, data.get("next", ""), TOO_MANY, 429)
    session = renew_session(db, user, attempt, request.cookies.get(SESSION_COOKIE, ""), now=now)
    return Redirect(
        safe_path(data.get("next", "")) or home_of(user),
        status_code=303,
        cookies=[house_cookie(SESSION_COOKIE, session), house_cookie(CSRF_COOKIE, "", gone=True)],
    )


def _attempt(box: Box, request: Request[Any, Any, Any], data: dict[str, str]) -> Attempt:
    name = data.get("name", "").strip()[:_LONGEST]
    address = request.client.host if request.client else ""
    return Attempt(
        name=name,
        password=data.get("password", ""),
        address=address,
        counted=(
            pseudonym(box.keys, "name", name.casefold()),
            pseudonym(box.keys, "address", address),
        ),
    )


def try_password(box: Box, db: Database, attempt: Attempt, *, now: datetime) -> users.User:
    """The user; raises Refused, or TooManyRequestsException without even looking."""
    _check_wait(db, attempt, now)
    if not box.one_password_at_a_time.acquire(timeout=QUEUE_S):
        raise TooManyRequestsException(TOO_MANY)
    try:
        _check_wait(db, attempt, now)  # those ahead in the queue may have used up the tries
        return users.check_password(db, attempt.name, attempt.password)
    except Refused:
        _note_failure(db, attempt, now)
        raise
    finally:
        box.one_password_at_a_time.release()


def _check_wait(db: Database, attempt: Attempt, now: datetime) -> None:
    if any(users.must_wait(db, who, now=now) for who in attempt.counted):
        raise TooManyRequestsException(TOO_MANY)


def _note_failure(db: Database, attempt: Attempt, now: datetime) -> None:
    """An unknown name may be a password typed into the wrong field: the log never keeps it."""
    try:
        user = users.get_user(db, attempt.name)
        actor, role = user.name, user.role
    except NotFound:
        actor, role = f"unknown {attempt.counted[0]}", ""
    detail = {"address": attempt.address}
    with writing(db):
        for who in attempt.counted:
            users.note_failure(db, who, now=now)
        audit.record(db, actor, role, "sign_in_failed", now=now, detail=detail)


def renew_session(
    db: Database, user: users.User, attempt: Attempt, old: str, *, now: datetime
) -> str:
    """End the browser's former session and open one whose id nobody could have chosen."""
    with writing(db):
        users.close_session(db, old)
        session_id, csrf = users.open_session(db, user, attempt.address, now=now)
        person = Person(user=user, csrf=csrf)
        note(db, person, "sign_in", now=now, detail={"address": attempt.address})
    return session_id


@post("/sign-out", name="signin_end", opt={"action": "sign_out"}, sync_to_thread=True)
def signin_end(
    db: Database, now: datetime, person: Person, request: Request[Any, Any, Any]
) -> Redirect:
    """End the session on the box, not only in the browser."""
    with writing(db):
        users.close_session(db, request.cookies.get(SESSION_COOKIE, ""))
        note(db, person, "sign_out", now=now)
    return Redirect(
        "/sign-in", status_code=303, cookies=[house_cookie(SESSION_COOKIE, "", gone=True)]
    )


@get("/", name="home_go", opt={"action": "go_home"}, sync_to_thread=False)
def home_go(person: Person) -> Redirect:
    """Send people to the page they work in."""
    return Redirect(home_of(person.user), status_code=303)


def safe_path(target: str) -> str:
    """The target when it is a plain path on this box, else ""."""
    strange = " " in target or "\\" in target or not target.isprintable()
    if strange or len(target) > 500 or not target.startswith("/") or target.startswith("//"):
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc or parts.path.startswith("/sign-") else target


ROUTES = [signin_show, signin_try, signin_end, home_go]
