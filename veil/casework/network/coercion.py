"""Coercion: a decoy passphrase that opens the other world, and the silent alarm when it was used.

Whoever is forced gives the decoy's words. Nothing here may run differently in the two worlds: where a page or a step
finds no way to another world, it says what it says to a worker whose decoy is set already.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from django.db import connections
from django.utils.translation import gettext as _

from veil.casework import clock, policy, world
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand
from veil.casework.keeping.models import Backup
from veil.casework.keeping.tidy import tidy
from veil.casework.network import decoy, desks, opening
from veil.casework.network.models import Worker, World, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import signals, stores
from veil.vault.signals import Signal
from veil.vault.slots import Slot

OTHER_ROLES = (Role.OPERATOR, Role.CASE_WORKER, Role.HOST, Role.CLINICIAN, Role.LAWYER, Role.PRESS, Role.COORDINATOR)
_ALIVE_HOURS = 20
# What a network chose for itself and everybody can see, as after how long the page locks: the same in both worlds.
_SEEN = ("zone", "days", "move_hours", "grace minutes", "idle minutes", "missed calls", "second look", "open", "yield")


class NoMeans(VeilError):
    """Nothing lies in this worker's drawer; which of the reasons it is, is not said."""

    def __init__(self) -> None:
        super().__init__(
            _("a second passphrase cannot be set here now"),
            _("you have one already, or this network keeps none; a coordinator can hand you the means again"),
        )


@dataclass(frozen=True)
class Second:
    """A second passphrase, what its worker is said to do, and what the people told who never were."""

    passphrase: str
    role: Role
    sentences: tuple[str, ...] = ()


def set_decoy(hand: Hand, passphrase: str, decoy_passphrase: str, role: Role, extra: bytes = b"") -> None:
    """Let a worker's second passphrase open the other world, with nothing but what a program invents."""
    set_second(hand, passphrase, Second(decoy_passphrase, role), extra)


def set_second(hand: Hand, passphrase: str, second: Second, extra: bytes = b"") -> None:
    """Let a worker's second passphrase open the other world; raise `WrongPassphrase` unless they say their own first.

    What they needed for it is destroyed: afterwards nothing in their own reach leads to the other world.
    """
    decoy_passphrase, role = second.passphrase, second.role
    opening.confirm(hand, passphrase, extra)
    opening.require_fit(decoy_passphrase, hand.call_sign)
    opening.require_unused(hand.call_sign, decoy_passphrase)
    kit = desks.kit_of(hand)
    me = Worker.objects.get(id=hand.id)
    if kit is None:
        raise NoMeans
    with _open(kit):
        director = Hand(Worker.objects.get(id=kit.director), kit.secret, kit.store)
        crew = decoy.crew_of(director, kit.secret)
        decoy.keep_alive(crew)  # before anything is noted here, or all of its past would be of this minute
        double = Worker.objects.filter(id=hand.id).first()
        if double is None:
            double, secret = desks.hire(hand.call_sign, role, hand.id)
        else:  # forgotten words: a new pair of keys under the old call sign
            Wrap.objects.filter(holder=double).delete()
            secret = desks.renew(double, role)
            double.refresh_from_db()
        slot = Slot(kit.store, kit.key, double.id.bytes, secret, kit.signals)
        director.note("worker joined", double.id)
        decoy.entrust(crew, double, second.sentences)
        opening.slots().put(double.slot, slot, hand.call_sign, decoy_passphrase)
        other_slot = double.slot
    Worker.objects.filter(id=me.id).update(other_slot=other_slot)
    desks.empty(me.slot)
    hand.note("passphrase changed")


def give_again(hand: Hand, worker: uuid.UUID) -> None:
    """Put into a worker's drawer once more what they need to set a second passphrase; raise `NotAllowed`."""
    hand.require("worker.add")
    found = Worker.objects.filter(id=worker, ended=None).first()
    if found is None:
        raise policy.NotAllowed
    desks.give(hand, found)
    hand.note("means handed over", worker)


def forget_worker(hand: Hand, worker: Worker) -> None:
    """End a worker's way in: their slot becomes noise, and so does their drawer; for coordinators.

    What a second passphrase opens goes on: if the one who was forced is revoked while somebody looks on, nothing may
    fall shut before their eyes. Nothing real is behind it. The tables are left to whoever revokes.
    """
    hand.require("worker.revoke")
    if worker.slot >= 0:
        opening.slots().clear([worker.slot])
        desks.empty(worker.slot)


