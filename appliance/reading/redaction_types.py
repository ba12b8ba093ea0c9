"""Whose name it is, a person's, a pet's or the staff's: weights learned from labelled calls.

The votes of the cue tables are among the signs, beside the words next to a name, who says it, and
what is said around the same name elsewhere in the call.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from appliance.reading.redaction_cues import PERSON, PET, STAFF
from appliance.reading.redaction_names_known import FIRST, LAST, PETS
from appliance.reading.redaction_tokens import Talk
from appliance.reading.redaction_votes import (
    Mention,
    Votes,
)
from appliance.reading.redaction_weights import WEIGHTS

CODES: Final = (PERSON, PET, STAFF)
_STRONG: Final = 12.0  # votes beyond which more say nothing new
_PLAIN, _AHEAD = 2.4, 1.5  # votes, and how many more than for any other type, that leave no doubt
_VOTE: Final = 4.0  # votes are large beside signs that are one or nothing
Signs = dict[str, float]


def type_names(talk: Talk, mentions: Sequence[Mention], totals: Mapping[str, Votes]) -> list[str]:
    """The type of every mention, as if all were names."""
    signs = signs_of(talk, mentions, totals)
    return [_sure(m.votes) or _best(own) for m, own in zip(mentions, signs, strict=True)]


def _sure(votes: Votes) -> str:
    """What the words right beside a name say, where they leave no doubt: "Mr.", "my dog's name"."""
    told = sorted(((votes[code], code) for code in CODES), reverse=True)
    return told[0][1] if told[0][0] >= _PLAIN and told[0][0] - told[1][0] >= _AHEAD else ""


def _best(signs: Signs) -> str:
    sums = [0.0] * len(CODES)
    for sign, value in signs.items():
        for place, weight in enumerate(WEIGHTS.get(sign, ())):
            sums[place] += weight * value
    return CODES[max(range(len(CODES)), key=lambda place: sums[place])]


def signs_of(talk: Talk, mentions: Sequence[Mention], totals: Mapping[str, Votes]) -> list[Signs]:
    """What speaks for the type of each mention."""
    own = [_near(talk, mention) for mention in mentions]
    all_of: dict[str, Signs] = defaultdict(lambda: defaultdict(float))
    for mention, signs in zip(mentions, own, strict=True):
        for key in mention.keys:
            for sign, value in signs.items():
                all_of[key][sign] += value
    return [
        signs | _elsewhere(mention, all_of) | _listed(mention) | _votes(mention, totals)
        for mention, signs in zip(mentions, own, strict=True)
    ]


def _near(talk: Talk, mention: Mention) -> Signs:
    """The words beside a name, its place in the line, and who says it."""
    first, last, speaker = mention.first, mention.last, mention.speaker
    side = "s" if speaker == "staff" else "c"
    before, after = mention.before.split(), mention.after.split()
    signs = {
        f"speaker {speaker}": 1.0,
        f"before {before[-1] if before else '^'} {side}": 1.0,
        f"after {after[0] if after else '$'} {side}": 1.0,
        f"line {min(talk.tokens[first].line, 3)} {speaker}": 1.0,
    }
    signs.update((f"asked {code}", weight) for code, weight in mention.asked.items())
    if mention.greets:
        signs["greets"] = 1.0
    if talk.cased and _stands_apart(talk, first, last):
        signs[f"apart {speaker}"] = 1.0
    if last - first > 1:
        signs["several"] = 1.0
    return signs


def _stands_apart(talk: Talk, first: int, last: int) -> bool:
    """Whether pauses are written on both sides, as where people call each other."""
    opens = talk.tokens[first].opens or "," in talk.tokens[first].gap
    end = talk.bounds(first)[1]
    return opens and (last == end or talk.tokens[last].opens or "," in talk.tokens[last].gap)


def _elsewhere(mention: Mention, all_of: Mapping[str, Signs]) -> Signs:
    """The signs of the same name in the whole call, each counted twice at most."""
    signs: Signs = {}
    for key in mention.keys:
        for sign, value in all_of[key].items():
            name = f"call {sign}"
            signs[name] = max(signs.get(name, 0.0), min(value, 2.0))
    return signs


def _listed(mention: Mention) -> Signs:
    signs = {"always": 1.0}
    for key in mention.keys:
        if key in FIRST:
            signs["first name"] = 1.0
        if key in LAST:
            signs["last name"] = 1.0
        if key in PETS:
            signs["pet" if key in FIRST else "pet alone"] = 1.0
    return signs


def _votes(mention: Mention, totals: Mapping[str, Votes]) -> Signs:
    signs: Signs = {}
    for code in CODES:
        call = sum(min(totals[key][code], _STRONG) for key in mention.keys) / len(mention.keys)
        signs[f"votes {code}"] = mention.votes[code] / _VOTE
        signs[f"call votes {code}"] = call / _VOTE
    return signs
