"""Words around a name that say whose it is: tables of patterns with weights."""

import re
from collections.abc import Iterator
from typing import Final

PERSON, PET, STAFF = "PERSON", "PET", "STAFF"
_FAMILY: Final = (
    "husband|wife|son|daughter|mother|mom|mama|father|dad|brother|sister|partner|boyfriend|"
    "girlfriend|fianc[eé]e?|neighbor|neighbors|roommate|aunt|uncle|cousin|friend|sitter|pet sitter|"
    "dog sitter|dog walker|grandson|granddaughter|grandmother|grandma|grandpa|niece|nephew|"
    "landlord|spouse|mother in law|father in law|son in law|daughter in law|stepson|stepdaughter|"
    "nanny|coworker|caretaker"
)
_ANIMAL: Final = (
    "dogs?|cats?|pupp(?:y|ies)|pups?|kittens?|kitty|kitties|rabbit|bunny|bird|parrot|cockatiel|"
    "ferret|hamster|guinea pig|goat|horse|mare|gelding|pony|pig|hen|chicken|rooster|snake|lizard|"
    "gecko|turtle|tortoise|iguana|dragon|labs?|labrador|poodle|doodle|goldendoodle|labradoodle|"
    "beagle|hound|coonhound|terrier|shepherd|collie|retriever|golden|husky|mastiff|boxer|bulldog|"
    "frenchie|pug|dachshund|chihuahua|corgi|spaniel|schnauzer|rottweiler|rottie|pit ?bull|pit|mutt|"
    "heeler|pointer|setter|greyhound|maltese|yorkie|pomeranian|pom|bichon|siamese|persian|ragdoll|"
    "tabby|calico|tortie|tuxedo|coon|mix|breed|shih tzu|havanese|cavalier|westies?|aussie|newfie|"
    "dane|akita|malamute|weimaraner|patient|pets?|baby|fur baby|boys?|girls?|shorthair|canine|"
    "feline|shepherd mix|lab mix|doberman|cockapoo|basset|whippet|bearded dragon|pets"
)
_YES: Final = (
    "hi|hey|hello|thanks|thank you|okay|ok|bye|bye bye|sorry|alright|all right|morning|"
    "good morning|good afternoon|good evening|yes|sure|well|no|now|so|oh|oh no|aw|yeah|yep|right|"
    "perfect|great|congratulations|got it|and|mhm|hm|hang on|take care|welcome|absolutely|of course|"
    "goodbye|course|problem|much|here|careful|you|today|please|course"
)
_SAID: Final = r"(?: is| 's| was| would be| should be| are| s)?"
_PAUSE: Final = r"(?: ,| \.)?(?: (?:um|uh|er))?(?: ,)?"

