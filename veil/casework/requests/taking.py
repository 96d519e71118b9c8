"""Who holds a request: all of the hotline while it waits, one operator (and the coordinators) once it is taken."""

import uuid
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from veil.casework import policy
from veil.casework.hand import Hand
from veil.casework.network import chiefs
from veil.casework.network.models import Compartment, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.requests.models import Request
from veil.casework.states import NotNow
from veil.errors import VeilError

_welcomed: WeakKeyDictionary[Hand, frozenset[uuid.UUID]] = WeakKeyDictionary()  # whom a hand has given keys to
HOTLINE = (Role.OPERATOR, Role.COORDINATOR)


class Taken(VeilError):
    """Somebody else has taken this call."""

    def __init__(self) -> None:
        super().__init__(
            _("somebody else has taken this call"),
            _("take another one; two of us must not call the same person"),
        )


def asked(hand: Hand, what: uuid.UUID, *, alone: bool = False) -> Request:
    """Return a request whose key this worker holds; `NotAllowed` for one that is another's, or that never was.

    `alone`: nobody else changes it until this transaction ends, so that it can be saved as it was read.
    """
    rows = Request.objects.select_for_update() if alone else Request.objects
    found = rows.filter(id=what).first()
    if found is None or not hand.holds(what, Kind.FILE):
        raise policy.NotAllowed
    return found


def held(hand: Hand, **only: Any) -> Any:
    """Return a query of the requests (`only` some of them, by their columns) whose words this worker can read."""
    # asked for by the few requests there are, never by the many keys that a worker holds
    ids = list(Request.objects.filter(**only).values_list("id", flat=True))
    return Request.objects.filter(id__in=hand.held_of(ids, Kind.FILE)[Kind.FILE])


def hotline() -> list[Worker]:
    """Return the operators and coordinators who work here."""
    return list(Worker.objects.filter(Q(role=Role.OPERATOR) | chiefs.is_chief(), ended=None))


def working() -> set[uuid.UUID]:
    """Return the ids of the hotline's workers: a call taken by anybody else is taken by nobody any more."""
    return {worker.id for worker in hotline()}


def coordinators() -> list[Worker]:
    """Return the coordinators who work here."""
    return list(chiefs.of_the_network())


def take(hand: Hand, what: uuid.UUID) -> Request:
    """Make this worker the one who calls back; other operators lose the keys. Raise `Taken` if it is another's."""
    hand.require("request.take")
    request = asked(hand, what)
    if request.taken_by is not None and request.taken_by not in working():
        Request.objects.filter(id=what, taken_by=request.taken_by).update(taken_by=None)
    if not Request.objects.filter(id=what, taken_by=None).update(taken_by=hand.id, in_hand_of=in_hand(hand)):
        if request.taken_by != hand.id:
            raise Taken
        return request
    if hand.holds(request.contact, Kind.FILE):  # else a stand-in is the last who knows where to call
        _only(hand, request.id, [hand.id, *(worker.id for worker in coordinators())])
        _only(hand, request.contact, [hand.id])
    hand.note("request taken", what)
    return asked(hand, what)


def in_hand(hand: Hand) -> uuid.UUID | None:
    """Return who has the danger in hand when this worker speaks with somebody: nobody, unless they coordinate."""
    return hand.id if hand.role == Role.COORDINATOR else None


def take_in_hand(hand: Hand, what: uuid.UUID) -> None:
    """Note that this coordinator stands behind whoever speaks with somebody in danger: the boards ring no more."""
    hand.require("request.take in hand")
    asked(hand, what)
    Request.objects.filter(id=what).update(in_hand_of=hand.id)
    hand.note("danger taken in hand", what)


def give_back(hand: Hand, what: uuid.UUID) -> Request:
    """Put a request back where every operator sees it, with the way to call back."""
    request = mine(hand, what)
    for worker in hotline():
        _give(hand, request.id, worker)
        if hand.holds(request.contact, Kind.FILE):
            _give(hand, request.contact, worker)
    Request.objects.filter(id=what).update(taken_by=None, in_hand_of=None)
    hand.note("request given back", what)
    return asked(hand, what)


