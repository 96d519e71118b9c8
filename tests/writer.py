"""Writers that are killed in the middle of their work: they tell each thing only after it is kept.

python -m tests.writer one|five|founding FOLDER: one of them, started from nothing.
"""

import os
import sys
import threading
import uuid
from itertools import count
from pathlib import Path

from tests.networks import CALL_SIGNS, close, passphrase_of, use
from veil.casework import world
from veil.casework.hand import Hand
from veil.casework.keeping import backups, clocks, purge
from veil.casework.network import opening
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.vault.cost import CHEAP

SAID = {"words": "x" * 500}
_SESSIONS = (Role.COORDINATOR, Role.COORDINATOR, Role.OPERATOR, Role.OPERATOR, Role.CASE_WORKER)


def tell(word: str, what: object = "") -> None:
    """Say one thing in one piece, so that a kill cuts no word in two."""
    os.write(1, f"{word} {what}\n".encode())


def halves(root: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Return the ids of the two rows of one record."""
    return root, uuid.uuid5(root, "half")


def one(folder: Path) -> None:
    """Unlock the vault, write records of two rows each, and purge one for every three, for ever."""
    use(folder)
    write(_unlocked(Role.COORDINATOR), every=3)


def five(folder: Path) -> None:
    """Write in five sessions at once, and back the vault up beside it again and again, for ever."""
    use(folder)
    hands = [_unlocked(role) for role in _SESSIONS]
    for hand in hands:
        threading.Thread(target=_or_end, args=(hand,), daemon=True).start()
    for number in count():
        tell("copying", number)
        backups.back_up(hands[0], folder.parent / "copy")
        tell("copied", number)


def founding(folder: Path) -> None:
    """Found a network."""
    use(folder)
    sign = CALL_SIGNS[Role.COORDINATOR]
    opening.found(folder, opening.Member(sign, passphrase_of(sign), Role.COORDINATOR), CHEAP)
    tell("founded", uuid.UUID(int=0))
    close()


def write(hand: Hand, every: int) -> None:
    """Write for ever, and purge the oldest after so many; who is no coordinator purges nothing."""
    kept: list[uuid.UUID] = []
    for number in count(1):
        root = uuid.uuid4()
        with world.within(hand.store):
            reads = Worker.objects.filter(call_sign__in={hand.call_sign, CALL_SIGNS[Role.COORDINATOR]})
            hand.make(root, root, Kind.FILE, [*reads, Worker.objects.get(id=hand.id)])
            for record in halves(root):
                hand.write(record, root, Kind.FILE, SAID)
            clocks.start(root, root, "case")
        tell("kept", root)
        kept.append(root)
        if number % every == 0 and hand.role == Role.COORDINATOR:
            gone = kept.pop(0)
            tell("purging", gone)
            with world.within(hand.store):
                purge.purge(hand, gone)
            tell("purged", gone)


def _unlocked(role: Role) -> Hand:
    return opening.unlock(CALL_SIGNS[role], passphrase_of(CALL_SIGNS[role]))


def _or_end(hand: Hand) -> None:
    try:
        write(hand, every=3)
    except BaseException:  # noqa: BLE001  (whatever it was: nobody else would see it)
        sys.excepthook(*sys.exc_info())
        os._exit(1)  # a writer that fails must not go unseen beside four that go on


WORKS = {"one": one, "five": five, "founding": founding}

if __name__ == "__main__":
    WORKS[sys.argv[1]](Path(sys.argv[2]))
