"""What is due in cases, for the board."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from veil.casework.cases import consents, entrusting, journey
from veil.casework.cases.models import Case, Consent, Credibility
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.network.models import Opened, Worker
from veil.casework.network.roles import Kind, Role

_AHEAD = timedelta(days=1)
_EXPIRES = timedelta(days=3)
_WEEK = timedelta(days=7)
_ENTRUSTED = {
    Role.CLINICIAN: (Kind.HEALTH, "care"),
    Role.LAWYER: (Kind.TESTIMONY, "testimony"),
    Role.PRESS: (Kind.TESTIMONY, "testimony"),
}


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what this worker has to look at until the end of the day, of what they hold keys to."""
    if not hand.may("case.see"):
        return _entrusted(hand, now)
    # one question about what this worker holds, not one for each kind of line: there may be many keys
    held = Case.objects.filter(id__in=hand.held(Kind.FILE), state__in=journey.OPEN)
    rows = list(held.values_list("id", "code", "state", "owner", "since", "changed", "risk_due"))
    codes = {id_: code for id_, code, *_rest in rows}
    renew = _("risk assessment to renew")
    told = [
        Due(Weight.URGENT if at <= now else Weight.TODAY, at, renew, code, "case", id_)
        for id_, code, _state, _owner, _since, _changed, at in rows
        if at <= now + _AHEAD
    ]
    gone = set(Worker.objects.exclude(ended=None).values_list("id", flat=True))
    told += [
        Due(Weight.URGENT, changed, _("whoever answered for this case is gone"), code, "case", id_)
        for id_, code, _state, owner, _since, changed, _at in rows
        if owner in gone
    ]
    expiring = Consent.objects.filter(state=consents.GIVEN, until__gt=now, until__lte=now + _EXPIRES)
    waiting = Credibility.objects.filter(second=None).exclude(first=hand.id)
    for kind, found in (
        (_("consent ends"), expiring.values_list("case_id", "until")),
        (_("credibility: a second voice is owed"), waiting.values_list("case_id", "at")),
    ):
        told += [Due(Weight.TODAY, at, kind, codes[case], "case", case) for case, at in found if case in codes]
    early = {  # later ones were asked already
        id_: since
        for id_, _code, state, _owner, since, _changed, _at in rows
        if state in journey.BEFORE_ACCEPTED and since <= now - _AHEAD
    }
    asked = Consent.objects.filter(purpose=consents.CASEWORK, case__in=early).values_list("case_id", flat=True)
    told += [
        Due(Weight.TODAY, early[id_] + _AHEAD, _("consent to casework was not asked yet"), codes[id_], "case", id_)
        for id_ in early.keys() - set(asked if early else ())
    ]
    return told


def _entrusted(hand: Hand, now: datetime) -> list[Due]:
    """Return who was entrusted to a clinician, lawyer or press officer and was not looked at for a week, or ever."""
    kind, page = _ENTRUSTED.get(Role(hand.role), (None, ""))
    if kind is None:
        return []
    seen = set(Opened.objects.filter(worker_id=hand.id, at__gt=now - _WEEK).values_list("what", flat=True))
    waiting = [owner for owner in hand.held(kind) if owner not in seen]
    words = _("entrusted to you, and not looked at for a week")
    agreed = [one for one in waiting if consents.state_of(one, entrusting.BY_ROLE[Role(hand.role)]) == consents.GIVEN]
    return [Due(Weight.TODAY, now, words, "", page, one) for one in agreed]