# (what comes right before, type, weight); "caller" and "staff" limit who says it.
_BEFORE: Final[tuple[tuple[str, str, float, str], ...]] = (
    (rf"(?:dr|doctor|doc|doctors){_PAUSE}", STAFF, 5, ""),
    (r"(?:mr|mrs|ms|missus|madam|señora?|mx)", PERSON, 3, ""),
    (r"mister", PERSON, 1, ""),
    (r"miss", PERSON, 2, ""),
    (rf"(?:my|last|first|full|middle|maiden|sur|own) ?names?{_SAID}{_PAUSE}", PERSON, 3, "caller"),
    (rf"(?:last|first|full|middle|maiden|sur) ?names?(?: again)?{_SAID}{_PAUSE}", PERSON, 3, "staff"),
    (rf"my name{_SAID}{_PAUSE}", STAFF, 3, "staff"),
    (rf"name(?: on (?:it|the account|file|the card))?{_SAID}{_PAUSE}", PERSON, 1, ""),
    (rf"(?:this is|this|i am|i'm|im){_PAUSE}", PERSON, 2.5, "caller"),
    (rf"(?:it is|it 's|its){_PAUSE}", PERSON, 1.2, "caller"),
    (rf"(?:this is|i am|i'm|im|you've got|you got|reached|it 's){_PAUSE}", STAFF, 2, "staff"),
    (r"(?:under|speak with|speak to|speaking with|speaking to|talk to|talking to|ask for|attention|"
     r"attn|signed|account for|belongs to|go by|goes by|i go by|call me|they call me|married to|"
     r"is this|am i speaking with|may i speak with|may i speak to|looking for|calling for|"
     r"i'm showing|i have a|there 's a|see a)", PERSON, 1.5, ""),
    (rf"(?:{_FAMILY})(?: 's)?(?: name)?{_SAID}{_PAUSE}", PERSON, 3.5, ""),
    (rf"(?:{_FAMILY}) (?:he|she)(?: is| 's|'s)", PERSON, 3, ""),
    (rf"(?:{_YES})(?: ,)?", PERSON, 0.9, "staff"),
    (r"(?:hi|hey|hello|thanks|thank you|okay|bye|morning|good morning|afternoon|sorry|mornin')(?: ,)?",
     STAFF, 1.2, "caller"),
    (r"(?:hi|hey|hello|thanks|thank you|bye|bye bye|sorry|hi there|welcome)(?: ,)?", PERSON, 1.2,
     "staff"),
    (r"(?:mailbox (?:of|belonging to|for)|voice ?mail (?:of|for))(?: ,)?", STAFF, 4, ""),
    (r"(?:let me ask|i'll ask|i can ask|let me grab|let me get)", STAFF, 1.5, "staff"),
    (r"(?:assistant|manager|nurse|technician|tech|receptionist|groomer|surgeon|specialist|"
     r"coordinator)(?: ,| is| 's)?", STAFF, 2.5, ""),
    (r"(?:tell|text|email|e mail|ask)", PERSON, 0.8, ""),
    (rf"(?:{_ANIMAL})(?: too)?(?: 's| s)?(?: name| named| called)?{_SAID}(?: ,)?(?: (?:um|uh))?", PET, 2.5, ""),
    (r"(?:boys|girls|dogs|cats|kittens|puppies|two|pets|animals|records|labs|results|chart|shots|"
     r"appointment|refill|pills|bloodwork) \.", PET, 1.5, ""),
    (rf"(?:his|her|its|their|pet 's|kitty 's) names?{_SAID}{_PAUSE}", PET, 2.5, "caller"),
    (rf"(?:his|her|its|their|pet 's|kitty 's) names?{_SAID}{_PAUSE}", STAFF, 1.5, "staff"),
    (r"(?:named|call him|call her|calls him|calls her|called her|called him|call it|we say)", PET, 2.5,
     ""),
    (r"(?:bring|bringing|brought|picking up|pick up|picked up|dropping off|drop off|dropped off|"
     r"poor|hugs to|hugs for|hug|kiss|scritches for|squeeze for|scratch for|treat for|pat for|"
     r"appointment for|refill for|refill on|visit for|and for|seeing|saw|give|giving|bringing in|"
     r"give|schedule|confirm|reschedule|cancel|booked|book|take|taking|send|board|boarding|put|had|"
     r"groom|neuter|spay|spayed|see|feed|love|miss|weigh|walk|move)", PET, 1.5, ""),
    (r"how (?:is|'s|are|was|has|does|did|about)", PET, 2, ""),
    (r"(?:^|. )for", PET, 0.5, "staff"),
    (r"(?:for|with|about|on)", PET, 1, ""),
    (r"(?:she 's|he 's|he is|she is|hes|shes|he was)", PET, 2, ""),
    (r"(?:and|with) (?:she 's|he 's)", PET, 1, ""),
    (r"(?:you and|see you and)", PET, 1.5, ""),
    (r"(?:the|a|an|old|mini|these|those|some|every|any|both)", "PLACE", 3, ""),
    (r"(?:at|in|near|from|outside|around|through|towards?|by|off|via|to|of)", "PLACE", 3, ""),
)  # fmt: skip
_ILL: Final = (
    "due|chart|shots?|labs?|results?|appointment|records?|ears?|eyes?|tooth|teeth|knees?|legs?|paws?|"
    "rabies|bag|next|ashes|six|five|four|three|two|seven|eight|nine|ten|eleven|twelve|size|skin|"
    "surgery|medication|medicine|meds|pills?|refills?|balance|weight|blood ?work|food|dental|nails?|"
    "ear|eye|hip|chip|microchip|vaccines?|vaccinations?|stitches|cone|exam|test|tests|x|urine|stool|"
    "coat|tail|belly|stomach|limp|cough|file|invoice|bill|estimate|prescription|recheck|tumor|lump|"
    "heart|kidney|kidneys|thyroid|insulin|special|been|not|getting|going|doing|limping|vomiting|"
    "throwing|coming|scratching|sick|okay|fine|good|bad|older|stuff|toys?|leash|carrier|visit|spay|"
    "neuter|incision|collar|bandage|leg|mom|dad|owner|owners|seizure|annual|yearly|wellness|"
    "bloodwork|anal|grooming|bath|boarding|stay|happy|scared|nervous|groomed|allergies|diet|on|in|"
    "only|just|still|also|always|really|a|an|the|my|our|about|here|nine|thirteen|fourteen|fifteen"
)
_AFTER: Final[tuple[tuple[str, str, float, str], ...]] = (
    (rf"'s (?:{_ILL})\b", PET, 1.5, ""),
    (r"'s (?:got|had|gotten|throwing|in|out|back)\b", PET, 0.8, ""),
    (r"(?:is|was) (?:due|limping|vomiting|sick|not eating|eating|drinking|a (?:good|big|little)|"
     r"the (?:dog|cat|one|tortie|bunny)|on|in|doing|six|seven|eight|nine|ten|two|three|four|five)\b",
     PET, 1.8, ""),
    (r"(?:has been|has|needs?|ate|won't|wont|isn't|keeps|threw|started|hasn't|doesn't|weighs|feels?|"
     r"got|gets|loves|hates|barks|limps|vomited|swallowed|bit|goes through|did|was|will|perks|pulls|"
     r"coming|came|gets|eats|takes|likes|went|chewed)\b", PET, 0.8, ""),
    (rf"(?:, )?(?:is )?(?:the|a|an|our|my|he is a|she is a|he 's a|she 's a|he 's my|she 's my)"
     rf"(?: \w+){{0,4}}? (?:{_ANIMAL})\b", PET, 2.5, ""),
    (rf"(?:, )?(?:the|a) (?:\w+ )?(?:{_ANIMAL})\b(?! 's| is)", PET, 3, ""),
    (rf", (?:my|our) (?:{_ANIMAL})\b", PET, 3, ""),
    (r", (?:tomorrow|today|monday|tuesday|wednesday|thursday|friday|saturday|sunday|the \w+th|drop|in)"
     r"\b", PET, 1.5, ""),
    (r"(?:says|said|in the back|will (?:ring|call)|does our)\b", STAFF, 1.5, "staff"),
    (r"(?:, |\. )?(?:he|she|hes|shes)(?: is| 's| was| has| will|'ll|'d| just| ate)?\b", PET, 0.7, ""),
    (r"in (?:at|for|on|to|tomorrow|today|this|next|as|and|monday|tuesday|wednesday|thursday|friday)\b",
     PET, 1.5, ""),
    (r"is my name|(?:'s |is )?my (?:first|last|middle) name", PERSON, 3, ""),
    (r"(?:speaking|speakin'|here)\b", STAFF, 3, "staff"),
    (r"(?:speaking|here)\b", PERSON, 2, "caller"),
    (r"(?:from|with|over at|calling|at) ", PERSON, 1, "caller"),
    (r"(?:over at|calling from|at the front|in billing|how (?:can|may|are)|can i help|may i help|"
     r"what can)", STAFF, 2.5, "staff"),
    (r"(?:, |\. )?(?:that 's |it 's |thats |its |i'll spell )?(?:[b-hj-z]|[a-z] as in|double|capital)"
     r"(?: , | )[a-z]\b", PERSON, 2, ""),
    (r"(?:(?:, )?(?:our|her|his)|, (?:the|my)) (?:manager|practice|office|technician|tech|nurse|doctor|surgeon|lead|head|boss)",
     STAFF, 8, ""),
    (r", last name", PET, 2, ""),
    (r", she does|, he does|, she 's our|, he 's our", STAFF, 2.5, ""),
    (r"(?:, )?my (?:wife|husband|son|daughter|brother|sister|mom|mother|dad|partner)", PERSON, 3, ""),
    (r"(?:hospital|clinic|veterinary|vet|animal|emergency|humane|pharmacy|road|street|county|beach|"
     r"river|creek|drive|avenue|park|lane|island|springs|valley)\b", "PLACE", 3, ""),
)  # fmt: skip

