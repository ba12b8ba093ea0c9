"""The waveform of a call fits into a few kilobytes and shows where somebody speaks."""

import numpy as np

from appliance.audio import peaks


def test_each_bucket_holds_the_lowest_and_highest_sample_of_its_stretch() -> None:
    pcm = np.zeros((2, 20_000), np.int16)
    pcm[0, 5_000:5_010] = 32_767
    pcm[1, 19_999] = -32_768
    drawn = np.frombuffer(peaks(pcm, 10), np.int8).reshape(2, 10, 2)
    assert drawn[0, 2].tolist() == [0, 127]
    assert drawn[1, 9].tolist() == [-128, 0]
    assert np.count_nonzero(drawn) == 2


def test_a_very_short_recording_fills_all_buckets() -> None:
    assert len(peaks(np.full((1, 3), 512, np.int16), 100)) == 200


def test_nothing_is_a_flat_line() -> None:
    assert peaks(np.zeros((1, 0), np.int16), 4) == bytes(8)
