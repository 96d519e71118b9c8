"""The cases of the invented network: twelve, in every state between the first word and a new life."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases import consents, deciding, journey, opening, risk, stepping
from veil.casework.cases.entrusting import entrust
from veil.casework.cases.models import Case, Check, Consent, Household, Person
from veil.casework.custody import custodians, envelopes
from veil.casework.demo.stage import Stage, ago
from veil.casework.hand import Hand
from veil.casework.network.roles import Kind

_TO_SHELTER = (journey.SCREENING, journey.VERIFICATION, journey.ACCEPTED, journey.SHELTERED)


@dataclass(frozen=True)
class Told:
    """What is known of a case when it is opened."""

    alias: str
    told: str
    threats: tuple[str, ...] = ("family",)
    needs: tuple[str, ...] = ("protection",)
    age: str = "young"
    priority: str = "normal"


def case(stage: Stage, name: str, carer: str, told: Told) -> uuid.UUID:
    """Open a case by a case worker, with consent to casework and a first risk assessment; return its id."""
    hand = stage.hands[carer]
    carried = {
        "alias": told.alias,
        "told": told.told,
        "threats": list(told.threats),
        "needs": list(told.needs),
        "reach": _("by messages on the borrowed phone; never a call"),
        "safe_times": _("weekdays between four and five in the afternoon"),
        "phrase": _("we: is the ferry late? they: only on Sundays"),
    }
    made = opening.open_case(hand, None, [stage.worker(carer), stage.worker("heron")], carried=carried)
    Case.objects.filter(id=made.id).update(priority=told.priority)
    stage.made[name] = made.id
    first = Person.objects.get(case=made)
    stage.made[f"{name} themselves"] = first.id
    about(hand, first, told.alias, told.age)
    agree(hand, first, consents.CASEWORK)
    assess(hand, made.id, "moderate")
    return made.id


def about(hand: Hand, person: Person, alias: str, age: str, **more: Any) -> None:
    """Write a person's own file."""
    said = {"alias": alias, "age": age, "languages": _("the islands' language, some English")}
    hand.write(person.id, person.id, Kind.FILE, said | more)
    hand.note("alias chosen", person.id)


def agree(hand: Hand, person: Person, purpose: str, recipient: str = "") -> Consent:
    """Keep a yes to a purpose."""
    said = {"giver": "themselves", "recipient": recipient}
    if person.role == "child":
        said |= {"giver": "guardian", "child_view": "agrees"}
    return consents.answered(hand, person, consents.Answer(purpose, True, None, said))


def assess(hand: Hand, case_id: uuid.UUID, level: str) -> None:
    """Assess the risk of a case."""
    answers = {"emergency": (4, 4, 1), "high": (3, 3, 2), "moderate": (2, 2, 2), "low": (1, 2, 3)}[level]
    said = dict(zip(("threat", "vulnerability", "capacity"), (str(one) for one in answers), strict=True))
    said |= {
        "threats": _("an uncle who asks neighbours and friends; he has a car and patience"),
        "vulnerabilities": _("has no papers at hand; is known in the market"),
        "capacities": _("keeps calm; one aunt on their side"),
        "measures": _("another phone; a check-in every evening; no way through the market"),
    }
    hand.write(risk.record_of(case_id), case_id, Kind.FILE, said)
    risk.assessed(hand, case_id, said)


def believe(stage: Stage, name: str, *findings: str) -> None:
    """Let workers find a story credible, each for themselves, after a check."""
    case_id = stage.made[name]
    found = Case.objects.get(id=case_id)
    for who in findings:
        hand = stage.hands[who]
        check = Check.objects.create(root=case_id, case=found, at=clock.now(), by=hand.id)
        said = {"method": "call back", "outcome": "confirmed", "note": _("told the same again, and unhurried")}
        hand.write(check.id, case_id, Kind.FILE, said)
        told = {"finding": "credible", "reasons": _("everyday details fit; nothing was asked of us about others")}
        hand.write(deciding.record_of(case_id, hand.id), case_id, Kind.FILE, told)
        deciding.found(hand, found)


