"""Personal data in every spoken form is found; doses, prices, times and ages are left alone."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.facts.analysis import KnownNames, Span
from appliance.facts.codes import PII_TYPES
from appliance.facts.speech import Segment
from appliance.reading.redaction import find_spans
from appliance.reading.redaction_masks import mask_text, number_names, unmask_text
from tests.reading.talk import segments

_DATA = Path(__file__).parents[1] / "data"
_MARK = re.compile(r"\{([A-Z_]+):([^}]*)\}")


def _rows(name: str) -> list[str]:
    lines = (_DATA / name).read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


FORMS, MUST_NOT = _rows("spoken_forms.txt"), _rows("must_not.txt")


def marked(row: str) -> tuple[list[Segment], list[tuple[int, str, str, set[int]]]]:
    """The segments of a row, and for each mark its segment, type, words and characters."""
    plain, wanted = [], []
    for index, turn in enumerate(row.split(" / ")):
        side, text = turn.split(":", 1)
        bare, at = "", 0
        for found in _MARK.finditer(text):
            bare += text[at : found.start()]
            words = found.group(2)
            places = {len(bare) + i for i, letter in enumerate(words) if letter.isalnum()}
            wanted.append((index, found.group(1), words, places))
            bare, at = bare + words, found.end()
        plain.append(f"{side}:{bare}{text[at:]}")
    return [
        Segment(index=i, speaker={"S": "staff", "C": "caller"}[line[0]], text=line[2:])
        for i, line in enumerate(plain)
    ], wanted


def covered(spans: tuple[Span, ...], segment: int, code: str) -> set[int]:
    return {
        at for s in spans if s.segment == segment and s.type == code for at in range(s.start, s.end)
    }


@pytest.mark.parametrize("row", FORMS)
def test_a_spoken_form_is_found(row: str) -> None:
    told, wanted = marked(row)
    spans = find_spans(told, KnownNames())
    for segment, code, words, places in wanted:
        assert places <= covered(spans, segment, code), (code, words, spans)


@pytest.mark.parametrize("row", MUST_NOT)
@pytest.mark.parametrize("side", ["S", "C"])
def test_what_is_nobodys_is_left_alone(row: str, side: str) -> None:
    assert find_spans(segments(f"{side}: {row}"), KnownNames()) == ()


def test_there_are_many_forms_of_every_type() -> None:
    assert len(FORMS) >= 150 and len(MUST_NOT) >= 80
    types = {code for row in FORMS for _, code, _, _ in marked(row)[1]}
    assert types == set(PII_TYPES)


_WORDS = st.sampled_from(
    [
        "five",
        "oh",
        "double",
        "triple",
        "at",
        "dot",
        "com",
        "dash",
        "my",
        "name",
        "is",
        "card",
        "phone",
        "chip",
        "dog",
        "Rex",
        "marge",
        "MARGE",
        "555",
        "0123",
        "4111",
        ",",
        ".",
        "?",
        "!",
        "'s",
        "as",
        "in",
        "j",
        "o",
        "h",
        "n",
        "street",
        "apartment",
        "zip",
        "twenty",
        "hundred",
        "Dr.",
        "[x]",
        "é",
        "ß",
        "İ",
        "🐶",
        "it's",
    ]
)
_TEXT = st.text(max_size=120) | st.lists(_WORDS, max_size=40).map(" ".join)
_CALL = st.lists(
    st.tuples(st.sampled_from(["staff", "caller", "ivr", "unknown"]), _TEXT), max_size=6
)
_NAMES = st.builds(
    KnownNames,
    clinics=st.lists(st.text(max_size=12), max_size=2).map(tuple),
    staff=st.lists(st.text(max_size=12), max_size=2).map(tuple),
    callers=st.lists(st.text(max_size=12), max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(_CALL, _NAMES)
def test_spans_of_any_text_lie_inside_in_order_and_apart(
    call: list[tuple[str, str]], known: KnownNames
) -> None:
    told = [Segment(index=i + 3, speaker=who, text=text) for i, (who, text) in enumerate(call)]
    spans = find_spans(told, known)
    texts = {segment.index: segment.text for segment in told}
    assert list(spans) == sorted(spans, key=lambda s: (s.segment, s.start))
    assert all(0 <= s.start < s.end <= len(texts[s.segment]) for s in spans)
    assert all(s.type in PII_TYPES for s in spans)
    pairs = pairwise(spans)
    assert all(a.segment < b.segment or a.end <= b.start for a, b in pairs)
    assert find_spans(told, known) == spans


@settings(max_examples=100, deadline=None)
@given(_CALL)
def test_masked_text_leads_back_to_the_original(call: list[tuple[str, str]]) -> None:
    told = [Segment(index=i, speaker=who, text=text) for i, (who, text) in enumerate(call)]
    spans = find_spans(told, KnownNames())
    names = number_names(told, spans)
    for segment in told:
        masked = mask_text(segment.text, spans, segment.index, names)
        hidden = {p.span: segment.text[p.span.start : p.span.end] for p in masked.places}
        assert len(hidden) == sum(s.segment == segment.index for s in spans)
        assert unmask_text(masked, hidden) == segment.text


def test_names_are_numbered_by_first_appearance_and_known_again() -> None:
    told = segments(
        "S: Elm Vet, this is Jodi, how can I help?",
        "C: Hi Jodi, my name is Marge Ostrowski. My cat Pierogi is sick.",
        "S: Okay, Marge. Dr. Abernathy can see Pierogi. What's your phone number?",
        "C: It's 312-555-0177. My husband, Leon, will bring him.",
    )
    spans = find_spans(told, KnownNames())
    names = number_names(told, spans)
    lines = [mask_text(s.text, spans, s.index, names).text for s in told]
    assert lines == [
        "Elm Vet, this is [STAFF_1], how can I help?",
        "Hi [STAFF_1], my name is [PERSON_1]. My cat [PET_1] is sick.",
        "Okay, [PERSON_1]. Dr. [STAFF_2] can see [PET_1]. What's your phone number?",
        "It's [PHONE]. My husband, [PERSON_2], will bring him.",
    ]


def test_names_that_are_known_before_are_found_without_a_cue() -> None:
    told = segments("S: so tell ramonda it is ready", "C: thanks, wilhelmina said so too")
    known = KnownNames(staff=("Ramonda Ott",), callers=("Wilhelmina Ott",))
    assert [(s.segment, s.type) for s in find_spans(told, known)] == [(0, "STAFF"), (1, "PERSON")]


def test_the_names_of_clinics_are_nobodys() -> None:
    told = segments("S: Good morning, Juniper Ridge.", "C: Is this Juniper Ridge?")
    assert find_spans(told, KnownNames(clinics=("Juniper Ridge",))) == ()


@pytest.mark.parametrize(
    "word",
    ["five ", "a ", "at ", "dot ", "Rex ", "a.b@", "double ", "4111 ", "j ", "x" * 50, "St "],
)
def test_the_time_grows_with_the_length_of_a_line_and_no_faster(word: str) -> None:
    def steps(size: int) -> int:
        count = 0

        def trace(*_: object) -> None:
            nonlocal count
            count += 1

        told = [Segment(index=0, speaker="caller", text=(word * size)[: 5 * size])]
        sys.setprofile(trace)
        try:
            find_spans(told, KnownNames())
        finally:
            sys.setprofile(None)
        return count

    assert steps(4000) < 6 * steps(1000) + 20_000


def test_a_line_of_a_hundred_thousand_characters_is_read() -> None:
    for word in ("five ", "Rex ", "a"):
        told = [Segment(index=0, speaker="caller", text=(word * 100_000)[:100_000])]
        assert all(span.end <= 100_000 for span in find_spans(told, KnownNames()))
