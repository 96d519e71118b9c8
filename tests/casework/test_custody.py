"""Custody: an identity opens with two of three, for hours, and with fewer than two never."""

import uuid

import pytest

from tests.networks import Network, Time
from veil.casework import hand as hands
from veil.casework import policy, world
from veil.casework.cases.models import Person
from veil.casework.cases.opening import open_case
from veil.casework.custody import custodians, envelopes
from veil.casework.custody.models import Access, Answer, Change, Slip
from veil.casework.hand import Hand
from veil.casework.network import exposure, workers
from veil.casework.network.models import Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import seal, slips

THREE = (Role.LAWYER, Role.AUDITOR, Role.CLINICIAN)
SAID = {"legal_name": "Invented Person"}


def _sealed(network: Network, three: tuple[Role, ...] = THREE) -> tuple[dict[Role, Hand], uuid.UUID]:
    """Name custodians, open a case that a case worker holds, and let them seal its person's identity."""
    found = {role: network.hand(role) for role in Role}
    for role in three:
        custodians.name(found[Role.COORDINATOR], network.worker(role))
    worker = found[Role.CASE_WORKER]
    case = open_case(worker, None, [network.worker(Role.CASE_WORKER), network.worker(Role.COORDINATOR)])
    person = uuid.UUID(str(Person.objects.get(case=case).id))
    envelopes.seal_up(worker, person, SAID)
    return found, person


def test_two_of_three_open_it_for_hours_and_then_it_is_shut(network: Network, time_passes: Time) -> None:
    """The writer cannot read what they sealed; with two agreements the asker can, until the hours are past."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        asker = all_[Role.CASE_WORKER]
        with pytest.raises(policy.NotAllowed):
            envelopes.read(asker, person)
        access = envelopes.ask(asker, person, "a ticket for Tuesday", 4)
        assert envelopes.motive_of(all_[Role.LAWYER], envelopes.waiting(all_[Role.LAWYER])[0]) == "a ticket for Tuesday"
        envelopes.answer(all_[Role.LAWYER], access.id, agree=True)
        with pytest.raises(VeilError, match="two custodians"):
            envelopes.open_(asker, access.id)
        envelopes.answer(all_[Role.AUDITOR], access.id, agree=True)
        envelopes.open_(asker, access.id)
        assert envelopes.read(asker, person).said == SAID
        with pytest.raises(policy.NotAllowed):
            asker.share(person, Kind.IDENTITY, network.worker(Role.COORDINATOR))
        time_passes.go(hours=5)
        with pytest.raises(policy.NotAllowed):
            envelopes.read(asker, person)
        hands.expire()
        assert not Wrap.objects.filter(compartment__owner=person, compartment__kind=Kind.IDENTITY).exists()


def test_a_custodian_who_asks_needs_two_others_by_the_keys_too(network: Network) -> None:
    """With one other's agreement, a custodian's own slip and all that was sealed to them do not open the envelope."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network, (Role.CASE_WORKER, Role.AUDITOR, Role.LAWYER))
        asker = all_[Role.CASE_WORKER]
        access = envelopes.ask(asker, person, "a visa", 4)
        envelopes.answer(all_[Role.AUDITOR], access.id, agree=True)
        assert not _by_force(asker, person)
        assert not _by_force(all_[Role.LAWYER], person)
        envelopes.answer(all_[Role.LAWYER], access.id, agree=True)
        envelopes.open_(asker, access.id)
        assert envelopes.read(asker, person).said == SAID


def _by_force(one: Hand, person: uuid.UUID) -> bool:
    """Open with one worker's secret whatever can be opened, and try to join any two of what came out."""
    boxes = [bytes(row.box) for row in Slip.objects.filter(envelope=person)]
    for answer in Answer.objects.filter(access__envelope=person):
        boxes += [bytes(answer.box), bytes(answer.relay)]
    found = []
    for box in boxes:
        try:
            found.append(slips.unpack(one.unseal(box)))
        except VeilError:
            continue
    for first in found:
        for second in found:
            try:
                slips.join([first, second])
            except VeilError:
                continue
            return True
    return False


@pytest.mark.parametrize("role", Role)
def test_nobody_alone_opens_an_envelope_with_every_byte_of_theirs(network: Network, role: Role) -> None:
    """Each worker's own secret on every slip, wrap and answer of the vault yields no key."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        assert not _by_force(all_[role], person)
        assert exposure.of(all_[role].id).keys.get(Kind.IDENTITY, 0) == 0
        for box in Wrap.objects.filter(compartment__owner=person, compartment__kind=Kind.IDENTITY):
            with pytest.raises(seal.Damaged):
                all_[role].unseal(bytes(box.box))


def test_two_refusals_end_it(network: Network) -> None:
    """When two can no longer agree, the asking is refused, and nothing can be opened by it."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        access = envelopes.ask(all_[Role.CASE_WORKER], person, "a visa", 4)
        envelopes.answer(all_[Role.AUDITOR], access.id, agree=False)
        envelopes.answer(all_[Role.LAWYER], access.id, agree=False)
        assert Access.objects.get(id=access.id).state == "refused"
        with pytest.raises(VeilError):
            envelopes.answer(all_[Role.CLINICIAN], access.id, agree=True)


