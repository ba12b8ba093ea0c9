"""The README's table of phone systems is what the weeks gave, and they still give it."""

import json
import subprocess
import sys

import msgspec

from connectors.registry import KINDS
from tests.connectors.matrix import (
    README,
    ROOT,
    WAYS,
    Result,
    lines_of,
    readme_lines,
    rows_in,
    saved_results,
)

SAMPLE = "test_master_csv_and_files"


def test_the_readme_tells_what_every_phone_system_gave() -> None:
    """When this fails: ``python -m tests.connectors.matrix --save``, or ``--readme`` for words."""
    assert rows_in(README.read_text()) == readme_lines()


def test_what_is_saved_is_a_whole_run_without_a_fault() -> None:
    saved = saved_results()
    assert [(r.kind, r.transport) for r in saved] == [(w.kind, w.transport) for w in WAYS]
    assert [r for r in saved if not r.sound] == []
    assert {r.kind for r in saved} == KINDS.keys()
    assert all(r.calls_in == 2000 for r in saved if r.kind == "freepbx")


def test_every_transport_has_a_week_of_its_own() -> None:
    told = " ".join(way.transport for way in WAYS)
    assert all(word in told for word in ("folder", "SFTP", "SMB", "FTPS", "API", "pushed"))


def test_a_week_played_now_gives_what_was_saved() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.connectors.matrix", "--json", "--quick", "-k", SAMPLE],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    (now,) = msgspec.convert(json.loads(ran.stdout), list[Result])
    (then,) = (r for r in saved_results() if (r.kind, r.transport) == (now.kind, now.transport))
    assert now.work_s is not None and now.work_s > 0
    assert msgspec.structs.replace(now, work_s=then.work_s) == then


def test_a_call_that_is_lost_doubled_or_wrong_is_not_sound() -> None:
    good = Result("freepbx", "SFTP", 9, 9, work_s=0.5, wait_s=30)
    assert good.sound
    for fault in ({"doubled": 1}, {"lost": 1}, {"wrong": 1}, {"calls_out": 8}, {"wait_s": None},
                  {"calls_in": 0, "calls_out": 0}):  # fmt: skip
        assert not msgspec.structs.replace(good, **fault).sound
    assert lines_of([good])[-1] == (
        "| freepbx | SFTP | verified on real software | 9 | 9 | 0 | 0 | 0 | 0.5 s + 30 s |"
    )
