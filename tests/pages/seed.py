"""A box full of calls to look at: the twenty sample calls with their sound, in every state.

``python -m tests.pages.seed FOLDER`` serves it on https://localhost:8443 for looking around; with
a number behind it, so many plain calls are added.
"""

import io
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import argon2
import msgspec

from appliance import audio, queue
from appliance.config import Config
from appliance.db import Database, open_db, writing
from appliance.facts.analysis import Analysis, Evidence, Turnaway
from appliance.facts.calls import FoundCall, FoundRecording
from appliance.facts.codes import (
    CRITICAL_ITEMS,
    INTENTS,
    KIND_OF_REASON,
    MISSED_STATES,
    OUTCOMES,
    RUBRIC_ITEMS,
)
from appliance.facts.fees import FeeList
from appliance.facts.rubrics import Check, Item
from appliance.facts.speech import Provenance, Segment, Transcript, Word
from appliance.facts.work import WorkItem
from appliance.keys import Keys, create_keys
from appliance.migrations import migrate
from appliance.reading.flags import answers_of, flags_of, own_flags
from appliance.reading.questions import answer_questions
from appliance.reading.rubrics import own_name
from appliance.stages.publish import make_card
from appliance.store import (
    analyses,
    calls,
    connectors,
    corrections,
    flags,
    lost,
    receiving,
    recordings,
    reviews,
    rubrics,
    scores,
    transcripts,
    users,
    work_acts,
    worklist,
)
from appliance.store.fees import save_fees
from appliance.store.settings import ClinicSettings, save_settings
from appliance.vault import Vault
from tests.pages.advice import add_opinions
from tests.pages.lexicon import add_words

CALLS = Path(__file__).parents[2] / "models" / "demo" / "calls"
ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 19, 15, 40, tzinfo=ZONE).astimezone(UTC)
PASSWORD = "correct horse battery staple"
PEOPLE = {
    "Olivia": ("owner", ""),
    "Maria": ("manager", ""),
    "Denise": ("frontdesk", "101"),
    "Ingrid": ("it", ""),
    "Ada": ("auditor", ""),
}
STAFF = {"101": "Denise", "102": "Marcus", "103": "Priya", "104": "Hannah"}  # 105 has no name yet
LINES = ("+15125550100", "+15125550101")  # the clinic's own numbers
CLIENTS = ("Sarah Miller", "", "James Carter", "Emily Brooks", "", "Wireless caller")
ITEMS = (
    "demo-05",
    "demo-06",
    "demo-07",
    "demo-08",
    "demo-09",
    "demo-12",
    "demo-13",
)  # on the worklist
QUESTION = "Do we tell that insurance forms are filled in here?"
CARELESS = random.Random(7)
WORDS = Provenance(
    engine="faster-whisper",
    model="small.en",
    checksum="9f86d081884c7d659a2feaa0c55ad015",
    options={"beam": 5, "compute_type": "int8"},
    software="petsvet 0.1.0",
)
READING = Provenance(engine="phrases", model="english", software="petsvet 0.1.0")


@dataclass
class Box:
    """A seeded box; ``refs`` are the sample calls by their name."""

    config: Config
    keys: Keys
    refs: dict[str, str]

    def open_db(self) -> Database:
        return open_db(self.config.data / "petsvet.db", self.keys.database)


