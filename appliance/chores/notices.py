"""Notices: write the mails that are due, and tell webhooks what has happened.

Nothing is sent here; the courier does that. A mail and the note that it was written are one
transaction, so none is written twice.
"""

import socket
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import msgspec

from appliance import queue
from appliance.chores.brief import ATTACHMENTS, gather_brief, items_of
from appliance.chores.week import finished_week, note_report
from appliance.config import Config
from appliance.db import Database
from appliance.errors import Refused
from appliance.facts import Fact
from appliance.facts.notices import Happening, Letter, NoticeRules, Reader
from appliance.facts.work import WorkFilter
from appliance.reading import briefs, periods
from appliance.reading.briefs import Desk
from appliance.reading.letters import Draft, write_letter
from appliance.reading.schedules import closed_days, last_due
from appliance.reports.week import last_monday, tell_week
from appliance.store import alarms, happenings, hooks, mail, readers
from appliance.store.settings import ClinicSettings, get_settings, zone_of
from appliance.tools import Tools

LANE = "chores"
TOO_LATE = timedelta(hours=6)  # a brief of the morning is of no use at night
FRESH = timedelta(hours=24)  # and an alert about an old call is none
WEEK = timedelta(days=7)
CODES_PER_HOUR = 5


class Planned(Fact, frozen=True, kw_only=True):
    """One mail to be queued for somebody."""

    user_id: int
    address: str
    kind: str
    letter: Letter


class Made(Fact, frozen=True, kw_only=True):
    """What is due: mails, what is thereby told to whom, and what webhooks are told."""

    mails: tuple[Planned, ...] = ()
    sent_for: tuple[tuple[int, str, datetime], ...] = ()
    alerted: tuple[tuple[int, int], ...] = ()
    news: tuple[Happening, ...] = ()
    report: date | None = None


def is_needed(db: Database, now: datetime) -> bool:
    """Whether there is anything to look at: news, a finished week, or somebody who gets notices."""
    if happenings.are_new(db) or finished_week(db, now):
        return True
    return mail.may_send(db) and bool(readers.list_confirmed(db))


def work(db: Database, tools: Tools, subject: int) -> Made:
    """Write what is due."""
    made = Made(news=tuple(happenings.list_new(db)), report=finished_week(db, tools.now()))
    if not mail.may_send(db):
        return made
    house = _House(db, tools)
    mails: list[Planned] = []
    sent_for: list[tuple[int, str, datetime]] = []
    alerted: list[tuple[int, int]] = []
    for reader in readers.list_confirmed(db):
        for notice, moment in house.due_for(reader):
            mails += house.write(reader, notice, moment)
            sent_for.append((reader.user_id, notice, moment))
        if "system" in reader.choices and (news := house.alarms_for(reader)):
            mails.append(news[0])
            sent_for.append((reader.user_id, "system", news[1]))
        if "alerts" in reader.choices:
            alerts, up_to = house.alerts_for(reader)
            mails += alerts
            alerted.append((reader.user_id, up_to))
    return msgspec.structs.replace(
        made, mails=tuple(mails), sent_for=tuple(sent_for), alerted=tuple(alerted)
    )


def save(db: Database, made: Made, now: datetime) -> bool:
    """Queue all of it, and have the courier called."""
    for planned in made.mails:
        put_notice(db, planned, now=now)
    for user_id, notice, moment in made.sent_for:
        readers.note_sent(db, user_id, notice, moment)
    for user_id, happening in made.alerted:
        readers.note_alerted(db, user_id, happening)
    for happened in made.news:
        for hook_id in hooks.tell_hooks(db, happened, now=now):
            queue.enqueue(db, "send_hooks", hook_id, "courier", now=now)
    if made.news:
        happenings.mark_handled(db, made.news[-1].id)
    if made.report:
        note_report(db, made.report, now=now)
    return True


def put_notice(db: Database, planned: Planned, *, now: datetime) -> None:
    """Queue a mail and call the courier; belongs inside ``writing()``."""
    mail.put_mail(
        db, planned.kind, planned.address, planned.letter, now=now, user_id=planned.user_id
    )
    queue.enqueue(db, "send_mail", 0, "courier", now=now)


