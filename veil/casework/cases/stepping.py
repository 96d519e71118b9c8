"""Moving a case on: who may, when, and what must have been done before."""

import uuid

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases import consents, journey
from veil.casework.cases.models import Case, Credibility
from veil.casework.hand import Changed, Hand
from veil.casework.keeping import clocks
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.errors import VeilError

_NEEDS_CONSENT = frozenset(
    {journey.ACCEPTED, journey.PLANNED, journey.IN_TRANSIT, journey.SHELTERED, journey.PENDING, journey.CLEARED}
)


def ahead(hand: Hand, case: Case) -> list[str]:
    """Return the states into which this worker may move a case now."""
    told = journey.steps_from(case.state, case.before)
    return [to for to in told if hand.may(journey.act_of(case.state, to))]


def step(hand: Hand, case_id: uuid.UUID, to: str) -> Case:
    """Move a case on; raise `NotNow`, `NotAllowed`, `NoConsent`, or `Changed` if somebody else moved it first."""
    case: Case = Case.objects.get(id=case_id)
    here = case.state
    hand.require(journey.act_of(here, to))
    if not hand.holds(case.id, Kind.FILE):
        raise NotAllowed
    journey.check(here, case.before, to)
    back = here in journey.SIDE or here == journey.WITHDREW
    again = here == journey.WITHDREW and to != journey.CLOSED
    if again or (to in _NEEDS_CONSENT and not back):
        consents.require_asked(case, consents.CASEWORK)
    if to == journey.ACCEPTED and here == journey.VERIFICATION:
        _require_credible(case)
    leaving = to in (*journey.SIDE, *journey.ENDED)
    before = (case.before if back else here) if leaving else ""
    rows = Case.objects.filter(id=case.id, state=here)
    if not rows.update(state=to, before=before, changed=clock.now()):
        raise Changed
    _clocks(case, here, to)
    hand.note("case moved on", case.id)
    case.refresh_from_db()
    return case


def is_credible(case: Case) -> bool:
    """Tell whether two workers found the story credible."""
    return bool(Credibility.objects.filter(case=case, agreed=True).exists())


def _require_credible(case: Case) -> None:
    """Refuse to accept on one worker's word, except in an emergency, where the decision stays owed."""
    if case.priority != "emergency" and not is_credible(case):
        raise VeilError(
            _("two workers have not yet found this story credible"),
            _("decide on credibility first; in an emergency, set the priority to emergency and decide afterwards"),
        )


def _clocks(case: Case, here: str, to: str) -> None:
    if to == journey.CLOSED or to in journey.ENDED:
        clocks.start(case.id, case.id, "closed case")
        consents.expect_nobody(case.id)
    elif here in journey.ENDED:
        clocks.start(case.id, case.id, "case")
