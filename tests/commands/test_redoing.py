"""Many calls are redone from the shell: a preview first, counts only, and Ctrl-C loses nothing."""

import json
import signal
from pathlib import Path

import pytest
from click.testing import Result

from appliance.db import open_db, value, writing
from appliance.keys import unlock
from appliance.worker import Worker
from tests.commands.test_cli import Run, fed, lines, run

__all__ = ["fed", "run"]


def read_by_last_years_rules(tmp_path: Path, copies: int = 0) -> None:
    """Let the call of the box be known as spam, and so many others like it."""
    db = open_db(tmp_path / "box" / "petsvet.db", unlock(tmp_path / "box").database)
    with writing(db):
        db.execute(
            "UPDATE analysis SET body = json_set(body, '$.intent', 'spam'),"
            " provenance = json_set(provenance, '$.model', 'phrases-1')"
        )
        for number in range(2, copies + 2):
            db.execute(
                "INSERT INTO call SELECT ?, ref || ?, connector, native_key || ?, started_at - ?,"
                " duration_ms, talk_ms, ring_ms, direction, answer_state, caller_number,"
                " caller_name, dialed, outside_key, staff_extension, queue, after_hours,"
                " metadata_level, warnings, rule, state, duplicate_of, found_at, ready_at"
                " FROM call WHERE id = 1",
                (number, str(number), str(number), number),
            )
            for table, columns in (
                ("analysis", "body, provenance, created_at"),
                ("card", "started_at, staff_extension, intent, outcome, urgency, turnaway_kind,"
                         " turnaway_reason, staff_name, first_words"),
            ):  # fmt: skip
                db.execute(
                    f"INSERT INTO {table} (call_id, {columns})"
                    f" SELECT ?, {columns} FROM {table} WHERE call_id = 1",
                    (number,),
                )
    db.close()


def printed(result: Result) -> list[dict[str, object]]:
    """What stands in the output; how far it is goes to the terminal."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def actions(box: Run) -> set[object]:
    return {entry["action"] for entry in lines(box("audit", "list", "--json"))}


def test_many_calls_are_redone_after_a_preview_and_only_counts_are_told(
    fed: Run, tmp_path: Path
) -> None:
    (before,) = lines(fed("calls", "list", "--json"))
    read_by_last_years_rules(tmp_path)
    told, *kinds = printed(fed("calls", "redo", "--all", "--preview", "--json"))
    assert (told["state"], told["total"], told["changed"]) == ("done", 1, 1)
    right = {"field": "intent", "was": "spam", "becomes": before["intent"], "calls": 1, "kept": 0}
    assert right in kinds
    done = fed("calls", "redo", "--all", "--from", "analyze", "--since", "2026-01-01")
    assert done.exit_code == 0, done.output
    assert "1 of 1 calls read again: 1 changed" in done.output
    assert "dental" not in done.output.replace("dental_", "") and "Denise" not in done.output
    assert lines(fed("calls", "list", "--json")) == [before]
    assert {"preview_reanalysis", "end_preview", "start_reanalysis", "end_apply"} <= actions(fed)


def test_many_calls_are_listened_to_again(fed: Run) -> None:
    (before,) = lines(fed("calls", "list", "--json"))
    assert fed("calls", "redo", "--all", "--from", "transcribe").exit_code == 0
    assert lines(fed("calls", "list", "--json")) == [before]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "or --all for many"),
        (("REF", "--all"), "or --all for many"),
        (("REF", "--preview"), "go with --all"),
        (("--all", "--from", "publish"), "from analyze, or from transcribe"),
        (("--all", "--since", "2026-02-01", "--until", "2026-01-01"), "swap --since and --until"),
        (("--all", "--since", "yesterday"), "does not match the format"),
        (("--all", "--stop"), "nothing to stop"),
    ],
)
def test_a_redo_that_makes_no_sense_says_so(fed: Run, options: tuple[str, ...], told: str) -> None:
    result = fed("calls", "redo", *options)
    assert result.exit_code != 0
    assert told in result.output
    assert not any("reanalysis" in str(action) for action in actions(fed))


def test_ctrl_c_ends_the_work_after_a_slice_and_leaves_the_run_to_the_box(
    fed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by_last_years_rules(tmp_path, copies=5)
    monkeypatch.setattr("appliance.chores.reanalyze.AT_ONCE", 2)
    step = Worker.step

    def pressed(worker: Worker) -> bool:
        did = step(worker)
        if value(worker.db, "SELECT done FROM reanalysis"):
            signal.raise_signal(signal.SIGINT)
        return did

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "step", pressed)
        stopped = fed("calls", "redo", "--all")
    assert stopped.exit_code == 1
    assert "2 of 6 calls read again" in stopped.output
    assert "the box goes on with it" in stopped.output
    assert "is reading many calls again already" in fed("calls", "redo", "--all").output
    assert fed("work", "--until-idle").exit_code == 0
    assert "nothing to stop" in fed("calls", "redo", "--all", "--stop").output
    again, *_ = printed(fed("calls", "redo", "--all", "--preview", "--json"))
    assert (again["total"], again["changed"]) == (6, 0)


def test_a_run_is_stopped_from_the_shell(
    fed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "step", lambda worker: bool(worker.stopping.set()))
    assert fed("calls", "redo", "--all").exit_code == 1
    stopped = fed("calls", "redo", "--all", "--stop")
    assert stopped.exit_code == 0
    assert "Stopped after 0 of 0 calls" in stopped.output
    assert "stop_reanalysis" in actions(fed)


def test_a_run_that_is_stuck_says_why(
    fed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("appliance.chores.reanalyze.measure", broken)
    monkeypatch.setattr("appliance.worker.Worker._fail", _parks)
    stuck = fed("calls", "redo", "--all")
    assert stuck.exit_code == 1
    assert "unexpected error" in stuck.output


def _parks(worker: Worker, job: object, error: str, *, retry: bool) -> None:
    with writing(worker.db):
        worker.db.execute(
            "UPDATE job SET state = 'parked', error = ? WHERE id = ?", (error, job.id)
        )  # type: ignore[attr-defined]
