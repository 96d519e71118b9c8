"""What is due in cases, for the board."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
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
    # every page asks this: first the few rows that could be due, then whether this worker holds them
    held = Exists(hand.held(Kind.FILE).filter(compartment__owner=OuterRef("id")))
    mine = Case.objects.filter(held, state__in=journey.OPEN)
    told = [
        Due(Weight.URGENT if at <= now else Weight.TODAY, at, _("risk assessment to renew"), code, "case", id_)
        for id_, code, at in mine.filter(risk_due__lte=now + _AHEAD).values_list("id", "code", "risk_due")
    ]
    gone = Worker.objects.exclude(ended=None).values("id")
    told += [
        Due(Weight.URGENT, changed, _("whoever answered for this case is gone"), code, "case", id_)
        for id_, code, changed in mine.filter(owner__in=gone).values_list("id", "code", "changed")
    ]
    expiring = Consent.objects.filter(state=consents.GIVEN, until__gt=now, until__lte=now + _EXPIRES)
    waiting = Credibility.objects.filter(second=None).exclude(first=hand.id)
    for kind, rows in (
        (_("consent ends"), expiring.values_list("case_id", "until")),
        (_("credibility: a second voice is owed"), waiting.values_list("case_id", "at")),
    ):
        found = list(rows)
        codes = dict(mine.filter(id__in={case for case, _at in found}).values_list("id", "code")) if found else {}
        told += [Due(Weight.TODAY, at, kind, codes[case], "case", case) for case, at in found if case in codes]
    told += _given(hand, now)
    urgent = mine.filter(priority=EMERGENCY, state__in=journey.BEFORE_ACCEPTED)
    told += [
        Due(Weight.URGENT, since, _("emergency: not accepted yet"), code, "case", id_, since="hour")
        for id_, code, since in urgent.values_list("id", "code", "since")
        if id_ not in {one.what for one in told if one.weight == Weight.ALARM}
    ]
    early = mine.filter(state__in=journey.BEFORE_ACCEPTED, since__lte=now - _AHEAD)  # later ones were asked already
    asked = Consent.objects.filter(purpose=consents.CASEWORK, case=OuterRef("id"))
    told += [
        Due(Weight.TODAY, since + _AHEAD, _("consent to casework was not asked yet"), code, "case", id_)
        for id_, code, since in early.filter(~Exists(asked)).values_list("id", "code", "since")
    ]
    return told


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return the emergencies that were given to this worker, and that they have not looked at."""
    return [one for one in _given(hand, now) if one.weight == Weight.ALARM] if hand.may("case.see") else []


def _given(hand: Hand, now: datetime) -> list[Due]:
    """Return the cases of these days that this worker answers for and never opened: nobody else begins them."""
    looked = Opened.objects.filter(worker_id=hand.id, what=OuterRef("id"))
    new = Case.objects.filter(~Exists(looked), owner=hand.id, state__in=journey.BEFORE_ACCEPTED, since__gt=now - _NEW)
    told = []
    for id_, code, since, priority in new.values_list("id", "code", "since", "priority"):
        weight = Weight.ALARM if priority == EMERGENCY else Weight.URGENT
        words = _("emergency: this case was given to you") if priority == EMERGENCY else _("this case was given to you")
        told.append(Due(weight, since, words, code, "case", id_, since="hour"))
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
