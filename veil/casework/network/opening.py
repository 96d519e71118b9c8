"""Unlocking and founding: from a passphrase to a hand, and from an empty folder to a vault with two stores."""

import secrets
import threading
import unicodedata
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from veil.casework import clock, world, zone
from veil.casework.hand import Hand
from veil.casework.keeping import files, sums
from veil.casework.keeping.tidy import tidy
from veil.casework.moves import ending as moves
from veil.casework.network import audit, desks
from veil.casework.network.desks import NETWORK
from veil.casework.network.models import Worker, World
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import claim, guesses, noise, phrases, seal, signals, stores, unfinished
from veil.vault.cost import Cost, measured
from veil.vault.slots import STORES, Slot, Slots, WrongPassphrase, halves

LONGEST = 1024  # characters of a call sign or passphrase that are looked at
_MOST_WAITING = 8
_one_founding = threading.Lock()
_one_at_a_time = threading.Lock()  # stretching takes much memory; it is also the limit on guesses
_waiting = threading.Semaphore(_MOST_WAITING)
_furnishing = threading.Lock()


class Busy(VeilError):
    """Too many are unlocking at once."""

    def __init__(self) -> None:
        super().__init__(_("too many are at the door at once"), _("wait a few seconds, then try again"))


def slots() -> Slots:
    """Return the slots file of the vault in use."""
    return Slots(stores.folder() / "slots")


def unlock(call_sign: str, passphrase: str, extra: bytes = b"") -> Hand:
    """Open the world that these words open and return its worker's hand; raise `WrongPassphrase` or `TooSoon`.

    An unknown call sign, a wrong passphrase and somebody revoked take the same work and get the same words. Each
    unlocking leaves a signal of the same size; those who hold the keys of both worlds read from it whether it was
    forced.
    """
    slot = _tried(call_sign, passphrase, extra)
    since = stores.unlock(slot.store, slot.store_key)
    sums.forget(stores.folder())
    try:
        hand = _let_in(slot)
        unfinished.done(stores.folder())  # whoever gets in has a vault here, told or not
        return hand
    except BaseException:
        stores.relock(slot.store, since)
        raise


def confirm(hand: Hand, passphrase: str, extra: bytes = b"") -> Slot:
    """Return the slot of a worker who is in and says their passphrase again; raise `WrongPassphrase` or `TooSoon`."""
    slot = _tried(hand.call_sign, passphrase, extra)
    if (slot.store, slot.worker) != (hand.store, hand.id.bytes):
        raise WrongPassphrase  # of the other world: what is said is no different from a wrong one
    return slot


def change_passphrase(hand: Hand, old: str, new: str, extra: bytes = b"", new_extra: bytes | None = None) -> None:
    """Let a worker who knows their old passphrase open their slot with a new one, and with the old one no more."""
    slot = confirm(hand, old, extra)
    require_fit(new, hand.call_sign)
    extra = extra if new_extra is None else new_extra
    require_unused(hand.call_sign, new, extra, but=slot)
    _put_again(hand, slot, new, extra)


def set_key(hand: Hand, passphrase: str, before: bytes, after: bytes) -> None:
    """Let what a security key adds be needed from now on beside the passphrase, or (with nothing) no more."""
    _put_again(hand, confirm(hand, passphrase, before), passphrase, after)


def _put_again(hand: Hand, slot: Slot, passphrase: str, extra: bytes) -> None:
    index = Worker.objects.values_list("slot", flat=True).get(id=hand.id)
    hand.note("passphrase changed")
    # last of all: what is told as not saved must leave the old passphrase as it was
    put = partial(slots().put, index, slot, hand.call_sign, passphrase, extra)
    transaction.on_commit(put, using=hand.store)


def require_fit(passphrase: str, call_sign: str) -> None:
    """Raise VeilError where a passphrase is too easy to guess, or longer than is looked at."""
    if phrases.weak(passphrase, call_sign):
        raise VeilError(
            _("this passphrase is too easy to guess"), _("take the one that is offered, or one of at least eight words")
        )
    if len(passphrase) > LONGEST:
        raise VeilError(_("this passphrase is too long"), _("keep to a thousand characters"))


def require_unused(call_sign: str, passphrase: str, extra: bytes = b"", but: Slot | None = None) -> None:
    """Raise VeilError where these words open something already, other than `but`; it counts as a guess."""
    try:
        found = _tried(call_sign, passphrase, extra)
    except WrongPassphrase:
        return
    if but is None or found != but:
        raise VeilError(_("this passphrase cannot be taken"), _("take another one, at best the one that is offered"))


def called(call_sign: str) -> str:
    """Return a call sign as it is kept; raise VeilError where it is empty, long, or has signs that nobody can say."""
    told = " ".join(unicodedata.normalize("NFKC", call_sign).split())
    fit = all(letter.isalnum() or letter in " -'’." for letter in told)
    if not 2 <= len(told) <= 40 or not fit:
        raise VeilError(
            _("this cannot be a call sign"), _("take 2 to 40 letters: a word that says nothing about who bears it")
        )
    return told


