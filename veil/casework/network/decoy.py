"""The decoy world's caseload: a small network that never was, made by chance, and kept from looking abandoned.

It is written through the same functions as the real one, by an invented coordinator. Its history begins when the vault
was founded and is only ever added to: days that nobody looked are filled in the next time that somebody can.
"""

import random
import secrets
from collections.abc import Callable
from contextlib import suppress
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
from veil.vault import phrases, seal

FIRST_SCENES = 9  # what there is to see on the first day
_A_DAY = 1.7  # scenes, on average, after it
_MOST = 60  # however long nobody looked


@dataclass(frozen=True)
class Crew:
    """The invented colleagues, the language they write, and chance."""

    hands: dict[str, Hand]
    language: str
    chance: random.Random


Scene = Callable[[Crew], None]
_SCENES: list[tuple[int, Scene]] = []


def scene(weight: int) -> Callable[[Scene], Scene]:
    """Enter something that may happen in the decoy world, and how often it does beside the others."""

    def enter(made: Scene) -> Scene:
        _SCENES.append((weight, made))
        return made

    return enter


def crew_of(director: Hand, secret: bytes) -> Crew:
    """Return the invented colleagues, who all act by the director's secret."""
    hands = {str(director.role): director}
    for worker in Worker.objects.filter(ended=None, role__in=desks.COLLEAGUES).order_by("since"):
        own = desks.colleague_secret(secret, Role(worker.role))
        if seal.public_of(own) == bytes(worker.public):
            hands[worker.role] = Hand(worker, own, director.store)
    language = "ru" if director.call_sign.casefold() in phrases.LISTS["ru"] else "en"
    return Crew(hands, language, random.Random(secrets.randbits(128)))  # noqa: S311  (which story is told, not a key)


def keep_alive(crew: Crew) -> None:
    """Let what may have happened since the last time happen, each thing at its own time of the day."""
    from veil.casework.network import scenes

    if not {Role.COORDINATOR, *desks.COLLEAGUES} <= set(crew.hands):
        return  # somebody was made to revoke them: the world goes on without
    since, now = World.objects.get().latest, clock.now()
    days = max(0.0, (now - since) / timedelta(days=1))
    first = not Wrap.objects.exclude(compartment__root=NETWORK).exists()
    usual = min(_MOST, round(crew.chance.gauss(_A_DAY * days, 0.8 * days**0.5)))
    count = max(FIRST_SCENES, usual) if first else usual  # weeks may lie between the founding and the first look
    public = seal.public_of(bytes.fromhex(desks.desk(crew.hands[Role.COORDINATOR])["signals"]))
    for number, at in enumerate(_times(crew.chance, since, now, max(0, count))):
        with clock.at(at):
            hand = crew.chance.choice(list(crew.hands.values()))
            hand.note("unlocked")
            desks.ping(hand.id, at.timestamp(), public)
            _try(crew, scenes.tend)
            weights, told = [weight for weight, _ in _SCENES], [made for _, made in _SCENES]
            begins = first and number < len(scenes.BEGINNING)
            _try(crew, scenes.BEGINNING[number] if begins else crew.chance.choices(told, weights)[0])


def entrust(crew: Crew, worker: Worker) -> None:
    """Give a new colleague a part of what the crew holds, as far as their role may hold it: their caseload."""
    from veil.casework.network import scenes

    if worker.role == Role.COORDINATOR:
        crew.hands[Role.COORDINATOR].share(NETWORK, Kind.FILE, worker)
    scenes.hand_over(crew, worker)
    for hand in crew.hands.values():
        wraps = Wrap.objects.filter(holder_id=hand.id, until=None).exclude(compartment__root=NETWORK)
        roots = list(wraps.values_list("compartment__root", flat=True).distinct())
        crew.chance.shuffle(roots)
        mine = wraps.filter(compartment__root__in=roots[: max(3, len(roots) * 2 // 3)])
        for owner, kind in list(mine.values_list("compartment__owner", "compartment__kind")):
            held = Wrap.objects.filter(compartment__owner=owner, compartment__kind=kind, holder=worker).exists()
            if not held and policy.may_hold(worker.role, kind):
                with suppress(policy.NotAllowed):  # a house's address has its two holders
                    hand.share(owner, Kind(kind), worker)


def _times(chance: random.Random, since: datetime, now: datetime, count: int) -> list[datetime]:
    parts = sorted(chance.random() for _ in range(count))
    return [since + (now - since) * part for part in parts]


def _try(crew: Crew, happens: Scene) -> None:
    try:
        with transaction.atomic(using=world.here()):
            happens(crew)
    except VeilError:
        return  # what cannot happen now does not happen