def keep_alive(hand: Hand) -> None:
    """Let time pass in the other world, once in a day, when a coordinator is in: so that it does not look abandoned."""
    if hand.role != Role.COORDINATOR or not hand.holds(desks.NETWORK, Kind.FILE):
        return
    said = desks.desk(hand)
    now = clock.now().timestamp()
    if now - said["kept"] < _ALIVE_HOURS * 3600:
        return
    desks.put(hand, said | {"kept": now})
    other = desks.other_of(hand)
    if other is None:
        return
    backups = list(Backup.objects.values("folder", "noise", "made"))
    chosen = {name: told for name, told in World.objects.get().settings.items() if name in _SEEN}
    with _open(other):
        there = World.objects.get().settings
        World.objects.update(settings={name: told for name, told in there.items() if name not in _SEEN} | chosen)
        # a backup that is found is known in both: it holds both
        Backup.objects.exclude(folder__in=[row["folder"] for row in backups]).delete()
        for row in backups:
            Backup.objects.update_or_create(folder=row["folder"], defaults=row)
        director = Hand(Worker.objects.get(id=other.director), other.secret, other.store)
        decoy.keep_alive(decoy.crew_of(director, other.secret))


def set_right(hand: Hand) -> None:
    """Go on from the time that this machine tells now, in both worlds: a coordinator has looked at a calendar."""
    hand.require("clock.set right")
    clock.set_right()
    hand.note("time set right")
    other = desks.other_of(hand) if hand.holds(desks.NETWORK, Kind.FILE) else None
    if other is not None:
        with _open(other):
            clock.set_right()


@dataclass(frozen=True)
class Forced:
    """Somebody gave up the decoy's words: who, and when first and last since it was answered."""

    worker: uuid.UUID
    call_sign: str
    first: datetime
    last: datetime
    times: int


def forced(hand: Hand) -> list[Forced]:
    """Return who was forced and not answered for yet, the latest first; nothing for whoever holds no desk."""
    if hand.role != Role.COORDINATOR or not hand.holds(desks.NETWORK, Kind.FILE):
        return []
    other, desk = desks.other_of(hand), desks.desk(hand)
    if other is None:  # a coordinator of the other world waits for the same work
        _read(stores.folder() / "signals", bytes.fromhex(desk["signals"]))
        return []
    answered = desk["answered"]
    found: dict[uuid.UUID, list[float]] = {}
    for signal in _read(stores.folder() / "signals", other.signals):
        who = uuid.UUID(bytes=signal.worker)
        if signal.at > answered.get(str(who), 0.0):
            found.setdefault(who, []).append(signal.at)
    # whoever is not of this world was invented for the other one: their signals are part of the story there
    signs = dict(Worker.objects.filter(id__in=list(found)).values_list("id", "call_sign"))
    told = [
        Forced(who, signs[who], _time(min(ats)), _time(max(ats)), len(ats))
        for who, ats in found.items()
        if who in signs
    ]
    return sorted(told, key=lambda one: one.last, reverse=True)


def answer(hand: Hand, worker: uuid.UUID) -> None:
    """Remember that the network did what was to be done; the next forced unlocking rings again."""
    hand.require("alarm.see")
    ats = [one.last.timestamp() for one in forced(hand) if one.worker == worker]
    if not ats:
        raise policy.NotAllowed
    said = desks.desk(hand)
    latest = sorted((said["answered"] | {str(worker): max(ats) + 0.001}).items(), key=lambda told: told[1])[-30:]
    desks.put(hand, said | {"answered": dict(latest)})
    hand.note("alarm answered", worker)


def due(hand: Hand, now: datetime) -> list[Due]:  # noqa: ARG001  (every part of the board is asked in this form)
    """Return an alarm for each colleague who was forced, for the coordinators' board."""
    return [
        Due(Weight.ALARM, one.last, _("a colleague is being forced"), one.call_sign, "forced", one.worker)
        for one in forced(hand)
    ]


_known: dict[Path, tuple[tuple[int, int, bytes], list[Signal]]] = {}


def _read(path: Path, secret: bytes) -> list[Signal]:
    # the board is asked often, and 256 seals take a while: what was read stands until the file is another
    told = path.stat()
    mark = (told.st_mtime_ns, told.st_ino, blake2b(secret).digest())
    kept = _known.get(path)
    if kept is None or kept[0] != mark:
        kept = _known[path] = (mark, signals.read(path, secret))
    return kept[1]


@contextmanager
def _open(other: desks.Other) -> Iterator[None]:
    since = stores.unlock(other.store, other.key)
    try:
        with stores.working(other.store):  # whoever leaves there meanwhile does not close it
            with world.within(other.store):
                yield
            with world.within(other.store):  # nothing is left over that the next one who unlocks would finish
                tidy(Hand(Worker.objects.get(id=other.director), other.secret, other.store))
    finally:
        connections[other.store].close()
        stores.relock(other.store, since)  # unless somebody has come in: they are not thrown out


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