def seed_box(folder: Path, *, samples: bool = True, many: int = 0, sound: bool = True) -> Box:
    """Make a box in an empty folder, with the sample calls or ``many`` plain ones."""
    keys, _ = create_keys(folder)
    box = Box(Config(data=folder), keys, {})
    db = open_db(folder / "petsvet.db", keys.database, create=True)
    migrate(db)
    with writing(db):
        save_settings(db, ClinicSettings(clinic_name="Willow Creek", zone="America/Chicago"))
        add_question(db)
    add_people(db)
    if many or samples:
        add_connectors(db)
        with writing(db):
            for extension, name in STAFF.items():
                calls.name_staff(db, extension, name)
    if many:
        add_plain_calls(db, many)
    if samples:
        vault = Vault(folder, keys.recordings)
        for line in (CALLS / "scripts.jsonl").read_text().splitlines():
            script = json.loads(line)
            box.refs[script["id"]] = add_sample(db, vault if sound else None, script)
        add_unfinished(db, box.refs)
        work_the_list(db, box.refs)
        correct_some(db, box.refs["demo-06"])
    if many or samples:
        add_words(db, NOW, min(many, 10_000))
        add_opinions(db, NOW, calls.get_call_by_ref(db, box.refs["demo-05"]).id if samples else 0)
    db.close()
    return box


def add_question(db: Database) -> None:
    """A question of the clinic's own, worded anew since it got its name."""
    shipped = rubrics.get_rubric(db)
    name = own_name(shipped, "Asks about pet insurance and explains the forms")
    check = Check(phrases=("insurance", "anything else"))
    question = Item(name=name, words=QUESTION, check=check)
    rubrics.save_version(
        db, (*shipped.items, question), seen=shipped.number, by="Maria", now=NOW - timedelta(days=9)
    )


def publish_it(db: Database, call_id: int, analysis: Analysis, segments: Sequence[Segment]) -> None:
    """The card, flags and score of a call, as the last stage saves them."""
    call = calls.get_call(db, call_id)
    own = answer_questions(rubrics.get_rubric(db), segments, analysis.intent)
    analyses.save_card(db, call_id, make_card(call, analysis, segments, ZONE.key))
    reviews.settle_card(db, call_id)
    flags.save_flags(db, call_id, (*flags_of(analysis), *own_flags(own)))
    scores.save_score(db, call_id, answers_of(analysis) | own, {}, now=NOW)
    calls.set_state(db, call_id, "ready", now=NOW)


def add_people(db: Database) -> None:
    """Everybody has the same password, hashed fast."""
    slow, users._hasher = users._hasher, argon2.PasswordHasher(1, 64, 1)
    try:
        with writing(db):
            for name, (role, extension) in PEOPLE.items():
                users.add_user(db, name, role, PASSWORD, now=NOW, staff_extension=extension)
    finally:
        users._hasher = slow


def add_connectors(db: Database) -> None:
    """One phone system that is fine, one that is away."""
    with writing(db):
        fine = connectors.add_connector(db, "front-desk-pbx", "freepbx", {}, now=NOW)
        connectors.save_checkpoint(db, fine, {}, problem="", now=NOW - timedelta(seconds=40))
        away = connectors.add_connector(db, "annex-share", "folder", {}, now=NOW)
        connectors.save_checkpoint(db, away, {}, problem="", now=NOW - timedelta(hours=5))
        connectors.save_problem(db, away, "The share is not mounted; check the cable or the NAS.")


def add_sample(db: Database, vault: Vault | None, script: dict[str, Any]) -> str:
    """One sample call with sound, transcript and analysis; returns its reference."""
    times = json.loads((CALLS / "times.json").read_text()).get(script["id"], {})
    with writing(db):
        received = receiving.receive_call(db, "front-desk-pbx", found_of(script, times), now=NOW)
        assert received
        call_id = received[0]
        if times and vault:
            add_sound(db, vault, call_id, CALLS / "audio" / times["file"])
        if times:
            transcripts.save_transcript(db, call_id, said_in(script, times), now=NOW)
        calls.set_after_hours(db, call_id, script["after_hours"])
        analysis = analysis_of(script)
        analyses.save_analysis(db, call_id, analysis, now=NOW)
        kept = transcripts.get_transcript(db, call_id)
        publish_it(db, call_id, analysis, kept.segments if kept else ())
        lost.settle_call(db, call_id, now=NOW)
        done(db, call_id)
    return calls.get_call(db, call_id).ref


