"""Why people call: clinical questions, paperwork, feelings and everybody else."""

from typing import Final

OTHERS: Final[dict[str, dict[int, str]]] = {
    "lab_results": {
        6: """
            [test/lab/blood/blood_work/biopsy/x_ray/culture/urine/fecal/thyroid] results/result
            results/result back/in/from/of/for/on/yet
            <pron> results
            blood_work/labs/tests/test/biopsy/blood/culture ~ come/came/are/is back
            hear/heard/hearing ~ back ~ results/test/blood/biopsy/labs
            lab work back/results
            call me about ~~ test/tests/results/labs/blood/urine/biopsy
            hear/heard ~ about ~ test/tests/labs/blood/biopsy
            about ~ blood tests/test/work
            blood_work/test/tests/labs/panel ~ looks/look/came/normal/good
            calling you back about
            lab/blood number/numbers/values
            values ~ normal/high/same/low
            one number
            [kidney/liver/thyroid] values
        """,
    },
    "inpatient_update": {
        6: """
            check/checking [in] on ~ dropped/surgery/there
            stayed/stay the_night/overnight
            dropped ~ off ~ morning/surgery/today/earlier
            out of surgery/anesthesia
            how ~ doing/did ~ surgery
            how is he/she/<animal> doing in/after/there/today
            update/updates on
            any/an/get update
            staying/stayed/spent/kept ~ overnight/night/hospital
            in the hospital
            how did/is/has ~ do/doing/done overnight/last_night/through
            how did ~ surgery/procedure go
            is/has [he/she] awake/woken/up_yet/out_yet/in_recovery
            ready to go_home/come_home
            when can [i/we] come/pick/visit
            [is_there/he_is_there/she_is_there/you_have] for surgery/observation/a_dental
            visit him/her
        """,
    },
    "postop_question": {
        6: """
            spay/neuter/surgery/dental/operation/tplo/procedure ~ yesterday/last/monday/tuesday/wednesday/thursday/friday/days
            had/after/since/from [his/her/the/a] ~ surgery/spay/neuter/operation/dental/procedure
            just had surgery
            incision/incisions
            cone ~ off
            stitches/sutures/staples/stitch
            was/got spayed/neutered/fixed yesterday/last/on/monday/tuesday/wednesday/thursday/friday
            drain/drains/bandage/seroma
            licking ~ incision/stitches/at_it
        """,
    },
    "triage_question": {
        4: """
            should i/we be worried/concerned
            should i/we just/be/bring/wait/come/take/do/make/give/try/watch/worry
            do i/we need to bring/come/worry/take/make/have/see
            does he/she need to come/be
            is it/that/this okay/normal/safe/an_emergency/something/serious/dangerous/bad
            is it normal/okay/safe
            come in thing
            [just] wondering/wonder/curious if/whether/what/about
            [just] have/had/got a [quick/real_quick] question
            a question
            i do not know if that/it/he/she/i/this
            not sure if/whether/what
            what [should/can/do] i do/give
            what can/should i give
            can i give
            is there anything i can give/do
            can it wait
            wait [it/until] out/monday/tomorrow
            is it okay/safe to give
            how do i/you know if
            need to be seen
            ask [the/a] [vet/doctor/nurse/tech/someone] about/if
        """,
    },
    "records_request": {
        6: """
            medical/vaccin*/shot/his/her/their/the/my/rabies/patient records/record
            records ~ sent/over/transferred/emailed/faxed
            copy/copies of ~ records/vaccin*/shots/certificate
            send/fax/email/forward/transfer/need/get ~ records/record/history/chart/vaccin*
            vaccine/vaccination/medical/shot history/record/records/certificate
            rabies certificate/tag_number/proof
            proof of ~ rabies/vaccin*/shots
            transfer ~ records
        """,
    },
    "referral": {
        6: """
            referral/refer/referred/referring
            specialist/dermatologist/cardiologist/oncologist/neurologist/ophthalmologist/orthopedic/orthopedist/internist
        """,
    },
    "hours_directions": {
        6: """
            what [are] your hours
            what time do/are you open/close/guys/closing/opening
            [are/is] you [guys/all/the] open
            when do you [all/guys] open/close
            how late
            your/the hours
            where are you located
            your address
            directions
            located
            parking
            are you closed
            you are open
            open on/this/tomorrow <weekday>/weekend
            how do i get there
        """,
    },
    "pickup": {
        6: """
            pick/picking up ~ medication/food/prescription/order/ashes/results/records
            ready/available for/to pick/be_picked/pickup/pick_up
            pick him/her/them/<pet>/it up
            ready to be_picked/pick/be
            food/order/medication/prescription ~ came/come in
            what_time/when can i ~ come/get/pick
            come get him/her/my/our
            pickup
            is ~ order/medication/prescription/food ready
            come [and] pick
            when can i pick
        """,
    },
    "lost_found": {
        7: """
            found a/this/an ~ <animal>/stray
            <animal> that_was_found/was_found/we_found/i_found
            lost [my/our/a] <animal>
            [my/our] <animal> [is/got/went/ran/has_been] missing/lost/away/out/escaped
            missing <animal>
            stray/strays
            scan ~ chip/microchip/him/her
            microchip number/company/scan*/register*
            no tags/collar
            wandering/running loose
            got out
            ran away
        """,
    },
    "complaint": {
        6: """
            complaint/complain
            [speak/talk] to/with ~ manager/owner/supervisor
            [very/really/so/extremely/pretty/not] upset/unhappy/disappointed/frustrated/angry/mad
            unacceptable/ridiculous/outrageous/unprofessional/disgusted
            nobody/no_one [ever] called/calls/told/returned
            left two/three/four/several/multiple/many ~ messages
            left ~~ messages
            i have left/called ~ times/messages
            second/third/fourth/fifth time ~ called/calling
            overcharged/over_charged
            somebody/someone/person/whoever in_charge
            going_to_do/do about it
            demand/explanation/accountable
            nobody/no_one/somebody told/should_have/had_to
            trying to be calm
            want/demand/need ~ refund/money_back/difference_back/explanation
            was rude
            [how] you treated
            not okay with
            call me back
            wrong ~ medication/dose/prescription/food
            not happy with
            i was told ~~ and
            still waiting
            bad experience
        """,
    },
    "compliment": {
        6: """
            [want/wanted/calling/call] to ~ thank/say_thank/tell_you_how
            thank ~ doctor/everyone/staff/all/team/whole
            compliment
            did [such] a ~ job
            shout out
            say thank_you
            how great/wonderful/kind/amazing
            were/are/was [so/really] amazing/wonderful/great/incredible with/to
            taking ~ good/great care
        """,
    },
    "grief_followup": {
        7: """
            ashes
            ashes/urn/paw_print/collar
            lost him/her ~ last/yesterday/on/week
            lost our/my ~ last/yesterday
            passed away/on/last/yesterday
            died
            sympathy card
            the/your card
            we said bye
            put him/her/them/my/our ~ down/to_sleep last/yesterday/on_monday/on_friday/two
            grief/grieving/miss_him/miss_her/loss
        """,
    },
    "vendor": {
        6: """
            whoever/someone/somebody ~ does the ordering/buying
            does/do your ordering
            your [new] rep
            purchasing/procurement
            [sales/account/territory] rep/representative
            supply/supplies/supplier/distributor/vendor/imaging
            promo/promotion/product_demo/demo/demonstration
            whoever/person/someone/somebody [that/who] handles/is_in_charge/makes/orders
            practice manager
            lunch and learn
            our [new] product/software/platform/line/company
            credit card processing
            quote on ~ equipment/supplies
            open invoice
        """,
        2: "equipment/samples/catalog/delivery/shipment/tracking/software",
    },
    "job_seeker": {
        7: """
            hiring/jobs/resume/resumes
            a/any/the/vet_tech/receptionist job
            job/vet_tech/receptionist/tech position/opening/application/applicant
            apply/applying/applied
            interview
            looking for work
            volunteer/internship/intern/shadow/externship
        """,
    },
    "wrong_number": {
        7: """
            wrong number
            trying to reach/call ~ pediatric*/dentist/pizza/salon/school/church
            trying for
            i must have ~ misdialed/dialed/the_wrong
            misdialed
            is this ~ dentist/dental/pizza/pharmacy/school/church/restaurant/salon/bank/pediatric*
            i was trying for
            dialed wrong
        """,
        3: """
            hi/hello/hey is this
            is this domino*/walmart/pizza/verizon/comcast
            sorry wrong
            my mistake
        """,
    },
    "spam": {
        7: """
            google listing/business/ranking/maps
            business listing
            extended/car warranty
            lower/reduce your ~ rates/bill/energy/electric
            press one/1/two/9/nine to/if
            seo/search_engine
            free trial/cruise/vacation/solar
            business loan/funding/line_of_credit
            solar
            this is not a sales
            pre approved
            final/last/important notice
            merchant services
            do not hang up
            been selected
            verify your business
            social security/irs/lottery/winner
            survey
        """,
    },
    "personal": {
        6: """
            is my mom/dad/wife/husband there
            is her/his mom/dad/wife/husband
            this is ~ mom/dad/wife/husband/daughter/son is
            is she/he there/working
            is ~ working today/right/now
            it is [your/her/his] mom/dad/wife/husband/sister/brother
            [can/could] i [speak/talk] to ~ [it_is] her/his husband/wife/mom/son/daughter
            tell her/him [to] call her/his/me
            her husband/mother/son/daughter/kid
            her lunch/keys/phone/kids
            calling for/to_talk_to ~ personal
            personal call/matter
        """,
    },
}
