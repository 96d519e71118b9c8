"""What is due in the network itself, for the coordinators' board."""

import uuid
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.network import brakes, coercion, workers
from veil.casework.network.models import Worker, World

_NEW = timedelta(days=3)


def due(hand: Hand, now: datetime) -> list[Due]:
    """Return what coordinators have to know: baits opened, limits reached, who joined, who waits to be agreed to."""
    if not hand.may("worker.see"):
        return []
    told = alarms(hand, now)
    told += [
        Due(Weight.URGENT, now, _("opens very many records"), _sign(worker), "worker", worker)
        for worker in brakes.at_the_limit()
    ]
    told += [
        Due(
            Weight.TODAY,
            worker.since,
            _("a new coordinator waits for a second yes"),
            worker.call_sign,
            "worker",
            worker.id,
        )
        for worker in workers.proposed()
        if worker.id != hand.id
    ]
    told += [
        Due(Weight.SOON, worker.since, _("joined"), worker.call_sign, "worker", worker.id)
        for worker in Worker.objects.filter(ended=None, since__gt=clock.now() - _NEW).exclude(id=hand.id)
    ]
    return told + _chosen(hand, now)


def _chosen(hand: Hand, now: datetime) -> list[Due]:
    """Return that another coordinator changed the network's settings: whoever takes over begins with the brakes."""
    who, at = World.objects.values_list("settings", flat=True).get().get("chosen") or ("", 0.0)
    when = datetime.fromtimestamp(at, UTC)
    if not who or uuid.UUID(who) == hand.id or when < now - _NEW:
        return []
    by = uuid.UUID(who)
    return [Due(Weight.SOON, when, _("changed the settings of the network"), _sign(by), "worker", by)]


def alarms(hand: Hand, now: datetime) -> list[Due]:
    """Return those of them that ring on every page: colleagues who are forced, and baits opened."""
    if not hand.may("worker.see"):
        return []
    return coercion.due(hand, now) + [
        Due(Weight.ALARM, bite.at, _("opened a bait"), _sign(bite.worker), "worker", bite.worker)
        for bite in brakes.bites(hand)
    ]


def _sign(worker: object) -> str:
    return str(Worker.objects.values_list("call_sign", flat=True).get(id=worker))
