"""Word lists and sentence templates of veterinary phone calls: (a|b) chooses, {x} fills a slot."""


def listed(text: str) -> list[str]:
    """The words of a text, for lists that read better as a line."""
    return text.split()


PETS = listed(
    "Bella Luna Charlie Cooper Daisy Milo Lucy Buddy Rocky Sadie Bailey Molly Duke Oliver Chloe "
    "Simba Pepper Toby Zoe Oscar Ruby Jasper Coco Rex Biscuit Waffles Nacho Pickles Tucker Gizmo "
    "Nala Thor Zeus Hazel Moose Winston Peanut Shadow Ginger Maple"
)
FIRST = listed(
    "Jenny Sarah Mike David Karen Lisa Tom Amy Rachel Brian Emily Kevin Laura Steve Maria James "
    "Anna Peter Nicole Daniel Megan Robert Susan Alice Julie Eric Tina Paul Denise Monica Carlos "
    "Angela Diane Walter Helen Jason Priya Marcus Teresa Gwen"
)
LAST = listed(
    "Smith Johnson Miller Davis Wilson Taylor Thomas Martin Clark Lewis Walker Wright Scott Adams "
    "Nelson Carter Turner Parker Evans Collins Morris Garcia Lopez Nguyen Patel Kim Rivera Foster "
    "Sullivan Bennett Hughes Ortiz Chen Ramirez Henderson Whitaker"
)
PLACES = listed("Maple Riverside Oakwood Lakeside Meadow Cedar Willow Briar Sunny Valley Harbor")
DAYS = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = listed(
    "January February March April May June July August September October November December"
)
HOURS = listed("one two three four five six seven eight nine ten eleven twelve")
DIGITS = listed("zero oh one two three four five six seven eight nine")
TEENS = listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
ORDINALS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)

SLOTS: dict[str, list[str]] = {
    "pet": PETS, "first": FIRST, "last": LAST, "day": DAYS, "month": MONTHS, "n": HOURS,
    "ord": ORDINALS,
    "clinic": [f"{p} {k}" for p in PLACES for k in (
        "Animal Hospital", "Veterinary Clinic", "Pet Clinic", "Animal Care", "Pet Hospital")],
    "species": [*listed("dog cat puppy kitten rabbit bird hamster ferret turtle lizard parrot"),
                "guinea pig", "old dog", "little dog", "indoor cat"],
    "breed": ["golden retriever", "beagle", "poodle", "boxer", "bulldog", "tabby", "terrier",
              "German shepherd", "Chihuahua", "Labrador", "mixed breed", "husky", "Siamese"],
    "he": ["he", "she"], "him": ["him", "her"], "his": ["his", "her"],
    "symptom": ["vomiting", "limping", "not eating", "coughing", "scratching a lot", "sneezing",
                "having diarrhea", "shaking", "bleeding", "drinking a lot of water", "very tired",
                "having trouble breathing", "throwing up", "licking {his} paw", "hiding",
                "shaking {his} head", "losing weight", "acting strange", "crying", "panting",
                "straining to pee", "having seizures", "drooling", "dragging a back leg"],
    "ate": ["chocolate", "grapes", "a sock", "rat poison", "some onions", "a toy", "raisins",
            "my medication", "a chicken bone", "sugar free gum", "a lily", "antifreeze",
            "a whole bag of treats", "some garlic", "a battery", "a piece of string"],
    "service": ["a nail trim", "a checkup", "a dental cleaning", "vaccines", "a rabies shot",
                "surgery", "blood work", "an x ray", "a spay", "a neuter", "a microchip",
                "a recheck", "a second opinion", "a health certificate", "a new puppy visit",
                "an ear cleaning", "an ultrasound", "a wellness exam", "a booster", "a bath",
                "a new patient exam", "an allergy test", "boarding", "grooming"],
    "med": ["heartworm pills", "pain medication", "allergy pills", "thyroid medicine", "insulin",
            "flea medicine", "ear drops", "eye drops", "antibiotics", "seizure medicine",
            "prescription food", "heart medicine", "tick medicine"],
    "staff": ["Doctor {last}", "the doctor", "the technician", "the manager", "a nurse",
              "the front desk", "the vet", "our office manager"],
    "time": ["{n}", "{n} (fifteen|thirty|forty five|twenty|forty|ten|o'clock)",
             "{n} (thirty|fifteen|forty five) in the (morning|afternoon|evening)", "noon",
             "{n} in the (morning|afternoon)"],
    "when": ["today", "tomorrow", "this week", "next week", "on {day}", "{day} morning",
             "{day} afternoon", "this afternoon", "tonight", "first thing tomorrow",
             "the end of the day", "{month} {ord}", "{day} the {ord}", "next {day}"],
    "since": ["yesterday", "this morning", "last night", "last week", "{day}",
              "about {n} days now", "the weekend", "a couple of weeks"],
    "money": ["{tens} dollars", "{tens} five dollars", "{n} hundred dollars", "a hundred dollars",
              "{n} hundred and {tens} dollars", "{n} hundred {tens} five", "a thousand dollars",
              "{n} thousand {n} hundred", "between {tens} and {tens} dollars"],
    "tens": TENS,
    "street": ["Main Street", "Fifth Avenue", "Park Road", "Highway {n}", "Church Street"],
    "feel": ["upset", "worried", "unhappy", "frustrated", "scared", "nervous", "grateful"],
    "who": ["my husband", "my wife", "my mom", "my daughter", "my son", "my partner", "my sister"],
}  # fmt: skip

