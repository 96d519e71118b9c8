"""Houses: making them, who holds which of their keys, how they rest."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from veil.casework import clock, naming
from veil.casework.hand import Hand
from veil.casework.houses import journey
from veil.casework.houses.fields import HOUSE
from veil.casework.houses.journey import BURNED, FULL, OPEN, RESTING
from veil.casework.houses.models import House, Stay
from veil.casework.keeping import clocks, purge
from veil.casework.network import chiefs
from veil.casework.network.models import Compartment, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError

REST = timedelta(days=14)


def make_house(hand: Hand, host: Worker, capacity: int, said: Mapping[str, Any]) -> House:
    """Return a new house: where it is is sealed to its host and this coordinator, the rest to every coordinator."""
    hand.require("house.make")
    if host.role != Role.HOST:
        raise NotAllowed
    id_, now = uuid.uuid4(), clock.now()
    house: House = House.objects.create(
        id=id_, root=id_, code=_free_code(), capacity=_checked(capacity), since=now, changed=now
    )
    hand.make(id_, id_, Kind.FILE, coordinators(), _of(Kind.FILE, said))
    hand.make(id_, id_, Kind.HOUSE, [Worker.objects.get(id=hand.id), host], _of(Kind.HOUSE, said))
    clocks.start(id_, id_, "house")
    hand.note("house made", id_)
    return house


def houses_of(hand: Hand) -> Any:
    """Return a query of the houses of which this worker holds any key, with how many beds are `used` and `free`."""
    mine = Q(hand.holding(Kind.FILE)) | Q(id__in=hand.held(Kind.HOUSE))
    used = House.objects.filter(mine).annotate(used=Count("taken", distinct=True))
    return used.annotate(free=F("capacity") - F("used")).order_by("code")


def house_of(hand: Hand, house_id: uuid.UUID) -> House:
    """Return one house of which this worker holds a key; raise `NotAllowed`."""
    house: House | None = houses_of(hand).filter(id=house_id).first()
    if house is None:
        raise NotAllowed
    return house


def locked(house_id: uuid.UUID) -> House:
    """Return a house that nobody else changes until this transaction ends."""
    house: House | None = House.objects.select_for_update().filter(id=house_id).first()
    if house is None:
        raise NotAllowed
    return house


def state_of(house: Any) -> str:
    """Return the state that the board shows: an open house without a free bed is full."""
    return FULL if house.state == OPEN and house.free <= 0 else str(house.state)


def resize(hand: Hand, house_id: uuid.UUID, capacity: int) -> None:
    """Set how many beds a house has; raise VeilError below the number of those who sleep there."""
    hand.require("house.change")
    house = _mine(hand, house_id)
    if house.taken.count() > _checked(capacity):
        raise VeilError(
            _("more people sleep there than that"), _("find some of them another house first, then change the number")
        )
    House.objects.filter(id=house_id).update(capacity=capacity)
    hand.note("house changed", house_id)


def set_state(hand: Hand, house_id: uuid.UUID, state: str, until: datetime | None = None) -> None:
    """Open a house, call it full, or let it rest until a day; `burned` has a way of its own."""
    hand.require("house.change")
    house = _mine(hand, house_id)
    journey.HOUSE.check(house.state, state)
    if state == BURNED:
        raise ValueError("a house is burned by `burning.burn`")
    rests = (until or clock.now() + REST) if state == RESTING else None
    House.objects.filter(id=house_id).update(state=state, rests_until=rests, changed=clock.now())
    hand.note(f"house {state}", house_id)


@dataclass(frozen=True)
class Passed:
    """What passing a house on did: who had it before (None: nobody did), and what the new one has not been told."""

    before: Worker | None
    untold: int  # stays about which the new host has to be told by voice


def pass_on(hand: Hand, house_id: uuid.UUID, to: Worker) -> Passed:
    """Give the address to another coordinator, or the house to another host, in place of who had it until now.

    What a host was told of the guests goes the same way. A host gives their own place only, or one that is empty.
    """
    hand.require("house.address")
    role = Role(to.role)
    before = holder(house_id, role)
    if hand.role == Role.HOST and before is not None and before.id != hand.id:
        raise NotAllowed
    if before is None:
        hand.share(house_id, Kind.HOUSE, to)
    else:
        hand.pass_on(house_id, Kind.HOUSE, to, before.id)
    for own in Compartment.objects.filter(root=house_id, kind=Kind.HOUSE).exclude(owner=house_id):
        _pass_check_in(hand, own.owner, to, before)
    there = Stay.objects.filter(house_id=house_id).exclude(state=journey.ENDED)
    untold = sum(not _tell_of_guests(hand, stay, to, before) for stay in there) if role == Role.HOST else 0
    if role == Role.COORDINATOR and before is not None:
        for stay in there:
            if holder(stay.id, role) == before and hand.holds(stay.id, Kind.HOUSE):
                hand.pass_on(stay.id, Kind.HOUSE, to, before.id)
    hand.note("house passed on", house_id)
    return Passed(before, untold)


def _pass_check_in(hand: Hand, owner: uuid.UUID, to: Worker, before: Worker | None) -> None:
    """Let whoever comes read the house's check-ins, and whoever goes no more."""
    if not hand.holds(owner, Kind.HOUSE):
        return
    if before is not None and holder(owner, Role(to.role)) == before:
        hand.pass_on(owner, Kind.HOUSE, to, before.id)
    elif holder(owner, Role(to.role)) is None:
        hand.share(owner, Kind.HOUSE, to)


