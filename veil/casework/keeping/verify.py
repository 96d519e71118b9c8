"""Verifying a vault: every page of the store, every link of the audit, every record that one's own keys reach."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from veil.casework.hand import Hand
from veil.casework.keeping import files, invariants, lasting
from veil.casework.keeping.models import Backup, SealedFile
from veil.casework.network import audit
from veil.casework.network.models import Sealed
from veil.errors import VeilError
from veil.vault import signals, stores
from veil.vault.noise import NoiseDamaged
from veil.vault.slots import STORES, Slots


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what is wrong; no problem: the vault is whole as far as this worker can see."""

    events: int
    opened: int  # records that this worker's keys opened
    sealed: int  # records in the store
    problems: tuple[str, ...]


def verify(hand: Hand) -> Verified:
    """Look at everything that can be looked at with one worker's keys; inside their world."""
    hand.require("vault.verify")
    problems = [*_outside(), *_store(hand.store), *_orphans()]
    events = 0
    try:
        events = audit.verify()
    except audit.Broken as error:
        problems.append(str(error))
    opened = 0
    for record, wrong in hand.tried():
        if wrong is None:
            opened += 1
        else:
            problems.append(f"{wrong}: {record}")
    hand.note("vault verified")
    return Verified(events, opened, Sealed.objects.count(), tuple(problems))


def _outside() -> Iterator[str]:
    for look in (Slots(stores.folder() / "slots").check, lasting.the_noise().all, _signals):
        try:
            look()
        except VeilError as error:
            yield str(error)
    if stores.postgres() is None:
        sizes = [stores.file_of(store).stat().st_size for store in STORES if stores.file_of(store).exists()]
        if len(sizes) != len(STORES):
            yield _("one of the two stores is missing")


def _signals() -> None:
    signals.read(stores.folder() / "signals", bytes(32))


def _store(store: str) -> Iterator[str]:
    if connections[store].vendor != "sqlite":
        return
    with connections[store].cursor() as cursor:
        for pragma, fine in (("cipher_integrity_check", None), ("integrity_check", "ok"), ("foreign_key_check", None)):
            try:
                cursor.execute(f"PRAGMA {pragma}")
                whole = all(row[0] == fine for row in cursor.fetchall())
            except DatabaseError:
                whole = False
            if not whole:
                yield _("the store has damaged pages")
                return


def _orphans() -> Iterator[str]:
    with suppress(NoiseDamaged):  # that was told already
        yield from invariants.broken()
    for file in SealedFile.objects.values_list("id", flat=True):
        if not files.path_of(uuid.UUID(str(file))).exists():
            yield _("a sealed file is missing: {what}").format(what=file)
    if Backup.objects.filter(owed=True).exists():
        yield _("a backup that could not be reached still opens what was purged since")
