"""Houses: who knows where they are, how many sleep in them, and what happens when one burns."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from tests.casework.houses.conftest import SAID, Board
from tests.networks import Network, Time
from veil.casework import clock, policy, today, world
from veil.casework.cases.opening import open_case
from veil.casework.due import Weight
from veil.casework.houses import burning, journey, shelter, stays
from veil.casework.houses.models import Bed, House, Stay, ToTell
from veil.casework.moves import incidents
from veil.casework.network import workers
from veil.casework.network.models import Compartment, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.states import NotNow
from veil.errors import VeilError


def test_the_address_opens_for_two_and_never_for_a_third(board: Board, network: Network) -> None:
    """Host and one coordinator read where a house is; another coordinator cannot, and cannot be given the key."""
    with world.within(board.chief.store):
        house = board.house()
        other = board.join("Swift", Role.COORDINATOR)
        for hand in (board.chief, network.hand(Role.HOST)):
            assert hand.read(house.id, house.id, Kind.HOUSE).said["address"] == SAID["address"]
        with pytest.raises(policy.NotAllowed):
            board.chief.share(house.id, Kind.HOUSE, other)
        assert Wrap.objects.filter(compartment__owner=house.id, compartment__kind=Kind.HOUSE).count() == 2
        second_host = board.join("Dunlin", Role.HOST)
        with pytest.raises(policy.NotAllowed):
            board.chief.share(house.id, Kind.HOUSE, second_host)


def test_handing_over_moves_the_address(board: Board) -> None:
    """Whoever hands an address over cannot read it afterwards; whoever gets it can."""
    with world.within(board.chief.store):
        house = board.house()
        other = board.join("Swift", Role.COORDINATOR)
        shelter.pass_on(board.chief, house.id, other)
        with pytest.raises(policy.NotAllowed):
            board.chief.read(house.id, house.id, Kind.HOUSE)
    swift = board.hand("Swift")
    with world.within(swift.store):
        assert swift.read(house.id, house.id, Kind.HOUSE).said["address"] == SAID["address"]


def test_a_new_host_reads_who_comes_and_the_one_before_no_more(board: Board, network: Network) -> None:
    """Passed on by the coordinator: also what the host was told of guests, whoever placed them."""
    with world.within(board.chief.store):
        house = board.house()
        swift = board.join("Swift", Role.COORDINATOR)
        dunlin = board.join("Dunlin", Role.HOST)
        shelter.let_all_coordinators_see(board.chief)
    other, host, new = board.hand("Swift"), network.hand(Role.HOST), board.hand("Dunlin")
    with world.within(board.chief.store):
        mine = stays.place(board.chief, board.case(), house.id, 1, said={"who": "one person"})
        case = open_case(other, None, [swift])
        theirs = stays.place(other, case.id, house.id, 2, said={"who": "two people"})
        done = shelter.pass_on(board.chief, house.id, dunlin)
        assert (done.before.call_sign if done.before else "", done.untold) == ("Martin", 0)
        for stay, who in ((mine, "one person"), (theirs, "two people")):
            assert stays.for_host(new, stay) == {"who": who}
            assert stays.for_host(host, stay) == {}
        assert not Wrap.objects.filter(holder=host.id).exists()
        shelter.pass_on(board.chief, house.id, swift)
        assert other.holds(mine.id, Kind.HOUSE)
        assert not Wrap.objects.filter(holder=board.chief.id, compartment__kind=Kind.HOUSE).exclude(
            compartment__owner=theirs.id
        )


def test_a_host_gives_their_own_place_and_a_coordinators_only_when_it_is_empty(board: Board, network: Network) -> None:
    """On the page, without a list of colleagues; after the only coordinator who knew was revoked, they name another."""
    browser = network.browser(Role.HOST)
    with world.within(board.chief.store):
        house = board.house()
        board.join("Swift", Role.COORDINATOR)
        board.join("Dunlin", Role.HOST)
    address = f"/houses/{house.id}/pass-on"
    assert "Dunlin" not in browser.get(address).content.decode()
    for sign in ("Swift", "Plover", "Nobody"):
        assert browser.post(address, {"whom": sign}).status_code == 400
    swift = board.hand("Swift")
    with world.within(board.chief.store):
        workers.revoke(swift, board.chief.id, even_if_lost=True)
    told = browser.post(address, {"whom": "swift"})
    assert "Swift can read where it is now" in told.content.decode()
    with world.within(board.chief.store):
        assert swift.read(house.id, house.id, Kind.HOUSE).said["address"] == SAID["address"]
    told = browser.post(address, {"whom": "Dunlin"})
    assert "Martin has no key of it any more" in told.content.decode()
    assert "Martin: 1 before, 0 now" in told.content.decode()
    assert browser.get(address).status_code == 403


def test_the_board_knows_codes_and_never_where(board: Board, network: Network) -> None:
    """What coordinators share of a house holds nothing of where it is; case workers see no house at all."""
    with world.within(board.chief.store):
        house = board.house()
        told = board.chief.read(house.id, house.id, Kind.FILE).said
        assert not {"address", "entry", "reach"} & set(told)
        assert [one.id for one in shelter.houses_of(board.chief)] == [house.id]
        assert not shelter.houses_of(network.hand(Role.CASE_WORKER)).exists()
        with pytest.raises(policy.NotAllowed):
            shelter.house_of(network.hand(Role.CASE_WORKER), house.id)


def test_a_stay_takes_its_beds_for_two_weeks(board: Board, network: Network) -> None:
    """Placing takes beds, lets the case worker read the rules, tells the host how many come; ending undoes all."""
    with world.within(board.chief.store):
        house, case = board.house(3), board.case()
        stay = stays.place(board.chief, case, house.id, 2, said={"who": "two people"})
        assert timedelta(days=13) < stay.until - clock.now() <= timedelta(days=14)
        host, worker = network.hand(Role.HOST), network.hand(Role.CASE_WORKER)
        assert stays.for_host(host, stay) == {"who": "two people"}
        assert worker.read(house.id, house.id, Kind.FILE).said["rules"] == SAID["rules"]
        assert not worker.holds(house.id, Kind.HOUSE)
        assert stays.free_houses(board.chief, 2) == []
        assert [one.free for one in stays.free_houses(board.chief, 1)] == [1]
        stays.end(board.chief, stay.id)
        assert not worker.holds(house.id, Kind.FILE)
        assert not Compartment.objects.filter(owner=stay.id).exists()
        assert [one.free for one in stays.free_houses(board.chief, 3)] == [3]


def test_a_full_house_takes_nobody(board: Board) -> None:
    """More beds than are free, a resting house and a house said to be full are refused, and nothing is written."""
    with world.within(board.chief.store):
        house, case = board.house(2), board.case()
        with pytest.raises(stays.NoBed):
            stays.place(board.chief, case, house.id, 3)
        for state in (journey.FULL, journey.RESTING):
            shelter.set_state(board.chief, house.id, state)
            with pytest.raises(stays.NoBed):
                stays.place(board.chief, case, house.id, 1)
        assert not Stay.objects.exists()
        shelter.set_state(board.chief, house.id, journey.OPEN)
        stays.place(board.chief, case, house.id, 2)
        assert shelter.state_of(shelter.house_of(board.chief, house.id)) == journey.FULL
        with pytest.raises(VeilError, match="more people sleep there"):
            shelter.resize(board.chief, house.id, 1)


def test_two_who_place_at_once_never_share_a_bed(board: Board) -> None:
    """Of eight who place two people each in a house of five at the same moment, two succeed; the rest are told."""
    with world.within(board.chief.store):
        house = board.house(5)
        cases = [board.case() for _ in range(8)]
    deeds = [partial(stays.place, board.chief, case, house.id, 2) for case in cases]
    raised = board.at_once(deeds)
    with world.within(board.chief.store):
        assert sum(error is None for error in raised) == 2, raised
        assert all(isinstance(error, stays.NoBed) for error in raised if error is not None)
        assert house.taken.count() == 4


def test_the_database_itself_refuses_a_second_sleeper(board: Board) -> None:
    """Even a row that goes past every rule cannot give one bed to two."""
    with world.within(board.chief.store):
        house = board.house(2)
        stay = stays.place(board.chief, board.case(), house.id, 1)
        with pytest.raises(IntegrityError), transaction.atomic(using=board.chief.store):
            Bed.objects.create(root=stay.root, stay=stay, house=house, number=1)


def test_a_fire_moves_everybody_it_can(board: Board, network: Network) -> None:
    """A burned house loses its address for ever; the largest stay gets the best fit; who has no bed is known."""
    with world.within(board.chief.store):
        burning_one, small, large = board.house(8), board.house(1), board.house(4)
        Wrap.objects.filter(compartment__owner__in=[small.id, large.id], holder__role=Role.HOST).delete()
        three, two, one = (stays.place(board.chief, board.case(), burning_one.id, beds) for beds in (3, 2, 1))
        burning.burn(board.chief, burning_one.id)
        assert not Compartment.objects.filter(owner=burning_one.id, kind=Kind.HOUSE).exists()
        proposed = {stay.id: stay.proposed_id for stay in burning.must_move(burning_one.id)}
        assert proposed == {three.id: large.id, two.id: None, one.id: small.id}
        told = [(key, house) for key, house in proposed.items() if house]
        assert burning.confirm(board.chief, told) == []
        assert [stay.id for stay in burning.must_move(burning_one.id)] == [two.id]
        assert not Bed.objects.filter(house=burning_one).exclude(stay=two).exists()
        known = set(ToTell.objects.values_list("worker", flat=True))
        assert known == {network.worker(Role.HOST).id, network.worker(Role.CASE_WORKER).id}


def test_burned_is_for_ever(board: Board) -> None:
    """No step leads out of burned, and nobody can be placed there."""
    with world.within(board.chief.store):
        house, case = board.house(), board.case()
        burning.burn(board.chief, house.id)
        for state in (journey.OPEN, journey.FULL, journey.RESTING):
            with pytest.raises(NotNow):
                shelter.set_state(board.chief, house.id, state)
        with pytest.raises(NotNow):
            burning.burn(board.chief, house.id)
        with pytest.raises(stays.NoBed):
            stays.place(board.chief, case, house.id, 1)


def test_the_host_can_burn_their_house_and_no_other(board: Board, network: Network) -> None:
    """A host who sees men at the door gives the house up alone; their other house rests; others' stay as they are."""
    with world.within(board.chief.store):
        mine, also_mine = board.house(), board.house()
        theirs = board.house(host=board.join("Dunlin", Role.HOST))
        stay = stays.place(board.chief, board.case(), mine.id, 1)
        host = network.hand(Role.HOST)
        with pytest.raises(policy.NotAllowed):
            burning.burn(host, theirs.id)
        burning.burn(host, mine.id)
        states = dict(House.objects.values_list("id", "state"))
        assert states == {mine.id: journey.BURNED, also_mine.id: journey.RESTING, theirs.id: journey.OPEN}
        assert Stay.objects.get(id=stay.id).proposed_id == theirs.id
        alarms = [one for one in today.today(board.chief, clock.now()) if one.weight == Weight.ALARM]
        assert ("rehome", mine.id) in [(one.page, one.what) for one in alarms]
        assert today.alarms(board.chief, clock.now()) == alarms
        assert [one.of for one in incidents.mine(board.chief)] == [mine.id]


