"""Word classes that phrases refer to as ``<name>``; ``_`` joins words, ``*`` is any ending.

The order inside a class matters only for speed; the order of the classes does not matter.
"""

from typing import Final

_DIGITS = "one two three four five six seven eight nine ten eleven twelve"
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday "
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays"
)
_MONTHS = "january february march april may june july august september october november december"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty_first "
    "twenty_second twenty_third twenty_fourth twenty_fifth twenty_sixth twenty_seventh "
    "twenty_eighth twenty_ninth thirtieth thirty_first %dst %dnd %drd %dth"
)

CLASSES: Final[dict[str, str]] = {
    "num": f"{_DIGITS} {_TEENS} {_TENS} hundred thousand oh zero %d couple few",
    "weekday": _WEEKDAYS,
    "month": _MONTHS,
    "ordinal": _ORDINALS,
    "day": f"{_WEEKDAYS} today tomorrow tonight this_afternoon this_morning this_evening "
    f"next_week this_week the_week_after next_month {' '.join('the_' + o for o in _ORDINALS.split())} "
    f"{' '.join(m + '_' + o for m in _MONTHS.split() for o in ('first', 'third', 'the', '%d*'))}",
    "time": f"{_DIGITS} %d:%d %d noon midday",
    "clock": "fifteen thirty forty_five forty ten twenty fifty oclock am pm oh_five fifty_five "
    "twenty_five thirty_five %d",
    "daypart": "morning mornings afternoon afternoons evening evenings noon lunch lunchtime",
    "animal": "dog dogs cat cats puppy puppies pup pups kitten kittens kitty rabbit bunny bird "
    "parrot ferret guinea_pig hamster pet pets animal goat horse pig lizard snake turtle chicken",
    "pet": "dog dogs cat cats puppy puppies pup kitten kittens kitty rabbit bunny bird parrot "
    "ferret guinea_pig hamster pet pets animal fur_baby baby girl boy guy goat horse him her he "
    "she them it",
    "exotic": "rabbit* bunn* bird* parrot* parakeet* cockatiel* cockatoo* macaw* chicken* hen "
    "hens rooster duck* goose snake* lizard* bearded_dragon* gecko* turtle* tortoise* iguana* "
    "ferret* guinea_pig* hamster* gerbil* rat rats mouse mice hedgehog* sugar_glider* chinchilla* "
    "goat* pig pigs sheep horse* cow cows cattle llama* alpaca* donkey* reptile* amphibian* frog* "
    "fish exotic* pocket_pet* small_mammal* large_animal* livestock wildlife raccoon* squirrel* "
    "dragon axolotl finch* budgie* canar* pigeon*",
    "pron": "he she they it his her their him them",
    "visit": "appointment appointments visit exam check_up slot time opening spot consult "
    "consultation physical",
    "service": "spay spayed spaying neuter neutered neutering fix fixed dental cleaning vaccine "
    "vaccines vaccinat* shot shots rabies exam check_up physical blood_work x_ray* ultrasound "
    "nail_trim nails microchip* boarding grooming groom bath health_certificate euthanasia "
    "surgery teeth office_visit visit declaw* allergy_test heartworm_test",
    "doctor": "doctor vet veterinarian she he they",
    "toxin": "chocolate xylitol grape grapes raisin raisins rat_poison mouse_poison rat_bait poison "
    "bait antifreeze lily lilies onion onions garlic ibuprofen advil tylenol acetaminophen aleve "
    "gum sugar_free pills pill edible edibles marijuana weed gummy gummies thc bleach detergent "
    "slug_bait snail_bait fertilizer mushroom mushrooms macadamia sago cigarettes nicotine vape "
    "brownie brownies cocoa cleaner pesticide toxic poisonous adderall antidepressant* "
    "heart_medication blood_pressure* vitamin* medication battery batteries windshield "
    "essential_oil* tea_tree* permethrin flea_drops plant plants",
    "ate": "ate eaten eat eating swallowed swallow ingested ingest got_into gotten_into chewed "
    "chewed_up licked lapped consumed drank got_a_hold_of got_ahold_of got_hold_of",
    "emergency": "emergency emergencies emergency_room emergency_hospital emergency_clinic "
    "emergency_vet urgent_care animal_emergency 24_hour twenty_four_hour specialty specialist "
    "referral_hospital university vet_school teaching_hospital",
    "elsewhere": "somewhere_else someone_else somebody_else someplace_else another_clinic "
    "another_vet another_hospital another_place other_clinic other_place other_places other_vet "
    "other_clinics other_vets elsewhere around different_vet different_clinic next_place",
    "clinicword": "hospital clinic vet veterinary veterinarian veterinarians animal pet pets "
    "center care medical associates group resort cat cats dog dogs surgery wellness companion "
    "paws paw line service services practice emergency reception front_desk office exotics feline "
    "canine equine",
    "family": "husband wife partner mom mother dad father sister brother boss roommate girlfriend "
    "boyfriend spouse daughter son family parents landlord fiance fiancee",
    "recentpast": "yesterday last_week last_night this_morning today monday tuesday wednesday "
    "thursday friday saturday sunday the_other_day days_ago day_ago week_ago weeks_ago last_month "
    "this_week",
}
