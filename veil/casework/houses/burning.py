"""A burned house: given up for ever, where it is destroyed, everybody in it moved, everybody who knew it told."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, F

from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.houses import journey, shelter, stays
from veil.casework.houses.journey import BURNED, FULL, MUST_MOVE, OPEN, RESTING, STAYING
from veil.casework.houses.models import House, Stay, ToTell
from veil.casework.keeping import purge
from veil.casework.moves import checkins, incidents
from veil.casework.network.models import Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed

_STILL_KNOWN = timedelta(days=180)  # whoever slept there in this time knows it too


def burn(hand: Hand, house_id: uuid.UUID) -> uuid.UUID:
    """Give a house up for ever, at once.

    Its address is destroyed; everybody in it must move, with a free house proposed where there is one; whoever held
    its keys stands on the list of those to be told; the same host's other houses rest; the playbook opens. Return the
    id of its incident: whoever held no more than the key of the address holds nothing of the house from here on.
    """
    hand.require("house.burn")
    if not (hand.holds(house_id, Kind.FILE) or hand.holds(house_id, Kind.HOUSE)):
        raise NotAllowed
    house = shelter.locked(house_id)
    journey.HOUSE.check(house.state, BURNED)
    host = shelter.holder(house_id, Role.HOST)
    opened = incidents.burned(hand, house_id).id
    _list_who_knew(hand, house)
    there = house.stays.filter(state=STAYING)
    for owner in (house_id, *there.values_list("id", flat=True)):
        purge.destroy_kinds(hand, owner, [Kind.HOUSE])
    checkins.end_of_house(hand, house_id)
    there.update(state=MUST_MOVE)
    House.objects.filter(id=house_id).update(state=BURNED, rests_until=None, changed=clock.now())
    if host is not None:
        theirs = Wrap.objects.filter(holder=host, compartment__kind=Kind.HOUSE).values("compartment__owner")
        others = House.objects.filter(id__in=theirs, state__in=[OPEN, FULL])
        others.update(state=RESTING, rests_until=clock.now() + shelter.REST, changed=clock.now())
    hand.note("house burned", house_id)
    propose(hand, house_id)
    return uuid.UUID(str(opened))


def propose(hand: Hand, house_id: uuid.UUID) -> None:
    """Propose a free house for each stay that must move: the largest first, each to where it fits best."""
    suits = _suits(hand)
    room = {house.id: house.free for house in stays.free_houses(hand, 1)} or _room_unseen(hand)
    wanted = suits.get(house_id, frozenset())
    for stay in must_move(house_id).order_by("-beds", "since"):
        fitting = [id_ for id_, free in room.items() if free >= stay.beds]
        best = min(
            fitting, key=lambda id_: (len(wanted - suits.get(id_, frozenset())), room[id_] - stay.beds), default=None
        )
        Stay.objects.filter(id=stay.id).update(proposed=best)
        if best is not None:
            room[best] -= stay.beds


def must_move(house_id: uuid.UUID) -> Any:
    """Return a query of the stays that must leave a house."""
    return Stay.objects.filter(house_id=house_id, state=MUST_MOVE)


def propose_anew(hand: Hand, house_id: uuid.UUID) -> None:
    """Propose again where somebody has no bed yet and a house is free: a host was called, or a house opened."""
    without = must_move(house_id).exclude(proposed__isnull=False, proposed__state=OPEN)
    if without.exists() and stays.free_houses(hand, 1):
        propose(hand, house_id)


def confirm(hand: Hand, chosen: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> list[uuid.UUID]:
    """Move each stay to the house that was chosen; return those for whom there was no bed any more."""
    without = []
    for stay_id, house_id in chosen:
        try:
            stays.rehome(hand, stay_id, house_id)
        except stays.NoBed:
            without.append(stay_id)
    return without


def slept_there(house_id: uuid.UUID) -> int:
    """Return how many people slept in a house lately and have left it: they know it too."""
    gone = Stay.objects.filter(house_id=house_id, ended__gt=clock.now() - _STILL_KNOWN)
    return sum(gone.values_list("beds", flat=True))


def told(hand: Hand, house_id: uuid.UUID, worker_id: uuid.UUID) -> None:
    """Note that somebody who knew the house was told."""
    hand.require("house.change")
    if not hand.holds(house_id, Kind.FILE):
        raise NotAllowed
    ToTell.objects.filter(house_id=house_id, worker=worker_id, told=None).update(told=clock.now())
    hand.note("told of a burned house", house_id)


def _list_who_knew(hand: Hand, house: House) -> None:
    keys = Wrap.objects.filter(compartment__owner=house.id, compartment__kind__in=[Kind.HOUSE, Kind.FILE])
    knew = set(keys.exclude(holder__ended__isnull=False).values_list("holder", flat=True)) - {hand.id}
    ToTell.objects.bulk_create(
        [ToTell(root=house.id, house=house, worker=worker) for worker in knew], ignore_conflicts=True
    )


def _room_unseen(hand: Hand) -> dict[uuid.UUID, int]:
    """Return the free beds of all open houses where the host has burned one: the host sees none of them."""
    if hand.role != Role.HOST:
        return {}
    free = House.objects.filter(state=OPEN).annotate(free=F("capacity") - Count("taken"))
    return dict(free.filter(free__gt=0).values_list("id", "free"))


def _suits(hand: Hand) -> dict[uuid.UUID, frozenset[str]]:
    if hand.role != Role.COORDINATOR:
        return {}
    ids = House.objects.filter(id__in=hand.held(Kind.FILE)).values_list("id", flat=True)
    return {id_: frozenset(words.said.get("suits") or ()) for id_, words in hand.read_all(ids, Kind.FILE).items()}
