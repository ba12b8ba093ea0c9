"""Numbers that belong to a person: told from doses, times and prices by topic, shape and neighbors."""

from typing import Final

from appliance.reading.plain import words
from appliance.reading.redaction_groups import assembled, checks
from appliance.reading.redaction_numbers import MARKS, Run, runs_in
from appliance.reading.redaction_tokens import PASSED, Marks, Talk
from appliance.reading.redaction_topics import Topics

_UNITS: Final = words(
    "milligram milligrams mg mgs mcg microgram micrograms ml mls cc ccs gram grams kilo kilos kg "
    "pound pounds lb lbs pounder ounce ounces oz cup cups dollar dollars bucks cents percent year "
    "years yr yrs month months week weeks day days hour hours minute minutes mins second seconds "
    "o'clock oclock am pm a.m p.m tablet tablets tab tabs pill pills capsule capsules dose doses "
    "times refills refill drops chews puffs units unit's miles mile feet foot inches inch degrees "
    "blocks houses stairs people dogs cats puppies kittens pets calls visits hundred point quarter "
    "thirty-ish ish something % am. pm. teeth tooth extractions nights cans bags boxes bottles "
    "sharp thousand patients appointments bloods litters pups acres head"
)
_NUMBERED: Final = words(
    "room grade line flight stage page step exam version order sku table bay kennel run cage aisle "
    "door exit channel dose about roughly around approximately nearly almost weighs weighed weigh $ "
    "quantity quote quoted costs cost were"
)
_CLOCKWARD: Final = words(
    "at by until till before after around from between to past opens close closes"
)
_LEAST_PHONE: Final = 7
_CHIP: Final = 15
_CARD_LENGTHS: Final = range(13, 17)
_MONTHS_OF_CARDS: Final = frozenset(f"{month:02}" for month in range(1, 13))


def mark_codes(talk: Talk, marks: Marks, topics: Topics) -> None:
    """Mark phone, card, chip, account and license numbers, and bare zip codes."""
    runs = [
        run for line in range(len(talk.ranges)) for run in runs_in(talk, line)
        if marks.free(run.first, run.last)
    ]  # fmt: skip
    whole = assembled(talk, topics, [run for run in runs if not _is_quantity(talk, run)])
    said: dict[str, list[str]] = {}
    for run in runs:
        code = whole.get(run.first) or _code(talk, topics, run, said)
        if code:
            marks.put(_with_marks(talk, run, code), run.last, code)
            topics.note(run.last - 1, code)
            said.setdefault(code, []).append(run.letters + run.digits)
        elif run.digits and run.letters:
            marks.put(run.first, run.last, PASSED)


def _with_marks(talk: Talk, run: Run, code: str) -> int:
    """Where a number begins with the dashes said in front of it."""
    first, begin = run.first, talk.bounds(run.first)[0]
    while code in ("ACCOUNT", "LICENSE") and first > begin and talk.plain[first - 1] in MARKS:
        first -= 1
    return first


def _code(talk: Talk, topics: Topics, run: Run, said: dict[str, list[str]]) -> str:
    topic = _topic(topics, run)
    if len(run.digits) < _LEAST_PHONE and _is_quantity(talk, run):
        return ""
    if not run.digits:
        return _lettered(run, topic)
    if topic != "MICROCHIP" and _is_typed_phone(talk, run):
        return "PHONE"
    known = _said_before(run, said)
    shape = known or _by_shape(topics, run, topic)
    if shape:
        return shape
    if _fits_zip(talk, run) and topics.recently(run.first, "ADDRESS", 2):
        return "ADDRESS"
    fits = _FITS.get(topic)
    if fits and fits(talk, run):
        return topic
    return _read_back(talk, run, topic, said) or _loose(talk, topics, run, topic)


def _topic(topics: Topics, run: Run) -> str:
    cue = topics.before(run.first)
    return topics.after(run.last) or (cue.code if cue else "")


def _lettered(run: Run, topic: str) -> str:
    """Letters alone belong to a number only where one is being said."""
    return topic if topic in ("ACCOUNT", "LICENSE") and len(run.letters) in (1, 2, 3) else ""


