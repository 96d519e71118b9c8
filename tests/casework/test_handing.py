"""Handing chosen cases over: their keys go, whoever gave them keeps none, and nothing else changes hands."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.networks import Network, passphrase_of
from veil.casework import clock, policy, world
from veil.casework.cases import consents, handing
from veil.casework.cases.models import Case, Person
from veil.casework.cases.opening import open_case
from veil.casework.custody import custodians, envelopes
from veil.casework.custody.models import Access
from veil.casework.hand import Hand
from veil.casework.houses import shelter, stays
from veil.casework.moves import checkins
from veil.casework.moves.models import Notice
from veil.casework.network import exposure, opening
from veil.casework.network.models import AuditEvent, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError


@dataclass
class Two:
    """Two case workers and a coordinator, within the network's world."""

    network: Network
    chief: Hand
    giver: Hand
    taker: Hand

    def worker(self, hand: Hand) -> Worker:
        """Return somebody's row."""
        found: Worker = Worker.objects.get(id=hand.id)
        return found

    def case(self, *holders: Hand) -> Case:
        """Return a new case of these, whose person agreed to casework; the first answers for it."""
        made = open_case(holders[0], None, [self.worker(one) for one in holders])
        person = Person.objects.get(case=made)
        answer = consents.Answer(consents.CASEWORK, True, None, {"giver": "themselves"})
        consents.answered(holders[0], person, answer)
        return made

    def give(self, *cases: Case, by: Hand | None = None) -> handing.Handed:
        """Let the giver (or somebody for them) hand cases over to the taker."""
        ids = [case.id for case in cases]
        return handing.hand_over(by or self.giver, self.worker(self.giver), self.worker(self.taker), ids, "rests")


@pytest.fixture
def two(network: Network) -> Iterator[Two]:
    """Give a test two case workers."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        opening.join(chief, opening.Member("Dunlin", passphrase_of("Dunlin"), Role.CASE_WORKER))
    taker = opening.unlock("Dunlin", passphrase_of("Dunlin"))
    with world.within(chief.store):
        yield Two(network, chief, network.hand(Role.CASE_WORKER), taker)


def held(worker: uuid.UUID, case: Case) -> int:
    """Return how many keys of a case somebody has."""
    return int(Wrap.objects.filter(holder=worker, compartment__root=case.id).count())


def test_the_keys_of_the_chosen_case_go_and_no_other(two: Two) -> None:
    """The taker opens the case and what was kept from the others; the giver opens nothing of it, and keeps the rest."""
    gone, kept, shared = two.case(two.giver), two.case(two.giver), two.case(two.giver, two.taker)
    person = Person.objects.get(case=gone)
    two.giver.write(person.apart, person.apart, Kind.FILE, {"secret": "x"}, 0)
    done = two.give(gone)
    assert (done.cases, done.stayed, held(two.giver.id, gone)) == (1, 0, 0)
    assert two.taker.read(person.apart, person.apart, Kind.FILE).said == {"secret": "x"}
    assert two.taker.holds(gone.id, Kind.MOVEMENT)
    assert held(two.giver.id, kept) > 0
    assert held(two.taker.id, kept) == 0
    owners = dict(Case.objects.values_list("id", "owner"))
    assert owners == {gone.id: two.taker.id, kept.id: two.giver.id, shared.id: two.giver.id}


def test_the_figures_of_both_accounts_change(two: Two) -> None:
    """What a forced login yields is counted before and after, and is what the keys say."""
    one, other = two.case(two.giver), two.case(two.giver)
    done = two.give(one, other)
    assert [done.before[who].things["cases"] for who in (two.giver.id, two.taker.id)] == [2, 0]
    assert [done.after[who].things["cases"] for who in (two.giver.id, two.taker.id)] == [0, 2]
    assert done.after == exposure.of_each([two.giver.id, two.taker.id])


def test_the_audit_tells_and_says_no_word(two: Two) -> None:
    """Which random id went, by whom, and why in one word of a list."""
    case = two.case(two.giver)
    two.give(case)
    acts = dict(AuditEvent.objects.filter(who=two.giver.id).values_list("act", "what"))
    assert acts["case handed over"] == case.id
    assert acts["hand-over: rests"] == two.giver.id


def test_a_coordinator_gives_only_what_they_can_open_and_says_what_stays(two: Two) -> None:
    """What is kept from the coordinator stays with the giver and is counted; a case without their key is not there."""
    hers, ours = two.case(two.giver), two.case(two.giver, two.chief)
    person = Person.objects.get(case=ours)
    two.giver.withdraw(person.apart, Kind.FILE, two.chief.id)
    assert list(handing.to_give(two.chief, two.giver.id)) == [ours]
    with pytest.raises(policy.NotAllowed):
        two.give(hers, by=two.chief)
    done = two.give(ours, by=two.chief)
    assert done.stayed == held(two.giver.id, ours) == 1
    assert two.chief.holds(ours.id, Kind.FILE)
    assert done.others == 1


def test_nobody_hands_over_what_is_not_theirs(two: Two) -> None:
    """A case worker cannot even see a colleague's cases here; a stranger's id, and a wrong taker, are refused."""
    case = two.case(two.giver, two.taker)
    with pytest.raises(policy.NotAllowed):
        handing.to_give(two.taker, two.giver.id)
    with pytest.raises(policy.NotAllowed):
        handing.hand_over(two.giver, two.worker(two.giver), two.worker(two.taker), [case.id, uuid.uuid4()], "rests")
    for taker in (two.network.worker(Role.OPERATOR), two.worker(two.giver)):
        with pytest.raises(VeilError, match="a case goes to"):
            handing.hand_over(two.giver, two.worker(two.giver), taker, [case.id], "rests")
    assert Case.objects.get().owner == two.giver.id


def test_a_coordinator_nobody_agreed_to_is_given_nothing(two: Two) -> None:
    """Who could do nothing with a case does not get it."""
    case = two.case(two.giver)
    opening.join(two.chief, opening.Member("Bittern", passphrase_of("Bittern"), Role.COORDINATOR))
    bittern = Worker.objects.get(call_sign="Bittern")
    Wrap.objects.filter(holder=bittern).delete()
    with pytest.raises(VeilError, match="agreed"):
        handing.hand_over(two.giver, two.worker(two.giver), bittern, [case.id], "much")


def test_an_envelope_that_was_open_is_closed_and_not_passed_on(two: Two) -> None:
    """The taker asks the custodians themselves; the giver's asking and their key are gone."""
    for role in (Role.LAWYER, Role.AUDITOR, Role.CLINICIAN):
        custodians.name(two.chief, two.network.worker(role))
    case = two.case(two.giver)
    person = Person.objects.get(case=case).id
    envelopes.seal_up(two.giver, person, {"legal_name": "Invented Person"})
    access = envelopes.ask(two.giver, person, "a ticket", 4)
    for role in (Role.LAWYER, Role.AUDITOR):
        envelopes.answer(two.network.hand(role), access.id, agree=True)
    envelopes.open_(two.giver, access.id)
    assert two.give(case).closed == 1
    assert Access.objects.get().state == "over"
    for hand in (two.giver, two.taker):
        with pytest.raises(policy.NotAllowed):
            envelopes.read(hand, person)


