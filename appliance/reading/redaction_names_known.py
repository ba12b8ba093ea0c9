"""Names that many people and pets in the United States bear; a name need not be here to be found."""

from typing import Final

from appliance.reading.plain import words

FIRST: Final = words("""
aaliyah aaron abby abdul abe abel abigail abraham ada adam addison adrian adriana agnes agnieszka
ahmed aiden aisha al alan albert alberto alejandra alejandro alex alexa alexander alexandra alexis
alfonso alfred ali alice alicia alisha alison allan allen allie allison alma alonzo althea alvin
alyssa amanda amara amber amelia amina amir amit amy ana anastasia andre andrea andreas andres
andrew andy angel angela angelica angelina angie anh anita ann anna annabelle anne annette annie
anthony antoine antoinette antonio anya april arjun arlene arnold arthur arturo ashley ashlyn asha
athena aubrey audrey augie august austin autumn ava avery ayesha bailey barb barbara barry bart
beatrice beatriz becca becky belinda ben benjamin bernadette bernard bernice bert bertha bess beth
bethany betsy betty bev beverly bill billie billy blake blanca bob bobbi bobby bonnie boyd brad
bradley brady brandi brandon brandy breanna brenda brendan brent brett brian briana bridget
brittany brooke bruce bryan bryce caitlin caleb calvin cameron camila camille candace candice
carl carla carlos carmen carol carole caroline carolyn carrie carter casey cassandra cassidy
cassie catherine cathy cecilia cedric celeste celia cesar chad chandra chantal charlene charles
charlie charlotte chase chelsea cheryl chester chris christian christina christine christopher
christy chuck cindy claire clara clarence clark claude claudia clay clayton cliff clifford clint
clinton clyde cody cole colette colin colleen connie connor conrad consuelo corey corinne cory
courtney craig cristina crystal curt curtis cynthia daisy dale dallas damian damon dan dana daniel
daniela danielle danny daphne darcy darla darlene darnell darrell darren darryl dave david dawn
dawson dean deanna deb debbie deborah debra dee deena deepa deirdre delia della delores denise
dennis derek derrick desiree desmond destiny devin devon diana diane dianne diego dina dolores
dominic dominique don donald donna donnie dora doreen doris dorothy doug douglas drew duane
dustin dwayne dwight dylan earl earline ed eddie edgar edith edna eduardo edward edwin eileen
elaine eleanor elena eli elias elijah elisa elisabeth elise eliza elizabeth ella ellen ellie elliot
elmer eloise elsa elsie emilia emilio emily emma eric erica erik erika erin ernest ernesto ernie
esmeralda esteban estelle esther ethan ethel eugene eunice eva evan evelyn fadi faith fatima
felicia felipe felix fern fernanda fernando fiona florence floyd frances francesca francis
francisco frank franklin fred freda frederick freya gabe gabriel gabriela gabrielle gail garrett
gary gavin gayle gene geneva genevieve geoffrey george georgia gerald geraldine gerard gilbert gina
ginger ginny gladys glen glenda glenn gloria gordon grace gracie graham grant greg gregory greta
gretchen griselda guadalupe guillermo gus guy gwen gwendolyn hailey hal haley hank hannah harold
harriet harry harvey hassan hazel heather hector heidi helen henry herb herbert herman hilda holly
hope howard hugh hugo ian ibrahim ida ignacio imani imelda inez ingrid ira irene iris irma isaac
isabel isabella isaiah israel ivan ivy jack jackie jackson jacob jacqueline jade jaime jake jamal
james jamie jan jane janelle janet janice janine jared jasmine jason javier jay jayden jean
jeanette jeanne jeff jeffrey jen jenna jennifer jenny jeremiah jeremy jerome jerry jess jesse
jessica jessie jesus jill jillian jim jimmy jo joan joann joanna joanne jocelyn jodi jodie jody joe
joel joey johanna john johnnie johnny jolene jon jonah jonathan jordan jorge jose josefina joseph
josephine josh joshua joy joyce juan juana juanita judith judy julia julian juliana julie juliet
julio june justin kaitlyn kara karen kari karina karl karla kate katelyn katherine kathleen kathryn
kathy katie katrina kay kayla keith kelli kelly kelsey ken kendra kenneth kenny kent kevin khadija
kim kimberly kirk kirsten kris krista kristen kristi kristin kristina kristy kurt kwame kyle lacey
lakeisha lakshmi lamar lana lance larry latasha latisha latonya latoya laura lauren laurie laverne
lawrence leah leanne lee leila lena leo leon leona leonard leroy leslie lester leticia levi lewis
liam lila lillian lily linda lindsay lindsey lisa liz lizzie lloyd logan lois lola lonnie lora
loretta lori lorraine lou louis louise lourdes lucas lucia lucille lucinda lucy luis luke luna
lupe lydia lyle lynda lynette lynn lynne mabel mackenzie maddie madeline madison mae maggie
malcolm mandy manuel marc marcia marco marcos marcus marge margaret margarita maria mariah marian
mariana maribel marie marilyn mario marisol marissa marjorie mark marla marlene marquis marsha
marshall martha martin marty marvin mary maryann mason mateo mathew matt matthew maureen maurice
max maxine may maya megan mei meera melanie melinda melissa mercedes meredith mia micah michael
micheal michele michelle miguel mike mildred millie milton mina minh mindy miranda miriam misty
mitch mitchell mohamed mohammed moira molly mona monica monique morgan moses muriel myra myrna
nadia nadine nancy naomi natalia natalie natasha nate nathan nathaniel neil nellie nelson nestor
nguyet nicholas nick nicolas nicole nikhil nikki nina noah noel noelle nora norah noreen norma
norman octavio odalys olga olive oliver olivia oluwaseun opal ophelia ora orlando oscar otis owen
pablo paige pam pamela pat patience patrice patricia patrick patsy patti patty paul paula paulette
paulina pauline pearl pedro peggy penelope penny perry pete peter petra peyton phil philip phillip
phyllis pierre piper polly preston priscilla priya quentin quinn rachel rafael raj rajesh ralph
ramon ramona randall randy rashad rashida raul ravi ray raymond reba rebecca reese regina reginald
renata rene renee rex reynaldo rhoda rhonda ricardo richard rick ricky riley rita rob robert
roberta roberto robin robyn rochelle rod rodney rodrigo roger roland ron ronald ronda ronnie rory
rosa rosalie rosalind rosanne rosario rose rosemarie rosemary rosie ross roxanne roy ruben ruby
rudy rufus russ russell rusty ruth ryan sabrina sadie sal sally salvador sam samantha samir sammy
samuel sandra sandy sanjay sara sarah sasha saul savannah scott sean sebastian selena serena
sergio seth shana shane shanice shannon shari sharon shaun shauna shawn sheena sheila shelby
shelley shelly sheri sherman sherri sherry sheryl shirley shonda sid sierra silvia simon simone
skyler sofia sonia sonya sophia sophie spencer stacey stacy stan stanley stella stephanie stephen
steve steven stewart stuart sue sunil summer susan susana susie suzanne sven sydney sylvia tabitha
tamara tameka tami tammy tanisha tanya tara tasha tatiana taylor ted terence teresa teri terrance
terrell terri terry tess tessa thelma theo theodore theresa therese thomas thuy tia tiffany tim
timothy tina toby todd tom tommy toni tonia tony tonya tracey traci tracy travis trent trevor
tricia trina trish trisha tristan troy tucker tyler tyrone ursula valerie vanessa vera vern verna
vernon veronica vicki vickie vicky victor victoria vijay vince vincent viola violet virgil virginia
vivian wade wallace walt walter wanda warren wayne wendell wendy wes wesley whitney wilbur will
willard william willie wilma winnie winston wyatt xavier ximena yadira yasmin yesenia yolanda
yuki yusuf yvette yvonne zach zachary zane zelda zoe zoey
peg tamika brayden kaylee luz jayla latosha shawna marcy deanna lashonda rasheeda farouk thuy anatoly yoder vern darla bree carlene darlene earl jasper lamont otto ollie opal ora roz ruthanne tre tanisha maricela yahaira xochitl jaxon kayden ayden aiden braden landon mason carson colton easton grayson lincoln jaylen kaitlin mckenna makayla mckayla kylie kaylin adaeze aditi akira alessandra alina alondra amaya anika anjali antonia arlo aria arwen ashton
bao beau beth-ann bianca binh blaine bree brianna bronwyn carlotta cathleen chidi chinedu chloe
chen chiara dalia darius delphine demetrius deshawn dimitri elodie emeka enrique erlinda ezra
farah farid fumiko gideon gisele giovanni goran hana harper hasan hiroshi ilse imran ines ingeborg
jamila jin jun kamala kai keisha kenji khalid kiana kofi kwan lashawn latrice leilani lien lin
linh lucinda magda mahmoud mai malik manny maricel marguerite marta masako maeve mehmet milan ming
mohan monika nadeem naveen neha nia niamh nikolai oksana olena omar padma paolo pilar prakash
rahul rania rashid reggie rekha rohan roman rosalyn sanjana santiago saoirse sergei shanthi shira
siobhan sinead sunita svetlana tadeusz takeshi tariq tatum tomas trang tuan uma vikram vlad
wanjiru wei xiomara yan yasmine yael yolonda young-jae yuri zainab zara zofia zuri
""")
LAST: Final = words("""
abbott abernathy acosta adams adeyemi adkins aguilar aguirre ahmed alexander ali allen alvarado
alvarez andersen anderson andrews armstrong arnold arroyo atkins austin avila bailey baker baldwin
ballard banks barber barker barnes barnett barrett barton bates bauer baxter beasley beck becker
bell beltran bennett benson berg bernard berry bishop black blackwell blair blake blanchard bonner
booker boone booth bowen bowers bowman boyd boyer boyle bradford bradley bradshaw brady branch
brennan brewer bridges briggs brock brooks brown bruce bryan bryant buchanan buckley burgess burke
burnett burns burton bush butler byrd cabrera cain calderon caldwell calhoun callahan camacho
cameron campbell campos cannon cantu carey carlson carney carpenter carr carrillo carroll carson
carter carver case casey castaneda castellano castillo castro cervantes chan chandler chang chapman
charles chavez chen cho choi christensen christian chung clark clarke clay clayton clements cobb
cochran cohen cole coleman collier collins colon combs compton conley conner connolly conrad
contreras conway cook cooke cooper copeland cortes cortez costa cox craig crane crawford crosby
cross cruz cummings cunningham curry curtis dalton daniel daniels daugherty davenport davidson
davies davis dawson day dean decker delacruz delacroix delaney deleon delgado dennis diaz dickerson
dickson dillon dixon dodson dominguez donaldson donovan dorsey dougherty douglas downs doyle drake
dudley duffy duncan dunlap dunn duran durham dyer eaton edwards elliott ellis ellison emerson
english erickson espinoza esquivel estes estrada evans everett ewing farley farmer farrell faulkner
ferguson fernandez ferrell fields figueroa finley fischer fisher fitzgerald fitzpatrick fleming
fletcher flores flowers floyd flynn foley forbes ford foreman foster fowler fox francis franco frank
franklin frazier frederick freeman french frost fry frye fuentes fuller gaines gallagher gallegos
galloway galvan garcia gardner garner garrett garrison garza gates gay george gibbs gibson gilbert
giles gill gillespie gilmore glass glenn glover golden gomez gonzales gonzalez goodman goodwin
gordon gould graham grant graves gray green greene greer gregory griffin griffith grimes gross
guerra guerrero gupta guthrie gutierrez guzman hahn hale hall hamilton hammond hampton hancock
hansen hanson hardin harding hardy harmon harper harrell harrington harris harrison hart hartman
harvey hatfield hawkins hayden hayes haynes heath hebert henderson hendricks hendrix henry hensley
henson herman hernandez herrera herring hess hester hickman hicks higgins hill hines hinton ho
hobbs hodge hodges hoffman hogan holcomb holden holder holland holloway holmes holt hood hooper
hoover hopkins hopper horn horne horton house houston howard howe howell huang hubbard huber hudson
huff huffman hughes hull humphrey hunt hunter hurley hurst hutchinson hutchins huynh ibarra ingram
irwin jackson jacobs jacobson james jarvis jefferson jenkins jennings jensen jimenez johns johnson
johnston jones jordan joseph joyce juarez kane kaplan kapoor kaufman keith keller kelley kelly kemp
kennedy kent kerr khan kidd kim king kirby kirk klein kline knapp knight knowles knox koch kowalski
kramer krueger kumar lam lamb lambert landry lane lang lara larsen larson lawrence lawson le leach
leblanc lee leon leonard lester levine levy lewis li lin lindgren lindsay lindsey little liu livingston
lloyd logan long lopez love lowe lowery lozano lucas lucero luna lynch lynn lyons macdonald macias
mack madden maddox mahoney maldonado malone mann manning marks marquez marsh marshall martin
martinez mason massey mathews mathis matthews maxwell may mayer maynard mayo mccall mccann mccarthy
mcclain mcclure mcconnell mccormick mccoy mccullough mcdaniel mcdonald mcdowell mcfarland mcgee
mcgrath mcguire mcintosh mcintyre mckay mckee mckenzie mckinney mcknight mclaughlin mclean mcmahon
mcmillan mcneil mcpherson meadows medina mejia melendez melton mendez mendoza mercado mercer
merritt meyer meyers meza michael middleton miles miller mills miranda mitchell molina monroe
montgomery montoya moody moon mooney moore mora morales moran moreno morgan morin morris morrison
morrow morse morton moses mosley moss mueller mullen mullins munoz murillo murphy murray myers nash
navarro neal nelson newman newton nguyen nichols nicholson nielsen nixon noble nolan norman norris
norton novak nunez obrien o'brien ochoa oconnor o'connor odom odonnell o'donnell okafor okonkwo
oliver olsen olson oneal o'neal oneil o'neill orozco orr ortega ortiz osborne owen owens pace
pacheco padilla page palmer park parker parks parrish parsons patel patrick patterson patton paul
payne pearson peck pena pennington perez perkins perry person peters petersen peterson petty pham
phan phelps phillips pierce pineda pittman pitts pollard ponce poole pope porter potter potts powell
powers prasad pratt preston price prince proctor pruitt pugh quinn quintanilla ramirez ramos
ramsey randall randolph rangel rasmussen ray raymond reddy reed reese reeves reid reilly reyes
reynolds rhodes rice rich richard richards richardson richmond riddle riggs riley rios rivas rivera
rivers roach robbins roberson roberts robertson robinson robles rocha rodgers rodriguez rogers
rojas rollins roman romero rosales rosario rose rosen ross roth rowe rowland roy rubio ruiz rush
russell russo ryan salas salazar salinas sanchez sanders sandoval sanford santana santiago santos
saunders savage sawyer schaefer schmidt schmitt schneider schroeder schultz schwartz scott sellers
serrano sexton shaffer shah shannon sharma sharp shaw shelton shepard shepherd sheppard sherman
shields short silva simmons simon simpson sims singh singleton skinner slater sloan small smith
snow snyder solis solomon soto sparks spears spence spencer stafford stanley stanton stark steele
stein stephens stephenson stevens stevenson stewart stokes stone stout strickland strong stuart
suarez sullivan summers sutton swanson sweeney sweet tanaka tanner tate taylor terrell terry thomas
thompson thornton tillman todd torres townsend tran travis trevino trujillo truong tucker turner
tyler underwood valdez valencia valentine valenzuela vance vang vargas vasquez vaughan vaughn vega
velasquez velez villa villanueva villarreal villegas vincent vo vu wade wagner walker wall wallace
waller walls walsh walter walters walton wang ward ware warner warren washington waters watkins
watson watts weaver webb weber webster weeks weiss welch wells west wheeler whitaker white whitehead
whitney wiggins wilcox wilkerson wilkins wilkinson williams williamson willis wilson winters wise
wolf wolfe wong wood woodard woods woodward wright wu wyatt yang yates yoder york young yu zamora
zhang zimmerman zuniga
""")
PETS: Final = words("""
abby ace ajax angus apollo archie ash aspen athena axel baby bailey bambi bandit banjo baxter bean
bear beau bella belle benji benny bentley biscuit blackie blue bo bonnie boo boomer boots boris
brandy brownie brutus bubba buddy buster butters buttercup button buttons cali calypso callie
captain caramel cash casper chance charlie chase chewie chewy chico chip chloe cleo clover coco
cocoa cody comet cookie cooper copper cosmo cricket cupcake daisy dakota dexter diamond diesel
dixie dolly domino dozer duchess dude duke dumpling dusty echo ellie elvis ember emmy felix fergie
figaro finn fiona fluffy foxy frankie fred freya frida garfield george ghost gigi ginger gizmo goose
gracie gravy griffin gryffin gunner gus gypsy hank harley hazel henry hercules hershey honey hunter
indie indy izzy jack jackson jade jake jasper jax jazz joey josie junior juno katie kiki king kitty
kiwi koda kona lacey lady layla leia leo lilo lily loki lola louie lucky lucy luke lulu luna mabel
mac maddie maggie magnus major mango marley maverick max maya meeko mia midnight mika mickey
mikey millie milo mimi mimosa minnie mischief missy misty mittens mochi mocha moe molly moose morris
muffin murphy nacho nala nemo nico nikki noodle nova nugget oakley oatmeal odie odin olive oliver
ollie onyx opie oreo oscar otis otto ozzie ozzy pancake panda patches peaches peanut pearl pebbles
penelope penny pepper percy phoebe pickle pickles piper pippa pixie pluto poppy porter precious
prince princess pudding pugsley pumpkin quincy rascal raven red reese remi remy rex ricky riley
ringo river rocco rocky roger romeo roscoe rosie roxie roxy ruby rudy rufus rusty sadie sailor salem
sally salty sam sammy samson sandy sasha sassy scooby scooter scout shadow shelby sherlock sheba
simba simon skye smokey smudge sneakers snickers snoopy snow snowball snowflake socks sophie sparky
spike spot squeaky stella storm sugar sully sunny sushi sweetie sydney taco tank taz teddy theo
thor thumper tiger tigger tilly tinkerbell toby tofu tootsie trixie trouble tucker turbo twix ty
tyson violet waffles wally walter waylon whiskers willow winnie winston wolfie woody xena yogi
yoshi yoda zelda zeke zeus ziggy ziva zoe zoey zorro
""")
