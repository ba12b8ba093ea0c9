"""Which animals a call is about: kinds and breeds that are named, the one it is most about first."""

import re
from collections import defaultdict
from functools import cache
from typing import Final, NamedTuple

from appliance.reading.openings import desk_openings
from appliance.reading.scene import Scene, Turn

_NAMES: Final = {
    "dog": """dog dogs doggy doggie doggo puppy puppies pup pups canine canines mutt hound hounds
        retriever labrador labradors labradoodle goldendoodle doodle cockapoo maltipoo shepherd
        poodle bulldog bulldogs frenchie rottweiler rottie beagle beagles dachshund doxie weiner_dog
        yorkie yorkshire_terrier terrier schnauzer chihuahua chihuahuas shih_tzu corgi corgis husky
        huskies malamute doberman great_dane boxer_mix boxer_puppy pit_bull pitbull pittie pit_mix
        collie sheltie spaniel cavalier pomeranian maltese pug pugs dalmatian mastiff saint_bernard
        newfoundland bernese rhodesian greyhound whippet weimaraner vizsla akita samoyed chow
        heeler blue_heeler cattle_dog aussie bichon havanese papillon boston_terrier basset
        coonhound bloodhound greyhounds setter lab_mix black_lab yellow_lab chocolate_lab old_lab
        a_lab labs collies border_collie great_pyrenees pyrenees cane_corso lhasa pekingese westie westies
        jack_russell""",
    "cat": """cat cats kitty kitties kitten kittens feline felines tabby calico tortie
        tortoiseshell tuxedo_cat siamese persian maine_coon ragdoll bengal sphynx shorthair longhair
        domestic_short_hair domestic_long_hair tomcat""",
    "rabbit": "rabbit rabbits bunny bunnies lop lionhead",
    "bird": """bird birds parrot parrots parakeet parakeets cockatiel cockatiels cockatoo macaw
        conure lovebird budgie budgies canary finch finches african_grey amazon_parrot pigeon dove
        hen hens rooster duck ducks goose geese turkey my_chicken my_chickens our_chicken
        our_chickens a_chicken sick_chicken""",
    "reptile": """snake snakes python boa lizard lizards gecko geckos bearded_dragon beardie iguana
        turtle turtles tortoise tortoises chameleon monitor_lizard skink reptile reptiles""",
    "rodent": """hamster hamsters guinea_pig guinea_pigs gerbil gerbils rat rats mouse mice
        chinchilla chinchillas degu""",
    "ferret": "ferret ferrets",
    "horse": "horse horses mare gelding stallion foal filly colt pony ponies donkey mule",
    "farm": """goat goats sheep lamb ewe cow cows calf heifer bull steer cattle pig pigs piglet
        potbelly pot_belly llama llamas alpaca alpacas""",
    "other": """fish goldfish koi frog frogs axolotl hedgehog hedgehogs sugar_glider sugar_gliders
        raccoon squirrel tarantula hermit_crab skunk opossum possum""",
}  # fmt: skip
# Named, but not as the patient.
_NOT_BEFORE: Final = (
    r"(?! (?:food|foods|poison|poisons|bait|trap|traps|seed|park|toy|toys|scan|tree|sitter|treats?"
    r"|and rice|bone|bones|broth|pills?|hair on|ears? treat|litter|person|people|lady|guy|show|camp|oil))"
)
_NOT_AFTER: Final = re.compile(
    r" (?:like an?|as in|neighbors?|another|other|stray|hot|eats like an?|ate an?|chased an?|caught an?"
    r"|killed an?|bit by an?|bitten by an?|attacked by an?|kind of like an?|boiled|sick as an?)$"
)
_OPENING: Final = 4  # the caller's first turns tell what the call is about
_OPENING_COUNTS: Final = 3
_IN_PASSING: Final = 4  # a kind named so many times less often than the first is not a patient


class Animals(NamedTuple):
    """Species by how much the call is about them, and the turns that name the first."""

    found: tuple[str, ...]
    turns: tuple[int, ...]


@cache
def _pattern() -> re.Pattern[str]:
    kinds = (
        f"(?P<{kind}>{'|'.join(sorted(names.split(), key=len, reverse=True))})".replace("_", " ")
        for kind, names in _NAMES.items()
    )
    return re.compile(f" (?:{'|'.join(kinds)})(?= ){_NOT_BEFORE}")


def animals(scene: Scene) -> Animals:
    """The species that a call names, the main one first; none where none is named."""
    told: dict[str, int] = defaultdict(int)
    turns: dict[str, list[int]] = defaultdict(list)
    callers = [turn.index for turn in scene.by("caller")][:_OPENING]
    for turn in _about_patients(scene):
        for kind in animals_in(turn.text):
            told[kind] += _OPENING_COUNTS if turn.index in callers else 1
            turns[kind].append(turn.index)
    ranked = sorted(told, key=lambda kind: -told[kind])
    ranked = [kind for kind in ranked if told[kind] * _IN_PASSING >= told[ranked[0]]]
    return Animals(tuple(ranked), tuple(turns[ranked[0]]) if ranked else ())


def _about_patients(scene: Scene) -> list[Turn]:
    """The turns that speak of patients, not of the clinic's name or of whom it does not see."""
    unseen = scene.desk("no_species")
    greeting = [turn.index for turn in desk_openings(scene)[:1] if turn.index not in _asks(scene)]
    left_out = {*unseen, *greeting}
    return [turn for turn in scene.turns if turn.speaker != "ivr" and turn.index not in left_out]


def _asks(scene: Scene) -> set[int]:
    """Turns of unknown speakers that may well be the caller's."""
    return set(scene.caller("asks_to_book", "wonders", "asks_price"))


def animals_in(text: str) -> list[str]:
    """The species that plain words name, in their order, each once."""
    found = (
        match.lastgroup or ""
        for match in _pattern().finditer(text)
        if not _NOT_AFTER.search(text[: match.start()])
    )
    return list(dict.fromkeys(found))
