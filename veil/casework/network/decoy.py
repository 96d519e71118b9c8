"""The decoy world's caseload: a small network that never was, made by chance, and kept from looking abandoned.

It is written through the same functions as the real one, by an invented coordinator. Its history begins when the vault
was founded and is only ever added to: days that nobody looked are filled in the next time that somebody can.
"""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from veil.casework import clock, policy, world
from veil.casework.hand import Hand
from veil.casework.network import desks
from veil.casework.network.desks import NETWORK
from veil.casework.network.models import Worker, World, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import seal

FIRST_SCENES = 9  # what there is to see on the first day
_A_DAY = 1.7  # scenes, on average, after it
_MOST = 60  # however long nobody looked


@dataclass(frozen=True)
class Crew:
    """The invented colleagues, and chance."""

    hands: dict[str, Hand]
    chance: random.Random


Scene = Callable[[Crew], None]
_SCENES: list[tuple[int, Scene]] = []


def scene(weight: int) -> Callable[[Scene], Scene]:
    """Enter something that may happen in the decoy world, and how often it does beside the others."""

    def enter(made: Scene) -> Scene:
        _SCENES.append((weight, made))
        return made

    return enter


def keep_alive(director: Hand, secret: bytes) -> None:
    """Let what may have happened since the last time happen, each thing at its own time of the day."""
    chance = random.Random(secrets.randbits(128))  # noqa: S311  (which story is told, not a key)
    hands = {director.role: director}
    for worker in Worker.objects.filter(ended=None, role__in=desks.COLLEAGUES).order_by("since"):
        own = desks.colleague_secret(secret, Role(worker.role))
        if seal.public_of(own) == bytes(worker.public):
            hands[worker.role] = Hand(worker, own, director.store)
    crew = Crew(hands, chance)
    since, now = World.objects.get().latest, clock.now()
    days = max(0.0, (now - since) / timedelta(days=1))
    first = not Wrap.objects.exclude(compartment__root=NETWORK).exists()
    count = FIRST_SCENES if first else min(_MOST, round(chance.gauss(_A_DAY * days, 0.8 * days**0.5)))
    public = seal.public_of(bytes.fromhex(desks.desk(director)["signals"]))
    for at in _times(chance, since, now, max(0, count)):
        with clock.at(at):
            hand = chance.choice(list(hands.values()))
            hand.note("unlocked")
            desks.ping(hand.id, at.timestamp(), public)
            _play(crew)


def entrust(director: Hand, worker: Worker) -> None:
    """Give a new colleague a part of what the director holds, as far as their role may hold it: their caseload."""
    wraps = Wrap.objects.filter(holder_id=director.id, until=None).exclude(compartment__root=NETWORK)
    roots = list(wraps.values_list("compartment__root", flat=True).distinct())
    secrets.SystemRandom().shuffle(roots)
    for root in roots[: max(3, len(roots) * 2 // 3)]:
        for owner, kind in wraps.filter(compartment__root=root).values_list("compartment__owner", "compartment__kind"):
            if policy.may_hold(worker.role, kind):
                director.share(owner, Kind(kind), worker)


def _times(chance: random.Random, since: datetime, now: datetime, count: int) -> list[datetime]:
    parts = sorted(chance.random() for _ in range(count))
    return [since + (now - since) * part for part in parts]


def _play(crew: Crew) -> None:
    if not _SCENES:
        return
    weights, scenes = [weight for weight, _ in _SCENES], [made for _, made in _SCENES]
    (chosen,) = crew.chance.choices(scenes, weights)
    try:
        with transaction.atomic(using=world.here()):
            chosen(crew)
    except VeilError:
        return  # what cannot happen now does not happen
