"""How the front desk says no: full, away, closed, not seen, not offered, rules and busy."""

from typing import Final

BLOCKING: Final[dict[str, str]] = {
    "says_full": """
        fully/completely/totally/all/pretty/solid/we_are/are/is booked
        booked up/out/solid/full/until/through
        <doctor> ~ full
        full all/up/until/through/today/for/on/right/this/that/tomorrow
        schedule/day/calendar/diary/book/books is ~ full/packed
        packed
        do not do/see/take/have ~ on <weekday>
        <weekday> are just/only
        no openings/opening/availability/appointments/slots/spots/room
        not have any openings/availability/appointments/slots/spots/room/thing
        not have any ~ openings/appointments/slots/availability/left/today/until
        not have anything ~ today/until/open/available/left/sooner/before/this/on
        not have an opening/a_slot/a_spot/room
        do not have anything
        nothing ~ available/open/left/today/until/this/before/sooner
        there is nothing
        not see/seeing/showing anything/any ~ open/available
        have not got anything
        is not anything/any open/available
        not until ~ <day>/<month>/next/after
        <day> is/are gone/full/taken/booked/out/packed
        <day> ~ gone/full/taken/booked
        are [all/pretty/completely] full/booked/taken/gone
        is [all/pretty/completely] full/booked/taken/gone
        first/next/earliest/soonest ~ [available/opening/one] is ~ <day>/<month>/in/two/three/next
        first open one
        [next/first/earliest] i/we have [got] ~ is
        booking/scheduling/booked out
        weeks/days/months out
        out to/until/into/about ~ <month>/weeks/week/months
        can not get/fit/squeeze/see ~ in/today/this/until
        can not fit
        can not squeeze
        not able to get/fit/squeeze/see
        unable to get/fit/see
        overbooked/double_booked
        last appointment/one is/of ~ <time>
        our last appointment
        are not open ~ <day>/<daypart>/weekends
        not open [on] <day>
        closed [on] <weekday>/weekends
        just not going to be free
        not going to be free
        only one here
        in surgery all
        wish i had one/anything/something/room
        wish we had
        short a/one/on doctor/doctors/vet/staffed
        not have/see/seeing/got a/one/any single
        not see/seeing anything
        not have/seeing/see a thing
        completely/totally/all/just/fully/absolutely/really blocked/jammed/slammed/swamped/packed/filled/maxed
        jam_packed/jammed/maxed_out/wall_to_wall/chock_full/at_capacity/filled_up
        is/are/all/completely blocked off/out/today
        down a/one/two doctor/vet/doctors/vets
        not have any/enough [more] room/space/kennels/runs/place/time
        no [more/wiggle/extra] room/space/place/wiggle
        no place/spot/space/room to put
        every/all [the/of/our] ~ slot/slots/spot/spots/appointment/appointments/opening/openings ~ taken/gone/filled/full/booked
        slots/spots/appointments/openings/ones [are/were/have] [all/already] taken/gone/filled/went/go
        booking/scheduling/booked [all_the_way] into/in/for/toward <month>/next/two/three/the
        be/take/about/least ~ weeks/months/week before/until/out/away
        not able to take/get/do/fit/see/squeeze any/another/anybody/anyone
        not take/taking/fit/add/see any_more/another/any_others/anybody_else/anyone_else
        today is/was not going_to/happening
        not going to happen
        weeks/months wait
        nothing [at_all] [for/in] ~ weeks/week/days
    """,
    "long_unseen": """
        have not seen/laid ~ since/in/for
        not been in/seen ~ since/in/for
        [been] a while since
        it has been ~ years/year/while
        last saw ~ years
        overdue
        since we/he/she/you saw/have/was/were/came
        last visit ~ years/was/as/in
        [been] in since
        years since
        not been in ~ years/year/while
    """,
    "doctor_away": """
        doctor ~ is/are off/out/away/gone/on_leave/on_vacation/on_maternity/not_in/booked
        doctor ~ is not in/here/available/working/back/seeing
        doctor ~ [only] works/sees/here/in ~ <weekday>
        doctor ~ started ~ leave
        doctor ~ no_longer_here/retired
        [he/she] is on vacation/leave/maternity
        he/she/doctor ~ is out ~ until/this/all
        he/she is ~ off until/today/this/on
        not back until
        due back
        will not be back/in
        no longer with us
        is only here ~ <weekday>
        only doctor/one ~ does/sees/who
        off until
        out until
        doctor ~ next ~ is
        retired
        on maternity
        on leave
        doctor * out/off/gone/away on/until/all/this/today/for/sick
        [out/away/off] on vacation/leave/holiday/sabbatical/medical_leave
        only does/sees/works/comes/takes/do/see/work ~~ <weekday>/mornings/once/one
        is not with us/the_practice/the_clinic
        not with us any*/now
        left the/our practice/clinic/us
        moved on
        comes [in/here] ~ once/twice a month/week
        went/gone/going home sick/early
        called in/out sick
        out/off sick
        is sick today
        in surgery/procedures/surgeries all/until/today/the/this
        not have a/any/our surgeon/doctor/vet/dentist/groomer/technician/cardiologist ~ on/here/in/today/until/this/<weekday>
        not have anybody/anyone ~ to/who/that see/can/does/do/today
        does/will not come/work/be [in/here] ~ <weekday>/again/until
        is not in/here/on/back this/today/until/<weekday>/again/tomorrow
        groomer/dentist/surgeon/cardiologist/specialist ~ off/out/away/gone/only/just
    """,
    "no_new_clients": """
        not accepting/taking/seeing ~ new/any_new
        not able_to/going_to add/take_on ~ new
        can not add/take_on ~ new
        capped for/at/on
        not [currently/really] accepting/taking/seeing any/new
        not able to accept/take/see ~ new
        can not accept/take/see ~ new
        closed to ~ new
        [had_to] close/closed/stopped/paused/pausing/stop ~ new clients/patients/people
        no new clients/patients
        stopped taking/accepting/seeing
        only [see/seeing/taking/accepting] ~ existing/current/established
        existing/current/established clients/patients only
        full for new
        new clients/patients ~ not/right_now
        new clients/patients until ~
        paused/pausing/capped/limit on/for new
        list for new
        new clients/patients ~ waiting/list
        not/no new clients/patients/families
        freeze on new
    """,
    "no_species": """
        do not [actually/really] see/treat/take/do/work/handle ~ <exotic>
        can not [actually/really] see/treat/take/do/work/handle ~ <exotic>
        not [actually/really] see/treat/handle <exotic>
        [only/strictly/just] [see/do/treat] dogs and cats
        [only/strictly/just] [see/do/treat] cats and dogs
        cats_only/dogs_only/feline_only
        dogs and cats only
        cats and dogs only
        only see/do/treat cats/dogs
        not an/a exotic*/avian/bird/large_animal
        no exotic*
        no one/doctor/doctors/vets/vet/body ~ sees/does/treats/trained/comfortable ~~ <exotic>
        not comfortable ~ <exotic>
        none of our/the doctors ~ see/do/treat
        do not have an/a/anyone/anybody ~ exotic*/avian/<exotic>
        nobody/none/no_one ~~ sees/does/treats/handles/see/do/treat/handle ~ <exotic>
        nobody/none/no_one [here/of_us] ~ sees/does/treats/handles <exotic>
        <exotic> but/and nobody/none/no_one ~ here/does/sees
        small/companion animal/animals only
        only/just/strictly small/companion animals/animal
        not set_up/equipped/licensed/trained/qualified for/to ~ <exotic>
    """,
    "no_service": """
        we do not do/offer/provide/perform/carry ~ <service>
        we do not do/offer/provide/perform that/those
        do not offer
        [we] do not do ~ here/anymore/any_more
        not [something/a_thing/a_service] we do/offer/provide
        not something we
        no longer do/offer/provide/have/carry
        stopped doing/offering/boarding/grooming
        do not have a/an/any groomer/groomers/boarding/kennel/kennels/surgeon/dermatologist/dentist/ultrasound
        do not board/groom
        not do ~ boarding/grooming/emergencies/emergency/surgeries/house_calls/home_visits
        not set_up/equipped for/to
        do not have the equipment
        only do ~ medical/for_existing
        medical only
        not have grooming/boarding/daycare/kennels/kennel/ultrasound/overnight/emergency/delivery/a_pharmacy/that
        quit doing/offering/boarding/grooming/selling/carrying
        stopped doing/offering/boarding/grooming/selling/carrying
        not ~ accredited/certified/licensed for/to
        are not accredited/certified
        just/only/strictly medical
        not do that/those kind/type/sort/here/surgery/one
        not do walk_in/walk_ins/house/home/in_home/mobile/cosmetic/orthopedic
    """,
    "policy": """
        our/the/clinic/hospital/company/is policy is/not/that/to/for
        our/clinic/hospital/company policy
        it_is/that_is/just policy
        a/the/our rule
        it is the law
        by law
        required/require/requires
        have/has to have/be/see/do ~ deposit/exam/records/proof/vaccin*/rabies/current/card/visit
        need/needs [to] [have/see/get] ~ deposit/exam/records/proof/vaccin*/rabies/shots/card_on
        must have/be ~ deposit/exam/records/proof/vaccin*/rabies/current
        without an/a/the/that/seeing ~ exam/deposit/records/proof/card/visit/appointment
        until he/she/they/we/you ~ seen/exam/examined/records/paid/proof/deposit
        unless he/she/they/we/you ~ seen/exam/examined/records/paid/proof/deposit/has/have
        can not ~ without
        will not let me
        not ~ without the/a/an/that
        non refundable
        [nonrefundable] deposit
        deposit to book/hold/schedule/reserve
        [within/in] the last/past year
        once a year by law
        has/have to be seen/examined
        has/have to be [at_least] seven/ten/fourteen/%d days
        not allowed to
        can not make/do an/any exception*
        not make exceptions
        exception*
        [has/have/had] not been seen in/since/for
        overdue for ~ exam
        paid in_full/before/up_front/upfront
        up_front/upfront
        without [any/his/her/the/your/current/a/proof] ~ records/rabies/exam/certificate/proof/consent/permission/vaccines
        has/have/needs to see/examine/look_at ~ first/before/pet
        need/needs/require/requires/want ~ negative/current/valid/recent ~ fecal/test/exam/rabies/certificate/proof
        got/have/has/need/needs to be ~ up_to_date/current/vaccinated/examined/seen_first/on_the_account
        up to date on/with ~ vaccines/shots/vaccinations to/before
        balance/bill ~ has/have/needs to/must
        taken care of before
        the one/person/owner/name on the account
        before we/i/she/he/they/doctor can/will book/schedule/refill/fill/prescribe/do/board/see/give/release
        legally
        prepay/prepayment/pay_in_advance
        we can not schedule/book/refill/fill/see/board/release ~~ without/until/unless
    """,
    "busy": """
        call [us/me] back in/later/after/around/tomorrow/at/like/this/when
        try [us/me] back
        try [us/me] again
        try us ~ like/around/at/later/in <time>/an
        try [calling] [us] [back] later/again/after/in_an_hour/in_a
        call [us/me] [back] later/again/tomorrow/after
        give us a call back/later/tomorrow/after
        can you call back
        give us a ring/call/buzz/shout back/in/later/after/around
        have/need to call [us] back/again/later
        could/can/would/will you call/try [us] ~ back/again/later/tomorrow
    """,
    "excuses": """
        slammed/swamped
        [really/super/so/crazy/very/too] busy
        short staffed
        short_handed/shorthanded
        understaffed
        people standing/waiting/here
        lobby/line ~ full
        full lobby
        both/all/other lines/line/phones ringing/going/lit
        phones/phone ringing/going/crazy
        crazy/nuts/chaos/chaotic here/today/right_now
        only one here/up_front
        by myself
        can not do/talk anything/right_now
        middle of
        super/way/so/really behind
        in the back [right] now
        will not get_to
        computer/computers/system/systems/internet [is/are/went] down
        phones/phone [are/is] ~ blowing/ringing/nuts
        [really/super] short today/staffed/handed/right_now
        can not talk
    """,
}
