"""Why people call: visits, from a yearly exam to an emergency."""

from typing import Final

VISITS: Final[dict[str, dict[int, str]]] = {
    "wellness": {
        4: """
            annual/yearly/wellness/routine exam/check_up/visit/check/shots/vaccin*/appointment/physical
            check up
            due/overdue for/on ~~ shots/vaccin*/rabies/distemper/booster*/annual/yearly/exam/check_up
            get/update/need ~ shots/vaccin*/rabies/boosters
            [his/her/their/the] shots/vaccin*/rabies
            his/her annual/yearly/physical
            wellness plan/visit
            check/look <pron> over
            never been to a vet
            give <pron> a check
            once over
            heartworm test
            yearly one
        """,
        2: "vaccin*/rabies/distemper/booster/boosters/bordetella/annual/yearly/postcard",
    },
    "sick_visit": {
        3: """
            vomit*/diarrhea/limping/limps/coughing/sneezing/itching/itchy/scratching/lethargic
            throwing/threw/throw up
            not eating/eat/drinking/himself/herself/acting/feeling/using
            will/would not eat/drink/use/get_up/put/touch
            will not ~ come_out/eat/food/drink
            hiding/hides/the_runs/mucus/wobbly/scooting/constipated/dehydrated
            threw his/her/it
            has/had ~ diarrhea/runs/accidents
            off his/her/their food
            has/have not eaten/pooped/been_eating
            ear/ears/eye/eyes/skin/paw/leg/tooth/mouth/belly/tail/anal ~ infect*/red/swollen/smell*/itch*/goopy/hurt*/sore/bad/hot/running/watery/discharge/stink*
            infection/rash/hot_spot/hotspot/lump/bump/growth/swelling/swollen/discharge/sore/abscess
            shaking/tilting ~ head
            peeing/pooping/urinating/accidents/going ~ house/everywhere/rug/carpet/floor/a_lot
            lost/losing weight/hair/fur
            not feeling/doing/acting [too/so/very] right/well/good/normal/himself/herself
            is/been/seems/acting [really/so/kind_of] sick/weird/off/tired/weak/sluggish/sore
            something [is] wrong
            limp/limped/hobbling/favoring
            crying/yelping/whining when/if
            runny nose/eyes/stool/poop
            bloody/blood in/stool/poop/urine/pee
            will/would not put/walk/stand/stop
            drooling/gagging/wheezing/hacking/reverse_sneezing
            ear/skin/eye/urinary infection
            uti
            fleas/ticks/worms/mites/ringworm
            bad/smelly/stinky ear/ears/breath/skin
            in pain
        """,
        1: "sick/hurts/hurting/sore/ear/weird/scratch/itch/licking/chewing",
    },
    "urgent_visit": {
        5: """
            can not/barely breathe/breathing/get_up/stand/walk/pee/urinate/move
            hit/struck/run_over by ~ car/truck
            hit by
            not breathing
            trouble/hard_time/difficulty/struggling [to] breathing/breathe
            seizure/seizures/seizing/convulsing
            collapsed/collapse/unconscious/unresponsive/passed_out/paralyzed
            bleeding a_lot/really/everywhere/badly/heavily/will_not/pretty
            blood everywhere
            attacked/mauled/bitten by/my
            got in a fight
            bit/bitten ~ by
            snake bite*
            belly_is_hard
            choking/choked
            broken/broke [his/her/a] leg/bone/jaw
            hanging open/off
            wide/split open
            deep/big/huge/open cut/gash/wound/rip/tear
            nothing come/comes/coming out
            litter_box ~~ nothing
            [straining/trying] to pee
            gums are/look [really] white/pale/blue/gray
            can not use [his/her] back
            dragging [his/her] back/legs/leg/himself/herself
            legs ~ working/stopped/gave_out
            bloat*
            trying to vomit/throw_up ~ nothing/and
            heat_stroke/heatstroke/overheated
            was attacked
            big/deep gash/wound/cut/bite
            in labor
            eye popped/hanging/out
            fell off/out/from
            fell down ~ stairs/steps
            electrocuted/burned/drowning
            face [is] swelling/swollen/swelled
            swelling up
        """,
        3: """
            an/is emergency
            bleeding/bled
            urgent/urgently
            wound/gash/laceration/torn/ripped
            down and will/can not
            in distress
            wire/fence/barbed
            oozing
            swollen/swelling face/muzzle/eye/eyes
        """,
    },
    "poisoning": {
        6: """
            <ate> ~~ <toxin>
            <toxin> ~ he/she/they/it <ate>
            poisoned/poison/poisoning/toxic/xylitol/antifreeze
            rat/mouse/slug bait/poison
            got into ~~ medicine/trash_can/purse/cabinet/<toxin>
            <ate> ~ my/my_husband/my_mom ~ pills/medication/medicine/vitamins
        """,
    },
    "new_pet": {
        5: """
            [just/recently] got/adopted/rescued/found/bought/brought_home/picked_up ~ puppy/kitten/puppies/kittens
            [just/recently] adopted/rescued
            just got ~ <animal>
            new puppy/kitten/dog/cat/pet/rescue/addition/baby/member/bunny
            getting/picking_up/picking ~ puppy/kitten/puppies/kittens
            our/my puppy/kitten ~ saturday/weeks/breeder
            breeder
            first puppy/kitten/vet visit/check_up/exam/shots
            from the/a shelter/rescue/breeder/pound/humane
            never had/owned a dog/cat/puppy/kitten/pet/bird
            weeks old
            puppy/kitten shots/vaccin*/visit/package/exam
        """,
        2: "puppy/kitten/puppies/kittens/shelter/rescue/adopted",
    },
    "recheck": {
        5: """
            recheck/re_check/rechecked
            follow_up/followup
            come/bring/back [him/her] back in two/three/ten/a/one
            stitches/sutures/staples out/removed
            wanted to see ~ back/again
            wants to see ~ back/again
            stitches/sutures/staples ~ taken/out/removed
            [doctor] wants to see [him/her] again
        """,
        2: "progress/still_not/again",
    },
    "surgery": {
        4: """
            spay/spayed/spaying/neuter/neutered/neutering
            get/want/like/need ~ fixed/fix
            schedule/book/scheduling ~ surgery/operation
            surgery/operation
            lump/mass/tumor/growth removed/removal/off/out
            ought/needs/need/has/have to come off/out
            have/get it taken off/out
            lump/mass/tumor/growth ~ taken
            cut it out
            acl/ccl/tplo/cruciate/hernia
            declaw*
            fix my/our
        """,
    },
    "dental": {
        4: """
            dental/dentals
            teeth cleaning/cleaned/pulled/done
            clean ~ teeth
            needs a dental
            tooth pulled/extracted/extraction/out
            for teeth
        """,
        2: "teeth/tooth/tartar/dental/dentals/extraction*",
    },
    "tech_visit": {
        5: """
            nail trim/trims/clip/clipped/cut
            nails trimmed/clipped/cut/done
            trim/clip/cut ~ nails
            anal glands/gland/sacs
            glands expressed
            tech/technician appointment/visit
            microchip put_in/placed/him/her/done/appointment
            cytopoint/adequan/librela/solensia/b_twelve/allergy shot/injection
            [his/her] monthly/weekly injection/shot/fluids
            booster shot
            weight check
            blood draw
            bandage change
            just a/the shot/injection
            sub q fluids
        """,
    },
    "end_of_life": {
        6: """
            put/putting/lay/laying him/her/them/my/our/the ~ down/to_sleep/to_rest
            put/putting to_sleep
            put/putting ~ to_sleep
            euthanize*/euthanasia
            put/putting ~ out of ~ misery
            euthan*
            quality of life
            [think/know/believe/guess/afraid] it is [about/getting/almost/his/her] time
            time to say/let/think
            let/letting him/her/them go
            say/saying bye/our
            end of life
            ready to go
            last day/days
            it might be time
            time for him/her
            at home euthan*
            not want ~ suffer/suffering/hurting
            rainbow bridge
        """,
        3: "suffering/suffer/dying/crossed",
    },
    "grooming": {
        5: """
            groom/grooming/groomed/groomer
            haircut/hair_cut/shave/shaved/shave_down
            bath and/for/with
            give ~ bath
            matted/mats/dematting
        """,
    },
    "boarding": {
        5: """
            board/boarding/kennel/kennels
            boarded
            place to/for ~ stay/dogs/cats
            watch/keep/stay ~ while we/i
            stay ~ nights/weekend/days
            day_care/daycare
            drop off ~ vacation/trip
        """,
        2: "vacation/out_of_town/suite/overnight",
    },
    "travel_certificate": {
        6: """
            health certificate/certificates/cert/papers
            travel certificate/papers/paperwork/document*
            certificate for/to ~ travel/fly/flying/airline
            usda
            flying/travel/traveling/fly ~ with ~ <animal>
            moving to ~ overseas/europe/canada/mexico/hawaii/germany/england
            health paperwork/papers
            airline
            international
            pet passport
            acclimation
        """,
    },
}