TEMPLATES = """
Thank you for calling {clinic}, this is {first}. How (can|may) I help you?
Good (morning|afternoon|evening), {clinic}, {first} speaking.
{clinic}, this is {first}, (what can I do for you today|how can I help|are you a current client)?
Thanks for calling {clinic}. (One moment please|Can you hold|Are you able to hold for a moment)?
This call may be recorded for quality and training purposes.
If this is an emergency, press {n}. Otherwise, please stay on the line.
Our office is closed. Our hours are {day} through {day}, {n} to {n}.
To leave a message, press {n} or wait for the tone.
You have reached the (voicemail|after hours line) of {clinic}.
(Hi|Hello|Yes, hi), this is {first} {last}. I'm calling about my {species} {pet}.
(Hi|Hello), my name is {first} {last}.
(Hi|Hey|Good morning), I (have|got) a {species} and I think {he} needs to (see|be seen by) {staff}.
My {species} {pet} has been {symptom} since {since}.
{he} just started {symptom}, and I'm really {feel} about {him}.
{he} ate {ate} about {n} (minutes|hours) ago. (What should I do|Is that dangerous|Do I come in)?
I think {he} got into {ate}.
Is {he} (eating and drinking|acting normal|up to date on vaccines|in any pain|breathing okay)?
(Are|Were) there any other (symptoms|problems|changes) you noticed at home?
How long has this been going on? (Has it gotten worse|Is it getting better)?
Is {he} (able to walk|awake and alert|still bleeding|keeping water down|peeing normally)?
{his} (gums|eyes|ears|belly|tail|skin|back leg|front paw) (looks|look|is|are) (red|swollen|pale).
There is a (lump|cut|rash|tick|sore|bump) on {his} (neck|leg|back|belly|ear|side|head|mouth).
I would like to make an appointment for {service}.
I'd like to (schedule|book|set up) {service} for (my {species}|{pet}|both of my dogs|two cats).
I need to bring {him} in for {service} {when}.
Do you do {service} there? (How much is it|What does that cost|And what would it run me)?
How much does {service} cost? (I'm calling around for prices|I just want a ballpark).
{service} (is|runs about|starts at|would be) {money}.
The exam is {money}, and {service} would be extra.
That includes (the exam|the anesthesia|pain medicine|the lab fee|the office visit|everything).
That is (too expensive|more than I expected|a lot of money). I will (call around|think about it).
We (take|accept) (credit cards|cash or check|pet insurance|payment plans). Do you have insurance?
There is a deposit of {money} for (surgery|new clients|the dental), and it goes toward the bill.
We have an opening {when} at {time}.
I have {time} or {time} {when}. (Which one is better|Would either of those work) for you?
I can (offer you|get you in|squeeze you in) {when} at {time} with {staff}.
I'm sorry, we are (fully booked|completely full|booked out) until {when}.
The next (available|open) (appointment|spot) (I have|we have) is {when} at {time}.
Do you have anything (sooner|earlier|later|{when})? (Mornings|Afternoons) are better for me.
{when} at {time} (works|is fine|is perfect|should be okay) for me.
That doesn't work, I'm at work until {time}.
Can I put you on the (waiting list|cancellation list) in case something opens up?
Would you like me to put you on hold while I check with {staff}?
Can you (spell|repeat) your last name for me? (Sure|Yes), it's {letters}.
What is (a good phone number for you|the best number to reach you|your callback number)?
My number is {phone}. (That's my cell|You can text me there too|Call me any time).
Let me read that back, {phone}. Is that (right|correct)?
My email is {first} at example dot com. Can you send me the (records|invoice|form)?
Let me (check the schedule|pull up your chart|look that up|grab a doctor). Please hold for a moment.
Thank you (for holding|for waiting|so much for your patience). I have {staff} here.
You should bring {him} in right away. We are at {number} {street}.
You need to go to the emergency (clinic|hospital) now. It is on {street}, next to the (bank|park).
Can you get here in {n} minutes? (Drive carefully|Call us from the parking lot|Ask for {first}).
We are not (taking|accepting) new (clients|patients) at this time.
You can try the emergency (clinic|hospital) on {street}. Their number is {phone}.
We don't see (rabbits|birds|reptiles|exotic pets|horses|snakes) here, only dogs and cats.
We don't (offer|have) {service} here, but I can give you the name of someone who does.
Okay, thank you so much. (Goodbye|Bye|Bye bye|See you then|Talk to you soon).
(Thanks|Thank you), have a (great|good|nice|wonderful) (day|weekend|evening|one).
You're (all set|booked) for {when} at {time} with {staff}.
So that's {pet}, {when} at {time}, for {service}. Is there anything else I can help you with?
Please (come in|arrive|be here) {n} minutes early to fill out the paperwork.
Please don't give {him} any food after (midnight|{time}), but water is fine.
(Drop off|Pick up) is at {time}. {staff} will call you when {he} is (awake|ready|done).
Bring a (stool|fresh stool|urine) sample and {his} (vaccine records|medical records|old records).
I need a refill of {pet}'s {med}. We are almost out.
How many {med} do you have left? What (dose|size|strength) is it?
Your refill will be ready (in {n} hours|{when}|after {time}).
We can send that to your (pharmacy|online pharmacy). Which one do you use?
{he} hasn't been seen in over a year, so {staff} needs to see {him} first.
Give {him} one (pill|tablet|capsule) (twice a day|once a day|every {n} hours) with food.
The doctor will call you back (today|this afternoon|tomorrow|in one hour|before {time}).
Can you have {staff} call me back? (It's urgent|No rush|I'll be home after {time}).
{staff} is in (surgery|an appointment|a meeting|the exam room) right now. Can I take a message?
I'm calling for the (lab|test|blood|biopsy) results for {pet}.
The (results|blood tests|x rays) came back (normal|clear|fine|high|low), and {he} is doing well.
{he} is (resting|stable|doing great|recovering|still sleepy|waking up) after surgery.
The (stitches|bandage|cone) came off. Is that (normal|okay|a problem)?
I'm really {feel} about (the bill|the wait|my last visit|how {he} was treated).
I waited for {n} hours and nobody (called me|told me anything|came to the room).
I want to (speak|talk) to {staff} about a (charge|mistake|complaint) on my bill.
I understand, I'm so sorry (to hear that|about that|that happened). Let me see what I can do.
I'm so sorry for your loss. {pet} was a (sweet|good|special|wonderful) {species}.
We think it's time to say goodbye to {pet}. {he} is {n} years old and in a lot of pain.
Would you like to (be with {him}|take {him} home|get {his} ashes back)? Take all the time you need.
Is {pet} a current patient with us? (Have you been here before|When was {his} last visit)?
How old is (he|she|{pet}), and how much does {he} weigh?
{he} is {n} (months|years|weeks) old and weighs about {number} pounds.
{he} is a {breed}, a (boy|girl|male|female), (spayed|neutered|not fixed yet).
What (breed|kind|color) is {he}? {he} is a (brown|black|white|gray|orange|small|big) {breed}.
(Yes|No|Okay|Sure|Of course|Great|Perfect|All right), (that works|thank you|I can do that).
(Yeah|Um|Uh|Oh|Well|So|Right|Exactly), (that sounds good|one moment please|I will call back later).
(Mm hm|Uh huh|Okay|Got it|Yep|Nope|Absolutely|I see|No problem).
I need to (cancel|reschedule|move|change|confirm) my appointment {when} at {time}.
I'm calling to (confirm|remind you of) {pet}'s appointment {when} at {time}.
I'm running {n} minutes late because of traffic. Can you still see us?
What time do you (open|close) {when}? Are you open on weekends?
We are open from {time} to {time}, and we are closed on {day}.
How do I get there? Do you have parking in the back?
I'll have to (talk|speak) to {who} and call you back.
I found a (stray|lost) {species} (near|behind|across from) the (school|store|river|church).
Can you (fax|email|send) {his} records to {clinic}? We are moving in {month}.
Do you (recommend|carry|sell) any (food|shampoo|treats|supplements) for (itchy skin|older cats)?
You have the wrong number. This is {clinic}.
Can you hear me? You're breaking up. I'll call you right back.
I'm sorry, could you say that again (a little slower|please|one more time)?
I'm with the insurance company, and I need the (claim|policy|invoice) number.
It's {number}, and the total is {money}. Would you like to pay over the phone?
Are you (hiring|looking for help) right now? I'm a (groomer|student|vet tech).
It's been (a long day|busy|really hot|raining) here. How are you doing?
Don't worry, {he} will be (fine|okay|in good hands). We'll take good care of {him}.
Keep {him} (quiet|inside|warm|calm|on a leash|away from the other pets) until {when}.
If {he} gets worse, or (stops breathing|stops eating|can't stand up), call us right away.
You did the right thing by calling. {he} should be seen (today|right now|{when}).
"""
