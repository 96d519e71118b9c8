"""Incidents: the playbook opens at once, for those who have to know, and for nobody else."""

import uuid

import pytest

from tests.moving import DURESS, case_of, expect, name_of
from tests.networks import Network, Time
from veil.casework import clock, policy, states, world
from veil.casework.due import Weight
from veil.casework.moves import checkins, incidents, plans
from veil.casework.moves.due import due
from veil.casework.moves.models import Done, Move
from veil.casework.moves.playbooks import PLAYBOOKS
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError


def test_an_incident_reaches_those_who_have_to_know(network: Network) -> None:
    """The coordinator and the case's workers see the alarm until somebody begins; a lawyer without a key sees none."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        one = incidents.raise_incident(worker, "door", case_of(network, chief))
        told = [(line.weight, line.what) for line in due(chief, clock.now())]
        assert told == [(Weight.ALARM, one.id)]
        assert due(network.hand(Role.LAWYER), clock.now()) == []
        incidents.tick(chief, one.id, "caller")
        assert [line.weight for line in due(worker, clock.now())] == [Weight.URGENT]
        incidents.tick(worker, one.id, "caller")
        assert Done.objects.count() == 0
        with pytest.raises(policy.NotAllowed):
            incidents.visible(network.hand(Role.LAWYER), one.id)
        with pytest.raises(policy.NotAllowed):
            incidents.raise_incident(network.hand(Role.LAWYER), "door", one.root)
        with pytest.raises(policy.NotAllowed):
            incidents.raise_incident(chief, "door", uuid.uuid4())


def test_a_move_tonight_is_begun_once(network: Network) -> None:
    """The playbook's button begins one draft for the case, however often it is pressed, by whoever."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        one = incidents.raise_incident(worker, "door", case_of(network, chief))
        assert len(incidents.tonight(worker, one.id)) == 1
        assert incidents.tonight(chief, one.id) == []
        move = Move.objects.get()
        assert (move.case, move.state) == (one.root, "draft")
        assert plans.words(chief, move.id).said["kind"] == "house"
        assert Done.objects.get().step == "tonight"


def test_whoever_entered_a_duress_word_learns_of_nothing(network: Network) -> None:
    """The incident, the move tonight and the list of who is told stay away from the one who may be forced."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        sign = expect(chief, case_of(network, chief), hours=1)
        checkins.answer(worker, sign.id, 0, name_of(worker, sign, DURESS))
        checkins.take(chief, sign.id)
        one = incidents.raise_incident(chief, "missing", sign.id)
        move = incidents.tonight(chief, one.id)[0]
        assert due(worker, clock.now()) == []
        assert not worker.holds(one.id, Kind.MOVEMENT)
        assert not worker.holds(move.id, Kind.MOVEMENT)
        assert [person.call_sign for person in incidents.to_tell(one)] == ["Heron"]


def test_closing_seals_what_was_learnt(network: Network) -> None:
    """A closed incident leaves the board, keeps its lesson sealed, and takes no more steps."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = incidents.raise_incident(chief, "device")
        incidents.close(chief, one.id, "the spare key was in the same bag")
        assert chief.read(one.id, one.id, Kind.MOVEMENT).said == {"learnt": "the spare key was in the same bag"}
        assert due(chief, clock.now()) == []
        with pytest.raises(states.NotNow):
            incidents.close(chief, one.id, "x")
        with pytest.raises(states.NotNow):
            incidents.tick(chief, one.id, "silence")


def test_a_host_can_raise_one_and_sees_the_steps_only(network: Network, time_passes: Time) -> None:
    """A house host, who may hold no movement key, presses the button, ticks a step, and reads no sealed word."""
    chief, host = network.hand(Role.COORDINATOR), network.hand(Role.HOST)
    with world.within(host.store):
        house = uuid.uuid4()
        chief.make(house, house, Kind.HOUSE, [network.worker(Role.HOST), network.worker(Role.COORDINATOR)])
        one = incidents.raise_incident(host, "door", house)
        incidents.tick(host, one.id, "still")
        assert not host.holds(one.id, Kind.MOVEMENT)
        assert incidents.visible(chief, one.id) == one
        time_passes.go(hours=1)
        with pytest.raises(VeilError):
            incidents.close(host, one.id, "x")


@pytest.mark.parametrize("kind", PLAYBOOKS)
def test_a_playbook_can_be_read_with_shaking_hands(kind: str) -> None:
    """Steps have names of their own, are short, and end as sentences; somebody is told, and risk is looked at anew."""
    book = PLAYBOOKS[kind]
    names = [step.name for step in book.steps]
    assert len(set(names)) == len(names) <= 14
    assert {"tell", "risk"} <= set(names)
    for text in (str(book.first), *(str(step.text) for step in book.steps)):
        assert len(text) <= 110
        assert text[-1] in ".?"
