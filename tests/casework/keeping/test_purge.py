"""What is purged is gone: from every table, from the noise, and from the clocks."""

import secrets
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network, Time
from veil.casework import clock, policy, world
from veil.casework.hand import Hand
from veil.casework.keeping import clocks, due, lasting, purge
from veil.casework.keeping.models import Clock, SealedFile
from veil.casework.keeping.verify import verify
from veil.casework.network.models import AuditEvent, Compartment, Sealed, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.vault import stores
from veil.vault.noise import proof


def planted(hand: Hand, words: str = "Lena") -> uuid.UUID:
    """Return a root with words of its own, words of one person in it, a file and a clock."""
    root, person = uuid.uuid4(), uuid.uuid4()
    me = Worker.objects.get(id=hand.id)
    for owner in (root, person):
        compartment = hand.make(root, owner, Kind.FILE, [me])
        hand.write(owner, owner, Kind.FILE, {"alias": words})
        SealedFile.objects.create(root=root, compartment=compartment, since=clock.now())
    clocks.start(root, root, "case")
    return root


def mentions(ids: set[uuid.UUID]) -> Iterator[tuple[str, str]]:
    """Yield every table and column in which one of these ids stands."""
    for model in apps.get_app_config("casework").get_models():
        for field in model._meta.fields if model is not AuditEvent else ():
            named = isinstance(field, models.UUIDField) or field.is_relation
            if named and model._default_manager.filter(**{f"{field.name}__in": ids}).exists():
                yield model.__name__, field.name


def test_a_purged_root_stands_in_no_table(network: Network) -> None:
    """No row of any table but the audit names the root, its persons or its compartments; the others stay whole."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root, other = planted(hand), planted(hand)
        ids = {root, *Compartment.objects.filter(root=root).values_list("id", flat=True)}
        ids |= set(Compartment.objects.filter(root=root).values_list("owner", flat=True))
        assert len(set(mentions(ids))) > 5
        before = (Compartment.objects.count(), Sealed.objects.count(), Wrap.objects.count())
        purge.purge(hand, root)
        assert list(mentions(ids)) == []
        assert (Compartment.objects.count(), Sealed.objects.count(), Wrap.objects.count()) == tuple(
            count - 2 for count in before
        )
        assert hand.read(other, other, Kind.FILE).said == {"alias": "Lena"}
        assert AuditEvent.objects.filter(act="purged", what=root).count() == 1


def test_the_noise_of_what_is_purged_is_overwritten(network: Network) -> None:
    """After the transaction the places of the purged compartments hold other bytes, and all others the same."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        planted(hand)
        dead = set(Compartment.objects.filter(root=root).values_list("place", flat=True))
    before = lasting.the_noise().all()
    with world.within(hand.store):
        purge.purge(hand, root)
    after = lasting.the_noise().all()
    assert {place for place, told in enumerate(before) if after[place] != told} == dead


def test_what_is_purged_in_a_request_that_fails_is_still_there(network: Network) -> None:
    """A purge that is undone with its transaction destroyed nothing outside the database either."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    before = lasting.the_noise().all()
    with pytest.raises(KeyError):
        _purged_and_failed(hand, root)
    assert lasting.the_noise().all() == before
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}


def test_one_person_goes_and_the_case_stays(network: Network) -> None:
    """Destroying an owner takes their words, keys and files, and leaves those of the rest of the case."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        person = Compartment.objects.filter(root=root).exclude(owner=root).get().owner
        purge.destroy(hand, [person])
        assert list(mentions({person})) == []
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        assert SealedFile.objects.filter(root=root).count() == 1


def test_files_go_too(network: Network) -> None:
    """The sealed files of a purged root are removed from the disk, and no others."""
    hand = network.hand(Role.COORDINATOR)
    folder = stores.folder() / "files"
    nobodys = {path.name for path in folder.iterdir()}
    assert nobodys
    with world.within(hand.store):
        root, other = planted(hand), planted(hand)
        for row in SealedFile.objects.all():
            (folder / row.id.hex).write_bytes(b"sealed")
        kept = {row.id.hex for row in SealedFile.objects.filter(root=other)}
        purge.purge(hand, root)
    assert {path.name for path in folder.iterdir()} == kept | nobodys


