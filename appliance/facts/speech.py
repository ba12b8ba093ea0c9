"""What was said: words, segments and transcripts, with where they come from."""

from appliance.facts import Fact


class Provenance(Fact, frozen=True, kw_only=True):
    """Why does it say that: engine, model, its checksum, the options and our software version."""

    engine: str
    model: str
    checksum: str = ""
    options: dict[str, str | int | float | bool] = {}
    software: str = ""


class Word(Fact, frozen=True, kw_only=True):
    """One recognized word; confidence is the engine's probability, 0 to 1."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float = 1.0


class Segment(Fact, frozen=True, kw_only=True):
    """One stretch of speech of one speaker; channel is the audio channel it was heard on."""

    index: int
    speaker: str = "unknown"
    start_ms: int = 0
    end_ms: int = 0
    text: str
    channel: int = 0
    confidence: float = 1.0
    words: tuple[Word, ...] = ()
    speaker_why: str = ""  # channel · leg · greeting · turn · "" where it cannot tell


class Transcript(Fact, frozen=True, kw_only=True):
    """All segments of a call in order of their start."""

    language: str
    segments: tuple[Segment, ...]
    provenance: Provenance
    duration_ms: int = 0