def test_a_new_host_is_told_and_the_old_one_forgets(board: Board, network: Network) -> None:
    """After moving, the new house's host reads who comes; the host of the old one does not any more."""
    with world.within(board.chief.store):
        new_host = board.join("Dunlin", Role.HOST)
        old, new = board.house(), board.house(host=new_host)
        stay = stays.place(board.chief, board.case(), old.id, 2, said={"who": "two people"})
        stays.rehome(board.chief, stay.id, new.id)
    dunlin = board.hand("Dunlin")
    with world.within(board.chief.store):
        assert stays.for_host(dunlin, stay) == {"who": "two people"}
        assert stays.for_host(network.hand(Role.HOST), stay) == {}
        assert not network.hand(Role.CASE_WORKER).holds(old.id, Kind.FILE)
        assert network.hand(Role.CASE_WORKER).holds(new.id, Kind.FILE)


def test_what_is_due_comes_in_time(board: Board, network: Network, time_passes: Time) -> None:
    """Unread rules are due on the first day, an ending stay three days before, a rested house on its day."""
    with world.within(board.chief.store):
        house, resting = board.house(), board.house()
        shelter.set_state(board.chief, resting.id, journey.RESTING)
        stay = stays.place(board.chief, board.case(), house.id, 1)

        def kinds(role: Role) -> set[tuple[str, uuid.UUID]]:
            ours = {"stay", "house"}
            told = today.today(network.hand(role), clock.now())
            return {(one.kind, one.what) for one in told if one.page in ours}

        assert kinds(Role.COORDINATOR) == {("house rules to read", stay.id)}
        assert kinds(Role.CASE_WORKER) == {("house rules to read", stay.id)}
        assert kinds(Role.HOST) == {("guests come", house.id)}
        stays.rules_read(network.hand(Role.CASE_WORKER), stay.id)
        assert kinds(Role.COORDINATOR) == set()
        time_passes.go(days=12)
        assert kinds(Role.COORDINATOR) == {("stay ends", stay.id), ("house has rested", resting.id)}
        assert kinds(Role.CASE_WORKER) == {("stay ends", stay.id)}
        assert kinds(Role.HOST) == {("stay ends", house.id)}


