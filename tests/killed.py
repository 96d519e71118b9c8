"""Killing a writer again and again, and looking at what it leaves: for the test, and for the long measure in bench."""

import random
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.networks import Network, close
from veil.casework import world
from veil.casework.keeping.verify import verify
from veil.casework.network.models import Compartment
from veil.casework.network.roles import Kind, Role
from veil.vault import stores

_AT_LEAST = 3  # lines that a writer says before its moment begins


@dataclass
class Told:
    """What the writers told: what they had kept, and what they were about to purge or had purged."""

    kept: set[uuid.UUID] = field(default_factory=set)
    purging: set[uuid.UUID] = field(default_factory=set)
    purged: set[uuid.UUID] = field(default_factory=set)

    def hear(self, lines: list[str]) -> None:
        """Take in what one writer said before it was killed."""
        for line in lines:
            word, _, name = line.strip().partition(" ")
            if line.endswith("\n") and name:
                getattr(self, word).add(uuid.UUID(name))


def kill_one(network: Network, told: Told, after_s: float) -> None:
    """Let a writer work for a moment, kill it, and hear what it had told."""
    stores.use(Path("nowhere"))
    words = [sys.executable, "-m", "tests.writer", str(network.folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = [writer.stdout.readline() for _line in range(_AT_LEAST)]  # however slow the machine
        time.sleep(after_s)
        writer.kill()
        told.hear([*first, *writer.stdout.readlines()])


def look(network: Network, told: Told) -> int:
    """Open the vault: everything that was told is there, whole; return how many records were found."""
    hand = network.reopened(Role.COORDINATOR)
    with world.within(hand.store):
        found = set(Compartment.objects.filter(kind=Kind.FILE).values_list("root", flat=True))
        found -= {one for one in found if one.int < 1 << 64}
        lost = told.kept - told.purging - found
        assert not lost, f"{len(lost)} records that were acknowledged are lost"
        assert not told.purged & found, "what was purged is there again"
        for root in found:
            for record in (root, uuid.uuid5(root, "half")):
                assert hand.read(record, root, Kind.FILE).said == {"words": "x" * 500}, "half a record"
        seen = verify(hand)
        assert not seen.problems, seen.problems
    close()
    return len(found)


def several(network: Network, times: int, seed: int) -> tuple[int, int]:
    """Kill a writer so many times at random moments; return how many records were told, and how many are there."""
    moments, told, found = random.Random(seed), Told(), 0  # noqa: S311  (not for keys)
    for _time in range(times):
        kill_one(network, told, moments.uniform(0, 0.25))
        found = look(network, told)
    return len(told.kept), found
