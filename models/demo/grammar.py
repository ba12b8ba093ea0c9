"""Sentences of veterinary phone calls from templates, pattern variants, splices and word salad."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from models.demo import templates as t

SCRIPTS = Path(__file__).parent / "calls" / "scripts.jsonl"
LETTERS = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# Words that stay capitalised anywhere but are ordinary words, so they count in the WER.
_PROPER = {
    *t.DAYS,
    *t.MONTHS,
    *LETTERS,
    "I'm",
    "I'll",
    "I'd",
    "I've",
    "Doctor",
    "Mr.",
    "God",
    "Lab",
}
_PROPER |= {*t.listed("Animal Hospital Veterinary Clinic Pet Care Street Avenue Road Highway")}
_PROPER |= {*t.listed("Main Fifth Park Church Oak Creek River German Chihuahua Labrador Siamese")}
NAMES = {*t.PETS, *t.FIRST, *t.LAST, *t.PLACES, "Denise", "Willow", "Emeka"}
_SWAPS = [t.DAYS, t.HOURS, t.TEENS, t.TENS, t.ORDINALS, ["morning", "afternoon", "evening"], ["he", "she"],
          ["fifteen", "thirty", "forty"], ["dog", "cat", "puppy", "kitten"]]  # fmt: skip


def _fill(rng: random.Random, text: str) -> str:
    while (m := re.search(r"\(([^()]*)\)", text)) is not None:
        text = text[: m.start()] + rng.choice(m[1].split("|")) + text[m.end() :]
    while (m := re.search(r"\{(\w+)\}", text)) is not None:
        text = text[: m.start()] + _slot(rng, m[1]) + text[m.end() :]
    return text


def _slot(rng: random.Random, name: str) -> str:
    if name == "phone":
        groups = rng.choice([(3, 4), (3, 3, 4), (3, 3, 4), (4,)])
        return ", ".join(" ".join(rng.choice(t.DIGITS) for _ in range(n)) for n in groups)
    if name == "letters":
        return " ".join(rng.choice(LETTERS) for _ in range(rng.randint(3, 7)))
    if name == "number":
        return _number(rng)
    return _fill(rng, rng.choice(t.SLOTS[name]))


def _number(rng: random.Random) -> str:
    tens = rng.choice(t.TENS) + rng.choice(["", f" {rng.choice(t.HOURS[:9])}"])
    return rng.choice([rng.choice(t.HOURS), rng.choice(t.TEENS), tens, f"{rng.choice(t.HOURS)} hundred",
                       " ".join(rng.choice(t.DIGITS) for _ in range(rng.randint(2, 4)))])  # fmt: skip


def _sentence_case(text: str) -> str:
    return re.sub(r"(^|[.?!] )([a-z])", lambda m: m[1] + m[2].upper(), text)


def split_sentences(text: str) -> list[str]:
    """Split after . ? or !, but not after Mr."""
    return [s for s in re.split(r"(?<!Mr)(?<=[.?!]) +", text.strip()) if s]


def words(text: str) -> list[str]:
    """The words as compared in a WER: lower case, no punctuation, hyphens as spaces."""
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


@cache
def templates() -> tuple[str, ...]:
    """The sentence templates, one per line of the template text."""
    return tuple(line for line in t.TEMPLATES.strip().splitlines() if line)


def template_sentence(rng: random.Random) -> str:
    """One filled template."""
    return _sentence_case(_fill(rng, rng.choice(templates())))


@cache
def sample_sentences(path: Path = SCRIPTS) -> tuple[str, ...]:
    """Every sentence of the sample calls, or none when they are not written yet."""
    if not path.is_file():
        return ()
    calls = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    texts = (segment["text"] for call in calls for segment in call["segments"])
    return tuple(sentence for text in texts for sentence in split_sentences(text))


@cache
def excluded(path: Path = SCRIPTS) -> frozenset[tuple[str, ...]]:
    """Sample-call sentences of five words or more: training text must not hold them."""
    return frozenset(said for s in sample_sentences(path) if len(said := tuple(words(s))) >= 5)


def leaks(texts: Iterable[str], path: Path = SCRIPTS) -> list[str]:
    """The texts that hold a sample-call sentence of five or more words, word for word."""
    return [text for text in texts if is_leak(text, path)]


def is_leak(text: str, path: Path = SCRIPTS) -> bool:
    """Whether any run of words in the text is an excluded sentence."""
    spoken, banned = words(text), excluded(path)
    lengths = {len(b) for b in banned if len(b) <= len(spoken)}
    return any(
        tuple(spoken[i : i + n]) in banned for n in lengths for i in range(len(spoken) - n + 1)
    )


def name_words() -> frozenset[str]:
    """Names in lower case: left out of every WER on both sides."""
    seen = {w for s in sample_sentences() for w in re.findall(r"[A-Za-z']+", s)}
    capital_only = {w for w in seen if w[0].isupper() and w.lower() not in seen}
    inside = {
        w for s in sample_sentences() for w in re.findall(r"[A-Za-z']+", s)[1:] if w in capital_only
    }
    found = {w for w in inside if w not in _PROPER and w not in ("I", "Mr", "Oh", "Yes")}
    return frozenset(w.lower() for w in found | NAMES)


@cache
def vocabulary() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """All words in the case they have inside a sentence, and how often a sample held them."""
    rng = random.Random(0)
    counts: Counter[str] = Counter()
    lower: set[str] = set()
    texts = [template_sentence(rng) for _ in range(12000)]
    texts += [variant(rng) for _ in range(3000)] + list(sample_sentences()) * 4
    for text in texts:
        for sentence in split_sentences(text):
            for i, word in enumerate(w.strip(",.?!") for w in sentence.split()):
                counts[word] += 1
                if i and word[:1].islower():
                    lower.add(word)
    merged: Counter[str] = Counter()
    for word, n in counts.items():
        plain = word[:1].lower() + word[1:]
        keep = word in _PROPER or word in NAMES or word.removesuffix("'s").lower() in _names()
        merged[word if keep and plain not in lower else plain] += n
    known = sorted(merged)
    return tuple(known), tuple(merged[w] for w in known)


def variant(rng: random.Random) -> str:
    """A sample-call sentence with its names, days, times and numbers changed."""
    pool = sample_sentences()
    if not pool:
        return template_sentence(rng)
    out = []
    for token in rng.choice(pool).split():
        core = token.strip(",.?!")
        out.append(token.replace(core, _swap(rng, core)) if core else token)
    return _sentence_case(" ".join(out))


def _swap(rng: random.Random, word: str) -> str:
    for group in _SWAPS:
        if word in group and rng.random() < 0.7:
            return rng.choice(group)
    plain = word.removesuffix("'s")
    if plain.lower() in _names() and rng.random() < 0.7:
        return rng.choice(rng.choice([t.PETS, t.FIRST, t.LAST])) + word[len(plain) :]
    return word


@cache
def _names() -> frozenset[str]:
    return name_words()


def splice(rng: random.Random) -> str:
    """The head of one sentence with the tail of another: grammar alone cannot predict it."""
    make = (template_sentence, variant, variant)
    head, tail = (split_sentences(rng.choice(make)(rng))[0].split() for _ in range(2))
    head = head[: rng.randint(1, len(head))]
    tail = tail[rng.randint(0, len(tail) - 1) :]
    if tail and tail[0].lower() in vocabulary()[0]:
        tail[0] = tail[0].lower()
    return " ".join([*(w.rstrip(".?!") for w in head), *tail])


def salad(rng: random.Random) -> str:
    """Words drawn over the whole vocabulary, half evenly and half by how common they are."""
    known, weights = vocabulary()
    size = rng.choice([1, 2, 2, 3, 3, 4, 5, 6, 8])
    even = rng.random() < 0.6
    picked = [rng.choice(known) if even else rng.choices(known, weights)[0] for _ in range(size)]
    picked = [w + "," if rng.random() < 0.06 and i + 1 < size else w for i, w in enumerate(picked)]
    return _sentence_case(" ".join(picked) + rng.choice([".", ".", ".", "?"]))


def training_text(rng: random.Random) -> str:
    """One training utterance: 50 % grammar and patterns, 20 % splices, 30 % salad."""
    while True:
        kind = rng.random()
        make = (
            template_sentence if kind < 0.26 else variant if kind < 0.50
            else splice if kind < 0.70 else salad
        )  # fmt: skip
        text = make(rng)
        if len(text) <= 140 and not is_leak(text):
            return text


def heldout_text(seed: int, count: int, unlike: Iterable[str]) -> Iterator[str]:
    """Grammar sentences of another seed that are not among the training texts."""
    rng, seen, made = random.Random(f"heldout-{seed}"), {tuple(words(u)) for u in unlike}, 0
    while made < count:
        text = rng.choice((template_sentence, template_sentence, variant))(rng)
        if len(words(text)) >= 4 and tuple(words(text)) not in seen and not is_leak(text):
            made += 1
            yield text


if __name__ == "__main__":
    shown = random.Random(1)
    for _ in range(20):
        print(training_text(shown))
    print(len(vocabulary()[0]), "words,", len(excluded()), "sample sentences excluded")
