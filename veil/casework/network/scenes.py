"""What happens in the decoy world: calls, cases, houses, as they would in a small network, through the same functions.

Almost all of it is choices and codes, as a tired worker enters them; few words, for words of a program can be known.
"""

from datetime import timedelta
from typing import Any

from veil.casework import clock
from veil.casework.cases import journey as of_cases
from veil.casework.cases.models import Case
from veil.casework.hand import Hand
from veil.casework.houses import shelter, stays
from veil.casework.houses.fields import NO_AMBULANCE, SUITS
from veil.casework.houses.fields import RULES as HOUSE_RULES
from veil.casework.houses.journey import ENDED, STAYING
from veil.casework.houses.models import House, Stay
from veil.casework.network import scenes_cases
from veil.casework.network.decoy import Crew, scene
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import answers, entry, inbox, intake, screening, taking
from veil.casework.requests import fields as of_requests
from veil.casework.requests.models import Request

_GONE = (of_cases.DEPARTED, of_cases.ARRIVED, of_cases.AFTERCARE)
CASE_ENDED = (of_cases.CLOSED, *of_cases.ENDED)
_WEIGHED = {
    "en": ("fits so far", "ok", "seems real", "tired, scared, clear"),
    "ru": ("похоже на правду", "сходится", "ок"),
}
_SAFE = {"en": ("after 9 pm", "mornings", "only writing", "before work"), "ru": ("после 21", "утром", "только писать")}
_TALK = {
    "en": ("alone now", "can only write", "at a friend's"),
    "ru": ("сейчас один", "может писать", "у друга"),
}


_OPEN = ("new", "screened", "triaged")


@scene(4)
def call(crew: Crew) -> None:
    """Somebody calls the hotline."""
    chance, tongue = crew.chance, crew.language
    said: dict[str, Any] = {
        "danger": chance.random() < 0.15,
        "role": _one(crew, of_requests.ROLES),
        "needs": [_one(crew, of_requests.NEEDS)],
        "threat": _one(crew, of_requests.THREATS),
        "language": tongue if chance.random() < 0.8 else _one(crew, of_requests.LANGUAGES),
        "safe": chance.choice(_SAFE[tongue]),
        "talk": chance.choice(_TALK[tongue]),
        "ours": crew.word(),
        "theirs": crew.word(),
    }
    hand = crew.hand(Role.OPERATOR)
    made = entry.enter(hand, {name: told for name, told in said.items() if chance.random() < 0.85})
    if made.danger:  # nobody lets that lie
        taking.take_in_hand(crew.hand(Role.COORDINATOR), made.id)
        _screen(crew, hand, made)


@scene(4)
def call_back(crew: Crew) -> None:
    """The operator calls one of them back."""
    requests = Request.objects.filter(taken_by=crew.hands[Role.OPERATOR].id, state__in=_OPEN)
    request = crew.chance.choice(list(requests) or [None])
    if request is not None:
        _note(crew, request)


@scene(8)
def go_on(crew: Crew) -> None:
    """A request goes a step further, the most pressing first: it is screened, weighed, answered, or becomes a case."""
    _on(crew, list(Request.objects.filter(state__in=_OPEN).exclude(taken_by=None).order_by("-danger", "since")))


def _on(crew: Crew, waiting: list[Request]) -> None:
    if not waiting:
        return
    request, chance = waiting[0], crew.chance
    mine = request.taken_by == crew.hands[Role.OPERATOR].id
    if request.state == "triaged":
        chief = crew.hand(Role.COORDINATOR)
        if request.screened_by != chief.id and chance.random() < 0.35:
            answers.accept(chief, request.id, crew.hands[Role.CASE_WORKER].id, ["needs", "safe"])
        elif chance.random() < 0.6:
            answers.refer(chief, request.id, {"kind": chance.choice(("shelter", "lawyers", "doctors", "human rights"))})
        else:
            answers.decline(chief, request.id, {"reason": chance.choice(("outside", "capacity", "withdrew"))})
        return
    hand = crew.hand(Role.OPERATOR if mine else Role.COORDINATOR)
    if request.state == "new":
        _screen(crew, hand, request)
    else:
        urgency = "tonight" if request.danger else chance.choice(("days", "days", "weeks"))
        screening.triage(hand, request.id, {"urgency": urgency})


def _screen(crew: Crew, hand: Hand, request: Request) -> None:
    chance = crew.chance
    said = {f"sign_{name}": "no" for name, _ in of_requests.SIGNS if chance.random() < 0.8}
    said |= {f"check_{name}": "fits" for name, _ in of_requests.CHECKS if chance.random() < 0.6}
    screening.screen(hand, request.id, said | {"weighed": chance.choice(_WEIGHED[crew.language])})


