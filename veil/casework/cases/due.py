"""What is due in cases, for the board."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from veil.casework.cases import consents, journey
from veil.casework.cases.models import Case, Consent, Credibility
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.network.roles import Kind

_AHEAD = timedelta(days=1)
_EXPIRES = timedelta(days=3)


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what this worker has to look at until the end of the day, of what they hold keys to."""
    if not hand.may("case.see"):
        return []
    mine = Case.objects.filter(id__in=hand.held(Kind.FILE), state__in=journey.OPEN)
    codes = dict(mine.values_list("id", "code"))
    told = [
        Due(Weight.URGENT if at <= now else Weight.TODAY, at, _("risk assessment to renew"), code, "case", id_)
        for id_, code, at in mine.filter(risk_due__lte=now + _AHEAD).values_list("id", "code", "risk_due")
    ]
    expiring = Consent.objects.filter(case__in=mine, state=consents.GIVEN, until__gt=now, until__lte=now + _EXPIRES)
    told += [
        Due(Weight.TODAY, until, _("consent ends"), codes[case], "case", case)
        for case, until in expiring.values_list("case_id", "until")
    ]
    waiting = Credibility.objects.filter(case__in=mine, second=None).exclude(first=hand.id)
    told += [
        Due(Weight.TODAY, at, _("credibility: a second voice is owed"), codes[case], "case", case)
        for case, at in waiting.values_list("case_id", "at")
    ]
    asked = Consent.objects.filter(purpose=consents.CASEWORK).values("case_id")
    told += [
        Due(Weight.TODAY, since + _AHEAD, _("consent to casework was not asked yet"), code, "case", id_)
        for id_, code, since in mine.exclude(id__in=asked).values_list("id", "code", "since")
        if since + _AHEAD <= now
    ]
    return told
