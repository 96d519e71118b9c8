"""Check-ins of a house: its host answers for it, and whoever stands beside the host learns nothing from the screen."""

import re
import uuid
from datetime import timedelta

import pytest

from tests.casework.houses.conftest import SAID
from tests.days import SOON, SOON_TOO
from tests.networks import Network, Time, passphrase_of
from veil.casework import clock, policy, today, world
from veil.casework.cases.opening import open_case
from veil.casework.due import Weight
from veil.casework.hand import Hand
from veil.casework.houses import burning, shelter, stays
from veil.casework.moves import checkins, incidents, ladder
from veil.casework.moves.models import CheckIn, Notice
from veil.casework.network import opening, workers
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role

AGREED = {"calm": "The soup was salty", "duress": "My aunt rang", "how": "a bell, then a note", "near": "Wren"}


def expected(network: Network, chief: Hand, hours: float = 1, grace_min: int = 15) -> CheckIn:
    """Return a check-in of a new house, agreed between its coordinator and its host."""
    house = shelter.make_house(chief, network.worker(Role.HOST), 4, SAID)
    due = clock.now() + timedelta(hours=hours)
    agreed = checkins.Agreed(AGREED, 1440)
    return checkins.set_check_in(chief, house.id, house.id, due, timedelta(minutes=grace_min), agreed)


def name_of(hand: Hand, one: CheckIn, which: str) -> str:
    """Return the name under which a sentence is sent."""
    return next(name for name, text in checkins.phrases(hand, one) if text == AGREED[which])


def test_its_host_and_one_coordinator_hold_it_and_nobody_else(network: Network) -> None:
    """It is sealed with the house's key; another coordinator, and whoever works on cases there, read nothing of it."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        opening.join(chief, opening.Member("Swift", passphrase_of("Swift"), Role.COORDINATOR))
        one = expected(network, chief)
        shelter.let_all_coordinators_see(chief)
    swift, host, worker = (
        opening.unlock("Swift", passphrase_of("Swift")),
        network.hand(Role.HOST),
        network.hand(Role.CASE_WORKER),
    )
    with world.within(chief.store):
        assert one in checkins.mine(host)
        for stranger in (swift, worker):
            assert checkins.mine(stranger) == []
            with pytest.raises(policy.NotAllowed):
                checkins.phrases(stranger, one)
            with pytest.raises(policy.NotAllowed):
                checkins.set_check_in(stranger, one.of, one.root, clock.now(), timedelta(0))
        with pytest.raises(policy.NotAllowed):  # a forced host does not silence the house
            checkins.stop(host, one.id)
        with pytest.raises(policy.NotAllowed):
            checkins.set_check_in(host, one.of, one.root, clock.now(), timedelta(0))


@pytest.mark.parametrize("heard", ["calm", "duress"])
def test_the_host_presses_and_the_screen_stays_the_same(network: Network, time_passes: Time, heard: str) -> None:
    """Either sentence gives the host the same page, board and notices; the coordinators alone have the alarm."""
    chief, host = network.hand(Role.COORDINATOR), network.hand(Role.HOST)
    browser = network.browser(Role.HOST)
    with world.within(chief.store):
        one = expected(network, chief)
        name = name_of(host, one, heard)
    time_passes.go(minutes=50)
    assert AGREED[heard] in browser.get("/moves/checkins").content.decode()
    answer = browser.post(f"/moves/checkins/{one.id}", {"turn": "0", "heard": name})
    assert answer.status_code == 302
    after = browser.get(answer.headers["Location"]).content.decode()
    assert "duress" not in after
    assert "Answered" in after
    with world.within(chief.store):
        assert checkins.alarms(host) == []
        assert bool(checkins.alarms(chief)) == (heard == "duress")
        assert set(Notice.objects.values_list("to", flat=True)) == {chief.id}
        assert not any(line.weight == Weight.ALARM for line in today.today(host, clock.now()))
        assert CheckIn.objects.get(id=one.id).due > clock.now() + timedelta(hours=20)


def test_what_a_coordinator_heard_from_the_host_is_never_on_the_hosts_board(network: Network) -> None:
    """The danger is where the host is: another coordinator is told, the host's account is not, nor named to talk to."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        opening.join(chief, opening.Member("Swift", passphrase_of("Swift"), Role.COORDINATOR))
        one = expected(network, chief)
        checkins.answer(chief, one.id, 0, name_of(chief, one, "duress"))
    swift, host = opening.unlock("Swift", passphrase_of("Swift")), network.hand(Role.HOST)
    with world.within(chief.store):
        assert [alarm.check_in for alarm in checkins.alarms(swift)] == [one]
        assert checkins.alarms(host) == []
        assert checkins.call_signs(one, {swift.id}) == ["Heron"]
        raised = incidents.raise_incident(swift, "door", one.id)
        assert host.id not in {worker.id for worker in incidents.to_tell(raised)}
        assert not any(line.weight == Weight.ALARM for line in today.today(host, clock.now()))


