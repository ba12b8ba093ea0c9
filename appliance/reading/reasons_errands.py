"""Why people call: schedule, price and medication."""

from typing import Final

ERRANDS: Final[dict[str, dict[int, str]]] = {
    "reschedule": {
        6: """
            reschedule/rescheduling/re_schedule
            move/change/push/switch ~ appointment/surgery/it_to/time/day
            change ~ appointment
            can not make ~ appointment/it/our/my/his/her
            different day/time
            [want/need/like] to move
        """,
    },
    "cancel": {
        6: """
            cancel ~ appointment/visit/surgery/it/his/her/our/my/that/the
            [need/want/like/have] to cancel
            calling to cancel
            canceling/cancelling
            take us/me/him/her off
            not going_to be_able_to make/come
            not going_to make_it
            will not be able_to make
        """,
    },
    "confirm": {
        6: """
            confirm/confirming/verify/double_check ~ appointment/time/visit/for/that
            check_on ~ appointment
            calling/reaching/call to/out_to/with confirm/remind
            [to] confirm
            remind/reminder ~ appointment
            what time [is/was] [my/our/his/her] appointment
            when [is/was] [my/our/his/her] appointment
            have an appointment ~~ what_time
        """,
    },
    "running_late": {
        6: """
            running [a/about] [little/bit/few] late/behind
            going to be [a] [few/little/about] minutes late
            be late
            stuck in traffic
            minutes late
            i am late
            still come/make_it
        """,
    },
    "price_shop": {
        4: """
            how much ~~ charge/cost/costs/to/for/is/are/would/does/do/run
            what do/does/would [you/it] [guys/all] charge/cost
            what do you [guys/all] charge
            what does/would/will ~~ cost/run
            what <pron>/a/an/the ~~ runs/costs
            price/prices/pricing/cost/rates/fees of/for/on/to
            what is/are your price/prices/rate/rates/fee/fees/office
            price check/shopping/shop/compar*
            calling around
            shopping around
            a quote
            ballpark
            how much
        """,
    },
    "estimate_question": {
        5: """
            [the/my/your/an/this/got] estimate
            treatment plan
            the/your quote
            [you/doctor/they] quoted
            what it [would/will/is_going_to] cost
        """,
        3: """
            is it/that ~ expensive
            how much ~ [going_to] be
            what would it ~ cost
            what am i looking at
            on the hook
            afford
        """,
    },
    "payment": {
        5: """
            pay my/our/a/the/off bill/balance/invoice/account
            [make/set_up] a payment
            [my/our/a/outstanding] balance
            invoice/statement/receipt
            the/my/our/vet/your/a bill
            my/our card/statement/account
            charged me/my/twice/us
            card [got/was] hit/charged/declined
            payment plan/link/portal
            pay over
            owe/owed
            refund
        """,
    },
    "financing_insurance": {
        6: """
            insurance/insured
            care_credit/carecredit/scratch_pay/scratchpay
            take/accept/offer ~ payments/financing
            trupanion/nationwide/healthy_paws/lemonade/pet_plan/embrace/figo
            financing/finance
            claim form/forms
            claim form
            pre approval/authorization
            file/submit ~ claim
        """,
    },
    "refill": {
        6: """
            refill/refills/refilled
            get/have/need ~ filled
            [ran/running/almost/about/is] out of ~ medication/pills/medicine
            running low
            more of ~ medication/pills/medicine/prescription
            [order/pick_up/renew/need] ~ prescription/medication/heartgard/bravecto/nexgard/simparica/apoquel/insulin/gabapentin
            another bottle/box/month/dose
            refill request
            some/get/need more ~ heartworm/flea/tick/pills/medication/medicine/stuff/drops
        """,
        2: "prescription/medication/pills/medicine/apoquel/heartgard/bravecto/nexgard/simparica/insulin/"
        "gabapentin/rimadyl/carprofen/thyroid",
    },
    "outside_pharmacy": {
        7: """
            chewy/petmeds/pet_meds/costco/walmart/walgreens/cvs/online_pharmacy/amazon/sams_club
            outside/online/compounding/human/other/my pharmacy
            written prescription/script
            script to/for/sent
            call [it/that/this] in to
            approve/approval/authorize/authorization ~ prescription/order/refill/request
            sent/send/fax ~ prescription/script/request
        """,
    },
    "diet": {
        5: """
            prescription/special/science/kidney/urinary/hydrolyzed/her/his diet/diets
            bag/bags/case/cases/cans of ~ food/diet
            prescription food
            dog/cat/what/puppy/kitten/wet/dry/canned food
            food in_stock/you_carry/order
            what [food/brand/should] ~ feed/feeding/food
            royal_canin/hills/hill/purina/science_diet/k_d
            how much [should/do] i feed/be_feeding
            grain_free/raw_diet
            weight loss/management
            feed him/her
            switch* food/foods
        """,
        2: "food/diet/kibble/treats",
    },
}
