"""Names that are spelled: "O L S S O N", "V as in Victor, A, S", "double T"."""

from typing import Final

from appliance.reading.plain import words
from appliance.reading.redaction_numbers import Run, runs_in
from appliance.reading.redaction_tokens import Marks, Talk
from appliance.reading.redaction_topics import Topics

_ACRONYMS: Final = words(
    "usda osu tplo sdma iv er id am pm tv dvm ok uti cbc pdf fvrcp dhpp dapp fiv felv akc ph hp sku "
    "bun us usa uk mri ct ekg ecg aaha avma aspca tx fl ca ny po atm ups usps ac hr it rv suv dna "
    "gi ivdd ckd ccl acl fho va emt rn md phd cpr ceo faq gps otc rx tnr bp"
)
_LONG: Final = 4  # letters that are spelled for no other reason than to spell
_NEAR: Final = 4  # lines in which a name is still spelled


def spelled(talk: Talk, marks: Marks) -> list[Run]:
    """Letters that are still free, acronyms left out."""
    return [
        run for line in range(len(talk.ranges)) for run in runs_in(talk, line)
        if run.letters and not run.digits and run.letters not in _ACRONYMS
        and (len(run.letters) > 1 or _exampled(run)) and marks.free(run.first, run.last)
    ]  # fmt: skip


def mark_spelled(
    talk: Talk, marks: Marks, topics: Topics, runs: list[Run], taken: dict[str, str]
) -> None:
    """Mark spelled letters, as what the name is that they spell."""
    last_line = -_NEAR - 1
    for run in runs:
        line, letters = talk.tokens[run.first].line, run.letters
        near = line - last_line <= _NEAR or _asked(talk, topics, run) or _fits(letters, taken)
        if len(letters) >= _LONG or near:
            marks.put(run.first, run.last, _spells(letters, taken))
            last_line = line


def _asked(talk: Talk, topics: Topics, run: Run) -> bool:
    cue = topics.before(run.first)
    return bool(
        cue
        and cue.code == "PERSON"
        and talk.tokens[run.first].line - talk.tokens[cue.first].line < _NEAR
    )


def _fits(letters: str, taken: dict[str, str]) -> bool:
    """Whether a name of this call begins or ends with these letters."""
    return len(letters) > 1 and any(
        key.startswith(letters) or key.endswith(letters) for key in taken
    )


def _exampled(run: Run) -> bool:
    """Whether a single letter came with a word for it."""
    return any(atom.last - atom.first > 2 for atom in run.atoms)


def _spells(letters: str, taken: dict[str, str]) -> str:
    """The type of the name that has these letters; a person's where none has."""
    for key, code in taken.items():
        bare = key.replace("'", "")
        if len(letters) > 1 and (bare.startswith(letters) or bare.endswith(letters)):
            return code if code == "PET" else "PERSON"
    return "PERSON"
