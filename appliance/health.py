"""The checks of the box, as one list for the command line and the page alike."""

import io
import shutil
import tempfile
import wave
from collections.abc import Callable
from datetime import timedelta

from appliance import audio, drop_accounts, queue
from appliance.db import Database, check_integrity, value
from appliance.errors import PetsvetError
from appliance.facts import Fact, to_ms
from appliance.keys import damaged_copies, describe_mode
from appliance.migrations import schema_version
from appliance.store import alarms, audit, connectors, mail
from appliance.store.troubles import list_troubles
from appliance.tools import MODELS, Tools

LEAST_FREE = 2 << 30  # bytes


class Finding(Fact, frozen=True, kw_only=True):
    """What a check found: state is ok, warning or problem; ``advice`` says what to do."""

    name: str
    state: str
    found: str
    advice: str = ""


Check = Callable[[Database, Tools], Finding]


def check_database(db: Database, tools: Tools) -> Finding:
    """Every page of the database authenticates and the structure is sound."""
    problems = check_integrity(db)
    if problems:
        return Finding(
            name="database",
            state="problem",
            found=f"{len(problems)} damaged places",
            advice="Stop the box and restore the last backup.",
        )
    version = value(db, "SELECT sqlite_version()")
    found = f"sound, encrypted, SQLite {version}, schema {schema_version(db)}"
    return Finding(name="database", state="ok", found=found)


def check_keys(db: Database, tools: Tools) -> Finding:
    """Where the root key lies, told truthfully, and whether both copies of the keyring are good."""
    damaged = damaged_copies(tools.config.data)
    if damaged:
        return Finding(
            name="keys",
            state="warning",
            found="a copy of the keyring is damaged",
            advice="Run `petsvet doctor --repair` to write it again from the good copy.",
        )
    return Finding(name="keys", state="ok", found=describe_mode(tools.config.data))


def check_disk(db: Database, tools: Tools) -> Finding:
    """Space left for recordings."""
    free = shutil.disk_usage(tools.config.data).free
    state = "ok" if free > LEAST_FREE else "problem"
    return Finding(
        name="disk",
        state=state,
        found=f"{free / 2**30:.1f} GiB free",
        advice=""
        if state == "ok"
        else "Free some space: below 2 GiB no recording is taken safely.",
    )


def check_model(db: Database, tools: Tools) -> Finding:
    """The speech model is there and is what was installed."""
    from models.installed import verify_model
    from models.loading import find_model

    try:
        directory, _ = find_model(tools.config.speech, tools.config.data / MODELS)
        manifest = verify_model(directory)
    except PetsvetError as error:
        return Finding(
            name="speech model", state="problem", found=str(error), advice="Install a speech model."
        )
    return Finding(
        name="speech model",
        state="warning" if manifest.card.id == "demo" else "ok",
        found=f"{manifest.card.id}, verified",
        advice="The demo model knows only the synthetic demo voices; install a real model."
        if manifest.card.id == "demo"
        else "",
    )


def check_sense(db: Database, tools: Tools) -> Finding:
    """The encoder of sentences is there and is what was published."""
    from models.sense import NAME, check_files

    try:
        there = check_files()
    except PetsvetError as error:
        advice = "Until then no call is read, since nobody knows what the file would do."
        return Finding(name="reading", state="problem", found=str(error), advice=advice)
    if there:
        return Finding(name="reading", state="ok", found=f"by rules, words and {NAME}, verified")
    advice = "Calls are read less well without it; install requirements-sense.lock with --no-deps."
    return Finding(
        name="reading", state="warning", found="without the sentence encoder", advice=advice
    )


def check_phones(db: Database, tools: Tools) -> Finding:
    """Every phone system could be read the last time."""
    known = [c for c in connectors.list_connectors(db) if c.live]
    ill = [c for c in known if c.problem]
    if ill:
        found, advice = (
            f"{len(ill)} cannot be read: {ill[0].problem}",
            "Check the share or network.",
        )
        return Finding(name="phone systems", state="problem", found=found, advice=advice)
    if not known:
        advice = "Add one: petsvet connectors add, or import recordings."
        return Finding(name="phone systems", state="warning", found="none", advice=advice)
    return Finding(name="phone systems", state="ok", found=f"{len(known)} read without a problem")


