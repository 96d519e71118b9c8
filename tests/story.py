"""The story that fills the network of the matrix: a call, a case, its people, custody, a house, a move."""

from datetime import UTC, datetime, timedelta

from tests.days import SOON_TOO
from tests.filled import CANARIES, Filled, step
from veil.casework import world
from veil.casework.cases.models import Case, Person
from veil.casework.custody.models import Access
from veil.casework.houses.models import House
from veil.casework.moves.models import Move
from veil.casework.network.roles import Kind, Role
from veil.casework.requests.models import Request

LATER = ("request answer", "incident")  # records that no page writes yet


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


@step
def names(told: Filled) -> None:
    """Aliases are chosen from those offered and never typed, so the words to look for are put in by hand."""
    hand = told.hands[Role.CASE_WORKER]
    with world.within(told.store):
        for record in ("case", "person"):
            what = told.ids[record]
            words = hand.read(what, what, Kind.FILE)
            hand.write(what, what, Kind.FILE, words.said | {"alias": CANARIES[record, "alias"]}, words.version)


@step
def answers_to_calls(told: Filled) -> None:
    """Each call is screened, and ends in another way; one stays open."""
    operator = Role.OPERATOR
    for ending in ("referral", "decline", "trap", "open"):
        address = f"/requests/{told.ids[ending]}"
        told.fill(operator, f"{address}/screening", "request screening")
        told.fill(operator, f"{address}/triage", "request triage")
    told.fill(operator, f"/requests/{told.ids['referral']}/answer", "request referral", at="kind")
    told.fill(operator, f"/requests/{told.ids['decline']}/answer", "request decline", at="offered", how="decline")
    told.fill(operator, f"/requests/{told.ids['trap']}/trap", "request trap")


@step
def people(told: Filled) -> None:
    """A relative who stays behind, a consent for each purpose, what is entrusted to a clinician and a lawyer."""
    worker, person = Role.CASE_WORKER, told.ids["person"]
    holders = [told.id_of(worker)]
    told.send(worker, f"/cases/{told.ids['case']}/people/new", role="relative at risk", holders=holders)
    told.ids["relative"] = told.of(Person)
    told.fill(worker, f"/cases/people/{told.ids['relative']}/words", "relative at risk", at="knows")
    for purpose in ("casework", "medical", "legal", "anonymous-publication"):
        told.fill(worker, f"/cases/people/{person}/consents/{purpose}", "consent", answer=["yes"])
    for kind, record, role in (("health", "health", Role.CLINICIAN), ("testimony", "testimony", Role.LAWYER)):
        told.fill(worker, f"/cases/people/{person}/entrust/{kind}", record, worker=told.id_of(role))
    told.fill(Role.CLINICIAN, f"/cases/care/{person}", "health")
    told.fill(Role.LAWYER, f"/cases/testimony/{person}", "testimony")
    told.send(Role.LAWYER, f"/cases/testimony/{person}/share", worker=told.hands[Role.PRESS].call_sign)


@step
def weighing(told: Filled) -> None:
    """A check, a milestone of the risk, and whether the story holds."""
    worker, address = Role.CASE_WORKER, f"/cases/{told.ids['case']}"
    told.fill(worker, f"{address}/checks/new", "verification check")
    told.send(worker, f"{address}/risk/keep", milestone=CANARIES["risk milestone", "milestone"])
    told.fill(worker, f"{address}/credibility", "credibility")


@step
def opened_envelope(told: Filled) -> None:
    """The case worker has an envelope open, by two custodians' leave."""
    worker, address = Role.CASE_WORKER, f"/custody/{told.ids['person']}"
    told.send(worker, address, motive="a ticket", hours="4")
    access = told.of(Access)
    for role in (Role.LAWYER, Role.AUDITOR):
        told.send(role, f"/custody/asking/{access}", answer="agree")
    told.send(worker, address, do="open")


@step
def check_in(told: Filled) -> None:
    """A sign of life is expected."""
    told.fill(Role.CASE_WORKER, f"/moves/checkins/of/{told.ids['case']}", "check-in", at="calm")


@step
def a_house(told: Filled) -> None:
    """A house, and a coordinator places a case of their own there."""
    chief = Role.COORDINATOR
    host = told.id_of(Role.HOST)
    told.fill(chief, "/houses/new", "house", host=[host], capacity=["4"])
    told.send(chief, "/cases/new", priority="urgent", holders=[told.id_of(chief), told.id_of(Role.CASE_WORKER)])
    told.fill(chief, f"/moves/checkins/of/{told.of(House)}", "house check-in", at="calm")
    until = (datetime.now(tz=UTC) + timedelta(days=9)).date().isoformat()
    told.fill(chief, f"/houses/place/{told.of(Case)}", "stay", until=[until], house=[str(told.of(House))])


@step
def a_move(told: Filled) -> None:
    """A plan with one leg."""
    worker, case = Role.CASE_WORKER, told.ids["case"]
    later = {"latest": [SOON_TOO], "ends": [SOON_TOO]}
    told.fill(worker, f"/moves/of/{case}", "move + move told", latest=later["latest"])
    told.fill(worker, f"/moves/{told.of(Move)}/legs", "leg", ends=later["ends"])


@step
def what_waits(told: Filled) -> None:
    """An asking that no custodian has answered, and a custodian whose place another is to take."""
    worker, address = Role.CASE_WORKER, f"/custody/{told.ids['relative']}"
    told.fill(worker, address, "identity")
    told.send(worker, address, motive="a letter", hours="4")
    signs = {role: told.hands[role].call_sign for role in (Role.PRESS, Role.AUDITOR)}
    told.send(Role.COORDINATOR, "/custody/", coming=signs[Role.PRESS], leaving=signs[Role.AUDITOR])
