"""Killing writers again and again, and looking at what they leave: for the test, and for the long measure in bench."""

import os
import random
import shutil
import signal
import sys
import time
import traceback
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models.functions import Length

from tests import writer
from tests.networks import Network, close, use
from veil.casework import world
from veil.casework.keeping import backups
from veil.casework.keeping.verify import verify
from veil.casework.network.models import Compartment, Sealed
from veil.casework.network.roles import Kind, Role
from veil.vault import stores

_AFRESH = 10  # every so-manieth writer is a Python of its own; the others begin as a copy of this process
_MOMENT_S = {"one": 0.25, "five": 1.5}  # at most so long after the first thing that was told
_AT_ONCE = 400
_LEAST = 10  # what the first writer tells before its moment begins
Seen = Callable[[int], None]


@dataclass
class Told:
    """What the writers told: what they had kept, what they were about to purge or had purged, what is in the copy."""

    kept: set[uuid.UUID] = field(default_factory=set)
    purging: set[uuid.UUID] = field(default_factory=set)
    purged: set[uuid.UUID] = field(default_factory=set)
    copied: set[uuid.UUID] | None = None
    founded: bool = False
    first_s: float = 0.5  # how long a writer took until it told the first thing

    def hear(self, lines: list[str]) -> None:
        """Take in what one writer said before it was killed."""
        meanwhile: set[uuid.UUID] = set()
        for line in lines:
            word, _, name = line.strip().partition(" ")
            if word == "copying":
                meanwhile = set(self.kept)
            elif word == "copied":
                self.copied = meanwhile
            elif word == "founded":
                self.founded = True
            elif line.endswith("\n") and name:
                getattr(self, word).add(uuid.UUID(name))


@dataclass(frozen=True)
class Round:
    """How a writer is killed: which, whether it is a Python of its own, and when."""

    work: str
    afresh: bool
    after_first: bool  # counted from the first thing that it told, or from its start
    wait_s: float
    least: int = 1  # so many things are told first, however slow the machine


def kill_one(folder: Path, told: Told, how: Round) -> None:
    """Let a writer work for a moment, kill it, and hear what it had told."""
    stores.use(Path("nowhere"))
    reading, writing = os.pipe()
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of the runner's own threads
        child = os.fork()
    if child == 0:
        _write(folder, how, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        lines = []
        if how.after_first:
            lines = [pipe.readline()]
            told.first_s = time.monotonic() - began
            lines += [pipe.readline() for _line in range(how.least - 1)]
        time.sleep(how.wait_s)
        os.kill(child, signal.SIGKILL)
        lines += pipe.readlines()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended == -signal.SIGKILL or (how.work == "founding" and ended == 0), f"a writer ended by itself: {ended}"
    told.hear(lines)


def _write(folder: Path, how: Round, writing: int) -> None:
    try:
        os.dup2(writing, 1)
        if how.afresh:
            os.execv(sys.executable, [sys.executable, "-m", "tests.writer", how.work, str(folder)])  # noqa: S606
        writer.WORKS[how.work](folder)
        os._exit(0)
    except BaseException:  # noqa: BLE001  (whatever it was: this process must not go on as its parent)
        os.write(2, traceback.format_exc().encode())
        os._exit(1)


def look(network: Network, told: Told, must: set[uuid.UUID] | None = None) -> int:
    """Open the vault: everything that was told is there, whole; return how many records were found."""
    hand = network.reopened(Role.COORDINATOR)
    with world.within(hand.store):
        found = set(Compartment.objects.filter(kind=Kind.FILE).values_list("root", flat=True))
        found -= {one for one in found if one.int < 1 << 64}
        lost = (told.kept if must is None else must) - told.purging - found
        assert not lost, f"{len(lost)} records that were acknowledged are lost"
        assert not told.purged & found, "what was purged is there again"
        records = [record for root in found for record in writer.halves(root)]
        rows: dict[uuid.UUID, int] = {}
        for start in range(0, len(records), _AT_ONCE):
            some = Sealed.objects.filter(record__in=records[start : start + _AT_ONCE])
            rows |= dict(some.values_list("record", Length("body")))
            owners = records[start : start + _AT_ONCE : 2]
            assert all(words.said == writer.SAID for words in hand.read_all(owners, Kind.FILE).values()), (
                "half a record"
            )
        assert set(rows) == set(records), "half a record"
        assert len(set(rows.values())) < 2, "half a record"  # the other half says as much, and opens:
        seen = verify(hand)
        assert not seen.problems, seen.problems
        assert seen.opened >= len(records)
    close()
    return len(found)


def look_at_copy(network: Network, told: Told) -> None:
    """Once a backup was told it is there for good: it opens, and holds what was kept before it, whole."""
    if told.copied is None:
        return
    copy, opened = network.folder.parent / "copy", network.folder.parent / "opened"
    stores.use(Path("nowhere"))
    backups.restore(copy, opened)
    look(Network(opened), told, must=told.copied)
    shutil.rmtree(opened)
    use(network.folder)


def several(network: Network, times: int, seed: int, work: str = "one", seen: Seen = lambda _: None) -> tuple[int, int]:
    """Kill a writer so many times at random moments; return how many records were told, and how many are there."""
    moments, told, found = random.Random(seed), Told(), 0  # noqa: S311  (not for keys)
    for number in range(times):
        after_first = number == 0 or moments.random() < 0.5
        wait_s = moments.uniform(0, _MOMENT_S[work] if after_first else 2 * told.first_s)
        afresh, least = number % _AFRESH == _AFRESH - 1, 1 if number else _LEAST
        kill_one(network.folder, told, Round(work, afresh, after_first, wait_s, least))
        found = look(network, told)
        if work == "five":
            look_at_copy(network, told)
        seen(number + 1)
    return len(told.kept), found


def foundings(folder: Path, times: int, seed: int, seen: Seen = lambda _: None) -> int:
    """Kill the founding of a vault so many times: it is whole, or is made again; return how often it was."""
    moments, whole, long_s = random.Random(seed), 0, 2.0  # noqa: S311
    for number in range(times):
        told = Told()
        wait_s = moments.uniform(0, 1.1 * long_s)
        if number == 0:  # one that nobody kills says how long it takes
            kill_one(folder, told, Round("founding", afresh=False, after_first=True, wait_s=0))
            long_s = told.first_s
        else:
            kill_one(folder, told, Round("founding", number % _AFRESH == _AFRESH - 1, after_first=False, wait_s=wait_s))
        stores.use(folder)
        whole += stores.begun(folder)
        if not told.founded and not stores.begun(folder):
            kill_one(folder, told, Round("founding", afresh=False, after_first=True, wait_s=0))
            assert told.founded
        assert look(Network(folder), Told()) == 0
        shutil.rmtree(folder)
        seen(number + 1)
    return whole
