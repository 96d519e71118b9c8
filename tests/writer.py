"""A writer that is killed in the middle: it tells each record only after it is kept.

python -m tests.writer FOLDER: unlocks the vault and writes records of two rows each, and one purge in ten, for ever.
"""

import sys
import uuid
from itertools import count
from pathlib import Path

from tests.networks import CALL_SIGNS, passphrase_of, use
from veil.casework import world
from veil.casework.keeping import clocks, purge
from veil.casework.network import opening
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role


def main(folder: str) -> None:
    """Write until somebody ends it."""
    use(Path(folder))
    sign = CALL_SIGNS[Role.COORDINATOR]
    hand = opening.unlock(sign, passphrase_of(sign))
    kept: list[uuid.UUID] = []
    for number in count():
        root = uuid.uuid4()
        with world.within(hand.store):
            hand.make(root, root, Kind.FILE, [Worker.objects.get(id=hand.id)])
            for record in (root, uuid.uuid5(root, "half")):
                hand.write(record, root, Kind.FILE, {"words": "x" * 500})
            clocks.start(root, root, "case")
        print("kept", root, flush=True)
        kept.append(root)
        if number % 10 == 9:
            gone = kept.pop(0)
            print("purging", gone, flush=True)
            with world.within(hand.store):
                purge.purge(hand, gone)
            print("purged", gone, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
