"""The machine stops, or its disk is full, at each step to the disk of an act: the vault opens, whole, afterwards."""

import errno
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.casework.keeping.test_purge import planted
from tests.networks import Network, close, passphrase_of
from veil.casework import world
from veil.casework.keeping import backups, purge
from veil.casework.keeping.models import Clock
from veil.casework.keeping.verify import verify
from veil.casework.network import opening, workers
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import inbox, intake, receipts
from veil.vault.slots import WrongPassphrase

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")
_STEPS = ("fsync", "replace", "rename", "unlink")
_KILLED, _DONE, _TOLD = 9, 0, 3
_NEW = "seven kettles hum under the northern stair"
Act = Callable[[Network], None]


def at_step(number: int, happens: Callable[[], None]) -> None:
    """Have something happen at the so-manieth step to the disk of this process."""
    left = [number]

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*told: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                happens()
            return real(*told, **named)

        return step

    for name in _STEPS:
        setattr(os, name, before(getattr(os, name)))


def _stop() -> None:
    os._exit(_KILLED)


def _full() -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


def tried(network: Network, act: Act, number: int, happens: Callable[[], None]) -> int:
    """Do something in a process of its own that is stopped at a step; return how it ended."""
    close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of the runner's own threads
        child = os.fork()
    if child == 0:
        signal.alarm(120)  # one of those threads may have held a lock: then it ends as if it had been killed
        at_step(number, happens)
        try:
            act(network)
        except BaseException:  # noqa: BLE001  (whatever it was: the parent looks at what is left)
            os._exit(_TOLD)
        os._exit(_DONE)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _change(network: Network) -> None:
    hand = network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        opening.change_passphrase(hand, passphrase_of("Plover"), _NEW)


def _revoke(network: Network) -> None:
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        workers.revoke(hand, network.worker(Role.OPERATOR).id, even_if_lost=True)


def _purge(network: Network) -> None:
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        purge.purge(hand, Clock.objects.get().root)


def _back_up(network: Network) -> None:
    backups.back_up(network.hand(Role.COORDINATOR), network.folder.parent / "copy")


def _restore(network: Network) -> None:
    backups.restore(network.folder.parent / "old", network.folder)


def _write(network: Network) -> None:  # noqa: ARG001  (as all acts)
    box = receipts.mailbox_of(receipts.new_seed())
    inbox.leave(inbox.Letter({"happened": "a letter"}, box.name, box.public.hex()))


def _enters(sign: str, passphrase: str) -> bool:
    try:
        opening.slots().open(sign, passphrase)  # without the limits on guessing
    except WrongPassphrase:
        return False
    return True


def _look(network: Network, act: Act, ended: int) -> None:
    """See that everybody gets in who should, that nothing is half there, and that what was acknowledged is."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        told = [one for one in verify(hand).problems if "file is missing" not in one]
        assert told == []
        roots = list(Clock.objects.values_list("root", flat=True))
        for root in roots:
            assert hand.read(root, root, Kind.FILE).said
        if act is _purge and ended == _DONE:
            assert roots == []
        if act is not _purge:
            assert len(roots) == 1
    if act is _change:
        ways = [_enters("Plover", told) for told in (passphrase_of("Plover"), _NEW)]
        assert sum(ways) == 1, "one of the two opens, never none and never both"
    if act is _revoke:
        out = not _enters("Wren", passphrase_of("Wren"))
        assert out or ended != _DONE
        if not out:
            _revoke(network)
            assert not _enters("Wren", passphrase_of("Wren"))
    if act is _write:
        assert inbox.letters().used() == 1 or ended != _DONE
    if act is _back_up:
        _back_up(network)


@pytest.mark.parametrize("happens", [_stop, _full])
@pytest.mark.parametrize(
    ("act", "apart"), [(_change, 1), (_revoke, 2), (_purge, 3), (_write, 1), (_restore, 7), (_back_up, 25)]
)
def test_stopped_at_any_step(
    network: Network, tmp_path: Path, act: Act, apart: int, happens: Callable[[], None]
) -> None:
    """Passphrases, revoking, purging, letters, restoring, backing up: killed, or out of room, at each of the steps."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        planted(hand)
        intake.open_form(hand)
    backups.back_up(hand, tmp_path / "old")
    close()
    shutil.copytree(network.folder, tmp_path / "good")
    for number in range(1 + (happens is _full), 200, apart):
        ended = tried(network, act, number, happens)
        _look(network, act, ended)
        close()
        if ended == _DONE:
            break
        shutil.rmtree(network.folder)
        shutil.copytree(tmp_path / "good", network.folder)
    assert number > apart, "it was never stopped"
