"""Custodians: three workers who keep the slips, and how one takes another's place."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from veil.casework import clock, policy
from veil.casework.custody.models import Access, Answer, Change, Custodian, Envelope, Passed, Slip
from veil.casework.hand import Hand
from veil.casework.keeping import purge
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.vault import seal, slips

NEEDED, OF = 2, 3
_LAPSES = timedelta(days=3)  # an agreement that stays the only one


class TooFew(VeilError):
    """Fewer custodians are left than an envelope needs."""

    def __init__(self) -> None:
        super().__init__(
            _("nobody can open this envelope any more: fewer than two of its custodians are left"),
            _("this is by design: no single person can open it, and no one here can; ask the person again if you can"),
        )


class OnPaper(VeilError):
    """Slips that are needed are on paper only."""

    def __init__(self) -> None:
        super().__init__(
            _("some of your slips are only on paper"), _("type them back into the vault first, under “Envelopes”")
        )


def custodians() -> list[Worker]:
    """Return the custodians who work here now, by call sign."""
    return list(Worker.objects.filter(custodian__isnull=False, ended=None).order_by("call_sign"))


def is_custodian(worker: uuid.UUID) -> bool:
    """Tell whether a worker keeps slips."""
    return bool(Custodian.objects.filter(worker_id=worker, worker__ended=None).exists())


def name(hand: Hand, worker: Worker) -> None:
    """Name one of the first three custodians; later ones only take another's place."""
    hand.require("custodian.name")
    if is_custodian(worker.id) or worker.ended is not None:
        raise VeilError(_("this worker is a custodian already, or works here no more"), _("name somebody else"))
    if len(custodians()) >= OF or Envelope.objects.exists():
        raise VeilError(_("there are custodians, and envelopes in their hands"), _("let somebody take another's place"))
    Custodian.objects.create(worker=worker, since=clock.now())
    hand.note("custodian named", worker.id)


def begin_change(hand: Hand, coming: Worker, leaving: uuid.UUID | None = None) -> Change:
    """Propose that somebody takes the place of a custodian who leaves, or is gone already."""
    hand.require("custodian.name")
    here = custodians()
    if leaving is None and len(here) >= OF:
        raise VeilError(_("nobody's place is free"), _("say whose place they take"))
    if leaving is not None and leaving not in {one.id for one in here}:
        raise VeilError(_("this worker is no custodian"), _("reload the page"))
    if is_custodian(coming.id) or coming.ended is not None:
        raise VeilError(_("this worker is a custodian already, or works here no more"), _("name somebody else"))
    if len([one for one in here if one.id != leaving]) < NEEDED:
        raise TooFew
    Change.objects.all().delete()  # one at a time: slips that were passed on for another are destroyed
    change: Change = Change.objects.create(leaving=leaving, coming=coming, at=clock.now())
    hand.note("custodian change proposed", coming.id)
    return change


def agree_to_change(hand: Hand, change_id: uuid.UUID, without: bool = False) -> bool:
    """Agree as one of those who stay; return whether it is done: that is so with the second.

    Raise `OnPaper` where slips of this worker are on paper only; `without` leaves their envelopes as they are.
    """
    change = Change.objects.filter(id=change_id).first()
    if change is None or not is_custodian(hand.id) or hand.id == change.leaving:
        raise policy.NotAllowed
    if change.first_id == hand.id:
        raise VeilError(_("you have agreed already"), _("the other custodian who stays has to agree too"))
    if not without and Slip.objects.filter(custodian_id=hand.id, box=b"").exists():
        raise OnPaper
    hand.note("custodian change agreed", change.coming_id)
    if change.first_id is None:
        _pass_on(hand, change)
        return False
    _split_anew(hand, change)
    return True


def gone(worker: uuid.UUID) -> None:
    """Take a revoked worker out of custody: their slips are destroyed, and what they asked for is closed.

    A sheet that they wrote is out of reach: it is remembered until the envelopes are split anew, which ends it.
    """
    theirs = Slip.objects.filter(custodian_id=worker)
    theirs.filter(shown=None).delete()
    theirs.update(box=b"")
    Custodian.objects.filter(worker_id=worker).delete()
    Access.objects.filter(asker_id=worker).delete()
    Change.objects.filter(Q(first_id=worker) | Q(coming_id=worker)).delete()


def ask_again() -> None:
    """Take back the first agreement to a change: there is a new envelope, of which no slip was passed on."""
    _take_back(Change.objects.exclude(first=None))


def lapse() -> None:
    """Take back a first agreement that nobody followed: the second custodian holds the first one's slips meanwhile."""
    _take_back(Change.objects.exclude(first=None).filter(at__lte=clock.now() - _LAPSES))


def _take_back(changes: Any) -> None:
    Passed.objects.filter(change__in=changes).delete()
    changes.update(first=None)


def _pass_on(hand: Hand, change: Change) -> None:
    other = next(one for one in custodians() if one.id not in {hand.id, change.leaving})
    for slip in Slip.objects.filter(custodian_id=hand.id).exclude(box=b""):
        box = seal.wrapped(hand.unseal(bytes(slip.box)), bytes(other.public))
        Passed.objects.create(change=change, envelope_id=slip.envelope_id, root=slip.root, box=box)
    Change.objects.filter(id=change.id).update(first=hand.id, at=clock.now())


def _split_anew(hand: Hand, change: Change) -> None:
    """Join the passed slips with one's own, and split each key anew between the two who stay and the one who comes."""
    three = [Worker.objects.get(id=hand.id), change.first, change.coming]
    mine = {slip.envelope_id: slip for slip in Slip.objects.filter(custodian_id=hand.id).exclude(box=b"")}
    for passed in change.passed.select_related("envelope"):
        if passed.envelope_id in mine:
            both = (hand.unseal(bytes(passed.box)), hand.unseal(bytes(mine[passed.envelope_id].box)))
            renew(hand, passed.envelope, slips.join([slips.unpack(packed) for packed in both]), three)
    Custodian.objects.filter(worker_id=change.leaving).delete()
    Custodian.objects.create(worker=change.coming, since=clock.now())
    change.delete()


def renew(hand: Hand, envelope: Envelope, key: bytes, three: list[Any]) -> None:
    """Seal an envelope under a new key, and deal that: of the old one a sheet may be out, or a copy.

    Whoever had it open, or had asked, asks again.
    """
    said = hand.said_under(envelope.id, Kind.IDENTITY, key)
    purge.destroy_kinds(hand, envelope.id, [Kind.IDENTITY])
    Answer.objects.filter(access__envelope=envelope).delete()
    Access.objects.filter(envelope=envelope, state__in=("asked", "open")).update(state="over", at=clock.now())
    deal(envelope, hand.put_away(envelope.root, envelope.id, Kind.IDENTITY, said), three)


def deal(envelope: Envelope, key: bytes, three: list[Any]) -> None:
    """Split an envelope's key between three custodians, in place of any slips that there were."""
    Slip.objects.filter(envelope=envelope).delete()
    for slip, custodian in zip(slips.split(key, NEEDED, OF), three, strict=True):
        box = seal.wrapped(slips.pack(slip), bytes(custodian.public))
        Slip.objects.create(envelope=envelope, root=envelope.root, custodian=custodian, box=box)
