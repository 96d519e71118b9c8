"""The invented network that the load is put on: cases with their people, calls, houses, stays, check-ins, moves."""

import random
from datetime import timedelta
from pathlib import Path

from bench.load import PASSPHRASE, role_of
from veil.casework import clock, world
from veil.casework.cases.opening import open_case
from veil.casework.hand import Hand
from veil.casework.houses import shelter, stays
from veil.casework.moves import checkins, plans
from veil.casework.moves.models import Move
from veil.casework.network import opening
from veil.casework.network.models import Worker
from veil.casework.network.roles import Role
from veil.casework.requests import entry, taking
from veil.vault.cost import CHEAP

HOLDERS = 2  # workers who hold each case
_AT_ONCE = 250  # cases in one transaction
# of so many cases, one has a call that waits, a check-in, a plan of a move, a bed
_CALL, _CHECK_IN, _MOVE, _BED = 20, 10, 40, 10
_BEDS = 10  # in each house


def fill(folder: Path, cases: int, workers: int) -> None:
    """Make a vault with so many invented cases and workers."""
    folder.parent.mkdir(exist_ok=True, parents=True)
    first = opening.found(folder, opening.Member("w0", PASSPHRASE, Role.COORDINATOR), CHEAP)
    with world.within(first.store):
        for number in range(1, workers):
            opening.join(first, opening.Member(f"w{number}", PASSPHRASE, role_of(number)))
    hands = [first, *(opening.unlock(f"w{number}", PASSPHRASE) for number in range(1, workers))]
    chance = random.Random(4)  # noqa: S311  (who holds which invented case)
    with world.within(first.store):
        hosts = list(Worker.objects.filter(role=Role.HOST))
        beds = max(2, cases // _BED // _BEDS * 5 // 4)
        houses = [
            shelter.make_house(first, chance.choice(hosts), _BEDS, {"rules": "shoes off", "travel": "two hours"})
            for _house in range(beds if hosts else 0)
        ]
    free = [house.id for house in houses for _bed in range(_BEDS - 2)]
    chance.shuffle(free)
    for start in range(0, cases, _AT_ONCE):
        with world.within(first.store):
            for number in range(start, min(cases, start + _AT_ONCE)):
                _case(number, hands, chance, free)


def _case(number: int, hands: list[Hand], chance: random.Random, free: list[object]) -> None:
    carers = chance.sample([hand for hand in hands if hand.role == Role.CASE_WORKER], HOLDERS)
    chiefs = [hand for hand in hands if hand.role == Role.COORDINATOR]
    placed = number % _BED == 0 and bool(free)
    holders = [*carers, chance.choice(chiefs)] if placed else carers
    told = {"alias": f"Nobody {number}", "told": "an invented story " * 20}
    known = {worker.id: worker for worker in Worker.objects.filter(id__in=[hand.id for hand in holders])}
    case = open_case(carers[0], None, [known[hand.id] for hand in holders], carried=told)
    now = clock.now()
    # most assessments are days away; some are due
    type(case).objects.filter(id=case.id).update(risk_due=now + timedelta(hours=chance.uniform(-12, 24 * 14)))
    if number % _CHECK_IN == 1:
        due = now + timedelta(hours=chance.uniform(0.5, 72))
        said = {"calm": "the soup was good", "duress": "I have run out of salt"}
        agreed = checkins.Agreed(said, 24 * 60)
        checkins.set_check_in(carers[0], case.id, case.id, due, timedelta(minutes=30), agreed)
    if number % _MOVE == 2:
        move = plans.plan(carers[0], case.id, {"kind": "extraction", "story": "two cousins on the way to a wedding"})
        Move.objects.filter(id=move.id).update(state="planned")
    if placed:
        stays.place(holders[-1], case.id, free.pop(), 1, now + timedelta(days=chance.uniform(1, 30)))  # type: ignore[arg-type]
    if number % _CALL == 3:
        operator = chance.choice([hand for hand in hands if hand.role == Role.OPERATOR])
        call = entry.enter(operator, {"happened": "an invented call " * 10, "talk": "in the yard"})
        if chance.random() < 0.5:
            taking.give_back(operator, call.id)
