"""Ask: one call that waits for a second opinion, if the server and the road leave room for it.

One call a time, so that phone systems never wait for more than one answer; while other work of this
lane is due, none at all. What goes wrong is kept beside the wish: this chore itself never fails.
"""

from datetime import datetime, timedelta

import msgspec

from appliance import __version__, queue
from appliance.db import Database, value, writing
from appliance.errors import Misconfigured, PetsvetError, Unusable
from appliance.facts import Fact, to_ms
from appliance.facts.opinions import Opinion, OpinionServer, Reply, Wish
from appliance.facts.speech import Provenance, Segment
from appliance.opinion_server import Adviser, ChatServer, Later
from appliance.reading.answer import believe
from appliance.reading.question import PROMPT_VERSION, ask_about, digest_of
from appliance.store import calls, opinion_servers, opinions, transcripts
from appliance.tools import Tools

LANE = "courier"
NAME = "ask_opinion"
PATIENT = 3  # failures in a row before the server is left alone
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
UNTIL_CORRECTED = timedelta(minutes=15)


class Asked(Fact, frozen=True, kw_only=True):
    """What came of one question; no ``wished`` call: there was nothing to ask."""

    wished: Wish | None = None
    opinion: Opinion | None = None
    mode: str = ""
    problem: str = ""
    wait_s: int = 0
    counts: bool = True  # against the call
    hopeless: bool = False  # asking again gives the same
    misconfigured: bool = False
    early: bool = False  # enough was sent this minute


def work(db: Database, tools: Tools, subject: int) -> Asked:
    """Ask about the next call, if there is one and now is a time for it."""
    server, state = opinion_servers.get_server(db), opinion_servers.get_state(db)
    wished = opinions.next_wish(db, now=tools.now())
    if (
        wished is None
        or server.scope == "off"
        or state.rests_at(tools.now())
        or _road_waits(db, tools.now())
    ):
        return Asked()
    if state.free_at and tools.now() < state.free_at:
        return Asked(early=True)
    return ask(db, tools, wished)


def _road_waits(db: Database, now: datetime) -> bool:
    """Whether a phone system waits for this lane: recordings come before opinions."""
    found = value(
        db,
        "SELECT count(*) FROM job WHERE lane = ? AND state = 'waiting' AND kind <> ?"
        " AND run_after <= ?",
        (LANE, NAME, to_ms(now)),
    )
    return bool(found)


def ask(db: Database, tools: Tools, wished: Wish) -> Asked:
    """Ask about one call now. Nothing is raised for what a server does or does not do."""
    try:
        adviser = open_adviser(db, tools)
        opinion = _opinion_on(db, tools, adviser, wished)
    except Later as error:
        return Asked(wished=wished, problem=str(error), wait_s=error.wait_s, counts=error.counts)
    except Unusable as error:
        sure = error.outcome in ("too_long", "no_words", "context")
        return Asked(wished=wished, problem=str(error), hopeless=sure)
    except PetsvetError as error:
        return Asked(wished=wished, problem=str(error), counts=False, misconfigured=True)
    return Asked(wished=wished, opinion=opinion, mode=adviser.mode)


def open_adviser(db: Database, tools: Tools) -> Adviser:
    """The server as it is set, with its key. Raises Misconfigured or Refused."""
    server = opinion_servers.get_server(db)
    if not server.url:
        raise Misconfigured("no server for second opinions is set; enter its address first")
    key = opinion_servers.read_key(db, tools.keys.connectors)
    return ChatServer(server, key, opinion_servers.get_state(db).mode)


def _opinion_on(db: Database, tools: Tools, adviser: Adviser, wished: Wish) -> Opinion:
    transcript = transcripts.get_transcript(db, wished.call_id)
    segments = transcript.segments if transcript else ()
    if not segments:
        raise Unusable("there are no words in this call to ask about", "no_words")
    messages, digest = ask_about(segments), digest_of(segments)
    server = opinion_servers.get_server(db)
    with writing(db):
        opinions.note_outgoing(
            db,
            calls.get_call(db, wished.call_id).ref,
            msgspec.json.encode(messages),
            destination=f"{server.url} ({server.allowed})",
            allowed_by=wished.asked_by or server.set_by,
            now=tools.now(),
        )
    reply = adviser.ask(messages)
    return _opinion_of(reply, segments, digest, server, tools.now())


def _opinion_of(
    reply: Reply, segments: tuple[Segment, ...], digest: str, server: OpinionServer, now: datetime
) -> Opinion:
    answer = believe(reply.text, segments)
    provenance = Provenance(
        engine="chat completions",
        model=reply.told_model or server.model,
        options={"asked_for": server.model, "form": reply.mode, "prompt": PROMPT_VERSION},
        software=__version__,
    )
    return Opinion(
        claims=answer.claims, dropped=answer.dropped, digest=digest, provenance=provenance,
        created_at=now,
    )  # fmt: skip


def save(db: Database, asked: Asked, now: datetime) -> bool:
    """Keep the opinion, or when to try again; then have the next call asked about."""
    server = opinion_servers.get_server(db)
    if asked.wished and asked.opinion:
        opinions.save_opinion(db, asked.wished.call_id, asked.opinion)
        opinion_servers.change_state(db, failures=0, paused_until=None, problem="", mode=asked.mode)
    elif asked.wished:
        _put_off(db, asked, asked.wished, now)
    if asked.wished:
        free_at = now + timedelta(seconds=60 / server.per_minute)
        opinion_servers.change_state(db, free_at=free_at)
    if (asked.wished or asked.early) and server.scope != "off" and opinions.count_waiting(db)[0]:
        free = opinion_servers.get_state(db).free_at
        queue.enqueue(db, NAME, 0, LANE, now=now, run_after=free)
    return True


def _put_off(db: Database, asked: Asked, wished: Wish, now: datetime) -> None:
    opinions.put_off(
        db, wished, asked.problem, now=now, counts=asked.counts, hopeless=asked.hopeless
    )
    if asked.hopeless:
        return  # the server did nothing wrong
    failures = opinion_servers.get_state(db).failures + 1
    pause = pause_after(failures, asked)
    opinion_servers.change_state(
        db, failures=failures, problem=asked.problem, paused_until=now + pause if pause else None
    )


def pause_after(failures: int, asked: Asked) -> timedelta:
    """How long to leave a server alone that failed so many times in a row."""
    if asked.wait_s:
        return min(LONGEST_PAUSE, timedelta(seconds=asked.wait_s))
    if asked.misconfigured:
        return UNTIL_CORRECTED
    if failures < PATIENT:
        return timedelta(0)
    doublings = min(failures - PATIENT, 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))
