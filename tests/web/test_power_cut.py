"""A laptop that is switched off while somebody is at work: what its disk tells afterwards, and that nothing is lost."""

import re
import shutil
from pathlib import Path

import pytest

from tests.networks import Network, close, passphrase_of, use
from tests.web.test_alike import SECOND, decoy_of, files_of, inside
from veil.casework import world
from veil.casework.network import opening
from veil.casework.network.roles import Role
from veil.casework.requests.models import Request
from veil.vault import stores


def worked(words: str) -> None:
    """Let an operator unlock and take down a call."""
    client, _ = inside(Role.OPERATOR, words)
    assert client.post("/requests/new", {"happened": "somebody called"}).status_code == 302


@pytest.mark.parametrize("words", [passphrase_of("Wren"), SECOND])
def test_a_machine_that_loses_power_does_not_tell_the_world(network: Network, tmp_path: Path, words: str) -> None:
    """Seconds after the last word, both stores have the same files beside them, of one size and one time."""
    decoy_of(network, Role.OPERATOR)
    close()
    worked(words)
    (open_,) = stores._keys
    with stores.file_of(open_).open("ab") as file:  # it had to grow
        file.write(bytes(64 * 1024))
    stores.calm()
    found = files_of(network.folder)
    logs = {name: told for name, told in found.items() if re.match(r"[ab]\.store", name)}
    assert sorted(logs) == [f"{one}.store{beside}" for one in "ab" for beside in ("", "-shm", "-wal")]
    for beside in ("", "-shm", "-wal"):
        assert logs[f"a.store{beside}"] == logs[f"b.store{beside}"], beside
    assert logs["a.store-wal"][0] == 0
    shutil.copytree(network.folder, tmp_path / "off")
    close()
    use(tmp_path / "off")
    for again in (SECOND, passphrase_of("Wren")):  # whichever is opened first
        hand = opening.unlock("Wren", again)
        with world.within(hand.store):
            count = Request.objects.filter(taken_by=hand.id).count()
            assert count or again != words
    close()
    assert not list((tmp_path / "off").glob("*-wal"))


def test_records_that_a_crash_left_in_a_log_are_not_taken_away_by_the_other_world(
    network: Network, tmp_path: Path
) -> None:
    """Power fails before the log was emptied; the decoy is opened and locked first: the last record is still there."""
    decoy_of(network, Role.OPERATOR)
    close()
    worked(passphrase_of("Wren"))
    shutil.copytree(network.folder, tmp_path / "off")
    close()
    use(tmp_path / "off")
    (log,) = (path for path in (tmp_path / "off").glob("*-wal") if path.stat().st_size)
    told = log.read_bytes()
    worked(SECOND)
    stores.calm()
    close()
    assert log.read_bytes() == told
    hand = opening.unlock("Wren", passphrase_of("Wren"))
    with world.within(hand.store):
        assert Request.objects.filter(taken_by=hand.id).exists()


def test_the_disk_stays_alike_whoever_comes_and_goes(network: Network) -> None:
    """One of two worlds is left, a second session begins, a thread lets go of its connection: never one log alone."""
    decoy_of(network, Role.OPERATOR)
    close()
    first, _ = inside(Role.OPERATOR, passphrase_of("Wren"))
    second, _ = inside(Role.OPERATOR, SECOND)
    stores.calm()
    second.post("/out")
    for _again in range(2):
        stores.calm()
        found = files_of(network.folder)
        assert ("a.store-wal" in found) == ("b.store-wal" in found)
        first.get("/network/i")
    first.post("/out")
    assert not list(network.folder.glob("*.store-*"))
