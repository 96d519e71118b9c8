"""Cases and people: journeys, keys of members, names that are offered, risk that must be renewed, credibility."""

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network, Time
from veil.casework import clock, naming, world
from veil.casework.cases import consents, deciding, journey, risk, stepping
from veil.casework.cases.due import due
from veil.casework.cases.models import Case, Consent, Household, Person, Risk
from veil.casework.cases.opening import add_person, open_case
from veil.casework.due import Weight
from veil.casework.hand import Hand
from veil.casework.keeping.models import Clock
from veil.casework.keeping.purge import purge
from veil.casework.network.models import Compartment, Sealed
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.casework.states import NotNow
from veil.errors import VeilError

_SOME = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_YES = {"giver": "themselves"}


def _opened(network: Network, hand: Hand, *roles: Role, said: dict[str, object] | None = None) -> Case:
    holders = [network.worker(role) for role in roles or (Role.CASE_WORKER, Role.COORDINATOR)]
    return open_case(hand, None, holders, carried=said)


def _agree(hand: Hand, case: Case, purpose: str = consents.CASEWORK, days: float | None = None) -> Consent:
    person = Person.objects.get(case=case, role="principal")
    until = None if days is None else clock.now() + timedelta(days=days)
    return consents.answered(hand, person, consents.Answer(purpose, True, until, _YES))


def test_who_opens_a_case_for_others_cannot_read_it(network: Network) -> None:
    """An operator passes on what was chosen, and is outside from then on; the holders read it."""
    operator, worker = network.hand(Role.OPERATOR), network.hand(Role.CASE_WORKER)
    with world.within(operator.store):
        holders = [network.worker(Role.CASE_WORKER)]
        case = open_case(operator, uuid.uuid4(), holders, carried={"safe_times": "at noon", "seen": "a grey car"})
        assert case.state == journey.VERIFICATION
        assert worker.read(case.id, case.id, Kind.FILE).said == {"safe_times": "at noon", "told": "a grey car"}
        assert worker.holds(case.id, Kind.MOVEMENT)
        for owner in (case.id, Person.objects.get(case=case).id, Person.objects.get(case=case).apart):
            with pytest.raises(NotAllowed):
                operator.read(owner, owner, Kind.FILE)
        assert Clock.objects.get(what=case.id).thing == "case"
        with pytest.raises(VeilError):
            open_case(operator, None, [])


def _free(case: Case, here: str, before: str) -> None:
    Case.objects.filter(id=case.id).update(state=here, before=before, priority="emergency")


@_SOME
@given(data=st.data())
def test_no_walk_leaves_the_journey(network: Network, data: st.DataObject) -> None:
    """Each step taken is one that the journey allows, and a side state leads back to where it was left."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = _opened(network, chief)
        _agree(chief, case)
        Case.objects.filter(id=case.id).update(priority="emergency")
        left = ""
        for _ in range(data.draw(st.integers(1, 12))):
            case.refresh_from_db()
            to = data.draw(st.sampled_from((*journey.STATE_NAMES, "nowhere")))
            told = stepping.ahead(chief, case)
            if to not in told:
                with pytest.raises(NotNow):
                    stepping.step(chief, case.id, to)
                continue
            here = case.state
            case = stepping.step(chief, case.id, to)
            assert case.state == to
            if here in journey.SIDE and to not in (*journey.SIDE, *journey.ENDED, journey.CLOSED):
                assert to == left
            if here not in (*journey.SIDE, *journey.ENDED):
                left = here
        world_over = case.state == journey.CLOSED
        assert world_over == (stepping.ahead(chief, case) == [])


def test_every_state_can_be_reached_and_left() -> None:
    """Each state of the field is reached from the first one, and only a closed case stays where it is."""
    reached, ahead = {journey.REQUESTED}, [journey.REQUESTED]
    while ahead:
        for to in journey.JOURNEY.steps[ahead.pop()]:
            if to not in reached:
                reached.add(to)
                ahead.append(to)
    assert reached == set(journey.STATE_NAMES) == set(journey.JOURNEY.states)
    for here in reached - {journey.CLOSED}:
        assert journey.steps_from(here, journey.SHELTERED)


def test_only_a_coordinator_accepts_declines_and_closes(network: Network) -> None:
    """A case worker leads the journey, but does not decide alone whom the network takes in, or that a case is over."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        case = _opened(network, worker)
        for here, to in (("verification", "accepted"), ("screening", "declined"), ("aftercare", "closed")):
            _free(case, here, "")
            _agree(worker, case)
            assert to not in stepping.ahead(worker, Case.objects.get(id=case.id))
            with pytest.raises(NotAllowed):
                stepping.step(worker, case.id, to)
            assert stepping.step(chief, case.id, to).state == to
        assert Clock.objects.get(what=case.id).thing == "closed case"


