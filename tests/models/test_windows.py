"""Speech is packed without loss, and every word finds its way back to the time of the call."""

import numpy as np

from models.windows import cut_long, pack

SPANS = [(1_000, 4_000), (4_500, 9_000), (60_000, 61_000), (70_000, 90_000)]


def test_windows_keep_the_order_and_stay_under_the_limit() -> None:
    windows = pack(0, SPANS, pad_ms=200, longest_ms=28_000)
    assert [len(window.pieces) for window in windows] == [3, 1]
    assert all(window.length_ms <= 28_000 for window in windows)
    assert [piece.speech for w in windows for piece in w.pieces] == SPANS


def test_padded_pieces_never_take_the_same_sound_twice() -> None:
    windows = pack(0, [(1_000, 2_000), (2_100, 3_000)], pad_ms=200, longest_ms=28_000)
    first, second = windows[0].pieces
    assert first.end == second.start == 2_050


def test_the_samples_of_a_window_are_those_of_its_pieces() -> None:
    pcm = np.arange(100 * 16_000, dtype=np.int64).astype(np.int16)
    window = pack(0, SPANS, pad_ms=0, longest_ms=28_000)[0]
    sound = window.sound(pcm)
    assert len(sound) == 16 * window.length_ms
    assert round(float(sound[16 * 3_000]) * 32768) == pcm[16 * 4_500]


def test_a_word_returns_to_the_time_of_the_call() -> None:
    window = pack(0, SPANS, pad_ms=200, longest_ms=28_000)[0]
    piece = window.pieces[2]
    assert window.place(piece.at + 300, piece.at + 600) == (60_100, 60_400)


def test_a_word_that_straddles_a_cut_stays_in_one_piece() -> None:
    window = pack(0, SPANS, pad_ms=200, longest_ms=28_000)[0]
    piece = window.pieces[2]
    assert window.place(piece.at - 150, piece.at + 500) == (59_800, 60_300)


def test_a_word_with_no_speech_under_it_has_no_place() -> None:
    window = pack(0, [(5_000, 6_000)], pad_ms=1_000, longest_ms=28_000)[0]
    assert window.place(0, 400) is None
    assert window.place(2_500, 2_900) is None
    assert window.place(900, 1_200) == (4_900, 5_200)


def test_endless_speech_is_cut_where_it_is_quietest() -> None:
    pcm = np.full(60 * 16_000, 5_000, np.int16)
    pcm[25 * 16_000 : 25 * 16_000 + 3_200] = 0
    spans = cut_long([(0, 60_000)], pcm, 28_000)
    assert 25_000 <= spans[0][1] <= 25_200
    assert spans[-1][1] == 60_000
    assert all(end - start <= 28_000 for start, end in spans)