def check_alarms(db: Database, tools: Tools) -> Finding:
    """No phone system is too quiet, too full or telling less than it used to."""
    holding = alarms.list_alarms(db)
    if not holding:
        return Finding(name="phone alarms", state="ok", found="none")
    first = holding[0]
    more = f" (and {len(holding) - 1} more)" if len(holding) > 1 else ""
    return Finding(
        name="phone alarms",
        state="problem" if first.alarm.code in ("failing", "silent", "never") else "warning",
        found=f"{first.connector}: {first.alarm.sentence}{more}",
        advice=first.alarm.advice,
    )


def check_drop(db: Database, tools: Tools) -> Finding:
    """Phone systems that deliver to the box can do so, and nothing crosses the network in clear."""
    accounts = len(drop_accounts.list_accounts(db, tools.keys))
    told = {who: text for who, text in list_troubles(db).items() if who.startswith(("drop", "ftp"))}
    if not told:
        found = f"{accounts} accounts" if accounts else "no phone system delivers to the box"
        return Finding(name="drop", state="ok", found=found)
    advice = "Free the port or choose another; receive what waits; or switch FTP off."
    clear = set(told) == {"ftp"}
    return Finding(
        name="drop",
        state="warning" if clear else "problem",
        found="; ".join(told.values()),
        advice=advice,
    )


def check_queue(db: Database, tools: Tools) -> Finding:
    """Nothing parked, and nothing waiting for more than a day."""
    parked = sum(states.get("parked", 0) for states in queue.count_by_state(db).values())
    if parked:
        return Finding(
            name="queue",
            state="problem",
            found=f"{parked} parked",
            advice="See the activity page for the reason, then retry.",
        )
    limit = to_ms(tools.now() - timedelta(days=1))
    old = value(db, "SELECT count(*) FROM job WHERE state = 'waiting' AND created_at < ?", (limit,))
    if old:
        advice = "The box cannot keep up: use a smaller speech model or more hours."
        return Finding(
            name="queue", state="warning", found=f"{old} older than a day", advice=advice
        )
    return Finding(name="queue", state="ok", found=f"{queue.count_open(db)} open, none parked")


def check_audit(db: Database, tools: Tools) -> Finding:
    """The chain of the audit log holds from the first row to the last."""
    count, broken = audit.verify(db)
    if broken is not None:
        return Finding(
            name="audit log",
            state="problem",
            found=f"changed at row {broken}",
            advice="Keep the disk as it is and have it examined.",
        )
    return Finding(name="audit log", state="ok", found=f"{count} rows hold")


def check_mail(db: Database, tools: Tools) -> Finding:
    """Whether mail leaves the box, and whether some could not."""
    parked, waiting = (len(mail.list_mail(db, (state,), 1000)) for state in ("parked", "waiting"))
    if parked:
        found = f"{parked} mails could not be sent"
        advice = "Look at the page Settings, Mail server; it tells why."
        return Finding(name="mail", state="warning", found=found, advice=advice)
    if not mail.may_send(db):
        return Finding(name="mail", state="ok", found="none leaves the box")
    return Finding(name="mail", state="ok", found=f"{waiting} waiting")


def check_decoder(db: Database, tools: Tools) -> Finding:
    """A recording is decoded in its cage; says which walls stood around it."""
    with tempfile.TemporaryFile() as file:
        file.write(_second_of_sound())
        file.flush()
        walls = audio.decode(file).jail
    return Finding(name="decoder cage", state="ok", found=", ".join(walls))


def _second_of_sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(1, 251)) * 64)
    return out.getvalue()


CHECKS: tuple[Check, ...] = (
    check_database,
    check_keys,
    check_disk,
    check_model,
    check_sense,
    check_phones,
    check_alarms,
    check_drop,
    check_queue,
    check_mail,
    check_audit,
    check_decoder,
)


def examine(db: Database, tools: Tools) -> list[Finding]:
    """All findings; a check that breaks is itself a finding."""
    return [_run(check, db, tools) for check in CHECKS]


def _run(check: Check, db: Database, tools: Tools) -> Finding:
    try:
        return check(db, tools)
    except PetsvetError as error:
        name = check.__name__.removeprefix("check_")
        return Finding(name=name, state="problem", found=str(error))