def found_of(script: dict[str, Any], times: dict[str, Any]) -> FoundCall:
    """The sample call as its phone system would tell it."""
    start = script["start"]
    at = datetime.fromisoformat(f"{(NOW.astimezone(ZONE)):%Y-%m-%d}T{start['time']}")
    at = at.replace(tzinfo=ZONE) - timedelta(days=start["days_ago"] - 1)
    at -= timedelta(days=at > NOW)
    talk = times.get("duration_ms", 0)
    number = int(script["id"][-2:])
    state = {"demo-13": "voicemail_left", "demo-20": "ring_abandon"}.get(script["id"], "answered")
    out, client = script["direction"] == "out", script["caller_number"]
    file = FoundRecording(
        locator=script["id"], name=times.get("file", ""), size=1, modified_ns=1,
        channel_map=times.get("channel_map"),
    )  # fmt: skip
    return FoundCall(
        native_key=f"{1700000000 + number}.{number}",
        started_at=at.astimezone(UTC),
        duration_ms=talk + script["ring_s"] * 1000,
        talk_ms=talk,
        ring_ms=script["ring_s"] * 1000,
        direction=script["direction"],
        answer_state=state,
        caller_number=str(script["staff_ext"]) if out else client,
        dialed=client if out else "",
        caller_name="" if out else CLIENTS[number % len(CLIENTS)],
        staff_extension=str(script["staff_ext"] or ""),
        metadata_level="cdr",
        recordings=(file,) if times else (),
    )


def add_sound(db: Database, vault: Vault, call_id: int, path: Path) -> None:
    """Seal a recording and note what decoding tells of it."""
    recording = recordings.list_recordings(db, call_id)[0]
    with path.open("rb") as file:
        decoded = audio.decode(file)
        file.seek(0)
        key, wrapped = vault.new_key(recording.ref)
        name, info = vault.put(file, key, recording.ref)
    recordings.save_sealed(
        db,
        recordings.Sealed(
            recording_id=recording.id, digest=info.sha256, size=info.size, file=name,
            wrapped_key=wrapped,
        ),
    )  # fmt: skip
    playable = ""
    if not decoded.playable_type:
        playable, _ = vault.put(io.BytesIO(decoded.playable), key, f"{recording.ref}.play")
    recordings.save_listened(
        db,
        recordings.Listened(
            recording_id=recording.id, codec=decoded.codec, rate=decoded.rate,
            channels=decoded.channels, duration_ms=decoded.duration_ms,
            peaks=audio.peaks(decoded.speech), playable_file=playable,
            playable_type=decoded.playable_type or "audio/wav",
        ),
    )  # fmt: skip


def said_in(script: dict[str, Any], times: dict[str, Any]) -> Transcript:
    """The script as a transcript, a few words doubtful; a mono call leaves some speakers open."""
    mono = times["channel_map"] is None
    segments = []
    for index, (line, at) in enumerate(zip(script["segments"], times["segments"], strict=True)):
        told = not (mono and index % 5 == 3)
        segments.append(
            Segment(
                index=index,
                speaker=line["speaker"] if told else "unknown",
                speaker_why=("turn" if mono else "channel") if told else "",
                start_ms=at["start_ms"],
                end_ms=at["end_ms"],
                text=line["text"],
                channel=at["channel"],
                words=spread(line["text"].split(), at["start_ms"], at["end_ms"]),
            )
        )
    return Transcript(
        language="en", segments=tuple(segments), provenance=WORDS, duration_ms=times["duration_ms"]
    )


def spread(texts: Sequence[str], start: int, end: int) -> tuple[Word, ...]:
    """Words over a stretch of time by their letters."""
    letters = sum(len(text) + 1 for text in texts)
    words, at = [], 0
    for text in texts:
        sure = 0.3 if CARELESS.random() < 0.04 else 0.9
        begin = start + (end - start) * at // letters
        at += len(text) + 1
        words.append(
            Word(
                start_ms=begin,
                end_ms=start + (end - start) * at // letters - 20,
                text=text,
                confidence=sure,
            )
        )
    return tuple(words)


