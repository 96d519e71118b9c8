"""Backups: a copy of the whole vault while people work, sealed as the vault is; and back again.

A backup is itself a vault's folder. What was purged since does not open from it once its noise follows the vault's; a
copy of the noise can lie apart, where it is always reached, and then an old backup that nobody reaches yields nothing.
"""

import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from veil.casework import clock, world
from veil.casework.hand import Hand
from veil.casework.keeping import backed_up, sums
from veil.casework.keeping.models import Backup
from veil.casework.requests import inbox, intake
from veil.errors import VeilError
from veil.vault import claim, stores, unfinished
from veil.vault.noise import Noise, NoiseDamaged
from veil.vault.slots import STORES, Slots
from veil.vault.sqlcipher.base import copy
from veil.whole import own, write_whole

_SMALL = ("slots", "signals", "waits", "time")


@dataclass(frozen=True)
class Owed:
    """Backups that could not be reached: they still hold what was purged since."""

    folders: tuple[str, ...]


def back_up(hand: Hand, folder: Path, noise_folder: Path | None = None) -> None:
    """Write the whole vault into a folder, in place of the backup that is there; outside of any world.

    With `noise_folder` the noise goes there, and only there: keep it apart from the backup, and always in reach.
    """
    with world.within(hand.store):
        hand.require("vault.backup")
    here = stores.folder().resolve()
    folder = folder.resolve()
    if folder == here or here in folder.parents or folder in here.parents:
        raise VeilError(_("a backup beside or inside the vault is lost with it"), _("name a folder on another disk"))
    if folder.exists() and any(folder.iterdir()) and not (folder / "slots").exists():
        raise VeilError(_("this folder holds something else"), _("name an empty folder, or one that holds a backup"))
    noise = (noise_folder.resolve() if noise_folder else folder) / "noise"
    if noise_folder is not None:
        _refuse_anothers(noise, here)
    with backed_up.writing(folder):
        _write(hand, folder, noise)
    with world.within(hand.store):
        backed_up.follow()
        hand.note("vault backed up")


