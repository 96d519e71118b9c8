"""What happens in the decoy world: calls, cases, houses, as they would in a small network, through the same functions.

Almost all of it is choices and codes, as a tired worker enters them; few words, for words of a program can be known.
"""

from datetime import timedelta
from typing import Any

from veil.casework import clock
from veil.casework.cases import fields as of_cases
from veil.casework.cases import risk
from veil.casework.cases.models import Case
from veil.casework.houses import shelter, stays
from veil.casework.houses.fields import NO_AMBULANCE, SUITS
from veil.casework.houses.fields import RULES as HOUSE_RULES
from veil.casework.houses.journey import STAYING
from veil.casework.houses.models import House, Stay
from veil.casework.network.decoy import Crew, scene
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import answers, entry, screening, taking
from veil.casework.requests import fields as of_requests
from veil.casework.requests.models import Request
from veil.vault import phrases

_WEIGHED = {
    "en": ("fits so far", "ok", "seems real", "tired, scared, clear"),
    "ru": ("похоже на правду", "сходится", "ок"),
}
_SAFE = {"en": ("after 9 pm", "mornings", "only writing", "before work"), "ru": ("после 21", "утром", "только писать")}
_TALK = {
    "en": ("alone now", "can only write", "at a friend's"),
    "ru": ("сейчас один", "может писать", "у друга"),
}


@scene(5)
def call(crew: Crew) -> None:
    """Somebody calls the hotline."""
    chance, tongue = crew.chance, crew.language
    said: dict[str, Any] = {
        "danger": chance.random() < 0.2,
        "role": _one(crew, of_requests.ROLES),
        "needs": [_one(crew, of_requests.NEEDS)],
        "threat": _one(crew, of_requests.THREATS),
        "language": tongue if chance.random() < 0.8 else _one(crew, of_requests.LANGUAGES),
        "safe": chance.choice(_SAFE[tongue]),
        "talk": chance.choice(_TALK[tongue]),
        "ours": phrases.offered(tongue).partition(" ")[0],
        "theirs": phrases.offered(tongue).partition(" ")[0],
    }
    made = entry.enter(crew.hands[Role.OPERATOR], {name: told for name, told in said.items() if chance.random() < 0.85})
    if made.danger:
        taking.take_in_hand(crew.hands[Role.COORDINATOR], made.id)


@scene(4)
def call_back(crew: Crew) -> None:
    """The operator calls one of them back."""
    requests = Request.objects.filter(taken_by=crew.hands[Role.OPERATOR].id, state__in=("new", "screened", "triaged"))
    request = crew.chance.choice(list(requests) or [None])
    if request is not None:
        _note(crew, request)


@scene(4)
def go_on(crew: Crew) -> None:
    """A request goes a step further: it is screened, weighed, or becomes a case."""
    hand, chance = crew.hands[Role.OPERATOR], crew.chance
    waiting = list(Request.objects.filter(taken_by=hand.id, state__in=("new", "screened", "triaged")).order_by("since"))
    if not waiting:
        return
    request = waiting[0]
    if request.state == "new":
        said = {f"sign_{name}": "no" for name, _ in of_requests.SIGNS if chance.random() < 0.8}
        said |= {f"check_{name}": "fits" for name, _ in of_requests.CHECKS if chance.random() < 0.6}
        screening.screen(hand, request.id, said | {"weighed": chance.choice(_WEIGHED[crew.language])})
    elif request.state == "screened":
        screening.triage(hand, request.id, {"urgency": chance.choice(("tonight", "days", "days", "weeks"))})
    else:
        worker = crew.hands[Role.CASE_WORKER]
        answers.accept(crew.hands[Role.COORDINATOR], request.id, worker.id, ["needs", "safe"])