def send_code(db: Database, config: Config, user_id: int, *, now: datetime) -> None:
    """Mail somebody the code that shows their address is theirs; belongs inside ``writing()``.

    Raises Refused where no mail can leave, there is no address, or too many codes were asked for.
    """
    reader = readers.get_reader(db, user_id)
    readers.check_address_set(reader)
    if not mail.may_send(db):
        raise Refused("no mail leaves the box yet; the office manager sets that up under Mail")
    if mail.count_mail(db, user_id, ("code",), now - timedelta(hours=1)) >= CODES_PER_HOUR:
        raise Refused("several codes were mailed already; look for them, or try again in an hour")
    code = readers.new_code(db, user_id, now=now)
    letter = write_letter(briefs.code_letter(desk_of(db, config, reader), code))
    put_notice(db, _planned(reader, "code", letter), now=now)


def put_test(db: Database, config: Config, user_id: int, address: str, *, now: datetime) -> int:
    """Queue a mail that only shows that mail works; returns its number. Raises Refused."""
    if not mail.may_send(db):
        raise Refused("set the mail server up and switch it on first")
    return mail.put_mail(
        db,
        "test",
        address,
        test_letter(db, config, readers.get_reader(db, user_id).name),
        now=now,
        user_id=user_id,
    )


def test_letter(db: Database, config: Config, by: str) -> Letter:
    """The mail that shows that mail works."""
    clinic = get_settings(db).clinic_name or "Your clinic"
    return write_letter(briefs.test_letter(clinic, address_of(config), by))


def tell_system(db: Database, config: Config, told: str, page: str, *, now: datetime) -> None:
    """Write to those who want to know how the box does; belongs inside ``writing()``."""
    if not mail.may_send(db):
        return
    for reader in readers.list_confirmed(db):
        if "system" in reader.choices:
            letter = write_letter(briefs.system_letter(desk_of(db, config, reader), told, page))
            put_notice(db, _planned(reader, "system", letter), now=now)


def address_of(config: Config) -> str:
    """Where the pages of this box are, as a mail can lead to them."""
    name = config.web.names[0] if config.web.names else socket.gethostname()
    host = f"[{name}]" if ":" in name else name
    return f"https://{host}" + ("" if config.web.port == 443 else f":{config.web.port}")


def desk_of(db: Database, config: Config, reader: Reader) -> Desk:
    """For whom and where a mail is written."""
    clinic = get_settings(db)
    return Desk(
        clinic=clinic.clinic_name or "Your clinic",
        box=address_of(config),
        zone=zone_of(clinic.zone).key,
        name=reader.name,
        full=readers.get_rules(db).full,
    )


def _planned(reader: Reader, kind: str, letter: Letter) -> Planned:
    return Planned(user_id=reader.user_id, address=reader.address, kind=kind, letter=letter)


