"""Envelopes: who somebody legally is, sealed under a key that nobody holds; two of three custodians open it for hours.

An envelope is found through the person's own page only. Nothing lists or searches them.
"""

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import clock, policy
from veil.casework.cases import consents
from veil.casework.cases.models import Case, Person
from veil.casework.custody import paper
from veil.casework.custody.custodians import NEEDED, OF, TooFew, ask_again, custodians, deal, lapse
from veil.casework.custody.models import Access, Answer, Envelope, Slip
from veil.casework.hand import Hand, Words
from veil.casework.keeping import lasting
from veil.casework.network.models import Compartment, Wrap
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.vault import seal, slips

MOST_HOURS = 72
_LAPSES = timedelta(days=3)  # an asking that nobody answered
_KEPT = timedelta(days=7)  # that there was one


def root_of(hand: Hand, person: uuid.UUID) -> uuid.UUID:
    """Return the case of a person of whom this worker holds a key of their own; raise `NotAllowed`.

    A key of the case, of a stay in a house, or of a relative's is not enough: their secrets are kept from each other.
    """
    root = Person.objects.filter(id=person).values_list("root", flat=True).first()
    kinds = (Kind.FILE, Kind.HEALTH, Kind.EVIDENCE, Kind.TESTIMONY, Kind.IDENTITY)
    if root is None or not any(hand.holds(person, kind) for kind in kinds):
        raise policy.NotAllowed
    return uuid.UUID(str(root))


def sealed(person: uuid.UUID) -> bool:
    """Tell whether there is an envelope."""
    return bool(Envelope.objects.filter(id=person).exists())


def seal_up(hand: Hand, person: uuid.UUID, said: dict[str, Any]) -> None:
    """Seal a person's identity; whoever wrote it cannot read it any more, nor can any custodian alone."""
    hand.require("identity.write")
    root = root_of(hand, person)
    for whose in (Person.objects.get(id=person), Case.objects.get(id=root)):
        consents.require(whose, consents.CASEWORK)  # a name is sealed of nobody who has asked us to stop
    three = custodians()
    if len(three) != OF:
        raise VeilError(_("there are not three custodians yet"), _("ask a coordinator to name them"))
    if sealed(person):
        raise VeilError(_("there is an envelope already"), _("ask to open it; while it is open it can be changed"))
    envelope = Envelope.objects.create(id=person, root=root, since=clock.now())
    deal(envelope, hand.put_away(root, person, Kind.IDENTITY, said), three)
    ask_again()
    hand.note("identity sealed", person)


def ask(hand: Hand, person: uuid.UUID, motive: str, hours: int) -> Access:
    """Ask the custodians, of whom two others than the asker have to agree; the motive is sealed to each of them."""
    hand.require("identity.ask")
    root = root_of(hand, person)
    tidy()
    if not motive.strip() or not 1 <= hours <= MOST_HOURS:
        raise VeilError(_("say why, and for how many hours"), _("three days is the most"))
    held = Slip.objects.filter(envelope=person, custodian__ended=None)
    others = [slip.custodian for slip in held.exclude(custodian_id=hand.id).select_related("custodian")]
    if len(others) + _sheets_of_gone(person) < NEEDED:
        raise TooFew
    if Access.objects.filter(envelope=person, asker_id=hand.id, state__in=("asked", "open")).exists():
        raise VeilError(_("you have asked already"), _("wait for the custodians"))
    now = clock.now()
    access: Access = Access.objects.create(
        root=root, envelope_id=person, asker_id=hand.id, hours=hours, at=now, until=now + _LAPSES
    )
    for one in others:
        box = lasting.addressed(motive.encode(), bytes(one.public), _compartment_of(person))
        Answer.objects.create(access=access, root=root, custodian=one, motive=box)
    hand.note("identity asked for", person)
    return access


def motive_of(hand: Hand, answer: Answer) -> str:
    """Return why somebody asks; only the custodian whom they asked can read it."""
    compartment = _compartment_of(answer.access.envelope_id)
    return lasting.read_by(hand.unseal, bytes(answer.motive), compartment).decode()


