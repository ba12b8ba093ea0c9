"""Jobs in the database: claimed by lease, fenced by attempt, parked after three tries.

The queue holds ids, the tables hold truth. An attempt is counted when a job is claimed, so a job
that kills its worker three times is parked like one that fails three times. The attempt is also the
fence: a worker that slept through its lease cannot finish what another has taken over. So attempts
only ever grow; those that do not count against the job are ``forgiven``.
"""

from datetime import datetime, timedelta

import msgspec

from appliance.db import Database, Row, execute, row, rows, value
from appliance.errors import NotFound, Refused
from appliance.facts import from_ms, to_ms
from appliance.facts.jobs import Job

MAX_ATTEMPTS = 3
OPEN = "state IN ('waiting', 'running')"  # in the words of the index, or it would not be used
CRASHED = "the worker stopped while it did this, three times; try again or look at the recording"


def enqueue(
    db: Database,
    kind: str,
    subject: int,
    lane: str,
    *,
    now: datetime,
    options: dict[str, str] | None = None,
    run_after: datetime | None = None,
) -> bool:
    """Add a job unless the same work is already open; returns whether it was added.

    Belongs inside ``writing()``, with the change that makes the work necessary.
    """
    return bool(
        execute(
            db,
            "INSERT OR IGNORE INTO job (kind, subject, lane, state, run_after, options, created_at)"
            " VALUES (?, ?, ?, 'waiting', ?, ?, ?)",
            (
                kind,
                subject,
                lane,
                to_ms(run_after or now),
                msgspec.json.encode(options or {}).decode(),
                to_ms(now),
            ),
        )
    )


def claim(
    db: Database,
    lane: str,
    worker: str,
    *,
    now: datetime,
    lease_s: float,
    max_attempts: int = MAX_ATTEMPTS,
) -> Job | None:
    """Take the next job of a lane, or None; belongs inside ``writing()``."""
    moment = to_ms(now)
    execute(
        db,
        "UPDATE job SET state = 'parked', error = ?, finished_at = ?"
        " WHERE state = 'running' AND lane = ? AND lease_until < ? AND attempt - forgiven >= ?",
        (CRASHED, moment, lane, moment, max_attempts),
    )
    found = row(
        db,
        "UPDATE job SET state = 'running', attempt = attempt + 1, worker = ?, lease_until = ?,"
        " started_at = ?, progress = 0 WHERE id = (SELECT id FROM job WHERE lane = ? AND"
        f" {OPEN} AND run_after <= ? AND (state = 'waiting' OR lease_until < ?)"
        " ORDER BY run_after, id LIMIT 1) RETURNING *",
        (worker, moment + int(lease_s * 1000), moment, lane, moment, moment),
    )
    return _job(found) if found else None


def release(db: Database, worker: str, *, now: datetime) -> int:
    """End the leases a dead worker of this name left behind, so that its jobs need not wait."""
    return execute(
        db,
        "UPDATE job SET lease_until = ? WHERE state = 'running' AND worker = ?",
        (to_ms(now) - 1, worker),
    )


def beat(db: Database, job: Job, progress: float, *, now: datetime, lease_s: float) -> bool:
    """Prolong the lease; False when the job is no longer ours."""
    return bool(
        execute(
            db,
            "UPDATE job SET lease_until = ?, progress = ?"
            " WHERE id = ? AND state = 'running' AND attempt = ?",
            (to_ms(now) + int(lease_s * 1000), progress, job.id, job.attempt),
        )
    )


def finish(db: Database, job: Job, *, now: datetime) -> None:
    """Mark done; raises Refused when another attempt has taken the job over."""
    changed = execute(
        db,
        "UPDATE job SET state = 'done', progress = 1, finished_at = ?, error = ''"
        " WHERE id = ? AND state = 'running' AND attempt = ?",
        (to_ms(now), job.id, job.attempt),
    )
    if not changed:
        raise Refused("this job was taken over by another worker; its result is not saved")


def fail(
    db: Database,
    job: Job,
    error: str,
    *,
    retry: bool,
    now: datetime,
    max_attempts: int = MAX_ATTEMPTS,
) -> None:
    """Put back for a later try, or park when it cannot get better or was tried enough."""
    tries = job.attempt - job.forgiven
    again = retry and tries < max_attempts
    execute(
        db,
        "UPDATE job SET state = ?, error = ?, run_after = ?, finished_at = ?"
        " WHERE id = ? AND state = 'running' AND attempt = ?",
        (
            "waiting" if again else "parked",
            error,
            to_ms(now + timedelta(seconds=30 * 4 ** (tries - 1))),
            None if again else to_ms(now),
            job.id,
            job.attempt,
        ),
    )