def test_without_a_key_no_step_is_taken(network: Network) -> None:
    """A coordinator who does not hold a case cannot move it."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        case = _opened(network, worker, Role.CASE_WORKER)
        with pytest.raises(NotAllowed):
            stepping.step(chief, case.id, "screening")


def test_one_member_s_key_opens_one_member(network: Network) -> None:
    """Who holds one person's key reads neither the case, nor another person, nor what is kept from the others."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        case = _opened(network, worker, Role.CASE_WORKER)
        partner = add_person(worker, case, "partner", [network.worker(Role.CASE_WORKER)])
        child = add_person(worker, case, "child", [network.worker(Role.CASE_WORKER)])
        worker.write(partner.apart, partner.apart, Kind.FILE, {"secret": "was married before"})
        worker.share(child.id, Kind.FILE, network.worker(Role.COORDINATOR))
        chief.read(child.id, child.id, Kind.FILE)
        for owner in (case.id, partner.id, partner.apart, child.apart):
            with pytest.raises(NotAllowed):
                chief.read(owner, owner, Kind.FILE)
        assert set(chief.read_all([case.id, partner.id, child.id], Kind.FILE)) == {child.id}


def test_names_are_drawn_not_derived() -> None:
    """An offer takes no word about a person; every name of a list is about as likely as another."""
    told = Counter(name for _ in range(800) for name in naming.offered("ru"))
    names = set(naming.NAMES["ru"])
    assert set(told) <= names
    mean = 800 * naming.OFFERED / len(names)
    assert len(told) == len(names)
    assert max(told.values()) < 2.5 * mean
    assert len(set(naming.offered("neutral"))) == naming.OFFERED