def _is_quantity(talk: Talk, run: Run) -> bool:
    """Whether neighbors or writing say that this is an amount, a time or a numbered thing."""
    first, last = talk.bounds(run.first)
    inside = "".join(token.gap for token in talk.tokens[run.first + 1 : run.last])
    if ":" in inside or (". " not in inside and "." in inside and len(run.digits) < 7):
        return True
    before = talk.plain[run.first - 1] if run.first > first else ""
    gap_before = talk.tokens[run.first].gap
    after = talk.plain[run.last] if run.last < last else ""
    opens = run.last < last and talk.tokens[run.last].opens
    if (after in _UNITS and not opens) or before in ("$", "point"):
        return True
    if run.last < last and talk.tokens[run.last].gap == ":":
        return True
    return before in _NUMBERED and not talk.tokens[run.first].opens and "," not in gap_before


def _is_typed_phone(talk: Talk, run: Run) -> bool:
    """312-555-0177, (312) 555 0177, 555-0177."""
    sizes = [len(atom.text) for atom in run.atoms if atom.kind == "digit"]
    typed = all(talk.plain[atom.first].isdecimal() for atom in run.atoms)
    return typed and (sizes[-3:] == [3, 3, 4] or sizes == [3, 4]) and len(sizes) <= 4


def _said_before(run: Run, said: dict[str, list[str]]) -> str:
    """A number or a longer part of one that was said before in the same letters and digits."""
    text = run.letters + run.digits
    if len(text) < 4:
        return ""
    return next((code for code, told in said.items() if any(text in number for number in told)), "")


def _by_shape(topics: Topics, run: Run, topic: str) -> str:
    """What long numbers are, whatever is talked about; "" for short ones."""
    digits, size = run.digits, len(run.digits)
    if run.letters and size >= 2 and (mixed := _mixed(topics, run, topic)):
        return mixed
    if size < _LEAST_PHONE or len(run.letters) > 4:
        return ""
    if run.letters:
        return "ACCOUNT"
    if size in (7, 10, 11) and _rather_phone(topics, run, topic):
        return "PHONE"
    if topic in ("ACCOUNT", "LICENSE") and size != 10:
        return topic
    if size == _CHIP and (topic == "MICROCHIP" or digits[0] == "9" or not checks(digits)):
        return "MICROCHIP"
    if size in _CARD_LENGTHS and (topic == "CARD" or checks(digits)):
        return "CARD"
    if topic in ("MICROCHIP", "CARD", "ACCOUNT", "LICENSE"):
        return topic
    return "PHONE" if size in range(_LEAST_PHONE, 16) else "ACCOUNT"


def _mixed(topics: Topics, run: Run, topic: str) -> str:
    """Letters and digits: a plate, a policy, a part of an address of mail."""
    kinds = ("LICENSE", "ACCOUNT", "EMAIL")
    if topic in kinds:
        return topic
    near = (code for code in kinds if topic != "NONE" and topics.recently(run.first, code, 4))
    long = len(run.letters) > 1 and len(run.digits) > 2 and topic in ("PHONE", "PERSON", "")
    return next(near, "ACCOUNT" if long else "")


def _rather_phone(topics: Topics, run: Run, topic: str) -> bool:
    """Whether a number as long as a phone's is one although something else was named last."""
    if topic == "CARD":
        return True
    long = len(run.digits) > _LEAST_PHONE and topic in ("ACCOUNT", "LICENSE")
    return long and topics.recently(run.first, "PHONE", 4)


def _is_clock(talk: Talk, run: Run) -> bool:
    """Two fifteen, ten oh five, 10 15: what may be a time of day, or money."""
    first = talk.bounds(run.first)[0]
    before = talk.plain[run.first - 1] if run.first > first else ""
    spoken = run.wise == len(run.digits) and not any(
        map(str.isdecimal, talk.plain[run.first : run.last])
    )
    if spoken and len(run.digits) > 2 and run.digits[1] != "0":
        return False
    return before in _CLOCKWARD and len(run.digits) <= 4 and run.digits[0] != "0"


