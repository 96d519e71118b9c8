"""What is due in houses, for the board."""

import uuid
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        return [*_stays(hand, now, coordinator=True), *_houses(hand, now), *_burned(hand)]
    if hand.role == Role.CASE_WORKER:
        return _stays(hand, now, coordinator=False)
    return _guests(hand, now) if hand.role == Role.HOST else []


def _stays(hand: Hand, now: datetime, coordinator: bool) -> list[Due]:
    mine = Stay.objects.filter(**{"house__in" if coordinator else "case__in": hand.held(Kind.FILE)}, state=STAYING)
    ending = mine.filter(until__lt=now + _AHEAD).select_related("house")
    unread = mine.filter(rules_read=False).select_related("house")
    first_night = timedelta(hours=12)
    ends, read = _("stay ends"), _("house rules to read")
    cases = {one.case for one in (*ending, *unread)}
    mine_too = hand.held(Kind.FILE).filter(compartment__owner__in=cases)
    codes = dict(Case.objects.filter(id__in=list(mine_too)).values_list("id", "code")) if cases else {}
    return [
        *(
            Due(_weight(one.until, now), one.until, ends, one.house.code, "stay", one.id, of=_apart(one, codes))
            for one in ending
        ),
        *(
            Due(Weight.TODAY, one.since + first_night, read, one.house.code, "stay", one.id, of=_apart(one, codes))
            for one in unread
        ),
    ]


def _apart(one: Stay, codes: dict[uuid.UUID, str]) -> str:
    """Return what tells two stays of one house apart: the case's code to whoever holds the case, else the beds."""
    return codes.get(one.case) or ngettext("%(beds)s bed", "%(beds)s beds", one.beds) % {"beds": one.beds}


def _houses(hand: Hand, now: datetime) -> list[Due]:
    rested = House.objects.filter(id__in=hand.held(Kind.FILE), state=RESTING, rests_until__lt=now + _AHEAD)
    return [
        Due(_weight(house.rests_until, now), house.rests_until, _("house has rested"), house.code, "house", house.id)
        for house in rested
    ]


def _burned(hand: Hand) -> list[Due]:
    mine = hand.held(Kind.FILE)
    houses = House.objects.filter(id__in=mine, stays__state=MUST_MOVE).distinct()
    others = House.objects.filter(id__in=mine, to_tell__in=ToTell.objects.filter(told=None)).distinct()
    bed, tell = _("house burned: a bed is needed tonight"), _("house burned: somebody who knew it is not told")
    find, say = _("Find beds"), _("Tell them")
    return [
        *(Due(Weight.ALARM, one.changed, bed, one.code, "rehome", one.id, find) for one in houses),
        *(Due(Weight.URGENT, one.changed, tell, one.code, "house", one.id, say) for one in others),
    ]


def _guests(hand: Hand, now: datetime) -> list[Due]:
    mine = Stay.objects.filter(house__in=hand.held(Kind.HOUSE), state=STAYING).select_related("house")
    new = [one for one in mine if now - one.since < timedelta(hours=24)]
    leaving = [one for one in mine if one.until < now + _AHEAD]
    return [
        *(Due(Weight.TODAY, one.since, _("guests come"), one.house.code, "house", one.house_id) for one in new),
        *(
            Due(
                _weight(one.until, now),
                one.until,
                _("stay ends"),
                one.house.code,
                "house",
                one.house_id,
                of=_apart(one, {}),
            )
            for one in leaving
        ),
    ]


def _weight(at: datetime, now: datetime) -> Weight:
    if at < now:
        return Weight.URGENT
    return Weight.TODAY if at < now + timedelta(hours=24) else Weight.SOON
