"""Front desk manner: greeting, holding, names, kindness, identity and the close."""

from typing import Final

MANNER: Final[dict[str, str]] = {
    "offers_help": """
        what do/did you want/need to/me/us
        how can/may/could i [be_of] help/assist/service/direct
        how can/may we help/assist
        can/may i help you
        what can i/we do for you
        what can i/we help [you] with
        how can/may i be of service/assistance/help
        how can/may i make your day
        how can i help
        help you
        what is going on
        what is happening
        what seems_to_be the
        are you calling for/about
        what do you need
        what can i get
        what do/have you got/have going
        what is up
    """,
    "greets": """
        thank_you for calling
        you have_reached/reached
        good morning/afternoon/evening
        this is ~ how can/may
        speaking
        front_desk/reception
    """,
    "asks_hold": """
        can/may/could/would you [please] hold
        can/may/could i [please] [just] put/place you ~ hold
        can/may/could i ask you to hold
        [do] you mind if i put/place
        [do] you mind holding/waiting/hanging
        okay/all_right if i put/place
        be okay/all_right/fine if i put/place
        okay/all_right if i set ~ phone down
        is_it/would_it_be okay/all_right ~ put/place/hold
        would you mind holding
        okay to hold
        able to hold
        are you okay holding
        can you hang on/tight
        can you give me [just] a/one moment/minute/second/sec
        [do_you] mind holding/waiting/if_i
        set you/the_phone down for
        [do_you] mind [just] hold
    """,
    "tells_hold": """
        hold on
        hang on
        please hold
        hold please
        one moment/second/minute/sec
        just a moment/second/minute/sec
        put/place/putting/placing you on
        on hold
        be right back
    """,
    "thanks_hold": """
        thank_you [so_much] for holding/waiting/hanging
        thank_you ~ for ~ patience/patient
        appreciate you/your holding/patience/waiting
        sorry about/for the/that wait/hold
        sorry to keep you
        sorry to have_kept you
    """,
    "takes_time": """
        let me [just] check/see/look/pull/ask/find/grab/get
        i am [just] checking/pulling/looking
        bear with me
    """,
    "asks_caller_name": """
        your [first/last/full] name
        your first and last
        last name
        first name
        the name on/under
        who am i speaking/talking with/to
        who is calling
        who is this
        may i ask who
        can i ask who
        who do i have
        your name
        name please
        what are your names
        what name
        name and number
        the owner
        owner's_name
        owner name
        who have/do/am i ~ line/speaking/talking/phone
        and you are
        whose name
        who is on the
        name for/on the account/file/chart
    """,
    "asks_pet_name": """
        <pet> name
        name of ~ <pet>
        what is his/her/their/its/the_dog/the_cat name
        what are their names
        what is his/hers
        and his/hers/your_dog/your_cat name
        who is the patient
        who are we seeing/bringing
        who are you bringing/calling
        which pet/dog/cat/one_of
        patient name
        who is this for
        and who is it for
        what do you call
        what are your names
        what is your name and his/her
        what do we call
        little one/guy/girl/boy/lady/fella name
        kitty/dog/cat/puppy/kitten/pet/bird/rabbit called/name
        which [one] of your
        is this for/about/regarding ~ or
    """,
    "asks_signalment": """
        how old
        what/which breed
        what is the breed
        what kind/type/sort of dog/cat/pet/animal/bird/puppy/kitten/mix
        what kind of dogs/cats
        male or female
        boy or girl
        boy or a girl
        is he/she/it a boy/girl
        a boy/girl cat/dog
        how much does ~ weigh
        how big
        what does ~ weigh
        about how much
        how many pounds
        his/her/the weight/age/breed
        dog or cat
        dog or a cat
        cat or dog
        cat or a dog
        is he/she neutered/spayed/fixed
        is he/she/it a/the/our
        he/she is a/the/our ~~ year/years/months/month
        he/she is a/the/our ~~ chihuahua/mix/lab/shepherd/poodle/terrier/tabby/retriever/shorthair
        has/is/are he/she/it/they [been] ~ spayed/neutered/fixed/intact
        he/she/it/they spayed/neutered/fixed
        what is/are he/she/they/it a/an
        dog cat/or
        puppy/kitten or
        weigh
    """,
    "empathizes": """
        i_am/am/so/really/very/are sorry
        sorry to/about/for/you/that/he/she
        oh no
        oh my
        oh man
        oh gosh/goodness/dear
        poor guy/thing/baby/girl/boy/kitty/pup*/fella/sweet*/little
        bless
        aw/aww/awe
        i understand
        i [totally/completely/can] understand
        i hear you
        i get it
        i know [how/that/it/this] is/hard/scary/must/you/can
        that [must/sounds/is] [be] [so/really/very] scary/hard/rough/tough/stressful/frustrating
        that is [so] scary/hard/rough/tough/stressful/frustrating/awful/understandable
        must be [so/really/very] hard/scary/rough/tough/stressful/frustrating/worried
        only imagine
        [i] can imagine
        can [just] picture
        of course you are
        understandable/understandably
        makes [total/complete/perfect] sense
        do not worry
        no need to apologize
        you are doing great/the_right
        did the right
        glad you called
        glad you caught
        i hope ~ feels/feel/gets/is/are/better/all_right/okay
        hope ~ feels/feel/gets/better/pulls/okay/all_right
        hate that/it/to_hear
        feel bad/terrible/awful
        breaks my heart
        hang in there
        sweet girl/boy/thing
        congratulations
        how exciting
        thinking of you
        sorry for your loss
        take your time
        all the time you need
        i completely/totally/really/so get/understand
        would be ~ freaking/scared/worried/upset/nervous/heartbroken
        would be [upset/scared/worried] too
        sounds/sound/must_be/so miserable/horrible/exhausting/heartbreaking/painful/uncomfortable/rough
        tough/hard/difficult decision/time/day/call/choice
        going/been through this/that/it/a_lot
        by calling
    """,
    "more_questions": """
        anything/something else
        any other/more questions
        any questions
        other questions
        what else can i/we
        what other
        is there anything
        anything i/we can
        is/was that everything/all/it
        everything/all for today/you/now
        anything more
    """,
    "warm_close": """
        take care
        have a/an good/great/wonderful/nice/lovely/blessed/beautiful/safe/awesome/amazing
        good/great/wonderful/nice/lovely/blessed/safe day/one/night/weekend/evening/rest/trip/flight
        good luck
        see you
        see ~ soon/then/tomorrow
        we will see
        hope ~ feels/feel/better/okay/soon/goes/helps/all_right
        i hope
        give ~ hug/kiss/pat/scratch*/treat/squeeze/love/belly_rub/cuddle*/snuggle*/boop/ear_rub/biscuit/cookie
        tell ~ hi/hello/we_said
        excited to/for
        can not wait to
        very kind
        safe flight/drive/trip
        hugs/scritches/kisses/scratches/cuddles/pets to/for
        you are [very/so/most] welcome
        my pleasure
        thank_you for calling/telling/letting/choosing/trusting/being/your/understanding
        glad
        looking forward
        congratulations
        drive safe/careful/carefully/safely
        be safe
        safe travels
        stay warm/safe/cool/dry/on_the
        feel better
        right here
        here for you
        thinking of you
        enjoy
        call us/me back/right/any/if/after/anytime
        call us
        let us/me know
        you let us know
        happy birthday/holidays
        welcome to the
        sorry again
        again i am
        so sorry
        really sorry
        thinking about/of you/him/her/them
        [have] yourself a
        a wonderful/great/good/nice/lovely/beautiful/blessed day/afternoon/evening/weekend/night/one/rest/morning
        drive/travel/be safe/safely/careful
        congrat*
        best of luck
        love to
        hang in there
        can not wait to see/meet
    """,
    "verifies_identity": """
        verify/verifying/confirm/confirming ~ your/name/address/phone/identity/birth/email/account
        date of birth
        client/account number
        address on file
        phone number on the/file
        for security
        [are] you the owner
        are you [listed/on] ~ account/file
        owner ~ okay/permission/consent/authorization/written/name
        need ~ owner ~ okay/permission/consent
        last four
        what is the owner
        is she/he/the_owner there with you
        just to verify
        release
        are/is you/she/he [listed/on] ~ owner/account/file
        listed as/on
        phone/number/address/email/name [that] we have [for/on]
        [the/got/have] right person
        on the account/file/chart
    """,
    "asks_card": """
        card number
        read me/the ~ card
        number on the front/card
        expiration
        security code/number
        three digit*
        cvv/cvc
        debit/credit card ~ ready/over_the_phone/number
        take [a/your/that] card ~ over_the_phone
    """,
    "spares_card": """
        not [supposed/allowed/able] [to] read/take/say/give ~ card/number
        not read it/that/the_number to/out/aloud
        text/send/email/texting/sending you ~ link
        not read it/that
        stop you/right_there
        no need for the card
        just the last four
    """,
    "releases": """
        send/sending/email/emailing/fax/faxing/forward/release ~ records/results/x_rays/chart/history/vaccine/certificate/copy/report
        records/results/x_rays/history ~ sent/emailed/faxed/over_to/to_you
        before i/we can send/release/give/share/tell
    """,
    "owns": """
        our fault
        our/my mistake
        our/my bad/error
        [we] dropped the ball
        ball got dropped
        should not have
        should have called/been/told/let
        not how it is supposed
        not how we/it/that/things
        that is on_us
        that is not acceptable/okay/right
        [i_am/we_are] [so/very/really] sorry [that/this/it/you/about/for] happened/went/had/experience*/way
        apologize/apologies
        make [this/it/that/things] right
        look into this/it/that
        i will make sure
        personally
        let ~ manager/owner know/call
        have ~ manager/owner/doctor_* call
        stay on top
        you are right
        [i_am] glad you told/called/let
        thank_you for telling/letting/bringing
        see where the
        would be upset/mad/frustrated/angry too
        find out/see what/how/why happened/that/it/this
        get to the bottom
        fix this/it/that
        take this/it/that ~ manager/owner/doctor
    """,
    "aftercare": """
        ashes/cremation/cremated/urn/burial/bury/paw_print/clay/keepsake/memorial/lock_of
        afterwards
        take [him/her] home
        crematory/crematorium/communal/private/cremat*
        separate/side/back door/entrance
        stay with him/her/them ~ whole/entire/until/as_long
    """,
    "pushes": """
        has/have to be paid
        paid before
        pay before
        up_front/upfront
        only doing them before
        do you want to or_not/make_one
        you want to make one
        just so you know
        exam fee
        want/going/like to do/book/schedule it/that/this or not
        [payment/pay/paid] up front
        for payment
    """,
    "asks_number": """
        best/good/right/correct/current/callback/call_back/phone/cell/contact number
        number ending/ends/we_have/to_reach/on_file/you
        best number
        phone number
        your number/cell/phone/mobile/callback
        number in case
        number to reach/call
        reach you at
        a number for/where
        still the/your best/right/good/same
        right/best one to/for
        is this/that ~ number ~ best/good/right
        <num> still/the best/good/right
        what number
        calling from a good
        best/good/right/correct ~ phone/cell/line/place/way to/for
        phone/place to call/reach
        where/how can/do/should/will/could we/she/he/i/they/the_doctor/doctor reach/call/get you
        right cell/phone/number
        your number/cell
    """,
    "rebuffs": """
        take/taken us/me/off off/of/this/the/your
        not interested
        do not call
        not confirming/verifying/giving
        no thank_you
        remove us
        stop calling
        we are all set/good
        not accept/take/allow ~ solicit*/sales/calls
        solicit*
        already have a/someone/somebody/our
    """,
}