@scene(2)
def new_house(crew: Crew) -> None:
    """There is one more house, if there are few."""
    if House.objects.count() >= 3:
        return
    said = {"suits": [_one(crew, SUITS)], "ambulance": str(NO_AMBULANCE), "rules": str(HOUSE_RULES)}
    host = Worker.objects.get(id=crew.hand(Role.HOST).id)
    shelter.make_house(crew.hand(Role.COORDINATOR), host, crew.chance.randint(2, 5), said)


@scene(3)
def bed(crew: Crew) -> None:
    """Somebody gets a bed."""
    sleeping = Stay.objects.exclude(state=ENDED).values_list("case", flat=True)
    waiting = Case.objects.filter(id__in=crew.hands[Role.COORDINATOR].held(Kind.FILE)).exclude(id__in=sleeping)
    cases = list(waiting.exclude(state__in=(*_GONE, *CASE_ENDED)))
    free = stays.free_houses(crew.hands[Role.COORDINATOR], 1)
    if free and cases:
        stays.place(crew.hand(Role.COORDINATOR), crew.chance.choice(cases).id, crew.chance.choice(free).id, 1)


def taken_on(crew: Crew) -> None:
    """Somebody calls, is believed, and becomes a case: whoever is forced has work to show."""
    call(crew)
    operator = crew.hand(Role.OPERATOR)
    request = Request.objects.filter(taken_by=operator.id).latest("since")
    Request.objects.filter(id=request.id).update(danger=False)
    if request.state == "new":
        _screen(crew, operator, request)
    screening.triage(operator, request.id, {"urgency": crew.chance.choice(("days", "weeks"))})
    worker = crew.hands[Role.CASE_WORKER]
    answers.accept(crew.hand(Role.COORDINATOR), request.id, worker.id, ["needs", "safe"])


BEGINNING = (taken_on, new_house, taken_on, call, go_on, taken_on)  # a network that has just begun has these at least


def tend(crew: Crew) -> None:
    """Do what is overdue, as somebody does who works every day."""
    now = clock.now()
    operator, worker = crew.hands[Role.OPERATOR], crew.hands[Role.CASE_WORKER]
    if inbox.is_open() and not crew.hands[Role.COORDINATOR].holds(intake.DESK, Kind.FILE):
        intake.open_form(crew.hand(Role.COORDINATOR), publish=False)  # that it is open lies beside the stores
    for request in Request.objects.filter(call_due__lt=now).exclude(taken_by=None):
        _note(crew, request, Role.OPERATOR if request.taken_by == operator.id else Role.COORDINATOR)
    late = Request.objects.filter(state__in=_OPEN, since__lt=now - timedelta(days=3)).exclude(taken_by=None)
    _on(crew, list(late.order_by("-danger", "since")[:1]))
    for case in Case.objects.filter(id__in=worker.held(Kind.FILE), risk_due__lt=now).exclude(state__in=CASE_ENDED):
        scenes_cases.assess(crew, case)
    for stay in Stay.objects.filter(until__lt=now + timedelta(days=1), state=STAYING):
        case = Case.objects.filter(id=stay.case).first()
        if case is None or case.state in (*_GONE, *CASE_ENDED):
            stays.end(crew.hand(Role.COORDINATOR), stay.id)
        else:
            stays.extend(crew.hand(Role.COORDINATOR), stay.id, now + timedelta(days=crew.chance.randint(5, 14)))
    scenes_cases.travel(crew)


def hand_over(crew: Crew, worker: Worker) -> None:
    """Give a new colleague of the hotline some of the calls that wait, and a new host a house."""
    operator = crew.hands[Role.OPERATOR]
    house = House.objects.first()
    if worker.role == Role.HOST and house is not None:
        shelter.pass_on(crew.hand(Role.COORDINATOR), house.id, worker)
    if worker.role not in taking.HOTLINE:
        return
    waiting = list(Request.objects.filter(taken_by=operator.id, state__in=_OPEN))
    for request in waiting[: max(2, len(waiting) * 2 // 3)]:
        taking.hand_over(operator, request.id, worker.id)


def _note(crew: Crew, request: Request, role: Role = Role.OPERATOR) -> None:
    talked = crew.chance.random() < 0.75
    minutes = crew.chance.choice(entry.CALL_IN_MINUTES[4:])
    entry.add_note(crew.hand(role), request.id, {"call": "talked" if talked else "missed"}, minutes)


def _one(crew: Crew, choices: tuple[tuple[str, Any], ...]) -> str:
    return str(crew.chance.choice(choices)[0])
