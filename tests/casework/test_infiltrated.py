"""Somebody on the inside, or somebody who was forced, with this program's source: what they try is refused."""

import uuid
from datetime import timedelta

import pytest

from tests.networks import Network, Time, passphrase_of
from veil.casework import chosen, clock, policy, world
from veil.casework.cases.models import Person
from veil.casework.cases.opening import add_person, open_case
from veil.casework.custody import custodians, envelopes
from veil.casework.custody.models import Answer
from veil.casework.hand import Hand
from veil.casework.houses import shelter, stays
from veil.casework.keeping import backed_up
from veil.casework.keeping import due as keeping
from veil.casework.keeping.models import Backup, Clock
from veil.casework.network import brakes, coercion, opening, workers
from veil.casework.network.models import AuditEvent, World, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import answers, entry, intake
from veil.errors import VeilError
from veil.vault.guesses import TooSoon
from veil.vault.slots import WrongPassphrase

SECOND = "marble ferry lantern oyster quilt raven"


def _hands(network: Network, *roles: Role) -> list[Hand]:
    return [network.hand(role) for role in roles]


def _joined(chief: Hand, sign: str, role: Role) -> Hand:
    opening.join(chief, opening.Member(sign, passphrase_of(sign), role))
    return opening.unlock(sign, passphrase_of(sign))


def test_whoever_has_one_passphrase_is_not_let_guess_the_other(network: Network) -> None:
    """Not by setting a new one that might be the other, and not by unlocking with the known one in between."""
    hand = network.hand(Role.OPERATOR)
    with world.within(hand.store):
        coercion.set_decoy(hand, passphrase_of("Wren"), SECOND, Role.OPERATOR)

    def guess() -> None:
        for number in range(12):  # the waits grow faster than any machine is slow
            forced = opening.unlock("Wren", SECOND)
            with world.within(forced.store):
                opening.require_unused("Wren", f"a guess at the real passphrase {number}")

    with pytest.raises(TooSoon):
        guess()


def test_work_goes_only_to_those_whose_work_it_is(network: Network) -> None:
    """Handing over gives no case to an operator and no call to a case worker; the key of the public form stays too."""
    heron, wren, plover = _hands(network, Role.COORDINATOR, Role.OPERATOR, Role.CASE_WORKER)
    with world.within(heron.store):
        case = open_case(plover, None, [network.worker(Role.CASE_WORKER)])
        call = entry.enter(wren, {"happened": "somebody called"})
        intake.open_form(heron, publish=False)
        assert workers.hand_over(plover, plover.id, network.worker(Role.OPERATOR)).given == 0
        assert workers.hand_over(wren, wren.id, network.worker(Role.CASE_WORKER)).given == 0
        for owner, other in ((case.id, wren), (call.id, plover), (call.contact, plover), (intake.DESK, plover)):
            assert not other.holds(owner, Kind.FILE)
        with pytest.raises(policy.NotAllowed):
            heron.share(opening.NETWORK, Kind.FILE, network.worker(Role.CASE_WORKER))


def test_a_house_is_handed_over_with_the_rest_of_the_work(network: Network) -> None:
    """A host who leaves gives the house to another host, and no longer has its key."""
    heron, martin = _hands(network, Role.COORDINATOR, Role.HOST)
    with world.within(heron.store):
        house = shelter.make_house(heron, network.worker(Role.HOST), 2, {"address": "14 Invented Lane"})
        swift = _joined(heron, "Swift", Role.HOST)
        taker = type(network.worker(Role.HOST)).objects.get(id=swift.id)
        assert workers.hand_over(martin, martin.id, taker).given == 1
        assert swift.read(house.id, house.id, Kind.HOUSE).said["address"] == "14 Invented Lane"
        assert not martin.holds(house.id, Kind.HOUSE)


def test_a_lent_key_is_not_prolonged_by_its_borrower(network: Network) -> None:
    """Neither for longer nor for good, and it is not passed on in somebody's place."""
    heron, plover = _hands(network, Role.COORDINATOR, Role.CASE_WORKER)
    root = uuid.uuid4()
    with world.within(heron.store):
        heron.make(root, root, Kind.FILE, [network.worker(Role.COORDINATOR)], {"alias": "Lena"})
        until = clock.now() + timedelta(hours=1)
        heron.share(root, Kind.FILE, network.worker(Role.CASE_WORKER), until)
        for later in (None, until + timedelta(days=300)):
            with pytest.raises(policy.NotAllowed):
                plover.share(root, Kind.FILE, network.worker(Role.CASE_WORKER), later)
        with pytest.raises(policy.NotAllowed):
            plover.pass_on(root, Kind.FILE, network.worker(Role.CASE_WORKER), instead_of=heron.id)
        assert Wrap.objects.get(holder_id=plover.id, compartment__owner=root).until == until


