"""JSON from machines we do not trust, as texts that can be kept.

JSON can name halves of signs (``\\ud800``) that no text may hold: what a caller's phone calls itself
can come so, and would break every place in which the call is written down.
"""

import json
import re
from typing import Any

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(data: bytes) -> Any:
    """The value in bytes of UTF-8, with a mark in place of every sign that is none.

    Control characters within texts are let through. Raises ValueError, RecursionError.
    """
    found = json.loads(data.decode("utf-8-sig", "replace"), strict=False)
    return _mended(found) if _HALF.search(data) else found


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value
