"""Under force: the second passphrase, the silent alarm, and what tells one world from the other."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from tests.networks import CALL_SIGNS, Network, Time, passphrase_of
from veil.casework import clock, world
from veil.casework.cases.models import Case
from veil.casework.due import Weight
from veil.casework.hand import Hand
from veil.casework.houses.models import Stay
from veil.casework.network import audit, coercion, desks, opening
from veil.casework.network.models import AuditEvent, Worker, World
from veil.casework.network.roles import Kind, Role
from veil.casework.requests.models import Request
from veil.errors import VeilError
from veil.vault import seal, signals, stores
from veil.vault.slots import SLOTS, WrongPassphrase

SECOND = "marble ferry lantern oyster quilt raven"


def forced_hand(network: Network, role: Role, there: Role | None = None) -> Hand:
    """Set a second passphrase for the worker of a role, and unlock with it."""
    hand = network.hand(role)
    with world.within(hand.store):
        coercion.set_decoy(hand, passphrase_of(hand.call_sign), SECOND, there or role)
    return opening.unlock(hand.call_sign, SECOND)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.HOST, Role.COORDINATOR])
def test_the_second_passphrase_opens_another_world(network: Network, role: Role) -> None:
    """Same call sign, other store; the one's own passphrase still opens one's own world."""
    hand = forced_hand(network, role)
    own = network.hand(role)
    assert hand.store != own.store
    assert (hand.call_sign, hand.role) == (own.call_sign, own.role)


def test_the_alarm_rings_on_every_coordinators_board_and_nowhere_else(network: Network) -> None:
    """Being forced is told to coordinators of the real world, once answered no more, and again the next time."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        assert coercion.due(chief, clock.now()) == []
    forced = forced_hand(network, Role.OPERATOR)
    with world.within(chief.store):
        (due,) = coercion.due(chief, clock.now())
        assert (due.weight, due.code, due.what) == (Weight.ALARM, "Wren", forced.id)
        coercion.answer(chief, due.what)
        assert coercion.due(chief, clock.now()) == []
    operator = network.hand(Role.OPERATOR)
    with world.within(operator.store):
        assert coercion.due(operator, clock.now()) == []
    opening.unlock("Wren", SECOND)
    with world.within(chief.store):
        assert len(coercion.due(chief, clock.now())) == 1