def test_nobody_places_whom_they_hold_no_key_of(board: Board) -> None:
    """A coordinator who holds no key of a case cannot find it a bed, and a case worker never places."""
    with world.within(board.chief.store):
        house, case = board.house(), board.case()
        board.join("Swift", Role.COORDINATOR)
    swift = board.hand("Swift")
    with world.within(board.chief.store):
        assert shelter.let_all_coordinators_see(board.chief) == 1
        assert [one.id for one in stays.free_houses(swift, 1)] == [house.id]
        with pytest.raises(policy.NotAllowed):
            stays.place(swift, case, house.id, 1)
        with pytest.raises(policy.NotAllowed):
            stays.place(board.network.hand(Role.CASE_WORKER), case, house.id, 1)


def test_for_whom_there_is_no_bed_nothing_changes(board: Board) -> None:
    """Of two who must move, the one whose house was taken meanwhile is where they were, bed and all."""
    with world.within(board.chief.store):
        burning_one, full = board.house(), board.house(1, board.join("Dunlin", Role.HOST))
        placed = [stays.place(board.chief, board.case(), burning_one.id, 1) for _case in range(2)]
        burning.burn(board.chief, burning_one.id)
        assert burning.confirm(board.chief, [(stay.id, full.id) for stay in placed]) == [placed[1].id]
        left = Stay.objects.get(id=placed[1].id)
        assert (left.house_id, left.state) == (burning_one.id, journey.MUST_MOVE)
        assert Bed.objects.filter(stay=left, house=burning_one).count() == 1
