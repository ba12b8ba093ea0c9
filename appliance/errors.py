"""Every error the box raises on purpose, as one small tree.

    PetsvetError
    ├── Misconfigured   the operator must change a setting or install something (retry)
    ├── Locked          the keys are not available (retry)
    ├── NotFound        what was asked for does not exist (or not for this person)
    ├── Refused         a rule forbids it
    ├── Unavailable     something outside is away; trying again later may work (retry)
    ├── Unusable        the input is broken and will stay broken
    └── Tampered        stored data is not what was written

A message says what happened and what to do. It never holds a number, a name or words of a call.
The worker asks only ``error.retry``.
"""


class PetsvetError(Exception):
    """Base of all errors raised on purpose."""

    retry = False


class Misconfigured(PetsvetError):
    """A setting or an installed file is wrong; the message names it and says what to change.

    Work that meets it waits: once the operator has put it right, it goes on by itself.
    """

    retry = True


class Locked(PetsvetError):
    """The keys of the box are not available, or are the wrong ones."""

    retry = True


class NotFound(PetsvetError):
    """What was asked for does not exist, or this person may not know that it does."""


class Refused(PetsvetError):
    """A rule of the box forbids what was asked."""


class Unavailable(PetsvetError):
    """Something outside the process is away (share, disk space, phone system); try again later.

    ``outcome`` is the stable code of what happened, where it has one (PBX outcomes).
    """

    retry = True

    def __init__(self, message: str, outcome: str = "") -> None:
        super().__init__(message)
        self.outcome = outcome


class Unusable(PetsvetError):
    """The input is broken and will not get better; ``outcome`` is its stable code (PBX outcomes)."""

    def __init__(self, message: str, outcome: str = "unreadable") -> None:
        super().__init__(message)
        self.outcome = outcome


class Tampered(PetsvetError):
    """Stored data fails its authentication: changed, truncated or put in the wrong place."""
