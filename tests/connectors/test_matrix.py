"""The README tells every phone system and how far it was proved, as the code itself does."""

from connectors.registry import KINDS
from tests.connectors.matrix import README, Week, kind_in, lines_of, readme_lines, rows_in
from tests.connectors.simulated import MONDAY, Tally


def test_the_readme_tells_every_phone_system_and_its_level() -> None:
    """When this fails: ``python -m tests.connectors.matrix --readme`` writes the table anew."""
    assert rows_in(README.read_text()) == readme_lines()


def test_the_kind_of_a_week_is_found_by_its_name() -> None:
    assert kind_in("test_yeastar_s.py::test_a_week_of_pushed_records", KINDS) == "yeastar_s"
    assert kind_in("test_yeastar.py::test_a_week_by_polling", KINDS) == "yeastar"
    assert kind_in("test_week_asterisk.py::test_a_week", KINDS) == "freepbx"
    assert kind_in("test_days.py::test_rotation", KINDS) == ""


def test_a_week_is_a_line_of_the_table() -> None:
    week = Week("test_yeastar.py::test_a_week_by_polling", [Tally(9, 8, 0, 1, 0, {"staff": 2})])
    week.saw(MONDAY, 0)
    week.saw(MONDAY.replace(minute=2), 3)
    assert lines_of([week])[-1] == (
        "| yeastar | a week by polling | emulated from source | 9 | 8 | 0 | 1 | 2 | 120 |"
    )
    assert "did not run here" in lines_of([Week("test_smdr.py::test_a_week")])[-1]
