"""Move plans: who may know what, the go of two people, and their end."""

import contextlib
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.moving import case_of
from tests.networks import Network, Time, close, passphrase_of
from veil.casework import clock, policy, states, world
from veil.casework.cases import opening as opening_of_cases
from veil.casework.hand import Hand
from veil.casework.moves import checkins, ending, legs, places, plans
from veil.casework.moves.due import due
from veil.casework.moves.models import CheckIn, Leg, Move, Moved
from veil.casework.network import opening
from veil.casework.network.models import Compartment, Sealed, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError

CANARY = "the canary waits behind the bakery"


def second_worker(chief: Hand) -> Hand:
    """Return another case worker."""
    if not Worker.objects.filter(call_sign="Dunlin").exists():
        opening.join(chief, opening.Member("Dunlin", passphrase_of("Dunlin"), Role.CASE_WORKER))
    return opening.unlock("Dunlin", passphrase_of("Dunlin"))


def planned(network: Network, chief: Hand) -> tuple[Move, Leg, Leg]:
    """Return a plan of two legs: the case worker takes the first one, another one the second."""
    case = case_of(network, chief)
    move = plans.plan(chief, case, {"kind": "extraction", "story": "two cousins on the way to a wedding"})
    first = legs.add(chief, move.id, {"meet": CANARY, "ends": clock.now() + timedelta(hours=2)})
    second = legs.add(chief, move.id, {"meet": "at the second bench"})
    legs.join(chief, first.id, legs.Member("Plover", "lead", True))
    legs.join(chief, second.id, legs.Member("Dunlin", "driver", True))
    legs.join(chief, second.id, legs.Member("Kestrel", "distraction", False))
    return move, first, second


def gone(network: Network, chief: Hand, move: Move) -> Move:
    """Return the move after both have said go."""
    plans.ready(chief, move.id, 0)
    for name in plans.CHECKLIST:
        plans.tick(chief, move.id, [name])
    plans.go(chief, move.id, 1)
    return plans.go(network.hand(Role.CASE_WORKER), move.id, 2)


def test_a_driver_of_one_leg_cannot_read_another(network: Network) -> None:
    """Each team's keys open its own leg and what every team knows; neither the plan nor another leg, nor the case."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        second_worker(chief)
        move, first, second = planned(network, chief)
        driver = second_worker(chief)
        assert legs.sheet(driver, second.id).own["meet"] == "at the second bench"
        assert legs.sheet(driver, second.id).shared["story"] == "two cousins on the way to a wedding"
        for owner in (first.id, move.id, move.case):
            assert not Wrap.objects.filter(compartment__owner=owner, holder_id=driver.id).exists()
            with pytest.raises(policy.NotAllowed):
                driver.read(owner, owner, Kind.MOVEMENT)
        with pytest.raises(policy.NotAllowed):
            legs.sheet(driver, first.id)
        assert legs.holders(second.id) == ["Dunlin", "Heron"]
        legs.part(chief, second.id, "Dunlin")
        with pytest.raises(policy.NotAllowed):
            legs.sheet(driver, second.id)


def test_a_role_without_movement_cannot_join_a_team(network: Network) -> None:
    """A host or a press officer gets no leg, whoever adds them; nor does a call sign that nobody has."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        move = plans.plan(chief, case_of(network, chief), {"kind": "house"})
        leg = legs.add(chief, move.id, {"meet": "x"})
        for sign in ("Martin", "Jay", "Nobody"):
            with pytest.raises(VeilError):
                legs.join(chief, leg.id, legs.Member(sign, "lead", True))
        assert legs.sheet(chief, leg.id).team == ()