_ASKS_PET: Final = re.compile(
    rf"(?:{_ANIMAL}|his|her|guy|the s)(?: 's| s)?(?: \w+)? names?\b(?! 's \w)|\bwho(?: are| is| 's|s|m|"
    r"'m)? (?:we|i|it|due|coming|the appointment|this for|the patient)\b|\bwhich (?:one|dog|cat|pet|of)|"
    rf"\b(?:and|for) (?:the|your|which) (?:\w+ )?(?:{_ANIMAL}|guy)\b|\bwho 's (?:this|that) for|"
    r"\btheir names|\bwhat kind|\bwhats (?:his|her)"
)
_ASKS_PERSON: Final = re.compile(
    r"\b(?:your|last|first|full|maiden|client|owner|account|the|a|whats|caller) (?:'s )?(?:\w+ )?names?\b|"
    r"\bwho(?: am| 'm|'m| is| 's|s| are|'ve| have|m)? (?:i|this|you|calling|speaking|owner|i got)\b|"
    r"\band you are\b|\bspell\b|\bspelling\b|\bspeaking with\b|\bname (?:please|on|for)\b|"
    r"\bwho (?:would|is|was) the owner\b|\bunder (?:what|which)\b|\bwho 's calling\b|"
    r"\bwhats the name\b|\bwho 's the|\bwho is it|\bsay again\b|\bname and\b|\blast name\b"
)
_ASKS_STAFF: Final = re.compile(
    r"\byour (?:\w+ )?name\b|\bwho (?:is|'s|am|was) (?:this|it|i)\b|\bspeaking (?:with|to)\b|"
    r"\bwho are you\b|\bwho do i\b|\bsay again\b"
)
_RELATIVES: Final = re.compile(rf"\b(?:{_FAMILY})\b")


