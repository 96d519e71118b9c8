"""Who can read what, for any sequence of acts, is exactly what a simple model says; also past all of our own code."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.networks import Network, Time
from veil.casework import clock, hand, policy, world
from veil.casework.hand import Hand
from veil.casework.keeping import lasting as seal
from veil.casework.network import exposure, workers
from veil.casework.network.last_key import LastKey
from veil.casework.network.models import Compartment, Sealed, Wrap
from veil.casework.network.roles import Kind, Role
from veil.vault.slots import Slots

KINDS = (Kind.FILE, Kind.MOVEMENT)
WHO = (Role.COORDINATOR, Role.CASE_WORKER, Role.OPERATOR)
ROOTS = tuple(uuid.UUID(int=100 + number) for number in range(1))
Model = dict[tuple[uuid.UUID, Kind], dict[Role, float | None]]  # who holds, until which hour

who, root, kind = st.sampled_from(WHO), st.sampled_from(ROOTS), st.sampled_from(KINDS)
acts = st.one_of(
    st.tuples(st.just("make"), who, root, kind, who),
    st.tuples(st.just("share"), who, root, kind, who),
    st.tuples(st.just("lend"), who, root, kind, who),
    st.tuples(st.just("withdraw"), who, root, kind, who),
    st.tuples(st.just("hand over"), who, root, kind, who),
    st.tuples(st.just("expire"), who, root, kind, who),
    st.tuples(st.just("wait"), who, root, kind, who),
    st.tuples(st.just("revoke"), who, root, kind, who),
)


class Undo(Exception):
    """Ends a trial: the vault is as it was."""


@contextmanager
def undone(store: str) -> Iterator[None]:
    """Work in a store and keep nothing of it."""
    try:
        with world.within(store):
            yield
            raise Undo
    except Undo:
        pass


@contextmanager
def whole() -> Iterator[None]:
    """Do one act whole or, where it is refused, not at all."""
    with transaction.atomic(using=world.here()):
        yield


def _live(model: Model, role: Role, key: tuple[uuid.UUID, Kind], hour: float) -> bool:
    until = model.get(key, {}).get(role, -1.0)
    return until is None or until > hour


def _for_good(model: Model, key: tuple[uuid.UUID, Kind], but: Role) -> bool:
    return any(until is None for role, until in model[key].items() if role != but)


class Trial:
    """The vault and the model side by side."""

    def __init__(self, network: Network, hands: dict[Role, Hand], time: Time) -> None:
        self.network, self.hands, self.time = network, hands, time
        self.model: Model = {}
        self.gone: set[Role] = set()
        self.hour = 0.0

    def do(self, act: str, one: Role, key: tuple[uuid.UUID, Kind], other: Role) -> None:
        """Do one act in both; what the model allows must succeed, what it denies must be refused."""
        if act in {"expire", "wait"}:
            self.time.go(hours=2)
            self.hour += 2
            if act == "expire":
                hand.expire()
            return
        if one in self.gone:
            return
        allowed = getattr(self, "_" + act.replace(" ", "_"))
        allowed(one, key, other)

    def _make(self, one: Role, key: tuple[uuid.UUID, Kind], other: Role) -> None:
        if key in self.model:
            return
        ok = other not in self.gone and policy.may_hold(other, key[1])
        with self._expected(ok), whole():
            self.hands[one].make(key[0], key[0], key[1], [self.network.worker(other)])
            self.model[key] = {other: None}
            self.hands[other].write(key[0], key[0], key[1], {"said": str(key)})

    def _share(self, one: Role, key: tuple[uuid.UUID, Kind], other: Role, hours: float | None = None) -> None:
        if key not in self.model or one == other:
            return
        holds = _live(self.model, one, key, self.hour) and self.model[key][one] is None
        ok = holds and other not in self.gone and policy.may_hold(other, key[1])
        until = None if hours is None else clock.now() + timedelta(hours=hours)
        with self._expected(ok), whole():
            self.hands[one].share(key[0], key[1], self.network.worker(other), until)
            if hours is None or self.model[key].get(other, 0.0) is not None:
                self.model[key][other] = None if hours is None else self.hour + hours

    def _lend(self, one: Role, key: tuple[uuid.UUID, Kind], other: Role) -> None:
        self._share(one, key, other, hours=1)

    def _withdraw(self, one: Role, key: tuple[uuid.UUID, Kind], other: Role) -> None:
        if key not in self.model:
            return
        ok = _live(self.model, one, key, self.hour) and _for_good(self.model, key, but=other)
        with self._expected(ok, LastKey), whole():
            self.hands[one].withdraw(key[0], key[1], self.hands[other].id)
            self.model[key].pop(other, None)

    def _hand_over(self, one: Role, key: tuple[uuid.UUID, Kind], other: Role) -> None:
        if one == other or other in self.gone:
            return
        with whole():
            workers.hand_over(self.hands[one], self.hands[one].id, self.network.worker(other), [key[0]])
        for (owner, kind_), holders in self.model.items():
            if owner == key[0] and holders.get(one, 0.0) is None and policy.may_hold(other, kind_):
                del holders[one]
                holders[other] = None

    def _revoke(self, one: Role, key: tuple[uuid.UUID, Kind], other: Role) -> None:  # noqa: ARG002
        if other == Role.COORDINATOR or one != Role.COORDINATOR or other in self.gone:
            return
        with whole():
            workers.revoke(self.hands[one], self.hands[other].id, even_if_lost=True)
        self.gone.add(other)
        for there, holders in list(self.model.items()):
            alone = holders.pop(other, 0.0) is None and not any(until is None for until in holders.values())
            if alone:
                del self.model[there]

    @contextmanager
    def _expected(self, ok: bool, *also: type[Exception]) -> Iterator[None]:
        if ok:
            yield
        else:
            with pytest.raises((policy.NotAllowed, *also)):
                yield

    def check(self) -> None:
        """Compare who reads what with the model: through the hand, in lists, and with the bare secret on every wrap."""
        for role, one in self.hands.items():
            for there in ((root_, kind_) for root_ in ROOTS for kind_ in KINDS):
                expected = role not in self.gone and _live(self.model, role, there, self.hour)
                assert one.holds(*there) == expected
                assert (there[0] in one.read_all(ROOTS, there[1])) == expected
                if expected:
                    assert one.read(there[0], *there).said == {"said": str(there)}
                else:
                    with pytest.raises(policy.NotAllowed):
                        one.read(there[0], *there)
        hand.expire()
        for role, one in self.hands.items():
            for there in ((root_, kind_) for root_ in ROOTS for kind_ in KINDS):
                expected = role not in self.gone and _live(self.model, role, there, self.hour)
                assert _by_force(one, there) == expected


def _by_force(one: Hand, there: tuple[uuid.UUID, Kind]) -> bool:
    """Try one worker's secret on every wrap there is, and every key that comes out on the sealed words."""
    for compartment, record, body in Sealed.objects.filter(
        compartment__owner=there[0], compartment__kind=there[1]
    ).values_list("compartment", "record", "body"):
        for box in Wrap.objects.values_list("box", flat=True):
            try:
                key = one.unseal(bytes(box))
                seal.opened(key, bytes(body), compartment.bytes + record.bytes)
            except seal.Damaged:
                continue
            return True
    return False