def test_it_goes_ahead_when_two_have_said_go(network: Network) -> None:
    """One voice is not enough, the same voice twice neither, nor a checklist with a gap; a change takes the go back."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        second_worker(chief)
        move, first, _second = planned(network, chief)
        with pytest.raises(states.NotNow):
            legs.start(network.hand(Role.CASE_WORKER), first.id)
        plans.ready(chief, move.id, 0)
        with pytest.raises(VeilError):
            plans.go(chief, move.id, 1)
        for name in plans.CHECKLIST:
            plans.tick(chief, move.id, [name])
        assert plans.go(chief, move.id, 1).state == "planned"
        with pytest.raises(VeilError):
            plans.go(chief, move.id, 2)
        for sign in ("Plover", "Nobody"):  # who is in the team already, and who is not of the network
            with pytest.raises(VeilError):
                legs.join(chief, first.id, legs.Member(sign, "lead", True))
        assert Move.objects.get(id=move.id).first_go == chief.id
        legs.changed(chief, first.id)
        assert plans.go(network.hand(Role.CASE_WORKER), move.id, 2).state == "planned"
        assert plans.go(chief, move.id, 3).state == "go"


def test_from_setting_out_to_nothing_left(network: Network, time_passes: Time) -> None:
    """Legs follow each other with a check-in at their end; a day after arrival no row, key or sealed word is left."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        driver = second_worker(chief)
        move, first, second = planned(network, chief)
        assert gone(network, chief, move).state == "go"
        worker = network.hand(Role.CASE_WORKER)
        with pytest.raises(states.NotNow):
            legs.start(driver, second.id)
        legs.start(worker, first.id)
        sign = CheckIn.objects.get(of=first.id)
        assert Move.objects.get().state == "under way"
        legs.arrive(worker, first.id)
        assert CheckIn.objects.get(of=first.id).state == "stopped"
        legs.start(driver, second.id)
        legs.arrive(driver, second.id)
        assert Move.objects.get().state == "arrived"
        owners = [move.id, first.id, second.id, sign.id]
        before = Sealed.objects.count()
        assert ending.sweep(chief) == 0
        time_passes.go(hours=23)
        assert ending.sweep(chief) == 0
        time_passes.go(hours=2)
        clock.note()
        time_passes.go(days=-30)  # setting the clock back saves nothing
        due(network.hand(Role.CASE_WORKER), clock.now())
        assert (Move.objects.count(), Leg.objects.count(), CheckIn.objects.count()) == (0, 0, 0)
        assert not Compartment.objects.filter(owner__in=owners).exists()
        assert not Sealed.objects.filter(record__in=owners).exists()
        assert Sealed.objects.count() < before
        left = Moved.objects.get()
        assert (left.root, left.legs) == (move.root, 2)
        kept = json.dumps(list(Moved.objects.values()), default=str)
        assert not any(str(owner) in kept for owner in owners)
    close()
    for file in network.folder.rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes()


def test_a_week_without_anybody_ends_at_the_next_unlocking(network: Network, time_passes: Time) -> None:
    """Nobody unlocked for a week after arrival: whoever comes first, with no key to it, destroys it by coming."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        second_worker(chief)
        move, _first, _second = planned(network, chief)
        Move.objects.filter(id=move.id).update(state="arrived", destroyed_at=plans.ends("arrived"))
    close()
    time_passes.go(days=7)
    wren = network.hand(Role.OPERATOR)
    with world.within(wren.store):
        assert Move.objects.count() == 0


def test_a_plan_that_is_under_way_is_not_destroyed_by_a_clock(network: Network, time_passes: Time) -> None:
    """A computer's clock that jumps ahead takes no plan away from a team on the road, and a hand does not either."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        second_worker(chief)
        move, first, _second = planned(network, chief)
        gone(network, chief, move)
        legs.start(network.hand(Role.CASE_WORKER), first.id)
        time_passes.go(days=60)
        assert ending.sweep(chief) == 0
        with pytest.raises(states.NotNow):
            ending.destroy(chief, move.id)


def test_any_team_can_break_it_off(network: Network, time_passes: Time) -> None:
    """The driver of the last leg, without a key to the plan, stops it all; three days later nothing is left of it."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        driver = second_worker(chief)
        move, first, second = planned(network, chief)
        gone(network, chief, move)
        legs.start(network.hand(Role.CASE_WORKER), first.id)
        assert legs.abort(driver, second.id).state == "aborted"
        assert Leg.objects.get(id=first.id).state == "aborted"
        assert Move.objects.get().destroyed_at is not None
        with pytest.raises(states.NotNow):
            legs.start(driver, second.id)
        time_passes.go(hours=71)
        assert ending.sweep(chief) == 0
        time_passes.go(hours=2)
        assert ending.sweep(chief) == 1
        assert (Move.objects.count(), Leg.objects.count(), CheckIn.objects.count()) == (0, 0, 0)


def test_no_order_of_steps_skips_the_second_voice(network: Network) -> None:
    """Whatever is pressed in whatever order, nobody is under way without two voices and a whole checklist."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        second_worker(chief)
        hands = {"Heron": chief, "Plover": network.hand(Role.CASE_WORKER)}
    pressed = st.lists(
        st.tuples(
            st.sampled_from(["Heron", "Plover"]),
            st.sampled_from(["ready", "tick all", "go", "go", "no_go", "again", "start", "untick", "arrive", "abort"]),
        ),
        max_size=14,
    )

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(pressed)
    def holds(presses: list[tuple[str, str]]) -> None:
        with world.within(chief.store):
            move, first, _second = planned(network, chief)
            voices: set[str] = set()
            for sign, deed in [("Heron", "ready"), ("Heron", "tick all"), *presses]:
                before = Move.objects.get(id=move.id)
                with contextlib.suppress(VeilError):
                    _press(hands[sign], move.id, first.id, deed)
                    voices = (voices | {sign}) if deed == "go" else voices
                after = Move.objects.get(id=move.id)
                if after.state != before.state:
                    assert after.state in plans.JOURNEY.steps[before.state]
                if after.state in {"draft", "no-go"} or (after.state == "planned" and after.first_go is None):
                    voices = set()
                if after.state in {"go", "under way", "arrived"}:
                    assert voices == {"Heron", "Plover"}
                    assert {after.first_go, after.second_go} == {hand.id for hand in hands.values()}
                    assert set(plans.words(chief, move.id).said["ticks"]) == set(plans.CHECKLIST)

    holds()


