"""What the box is doing: queue, running and parked work, phone systems; never content of calls."""

from datetime import UTC, datetime, time
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from appliance import queue
from appliance.db import Database, writing
from appliance.errors import NotFound
from appliance.facts import Fact
from appliance.facts.calls import Call
from appliance.facts.jobs import LANES, ROAD, Job
from appliance.store import calls, connectors
from appliance.store.settings import get_settings, zone_of
from webui.policy import Person
from webui.security import note

STATES = ("waiting", "running", "parked")
MOST_JOBS = 50


class JobRow(Fact, frozen=True, kw_only=True):
    """A job and the call it works on, if it is one."""

    job: Job
    call: Call | None


@get("/activity", name="activity_show", opt={"action": "view_activity"}, sync_to_thread=True)
def activity_show(db: Database, now: datetime) -> Template:
    """The page."""
    return Template("activity.html", context=tell_activity(db, now))


@get(
    "/activity/now",
    name="activity_now",
    opt={"action": "view_activity", "poll": True},
    sync_to_thread=True,
)
def activity_now(db: Database, now: datetime) -> Template:
    """The part that renews itself; it keeps no session alive."""
    return Template("_activity_now.html", context=tell_activity(db, now))


def tell_activity(db: Database, now: datetime) -> dict[str, Any]:
    """Counts, jobs and phone systems as the templates want them."""
    zone = zone_of(get_settings(db).zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)
    done_calls, done_audio_ms = calls.count_done(db, midnight)
    counted = queue.count_by_state(db)
    lanes = [(lane, {s: counted.get(lane, {}).get(s, 0) for s in STATES}) for lane in LANES]
    return {
        "zone": zone,
        "now": now,
        "done_calls": done_calls,
        "done_audio_ms": done_audio_ms,
        "lanes": lanes,
        "counts": {s: sum(counts[s] for _, counts in lanes) for s in STATES},
        "running": job_rows(db, "running"),
        "parked": job_rows(db, "parked"),
        "delayed": [row for row in job_rows(db, "waiting") if row.job.error],
        "connectors": connectors.list_connectors(db),
    }


def job_rows(db: Database, state: str) -> list[JobRow]:
    """Jobs in a state with their calls."""
    return [
        JobRow(job=job, call=_call_of(db, job)) for job in queue.list_jobs(db, (state,), MOST_JOBS)
    ]


def _call_of(db: Database, job: Job) -> Call | None:
    try:
        return calls.get_call(db, job.subject) if job.kind in ROAD else None
    except NotFound:  # erased since
        return None


@post("/jobs/{job:int}/retry", name="job_retry", opt={"action": "retry_job"}, sync_to_thread=True)
def job_retry(
    job: int, request: Request[Any, Any, Any], db: Database, now: datetime, person: Person
) -> Response[Any]:
    """Give a parked job three new tries."""
    with writing(db):
        retried = queue.retry_job(db, job, now=now)
        note(db, person, "retry_job", f"job {job}", now=now, detail={"kind": retried.kind})
    if "hx-request" in request.headers:
        context = tell_activity(db, now)
        return Template("_activity_now.html", context=context)
    return Redirect("/activity", status_code=303)


ROUTES = [activity_show, activity_now, job_retry]
