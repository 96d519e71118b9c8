"""What a hotline and its shelters need at night: nobody in danger waits unseen, and no press ends at a closed door."""

import ast
import re
import uuid
from pathlib import Path

import pytest
from django.utils import timezone, translation

import veil
from tests.casework.test_requests import WEIGHED
from tests.networks import Network, Time, passphrase_of
from veil.casework import clock, today, world
from veil.casework.cases import consents, stepping
from veil.casework.cases.models import Case, Person
from veil.casework.cases.opening import open_case
from veil.casework.due import Weight
from veil.casework.hand import Hand
from veil.casework.houses import shelter, stays
from veil.casework.moves.models import Done, Incident
from veil.casework.network import opening
from veil.casework.network.acts import ACTS
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role
from veil.casework.policy import NotAllowed
from veil.casework.requests import answers, entry, screening, taking
from veil.casework.requests.models import Request

SAID = {"danger": True, "talk": "behind a door"}


def ringing(hand: Hand) -> list[tuple[str, str]]:
    """Return what rings on somebody's pages: which page, in which words."""
    rings = today.alarms(hand, clock.now())
    assert rings == [one for one in today.today(hand, clock.now()) if one.weight == Weight.ALARM]
    return [(one.page, one.kind) for one in rings]


def urgent(hand: Hand) -> set[str]:
    """Return what is urgent on somebody's board."""
    return {one.kind for one in today.today(hand, clock.now()) if one.weight == Weight.URGENT}


def test_a_danger_that_somebody_speaks_with_still_rings(network: Network) -> None:
    """Who speaks with them cannot leave the telephone: it rings until a coordinator has it in hand, and not after."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    rings = [("request", "danger now: no coordinator has it in hand")]
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        assert ringing(chief) == rings
        assert ringing(operator) == rings
        with pytest.raises(NotAllowed):
            taking.take_in_hand(operator, request.id)
        taking.take_in_hand(chief, request.id)
        for hand in (chief, operator):
            assert ringing(hand) == []
            assert "danger now: not decided yet" in urgent(hand)
        entry.save(operator, request, {"danger": False}, 1)
        assert "danger now: not decided yet" not in urgent(chief)
        entry.save(operator, Request.objects.get(), {"danger": True}, 2)
        assert ringing(chief) == rings


def test_a_danger_in_the_hand_of_somebody_who_is_gone_rings_again(network: Network) -> None:
    """A coordinator who was revoked has nothing in hand any more; one who calls themselves has it at once."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(operator.store):
        second = opening.join(chief, opening.Member("Stilt", passphrase_of("Stilt"), Role.COORDINATOR))
        request = entry.enter(operator, SAID)
        Request.objects.filter(id=request.id).update(in_hand_of=second.id)
        second.ended = clock.now()
        second.save()
        assert ringing(chief)
        Request.objects.all().delete()
        entry.enter(chief, SAID)
        assert ringing(chief) == []


def test_the_operator_sees_who_stands_behind_them(network: Network) -> None:
    """The coordinator's page has the button, the operator's says who pressed it, or that nobody has."""
    operator, chief = network.browser(Role.OPERATOR), network.browser(Role.COORDINATOR)
    page = str(operator.post("/requests/new", {"danger": "on"}).headers["Location"])
    assert "No coordinator has this in hand yet." in operator.get(page).content.decode()
    assert f'action="{page}/in-hand"' not in operator.get(page).content.decode()
    assert operator.post(f"{page}/in-hand").status_code == 403
    assert f'action="{page}/in-hand"' in chief.get(page).content.decode()
    assert chief.post(f"{page}/in-hand").status_code == 302
    assert "Heron has this in hand." in operator.get(page).content.decode()
    assert "You have this in hand." in chief.get(page).content.decode()


