"""How the call ended: offers, answers and blocks in their order decide the outcome."""

from functools import cache
from itertools import pairwise
from re import Pattern
from typing import Final, NamedTuple

from appliance.facts.codes import UNKNOWN
from appliance.reading.callbacks import callbacks, timed
from appliance.reading.grammar import phrases
from appliance.reading.intents import SICK, Reasons
from appliance.reading.moods import Label
from appliance.reading.plain import words
from appliance.reading.scene import NEVER, Scene, Turn, first, last

BLOCKS: Final = (
    "says_full", "doctor_away", "no_new_clients", "no_species", "no_service", "policy",
)  # fmt: skip
_FINAL: Final = ("no_new_clients", "no_species", "no_service", "policy")  # no slot mends these
OFFERS: Final = ("offers_slot", "offers_visit", "offers_waitlist")
UNHELPED: Final = frozenset(("refused", "caller_declined", "caller_will_call_back", "referred_out"))
_NO_CARE: Final = words("vendor wrong_number spam job_seeker personal")

_LEAVING: Final = ("declines", "goes_elsewhere", "will_call_back", "asks_alternative")
_CHOICE: Final = """
    <weekday>
    tomorrow
    today
    the <ordinal>
    <ordinal>
    <time> <clock>
    <time> oclock
    at <time>
    first/second/earlier/later one
    that one
    mornings/afternoons/morning/afternoon
"""
_DOUBT: Final = """
    no
    not
    can not
    nothing
    too long/late/far/early/soon/much/expensive
    work/working
    hmm
    busy
    sooner/earlier/later/else
    but
"""
_MEDICINE: Final = frozenset(("refill", "outside_pharmacy", "diet"))
_NOT_VISITS: Final = words(
    "inpatient_update pickup payment hours_directions grief_followup records_request lost_found "
    "compliment complaint"
)
_SURE: Final = """
    you are all set/booked/scheduled
    all set for
    will/great/perfect/okay/then/and see you/him/her/them/you_guys/you_both/you_all [and] ~ <day>
    will/great/perfect/okay/then/and see you/him/her/them/you_guys/you_both/you_all ~ at <time>
    see you then/soon/there/shortly/in_a
    we will see ~~ <day>
    booked/scheduled you/him/her/them/that for
    that is booked/scheduled/confirmed
    appointment is confirmed/booked/all_set
    got you booked/scheduled/down
    i have [got] you/him/her/them ~~ down/scheduled/booked
    put/putting you/him/her/them/that down for/on/at
    moved you/him/her/that/it to
"""


@cache
def _pattern(rows: str) -> Pattern[str]:
    return phrases([rows])


class Ending(NamedTuple):
    """The outcome with its turns, and what was found on the way to it."""

    code: str
    turns: tuple[int, ...]
    booked: int  # the first turn in which a slot was taken, NEVER if none
    block: int  # the last turn in which the desk said no, NEVER if none
    first_block: int
    offer: int  # the last turn in which the desk offered anything


def settle(scene: Scene, reasons: Reasons) -> Ending:
    """Read the outcome; the latest decisive event wins."""
    blocks = scene.desk(*BLOCKS)
    taken = slots_taken(scene)
    found = _outcome(scene, reasons, last(taken), blocks)
    offers = scene.desk(*OFFERS)
    return Ending(found.code, found.turns, first(taken), last(blocks), first(blocks), last(offers))


def _outcome(scene: Scene, reasons: Reasons, booked: int, blocks: tuple[int, ...]) -> Label:
    if not scene.turns:
        return Label(UNKNOWN)
    if reasons.intent in _NO_CARE:
        return _stranger(scene)
    if lost := line_lost(scene):
        return Label("disconnected", lost)
    if may_book(scene, reasons) and booked != NEVER and booked > _undone(scene, blocks, booked):
        return Label(_booked_how(scene, reasons, booked), (booked,))
    for read in (_transferred, _referred, _callback, _waitlisted):
        if label := read(scene):
            return label
    if not wants_something(scene, reasons):
        return _answered(scene)
    return _left_by_caller(scene) or _left_by_desk(scene, blocks)