def test_a_missing_custodian_is_replaced_by_the_other_two(network: Network) -> None:
    """With one gone the two others split anew; the new one counts then, and the old slips are destroyed."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        chief = all_[Role.COORDINATOR]
        workers.revoke(chief, all_[Role.CLINICIAN].id)
        change = custodians.begin_change(chief, network.worker(Role.PRESS))
        assert not custodians.agree_to_change(all_[Role.LAWYER], change.id)
        with pytest.raises(VeilError, match="agreed already"):
            custodians.agree_to_change(all_[Role.LAWYER], change.id)
        assert custodians.agree_to_change(all_[Role.AUDITOR], change.id)
        assert not Change.objects.exists()
        access = envelopes.ask(all_[Role.CASE_WORKER], person, "a visa", 4)
        envelopes.answer(all_[Role.PRESS], access.id, agree=True)
        envelopes.answer(all_[Role.LAWYER], access.id, agree=True)
        envelopes.open_(all_[Role.CASE_WORKER], access.id)
        assert envelopes.read(all_[Role.CASE_WORKER], person).said == SAID


def test_with_two_custodians_gone_it_is_said_that_nobody_can_open_it(network: Network) -> None:
    """Asking, and naming new ones, are refused with the plain truth."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        chief = all_[Role.COORDINATOR]
        for role in (Role.CLINICIAN, Role.LAWYER):
            workers.revoke(chief, all_[role].id)
        with pytest.raises(custodians.TooFew, match="nobody can open"):
            envelopes.ask(all_[Role.CASE_WORKER], person, "a visa", 4)
        with pytest.raises(custodians.TooFew):
            custodians.begin_change(chief, network.worker(Role.PRESS))


def test_who_has_no_key_of_the_case_cannot_even_ask(network: Network) -> None:
    """An envelope is reached through the case's keys only."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        with pytest.raises(policy.NotAllowed):
            envelopes.ask(all_[Role.LAWYER], person, "curious", 4)


def test_whoever_was_revoked_does_not_become_a_custodian(network: Network) -> None:
    """A change is void when the one who was to come is revoked before the second custodian has agreed."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, _person = _sealed(network)
        chief = all_[Role.COORDINATOR]
        change = custodians.begin_change(chief, network.worker(Role.PRESS), all_[Role.CLINICIAN].id)
        custodians.agree_to_change(all_[Role.LAWYER], change.id)
        workers.revoke(chief, all_[Role.PRESS].id)
        with pytest.raises(policy.NotAllowed):
            custodians.agree_to_change(all_[Role.AUDITOR], change.id)
        assert {one.id for one in custodians.custodians()} == {all_[role].id for role in THREE}


def test_an_envelope_that_comes_during_a_change_is_split_anew_like_the_others(network: Network) -> None:
    """Sealed after the first agreement: both are asked again, and the one who leaves keeps no slip of it."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, first = _sealed(network)
        change = custodians.begin_change(all_[Role.COORDINATOR], network.worker(Role.PRESS), all_[Role.CLINICIAN].id)
        custodians.agree_to_change(all_[Role.LAWYER], change.id)
        worker = all_[Role.CASE_WORKER]
        case = open_case(worker, None, [network.worker(Role.CASE_WORKER)])
        second = uuid.UUID(str(Person.objects.get(case=case).id))
        envelopes.seal_up(worker, second, SAID)
        assert not custodians.agree_to_change(all_[Role.AUDITOR], change.id)
        assert custodians.agree_to_change(all_[Role.LAWYER], change.id)
        three = {all_[role].id for role in (Role.LAWYER, Role.AUDITOR, Role.PRESS)}
        for person in (first, second):
            assert set(Slip.objects.filter(envelope=person).values_list("custodian", flat=True)) == three


def test_slips_that_were_passed_on_do_not_lie_about(network: Network, time_passes: Time) -> None:
    """While only one has agreed to a change, the other holds two slips: after three days they are destroyed."""
    with world.within(network.hand(Role.COORDINATOR).store):
        all_, person = _sealed(network)
        change = custodians.begin_change(all_[Role.COORDINATOR], network.worker(Role.PRESS), all_[Role.CLINICIAN].id)
        time_passes.go(days=5)
        custodians.agree_to_change(all_[Role.LAWYER], change.id)
        time_passes.go(days=2)
        network.hand(Role.HOST)
        assert change.passed.filter(envelope=person).exists()
        time_passes.go(days=1)
        network.hand(Role.HOST)
        assert not change.passed.exists()
        assert not custodians.agree_to_change(all_[Role.AUDITOR], change.id)
