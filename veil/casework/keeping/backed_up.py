"""Backups that are known: what is purged here is unreadable there at once, or owed until the place is seen again."""

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.utils.translation import gettext as _

from veil.casework.hand import Hand
from veil.casework.keeping import sums
from veil.casework.keeping.lasting import the_noise
from veil.casework.keeping.models import Backup
from veil.errors import VeilError
from veil.vault.noise import Noise
from veil.whole import sweep

_written: set[Path] = set()  # folders to which this process writes a backup now
_guard = threading.Lock()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Write a backup into a folder until the block ends; raise VeilError while somebody else does."""
    with suppress(OSError):
        bring_out(folder, apart=True)
    with _guard:
        if folder in _written:
            raise VeilError(_("a backup is being written to this folder already"), _("wait until it is done"))
        _written.add(folder)
    try:
        yield
    finally:
        with _guard:
            _written.discard(folder)


def bring_out(folder: Path, *, apart: bool) -> None:
    """Give a whole backup its name again, where a crash struck after it was put away and before the next had its place.

    Else the next step would remove the only one there is, before there is another. Where its noise is not `apart`, a
    backup without it is not whole.
    """
    with _guard:
        if folder in _written or folder.exists():
            return
        lying = [left for left in leftovers(folder) if (left / "sums").is_file()]
        whole = [left for left in lying if (apart or (left / "noise").is_file()) and not sums.differing(left)]
        if whole:
            max(whole, key=lambda left: (left / "sums").stat().st_mtime).rename(folder)


def follow() -> int:
    """Bring the noise beside every known backup to what it is here; return how many could not be reached."""
    owed = 0
    for id_, folder, noise in Backup.objects.values_list("id", "folder", "noise"):
        with suppress(OSError):  # a stick that may only be read
            bring_out(Path(folder), apart=Path(noise).parent != Path(folder))
        for left in leftovers(Path(folder)):
            _followed(left / "noise")
        reached = _followed(Path(noise))
        Backup.objects.filter(id=id_).update(owed=not reached)
        owed += not reached
    return owed


def leftovers(folder: Path) -> list[Path]:
    """Return what lies beside a backup where writing it was cut short: it holds the same, and follows as well."""
    told = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{8}}")
    try:
        return [path for path in folder.parent.iterdir() if told.fullmatch(path.name) and path.is_dir()]
    except OSError:
        return []


def out_of_reach() -> int:
    """Return how many backups a purge would not reach now."""
    return sum(not Path(noise).is_file() for noise in Backup.objects.values_list("noise", flat=True))


def follow_at(folder: Path) -> None:
    """Bring the noise of one backup, wherever it lies now, to what it is here; raise VeilError if it is not ours."""
    noise = folder / "noise" if folder.is_dir() else folder
    if not _followed(noise):
        raise VeilError(
            _("there is no backup of this vault at that place"), _("name the folder that the backup was written to")
        )
    Backup.objects.filter(noise=str(noise.resolve())).update(owed=False)


def forget(hand: Hand, folder: Path) -> None:
    """Take a backup off the list that was itself destroyed."""
    hand.require("vault.backup")
    if not Backup.objects.filter(folder=str(folder.resolve())).delete()[0]:
        raise VeilError(_("no backup was written to that place"), _("name the folder as `veil vault purge` tells it"))
    hand.note("backup gone")


def forget_unless_there(folder: Path) -> None:
    """Take a backup off the list that could not be written, unless an older one lies there."""
    if not (folder / "slots").is_file():
        Backup.objects.filter(folder=str(folder.resolve())).delete()


def note(folder: Path, noise: Path, made: object) -> uuid.UUID:
    """Remember where a backup was written."""
    told = {"noise": str(noise.resolve()), "made": made, "owed": False}
    row, _made = Backup.objects.update_or_create(folder=str(folder.resolve()), defaults=told)
    return uuid.UUID(str(row.id))


def _followed(noise: Path) -> bool:
    try:
        sweep(noise)  # a copy of it that was cut short holds the same
        return noise.is_file() and Noise(noise).follow(the_noise())
    except (OSError, VeilError):
        return False
