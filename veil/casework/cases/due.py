"""What is due in cases, for the board."""

from datetime import datetime, timedelta
from typing import Any

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
_NEW = timedelta(days=3)  # within the time for which it is kept who opened what
EMERGENCY = "emergency"
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
    rows = _rows(held)
    codes = {one.id: one.code for one in rows}
    renew = _("risk assessment to renew")
    told = [
        Due(Weight.URGENT if one.risk_due <= now else Weight.TODAY, one.risk_due, renew, one.code, "case", one.id)
        for one in rows
        if one.risk_due <= now + _AHEAD
    ]
    gone = set(Worker.objects.exclude(ended=None).values_list("id", flat=True))
    told += [
        Due(Weight.URGENT, one.changed, _("whoever answered for this case is gone"), one.code, "case", one.id)
        for one in rows
        if one.owner in gone
    ]
    expiring = Consent.objects.filter(state=consents.GIVEN, until__gt=now, until__lte=now + _EXPIRES)
    waiting = Credibility.objects.filter(second=None).exclude(first=hand.id)
    for kind, found in (
        (_("consent ends"), expiring.values_list("case_id", "until")),
        (_("credibility: a second voice is owed"), waiting.values_list("case_id", "at")),
    ):
        told += [Due(Weight.TODAY, at, kind, codes[case], "case", case) for case, at in found if case in codes]
    return told + _begun(rows, now) + _given(hand, now, rows)


def _rows(cases: Any) -> list[Any]:
    """Return of each case what the lines need, by the names of its columns."""
    columns = ("id", "code", "state", "owner", "since", "changed", "risk_due", "priority")
    return list(cases.values_list(*columns, named=True))


def _begun(rows: list[Any], now: datetime) -> list[Due]:
    """Return what is owed in cases that are not accepted yet: the answer in an emergency, and a first consent."""
    early = [one for one in rows if one.state in journey.BEFORE_ACCEPTED]
    told = [
        Due(Weight.URGENT, one.since, _("emergency: not accepted yet"), one.code, "case", one.id, since="hour")
        for one in early
        if one.priority == EMERGENCY
    ]
    late = {one.id: one for one in early if one.since <= now - _AHEAD}
    asked = Consent.objects.filter(purpose=consents.CASEWORK, case__in=late).values_list("case_id", flat=True)
    return told + [
        Due(Weight.TODAY, one.since + _AHEAD, _("consent to casework was not asked yet"), one.code, "case", one.id)
        for one in (late[id_] for id_ in late.keys() - set(asked if late else ()))  # later ones were asked already
    ]


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return the emergencies that were given to this worker, and that they have not looked at."""
    if not hand.may("case.see"):
        return []
    mine = Case.objects.filter(owner=hand.id, priority=EMERGENCY, state__in=journey.BEFORE_ACCEPTED)
    return [one for one in _given(hand, now, _rows(mine)) if one.weight == Weight.ALARM]


def _given(hand: Hand, now: datetime, rows: list[Any]) -> list[Due]:
    """Return the cases of these days that this worker answers for and never opened: nobody else begins them."""
    new = [
        one for one in rows if one.owner == hand.id and one.state in journey.BEFORE_ACCEPTED and one.since > now - _NEW
    ]
    looked = Opened.objects.filter(worker_id=hand.id, what__in=[one.id for one in new]).values_list("what", flat=True)
    seen = set(looked if new else ())
    loud = Weight.ALARM, _("emergency: this case was given to you")
    calm = Weight.URGENT, _("this case was given to you")
    told = [(one, *(loud if one.priority == EMERGENCY else calm)) for one in new if one.id not in seen]
    return [Due(weight, one.since, words, one.code, "case", one.id, since="hour") for one, weight, words in told]


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
