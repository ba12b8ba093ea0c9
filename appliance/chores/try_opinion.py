"""Try: whether the server for second opinions answers, with a made-up call and no word of a real one."""

from datetime import datetime

from appliance.chores.ask_opinion import open_adviser
from appliance.db import Database
from appliance.errors import PetsvetError
from appliance.facts import Fact
from appliance.facts.opinions import MODES, Tested
from appliance.facts.speech import Segment
from appliance.logs import get_log
from appliance.reading.question import ask_about
from appliance.store import opinion_servers
from appliance.tools import Tools

log = get_log(__name__)

LANE = "courier"
MADE_UP = tuple(
    Segment(index=index, speaker=speaker, text=text)
    for index, (speaker, text) in enumerate(
        (
            ("staff", "Animal hospital, how can I help you?"),
            ("caller", "Hi, my dog needs his rabies shot this week."),
            ("staff", "I can offer you Thursday at ten."),
            ("caller", "Thursday at ten is perfect, thank you."),
        )
    )
)


class Tried(Fact, frozen=True, kw_only=True):
    """What the test showed."""

    tested: Tested


def work(db: Database, tools: Tools, subject: int) -> Tried:
    """Test once. Whatever goes wrong is told in the result, in words."""
    try:
        adviser = open_adviser(db, tools)
        adviser.mode = MODES[0]  # the server may have been renewed and know the strict form now
        return Tried(tested=adviser.test(ask_about(MADE_UP), MADE_UP))
    except PetsvetError as error:
        return Tried(tested=Tested(problem=str(error)))
    except Exception as error:  # noqa: BLE001  (a hostile answer must end as a sentence)
        log.warning("a test of the second opinion broke", error=error)
        kind = type(error).__name__
        return Tried(
            tested=Tested(problem=f"the server answered something nobody understands ({kind})")
        )


def save(db: Database, tried: Tried, now: datetime) -> bool:
    """Keep what was seen beside the settings."""
    opinion_servers.save_tested(db, tried.tested, now=now)
    return True
