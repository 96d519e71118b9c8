"""Whether a story is credible: two workers find, each for themselves; one alone decides nothing."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases.models import Case, Credibility
from veil.casework.hand import Hand
from veil.casework.network.models import Sealed
from veil.casework.network.roles import Kind
from veil.errors import VeilError

_NUMBER = re.compile(r"\d(?:[\s\-./№]*\d){6,}")


@dataclass(frozen=True)
class Standing:
    """How far two workers have come: open, mine (I have found, the other has not), theirs, or both."""

    step: str
    agreed: bool = False
    findings: tuple[dict[str, Any], ...] = ()  # only when both have found


def record_of(case_id: uuid.UUID, worker: uuid.UUID) -> uuid.UUID:
    """Return the id under which a worker's finding on a case is sealed."""
    return uuid.uuid5(case_id, f"credibility {worker}")


def require_place(case: Case) -> None:
    """Refuse a third voice, and a change of mind after both have found."""
    row = Credibility.objects.filter(case=case).first()
    if row is not None and row.second is not None:
        raise VeilError(_("two workers have decided already"), _("decide anew from the page of the case, both of you"))


def found(hand: Hand, case: Case) -> None:
    """Note that this worker has found; with the second one's finding the decision stands."""
    row = Credibility.objects.filter(case=case).first()
    if row is None:
        Credibility.objects.create(case=case, root=case.id, first=hand.id, at=clock.now())
    elif row.first != hand.id:
        told = [hand.read(record_of(case.id, who), case.id, Kind.FILE).said for who in (row.first, hand.id)]
        agreed = all(one.get("finding") == "credible" for one in told)
        Credibility.objects.filter(case=case).update(second=hand.id, at=clock.now(), agreed=agreed)


def again(hand: Hand, case: Case) -> None:
    """Forget both findings."""
    row = Credibility.objects.filter(case=case).first()
    if row is None:
        return
    records = [record_of(case.id, who) for who in (row.first, row.second) if who is not None]
    Sealed.objects.filter(record__in=records, compartment__root=case.id).delete()
    row.delete()
    hand.note("credibility open again", case.id)


def standing(hand: Hand, case_id: uuid.UUID) -> Standing:
    """Return how far the two have come, as this worker may see it."""
    row = Credibility.objects.filter(case_id=case_id).first()
    if row is None:
        return Standing("open")
    if row.second is None:
        return Standing("mine" if row.first == hand.id else "theirs")
    told = tuple(hand.read(record_of(case_id, who), case_id, Kind.FILE).said for who in (row.first, row.second))
    return Standing("both", row.agreed, told)


def looks_copied(note: str) -> bool:
    """Tell whether a note holds a number as papers and telephones have them (seven digits or more)."""
    return bool(_NUMBER.search(note))
