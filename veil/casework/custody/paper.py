"""Slips on paper: each is shown once, written down by hand, checked against the sheet, and typed when it is needed.

A slip that is on paper only cannot be had from its custodian's account. It comes back into the vault by being typed.
"""

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.utils.translation import gettext as _

from veil.casework import clock, policy
from veil.casework.custody.models import Slip
from veil.casework.hand import Hand
from veil.casework.network.models import Worker
from veil.errors import VeilError
from veil.vault import seal, slips

_MOST = 1 << 63  # a row's number is lower


class WrongSheet(VeilError):
    """The words are those of another slip."""

    def __init__(self, begins: str) -> None:
        super().__init__(
            _("this is another sheet"), _("look for the one that begins with: %(words)s") % {"words": begins}
        )


@dataclass(frozen=True)
class Sheet:
    """One slip of a custodian's: how it begins, and where it is. Whose envelope it is of is not told."""

    what: uuid.UUID
    begins: str
    shown: datetime | None
    in_vault: bool


def sheets(hand: Hand, first: int = 0, most: int | None = None) -> list[Sheet]:
    """Return the slips of this worker, the oldest first."""
    rows = Slip.objects.filter(custodian_id=hand.id).order_by("id")
    return [_sheet(hand, slip) for slip in rows[first : None if most is None else first + most]]


def count(hand: Hand) -> int:
    """Return how many slips this worker keeps."""
    return int(Slip.objects.filter(custodian_id=hand.id).count())


def on_paper_only(hand: Hand) -> int:
    """Return how many slips of this worker are in the vault no more."""
    return int(Slip.objects.filter(custodian_id=hand.id, box=b"").count())


def sheet(hand: Hand, what: uuid.UUID) -> Sheet:
    """Return one slip of this worker; raise `NotAllowed`."""
    return _sheet(hand, _mine(hand, what))


def show(hand: Hand, what: uuid.UUID) -> list[str]:
    """Return the words of a slip, to be written down; it is shown once, and the audit tells."""
    hand.require("slip.write down")
    slip = _mine(hand, what)
    now = clock.now()
    if not slip.box or not Slip.objects.filter(id=slip.id, shown=None).update(shown=now):
        raise VeilError(
            _("this slip was shown once already"),
            _("if that was not you, tell a coordinator: somebody may have a copy"),
        )
    packed = hand.unseal(bytes(slip.box))
    Slip.objects.filter(id=slip.id).update(head=slips.head_of(packed), mark=_mark(packed))
    hand.note("slip shown", slip.envelope_id)
    return slips.unpack(packed).split()


def check(hand: Hand, what: uuid.UUID, words: str, *, only: bool) -> None:
    """Compare a sheet with the slip that was shown; `only`: from now on the slip is on that sheet and nowhere else."""
    hand.require("slip.write down")
    slip = _mine(hand, what)
    if slip.shown is None or not slip.box:
        raise VeilError(_("there is nothing to compare"), _("reload the page"))
    _typed(slip, words)
    if only:
        Slip.objects.filter(id=slip.id).update(box=b"")
        hand.note("slip on paper only", slip.envelope_id)


def put_back(hand: Hand, what: uuid.UUID, words: str) -> None:
    """Seal a slip to this worker again, from its sheet."""
    hand.require("slip.write down")
    slip = _mine(hand, what)
    if slip.box:
        raise VeilError(_("this slip is in the vault already"), _("reload the page"))
    packed = _typed(slip, words)
    public = Worker.objects.values_list("public", flat=True).get(id=hand.id)
    Slip.objects.filter(id=slip.id).update(box=seal.wrapped(packed, bytes(public)))
    hand.note("slip back in the vault", slip.envelope_id)


def packed_of(hand: Hand, slip: Slip, words: str) -> bytes:
    """Return a slip of this worker from the vault, or from the `words` of its sheet where it is on paper only."""
    if slip.box:
        return hand.unseal(bytes(slip.box))
    if not words.strip():
        raise VeilError(_("your slip for this is only on paper"), _("type its 33 words, or refuse"))
    return _typed(slip, words)


def head(hand: Hand, slip: Slip) -> bytes:
    """Return how a slip of this worker begins."""
    return bytes(slip.head) or slips.head_of(hand.unseal(bytes(slip.box)))


def needed_for(hand: Hand, envelope: uuid.UUID) -> str:
    """Return how the sheet begins that this worker has to take out for an envelope; nothing where the vault has it."""
    slip = Slip.objects.filter(envelope=envelope, custodian_id=hand.id, box=b"").first()
    return slips.first_words(bytes(slip.head)) if slip else ""


def begins(envelope: uuid.UUID) -> str:
    """Return how the sheets of an envelope begin, where any was written; or nothing."""
    first = Slip.objects.filter(envelope=envelope).exclude(head=b"").values_list("head", flat=True).first()
    return slips.first_words(bytes(first)) if first else ""


def _mine(hand: Hand, what: uuid.UUID) -> Slip:
    slip = Slip.objects.filter(custodian_id=hand.id, id=what.int).first() if what.int < _MOST else None
    if slip is None:
        raise policy.NotAllowed
    return slip


def _sheet(hand: Hand, slip: Slip) -> Sheet:
    return Sheet(uuid.UUID(int=slip.id), slips.first_words(head(hand, slip)), slip.shown, bool(slip.box))


def _typed(slip: Slip, words: str) -> bytes:
    packed = slips.pack(words)
    if not hmac.compare_digest(_mark(packed), bytes(slip.mark)):
        raise WrongSheet(slips.first_words(bytes(slip.head)))
    return packed


def _mark(packed: bytes) -> bytes:
    # a slip is 32 bytes of chance: nobody finds it from this by guessing
    return blake2b(packed, digest_size=16, person=b"veil slip").digest()
