"""Sealed files give back what went in, or nothing at all."""

import hashlib
import io
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import seal as sealing
from appliance.errors import Tampered
from appliance.seal import CHUNK, HEADER, TAG, open_sealed, seal, unwrap_key, wrap_key

KEY = bytes(range(32))
NAME = "recording-7"
STEP = CHUNK + TAG
LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]


def content_of(length: int) -> bytes:
    return hashlib.shake_128(b"content").digest(length)


def sealed_bytes(content: bytes, key: bytes = KEY, name: str = NAME) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(content), target, key, name)
    return target.getvalue()


class Dribble(io.RawIOBase):
    """A raw file that reads and writes at most a few bytes at a time."""

    def __init__(self, step: int, content: bytes = b"") -> None:
        self.step, self.under = step, io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        piece = self.under.read(min(self.step, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)

    def write(self, data) -> int:
        return self.under.write(bytes(data[: self.step]))


def emitted_before_refusal(blob: bytes, key: bytes = KEY, name: str = NAME) -> bytes:
    """Read a file to the end in small pieces; it must be refused; return what came out before."""
    out = b""
    with pytest.raises(Tampered):
        reader = open_sealed(io.BytesIO(blob), key, name)
        while piece := reader.read(4096):
            out += piece
    return out


@pytest.mark.parametrize("step", [1, 7, 4096, 10**9])
@pytest.mark.parametrize("length", LENGTHS)
def test_every_length_and_size_of_pieces_comes_back_whole(length: int, step: int) -> None:
    content = content_of(length)
    target = Dribble(max(step, 64))
    info = seal(Dribble(step, content), target, KEY, NAME)
    blob = target.under.getvalue()
    assert (info.size, info.sha256) == (length, hashlib.sha256(content).hexdigest())
    assert len(blob) == HEADER + length + TAG * (length // CHUNK + 1)
    reader = open_sealed(io.BytesIO(blob), KEY, NAME)
    assert reader.size == length
    assert reader.read() == content
    if step > 1:
        reader.seek(0)
        assert b"".join(iter(lambda: reader.read(step), b"")) == content


@pytest.mark.parametrize("step", [4096, 10**9])
def test_five_mebibytes_come_back_whole(step: int) -> None:
    content = content_of(5 * 1024 * 1024)
    target = io.BytesIO()
    assert seal(Dribble(step, content), target, KEY, NAME).size == len(content)
    assert open_sealed(target, KEY, NAME).read() == content


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 1])
def test_a_file_cut_anywhere_emits_nothing(length: int) -> None:
    blob = sealed_bytes(content_of(length))
    edges = {
        HEADER + index * STEP + shift for index in range(4) for shift in (-1, 0, 1, 15, 16, 17)
    }
    for cut in sorted(edges | {0, 1, 7, 8, HEADER // 2, len(blob) - 1, len(blob) - TAG}):
        if 0 <= cut < len(blob):
            assert emitted_before_refusal(blob[:cut]) == b"", cut


@pytest.mark.parametrize("extra", [1, TAG - 1, TAG, TAG + 1, CHUNK, STEP])
@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1])
def test_a_lengthened_file_emits_nothing(length: int, extra: int) -> None:
    blob = sealed_bytes(content_of(length))
    for tail in (b"\0" * extra, (blob * (extra // len(blob) + 1))[-extra:]):
        assert emitted_before_refusal(blob + tail) == b""


def test_moved_chunks_are_refused_before_their_bytes_are_seen() -> None:
    content = content_of(3 * CHUNK + 100)
    blob = sealed_bytes(content)
    head, parts = (
        blob[:HEADER],
        [blob[HEADER + i * STEP : HEADER + (i + 1) * STEP] for i in range(4)],
    )
    a, b, c, end = parts
    assert emitted_before_refusal(head + b + a + c + end) == b""  # swapped
    assert emitted_before_refusal(head + a + c + b + end) == content[:CHUNK]
    for moved in (
        [a, b, end],
        [b, c, end],
        [a, a, b, c, end],
        [a, b, c, c, end],
        [a, b, c, end, end],
    ):
        assert emitted_before_refusal(head + b"".join(moved)) == b""  # dropped, doubled
    assert emitted_before_refusal(head + a + b + end + c) == b""


def test_any_flipped_bit_of_the_header_is_refused() -> None:
    blob = sealed_bytes(content_of(CHUNK + 5))
    for position in range(HEADER):
        for bit in (1, 128):
            broken = bytearray(blob)
            broken[position] ^= bit
            assert emitted_before_refusal(bytes(broken)) == b"", position


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3 * STEP + 115), st.integers(0, 7))
def test_a_flipped_bit_of_a_chunk_gives_only_the_chunks_before_it(place: int, bit: int) -> None:
    content = content_of(3 * CHUNK + 100)
    broken = bytearray(sealed_bytes(content))
    broken[HEADER + place] ^= 1 << bit
    before = b"" if place >= 3 * STEP else content[: place // STEP * CHUNK]
    assert emitted_before_refusal(bytes(broken)) == before


def test_another_record_or_key_or_its_header_does_not_open() -> None:
    content = content_of(2 * CHUNK + 9)
    mine, other = sealed_bytes(content), sealed_bytes(content, name="recording-8")
    foreign = sealed_bytes(content, key=bytes(32))
    assert emitted_before_refusal(mine, name="recording-8") == b""
    assert emitted_before_refusal(mine, key=bytes(32)) == b""
    for stranger in (other, foreign, sealed_bytes(content)):
        assert emitted_before_refusal(stranger[:HEADER] + mine[HEADER:]) == b""
        assert emitted_before_refusal(mine[:HEADER] + stranger[HEADER:]) == b""
    assert (
        emitted_before_refusal(mine[: HEADER + STEP] + sealed_bytes(content)[HEADER + STEP :])
        == b""
    )


def test_a_file_that_shrinks_after_opening_is_refused() -> None:
    under = io.BytesIO(sealed_bytes(content_of(3 * CHUNK)))
    reader = open_sealed(under, KEY, NAME)
    under.truncate(HEADER + STEP + 100)
    assert reader.read_range(0, 10) == content_of(10)
    with pytest.raises(Tampered):
        reader.read_range(CHUNK, 10)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*LENGTHS, 5 * CHUNK + 77]),
    st.integers(0, 6 * CHUNK),
    st.integers(0, 6 * CHUNK),
)
def test_any_range_is_the_same_as_of_the_plain_file(length: int, offset: int, count: int) -> None:
    content = content_of(length)
    reader = open_sealed(io.BytesIO(sealed_bytes(content)), KEY, NAME)
    assert reader.read_range(offset, count) == content[offset : offset + count]
    reader.seek(offset)
    assert reader.read(count) == content[offset : offset + count]
    assert reader.tell() == offset + len(content[offset : offset + count])


