"""The clock: it does no work, it only enqueues what is due."""

import signal
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from appliance import pipeline
from appliance.chores import notices, send_mail
from appliance.db import writing
from appliance.errors import PetsvetError
from appliance.logs import get_log
from appliance.store import hooks, lost, opinions
from appliance.store.connectors import list_live
from appliance.tools import Tools

log = get_log(__name__)


def poll(tools: Tools) -> int:
    """Have every phone system looked at; returns how many looks were enqueued.

    Where calls of an earlier time are being fetched, the next of them are put on the road too.
    """
    db = tools.open_db()
    try:
        with writing(db):
            looks = 0
            for connector_id, fetching in list_live(db):
                looks += pipeline.start_chore(db, "discover", connector_id, now=tools.now())
                if fetching:
                    pipeline.start_chore(db, "backfill", connector_id, now=tools.now())
            if lost.has_marks(db):
                pipeline.start_chore(db, "settle_worklist", now=tools.now())
            return looks
    finally:
        db.close()


def watch(tools: Tools) -> int:
    """Have every phone system watched for silence; returns how many looks were enqueued."""
    db = tools.open_db()
    try:
        with writing(db):
            return sum(
                pipeline.start_chore(db, "watch_phones", connector_id, now=tools.now())
                for connector_id, _ in list_live(db)
            )
    finally:
        db.close()


def post(tools: Tools) -> int:
    """Have notices written and what waits to leave the box sent; returns how much was enqueued."""
    db, now = tools.open_db(), tools.now()
    try:
        due = [("notices", 0)] if notices.is_needed(db, now) else []
        due += [("send_mail", 0)] if send_mail.is_due(db, now) else []
        due += [("send_hooks", hook_id) for hook_id in hooks.list_due(db, now)]
        due += [("ask_opinion", 0)] if opinions.next_wish(db, now=now) is not None else []
        if not due:
            return 0
        with writing(db):
            return sum(pipeline.start_chore(db, chore, of, now=now) for chore, of in due)
    finally:
        db.close()


def start(tools: Tools, chore: str) -> None:
    """Have a chore done."""
    db = tools.open_db()
    try:
        with writing(db):
            pipeline.start_chore(db, chore, now=tools.now())
    finally:
        db.close()


def _safely(tools: Tools, chore: str) -> None:
    """A failure now must not stop the clock: the next tick tries again."""
    try:
        if chore == "poll":
            poll(tools)
        elif chore == "watch":
            watch(tools)
        elif chore == "post":
            post(tools)
        else:
            start(tools, chore)
    except PetsvetError as error:
        log.warning("clock could not enqueue", kind=chore, error=error)


def make_scheduler(tools: Tools) -> BlockingScheduler:
    """The plan: polling all the time, sweeping and pruning at night."""
    settings = tools.config.clock
    zone = ZoneInfo(settings.timezone) if settings.timezone else datetime.now().astimezone().tzinfo
    scheduler = BlockingScheduler(
        timezone=zone, job_defaults={"coalesce": True, "misfire_grace_time": 3600}
    )
    scheduler.add_job(
        _safely,
        IntervalTrigger(seconds=settings.poll_s, timezone=zone),
        (tools, "poll"),
        next_run_time=datetime.now(zone),
        id="poll",
    )
    scheduler.add_job(
        _safely,
        IntervalTrigger(hours=1, timezone=zone),
        (tools, "watch"),
        next_run_time=datetime.now(zone) + timedelta(minutes=10),
        id="watch",
    )
    scheduler.add_job(
        _safely,
        IntervalTrigger(minutes=1, timezone=zone),
        (tools, "post"),
        next_run_time=datetime.now(zone) + timedelta(seconds=20),
        id="post",
    )
    for minute, chore in ((0, "sweep"), (20, "prune"), (40, "count_terms")):
        scheduler.add_job(
            _safely,
            CronTrigger(hour=settings.sweep_hour, minute=minute, timezone=zone),
            (tools, chore),
            id=chore,
        )
    for chore in ("clear_drop", "settle_worklist"):
        scheduler.add_job(
            _safely,
            IntervalTrigger(hours=1, timezone=zone),
            (tools, chore),
            id=chore,
        )
    return scheduler


def run_clock(tools: Tools) -> None:
    """The clock process: until SIGTERM or SIGINT."""
    scheduler = make_scheduler(tools)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.shutdown(wait=False))
    scheduler.start()
