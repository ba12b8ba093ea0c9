"""The table of bad inputs is complete, and every test it names exists and tries that phone system."""

import importlib
from pathlib import Path

import pytest

from tests.connectors.outcomes import COLUMNS, TABLE, As, Never, cells_of

# The names of PBX.md 9.7, in its order.
NAMED = ("empty", "truncated_header", "still_writing", "vanished", "unreadable", "too_short",
         "too_long", "unknown_codec", "bad_name", "duplicate_row", "cdr_without_file",
         "file_without_cdr", "future_time", "dst_fold", "encoding", "path_escape", "symlink",
         "sidecar_malformed", "partial_http", "html_instead_of_audio", "auth_expired",
         "share_offline", "disk_full")  # fmt: skip
ROOT = Path(__file__).parents[2]


def tries(test: str, column: str) -> bool:
    """Whether a test exists; and where it is one for each phone system, whether for this one."""
    path, _, name = test.partition("::")
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    function = getattr(module, name, None)
    if not (ROOT / path).is_file() or function is None:
        return False
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    names = [mark.args[1] for mark in marks if mark.args[0] == "name"]
    systems = [tried for tried in names if set(tried) & set(COLUMNS)]
    return all(column in tried for tried in systems)


def test_every_bad_input_named_is_in_the_table() -> None:
    assert tuple(TABLE) == NAMED


@pytest.mark.parametrize("outcome", NAMED)
def test_every_cell_is_a_test_that_exists_or_a_reason(outcome: str) -> None:
    wrong = []
    for column in COLUMNS:
        cells = cells_of(outcome, column)
        tests = [cell for cell in cells if isinstance(cell, str)]
        reasons = [cell for cell in cells if not isinstance(cell, str)]
        sound = all(tries(test, column) for test in tests) and len(reasons) == (not tests)
        for reason in reasons:
            sound = sound and len(reason.why.split()) > 2
            if isinstance(reason, As):
                sound = sound and any(isinstance(c, str) for c in cells_of(outcome, reason.column))
        if not cells or not sound:
            wrong.append((column, cells))
    assert wrong == []


def test_no_row_of_the_table_speaks_of_a_column_that_is_none() -> None:
    named = {column for rows in TABLE.values() for columns, _ in rows for column in columns}
    assert named == set(COLUMNS)
    kinds = [cell for rows in TABLE.values() for _, cell in rows if isinstance(cell, Never)]
    assert len({cell.why for cell in kinds}) > 10
