"""What moves and stays say of a case's state: set by itself where the worker may, else offered in one click."""

import uuid

from veil.casework.cases import consents, journey, stepping
from veil.casework.cases.models import Case
from veil.casework.hand import Changed, Hand
from veil.casework.houses.journey import STAYING
from veil.casework.houses.models import Stay
from veil.casework.moves.models import Move
from veil.casework.network.roles import Kind

_ROADS = {
    (journey.ACCEPTED, journey.IN_TRANSIT): (journey.PLANNED, journey.IN_TRANSIT),
    (journey.PLANNED, journey.SHELTERED): (journey.IN_TRANSIT, journey.SHELTERED),
}
_TO_COME = frozenset({"draft", "planned", "go", "under way"})


def told_by_work(hand: Hand, case: Case) -> str:
    """Return the state that a move or a stay has brought about already, of what this worker holds; or nothing."""
    if not hand.holds(case.id, Kind.MOVEMENT):
        return ""
    moves = set(Move.objects.filter(case=case.id).values_list("state", flat=True))
    if "under way" in moves:
        leaves = {journey.ACCEPTED, journey.PLANNED, journey.SHELTERED, journey.PENDING}
        return journey.IN_TRANSIT if case.state in leaves else ""
    sleeps = Stay.objects.filter(case=case.id, state=STAYING).exists()
    arrived = "arrived" in moves
    comes = {journey.IN_TRANSIT} | ({journey.PLANNED} if arrived else {journey.ACCEPTED} if sleeps else set())
    settled = (sleeps and not moves & _TO_COME) or (arrived and case.state == journey.IN_TRANSIT)
    return journey.SHELTERED if settled and case.state in comes else ""


def follow(hand: Hand, case_id: uuid.UUID) -> None:
    """Let a case's state say what a move or a stay has done; where this worker may not, it waits for a click.

    An arrival without a bed of ours is only offered: whoever knows the case says whether that is shelter.
    """
    case = Case.objects.filter(id=case_id).first()
    if case is None or not (hand.may("case.step") and hand.holds(case_id, Kind.FILE)):
        return
    to = told_by_work(hand, case)
    if not to or consents.state_of(consents.principal_of(case_id), consents.CASEWORK) != consents.GIVEN:
        return
    if to == journey.SHELTERED and not Stay.objects.filter(case=case_id, state=STAYING).exists():
        return
    try:
        go(hand, case, to)
    except Changed:
        return  # a colleague has set it a moment ago: theirs stands


def go(hand: Hand, case: Case, to: str) -> None:
    """Move a case on to what its move or stay has brought about, over what lies between."""
    for one in _ROADS.get((case.state, to), (to,)):
        stepping.step(hand, case.id, one)