def test_danger_does_not_end_with_the_request(network: Network) -> None:
    """The case begins as an emergency, and rings for whoever it was given to until they open it."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    worker = network.hand(Role.CASE_WORKER)
    with world.within(operator.store):
        request = entry.enter(operator, SAID)
        screening.screen(operator, request.id, WEIGHED)
        screening.triage(operator, request.id, {"urgency": "weeks"})
        case = answers.accept(chief, request.id, worker.id, [])
        assert Case.objects.get(id=case).priority == "emergency"
        assert ringing(worker) == [("case", "emergency: this case was given to you")]
        assert ringing(chief) == []
        assert "emergency: not accepted yet" in urgent(chief)
    assert network.browser(Role.CASE_WORKER).get(f"/cases/{case}").status_code == 200
    with world.within(operator.store):
        assert ringing(worker) == []
        assert {"emergency: not accepted yet", "risk assessment to renew"} <= urgent(worker)


@pytest.mark.parametrize(("urgency", "priority"), [("tonight", "emergency"), ("days", "urgent"), ("weeks", "normal")])
def test_how_soon_goes_along_into_the_case(network: Network, urgency: str, priority: str) -> None:
    """What triage found is the priority that the case begins with; whoever gets it is told, loudly or not."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    worker = network.hand(Role.CASE_WORKER)
    with world.within(operator.store):
        request = entry.enter(operator, {"happened": "a letter was found"})
        screening.screen(operator, request.id, WEIGHED)
        screening.triage(operator, request.id, {"urgency": urgency})
        case = answers.accept(chief, request.id, worker.id, [])
        assert Case.objects.get(id=case).priority == priority
        assert bool(ringing(worker)) == (priority == "emergency")
        assert any("this case was given to you" in one.kind for one in today.today(worker, clock.now()))


def _slept_in(network: Network, beds: int = 5) -> tuple[uuid.UUID, uuid.UUID]:
    """Return a house of the host in which some people of one case sleep, and the case."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        house = shelter.make_house(chief, network.worker(Role.HOST), 6, {"address": "14 Invented Lane"})
        case = open_case(chief, None, [network.worker(Role.COORDINATOR), network.worker(Role.CASE_WORKER)])
        given = consents.Answer(consents.CASEWORK, True, None, {"giver": "themselves"})
        consents.answered(chief, Person.objects.get(case=case), given)
        Case.objects.filter(id=case.id).update(risk_due=clock.now() + shelter.REST)
        stays.place(chief, case.id, house.id, beds, said={"who": "five people"})
    return house.id, case.id


@pytest.mark.parametrize(("language", "leave"), [("en", "Leave now"), ("ru", "Уходите сейчас")])
def test_a_host_who_gives_a_house_up_is_told_what_to_do(network: Network, language: str, leave: str) -> None:
    """Their key of the house is gone with the press; what they read then is how to leave, and who knows of it."""
    house, case = _slept_in(network)
    host = network.browser(Role.HOST, language)
    asked = host.get(f"/houses/{house}/burned").content.decode()
    assert "list of those who must be told" not in asked
    answer = host.post(f"/houses/{house}/burned", follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0].startswith("/moves/incidents/")
    assert leave in page
    assert "Invented Lane" not in page
    with world.within(network.hand(Role.COORDINATOR).store):
        assert Done.objects.get(step="burned").incident == Incident.objects.get()
        assert Case.objects.get(id=case).risk_due <= clock.now()


def test_one_fire_is_one_incident(network: Network) -> None:
    """Who raised the playbook first, and burned the house from it, goes on in the same one, with that step done."""
    house, _case = _slept_in(network)
    chief = network.browser(Role.COORDINATOR)
    raised = str(chief.post(f"/moves/incidents/of/{house}", {"kind": "burned"}).headers["Location"])
    assert chief.post(f"/houses/{house}/burned").headers["Location"] == f"/houses/{house}/rehome"
    with world.within(network.hand(Role.COORDINATOR).store):
        one = Incident.objects.get()
        assert raised.endswith(str(one.id))
        assert [row.step for row in Done.objects.all()] == ["burned"]


def test_a_house_opened_for_the_night_is_offered(network: Network) -> None:
    """Where no bed was free, the page that said so proposes one as soon as there is one: nobody is left standing."""
    house, _case = _slept_in(network)
    chief = network.browser(Role.COORDINATOR)
    page = str(chief.post(f"/houses/{house}/burned").headers["Location"])
    assert "Still without a bed: 5 people" in chief.get(page).content.decode()
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        host = opening.join(hand, opening.Member("Dunnock", passphrase_of("Dunnock"), Role.HOST))
        other = shelter.make_house(hand, host, 5, {})
    told = chief.get(page).content.decode()
    (stay,) = re.findall(r'name="to-([-\w]+)"', told)
    assert "Still without a bed" not in told
    assert "Everybody has another bed." in chief.post(page, {f"to-{stay}": str(other.id)}).content.decode()


def test_no_board_leads_to_a_closed_door(network: Network) -> None:
    """Every address that somebody's first page offers opens for them."""
    for role in Role:
        browser = network.browser(role)
        main = browser.get("/").content.decode().partition("<body")[2]
        for there in sorted(set(re.findall(r'href="(/[^"#]*)"', main)) - {"/lock", "/out"}):
            assert browser.get(there).status_code == 200, (role, there)


