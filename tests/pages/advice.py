"""Second opinions in the seeded box: most agree with the reading, some differ, one was given up."""

import random
from datetime import datetime

from appliance.db import Database, rows, writing
from appliance.facts.analysis import Evidence
from appliance.facts.opinions import LABELS, Claim, Opinion, OpinionServer, Tested
from appliance.facts.speech import Provenance
from appliance.reading.question import CODES
from appliance.reading.second import compare
from appliance.store import analyses, opinion_servers, opinions

MODEL = "qwen2.5:14b"
ASKED = Provenance(engine="chat completions", model=MODEL, options={"prompt": "opinion-1"})


def add_opinions(db: Database, now: datetime, given_up: int = 0) -> None:
    """Set a server up and give every second call with words an opinion; ``given_up`` gets none."""
    dice = random.Random(5)
    found = [r["call_id"] for r in rows(db, "SELECT call_id FROM transcript ORDER BY call_id")]
    with writing(db):
        opinion_servers.save_server(
            db,
            OpinionServer(
                url="http://192.168.1.50:11434/v1", allowed="192.168.1.50", model=MODEL,
                scope="turnaways",
            ),
        )  # fmt: skip
        tested = Tested(models=(MODEL, "llama3.1:8b"), mode="json_schema", took_ms=4200, believed=5)
        opinion_servers.save_tested(db, tested, now=now)
    for at in range(0, len(found), 500):
        with writing(db):
            for call_id in found[at : at + 500]:
                if call_id % 2 and call_id != given_up:
                    opinions.save_opinion(db, call_id, opinion_on(db, call_id, now, dice))
    if given_up:
        give_up(db, given_up, now)


def opinion_on(db: Database, call_id: int, now: datetime, dice: random.Random) -> Opinion:
    """What a model would say that agrees five times of six."""
    analysis = analyses.get_analysis(db, call_id)
    ours = {c.label: c.ours for c in compare(analysis, [Claim(label=n, value="") for n in LABELS])}
    place = (Evidence(first_segment=0, last_segment=1),)
    claims = tuple(
        Claim(
            label=label,
            value=ours[label] if dice.random() < 0.83 else dice.choice(CODES[label]),
            evidence=place,
        )
        for label in LABELS[: 4 + call_id % 4]
    )
    dropped = {} if len(claims) == len(LABELS) else {"no_such_line": len(LABELS) - len(claims)}
    return Opinion(
        claims=claims, dropped=dropped, digest=f"{call_id}", provenance=ASKED, created_at=now
    )


def give_up(db: Database, call_id: int, now: datetime) -> None:
    """A call that the model could not read."""
    with writing(db):
        opinions.drop_wish(db, call_id)
        opinions.wish(db, call_id, now=now)
        wished = opinions.get_wish(db, call_id)
        assert wished
        told = "this call is too long for the server's model"
        opinions.put_off(db, wished, told, now=now, counts=True, hopeless=True)
