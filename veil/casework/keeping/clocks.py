"""Retention clocks: on for everything from the moment it is written."""

import uuid
from datetime import timedelta

from veil.casework import clock
from veil.casework.keeping.models import Clock
from veil.casework.network.models import World

# Days after which a thing is purged unless somebody renews it; a network may set its own.
DAYS = {
    "request": 30,
    "declined request": 7,
    "suspected trap": 14,
    "case": 365,
    "closed case": 14,
    "move": 7,
    "house": 365,
    "incident": 90,
}


def start(what: uuid.UUID, root: uuid.UUID, thing: str) -> None:
    """Start the clock of a thing anew; `root` is the case, request or house that it belongs to, or itself.

    Its end is announced anew as well: what somebody chose to keep is not destroyed on an older notice.
    """
    told = World.objects.values_list("settings", flat=True).get().get("days", {})
    due = clock.now() + timedelta(days=int(told.get(thing, DAYS[thing])))
    Clock.objects.update_or_create(what=what, defaults={"root": root, "thing": thing, "due": due, "warned": None})