def analysis_of(script: dict[str, Any]) -> Analysis:
    """The script's labels, with evidence where a reader would find it."""
    told, last = script["labels"], max(0, len(script["segments"]) - 1)
    evidence = {
        "intent": (Evidence(first_segment=min(1, last), last_segment=min(1, last)),),
        "outcome": (Evidence(first_segment=last - 4, last_segment=last - 3),),
        "turnaway": (Evidence(first_segment=last // 2, last_segment=last // 2 + 1),),
        "urgency": (Evidence(first_segment=min(2, last), last_segment=min(2, last)),),
    }
    rubric = dict(told["rubric"])
    for number, item in enumerate(RUBRIC_ITEMS):
        if rubric.get(item) in {"met", "not_met"} and last:
            place = (number * 3) % last
            evidence[f"rubric.{item}"] = (Evidence(first_segment=place, last_segment=place),)
    if rubric:
        rubric["empathy"] = "cannot_tell"
    if script["id"] == "demo-11":
        rubric["red_flag_escalated"] = "not_met"
    return Analysis(
        intent=told["intent"],
        secondary=tuple(told["secondary"]),
        caller_relation=told["caller_relation"],
        urgency=told["urgency"],
        sentiment_start=told["sentiment_start"],
        sentiment_end=told["sentiment_end"],
        outcome=told["outcome"],
        turnaway=Turnaway(**told["turnaway"]) if told["turnaway"] else None,
        staff_name=told["staff_name"],
        disclosure_heard=told["disclosure_heard"],
        rubric=rubric,
        evidence=evidence if last else {},
        provenance=READING,
    )


def done(db: Database, call_id: int) -> None:
    """The road of a call is behind it."""
    moment = NOW - timedelta(minutes=call_id)
    queue.enqueue(db, "publish", call_id, "done-earlier", now=moment)
    job = queue.claim(db, "done-earlier", "seed", now=moment, lease_s=60)
    assert job
    queue.finish(db, job, now=moment)


def add_unfinished(db: Database, refs: dict[str, str]) -> None:
    """Calls that wait, run, are parked, or cannot be read, minutes ago."""
    for number, (state, kind, lane) in enumerate(
        (
            ("found", "receive", "courier"),
            ("received", "transcribe", "speech"),
            ("received", "transcribe", "speech"),
            ("received", "transcribe", "speech"),
            ("ready", "", ""),
        )
    ):
        name = ("waiting", "running", "parked", "queued", "broken")[number]
        file = FoundRecording(locator=name, name=f"{name}.wav", size=1, modified_ns=1)
        found = FoundCall(
            native_key=name, started_at=NOW - timedelta(minutes=3 + 4 * number),
            duration_ms=190_000, talk_ms=181_000, ring_ms=6000, direction="in",
            caller_number=f"+1512555020{number}", staff_extension=f"10{number + 1}",
            metadata_level="cdr", recordings=(file,),
        )  # fmt: skip
        with writing(db):
            received = receiving.receive_call(db, "front-desk-pbx", found, now=NOW)
            assert received
            call_id = received[0]
            calls.set_state(db, call_id, state, now=NOW)
            if kind:
                queue.enqueue(db, kind, call_id, lane, now=NOW - timedelta(minutes=5 - number))
        refs[name] = calls.get_call(db, call_id).ref
        if name == "broken":
            break_recording(db, call_id)
    work(db)


def break_recording(db: Database, call_id: int) -> None:
    """A recording the decoder could not read."""
    recording = recordings.list_recordings(db, call_id)[0]
    with writing(db):
        recordings.save_listened(
            db,
            recordings.Listened(
                recording_id=recording.id, codec="", rate=0, channels=0, duration_ms=0, peaks=b"",
                playable_file="", playable_type="", problem="unreadable",
            ),
        )  # fmt: skip


def work(db: Database) -> None:
    """One job runs at 43 %, one was parked."""
    with writing(db):
        running = queue.claim(db, "speech", "speech-1", now=NOW, lease_s=86_400)
        assert running
        queue.beat(db, running, 0.43, now=NOW, lease_s=86_400)
        parked = queue.claim(db, "speech", "speech-2", now=NOW, lease_s=60)
        assert parked
        told = "The decoder could not be started; free memory and retry."
        queue.fail(db, parked, told, retry=False, now=NOW)


def work_the_list(db: Database, refs: dict[str, str]) -> None:
    """Some callers were called back, one said to be gone, two are Denise's, fees are told."""
    for name, hours in (("demo-08", 3), ("demo-10", 26)):
        call_back(db, refs, name, hours)
    people = {user.name: user for user in users.list_users(db)}
    with writing(db):
        fee_list = FeeList(
            fees={"sick_visit": (85, 240), "wellness": (60, 140), "urgent_visit": (150, 600),
                  "new_pet": (90, 220), "other": (50, 120)},
            odds={"capacity": (20, 45), "skill": (35, 70), "policy": (10, 30), "caller": (5, 20)},
        )  # fmt: skip
        save_fees(db, fee_list)
        for name in ("demo-05", "demo-06"):
            item, denise = item_of(db, refs[name]), people["Denise"]
            work_acts.assign(db, item, denise.id, "Maria", now=NOW, text="Denise")
        given = item_of(db, refs["demo-05"])
        work_acts.add_note(db, given, "called", "Denise", now=NOW, text="Line was busy at 9:10.")
        gone = item_of(db, refs["demo-12"])
        work_acts.close(db, gone, "lost", "Maria", now=NOW, text="Went to another clinic.")
    refs |= {f"item-{name[-2:]}": item_of(db, refs[name]).ref for name in ITEMS}


def correct_some(db: Database, ref: str) -> None:
    """A call that people corrected: words, a speaker, who took it, and one without a place."""
    call_id = calls.get_call_by_ref(db, ref).id
    lines = transcripts.list_heard(db, call_id)
    gone = msgspec.structs.replace(lines[2], channel=7, text="Is that the brave ecto one?")
    with writing(db):
        corrections.correct_words(
            db, call_id, lines[3], f"{lines[3].text} And the Bravecto, please.", "Maria", now=NOW
        )
        corrections.correct_speaker(db, call_id, [(lines[4], "unknown")], "Olivia", now=NOW)
        corrections.correct_staff_name(db, call_id, "", "Priya", "Maria", now=NOW)
        corrections.correct_words(db, call_id, gone, "Is that the Bravecto one?", "Olivia", now=NOW)


def item_of(db: Database, call_ref: str) -> WorkItem:
    """The item of the worklist a call belongs to."""
    item = worklist.item_of_call(db, calls.get_call_by_ref(db, call_ref).id)
    assert item
    return item


def call_back(db: Database, refs: dict[str, str], name: str, hours: int) -> None:
    """Somebody called a caller back hours later, and was answered."""
    first = calls.get_call_by_ref(db, refs[name])
    found = FoundCall(
        native_key=f"back-{name}", started_at=first.started_at + timedelta(hours=hours),
        duration_ms=95_000, talk_ms=80_000, ring_ms=7000, direction="out", caller_number="102",
        dialed=first.caller_number, staff_extension="102", metadata_level="cdr",
    )  # fmt: skip
    with writing(db):
        received = receiving.receive_call(db, "front-desk-pbx", found, now=NOW)
        assert received
        calls.set_state(db, received[0], "ready", now=NOW)
        lost.settle_call(db, received[0], now=NOW)


def add_plain_calls(db: Database, count: int) -> None:
    """Many calls with a short transcript each, every five minutes back from now."""
    dice = random.Random(3)
    for at in range(0, count, 500):
        with writing(db):
            for number in range(at, min(at + 500, count)):
                add_plain_call(db, number, dice)


def add_plain_call(db: Database, number: int, dice: random.Random) -> None:
    """One of the many."""
    symptom = dice.choice(("limping", "vomiting", "itching", "due for a rabies shot", "coughing"))
    texts: tuple[str, ...] = (
        "Thank you for calling Willow Creek, how can I help you?",
        f"Hi, my dog has been {symptom} since last night, can somebody look at him?",
        "I can offer you tomorrow at ten or Friday at three.",
        "Tomorrow at ten is good, thank you.",
    )
    missed = number % 8 == 3
    back = number % 16 == 1  # every other missed call is called back ten minutes later
    caller = f"+1512555{(number + 2 if back else number) % 10_000:04d}"
    found = FoundCall(
        native_key=f"plain-{number}", started_at=NOW - timedelta(minutes=5 * number + 9),
        duration_ms=22_000 if missed else 40_000, talk_ms=0 if missed else 34_000,
        ring_ms=dice.randrange(2000, 24_000), direction="out" if back else "in",
        answer_state=dice.choice(MISSED_STATES) if missed else "answered",
        caller_number="" if back else caller,
        dialed=caller if back else LINES[number % 3 % 2],
        staff_extension="" if missed else str(101 + number % 5), metadata_level="cdr",
    )  # fmt: skip
    received = receiving.receive_call(db, "front-desk-pbx", found, now=NOW)
    assert received
    call_id = received[0]
    if missed:
        texts = ()
    segments = tuple(
        Segment(index=i, speaker=("staff", "caller")[i % 2], speaker_why="channel", text=text,
                start_ms=i * 8000, end_ms=i * 8000 + 7000)
        for i, text in enumerate(texts)
    )  # fmt: skip
    if not missed:
        kept = Transcript(language="en", segments=segments, provenance=WORDS, duration_ms=34_000)
        transcripts.save_transcript(db, call_id, kept, now=NOW)
    analysis = plain_analysis(number, missed, dice)
    analyses.save_analysis(db, call_id, analysis, now=NOW)
    publish_it(db, call_id, analysis, segments)
    lost.settle_call(db, call_id, now=NOW)


def odds_of(item: str) -> tuple[int, int, int, int]:
    """What is dangerous is rare."""
    return (60, 1, 30, 9) if item in CRITICAL_ITEMS else (6, 1, 3, 1)


def plain_analysis(number: int, missed: bool, dice: random.Random) -> Analysis:
    """What was read in one of the many; every ninth was turned away."""
    if missed:
        away = Turnaway(reason="no_connect", kind="capacity") if dice.random() < 0.3 else None
        return Analysis(turnaway=away, disclosure_heard="cannot_tell", provenance=READING)
    reason = dice.choice(("cap_day", "no_ask", "price_only", "policy_rule", "price_objection"))
    place = (Evidence(first_segment=1, last_segment=2),)
    rubric = {
        item: dice.choices(("met", "not_met", "na", "cannot_tell"), odds_of(item))[0]
        for item in RUBRIC_ITEMS
    }
    return Analysis(
        intent=dice.choice(INTENTS),
        outcome=dice.choice(OUTCOMES),
        urgency=dice.choices(("routine", "soon", "same_day", "red"), (60, 20, 15, 1))[0],
        caller_relation=dice.choice(("new_client", "existing_client", "existing_client")),
        sentiment_start=dice.choice(("negative", "neutral", "neutral", "positive")),
        sentiment_end=dice.choice(("negative", "neutral", "positive", "positive")),
        disclosure_heard=dice.choice(("yes", "yes", "no")),
        species=(dice.choice(("dog", "dog", "cat", "rabbit")),),
        turnaway=None if number % 9 else Turnaway(reason=reason, kind=KIND_OF_REASON[reason]),
        rubric=rubric,
        evidence={f"rubric.{item}": place for item in rubric} | {"turnaway": place},
        provenance=READING,
    )


if __name__ == "__main__":
    from tests.pages.server import serve

    where, more = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    where.mkdir(parents=True, exist_ok=True)
    serve(seed_box(where, many=more), port=8443)
