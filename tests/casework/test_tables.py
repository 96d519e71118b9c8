"""The tables of a vault, and the steps by which they came to be."""

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from tests.networks import Network
from tools.tables import missing
from veil.casework import world
from veil.casework.network.models import Worker
from veil.casework.network.roles import Role


def test_every_change_of_tables_has_its_step() -> None:
    """A vault that an older Veil made can be brought to the tables of today: no step is missing."""
    assert missing() == []


def test_the_steps_are_one_line() -> None:
    """Each step follows one other: two that were written beside each other would leave a vault between them."""
    from django.db.migrations.loader import MigrationLoader

    assert len(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes("casework")) == 1


def test_a_vault_knows_its_steps(network: Network) -> None:
    """Both worlds were made by the steps, and going through the door again changes nothing of what they hold."""
    hand = network.hand(Role.COORDINATOR)
    done = {name for app, name in MigrationRecorder(connections[hand.store]).applied_migrations() if app == "casework"}
    assert "0001_initial" in done
    world.refurnish(hand.store)
    with world.within(hand.store):
        assert Worker.objects.count() == len(Role)
