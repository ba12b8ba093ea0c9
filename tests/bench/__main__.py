"""Prints how fast the store is, encrypted beside plain: medians of interleaved runs."""

import argparse
import io
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from appliance import seal
from appliance.db import BUSY_MS, Database, driver, execute, value, writing
from appliance.evaluation import parse_call, segments_of
from appliance.facts.analysis import KnownNames
from appliance.facts.calls import CallFilter
from appliance.migrations import migrate
from appliance.reading.redaction import find_spans
from appliance.store import calls
from appliance.store.search import search_segments
from appliance.store.transcripts import segment_id
from appliance.tools import DATABASE
from tests.world import BEGIN, World, make_world

PER_CALL = 10
COMMON, MID, RARE = "hello", "parvo", "chinchilla"
FILLERS = [f"word{number}" for number in range(2000)]
FILTERS = {
    "all": CallFilter(),
    "staff": CallFilter(staff="103"),
    "intent": CallFilter(intent="refill"),
    "outcome": CallFilter(outcome="refused"),
    "turnaway any": CallFilter(turnaway="any"),
    "turnaway reason": CallFilter(turnaway="cap_day"),
    "one week": CallFilter(started_before=BEGIN - timedelta(days=30)),
    "text": CallFilter(text=MID),
}


def line(what: str, encrypted: float, plain: float | None = None, unit: str = "ms") -> None:
    """One line of the table."""
    ratio = f"{encrypted / plain:8.2f}" if plain else " " * 8
    shown = f"{plain:10.2f}" if plain else " " * 10
    print(f"{what:<34}{encrypted:10.2f}{shown}{ratio}  {unit}", flush=True)


def open_plain(path: Path) -> Database:
    """The same database without encryption; only ever here."""
    connection = driver.connect(str(path), isolation_level=None, timeout=BUSY_MS / 1000)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return Database(connection, execute_plugins=False)


def texts(dice: random.Random, number: int) -> str:
    """What is said in segment ``number``: every second one holds the common word."""
    words = dice.choices(FILLERS, k=9)
    words += [COMMON] * (number % 2) + [MID] * (number % 500 == 0) + [RARE] * (number % 20_011 == 7)
    return " ".join(words)


def fill(db: Database, first: int, count: int) -> float:
    """Add calls with their cards and segments; returns segments per second."""
    dice, started = random.Random(first), time.perf_counter()
    for batch in range(first, first + count, 500):
        with writing(db):
            for number in range(batch, min(batch + 500, first + count)):
                _add_call(db, dice, number)
    return count * PER_CALL / (time.perf_counter() - started)


def _add_call(db: Database, dice: random.Random, number: int) -> None:
    call_id, at = number + 1, int(BEGIN.timestamp() * 1000) - number * 60_000
    desk, turned = str(101 + number % 6), number % 10 == 0
    execute(
        db,
        "INSERT INTO call VALUES (?, ?, 'bench', ?, ?, 40000, 38000, 2000, 'in', 'answered',"
        " '+15550100', '', '100', ?, '', 0, 'cdr', '[]', 'ready', NULL, ?, ?)",
        (call_id, f"ref{number}", str(number), at, desk, at, at),
    )
    execute(
        db,
        "INSERT INTO card VALUES (?, ?, ?, ?, ?, 'routine', ?, ?, 'Finn', 'hello there')",
        (
            call_id, at, desk, dice.choice(["wellness", "refill", "sick_visit", "cancel"]),
            "refused" if turned else "booked", "capacity" if turned else "",
            "cap_day" if turned else "",
        ),
    )  # fmt: skip
    for index in range(PER_CALL):
        said = texts(dice, number * PER_CALL + index)
        execute(
            db,
            "INSERT INTO segment VALUES (?, ?, ?, 'staff', 'channel', 0, ?, ?, 0.9, ?, '[]')",
            (segment_id(at, call_id, index), call_id, index, index * 3000, index * 3000 + 2500, said),
        )  # fmt: skip


