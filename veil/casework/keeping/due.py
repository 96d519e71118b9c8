"""What is due to be destroyed: announced in time, renewed by a coordinator, or gone."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.keeping import clocks, purge
from veil.casework.keeping.models import Clock
from veil.casework.network.models import Wrap
from veil.errors import VeilError

REMIND = {"request": timedelta(days=5), "move": timedelta(days=2)}  # before the end
_REMIND = timedelta(days=14)
_URGENT = timedelta(days=2)
NOTICE = timedelta(days=1)  # at the least: a computer's clock that jumped ahead destroys nothing by itself


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what will be destroyed soon, of what this worker holds keys to."""
    if not hand.may("clock.see"):
        return []
    return [
        Due(
            Weight.URGENT if row.due - now < _URGENT else Weight.SOON,
            row.due,
            _("will be destroyed"),
            code,
            "clock",
            row.what,
        )
        for row, code in announced(hand, now)
    ]


def announced(hand: Hand, now: datetime) -> list[tuple[Clock, str]]:
    """Return the clocks that come to an end soon, with the codes of what they are about, soonest first."""
    rows = Clock.objects.filter(due__lt=now + _REMIND, what__in=held_by(hand)).order_by("due")
    near = [row for row in rows if row.due < now + _remind(row.thing)]
    return list(zip(near, codes_of(near), strict=True))


def held_by(hand: Hand) -> Any:
    """Return a query of the cases, requests, moves and houses of which this worker holds a key of their own.

    A key within them is not enough: who hosts a stay, or keeps somebody's health, is not told of which case it is.
    """
    live = Q(until=None) | Q(until__gt=clock.now())
    return Wrap.objects.filter(live, holder_id=hand.id).values("compartment__owner")


def clock_of(hand: Hand, what: uuid.UUID) -> Clock:
    """Return the clock of a thing of which this worker holds a key; raise VeilError where there is none."""
    row = Clock.objects.filter(what=what, what__in=held_by(hand)).first()
    if row is None:
        raise VeilError(_("there is nothing here, or it is not open to you"), _("go back to the board"))
    return row


def codes_of(rows: list[Clock]) -> list[str]:
    """Return the random codes by which people know these things; a move goes by its case's."""
    asked = {row.what for row in rows} | {row.root for row in rows}
    found: dict[uuid.UUID, str] = {}
    for model in apps.get_app_config("casework").get_models():
        names = {field.name for field in model._meta.fields}  # noqa: SLF001
        if {"id", "code", "root"} <= names:
            found.update(model._default_manager.filter(id__in=asked).values_list("id", "code"))  # noqa: SLF001
    return [found.get(row.what) or found.get(row.root, "") for row in rows]


def renew(hand: Hand, what: uuid.UUID) -> None:
    """Start a clock anew: a coordinator decided that the thing is still needed."""
    hand.require("clock.renew")
    row = clock_of(hand, what)
    clocks.start(row.what, row.root, row.thing)
    hand.note("clock renewed", what)


def purge_due(hand: Hand) -> int:
    """Destroy what is due and was announced at least a day ago; announce what comes next. Return how many went."""
    now = clock.now()
    for thing in clocks.DAYS:
        Clock.objects.filter(thing=thing, warned=None, due__lt=now + _remind(thing)).update(warned=now)
    past = list(Clock.objects.filter(due__lte=now, warned__lte=now - NOTICE).values_list("what", "root"))
    for what, root in past:
        if what == root:
            purge.purge(hand, root)
        elif Clock.objects.filter(what=what).exists():  # it may have gone with its case a moment ago
            purge.destroy(hand, [what])
    return len(past)


def _remind(thing: str) -> timedelta:
    return REMIND.get(thing, _REMIND)