def test_it_behaves_as_a_file_does() -> None:
    content = content_of(CHUNK + 10)
    under = io.BytesIO(sealed_bytes(content))
    with open_sealed(under, KEY, NAME) as reader:
        assert (reader.readable(), reader.seekable(), reader.writable()) == (True, True, False)
        assert reader.seek(-4, os.SEEK_END) == CHUNK + 6
        assert reader.seek(-CHUNK, os.SEEK_CUR) == 6
        assert reader.read(4) == content[6:10]
        assert io.BufferedReader(reader).read(5) == content[10:15]
    assert reader.closed
    assert under.closed
    for act in (lambda: reader.read(1), lambda: reader.seek(0), lambda: reader.read_range(0, 1)):
        with pytest.raises(ValueError, match="closed"):
            act()


def test_positions_and_ranges_before_the_start_are_refused() -> None:
    reader = open_sealed(io.BytesIO(sealed_bytes(b"abc")), KEY, NAME)
    for act in (
        lambda: reader.seek(-1),
        lambda: reader.read_range(-1, 2),
        lambda: reader.seek(0, 9),
    ):
        with pytest.raises(ValueError, match=r"before|negative|whence"):
            act()


def test_a_refused_file_stays_open_for_its_owner() -> None:
    for blob in (b"", b"RIFF" + bytes(200), sealed_bytes(b"x")[:-1]):
        under = io.BytesIO(blob)
        with pytest.raises(Tampered):
            open_sealed(under, KEY, NAME)
        assert not under.closed


