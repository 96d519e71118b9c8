"""What people need at night: one press at the door, callers who are not lost with a worker, a board for everybody."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.casework.test_consents import _answer, _opened
from tests.casework.test_requests import SAID, open_to
from tests.days import SOON
from tests.moving import case_of, expect
from tests.networks import Network, Time, passphrase_of
from tests.web.browser import address, browser, log_in, needs_chromium
from veil.casework import clock, today, world
from veil.casework.cases import consents, entrusting, journey, stepping
from veil.casework.cases.models import Case
from veil.casework.custody import custodians, envelopes
from veil.casework.due import Weight
from veil.casework.houses import shelter, stays
from veil.casework.moves import checkins, incidents, plans
from veil.casework.moves.models import CheckIn, Incident
from veil.casework.network import opening, workers
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import entry, taking
from veil.casework.requests.models import Request

__all__ = ["address", "browser"]


def page(answer: Any) -> str:
    """Return what an answer shows, without its frame."""
    return str(answer.content.decode().partition("<main")[2].partition("</main>")[0])


def called_by(network: Network) -> Request:
    """Return a request whose way to call back one operator alone holds; inside the world only."""
    operator = network.hand(Role.OPERATOR)
    request = entry.enter(operator, SAID)
    entry.save_contact(operator, request, {"where": "oriole"}, 0)
    return request


def house_of(network: Network) -> uuid.UUID:
    """Return a new house of the host; inside the world only."""
    made = shelter.make_house(network.hand(Role.COORDINATOR), network.worker(Role.HOST), 3, {"address": "14 Lane"})
    return uuid.UUID(str(made.id))


@pytest.mark.parametrize(
    ("language", "first", "promise"),
    [("en", "Do not open.", "calls nobody"), ("ru", "Не открывайте.", "никому не звонит")],
)
def test_a_host_presses_once(network: Network, language: str, first: str, promise: str) -> None:
    """From the first page, with no more than the key of an address: it is about that house, and says who knows."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        house = house_of(network)
    host = network.browser(Role.HOST, language)
    assert f'action="/moves/incidents/of/{house}"' in page(host.get("/"))
    told = page(host.get(host.post(f"/moves/incidents/of/{house}", {"kind": "door"}).headers["Location"]))
    assert first in told
    assert promise in told
    assert told.index("<details") > told.index(first)
    with world.within(chief.store):
        assert Incident.objects.get().of == house
        assert any(one.page == "incident" and one.weight == Weight.ALARM for one in today.today(chief, clock.now()))


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.HOST, Role.AUDITOR}])
def test_everybody_else_presses_once_too(network: Network, role: Role) -> None:
    """Whoever works here raises the alarm from the first page, and finds it again in the menu."""
    someone = network.browser(role)
    answer = someone.get("/")
    assert 'action="/moves/incidents/raise"' in page(answer)
    assert 'href="/moves/incidents"' in answer.content.decode()
    assert someone.post("/moves/incidents/raise", {"kind": "door"}).status_code == 302


def test_a_hand_over_leaves_no_caller_on_nobodys_list(network: Network) -> None:
    """A call goes to somebody of the hotline, whose it is then, or stays; never to a role that has no list of calls."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(operator.store):
        request = called_by(network)
        assert workers.hand_over(operator, operator.id, network.worker(Role.CASE_WORKER)).given == 0
        assert open_to(operator, request) == (True, True)
        assert workers.hand_over(operator, operator.id, network.worker(Role.COORDINATOR)).stayed == 0
        assert open_to(operator, request) == (False, False)
        assert open_to(chief, request) == (True, True)
        assert Request.objects.get().taken_by == chief.id
        assert taking.mine(chief, request.id) is not None


def test_a_host_who_leaves_gives_the_house_to_the_next(network: Network) -> None:
    """An address has one host: the taker comes in the giver's place, and the rest of a hand-over goes on."""
    host, chief = network.hand(Role.HOST), network.hand(Role.COORDINATOR)
    with world.within(host.store):
        house = house_of(network)
        opening.join(chief, opening.Member("Dunlin", passphrase_of("Dunlin"), Role.HOST))
        taker = Worker.objects.get(call_sign="Dunlin")
        assert workers.hand_over(host, host.id, network.worker(Role.COORDINATOR)) == workers.Handed(0, 1)
        assert workers.hand_over(host, host.id, taker) == workers.Handed(1, 0)
        assert not host.holds(house, Kind.HOUSE)
        assert shelter.holder(house, Role.HOST) == taker


