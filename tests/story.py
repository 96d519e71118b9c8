"""The story that fills the network of the matrix: a call, a case, its people, custody, a house, a move."""

from tests.filled import Filled, step
from veil.casework.cases.models import Case, Person
from veil.casework.network.roles import Role
from veil.casework.requests.models import Request


@step
def a_call(told: Filled) -> None:
    """The operator takes calls; the hotline's words lie in the request's own compartments."""
    operator = Role.OPERATOR
    for ending in ("referral", "decline", "trap", "open"):
        told.fill(operator, "/requests/new", "request")
        one = told.of(Request)
        told.ids[ending] = one
        told.send(operator, f"/requests/{one}/take")
        told.fill(operator, f"/requests/{one}/contact", "request contact")
        told.fill(operator, f"/requests/{one}", "request note", at="said")


@step
def a_case(told: Filled) -> None:
    """A case worker opens a case and writes what is known of it."""
    worker = Role.CASE_WORKER
    told.send(worker, "/cases/new", priority="urgent", holders=[told.id_of(worker)])
    case, person = told.of(Case), told.of(Person)
    told.ids |= {"case": case, "person": person}
    told.fill(worker, f"/cases/{case}/words", "case", needs=["protection"])
    told.fill(worker, f"/cases/people/{person}/words", "person")
    told.fill(worker, f"/cases/people/{person}/apart", "kept from the others")
    told.fill(worker, f"/cases/{case}/risk/assess", "risk assessment")


@step
def custody(told: Filled) -> None:
    """Three custodians are named, and an identity is sealed, asked for and opened."""
    for role in (Role.LAWYER, Role.AUDITOR, Role.CLINICIAN):
        told.send(Role.COORDINATOR, "/custody/", coming=told.hands[role].call_sign)
    address = f"/custody/{told.ids['person']}"
    told.fill(Role.CASE_WORKER, address, "identity")
