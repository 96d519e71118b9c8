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
    rows = list(held.values_list("id", "code", "state", "owner", "since", "changed", "risk_due", "priority"))
    codes = {id_: code for id_, code, *_rest in rows}
    renew = _("risk assessment to renew")
    told = [
        Due(Weight.URGENT if at <= now else Weight.TODAY, at, renew, code, "case", id_)
        for id_, code, _state, _owner, _since, _changed, at, _priority in rows
        if at <= now + _AHEAD
    ]
    gone = set(Worker.objects.exclude(ended=None).values_list("id", flat=True))
    told += [
        Due(Weight.URGENT, changed, _("whoever answered for this case is gone"), code, "case", id_)
        for id_, code, _state, owner, _since, changed, _at, _priority in rows
        if owner in gone
    ]
    expiring = Consent.objects.filter(state=consents.GIVEN, until__gt=now, until__lte=now + _EXPIRES)
    waiting = Credibility.objects.filter(second=None).exclude(first=hand.id)
    for kind, found in (
        (_("consent ends"), expiring.values_list("case_id", "until")),
        (_("credibility: a second voice is owed"), waiting.values_list("case_id", "at")),
    ):
        told += [Due(Weight.TODAY, at, kind, codes[case], "case", case) for case, at in found if case in codes]
    return told + _begun(rows, now) + _given(hand, now, rows)


def _begun(rows: list[tuple[Any, ...]], now: datetime) -> list[Due]:
    """Return what is owed in cases that are not accepted yet: the answer in an emergency, and a first consent."""
    early = [one for one in rows if one[2] in journey.BEFORE_ACCEPTED]
    told = [
        Due(Weight.URGENT, since, _("emergency: not accepted yet"), code, "case", id_, since="hour")
        for id_, code, _state, _owner, since, _changed, _at, priority in early
        if priority == EMERGENCY
    ]
    late = {id_: (code, since) for id_, code, _state, _owner, since, *_rest in early if since <= now - _AHEAD}
    asked = Consent.objects.filter(purpose=consents.CASEWORK, case__in=late).values_list("case_id", flat=True)
    return told + [
        Due(Weight.TODAY, late[id_][1] + _AHEAD, _("consent to casework was not asked yet"), late[id_][0], "case", id_)
        for id_ in late.keys() - set(asked if late else ())  # later ones were asked already
    ]


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return the emergencies that were given to this worker, and that they have not looked at."""
    if not hand.may("case.see"):
        return []
    mine = Case.objects.filter(owner=hand.id, priority=EMERGENCY, state__in=journey.BEFORE_ACCEPTED)
    rows = list(mine.values_list("id", "code", "state", "owner", "since", "changed", "risk_due", "priority"))
    return [one for one in _given(hand, now, rows) if one.weight == Weight.ALARM]


def _given(hand: Hand, now: datetime, rows: list[tuple[Any, ...]]) -> list[Due]:
    """Return the cases of these days that this worker answers for and never opened: nobody else begins them."""
    new = [
        (id_, code, since, priority == EMERGENCY)
        for id_, code, state, owner, since, _changed, _at, priority in rows
        if owner == hand.id and state in journey.BEFORE_ACCEPTED and since > now - _NEW
    ]
    looked = Opened.objects.filter(worker_id=hand.id, what__in=[one[0] for one in new]).values_list("what", flat=True)
    seen = set(looked if new else ())
    loud, calm = _("emergency: this case was given to you"), _("this case was given to you")
    return [
        Due(Weight.ALARM if now_ else Weight.URGENT, since, loud if now_ else calm, code, "case", id_, since="hour")
        for id_, code, since, now_ in new
        if id_ not in seen
    ]


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