def test_what_custodians_gave_does_not_outlive_the_asking(network: Network, time_passes: Time) -> None:
    """Lapsed or given back without being opened: the slips sealed to the asker are gone from the tables."""
    heron, plover = _hands(network, Role.COORDINATOR, Role.CASE_WORKER)
    three = (Role.LAWYER, Role.AUDITOR, Role.CLINICIAN)
    with world.within(heron.store):
        for role in three:
            custodians.name(heron, network.worker(role))
        case = open_case(plover, None, [network.worker(Role.CASE_WORKER)])
        person = Person.objects.get(case=case).id
        envelopes.seal_up(plover, person, {"legal_name": "Invented Person"})
        for lapse in (False, True):
            access = envelopes.ask(plover, person, "a ticket for Tuesday", 4)
            for role in three[:2]:
                envelopes.answer(network.hand(role), access.id, agree=True)
            assert Answer.objects.exclude(box=b"").count() == 2
            if not lapse:
                envelopes.close(plover, person)
                assert not Answer.objects.exclude(box=b"").exists()
    time_passes.go(days=4)
    network.hand(Role.AUDITOR)
    with world.within(heron.store):
        assert not Answer.objects.exclude(box=b"").exists()


def test_a_key_of_one_person_opens_no_way_to_anothers_envelope(network: Network) -> None:
    """Who holds a key in a case, but none of a relative's own, neither asks for that identity nor writes it."""
    plover, heron = _hands(network, Role.CASE_WORKER, Role.COORDINATOR)
    with world.within(plover.store):
        case = open_case(plover, None, [network.worker(Role.CASE_WORKER), network.worker(Role.COORDINATOR)])
        relative = add_person(plover, case, "relative at risk", [network.worker(Role.CASE_WORKER)])
        assert envelopes.root_of(plover, relative.id) == case.id
        with pytest.raises(policy.NotAllowed):
            envelopes.root_of(heron, relative.id)


def test_a_host_is_not_told_of_which_case_the_guests_are(network: Network) -> None:
    """Neither the board nor the page of what will be destroyed names a case to whoever only hosts its people."""
    heron, martin = _hands(network, Role.COORDINATOR, Role.HOST)
    with world.within(heron.store):
        case = open_case(heron, None, [network.worker(Role.COORDINATOR)])
        house = shelter.make_house(heron, network.worker(Role.HOST), 2, {})
        stays.place(heron, case.id, house.id, 1)
        Clock.objects.filter(what=case.id).update(due=clock.now() + timedelta(days=1))
        assert case.code in [one.code for one in keeping.due(heron, clock.now())]
        assert keeping.due(martin, clock.now()) == []
        with pytest.raises(Exception, match="not open to you"):
            keeping.clock_of(martin, case.id)


def test_a_coordinator_whom_nobody_agreed_to_gets_nothing(network: Network) -> None:
    """No act of a coordinator, no key of a call or a house that comes in meanwhile; after the second yes, all of it."""
    heron, wren = _hands(network, Role.COORDINATOR, Role.OPERATOR)
    with world.within(heron.store):
        stork, words = workers.add(heron, "Stork", Role.COORDINATOR)
        second = opening.unlock("Stork", words)
        crane, words = workers.add(heron, "Crane", Role.COORDINATOR)
        third = opening.unlock("Crane", words)
        call = entry.enter(wren, {"happened": "somebody called"})
        house = shelter.make_house(heron, network.worker(Role.HOST), 2, {})
        for owner in (call.id, house.id):
            assert second.holds(owner, Kind.FILE)
            assert not third.holds(owner, Kind.FILE)
        case = open_case(heron, None, [network.worker(Role.COORDINATOR)])
        assert third.id not in {worker.id for worker in answers.case_workers()}
        with pytest.raises(policy.NotAllowed):  # nor by whoever does not know what they are
            heron.share(case.id, Kind.FILE, crane)
        with pytest.raises(policy.NotAllowed):
            open_case(heron, None, [network.worker(Role.COORDINATOR), crane])
        with pytest.raises(VeilError, match="has not agreed"):
            workers.hand_over(heron, heron.id, crane)
        for act in ("request.accept", "board.see", "worker.list", "record.purge", "custodian.name"):
            assert second.may(act)
            assert not third.may(act)
            with pytest.raises(policy.NotAllowed):
                third.require(act)
        assert third.may("own.change")
        workers.confirm(second, third.id)
        assert third.may("request.accept")
        heron.share(case.id, Kind.FILE, crane)
        assert stork.id == second.id


