"""Requests: who holds them when, which step follows which, and what is left of them afterwards."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network, Time, passphrase_of
from veil.casework import clock, world
from veil.casework.due import Weight
from veil.casework.hand import Changed, Hand
from veil.casework.keeping.models import Clock
from veil.casework.network import opening
from veil.casework.network.models import Compartment, Worker, World
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.casework.requests import answers, entry, screening, taking
from veil.casework.requests.due import due
from veil.casework.requests.fields import CARRIED, REQUEST
from veil.casework.requests.journey import JOURNEY
from veil.casework.requests.models import Note, Request
from veil.casework.states import NotNow
from veil.errors import VeilError

SAID = {"danger": True, "happened": "An uncle found the letters.", "safe": "after eleven", "threat": "both"}
WEIGHED = {"sign_press": "no", "weighed": "They were afraid, and told it evenly."}


@pytest.fixture
def second(network: Network) -> Hand:
    """Let a second operator join, and unlock as them."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        opening.join(chief, opening.Member("Dunlin", passphrase_of("Dunlin"), Role.OPERATOR))
    return opening.unlock("Dunlin", passphrase_of("Dunlin"))


def open_to(hand: Hand, request: Request) -> tuple[bool, bool]:
    """Tell whether a worker can read a request, and where to call back."""
    return hand.holds(request.id, Kind.FILE), hand.holds(request.contact, Kind.FILE)


def test_only_who_calls_back_knows_where(network: Network, second: Hand) -> None:
    """Whoever took a call down reads all; a coordinator not where to call; others nothing until given."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        entry.save_contact(operator, request, {"where": "oriole"}, 0)
        assert [open_to(hand, request) for hand in (operator, chief, second)] == [
            (True, True),
            (True, False),
            (False, False),
        ]
        taking.give_back(operator, request.id)
        assert [open_to(hand, request) for hand in (operator, chief, second)] == [(True, True)] * 3
        taking.take(second, request.id)
        assert [open_to(hand, request) for hand in (operator, chief, second)] == [
            (False, False),
            (True, False),
            (True, True),
        ]
        assert entry.read_contact(second, request).said == {"where": "oriole"}
        with pytest.raises(taking.Taken):
            taking.take(chief, request.id)
        taking.stand_in(second, request.id, operator.id)
        assert open_to(operator, request) == (True, True)
        taking.hand_over(second, request.id, operator.id)
        assert open_to(second, request) == (False, False)
        assert open_to(operator, request) == (True, True)


def test_a_request_of_another_and_one_of_nobody_are_refused_alike(network: Network, second: Hand) -> None:
    """Neither the page nor the error tells whether a random id is somebody's."""
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        theirs = entry.enter(operator, SAID)
        told = []
        for what in (theirs.id, uuid.uuid4()):
            with pytest.raises(NotAllowed) as refused:
                taking.asked(second, what)
            told.append((str(refused.value), refused.value.hint))
        assert told[0] == told[1]
        assert due(second, theirs.since) == []


def test_a_call_of_somebody_who_left_is_free_again(network: Network, second: Hand) -> None:
    """When its operator works here no more, the board says that nobody calls; the stand-in can take it."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        taking.stand_in(operator, request.id, second.id)
        Worker.objects.filter(id=operator.id).update(ended=clock.now())
        told = [one for one in due(chief, request.since) if one.what == request.id]
        assert [(one.weight, one.kind) for one in told] == [(Weight.ALARM, "danger now: nobody calls")]
        taking.take(chief, request.id)
        assert open_to(second, request) == (True, True)
        Request.objects.filter(id=request.id).update(taken_by=operator.id)
        taking.take(second, request.id)
        assert open_to(second, request) == (True, True)
        assert Request.objects.get(id=request.id).taken_by == second.id


def test_who_joins_later_gets_the_calls_that_wait(network: Network) -> None:
    """A new operator holds the keys of untaken requests after anybody of the hotline has looked, and of no others."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(operator.store):
        waits, taken = entry.enter(operator, SAID), entry.enter(operator, SAID)
        taking.give_back(operator, waits.id)
        opening.join(chief, opening.Member("Dunlin", passphrase_of("Dunlin"), Role.OPERATOR))
    newcomer = opening.unlock("Dunlin", passphrase_of("Dunlin"))
    with world.within(operator.store):
        taking.welcome(operator)
        assert open_to(newcomer, waits) == (True, True)
        assert open_to(newcomer, taken) == (False, False)


def _accepted(network: Network, screened_by: Role) -> tuple[Hand, Request]:
    chief = network.hand(Role.COORDINATOR)
    hand = network.hand(screened_by)
    request = entry.enter(hand, SAID)
    screening.screen(hand, request.id, WEIGHED)
    screening.triage(hand, request.id, {"urgency": "tonight"})
    return chief, request


