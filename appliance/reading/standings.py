"""What holds of a call for the person who took it, and sums of that over many calls."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.facts.analysis import Analysis
from appliance.facts.codes import INTENT_GROUPS, KIND_OF_REASON, UNKNOWN
from appliance.facts.people import (
    BANDS,
    BIT,
    CALL_TYPES,
    FEWEST,
    HANDLING,
    ItemRow,
    PersonRow,
    Rate,
    Standing,
)
from appliance.reading.fairness import Counts, compare, rate_of
from appliance.reading.rubrics import SOLEMN_INTENTS

WEEKS: Final = 12
WEEK_MS: Final = 7 * 86_400_000
_GROUP: Final = {intent: group for group, codes in INTENT_GROUPS.items() for intent in codes}
CROWD: Final = 4  # people, the reader among them
_CELLS: Final = len(CALL_TYPES) * len(BANDS)
_SORTS: Final = 4  # not judged, met, missed, waiting

Said = Mapping[str, str]  # label → what a person said holds


def is_grief(intent: str, analysis: Analysis) -> bool:
    """Whether this call is left out of everything about people."""
    return any(code in SOLEMN_INTENTS for code in (intent, *analysis.secondary))


def items_of(intent: str, analysis: Analysis, said: Said) -> tuple[int, int, int]:
    """The items met, missed and waiting, as bits; only a person makes one missed."""
    met = missed = waiting = 0
    states = {item: analysis.rubric.get(item, "") for item in BIT if item != HANDLING}
    told = {item: said.get(f"rubric.{item}", "") for item in states}
    states[HANDLING], told[HANDLING] = _handling(intent, analysis, said)
    for item, bit in BIT.items():
        state = told[item] or states[item]
        if state == "met":
            met |= bit
        elif state == "not_met" and told[item]:
            missed |= bit
        elif state == "not_met":
            waiting |= bit
    return met, missed, waiting


def _handling(intent: str, analysis: Analysis, said: Said) -> tuple[str, str]:
    """Whether somebody who wanted a visit was lost by how the call was handled: software, person.

    A full diary or a rule of the clinic counts for nobody, so such a call is not met either.
    """
    turnaway = analysis.turnaway
    suggested = turnaway.kind if turnaway else "none" if analysis.turnaway_told else UNKNOWN
    person = said.get("turnaway", "")
    told = KIND_OF_REASON.get(person, person and "none")
    wanted = call_type(intent) == "bookable" or "skill" in (suggested, told)
    states = {"skill": "not_met", "none": "met" if wanted else ""}
    return states.get(suggested, ""), states.get(told, "cannot_tell") if told else ""


def call_type(intent: str) -> str:
    """The group of a call's reason."""
    return _GROUP.get(intent, "other")


def band(hour: int) -> int:
    """The part of the day, as a place in BANDS."""
    return next(place for place, until in enumerate(BANDS) if hour < until)


class Board:
    """The standings of many calls, counted by person, by cell of type and hour, and by week.

    ``end_ms`` is when the last week ends; older calls than WEEKS must not be in it.
    """

    def __init__(self, standings: Sequence[Standing], end_ms: int) -> None:
        self.people = sorted({s.who for s in standings}, key=str.casefold)
        place = {who: number for number, who in enumerate(self.people)}
        self._who = _numbers([place[s.who] for s in standings])
        self._type = _numbers([CALL_TYPES.index(s.call_type) for s in standings])
        self._cell = self._type * len(BANDS) + _numbers([band(s.hour) for s in standings])
        ages = [(end_ms - 1 - s.started_ms) // WEEK_MS for s in standings]
        self._week = WEEKS - 1 - np.clip(_numbers(ages), 0, WEEKS - 1)
        self._talk = _numbers([s.talk_ms for s in standings])
        self._met = _numbers([s.met for s in standings])
        self._missed = _numbers([s.missed for s in standings])
        self._waiting = _numbers([s.waiting for s in standings])

    def calls(self) -> dict[str, tuple[int, int]]:
        """Calls and milliseconds of talk, by person."""
        many = len(self.people)
        counts = np.bincount(self._who, minlength=many)
        talk = np.bincount(self._who, weights=self._talk, minlength=many)
        return {who: (int(counts[n]), int(talk[n])) for n, who in enumerate(self.people)}

    def types(self, who: str) -> list[tuple[str, int]]:
        """How many calls of each type a person had, most first."""
        counts = np.bincount(self._type[self._of(who)], minlength=len(CALL_TYPES))
        pairs = [(code, int(n)) for code, n in zip(CALL_TYPES, counts, strict=True) if n]
        return sorted(pairs, key=lambda pair: -pair[1])

    def rates(self, item: str) -> dict[str, Rate]:
        """The rate of an item, by person."""
        sums = self._count(item, self._cell, _CELLS).sum(axis=1)
        return {who: _rate(sums[n]) for n, who in enumerate(self.people)}

    def rows(self, item: str) -> dict[str, ItemRow]:
        """The rate of an item with comparison and weeks, by person."""
        cells = self._count(item, self._cell, _CELLS)
        weeks = self._count(item, self._week, WEEKS)
        everybody = cells.sum(axis=0)
        return {
            who: ItemRow(
                item=item,
                rate=_rate(cells[n].sum(axis=0)),
                comparison=compare(cells[n], everybody - cells[n]),
                weeks=tuple(_rate(week) for week in weeks[n]),
            )
            for n, who in enumerate(self.people)
        }

    def _of(self, who: str) -> NDArray[np.bool_]:
        mine: NDArray[np.bool_] = self._who == self.people.index(who)
        return mine

    def _count(self, item: str, part: NDArray[np.int64], parts: int) -> Counts:
        """Counts of met, missed and waiting: one table per person, one line per part."""
        bit = BIT[item]
        met, missed, waiting = (bits & bit > 0 for bits in (self._met, self._missed, self._waiting))
        sort = np.where(missed, 2, np.where(waiting, 3, met))
        place = (self._who * parts + part) * _SORTS + sort
        counts = np.bincount(place, minlength=len(self.people) * parts * _SORTS)
        return counts.reshape(len(self.people), parts, _SORTS)[:, :, 1:]


def _numbers(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _rate(counts: NDArray[np.int64]) -> Rate:
    return rate_of(*(int(n) for n in counts))


def key_of(who: str) -> str:
    """What addresses call a person: names may hold anything, and browsers keep addresses."""
    return hashlib.blake2s(who.encode(), digest_size=6).hexdigest()


def people_rows(board: Board, item: str) -> tuple[list[PersonRow], list[PersonRow]]:
    """Everybody by name: those with calls enough to compare for the item, and the others."""
    chosen, handling = board.rows(item), board.rates(HANDLING)
    everybody = [
        PersonRow(
            who=who,
            key=key_of(who),
            calls=calls,
            talk_ms=talk_ms,
            chosen=chosen[who],
            handling=handling[who],
        )
        for who, (calls, talk_ms) in board.calls().items()
    ]
    ready = [row for row in everybody if row.chosen.rate.enough]
    return ready, [row for row in everybody if not row.chosen.rate.enough]


def is_crowd(board: Board) -> bool:
    """Whether what others get can be told to one of them without telling what one other gets."""
    return sum(calls >= FEWEST for calls, _ in board.calls().values()) >= CROWD
