"""What every tree on another machine must stand, whatever carries it."""

import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from appliance.errors import Misconfigured, NotFound, PetsvetError, Unavailable, Unusable
from connectors.files import Entry, Files
from connectors.kinds import Means
from connectors.places import Place, open_place
from connectors.registry import open_connector
from connectors.watching import Memory, check_root
from tests.connectors.servers import Running
from tests.connectors.world import file_name, wav

LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


class Far(NamedTuple):
    """A server, the folder it shows, and how to reach it."""

    server: Running
    root: Path
    place: Place
    means: Means

    def tree(self) -> Files:
        return open_place(self.place, self.means)

    def with_(self, **changes: Any) -> Files:
        return open_place(msgspec.structs.replace(self.place, **changes), self.means)

    def with_secrets(self, **secrets: str) -> Files:
        return open_place(self.place, msgspec.structs.replace(self.means, secrets=secrets))


def put(root: Path, name: str | bytes, content: bytes, at: datetime = START) -> None:
    path = os.path.join(os.fsencode(root), os.fsencode(name))  # noqa: PTH118
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def more_than_is_on_its_way() -> int:
    """A size no connection holds between two programs, so that the end was not sent yet.

    The system keeps for the reader what a server sent before it died, here up to some MB.
    """
    limits = Path("/proc/sys/net/ipv4")
    held = [int((limits / name).read_text().split()[2]) for name in ("tcp_rmem", "tcp_wmem")]
    return 2 * sum(held) + 10_000_000


def put_long(root: Path, name: str) -> int:
    """A file that is still being sent whenever only its start was read; it takes no space."""
    put(root, name, b"x" * 3_000_000)
    os.truncate(root / name, more_than_is_on_its_way())
    return more_than_is_on_its_way()


def walked(tree: Files, notes: Counter[str] | None = None) -> dict[str, Entry]:
    found = tree.walk(LONG_AGO, Counter() if notes is None else notes)
    return {entry.name: entry for entry in found}


def refusal(kind: type[PetsvetError], tree: Files) -> str:
    with pytest.raises(kind) as caught:
        tree.look()
    return str(caught.value)


def check_calls_arrive_once(far: Far) -> None:
    """The whole connector over the wire: told once, opened as found, also after a restart."""
    names = [
        file_name(START, f"{int(START.timestamp()) + i}.{i}", "external-101") for i in range(12)
    ]
    for i, name in enumerate(names):
        put(far.root, f"{START:%Y/%m/%d}/{name}", wav(2 + i / 10), START)
    settings = json.loads(msgspec.json.encode({"place": far.place}))
    checkpoint: dict[str, Any] = {}
    told, now = [], START + timedelta(minutes=5)
    for look in range(4):
        if look in (0, 2):
            connector = open_connector("folder", settings, far.means)
        found = connector.discover(json.loads(json.dumps(checkpoint)), now)
        told, checkpoint = [*told, *found.calls], found.checkpoint
        now += timedelta(minutes=5)
    assert sorted(call.recordings[0].name for call in told) == sorted(names)
    assert {call.staff_extension for call in told} == {"101"}
    for call in told:
        with connector.open(call.recordings[0]) as handle:
            assert handle.read() == wav(2 + names.index(call.recordings[0].name) / 10)
    assert connector.probe(now).problems == ()


def check_reading(far: Far) -> None:
    """Bytes at any position, both ends, and the end where it was when opened."""
    content = bytes(range(256)) * 2000
    put(far.root, "a.wav", content)
    tree = far.tree()
    entry = walked(tree)["a.wav"]
    assert (entry.size, entry.modified_ns) == (len(content), int(START.timestamp()) * 10**9)
    assert msgspec.structs.replace(entry, recent=False) == tree.find("a.wav")
    assert tree.read_ends("a.wav", 100, 50)[:2] == (content[:100], content[-50:])
    handle, opened = tree.open("a.wav", 10**6)
    with (far.root / "a.wav").open("ab") as more:
        more.write(b"appended")
    with handle:
        assert handle.read(4) == content[:4]
        assert handle.seek(-3, os.SEEK_END) == len(content) - 3
        assert handle.read() == content[-3:]
        handle.seek(1000)
        assert handle.read() == content[1000:]
    assert opened == tree.find("a.wav") or opened.size == len(content)
    grown = tree.find("a.wav")
    assert grown is not None and grown.size == len(content) + 8
    with pytest.raises(Unusable) as caught:
        tree.open("a.wav", 100)
    assert caught.value.outcome == "too_long"
    put(far.root, "small.wav", b"0123456789")
    assert tree.read_ends("small.wav", 4096, 4)[:2] == (b"0123456789", b"6789")
    put(far.root, "empty.wav", b"")
    assert tree.read_ends("empty.wav", 4096, 4)[:2] == (b"", b"")


