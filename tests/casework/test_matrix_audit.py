"""The audit: walked whole once, then only what is new."""

import pytest

from tests.networks import Network
from veil.casework import world
from veil.casework.network import audit
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role


def test_what_is_new_is_walked_and_what_was_walked_is_held_on_to(network: Network) -> None:
    """A changed new event breaks the chain at once; so does a last one that is not what it was."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        audit.verify_new()
        hand.note("limits set")
        audit.verify_new()
        last = AuditEvent.objects.order_by("-id").first()
        AuditEvent.objects.filter(id=last.id).update(link=b"x" * 32)
        with pytest.raises(audit.Broken):
            audit.verify_new()


def test_a_mark_on_paper_is_found_again(network: Network) -> None:
    """The mark of the last event is in the chain after more was added; another mark is not."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        mark = audit.checked().mark
        hand.note("limits set")
        assert audit.has(mark)
        assert not audit.has("0000 0000 0000 0000")
