"""The stable codes of the call taxonomy; stored, shown, exported and evaluated under these names."""

from typing import Final

UNKNOWN: Final = "unknown"
CANNOT_TELL: Final = "cannot_tell"

ANSWER_STATES: Final = (
    "answered", "ring_abandon", "hold_abandon", "ivr_abandon", "transfer_abandon",
    "voicemail_left", "voicemail_empty", "internal",
)  # fmt: skip
DIRECTIONS: Final = ("in", "out", "internal", UNKNOWN)
SPEAKERS: Final = ("staff", "caller", "ivr", UNKNOWN)

CALLER_RELATIONS: Final = (
    "new_client", "existing_client", "lapsed_client", "professional", "vendor", UNKNOWN,
)  # fmt: skip

INTENT_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "bookable": (
        "wellness", "sick_visit", "urgent_visit", "new_pet", "recheck", "surgery", "dental",
        "tech_visit", "end_of_life", "grooming", "boarding", "travel_certificate",
    ),
    "schedule": ("reschedule", "cancel", "confirm", "running_late"),
    "price": ("price_shop", "estimate_question", "payment", "financing_insurance"),
    "medication": ("refill", "outside_pharmacy", "diet"),
    "clinical": (
        "lab_results", "inpatient_update", "postop_question", "triage_question", "poisoning",
    ),
    "admin": ("records_request", "referral", "hours_directions", "pickup", "lost_found"),
    "relationship": ("complaint", "compliment", "grief_followup"),
    "other": ("vendor", "job_seeker", "wrong_number", "spam", "personal", UNKNOWN),
}  # fmt: skip
INTENTS: Final = tuple(code for group in INTENT_GROUPS.values() for code in group)

URGENCIES: Final = ("red", "same_day", "soon", "routine", "none")
SENTIMENTS: Final = ("negative", "neutral", "positive", UNKNOWN)
OUTCOMES: Final = (
    "booked", "booked_alternative", "waitlisted", "callback_timed", "callback_untimed",
    "referred_out", "info_only", "refused", "caller_declined", "caller_will_call_back",
    "transferred_unresolved", "disconnected", "message_taken", UNKNOWN,
)  # fmt: skip

TURNAWAY_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "capacity": (
        "cap_day", "cap_doctor", "cap_new_clients", "species_not_seen", "after_hours", "no_connect",
        "hold", "voicemail_unreturned",
    ),
    "skill": ("no_ask", "no_alternative", "price_only", "busy"),
    "policy": ("policy_rule", "sent_elsewhere", "service_not_offered"),
    "caller": ("price_objection", "caller_undecided"),
    "technical": ("technical",),
    UNKNOWN: (UNKNOWN,),
}  # fmt: skip
KIND_OF_REASON: Final = {
    reason: kind for kind, reasons in TURNAWAY_KINDS.items() for reason in reasons
}

RUBRIC_ITEMS: Final = (
    "answered_fast", "greeting_clinic", "greeting_name", "offers_help", "hold_asked", "caller_name",
    "pet_name", "signalment", "open_question", "urgency_asked", "red_flag_escalated",
    "no_medical_advice", "empathy", "value_before_price", "price_clear", "offers_appointment",
    "two_choices", "offers_alternative", "callback_number", "callback_promise",
    "prep_instructions", "confirms_details", "more_questions", "warm_close", "identity_check",
    "no_card_aloud", "complaint_owned", "grief_manner",
)  # fmt: skip
RUBRIC_STATES: Final = ("met", "not_met", "na", CANNOT_TELL)
CRITICAL_ITEMS: Final = (
    "red_flag_escalated", "no_medical_advice", "identity_check", "no_card_aloud",
)  # fmt: skip
VERDICTS: Final = ("confirmed", "corrected", "rejected")
SAFETY: Final = ("red_flag_late", "advice", "card_aloud", "identity")
SPECIES: Final = (
    "dog", "cat", "rabbit", "bird", "reptile", "rodent", "ferret", "horse", "farm", "other",
)  # fmt: skip
DISCLOSURE: Final = ("yes", "no", CANNOT_TELL)

PII_TYPES: Final = (
    "PERSON", "PHONE", "EMAIL", "ADDRESS", "CARD", "ACCOUNT", "MICROCHIP", "DATE_OF_BIRTH",
    "LICENSE", "URL", "PET", "STAFF",
)  # fmt: skip

# ``skipped``: a rule keeps the call from being analyzed; that is the end of its road.
CALL_STATES: Final = (
    "found", "received", "transcribed", "attributed", "analyzed", "ready", "skipped",
)  # fmt: skip
MISSED_STATES: Final = tuple(
    state for state in ANSWER_STATES if state not in ("answered", "internal")
)
ROLES: Final = ("owner", "manager", "frontdesk", "it", "auditor")
