"""What the pages of cases have in common: finding a case or a person by the worker's own keys, and nothing else."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from veil.casework import clock
from veil.casework.cases import consents, journey
from veil.casework.cases.models import Case, Person
from veil.casework.network.models import Compartment, Worker
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed


def case_of(request: HttpRequest, what: uuid.UUID) -> Case:
    """Return a case whose working file this worker holds; raise `NotAllowed` also where there is none."""
    case = Case.objects.filter(id=what).first()
    if case is None or not request.hand.holds(what, Kind.FILE):
        raise NotAllowed
    return case


def person_of(request: HttpRequest, what: uuid.UUID) -> Person:
    """Return a person whose working file this worker holds; raise `NotAllowed` also where there is none."""
    person = Person.objects.select_related("case").filter(id=what).first()
    if person is None or not request.hand.holds(what, Kind.FILE):
        raise NotAllowed
    return person


def back_to(request: HttpRequest, person: Person, part: str = "") -> str:
    """Return the page that a person's page was opened from: the case, at what is still to do there, or the person."""
    if request.GET.get("back") == "case" and request.hand.holds(person.case_id, Kind.FILE):
        return address("case", person.case_id) + "#next"
    return address("person", person.id) + part


def require_open(request: HttpRequest, whose: Case | Person) -> None:
    """Refuse to change what belongs to somebody who no longer agrees to casework, or to a case that has ended."""
    if request.method not in {"GET", "HEAD"}:
        consents.require(whose, consents.CASEWORK)
        if isinstance(whose, Person):
            consents.require(whose.case, consents.CASEWORK)


def head(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Return what stands at the top of every page of a case."""
    said = request.hand.read(case.id, case.id, Kind.FILE).said if request.hand.holds(case.id, Kind.FILE) else {}
    return {
        "case": case,
        "alias": said.get("alias", ""),
        "state": journey.STATE_NAMES[case.state],
        "priority": journey.PRIORITY_NAMES[case.priority],
        "open_case": case.state in journey.OPEN,
        "overdue": case.risk_due <= clock.now() and case.state in journey.OPEN,
    }


def people_of(request: HttpRequest, case: Case) -> list[dict[str, Any]]:
    """Return the people of a case whose own files this worker holds, with alias and role; the others are not there."""
    people = list(Person.objects.filter(case=case).select_related("household").order_by("since"))
    words = request.hand.read_all([person.id for person in people], Kind.FILE)
    return [{"person": person, "said": words[person.id].said} for person in people if person.id in words]


def holders_of(owner: uuid.UUID, kind: Kind = Kind.FILE) -> list[Worker]:
    """Return the workers who hold a compartment's key."""
    compartment = Compartment.objects.filter(owner=owner, kind=kind).first()
    if compartment is None:
        return []
    return list(Worker.objects.filter(wraps__compartment=compartment, ended=None).order_by("call_sign"))


def address(route: str, what: uuid.UUID, **more: Any) -> str:
    """Return the address of one thing's page."""
    return str(reverse(route, kwargs={"what": what, **more}))
