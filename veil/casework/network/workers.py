"""Workers: how they join, hand their work over, and are revoked."""

import secrets
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from shamir_mnemonic.wordlist import WORDLIST

from veil.casework import clock, policy
from veil.casework.cases.models import Case
from veil.casework.custody import custodians
from veil.casework.hand import Hand, NotAgreed, may_have, may_keep
from veil.casework.keeping import purge
from veil.casework.network import coercion, exposure, opening
from veil.casework.network.models import AuditEvent, Worker, Wrap
from veil.casework.network.opening import NETWORK, Member
from veil.casework.network.roles import Kind, Role
from veil.casework.requests.models import Request
from veil.errors import VeilError

_WORDS = 6  # of 1024: 60 bits, until the newcomer chooses their own
_LEAST_COORDINATORS = 2


def passphrase() -> str:
    """Return a first passphrase: random words that can be said across a table."""
    return " ".join(secrets.choice(WORDLIST) for _ in range(_WORDS))


def active() -> Any:
    """Return a query of those who work here now, by call sign."""
    return Worker.objects.filter(ended=None).order_by("call_sign")


def called(call_sign: str) -> Worker:
    """Return the worker of a call sign; raise VeilError where nobody has it."""
    for worker in Worker.objects.filter(ended=None):
        if _plain(worker.call_sign) == _plain(call_sign):
            return worker
    raise VeilError(_("nobody here has this call sign"), _("ask them how it is written"))


def add(hand: Hand, call_sign: str, role: Role) -> tuple[Worker, str]:
    """Let somebody in under a call sign with keys to nothing; return them, and the passphrase to hand over once.

    Where there are two coordinators already, a new one cannot let others in until a second one has agreed.
    """
    _require_desk(hand, "worker.add")
    told = " ".join(unicodedata.normalize("NFKC", call_sign).split())
    if not 2 <= len(told) <= 40:
        raise VeilError(_("a call sign has 2 to 40 letters"), _("choose a word that says nothing about the person"))
    if any(_plain(other) == _plain(told) for other in Worker.objects.values_list("call_sign", flat=True)):
        raise VeilError(_("this call sign is taken, or was once"), _("choose another one"))
    enough = len(_with_desk()) >= _LEAST_COORDINATORS
    first = passphrase()
    worker = opening.join(hand, Member(told, first, role))
    if role == Role.COORDINATOR and enough:
        Wrap.objects.filter(compartment__owner=NETWORK, holder=worker).delete()
        hand.note("coordinator proposed", worker.id)
    return worker, first


def proposed() -> list[Worker]:
    """Return the coordinators whom a second one has not agreed to yet."""
    return list(Worker.objects.filter(role=Role.COORDINATOR, ended=None).exclude(id__in=_with_desk()))


def confirm(hand: Hand, worker_id: uuid.UUID) -> None:
    """Agree, as a second coordinator, to a new one: they get what coordinators share."""
    _require_desk(hand, "worker.confirm")
    worker = _here(worker_id)
    if worker not in proposed():
        raise VeilError(_("nobody waits for this"), _("reload the page"))
    if AuditEvent.objects.filter(act="coordinator proposed", what=worker.id, who=hand.id).exists():
        raise VeilError(_("you proposed them yourself"), _("another coordinator has to agree"))
    hand.share(NETWORK, Kind.FILE, worker)
    hand.note("coordinator confirmed", worker.id)


@dataclass(frozen=True)
class Fallout:
    """What a revoked worker knew: what is to be moved or warned now. Ids are of what the revoker can open too."""

    houses: tuple[uuid.UUID, ...]
    moves: tuple[uuid.UUID, ...]
    other_houses: int  # that the revoker has no key to
    other_moves: int
    people: int
    lost: int  # compartments that became unreadable for ever
    callers: int  # of these, the ways to call somebody back


class OnlyHolder(VeilError):
    """Nobody else could read some of what this worker holds."""

    def __init__(self, count: int, callers: int = 0) -> None:
        super().__init__(
            _("some of what they hold nobody else can read"),
            _("let them hand it over first, or confirm that it is destroyed for ever"),
        )
        self.count, self.callers = count, callers


def revoke(hand: Hand, worker_id: uuid.UUID, even_if_lost: bool = False) -> Fallout:
    """End a worker's access: their key slots, every key sealed to them, and their session at its next request.

    What they read already they have read. Raise `OnlyHolder` where words would become unreadable for ever.
    """
    _require_desk(hand, "worker.revoke")
    worker = _here(worker_id)
    if worker.id == hand.id:
        raise VeilError(_("nobody revokes themselves"), _("ask another coordinator"))
    alone = exposure.only_theirs(worker.id)
    lost = alone.count()
    callers = only_they_can_call(worker.id)
    if lost and not even_if_lost:
        raise OnlyHolder(lost, callers)
    fallout = _fallout(hand, worker, lost, callers)
    # the slots first: should anything fail after this, they are out, and the rest can be done again
    coercion.forget_worker(hand, worker)
    for owner, kind in list(alone.values_list("owner", "kind")):
        purge.destroy_kinds(hand, owner, [kind])
    Wrap.objects.filter(holder=worker).delete()
    custodians.gone(worker.id)
    Worker.objects.filter(id=worker.id).update(ended=clock.now(), slot=-1, other_slot=-1)
    hand.note("worker revoked", worker.id)
    return fallout


