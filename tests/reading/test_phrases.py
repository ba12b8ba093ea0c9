"""The phrase tables say what they mean to say."""

import pytest

from appliance.facts.codes import INTENTS, UNKNOWN
from appliance.reading.grammar import phrase
from appliance.reading.phrases_caller import CALLER
from appliance.reading.phrases_desk import DESK
from appliance.reading.phrases_reasons import REASONS, SIGNS

TABLES = {
    **{f"desk.{act}": rows for act, rows in DESK.items()},
    **{f"caller.{act}": rows for act, rows in CALLER.items()},
    **{f"sign.{name}": rows for name, rows in SIGNS.items()},
    **{f"{i}.{w}": rows for i, levels in REASONS.items() for w, rows in levels.items()},
}


def _lines(rows: str) -> list[str]:
    return [line.strip() for line in rows.splitlines() if line.strip()]


@pytest.mark.parametrize("name", TABLES)
def test_no_phrase_matches_nothing_at_all(name: str) -> None:
    for line in _lines(TABLES[name]):
        needed = [part for part in line.split() if not part.startswith(("[", "~"))]
        assert needed, line


@pytest.mark.parametrize("name", TABLES)
def test_brackets_hold_a_whole_word_and_do_not_end_a_phrase(name: str) -> None:
    for line in _lines(TABLES[name]):
        assert all(part.count("[") == part.count("]") <= 1 for part in line.split()), line
        assert all(part[0] == "[" and part[-1] == "]" for part in line.split() if "[" in part), line
        assert phrase(line)


def test_every_reason_is_a_code_and_every_code_has_reasons() -> None:
    assert set(REASONS) == set(INTENTS) - {UNKNOWN}