def _write(hand: Hand, folder: Path, noise: Path) -> None:
    here, apart = stores.folder().resolve(), noise.parent != folder
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    with world.within(hand.store):
        intake.take_in(hand)
        backed_up.note(folder, noise, clock.now())  # before there is one: what a crash leaves is followed too
    try:
        for left in backed_up.leftovers(folder):
            _remove(left)
        _fill(part, here)
        sums.write(part)
        _put_noise(noise if apart else part / "noise", here)
        old = _put_away(folder, here)
        part.rename(folder)
        if old is not None:
            _remove(old)
    except OSError as error:
        with world.within(hand.store):
            backed_up.forget_unless_there(folder)
        raise _unwritable(error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def restore(backup: Path, folder: Path, noise: Path | None = None, *, even_if_damaged: bool = False) -> None:
    """Put a backup in the vault's place (or make the vault anew from it).

    The vault's own key slots and noise stay where they are whole: so what was purged, and who was revoked, since the
    backup stays so. The store's records go back to the day of the backup.
    """
    with suppress(OSError):  # a stick that may only be read
        backed_up.bring_out(backup.resolve(), apart=noise is not None)
    _refuse_unfit(backup, even_if_damaged)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_room(backup, folder)
    claim.claim(folder)
    try:
        unfinished.clear(folder)
        theirs = _noise_of(backup, noise)
        ours = _own_noise(folder, theirs)
        if not ours:
            write_whole(folder / "noise", theirs.whole())
        if not (ours and _is_whole(Slots(folder / "slots"))):
            write_whole(folder / "slots", (backup / "slots").read_bytes())
        for name in _SMALL[1:]:
            if not (folder / name).exists() and (backup / name).is_file():
                write_whole(folder / name, (backup / name).read_bytes())
        for store in STORES:
            if (backup / f"{store}.store").is_file():
                _copy_whole(backup / f"{store}.store", folder / f"{store}.store")
        if (backup / "inbox").is_dir() or (folder / "inbox").is_dir():
            inbox.bring_back(backup / "inbox", folder / "inbox")
        _copy_files(backup / "files", folder / "files", only_these=True)
    except OSError as error:
        raise _unwritable(error) from error
    finally:
        claim.release(folder)


def _refuse_unfit(backup: Path, even_if_damaged: bool) -> None:
    sums.refuse_strange(backup)
    Slots(backup / "slots").check()
    for store in STORES:
        if stores.postgres() is None and not (backup / f"{store}.store").is_file():
            raise VeilError(_("this backup is not whole"), _("restore another one"))
    if not even_if_damaged and sums.differing(backup):
        raise VeilError(
            _("this backup was damaged since it was written"), _("restore another one; if there is none, add --damaged")
        )


def _require_room(backup: Path, folder: Path) -> None:
    if sum(path.stat().st_size for path in sums.files_of(backup)) > shutil.disk_usage(folder).free:
        raise VeilError(_("the disk is full"), _("make room, then do it again; what was there before is unharmed"))


def owed() -> Owed:
    """Return where what was purged may still be read; only inside a world."""
    return Owed(tuple(Backup.objects.filter(owed=True).order_by("folder").values_list("folder", flat=True)))


def _fill(part: Path, here: Path) -> None:
    part.mkdir(mode=0o700, parents=True)
    for store in STORES:
        if stores.postgres() is not None:
            break  # the database is copied with its own tools
        _copy_store(store, part / f"{store}.store")
    for name in _SMALL:
        if (here / name).is_file():
            write_whole(part / name, (here / name).read_bytes())
    if inbox.folder().is_dir():
        inbox.copy_empty(part / "inbox")
    _copy_files(here / "files", part / "files")


def _copy_store(store: str, target: Path) -> None:
    while True:
        before = stores.unlockings(store)
        if stores.is_open(store):
            with stores.working(store):
                copy(store, target)
            return
        _copy_whole(stores.file_of(store), target)
        if before == stores.unlockings(store) and not stores.is_open(store):
            return


def _put_noise(path: Path, here: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = Noise(here / "noise")
    if not (path.is_file() and Noise(path).follow(ours)):
        write_whole(path, ours.whole())


def _put_away(folder: Path, here: Path) -> Path | None:
    """Rename an older backup, once its noise has followed, and return what it is called now."""
    if not folder.exists():
        return None
    if (folder / "noise").is_file():
        with suppress(NoiseDamaged):
            Noise(folder / "noise").follow(Noise(here / "noise"))
    old = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    folder.rename(old)
    return old


def _remove(old: Path) -> None:
    """Remove a backup, its noise first: without it the rest opens nothing that is purged later."""
    (old / "noise").unlink(missing_ok=True)
    shutil.rmtree(old)


def _refuse_anothers(noise: Path, here: Path) -> None:
    """Raise VeilError where another vault's noise lies at this place: with it all of that one's backups would go."""
    if not noise.is_file():
        return
    with suppress(NoiseDamaged):
        if Noise(noise).tag != Noise(here / "noise").tag:
            raise VeilError(_("this folder holds the key file of another vault"), _("name a folder of its own for it"))


def _noise_of(backup: Path, noise: Path | None) -> Noise:
    path = (noise / "noise" if noise is not None and noise.is_dir() else noise) or backup / "noise"
    if not path.is_file():
        raise VeilError(_("the noise of this backup lies elsewhere"), _("name its folder with --noise"))
    found = Noise(path)
    found.all()
    return found


def _own_noise(folder: Path, theirs: Noise) -> bool:
    """Tell whether the vault has its noise, whole, and of the same vault as the backup; refuse another vault's."""
    try:
        mine = Noise(folder / "noise")
        mine.all()
    except NoiseDamaged:
        return False
    if mine.tag != theirs.tag:
        raise VeilError(_("this is a backup of another vault"), _("restore it into an empty folder"))
    return True


def _is_whole(slots: Slots) -> bool:
    try:
        slots.check()
    except VeilError:
        return False
    return True


def _copy_files(source: Path, target: Path, *, only_these: bool = False) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    names = {path.name for path in source.glob("*") if path.is_file() and not path.name.endswith(".part")}
    for name in names:
        if not (target / name).exists() or (target / name).stat().st_size != (source / name).stat().st_size:
            _copy_whole(source / name, target / name)
    for path in target.glob("*") if only_these else ():
        if path.name not in names:
            path.unlink()


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a large file so that the target is the whole of it or what it was before."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        own(part)
        shutil.copyfile(source, part)
        with part.open("r+b") as file:
            stores.to_disk(file)
        for log in ("-wal", "-shm"):  # of what was there before: not a moment earlier, it may hold the last records
            target.with_name(target.name + log).unlink(missing_ok=True)
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _unwritable(error: OSError) -> VeilError:
    if error.errno == 28:
        return VeilError(_("the disk is full"), _("make room, then do it again; what was there before is unharmed"))
    return VeilError(_("a folder cannot be read or written"), _("see whether the disk is there and may be written to"))
