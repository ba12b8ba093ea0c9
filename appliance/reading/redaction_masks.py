"""Outgoing text: labels in place of personal data, with a map back to what stood there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from appliance.facts import Fact
from appliance.facts.analysis import Span
from appliance.facts.speech import Segment

_NUMBERED: Final = ("PERSON", "PET", "STAFF")  # told apart, so that a reader can follow a call


class Place(Fact, frozen=True, kw_only=True):
    """Where a label stands in the masked text, and the span of the original it hides."""

    start: int
    end: int
    span: Span


class Masked(Fact, frozen=True, kw_only=True):
    """A text that may be shown or sent, and the way back for those who hold the original."""

    text: str
    places: tuple[Place, ...] = ()


def number_names(segments: Sequence[Segment], spans: Iterable[Span]) -> dict[Span, str]:
    """A label for every name of a call: PERSON_1, STAFF_2 …, by first appearance.

    Names that share a word are one: "Marge Ostrowski", later "Marge".
    """
    texts = {segment.index: segment.text for segment in segments}
    known: dict[str, list[frozenset[str]]] = {code: [] for code in _NUMBERED}
    labels: dict[Span, str] = {}
    for span in sorted(spans, key=lambda s: (s.segment, s.start)):
        if span.type in known:
            words = _words(texts.get(span.segment, "")[span.start : span.end])
            labels[span] = f"{span.type}_{_number(known[span.type], words)}"
    return labels


def _words(name: str) -> frozenset[str]:
    bare = name.casefold().replace("’", "'").removesuffix("'s")
    return frozenset(bare.replace("-", " ").replace(".", " ").split())


def _number(known: list[frozenset[str]], words: frozenset[str]) -> int:
    """The place of a name among those known; a new name is added."""
    for place, other in enumerate(known):
        if words & other or _spelled(words, other) or _spelled(other, words):
            known[place] = other | words
            return place + 1
    known.append(words)
    return len(known)


def _spelled(letters: frozenset[str], words: frozenset[str]) -> bool:
    """Whether single letters can only be those of a name that is known."""
    single = all(len(letter.strip(",")) == 1 for letter in letters)
    return single and any({c.strip(",") for c in letters} == set(word) for word in words)


def mask_text(
    text: str, spans: Iterable[Span], segment: int, names: Mapping[Span, str] | None = None
) -> Masked:
    """The text of one segment with a label for each of its spans; the text itself stays."""
    parts: list[str] = []
    places: list[Place] = []
    at = length = 0
    for span in sorted((s for s in spans if s.segment == segment), key=lambda s: s.start):
        if not at <= span.start < span.end <= len(text):
            continue
        label = f"[{(names or {}).get(span, span.type)}]"
        length += span.start - at
        places.append(Place(start=length, end=length + len(label), span=span))
        parts += [text[at : span.start], label]
        at, length = span.end, length + len(label)
    return Masked(text="".join([*parts, text[at:]]), places=tuple(places))


def unmask_text(masked: Masked, originals: Mapping[Span, str]) -> str:
    """The original, from a masked text and what each span hid."""
    parts: list[str] = []
    at = 0
    for place in masked.places:
        parts += [masked.text[at : place.start], originals[place.span]]
        at = place.end
    return "".join([*parts, masked.text[at:]])