def _tell_of_guests(hand: Hand, stay: Stay, host: Worker, before: Worker | None) -> bool:
    """Let a new host read what the one before was told of a stay; return whether that could be done."""
    told = holder(stay.id, Role.HOST)
    if told is not None and hand.holds(stay.id, Kind.HOUSE):
        hand.pass_on(stay.id, Kind.HOUSE, host, told.id)
        return True
    if hand.holds(stay.id, Kind.FILE):  # another coordinator placed them: their words, under a new key
        said = hand.read(stay.id, stay.id, Kind.FILE).said
        purge.destroy_kinds(hand, stay.id, [Kind.HOUSE])
        hand.make(stay.root, stay.id, Kind.HOUSE, [Worker.objects.get(id=hand.id), host], said)
        return True
    if before is not None:
        Wrap.objects.filter(compartment__owner=stay.id, compartment__kind=Kind.HOUSE, holder=before).delete()
    return False


def holder(owner: uuid.UUID, role: Role) -> Worker | None:
    """Return the one worker of a role who holds an address, or what was said to a host of a stay."""
    wrap = (
        Wrap.objects.filter(
            compartment__owner=owner, compartment__kind=Kind.HOUSE, holder__role=role, holder__ended=None
        )
        .select_related("holder")
        .first()
    )
    return wrap.holder if wrap else None


def coordinators() -> list[Worker]:
    """Return every coordinator who works here."""
    return list(chiefs.of_the_network())


def let_all_coordinators_see(hand: Hand) -> int:
    """Share what placing needs, and nothing about where, with coordinators who joined later; return how many keys."""
    hand.require("house.change")
    given = 0
    for worker in coordinators():
        has = set(
            Wrap.objects.filter(holder=worker, compartment__kind=Kind.FILE).values_list("compartment__owner", flat=True)
        )
        for house_id in House.objects.filter(hand.holding(Kind.FILE)).values_list("id", flat=True):
            if house_id not in has:
                hand.share(house_id, Kind.FILE, worker)
                given += 1
    return given


def _mine(hand: Hand, house_id: uuid.UUID) -> House:
    if not hand.holds(house_id, Kind.FILE):
        raise NotAllowed
    return locked(house_id)


def _of(kind: Kind, said: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: said.get(field.name, "") for field in HOUSE if field.kind == kind}


def _checked(capacity: int) -> int:
    if not 1 <= capacity <= 99:
        raise VeilError(_("a house has between 1 and 99 beds"), _("count the places where somebody can sleep"))
    return capacity


def _free_code() -> str:
    while House.objects.filter(code=(code := naming.code())).exists():
        continue
    return code
