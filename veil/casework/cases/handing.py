"""Handing chosen cases over: their keys go to another worker, and whoever had them keeps none that can be given."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import policy
from veil.casework.cases.models import Case
from veil.casework.custody import envelopes
from veil.casework.hand import Hand
from veil.casework.houses import stays
from veil.casework.houses.models import Stay
from veil.casework.moves import checkins
from veil.casework.moves.models import Move
from veil.casework.network import exposure, workers
from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError

_AHEAD = ("draft", "planned", "go", "under way")


@dataclass(frozen=True)
class Handed:
    """What one hand-over of cases did, in numbers, and what each of the two accounts yields before and after it."""

    cases: int
    given: int  # keys
    stayed: int  # keys of these cases that the giver holds still, because this hand has not got them
    closed: int  # envelopes that the giver had open
    moves: int  # that are planned or under way: their teams stay as they are written
    others: int  # further workers who hold one of these cases as before
    before: dict[uuid.UUID, exposure.Yield]
    after: dict[uuid.UUID, exposure.Yield]


def to_give(hand: Hand, giver_id: uuid.UUID) -> Any:
    """Return a query of a worker's cases that this hand can give to another: those of which both hold the file."""
    hand.require("work.hand over")
    if giver_id != hand.id:
        hand.require("worker.revoke")
    theirs = Wrap.objects.filter(holder_id=giver_id, until=None, compartment__kind=Kind.FILE)
    return Case.objects.filter(id__in=theirs.values("compartment__owner")).filter(id__in=hand.held(Kind.FILE))


def hand_over(hand: Hand, giver: Worker, taker: Worker, cases: Iterable[uuid.UUID], why: str) -> Handed:
    """Give chosen cases to another worker and take them from whoever had them; raise VeilError, and nothing is done.

    Keys that were lent are not passed on but destroyed. What somebody has read they know.
    """
    asked = set(cases)
    chosen = list(to_give(hand, giver.id).filter(id__in=asked).order_by("id").values_list("id", flat=True))
    if not chosen or len(chosen) != len(asked):
        raise policy.NotAllowed
    if taker.ended is not None or taker.id == giver.id or not policy.may(taker.role, "case.see"):
        raise VeilError(
            _("a case goes to another case worker, or to a coordinator"), _("name the call sign of one of them")
        )
    two = [giver.id, taker.id]
    before = exposure.of_each(two)
    done = workers.hand_over(hand, giver.id, taker, chosen, but=_shared_by_coordinators(giver, chosen))
    closed = 0
    for case in chosen:
        stays.handed_over(hand, case, giver, taker)
        checkins.handed_over(hand, case, giver.id, taker)
        closed += envelopes.taken_back(hand, case, giver.id)
        hand.note("case handed over", case)
    hand.note(f"hand-over: {why}", giver.id)
    others = Worker.objects.filter(wraps__compartment__owner__in=chosen, wraps__compartment__kind=Kind.FILE, ended=None)
    return Handed(
        len(chosen),
        done.given,
        done.stayed,
        closed,
        Move.objects.filter(case__in=chosen, state__in=_AHEAD).count(),
        others.exclude(id__in=two).distinct().count(),
        before,
        exposure.of_each(two),
    )


def _shared_by_coordinators(giver: Worker, cases: list[uuid.UUID]) -> set[uuid.UUID]:
    """Return the stays of these cases, where a coordinator gives them: they find beds for all cases, theirs or not."""
    if giver.role != Role.COORDINATOR:
        return set()
    return set(Stay.objects.filter(case__in=cases).values_list("id", flat=True))
