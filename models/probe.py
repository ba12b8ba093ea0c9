"""Tries a device in a process of its own: ``python -m models.probe DIR DEVICE TYPE THREADS``.

A driver that does not fit or an instruction the processor lacks kills the process that meets it;
so it is met here, and ``models.plan`` reads the exit status. Prints one JSON object.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Print what ``models.whisper.try_device`` returns; a failure is an exit status."""
    from models.whisper import try_device

    directory, device, compute_type, threads = sys.argv[1:5]
    tried = try_device(Path(directory), device, compute_type, int(threads))
    sys.stdout.write(json.dumps(tried) + "\n")


if __name__ == "__main__":
    main()
