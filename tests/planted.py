"""A network in which every sealed field holds a mark of its own: where a mark is seen, its key must be held."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import veil.web.urls  # noqa: F401  (with the pages every field is told)
from tests.networks import CALL_SIGNS, Network, passphrase_of
from veil.casework import clock, world
from veil.casework.cases import consents, deciding, entrusting, risk
from veil.casework.cases.models import Case, Check, Consent, Person
from veil.casework.cases.opening import add_person, open_case
from veil.casework.custody import custodians, envelopes, paper
from veil.casework.fields import FIELDS, Form
from veil.casework.hand import Hand
from veil.casework.houses import shelter, stays
from veil.casework.moves import checkins, incidents, legs, plans
from veil.casework.network import opening
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import entry, screening, taking
from veil.casework.requests.models import Request
from veil.casework.requests.screening import part_of

NEVER_SHOWN = {"request answer"}  # it goes to the sender's mailbox, and is kept nowhere


@dataclass
class Planted:
    """What was planted, and who may see it."""

    network: Network
    hands: dict[Role, Hand]
    marks: dict[str, tuple[str, uuid.UUID, Kind]] = field(default_factory=dict)  # its field, and the compartment
    codes: dict[str, uuid.UUID] = field(default_factory=dict)
    ids: dict[str, uuid.UUID] = field(default_factory=dict)

    def said(self, record: str, owner: uuid.UUID, more: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return words for a record, with a mark in each field that takes words."""
        told: dict[str, Any] = {}
        for one in FIELDS[record]:
            if one.form in {Form.LINE, Form.TEXT}:
                mark = f"zq{secrets.token_hex(5)}qz"
                self.marks[mark] = (f"{record}.{one.name}", owner, one.kind)
                told[one.name] = mark
        return told | (more or {})

    def put(self, role: Role, record: str, id_: uuid.UUID, owner: uuid.UUID, more: dict[str, Any] | None = None) -> Any:
        """Write a record anew, with marks."""
        told = self.said(record, owner, more)
        for kind in {one.kind for one in FIELDS[record]}:
            if self.hands[role].holds(owner, kind):
                names = {one.name for one in FIELDS[record] if one.kind == kind}
                before = self.hands[role].read(id_, owner, kind).said
                said = {name: words for name, words in told.items() if name in names}
                self.hands[role].write(id_, owner, kind, before | said)


def plant(network: Network) -> Planted:
    """Fill a network: a call, a case with two people, a house, a move, a check-in, an incident, an envelope."""
    made = Planted(network, {role: network.hand(role) for role in Role})
    with world.within(made.hands[Role.COORDINATOR].store):
        for role in (Role.LAWYER, Role.AUDITOR, Role.CLINICIAN):
            custodians.name(made.hands[Role.COORDINATOR], network.worker(role))
        _request(made)
        case = _case(made)
        _person(made, case)
        _house(made, case)
        _move(made, case)
        for model in (Case, Request):
            made.codes |= dict(model.objects.values_list("code", "id"))
    return made


def strangers(network: Network) -> dict[Role, str]:
    """Let a second worker of every role join, with keys to nothing; return their call signs."""
    chief = network.hand(Role.COORDINATOR)
    signs = {role: f"{sign} Two" for role, sign in CALL_SIGNS.items()}
    with world.within(chief.store):
        for role, sign in signs.items():
            opening.join(chief, opening.Member(sign, passphrase_of(sign), role))
    return signs


def _request(made: Planted) -> None:
    wren = made.hands[Role.OPERATOR]
    request = entry.enter(wren, {})
    id_ = made.ids["request"] = request.id
    made.put(Role.OPERATOR, "request", id_, id_)
    entry.save_contact(wren, request, made.said("request contact", request.contact), 0)
    entry.add_note(wren, id_, made.said("request note", id_, {"call": "talked"}), None)
    screening.screen(wren, id_, made.said("request screening", id_), 0)
    screening.triage(wren, id_, made.said("request triage", id_, {"urgency": "days"}), 0)
    for part in ("referral", "decline", "trap"):
        wren.write(part_of(id_, part), id_, Kind.FILE, made.said(f"request {part}", id_))
    assert taking.asked(wren, id_).state == "triaged"


def _case(made: Planted) -> Case:
    plover, heron = made.hands[Role.CASE_WORKER], made.hands[Role.COORDINATOR]
    holders = [made.network.worker(Role.CASE_WORKER), made.network.worker(Role.COORDINATOR)]
    case = open_case(plover, None, holders)
    id_ = made.ids["case"] = case.id
    made.put(Role.CASE_WORKER, "case", id_, id_)
    amounts = {"threat": "2", "vulnerability": "2", "capacity": "2"}
    made.put(Role.CASE_WORKER, "risk assessment", risk.record_of(id_), id_, amounts)
    risk.assessed(plover, id_, amounts)
    kept = risk.keep(plover, id_, "x")
    made.put(Role.CASE_WORKER, "risk milestone", kept.id, id_)
    check = Check.objects.create(root=id_, case=case, at=clock.now(), by=plover.id)
    plover.write(check.id, id_, Kind.FILE, made.said("verification check", id_))
    for hand in (plover, heron):
        said = made.said("credibility", id_, {"finding": "credible"})
        hand.write(deciding.record_of(id_, hand.id), id_, Kind.FILE, said)
        deciding.found(hand, case)
    return case