def test_a_page_counts_however_it_is_asked_for(network: Network) -> None:
    """A refused form that comes back with words counts as opened; pages are asked for in the usual ways only."""
    wren = network.hand(Role.OPERATOR)
    with world.within(wren.store):
        calls = [entry.enter(wren, {"happened": f"call {number}"}).id for number in range(3)]
        here = World.objects.get()
        here.settings = here.settings | {"open": {"hour": 2, "day": 9}}
        here.save()
    browser = network.browser(Role.OPERATOR)
    assert browser.options(f"/requests/{calls[0]}").status_code == 403
    assert browser.put(f"/requests/{calls[0]}").status_code == 403
    wrong = {"call": "no such kind"}
    told = [browser.post(f"/requests/{one}/note", wrong).content.decode() for one in calls]
    assert [f"call {number}" in told[number] for number in range(3)] == [True, True, False]


def test_nobody_loosens_the_brakes_alone(network: Network) -> None:
    """Higher limits, and no second look, hold when a second coordinator chose the same; stricter ones at once."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        _stork, words = workers.add(heron, "Stork", Role.COORDINATOR)
        second, now = opening.unlock("Stork", words), chosen.numbers()
        assert chosen.choose(heron, now | {"open-hour": 40}, "UTC")
        now = chosen.numbers()
        loose = now | {"open-hour": 400, "second_look": 0}
        for _again in range(2):
            assert not chosen.choose(heron, loose, "UTC")
            assert chosen.numbers() == now
        assert not chosen.choose(second, loose | {"open-hour": 401}, "UTC")
        assert chosen.choose(heron, loose | {"open-hour": 401}, "UTC")
        assert chosen.number_of("open-hour") == 401
        assert chosen.number_of("second_look") == 0


def test_a_backup_that_is_found_is_known_in_both_worlds(network: Network, time_passes: Time) -> None:
    """Whoever is shown the invented network finds there the backups that lie about."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        backed_up.note(network.folder / "copy", network.folder / "copy" / "noise", clock.now())
        coercion.set_decoy(heron, passphrase_of("Heron"), SECOND, Role.COORDINATOR)
        time_passes.go(days=2)
        coercion.keep_alive(heron)
    forced = opening.unlock("Heron", SECOND)
    with world.within(forced.store):
        assert Backup.objects.count() == 1


def test_nobody_lifts_their_own_limit_while_another_could(network: Network) -> None:
    """A coordinator who reached it asks the second one; alone, they may, and every lifting is in the audit."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        here = World.objects.get()
        World.objects.update(settings=here.settings | {"open": {"hour": 5, "day": 10}})
        for _number in range(5):
            brakes.note(heron, uuid.uuid4())
        with pytest.raises(brakes.TooMany):
            brakes.check(heron, uuid.uuid4())
        brakes.lift(heron, heron.id)
        brakes.check(heron, uuid.uuid4())
        workers.add(heron, "Stork", Role.COORDINATOR)
        with pytest.raises(VeilError, match="their own"):
            brakes.lift(heron, heron.id)
        assert AuditEvent.objects.filter(act="limit lifted").count() == 1


def test_a_slot_of_somebody_revoked_opens_nothing(network: Network) -> None:
    """Also where their place in the slots file came back, as with a copy of it from before: the same words as ever."""
    heron, _wren = _hands(network, Role.COORDINATOR, Role.OPERATOR)
    before = (network.folder / "slots").read_bytes()
    with world.within(heron.store):
        workers.revoke(heron, network.worker(Role.OPERATOR).id, even_if_lost=True)
    (network.folder / "slots").write_bytes(before)
    with pytest.raises(WrongPassphrase):
        opening.unlock("Wren", passphrase_of("Wren"))
