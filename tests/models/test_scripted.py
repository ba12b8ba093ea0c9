"""The scripted recognizer stands in for the real one wherever words do not matter."""

import numpy as np

from appliance.facts.speech import Segment
from models.engine import Recognizer
from models.scripted import ScriptedRecognizer


def test_it_says_what_it_was_told_in_order_of_start_and_only_on_channels_that_exist() -> None:
    scripted: Recognizer = ScriptedRecognizer(
        [
            Segment(index=9, start_ms=500, text="hello", channel=0),
            Segment(index=3, start_ms=100, text="hi", channel=0),
            Segment(index=0, start_ms=0, text="other leg", channel=1),
        ]
    )
    told: list[float] = []
    pcm = np.zeros((1, 16_000), np.int16)
    found = scripted.recognize(pcm, language="en", progress=told.append)
    assert [(s.index, s.text) for s in found] == [(0, "hi"), (1, "hello")]
    assert told == [1.0] and scripted.provenance.engine == "scripted"
