"""How often a phone system is asked to let us in: most block our address after wrong passwords.

Five wrong ones lock a Yeastar for ten minutes, and a Grandstream and a 3CX count them too. We try
one, wait longer than that, try a second, and from then on one a day, until somebody changes the
settings or starts the box anew. What was refused, and who was let in, is kept in this process only,
under a digest.
"""

import hashlib
import threading
import time

from appliance.errors import Misconfigured, Unavailable
from appliance.facts import Fact

WAIT_S = 15 * 60.0
DAY_S = 24 * 3600.0
MOST = 2

_lock = threading.Lock()
_refusals: dict[str, "_Refusals"] = {}
_sessions: dict[str, "_Session"] = {}


class _Refusals(Fact, frozen=True):
    count: int
    again_at: float


class _Session(Fact, frozen=True):
    text: str
    renewal: str
    until: float


def account_of(*parts: str) -> str:
    """What tells one login from another, without holding any of it."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def check(account: str) -> None:
    """Raise Misconfigured or Unavailable when it would be unwise to try this login now."""
    with _lock:
        found = _refusals.get(account)
    if found is None or time.monotonic() >= found.again_at:
        return
    if found.count >= MOST:
        raise Misconfigured(
            "the phone system refused this login twice; we stopped asking before it blocks this"
            " box: enter the right name and password, then it goes on by itself. Until then it is"
            " tried once a day"
        )
    raise Unavailable(
        "the phone system refused the login; is the name or the password wrong? We try it once more"
        " in a quarter of an hour, so that it does not block this box"
    )


def note_refused(account: str) -> None:
    """A wrong name or password."""
    with _lock:
        before = _refusals.get(account)
        count = (before.count if before else 0) + 1
        wait = WAIT_S if count < MOST else DAY_S
        _refusals[account] = _Refusals(count=count, again_at=time.monotonic() + wait)


def note_blocked(account: str) -> None:
    """The phone system does not talk to us for a while: ask later, and count nothing."""
    with _lock:
        before = _refusals.get(account)
        again_at = max(time.monotonic() + WAIT_S, before.again_at if before else 0)
        _refusals[account] = _Refusals(count=before.count if before else 0, again_at=again_at)


def note_accepted(
    account: str, session: str, renewal: str = "", lasts_s: float = float("inf")
) -> None:
    """Let in: the session is shared by every connector of this process with this login."""
    until = time.monotonic() + lasts_s
    with _lock:
        _refusals.pop(account, None)
        _sessions[account] = _Session(text=session, renewal=renewal, until=until)


def session_of(account: str) -> tuple[str, str]:
    """The session and what renews it, "" where there is none."""
    with _lock:
        found = _sessions.get(account)
    if found is None or found.until <= time.monotonic():
        return "", ""
    return found.text, found.renewal


def forget_session(account: str, session: str) -> None:
    """A session that ran out; one made meanwhile by somebody else stays."""
    with _lock:
        found = _sessions.get(account)
        if found is not None and found.text == session:
            del _sessions[account]


def forget_everything() -> None:
    """As after a start of the process."""
    with _lock:
        _refusals.clear()
        _sessions.clear()
