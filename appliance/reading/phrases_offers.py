"""What the front desk offers: visits, slots, waiting lists, calls back, other places."""

from typing import Final

OFFERING: Final[dict[str, str]] = {
    "offers_visit": """
        would you like/want to schedule/book/make/set/come/bring/get/have_him/have_her/go_ahead
        would you like me to schedule/book/set/put_him/put_her/get
        would you like an appointment
        do you want to/me_to schedule/book/make/set/come/bring/get/grab/put_you_down
        do you want [to] [make] an/that appointment/one/slot/spot
        you want to make one
        want to make one
        want me to book/schedule/put/get/grab/set
        want to book/schedule/come/bring/move/get
        when would you like/want to come/bring
        when would you like
        what day/time/days/times works/work/were/are/would/is/do
        which day/time works/work
        does that work/sound
        would that work
        will that work
        would ~ work for_you
        does ~ work for
        are mornings or
        mornings or afternoons
        morning or afternoon
        we can/could get/see/fit/squeeze/work you/him/her/them
        i can/could get/see/fit/squeeze/work/put/schedule/book you/him/her/them ~ in/for/on/down
        i can get you
        i can/could hold a/that/one
        we can/could see
        can bring him/her/it/them/<pet> in
        let us get you/him/her/them/<pet> in/scheduled/booked
        let us get ~ in
        let us get ~ scheduled/booked
        get you/him/her/them scheduled/booked/set_up/on_the
        i would like/love to get ~ in
        we should/need_to see/take_a_look
        come [right/straight/on] in/over/here/down
        want him/her/them/you here
        bring him/her/them/it/<pet> [right/straight/on] in/over/down/by
        schedule/book/set_up an/a/your/his/her <visit>
        would today/tomorrow
        want to move
        drop him/her/them off
        drop off
        get ~ in/seen on/at/today/tomorrow/this/for/with
        happy to get you/schedule/see/set_up/book
        get that/it/this scheduled/booked
        would want to sit/come/bring
        would you want to sit/come/bring
        should/shall/can/could/may i [go_ahead_and] find/get/make/book/grab/pick/schedule you/him/her/an/a/that/something
        should/shall/can/could/may we [go_ahead_and] find/get/make/book/schedule you/him/her/an/that/something
        should/shall/can/could/may i/we set/put that/this/something/you/him/her up/in/down/on
        on the books/schedule/calendar
        are/is/would ~ mornings/afternoons/weekdays/weekends/morning/afternoon ~ better/best/easier/good
        mornings/afternoons/evenings better or
        certain/particular/specific/preferred doctor/day/time/doctor_or
        day/time/days/doctor you are/were ~ hoping/looking/wanting/thinking
        lay/laid/lays/put eyes/hands on
        me_to/i_can/i_could/i_will/we_can hold/save/reserve a/that/the/one/you spot/slot/time/place/one
        when could/can/would/are you/he/she/we ~ come/be/get/make/bring/able/free/available
        [we/she/he/doctor] need/needs/want/like/love to see/examine/check <pron>
        need to see/examine him/her/it/them
        pencil/slot/stick/slip you/him/her/them/that ~ in
        let me see/find/check ~ what ~ i/we have/can
        let me find/get you a/an/something/on_the
        ought/should/needs to be seen
        should be seen
        have a/the doctor/vet/doctor_* look/see/check/take_a_look
        take a look at that/it/him/her
    """,
    "offers_slot": """
        i/we have [got] ~~ <day>
        i/we have [got] ~~ at <time>
        i/we have [got] [a/an/the] <time> <clock>
        i/we have [got] ~ <time> or
        i/we have [got] a/an/one <time> <clock>
        i/we have [got] the <ordinal>
        have [got] <day>
        he/she/they has/have [got] ~ <day>/<time>
        he/she/doctor ~ has [got] ~ <day>
        has [got] <day> at
        i/we can/could do ~ <day>
        i/we can/could do ~ at <time>
        i/we can/could do ~ <time> <clock>
        can/could see/get/squeeze/fit ~~ <day>
        can/could see/get/squeeze/fit ~~ at <time>
        can be ready ~~ at
        is <day> ~ at <time>
        how about/is ~ <day>
        how about/is ~ <time>
        what about ~ <day>
        would/does/will ~ <day> work/be_okay/be_good
        would/does/will ~ <time> ~ work/be_okay/be_good
        would ~ <day> ~ work
        would <day>
        <day> at <time>
        <day> <daypart> at <time>
        <weekday> the <ordinal>
        <day> or <day>
        <day> ~ or <day>
        <time> <clock> or <time> <clock>
        <time> or <time> <clock>
        an opening/a_spot/an_appointment/a_slot/a_cancellation/a_cancelation ~ <day>/at/tomorrow
        opening/spot/slot/cancellation at <time>
        next/first/earliest/soonest available/opening/appointment is
        the next/first/earliest/soonest ~ is ~ <day>
        next/first/earliest/soonest ~ <day>
        [next/first/earliest] one is ~ <day>
        dropoffs/drop_offs/drop_off ~ <day>/at
        showing ~~ <day>
        looking at ~~ <day>
        there is ~ <day> at
        available/open ~ <day> at
        we could make ~ <day>
        come in ~ <day>
        come in at <time>
        in on the <ordinal>
        the <ordinal> or the <ordinal>
        the <ordinal> or <day>
        there is [still] [a/an/one] <time> <clock>
        can be here ~ by/at/before <time>
        spot/slot/opening/place/one left ~ <day>/at
        come by/in today/tomorrow/<weekday>/this_afternoon/this_morning
        as a walk in
        the <ordinal> in the <daypart>
        can/could/would you do/make/manage/be_here ~ <day>
        can/could/would you do/make/manage/be_here ~ <time> oclock/<clock>
        <time> <clock>/oclock tomorrow/today/tonight/<weekday>/this_morning/this_afternoon
        either ~ <day>/<time> ~~ or
        can/could stick/slip/slide/tuck/sneak/pencil you/him/her/them ~~ <day>/at
        can/could work you/him/her/them ~~ <day>/at
        a no show so
        offer/give you ~~ <day>
        this coming/following <weekday>
        had/have [just] [had] a/one cancellation/cancelation ~~ <time>
    """,
    "moves": """
        took/take him/her/them/you/that off
        moved you/him/her/that/it
        move/reschedule/change/switch/push it/that/him/her/you/the/your
        want/like/need to move/reschedule/change
    """,
    "confirms": """
        you are all set/booked/scheduled
        you are set for
        all set for
        i have [got] you/him/her/them/that ~~ down/scheduled/booked
        i have [got] you/him/her/them [down] for/on/at/in
        i have [got] you/him/her/them ~ <day>
        got you/him/her/them [down/booked/scheduled/in] for/on/at
        got you/him/her/them down
        got you booked/scheduled/in
        put/putting you/him/her/them/that down for/on/at
        put/putting you/him/her/them in/on for/at/the_schedule/<day>
        you are/he_is/she_is booked/scheduled/down/in for
        you are/he_is/she_is booked/scheduled/confirmed
        booked/scheduled you/him/her/them/that for
        that is booked/scheduled/confirmed
        will see you/him/her/them/you_guys/you_both/you_all [and] ~ <day>
        will see you/him/her/them/you_guys/you_both/you_all ~ at <time>
        see you then/soon/there/shortly/in_a
        see you and ~
        see ~ then
        we will see ~~ <day>
        appointment is confirmed/booked/all_set
        so that is ~~ <day> ~~ at/<time>
        so that is ~~ <time> <clock>
        okay/perfect/great/so <day> ~ at <time>
        okay/perfect/great/so <day> ~~ <time> <clock>
        <time> <clock> ~ then for
        we will be ready/waiting/expecting
        will meet you
        took him/her/them/you/that off ~ of
        moved you/him/her/that/it to
        switched you/him/her/that/it to
        it is scheduled/booked
        will be with doctor
        have [got] * down/scheduled/booked for/on/at
        got * down/in/scheduled/booked for/on/at
        you_are/he_is/she_is/it_is/that_is/they_are [all/now] scheduled/booked/on_the_books/on_the_book/on_the_schedule
        see you/him/her/them/you_two/you_both/you_all [on/at/in] <day>/the_morning
        see you/him/her/them/you_two/you_both/you_all on the <ordinal>
        cancelled/canceled that/it/him/her/you/his/the/your/them
        on the book/books/schedule/calendar for
        got it that is ~ <day>/<time>
        he_is/she_is/you_are/they_are in for the/<day>
        rescheduled/changed/moved/switched you/him/her/that/it/your/his/the ~ to/for
        alrighty/okay/great/perfect/done you_are/he_is/she_is all set
        so/okay/perfect/great ~ the <ordinal> at <time>
    """,
    "tells_come_now": """
        come [right/straight/on] in/over/here/down [right] now/away
        come right/straight in/over/here/down
        come straight
        come on in/over/down
        bring ~ right/straight in/over/down/here/now/away
        bring ~ in [right] now/immediately
        bring him/her/them/it in now
        want him/her/them/you here [right] now
        want to see ~ right now/immediately
        right now not later
        needs/need to be seen [right] now/immediately/today
        get him/her/them/it here/in_here/in_the_car
        head [right/straight/on] over/in/here/down
        get ~ over/in here right/as
        is an/a [real/true] emergency
        needs/need to be at an
        be at an emergency
        go straight/right/now/directly to
        go to the emergency
        right away
        meet you at the/our door/front
        i would get going
        go ahead and go
        go now
        get in the car
        do not wait
        here/in/over/down/come/bring ~ as fast/soon/quick/quickly as
        come [in/on/over/down] now/straight/immediately
        this minute/second/instant
        tell/let ~~ on the/your way
        we will be ready/waiting for
        do not hang/drive/stop ~ around
        how far [away/out] are you
        how fast/soon/quickly can you ~ get/be here/in
    """,
    "offers_waitlist": """
        wait list
        waiting list
        cancellation list
        cancel list
        call list
        short notice list
        if someone/somebody/anyone/anybody/something/anything/we cancel*/drops/opens/falls/comes/get
        if there is a/any cancellation*
        if we get/have a/any cancellation*
        call if ~ cancel*/opens
        cancellation*
        keep you in_mind/posted
        first one i call
        on the/our/a/my ~ list
        on standby/the_call
        put/add/stick/get you/him/her/them/your/your_name/his/her_name ~ list
        no show/shows
    """,
    "names_others": """
        other hospitals/clinics/places/vets
        another hospital/clinic/place/vet
        pet sitter
        open to ~ new
        list of ~ vets/clinics/hospitals/groomers/kennels
        their website
        nonprofit/non_profit/low_cost
        humane society
        some/a_lot_of/other/most folks/people/clients use/go/like/try
        couple/few/some [of] other places/clinics/vets
        check with/around
        list of
    """,
    "promises_callback": """
        [i/we/she/he/they/someone/somebody/doctor_*/manager] will [have] ~ call/ring/phone you/back
        [i/we/she/he/they/someone/somebody] will ~ give you a call/ring
        have/get ~ call/ring/phone you
        have/get ~ give you a call/ring/callback
        have/get ~ get_back to you
        is/are going to call/ring/phone you/back
        going to call you/him/her
        will be calling you
        will get_back to you
        will reach out
        will be in touch
        can/could call you back
        call you [right] back
        give you a call back/when/by/this/as/once/tomorrow/later
        call_back/callback by/between/before/this/from
        [she/he/they] can call you
        call you herself/himself/myself
        you will/should hear/get back/from/a_call
        calling you back
        expect/look_for a call/ring
        touch base with you
        [will] text/email/message you [myself/back] when/once/as/back/later/by/before
        returns/return [his/her/their] calls/messages
        check/checking/follow/following back/up with you
        will be in contact/touch
        will/should hear back/from
    """,
    "takes_message": """
        take a message
        leave ~ a/your message/note
        pass [that/it/this/the_message/your] ~ along/on
        pass along
        leave it on
        i will let him/her/them/the_doctor/doctor/the_manager know
        let ~ know you called
        give him/her/them/the_doctor the/your message
        put/send/sending/leave/leaving/write/writing/make ~ note/message to/for/on/in/so
        send/sending/put/putting ~ request ~ to/in/for/back
        request ~ to/for the doctor
        send/put/get ~ to/in_front_of/on_the the/doctor desk/doctor/*
        make/making a note
        i will get/give this/that/it to
        will get the message
        tell her/him/them you called
        write/writing/jot/jotting/type/typing it/this/that/everything ~ down
        on/in his/her/their/the/doctor_* desk/box/inbox/chart
        gets/get/has/sees the/your message/note
        like/want me/us to tell/let/say/pass
        what/anything should/can/could i tell
        send/sending/leave/leaving/give/giving him/her/them/doctor/the_doctor ~ message/note
    """,
    "transfers": """
        transferring/connecting
        transfer/transferring/connect/connecting you
        put you through
        patch/patching you
        send/sending you [over/back] to ~ extension/voice_mail/department
        let me get/grab/see_if ~ for_you/on_the_phone/on_the_line
        get you over to
        send/sending/put/putting/pass/passing you [right/back] over/through/back/up/along to
        get/getting you [over/back] to somebody/someone/the/our/one_of
        see if i can grab/get/find/catch ~ manager/doctor/nurse/technician/tech/her/him/someone/somebody
    """,
    "sends_elsewhere": """
        recommend/suggest/suggesting/recommending ~ <emergency>
        go/take/head/get/send/sending/bring/over/down ~ to ~~ <emergency>
        go over to
        says/said go ~ <emergency>
        send/sending/refer/referring you/him/her/them/it/people/folks [right/straight/on/out] to/over ~ hospital/clinic/vet/place/somebody/someone/<emergency>
        emergency hospital/clinic/vet/place
        place we send/refer
        refer/referring you/him/her/out
        have <pron> go to
        refer/referral ~ out/to
        call/try/contact ~ <emergency>
        try [calling] <elsewhere>/the/some_of
        you can/could/might/may [want_to/always] try/call/go/check ~~ hospital/clinic/vet/center/place
        [would/you] need/have to go/find/see/call/take ~ <elsewhere>/<emergency>/somewhere
        go over to
        closest/nearest ~ one/open/hospital/clinic/<emergency>
        <emergency> ~ is/are open
        they are open/right
        minutes from/away
        they take/see walk/<exotic>/emergencies/exotics
        they do/see/have/take ~ farm/exotics/birds/<exotic>/emergencies/walk_ins
        here is their/the number
        i have [got] their/the_number
        i can/could give you the/their/a number/name/list
        their/the number/phone/address is
        give you the number/name
        poison control/hotline/helpline
        pet poison
        animal poison
        over to ~ <emergency>
        <exotic>/avian/exotics/specialty vet/hospital/clinic/specialist/place [over/down/out] in/on/at/across/near/by
        let me get/give/find you that/the/their/a number/name/address
        call/check/look/phone around ~ and/to/see
        might/should/could call/check/look around
        would/can/could/might be able to see/take/help him/her/you/it/them ~ tonight/today/now
        best bet/option/shot
        wants/want/like/have <pron> over/go/to_go/taken to/over
        call ahead
        tell/let them [know] you_are/he_is/she_is/you_will coming/on/be
        nearest/closest ~ is the/over/in/about
        may/might/can/could google/look online/it/up
        take/get/bring/run him/her/it/them [over/right/straight/on] to the/an/a/our/your <emergency>
        their [phone] number/address/website is
    """,
}
