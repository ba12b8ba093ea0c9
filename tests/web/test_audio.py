"""Listening: exactly the bytes asked for, never before the log knows, never anything forged."""

import io
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from appliance.db import execute, value, writing
from appliance.seal import CHUNK, SealedReader
from appliance.store.recordings import get_recording
from appliance.vault import Vault
from tests.web.world import World, sign_in
from webui.audio import PIECE, find_span
from webui.security import Lately


@pytest.fixture(scope="module")
def maria(desks: dict[str, TestClient]) -> TestClient:
    return desks["Maria"]


@pytest.fixture(scope="module")
def path(shared: World) -> str:
    return f"/recordings/{shared.recording(0)}/audio"


def change(world: World, sql: str, *params: object) -> None:
    with closing(world.open_db()) as db, writing(db):
        execute(db, sql, params)


def sealed_file(world: World, ref: str) -> Path:
    with closing(world.open_db()) as db:
        file = get_recording(db, ref).file
    return world.folder / "recordings" / file[:2] / file


def test_all_of_it_is_what_was_sealed(maria: TestClient, shared: World, path: str):
    answer = maria.get(path)
    assert (answer.status_code, answer.content) == (200, shared.audio)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["content-length"] == str(len(shared.audio))


def test_head_tells_the_length_and_plays_nothing(clinic: World, door: TestClient):
    sign_in(door, "Maria")
    answer = door.head(f"/recordings/{clinic.recording(0)}/audio", headers={"range": "bytes=0-1"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(clinic.audio))
    assert clinic.log("play") == []


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, None),
        ("bytes=5-4999999", 5, None),
        ("bytes=-1", -1, None),
        ("bytes=-99999999", 0, None),
        (f"bytes={CHUNK - 1}-{CHUNK}", CHUNK - 1, CHUNK + 1),
        ("BYTES=7-9", 7, 10),
        ("bytes = 7-9 ", 7, 10),
    ],
)
def test_a_range_is_what_rfc_9110_says(
    maria: TestClient, shared: World, path: str, asked: str, start: int, end: int | None
):
    answer = maria.get(path, headers={"range": asked})
    whole = shared.audio
    expected = whole[start:end]
    first = start % len(whole)
    assert (answer.status_code, answer.content) == (206, expected)
    told = f"bytes {first}-{first + len(expected) - 1}/{len(whole)}"
    assert answer.headers["content-range"] == told
    assert answer.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize("asked", ["bytes=640044-", "bytes=99999999-999999999", "bytes=-0"])
def test_a_range_outside_is_416_and_plays_nothing(clinic: World, door: TestClient, asked: str):
    sign_in(door, "Maria")
    path = f"/recordings/{clinic.recording(0)}/audio"
    answer = door.get(path, headers={"range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(clinic.audio)}"
    assert clinic.log("play") == []


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-4", "bytes=0-1,5-9", "bytes=a-b", "bytes=-", "bytes", "lines=0-5", "bytes=0--5",
     "bytes=٣-٤", "bytes=+1-2", "bytes=1-2;", "bytes=" + "9" * 30 + "-"],
)  # fmt: skip
def test_what_is_no_single_range_gets_all_of_it(
    maria: TestClient, shared: World, path: str, asked: str
):
    answer = maria.get(path, headers={"range": asked.encode()})
    assert (answer.status_code, len(answer.content)) == (200, len(shared.audio))


def test_a_range_of_another_version_gets_all_of_it(maria: TestClient, path: str):
    headers = {"range": "bytes=0-9", "if-range": '"another"'}
    assert maria.get(path, headers=headers).status_code == 200
    headers["if-range"] = maria.head(path).headers["etag"]
    assert maria.get(path, headers=headers).status_code == 206


header = st.from_regex(r"bytes=\d{0,7}-\d{0,7}", fullmatch=True) | st.text(max_size=12)


