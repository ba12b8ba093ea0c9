"""Signs of danger, time and distress; no reasons by themselves."""

from typing import Final

SIGNS: Final[dict[str, str]] = {
    "red_flag": """
        can not/barely/hardly breathe/get_up/stand/walk/pee/urinate/move/pass
        not breathing
        trouble/hard_time/difficulty/struggling [to/with] breathing/breathe
        breathing [really/so/very] hard/fast/funny/heavy/weird/heavily
        gasping/open_mouth
        hit/struck/run_over by ~ car/truck
        hit by
        seizure/seizures/seizing/convuls*
        collapsed/collapse/unconscious/unresponsive/passed_out/paralyzed
        bleeding a_lot/everywhere/badly/heavily/will_not/and_will
        blood everywhere
        bloat/bloated
        belly [is/looks] [really/all/so] hard/huge/swollen/tight/bloated/big
        choking/choked
        gums [are/look] [really] white/pale/blue/gray
        nothing come/comes/coming out
        has/have not peed/urinated
        [straining/trying] to pee
        little/few drop/drops
        heat_stroke/heatstroke
        rat/mouse/slug/snail bait/poison
        xylitol/antifreeze
        <ate> ~~ chocolate/grapes/raisins/lily/lilies/pills/ibuprofen/advil/tylenol/gum/edible*/poison/bait/antifreeze/onion*
        snake bite*
        dragging [his/her] back/legs
        in labor
        limp/lifeless and/in
        can not wake
        down and
        will/can not get up
        eye popped/hanging/out
        pass/passing urine
        tongue is blue/purple
    """,
    "today": """
        today
        right now/away
        as soon as possible/you_can
        asap
        immediately
        this morning/afternoon/evening
        tonight
        emergency/urgent/urgently
        in pain
        getting worse
        all night
        since/last night
        right [this] minute/second
    """,
    "soon": """
        this week
        next/couple few/of days
        by/before the_weekend/friday/saturday/monday
        for [a/two/three/couple/few/about] [of] days/day/weeks/week
        since monday/tuesday/wednesday/thursday/friday/saturday/sunday
        days left/now
        almost out/done
        three left
        getting worse
    """,
    "distress": """
        worried/scared/terrified/heartbroken/panic*/frightened/upset/dying/suffering
        so worry
        oh my god
        oh god
    """,
}
