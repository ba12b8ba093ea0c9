"""How often a Yeastar is asked to let us in: it blocks our address after a few wrong passwords.

Five wrong ones lock an S-Series for ten minutes. We try one, wait longer than that, try a second,
and then stop until somebody changes the settings or starts the box anew. What was refused is kept
in this process only, under a digest.
"""

import hashlib
import threading
import time

from appliance.errors import Misconfigured, Unavailable
from appliance.facts import Fact

WAIT_S = 15 * 60.0
MOST = 2

_lock = threading.Lock()
_refusals: dict[str, "_Refusals"] = {}
_sessions: dict[str, tuple[str, str]] = {}


class _Refusals(Fact, frozen=True):
    count: int
    again_at: float


def account_of(*parts: str) -> str:
    """What tells one login from another, without holding any of it."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def check(account: str) -> None:
    """Raise Misconfigured or Unavailable when it would be unwise to try this login now."""
    with _lock:
        found = _refusals.get(account)
    if found is None:
        return
    if found.count >= MOST:
        raise Misconfigured(
            "the phone system refused this login twice; we stopped asking before it blocks this"
            " box: enter the right name and password, then it goes on by itself"
        )
    if time.monotonic() < found.again_at:
        raise Unavailable(
            "the phone system refused the login; is the name or the password wrong? We try it"
            " once more in a quarter of an hour, so that it does not block this box"
        )


def note_refused(account: str) -> None:
    """A wrong name or password."""
    with _lock:
        before = _refusals.get(account)
        count = (before.count if before else 0) + 1
        _refusals[account] = _Refusals(count=count, again_at=time.monotonic() + WAIT_S)


def note_blocked(account: str) -> None:
    """The phone system does not talk to us for a while: ask later, and count nothing."""
    with _lock:
        before = _refusals.get(account)
        count = before.count if before else 0
        _refusals[account] = _Refusals(count=count, again_at=time.monotonic() + WAIT_S)


def note_accepted(account: str, session: str, renewal: str = "") -> None:
    """Let in: the session is shared by every connector of this process with this login."""
    with _lock:
        _refusals.pop(account, None)
        _sessions[account] = (session, renewal)


def session_of(account: str) -> tuple[str, str]:
    """The session and what renews it, "" where there is none."""
    with _lock:
        return _sessions.get(account, ("", ""))


def forget_session(account: str, session: str) -> None:
    """A session that ran out; one made meanwhile by somebody else stays."""
    with _lock:
        if _sessions.get(account, ("", ""))[0] == session:
            del _sessions[account]


def forget_everything() -> None:
    """As after a start of the process."""
    with _lock:
        _refusals.clear()
        _sessions.clear()