@given(header, st.integers(0, 700_000))
def test_any_range_header_gives_bytes_that_are_there(asked: str, size: int):
    span = find_span(asked, size)
    assert 0 <= span.start <= span.end <= size
    assert span.status in {200, 206, 416}
    assert (span.status == 206) <= (span.start < span.end)
    assert span.status != 200 or (span.start, span.end) == (0, size)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.integers(0, 640_043), length=st.integers(1, 700_000))
def test_no_more_is_read_than_was_asked_for(
    maria: TestClient, shared: World, path: str, first: int, length: int
):
    asked: list[int] = []
    real = SealedReader.read_range

    def watched(self: SealedReader, offset: int, wanted: int) -> bytes:
        asked.append(wanted)
        return real(self, offset, wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SealedReader, "read_range", watched)
        answer = maria.get(path, headers={"range": f"bytes={first}-{first + length - 1}"})
    assert answer.content == shared.audio[first : first + length]
    assert sum(asked) == len(answer.content)
    assert max(asked) <= PIECE


def test_the_log_knows_before_a_byte_of_sound_is_read(
    clinic: World, door: TestClient, monkeypatch: pytest.MonkeyPatch
):
    known: list[int] = []
    real = SealedReader.read_range

    def watched(self: SealedReader, offset: int, wanted: int) -> bytes:
        known.append(len(clinic.log("play")))
        return real(self, offset, wanted)

    monkeypatch.setattr(SealedReader, "read_range", watched)
    sign_in(door, "Maria")
    door.get(f"/recordings/{clinic.recording(0)}/audio")
    assert known
    assert set(known) == {1}


def test_seeking_writes_one_row_in_ten_minutes(clinic: World, door: TestClient):
    sign_in(door, "Maria")
    first, second = (f"/recordings/{clinic.recording(n)}/audio" for n in (0, 1))
    for start in range(5):
        door.get(first, headers={"range": f"bytes={start}-{start}"})
    assert clinic.log("play") == [("Maria", "play", f"recording:{clinic.recording(0)}")]
    door.get(second)
    clinic.wait(minutes=11)
    door.get(first)
    assert [subject for _, _, subject in clinic.log("play")] == [
        f"recording:{clinic.recording(n)}" for n in (0, 1, 0)
    ]


def test_each_listener_is_written_down(clinic: World, door: TestClient):
    for name in ("Maria", "Finn"):
        sign_in(door, name)
        door.get(f"/recordings/{clinic.recording(0)}/audio")
    assert [actor for actor, _, _ in clinic.log("play")] == ["Maria", "Finn"]


def test_what_could_not_be_noted_is_noted_the_next_time(clinic: World):
    noted = Lately(clinic.now - clinic.now.replace(hour=0))
    with pytest.raises(OSError), noted.once("x", clinic.now):
        raise OSError
    with noted.once("x", clinic.now) as first:
        assert first
    with noted.once("x", clinic.now) as first:
        assert not first


def test_the_sound_made_for_browsers_is_played_under_its_own_name(clinic: World, door: TestClient):
    ref = clinic.recording(0)
    vault = Vault(clinic.folder, clinic.keys.recordings)
    with closing(clinic.open_db()) as db:
        wrapped = get_recording(db, ref).wrapped_key
    made, _ = vault.put(io.BytesIO(b"made for browsers"), vault.unwrap(wrapped, ref), f"{ref}.play")
    change(clinic, "UPDATE recording SET playable_file = ? WHERE ref = ?", made, ref)
    sign_in(door, "Maria")
    assert door.get(f"/recordings/{ref}/audio").content == b"made for browsers"


def test_a_type_that_is_no_sound_is_never_told_to_the_browser(clinic: World, door: TestClient):
    sign_in(door, "Maria")
    for bad in ("text/html", "audio/x\r\nset-cookie: a=b", "audio/<x>"):
        change(clinic, "UPDATE recording SET playable_type = ?", bad)
        answer = door.get(f"/recordings/{clinic.recording(0)}/audio")
        assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("column", ["playable_type", "file"])