def postpone(db: Database, job: Job, error: str, *, now: datetime, seconds: float) -> None:
    """Put back without counting the attempt: the outside was away (disk, share), not the work."""
    execute(
        db,
        "UPDATE job SET state = 'waiting', forgiven = forgiven + 1, error = ?, run_after = ?"
        " WHERE id = ? AND state = 'running' AND attempt = ?",
        (error, to_ms(now + timedelta(seconds=seconds)), job.id, job.attempt),
    )


def retry_job(db: Database, job_id: int, *, now: datetime) -> Job:
    """Give a parked job three new tries; raises NotFound when it is not parked."""
    found = row(
        db,
        "UPDATE job SET state = 'waiting', forgiven = attempt, run_after = ?, error = '',"
        " finished_at = NULL WHERE id = ? AND state = 'parked' RETURNING *",
        (to_ms(now), job_id),
    )
    if found is None:
        raise NotFound("there is no parked job of this number; it may have been retried already")
    return _job(found)


def revive(db: Database, kind: str, subject: int, *, parked_before: datetime) -> int:
    """Give parked work three new tries if it was parked before a moment."""
    return execute(
        db,
        "UPDATE job SET state = 'waiting', forgiven = attempt, finished_at = NULL"
        " WHERE kind = ? AND subject = ? AND state = 'parked' AND finished_at < ?",
        (kind, subject, to_ms(parked_before)),
    )


def drop_jobs(db: Database, kinds: tuple[str, ...], subject: int) -> int:
    """Forget the open jobs of these kinds for one subject (before a redo or an erasure)."""
    marks = ", ".join("?" for _ in kinds)
    return execute(
        db,
        f"DELETE FROM job WHERE subject = ? AND state <> 'done' AND kind IN ({marks})",
        (subject, *kinds),
    )


def has_open(db: Database, kinds: tuple[str, ...], subject: int) -> bool:
    """Whether one of these kinds waits or runs for a subject."""
    marks = ", ".join("?" for _ in kinds)
    return row(
        db, f"SELECT 1 FROM job WHERE subject = ? AND {OPEN} AND kind IN ({marks})",
        (subject, *kinds),
    ) is not None  # fmt: skip


def others_wait(db: Database, lane: str, kinds: tuple[str, ...], *, now: datetime) -> bool:
    """Whether other work than of these kinds could be done in a lane now."""
    marks = ", ".join("?" for _ in kinds)
    sql = (
        f"SELECT 1 FROM job WHERE lane = ? AND {OPEN} AND run_after <= ? AND state = 'waiting'"
        f" AND kind NOT IN ({marks}) LIMIT 1"
    )
    return value(db, sql, (lane, to_ms(now), *kinds)) is not None


def parked_error(db: Database, kind: str, subject: int) -> str:
    """Why a job was parked, "" where it was not."""
    found = row(
        db,
        "SELECT error FROM job WHERE state = 'parked' AND kind = ? AND subject = ?",
        (kind, subject),
    )
    return (found["error"] or "no reason was given") if found else ""


def count_open(db: Database, *, now: datetime | None = None) -> int:
    """Jobs that wait or run; with ``now`` only those that could run by then."""
    limit = to_ms(now) if now else 2**62
    return int(
        value(
            db,
            f"SELECT count(*) FROM job WHERE {OPEN} AND (state = 'running' OR run_after <= ?)",
            (limit,),
        )
    )


def count_by_state(db: Database) -> dict[str, dict[str, int]]:
    """Open jobs as {lane: {state: count}}."""
    counted: dict[str, dict[str, int]] = {}
    for found in rows(
        db, "SELECT lane, state, count(*) AS n FROM job WHERE state <> 'done' GROUP BY 1, 2"
    ):
        counted.setdefault(found["lane"], {})[found["state"]] = found["n"]
    return counted


def list_jobs(db: Database, states: tuple[str, ...], limit: int = 100) -> list[Job]:
    """Jobs in these states, the longest waiting first."""
    marks = ", ".join("?" for _ in states)
    return [
        _job(found)
        for found in rows(
            db,
            f"SELECT * FROM job WHERE state IN ({marks}) ORDER BY run_after, id LIMIT ?",
            (*states, limit),
        )
    ]


def prune_done(db: Database, *, before: datetime) -> int:
    """Forget finished jobs older than ``before``."""
    return execute(db, "DELETE FROM job WHERE state = 'done' AND finished_at < ?", (to_ms(before),))


def _job(found: Row) -> Job:
    return Job(
        id=found["id"],
        kind=found["kind"],
        subject=found["subject"],
        lane=found["lane"],
        state=found["state"],
        attempt=found["attempt"],
        forgiven=found["forgiven"],
        run_after=from_ms(found["run_after"]),
        created_at=from_ms(found["created_at"]),
        worker=found["worker"],
        progress=found["progress"],
        error=found["error"],
        options=msgspec.json.decode(found["options"], type=dict[str, str]),
    )