def may_book(scene: Scene, reasons: Reasons) -> bool:
    """Errands name days and hours too, but nothing is booked in them."""
    if reasons.intent in _MEDICINE:
        return bool(scene.desk("offers_visit"))
    if reasons.intent == "confirm":
        return bool(scene.desk("moves"))
    return reasons.intent not in _NOT_VISITS


def takes(turn: Turn, scene: Scene) -> bool:
    """Whether a caller's turn takes what was just offered."""
    refusing = scene.caller("declines", "will_call_back", "goes_elsewhere", "asks_alternative")
    accepting = turn.index in scene.caller("accepts")
    if turn.index in refusing and not accepting:
        return False
    chosen = _pattern(_CHOICE).search(turn.text) is not None
    doubt = _pattern(_DOUBT).search(turn.text) is not None
    if accepting:
        return not doubt or chosen
    agreed = turn.index in scene.caller("says_yes")
    asks = turn.text.startswith((" is ", " do ", " does ", " what ", " how "))
    return (chosen or agreed) and not doubt and not asks


def slots_taken(scene: Scene) -> tuple[int, ...]:
    """Turns in which a slot was taken or confirmed."""
    taken = [turn.index for turn in _replies(scene) if takes(turn, scene)]
    taken += _told_again(scene)
    sure = [t.index for t in scene.by("staff") if _pattern(_SURE).search(t.text)]
    confirmed = [index for index in scene.desk("confirms") if _just_took(scene, index)]
    return tuple(sorted({*taken, *sure, *confirmed, *_set_off(scene)}))


def _told_again(scene: Scene) -> list[int]:
    """A slot named by the desk, not refused, and named once more: it was taken in between."""
    named = scene.desk("offers_slot")
    again = [then for one, then in pairwise(named) if then > one + 1]
    if not again or scene.caller(*_LEAVING, after=again[-1] - 2):
        return []
    return again[-1:] if not scene.desk(*BLOCKS, after=again[-1] - 1) else []


def _set_off(scene: Scene) -> tuple[int, ...]:
    """Told to come now and leaving: no slot is named in an emergency."""
    called_in = scene.desk("tells_come_now")
    if not called_in or scene.desk("sends_elsewhere"):
        return ()
    return scene.caller("leaves_now", after=min(called_in))


def _replies(scene: Scene) -> list[Turn]:
    sent = first(scene.desk("sends_elsewhere"))
    called_in = {i for i in scene.desk("tells_come_now") if sent == NEVER or i < sent}
    offers = set(scene.desk("offers_slot")) - set(scene.desk("promises_callback")) | called_in
    replies = (scene.next_by("caller", index) for index in sorted(offers))
    return [turn for turn in replies if turn is not None]


def _just_took(scene: Scene, index: int) -> bool:
    before = scene.turns[index - 1] if index else None
    return bool(before and before.may_be("caller") and takes(before, scene))


def _undone(scene: Scene, blocks: tuple[int, ...], booked: int) -> int:
    """The last turn that takes a booking back."""
    after = booked - 1
    caller = scene.caller("will_call_back", "goes_elsewhere", "declines", after=after)
    hard = scene.desk(*_FINAL, after=after)
    full = tuple(b for b in blocks if b > booked + 1)
    confirmed = scene.desk("confirms", after=booked)
    return max((i for i in (*caller, *hard, *full) if i > last(confirmed)), default=NEVER)


def _booked_how(scene: Scene, reasons: Reasons, booked: int) -> str:
    standing = reasons.intent in ("reschedule", "confirm", "cancel") or "reschedule" in (
        reasons.secondary
    )
    moved = standing and (reasons.intent == "reschedule" or bool(scene.desk("moves")))
    refused = scene.desk("says_full", "doctor_away", before=booked)
    return "booked_alternative" if moved or refused else "booked"


def _stranger(scene: Scene) -> Label:
    if rebuffed := scene.desk("rebuffs"):
        return Label("refused", rebuffed)
    if message := scene.desk("takes_message"):
        return Label("message_taken", message)
    if promise := callbacks(scene):
        return Label("callback_untimed", promise)
    if moved := scene.desk("transfers"):
        return Label("transferred_unresolved", moved)
    return Label("info_only", (scene.turns[-1].index,))


