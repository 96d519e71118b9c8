"""A writer is killed in the middle of its work: nothing that was acknowledged is lost, and nothing is half there."""

from tests.killed import several
from tests.networks import Network


def test_nothing_acknowledged_is_lost(network: Network) -> None:
    """Three kills at random moments (bench/store.py does two hundred): every record that was told is there, whole."""
    told, found = several(network, 3, 11)
    assert told > 5
    assert found >= told * 0.8  # a tenth was purged
