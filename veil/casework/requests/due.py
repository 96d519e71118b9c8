"""What is due in requests, for the board."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.network.roles import Role
from veil.casework.requests import intake, taking
from veil.casework.requests.journey import OPEN, WAITING
from veil.casework.requests.models import Request

_DAY = timedelta(days=1)


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what this worker has to look at until the end of the day, of what they hold keys to."""
    if not hand.may("request.see"):
        return []
    intake.look(hand)
    return _lines(list(taking.held(hand)), hand, now)


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return those of them that ring on every page: somebody is in danger now, and waits."""
    if not hand.may("request.see"):
        return []
    intake.look(hand)
    held = list(taking.held(hand, danger=True))
    return [one for one in _lines(held, hand, now) if one.weight == Weight.ALARM]


def _lines(held: list[Request], hand: Hand, now: datetime) -> list[Due]:
    told = []
    working = taking.working() if held else set()
    for request in held:
        if request.taken_by not in working:
            request.taken_by = None  # whoever took it works here no more
        if request.in_hand_of not in working:
            request.in_hand_of = None
        waits = "day" if request.box else "hour"  # of what came through the public form, only the day is known
        for weight, at, kind in _of(request, hand, now):
            since = waits if at == request.since else ""
            told.append(Due(weight, at, kind, request.code, "request", request.id, since=since))
    return told


def _of(request: Request, hand: Hand, now: datetime) -> list[tuple[Weight, datetime, str]]:
    told = []
    chief = hand.role == Role.COORDINATOR
    mine = request.taken_by == hand.id
    if request.state == "suspected trap":
        return [(Weight.URGENT, request.since, _("suspected trap: decide"))] if chief else []
    if request.state not in WAITING:
        return [(Weight.TODAY, now, _("new words after our answer"))] if request.unread else []
    if request.taken_by is None:
        weight = Weight.ALARM if request.danger else Weight.URGENT if now - request.since > _DAY else Weight.TODAY
        told.append((weight, request.since, _("danger now: nobody calls") if request.danger else _("nobody calls yet")))
    elif (
        request.danger and request.state in OPEN
    ):  # whoever speaks with them cannot leave the telephone: a coordinator has to act
        alone = request.in_hand_of is None
        words = _("danger now: no coordinator has it in hand") if alone else _("danger now: not decided yet")
        told.append((Weight.ALARM if alone else Weight.URGENT, request.since, words))
    if request.unread and (mine or request.taken_by is None):
        told.append((Weight.ALARM if request.danger else Weight.TODAY, now, _("new words from them")))
    if request.call_due and request.call_due < now + _DAY and (mine or chief):
        late = request.call_due < now
        weight = (Weight.ALARM if request.danger else Weight.URGENT) if late else Weight.TODAY
        told.append((weight, request.call_due, _("call was due") if late else _("call")))
    if request.state == "lost contact" and (mine or chief):
        weight = Weight.URGENT if request.danger else Weight.TODAY
        told.append((weight, request.since, _("contact lost: decide")))
    if request.state == "triaged" and chief and request.screened_by != hand.id:
        told.append((Weight.TODAY, request.since, _("second look")))
    return told
