"""Which key a check-in is sealed with: that of moves, or, where it is of a house, that of the house.

The first is held by those who work on a case; the second by the house's host and its one coordinator.
"""

import uuid

from django.db.models import Q

from veil.casework import policy
from veil.casework.hand import Hand
from veil.casework.houses.models import House
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed

_KINDS = (Kind.MOVEMENT, Kind.HOUSE)


def kind_of(root: uuid.UUID) -> Kind:
    """Return which key is that of the check-ins of a case or a house."""
    return Kind.HOUSE if House.objects.filter(id=root).exists() else Kind.MOVEMENT


def held(hand: Hand, what: uuid.UUID) -> bool:
    """Tell whether this worker holds the key of a check-in."""
    return any(hand.holds(what, kind) for kind in _KINDS if policy.may_hold(hand.role, kind))


def key(hand: Hand, what: uuid.UUID) -> Kind:
    """Return which key of a check-in this worker holds; raise `NotAllowed` without any."""
    for kind in _KINDS:
        if policy.may_hold(hand.role, kind) and hand.holds(what, kind):
            return kind
    raise NotAllowed


def mine(hand: Hand) -> Q:
    """Return the condition on check-ins that this worker holds their key."""
    told = Q(pk__in=())
    for kind in _KINDS:
        if policy.may_hold(hand.role, kind):
            told |= Q(id__in=hand.held(kind))
    return told