def test_only_touched_chunks_are_read_from_disk() -> None:
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int = -1, /) -> bytes:
            piece = super().read(size)
            self.taken += len(piece)
            return piece

    under = Counting(sealed_bytes(content_of(64 * CHUNK)))
    reader = open_sealed(under, KEY, NAME)
    assert under.taken == HEADER + TAG
    reader.read_range(10 * CHUNK + 5, 100)
    assert under.taken == HEADER + TAG + STEP
    for _ in range(100):
        reader.read_range(10 * CHUNK + 7, 1)
    assert under.taken == HEADER + TAG + STEP


def test_the_same_content_never_seals_to_the_same_bytes() -> None:
    first, second = sealed_bytes(content_of(99)), sealed_bytes(content_of(99))
    assert first[8:40] != second[8:40]
    assert first[HEADER:] != second[HEADER:]


def test_a_key_of_another_length_or_no_name_is_a_mistake_of_the_maker() -> None:
    for key, name in ((b"short", NAME), (KEY, "")):
        with pytest.raises(ValueError, match="32 bytes"):
            seal(io.BytesIO(b""), io.BytesIO(), key, name)


KNOWN = [  # content, sha256 of the whole sealed file; made once, with the salt 0, 1, 2 … 31
    (b"", "54629324b99e40d45f0c3268519ab0144da303c9f1af90a464c1c656a3fa5a82"),
    (b"woof", "7994ba93cac83b4127c388ef3ef2000540aee61b21e5503a064728fae9eff3e4"),
    (b"petsvet " * 4097, "5964e0f54705a371525cf94cb305e963b7d43b7742bc163e49ea90bd1b6babb6"),
]


@pytest.mark.parametrize(("content", "expected"), KNOWN)
def test_the_format_stays_what_it_was(content: bytes, expected: str, monkeypatch) -> None:
    monkeypatch.setattr(sealing.os, "urandom", lambda length: bytes(range(length)))
    blob = sealed_bytes(content)
    assert hashlib.sha256(blob).hexdigest() == expected
    assert open_sealed(io.BytesIO(blob), KEY, NAME).read() == content


def test_a_second_reading_of_the_description_opens_the_file() -> None:
    content = content_of(2 * CHUNK + 3)
    blob = sealed_bytes(content)
    assert blob[:8] == b"PVSEAL\x00\x01"
    info = b"petsvet/seal/1|recording-7"
    derived = HKDF(algorithm=SHA256(), length=76, salt=blob[8:40], info=info).derive(KEY)
    assert blob[40:72] == derived[44:]
    plain = b""
    for index in range(3):
        nonce = (int.from_bytes(derived[32:44], "big") ^ index).to_bytes(12, "big")
        chunk = blob[72 + index * STEP : 72 + (index + 1) * STEP]
        plain += AESGCM(derived[:32]).decrypt(nonce, chunk, None)
    assert plain == content


def test_a_wrapped_key_opens_only_for_its_own_record_and_key() -> None:
    wrapped = wrap_key(KEY, b"k" * 32, "recording-7")
    assert len(wrapped) == 32 + 29
    assert wrapped != wrap_key(KEY, b"k" * 32, "recording-7")
    assert unwrap_key(KEY, wrapped, "recording-7") == b"k" * 32
    with pytest.raises(Tampered):
        unwrap_key(KEY, wrapped, "recording-8")
    with pytest.raises(Tampered):
        unwrap_key(bytes(32), wrapped, "recording-7")


def test_any_changed_byte_or_length_of_a_wrapped_key_is_refused() -> None:
    wrapped = wrap_key(KEY, b"secret of a phone system", "connector-1")
    changed = [
        wrapped[:i] + bytes([wrapped[i] ^ 1]) + wrapped[i + 1 :] for i in range(len(wrapped))
    ]
    for broken in [*changed, *(wrapped[:cut] for cut in range(len(wrapped))), wrapped + b"\0"]:
        with pytest.raises(Tampered):
            unwrap_key(KEY, broken, "connector-1")
