"""How callers sound and what they say about themselves."""

from typing import Final

MOODS_AND_SELVES: Final[dict[str, str]] = {
    "been_before": """
        [we/i/he/she/they/you] been coming/going there/here/to
        been coming
        been in/there/here/to_see_you before/last/a/once/twice/since
        you [guys/all] saw/have_seen him/her/them/us/my
        you [guys/all] saw ~ <animal>
        you saw
        there last/in/with_you
        last time we/i/he/she/you/it
        his/her/my/our chart/file/account
        his/her/my/our last/regular vet/doctor/visit/appointment
        our/my account
        got us in the
        we/i were/was there/in
        one time
        [we/he/she/they] see/sees doctor
        see/saw doctor
        doctor ~ said/told/recommended/wanted/prescribed/gave/saw/did/put/mentioned
        the doctor/vet told/said/recommended/wanted/gave/prescribed/mentioned
        doctor told/said
        is a/your patient/client
        are clients/patients
        existing/current client/patient
        been a client
        was/were in last/there/on/a_few/yesterday
        was in
        you/you_all/you_guys gave/told/sent/called/put/prescribed me/us/him/her
        you gave/sent/called/told/prescribed/mailed/did
        postcard/reminder
        got your/a email/text/postcard/reminder/call/message/card/voice_mail
        picked up my
        refill*
        his/her/the results
        follow_up/recheck
        my usual
        as usual
        years ~ coming
        remember me/us/him/her
        your patient/client
        we/i come there
        we/i always come
        we come every
        you all/guys did
        [were/was] just in last/there/on
        in your/the system
        you/you_have/you_all/you_guys [have] seen/treated/saw ~ my/our/him/her/all
        you are my/our vet
    """,
    "new_here": """
        new client/patient/customer
        new to the/this/your/town/area
        first time calling/there/here/visit/client/coming/no/we/pet/owner
        first time
        never been there/in/here/to/seen
        have/has not been there/in/here/to_you/to_your/to_see
        have not come
        not been there/in/here/before
        just moved
        recently moved
        we moved/are_new
        accepting/taking/seeing [any] new
        taking new
        new clients/patients
        do not have a [regular] vet
        do not have a vet
        looking for a [new] vet
        looking for a new
        switching/switch vets/vet/from
        current vet
        recommended you
        friend/coworker/neighbor ~ recommended/told/goes/referred
        found you online/on/guys
        saw you ~ online/google
        not a client/patient
        [he/she] has never been to
        new in/around town/here/the_area
    """,
    "been_away": """
        [been] a while since
        been a [long/good/little] while
        has been ~ year/years/while
        it has been
        have not been in in/since/for
        used to come/bring/go/take
        years ago
        a few/couple years
        still in/have_us_in your/the system
        long time
        covid/pandemic
        have/has not been ~ while/years
        moved away/back
        come/came/coming back to you/there/here
        [long/been] since we/he/she/i came/were/was
    """,
    "professional": """
        calling from ~~ hospital/clinic/pharmacy/veterinary/vet/emergency/lab/laboratory/shelter/rescue/animal/referral/specialty
        this is ~~ from/at/with/over_at ~~ hospital/clinic/pharmacy/veterinary/vet/emergency/lab/laboratory/shelter/animal/referral/idexx/antech/chewy
        it is ~ [over] at/from ~~ hospital/clinic/pharmacy/veterinary/vet/emergency/animal/lab
        over at ~~ emergency/hospital/clinic/pharmacy/veterinary/animal
        pharmacist
        pharmacy calling
        mutual patient/client
        one of yours/your_patients
        patient of yours
        client/patient of yours
        fax number/it/over
        our doctor
        prescriber
        npi
        dea number
        authorization ~ prescription/refill
        with the ~ shelter/hospital/clinic/rescue/humane_society/animal_control
        i am a/the/one vet/doctor/tech/pharmacist/technician ~ at/over/from/with/on_call
        vet on call
        pharmacist at
    """,
    "vendor": """
        purchasing/procurement
        sales/account/territory rep/representative/manager
        sales rep
        rep for/with/from
        supply/supplies/supplier/distributor
        promo/promotion/demo/demonstration
        whoever handles/is_in_charge/does
        person/someone who handles/is_in_charge/does
        decision maker
        your business
        marketing/advertising/seo/website/google_listing/business_listing
        invoice number
        lunch and learn
        product line
        our company/software/product/products/platform/services
        end of quarter
        credit card processing
        trade in
        merchant
        delivery for
        shipment
        we service/sell/supply/distribute/provide
        we do ~ service/equipment/repairs/supplies/marketing/software
        your rep
        equipment service
    """,
    "worries": """
        worried/worry/scared/scary/afraid/terrified/freaking/panic*/nervous/anxious/desperate
        oh my god
        oh god
        please help
        i am crying
        i do not know what to do
        do not know what
        not good
        heartbroken/devastated/heartbreaking
        lose/losing him/her/them
        sick about/to
        never been/done/acted/seen like/this/that/him/her
        up all night
        [so/really/very] scared/worried/upset_about
    """,
    "complains": """
        [really/very/pretty/so/extremely/not] upset/angry/mad/frustrated/furious/disappointed/annoyed/unhappy
        upset/angry/frustrated/furious/disappointed/unhappy/livid
        ridiculous/unacceptable/unbelievable/outrageous/disgusting/horrible/terrible/awful/rude/careless/negligent
        complaint/complain
        speak/talk/talking/speaking to/with [the/a/your/whoever] manager/owner/supervisor/charge
        is this/that a typo
        are you kidding
        nobody/no_one called/told/ever/calls/has/bothered/marked
        never called/told/heard/got
        no one ever
        still not/waiting/nobody/no_one/have_not
        have been_waiting/waiting/left ~ messages/message
        left ~ messages
        refund/reimbursed/money_back/overcharge*/difference_back
        charged me/us/for/twice
        card got/was hit/charged
        not right
        bad review
        how many times
        trying to be calm
        last straw
        lost my
        waste*
        wrong ~ medication/dose/prescription/dog/cat/leg/food
        messed up
        what kind of place
        you people
        mistake
        hung up on
        treated
        not what i was told
        i was told
        nobody/no_one/nobody_is/no_one_has/never ~ called me/us
        called ~ times
        nobody/no_one ~ cares/care/help*/listen*/answer*
        not happy/acceptable/good_enough
        whoever is in
        just/really/so not okay/right/acceptable
        agree to
        speak/talk to/with whoever ~ charge
    """,
    "pleased": """
        thank_you so/very much
        [really/so/do] appreciate
        appreciate it/that/you/your/all
        wonderful/awesome/fantastic/amazing/excellent/lovely/terrific
        you are/you_have_been [the_best/so/always/very/been/great/wonderful/amazing/a_lifesaver] nice/kind/helpful/sweet/best/lifesaver/great/wonderful
        the best
        lifesaver
        that_is/that_would_be/oh/so/sounds/really great/perfect
        great news
        great/perfect thank_you/okay
        perfect
        yay
        love you/it/that/them/doctor/the
        so happy/excited/glad/relieved/grateful
        feel [so_much/a_lot/much] better
        big/huge relief
        what a relief
        relieved/relief
        excited/exciting
        super clear
        super/so/very/really helpful/nice/sweet/kind
        made it [so] easy
        being so/very nice/kind/helpful/patient
        for your help
        very kind/helpful/nice/much
        you made my
        god bless
        hilarious
        yay
        can not thank
    """,
    "displeased": """
        unbelievable/ridiculous/unacceptable/outrageous/absurd
        ugh/jeez/geez/damn/crap
        never_mind/nevermind
        forget it
        whatever
        i guess
        that is too
        not happy/acceptable/right/fair/helpful
        no help
        does not help
        wasted/waste
        disappointed/frustrat*/upset/angry/annoyed
        this is crazy/insane/nuts
        that is crazy/insane/nuts/a_shame/too_bad
        great just_great
        so there is nothing
        no thank_you
        thank_you anyway
        thank_you for nothing
        oh no
        same thing
        that is what they said
        i am not paying/doing/starting/happy
        shoot
        oh well
        well okay
        wow okay
        so i can not
        good grief
        we will see
        i am sorry i can not
        is just great
        figure it out
        you will_not/can_not help
        so you will/can not
        of course not
    """,
    "no_more": """
        no that is it
        that is all
        that is it
        no i think that
        i think that is
        that is everything/all/it
        all i needed/wanted/have/had
        [that] will do it
    """,
    "lost_line": """
        can you hear me
        are you there
        you are/keep breaking/cutting
        breaking/cutting up/out
        hello hello
        can not hear
        i lost you
        bad connection/signal/line/reception
        still there
        hear me now
        you there
        tunnel/dead_zone
        [might/may/going_to] lose/losing you
        cut/cuts/cutting out
    """,
}
