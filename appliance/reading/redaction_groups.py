"""Long numbers that are said in parts, over several sentences and turns: cards and chips."""

from collections.abc import Iterator, Sequence
from typing import Final

from appliance.reading.redaction_numbers import Run
from appliance.reading.redaction_tokens import Talk
from appliance.reading.redaction_topics import Topics

_APART: Final = 3  # lines between two parts of a number
_CHIP: Final = 15
_CHIP_STARTS: Final = "9"
_CARDS: Final = {"3": (14, 15), "4": (13, 16), "5": (16,), "6": (16,), "2": (16,)}
_ASKED: Final = 8  # lines after which a card is forgotten
_LEAST: Final = 2  # digits of a part


def assembled(talk: Talk, topics: Topics, runs: Sequence[Run]) -> dict[int, str]:
    """For the first token of each part what the whole number is."""
    found: dict[int, str] = {}
    for side in ("caller", "staff", "unknown", "ivr"):
        spoken = [run for run in runs if talk.speaker(run.first) == side and _is_part(run)]
        for parts in _sequences(talk, spoken):
            asked = topics.recently(parts[0].first, "CARD", _ASKED)
            chip = topics.recently(parts[0].first, "MICROCHIP", _ASKED)
            cue = topics.before(parts[0].first)
            threes = all(len(run.digits) % 3 == 0 for run in parts)
            if not asked and not chip and cue and cue.code in ("PHONE", "ADDRESS") and not threes:
                continue
            foreign = cue is not None and cue.code in ("PHONE", "ADDRESS", "MICROCHIP")
            _search(parts, found, asked=asked, cards=asked or not foreign)
    return found


def _is_part(run: Run) -> bool:
    return not run.letters and len(run.digits) >= _LEAST and run.wise == len(run.digits)


def _sequences(talk: Talk, runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Parts that follow each other closely."""
    parts: list[Run] = []
    for run in runs:
        if parts and talk.tokens[run.first].line - talk.tokens[parts[-1].first].line > _APART:
            yield parts
            parts = []
        parts.append(run)
    if parts:
        yield parts


def _search(parts: Sequence[Run], found: dict[int, str], *, asked: bool, cards: bool) -> None:
    """Parts in a row whose digits make a chip's or a card's number."""
    for start in range(len(parts)):
        digits = ""
        for stop in range(start, min(len(parts), start + 12)):
            digits += parts[stop].digits
            if len(digits) > 16:
                break
            code = whole_number(digits)
            fours = all(len(run.digits) % 4 == 0 for run in parts[start : stop + 1])
            if asked and fours and len(digits) == 16 and digits[0] in "3456":
                code = "CARD"
            if code and (cards or code != "CARD"):
                found.update((run.first, code) for run in parts[start : stop + 1])


def whole_number(digits: str) -> str:
    """What a number of this length with these digits is, "" where that is not sure."""
    if len(digits) == _CHIP and digits[0] in _CHIP_STARTS:
        return "MICROCHIP"
    if len(digits) in _CARDS.get(digits[:1], ()) and checks(digits):
        return "CARD"
    return ""


def checks(number: str) -> bool:
    """The check digit of Luhn, which one number in ten has by chance."""
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    total = sum(int(digit) for digit in number[::-2]) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0
