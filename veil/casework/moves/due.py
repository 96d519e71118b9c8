"""What is due in moves, for the board."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import clock
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.moves import checkins, ending, incidents, ladder
from veil.casework.moves.models import CheckIn, Move
from veil.casework.moves.playbooks import PLAYBOOKS
from veil.casework.network.roles import Kind, Role

_STILL = timedelta(hours=24)  # how long an alarm that somebody has in hand stays on the boards of the others

_SAYS = {
    "planned": (Weight.TODAY, gettext_lazy("move: waits for a go")),
    "go": (Weight.URGENT, gettext_lazy("move: has its go")),
    "under way": (Weight.URGENT, gettext_lazy("move: under way")),
    "aborted": (Weight.URGENT, gettext_lazy("move: broken off")),
}


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what this worker has to look at until the end of the day, of what they hold keys to."""
    ending.sweep(hand)
    ahead = now + ladder.AHEAD
    return [*_duress(hand, now), *_check_ins(hand, now, ahead), *_incidents(hand), *_moves(hand, now)]


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return those of them that ring on every page: duress words, missed check-ins, incidents nobody works on."""
    ending.sweep(hand)
    until = now + ladder.AHEAD if clock.in_doubt() else now
    told = [*_duress(hand, now), *_check_ins(hand, now, until), *_incidents(hand, done=None)]
    return [one for one in told if one.weight == Weight.ALARM]


def _incidents(hand: Hand, **only: Any) -> list[Due]:
    """Return the open incidents: an alarm until somebody has begun with the playbook."""
    if not hand.may("incident.see"):
        return []
    rows = list(incidents.mine(hand).filter(state="open", **only).annotate(steps=Count("done")))
    code = checkins.codes(hand, rows)
    return [
        Due(
            Weight.URGENT if one.steps else Weight.ALARM,
            one.since,
            str(PLAYBOOKS[one.kind].title),
            code[one.id],
            "incident",
            one.id,
        )
        for one in rows
    ]


def _moves(hand: Hand, now: datetime) -> list[Due]:
    """Return the moves of today: those that wait for a go, and those that are under way."""
    if not hand.may("move.see"):
        return []
    rows = list(Move.objects.filter(id__in=hand.held(Kind.MOVEMENT), state__in=_SAYS).order_by("since"))
    code = checkins.codes(hand, rows)
    told = [(one, *_SAYS[one.state]) for one in rows]
    return [Due(weight, now, str(says), code[one.id], "move", one.id) for one, weight, says in told]


def _duress(hand: Hand, now: datetime) -> list[Due]:
    alarms = checkins.alarms(hand)
    code = checkins.codes(hand, [alarm.check_in for alarm in alarms])
    told = []
    for alarm in alarms:
        one = alarm.check_in
        if alarm.taken_by is None:
            told.append(_line(Weight.ALARM, alarm.at, _("danger: a duress word was heard"), one, code))
        elif now - alarm.at < _STILL:
            told.append(_line(Weight.URGENT, alarm.at, _("duress word: a colleague is on it"), one, code))
    return told


def _check_ins(hand: Hand, now: datetime, until: datetime) -> list[Due]:
    if not hand.may("check-in.see"):
        return []
    doubt = clock.in_doubt()
    mine, others = checkins.mine(hand, until), checkins.raised(hand, now)
    code = checkins.codes(hand, [*mine, *others])
    told = []
    for one in mine:
        watch = checkins.watch(one)
        weight = ladder.weight(watch, now, doubt)
        if weight is not None and weight <= Weight.TODAY:
            told.append(_line(calmer(hand, weight), one.due, says(watch, now, doubt, hand), one, code))
    late = [one for one in others if ladder.next_rung(checkins.watch(one), now)]
    told += [_line(Weight.ALARM, one.due, _("missed check-in that a colleague waits for"), one, code) for one in late]
    return told


def calmer(hand: Hand, weight: Weight) -> Weight:
    """Return how loud a check-in is: to a host, who answers for the house, never an alarm: who stands beside them?"""
    return max(weight, Weight.URGENT) if hand.role == Role.HOST else weight


def says(watch: ladder.Watch, now: datetime, doubt: bool, hand: Hand) -> str:
    """Return in a few words how a check-in stands; to a host, nothing of what comes if they do not answer."""
    if hand.role == Role.HOST:
        return _("check-in of the house: press your sentence") if now >= watch.due else _("check-in of the house")
    rung = ladder.next_rung(watch, now)
    if rung is not None:
        return _("missed check-in: %(step)s") % {"step": _within(ladder.STEPS[rung.step])}
    if ladder.missed(watch, now):
        return _("missed check-in: its steps are taken, nobody has answered yet")
    if doubt:
        return _("check-in: this computer's clock is wrong, call now")
    return _("check-in is due now") if now >= watch.due else _("check-in")


def _within(words: object) -> str:
    """Return a sentence as it stands within another one."""
    said = str(words)
    return said[:1].lower() + said[1:]


def _line(weight: Weight, at: datetime, kind: str, one: CheckIn, code: dict[uuid.UUID, str]) -> Due:
    return Due(weight, at, kind, code[one.id], "checkin", one.id)
