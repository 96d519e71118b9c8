"""What is due in houses, for the board."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veil.casework.cases.journey import CLOSED, ENDED
from veil.casework.cases.models import Case
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.houses.journey import MUST_MOVE, RESTING, STAYING
from veil.casework.houses.models import House, Stay, ToTell
from veil.casework.network.roles import Kind, Role

_AHEAD = timedelta(days=3)


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return stays that end, houses that have rested, rules not read, and after a fire whoever must move or be told."""
    if hand.role == Role.COORDINATOR:
        return [*_stays(hand, now, coordinator=True), *_houses(hand, now), *_burned(hand, now)]
    if hand.role == Role.CASE_WORKER:
        return _stays(hand, now, coordinator=False)
    return _guests(hand, now) if hand.role == Role.HOST else []


def _stays(hand: Hand, now: datetime, coordinator: bool) -> list[Due]:
    held = hand.held(Kind.FILE)
    mine = Stay.objects.filter(Q(house__in=held) if coordinator else Q(case__in=held), state=STAYING)
    soon, unread = Q(until__lt=now + _AHEAD), Q(rules_read=False)
    columns = ("id", "case", "beds", "house__code", "since", "until", "rules_read")
    rows = list(mine.filter(soon | unread).values_list(*columns))
    codes = _codes(hand, {row[1] for row in rows})
    ends, to_read = _("stay ends"), _("house rules to read")
    told = []
    for id_, case, beds, code, since, until, read in rows:
        of = codes.get(case) or _beds(beds)
        if until < now + _AHEAD:
            told.append(Due(_weight(until, now), until, ends, code, "stay", id_, of=of))
        if not read:
            told.append(Due(Weight.TODAY, since + timedelta(hours=12), to_read, code, "stay", id_, of=of))
    if coordinator:
        ended = Case.objects.filter(state__in=(*ENDED, CLOSED)).values("id")
        over = _("the case has ended, but somebody still sleeps there")
        left = mine.filter(case__in=ended).values_list("id", "beds", "house__code")
        told += [Due(Weight.TODAY, now, over, code, "stay", id_, of=_beds(beds)) for id_, beds, code in left]
    return told


def _codes(hand: Hand, cases: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the codes of those cases that this worker holds: they tell two stays of one house apart."""
    if not cases:
        return {}
    held = hand.held_of(cases, Kind.FILE)[Kind.FILE]
    return dict(Case.objects.filter(id__in=held).values_list("id", "code")) if held else {}


def _beds(count: int) -> str:
    return ngettext("%(beds)s bed", "%(beds)s beds", count) % {"beds": count}


def _houses(hand: Hand, now: datetime) -> list[Due]:
    rested = House.objects.filter(hand.holding(Kind.FILE), state=RESTING, rests_until__lt=now + _AHEAD)
    return [
        Due(_weight(house.rests_until, now), house.rests_until, _("house has rested"), house.code, "house", house.id)
        for house in rested
    ]


def alarms(hand: Hand, now: datetime) -> list[Due]:  # noqa: ARG001  (asked of every part in this form)
    """Return the houses that burned and whose guests have no bed for tonight, for coordinators."""
    if hand.role != Role.COORDINATOR:
        return []
    burned = list(Stay.objects.filter(state=MUST_MOVE).values_list("house", flat=True).distinct())
    houses = House.objects.filter(id__in=hand.held_of(burned, Kind.FILE)[Kind.FILE]) if burned else ()
    bed, find = _("house burned: a bed is needed tonight"), _("Find beds")
    return [Due(Weight.ALARM, one.changed, bed, one.code, "rehome", one.id, find, since="hour") for one in houses]


def _burned(hand: Hand, now: datetime) -> list[Due]:
    untold = list(ToTell.objects.filter(told=None).values_list("house", flat=True).distinct())
    others = House.objects.filter(id__in=hand.held_of(untold, Kind.FILE)[Kind.FILE]) if untold else ()
    tell, say = _("house burned: somebody who knew it is not told"), _("Tell them")
    owed = [Due(Weight.URGENT, one.changed, tell, one.code, "house", one.id, say, since="hour") for one in others]
    return alarms(hand, now) + owed


def _guests(hand: Hand, now: datetime) -> list[Due]:
    mine = Stay.objects.filter(house__in=hand.held(Kind.HOUSE), state=STAYING).select_related("house")
    new = [one for one in mine if now - one.since < timedelta(hours=24)]
    leaving = [one for one in mine if one.until < now + _AHEAD]
    return [
        *(
            Due(Weight.TODAY, one.since, _("guests come"), one.house.code, "house", one.house_id, since="hour")
            for one in new
        ),
        *(
            Due(
                _weight(one.until, now),
                one.until,
                _("stay ends"),
                one.house.code,
                "house",
                one.house_id,
                of=_beds(one.beds),
            )
            for one in leaving
        ),
    ]


def _weight(at: datetime, now: datetime) -> Weight:
    if at < now:
        return Weight.URGENT
    return Weight.TODAY if at < now + timedelta(hours=24) else Weight.SOON