def go_on(stage: Stage, name: str, *states: str) -> None:
    """Move a case on, by the coordinator."""
    for state in states:
        stepping.step(stage.hands["heron"], stage.made[name], state)


def with_them(stage: Stage, name: str, role: str, alias: str, age: str) -> Person:
    """Add somebody to a case, in the household of the person who asked."""
    carer = "plover"
    hand = stage.hands[carer]
    found = Case.objects.get(id=stage.made[name])
    person = opening.add_person(hand, found, role, [stage.worker(carer), stage.worker("heron")])
    about(hand, person, alias, age)
    if role != "relative at risk":
        house, _new = Household.objects.get_or_create(case=found, root=found.id, number=1)
        Person.objects.filter(id__in=[person.id, stage.made[f"{name} themselves"]]).update(household=house)
        agree(hand, person, consents.CASEWORK)
    return person


@ago(days=20)
def the_eldest(stage: Stage) -> None:
    """Three who have been with the network for weeks."""
    case(stage, "pine", "plover", Told(_("Pine"), _("Left a locked house at night with a school bag."), age="adult"))
    case(
        stage, "plum", "curlew", Told(_("Plum"), _("A story told on the ferry came back as a threat."), ("blackmail",))
    )
    case(stage, "clover", "curlew", Told(_("Clover"), _("Was summoned three times, each time for longer."), ("state",)))
    for name, who in (("pine", "plover"), ("plum", "curlew"), ("clover", "curlew")):
        believe(stage, name, who, "heron")
        go_on(stage, name, *_TO_SHELTER[:3])
    go_on(stage, "pine", journey.PENDING, journey.CLEARED, journey.DEPARTED, journey.ARRIVED, journey.AFTERCARE)
    go_on(stage, "plum", journey.PENDING)
    person = Person.objects.get(id=stage.made["plum themselves"])
    public = agree(stage.hands["curlew"], person, consents.PUBLICATION)
    stage.made["public"] = public.id
    agree(stage.hands["curlew"], person, consents.STATISTICS)


@ago(days=14)
def a_household(stage: Stage) -> None:
    """A mother with a partner and a child; her brother stayed behind."""
    told = Told(
        _("Cedar"), _("The brothers know; the youngest of them warned in time."), ("family", "state"), age="adult"
    )
    case(stage, "cedar", "plover", told)
    with_them(stage, "cedar", "partner", _("Lake"), "adult")
    child = with_them(stage, "cedar", "child", _("Poppy"), "child")
    brother = with_them(stage, "cedar", "relative at risk", _("Reed"), "young")
    hand = stage.hands["plover"]
    said = hand.read(brother.id, brother.id, Kind.FILE).said
    left = {
        "danger": _("he is asked at home where she is"),
        "knows": _("that she is alive; neither the way nor the house"),
        "may_contact": _("the aunt, by a postcard about the weather"),
        "do_not_contact": True,
    }
    hand.write(brother.id, brother.id, Kind.FILE, said | left)
    hand.write(
        child.apart, child.apart, Kind.FILE, {"secret": _("believes that this is a holiday"), "slip": _("a song")}
    )
    believe(stage, "cedar", "plover", "heron")
    go_on(stage, "cedar", *_TO_SHELTER)
    mother = Person.objects.get(id=stage.made["cedar themselves"])
    agree(hand, mother, consents.MEDICAL, str(stage.worker("siskin").call_sign))
    asked = {"alias": _("Cedar"), "asked": _("sleeps badly; would like to talk to somebody")}
    entrust(hand, mother, Kind.HEALTH, stage.worker("siskin"), asked)


