"""Consent, purpose by purpose: what somebody agreed to, until when, and what ends at once when they take it back."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import clock
from veil.casework.cases.journey import CLOSED, ENDED, WITHDREW
from veil.casework.cases.models import Case, Consent, Person
from veil.casework.hand import Hand
from veil.casework.keeping import clocks, purge
from veil.casework.moves.models import CheckIn, Leg, Move
from veil.casework.network.models import Compartment, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError

CASEWORK, PARTNER, MEDICAL, LEGAL = "casework", "named partner", "medical", "legal"
PUBLICATION, STATISTICS = "anonymous publication", "statistics"
GIVEN, REFUSED, WITHDRAWN, EXPIRED = "given", "refused", "withdrawn", "expired"

PURPOSES = {
    CASEWORK: gettext_lazy("casework"),
    PARTNER: gettext_lazy("named partner"),
    MEDICAL: gettext_lazy("medical"),
    LEGAL: gettext_lazy("legal"),
    PUBLICATION: gettext_lazy("anonymous publication"),
    STATISTICS: gettext_lazy("statistics"),
}
ANSWERS = {
    GIVEN: gettext_lazy("given"),
    REFUSED: gettext_lazy("refused"),
    WITHDRAWN: gettext_lazy("withdrawn"),
    EXPIRED: gettext_lazy("expired"),
}
# Whose keys end with which consent; a partner gets nothing from here yet, and numbers hold nobody.
_ENDS: dict[str, tuple[tuple[Kind, Role], ...]] = {
    MEDICAL: ((Kind.HEALTH, Role.CLINICIAN),),
    LEGAL: ((Kind.EVIDENCE, Role.LAWYER), (Kind.TESTIMONY, Role.LAWYER)),
    PUBLICATION: ((Kind.TESTIMONY, Role.PRESS),),
}


class NoConsent(VeilError):
    """The person did not agree to this, or does not any more."""

    def __init__(self, withdrawn: bool = False) -> None:
        problem = _("this consent was withdrawn") if withdrawn else _("there is no consent to this")
        super().__init__(problem, _("nothing was saved; ask the person again only if they wish to be asked"))


@dataclass(frozen=True)
class Answer:
    """What somebody said when they were asked."""

    purpose: str
    given: bool
    until: datetime | None
    said: dict[str, Any]  # the sealed words: who answered, for whom, within what limits


def state_of(owner: uuid.UUID, purpose: str) -> str:
    """Return given, refused, withdrawn, expired, or an empty text where nobody has asked."""
    told = [state_now(one) for one in Consent.objects.filter(owner=owner, purpose=purpose).order_by("-at")]
    return GIVEN if GIVEN in told else (told[0] if told else "")


def state_now(consent: Consent) -> str:
    """Return how an answer stands today: a yes ends with its time."""
    if consent.state == GIVEN and consent.until is not None and consent.until <= clock.now():
        return EXPIRED
    return str(consent.state)


def require(whose: Case | Person | uuid.UUID, purpose: str) -> None:
    """Raise `NoConsent` unless a person (of a case: the one who asked for help) agrees to a purpose now.

    Casework is agreed to by asking for help until somebody puts the question; it must have been put before a case is
    accepted. Every other purpose is agreed to in so many words, or not at all.
    """
    owner, case = _whose(whose)
    now = state_of(owner, purpose)
    if now != GIVEN and not (purpose == CASEWORK and not now):
        raise NoConsent(now == WITHDRAWN)
    if case is not None and case.state in (*ENDED, CLOSED):
        raise VeilError(
            _("this case has ended"), _("nothing new is written in it; if they ask for help again, open a new case")
        )


def require_asked(whose: Case | Person | uuid.UUID, purpose: str) -> None:
    """Raise `NoConsent` unless the question was put, and the answer was yes and still stands."""
    now = state_of(_whose(whose)[0], purpose)
    if now != GIVEN:
        raise NoConsent(now == WITHDRAWN)


def answered(hand: Hand, person: Person, answer: Answer, record: uuid.UUID | None = None) -> Consent:
    """Keep what a person answered, in place of what they answered before; a no has the effect of taking back."""
    hand.require("consent.ask")
    if not hand.holds(person.id, Kind.FILE):
        raise NotAllowed
    _check_child(person, answer)
    told = {
        "root": person.case_id,
        "case_id": person.case_id,
        "owner": person.id,
        "purpose": answer.purpose,
        "state": GIVEN if answer.given else REFUSED,
        "at": clock.now(),
        "until": answer.until if answer.given else None,
        "by": hand.id,
    }
    same = Consent.objects.filter(owner=person.id, purpose=answer.purpose)
    known = same.filter(id=record).first() if answer.purpose == PARTNER else same.first()
    consent, _new = Consent.objects.update_or_create(id=known.id if known else uuid.uuid4(), defaults=told)
    hand.write(consent.id, person.id, Kind.FILE, answer.said)
    hand.note("consent asked", consent.id)
    if not answer.given:
        _take_effect(hand, person, answer.purpose)
    return consent


def withdraw(hand: Hand, consent: Consent) -> None:
    """Take a consent back: from this moment nothing may be done with it, and the keys that stood on it are gone."""
    hand.require("consent.ask")
    if not hand.holds(consent.owner, Kind.FILE):
        raise NotAllowed
    Consent.objects.filter(id=consent.id).update(state=WITHDRAWN, at=clock.now(), until=None, by=hand.id)
    hand.note("consent withdrawn", consent.id)
    _take_effect(hand, Person.objects.get(id=consent.owner), consent.purpose)


def expect_nobody(case_id: uuid.UUID) -> None:
    """Stop the check-ins of a case that has ended: nobody is called at night who has died, or asked us to stop.

    Those of a move are its own: whoever is on the road is still waited for until it has ended.
    """
    moving = Move.objects.filter(case=case_id).values("id")
    of_moves = Q(of__in=moving) | Q(of__in=Leg.objects.filter(move__in=moving).values("id"))
    CheckIn.objects.filter(root=case_id, state="waiting").exclude(of_moves).update(state="stopped", turn=F("turn") + 1)


def principal_of(case_id: uuid.UUID) -> uuid.UUID:
    """Return the id of the person who asked for help; of the case itself where they are no longer in it."""
    told = Person.objects.filter(case_id=case_id, role="principal").values_list("id", flat=True).first()
    return told or case_id


def _whose(whose: Case | Person | uuid.UUID) -> tuple[uuid.UUID, Case | None]:
    owner = whose if isinstance(whose, uuid.UUID) else whose.id
    case = Case.objects.filter(id=owner).first()
    return (principal_of(owner) if case else owner), case


def _check_child(person: Person, answer: Answer) -> None:
    """Refuse a yes for a child that nobody could give."""
    if person.role != "child" or not answer.given:
        return
    if answer.said.get("child_view") == "against" and answer.purpose in {PUBLICATION, STATISTICS, PARTNER}:
        raise VeilError(
            _("the child does not agree"),
            _("write down a no; for this purpose nobody can agree in their place"),
        )
    if answer.said.get("giver") == "themselves" and answer.said.get("child_view") != "agrees":
        raise VeilError(
            _("nobody has answered for this child"),
            _("ask a parent who is no danger to them or who cares for them, and the child too"),
        )


def _take_effect(hand: Hand, person: Person, purpose: str) -> None:
    for kind, role in _ENDS.get(purpose, ()):
        Wrap.objects.filter(compartment__owner=person.id, compartment__kind=kind, holder__role=role).delete()
        hand.note("keys ended with consent", person.id)
        # what nobody can open any more is not kept as noise either
        if Compartment.objects.filter(owner=person.id, kind=kind, wraps=None).exists():
            purge.destroy_kinds(hand, person.id, [kind])
    if purpose == CASEWORK and person.role == "principal":
        case = Case.objects.get(id=person.case_id)
        if case.state in (*ENDED, CLOSED):
            return
        before = case.before or case.state
        Case.objects.filter(id=case.id).update(state=WITHDREW, before=before, changed=clock.now())
        clocks.start(case.id, case.id, "closed case")
        expect_nobody(case.id)
        hand.note("case withdrew", case.id)
