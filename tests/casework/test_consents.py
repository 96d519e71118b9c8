"""Consent, purpose by purpose: what is not agreed to is refused, and what is taken back ends at once."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network, Time
from veil.casework import clock, world
from veil.casework.cases import consents, entrusting, journey, stepping
from veil.casework.cases.models import Case, Consent, Person
from veil.casework.cases.opening import add_person, open_case
from veil.casework.hand import Hand
from veil.casework.keeping.models import Clock
from veil.casework.network.models import Compartment, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError

_YES = {"giver": "themselves"}


def _opened(network: Network, hand: Hand) -> tuple[Case, Person]:
    case = open_case(hand, None, [network.worker(Role.CASE_WORKER), network.worker(Role.COORDINATOR)])
    return case, Person.objects.get(case=case)


def _answer(hand: Hand, person: Person, purpose: str, given: bool = True, days: float | None = None) -> Consent:
    until = None if days is None else clock.now() + timedelta(days=days)
    return consents.answered(hand, person, consents.Answer(purpose, given, until, _YES))


def _allowed(whose: Case | Person, purpose: str) -> bool:
    try:
        consents.require(whose, purpose)
    except consents.NoConsent:
        return False
    return True


def test_every_answer_opens_its_own_purpose_only(network: Network, time_passes: Time) -> None:
    """Of all pairs of purposes, a yes to one never counts for the other; no, taken back and run out all mean no."""
    hand = network.hand(Role.CASE_WORKER)
    asked_only = set(consents.PURPOSES) - {consents.CASEWORK}
    with world.within(hand.store):
        for purpose, how in itertools.product(consents.PURPOSES, ("given", "refused", "withdrawn", "expired")):
            _case, person = _opened(network, hand)
            assert not any(_allowed(person, other) for other in asked_only)
            told = _answer(hand, person, purpose, how != "refused", days=1 if how == "expired" else None)
            if how == "withdrawn":
                consents.withdraw(hand, told)
            if how == "expired":
                time_passes.go(days=1, seconds=1)
            assert consents.state_of(person.id, purpose) == how
            for other in asked_only - {purpose}:
                assert not _allowed(person, other), (purpose, how, other)
            assert _allowed(person, purpose) == (how == "given")
            ended = purpose == consents.CASEWORK and how != "given"
            assert _allowed(person, consents.CASEWORK) != ended


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["yes", "no", "back"]), min_size=1, max_size=6))
def test_the_last_answer_counts_and_no_other_is_kept(network: Network, steps: list[str]) -> None:
    """However often somebody changes their mind, one row says what holds now."""
    hand = network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        _case, person = _opened(network, hand)
        for step in steps:
            row = Consent.objects.filter(owner=person.id, purpose=consents.LEGAL).first()
            if step != "back":
                _answer(hand, person, consents.LEGAL, step == "yes")
            elif row is not None:
                consents.withdraw(hand, row)
        assert (
            Consent.objects.filter(owner=person.id).count() == (0 if set(steps) == {"back"} else 1) or "back" in steps
        )
        assert _allowed(person, consents.LEGAL) == (steps[-1] == "yes")


def test_taking_back_casework_ends_the_work(network: Network) -> None:
    """From that moment the case has withdrawn, nothing new may be done, and its clock runs out in two weeks."""
    hand, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        case, person = _opened(network, hand)
        told = _answer(hand, person, consents.CASEWORK)
        stepping.step(hand, case.id, journey.SCREENING)
        consents.withdraw(hand, told)
        case.refresh_from_db()
        assert case.state == journey.WITHDREW
        assert Clock.objects.get(what=case.id).due <= clock.now() + timedelta(days=14)
        for whose in (case, person, case.id, person.id):
            with pytest.raises(consents.NoConsent):
                consents.require(whose, consents.CASEWORK)
        with pytest.raises(consents.NoConsent):
            stepping.step(chief, case.id, journey.SCREENING)
        _answer(hand, person, consents.CASEWORK)
        assert stepping.step(hand, case.id, journey.SCREENING).state == journey.SCREENING
        assert Clock.objects.get(what=case.id).thing == "case"


@pytest.mark.parametrize(
    ("kind", "role", "purpose", "act"),
    [
        (Kind.HEALTH, Role.CLINICIAN, consents.MEDICAL, "care"),
        (Kind.TESTIMONY, Role.LAWYER, consents.LEGAL, "testimony"),
    ],
)
def test_what_was_entrusted_ends_with_the_consent(
    network: Network, kind: Kind, role: Role, purpose: str, act: str
) -> None:
    """Only the one it was given to reads it, the case worker never; when it is taken back the key is gone, for all."""
    hand, keeper = network.hand(Role.CASE_WORKER), network.hand(role)
    with world.within(hand.store):
        _case, person = _opened(network, hand)
        with pytest.raises(consents.NoConsent):
            entrusting.entrust(hand, person, kind, network.worker(role), {"asked": act})
        told = _answer(hand, person, purpose)
        with pytest.raises(NotAllowed):
            entrusting.entrust(hand, person, kind, network.worker(Role.CASE_WORKER), {"asked": act})
        entrusting.entrust(hand, person, kind, network.worker(role), {"asked": act})
        assert keeper.read(person.id, person.id, kind).said == {"asked": act}
        with pytest.raises(NotAllowed):
            hand.read(person.id, person.id, kind)
        with pytest.raises(VeilError):
            entrusting.entrust(hand, person, kind, network.worker(role), {"asked": act})
        consents.withdraw(hand, told)
        assert not Compartment.objects.filter(owner=person.id, kind=kind).exists()
        assert not Wrap.objects.filter(holder_id=keeper.id).exists()
        with pytest.raises(NotAllowed):
            keeper.read(person.id, person.id, kind)


def test_publication_ends_the_press_officer_s_key_only(network: Network) -> None:
    """A testimony that may no longer be published stays with the lawyer, as long as that consent stands."""
    hand, lawyer, press = (network.hand(role) for role in (Role.CASE_WORKER, Role.LAWYER, Role.PRESS))
    with world.within(hand.store):
        _case, person = _opened(network, hand)
        _answer(hand, person, consents.LEGAL)
        told = _answer(hand, person, consents.PUBLICATION)
        entrusting.entrust(hand, person, Kind.TESTIMONY, network.worker(Role.LAWYER), {"asked": "a complaint"})
        lawyer.share(person.id, Kind.TESTIMONY, network.worker(Role.PRESS))
        entrusting.require_open(press, person.id, Kind.TESTIMONY)
        consents.withdraw(hand, told)
        with pytest.raises(VeilError):
            entrusting.require_open(press, person.id, Kind.TESTIMONY)
        with pytest.raises(NotAllowed):
            press.read(person.id, person.id, Kind.TESTIMONY)
        assert lawyer.read(person.id, person.id, Kind.TESTIMONY).said == {"asked": "a complaint"}


_ALONE = {consents.PARTNER, consents.PUBLICATION, consents.STATISTICS}  # nobody agrees to these over a child's no


def test_whose_yes_counts_for_a_child(network: Network) -> None:
    """A child is not spoken over where it cannot be undone, and does not answer alone before being able to."""
    hand = network.hand(Role.CASE_WORKER)
    givers, views = ("themselves", "parent", "guardian"), ("agrees", "against", "too young")
    with world.within(hand.store):
        case, _person = _opened(network, hand)
        for purpose, giver, view in itertools.product(consents.PURPOSES, givers, views):
            child = add_person(hand, case, "child", [network.worker(Role.CASE_WORKER)])
            answer = consents.Answer(purpose, True, None, {"giver": giver, "child_view": view})
            if (view == "against" and purpose in _ALONE) or (giver == "themselves" and view != "agrees"):
                with pytest.raises(VeilError):
                    consents.answered(hand, child, answer)
                assert consents.state_of(child.id, purpose) == ""
            else:
                consents.answered(hand, child, answer)
                consents.require(child, purpose)


def test_a_stranger_asks_and_takes_back_nothing(network: Network) -> None:
    """Without the person's key nobody writes down an answer of theirs, whatever their role."""
    hand, chief = network.hand(Role.CASE_WORKER), network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        case = open_case(hand, None, [network.worker(Role.CASE_WORKER)])
        person = Person.objects.get(case=case)
        told = _answer(hand, person, consents.MEDICAL)
        for stranger in (chief, network.hand(Role.OPERATOR)):
            with pytest.raises(NotAllowed):
                _answer(stranger, person, consents.MEDICAL, given=False)
            with pytest.raises(NotAllowed):
                consents.withdraw(stranger, told)
        assert consents.state_of(person.id, consents.MEDICAL) == consents.GIVEN
