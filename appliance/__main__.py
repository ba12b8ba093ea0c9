"""``python -m appliance`` is the petsvet command."""

import os
import sys

from models.plan import ALLOCATOR

LISTENING = {"work", "demo"}  # commands that recognize speech in this very process


def start_over() -> None:
    """Run a listening command anew with the allocator's settings: glibc reads them at start only.

    Without them a quarter of the time goes into giving memory back and asking for it again.
    """
    if LISTENING & set(sys.argv[1:]) and not ALLOCATOR.keys() <= os.environ.keys():
        arguments = [sys.executable, "-m", "appliance", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**os.environ, **ALLOCATOR})  # noqa: S606


if __name__ == "__main__":
    start_over()
    from appliance.commands.main import cli

    cli(prog_name="petsvet")