@ago(days=13)
def in_houses(stage: Stage) -> None:
    """Four who sleep in houses of the network."""
    told = {
        "fern": ("plover", Told(_("Fern"), _("Two weeks on a friend's sofa; the friend is afraid now."))),
        "flint": ("plover", Told(_("Flint"), _("Was followed from work by a grey car."), ("state",), age="adult")),
        "moss": ("curlew", Told(_("Moss"), _("Somebody wants money for a photograph."), ("blackmail",))),
        "thyme": ("curlew", Told(_("Thyme"), _("Was held for two days and let go without a word."), ("state",))),
    }
    for name, (carer, said) in told.items():
        case(stage, name, carer, said)
        believe(stage, name, carer, "heron")
        go_on(stage, name, *_TO_SHELTER)
    person = Person.objects.get(id=stage.made["thyme themselves"])
    hand = stage.hands["curlew"]
    agree(hand, person, consents.LEGAL, str(stage.worker("rook").call_sign))
    asked = {"alias": _("Thyme"), "asked": _("wants to tell it once, for a complaint, and never again")}
    entrust(hand, person, Kind.TESTIMONY, stage.worker("rook"), asked)


@ago(days=9)
def who_is_gone(stage: Stage) -> None:
    """One whose contact is lost, one who changed their mind."""
    case(stage, "gravel", "curlew", Told(_("Gravel"), _("Wrote every evening, then not any more.")))
    believe(stage, "gravel", "curlew", "heron")
    go_on(stage, "gravel", *_TO_SHELTER[:3], journey.LOST)
    case(stage, "mint", "plover", Told(_("Mint"), _("The parents have calmed down, it is said.")))
    consent = Consent.objects.get(owner=stage.made["mint themselves"], purpose=consents.CASEWORK)
    consents.withdraw(stage.hands["plover"], consent)


@ago(days=6, hours=20)
def risks_anew(stage: Stage) -> None:
    """Two who are in greater danger than before; their assessment is to be renewed today."""
    assess(stage.hands["plover"], stage.made["fern"], "high")
    assess(stage.hands["curlew"], stage.made["moss"], "high")


@ago(days=6)
def the_others_anew(stage: Stage) -> None:
    """The others as before."""
    for name, who in (("pine", "plover"), ("plum", "curlew"), ("clover", "curlew"), ("cedar", "plover")):
        assess(stage.hands[who], stage.made[name], "low")
    for name, who in (("flint", "plover"), ("thyme", "curlew"), ("gravel", "curlew")):
        assess(stage.hands[who], stage.made[name], "moderate")


@ago(days=4)
def on_the_way(stage: Stage) -> None:
    """Two who are to be brought out: one tonight, one as soon as a second person has said go."""
    case(stage, "rowan", "curlew", Told(_("Rowan"), _("A wedding is set for the end of the month."), priority="urgent"))
    case(
        stage, "ivory", "plover", Told(_("Ivory"), _("Locked in; the neighbour passes messages."), priority="emergency")
    )
    for name, who in (("rowan", "curlew"), ("ivory", "plover")):
        believe(stage, name, who, "heron")
        go_on(stage, name, *_TO_SHELTER[:3], journey.PLANNED)
        assess(stage.hands[who], stage.made[name], "high")


@ago(days=3)
def custody(stage: Stage) -> None:
    """Three custodians, an envelope, and somebody who asks to open it; a consent is taken back."""
    for name in ("rook", "owl", "siskin"):
        custodians.name(stage.hands["heron"], stage.worker(name))
    mother, hand = stage.made["cedar themselves"], stage.hands["plover"]
    envelopes.seal_up(hand, mother, {"legal_name": _("Nobody of the Lantern Isles"), "papers": _("none; invented")})
    consents.withdraw(stage.hands["curlew"], Consent.objects.get(id=stage.made["public"]))


@ago(hours=3)
def an_envelope_is_asked_for(stage: Stage) -> None:
    """The case worker asks two of the three custodians."""
    motive = _("the visa form of the invented consulate needs the legal name by tomorrow noon")
    envelopes.ask(stage.hands["plover"], stage.made["cedar themselves"], motive, 12)