def test_a_check_in_says_who_it_is(network: Network) -> None:
    """Whoever holds the case's file reads the alias beside the code, and gets to the case; nobody else does."""
    from tests.moving import expect

    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = open_case(chief, None, [network.worker(Role.CASE_WORKER)], carried={"alias": "Larkspur"})
        one = expect(network.hand(Role.CASE_WORKER), case.id, minutes=5)
    worker = network.browser(Role.CASE_WORKER)
    for page in ("/moves/checkins", f"/moves/checkins/{one.id}"):
        assert "Larkspur" in worker.get(page).content.decode()
    assert f'href="/cases/{case.id}"' in worker.get(f"/moves/checkins/{one.id}").content.decode()


def test_an_ended_case_offers_nothing_that_would_be_refused(network: Network) -> None:
    """After a consent was taken back nothing new is begun; only the way out of danger stays open."""
    _house, case = _slept_in(network)
    chief, browser = network.hand(Role.COORDINATOR), network.browser(Role.COORDINATOR)
    new = ("people/new", "risk/assess", "checks/new", "credibility", "words")
    with world.within(chief.store):
        before = browser.get(f"/cases/{case}").content.decode()
        stepping.step(chief, case, "deceased")
    after = browser.get(f"/cases/{case}").content.decode()
    for part in (*(f"/cases/{case}/{one}" for one in new), f"/houses/place/{case}", f"/moves/checkins/of/{case}"):
        assert part in before
        assert part not in after
    assert f"/moves/incidents/of/{case}" in after
    assert f"/moves/of/{case}" in after


def test_what_waits_is_said_since_when(network: Network, time_passes: Time) -> None:
    """Nobody set an hour for it: the board says since when it waits, and of the public form only the day is known."""
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        request = entry.enter(operator, {"happened": "a letter"})
        taking.give_back(operator, request.id)
        since = clock.now()
    time_passes.go(minutes=3)
    page = network.browser(Role.OPERATOR).get("/").content.decode()
    assert re.search(r">since (\d\d:\d\d|\d+ \w+)<", page)
    assert "late" not in re.sub(r'class="[^"]*"', "", page.partition("<main")[2].partition("</main>")[0])
    with world.within(operator.store):
        Request.objects.update(box="b" * 32, since=since.replace(hour=0, minute=0))
    day = timezone.localtime(since.replace(hour=0, minute=0))
    assert f"since {day.day} {day:%b}" in network.browser(Role.OPERATOR).get("/").content.decode()


def test_a_lost_contact_is_decided_today(network: Network) -> None:
    """Whoever stopped answering stands among what is due today, not among what comes soon."""
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        request = entry.enter(operator, {"happened": "a letter"})
        Request.objects.filter(id=request.id).update(state="lost contact")
        (one,) = today.today(operator, clock.now())
    assert (one.kind, one.weight) == ("contact lost: decide", Weight.TODAY)


def test_the_auditor_reads_every_act_in_russian(network: Network) -> None:
    """What is written into the audit anywhere in the code has words, in both languages."""
    found = set()
    for path in Path(veil.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "note":
                found |= {one.value for one in call.args[:1] if isinstance(one, ast.Constant)}
            if isinstance(call, ast.keyword) and call.arg == "act" and isinstance(call.value, ast.Constant):
                found.add(call.value.value)
    found = {str(one) for one in found}
    with world.within(network.hand(Role.COORDINATOR).store):
        found |= set(AuditEvent.objects.values_list("act", flat=True))
    assert len(found) > 80
    assert found <= set(ACTS), found - set(ACTS)
    with translation.override("ru"):
        for act in ACTS:
            assert re.search("[а-я]", translation.gettext(act)), act
