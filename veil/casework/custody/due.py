"""What is due in custody, for the board."""

from datetime import datetime

from veil.casework.due import Due
from veil.casework.hand import Hand


def due(hand: Hand, now: datetime) -> list[Due]:  # noqa: ARG001
    """Return what this worker has to look at until the end of the day, of what they hold keys to."""
    return []
