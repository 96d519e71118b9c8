"""Check-ins: agreed words, whoever enters them, and what the others learn."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.moving import CALM, DURESS, case_of, expect, name_of
from tests.networks import Network, Time, close
from veil.casework import clock, hand, policy, world
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.moves import checkins, ladder
from veil.casework.moves.due import due
from veil.casework.moves.models import CheckIn, Notice, Seen
from veil.casework.network.models import Sealed
from veil.casework.network.roles import Kind, Role
from veil.casework.states import NotNow
from veil.errors import VeilError


def board(hand: Hand) -> list[Due]:
    """Return what the board says to a worker now."""
    return sorted(due(hand, clock.now()))


def test_a_duress_word_alarms_the_others_and_not_the_one_who_enters_it(network: Network) -> None:
    """The colleague who entered it sees an answer, every other one who may know sees an alarm, until one takes it."""
    chief, worker, press = (network.hand(role) for role in (Role.COORDINATOR, Role.CASE_WORKER, Role.PRESS))
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), hours=1)
        checkins.answer(worker, one.id, 0, name_of(worker, one, DURESS))
        assert board(worker) == []
        assert [line.weight for line in board(chief)] == [Weight.ALARM]
        assert checkins.alarms(press) == []
        checkins.take(chief, one.id)
        assert [line.weight for line in board(chief)] == [Weight.URGENT]
        assert checkins.alarms(chief)[0].taken_by == chief.id


def test_a_sentence_that_nobody_agreed_is_danger(network: Network) -> None:
    """Only the calm sentence is calm."""
    chief, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    with world.within(chief.store):
        for text in [text for _name, text in checkins.phrases(chief, expect(chief, case_of(network, chief), hours=1))]:
            if text not in {CALM, DURESS}:
                one = expect(chief, case_of(network, chief), hours=1)
                told = checkins.phrases(worker, one)
                other = next(name for name, told_text in told if told_text not in {CALM, DURESS})
                checkins.answer(worker, one.id, 0, other)
        assert len(checkins.alarms(chief)) == 2


def test_what_an_answer_leaves_does_not_tell_what_was_heard(network: Network) -> None:
    """After either sentence the same rows stand in the store, by as many steps, and the sealed ones are of one size."""
    chief, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    left = []
    with world.within(chief.store):
        for sentence in (CALM, DURESS):
            one = expect(chief, case_of(network, chief), hours=1)
            name = name_of(worker, one, sentence)
            with CaptureQueriesContext(connections[worker.store]) as asked:
                checkins.answer(worker, one.id, 0, name)
            row = CheckIn.objects.get(id=one.id)
            boxes = [(notice.to, len(notice.box)) for notice in Notice.objects.filter(check_in=one).order_by("to")]
            sealed = Sealed.objects.get(record=one.id).version
            left.append((row.state, row.turn, row.by, boxes, sealed, len(asked)))
        assert left[0] == left[1]
        assert not Notice.objects.filter(to=worker.id).exists()


def test_an_unanswered_one_climbs_to_the_coordinators(network: Network, time_passes: Time) -> None:
    """A coordinator without the key sees it once the ladder comes to them, by its code; a case worker never does."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        case = uuid.uuid4()
        worker.make(case, case, Kind.MOVEMENT, [network.worker(Role.CASE_WORKER)])
        one = expect(worker, case, minutes=10)
        time_passes.go(minutes=40)
        assert [line.weight for line in board(worker)] == [Weight.ALARM]
        assert board(chief) == []
        time_passes.go(minutes=20)
        assert [line.what for line in board(chief)] == [one.id]
        assert checkins.visible(chief, one.id) == one
        with pytest.raises(policy.NotAllowed):
            checkins.answer(chief, one.id, 0, "x")
        for rung in range(3):
            checkins.see(chief, one.id, rung)
            checkins.see(worker, one.id, rung)
        for rung in (3, -1, 99):  # not reached yet: nobody takes it in hand, and silences it, beforehand
            with pytest.raises(NotNow):
                checkins.see(chief, one.id, rung)
        assert Seen.objects.filter(by=chief.id).count() == 3
        assert Seen.objects.filter(by=worker.id).count() == 0
        assert board(chief) == []
        assert [line.weight for line in board(worker)] == [Weight.URGENT]


def test_two_who_answer_one_check_in(network: Network) -> None:
    """The second one is told that somebody was faster, and does not answer the next one by mistake."""
    chief, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), 1440, hours=1)
        name = name_of(chief, one, CALM)
        checkins.answer(chief, one.id, 0, name)
        with pytest.raises(hand.Changed):
            checkins.answer(worker, one.id, 0, name)
        again = CheckIn.objects.get(id=one.id)
        assert (again.turn, again.by, again.due) == (1, chief.id, one.due + timedelta(days=1))


def test_a_clock_set_back_alarms_instead_of_waiting(network: Network, time_passes: Time) -> None:
    """Where the machine's clock was set back, what is expected soon is an alarm at once."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        expect(chief, case_of(network, chief), hours=8)
        assert [line.weight for line in board(chief)] == [Weight.TODAY]
        time_passes.go(days=-2)
        assert [line.weight for line in board(chief)] == [Weight.ALARM]


def test_after_a_long_sleep_everything_overdue_is_there(network: Network, time_passes: Time) -> None:
    """A laptop that slept for three days shows each of the check-ins that were missed meanwhile."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
        made = {expect(chief, case, every, hours=hours).id for hours in range(1, 20) for every in (None, 1440)}
    time_passes.go(days=3)
    close()
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        told = board(chief)
        assert {line.what for line in told} == made
        assert {line.weight for line in told} == {Weight.ALARM}


