"""What the front desk asks and tells about the pet, the price and the preparation."""

from typing import Final

SUBSTANCE: Final[dict[str, str]] = {
    "explores": """
        what is going on
        what is happening/been_happening
        tell me [a_little] [a_bit] [more] about/what
        what have you noticed/seen
        what are you seeing/noticing
        how is/has/are he/she/it/they/<pet> been/doing/eating/looking/acting/feeling/getting/today/this_morning
        how is ~ been/doing/eating/looking/acting/feeling/getting
        how has ~ been/doing
        how are ~ doing/feeling
        when did/was ~ start/begin/happen/last/first/notice
        when did
        when is the last time
        when was the last time
        how long has/have <pron>/this/that/it
        how many times/days
        is/are he/she/it/they ~ eating/drinking/vomiting/acting/breathing/walking/limping/stumbling
        is/are he/she/it/they ~ scratching/itching/coughing/sneezing/bleeding/able/still/in_pain
        any ~ vomiting/diarrhea/coughing/sneezing/drooling/bleeding/discharge/swelling/issues/other
        any changes/concerns/problems/trouble/changes/idea
        has/have he/she/it/they ~ been/had/eaten/gotten/thrown/vomited/ever/gone
        does/do he/she/it/they ~ have/seem/act/eat/feel
        what questions do you
        what happened
        what did he/she/it ~ eat/get
        can you describe
        anything [else] you have noticed
        anything you have_been noticing
        noticing at home
        is he/she [otherwise] healthy
        up to date
        what brings
        what is/has he/she/it/they been
        what is/has [been] going/happening
        has/have anything/something/that/any ~ changed/different/new
        anything new/different
        is it one/both/just/all/more/constant/the ~ or
        what are/were you hoping/looking/thinking/wanting
        what can you tell
        what else is/has/can
        any new/other food/treats/symptoms/signs/issues/problems
        when did/was/is ~ start/begin/happen/first
        how bad/long/often
    """,
    "asks_urgency": """
        breathing
        is/are/was he/she/it/they ~ eating/drinking/vomiting/bleeding/walking/alert/responsive
        still eating/drinking
        he/she/they/you eating
        eating any/okay/normal*/and
        eating or drinking
        eating and drinking
        any/is/has ~ vomiting/diarrhea/bleeding/blood/seizure*/swelling/drooling/throwing_up
        when did ~ start/happen/begin/eat/get/last/notice
        when did this/it
        when was the last
        when is the last
        how long ago
        how long has/have
        since when
        is it an emergency
        is this an emergency
        what color are ~ gums
        gums
        how much did ~ eat/get
        able to stand/walk/urinate/pee/breathe
        has he/she/it ~ been/had/thrown/eaten/vomited/peed/gone
        bleeding a_lot/right/heavily
        in [any/a_lot_of] pain
        how often
        is he/she ~ acting/straining/stumbling/lethargic/alert
        xylitol
        straining
        throwing up
        passing
        can/will/could he/she/it/they/you ~ stand/walk/move/breathe/pee/get_up/swallow
        acting like/normal
        any blood
        is there ~ blood/swelling/discharge
        how many times
        last time/meal he/she/it/they ~ peed/ate/drank/urinated/pooped/went
        is/are his/her/the gums
    """,
    "quotes_price": """
        <num> dollars
        <num> ninety five
        is/are/was/be/for/costs/cost/runs/run/about/around/at/another <num> <num> <num>
        is/are/runs/costs/be/around/about ~ hundred
        <num> hundred
        is/costs/runs/run/be/around/about <num> <num> for/plus/and/if/extra/with/that/on
        <num> <num> extra/each/plus/total/per/for_the/if/a_night/flat
        [anywhere] between <num> ~ and <num>
        starts/start/starting at <num>
        exam/visit/fee/spay/neuter/cone/work is <num>
        fee is
        <num> <num> with/to/before/plus tax/the
        [comes/come/came] to <num>
        range ~ from
        [about/around] <num> a night/day/month
        a thousand
        free of charge
        nails/nail_trim/exam/exams/shots/vaccines/vaccine/bath/call/fee/spay/neuter/cleaning/dental/x_rays/ultrasound/blood_work/test is/are/at <num> <num>
        <num> apiece/each/a_piece/a_pop
        office call/visit [is/at] <num>
        [comes/come/came] out to [about/around] <num>
        charge/charges [about/around] <num>
        looking at ~~ hundred
    """,
    "gives_value": """
        includes/include/included/including/covers/cover/covered
        comes/come with
        that [price] is with/for the/everything/an/a
        also gets/get
        so a/about ~ of_it/is_the
        what is in there
        so you know/can_see
        lets/let the doctor/us
        goes toward/towards
        that way
        so that the doctor
        with somebody monitoring
        monitoring/monitored/monitor
        doctor/doctor_*/doctors [will/would] look/looks/examine/examines/check/checks/goes/does
        at the/that visit
        for <pron> first visit
        stays/stay with <pron>
        full/complete/thorough exam/physical
        nose to tail
        head to tail
        with <pron> the whole/entire time
        which most/other/many/a_lot places/clinics
        we do/take/use/check/run ~ every/each
        someone/somebody/nurse/technician/tech ~ watching/monitoring/there_with
        the anesthesia/monitoring/fluids/cone/recheck
        pain medication/medicine
    """,
    "dodges_price": """
        varies/vary
        could be ~ could be
        all over
        hard to say
        can not [really] [give/quote/tell] ~ quote/price/you/over
        do not [really] give/quote prices ~
        depends
        without seeing
        could not tell you
        such a [wide/big] range
        not want to guess
        work/write/put [you] up/together an estimate
        every/each dog/cat/pet/case/animal is different
        [not] know until/till/without the/he/she/we
    """,
    "advises": """
        you can [go_ahead_and/just/try/also] double/use/rinse/wait/skip/cut/stop/increase
        you could [go_ahead_and/just/try/also] double/use/rinse/wait/skip/cut/stop
        you can/could [just/try/also] put some/a_little/on
        you can/could/might [go_ahead_and/just/try/also] give/giving him/her/it/them ~ a/some/half/one/two/like/about/<num>/<toxin>
        give him/her/it/them ~ <toxin>
        give him/her/it/them some/half/one/like/two/about
        double it/the/up/his/her
        half a/of tablet/pill/dose
        [probably/most_likely/likely/sounds_like/just] a sprain/cold/virus/bug/hotspot/allergy/allergies
        it is probably/most_likely/likely
        it is just ~ nothing/allergies/stress/normal/stomach/bug
        it is probably/most_likely/likely
        is probably/most_likely/likely just
        sounds like it_is/he/she/a/an/allergies/just
        should be fine/okay/all_right
        he/she/it would be fine/okay
        he/she/it will be fine/okay
        i would [just] wait/give_it/watch/monitor/hold_off/skip
        i would not worry/bother
        [just] wait [and/it/until/a/another] see/out/week/few
        give it a/another/few/some/until day/days/week/time/tomorrow/monday/or
        give it another
        can/could wait until/a/for
        keep an eye
        nothing to worry
        not an emergency
        perfectly/totally/completely normal
        that is normal
        pretty normal
        real/totally/perfectly safe
        benadryl/pepto/aspirin/ibuprofen/tylenol/imodium/hydrogen_peroxide/peroxide
        bland diet
        chicken and rice
        rice and chicken
        fast him/her
        make him/her ~ throw_up/vomit
        induce
        no need to ~ come/bring/see/worry
        do not need to ~ come/bring/see/worry
        mine/my_dog/my_cat/my_own did/had/does/has/used
        clear*/go/goes/pass/passes [up/away] on its own
        clear*/go/goes/heal/heals [up/away] by itself
        run/runs its course
        wait/ride it out
        give it ~ day/days/week/hours/night/weekend
        sounds/looks like ~ cough/virus/infection/allergies/allergy/bug/sprain/mites/worms/arthritis/gas/hot_spot/hotspot/fleas
        will/would/should/does not hurt/harm/kill him/her/it/them/a/anything
        just/can/could/would skip/double/withhold ~ pill/dose/dosage/medication/food
        double/half/twice the/his/her/that dose
        neosporin/hydrocortisone/dramamine/zyrtec/claritin/gatorade/pedialyte/pepto_bismol/antihistamine
        not worry/be_worried about it/that/him/her
    """,
    "refuses_advice": """
        can not [really/actually] give/say/diagnose/recommend/advise ~ advice/over/without/you
        can not tell you
        not able to give/tell/say/diagnose/read/recommend
        not allowed to give/tell/say/read/diagnose
        question for the doctor
        the doctor [will/would/can/has/needs/wants] [have/need/want] to
        only the doctor
        let me/i_will ask/check_with the/a/one doctor/nurse/tech/technician
        not a doctor/vet
        i am not a doctor/vet
        please do not give
        do not give ~ anything
        let the hospital
        can not ~ advise/diagnose/interpret/recommend/say_whether/say_if
        not medical/trained/qualified/licensed/a_nurse/a_tech/a_technician/the_doctor
        only/something ~ vet/doctor/veterinarian can answer/say/tell/decide
        just the/a/an receptionist/front_desk
        not allowed to ~ recommend/advise/tell/give
        let me/i_will get/have/ask/grab/find a/the/one/our ~ nurse/tech/technician/doctor ~ to/and/who
        tell you wrong/the_wrong
        not want to tell/say/give you
        need/have to ask/check_with/talk_to the/a/one/our doctor/nurse/vet/tech/technician
        up to the/her/him doctor/vet
        do not give/put/use/try
        do not let him/her/them
    """,
    "pages_doctor": """
        page/paging [the/a/our] doctor/doctor_*/on_call
        get/getting/grab/grabbing the/a/our doctor/nurse/technician [right/for] now/you
        doctor/nurse/technician ~ on the phone/line
    """,
    "preps": """
        nothing to eat
        no food/breakfast/food_or_water/water/treats
        skip/withhold/hold/pull/pick_up the/his/her/any/up breakfast/food/water
        skip ~ breakfast
        fast/fasting/fasted
        do not feed/stop_to_feed
        not feed
        eat ~ after/before
        after midnight
        bring [a/the/any/your/his/her/in/along/that/us/him/her/all] ~~ sample/records/package/label/list/stool/bag/carrier/leash/paperwork/food/bottle/proof/box/medication/towel
        stool/fecal/urine/fresh sample
        fresh from that
        come/arrive/be_here/get_here ~ early/minutes
        minutes early
        in a carrier
        on a leash
        keep ~ towel/pressure/wrapped/warm/cool/quiet/calm/in_the
        put him/her/it/them in a
        wrap him/her/it/them
        muzzle
        call us/me from the
        from the car/parking
        fill out/in
        new client form/forms/paperwork
        drop ~ off between/by/at
        pull around
        come in the
        come to the side/back
        can have anything
        write down
        jot down
        not let <pron> eat/have/drink
        not give <pron> ~ insulin/medication/food/breakfast/treats/water ~ that/the/in/after/before/morning
        no [more] insulin/medication/food/treats ~ morning/night/before/after
        records and/with
        get/be here ~ minutes/early
    """,
}
