"""Rows of Master.csv: real ones, damaged ones, and their times."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.cdr import (
    Row,
    caller_id,
    complete_lines,
    distinct,
    end_of,
    moment_of,
    parse_row,
    peer_of,
)
from tests.connectors.world import DATA, NOON, csv_row

REAL = (DATA / "Master.csv").read_bytes().splitlines(keepends=True)


def row_of(line: bytes | str) -> Row:
    row = parse_row(line.encode() if isinstance(line, str) else line)
    assert row is not None
    return row


def test_all_real_rows_are_read() -> None:
    rows = [row_of(line) for line in REAL]
    assert len(rows) == 16
    assert rows[0].uniqueid == rows[0].linkedid == "clinic-1795359560.0"
    assert caller_id(rows[0].clid) == ("SMITH JANE", "+15125550142")
    assert [row.linkedid != row.uniqueid for row in rows].count(True) == 1


def test_an_empty_answer_is_two_commas() -> None:
    row = row_of(REAL[7])
    assert (row.answer, row.disposition, row.answered) == ("", "NO ANSWER", False)


def test_a_loser_of_ring_all_was_billed_and_not_answered() -> None:
    row = row_of(REAL[5])
    assert (row.billsec, row.answered) == (2, False)


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", ("", "", -1)),
        (',"1795359560.0"', ("1795359560.0", "1795359560.0", -1)),
        (',"1795359560.0","note"', ("1795359560.0", "1795359560.0", -1)),
        (',"note"', ("", "", -1)),
        (',"","1795359560.0",7', ("", "1795359560.0", 7)),
        (',"1795359560.3","","1795359560.0",7', ("1795359560.3", "1795359560.0", 7)),
        (',"1795359560.3","note","","1795359560.0",7', ("1795359560.3", "1795359560.0", 7)),
    ],
)
def test_the_last_columns_are_optional(tail: str, expected: tuple[str, str, int]) -> None:
    line = csv_row("1795359560.0", NOON).partition('"DOCUMENTATION"')
    row = row_of(line[0] + line[1] + tail + "\n")
    assert (row.uniqueid, row.linkedid, row.sequence) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\n", b"\0\0\0\n", b"a,b,c\n", b'"' * 9000, b"," * 15 + b"\n", b"," * 20 + b"\n",
        REAL[0].replace(b"14:59:20", b"99:59:20"),
        REAL[0].replace(b"2026-11-22", b"2026-02-30"),
        REAL[0].replace(b",8,6,", b",eight,6,"),
        REAL[0].replace(b",8,6,", b"," + b"9" * 9000 + b",6,"),
        REAL[0][:100] + b"\n",
        b"x" * 1_000_000,
    ],
)  # fmt: skip
def test_a_damaged_line_is_no_row(line: bytes) -> None:
    assert parse_row(line) is None


def test_latin_1_utf_8_and_nul_are_read() -> None:
    line = REAL[0].replace(b"SMITH JANE", "Peña".encode("latin-1"))
    assert caller_id(row_of(line).clid)[0] == "Peña"
    assert caller_id(row_of(REAL[0].replace(b"SMITH JANE", "Peña".encode())).clid)[0] == "Peña"
    assert caller_id(row_of(REAL[0].replace(b"SMITH", b"SM\0ITH")).clid)[0] == "SMITH JANE"


def test_a_line_without_its_newline_is_left_for_later() -> None:
    handle = io.BytesIO(b"one\ntwo\nthr")
    assert list(complete_lines(handle)) == [(4, b"one\n"), (4, b"two\n")]


def test_a_line_of_a_megabyte_is_passed_over() -> None:
    long = b"x" * 1_000_000 + b"\n"
    assert list(complete_lines(io.BytesIO(long + b"two\n"))) == [(1_000_001, None), (4, b"two\n")]
    assert list(complete_lines(io.BytesIO(long[:-1]))) == []


def test_two_backends_give_one_row() -> None:
    rows = [row_of(line) for line in REAL]
    assert distinct(rows + rows) == distinct(rows)
    assert len(distinct(rows + rows)) == 16


@pytest.mark.parametrize(
    ("channel", "peer"),
    [
        ("PJSIP/101-00000009", "101"), ("SIP/my-trunk-0000000a", "my-trunk"),
        ("Local/101@from-queue-00000012;1", "101"), ("Local/FMPR-101@from-internal-0000;2", "101"),
        ("IAX2/102-77", "102"), ("PJSIP/desk", "desk"), ("", ""), ("nonsense", ""),
    ],
)  # fmt: skip
def test_a_channel_tells_its_peer(channel: str, peer: str) -> None:
    assert peer_of(channel) == peer


def test_the_hour_that_comes_twice_is_flagged() -> None:
    chicago = ZoneInfo("America/Chicago")
    assert moment_of("2026-11-01 01:30:00", chicago) == (
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        "dst_fold",
    )
    assert moment_of("2026-03-08 02:30:00", chicago)[1] == "dst_gap"
    assert moment_of("2026-07-01 12:00:00", chicago)[1] == ""


def test_a_call_over_the_change_of_clocks_is_as_long_as_it_was() -> None:
    start = datetime(2026, 11, 1, 0, 55)
    row = row_of(csv_row("1795359560.0", start, ring=0, talk=3600))
    assert end_of(row, ZoneInfo("America/Chicago")) == datetime(2026, 11, 1, 6, 55, tzinfo=UTC)