@given(community=st.sampled_from(sorted(naming.NAMES)), seed=st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_no_name_is_offered_twice(community: str, seed: int) -> None:
    """Names in use are never offered again, even when there are more people than names; all of them are ours."""
    names = sorted(set(naming.NAMES[community]))
    used = set(names[: max(0, len(names) - seed % 9)])
    offered = naming.offered(community, used)
    assert len(offered) == len(set(offered)) == naming.OFFERED
    assert not used & set(offered)
    assert all(naming.is_ours(name) for name in offered)
    assert not naming.is_ours("Zzyzx")


@_SOME
@given(levels=st.lists(st.sampled_from(sorted(risk.RENEW)), min_size=1, max_size=4), wait=st.floats(0.01, 40))
def test_risk_falls_due_by_its_level(network: Network, time_passes: Time, levels: list[str], wait: float) -> None:
    """An assessment is due again exactly when its level says; the last one counts, and no other is kept."""
    worker = network.hand(Role.CASE_WORKER)
    with world.within(worker.store):
        case = _opened(network, worker, Role.CASE_WORKER)
        record = risk.record_of(case.id)
        for level in levels:
            said = {"threats": level, "threat": "1", "vulnerability": "1", "capacity": "1", "level": level}
            worker.write(record, case.id, Kind.FILE, said)
            risk.assessed(worker, case.id, said)
        began = clock.now()
        assert Risk.objects.filter(case=case).count() == 1
        assert worker.read(record, case.id, Kind.FILE).said["threats"] == levels[-1]
        time_passes.go(days=wait)
        told = [one for one in due(worker, clock.now()) if one.kind == "risk assessment to renew"]
        owed = [one for one in told if one.what == case.id and one.weight == Weight.URGENT]
        assert bool(owed) == (clock.now() >= began + risk.RENEW[levels[-1]] - timedelta(seconds=5))
        time_passes.go(days=-wait)
        clock_was = Case.objects.get(id=case.id).risk_due
        risk.renew_now(worker, case.id)
        assert Case.objects.get(id=case.id).risk_due <= min(clock_was, clock.now())


@given(a=st.integers(1, 4), b=st.integers(1, 4), c=st.integers(1, 4))
def test_more_danger_is_never_less_risk(a: int, b: int, c: int) -> None:
    """A greater threat or vulnerability never lowers the level, a greater capacity never raises it."""
    order = ["low", "moderate", "high", "emergency"]
    here = order.index(risk.level_of(a, b, c))
    assert order.index(risk.level_of(min(a + 1, 4), b, c)) >= here
    assert order.index(risk.level_of(a, min(b + 1, 4), c)) >= here
    assert order.index(risk.level_of(a, b, min(c + 1, 4))) <= here


def test_a_milestone_stays_only_if_it_was_named(network: Network) -> None:
    """What was kept under a name stays when the next assessment takes the last one's place."""
    worker = network.hand(Role.CASE_WORKER)
    with world.within(worker.store):
        case = _opened(network, worker, Role.CASE_WORKER)
        record = risk.record_of(case.id)
        worker.write(record, case.id, Kind.FILE, {"threats": "first", "level": "high"})
        risk.assessed(worker, case.id, {"level": "high"})
        kept = risk.keep(worker, case.id, "before the move")
        worker.write(record, case.id, Kind.FILE, {"threats": "second", "level": "low"})
        risk.assessed(worker, case.id, {"level": "low"})
        assert worker.read(kept.id, case.id, Kind.FILE).said["threats"] == "first"
        assert Risk.objects.filter(case=case).count() == 2


def test_two_find_credible_or_nobody_does(network: Network) -> None:
    """One worker's finding opens nothing, even given twice; the other's is hidden until both are in."""
    worker, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(worker.store):
        case = _opened(network, worker)
        _agree(worker, case)
        _free(case, journey.VERIFICATION, "")
        Case.objects.filter(id=case.id).update(priority="normal")
        with pytest.raises(VeilError):
            stepping.step(chief, case.id, "accepted")
        for _ in range(2):
            worker.write(deciding.record_of(case.id, worker.id), case.id, Kind.FILE, {"finding": "credible"})
            deciding.found(worker, case)
        assert deciding.standing(chief, case.id) == deciding.Standing("theirs")
        with pytest.raises(VeilError):
            stepping.step(chief, case.id, "accepted")
        chief.write(deciding.record_of(case.id, chief.id), case.id, Kind.FILE, {"finding": "not credible"})
        deciding.found(chief, case)
        assert not deciding.standing(worker, case.id).agreed
        with pytest.raises(VeilError):
            deciding.require_place(case)
        deciding.again(worker, case)
        assert not Sealed.objects.filter(record=deciding.record_of(case.id, chief.id)).exists()
        for hand in (chief, worker):
            hand.write(deciding.record_of(case.id, hand.id), case.id, Kind.FILE, {"finding": "credible"})
            deciding.found(hand, case)
        assert stepping.step(chief, case.id, "accepted").state == "accepted"


def test_an_emergency_is_accepted_before_the_decision(network: Network) -> None:
    """Who may be killed tonight is not kept waiting for a second voice, but for their own consent."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = _opened(network, chief)
        _free(case, journey.VERIFICATION, "")
        with pytest.raises(consents.NoConsent):
            stepping.step(chief, case.id, "accepted")
        _agree(chief, case)
        assert stepping.step(chief, case.id, "accepted").state == "accepted"


@pytest.mark.parametrize(
    ("note", "copied"),
    [("passport 96 04 123456", True), ("№ 9604-123-456", True), ("in 2017, twice", False), ("room 12, 3 weeks", False)],
)
def test_numbers_of_papers_are_noticed(note: str, copied: bool) -> None:
    """A note that looks as if a paper was copied is refused; years and small numbers are not."""
    assert deciding.looks_copied(note) == copied


def test_a_purged_case_leaves_no_row(network: Network) -> None:
    """People, households, consents, risks, checks and keys of a case go with it, and nothing of another case does."""
    worker = network.hand(Role.CASE_WORKER)
    with world.within(worker.store):
        case, other = (_opened(network, worker, Role.CASE_WORKER) for _ in range(2))
        _agree(worker, case)
        _agree(worker, other)
        Household.objects.create(root=case.id, case=case, number=1)
        purge(worker, case.id)
        assert not Person.objects.filter(root=case.id).exists()
        assert not Compartment.objects.filter(root=case.id).exists()
        assert Consent.objects.count() == 1
        assert worker.holds(other.id, Kind.FILE)


def test_nobody_else_s_work_is_due(network: Network, time_passes: Time) -> None:
    """The board shows what is owed in the cases that a worker holds; the auditor and strangers see none of it."""
    worker = network.hand(Role.CASE_WORKER)
    with world.within(worker.store):
        _opened(network, worker, Role.CASE_WORKER)
        time_passes.go(days=2)
        assert len(due(worker, clock.now())) == 3
        for role in set(Role) - {Role.CASE_WORKER}:
            assert due(network.hand(role), clock.now()) == []
