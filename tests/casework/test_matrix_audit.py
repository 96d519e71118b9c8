"""The audit: at each unlocking what is new is walked, and some of what is old."""

import pytest

from tests.networks import Network
from veil.casework import world
from veil.casework.network import audit
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role


@pytest.mark.parametrize("changed", ["the last one", "an old one"])
def test_at_unlocking_new_events_are_walked_and_old_ones_by_chance(
    network: Network, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """A changed new event breaks the chain at once, an old one sooner or later; never more is walked than two parts."""
    monkeypatch.setattr(audit, "_AT_ONCE", 3)
    monkeypatch.setattr(audit, "_OLDER", 3)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        for _time in range(7):
            hand.note("limits set")
            audit.verify_some()
        ids = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
        AuditEvent.objects.filter(id=ids[-1] if changed == "the last one" else ids[2]).update(link=b"x" * 32)
        times = 1 if changed == "the last one" else 300
        with pytest.raises(audit.Broken):
            _walk(times)


def _walk(times: int) -> None:
    for _time in range(times):
        audit.verify_some()


def test_a_mark_on_paper_is_found_again(network: Network) -> None:
    """The mark of the last event is in the chain after more was added; another mark is not."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        mark = audit.checked().mark
        hand.note("limits set")
        assert audit.has(mark)
        assert not audit.has("0000 0000 0000 0000")
