"""Unlocking and founding: from a passphrase to a hand, and from an empty folder to a vault with two stores."""

import json
import secrets
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from veil.casework import clock, world
from veil.casework.hand import Hand
from veil.casework.keeping import files
from veil.casework.keeping.tidy import tidy
from veil.casework.network import audit
from veil.casework.network.models import Worker, World
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import noise, seal, signals, stores
from veil.vault.cost import Cost
from veil.vault.slots import STORES, Slot, Slots, WrongPassphrase, halves

NETWORK = uuid.UUID(int=1)  # whose compartment holds what only coordinators share: the desk
_one_at_a_time = threading.Lock()  # stretching takes much memory; it is also the limit on guesses


def slots() -> Slots:
    """Return the slots file of the vault in use."""
    return Slots(stores.folder() / "slots")


def unlock(call_sign: str, passphrase: str, extra: bytes = b"") -> Hand:
    """Open the world that these words open and return its worker's hand; raise `WrongPassphrase`.

    Each unlocking leaves a signal of the same size; the network reads from it whether it was forced.
    """
    with _one_at_a_time:
        slot = slots().open(call_sign, passphrase, extra)
    stores.unlock(slot.store, slot.store_key)
    who = uuid.UUID(bytes=slot.worker)
    with world.within(slot.store):
        worker = Worker.objects.filter(id=who, ended=None).first()
        if worker is None:
            raise WrongPassphrase
        audit.verify()
        hand = Hand(worker, slot.secret, slot.store)
        hand.note("unlocked")
        tidy(hand)
    signals.leave(stores.folder() / "signals", signals.Signal(slot.worker, time.time(), False), slot.signals_to)
    return hand


@dataclass(frozen=True)
class Member:
    """Who is to join: the call sign and the passphrase that they chose, and their role."""

    call_sign: str
    passphrase: str
    role: Role
    extra: bytes = b""


def found(folder: Path, first: Member, cost: Cost) -> Hand:
    """Make a vault with two stores, of which chance says which is the network's, and its first coordinator."""
    if (folder / "slots").exists():
        raise VeilError(_("there is a vault here already"), _("choose an empty folder"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Slots.made(folder / "slots", cost)
    signals.make(folder / "signals")
    noise.Noise.made(folder / "noise")
    files.scatter(folder / "files")
    keys = {name: seal.new_key() for name in STORES}
    ours, theirs = secrets.SystemRandom().sample(STORES, 2)
    half, other_half = halves()
    for name, allotted in ((ours, half), (theirs, other_half)):
        stores.unlock(name, keys[name])
        world.furnish(name)
        with world.within(name):
            World.objects.create(latest=clock.now(), settings={"slots": list(allotted)})
    signals_secret = seal.new_secret()
    desk = {
        "other": theirs,
        "other key": keys[theirs].hex(),
        "other slots": list(other_half),
        "signals": signals_secret.hex(),
    }
    with world.within(ours):
        hand = _enter(ours, keys[ours], first, seal.public_of(signals_secret))
        me = Worker.objects.get(id=hand.id)
        hand.make(NETWORK, NETWORK, Kind.FILE, [me])
        hand.write(NETWORK, NETWORK, Kind.FILE, desk)
        hand.note("vault founded")
    stores.lock(theirs)
    return hand


def join(hand: Hand, member: Member) -> Worker:
    """Let somebody into the network with keys to nothing; a coordinator also gets the desk."""
    hand.require("worker.add")
    desk = hand.read(NETWORK, NETWORK, Kind.FILE).said
    public = seal.public_of(bytes.fromhex(desk["signals"]))
    other = _enter(hand.store, stores.key_of(hand.store), member, public)
    worker = Worker.objects.get(id=other.id)
    if worker.role == Role.COORDINATOR:
        hand.share(NETWORK, Kind.FILE, worker)
    hand.note("worker joined", worker.id)
    return worker


def _enter(store: str, store_key: bytes, member: Member, signals_to: bytes) -> Hand:
    settings = World.objects.get().settings
    taken = set(Worker.objects.values_list("slot", flat=True))
    free = [index for index in settings["slots"] if index not in taken]
    if not free:
        raise VeilError(_("this vault is full"), _("revoke workers who have left"))
    secret = seal.new_secret()
    worker = Worker.objects.create(
        call_sign=member.call_sign,
        role=member.role,
        public=seal.public_of(secret),
        slot=free[0],
        other_slot=-1,
        since=clock.now(),
    )
    slot = Slot(store, store_key, worker.id.bytes, secret, signals_to)
    slots().put(free[0], slot, member.call_sign, member.passphrase, member.extra)
    return Hand(worker, secret, store)


def desk(hand: Hand) -> dict[str, object]:
    """Return what only coordinators share; raise `NotAllowed` to everybody else."""
    return dict(json.loads(json.dumps(hand.read(NETWORK, NETWORK, Kind.FILE).said)))