def test_the_rules_of_the_house_follow_the_people(two: Two) -> None:
    """Where they sleep the taker reads the rules; the giver does while people of another case of theirs sleep there."""
    one, other = two.case(two.giver, two.chief), two.case(two.giver, two.chief)
    house = shelter.make_house(two.chief, two.network.worker(Role.HOST), 4, {"ambulance": "x"})
    for case in (one, other):
        stays.place(two.chief, case.id, house.id, 1)
    two.give(one)
    assert two.taker.holds(house.id, Kind.FILE)
    assert two.giver.holds(house.id, Kind.FILE)
    two.give(other)
    assert not two.giver.holds(house.id, Kind.FILE)
    assert not two.taker.holds(house.id, Kind.HOUSE)


def test_a_coordinator_who_gives_a_case_still_finds_beds(two: Two) -> None:
    """The stays that all coordinators see stay with them; the case does not."""
    case = two.case(two.chief, two.giver)
    house = shelter.make_house(two.chief, two.network.worker(Role.HOST), 4, {"ambulance": "x"})
    stay = stays.place(two.chief, case.id, house.id, 1)
    handing.hand_over(two.chief, two.worker(two.chief), two.worker(two.taker), [case.id], "leaves")
    assert not two.chief.holds(case.id, Kind.FILE)
    assert two.chief.holds(stay.id, Kind.FILE)
    assert not two.taker.holds(stay.id, Kind.FILE)


@pytest.mark.parametrize("heard", ["calm", "duress"])
def test_the_taker_is_told_what_was_heard_and_the_giver_no_more(two: Two, heard: str) -> None:
    """A duress word that a colleague entered rings with the taker; as many notices go whatever was heard."""
    case = two.case(two.giver, two.chief)
    said = {"calm": "The soup was salty", "duress": "My aunt rang"}
    due = clock.now() + timedelta(hours=1)
    one = checkins.set_check_in(two.giver, case.id, case.id, due, timedelta(0), checkins.Agreed(said))
    name = next(name for name, text in checkins.phrases(two.chief, one) if text == said[heard])
    checkins.answer(two.chief, one.id, 0, name)
    assert bool(checkins.alarms(two.giver)) == (heard == "duress")
    two.give(case)
    assert Notice.objects.count() == 1
    assert bool(checkins.alarms(two.taker)) == (heard == "duress")
    assert checkins.alarms(two.giver) == []


def test_who_entered_an_answer_is_not_told_what_it_meant_by_taking_the_case(two: Two) -> None:
    """Whoever may have been forced learns nothing from a hand-over either."""
    case = two.case(two.giver, two.taker)
    said = {"calm": "The soup was salty", "duress": "My aunt rang"}
    due = clock.now() + timedelta(hours=1)
    one = checkins.set_check_in(two.giver, case.id, case.id, due, timedelta(0), checkins.Agreed(said))
    name = next(name for name, text in checkins.phrases(two.taker, one) if text == said["duress"])
    checkins.answer(two.taker, one.id, 0, name)
    two.give(case)
    assert checkins.alarms(two.taker) == []


def test_it_is_shown_before_it_is_done(two: Two) -> None:
    """The page says what would change, and nothing has; then it is done; what is not there any more is refused."""
    case, kept = two.case(two.giver), two.case(two.giver)
    browser = two.network.browser(Role.CASE_WORKER)
    address = f"/network/{two.giver.id}/hand-over/cases"
    sent: dict[str, Any] = {"cases": [str(case.id)], "taker": "dunlin", "why": "rests"}
    assert browser.get(f"{address}?case={case.id}").content.decode().count(" checked") == 1
    told = browser.post(address, sent)
    assert "Nothing has changed yet" in told.content.decode()
    assert held(two.giver.id, case) > 0
    assert not AuditEvent.objects.filter(act="case handed over").exists()
    told = browser.post(address, sent | {"sure": "yes"})
    assert "1 case is with Dunlin now" in told.content.decode()
    assert (held(two.giver.id, case), held(two.giver.id, kept) > 0) == (0, True)
    assert browser.post(address, sent | {"sure": "yes"}).status_code == 400
    assert browser.get(f"/network/{two.taker.id}/hand-over/cases").status_code == 403