def check_a_file_cut_while_read(far: Far) -> None:
    size = put_long(far.root, "a.wav")
    handle, _ = far.tree().open("a.wav", size)
    handle.read(10)
    os.truncate(far.root / "a.wav", 2_000_000)
    with pytest.raises(Unavailable), handle:
        handle.read()


def check_links_are_not_followed(far: Far) -> None:
    """Nor is what is hidden or on its way seen; day folders count."""
    outside = far.root.parent / "outside"
    put(outside, "secret.wav", b"secret")
    put(far.root, "real/a.wav", b"a")
    for link, target in (("file.wav", outside / "secret.wav"), ("folder", outside)):
        (far.root / link).symlink_to(target)
    for name in (".hidden.wav", "a.wav.part", "b.tmp"):
        put(far.root, name, b"x")
    put(far.root, "2020/02/03/old.wav", b"x")
    tree = far.tree()
    assert sorted(walked(tree)) == ["a.wav", "old.wav"]
    assert [e.name for e in tree.walk(START - timedelta(days=3), Counter())] == ["a.wav"]
    assert tree.find("file.wav") is None
    for locator in ("file.wav", "folder/secret.wav"):
        with pytest.raises((NotFound, Unusable)):
            tree.open(locator, 1000)


def check_what_is_not_there(far: Far) -> None:
    put(far.root.parent / "outside", "secret.wav", b"secret")
    put(far.root, "real/a.wav", b"a")
    tree = far.tree()
    for locator in ("../outside/secret.wav", "real/../../outside/secret.wav", "/etc/passwd"):
        with pytest.raises(Unusable) as caught:
            tree.open(locator, 1000)
        assert caught.value.outcome == "path_escape"
    with pytest.raises((NotFound, Unusable)):
        tree.open("real", 1000)
    with pytest.raises(NotFound):
        tree.open("real/nothing.wav", 1000)
    with pytest.raises(NotFound):
        tree.open("nowhere/nothing.wav", 1000)


HOSTILE = [b"$(reboot).wav", b"; rm -rf ~ ;.wav", b"-rf.wav", b"x [1] {2}.wav", b"%s%n.wav",
           "Peña.wav".encode(), b"per%cent.wav", b"a b  c.wav", b"` id `.wav"]  # fmt: skip


def check_hostile_names(far: Far, names: list[bytes]) -> Counter[str]:
    """Every name is found, looked at and opened by the server's own word for it."""
    for name in names:
        put(far.root, name, name)
    notes: Counter[str] = Counter()
    tree = far.tree()
    found = walked(tree, notes)
    contents = set()
    for entry in found.values():
        assert entry.locator.isascii() and entry.locator.isprintable()
        assert tree.find(entry.locator) == msgspec.structs.replace(entry, recent=False)
        handle, _ = tree.open(entry.locator, 1000)
        with handle:
            contents.add(handle.read())
    assert contents == set(names)
    return notes


def check_a_server_that_dies(far: Far) -> None:
    """In the middle of a walk and of a read; back again, the same tree goes on."""
    for day in range(1, 6):
        size = put_long(far.root, f"folder{day}/a{day}.wav")
    tree = far.tree()
    before = tree.look()
    walk = tree.walk(LONG_AGO, Counter())
    first = next(walk)
    handle, _ = tree.open(first.locator, size)
    assert handle.read(10) == b"x" * 10
    far.server.kill()
    with pytest.raises(Unavailable):
        list(walk)
    with pytest.raises(Unavailable), handle:
        handle.read()
    with pytest.raises(Unavailable):
        tree.look()
    with pytest.raises(Unavailable):
        tree.find(first.locator)
    far.server.start()
    assert tree.look() == before
    assert len(walked(tree)) == 5


def check_a_connection_that_was_dropped(far: Far) -> None:
    """Servers hang up on silent guests; the next question simply asks anew."""
    put(far.root, "a.wav", b"x")
    tree = far.tree()
    before = tree.look()
    far.server.kill()
    far.server.start()
    assert tree.look() == before
    assert list(walked(tree)) == ["a.wav"]


def check_an_emptied_share(far: Far) -> None:
    put(far.root, "a.wav", b"x")
    tree, memory = far.tree(), Memory()
    check_root(memory, tree)
    (far.root / "a.wav").unlink()
    with pytest.raises(Unavailable, match="suddenly empty"):
        check_root(memory, tree)


def check_many_files(far: Far, count: int) -> None:
    for i in range(count):
        (far.root / f"a{i}.wav").touch()
    started = datetime.now(UTC)
    assert len(walked(far.tree())) == count
    assert datetime.now(UTC) - started < timedelta(seconds=120)  # generous: the machine may be busy


def check_who_is_talked_to(far: Far) -> None:
    """The address is judged here as everywhere."""
    with pytest.raises(Misconfigured, match="add 127"):
        open_place(far.place, msgspec.structs.replace(far.means, allowed=("10.0.0.5",))).look()
    words = refusal(Misconfigured, far.with_(host="169.254.169.254"))
    assert "address of the phone system" in words
    assert "password" in refusal(Misconfigured, far.with_secrets())