def test_revoking_says_whom_nobody_could_call_any_more(network: Network) -> None:
    """Before it, at the second question and after it: how many people can be called back by this worker alone."""
    chief, operator = network.browser(Role.COORDINATOR), network.hand(Role.OPERATOR)
    with world.within(operator.store):
        called_by(network)
    assert "called back by this worker only" in page(chief.get(f"/network/{operator.id}"))
    assert "hand work over" in page(network.browser(Role.OPERATOR).get(f"/network/{operator.id}"))
    assert "called back by nobody" in page(chief.post(f"/network/{operator.id}/revoke"))
    assert "cannot be called back any more" in page(
        chief.post(f"/network/{operator.id}/revoke", {"even_if_lost": "yes"})
    )


@pytest.mark.parametrize("how", ["withdrew", "died"])
def test_nobody_is_called_at_night_whose_case_has_ended(network: Network, time_passes: Time, how: str) -> None:
    """Whoever took consent back, or died: their check-ins ring no more; those of a move on the road still do."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case, person = _opened(network, chief)
        given = _answer(chief, person, consents.CASEWORK)
        one = expect(chief, case.id, hours=1)
        move = plans.plan(chief, case.id, {})
        road = checkins.set_check_in(chief, move.id, case.id, clock.now() + timedelta(hours=1), timedelta(0))
        if how == "withdrew":
            consents.withdraw(chief, given)
        else:
            stepping.step(chief, case.id, journey.DECEASED)
        time_passes.go(hours=9)
        assert CheckIn.objects.get(id=one.id).state == "stopped"
        assert CheckIn.objects.get(id=road.id).state == "waiting"
        told = {due.what for due in today.today(chief, clock.now()) if due.page == "checkin"}
        assert told == {road.id}


def test_a_page_that_was_open_does_nothing_after_consent_was_withdrawn(network: Network) -> None:
    """A new check-in of the case and a new envelope are refused in plain words, and nothing is kept of them."""
    worker, chief = network.browser(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case, person = _opened(network, chief)
        given = _answer(chief, person, consents.CASEWORK)
    assert worker.get(f"/moves/checkins/of/{case.id}").status_code == 200
    with world.within(chief.store):
        consents.withdraw(chief, given)
    sent = {"due": SOON, "grace": "15", "every": "", "calm": "The cat is in", "duress": "It is cold"}
    answer = worker.post(f"/moves/checkins/of/{case.id}", sent)
    assert answer.status_code >= 400
    assert "consent was withdrawn" in answer.content.decode()
    with world.within(chief.store):
        assert not CheckIn.objects.exists()
        with pytest.raises(consents.NoConsent):
            envelopes.seal_up(chief, person.id, {"name": "nobody"})


def test_whoever_was_entrusted_with_somebody_learns_of_it_in_the_morning(network: Network, time_passes: Time) -> None:
    """A clinician's board leads to whom they have not looked at, ever or for a week; not when consent is gone."""
    worker, clinician = network.hand(Role.CASE_WORKER), network.hand(Role.CLINICIAN)

    def due() -> list[uuid.UUID]:
        with world.within(worker.store):
            return [one.what for one in today.today(clinician, clock.now()) if one.page == "care"]

    with world.within(worker.store):
        _case, person = _opened(network, worker)
        _answer(worker, person, consents.CASEWORK)
        given = _answer(worker, person, consents.MEDICAL)
        entrusting.entrust(worker, person, Kind.HEALTH, network.worker(Role.CLINICIAN), {"alias": "Lena"})
    assert due() == [person.id]
    assert network.browser(Role.CLINICIAN).get(f"/cases/care/{person.id}").status_code == 200
    assert due() == []
    time_passes.go(days=8)
    assert due() == [person.id]
    with world.within(worker.store):
        consents.withdraw(worker, given)
    assert due() == []


