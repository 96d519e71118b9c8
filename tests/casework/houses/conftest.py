"""Houses and cases for tests; all of it invented."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.networks import Network, founded, network, passphrase_of, time_passes
from veil.casework import world
from veil.casework.cases.opening import open_case
from veil.casework.hand import Hand
from veil.casework.houses import shelter
from veil.casework.houses.models import House
from veil.casework.network import opening
from veil.casework.network.models import Worker
from veil.casework.network.roles import Role

__all__ = ["board", "founded", "network", "time_passes"]

SAID: dict[str, Any] = {
    "suits": ["family", "night"],
    "rules": "Curtains closed.",
    "ambulance": "Walk to the next street first.",
    "travel": "about an hour",
    "address": "14 Invented Lane",
    "entry": "knock like rain",
    "reach": "a bell",
}


@dataclass
class Board:
    """A network with houses to place people in; its methods work inside the world only."""

    network: Network
    chief: Hand

    def house(self, capacity: int = 4, host: Worker | None = None) -> House:
        """Return a new house."""
        return shelter.make_house(self.chief, host or self.network.worker(Role.HOST), capacity, SAID)

    def case(self) -> uuid.UUID:
        """Return a new case, held by the coordinator and the case worker."""
        holders = [self.network.worker(Role.COORDINATOR), self.network.worker(Role.CASE_WORKER)]
        return uuid.UUID(str(open_case(self.chief, None, holders).id))

    def join(self, call_sign: str, role: Role) -> Worker:
        """Return somebody who joins the network now."""
        return opening.join(self.chief, opening.Member(call_sign, passphrase_of(call_sign), role))

    def hand(self, call_sign: str) -> Hand:
        """Return the hand of somebody who joined."""
        return opening.unlock(call_sign, passphrase_of(call_sign))

    def at_once(self, deeds: Sequence[Callable[[], Any]]) -> list[BaseException | None]:
        """Do things at the same moment, each in a transaction of its own; return what each of them raised."""
        start = threading.Barrier(len(deeds))
        raised: list[BaseException | None] = [None] * len(deeds)

        def run(place: int, deed: Callable[[], Any]) -> None:
            from django.db import connections

            start.wait()
            try:
                with world.within(self.chief.store):
                    deed()
            except Exception as error:  # noqa: BLE001  (the test looks at what it was)
                raised[place] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=told) for told in enumerate(deeds)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return raised


@pytest.fixture
def board(network: Network) -> Board:
    """Give a test a network with a coordinator at work."""
    return Board(network, network.hand(Role.COORDINATOR))
