"""What callers ask for, take, decline and put off."""

from typing import Final

WISHES: Final[dict[str, str]] = {
    "asks_to_book": """
        make/schedule/book/set_up/get/need/have/want/like ~ appointment*/visit/check_up/exam
        like/need/want/wanted/love/trying/looking/hoping/calling/called to [go_ahead_and] schedule/book/make/bring/get/set/come/see
        can/could i/we [please] bring/get/make/come/schedule/book/drop
        getting my/our/the/<pet> ~ in/seen/scheduled/looked_at
        get ~ in for
        check/look <pron> over
        could/can ~ <doctor>/doctors/somebody/someone ~ look
        look at <pron>
        get him/her/them/it/<pet> in/seen/looked_at/checked/scheduled/booked/done/fixed/spayed/neutered/groomed
        get [my/our/the] <pet> in/seen/looked_at/checked
        do you [guys/all] have any/anything/an/something/time/room/openings/availability
        any/an/have openings/availability/opening
        what do you have
        when you have it
        what [else] [have_you/you] got
        need/want/like to see doctor/a_doctor/the_doctor/someone/somebody/a_vet/the_vet
        i want/need/would_like to fix/make/do
        need/want a place
        can someone/somebody/you/he/she/they see/look/squeeze/fit/take/get
        can you [guys] [please] squeeze/fit/see/get
        any way ~ in/seen/today
        any chance ~ in/seen/today
        due/overdue for
        is/are due
        bring him/her/them/it/<pet> in
        bring my/our/the <pet>
        when can i/we/he/she bring/come/get
        what time/day can/could
        next/first available
        when/how_soon/how_quickly/what_day could/can/would ~ see/get/come/look/take/have
        how soon
        work/fit/squeeze/get/see us/me/him/her/them/<pet> in
        need/needs/want/wants/has to be seen
        is/are there/any ~ slot/spot/opening/openings/appointment/room/space/time
        come in/by today/tomorrow/this
        can/could/may i/we [please] [just] bring/get/make/come/schedule/book/see
    """,
    "wonders": """
        somebody/someone/a_vet should/ought/needs ~ look/check/see
        have someone/somebody ~ look/check
        where do people ~ go
        is that a you
        come in thing
        should i ~ bring/come
        if i/we need/should ~ bring/come
        do i/we need to [bring/come]
        does he/she need ~ seen/come
        think <pron> ~ needs/need/should/ought ~ seen/come/see/vet
        should i/we ~ bring/bringing/come/worry/worried/concerned
        if that/it/this is/was ~ emergency/normal/bad/serious/urgent
        need/have to worry/be_worried/be_concerned/be_seen
        would you bring/worry/come
        worth a/the/bringing/coming visit/trip/it/in/him/her
        is/was that/this/it normal/serious/an_emergency/dangerous/bad/urgent
        know if/whether <pron>/that/this ~ needs/should/emergency/come/seen
    """,
    "asks_price": """
        how much
        what do/would/does [you/it/that/a/the/this] [guys/all] charge/cost/run
        what do you [guys/all] charge
        what does/would/will ~~ cost/run
        what would ~~ be/cost/run
        what is/are the/your/that price/prices/cost/fee/fees/charge/rate/rates/pricing
        the/a/your price/prices/pricing/cost/costs/quote/rates/rate/fee/fees
        price check/shopping/list/range/for/on
        calling around
        [is/was] it/that [going_to_be] expensive
        expensive
        ballpark
        [get] a/an quote/estimate/ballpark
        what am i looking
        on the hook for
        cheaper/cheapest
        does that include/come/cover
        is that including/with/everything
        arm and a leg
        afford
        [going_to] run/cost/set me/us
        a/any/extra charge/fee/cost for/to
        what is/are ~ fee/fees/cost/costs/price/prices/charge
        price/cost wise
        looking at
    """,
    "accepts": """
        that works/is_fine/is_good/is_great/is_perfect/would_be_great/would_be_good/would_work/sounds_good
        that will work/be/do
        works for me/us
        works great/fine/perfect
        sounds good/great/perfect/fine
        perfect
        let us do
        let us go with
        i will/we_will/i_would take/do/like that/it/the/<day>/him/her/one
        i will take
        we will take
        i can do that/<day>/<time>/it
        i can make that/it
        i can be there
        we can do/make
        <day> is good/fine/great/perfect/better/best
        <day> <daypart> is good/fine/great/perfect
        <time> is good/fine/great/perfect
        <day> works/please/then/is_good/it_is/sounds
        <time> <clock> works/please/then/is_good/is_fine
        <time> good/please/is_good/works/is_fine
        <time> oclock good/please/is_good/works/then
        the <ordinal> please/works/is
        put me/us/him/her down
        book it/that/me/us
        go ahead
        let us book/schedule
        i go now
        we are/i_am on_our/on_my/leaving/going/coming/heading way/now
        on our/my way
        be right there/over
        we will be there
        i will be there
        i will bring
        great
        wonderful
        <time> <clock> then
        i/we can swing/manage that/it
        i/we/i_will/we_will [can] make it work
        i/we will make/take it/that
        so/for the <time>
        add/put/get/sign me/us/him/her/my ~ on/to/down list/down/for
        <daypart>/<day> is/would_be better
        that will do/work
        please do
        i will see you
        sure/yes/please add/put me/us/him/her
    """,
    "leaves_now": """
        i/we go/going now
        we_are/i_am going/leaving/coming/heading
        on our/my way
        be right there/over
        right there
        getting [the/my/his/her] keys/car/in
        we/i will go
        be there in
        leave/leaving/head [out/over] now
        [walking/heading/running/driving] out the door
        walking/running/rushing out
        put/putting/loading/getting him/her/them/it in/into the car/carrier
        [got/have/has] the car
        i am coming
        [leaving/coming] right now
    """,
    "says_yes": "yes\nsure\nokay\nplease\nabsolutely\ndefinitely\nfine\nall right\nof course\nyou bet",
    "declines": """
        no thank_you
        no that is okay/all_right/fine/too
        that is too long/late/far/much/expensive
        too long/late/far
        can not wait that/until/a/two
        that [will_not/does_not/is_not_going_to] work
        does/will/would not work
        does not help
        not going to work
        never_mind/nevermind
        forget it
        i will pass
        not [going_to] pay/paying/spend/spending/do/doing that/that_much/it
        i am/we_are not paying/doing/going_to/starting/signing
        i do not want/need [to] that/it/hold/book
        i can not do/make that/it/<day>/<daypart>
        do not bother/hold/want/need
        working that/then/<day>
        we will/i_will let it
        no no
        not interested
        thank_you anyway/though
        not driving/coming/going/waiting/doing/paying/taking/signing
        pass on that/it/this
        i do not think so
        rather not/wait
        [will/going_to] hold off
        no thank
        that is okay/all_right never_mind/thank_you/i_will
        do/does not want to do
        can not do mornings/afternoons/that/days
        can not wait/do_that/be_there/get_off
    """,
    "goes_elsewhere": """
        [i/we] will/can/could/should/might/am_going_to [just/have_to] [try/call/go/look/find/check/take] ~~ <elsewhere>
        will ~ look/shop/call/check around
        will try ~ them/there/place/clinic/other
        try/call/find/go/look/take_him/take_her [to/for/with] <elsewhere>
        look/looking/shop/shopping/call/calling around
        find someone/somebody/another/a_different
        someone/somebody/somewhere else
        i will [just] try/call them/him/her/the
        walk in place/clinic
        go to ~ petco/petsmart/banfield/vetco/humane_society/feed_store/low_cost
        low cost
        going to call [the/a/another/my] humane/shelter/clinic/other/spca/next
        humane_society/spca
        see if ~ vans/van/place/clinic/someone/somebody/else
        figure something out
        mobile vet
        keep looking/calling
        so/and i_will/we_will go/head there
        take/taking/bring him/her/it/them ~ to banfield/petco/petsmart/vca/the/another/a_different <emergency>
        take/taking him/her/it/them ~ to banfield/petco/petsmart/vca/<emergency>/<elsewhere>
        other/another clinic/place/vet/hospital said/can/has/could/will
        go there instead
        <emergency> then/instead
    """,
    "will_call_back": """
        i/we will/can/could/may/might/should [just/probably/have_to/try_and] call/ring/phone you/you_all/you_guys/back/when/in/after/if/again/tomorrow/later
        i/we will ~ call [you] back/when/in/after/if/again/tomorrow/later
        i/we will ~ give you [all/guys] a call
        i/we will ~ get_back to you
        i/we will ~ let you know
        call you back
        call back when/if/once/after
        call when/if/once/after i/we/my/he/she
        call back
        let me [just/go_ahead_and] talk/check/ask/figure/discuss/sleep/run_it/call_around
        let me [just/go_ahead_and] think about/on/it
        let me [just/go_ahead_and] see/look what/if/at/around
        need/have/want/got/going to think/talk/check/ask/figure/discuss
        have to/i_need_to think
        think about it
        talk to/with my/the/<family>
        talk it over
        check/ask/discuss/talk/see ~ my <family>
        check my/the/his/her schedule/calendar/work
        call my <family>
        i will/we_will think/decide
        when we decide
        not sure yet
        i will try ~ back/again/later
        i do not know i
        look/check at ~ schedule/calendar/work/budget
        [think/sleep] on it
        give you/you_all/you_guys a ~ holler/ring/buzz/call/shout
        wait and see
        call [you/back] ~ in the morning
        think on/about/over it/that
        let/i_will_let you/you_all know
        check with
        get back to/with you/you_all
    """,
    "objects_price": """
        expensive/pricey/steep
        too much
        a lot of money
        that is a_lot/crazy/insane/ridiculous/high/steep/more
        can not afford/pay/swing/spend/do_that_much
        not afford
        not paying
        not pay <num>
        more than i/we/the/what
        out of my/our budget/price
        budget
        fixed income
        on a budget
        do not have [that/the/so_much/that_kind/much/<num>] money
        do not have that
        are you kidding
        is this/that a typo
        highway robbery
        rip off
        for teeth
        had in my head
        on disability/social_security/unemployment
        no more credit_cards/credit
        can not do <num>
        <num> just/only for/to
        cheaper
        charge/charges/charged half/less/way
        half that/the_price/of_that/as_much
        expecting it/that/to ~ much
        [do] not have it/that until/right_now/kind
        until/til payday/i_get_paid/the_first
        out of reach
        other place/places/clinic/one ~ half/less/cheaper
        that much
        can not swing/afford/do_that
        kind of money
    """,
    "asks_alternative": """
        is there anything/any/anyone/a/another/not
        anything sooner/earlier/else/before/after
        what about ~ <day>/<daypart>/after/before/weekend*
        how about ~ <day>/<daypart>/after/before/weekend*
        nothing sooner/earlier/before/after/else/at_all
        anyone/anybody/someone else
        another doctor
        even for
        can i/you not
        so there is nothing
        wait list
        waiting list
        do you know anyone/anybody/somebody/someone/where
        who does/can/sees
        who should i call
        nobody/anybody/anyone/no_one ~ see/fit/take/before/sooner
        can/could i/we [just] ~ drop/wait/sit
        who would/should/do/else you/i suggest/recommend/call/try
        not even
        is there a/any list/other/way
        [on] the list
    """,
    "asks_callback": """
        can/could/will/would you/someone/somebody/she/he/they/doctor_*/the_doctor [please] call/ring me/us
        have/get him/her/them/someone/somebody/the_doctor call
        she/he/they will call me
        when is/will ~ call
        call me back
        give me a call/ring
        like/want/need/love [for] [the/a] doctor/someone/somebody/her/him/them/nurse/tech/manager ~ to call
        have/ask/get ~ call/ring/phone/text me/us
        [will/can/could] you ~ let me/us know
    """,
}