def test_the_networks_own_keys_are_not_purged(network: Network) -> None:
    """The ids that belong to the network itself are refused."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store), pytest.raises(ValueError, match="own keys"):
        purge.purge(hand, uuid.UUID(int=1))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(clocks.DAYS)), st.integers(-40, 400)), max_size=6), st.booleans())
def test_what_is_due_is_purged_and_nothing_else_is(
    network: Network, told: list[tuple[str, int]], noticed: bool
) -> None:
    """Whatever the clocks: each that is past and was announced a day ago takes its thing with it; all others stay."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        now = clock.now()
        made: dict[uuid.UUID, bool] = {}
        for thing, days in told:
            root = planted(hand)
            past = days < 0
            due_at = now + timedelta(days=days, hours=1)
            warned = now - due.NOTICE if noticed else None
            Clock.objects.filter(what=root).update(thing=thing, due=due_at, warned=warned)
            made[root] = past and noticed
        assert due.purge_due(hand) == sum(made.values())
        left = set(Compartment.objects.values_list("root", flat=True))
        assert {root for root in made if root not in left} == {root for root, gone in made.items() if gone}
        for root in made:
            if root in left:
                purge.purge(hand, root)


def test_a_clock_that_jumped_ahead_destroys_nothing_for_a_day(network: Network, time_passes: Time) -> None:
    """Ten years ahead at once: the first unlocking only announces, and one a day later destroys."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    time_passes.go(days=3650)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        assert [line.what for line in due.due(hand, clock.now())] == [root]
    time_passes.go(days=1, minutes=1)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert list(mentions({root})) == []


def test_only_a_coordinator_renews(network: Network, time_passes: Time) -> None:
    """A case worker who holds the key sees what comes, and cannot put it off; a coordinator can."""
    hand, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        root = planted(hand)
        hand.share(root, Kind.FILE, network.worker(Role.CASE_WORKER))
        time_passes.go(days=360)
        assert [line.what for line in due.due(worker, clock.now())] == [root]
        with pytest.raises(policy.NotAllowed):
            due.renew(worker, root)
        due.renew(hand, root)
        assert due.due(worker, clock.now()) == []
        assert due.due(network.hand(Role.HOST), clock.now()) == []


def test_a_crash_before_the_noise_was_overwritten_is_made_good(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the power's going kept from being overwritten and removed is so at the next unlocking."""
    hand = network.hand(Role.COORDINATOR)
    with monkeypatch.context() as patch:
        patch.setattr(purge, "finish", _nothing)
        with world.within(hand.store):
            root = planted(hand)
            places = list(Compartment.objects.filter(root=root).values_list("place", flat=True))
        before = lasting.the_noise().all()
        with world.within(hand.store):
            purge.purge(hand, root)
    assert lasting.the_noise().all() == before
    network.hand(Role.OPERATOR)
    after = lasting.the_noise().all()
    assert all(proof(after[place]) != proof(before[place]) for place in places)


def _nothing(*_: Any) -> None:
    """Do nothing."""


def _purged_and_failed(hand: Hand, root: uuid.UUID) -> None:
    with world.within(hand.store):
        purge.purge(hand, root)
        raise KeyError


def test_what_was_kept_on_is_announced_again_before_it_goes(network: Network, time_passes: Time) -> None:
    """An older notice does not count: after months in a drawer nothing of it is gone at the first opening."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        time_passes.go(days=360)
        due.purge_due(hand)
        clocks.start(root, root, "case")
        time_passes.go(days=400)
        assert due.purge_due(hand) == 0
        time_passes.go(days=1, minutes=1)
        assert due.purge_due(hand) == 1


def test_what_is_made_while_something_is_destroyed_does_not_go_with_it(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that is to be overwritten at the end of this transaction is nobody else's before."""
    hand = network.hand(Role.COORDINATOR)
    root = uuid.uuid4()
    with world.within(hand.store):
        me = [network.worker(Role.COORDINATOR)]
        before = hand.make(root, root, Kind.FILE, me, {"alias": "Lena"})
        drawn = [before.id.bytes]
        chance = secrets.token_bytes
        monkeypatch.setattr(secrets, "token_bytes", lambda size: drawn.pop() if drawn else chance(size))
        purge.destroy_kinds(hand, root, [Kind.FILE])
        after = hand.make(root, root, Kind.FILE, me, {"alias": "Rita"})
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Rita"}
        assert after.place != before.place


def test_a_key_whose_time_is_over_is_no_damage(network: Network, time_passes: Time) -> None:
    """Verifying in a long session says nothing of what was lent and has ended meanwhile."""
    heron, worker = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    root = uuid.uuid4()
    with world.within(heron.store):
        worker.make(root, root, Kind.FILE, [network.worker(Role.CASE_WORKER)], {"alias": "Lena"})
        worker.share(root, Kind.FILE, network.worker(Role.COORDINATOR), clock.now() + timedelta(hours=1))
        time_passes.go(hours=2)
        assert verify(heron).problems == ()
