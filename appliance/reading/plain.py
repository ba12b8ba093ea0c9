"""Plain words: lower case, no punctuation, contractions opened, fillers and stutters gone.

Recognized speech may or may not have capitals, commas and apostrophes; after this step it must not
matter, so that one phrase in a table covers all of them.
"""

import re
from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of a table row, as a set."""
    return frozenset(text.split())


_TOKEN: Final = re.compile(
    r"\$\s?\d[\d,]*(?:\.\d+)?|\d{1,2}:\d{2}|\d{1,3}(?:,\d{3})+|\d+(?:st|nd|rd|th)?|[^\W\d_]+(?:'[^\W\d_]*)*|%"
)
_DOTTED: Final = re.compile(r"\b([ap])\.\s?m\b\.?", re.IGNORECASE)
# "the ER" is a place; only elsewhere is "er" a filler
_ER: Final = re.compile(r"\b(the|an|pet|vet|animal|nearest|closest|local|another) er\b")

FILLERS: Final = words("um uh uhm umm er erm eh ah hmm hm mm mmm huh")

SPOKEN: Final[dict[str, str]] = {
    "dr": "doctor", "ok": "okay", "k": "okay", "alright": "all right", "gonna": "going to",
    "wanna": "want to", "gotta": "got to", "lemme": "let me", "gimme": "give me",
    "kinda": "kind of", "sorta": "sort of", "dunno": "do not know", "cuz": "because",
    "cause": "because", "coulda": "could have", "shoulda": "should have", "woulda": "would have",
    "yall": "you all", "em": "them", "til": "until", "till": "until", "thru": "through",
    "appt": "appointment", "meds": "medication", "med": "medication", "mom": "mom", "oughta":
    "ought to", "ya": "you", "cannot": "can not", "aint": "is not", "oclock": "oclock",
    "goodbye": "bye", "buhbye": "bye", "byebye": "bye", "nah": "no", "nope": "no", "yup": "yes",
    "yep": "yes", "yeah": "yes", "yea": "yes", "uhhuh": "yes", "bucks": "dollars", "vets": "vet",
    "bloodwork": "blood work", "xray": "x ray", "xrays": "x rays", "checkup": "check up",
    "thanks": "thank you", "thankyou": "thank you", "tomorrows": "tomorrow", "todays": "today",
    "cancelation": "cancellation", "waitlist": "wait list", "voicemail": "voice mail",
    "email": "email", "e mail": "email", "healthcare": "health care", "dont": "do not",
    "doesnt": "does not", "didnt": "did not", "cant": "can not", "couldnt": "could not",
    "wouldnt": "would not", "shouldnt": "should not", "wont": "will not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "havent": "have not",
    "hasnt": "has not", "hadnt": "had not", "im": "i am", "ive": "i have", "youre": "you are",
    "youve": "you have", "youll": "you will", "youd": "you would", "theyre": "they are",
    "theyve": "they have", "theyll": "they will", "weve": "we have", "hes": "he is",
    "shes": "she is", "its": "it is", "itll": "it will", "hell": "hell", "thats": "that is",
    "whats": "what is", "hows": "how is", "wheres": "where is", "whos": "who is",
    "theres": "there is", "heres": "here is", "lets": "let us", "whens": "when is",
    "everythings": "everything is", "anythings": "anything is", "thatll": "that will",
    "somebodys": "somebody is", "nobodys": "nobody is",
}  # fmt: skip

_TAILS: Final[tuple[tuple[str, str], ...]] = (
    ("n't", " not"), ("'re", " are"), ("'ll", " will"), ("'ve", " have"), ("'m", " am"),
    ("'d", " would"), ("'em", " them"),
)  # fmt: skip
_IS_HEADS: Final = words(
    "he she it that what how where who there here when everything anything somebody nobody "
    "someone something name pet dog cat doctor"
)
_IRREGULAR: Final = {"won't": "will not", "can't": "can not", "ain't": "is not", "let's": "let us",
                     "o'clock": "oclock", "y'all": "you all", "ma'am": "maam"}  # fmt: skip

# Without apostrophes "we're" reads "were", "I'll" reads "ill": the next word decides.
_LOST_APOSTROPHES: Final = (
    (re.compile(r" were (?=(?:booked|full|closed|open|not|slammed|swamped|busy|out|short|so|all|"
                r"really|completely|totally|pretty|only|just|going|looking|happy|here|monday)\b)"),
     " we are "),
    (re.compile(r" ill (?=(?:call|take|be|try|put|see|have|let|get|go|just|think|give|send|check|"
                r"need|make|ask|do|leave|pass|find|look|talk|probably|add|note|bring|pay)\b)"),
     " i will "),
    (re.compile(r" well (?=(?:call|see|get|have|let|take|put|give|be)\b)"), " we will "),
    (re.compile(r" id (?=(?:like|love|say|give|want|need|be|recommend|rather|have|hate)\b)"),
     " i would "),
    (re.compile(r" wed (?=(?:like|love|want|need|be|recommend|rather|have)\b)"), " we would "),
)  # fmt: skip
_STUTTER: Final = re.compile(r" (?!one |two |three |four |five |six |seven |eight |nine |oh |zero |eleven |twelve |"
                      r"\w+teen |\w+ty )"
                             r"([^\W\d]\S+|i|a)(?: \1)+(?= )")  # fmt: skip


def plain(text: str) -> str:
    """The words of ``text`` between single blanks, with a blank before the first and after the last."""
    loose = _DOTTED.sub(r"\1m", text.replace("’", "'").replace("‘", "'")).lower()
    loose = _ER.sub(r"\1 emergency room", loose)
    words = (
        word for token in _TOKEN.findall(loose.replace("e-mail", "email")) for word in _open(token)
    )
    padded = " " + "".join(f"{word} " for word in words)
    for lost, found in _LOST_APOSTROPHES:
        padded = lost.sub(found, padded)
    return _STUTTER.sub(r" \1", padded)


def masked(text: str) -> str:
    """Plain words with long runs of digits (phones, cards, chips) as one word, ``numberrun``.

    Spoken numbers would otherwise look like prices and times.
    """
    return _RUN.sub(" numberrun", text)


_DIGIT: Final = "oh|zero|one|two|three|four|five|six|seven|eight|nine|double|triple"
_RUN: Final = re.compile(
    rf"(?: (?:{_DIGIT})){{4,}}(?= )|(?: \d{{3,4}}){{2,}}(?= )|(?: \d){{4,}}(?= )| \d{{5,}}(?= )"
)


def _open(token: str) -> list[str]:
    if token.startswith("$"):
        return [token[1:].strip().replace(",", "").split(".")[0], "dollars"]
    if token[0].isdigit():
        return [token.replace(",", "")]
    token = _IRREGULAR.get(token.strip("'"), token)
    bare = token.strip("'")
    if bare in FILLERS or not bare:
        return []
    if token.endswith("in'") and len(token) > 4:
        return [token[:-1] + "g"]
    return SPOKEN.get(bare, _contracted(bare)).split()


def _contracted(word: str) -> str:
    for tail, opened in _TAILS:
        if word.endswith(tail) and len(word) > len(tail):
            return word[: -len(tail)] + opened
    if word.endswith("'s"):
        head = word[:-2]
        return f"{head} is" if head in _IS_HEADS else head
    return word.replace("'", "")