def line_lost(scene: Scene) -> tuple[int, ...]:
    """Turns that show the line breaking at the end of the call."""
    near_end = len(scene.turns) - 6
    signs = scene.caller("lost_line", after=near_end)
    desk = tuple(
        t.index for t in scene.by("staff")
        if t.index > near_end and _pattern(_DESK_LOST).search(t.text)
    )  # fmt: skip
    lost = tuple(sorted({*signs, *desk}))
    closing = _pattern("bye\ntake care\nthank_you").search(scene.turns[-1].text)
    return lost if lost and not closing else ()


_DESK_LOST: Final = """
    hello [hello] are you there
    are you [still] there
    hello hello
    you are/keep breaking/cutting
    can you hear me
    can not hear you
    i think we/i lost/got_disconnected
    still there
"""


def _referred(scene: Scene) -> Label | None:
    sent = scene.desk("sends_elsewhere")
    if not sent:
        return None
    later = scene.desk("offers_slot", "offers_visit", "promises_callback", after=sent[-1])
    kept = scene.desk("offers_slot", before=sent[-1]) and scene.caller("declines", after=sent[-1])
    return None if later or kept else Label("referred_out", sent)


def _callback(scene: Scene) -> Label | None:
    promised = callbacks(scene)
    waiting = set(scene.desk("offers_waitlist"))
    promised = tuple(index for index in promised if index not in waiting)
    if not promised:
        return None
    return Label("callback_timed" if timed(scene, promised) else "callback_untimed", promised)


def _waitlisted(scene: Scene) -> Label | None:
    for index in scene.desk("offers_waitlist"):
        reply = scene.next_by("caller", index)
        if reply and takes(reply, scene):
            return Label("waitlisted", (index, reply.index))
    return None


def _left_by_caller(scene: Scene) -> Label | None:
    since = len(scene.turns) - 9
    back = scene.caller("will_call_back", after=since)
    if back and last(back) >= last(scene.caller("goes_elsewhere", after=since)):
        return Label("caller_will_call_back", back)
    offered = scene.desk(*OFFERS)
    closed = last(scene.desk(*_FINAL)) > last(offered)
    no = scene.caller(
        "declines", "goes_elsewhere", "objects_price", after=max(first(offered), since)
    )
    return Label("caller_declined", no) if offered and no and not closed else None


def _left_by_desk(scene: Scene, blocks: tuple[int, ...]) -> Label:
    busy = scene.desk("busy")
    if busy and scene.desk("excuses"):
        return Label("caller_will_call_back", busy)
    if blocks and not scene.desk("quotes_price", after=last(blocks)):
        return Label("refused", blocks)
    return _answered(scene)


def _answered(scene: Scene) -> Label:
    if message := scene.desk("takes_message"):
        return Label("message_taken", message)
    return _told(scene)


def _transferred(scene: Scene) -> Label | None:
    """Passed on, and nobody who could help was heard after it."""
    moved = scene.desk("transfers")
    later = [t for t in scene.turns if moved and t.index > moved[-1] and t.speaker == "staff"]
    return Label("transferred_unresolved", moved) if moved and not later else None


def wants_something(scene: Scene, reasons: Reasons) -> bool:
    """Whether there was anything to decline or refuse: care, a price, or a visit asked for."""
    solemn = reasons.intent == "end_of_life"
    refusable = reasons.intent in ("refill", "outside_pharmacy", "diet", UNKNOWN)
    asked = bool(scene.caller("asks_to_book", "wonders")) and reasons.intent not in _NOT_VISITS
    return solemn or refusable or asked or wants_care(reasons)


def _told(scene: Scene) -> Label:
    heard = scene.by("caller")
    since = heard[0].index if heard else len(scene.turns)
    answers = (turn for turn in scene.by("staff") if turn.index > since)
    spoken = [turn.index for turn in answers if len(turn.text.split()) > 2]
    if not spoken:
        return Label(UNKNOWN)
    return Label("info_only", tuple(spoken[-2:]))


def wants_care(reasons: Reasons) -> bool:
    """Whether the reasons of the call include care the clinic could have given."""
    return any(code in _CARE for code in (reasons.intent, *reasons.secondary))


_CARE: Final = frozenset(
    (*SICK, "wellness", "new_pet", "recheck", "surgery", "dental", "tech_visit", "grooming",
     "boarding", "travel_certificate", "price_shop", "estimate_question", "financing_insurance")
)  # fmt: skip
