"""Words become turns, turns of two channels interleave, and echo is not a second speaker."""

import numpy as np

from appliance.facts.speech import Segment, Word
from models.echo import drop_echo, is_doubled
from models.guards import Said, is_invented, is_plausible, is_stock_phrase
from models.turns import Heard, interleave, split_turns


def words(text: str, start: int, step: int = 300) -> list[Heard]:
    return [
        Heard(start + place * step, start + place * step + 250, f" {word}", 0.9)
        for place, word in enumerate(text.split())
    ]


def segment(text: str, start: int, channel: int) -> Segment:
    heard = split_turns(words(text, start), channel)
    assert len(heard) == 1
    return heard[0]


def test_a_pause_of_a_turn_splits_and_a_breath_does_not() -> None:
    heard = [*words("how can I help", 0), *words("today", 1_600), *words("one moment", 4_000)]
    found = split_turns(heard, 1)
    assert [s.text for s in found] == ["how can I help today", "one moment"]
    assert (found[0].start_ms, found[0].end_ms, found[0].channel) == (0, 1_850, 1)
    assert found[0].speaker == "unknown" and found[0].confidence == 0.9


def test_a_long_monologue_is_split_at_a_full_stop() -> None:
    text = " ".join(["word"] * 44 + ["end."] + ["more"] * 5)
    assert [len(s.words) for s in split_turns(words(text, 0), 0)] == [45, 5]


def test_turns_of_two_channels_interleave_in_order_of_start() -> None:
    found = interleave(
        [segment("yes please", 3_000, 1), segment("hello", 0, 0), segment("bye", 5_000, 0)]
    )
    assert [(s.index, s.channel) for s in found] == [(0, 0), (1, 1), (2, 0)]


def test_words_that_leak_to_the_other_channel_are_dropped_there() -> None:
    pcm = np.zeros((2, 5 * 16_000), np.int16)
    noise = np.random.default_rng(0).normal(0, 4_000, 3 * 16_000)
    pcm[0, :48_000] = noise
    pcm[1, 1_600:49_600] = noise * 0.1
    loud = segment("we close at six today", 0, 0)
    leaked = segment("we close at six today", 100, 1)
    answer = segment("thank you", 4_000, 1)
    assert drop_echo([loud, leaked, answer], pcm) == [loud, answer]


def test_two_people_who_say_the_same_at_once_are_both_kept() -> None:
    pcm = np.random.default_rng(0).normal(0, 3_000, (2, 5 * 16_000)).astype(np.int16)
    both = [segment("hello", 0, 0), segment("hello", 100, 1)]
    assert drop_echo(both, pcm) == both


def test_a_mono_mix_stored_as_stereo_is_seen() -> None:
    row = np.random.default_rng(0).normal(0, 3_000, 32_000).astype(np.int16)
    other = np.random.default_rng(1).normal(0, 3_000, 32_000).astype(np.int16)
    assert is_doubled(np.stack([row, row]))
    assert not is_doubled(np.stack([row, other]))
    assert not is_doubled(row[None])
    assert not is_doubled(np.zeros((2, 100), np.int16))


def test_loops_and_text_over_silence_count_as_invented() -> None:
    good = Said("Good morning, how can I help you?", -0.3, 0.1, ())
    loop = Said("the dog and " * 30, -0.2, 0.1, ())
    quiet = Said("You know.", -1.4, 0.9, ())
    guess = Said("Murky hexagon pudding.", -2.1, 0.1, ())
    limits = (0.6, -1.0, 2.4)
    assert is_plausible([], *limits) and is_plausible([good], *limits)
    assert not is_plausible([loop], *limits) and is_invented([loop], *limits)
    assert not is_plausible([quiet], *limits) and is_invented([quiet], *limits)
    assert is_invented([guess], *limits) and not is_invented([good], *limits)


def test_phrases_of_subtitles_are_dropped_unless_clearly_heard() -> None:
    def said(text: str, confidence: float) -> Segment:
        word = Word(start_ms=0, end_ms=900, text=text, confidence=confidence)
        return Segment(index=0, text=text, confidence=confidence, words=(word,))

    assert is_stock_phrase(said("Thanks for watching!", 0.5))
    assert is_stock_phrase(said("Subtitles by the Amara.org community", 0.7))
    assert not is_stock_phrase(said("Thanks for watching!", 0.97))
    assert not is_stock_phrase(said("Thank you.", 0.5))
    assert not is_stock_phrase(said("Thanks for watching him over the weekend.", 0.5))