def _fits_phone(talk: Talk, run: Run) -> bool:
    if run.letters or _is_clock(talk, run):
        return False
    size = len(run.digits)
    if run.digits[0] == "0" and size >= 2:
        return True
    if size == run.wise:
        return size in (3, 4, 5, 6)
    return size in (4, 6) and run.wise >= 3


def _fits_chip(talk: Talk, run: Run) -> bool:
    return not run.letters and len(run.digits) >= 3 and not _is_clock(talk, run)


def _fits_card(talk: Talk, run: Run) -> bool:
    size = len(run.digits)
    wise = size == run.wise and size >= 3
    dated = size == 4 and run.digits[:2] in _MONTHS_OF_CARDS
    return not run.letters and not _is_clock(talk, run) and (wise or dated or size >= 6)


def _fits_account(talk: Talk, run: Run) -> bool:
    size = len(run.digits) + len(run.letters)
    return size >= 3 and not _is_clock(talk, run) and run.wise + len(run.letters) >= 3


def _fits_license(talk: Talk, run: Run) -> bool:
    size = len(run.digits) + len(run.letters)
    return size >= 3 and not _is_clock(talk, run) and run.wise + len(run.letters) >= 3


def _fits_zip(talk: Talk, run: Run) -> bool:
    return (
        len(run.digits) in (5, 9)
        and not run.letters
        and (run.wise >= 3 or run.atoms[0].text == run.digits)
    )


_FITS: Final = {
    "PHONE": _fits_phone, "MICROCHIP": _fits_chip, "CARD": _fits_card, "ACCOUNT": _fits_account,
    "LICENSE": _fits_license, "ADDRESS": _fits_zip,
}  # fmt: skip


def _read_back(talk: Talk, run: Run, topic: str, said: dict[str, list[str]]) -> str:
    """A part of a number that was said before, said again."""
    if run.letters or _is_clock(talk, run):
        return ""
    size, whole = len(run.digits), run.wise == len(run.digits)
    for code, numbers in said.items():
        known = "".join(numbers[-6:]).endswith(run.digits) or any(
            number.endswith(run.digits) and len(number) > size for number in numbers
        )
        if known and ((size >= 3 and whole) or (size == 2 and code == topic)):
            return code
    return ""


def _loose(talk: Talk, topics: Topics, run: Run, topic: str) -> str:
    """Without a topic: what is said digit by digit and begins like the end of a phone number."""
    if run.letters or run.wise != len(run.digits) or _is_clock(talk, run):
        return ""
    size = len(run.digits)
    if size == 4 and run.digits[0] == "0" and topic != "DATE_OF_BIRTH":
        return "PHONE"
    if run.digits == "555":
        return "PHONE"
    if size in (5, 6) and topic in ("", "PERSON", "PHONE", "EMAIL", "URL"):
        return "ADDRESS" if size == 5 else "ACCOUNT"
    if size <= 2 and topic in ("PHONE", "MICROCHIP", "CARD"):
        return topic if _stands_alone(talk, run) or _corrects(talk, topics, run, topic) else ""
    return ""


def _stands_alone(talk: Talk, run: Run) -> bool:
    """Whether the run is a whole sentence or line while a number is being said."""
    first, last = talk.bounds(run.first)
    if talk.words(run.first, run.last) == "oh":
        return False
    begins = talk.tokens[run.first].opens or talk.plain[run.first - 1] in (
        "no",
        "okay",
        "yes",
        "uh",
    )
    ends = run.last == last or talk.tokens[run.last].opens
    return begins and ends and last - first <= 20


def _corrects(talk: Talk, topics: Topics, run: Run, topic: str) -> bool:
    """Whether two digits follow a part of the same number in the same line."""
    cue = topics.before(run.first)
    if cue is None or cue.first != cue.last or len(run.digits) != 2:
        return False
    return (
        cue.code == topic and cue.first >= talk.bounds(run.first)[0] and run.first - cue.first < 12
    )