def _compiled(
    rows: tuple[tuple[str, str, float, str], ...], form: str
) -> tuple[tuple[re.Pattern[str], str, float, str], ...]:
    return tuple((re.compile(form.format(row)), code, w, who) for row, code, w, who in rows)


_COMES_BEFORE: Final = _compiled(_BEFORE, r"(?:^|\s)(?:{})$")
_COMES_AFTER: Final = _compiled(_AFTER, r"(?:{})")


def cues_before(text: str, speaker: str) -> Iterator[tuple[str, float]]:
    """What the words right before a name say of it."""
    for pattern, code, weight, who in _COMES_BEFORE:
        if (not who or speaker in (who, "unknown")) and pattern.search(text):
            yield code, weight


def cues_after(text: str, speaker: str) -> Iterator[tuple[str, float]]:
    """What the words right behind a name say of it."""
    for pattern, code, weight, who in _COMES_AFTER:
        if (not who or speaker in (who, "unknown")) and pattern.match(text):
            yield code, weight


def asked_for(text: str) -> tuple[str, ...]:
    """Whose names a line asks for, in the order in which they are expected."""
    pet = _ASKS_PET.search(text)
    person = _ASKS_PERSON.search(text)
    if pet and _RELATIVES.search(text) and not person:
        return (PERSON,)
    found = sorted((m.start(), code) for m, code in ((pet, PET), (person, PERSON)) if m)
    return tuple(code for _, code in found)


def asks_staff(text: str) -> bool:
    """Whether a caller asks who it is that speaks."""
    return _ASKS_STAFF.search(text) is not None


def names_relative(text: str) -> bool:
    """Whether a member of a family is spoken of."""
    return _RELATIVES.search(text) is not None
