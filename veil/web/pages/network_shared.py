"""What the pages of workers have in common: whose page somebody may see, and the figures of an account."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from veil.casework import policy
from veil.casework.network import exposure
from veil.casework.network.models import Worker

_THINGS = {
    "people": gettext_lazy("people"),
    "cases": gettext_lazy("cases"),
    "requests": gettext_lazy("requests"),
    "moves": gettext_lazy("moves"),
    "houses": gettext_lazy("addresses of houses"),
}


def worker_of(request: HttpRequest, what: uuid.UUID) -> Worker:
    """Return a worker: oneself, or anybody for coordinators; raise `NotAllowed`."""
    if what != request.hand.id and not request.hand.may("worker.see"):
        raise policy.NotAllowed
    found = Worker.objects.filter(id=what).first()
    if found is None:
        raise policy.NotAllowed
    return found


def counts_of(told: exposure.Yield, most: dict[str, int]) -> list[tuple[Any, int, bool]]:
    """Return what an account yields, in words: each count, and whether it is more than one account should hold."""
    above = told.too_much(most)
    return [(_THINGS[name], count, name in above) for name, count in told.things.items()]
