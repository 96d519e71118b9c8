"""Entrusting: a person's health, or their testimony, to one who is bound to keep it even from the case worker."""

import uuid
from typing import Any

from django.utils.translation import gettext as _

from veil.casework.cases import consents
from veil.casework.cases.models import Person
from veil.casework.hand import Hand
from veil.casework.network.models import Compartment, Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError


class NotOpen(NotAllowed):
    """The key is not held, or not any more: said in the same words to whoever had it and to whoever never did."""

    def __init__(self) -> None:
        VeilError.__init__(
            self,
            _("this is not open to you, or not any more"),
            _("if you could read it before, the consent was withdrawn, or your key was; speak with a coordinator"),
        )


TO = {Kind.HEALTH: Role.CLINICIAN, Kind.TESTIMONY: Role.LAWYER}
PURPOSE = {Kind.HEALTH: consents.MEDICAL, Kind.TESTIMONY: consents.LEGAL}
BY_ROLE = {Role.CLINICIAN: consents.MEDICAL, Role.LAWYER: consents.LEGAL, Role.PRESS: consents.PUBLICATION}


def entrust(hand: Hand, person: Person, kind: Kind, worker: Worker, said: dict[str, Any]) -> None:
    """Make a compartment that only `worker` can open, with first words for them; who made it cannot read it."""
    hand.require("entrust")
    if not hand.holds(person.id, Kind.FILE) or worker.role != TO[kind]:
        raise NotAllowed
    consents.require(person, PURPOSE[kind])
    if holder_of(person.id, kind) is not None:
        raise VeilError(_("this is in somebody's hands already"), _("they can pass it on, with a key of their own"))
    hand.make(person.case_id, person.id, kind, [worker], said)
    hand.note("entrusted", person.id)


def holder_of(owner: uuid.UUID, kind: Kind) -> Worker | None:
    """Return who holds what was entrusted, or None."""
    compartment = Compartment.objects.filter(owner=owner, kind=kind).first()
    wrap = compartment.wraps.select_related("holder").order_by("id").first() if compartment else None
    return wrap.holder if wrap else None


def require_open(hand: Hand, owner: uuid.UUID, kind: Kind) -> None:
    """Raise `NotOpen` without the key, `NoConsent` where the consent that this worker's key stands on is gone.

    The key first: whoever has none does not learn what anybody agreed to.
    """
    if not hand.holds(owner, kind):
        raise NotOpen
    consents.require(owner, BY_ROLE[Role(hand.role)])