def _person(made: Planted, case: Case) -> None:
    plover = made.hands[Role.CASE_WORKER]
    person = Person.objects.get(case=case, role="principal")
    relative = add_person(plover, case, "relative at risk", [made.network.worker(Role.CASE_WORKER)])
    made.ids |= {"person": person.id, "relative": relative.id, "apart": person.apart}
    for one in (person, relative):
        made.put(Role.CASE_WORKER, "person", one.id, one.id)
        made.put(Role.CASE_WORKER, "kept from the others", one.apart, one.apart)
    made.put(Role.CASE_WORKER, "relative at risk", relative.id, relative.id)
    for purpose in (consents.CASEWORK, consents.MEDICAL, consents.LEGAL, consents.PUBLICATION):
        answer = consents.Answer(purpose, True, None, made.said("consent", person.id))
        consents.answered(plover, person, answer)
    made.ids["consent"] = Consent.objects.filter(owner=person.id).first().id
    for kind, role, record in (
        (Kind.HEALTH, Role.CLINICIAN, "health"),
        (Kind.TESTIMONY, Role.LAWYER, "testimony"),
    ):
        said = made.said(record, person.id)
        entrusting.entrust(plover, person, kind, made.network.worker(role), said)
    envelopes.seal_up(plover, person.id, made.said("identity", person.id))
    lawyer = made.hands[Role.LAWYER]
    access = envelopes.ask(lawyer, person.id, "a paper for Tuesday", 4)
    made.ids["access"] = access.id
    made.ids["slip"] = paper.sheets(made.hands[Role.AUDITOR])[0].what
    for role in (Role.AUDITOR, Role.CLINICIAN):
        envelopes.answer(made.hands[role], access.id, agree=True)
    envelopes.open_(lawyer, access.id)


def _house(made: Planted, case: Case) -> None:
    heron = made.hands[Role.COORDINATOR]
    host = made.network.worker(Role.HOST)
    house = shelter.make_house(heron, host, 4, {"ambulance": "x"})
    made.ids["house"] = house.id
    made.put(Role.COORDINATOR, "house", house.id, house.id)
    stay = stays.place(heron, case.id, house.id, 1)
    made.ids["stay"] = stay.id
    heron.write(stay.id, stay.id, Kind.FILE, made.said("stay", stay.id))
    for_host = made.said("stay", stay.id)
    heron.write(stay.id, stay.id, Kind.HOUSE, for_host)
    made.marks |= {mark: (made.marks[mark][0], stay.id, Kind.HOUSE) for mark in for_host.values()}
    made.codes[house.code] = house.id
    _house_check_in(made, house.id)


def _house_check_in(made: Planted, house: uuid.UUID) -> None:
    agreed = checkins.Agreed(made.said("house check-in", house))
    due = clock.now() + timedelta(minutes=5)
    one = checkins.set_check_in(made.hands[Role.COORDINATOR], house, house, due, timedelta(0), agreed)
    made.ids["house check-in"] = one.id
    for mark, (name, _owner, kind) in list(made.marks.items()):
        if name.startswith("house check-in."):
            made.marks[mark] = made.marks[f"Zq{mark[2:]}"] = (name, one.id, kind)


def _move(made: Planted, case: Case) -> None:
    plover = made.hands[Role.CASE_WORKER]
    move = plans.plan(plover, case.id, {"kind": "house"})
    made.put(Role.CASE_WORKER, "move", move.id, move.id)
    made.put(Role.CASE_WORKER, "move told", move.id, move.id)
    leg = legs.add(plover, move.id, {})
    made.put(Role.CASE_WORKER, "leg", leg.id, leg.id)
    made.put(Role.CASE_WORKER, "move told", move.id, leg.id)
    said = made.said("check-in", case.id)
    agreed = checkins.Agreed(said)
    one = checkins.set_check_in(plover, case.id, case.id, clock.now() + timedelta(minutes=5), timedelta(0), agreed)
    for mark, (name, owner, kind) in list(made.marks.items()):
        if name.startswith("check-in."):
            assert owner == case.id
            made.marks[mark] = (name, one.id, kind)
    # the sentences are shown with a capital
    made.marks |= {f"Zq{mark[2:]}": told for mark, told in made.marks.items() if told[0].startswith("check-in.")}
    incident = incidents.raise_incident(plover, "door", case.id)
    plover.write(incident.id, incident.id, Kind.MOVEMENT, made.said("incident", incident.id))
    made.ids |= {"move": move.id, "leg": leg.id, "check-in": one.id, "incident": incident.id}
