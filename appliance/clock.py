"""The clock: it does no work, it only enqueues what is due."""

import signal
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from appliance import pipeline
from appliance.db import writing
from appliance.errors import PetsvetError
from appliance.logs import get_log
from appliance.store.connectors import list_connectors
from appliance.tools import Tools

log = get_log(__name__)


def poll(tools: Tools) -> int:
    """Have every phone system looked at; returns how many looks were enqueued."""
    db = tools.open_db()
    try:
        with writing(db):
            return sum(
                pipeline.start_chore(db, "discover", connector.id, now=tools.now())
                for connector in list_connectors(db)
                if connector.live
            )
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
    for minute, chore in ((0, "sweep"), (20, "prune")):
        scheduler.add_job(
            _safely,
            CronTrigger(hour=settings.sweep_hour, minute=minute, timezone=zone),
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
