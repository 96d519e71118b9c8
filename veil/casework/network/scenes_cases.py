"""What happens to the cases of the decoy world: an alias, a consent, two who believe it, a bed, a move, the way out."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from veil.casework import clock, naming
from veil.casework.cases import consents, deciding, journey, opening, risk, stepping
from veil.casework.cases import fields as of_cases
from veil.casework.cases.models import Case, Check, Person, Risk
from veil.casework.moves import legs, plans
from veil.casework.moves.models import Move
from veil.casework.network.decoy import Crew, scene
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import entry, taking
from veil.casework.requests.models import Request
from veil.casework.times import instant

_BEFORE_A_MOVE = (journey.ACCEPTED, journey.PLANNED, journey.SHELTERED)
_OUT = (journey.SHELTERED, journey.PENDING, journey.CLEARED, journey.DEPARTED, journey.ARRIVED, journey.AFTERCARE)
_MOST_MORE = 12
_DAYS_IN = {journey.SHELTERED: 12, journey.PENDING: 40, journey.CLEARED: 6, journey.DEPARTED: 1, journey.ARRIVED: 4}


@scene(9)
def care(crew: Crew) -> None:
    """A case goes a step further: of those who came last, or of those who wait longest."""
    worker = crew.hands[Role.CASE_WORKER]
    ended = (journey.CLOSED, *journey.ENDED)
    order = crew.chance.choice(("-since", "changed"))
    for case in Case.objects.filter(id__in=worker.held(Kind.FILE)).exclude(state__in=ended).order_by(order):
        if _step(crew, case):
            return


def _step(crew: Crew, case: Case) -> bool:
    """Do what is next in a case; tell whether there was anything."""
    worker, person = crew.hands[Role.CASE_WORKER], Person.objects.filter(case=case, role="principal").first()
    if person is None or not worker.holds(person.id, Kind.FILE):
        return False
    if not worker.read(person.id, person.id, Kind.FILE).said.get("alias"):
        _meet(crew, case, person)
    elif not Risk.objects.filter(id=risk.record_of(case.id)).exists():
        assess(crew, case)
    elif case.state == journey.VERIFICATION and not stepping.is_credible(case):
        _believe(crew, case)
    elif case.state in journey.BEFORE_ACCEPTED:
        chief = crew.hand(Role.COORDINATOR)
        stepping.step(chief, case.id, journey.likely(case.state, tuple(stepping.ahead(chief, case))))
    else:
        return _later(crew, case)
    return True


def _later(crew: Crew, case: Case) -> bool:
    """Let a case that was accepted wait as long as such things take; then go on."""
    moves = Move.objects.filter(case=case.id).exclude(state="destroyed")
    waited = clock.now() - case.changed
    if case.state in _BEFORE_A_MOVE and not moves.exists() and crew.chance.random() < 0.3:
        _plan(crew, case)
        return True
    if case.state in _OUT and waited > timedelta(days=_DAYS_IN.get(case.state, 20)) and crew.chance.random() < 0.4:
        chief = crew.hand(Role.COORDINATOR)
        to = journey.likely(case.state, tuple(stepping.ahead(chief, case)))
        if to:
            stepping.step(chief, case.id, to)
            return True
    return False


def _meet(crew: Crew, case: Case, person: Person) -> None:
    """The case worker speaks with them: an alias, an age, a yes to casework."""
    hand = crew.hand(Role.CASE_WORKER)
    used = [one.said.get("alias", "") for one in hand.read_all(list(hand.held(Kind.FILE)), Kind.FILE).values()]
    alias = crew.chance.choice(naming.offered("ru" if crew.language == "ru" else "en", used))
    ages = [name for name, _ in of_cases.AGES if name in {"young", "adult"}]
    words = hand.read(person.id, person.id, Kind.FILE)
    hand.write(person.id, person.id, Kind.FILE, words.said | {"alias": alias, "age": crew.chance.choice(ages)})
    words = hand.read(case.id, case.id, Kind.FILE)
    threats = [crew.chance.choice(of_cases.THREATS)[0]]
    phrase = f"{crew.word()} – {crew.word()}"
    more = {"alias": alias, "threats": threats, "needs": ["protection"], "phrase": phrase}
    hand.write(case.id, case.id, Kind.FILE, words.said | more, words.version)
    hand.note("alias chosen", person.id)
    yes = consents.Answer(consents.CASEWORK, True, None, {"giver": "themselves", "recipient": ""})
    consents.answered(hand, person, yes)


def assess(crew: Crew, case: Case) -> None:
    """The risk of a case is assessed, for the first time or anew."""
    hand, chance = crew.hand(Role.CASE_WORKER), crew.chance
    record = risk.record_of(case.id)
    before = hand.read(record, case.id, Kind.FILE)
    if before.said and chance.random() < 0.6:  # as it was
        said = dict(before.said)
    else:
        said = {name: chance.choice("1223") for name in ("threat", "vulnerability", "capacity")}
    hand.write(record, case.id, Kind.FILE, said, before.version)
    risk.assessed(hand, case.id, said)


def _believe(crew: Crew, case: Case) -> None:
    """One of the two says what they found; the other one the next time."""
    for role in (Role.CASE_WORKER, Role.COORDINATOR):
        if crew.hands[role].read(deciding.record_of(case.id, crew.hands[role].id), case.id, Kind.FILE).said:
            continue
        hand = crew.hand(role)
        check = Check.objects.create(root=case.id, case=case, at=clock.now(), by=hand.id)
        hand.write(check.id, case.id, Kind.FILE, {"method": "call back", "outcome": "confirmed"})
        hand.write(deciding.record_of(case.id, hand.id), case.id, Kind.FILE, {"finding": "credible"})
        deciding.found(hand, case)
        return


def _plan(crew: Crew, case: Case) -> None:
    """A move is planned for one of the next days, and two people say go."""
    hand, chance = crew.hand(Role.CASE_WORKER), crew.chance
    earliest = (clock.now() + timedelta(days=chance.randint(1, 3))).replace(minute=0, second=0, microsecond=0)
    kind = "house" if case.state == journey.SHELTERED else "extraction"
    said: dict[str, Any] = {"kind": kind, "earliest": earliest, "latest": earliest + timedelta(hours=6)}
    said |= {f"{name}_word": crew.word() for name in ("go", "wait", "abort")}
    move = plans.plan(hand, case.id, said)
    leg = legs.add(hand, move.id, {"meet": crew.word(), "begins": earliest, "ends": earliest + timedelta(hours=3)})
    legs.join(hand, leg.id, legs.Member(hand.call_sign, "lead", inside=True))
    plans.ready(hand, move.id, 0)
    plans.tick(hand, move.id, list(plans.CHECKLIST))
    turn = plans.go(hand, move.id, 1).turn
    chief = crew.hand(Role.COORDINATOR)
    if chief.holds(move.id, Kind.MOVEMENT):
        plans.go(chief, move.id, turn)


def travel(crew: Crew) -> None:
    """Whoever was to set out by now has set out, and arrived."""
    hand, now = crew.hands[Role.CASE_WORKER], clock.now()
    for move in Move.objects.filter(state="go", id__in=hand.held(Kind.MOVEMENT)):
        earliest = instant(plans.words(hand, move.id).said.get("earliest"))
        if earliest is None or earliest > now:
            continue
        for leg in move.legs.order_by("place"):
            legs.start(crew.hand(Role.CASE_WORKER), leg.id)
            legs.arrive(crew.hand(Role.CASE_WORKER), leg.id)


def say(crew: Crew, worker: Worker, sentences: Sequence[str]) -> None:
    """Put sentences into what was told in the calls and cases that a new colleague can open; make more where few are.

    Whoever takes calls, or cares for cases, has two of them at least.
    """
    takes_calls = worker.role in taking.HOTLINE
    have = Request.objects.filter(taken_by=worker.id).count() if takes_calls else len(_theirs(worker))
    for _one_more in range(min(_MOST_MORE, max(2, len(sentences)) - have)):
        _more(crew, worker)
    for (owner, name), sentence in zip(_theirs(worker), sentences, strict=False):
        hand = next(hand for hand in crew.hands.values() if hand.holds(owner, Kind.FILE))
        words = hand.read(owner, owner, Kind.FILE)
        hand.write(owner, owner, Kind.FILE, words.said | {name: sentence}, words.version)


def _more(crew: Crew, worker: Worker) -> None:
    """One more call, or one more case, for a new colleague."""
    said = {"talk": crew.word(), "ours": crew.word(), "theirs": crew.word()}
    if worker.role in taking.HOTLINE:
        operator = crew.hand(Role.OPERATOR)
        taking.hand_over(operator, entry.enter(operator, said).id, worker.id)
    elif worker.role == Role.CASE_WORKER:
        hand = crew.hand(Role.CASE_WORKER)
        crews = [Worker.objects.get(id=crew.hands[role].id) for role in (Role.CASE_WORKER, Role.COORDINATOR)]
        opening.open_case(hand, None, [*crews, worker], carried={"phrase": f"{crew.word()} – {crew.word()}"})


def _theirs(worker: Worker) -> list[tuple[uuid.UUID, str]]:
    """Return the calls and cases that a colleague can open, and where it is written what was told."""
    held = set(worker.wraps.filter(compartment__kind=Kind.FILE).values_list("compartment__owner", flat=True))
    cases = Case.objects.filter(id__in=held).order_by("-since").values_list("id", flat=True)
    calls = Request.objects.filter(id__in=held, state__in=("new", "screened", "triaged")).order_by("-since")
    found = [(owner, "told") for owner in cases] if worker.role != Role.OPERATOR else []
    return [*((owner, "happened") for owner in calls.values_list("id", flat=True)), *found]
