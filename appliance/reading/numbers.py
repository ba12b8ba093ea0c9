"""Phone numbers as keys: what two ways of writing the same number have in common."""

import re

SHORTEST = 7  # digits; fewer are an extension or a service code
# What phone systems and carriers write in place of a withheld number; the digits spell ANONYMOUS.
_WITHHELD = {"266696687", "2666966870"}


def outside_key(direction: str, caller: str, dialed: str) -> str:
    """The last ten digits of the party outside the house; "" where it has no number to know it by.

    Only calls that came in or went out have one outside party; a number of one digit repeated is a
    carrier's way of writing none.
    """
    number = {"in": caller, "out": dialed}.get(direction, "")
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    if len(digits) < SHORTEST or len(set(digits)) == 1 or digits in _WITHHELD:
        return ""
    return digits[-10:]
