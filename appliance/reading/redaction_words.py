"""Words that are no names: ordinary speech of calls, places, brands, breeds and words of clinics."""

from typing import Final

from appliance.reading.plain import words

CALENDAR: Final = words("""
monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays
fridays saturdays sundays january february march april may june july august september october
november december christmas easter thanksgiving halloween eastern pacific central
""")
CLINIC_WORDS: Final = words("""
animal animalia animals associates avian canine care cat cats center centre clinic companion
companions country creatures doctors dog dogs emergency equine exotics family feline foundation
groom grooming group hospital hospitals humane imaging insurance kennel kennels laboratory labs
line medical mobile office partners paw paws pediatric pediatrics pet pets pharmacy practice
referral rescue resort services shelter small society spay specialists specialty supply surgery
surgical university urgent vet veterinarian veterinarians veterinary vets wellness
""")
PLACES: Final = words("""
alabama alaska albuquerque america anaheim arizona arkansas ashland atlanta austin baltimore baton
birmingham boise boston brazil bronx brooklyn buffalo california canada carolina charlotte
chattanooga chicago china cincinnati cleveland colombia colorado columbus connecticut cuba dakota
dallas delaware denver detroit dublin durham england europe florida fort france fresno gainesville
georgia germany haiti hampshire hawaii hialeah hilliard honolulu houston idaho illinois india
indiana indianapolis iowa ireland italy jacksonville japan jersey kansas kentucky knoxville korea
lauderdale lexington lincoln lisbon london louisiana louisville lubbock madison maine manhattan
maryland massachusetts memphis mesa mexico miami michigan milwaukee minneapolis minnesota
mississippi missouri mobile montana montgomery naples nashville nebraska nepal nevada newark
oakland ocala ohio oklahoma omaha oregon orlando paris pennsylvania pensacola philadelphia
philippines phoenix pittsburgh portland portugal providence puerto queens raleigh reno rhode
richmond rico riverside rochester sacramento sarasota savannah scottsdale seattle spain spokane
stillwater stockton tacoma tallahassee tampa tennessee texas tokyo toledo toronto tucson tulsa usa
utah valdosta vancouver vermont vietnam virginia washington wisconsin worth wyoming york
""")
# Written with a capital without being a name.
PROPER: Final = words("""
abyssinian adequan advil akita aleve alt am amazon american amex android antech aphis apoquel
appaloosa apple april apso arabian argentino aspca aspirin august aussie australian avma banfield
barkwell basset baytril belgian benadryl bernese bismol bluepearl bordetella boxer bravecto
british brussels buff buffalo buick bun burmese cane canin cardigan carecredit catahoula central
cerenia chevrolet chevy chewy chinese chow christmas claritin clavamox clydesdale cochin collie
convenia corgi corso cosequin costco covid craigslist creatinine cst ct cytopoint dapp dasuquin
december delta denamarin dhpp diet discover distemper dodge dogo doodle dutch easter eastern ekg
elanco embrace english er est eve facebook fancy faq feast february fedex felv figo fiv foal ford
fortiflora french friday fridays friskies frontline fvrcp galliprant german giardia god golden
google gps great griffon halloween hanukkah healthy heartgard heeler hereford hill's hills
himalayan holstein honda hound humane iams ibuprofen icu id idexx imodium independence indian
instagram inu iphone irish italian iv ivdd january japanese jeep jersey jesus jindo july june
keppra kia korean labor labrador lantus lasix leghorn lemonade lepto lhasa librela lord lyft lyme
malinois manx march mastercard may medvet memorial merck metacam mexican monday mondays mountain
mri mustang nationwide neosporin new nexgard nextdoor nissan norwegian nose november nubian
october orijen orpington otc pacific parvo passover paws paypal pdf pedigree pembroke pepcid pepto
petco petsmart plott pm poodle portuguese presa prozac pst publix pug pumpkin purina quarter
rabies ragamuffin ramadan retriever revolution rhode rhodesian ridgeback rimadyl royal russian
saturday saturdays science scottish scratchpay sdma september seresto sharpei shepherd shetland
shiba siberian silkie simparica society solensia spanish sphynx staffordshire standardbred subaru
sunday sundays swiss target temptations terrier tesla thanksgiving thoroughbred thursday thursdays
tibetan tiktok toyota tplo trupanion tuesday tuesdays tums tv tylenol uber ups usb usda usps
valentine's vca venmo vetmedin visa walmart water wednesday wednesdays wellness welsh windows
wolfhound wyandotte xylitol year's years yelp yorkshire zelle zoetis zyrtec
""")
ORDINARY: Final = words("""
ability able abnormal aboard about abscess abscessed absent absolutely accept accepts accident
accommodate according account accounts accredited accuracy ache achy acid acl acne across act
acted acting action active activity actual actually acupuncture ad adapt add added address adds
adequan adjust adjustment administrator admit admitted adopt adopted adopting adoption adult
adults advance advantage advice advise advised affect affected afford affordable afraid after
afternoon afternoons afterwards again against age aged agency aggressive aging ago agree agreed
agreement ahead ahold aid ain't air airline airplane airport akita alarm alas alcohol alert alive
all allergic allergies allergy allow allowed allows almost alone along alp alpaca already alright
alrighty also alt alternative although always am amazed amazing ambulance amid amlodipine among
amongst amount amoxicillin ample amputation an anal analyzer anaplasma and anemia anemic
anesthesia anesthetic anesthetics angel angry animal ankle anniversary announce annoyed annoying
annual another answer answered answering antibiotic antibiotics antihistamine anxiety anxious any
anybody anyhow anymore anyone anything anytime anyway anyways anywhere apart apartment apiece
apologize apoquel app apparently appear appears appetite apple apples application applied apply
appointment appointments appreciate appreciated approach approval approve approved approx
approximate approximately april are area areas aren't arguing arm armpit army around arrange
arrangement arrangements arrive arrived arriving arthritis article as ash ashamed ashes aside ask
asked asking asks asleep aspect aspirin assess assessment assist assistance assistant assisting
assume assure astray at ate atop attach attached attack attempt attend attention attitude attorney
august aunt auntie aussie aussies author authorization authorize authorized auto autoclave
automated automatic autumn availability available average avian avoid aw awake award aware away
awesome awful awhile awkward awning aww awww ay babies baby babysit back background backorder
backup backyard bacon bacteria bad badly bag bags bail bailed bake bakery balance balanced bald
ball balloon ballpark balls banana bandage bandages bang bank bar barely barfed bark barked
barking barks barn base based basement basic basically basket basset batch bath bathe bathing
bathroom baths bathtub battery bay baytril be beach beagle beagles bean beans bear beard bearded
bearing beat beatin beautiful beauty became because become becoming bed bedding beds bedtime bee
been before beforehand begin beginning begins behave behavior behavioral behaviors behind being
believe belly belonging belongs benadryl benazepril bench benefit bengal bent bernedoodle berries
beside besides best bet betcha betta better between beware bichon big bigger bigger'n biggest bike
biking bile bill billing bills biopsy birch bird birds birth birthday biscuit biscuits bit bite
bites biting bits bitten bitter black bladder blah blame bland blanket blankets bleed bleedin
bleeding bleeds blend bless blessed blew blind blindness blink bloat bloated bloating block
blockage blocked blocks blog blood bloodhound bloodwork bloody blow blowing blown blue blues
blurry board boarded boarder boarders boarding boards boat bodies body boil bold bolt bond bonded
bone bones bonus book booked booking bookings books booster boosters border bordetella boring born
boss both bother bothered bothering bothers bottle bottles bought bounce bounced bounces bowels
bowl bowls box boxer boxers boxes boy boyfriend boys brace brag brain brakes branch brand brave
bravecto braver bread breakdown breakfast breaking breaks breast breath breathe breathes breathin
breathing breed breeder breeds breeze brick bridge brief briefly bright bring bringing brings
broad broke broken bromide brother brothers brought brown bruised brush brushed brushes brushing
buck bucket bucks budge budget budgie bug bugging bugs build building built bulk bull bulldog
bulldogs bump bumps bun bunch bunnies bunny buprenex buprenorphine burn burned burning burns burrs
burst bus busiest business businesses bust busy but butter button buy buyer buying buys by bye
bye-bye bypass cabin cabinet cage cages cake calendar calf calf's calico call callback called
callin calling calls calm calmed calmly came camera camp camping campus can can't canary cancel
cancelin cancellation cancellations cancelled cancelling cancels cancer candy cane canin canine
cannot cans cant capable capacity capitals capped capsules captain car carcass card cardiologist
cardiology cards care career careful carefully cares carpet carprofen carried carrier carriers
carries carry carrying cars cart case cases cash cashier cast castrate castrated casual cat
cataract cataracts catch categories category catheter cats caught cause cautious cavalier cavapoo
cave cbc ccl cedar cefazolin ceiling celebrate cell center centers central cents cephalexin
cerenia certain certificate certificates certified cetirizine cha chains chair chairs chalk
challenge champion chance chances change changed changes changing channel charge charged charges
charity chart charts chase chasing cheap cheaper cheapest cheat check checked checking checks
checkup cheeks cheers cheese chem chemical chemo chemotherapy chest chew chewable chewed chewing
chews chf chick chicken chickens chihuahua chihuahuas child childhood children chill chills chin
chinchilla chip chipped chipper chips chlorhexidine chlorine chocolate choice choices choke choked
choking choose chopper chore chose chronic chunk church churches cigarette circle circles
circumstances city civil ckd claim claims clarification clarify claritin claro class classes
clavamox claw claws clay clean cleaned cleaner cleaning cleans clear cleared clearly clerk click
client clients clinic clinics clip clipboard clipped clippers clock clomicalm close closed closely
closer closes closest closet closing cloth clothes cloudy club clue clumsy coach coal coast coat
coats cockapoo cockatiel cocker cocktail code codes coffee coin cold colder colic collapse
collapsed collar collars colleague collect collected collection college colleges collie collies
color coloring colors comb combo come comes comfort comfortable comforting comin coming comments
commercial common communal communicate community companies companion company compare compared
comparing competition complain complained complaint complaints complete completed completely
complex complicated complications compliment compounding computer concern concerned concerning
concerns condition conditions cone cones conference confidence confirm confirmation confirmed
confirming confirms conflict confuse confused confusing confusion congested congestion congrats
congratulations connect connected connecting connection conscious consent conservative consider
considered considering constant constantly constipated constipation construction consult
consultation consultations consulting contact contacted contacts contagious contain content
continue continued continues contract control controlled convenia convenient conversation convince
cooked cookie cookies cooking cool cooled cooler cooling coon coonhound cooperate cope copier
copies copy corgi corgis corn corner corners corona correct corrected correction correctly
cortisone cosequin cost costly costs cotton couch cough coughed coughing coughs could couldn't
count counter counting country counts county couple coupon coupons courage courier course court
courtesy cousin cousins cover coverage covered covering covers cow coworker cows coyote coyotes
cozy crack cracked craft cramps cranky crappy crash crate crates crazy cream create created
creatinine creative credit credits creek creepy cremated cremation crematory crew cried cries
crisis critical crooked crop cross crossed crowd crowded cruciate crud crummy crush crushed crust
crusty cry cryin crying cryptorchid crystals cuddle cuddles cuddly cup cups curb cure curious
current currently curve cushion custom customer customers cut cute cuter cuts cutting cycle cyst
cysts cytology cytopoint dachshund dachshunds dad dad's dairy damage damaged damp dance dandy dane
danes dang danger dangerous dapp dark darker darn dash dasuquin data date dates dating daughter
daughter's dawn day daycare daylight days daytime dead deadline deaf deal dealing deals dealt dear
dearest dearly death debris debt decade december decent decide decided decides decision decisions
deck declaw declawed declawing decline declined deep deeper deer definitely degree dehydrated
dehydration delay delayed delays delete delicate delicious deliver delivered delivery demand
denamarin denied dental dentals dentist deny department depend depending depends deposit deposits
depressed depression depth dermatologist description deserve deserves design desk desks desperate
despite destroyed detail detailed details detect determine dewclaw deworm dewormed dewormer
dewormers dexamethasone dhpp diabetes diabetic diagnose diagnosed diagnosis diagnostic diagnostics
dial dialed diaper diapers diarrhea did didn't died diet diets differ difference different
differently difficult difficulty dig digest digestion digging digit digital digits dill dime
dinner diphenhydramine direct directed direction directions directly director directory dirt dirty
disability disabled disagree disappear disappeared disappoint disappointed disappointing disc
discharge discharged discount discounts discuss discussed discussing disease diseases disgusting
dish dislocated disorder display distance distemper distress disturb ditto division dizzy dka do
doberman dobie docs doctor doctor's doctors document documents does doesn't dog doggone doggy dogs
doin doing dollar dollars domestic don't donate donation donations done donkey dont doodle doodles
door doozy dos dosage dosages dose doses dot dots double doubt down downstairs downtown
doxycycline dozen dozens draft drag dragging dragon drain drainage drained drank drastic draw
drawer drawn draws dream dreams dress drew dried dries drift drink drinking drinks dripping drive
driver drivers drives driveway drivin driving drool drooled drooling drools droopy drop dropped
dropping drops drove drug drugs drum drunk dry drying duck ducks due dull dump dumped dunno during
dust dusty duties duty dying each eager ear earlier earliest early earn ears ease easier easiest
easily east easter easy eat eaten eater eatin eating eats echo edge edgy edible education effect
effective effects effort eggs eh eight eighteen eighteenth eighth eighty either ekg el elbow
elderly elective electric electrical electricity electronic elevated eleven eleventh eligibility
eligible else else's em email emailed embarrassed embarrassing emergencies emergency emotional
employee empty enalapril encourage end ending ends enema energetic energy engine engineer enjoy
enjoyed enlarged enormous enough enrofloxacin enrollment enter entered entire entirely entrance
entropion envelope epilepsy epileptic equipment error errors español especially essential
established estimate estimates et euth euthanasia euthanize euthanized evaluate evaluation even
evenin evening evenings event events eventually ever every everybody everyone everyone's
everything everywhere evidence ewe ex exact exactly exam examine examined examines example exams
excellent except exception exceptions excited excitement exciting excuse exercise exhausted exist
existing exit exotic exotics expect expected expecting expedite expenses expensive experience
experienced experiencing expert expiration expired expires explain explained explaining explains
explanation expose exposed exposure express expressed ext extend extended extension extent
externship extra extraction extractions extreme extremely eye eyelid eyelids eyes fabric face
faced faces facilities facility facing factor failed failing fails failure faint fainted fainting
fair fairly fake fall fallen falling falls false families family famotidine fancy fanny fantastic
far farewell farm farmers farther fashion fast faster fasting fat fatal father father's fatty
fault favor favorite favorites fax faxed faxes feature features february fecal feces fed fee feed
feeder feeding feeds feel feeling feelings feels fees feet feline felines fell fella fellas fellow
felt felv female females fence fenced fencerow feral ferret ferrets fertilizer fetch fever fevers
few fewer fho field fields fierce fifteen fifteenth fifth fifty fight fighter fighting fights
figure figured file filed files fill filled fillin filling fills filly films filthy final finally
finals financial financing finch find finder finding finds fine finger fingers finicky finish
finished finishing fire firm first fish fishing fit fits fitting fiv five fives fix fixed flakes
flaky flap flat flavor flavored flea fleas flew flight flights flipped float floor floors flop
floppy flow flowers flu fluffed fluid fluids fluoxetine flush flushed fly flyer flyers flying
foaled foam foaming foamy focus foil fold folder folks follow followed following follows followup
food foods foot for forbid force forced fore foreign forest forever forget forgets forgetting
forgive forgot forgotten fork form formal former forms formula forth fortiflora fortunate
fortunately forty forward forwarded foster fostering fosters found four fourteen fourteenth fourth
foxhound fracture fractured fractures frame frantic freak freaked freaking free freedom freeze
freezer freezing frequent frequently fresh freshly fridge fried friend friend's friendly friends
frightened frisky from front frontline frozen frustrated frustrating frustration full fully fun
function functioning fund funds funeral funky funny fur fur-baby furnace furniture furosemide
furry further fuss fussed fussy future fuzzy fvrcp gabapentin gabba gagging gain gained gaining
gal galliprant game games gap gaping garage garbage garden gas gasping gassy gastro gastropexy
gate gather gaunt gauze gave gdv gear gecko geese geez gel gelding general generally generic
generous gentle gentleman gentlemen gently genuine gerbil german germs get gets gettin getting
giant giardia gift gifts gimme gimpy girl girl's girlfriend girls give given gives giving glad
gland glands glass glasses glassy glaucoma glider gloomy glove gloves glucose glue glued go goal
goals goat goat's goats god goes goin going gold golden goldendoodle golf golly gone gonna good
goodbye goodness goods goofy google gooky goop goopy goose gosh got gotcha gotta gotten government
grab grabbed grace gracias gracious grade gradually graduate graduation grain grandbaby
grandchildren granddad granddaughter grandfather grandkids grandma grandmother grandpa
grandparents grandson grant grass grateful gravel gray greasy great greater greatest greatly green
greenies greetings grew greyhound grief grieve grieving grinding grip gritty groaning groceries
grocery groom groomed groomer groomers grooming grouchy ground groundhog grounds group groups
grove grow growing growl growled growling grown grows growth grumpy guarantee guard guess guessed
guest guidance guide guided guilty guinea gulp gum gumline gummy gums gunk gunky gurgling gut guts
guy guys gym ha habit habits hacking had haha hair hairball hairballs haircut hairs hairy half
halfway hallway ham hamburger hamster hand handed handful handle handled handles handling hands
handy hang hangin hanging hangs happen happened happening happens happier happiest happily happy
harbor hard harder hardly hare harm harmful harness has hasn't hat hatch hate hated hates haul
haulin havanese have haven't having hay hazard he he'd he'll head headache headed heading heads
heal healed healing heals health healthier healthy hear heard hearing heart heartbreak
heartbreaking heartbroken heartgard hearts heartworm heat heated heater heaven heavens heavily
heavy hedgehog hedgehogs heeler heelers hefty height heights held hello helmet help helped helper
helpful helping helps hemangiosarcoma hematoma hen hence hens her herd here hernia hernias hers
herself hey hi hiccup hiccuping hiccups hide hides hiding high higher highest highly highway hike
hilarious hill hills him himself hint hip hips hire hired hiring his hisses hissing histiocytoma
histopath history hit hitched hits hives hm hmm hoarse hobble hobbled hobbling hobby hold holdin
holding hole holes holiday holidays holler holy home homeless homemade homes hon honest honestly
honey honor hook hooray hooves hop hope hoped hopefully hopeless hopes hoping hopped hopping hops
hormone hormones horrible horse horses hospice hospital hospitalization hospitalize hospitalized
hospitals host hot hotcakes hotel hotels hound hounds hour hourly hours house household houses
housing how howdy however howling hug huge hugs huh human humane humans humid hunch hunched
hundred hundreds hungry hunt hunting hurricane hurried hurry hurt hurting hurts husband husband'll
husband's huskies husky hydrate hydrated hydration hydrolyzed hydroxyzine hyper hyphen hyphenated
i'm ibd ibuprofen icebox icky icy idea ideal ideas identical identification identified identify
idiot if ignore ignored ignoring iguana ill illness illnesses im image images imaging immediate
immediately immune immunization impact impaled impatient import important imported impossible
impression improve improved improvement improving in inches incident incision include included
includes including income incontinence incontinent increase increased incredible incredibly indeed
independent indicate individual indoor indoors infected infection infections infectious inflamed
inflammation influenza inform information informed infusion ingest ingested ingredient ingredients
inhaler inherited initial initially inject injection injections injured injuries injury inquire
inquiry ins insects insert inside insides insist insists inspection installments instance instead
instruct instructions insulin insurance insured intake intend intense intensive intention
interceptor interest interested interesting interests internal international internet interpret
intersection interstate interview interviewed intestinal intestine intestines into introduce
introduced invasive investigate invite invoice invoices involve involved iron irregular irritate
irritated irritating irritation is ish island isn't issue issues it it'd it'll itch itched itches
itchiness itching itchy item items its itself ivdd jacket jail jam january jar jaw jaws jealous
jeep jeez jelly jerky jesus jittery job jobs join joined joint joints joke joking jot journal
journey joy judge jug juice juicy july jump jumped jumping jumps jumpy june junk jury just justice
keep keeping keeps kennel kennels keppra kept ketamine keyboard keypad keys kibble kick kicked kid
kid's kidded kiddin kidding kiddo kidney kidneys kids kill killed killer killing kind kinda
kindest kindly kindness kinds kiss kitchen kitten kitten's kittens kitty klutz knee knees knew
knife knit knock knocked knot know knowing knowledge known knows koi kuh lab label labels labor
laboratory labored labradoodle labs lack ladder ladies lady laid lake lame lameness lamp landed
landline landlord lands lane language lantus lap lapped lapse lard large larger largest larvae
laser lasix last lasted lasting lasts late lately later latest laugh laughed laughing laundry law
lawn lawsuit lawyer lay layer layers layin laying lays lazy lead leaders leading leads leak leaked
leaking leaks lean learn learned learning lease leash leashes least leather leave leaves leaving
lecture led ledger left leg legal legally legged legitimate legs lemme lemon length lenient lens
lepto leptospirosis less lesson let lethargic lethargy lets letter letters letting leukemia level
levels levetiracetam levothyroxine liability library librela license licensed lick licked licking
licks lid lie lies life lifesaver lifestyle lifetime lift lifted lifting light lighter lightly
lights like liked likely likes lilacs lilies lily limb limbs limit limited limits limp limped
limping limps line lined lines lining link linked links lion lip lipoma lips liquid liquids list
listed listen listened listening listing listless lists lit literally litter litters little live
lived livelihood liver lives livestock living lizard lizards llama llow load loaded loads loaf
loan lobby local locally locate located location locations lock locked locker log logged login
logs lonely long longer longest longhair look looked looking looks loop loose loosely lop lopsided
lord lordy lose loses losing loss losses lost lot lots lotta loud louder loudly lousy love loved
lovely lover loves loving low lower lowercase lowered lowering lowest loyal luck luckily lucky
lump lumps lumpy lunch lunchtime lung lungs lying lyme lymph lymphoma ma'am maam macaw machine
machines mad madam made magazine magic mail mailbox mailed mailing mailman mails main maine mainly
maintain maintenance major majority make makes making malamute malaseb male males malignant mall
maltese maltipoo mam mammary man manage managed manager managers managing mange mangled mangy
maniac manner manual manufacturer manure many map march mare mares margin mark marked market
marketing marks marriage married marry mask mass masses massive mast mastiff mat match matched
matches matching mate material materials maternity math mats matted matter matters maxed maximum
may maybe me meadow meal meals mean meaning means meant meantime measure measured measures meat
medical medicate medicated medicating medication medications medicine medicines medium meds meet
meeting meetings meets mega melanoma mellow meloxicam melt member members membership memorial
memories memory mental mention mentioned mentioning menu merchant mercy merry mess message
messages messed messing messy metabolic metacam metal methimazole method metronidazole mhm mice
microchip microchipped microchipping microchips microscope middle midnight might mija mijo mild
mile miles military milk milkin mill milligram milligrams million mind minded minds mine mini
minimal minimum minor minus minute minutes miracle mirror miserable misery mislead misplaced miss
missed misses missing mission mistake mistaken mistakes mites mix mixed mixes mixing mixture mm
mmm mobile mobility mode model modern moist molar mold molds moly mom mom's moment moments
mometamax momma mommy monday money monitor monitored monitoring monitors monkey month monthly
months mood moon mop mopes mopey moping moral more mornin morning mornings mosquito mosquitoes
most mostly mother mother's mothers motion motor mountain mouse mouth mouths move moved movement
movements moves movie movies moving mri much mucus muddy mule multiple mupirocin murmur murmurs
muscle muscles museum mushroom mushrooms mushy music must must've mutt mutts mutual muzzle muzzled
my myself mystery nah nail nails namaste name named names nanny nap napping naps narrow nasal
nasty nation national native natural naturally nature naughty nausea nauseated nauseous naw near
nearby nearest nearly neat necessarily necessary neck necropsy need needed needing needle needles
needs negative neglect negotiate neighbor neighbor's neighborhood neighbors neither nephew nephews
nerve nerves nervous nest net network neurological neurologist neuter neutered neutering neuters
never nevertheless new newborn newborns newer newest newfie newfoundland newly news newspaper
nexgard next nibble nibbles nibbling nice nicely nicer nicest nickname niece nieces night
nightmare nights nine nineteen nineteenth ninety ninth nipped nipple nipples nippy no nobody nodes
nodule nodules noise noises noisy none nonprofit nonsense nonstop noon nope nor normal normally
north northeast northern northwest nose noses nostrils nosy not note noted notes nothin nothing
notice noticed notices noticing notified notify november now nowhere nudge nueve nuisance numb
number number'll numbers numerous nurse nurse's nurses nursin nursing nut nutrition nutritionist
nuts o'clock obedience obese obesity object objects obligation observe observed obstruction obtain
obvious obviously occasion occasional occasionally occur occurred occurs ocean october odd oddly
odds odor of off offense offer offered offering offers office officer offices official officially
offs offshore often oh oil oils ointment ok okay okey old oldest olds omeprazole on once one ones
ongoing onions online only onset onto oof ooh oops ooze oozed oozes oozin oozing op open opened
opening openings opens operate operated operates operating operation operations operator opinion
opinions opportunity opposite oprima option optional options or oral orally orange orchard order
ordered ordering orders ordinary organ organization organized organs original originally orphan
orphaned orthopedic orthopedics osteosarcoma osurnia other others otherwise otomax ouch ought
oughta ounce ounces our ours ourselves out outbreak outcome outdoor outdoors outgrow outgrown
outlet output outright outside outstanding outta ovaries oven over overall overdo overdose overdue
overheat overheated overnight overpaying overreact overslept overweight overwhelmed owe owed owes
own owner owner's owners owns oxygen paced paces pacing pack package packages packed packet pad
padding paddling pads page paged pages paging paid pain painful painkiller painkillers pains paint
painted pair pal palate pale palm pancake pancreas pancreatitis pandemic panel panic panicked
panicking pant panting pantry pants paper papers paperwork papilloma papillon paragraph parakeet
parasite parasites pardon parent parents park parked parking parkway parrot parrots part partial
partially particular particularly parties parting partly partner parts party parvo parvovirus pass
passed passenger passes passing passport password past paste pasture patch patches patchy patellar
path pathology patience patient patient's patients pattern pause paw pawing paws pay payable
payday payed paying payment payments payroll pays pea peace peaceful peacefully peak peanut peas
peculiar pediatric pee peed peeing peek peel peeling pees pekingese pellet pellets pen pencil
penicillin penny pension pentin people pepcid pepperoni peppy per percent percentage perfect
perfectly perform performed perhaps period periods perk perked perks perky permanent permanently
permission permit peroxide persian person person's personal personality personally pest pester pet
pets pharmacies pharmacist pharmacy phenobarb phenobarbital phew phone phoned phones photo
photographs photos physical physically pick picked picking picks pickup picky picture pictures
piece pieces pig pigs pile pill pillow pills pimobendan pimple pimples pinch pine pink pinscher
pipe pit pitbull pitbulls pittie pizza place placed places placing plain plan plane planned
planning plans plant plants plaque plastic plate platelets plates play played player playful
playing plays plaza pleasant please pleased pleasure plenty pliers plug plugged plump plus
pneumonia pocket podcast podiatrist point pointed pointer pointing points poison poisoned
poisoning poisonous poke poked pokes poking pole poles police policies policy policyholder polish
polite politely pom pomeranian poms pond ponies pony poodle poodles poof pool poop pooped pooping
poops poopy poor poorhouse poorly pop popped popping popular population porch pork portal portion
portions position positive possibilities possibility possible possibly post postal postcard posted
poster postpone postponed posts posture pot potassium potato potatoes potential potentially potty
pouch poultry pound pounder pounds pour poured pouring pouty powder powders power powerful
practical practically practice practices praise prance pray prayer prayers prazosin pre precaution
precautions precise pred prednisolone prednisone prefer preferably preference preferred prefers
pregnancy pregnant preparation prepare prepared preparing prepayment prescribe prescribed
prescriber prescribes prescribing prescription prescriptions presence present presents president
press pressed pressing pressure pretend pretty prevent preventative preventatives prevention
preventive previous previously price priced prices pricey pricing prick pride primarily primary
principle print printed printer printing prior priority privacy private probably probe probiotic
probiotics problem problems procedure procedures proceed process processed processing produce
product products profession professional professionals professor profile prognosis program
programs progress project prolapse prolapsed promise promised promises promo promote promotion
prompt promptly pronounce pronounced proof proper properly properties property protect protected
protection protein proteins protocol protocols proud prove proved proves provide provided provider
providers provides providing provinces prozac prozinc psst psychic public publicly pudding pudgy
puffed puffing puffy pug pugs puke puked pukes puking pull pulled pulling pulls pulse pump punch
puncture punctures pup pupil pupils puppies puppy puppy's pups purchase purchased purchasing pure
purina purple purpose purposes purr purring purse pus push pushed pushes pushing pushy put puts
putting pyometra python qualify quality quantity quarantine quarter quarters queasy question
questioned questions quick quicker quickest quickly quiet quieter quietly quills quirky quit quite
quits quote quoted quotes rabbit rabbit's rabbits rabies raccoon raccoons race radiation radio
radiograph radiographs radioiodine radiologist rag ragdoll rage rain rained raining rainy raise
raised raising raisins ram ramp ran ranch random range ranges ranging rank rapid rapidly rare
rarely rascally rash rashes raspy rat rate rates rather rating rattlesnake ratty raw ray rayed
rays reach reached reaching react reacted reaction reactions reactive read reading ready real
realistic reality realize realized realizes really rear reason reasonable reasonably reasons
reassurance reassure reassured reassuring rebook recall recalled receipt receipts receive received
receiving recent recently reception receptionist receptionists recheck rechecked rechecking
rechecks recipe recognize recognized recommend recommendation recommendations recommended
recommending recommends record recorded recording recordings records recover recovered recovering
recovery rectal red redness redone redrew reduce reduced reek reeks refer reference referral
referrals referred referring refill refilled refilling refills reflex reflux refrigerated
refrigerator refund refunded refunds refuse refused refuses refusing regarding regardless regards
region register registered registration registry regret regular regularly rehab rehome rehoming
reimburse reimbursed reimbursement reject rejected relate related relationship relative relatively
relatives relax relaxed relaxing release released releasing relevant reliable relief relieve
relieved remain remained remaining remains remarkable remedy remember remembered remembering
remembers remind reminded reminder reminders reminding reminds remote removal remove removed
removes removing renal renew renewal renewed rent rented rep repair repairs repeat repeated
repeating repeats replace replaced replacement replied reply report reported reporter reporting
reports represent representative reptiles reputation request requested requesting requests require
required requirement requirements requires reschedule rescheduled rescheduling rescue rescued
rescues research resell reservation reserve reserved residue resist resistant resolve resolved
resort resource resources respect respiratory respond responded responding response responses
responsibility responsible rest rested resting restless restlessness restricted restroom rests
result resulted results resume retail retch retched retching retention retired retirement
retriever retrievers return returned returning returns review reviewed reviewing reviews
revolution reward rewards ribs rice rich rickety rid ride rides ridiculous riding right righto
rights rigid rim rimadyl ring ringing rings ringworm rinse rip ripped rise risk risks risky river
rivers road roads roam roamed roaming robot rock rocked rocks rocky rode rodent rodents roll
rolled rolling rolls roof room roommate roommates rooms roost rooster root roots rope rose rotate
rotated rotten rottie rottweiler rough roughly round rounds route routine routing row rowdy royal
rub rubbed rubbing rubs rude rug ruin ruined rule ruled rules rumor run running runny runs runt
runts rupture ruptured rural rush rushed rushing rust sad sadder sadly safe safely safer safest
safety said saint sake salad sale sales salmon salon salt salty salutations same sample samples
sand sandwich sanitary sank sappy sarcoma sat satisfied saturday saturdays sauce saucer save saved
saves saving savings saw say saying says scab scabbed scabby scabies scabs scale scales scaling
scam scan scanned scanner scanning scans scar scare scared scares scarf scarfed scarfing scary
scatter scene schedule scheduled scheduler schedules scheduling schnauzer school schools science
scissors scooping scoot scooted scooting scoots score scores scottie scrap scrape scraped scrapes
scraps scratch scratched scratches scratchin scratching scratchy scrawny scream screamed screaming
screams screen screening screw screwed script scripts scrub scruffy scuff sdma sealed search
searched searching season seasonal seat seated seats sec second secondary seconds secret secretary
section secure security sedate sedated sedation sedative sedatives see seein seeing seek seem
seemed seems seen sees seized seizing seizure seizures select selected selection self sell seller
selling sells semi send sending sends senior seniors sensation sense senses sensitive sensitivity
sensors sent separate separated separately separation sepsis september seresto series serious
seriously serum serve served server serves service services serving sessions set setter settle
settled settles settling setup seven seventeenth seventy severe severely sew sewn shade shadow
shadowing shaggy shake shaken shakes shaking shaky shall shame shampoo shampoos shanty shape
shaped share shared sharing sharks sharp shave shaved shaving she she'd she'll sheath shed
shedding sheds sheep sheet sheets shelf shell shelter shelters sheltie shelves shepherd shepherds
shes shift shifts shih shihtzu shine shiny ship shipment shipped shipping ships shirt shiver
shivering shock shocked shocking shoe shoes shook shoot shooting shop shopped shopping shops shore
short shortage shorten shorter shorthair shortly shot shots should should've shoulder shoulders
shouldn't shout shouted shouting shove show showed shower showing shown shows shredding shrink
shucks shut shuts shy siamese sibling siblings sick sicker sickness sicknesses side sides sidewalk
sight sign signal signature signed significant significantly signing signs silent silly silo
similar simparica simple simpler simplest simplicef simply since sincere sincerely single sink
sinus sir sister sister's sisters sit site sites sits sitter sitters sitting situation situations
six sixteen sixteenth sixth sixty size sized sizes skeptical skill skills skin skinny skip skipped
skipping skittish skunk skunked sky slab slam slammed sleep sleeping sleeps sleepy sleeve slept
slice slick slide slider sliding slight slightly slim slimy sling slip slipped slippery slipping
slobber slobbering slot slots slouch slow slower slowing slowly sluggish slugs slurp smack
smacking small smaller smallest smart smarter smashed smell smelled smelling smells smelly smile
smiles smoke smoking smooshy smooth smoother smoothly smudged snack snacks snail snake snakes snap
snapped snapping snappy snarl snarled snarling sneak sneaking sneaky sneeze sneezed sneezes
sneezing sniff sniffing sniffles sniffly snip snore snoring snot snotty snout snow snuggle
snuggled snuggling snuggly so soak soaked soaking soap sob sobbing sober social society sock
socket socks sofa soft softer software soggy soil sold soldier solensia solicitations solid
soloxine solution solutions solve somber some somebody somebody's someday somehow someone
someone's someplace somethin something something's sometime sometimes somewhat somewhere son song
soon sooner soonest sophomore sore sores sorry sort sorta sorts sound sounded sounding sounds soup
sour source sources south southeast southern southwest spa space spaces spaniel spare spasm spasms
spay spayed spaying spays spazzing speak speaker speakin speaking speaks special specialist
specialists specialize specialized specializes specialties specialty species specific specifically
specifics specks speech speed spell spelled spelling spend spending spends spent sphynx spicy
spider spiders spike spill spilled spin spinal spine spinning spirit spirits spit spitting splayed
spleen splenectomy splint split splits splitting spoiled spoke spoken sponge spook spooked spooky
spoon spoons sporadic sport sports spot spots spotted spotting spotty spouse sprain sprained spray
sprayed spraying spread spreading spreadsheet spring springs spun sputter squad square squat
squats squatted squatting squeak squeaky squeal squeeze squeezed squeezing squint squinting squirm
squirming squirrel squirrels squirt squishy stability stabilize stabilized stabilizing stable
stacked stadium staff staffed stage stages stagger staggered staggering stain stained stains stair
staircase stairs stall stallion stalls stamp stamps stand standard standards standby standing
stands staple staples stare stared staring start started starters starting startled starts starve
starved starving state stated statement statements states static station stations status stay
stayed staying stays steady steak steal steam steep step stepped stepping steps sterile sterilize
sterilized steroid steroids stethoscope stick sticker stickers sticking sticks sticky stiff
stiffness still sting stinging stings stink stinking stinks stinky stitch stitches stock stocked
stoic stole stolen stomach stomachs stone stones stood stool stools stop stopped stopping stops
storage store stored stores storm storms story stove straight straighten straightened strain
straining strains strange stranger strangers strangles straw stray strays stream street streets
strength stress stressed stressful stressing stretch stretched stretches stretching strict
strictly strike string strings strip stripes stripped strips stroke strokes stroll strong stronger
strongly struck structure struggle struggled struggles struggling stubborn stubby stuck student
students studied studies study studying stuff stuffed stuffy stumble stumbled stumbling stung
stupid style subject submit submitted subpoena subscription subside subtle success successful
successfully such sucked sucking sucks sucralfate sudden suddenly suffer suffered suffering
suffers sugar suggest suggested suggesting suggestion suggestions suggests suit suitable suite
suites suits summary summer summers sun sunny sunshine super superficial supervise supervised
supervisor supper suppertime supplement supplements supplier supplies supply support supported
supporting supportive suppose supposed supposedly sure surely surface surgeon surgeons surgeries
surgery surgical surprise surprised surprises surprising surrender surrendered surroundings survey
survival survive survived suspect suspected suspects suspicious suture sutures swab swallow
swallowed swallowing swap swapping swat swats swatting sweat sweaters sweeping sweet sweetheart
sweetie swell swelled swelling swells swim swimming swing switch switched switching swole swollen
sworn symptom symptoms syndrome synthetic syringe syringes syrup system systems tab tabby table
tables tablespoon tablet tablets tag tags tail tails take taken takes taking talented talk talked
talking talks tall tangled tangles tank tap tapazole tape taped taper tapered tapering tapes
tapeworm tapeworms tapped tar target tartar task taste tasted tastes tasty taught tax taxes taxi
teach teacher teachers teaches teaching team teams tear tearing tears teaspoon teaspoons tech
tech's technical technically technician technicians techs teen teenage teenager teeth teething
telephone television tell telling tells temp temper temperament temperature temperatures
temporarily temporary ten tend tender tends tense tenth term terms terrible terribly terrier
terriers terrified terrifying territory test tested testicle testicles testing tests texas text
texted texting texts tha than thank thanked thankful thankfully thanking thanks thanksgiving that
that'd that'll the their theirs them themselves then therapies therapist therapy there therefore
theres thermometer these they they'd they'll they're they've theyre thick thicker thickness thigh
thighs thin thing thing's things think thinking thinks thinner third thirst thirsty thirteen
thirteenth thirties thirtieth thirty this this'd this'll thorn thorough thoroughly those though
thought thoughts thousand thousands thrash thrashing thread threat threaten threatening three
threw thrilled throat through throughout throw throwing thrown throws thumb thunder thunderstorm
thunderstorms thursday thursdays thx thyroid thyroxine tick ticket ticks tie tied ties tight
tighter tightly til till tilt tilted tilting time timed timeline timely timers times timid timing
tin tiny tip tips tire tired tires tiring tissue tissues titer title to toad today today's toddler
toddlers toe toenail toenails toes together toilet told tolerate tolerated toll tom tomato tomcat
tomorrow tomorrow's ton tone toner tongue tonight tonight's tons too took tool tools tooth
toothpaste top topical topics tops tore torn torsion tortie tortoise tortoiseshell toss tossed
tossing total totally totals touch touched touches touching touchy tough tougher tour tournament
toward towards towel towels tower town towns township toxic toxicity toxin toxins toy toys tplo
trace track tracked tracking tracks traction trade traffic tragedy trailer train trained trainer
trainers training tramadol transaction transfer transferred transferring transfers transfusion
transition translate transport transportation trap trapped trapping trash trauma traumatic travel
traveled traveling travels trazodone treadmill treat treated treating treatment treatments treats
tree trees tremble trembling tremor tremors tresaderm trial trials trick tricks tricky trigger
triggered triggers trim trimmed trimmer trimming trims trio trip tripped trips trouble troubled
troublemaker troubles truck trucks true truly trunk trust trusted trusts truth try trying tryna
tub tube tubes tuesday tuesdays tuition tumble tummy tumor tumors tuna tune tunnel turkey turn
turned turning turns turtle turtles tusks tuxedo tv tweezers twelfth twelve twentieth twenty twice
twin twinge twins twist twisted twisting twitch twitched twitches twitching twitchy two type typed
types typical typically typo tzu ugh ugly uh uh-huh ulcer ulcers ultimate ultimately ultrasound
ultrasounds um umbilical unable unacceptable unbelievable unblock uncertain uncle uncomfortable
unconscious under underneath underscore understand understandable understanding understands
understood underweight unexpected unexpectedly unfair unfortunate unfortunately unhappy uniform
unique unit unite units universe university unknown unless unlike unlikely unopened unplug
unreasonable unresponsive unsteady until unusual unusually up upcoming update updated updates
upfront uphill upload upon upper upright upset upsets upsetting upside upstairs uptown upward
urgency urgent urgently urinalysis urinary urinate urinated urinates urinating urination urine urn
us usable usage use used useful useless user uses using usual usually uterine uterus utility utter
vacation vacations vaccinate vaccinated vaccinating vaccination vaccinations vaccine vaccines
vacuum vague vaguely valid valley valuable value values valve valves van vans vape varies various
vary vegetable vegetables vehicle vehicles vein veins vendor vent ventilation verbal verified
verify verifying version versus vertigo very vestibular vet veterinarian veterinarian's
veterinarians veterinary vetmedin vets vetsulin via vial vibrate vicious victim video videos view
views village violent viral virtual virus viruses visible vision visit visited visiting visitor
visitors visits visual vital vitals vitamin vitamins vivid vizsla vocal voice voicemail voicemails
void volume volunteer volunteers vomit vomited vomiting vomits vomity voucher vouchers vulnerable
vulva wacky waddle waddles waddling wag wage wagged wagging wagon wail wait waited waiting
waitlist waits waive waived waiver wake wakes waking walk walked walker walkin walking walks wall
wallet walnut wand wander wandered wandering wanna want wanted wanting wants ward warehouse warm
warmed warmer warming warmth warn warned warning warnings warranty wart warts was wash washed
washes washing wasn't waste wasted wasting watch watched watches watchin watching water watered
watering waters watery wave wax waxy way ways we we'd we'll we're we've weak weaker weakness
weapon wear wearing wears weather website wedding weed weeds week week's weekday weekdays weekend
weekends weekly weeknights weeks weepy weigh weighed weighing weighs weight weights weimaraner
weird weirdly welcome welfare well wellness welt welts went were west western westie westies wet
what what're whatcha whatever whatever's whats wheel wheelchair wheels wheeze wheezing wheezy when
whenever where whereas wherever whether which whichever while whimper whimpered whimpering whine
whined whines whining whiny whip whippet whisker whisper white who who've whoa whoever whole
wholly whom whoo whose why wicked wide widely widow wife wife's wiggle wiggled wiggles wiggling
wiggly wild wildlife will willing wilted win wince winced winces wincing wind windmill window
windows windpipe winds windy wine wing wings winner winning winter wipe wiped wipes wiping wire
wired wireless wise wish wished wishes wishing with withhold within without witness woah wobble
wobbled wobbling wobbly woke wolf woman woman's women won't wonder wondered wonderful wonderfully
wondering wonders wont woo wood wooden woods wool word worded wording words wore work worked
worker workers working workload works world worm wormed wormer worms worn worried worries worry
worrying worse worsen worsened worsening worst worth worthwhile would would've wouldn't wound
wounded wounds wow wrap wrapped wrapping wraps wreck wrestle wrestled wrestling wrinkle wrinkled
wrinkles wrist write writer writes writing written wrong wrote xylitol y'all ya yall yank yanked
yap yapping yard yards yawn yay yeah year yearlies yearly years yeast yell yelled yelling yellow
yells yelp yelped yelping yelps yep yes yesterday yesterday's yet yip yipping yo yogurt yorkie
yorkies you you'd you'd've you'll you're you've young younger youngest youngster your yours
yourself yourselves youth yum yummy yup zap zapped zeniquin zero zip zipper zone zonisamide zoo
zoom zoomed zoomies zyrtec
""")
