"""Chiefs: the coordinators who count as such; one whom a second has not agreed to yet is told and given nothing."""

import uuid
from typing import Any

from django.db.models import Q

from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Role

SHARED = uuid.UUID(int=1)  # whose compartment holds what only coordinators share


def of_the_network() -> Any:
    """Return a query of the coordinators who work here and were agreed to."""
    return Worker.objects.filter(is_chief(), ended=None)


def is_chief() -> Q:
    """Return the condition that a worker is a coordinator who was agreed to."""
    return Q(role=Role.COORDINATOR, id__in=Wrap.objects.filter(compartment__owner=SHARED).values("holder"))


def may_take_cases() -> Any:
    """Return a query of those who may be given a case, by call sign."""
    return Worker.objects.filter(is_chief() | Q(role=Role.CASE_WORKER), ended=None).order_by("call_sign")


def agreed(worker: uuid.UUID) -> bool:
    """Tell whether a coordinator was agreed to."""
    return bool(of_the_network().filter(id=worker).exists())