@needs_chromium
def test_a_new_alarm_is_heard_once_and_only_where_it_was_switched_on(
    network: Network, address: str, browser: Any
) -> None:
    """With the sound on, a new alarm on an open board rings; the same alarm does not ring again; off, nothing does."""
    chief = network.hand(Role.COORDINATOR)
    screen = browser.new_page()
    log_in(screen, address, Role.COORDINATOR)
    look = "htmx.ajax('GET', '/?again=1', {target: '#board', select: '#board', swap: 'outerHTML'})"
    assert screen.locator("script[src*=alarm]").count() == 0
    screen.goto(f"{address}/network/{chief.id}")
    screen.click("button[name=on]")
    screen.goto(address + "/")
    with world.within(chief.store):
        incidents.raise_incident(chief, "door", case_of(network, chief))
    screen.evaluate(look)
    screen.wait_for_selector("html[data-rang='1']")
    screen.evaluate(look)
    screen.wait_for_timeout(300)
    assert screen.locator("html[data-rang='1']").count() == 1


def test_the_case_of_nobody_is_nothing(network: Network) -> None:
    """Stopping the check-ins of a case touches no other case's."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), hours=1)
        other, _person = _opened(network, chief)
        consents.expect_nobody(other.id)
        assert CheckIn.objects.get(id=one.id).state == "waiting"


def test_nothing_hangs_on_somebody_who_is_gone(network: Network) -> None:
    """A case has somebody who answers for it after a hand-over; after a revocation the board says that nobody does."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case, _person = _opened(network, worker)
        Case.objects.update(owner=worker.id)
        workers.hand_over(chief, worker.id, network.worker(Role.COORDINATOR), [case.id])
        assert Case.objects.get().owner == chief.id
        Case.objects.update(owner=worker.id)
        workers.revoke(chief, worker.id, even_if_lost=True)
        told = [one for one in today.today(chief, clock.now()) if one.what == case.id]
        assert any(one.weight == Weight.URGENT for one in told)


def test_the_board_asks_for_a_new_custodian_and_leads_there(network: Network) -> None:
    """When one of three has fallen while envelopes exist, coordinators are told before a second one falls."""
    chief, browser_ = network.hand(Role.COORDINATOR), network.browser(Role.COORDINATOR)
    with world.within(chief.store):
        for role in (Role.LAWYER, Role.CLINICIAN, Role.PRESS):
            custodians.name(chief, network.worker(role))
        case, person = _opened(network, chief)
        envelopes.seal_up(chief, person.id, {"name": "nobody"})
        assert not [one for one in today.today(chief, clock.now()) if one.page == "custody"]
        workers.revoke(chief, network.worker(Role.PRESS).id)
    told = page(browser_.get("/"))
    assert "if one more falls" in told
    assert 'href="/custody/"' in told
    assert case.id


def test_a_bed_of_a_case_that_ended_is_somebody_s_work(network: Network) -> None:
    """Whoever died or took consent back after arrival leaves a stay: the board names it until it is ended."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case, _person = _opened(network, chief)
        stay = stays.place(chief, case.id, house_of(network), 1)
        assert not [one for one in today.today(chief, clock.now()) if one.kind.startswith("the case has ended")]
        stepping.step(chief, case.id, journey.DECEASED)
        assert [one.what for one in today.today(chief, clock.now()) if one.kind.startswith("the case has")] == [stay.id]
        stays.end(chief, stay.id)
        assert not [one for one in today.today(chief, clock.now()) if one.kind.startswith("the case has ended")]
