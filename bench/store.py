"""Measures the store: kills in the middle of writes, growing, purging and backing up, and what hardening memory costs.

    python -m bench.store                 # all of it; the kills take about ten minutes on two cores
    python -m bench.store --kills 20      # fewer kills
    python -m bench.store --only memory   # one part: kills, store, memory

Everything runs in a folder for temporary files; Argon2 is at the tests' cost.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests import networks
from tests.killed import foundings, several
from tests.networks import Network, close
from veil.casework import world
from veil.casework.hand import Hand
from veil.casework.keeping import backups, clocks, purge
from veil.casework.keeping.verify import verify
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.vault import level, memory, noise

_CASES = 2000
_WORK = """
import time, django
from django.conf import settings
settings.configure(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
django.setup()
from django.template import engines
page = engines["django"].from_string("{% for one in rows %}<li>{{ one.a }} {{ one.b|upper }}</li>{% endfor %}")
rows = [{"a": n, "b": "word" * 9} for n in range(400)]
best = 9e9
for _ in range(7):
    began = time.process_time()
    for _ in range(12):
        page.render({"rows": rows})
    best = min(best, time.process_time() - began)
print(best / 12 * 1000)
"""


def timed(doing: Callable[[], object]) -> float:
    """Return how many milliseconds something takes."""
    began = time.perf_counter()
    doing()
    return (time.perf_counter() - began) * 1000


def kills(network: Network, times: int) -> None:
    """Kill a writer so often, and five at once, and a founding, a fifth as often; stop at the first that is lost."""
    for work, often in (("one", times), ("five", max(1, times // 5))):
        began = time.perf_counter()
        told, found = several(network, often, 7, work, partial(_tell, began, work, often))
        took = time.perf_counter() - began
        name = "kills" if work == "one" else "of five"
        print(f"{name:<10} {often}: {told} records acknowledged, 0 lost, 0 halves, {found} not purged; {took:.0f} s")
    often, began = max(1, times // 5), time.perf_counter()
    whole = foundings(network.folder.parent / "new", often, 7, partial(_tell, began, "founding", often))
    took = time.perf_counter() - began
    print(f"founding   {often}: {whole} were whole, the others were made again in the same place; {took:.0f} s")


def _tell(began: float, work: str, often: int, number: int) -> None:
    if number % 10 == 0 or number == often:
        print(f"  {work}: {number} of {often}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def store(network: Network, folder: Path) -> None:
    """Fill a vault with cases, and time what keeping does with it."""
    hand = network.hand(Role.COORDINATOR)
    roots = [uuid.uuid4() for _case in range(_CASES)]
    with world.within(hand.store):
        me = Worker.objects.get(id=hand.id)
        for root in roots:
            hand.make(root, root, Kind.FILE, [me])
            hand.write(root, root, Kind.FILE, {"words": "x" * 900})
            clocks.start(root, root, "case")
    purged = [timed(partial(_purged, hand, root)) for root in roots[:50]]
    print(f"purge      median {statistics.median(purged):.1f} ms, longest {max(purged):.1f} ms, of {_CASES} cases")
    print(f"backup     {timed(lambda: backups.back_up(hand, folder / 'copy')):.0f} ms")
    print(f"purge      with a backup in reach: {timed(lambda: _purged(hand, roots[60])):.0f} ms")
    with world.within(hand.store):
        print(f"verify     {timed(lambda: verify(hand)):.0f} ms")
    print(f"lock       {timed(close):.0f} ms")
    print(f"unlock     {timed(lambda: network.reopened(Role.COORDINATOR)):.0f} ms, after 51 purges")
    close()
    sizes = {path.name: path.stat().st_size >> 20 for path in network.folder.glob("*.store")}
    print(f"sizes      {sizes} MiB")


def _purged(hand: Hand, root: uuid.UUID) -> None:
    with world.within(hand.store):
        purge.purge(hand, root)


def hardening() -> None:
    """Render the same page in a process with and without a hardened memory."""
    told = {}
    for name, environment in (("as it is", dict(os.environ)), ("hardened", memory.hardened_environment())):
        words = [sys.executable, "-c", _WORK]
        said = subprocess.run(words, check=True, env=environment, capture_output=True, text=True)
        told[name] = float(said.stdout)
    slower = told["hardened"] / told["as it is"]
    print(f"memory     a page {told['as it is']:.2f} ms, hardened {told['hardened']:.2f} ms: {slower:.2f} times")


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--only", choices=("kills", "store", "memory"))
    told = asked.parse_args()
    if told.only in {None, "memory"}:
        hardening()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: dict[str, Callable[[Network], None]] = {
            "kills": lambda it: kills(it, told.kills),
            "store": lambda it: store(it, folder),
        }
        for part, run in parts.items():
            if told.only not in {None, part}:
                continue
            if part == "store":  # at the real sizes
                level.STEP_BYTES, level.SPARE_BYTES, noise.BLOCKS = 16 << 20, 4 << 20, 1024
            where = folder / part / "vault"
            where.parent.mkdir()
            networks.found(where)
            networks.use(where)
            run(Network(where))


if __name__ == "__main__":
    main()
