"""Reading and writing through a worker's keys."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from tests.networks import Network, Time
from veil.casework import clock, hand, policy, world
from veil.casework.keeping import lasting
from veil.casework.network import audit, desks
from veil.casework.network.last_key import LastKey
from veil.casework.network.models import AuditEvent, Wrap
from veil.casework.network.opening import unlock
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import entry
from veil.casework.requests.models import Request
from veil.vault.slots import WrongPassphrase


def test_what_one_seals_another_cannot_read_until_the_key_is_shared(network: Network) -> None:
    """A record opens for its holders only; a shared key opens it, and a key that was withdrawn does not."""
    root = uuid.uuid4()
    chief, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    with world.within(chief.store):
        chief.make(root, root, Kind.FILE, [network.worker(Role.COORDINATOR)])
        chief.write(root, root, Kind.FILE, {"alias": "Lena"})
        with pytest.raises(policy.NotAllowed):
            worker.read(root, root, Kind.FILE)
        chief.share(root, Kind.FILE, network.worker(Role.CASE_WORKER))
        assert worker.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        chief.withdraw(root, Kind.FILE, worker.id)
        with pytest.raises(policy.NotAllowed):
            worker.read(root, root, Kind.FILE)


def test_no_role_gets_a_key_that_is_not_for_it(network: Network) -> None:
    """Even a coordinator who holds a key cannot seal it to somebody whose role may not hold that kind."""
    root = uuid.uuid4()
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        chief.make(root, root, Kind.MOVEMENT, [network.worker(Role.COORDINATOR)])
        with pytest.raises(policy.NotAllowed):
            chief.share(root, Kind.MOVEMENT, network.worker(Role.PRESS))
        assert Wrap.objects.filter(compartment__root=root).count() == 1


def test_two_who_write_at_once_do_not_overwrite_each_other(network: Network) -> None:
    """Saving over a version that was not read is refused, and the first one's words stay."""
    root = uuid.uuid4()
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        chief.make(root, root, Kind.FILE, [network.worker(Role.COORDINATOR)])
        chief.write(root, root, Kind.FILE, {"alias": "Lena"}, version=0)
        chief.write(root, root, Kind.FILE, {"alias": "Rita"}, version=1)
        with pytest.raises(hand.Changed):
            chief.write(root, root, Kind.FILE, {"alias": "Ada"}, version=1)
        assert chief.read(root, root, Kind.FILE) == hand.Words({"alias": "Rita"}, 2)


def test_the_audit_notices_every_change(network: Network) -> None:
    """An event that was altered, or taken out of the middle, breaks the chain."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        assert audit.verify() > 3
        AuditEvent.objects.filter(id=2).update(act="something else")
        with pytest.raises(audit.Broken):
            audit.verify()


def test_the_clock_never_goes_back(network: Network, time_passes: Time) -> None:
    """A machine whose clock was set back keeps the latest time that was seen, and says by how much it is behind."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        before = clock.note()
        time_passes.go(days=-2)
        assert clock.now() == before
        behind = clock.set_back()
        assert behind is not None
        assert behind.days >= 1


@pytest.mark.usefixtures("network")
def test_a_wrong_passphrase_opens_nothing() -> None:
    """The right call sign with another's passphrase is refused in the same words as one that nobody has."""
    for sign in ("Heron", "Nobody"):
        with pytest.raises(WrongPassphrase):
            unlock(sign, "wren sings at four in the morning")


def test_a_full_vault_says_so(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """When every place in the noise is taken, no key is made, and it is told; nobody waits for ever."""
    monkeypatch.setattr(lasting, "place_of", lambda *_: 0)
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        chief.make(uuid.uuid4(), uuid.uuid4(), Kind.FILE, [network.worker(Role.COORDINATOR)])
        with pytest.raises(lasting.Full):
            chief.make(uuid.uuid4(), uuid.uuid4(), Kind.FILE, [network.worker(Role.COORDINATOR)])


def test_a_lent_key_does_not_count_as_anothers(network: Network) -> None:
    """The last one who holds a key for good keeps it, also while it is lent to somebody: it ends by itself there."""
    root = uuid.uuid4()
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        chief.make(root, root, Kind.FILE, [network.worker(Role.COORDINATOR)], {"alias": "Lena"})
        chief.share(root, Kind.FILE, network.worker(Role.CASE_WORKER), clock.now() + timedelta(hours=1))
        with pytest.raises(LastKey):
            chief.withdraw(root, Kind.FILE, chief.id)
        assert chief.read(root, root, Kind.FILE).said == {"alias": "Lena"}


def test_two_who_change_one_record_at_once_lose_nothing(network: Network) -> None:
    """Notes of one call, and workers who join, from several threads at one moment: each is there, in one chain."""
    operator, chief = network.hand(Role.OPERATOR), network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        call = entry.enter(operator, {"happened": "somebody called"}).id

    def at_once(number: int) -> None:
        try:
            with world.within(chief.store):
                entry.add_note(chief if number % 2 else operator, call, {"call": "missed"}, None)
                desks.give(chief, network.worker(list(Role)[number]))
        finally:
            connections[chief.store].close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(at_once, range(6)))
    with world.within(chief.store):
        assert Request.objects.get(id=call).missed == 6
        assert audit.verify() == AuditEvent.objects.count()


def test_a_key_that_is_not_this_ones_is_not_borrowed(network: Network) -> None:
    """What others gave back together and does not open the words is refused, and nothing is lent."""
    chief, owner = network.hand(Role.COORDINATOR), uuid.uuid4()
    with world.within(chief.store):
        key = chief.put_away(owner, owner, Kind.IDENTITY, {"legal_name": "Invented Person"})
        until = clock.now() + timedelta(hours=1)
        with pytest.raises(lasting.Damaged):
            chief.borrow(owner, Kind.IDENTITY, lasting.new_key(), until)
        assert not chief.holds(owner, Kind.IDENTITY)
        chief.borrow(owner, Kind.IDENTITY, key, until)
        assert chief.read(owner, owner, Kind.IDENTITY).said == {"legal_name": "Invented Person"}


def test_nobody_who_has_left_gets_a_key(network: Network) -> None:
    """Neither shared nor made, whatever list a page was drawn from a moment before."""
    chief, root = network.hand(Role.COORDINATOR), uuid.uuid4()
    with world.within(chief.store):
        me, left = network.worker(Role.COORDINATOR), network.worker(Role.CASE_WORKER)
        chief.make(root, root, Kind.FILE, [me])
        left.ended = clock.now()
        left.save()
        with pytest.raises(policy.NotAllowed):
            chief.share(root, Kind.FILE, left)
        with pytest.raises(policy.NotAllowed):
            chief.make(root, uuid.uuid4(), Kind.FILE, [me, left])
