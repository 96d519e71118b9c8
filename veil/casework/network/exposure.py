"""If this account falls: how much a forced login yields, computed from the keys that exist and from nothing else."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q

from veil.casework import clock
from veil.casework.network.models import Compartment, Worker, World, Wrap
from veil.casework.network.roles import Kind

# What a key may open the words of: the count's name, and the table whose rows it counts.
THINGS = {"people": "Person", "cases": "Case", "requests": "Request", "moves": "Move", "houses": "House"}
# More than this in one account is a danger to others; a network may set its own.
MOST = {"people": 15, "cases": 12, "requests": 30, "moves": 5, "houses": 3}


@dataclass(frozen=True)
class Yield:
    """What one forced login would open: numbers only."""

    things: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)  # compartments, by kind
    only: int = 0  # keys that nobody else holds

    @property
    def total(self) -> int:
        """Return how many keys."""
        return sum(self.keys.values())

    def too_much(self, most: Mapping[str, int]) -> tuple[str, ...]:
        """Return which counts are above what one account should hold."""
        return tuple(name for name, count in self.things.items() if count > most.get(name, count))


def most() -> dict[str, int]:
    """Return how much one account may hold in this network before a warning."""
    told = World.objects.values_list("settings", flat=True).get().get("yield", {})
    return {name: int(told.get(name, count)) for name, count in MOST.items()}


def of(worker: uuid.UUID) -> Yield:
    """Return what the account of one worker yields now."""
    return of_each([worker])[worker]


def of_each(workers: Iterable[uuid.UUID]) -> dict[uuid.UUID, Yield]:
    """Return what each of these accounts yields now: a few queries, however many keys there are."""
    asked = list(workers)
    live = _live().filter(holder__in=asked)
    things = {worker: dict.fromkeys(THINGS, 0) for worker in asked}
    keys: dict[uuid.UUID, dict[str, int]] = {worker: {} for worker in asked}
    for row in live.values("holder").annotate(**_counts()):
        things[row["holder"]] = {name: row[name] for name in THINGS}
        keys[row["holder"]] = {kind.value: row[f"key_{kind.name}"] for kind in Kind if row[f"key_{kind.name}"]}
    for worker, move in _moves_by_leg(live):
        things[worker]["moves"] += move
    only = _alone().filter(holder__in=asked).values_list("holder").annotate(Count("compartment"))
    alone = dict(only)
    return {worker: Yield(things[worker], keys[worker], alone.get(worker, 0)) for worker in asked}


def known(worker: uuid.UUID, table: str, kind: Kind) -> set[uuid.UUID]:
    """Return the rows of a table whose compartments of a kind a worker has the key of."""
    model = apps.all_models["casework"].get(table.lower())
    if model is None:
        return set()
    held = _live().filter(holder=worker, compartment__kind=kind)
    return set(model.objects.filter(id__in=held.values("compartment__owner")).values_list("id", flat=True))


def codes(table: str, ids: Iterable[uuid.UUID]) -> list[str]:
    """Return the random codes of some rows; where they have none, their ids' first signs."""
    model = apps.all_models["casework"].get(table.lower())
    if model is None:
        return []
    rows = model.objects.filter(id__in=list(ids))
    return sorted(str(getattr(row, "code", "") or str(row.id)[:8]) for row in rows)


def only_theirs(worker: uuid.UUID) -> Any:
    """Return a query of the compartments whose key nobody but this worker holds for good."""
    return Compartment.objects.filter(id__in=_alone().filter(holder=worker).values("compartment"))


def columns() -> dict[str, int]:
    """Return what whoever opens the store at all can count, keys or none: rows of each table, and call signs."""
    told = dict.fromkeys(THINGS, 0) | {"call signs": Worker.objects.filter(ended=None).count()}
    for name, table in THINGS.items():
        model = apps.all_models["casework"].get(table.lower())
        told[name] = 0 if model is None else model.objects.count()
    return told


def _counts() -> dict[str, Count]:
    """Return what is counted of each worker's keys, all in one walk over them."""
    told = {f"key_{kind.name}": Count("compartment", filter=Q(compartment__kind=kind)) for kind in Kind}
    for name, table in THINGS.items():
        owned = Q(compartment__owner__in=apps.get_model("casework", table).objects.values("id"))
        if name == "houses":  # a house falls with its address, not with its code
            owned &= Q(compartment__kind=Kind.HOUSE)
        told[name] = Count("compartment__owner", filter=owned, distinct=True)
    return told


def _moves_by_leg(live: Any) -> Iterable[tuple[uuid.UUID, int]]:
    """Yield how many further moves each worker knows a leg of without holding the key of the whole plan."""
    leg = apps.all_models["casework"].get("leg")
    if leg is None:
        return
    move_of = dict(leg.objects.values_list("id", "move_id"))
    plans: dict[uuid.UUID, set[uuid.UUID]] = {}
    for worker, owner in live.filter(compartment__kind=Kind.MOVEMENT).values_list("holder", "compartment__owner"):
        plans.setdefault(worker, set()).add(owner)
    for worker, owners in plans.items():
        yield worker, len({move_of[one] for one in owners if one in move_of} - owners)


def _live() -> Any:
    return Wrap.objects.filter(Q(until=None) | Q(until__gt=clock.now()), holder__ended=None)


def _alone() -> Any:
    """Return a query of the wraps for good that nobody else has one beside: asked by worker, never of all keys."""
    others = Wrap.objects.filter(compartment=OuterRef("compartment"), until=None, holder__ended=None)
    mine = Wrap.objects.filter(until=None, holder__ended=None)
    return mine.filter(~Exists(others.exclude(holder=OuterRef("holder"))))
