"""Opening a case: its code, its keys, its first person, its clock."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import clock, naming, policy
from veil.casework.cases.fields import CASE
from veil.casework.cases.journey import REQUESTED, VERIFICATION
from veil.casework.cases.models import Case, Person
from veil.casework.hand import Hand
from veil.casework.keeping import clocks
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.errors import VeilError

FIRST_RISK = timedelta(days=1)  # until the first assessment must be there


def open_case(
    hand: Hand,
    request_id: uuid.UUID | None,
    holders: Iterable[Worker],
    code: str | None = None,
    carried: Mapping[str, Any] | None = None,
    priority: str = "normal",
) -> Case:
    """Return a new case whose working file and movements these holders can read, and nobody else.

    `carried` holds what the worker chose to take over from the request: fields of the case by name; any other name is
    put under "what they told first". Whoever opens the case and is not among the holders cannot read it afterwards.
    A case that comes from a request was screened already: it begins with verification.
    """
    workers = list(holders)
    if not workers:
        raise VeilError(_("nobody would hold this case"), _("choose at least one worker who takes it"))
    now = clock.now()
    id_ = uuid.uuid4()
    case: Case = Case.objects.create(
        id=id_,
        root=id_,
        code=code or naming.code(),
        state=REQUESTED if request_id is None else VERIFICATION,
        priority=priority,
        owner=workers[0].id,
        since=now,
        changed=now,
        risk_due=now if priority == "emergency" else now + FIRST_RISK,
    )
    hand.make(id_, id_, Kind.FILE, workers, words_of(carried or {}))
    movers = [worker for worker in workers if policy.may_hold(worker.role, Kind.MOVEMENT)]
    hand.make(id_, id_, Kind.MOVEMENT, movers)
    add_person(hand, case, "principal", workers)
    clocks.start(id_, id_, "case")
    hand.note("case opened", id_)
    return case


def add_person(hand: Hand, case: Case, role: str, holders: Iterable[Worker]) -> Person:
    """Return a new person of a case, with two keys of their own: for work, and for what the others must not know.

    Both go to the same holders at first; a person may ask for fewer.
    """
    workers = list(holders)
    person: Person = Person.objects.create(root=case.id, case=case, role=role, since=clock.now())
    hand.make(case.id, person.id, Kind.FILE, workers)
    hand.make(case.id, person.apart, Kind.FILE, workers)
    hand.note("person added", person.id)
    return person


def words_of(carried: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case's first words from what was taken over."""
    known = {field.name for field in CASE}
    said = {name: value for name, value in carried.items() if name in known and value}
    rest = [str(value) for name, value in carried.items() if name not in known and value]
    if rest:
        said["told"] = "\n\n".join(filter(None, [str(said.get("told", "")), *rest]))
    return said