def test_a_coordinator_under_force_sees_no_alarm_and_no_other_world(network: Network) -> None:
    """In the decoy world the desk is as long as the real one's, and holds no way out of it."""
    chief = network.hand(Role.COORDINATOR)
    forced = forced_hand(network, Role.COORDINATOR)
    lengths = []
    for hand in (chief, forced):
        with world.within(hand.store):
            said = desks.desk(hand)
            lengths.append(len(json.dumps(said)))
            assert (said["other"] != "") == (hand is chief)
    assert len({length // 1024 for length in lengths}) == 1
    with world.within(forced.store):
        assert coercion.due(forced, clock.now()) == []
        assert coercion.forced(forced) == []


def test_what_somebody_hears_who_has_a_second_passphrase_is_what_they_hear_in_the_other_world(network: Network) -> None:
    """Setting it again, in either world, is refused in the same words."""
    forced = forced_hand(network, Role.OPERATOR)
    said = []
    for hand, words in ((network.hand(Role.OPERATOR), passphrase_of("Wren")), (forced, SECOND)):
        with world.within(hand.store), pytest.raises(VeilError) as error:
            coercion.set_decoy(hand, words, "another six words nobody would take", Role.OPERATOR)
        said.append((type(error.value), str(error.value), error.value.hint))
    assert said[0] == said[1]


def test_one_worlds_passphrase_is_wrong_in_the_other(network: Network) -> None:
    """Saying the real passphrase in the decoy world, where one's own is asked, is a wrong guess like any other."""
    forced = forced_hand(network, Role.OPERATOR)
    with world.within(forced.store), pytest.raises(WrongPassphrase):
        opening.change_passphrase(forced, passphrase_of("Wren"), "another six words nobody would take")


def test_revoking_shuts_the_real_door_and_leaves_the_other_as_it_was(network: Network) -> None:
    """Whoever holds somebody by the arm sees nothing fall shut; the worker's own passphrase opens nothing any more."""
    forced_hand(network, Role.OPERATOR)
    forced_hand(network, Role.HOST)
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        coercion.forget_worker(chief, network.worker(Role.OPERATOR))
    with pytest.raises(WrongPassphrase):
        opening.unlock("Wren", passphrase_of("Wren"))
    assert opening.unlock("Wren", SECOND).store != chief.store
    assert network.hand(Role.HOST).store != opening.unlock("Martin", SECOND).store


def test_whoever_revokes_in_the_decoy_world_harms_nobody_in_the_real_one(network: Network) -> None:
    """A forced coordinator revokes everybody there and fills every slot: all real passphrases still open."""
    forced_hand(network, Role.OPERATOR)
    forced = forced_hand(network, Role.COORDINATOR)
    with world.within(forced.store):
        for worker in Worker.objects.exclude(id=forced.id):
            coercion.forget_worker(forced, worker)
            Worker.objects.filter(id=worker.id).update(ended=clock.now())
        for number in range(4):
            opening.join(forced, opening.Member(f"Finch {number}", passphrase_of(f"Finch {number}"), Role.OPERATOR))
        taken = set(Worker.objects.values_list("slot", flat=True))
        assert taken <= set(World.objects.get().settings["slots"])
    for role in Role:
        assert network.hand(role).store != forced.store


def test_both_worlds_are_made_alike(network: Network) -> None:
    """Settings, drawer and columns have the same shape; a low login in one cannot tell which one it is by them."""
    forced = forced_hand(network, Role.OPERATOR)
    shapes = []
    for hand in (network.hand(Role.OPERATOR), forced):
        with world.within(hand.store):
            here = World.objects.get()
            workers = Worker.objects.filter(ended=None)
            own = set(here.settings["slots"])
            assert all(one.slot in own and one.other_slot in set(range(SLOTS)) - own for one in workers)
            assert desks.kit_of(hand) is None
            shapes.append((sorted(here.settings), len(here.settings["slots"]), len(bytes(here.sealed_keys))))
            acts = set(AuditEvent.objects.values_list("act", flat=True))
            assert {"vault founded", "worker joined", "unlocked"} <= acts
    assert shapes[0] == shapes[1]


def test_signals_and_unlockings_agree_in_both_worlds(network: Network, time_passes: Time) -> None:
    """As many signals as the audit has unlockings: the decoy world's invented colleagues come by the door too."""
    forced = forced_hand(network, Role.COORDINATOR)
    time_passes.go(days=4)
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        coercion.keep_alive(chief)
    with world.within(forced.store):
        secret = bytes.fromhex(desks.desk(forced)["signals"])
        found = signals.read(network.folder / "signals", secret)
        assert len(found) == AuditEvent.objects.filter(act="unlocked").count()
        ids = set(Worker.objects.values_list("id", flat=True))
        assert {uuid.UUID(bytes=one.worker) for one in found} <= ids
        assert World.objects.get().latest <= clock.now()


def test_files_keep_their_sizes(network: Network) -> None:
    """Slots, signals and the figure of wrong guesses are as long after everything as before."""

    def sizes() -> dict[str, int]:
        return {name: Path(network.folder / name).stat().st_size for name in ("slots", "signals", "waits")}

    before = sizes()
    forced_hand(network, Role.OPERATOR)
    with pytest.raises(WrongPassphrase):
        opening.unlock(CALL_SIGNS[Role.HOST], "something quite wrong")
    assert sizes() == before


def test_a_network_without_a_decoy_looks_like_a_decoy_world(tmp_path: Path) -> None:
    """Founded so, its desk is that of a decoy world, and its workers hear the same when they try to set one."""
    from tests.networks import close
    from veil.vault import stores
    from veil.vault.cost import CHEAP

    stores.use(tmp_path / "vault")
    first = opening.Member("Heron", passphrase_of("Heron"), Role.COORDINATOR)
    hand = opening.found(tmp_path / "vault", first, CHEAP, decoy=False)
    with world.within(hand.store):
        assert desks.other_of(hand) is None
        with pytest.raises(coercion.NoMeans):
            coercion.set_decoy(hand, passphrase_of("Heron"), SECOND, Role.OPERATOR)
    close()


@pytest.mark.parametrize("days", [0, 6])
def test_whoever_is_forced_has_work_to_show(network: Network, time_passes: Time, days: int) -> None:
    """A case worker's decoy opens cases, on the first day and when it was set later: then with a past of those days."""
    time_passes.go(days=days)
    hand = forced_hand(network, Role.CASE_WORKER)
    with world.within(hand.store):
        cases = list(Case.objects.filter(id__in=hand.held(Kind.FILE)))
        assert len(cases) >= 2
        began = min(case.since for case in cases)
        assert not Stay.objects.filter(rules_read=False).exists()  # nobody works there and never reads them
        assert days == 0 or clock.now() - began > timedelta(days=1)


def test_the_decoy_world_lives(network: Network, time_passes: Time) -> None:
    """There is a caseload on the first day; two weeks later it is another, nothing in it is long overdue or to come."""
    forced = forced_hand(network, Role.OPERATOR)
    counts = []
    for _ in range(2):
        with world.within(forced.store):
            now = clock.now()
            held = forced.held(Kind.FILE)
            counts.append(Request.objects.count() + Case.objects.count())
            assert Request.objects.filter(id__in=held, taken_by=forced.id).exists() or len(counts) > 1
            assert not Request.objects.filter(since__gt=now).exists()
            assert not Request.objects.filter(call_due__lt=now - timedelta(days=3)).exists()
        time_passes.go(days=14)
        chief = network.hand(Role.COORDINATOR)
        with world.within(chief.store):
            coercion.keep_alive(chief)
    assert counts[0] >= 2
    with world.within(forced.store):
        assert audit.verify() > 20
        ats = list(AuditEvent.objects.order_by("id").values_list("at", flat=True))
        assert ats == sorted(ats)
        assert len({at.date() for at in ats}) > 3


def test_a_forgotten_second_passphrase_is_set_anew(network: Network, time_passes: Time) -> None:
    """A coordinator hands the means again; the new words open the same world, the forgotten ones nothing any more."""
    first = forced_hand(network, Role.OPERATOR)
    chief, hand = network.hand(Role.COORDINATOR), network.hand(Role.OPERATOR)
    with world.within(chief.store):
        coercion.give_again(chief, hand.id)
        time_passes.go(days=desks.KIT_DAYS - 1)
    new = "violin kettle plum otter tent raven"
    with world.within(hand.store):
        coercion.set_decoy(hand, passphrase_of("Wren"), new, Role.CASE_WORKER)
    again = opening.unlock("Wren", new)
    assert (again.store, again.id, again.role) == (first.store, first.id, Role.CASE_WORKER)
    with pytest.raises(WrongPassphrase):
        opening.unlock("Wren", SECOND)


def test_the_means_do_not_lie_about_for_ever(network: Network, time_passes: Time) -> None:
    """After a week a drawer that was not used leads nowhere, and is noise as soon as anybody has unlocked."""
    hand = network.hand(Role.HOST)
    with world.within(hand.store):
        assert desks.kit_of(hand) is not None
        start = World.objects.get().settings["slots"].index(network.worker(Role.HOST).slot) * desks._KIT_BYTES
    time_passes.go(days=desks.KIT_DAYS + 1)
    network.hand(Role.AUDITOR)
    with world.within(hand.store):
        here = World.objects.get()
        with pytest.raises(seal.Damaged):
            hand.unseal(bytes(here.sealed_keys)[start : start + desks._KIT_BYTES])
        assert here.settings["drawers"] == {}
        assert desks.kit_of(hand) is None


def test_whoever_leaves_the_other_world_breaks_nothing_in_this_one(network: Network) -> None:
    """The last one locks there while a coordinator's day goes on in it: what was begun is finished all the same."""
    forced = forced_hand(network, Role.OPERATOR)
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        other = desks.other_of(chief)
        assert other is not None
        with coercion._open(other):
            stores.lock(forced.store)
        assert not stores.is_open(forced.store)


def test_the_means_of_a_second_passphrase_last_a_week(network: Network, time_passes: Time) -> None:
    """Nobody who is forced later finds the way to the other world in their drawer."""
    hand = network.hand(Role.OPERATOR)
    with world.within(hand.store):
        time_passes.go(days=desks.KIT_DAYS, minutes=-5)
        assert desks.kit_of(hand) is not None
        time_passes.go(minutes=6)
        assert desks.kit_of(hand) is None
        time_passes.go(days=-1)
        assert desks.kit_of(hand) is None