def waiting(hand: Hand) -> list[Answer]:
    """Return what this custodian has not answered yet, the oldest first."""
    mine = Answer.objects.filter(custodian_id=hand.id, agreed=None, access__state="asked")
    return list(mine.filter(access__until__gt=clock.now()).select_related("access__asker").order_by("access__at"))


def answer(hand: Hand, access_id: uuid.UUID, *, agree: bool, words: str = "") -> None:
    """Agree, which seals this custodian's slip to the asker, or refuse; `words` of a slip that is on paper only."""
    mine = next((one for one in waiting(hand) if one.access_id == access_id), None)
    if mine is None:
        raise VeilError(_("nobody waits for this answer"), _("somebody may have taken it back"))
    mine.agreed = agree
    if agree:
        _give(hand, mine, words)
    mine.save()
    hand.note("identity agreed" if agree else "identity refused", mine.access.envelope_id)
    possible = Answer.objects.filter(access=access_id).exclude(agreed=False).count()
    if possible + _sheets_of_gone(mine.access.envelope_id) < NEEDED:
        Access.objects.filter(id=access_id).update(state="refused", at=clock.now())
        Answer.objects.filter(access=access_id).update(box=b"", relay=b"")


def _give(hand: Hand, mine: Answer, words: str) -> None:
    """Seal one's slip to the asker. An asker who is a custodian has one already: the first agreement is worth half.

    Its other half is sealed to the second custodian, and goes on to the asker when they agree as well.
    """
    slip = Slip.objects.filter(envelope=mine.access.envelope_id, custodian_id=hand.id).first()
    if slip is None:
        raise TooFew
    packed, asker = paper.packed_of(hand, slip, words), mine.access.asker
    others = Answer.objects.filter(access=mine.access_id).exclude(custodian_id=hand.id)
    for other in others.exclude(relay=b""):
        other.relay = seal.wrapped(hand.unseal(bytes(other.relay)), bytes(asker.public))
        other.save(update_fields=["relay"])
    second = others.filter(agreed=None).first()
    asker_has_one = Slip.objects.filter(envelope=mine.access.envelope_id, custodian=asker).exists()
    if asker_has_one and second is not None:
        half = secrets.token_bytes(len(packed))
        mine.relay = seal.wrapped(half, bytes(second.custodian.public))
        packed = _xor(packed, half)
    mine.box = seal.wrapped(packed, bytes(asker.public))


def open_(hand: Hand, access_id: uuid.UUID, typed: Sequence[str] = ()) -> None:
    """Join what two custodians gave, in the asker's own session, and keep the key for the hours that were asked for.

    `typed` are the words of sheets that custodians brought with them: each counts as one who agreed.
    """
    access = Access.objects.filter(id=access_id, asker_id=hand.id, state="asked").first()
    if access is None:
        raise policy.NotAllowed
    given = [packed for one in access.answers.filter(agreed=True) if (packed := _slip_in(hand, one))]
    told = list(dict.fromkeys([*_of_others(hand, access.envelope_id, typed), *given]))
    if len(told) < NEEDED:
        raise VeilError(_("two custodians have not agreed yet"), _("wait, or reach them by another way"))
    until = clock.now() + timedelta(hours=access.hours)
    key = slips.join([slips.unpack(packed) for packed in told[:NEEDED]])
    try:
        hand.borrow(access.envelope_id, Kind.IDENTITY, key, until)
    except seal.Damaged as error:
        raise paper.WrongSheet(paper.begins(access.envelope_id)) from error
    access.answers.update(box=b"", relay=b"")
    Access.objects.filter(id=access.id).update(state="open", at=clock.now(), until=until)
    hand.note("identity opened by paper" if typed else "identity opened", access.envelope_id)


def _of_others(hand: Hand, person: uuid.UUID, typed: Sequence[str]) -> list[bytes]:
    """Return the slips that were typed; a custodian who asks does not agree with themselves."""
    told = []
    for number, words in enumerate(typed, 1):
        try:
            told.append(slips.pack(words))
        except slips.SlipMisread as error:
            raise error.of(number) from error
    own = Slip.objects.filter(envelope=person, custodian_id=hand.id).first()
    if own is not None and paper.head(hand, own) in {slips.head_of(packed) for packed in told}:
        raise VeilError(_("one of these is your own slip"), _("two other custodians have to agree"))
    return told


