"""A writer is killed in the middle of its work: nothing that was acknowledged is lost, and nothing is half there."""

import sys
from pathlib import Path

import pytest

from tests.killed import foundings, several
from tests.networks import Network, close

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def test_nothing_acknowledged_is_lost(network: Network) -> None:
    """Three kills at random moments (bench/store.py does two hundred): every record that was told is there, whole."""
    told, found = several(network, 3, 11)
    assert told > 5
    assert found >= told * 0.5  # a third was purged


def test_five_writers_and_a_backup_are_killed(network: Network) -> None:
    """Five sessions write while the vault is backed up: killed, the vault and its last backup hold what was told."""
    told, found = several(network, 3, 12, "five")
    assert told > 3
    assert found > 0  # how many is the machine's: a record may be kept, and its writer killed before it told so


def test_a_founding_that_is_killed_can_be_done_again(tmp_path: Path) -> None:
    """Whoever was not told that there is a vault makes it anew in the same place; whoever was told gets in."""
    assert foundings(tmp_path / "vault", 2, 13) >= 1
    close()
