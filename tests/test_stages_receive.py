"""Whatever the phone system delivers, every call gets to the end and says what was wrong."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from appliance.config import Config, Decode
from appliance.db import rows, value, writing
from appliance.errors import Unavailable
from appliance.facts.calls import CallFilter, FoundRecording
from appliance.store import calls, connectors
from appliance.worker import Worker
from connectors import registry
from connectors.kinds import Kind
from tests.world import BEGIN, World, found_call, take_of, tone_wav, word_of


def outcome(world: World) -> list[tuple[str, str]]:
    """(state of the call, what was wrong with its recording), in the order of receipt."""
    found = rows(
        world.db,
        "SELECT c.state, c.warnings, r.problem FROM call c"
        " LEFT JOIN recording r ON r.call_id = c.id ORDER BY c.id",
    )
    return [(r["state"], r["problem"] or ",".join(json.loads(r["warnings"]))) for r in found]


def go(world: World) -> None:
    world.poll()
    world.work()


def flac_bomb() -> bytes:
    """Much more silence than is allowed, in a small file."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="flac") as file:
        stream = file.add_stream("flac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000 * 60), np.int16), "s16", "mono")
        frame.rate = 8000
        for minute in range(20):
            frame.pts = minute * 8000 * 60
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


HOSTILE = {
    "a text file": (b"Dear vet, this is no sound at all. " * 40, {"unreadable", "unknown_codec"}),
    "a bare header": (tone_wav(1, seconds=0)[:44], {"empty"}),
    "nothing": (b"", {"empty", "unreadable"}),
    "a bomb": (flac_bomb, {"too_long", "unreadable"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_recording_that_is_no_sound_is_named_and_its_call_is_ready(
    world: World, name: str
) -> None:
    content, expected = HOSTILE[name]
    world.drop(1, content=content() if callable(content) else content)
    world.drop(2)
    world.config = Config(data=world.data, decode=Decode(max_hours=0.1))
    go(world)
    world.wait(hours=8)  # a header without an end may belong to a call that is still going on
    go(world)
    found = outcome(world)
    assert {state for state, _ in found} == {"ready"}
    assert {problem for _, problem in found} - {""} <= expected
    assert len({problem for _, problem in found}) == 2
    assert value(world.db, "SELECT count(*) FROM transcript") == 1


NAMES = ["../../x", "a\nb.wav", "$(reboot).wav", "x" * 4096, "-rf", "C:\\x.wav", "\U0001f408.wav"]


@pytest.mark.parametrize("name", NAMES)
def test_a_locator_with_a_hostile_name_reaches_nothing_outside(world: World, name: str) -> None:
    (world.spool.parent / "x").write_bytes(tone_wav(3))
    before = {p for p in world.spool.parent.rglob("*") if world.data not in p.parents}
    take = FoundRecording(locator=name, name=name, size=9644, modified_ns=1)
    world.receive(found_call("a", recordings=(take,)))
    world.work()
    [(state, problem)] = outcome(world)
    assert state == "ready"
    assert problem in {"vanished", "path_escape", "no_plain_file", "unreadable", "bad_name"}
    assert value(world.db, "SELECT count(*) FROM transcript") == 0
    assert {p for p in world.spool.parent.rglob("*") if world.data not in p.parents} == before


@pytest.mark.parametrize("name", ["a\nb.wav", "$(reboot).wav", "-rf.wav", "a'\"b;.wav"])
def test_a_file_with_a_hostile_name_is_read_like_any_other(world: World, name: str) -> None:
    world.drop(5, name=name)
    go(world)
    assert outcome(world) == [("ready", "")]
    assert world.call(1)
    sealed = [p.name for p in world.vault.root.rglob("*.pvs")]
    assert len(sealed) == 1
    assert sealed[0].removesuffix(".pvs").isalnum()


def test_the_same_recording_five_times_renamed_and_appended_to_is_one_call(world: World) -> None:
    first = world.drop(7)
    for number in range(4):
        world.drop(7, name=f"copy-{number}.wav")
        go(world)
    listed, _ = calls.list_calls(world.db, CallFilter())
    assert len(listed) == 1
    assert value(world.db, "SELECT count(*) FROM call WHERE duplicate_of IS NULL") == 1
    assert len(list(world.vault.files())) >= 1
    first.write_bytes(tone_wav(8, seconds=1.2))
    os.utime(first, (BEGIN.timestamp(), BEGIN.timestamp()))
    go(world)
    texts = rows(world.db, "SELECT c.native_key, s.text FROM segment s JOIN call c ON c.id ="
                 " s.call_id WHERE s.idx = 1")  # fmt: skip
    assert [word_of(8) in r["text"] for r in texts if r["native_key"].endswith(".7")] == [True]


class Twice:
    """A phone system in memory: {locator: content}."""

    files: dict[str, bytes] = {}

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    def open(self, recording: FoundRecording) -> io.BytesIO:
        return io.BytesIO(self.files[recording.locator])


def test_a_call_that_shares_one_of_two_recordings_with_another_keeps_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Kind(
        name="memory", title="Memory", level="real", make=lambda s, _: Twice(s), fields=()
    )
    monkeypatch.setitem(registry.KINDS, "memory", memory)
    monkeypatch.setattr(Twice, "files", {"shared": tone_wav(1), "own": tone_wav(2)})
    with writing(world.db):
        connectors.add_connector(world.db, "memory", "memory", {}, now=BEGIN)
    takes = [
        FoundRecording(locator=name, name=name, size=9644, modified_ns=1)
        for name in ("shared", "own")
    ]
    world.receive(found_call("a", recordings=(takes[0],)), connector="memory")
    world.receive(found_call("b", recordings=tuple(takes)), connector="memory")
    world.work()
    listed, _ = calls.list_calls(world.db, CallFilter())
    assert len(listed) == 2
    assert all(take_of(world.db, number).file for number in (1, 2))


def test_a_share_that_goes_away_leaves_nothing_half_received(world: World) -> None:
    path = world.drop(1)
    world.poll()
    world.work(("courier",), vault=refusing(world.vault))
    assert world.job("receive")["state"] == "waiting"
    assert list(world.vault.files()) == []
    assert path.exists()
    world.wait(minutes=2)
    world.work()
    assert world.call(1).state == "ready"


def refusing(vault: Any) -> Any:
    """A vault on a disk that takes nothing."""

    def put(*_: Any) -> Any:
        raise Unavailable("the share is away")

    vault.put = put
    return vault


def test_five_thousand_calls_at_once_are_received_whole_in_one_transaction(world: World) -> None:
    one = world.drop(0)
    for number in range(1, 5000):
        uid = f"{1795300000 + number}.1"
        os.link(one, one.with_name(f"external-101-+15550100-20261122-120000-{uid}.wav"))
    world.poll()
    worker = Worker(world.tools(), ("courier",), "tests")
    assert worker.step()
    worker.db.close()
    assert value(world.db, "SELECT count(*) FROM call") == 5000
    assert value(world.db, "SELECT count(*) FROM job WHERE kind = 'receive'") == 5000
    assert Path(world.path).stat().st_size < 40_000_000
