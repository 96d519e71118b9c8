"""Backups that are known: what is purged here is unreadable there at once, or owed until the place is seen again."""

import re
import uuid
from pathlib import Path

from django.utils.translation import gettext as _

from veil.casework.hand import Hand
from veil.casework.keeping.lasting import the_noise
from veil.casework.keeping.models import Backup
from veil.errors import VeilError
from veil.vault.noise import Noise
from veil.whole import sweep


def follow() -> int:
    """Bring the noise beside every known backup to what it is here; return how many could not be reached."""
    owed = 0
    for id_, folder, noise in Backup.objects.values_list("id", "folder", "noise"):
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