def _press(hand: Hand, move: uuid.UUID, leg: uuid.UUID, deed: str) -> None:
    turn = Move.objects.get(id=move).turn
    deeds: dict[str, Any] = {"start": legs.start, "arrive": legs.arrive, "abort": legs.abort}
    if deed in deeds:
        deeds[deed](hand, leg)
    elif deed == "tick all":
        for name in plans.CHECKLIST:
            if name not in plans.words(hand, move).said.get("ticks", {}):
                plans.tick(hand, move, [name])
    elif deed == "untick":
        plans.tick(hand, move, [], plans.CHECKLIST)
    else:
        getattr(plans, deed)(hand, move, turn)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-89, 89).map(lambda figure: f"{figure:.4f}"),
    st.floats(-179, 179).map(lambda figure: f"{figure:.5f}"),
    st.sampled_from([", ", " ", "; ", " / "]),
    st.text(max_size=20),
)
def test_coordinates_are_refused(north: str, east: str, between: str, around: str) -> None:
    """A pair of figures that a map would understand is refused, whatever stands around it."""
    assert places.looks_like_a_map(f"{around} {north}{between}{east}")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("55°45′20″N 37°37′03″E", True),
        ("N55.7558 E37.6173", True),
        ("55,7558 37,6173", True),
        ("https://maps.example/x", True),
        ("yandex.ru/maps/213", True),
        ("goo.gl/maps/abc", True),
        ("///table.lamp.spoon", True),
        ("9G7VQJ4C+2X", True),
        ("geo:55.7,37.6", True),
        ("behind the bakery, second door, between 21:30 and 22:10", False),
        ("200 500 roubles in two envelopes, bus 55, platform 7", False),
        ("call 8 900 123-45-67 twice, let it ring 3 times; 12.11. and 13.11.2026", False),
        ("за булочной, второй подъезд, в 21:30–22:10, код 45", False),
        ("1,500 roubles, 2,000 more later", False),
    ],
)
def test_words_are_words(text: str, refused: bool) -> None:
    """Places in words, hours, sums, dates and telephone numbers pass; coordinates, codes and links do not."""
    assert places.looks_like_a_map(text) is refused


def test_who_wrote_a_leg_can_leave_it_to_its_team(network: Network) -> None:
    """The planner gives up their own key once somebody else is in the team; before that it is refused."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        driver = second_worker(chief)
        move = plans.plan(chief, case_of(network, chief), {"kind": "house"})
        leg = legs.add(chief, move.id, {"meet": "at the second bench"})
        with pytest.raises(VeilError):
            legs.leave(chief, leg.id)
        legs.join(chief, leg.id, legs.Member("Dunlin", "lead", True))
        legs.leave(chief, leg.id)
        assert legs.holders(leg.id) == ["Dunlin"]
        assert legs.sheet(driver, leg.id).own["meet"] == "at the second bench"
        with pytest.raises(policy.NotAllowed):
            legs.sheet(chief, leg.id)
        with pytest.raises(VeilError):
            plans.changed(chief, move.id)


def test_a_team_does_not_learn_the_code_of_the_case(network: Network) -> None:
    """Whoever holds a leg's key only sees the codes of the move and of its check-ins, never the case's."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        driver = second_worker(chief)
        case = opening_of_cases.open_case(chief, None, [network.worker(Role.COORDINATOR)])
        move = plans.plan(chief, case.id, {"kind": "house"})
        leg = legs.add(chief, move.id, {"meet": "x"})
        legs.join(chief, leg.id, legs.Member("Dunlin", "lead", True))
        sign = checkins.set_check_in(chief, leg.id, case.id, clock.now(), timedelta(0))
        rows = [Move.objects.get(), sign]
        assert set(checkins.codes(chief, rows).values()) == {case.code}
        assert set(checkins.codes(driver, rows).values()) == {move.code, sign.code}
        assert [line.code for line in due(driver, clock.now())] == [sign.code]
