"""Stays: who sleeps where until when, never more people than beds, and what the host is told of them."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from veil.casework import clock, world
from veil.casework.cases import consents, following
from veil.casework.hand import Hand
from veil.casework.houses import journey, shelter
from veil.casework.houses.journey import ENDED, OPEN, STAYING
from veil.casework.houses.models import Bed, House, Stay
from veil.casework.keeping import purge
from veil.casework.network.models import Compartment, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError

NORMAL = timedelta(days=14)  # two weeks are normal
_LONGEST = timedelta(days=400)


class NoBed(VeilError):
    """The house has not that many free beds, or takes nobody now."""

    def __init__(self) -> None:
        super().__init__(_("there are not that many free beds there now"), _("choose another house"))


def free_houses(hand: Hand, beds: int) -> list[House]:
    """Return the open houses on this worker's board with that many free beds, the closest fit first."""
    open_ = shelter.houses_of(hand).filter(state=OPEN, id__in=hand.held(Kind.FILE), free__gte=max(1, beds))
    return sorted(open_, key=lambda house: (house.free - beds, house.code))


def place(
    hand: Hand,
    case_id: uuid.UUID,
    house_id: uuid.UUID,
    beds: int,
    until: datetime | None = None,
    said: Mapping[str, Any] | None = None,
) -> Stay:
    """Return a new stay of a case in a house; raise `NoBed` rather than give one bed to two.

    Without `until` it ends after two weeks. `said` is what the host may know; the case workers of the case get to
    know the house's rules, nobody gets to know where it is.
    """
    hand.require("stay.place")
    if not (hand.holds(case_id, Kind.FILE) and hand.holds(house_id, Kind.FILE)):
        raise NotAllowed
    consents.require(case_id, consents.CASEWORK)
    now = clock.now()
    stay: Stay = Stay(
        root=case_id, case=case_id, house_id=house_id, beds=beds, since=now, until=_checked(until or now + NORMAL)
    )
    _take(stay, house_id)
    hand.make(case_id, stay.id, Kind.FILE, shelter.coordinators(), dict(said or {}))
    _tell_host(hand, stay, dict(said or {}))
    _let_read_rules(hand, stay)
    hand.note("placed", stay.id)
    following.follow(hand, case_id)
    return stay


def rehome(hand: Hand, stay_id: uuid.UUID, house_id: uuid.UUID) -> Stay:
    """Move a stay into another house from now on, until the same day; raise `NoBed`, and nothing has changed."""
    hand.require("stay.place")
    stay = _mine(hand, stay_id)
    if not hand.holds(house_id, Kind.FILE):
        raise NotAllowed
    journey.STAY.check(stay.state, STAYING)
    before = stay.house_id
    said = hand.read(stay.id, stay.id, Kind.FILE).said if hand.holds(stay.id, Kind.FILE) else {}
    stay.house_id, stay.state, stay.proposed, stay.rules_read = house_id, STAYING, None, False
    with transaction.atomic(using=world.here()):
        Bed.objects.filter(stay=stay).delete()
        _take(stay, house_id)
    _tell_host(hand, stay, said)
    _let_read_rules(hand, stay)
    _forget_rules(hand, stay, before)
    hand.note("moved to another house", stay.id)
    return stay


def extend(hand: Hand, stay_id: uuid.UUID, until: datetime) -> None:
    """Let a stay last until another day."""
    hand.require("stay.place")
    stay = _mine(hand, stay_id)
    journey.STAY.check(stay.state, STAYING)
    Stay.objects.filter(id=stay.id).update(until=_checked(until))
    hand.note("stay extended", stay.id)


def end(hand: Hand, stay_id: uuid.UUID) -> None:
    """End a stay: its beds are free, and what the host was told of the guests is destroyed."""
    hand.require("stay.end")
    stay = _mine(hand, stay_id)
    journey.STAY.check(stay.state, ENDED)
    Bed.objects.filter(stay=stay).delete()
    Stay.objects.filter(id=stay.id).update(state=ENDED, ended=clock.now(), proposed=None)
    _forget_rules(hand, stay, stay.house_id)
    purge.destroy_kinds(hand, stay.id, [Kind.FILE, Kind.HOUSE])
    hand.note("stay ended", stay.id)


def rules_read(hand: Hand, stay_id: uuid.UUID) -> None:
    """Note that the house's rules were read with the guests."""
    hand.require("stay.rules read")
    stay = stay_of(hand, stay_id)
    Stay.objects.filter(id=stay.id).update(rules_read=True)
    hand.note("house rules read", stay.id)


