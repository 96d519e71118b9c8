"""The end of a plan: it destroys itself, keys and words, and leaves a day and a number."""

import uuid

from django.utils import timezone

from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.keeping import purge
from veil.casework.moves.models import CheckIn, Leg, Move, Moved
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.casework.states import NotNow


def sweep(hand: Hand) -> int:
    """Destroy every plan whose hour has come, whoever is here, and return how many; at each unlocking and board.

    The hour is told by the clock that never goes back: setting the machine's clock back does not save a plan.
    """
    over = Move.objects.filter(destroyed_at__lte=clock.now())
    for move in over:
        _destroy(hand, move)
    return len(over)


def destroy(hand: Hand, what: uuid.UUID) -> None:
    """Destroy a plan at once: a draft that is not needed, or a move that is over."""
    hand.require("move.plan")
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    move = Move.objects.get(id=what)
    if move.state in {"go", "under way"}:
        raise NotNow
    _destroy(hand, move)


def _destroy(hand: Hand, move: Move) -> None:
    legs = list(Leg.objects.filter(move=move).values_list("id", flat=True))
    check_ins = list(CheckIn.objects.filter(of__in=[move.id, *legs]).values_list("id", flat=True))
    if move.state == "arrived":
        Moved.objects.create(root=move.root, day=timezone.localdate(clock.now()), legs=len(legs))
    purge.destroy(hand, [move.id, *legs, *check_ins])
    hand.note("move destroyed", move.id)