def _sheets_of_gone(person: uuid.UUID) -> int:
    """Return how many sheets there are of custodians who work here no more."""
    gone = Slip.objects.filter(envelope=person, custodian__ended__isnull=False, shown__isnull=False)
    return int(gone.count())


def sheets_out(hand: Hand, person: uuid.UUID) -> int:
    """Return how many sheets of others may be brought for an envelope."""
    return int(Slip.objects.filter(envelope=person, shown__isnull=False).exclude(custodian_id=hand.id).count())


def read(hand: Hand, person: uuid.UUID) -> Words:
    """Return what an open envelope says; each reading is in the audit."""
    said = hand.read(person, person, Kind.IDENTITY)
    hand.note("identity read", person)
    return said


def close(hand: Hand, person: uuid.UUID) -> None:
    """Give an envelope back before its time: the key is destroyed."""
    Wrap.objects.filter(compartment__owner=person, compartment__kind=Kind.IDENTITY, holder_id=hand.id).delete()
    mine = Access.objects.filter(envelope=person, asker_id=hand.id, state__in=("asked", "open"))
    Answer.objects.filter(access__in=mine).update(box=b"", relay=b"")
    mine.update(state="over", at=clock.now())
    hand.note("identity closed", person)


def taken_back(hand: Hand, root: uuid.UUID, worker: uuid.UUID) -> int:
    """Close what a worker who gave a case away had asked for in it, or had open; return how many keys were lent.

    What was lent is not passed on: whoever needs the name next asks the custodians themselves.
    """
    lent = Wrap.objects.filter(compartment__root=root, holder_id=worker, until__isnull=False)
    persons = list(lent.values_list("compartment__owner", flat=True))
    lent.delete()
    theirs = Access.objects.filter(root=root, asker_id=worker, state__in=("asked", "open"))
    Answer.objects.filter(access__in=theirs).update(box=b"", relay=b"")
    theirs.update(state="over", at=clock.now())
    for person in persons:
        hand.note("identity closed", person)
    return len(persons)


def asked_by(hand: Hand, person: uuid.UUID | None = None) -> list[Access]:
    """Return what this worker has asked for and may still get or read, the newest first."""
    tidy()
    mine = Access.objects.filter(asker_id=hand.id, state__in=("asked", "open", "refused"))
    if person is not None:
        mine = mine.filter(envelope=person)
    return list(mine.order_by("-at"))


def agreed(access: Access) -> int:
    """Return how many custodians have agreed."""
    return int(access.answers.filter(agreed=True).count())


def left(person: uuid.UUID) -> int:
    """Return how many of an envelope's custodians still work here, or left a sheet."""
    there = Slip.objects.filter(envelope=person, custodian__ended=None).count()
    return int(there) + _sheets_of_gone(person)


def tidy() -> None:
    """Close what is past, and forget after some days that it was asked for at all.

    What custodians gave for it is destroyed: the asker's secret would join it for ever, past every page of ours.
    """
    lapse()
    now = clock.now()
    past = Answer.objects.filter(access__state__in=("asked", "open"), access__until__lte=now)
    past.update(box=b"", relay=b"")
    Access.objects.filter(state__in=("asked", "open"), until__lte=now).update(state="over", at=now)
    Access.objects.filter(state__in=("over", "refused"), at__lt=now - _KEPT).delete()


def _compartment_of(person: uuid.UUID) -> uuid.UUID:
    told = Compartment.objects.filter(owner=person, kind=Kind.IDENTITY).values_list("id", flat=True)
    return uuid.UUID(str(told.get()))


def _slip_in(hand: Hand, one: Answer) -> bytes:
    """Return the slip that a custodian gave; nothing while its other half waits for the second custodian."""
    try:
        packed = hand.unseal(bytes(one.box))
        return _xor(packed, hand.unseal(bytes(one.relay))) if one.relay else packed
    except seal.Damaged:
        return b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
