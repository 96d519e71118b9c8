"""The decoy world's caseload: a small network that never was, made by chance, and kept from looking abandoned.

It is written through the same functions as the real one, by an invented coordinator. Its history begins when the vault
was founded and is only ever added to: days that nobody looked are filled in the next time that somebody can.
"""

import random
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import transaction
from django.utils import timezone

from veil.casework import clock, policy, world
from veil.casework.hand import Hand
from veil.casework.network import desks
from veil.casework.network.desks import NETWORK
from veil.casework.network.models import AuditEvent, Opened, Worker, World, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import phrases, seal

FIRST_SCENES = 9  # what there is to see on the first day
_A_DAY = 6.0  # scenes, on average, after it
_MOST = 80  # however long nobody looked
_AWAKE = (3, 2, 1, 1, 1, 1, 3, 10, 22, 30, 34, 32, 30, 32, 34, 34, 36, 38, 38, 36, 34, 28, 18, 8)  # by the hour
_SITS = timedelta(hours=3)  # then somebody has been locked out, and unlocks again
_LOOKS_BACK = timedelta(days=7)


@dataclass(frozen=True)
class Crew:
    """The invented colleagues, the language they write, and chance."""

    hands: dict[str, Hand]
    language: str
    chance: random.Random
    signals: bytes = b""  # whom signals go to
    seen: dict[str, datetime] = field(default_factory=dict)

    def hand(self, role: Role) -> Hand:
        """Return a colleague's hand for something that they do now: they have unlocked the vault for it."""
        hand, now = self.hands[role], clock.now()
        if now - self.seen.get(role, datetime.min.replace(tzinfo=now.tzinfo)) > _SITS:
            hand.note("unlocked")
            desks.ping(hand.id, now.timestamp(), self.signals)
        self.seen[role] = now
        return hand

    def word(self) -> str:
        """Return an everyday word, out of thousands."""
        return phrases.offered(self.language).partition(" ")[0]


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
    chance = random.Random(secrets.randbits(128))  # noqa: S311  (which story is told, not a key)
    return Crew(hands, language, chance, seal.public_of(bytes.fromhex(desks.desk(director)["signals"])))


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
    last = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    times = _times(crew.chance, since, now, max(0, count))
    pace_s = min(150.0, (now - since).total_seconds() / (6 * max(1, count)))

    def pace() -> timedelta:
        return timedelta(seconds=crew.chance.uniform(0.15, 1.85) * pace_s)

    for number, at in enumerate(times):
        with clock.at(at, pace):
            _try(crew, scenes.tend)
            weights, told = [weight for weight, _ in _SCENES], [made for _, made in _SCENES]
            begins = first and number < len(scenes.BEGINNING)
            _try(crew, scenes.BEGINNING[number] if begins else crew.chance.choices(told, weights)[0])
    with clock.at(times[-1] if times else now, pace):
        for double in Worker.objects.filter(ended=None).exclude(id__in=[hand.id for hand in crew.hands.values()]):
            _let_in(crew, double)
    _look(last)


def entrust(crew: Crew, worker: Worker, sentences: Sequence[str] = ()) -> None:
    """Give a new colleague a part of what the crew holds, as far as their role may hold it: their caseload.

    Their own `sentences` are put in the mouths of those who never were; they are kept nowhere else.
    """
    from veil.casework.network import scenes, scenes_cases

    if worker.role == Role.COORDINATOR:
        crew.hands[Role.COORDINATOR].share(NETWORK, Kind.FILE, worker)
    scenes.hand_over(crew, worker)
    _let_in(crew, worker, least=3)
    scenes_cases.say(crew, worker, sentences)


def _let_in(crew: Crew, worker: Worker, least: int = 0) -> None:
    """Let a colleague into about two thirds of the crew's work, of each thing once and for all, or into the newest."""
    for role, hand in crew.hands.items():
        wraps = Wrap.objects.filter(holder_id=hand.id, until=None).exclude(compartment__root=NETWORK)
        roots = list(dict.fromkeys(wraps.order_by("-id").values_list("compartment__root", flat=True)))
        theirs = [root for root in roots if blake2b(root.bytes + worker.id.bytes).digest()[0] < 170]
        mine = wraps.filter(compartment__root__in=[*theirs, *roots[:least]])
        have = set(worker.wraps.values_list("compartment__owner", "compartment__kind"))
        for owner, kind in list(mine.values_list("compartment__owner", "compartment__kind")):
            if (owner, kind) not in have and policy.may_hold(worker.role, kind):
                with suppress(policy.NotAllowed):  # a house's address has its two holders
                    crew.hand(Role(role)).share(owner, Kind(kind), worker)


def _look(after: int) -> None:
    """Whoever did something to a record has had its page open."""
    recent = AuditEvent.objects.filter(id__gt=after, what__isnull=False, at__gt=clock.now() - _LOOKS_BACK)
    Opened.objects.filter(at__lt=clock.now() - _LOOKS_BACK).delete()
    living = set(Wrap.objects.values_list("compartment__root", flat=True))
    for at, who, what in recent.order_by("at").values_list("at", "who", "what"):
        if what in living:
            Opened.objects.update_or_create(worker_id=who, what=what, defaults={"at": at})


def _times(chance: random.Random, since: datetime, now: datetime, count: int) -> list[datetime]:
    """Return times between two, by the hours that people keep where this network is."""
    told: list[datetime] = []
    for _try_no in range(40 * count):
        at = since + (now - since) * chance.random()
        if len(told) < count and chance.random() * max(_AWAKE) < _AWAKE[timezone.localtime(at).hour]:
            told.append(at)
    while len(told) < count:  # a few minutes in the small hours are all there is
        told.append(since + (now - since) * chance.random())
    return sorted(told)


def _try(crew: Crew, happens: Scene) -> None:
    seen = dict(crew.seen)
    try:
        with transaction.atomic(using=world.here()):
            happens(crew)
    except VeilError:  # what cannot happen now does not happen
        crew.seen.clear()
        crew.seen.update(seen)
