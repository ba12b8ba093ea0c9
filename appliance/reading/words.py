"""Plain words for codes, for what is written outside the pages; the pages say the same words."""

from typing import Final

from appliance.facts.codes import KIND_OF_REASON, UNKNOWN

# What is said of a label that could not be told, by what it is a label of.
UNTOLD: Final = {
    "": "Cannot tell", "intent": "Reason not clear", "turnaway": "Turned away, reason unclear",
    "reason": "Reason unclear", "speaker": "Speaker unknown",
}  # fmt: skip
KINDS: Final = {
    "capacity": "Capacity", "skill": "Handling", "policy": "Clinic rule", "caller": "Caller’s choice",
    "technical": "Technical", UNKNOWN: UNTOLD["reason"],
}  # fmt: skip
REASONS: Final = {
    "technical": "Line or system failed",
    "cap_day": "No opening that day", "cap_doctor": "Doctor or service not available",
    "cap_new_clients": "Not taking new clients", "species_not_seen": "Species not seen here",
    "after_hours": "Closed at the time", "no_connect": "Never reached anybody",
    "hold": "Waited too long", "voicemail_unreturned": "Voicemail not returned",
    "no_ask": "Nobody offered a visit", "no_alternative": "No alternative offered",
    "price_only": "Price given, nothing else", "busy": "Told to call back later",
    "policy_rule": "Exam, deposit or records required", "sent_elsewhere": "Sent elsewhere",
    "service_not_offered": "Service not offered", "price_objection": "Price too high",
    "caller_undecided": "Caller undecided",
}  # fmt: skip
INTENTS: Final = {
    "wellness": "Wellness visit", "sick_visit": "Sick visit", "urgent_visit": "Urgent visit",
    "new_pet": "New pet", "recheck": "Recheck", "surgery": "Surgery", "dental": "Dental",
    "tech_visit": "Technician visit", "end_of_life": "End of life", "grooming": "Grooming",
    "boarding": "Boarding", "travel_certificate": "Travel certificate",
    "reschedule": "Reschedule", "cancel": "Cancel", "confirm": "Confirm a visit",
    "running_late": "Running late", "price_shop": "Price question",
    "estimate_question": "Question on an estimate", "payment": "Payment",
    "financing_insurance": "Financing or insurance", "refill": "Medication refill",
    "outside_pharmacy": "Outside pharmacy", "diet": "Diet food", "lab_results": "Lab results",
    "inpatient_update": "Update on a patient in the clinic",
    "postop_question": "Question after surgery", "triage_question": "Should I come in?",
    "poisoning": "Possible poisoning", "records_request": "Records request",
    "referral": "Referral", "hours_directions": "Hours or directions", "pickup": "Pickup",
    "lost_found": "Lost or found pet", "complaint": "Complaint", "compliment": "Compliment",
    "grief_followup": "After a loss", "vendor": "Vendor", "job_seeker": "Job seeker",
    "wrong_number": "Wrong number", "spam": "Spam", "personal": "Personal",
}  # fmt: skip
SPECIES: Final = {
    "rodent": "Small pet (rodent)", "farm": "Farm animal", "other": "Another animal",
}  # fmt: skip
SAFETY: Final = {
    "red_flag_late": "An emergency may not have been seen the same day",
    "advice": "Medical advice may have been given",
    "card_aloud": "A card number may have been said aloud",
    "identity": "Records may have been shared without checking who called",
}
OUTCOMES: Final = {
    "callback_timed": "A call-back at a time was promised",
    "callback_untimed": "A call-back was promised",
    "message_taken": "A message was taken",
    "caller_will_call_back": "The caller wanted to call again",
}


def turnaway_words(reason: str) -> str:
    """Whose matter it is and why, as on the pages."""
    if reason not in REASONS:
        return UNTOLD["turnaway"]
    kind = KIND_OF_REASON[reason]
    return REASONS[reason] if kind == reason else f"{KINDS[kind]}: {REASONS[reason].lower()}"


def intent_words(code: str) -> str:
    """What a call was about."""
    return INTENTS.get(code, UNTOLD["intent"])


def plain_words(code: str) -> str:
    """The words of a reason, of what a call was about, or of an animal."""
    if code == UNKNOWN:
        return UNTOLD["reason"]
    found = REASONS.get(code) or INTENTS.get(code) or SPECIES.get(code)
    return found or code.replace("_", " ").capitalize()