@scene(2)
def new_house(crew: Crew) -> None:
    """There is one more house, if there are few."""
    if House.objects.count() >= 3:
        return
    said = {"suits": [_one(crew, SUITS)], "ambulance": str(NO_AMBULANCE), "rules": str(HOUSE_RULES)}
    host = Worker.objects.get(id=crew.hands[Role.HOST].id)
    shelter.make_house(crew.hands[Role.COORDINATOR], host, crew.chance.randint(2, 5), said)


@scene(3)
def bed(crew: Crew) -> None:
    """Somebody gets a bed."""
    hand = crew.hands[Role.COORDINATOR]
    free = stays.free_houses(hand, 1)
    sleeping = Stay.objects.values_list("case", flat=True)
    cases = list(Case.objects.filter(id__in=hand.held(Kind.FILE)).exclude(id__in=sleeping))
    if free and cases:
        stays.place(hand, crew.chance.choice(cases).id, crew.chance.choice(free).id, 1)


def taken_on(crew: Crew) -> None:
    """Somebody calls, is believed, and becomes a case: whoever is forced has work to show."""
    call(crew)
    operator, worker = crew.hands[Role.OPERATOR], crew.hands[Role.CASE_WORKER]
    request = Request.objects.filter(taken_by=operator.id, state="new").latest("since")
    Request.objects.filter(id=request.id).update(danger=False)
    screening.screen(operator, request.id, {"weighed": crew.chance.choice(_WEIGHED[crew.language])})
    screening.triage(operator, request.id, {"urgency": crew.chance.choice(("days", "weeks"))})
    answers.accept(crew.hands[Role.COORDINATOR], request.id, worker.id, ["needs", "safe"])


BEGINNING = (taken_on, new_house, taken_on, call, go_on, taken_on)  # a network that has just begun has these at least


def tend(crew: Crew) -> None:
    """Do what is overdue, as somebody does who works every day."""
    now = clock.now()
    operator, worker = crew.hands[Role.OPERATOR], crew.hands[Role.CASE_WORKER]
    for request in Request.objects.filter(call_due__lt=now).exclude(taken_by=None):
        _note(crew, request, Role.OPERATOR if request.taken_by == operator.id else Role.COORDINATOR)
    for case in Case.objects.filter(id__in=worker.held(Kind.FILE), risk_due__lt=now):
        amounts = {name: crew.chance.choice("123") for name in ("threat", "vulnerability", "capacity")}
        said = {"threats": crew.chance.choice(of_cases.THREATS)[1], "level": "moderate"} | amounts
        worker.write(risk.record_of(case.id), case.id, Kind.FILE, {name: str(told) for name, told in said.items()})
        risk.assessed(worker, case.id, said)
    for stay in Stay.objects.filter(until__lt=now + timedelta(days=1), state=STAYING):
        stays.extend(crew.hands[Role.COORDINATOR], stay.id, now + timedelta(days=crew.chance.randint(5, 14)))


def hand_over(crew: Crew, worker: Worker) -> None:
    """Give a new colleague of the hotline some of the calls that wait, and a new host a house."""
    operator = crew.hands[Role.OPERATOR]
    house = House.objects.first()
    if worker.role == Role.HOST and house is not None:
        shelter.pass_on(crew.hands[Role.COORDINATOR], house.id, worker)
    if worker.role not in taking.HOTLINE:
        return
    waiting = list(Request.objects.filter(taken_by=operator.id, state__in=("new", "screened", "triaged")))
    for request in waiting[: max(2, len(waiting) * 2 // 3)]:
        taking.hand_over(operator, request.id, worker.id)


def _note(crew: Crew, request: Request, role: Role = Role.OPERATOR) -> None:
    talked = crew.chance.random() < 0.75
    minutes = crew.chance.choice(entry.CALL_IN_MINUTES[4:])
    entry.add_note(crew.hands[role], request.id, {"call": "talked" if talked else "missed"}, minutes)


def _one(crew: Crew, choices: tuple[tuple[str, Any], ...]) -> str:
    return str(crew.chance.choice(choices)[0])