def test_what_cannot_be_played_is_not_found(clinic: World, door: TestClient, column: str):
    change(clinic, f"UPDATE recording SET {column} = ''")
    sign_in(door, "Maria")
    assert door.get(f"/recordings/{clinic.recording(0)}/audio").status_code == 404


def test_an_erased_recording_is_not_found_even_with_its_file_still_there(
    clinic: World, door: TestClient
):
    change(clinic, "UPDATE recording SET wrapped_key = x''")
    sign_in(door, "Maria")
    assert door.get(f"/recordings/{clinic.recording(0)}/audio").status_code == 404


def test_a_lost_file_is_not_found_and_says_so(clinic: World, door: TestClient):
    sealed_file(clinic, clinic.recording(0)).unlink()
    sign_in(door, "Maria")
    answer = door.get(f"/recordings/{clinic.recording(0)}/audio")
    assert (answer.status_code, "missing" in answer.text) == (404, True)


@pytest.mark.parametrize("place", [3, 100, -5])
def test_forged_sound_is_a_failure_and_stands_in_the_log(
    clinic: World, door: TestClient, place: int
):
    file = sealed_file(clinic, clinic.recording(0))
    forged = bytearray(file.read_bytes())
    forged[place] ^= 1
    file.write_bytes(forged)
    sign_in(door, "Maria")
    answer = door.get(f"/recordings/{clinic.recording(0)}/audio")
    assert answer.status_code == 500
    assert clinic.audio[44:200] not in answer.content
    assert clinic.log("tampered") == [("Maria", "tampered", f"recording:{clinic.recording(0)}")]


def test_sound_forged_in_the_middle_breaks_off_before_the_forgery(clinic: World, door: TestClient):
    file = sealed_file(clinic, clinic.recording(0))
    forged = bytearray(file.read_bytes())
    forged[500_000] ^= 1
    file.write_bytes(forged)
    sign_in(door, "Maria")
    try:
        got = door.get(f"/recordings/{clinic.recording(0)}/audio").content
    except Exception:  # noqa: BLE001 - the test client may pass the broken connection on
        got = b""
    assert len(got) < 500_000
    assert clinic.audio.startswith(got)
    assert len(clinic.log("tampered")) == 1


def test_another_recordings_file_is_never_played(clinic: World, door: TestClient):
    first, second = (sealed_file(clinic, clinic.recording(n)) for n in (0, 1))
    first.write_bytes(second.read_bytes())
    sign_in(door, "Maria")
    assert door.get(f"/recordings/{clinic.recording(0)}/audio").status_code == 500


def test_peaks_are_pairs_of_signed_numbers_per_channel(maria: TestClient, shared: World):
    drawn = maria.get(f"/recordings/{shared.recording(0)}/peaks").json()
    assert drawn["buckets"] == 2000
    assert drawn["duration_ms"] == 40_000
    assert [len(channel) for channel in drawn["channels"]] == [4000]
    assert drawn["channels"][0][:2] == [-56, 50]


def test_peaks_of_two_channels_come_apart(clinic: World, door: TestClient):
    change(clinic, "UPDATE recording SET channels = 2, peaks = ?", bytes(range(8)))
    sign_in(door, "Maria")
    drawn = door.get(f"/recordings/{clinic.recording(0)}/peaks").json()
    assert drawn["channels"] == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_recording_not_yet_decoded_has_no_peaks(clinic: World, door: TestClient):
    change(clinic, "UPDATE recording SET channels = 0, peaks = NULL")
    sign_in(door, "Maria")
    assert door.get(f"/recordings/{clinic.recording(0)}/peaks").json()["channels"] == []


def test_drawing_a_waveform_is_not_listening(clinic: World, door: TestClient):
    sign_in(door, "Maria")
    door.get(f"/recordings/{clinic.recording(0)}/peaks")
    with closing(clinic.open_db()) as db:
        assert value(db, "SELECT count(*) FROM audit WHERE action = 'play'") == 0