@dataclass(frozen=True)
class Member:
    """Who is to join: the call sign and the passphrase that they chose, and their role."""

    call_sign: str
    passphrase: str
    role: Role
    extra: bytes = b""


def found(folder: Path, first: Member, cost: Cost | None = None, *, decoy: bool = True, place: str = "") -> Hand:
    """Make a vault with two stores, of which chance says which is the network's, and its first coordinator.

    Without a `cost`, what one guess costs is measured on this machine. Without a `decoy`, the key of the other store
    is thrown away: from inside, such a network looks as a decoy world does. Both worlds live by the hours of a `place`.
    """
    with _one_founding:  # a second click waits, and finds a vault
        if stores.begun(folder):
            raise VeilError(_("there is a vault here already"), _("choose an empty folder"))
        if unfinished.is_unfinished(folder) and stores.postgres() is not None:
            raise VeilError(
                _("the making of a vault was cut short here"), _("choose an empty folder, and an empty database")
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        claim.claim(folder)
        try:
            unfinished.clear(folder)
            unfinished.begin(folder)
            hand = _made(folder, first, cost or measured(), decoy=decoy, place=place)
            unfinished.done(folder)
        except BaseException:
            for name in STORES:
                stores.lock(name)
            claim.release(folder)
            raise
        return hand


def _made(folder: Path, first: Member, cost: Cost, *, decoy: bool, place: str) -> Hand:
    Slots.made(folder / "slots", cost)
    signals.make(folder / "signals")
    noise.Noise.made(folder / "noise")
    files.scatter(folder / "files")
    guesses.make(folder / "waits")
    keys = {name: seal.new_key() for name in STORES}
    ours, theirs = secrets.SystemRandom().sample(STORES, 2)
    for name, half, places in zip((ours, theirs), halves(), signals.halves(), strict=True):
        stores.unlock(name, keys[name])
        world.furnish(name)
        with world.within(name):
            settings = {"slots": list(half), "places": list(places), "pings": 0, "drawers": {}}
            settings["zone"] = zone.of({"zone": place})
            World.objects.create(latest=clock.now(), settings=settings, sealed_keys=desks.empty_drawer())
    other = desks.stage(theirs, keys[theirs]) if decoy else None
    with world.within(ours):
        signals_secret = seal.new_secret()
        hand = enter(ours, keys[ours], first, seal.public_of(signals_secret))
        desks.lay(hand, Worker.objects.get(id=hand.id), signals_secret, other)
        if other is not None:
            desks.give(hand, Worker.objects.get(id=hand.id))
        hand.note("vault founded")
    stores.lock(theirs)
    return hand


def join(hand: Hand, member: Member) -> Worker:
    """Let somebody into the network with keys to nothing; a coordinator also gets the desk."""
    hand.require("worker.add")
    public = seal.public_of(bytes.fromhex(desks.desk(hand)["signals"]))
    other = enter(hand.store, stores.key_of(hand.store), member, public)
    worker: Worker = Worker.objects.get(id=other.id)
    if worker.role == Role.COORDINATOR:
        hand.share(NETWORK, Kind.FILE, worker)
    desks.give(hand, worker)
    hand.note("worker joined", worker.id)
    return worker


def enter(store: str, store_key: bytes, member: Member, signals_to: bytes, known: uuid.UUID | None = None) -> Hand:
    """Enter a worker in the present world with a slot of its half, and return their hand."""
    worker, secret = desks.hire(member.call_sign, member.role, known)
    slot = Slot(store, store_key, worker.id.bytes, secret, signals_to)
    slots().put(worker.slot, slot, member.call_sign, member.passphrase, member.extra)
    return Hand(worker, secret, store)


def desk(hand: Hand) -> dict[str, Any]:
    """Return what only coordinators share; raise `NotAllowed` to everybody else."""
    return desks.desk(hand)


def _tried(call_sign: str, passphrase: str, extra: bytes) -> Slot:
    tries = guesses.of(stores.folder())
    if not _waiting.acquire(blocking=False):
        raise Busy
    try:
        with _one_at_a_time:
            tries.check(call_sign[:LONGEST])
            try:
                return slots().open(call_sign[:LONGEST], passphrase[:LONGEST], extra)
            except WrongPassphrase:
                tries.wrong(call_sign[:LONGEST])
                raise
    finally:
        _waiting.release()


def _let_in(slot: Slot) -> Hand:
    with stores.working(slot.store), _furnishing:  # two who come at once do not both make the same tables
        world.refurnish(slot.store)
    with world.within(slot.store):
        worker = Worker.objects.filter(id=uuid.UUID(bytes=slot.worker), ended=None).first()
        if worker is None:
            raise WrongPassphrase
        audit.verify_some()
        hand = Hand(worker, slot.secret, slot.store)
        hand.note("unlocked")
        tidy(hand)
        desks.empty_old()
        moves.sweep(hand)
        desks.ping(hand.id, clock.now().timestamp(), slot.signals_to)
    return hand


__all__ = ["NETWORK", "Busy", "Member", "WrongPassphrase", "change_passphrase", "confirm", "found", "join", "unlock"]
