"""What is due in custody, for the board."""

from datetime import datetime

from django.utils.translation import gettext as _

from veil.casework.custody import custodians, envelopes
from veil.casework.custody.models import Access, Change, Envelope
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what this worker has to answer as a custodian, and the envelopes that two agreed to open for them."""
    told = [
        Due(
            Weight.URGENT,
            one.access.at,
            _("asks to open an identity"),
            one.access.asker.call_sign,
            "asking",
            one.access_id,
            since="hour",
        )
        for one in envelopes.waiting(hand)
    ]
    mine = Access.objects.filter(asker_id=hand.id, state="asked", until__gt=now)
    told += [
        Due(
            Weight.TODAY,
            access.at,
            _("custodians agreed: an identity can be opened"),
            "",
            "identity",
            access.envelope_id,
            since="hour",
        )
        for access in mine
        if envelopes.agreed(access) >= custodians.NEEDED
    ]
    if hand.may("custodian.name") and Envelope.objects.exists() and len(custodians.custodians()) < custodians.OF:
        words = _("a custodian is gone: if one more falls, no envelope opens again")
        told.append(Due(Weight.URGENT, now, words, "", "custody", hand.id, _("Name another")))
    change = Change.objects.select_related("coming").first()
    if change and custodians.is_custodian(hand.id) and hand.id not in {change.leaving, change.first_id}:
        told.append(
            Due(
                Weight.TODAY,
                change.at,
                _("is to become a custodian"),
                change.coming.call_sign,
                "custodian_change",
                change.id,
                since="hour",
            )
        )
    return told