def both(runs: int, ways: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Medians in ms of ways to do the same, in turn, so that a busy machine hurts all alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for name, way in ways.items():
        way(), taken[name].clear()  # the first run fills the caches
    for _ in range(runs):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            taken[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}


def bench_store(world: World, plain: Database, segments: int, runs: int) -> None:
    """Insert, search and lists."""
    count, step = segments // PER_CALL, max(1, segments // PER_CALL // 4)
    speeds: dict[str, list[float]] = {"encrypted": [], "plain": []}
    for first in range(0, count, step):
        size = min(step, count - first)
        speeds["encrypted"].append(fill(world.db, first, size))
        speeds["plain"].append(fill(plain, first, size))
    line(
        f"insert with index, {segments} segments",
        statistics.median(speeds["encrypted"]),
        statistics.median(speeds["plain"]),
        "segments/s",
    )
    for name, word in (("rare", RARE), ("mid", MID), ("common", COMMON)):
        took = both(
            runs,
            {
                "encrypted": lambda word=word: search_segments(world.db, word),
                "plain": lambda word=word: search_segments(plain, word),
            },
        )
        line(f"search, {name} word, newest first", took["encrypted"], took["plain"])
    for name, filters, before in list(_pages(world.db, count)):
        took = both(
            runs,
            {
                "encrypted": lambda f=filters, b=before: calls.list_calls(world.db, f, before=b),
                "plain": lambda f=filters, b=before: calls.list_calls(plain, f, before=b),
            },
        )
        line(f"list of {count} calls, {name}", took["encrypted"], took["plain"])


def _pages(db: Database, count: int) -> Iterator[tuple[str, CallFilter, str]]:
    middle = value(db, "SELECT started_at FROM call WHERE id = ?", (count // 2,))
    for name, filters in FILTERS.items():
        yield name, filters, ""
    yield "intent, page in the middle", FILTERS["intent"], f"{middle}.{count // 2}"


def bench_seal(runs: int, megabytes: int = 32) -> None:
    """Sealing and opening in memory: what the processor costs, without the disk."""
    content, key, sealed = bytes(megabytes << 20), bytes(32), io.BytesIO()
    seal.seal(io.BytesIO(content), sealed, key, "bench")
    whole = sealed.getvalue()

    def unseal() -> None:
        with seal.open_sealed(io.BytesIO(whole), key, "bench") as reader:
            while reader.read(1 << 20):
                pass

    took = both(
        runs,
        {
            "seal": lambda: seal.seal(io.BytesIO(content), io.BytesIO(), key, "bench"),
            "open": unseal,
        },
    )
    for name, milliseconds in took.items():
        line(name, megabytes * 1000 / milliseconds, unit="MB/s")
    line("size sealed / plain", len(whole), len(content), "bytes")


def bench_redaction(runs: int) -> None:
    """Ten minutes of talk, about 2,000 words, with and without capitals."""
    data = Path(__file__).parents[1] / "data" / "dev.jsonl"
    calls = [parse_call(row) for row in data.read_bytes().splitlines()]
    said = [row for call in calls for row in call.segments]
    size = 0
    for last, row in enumerate(said):
        size += len(str(row["text"]).split())
        if size >= 2000:
            said = said[:last]
            break
    told = segments_of(said)
    low = [msgspec.structs.replace(s, text=re.sub(r"[^\w\s']", " ", s.text.lower())) for s in told]
    took = both(
        runs,
        {
            "personal data in 2,000 words": lambda: find_spans(told, KnownNames()),
            "… in lower case": lambda: find_spans(low, KnownNames()),
        },
    )
    for name, milliseconds in took.items():
        line(name, milliseconds)


def main() -> None:
    """Make a box and its plain twin, measure, throw both away."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50,000 segments, not a million")
    parser.add_argument("--runs", type=int, default=5, help="how often each figure is measured")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world, plain = make_world(Path(folder)), open_plain(Path(folder) / "plain.db")
        migrate(plain)
        print(f"{'':<34}{'encrypted':>10}{'plain':>10}{'ratio':>8}")
        bench_redaction(chosen.runs)
        bench_seal(chosen.runs)
        bench_store(world, plain, 50_000 if chosen.quick else 1_000_000, chosen.runs)
        for db in (world.db, plain):
            db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        sizes = [(world.data / DATABASE).stat().st_size, (Path(folder) / "plain.db").stat().st_size]
        line("database", sizes[0] / 2**20, sizes[1] / 2**20, "MiB")
        world.close()
        plain.close()


if __name__ == "__main__":
    main()