def only_they_can_call(worker_id: uuid.UUID) -> int:
    """Return how many people who asked for help can be called back by this worker and by nobody else."""
    alone = exposure.only_theirs(worker_id).values("owner")
    return int(Request.objects.filter(contact__in=alone).count())


def hand_over(
    hand: Hand,
    giver_id: uuid.UUID,
    taker: Worker,
    roots: Iterable[uuid.UUID] | None = None,
    but: Iterable[uuid.UUID] = (),
) -> "Handed":
    """Give what somebody holds (of these cases `but` some owners, or all) to another and take it from them.

    Oneself, or a coordinator for another: but only keys that this hand holds too. What the taker's role may not hold,
    or this hand cannot open, stays where it is and is counted.
    """
    hand.require("work.hand over")
    if giver_id != hand.id:
        hand.require("worker.revoke")
    if taker.id == giver_id or taker.ended is not None:
        raise VeilError(_("this has to go to somebody else who works here"), _("name another call sign"))
    if taker.role == Role.COORDINATOR and taker.id not in _with_desk():  # who could do nothing with it
        raise VeilError(_("a second coordinator has not agreed to them yet"), _("name another call sign"))
    wraps = Wrap.objects.filter(holder_id=giver_id, until=None).exclude(compartment__owner=NETWORK)
    mine, cases = Request.objects.filter(taken_by=giver_id), Case.objects.filter(owner=giver_id)
    if roots is not None:  # of what is not among them nothing changes, whoever else holds its keys
        chosen = list(roots)
        wraps = wraps.filter(compartment__root__in=chosen).exclude(compartment__owner__in=list(but))
        mine, cases = mine.filter(id__in=chosen), cases.filter(id__in=chosen)
    # a request goes to the hotline or stays: in other hands it would be on nobody's list, and nobody would call
    calls = set(Request.objects.values_list("id", flat=True)) if not policy.may(taker.role, "request.see") else set()
    given = stayed = 0
    for wrap in wraps.select_related("compartment"):
        owner, kind = wrap.compartment.owner, Kind(wrap.compartment.kind)
        fits = may_keep(taker, wrap.compartment) and may_have(wrap.compartment, taker.role)
        if wrap.compartment.root in calls or not fits or not hand.holds(owner, kind):
            stayed += 1
        elif kind == Kind.HOUSE:  # it has one host and one coordinator: the taker comes in the giver's place
            given, stayed = (given + 1, stayed) if _gives_house(hand, owner, giver_id, taker) else (given, stayed + 1)
        else:
            hand.share(owner, kind, taker)
            hand.withdraw(owner, kind, giver_id)
            given += 1
    if not calls:
        held = Wrap.objects.filter(holder=taker, compartment__kind=Kind.FILE).values("compartment__owner")
        mine.filter(contact__in=held).update(taken_by=taker.id)
    if policy.may(taker.role, "case.see"):
        files = Wrap.objects.filter(holder=taker, compartment__kind=Kind.FILE).values("compartment__owner")
        cases.filter(id__in=files).update(owner=taker.id)
    if given:
        hand.note("work handed over", taker.id)
    return Handed(given, stayed)


def _gives_house(hand: Hand, owner: uuid.UUID, giver_id: uuid.UUID, taker: Worker) -> bool:
    if Worker.objects.values_list("role", flat=True).get(id=giver_id) != taker.role:
        return False
    hand.pass_on(owner, Kind.HOUSE, taker, giver_id)
    return True


@dataclass(frozen=True)
class Handed:
    """How many keys changed hands, and how many could not."""

    given: int
    stayed: int


def _fallout(hand: Hand, worker: Worker, lost: int, callers: int) -> Fallout:
    houses = exposure.known(worker.id, "House", Kind.HOUSE)
    moves = exposure.known(worker.id, "Move", Kind.MOVEMENT)
    my_houses = houses & exposure.known(hand.id, "House", Kind.HOUSE)
    my_moves = moves & exposure.known(hand.id, "Move", Kind.MOVEMENT)
    return Fallout(
        tuple(my_houses),
        tuple(my_moves),
        len(houses - my_houses),
        len(moves - my_moves),
        exposure.of(worker.id).things["people"],
        lost,
        callers,
    )


def _with_desk() -> set[uuid.UUID]:
    held = Wrap.objects.filter(compartment__owner=NETWORK, holder__ended=None, holder__role=Role.COORDINATOR)
    return set(held.values_list("holder", flat=True))


def _require_desk(hand: Hand, act: str) -> None:
    hand.require(act)
    if not hand.holds(NETWORK, Kind.FILE):
        raise NotAgreed


def _here(worker_id: uuid.UUID) -> Worker:
    worker = Worker.objects.filter(id=worker_id, ended=None).first()
    if worker is None:
        raise policy.NotAllowed
    return worker


def _plain(call_sign: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", call_sign).casefold().split())