def test_who_reads_what_is_what_the_model_says(
    network: Network, time_passes: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any sequence of makings, sharings, lendings, withdrawals, hand-overs, expiries and revocations."""
    hands = {role: network.hand(role) for role in WHO}
    monkeypatch.setattr(Slots, "clear", lambda *_: None)  # the file is not rolled back

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(acts, min_size=3, max_size=12))
    def trial(sequence: list[tuple[str, Role, uuid.UUID, Kind, Role]]) -> None:
        ahead = time_passes.ahead
        with undone(hands[Role.COORDINATOR].store):
            now = Trial(network, hands, time_passes)
            now.do("make", Role.COORDINATOR, (ROOTS[0], Kind.FILE), Role.COORDINATOR)
            now.do("make", Role.COORDINATOR, (ROOTS[0], Kind.MOVEMENT), Role.CASE_WORKER)
            for act, one, root_, kind_, other in sequence:
                now.do(act, one, (root_, kind_), other)
            now.check()
        for one_hand in hands.values():
            one_hand._keys.clear()
        time_passes.ahead = ahead

    trial()


def test_sealed_words_open_in_no_other_place(network: Network) -> None:
    """A body copied to another record, or to another compartment of the same holder, is refused as damaged."""
    chief = network.hand(Role.COORDINATOR)
    one, two = uuid.uuid4(), uuid.uuid4()
    with undone(chief.store):
        for place in (one, two):
            chief.make(place, place, Kind.FILE, [network.worker(Role.COORDINATOR)])
            chief.write(place, place, Kind.FILE, {"alias": str(place)})
        body = Sealed.objects.get(record=one).body
        Sealed.objects.create(record=uuid.UUID(int=7), compartment=Compartment.objects.get(owner=one), body=body)
        with pytest.raises(seal.Damaged):
            chief.read(uuid.UUID(int=7), one, Kind.FILE)
        Sealed.objects.filter(record=two).update(body=body)
        with pytest.raises(seal.Damaged):
            chief.read(two, two, Kind.FILE)
        with pytest.raises(seal.Damaged):
            chief.read_all([two], Kind.FILE)


def test_a_key_that_was_lent_is_destroyed_and_not_only_ignored(network: Network, time_passes: Time) -> None:
    """When its time is past the sealed key is gone from the table, and a lent key cannot be passed on."""
    chief, worker, root_ = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER), uuid.uuid4()
    with undone(chief.store):
        chief.make(root_, root_, Kind.FILE, [network.worker(Role.COORDINATOR)])
        until = clock.now() + timedelta(hours=1)
        chief.share(root_, Kind.FILE, network.worker(Role.CASE_WORKER), until)
        with pytest.raises(policy.NotAllowed):
            worker.share(root_, Kind.FILE, network.worker(Role.OPERATOR))
        assert exposure.of(worker.id).total == 1
        chief.share(root_, Kind.FILE, network.worker(Role.COORDINATOR), until)
        assert Wrap.objects.get(compartment__owner=root_, holder_id=chief.id).until is None
        time_passes.go(hours=2)
        assert exposure.of(worker.id).total == 0
        assert hand.expire() == 1
        assert Wrap.objects.filter(compartment__owner=root_).count() == 1


def test_nobody_may_do_what_nobody_wrote_down() -> None:
    """An act without a rule is denied to every role, and an identity is never held for good."""
    for role in Role:
        assert not policy.may(role, "case.sell")
        assert not policy.may_hold(role, Kind.IDENTITY)


def test_which_keys_a_role_may_ever_hold_is_told_here_too() -> None:
    """One more kind for a role is one more thing that a forced login yields: nobody adds it by the way."""
    told = {role.value: sorted(kind.value for kind in kinds) for role, kinds in policy.KINDS.items()}
    assert told == {
        "coordinator": ["file", "house", "movement"],
        "operator": ["file"],
        "case worker": ["file", "movement"],
        "house host": ["house"],
        "clinician": ["health"],
        "lawyer": ["evidence", "testimony"],
        "press officer": ["testimony"],
        "auditor": [],
    }
    assert {kind for kinds in policy.LENT.values() for kind in kinds} == {Kind.IDENTITY}