def test_not_the_agreed_words_is_missed_at_once(network: Network, time_passes: Time) -> None:
    """Somebody answered, but said none of the sentences: the ladder begins without waiting for the hour."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), hours=5)
        time_passes.go(minutes=1)
        checkins.unheard(chief, one.id, 0)
        assert [line.weight for line in board(chief)] == [Weight.ALARM]


def test_the_words_last_agreed_are_used_again(network: Network) -> None:
    """A check-in set without words takes those of the case, in new names; without any, it takes a plain answer."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
        plain = checkins.set_check_in(chief, case, case, clock.now(), timedelta(0))
        assert len(checkins.phrases(chief, plain)) == 1
        expect(chief, case, hours=1)
        stay = checkins.set_check_in(chief, uuid.uuid4(), case, clock.now(), timedelta(0))
        assert {CALM, DURESS} < {text for _name, text in checkins.phrases(chief, stay)}
        checkins.set_ladder(chief, case, ((0, "again"), (5, "coordinator")))
        assert checkins.set_check_in(chief, case, case, clock.now(), timedelta(0)).steps == [
            [0, "again"],
            [5, "coordinator"],
        ]


def test_a_kill_in_the_middle_loses_no_check_in(network: Network, time_passes: Time) -> None:
    """A process killed with a check-in saved and an answer half written leaves the check-in waiting."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), minutes=1)
        name = name_of(chief, one, CALM)
    close()
    script = f"""
        import os, uuid
        from pathlib import Path
        from veil.casework.ready import ready
        ready(Path({str(network.folder)!r}))
        from veil.casework import world
        from veil.casework.moves import checkins
        from veil.casework.network import opening
        hand = opening.unlock("Heron", "heron sings at four in the morning")
        with world.within(hand.store):
            checkins.answer(hand, uuid.UUID({str(one.id)!r}), 0, {name!r})
            os.kill(os.getpid(), {signal.SIGKILL.value})
    """
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, env=os.environ)
    assert died.returncode == -signal.SIGKILL
    time_passes.go(hours=1)
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        again = CheckIn.objects.get(id=one.id)
        assert (again.state, again.turn, Notice.objects.count()) == ("waiting", 0, 0)
        assert [line.weight for line in board(chief)] == [Weight.ALARM]
        assert ladder.next_rung(checkins.watch(again), clock.now()) is not None


def test_whatever_happens_nobody_is_forgotten(network: Network, time_passes: Time) -> None:
    """After any order of answers, steps taken, sleep and clocks set back, what is overdue is on the board, urgent."""
    chief, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    deeds = st.lists(
        st.tuples(st.sampled_from(["calm", "duress", "unheard", "see", "sleep", "doze", "back"]), st.integers(0, 4)),
        max_size=10,
    )

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([None, 60, 1440]), deeds)
    def holds(every: int | None, told: list[tuple[str, int]]) -> None:
        with world.within(chief.store):
            CheckIn.objects.all().delete()
            one = expect(chief, case_of(network, chief), every, minutes=30)
            for deed, figure in told:
                one.refresh_from_db()
                before, waited = one.turn, one.state == "waiting"
                with contextlib.suppress(VeilError):
                    _happens(time_passes, worker, one, deed, figure)
                one.refresh_from_db()
                now = clock.note()
                assert one.turn - before == (1 if deed in {"calm", "duress"} and waited else 0)
                if one.state == "waiting" and now >= one.due:
                    for hand in (chief, worker):
                        lines = [line for line in due(hand, now) if line.what == one.id]
                        assert lines
                        assert min(line.weight for line in lines) <= Weight.URGENT

    holds()


def _happens(time_passes: Time, worker: Hand, one: CheckIn, deed: str, figure: int) -> None:
    match deed:
        case "calm" | "duress" if one.state == "waiting":
            checkins.answer(worker, one.id, one.turn, name_of(worker, one, CALM if deed == "calm" else DURESS))
        case "unheard":
            checkins.unheard(worker, one.id, one.turn)
        case "see":
            checkins.see(worker, one.id, figure)
        case "sleep":
            time_passes.go(days=figure, minutes=7)
        case "doze":
            time_passes.go(minutes=11 * figure)
        case "back":
            time_passes.go(hours=-figure)


def test_without_the_key_nobody_stops_or_hurries_a_check_in(network: Network) -> None:
    """A colleague who knows its id neither ends it, nor says that it was missed, nor moves its steps."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        case = uuid.uuid4()
        worker.make(case, case, Kind.MOVEMENT, [network.worker(Role.CASE_WORKER)])
        one = expect(worker, case, minutes=10)
        with pytest.raises(policy.NotAllowed):
            checkins.stop(chief, one.id)
        with pytest.raises(policy.NotAllowed):
            checkins.unheard(chief, one.id, 0)
        with pytest.raises(policy.NotAllowed):
            checkins.set_ladder(chief, case, ladder.USUAL)
        with pytest.raises(policy.NotAllowed):
            checkins.see(chief, one.id, 0)
        one.refresh_from_db()
        assert (one.state, one.turn) == ("waiting", 0)