def stay_of(hand: Hand, stay_id: uuid.UUID) -> Stay:
    """Return a stay of a case, or at a house, of which this worker holds a key; raise `NotAllowed`."""
    stay: Stay | None = Stay.objects.select_related("house", "proposed").filter(id=stay_id).first()
    if stay is None or not any(hand.holds(owner, Kind.FILE) for owner in (stay.case, stay.id)):
        raise NotAllowed
    return stay


def handed_over(hand: Hand, case_id: uuid.UUID, giver: Worker, taker: Worker) -> None:
    """Let a case worker who takes a case over read the rules of the house where its people sleep.

    Whoever gave it reads them no more, unless people of another case of theirs sleep there too.
    """
    for stay in Stay.objects.filter(case=case_id).exclude(state=ENDED):
        if not hand.holds(stay.house_id, Kind.FILE):
            continue
        if taker.role == Role.CASE_WORKER:
            hand.share(stay.house_id, Kind.FILE, taker)
        there = Stay.objects.filter(house_id=stay.house_id).exclude(state=ENDED).values_list("case", flat=True)
        still = {worker.id for case in set(there) for worker in _case_workers(case)}
        if giver.role == Role.CASE_WORKER and giver.id not in still:
            hand.withdraw(stay.house_id, Kind.FILE, giver.id)


def for_host(hand: Hand, stay: Stay) -> dict[str, Any]:
    """Return what the host was told of a stay; nothing without the key."""
    return hand.read(stay.id, stay.id, Kind.HOUSE).said if hand.holds(stay.id, Kind.HOUSE) else {}


def _mine(hand: Hand, stay_id: uuid.UUID) -> Stay:
    stay: Stay | None = Stay.objects.select_for_update().filter(id=stay_id).first()
    if stay is None or not any(hand.holds(owner, Kind.FILE) for owner in (stay.house_id, stay.id)):
        raise NotAllowed
    return stay


def _take(stay: Stay, house_id: uuid.UUID) -> None:
    """Save a stay with its beds. Two at once take the same lowest numbers: the database lets one of them through."""
    house = shelter.locked(house_id)
    taken = set(house.taken.values_list("number", flat=True))
    if stay.beds < 1 or house.state != OPEN or len(taken) + stay.beds > house.capacity:
        raise NoBed
    numbers = [number for number in range(1, 200) if number not in taken][: stay.beds]
    try:
        with transaction.atomic(using=world.here()):
            stay.save()
            Bed.objects.bulk_create(Bed(root=stay.root, stay=stay, house=house, number=one) for one in numbers)
    except IntegrityError as error:
        raise NoBed from error


def _tell_host(hand: Hand, stay: Stay, said: dict[str, Any]) -> None:
    """Seal what the host may know of the guests to the host of the house they are in, and to nobody before."""
    if Compartment.objects.filter(owner=stay.id, kind=Kind.HOUSE).exists():
        purge.destroy_kinds(hand, stay.id, [Kind.HOUSE])
    host = shelter.holder(stay.house_id, Role.HOST)
    if host is not None:
        hand.make(stay.root, stay.id, Kind.HOUSE, [Worker.objects.get(id=hand.id), host], said)


def _let_read_rules(hand: Hand, stay: Stay) -> None:
    for worker in _case_workers(stay.case):
        hand.share(stay.house_id, Kind.FILE, worker)


def _forget_rules(hand: Hand, stay: Stay, house_id: uuid.UUID) -> None:
    """Take the key of a house from the case workers of whom nobody sleeps there any more."""
    there = Stay.objects.filter(house_id=house_id).exclude(state=ENDED).exclude(id=stay.id)
    others = [one.case for one in there if one.house_id == house_id]
    if stay.state != ENDED and stay.house_id == house_id and Bed.objects.filter(stay=stay).exists():
        others.append(stay.case)
    still = {worker.id for case in others for worker in _case_workers(case)}
    for worker in _case_workers(stay.case):
        if worker.id not in still and hand.holds(house_id, Kind.FILE):
            hand.withdraw(house_id, Kind.FILE, worker.id)


def _case_workers(case_id: uuid.UUID) -> list[Worker]:
    held = Wrap.objects.filter(compartment__owner=case_id, compartment__kind=Kind.FILE, until=None)
    return list(Worker.objects.filter(wraps__in=held, role=Role.CASE_WORKER, ended=None).distinct())


def _checked(until: datetime) -> datetime:
    now = clock.now()
    if not now < until < now + _LONGEST:
        raise VeilError(
            _("a stay ends on a day to come, within a year or so"), _("choose the day; two weeks are normal")
        )
    return until
