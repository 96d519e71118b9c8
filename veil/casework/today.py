"""Today: what every part of the casework has due, in one list, the worst first."""

from datetime import datetime

from veil.casework.cases.due import alarms as cases_alarms
from veil.casework.cases.due import due as cases
from veil.casework.custody.due import due as custody
from veil.casework.due import Due
from veil.casework.hand import Hand
from veil.casework.houses.due import alarms as houses_alarms
from veil.casework.houses.due import due as houses
from veil.casework.keeping.due import due as keeping
from veil.casework.moves.due import alarms as moves_alarms
from veil.casework.moves.due import due as moves
from veil.casework.network.due import alarms as network_alarms
from veil.casework.network.due import due as network
from veil.casework.requests.due import alarms as requests_alarms
from veil.casework.requests.due import due as requests

_PARTS = (requests, cases, moves, houses, custody, network, keeping)


_RINGING = (requests_alarms, cases_alarms, moves_alarms, houses_alarms, network_alarms)  # the other parts never ring


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return the alarms among what is due for this worker: asked on every page, so little is looked at."""
    return sorted(one for part in _RINGING for one in part(hand, now))


def today(hand: Hand, now: datetime) -> list[Due]:
    """Return everything that is due for this worker, alarms first, then by time."""
    return sorted(one for part in _PARTS for one in part(hand, now))