def hand_over(hand: Hand, what: uuid.UUID, to: uuid.UUID) -> None:
    """Give a request and the way to call back to another of the hotline; an operator keeps no key of it."""
    request = mine(hand, what)
    worker = next((worker for worker in hotline() if worker.id == to), None)
    if worker is None:
        raise policy.NotAllowed
    _give(hand, request.id, worker)
    if hand.holds(request.contact, Kind.FILE):
        _give(hand, request.contact, worker)
        _only(hand, request.contact, [worker.id])
    Request.objects.filter(id=what).update(taken_by=worker.id)
    hand.note("request handed over", what)
    _only(hand, request.id, [worker.id, *(one.id for one in coordinators())])


def stand_in(hand: Hand, what: uuid.UUID, to: uuid.UUID) -> None:
    """Let a second one of the hotline read the request and the way to call back, in case the first cannot call."""
    request = mine(hand, what)
    worker = next((worker for worker in hotline() if worker.id == to), None)
    if worker is None or not hand.holds(request.contact, Kind.FILE):
        raise policy.NotAllowed
    _give(hand, request.id, worker)
    _give(hand, request.contact, worker)
    hand.note("stand-in named", what)


def mine(hand: Hand, what: uuid.UUID) -> Request:
    """Return a request that this worker may work on, alone: their own, or any that they hold if they coordinate."""
    request = asked(hand, what, alone=True)
    if request.taken_by != hand.id and hand.role != Role.COORDINATOR:
        if request.taken_by is None:
            raise NotNow
        if not hand.holds(request.contact, Kind.FILE):  # not a stand-in either
            raise Taken
    return request


def shut(hand: Hand, request: Request) -> None:
    """Leave keys to coordinators alone; the way to call back too, if this worker holds it; it is destroyed if not."""
    chiefs = coordinators()
    if hand.holds(request.contact, Kind.FILE):
        for worker in chiefs:
            _give(hand, request.contact, worker)
    keep = [worker.id for worker in chiefs]
    _only(hand, request.contact, keep)
    _only(hand, request.id, keep)


def welcome(hand: Hand) -> None:
    """Give whoever joined the hotline later the keys of the requests that still wait for somebody."""
    people = hotline()
    working_now = frozenset(worker.id for worker in people)
    if _welcomed.get(hand) == working_now:
        return  # nobody has joined since this worker looked last
    waiting = held(hand).filter(taken_by=None).exclude(state="suspected trap").values_list("id", "contact")
    owners = hand.held_of({owner for pair in waiting for owner in pair}, Kind.FILE)[Kind.FILE]
    files = dict(Compartment.objects.filter(owner__in=owners, kind=Kind.FILE).values_list("id", "owner"))
    theirs = Count("id", filter=Q(holder__in=working_now))
    holders = dict(Wrap.objects.filter(compartment__in=files).values_list("compartment").annotate(theirs=theirs))
    for compartment, owner in files.items():
        if holders[compartment] < len(working_now):
            have = set(Wrap.objects.filter(compartment=compartment).values_list("holder_id", flat=True))
            for worker in people:
                if worker.id not in have:
                    hand.share(owner, Kind.FILE, worker)
    transaction.on_commit(lambda: _welcomed.update({hand: working_now}), using=hand.store)


def _give(hand: Hand, owner: uuid.UUID, worker: Worker) -> None:
    if worker.id != hand.id and not wraps(owner).filter(holder=worker, until=None).exists():
        hand.share(owner, Kind.FILE, worker)


def _only(hand: Hand, owner: uuid.UUID, keep: Iterable[uuid.UUID]) -> None:
    gone, _rows = wraps(owner).exclude(holder_id__in=list(keep)).delete()
    if gone:
        hand.note("key withdrawn", owner)


def wraps(owner: uuid.UUID) -> Any:
    """Return the wraps of a compartment of a request."""
    return Wrap.objects.filter(compartment__owner=owner, compartment__kind=Kind.FILE)
