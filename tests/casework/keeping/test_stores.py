"""The two stores from outside: one size, one time, nothing left over, whichever is worked in."""

import uuid
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casework.keeping.test_purge import planted
from tests.networks import Network, close
from veil.casework import world
from veil.casework.hand import Hand
from veil.casework.keeping.verify import verify
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.vault import level, memory, stores
from veil.vault.slots import STORES


def outside(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what anyone sees of the files: names, sizes, times."""
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file()}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3_000_000))
def test_both_stores_look_alike_after_any_work(network: Network, size: int) -> None:
    """However much was written into one, both have one size, a whole number of steps, and one time; no log is left."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        hand.write(*_new(hand), {"words": "x" * size})
    close()
    seen = outside(network.folder)
    assert len({seen[f"{store}.store"] for store in STORES}) == 1
    assert seen["a.store"][0] % level.STEP_BYTES == 0
    assert len({seen[name][1] for name in ("a.store", "slots", "signals", "noise")}) == 1
    assert not [name for name in seen if name.endswith(("-wal", "-shm", "-journal", ".next"))]


def _new(hand: Hand) -> tuple[uuid.UUID, uuid.UUID, Kind]:
    root = uuid.uuid4()
    hand.make(root, root, Kind.FILE, [Worker.objects.get(id=hand.id)])
    return root, root, Kind.FILE


def test_the_store_that_was_closed_takes_the_noise_at_its_end(network: Network) -> None:
    """After the other grew, a store opens, verifies to its last byte, and keeps its records."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    close()
    path = stores.file_of(hand.store)
    with path.open("ab") as file:
        file.write(bytes(range(256)) * 4096 * 3)  # as `level` does where the other grew
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        assert not [one for one in verify(hand).problems if "file is missing" not in one]


def test_free_space_is_used_before_the_store_grows(network: Network) -> None:
    """Ordinary work changes no size: it goes into pages that were made beforehand."""
    before = outside(network.folder)["a.store"][0]
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        for _case in range(5):
            planted(hand)
    close()
    assert outside(network.folder)["a.store"][0] == before


def test_the_lock_file_says_nothing(network: Network) -> None:
    """It is empty while the vault is open, and after."""
    network.hand(Role.COORDINATOR)
    assert (network.folder / "lock").read_bytes() == b""
    close()
    assert (network.folder / "lock").read_bytes() == b""


def test_a_hardened_environment() -> None:
    """It keeps what stands there already, and asks once for what it needs."""
    once = memory.hardened_environment()
    assert once["PYTHONMALLOC"] == "malloc"
    assert once["GLIBC_TUNABLES"].count("perturb") == 1
    assert "freed memory is not overwritten" in memory.missing()


def test_a_store_that_is_open_for_a_moment_throws_nobody_out(network: Network) -> None:
    """Whoever comes in meanwhile, or was in before, stays in; where nobody did, it is locked again."""
    stores.use(network.folder)
    for before, meanwhile in ((False, False), (True, False), (False, True)):
        if before:
            stores.unlock("a", bytes(32))
        since = stores.unlock("a", bytes(32))
        if meanwhile:
            stores.unlock("a", bytes(32))
        stores.relock("a", since)
        assert stores.is_open("a") == (before or meanwhile)
        stores.lock("a")