class _House:
    """The clinic at one moment, for all readers."""

    def __init__(self, db: Database, tools: Tools) -> None:
        self.db, self.config, self.now = db, tools.config, tools.now()
        self.clinic: ClinicSettings = get_settings(db)
        self.rules: NoticeRules = readers.get_rules(db)
        self.zone = zone_of(self.clinic.zone)

    def due_for(self, reader: Reader) -> Iterator[tuple[str, datetime]]:
        """The notices somebody should have had by now and has not."""
        for notice in reader.choices:
            moment = self._last(notice, self.now)
            before = reader.sent_for.get(notice)
            if moment and self.now - moment <= TOO_LATE and (not before or before < moment):
                yield notice, moment

    def _last(self, notice: str, moment: datetime) -> datetime | None:
        """The newest moment up to ``moment`` at which a notice was due."""
        every = dict.fromkeys("0123456", self.rules.digest)
        times = {
            "brief": self.rules.brief,
            "desk": self.rules.desk,
            "digest": every,
            "weekly": {self.rules.weekly_day: self.rules.weekly},
        }.get(notice, {})
        always = self.rules.closed_days or notice == "weekly"
        closed = frozenset() if always else closed_days(self.clinic.hours)
        return last_due(times, self.zone, moment, closed)

    def write(self, reader: Reader, notice: str, moment: datetime) -> list[Planned]:
        """The mail, if there is anything to tell."""
        begin, end = self._span(notice, moment)
        draft = self._draft(reader, notice, begin, end)
        if draft is None:
            return []
        letter = write_letter(draft)
        if attach := ATTACHMENTS.get(notice):
            found = attach(self.db, begin, end)
            letter = Letter(
                subject=letter.subject, text=letter.text, html=letter.html, attachment=found
            )
        return [_planned(reader, notice, letter)]

    def _span(self, notice: str, moment: datetime) -> tuple[datetime, datetime]:
        """What a notice of this moment tells of."""
        midnight = datetime.combine(moment.astimezone(self.zone).date(), time.min, self.zone)
        if notice == "digest":
            return midnight.astimezone(moment.tzinfo), moment
        if notice == "weekly":  # Monday to Sunday like its report, on whatever day it is sent
            week = periods.week_of(last_monday(moment, self.zone))
            return periods.begins(week, self.zone), periods.ends(week, self.zone)
        before = self._last(notice, moment - timedelta(seconds=1)) or moment - timedelta(days=1)
        return max(before, moment - WEEK), moment

    def _draft(self, reader: Reader, notice: str, begin: datetime, end: datetime) -> Draft | None:
        desk = desk_of(self.db, self.config, reader)
        if notice == "desk":
            own, mine = (reader.extension,) if reader.extension else (), reader.user_id
            told = gather_brief(self.db, begin, end, own, news=True, work=WorkFilter(owner_id=mine))
            return briefs.desk_brief(desk, told)
        if notice == "brief":
            told = gather_brief(self.db, begin, end, news=True, work=WorkFilter())
            return briefs.manager_brief(desk, told)
        if notice == "weekly":
            monday = begin.astimezone(self.zone).date()
            return briefs.weekly_report(desk, tell_week(self.db, monday, end))
        return briefs.noon_digest(desk, gather_brief(self.db, begin, end))

    def alarms_for(self, reader: Reader) -> tuple[Planned, datetime] | None:
        """One mail about the phone systems' alarms somebody has not heard of, and up to when."""
        since = reader.sent_for.get("system", self.now - FRESH)
        raised = alarms.list_raised(self.db, since)
        if not raised:
            return None
        told = tuple((f"{o.connector}: {o.alarm.sentence}", o.alarm.advice) for _, o in raised)
        desk = desk_of(self.db, self.config, reader)
        letter = write_letter(briefs.alarm_letter(desk, told))
        return _planned(reader, "system", letter), raised[-1][0]

    def alerts_for(self, reader: Reader) -> tuple[list[Planned], int]:
        """Alerts about new safety flags, and up to which happening they tell.

        At most so many mails an hour: the last that is left tells all the rest at once, and after
        it the next hour is waited for.
        """
        pending = happenings.list_safety(self.db, reader.alerted, self.now - FRESH)
        sent = mail.count_mail(self.db, reader.user_id, ("alert",), self.now - timedelta(hours=1))
        room = self.rules.alerts_per_hour - sent
        if not pending or room <= 0:
            return [], reader.alerted
        flags: dict[int, tuple[str, ...]] = {}
        for each in pending:
            assert each.call_id is not None
            flags[each.call_id] = (*flags.get(each.call_id, ()), each.detail["flag"])
        items = items_of(self.db, flags)
        alone = len(items) if len(items) <= room else room - 1
        groups = [items[n : n + 1] for n in range(alone)] + [items[alone:]]
        desk = desk_of(self.db, self.config, reader)
        letters = [write_letter(briefs.safety_alert(desk, group)) for group in groups if group]
        return [_planned(reader, "alert", letter) for letter in letters], pending[-1].id