def test_who_screened_does_not_accept_alone(network: Network) -> None:
    """A coordinator who screened is refused until another screens it, or the network has switched the rule off."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        _hand, request = _accepted(network, Role.COORDINATOR)
        worker = network.worker(Role.CASE_WORKER)
        with pytest.raises(answers.SecondLook):
            answers.accept(chief, request.id, worker.id, CARRIED)
        assert Request.objects.get(id=request.id).state == "triaged"
        World.objects.update(settings=World.objects.get().settings | {"second look": 0})
        answers.accept(chief, request.id, worker.id, CARRIED)


def test_accepting_carries_the_chosen_words_and_purges_the_rest(network: Network) -> None:
    """The case worker reads what was ticked and nothing else; of the request no row, key or clock is left."""
    chief = network.hand(Role.COORDINATOR)
    operator, worker = network.hand(Role.OPERATOR), network.hand(Role.CASE_WORKER)
    with world.within(chief.store):
        _chief, request = _accepted(network, Role.OPERATOR)
        case = answers.accept(chief, request.id, worker.id, ["safe", "threat", "danger", "contact"])
        said = worker.read(case, case, Kind.FILE).said
        assert said["safe_times"] == "after eleven"
        assert set(said["threats"]) == {"family", "state"}
        assert "uncle" not in str(said)
        assert not operator.holds(case, Kind.FILE)
        assert not operator.holds(request.id, Kind.FILE)
        for rows in (Request, Note, Compartment, Clock):
            assert not rows.objects.filter(root=request.id).exists()


def test_no_operator_accepts(network: Network) -> None:
    """Acceptance is a coordinator's."""
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        _chief, request = _accepted(network, Role.COORDINATOR)
        with pytest.raises(NotAllowed):
            answers.accept(operator, request.id, network.worker(Role.CASE_WORKER).id, CARRIED)


def test_a_suspected_trap_is_shut_to_operators(network: Network, second: Hand) -> None:
    """After the suspicion only coordinators hold any key; they are told on the board, and can take it back."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        taking.stand_in(operator, request.id, second.id)
        screening.suspect(operator, request.id, {"why": "asks for addresses"})
        assert [open_to(hand, request) for hand in (operator, second)] == [(False, False)] * 2
        assert open_to(chief, request) == (True, True)
        assert [told.kind for told in due(chief, request.since) if told.what == request.id] == [
            "suspected trap: decide"
        ]
        assert Clock.objects.get(what=request.id).thing == "suspected trap"
        with pytest.raises(NotAllowed):
            screening.clear(operator, request.id)
        assert screening.clear(chief, request.id).state == "new"


def test_calls_that_nobody_answers_lose_the_contact(network: Network, time_passes: Time) -> None:
    """The third missed call in a row loses it, the board says so; a call from them brings it back to where it was."""
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        screening.screen(operator, request.id, WEIGHED)
        for _ in range(3):
            request = entry.add_note(operator, request.id, {"call": "missed", "said": ""}, 60)
        assert request.state == "lost contact"
        time_passes.go(hours=2)
        told = [one for one in due(operator, clock.now()) if one.what == request.id]
        assert Weight.ALARM in {one.weight for one in told}
        assert {one.kind for one in told} == {"call was due", "contact lost: decide"}
        request = entry.add_note(operator, request.id, {"call": "theirs", "said": "wrote"}, None)
        assert (request.state, request.missed, request.call_due) == ("screened", 0, None)
        assert len(entry.notes(operator, request.id)) == 4


def test_two_who_write_at_once_lose_nothing(network: Network) -> None:
    """The second of two who save over the same version is refused, and the first one's words stay."""
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        entry.save(operator, request, {"happened": "first"}, 1)
        with pytest.raises(Changed):
            entry.save(operator, request, {"happened": "second"}, 1)
        assert operator.read(request.id, request.id, Kind.FILE).said["happened"] == "first"


def test_no_field_asks_for_what_must_not_be_known() -> None:
    """No field's name is that of a legal name, a number, an orientation or a diagnosis."""
    banned = {"name", "surname", "phone", "orientation", "gender", "diagnosis", "address", "birth"}
    assert not banned & {field.name for field in REQUEST}


_STEPS: dict[str, Callable[[Hand, uuid.UUID], Any]] = {
    "screen": lambda hand, what: screening.screen(hand, what, WEIGHED),
    "triage": lambda hand, what: screening.triage(hand, what, {"urgency": "days"}),
    "refer": lambda hand, what: answers.refer(hand, what, {"kind": "shelter"}),
    "decline": lambda hand, what: answers.decline(hand, what, {"reason": "outside"}),
    "suspect": lambda hand, what: screening.suspect(hand, what, {"why": "so"}),
    "clear": screening.clear,
    "missed": lambda hand, what: entry.add_note(hand, what, {"call": "missed"}, None),
    "heard": lambda hand, what: entry.add_note(hand, what, {"call": "theirs"}, None),
    "back": taking.give_back,
    "take": taking.take,
    "keep": answers.keep,
    "purge": answers.purge_answered,
}


@given(steps=st.lists(st.sampled_from(sorted(_STEPS)), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_way_through_is_a_journey(network: Network, steps: list[str]) -> None:
    """Whatever is tried in whatever order: each change of state is one of the journey's, or is refused and undone."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        what = entry.enter(chief, SAID).id
        for step in steps:
            before = Request.objects.get(id=what).state
            try:
                _STEPS[step](chief, what)
            except VeilError:
                assert Request.objects.get(id=what).state == before
                continue
            row = Request.objects.filter(id=what).first()
            after = row.state if row else "purged"
            assert after == before or after in JOURNEY.steps[before]
            assert row is None or (row.state == "lost contact") == bool(row.before)
            assert row is not None or not Compartment.objects.filter(root=what).exists()
            if row is None:
                return
            assert Clock.objects.filter(what=what).exists()


def test_every_state_has_an_end() -> None:
    """From every state of the journey there is a way to `purged`, and nothing follows it."""
    for state in JOURNEY.states:
        reached, edge = {state}, {state}
        while edge:
            edge = {to for here in edge for to in JOURNEY.steps[here]} - reached
            reached |= edge
        assert "purged" in reached
    with pytest.raises(NotNow):
        JOURNEY.check("purged", "new")
