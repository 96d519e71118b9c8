"""What is due in moves, for the board."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.moves import checkins, ending, ladder
from veil.casework.moves.models import CheckIn

_STILL = timedelta(hours=24)  # how long an alarm that somebody has in hand stays on the boards of the others


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what this worker has to look at until the end of the day, of what they hold keys to."""
    ending.sweep(hand)
    return [*_duress(hand, now), *_check_ins(hand, now)]


def _duress(hand: Hand, now: datetime) -> list[Due]:
    told = []
    for alarm in checkins.alarms(hand):
        one = alarm.check_in
        if alarm.taken_by is None:
            told.append(_line(Weight.ALARM, alarm.at, _("danger: a duress word was heard"), one))
        elif now - alarm.at < _STILL:
            told.append(_line(Weight.URGENT, alarm.at, _("duress word: a colleague is on it"), one))
    return told


def _check_ins(hand: Hand, now: datetime) -> list[Due]:
    if not hand.may("check-in.see"):
        return []
    doubt = clock.set_back() is not None
    told = []
    for one in checkins.mine(hand):
        watch = checkins.watch(one)
        weight = ladder.weight(watch, now, doubt)
        if weight is not None and weight <= Weight.TODAY:
            told.append(_line(weight, one.due, says(watch, now, doubt), one))
    told += [
        _line(Weight.ALARM, one.due, _("missed check-in of a colleague's case"), one)
        for one in checkins.raised(hand, now)
        if ladder.next_rung(checkins.watch(one), now)
    ]
    return told


def says(watch: ladder.Watch, now: datetime, doubt: bool) -> str:
    """Return in a few words how a check-in stands."""
    rung = ladder.next_rung(watch, now)
    if rung is not None:
        return _("missed check-in: %(step)s") % {"step": ladder.STEPS[rung.step]}
    if ladder.missed(watch, now):
        return _("missed check-in: its steps are taken, nobody has answered yet")
    if doubt:
        return _("check-in: this computer's clock is wrong, call now")
    return _("check-in is due now") if now >= watch.due else _("check-in")


def _line(weight: Weight, at: datetime, kind: str, one: CheckIn) -> Due:
    return Due(weight, at, kind, checkins.code_of(one), "checkin", one.id)
