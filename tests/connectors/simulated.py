"""A clinic's week of calls as it truly was, and the judge of what a connector made of it.

Each dialect's emulator renders the same week in its own records and files, with that phone
system's faults; the judge then counts calls in, out, doubled, lost and told wrongly.
"""

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from appliance.facts.calls import FoundCall

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
# Set to play whole weeks over the slower ways too, as ``python -m tests.connectors.matrix`` does.
WHOLE = "PETSVET_WHOLE_WEEKS"
STAFF = ("101", "102", "103", "104")
DID = "5125550100"


@dataclass(frozen=True)
class TrueCall:
    """One call as it truly was. ``staff``: who talked, in order, two after a transfer.

    ``answer_state`` is answered, ring_abandon, hold_abandon, voicemail_left or internal.
    ``queue`` is "" or the queue's number. Calls without a talk have no recording.
    """

    number: int
    start: datetime
    direction: str
    outside: str
    staff: tuple[str, ...]
    answer_state: str
    queue: str
    ring_s: int
    talk_s: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.ring_s + self.talk_s)

    @property
    def recorded(self) -> bool:
        return self.talk_s > 0


def calls_in_week(quick: int) -> int:
    """2,000 calls, or ``quick`` where a test should not take long."""
    return 2000 if os.environ.get(WHOLE) else quick


def week(seed: int = 1, count: int = 2000) -> list[TrueCall]:
    """``count`` calls over seven days, by start; the same for the same seed."""
    rng = random.Random(seed)
    step = 7 * 86400 // count
    return [_call(rng, number, MONDAY + timedelta(seconds=number * step + rng.randrange(step)))
            for number in range(count)]  # fmt: skip


def _call(rng: random.Random, number: int, start: datetime) -> TrueCall:
    outside = f"512555{rng.randrange(101, 200):04d}"
    talk, ring = rng.randrange(15, 600), rng.randrange(2, 25)
    draw = rng.random()
    one, other = rng.sample(STAFF, 2)
    if draw < 0.08:
        return TrueCall(number, start, "internal", one, (other,), "internal", "", ring, talk)
    if draw < 0.25:
        return TrueCall(number, start, "out", outside, (one,), "answered", "", ring, talk)
    queue = "400" if rng.random() < 0.4 else ""
    if draw < 0.40:
        state = "hold_abandon" if queue else "ring_abandon"
        return TrueCall(number, start, "in", outside, (), state, queue, ring, 0)
    if draw < 0.46:
        return TrueCall(
            number, start, "in", outside, (), "voicemail_left", "", ring, talk % 60 + 15
        )
    staff = (one, other) if draw < 0.54 else (one,)
    return TrueCall(number, start, "in", outside, staff, "answered", queue, ring, talk)


@dataclass
class Tally:
    """What came of a week. ``doubled`` and ``lost`` must be 0; ``wrong`` names facts that differ."""

    calls_in: int = 0
    calls_out: int = 0
    doubled: int = 0
    lost: int = 0
    without_recording: int = 0
    wrong: dict[str, int] = field(default_factory=dict)


def judge(
    truth: Iterable[TrueCall],
    told: Iterable[FoundCall],
    identify: Callable[[FoundCall], int | None],
    compare: tuple[str, ...] = ("direction", "answer_state", "caller", "staff"),
) -> Tally:
    """Compare what was told over the whole run (each telling, repeated ones too) with the truth.

    ``identify`` gives the number of the true call that a found call stands for. The same
    native_key told again is a new version of one call; two keys for one true call are a double.
    """
    true = {call.number: call for call in truth}
    latest = {call.native_key: call for call in told}
    keys: dict[int, list[FoundCall]] = {}
    for call in latest.values():
        number = identify(call)
        keys.setdefault(-1 if number is None else number, []).append(call)
    tally = Tally(calls_in=len(true), calls_out=len(latest))
    tally.doubled = sum(len(found) - 1 for number, found in keys.items() if number >= 0)
    tally.doubled += len(keys.get(-1, ()))
    tally.lost = len(true.keys() - keys.keys())
    for number, found in keys.items():
        if number in true:
            _note(tally, true[number], found[-1], compare)
    return tally


def _note(tally: Tally, true: TrueCall, found: FoundCall, compare: tuple[str, ...]) -> None:
    if true.recorded and not found.recordings:
        tally.without_recording += 1
    caller = true.staff[0] if true.direction == "out" else true.outside
    said = {
        "direction": (true.direction, found.direction),
        "answer_state": (true.answer_state, found.answer_state),
        "caller": (caller[-10:], found.caller_number[-10:])
        if true.direction != "out"
        else ("", ""),
        "staff": (true.staff[:1], (found.staff_extension,) if found.staff_extension else ()),
        "started_at": (True, abs((found.started_at - true.start).total_seconds()) <= 2),
    }
    for name in compare:
        expected, got = said[name]
        if expected != got:
            tally.wrong[name] = tally.wrong.get(name, 0) + 1