def test_a_missed_one_climbs_the_ladder_and_the_host_sees_none_of_it(network: Network, time_passes: Time) -> None:
    """An alarm to the coordinator, after the rung of coordinators to all of them; the host's page has no steps."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        opening.join(chief, opening.Member("Swift", passphrase_of("Swift"), Role.COORDINATOR))
        one = expected(network, chief, hours=1)
    swift, host = opening.unlock("Swift", passphrase_of("Swift")), network.hand(Role.HOST)
    time_passes.go(hours=1, minutes=16)
    with world.within(chief.store):
        assert any(line.what == one.id and line.weight == Weight.ALARM for line in today.today(chief, clock.now()))
        assert checkins.raised(swift, clock.now()) == []
        time_passes.go(minutes=30)
        assert checkins.raised(swift, clock.now()) == [one]
        mine = [line for line in today.today(host, clock.now()) if line.what == one.id]
        assert [line.weight for line in mine] == [Weight.URGENT]
    page = network.browser(Role.HOST).get(f"/moves/checkins/{one.id}").content.decode()
    for words in (*map(str, ladder.STEPS.values()), AGREED["how"], "Wren", "None of these"):
        assert words not in page
    assert AGREED["calm"] in page
    page = network.browser(Role.COORDINATOR).get(f"/moves/checkins/{one.id}").content.decode()
    assert AGREED["how"] in page
    assert str(ladder.STEPS["second"]) in page


def test_it_goes_on_with_the_house_and_ends_when_it_burns(network: Network) -> None:
    """A new host answers, the one before no more; a burned house waits for nobody, and its words are destroyed."""
    chief, host = network.hand(Role.COORDINATOR), network.hand(Role.HOST)
    with world.within(chief.store):
        opening.join(chief, opening.Member("Dunlin", passphrase_of("Dunlin"), Role.HOST))
        one = expected(network, chief)
        shelter.pass_on(chief, one.root, Worker.objects.get(call_sign="Dunlin"))
    dunlin = opening.unlock("Dunlin", passphrase_of("Dunlin"))
    with world.within(chief.store):
        assert checkins.mine(host) == []
        assert checkins.mine(dunlin) == [one]
        workers.hand_over(dunlin, dunlin.id, network.worker(Role.HOST))
        assert checkins.mine(host) == [one]
        burning.burn(chief, one.root)
        assert CheckIn.objects.get(id=one.id).state == "stopped"
        for hand in (chief, host):
            assert checkins.mine(hand) == []
            with pytest.raises(policy.NotAllowed):
                hand.read(one.id, one.id, Kind.HOUSE)


def test_it_is_agreed_on_the_page_of_the_house(network: Network) -> None:
    """From the house's page, with the last sentences for the next one; a case worker of a guest cannot."""
    chief, browser = network.hand(Role.COORDINATOR), network.browser(Role.COORDINATOR)
    with world.within(chief.store):
        house = shelter.make_house(chief, network.worker(Role.HOST), 4, SAID)
        case = open_case(chief, None, [network.worker(Role.COORDINATOR), network.worker(Role.CASE_WORKER)])
        stays.place(chief, case.id, house.id, 1)
    address = f"/moves/checkins/of/{house.id}"
    assert address in browser.get(f"/houses/{house.id}").content.decode()
    assert address not in network.browser(Role.HOST).get(f"/houses/{house.id}").content.decode()
    sent = {"due": SOON, "grace": "15", "every": "1440"}
    assert browser.post(address, sent | AGREED).status_code == 302
    assert browser.post(address, sent | {"due": SOON_TOO, "calm": "", "duress": ""}).status_code == 302
    assert browser.post(f"/moves/checkins/ladder/{house.id}", {"again": "0", "coordinator": "20"}).status_code == 302
    with world.within(chief.store):
        rows = list(CheckIn.objects.filter(root=house.id))
        assert [set(dict(checkins.phrases(chief, one)).values()) >= {AGREED["duress"]} for one in rows] == [True, True]
        assert all(one.steps == [[0, "again"], [20, "coordinator"]] for one in rows)
    shown = network.browser(Role.HOST).get(f"/houses/{house.id}").content.decode()
    assert len(set(re.findall(r"/moves/checkins/[0-9a-f-]{36}", shown))) == 2
    worker = network.browser(Role.CASE_WORKER)
    assert worker.get(address).status_code == worker.post(address, sent).status_code == 403
    assert uuid.UUID(str(house.id)) == house.root
