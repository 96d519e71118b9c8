"""A case to move: its key with a coordinator and a case worker; all of it invented."""

import uuid
from datetime import timedelta

from tests.networks import Network
from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.moves import checkins
from veil.casework.moves.models import CheckIn
from veil.casework.network.roles import Kind, Role

CALM, DURESS = "The kettle is on again", "My knee hurts in this weather"


def case_of(network: Network, hand: Hand) -> uuid.UUID:
    """Return the id of a case whose movements the coordinator and the case worker know."""
    case = uuid.uuid4()
    hand.make(case, case, Kind.MOVEMENT, [network.worker(Role.COORDINATOR), network.worker(Role.CASE_WORKER)])
    return case


def expect(hand: Hand, case: uuid.UUID, every_min: int | None = None, **later: float) -> CheckIn:
    """Expect a sign of life after some time, in the sentences above, with a quarter of an hour of grace."""
    agreed = checkins.Agreed({"calm": CALM, "duress": DURESS}, every_min)
    return checkins.set_check_in(hand, case, case, clock.now() + timedelta(**later), timedelta(minutes=15), agreed)


def name_of(hand: Hand, one: CheckIn, sentence: str) -> str:
    """Return the random name under which a sentence is offered."""
    return next(name for name, text in checkins.phrases(hand, one) if text == sentence)
