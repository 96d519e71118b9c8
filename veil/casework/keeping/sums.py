"""Sums of a backup's files: whatever rots on a stick in a drawer is found, in either store, without any key."""

import json
from hashlib import blake2b
from pathlib import Path

from django.utils.translation import gettext as _

from veil.errors import VeilError
from veil.whole import write_whole

_NAME = "sums"
_OWN = ("noise", "lock", _NAME)  # the noise has sums of its own, and follows the vault's
_MOST_BYTES = {
    "slots": 1 << 20,
    "signals": 1 << 20,
    "waits": 1 << 10,
    "time": 1 << 10,
    "noise": 64 << 20,
    _NAME: 1 << 24,
}
_PIECE = 1 << 20


def files_of(backup: Path) -> list[Path]:
    """Return a backup's files: those in it, and those in its folders."""
    return sorted(path for path in (*backup.glob("*"), *backup.glob("*/*")) if path.is_file())


def write(backup: Path) -> None:
    """Write down what every file holds now."""
    write_whole(backup / _NAME, json.dumps(_told(backup)).encode())


def differing(backup: Path) -> list[str]:
    """Return the names of the files that are not what was written; nothing where no sums lie."""
    try:
        kept: dict[str, str] = json.loads((backup / _NAME).read_bytes())
    except FileNotFoundError:
        return []
    except ValueError:
        return [_NAME]
    now = _told(backup)
    return sorted(name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name))


def forget(folder: Path) -> None:
    """Remove the sums: somebody begins to work in this folder, and what they say is no longer so."""
    (folder / _NAME).unlink(missing_ok=True)


def refuse_strange(backup: Path) -> None:
    """Raise VeilError for links, and small files that are not small: no backup of ours has them."""
    found = [*backup.glob("*"), *backup.glob("*/*")]
    large = any((backup / name).stat().st_size > most for name, most in _MOST_BYTES.items() if (backup / name).exists())
    if large or any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in found):
        raise VeilError(_("this is not a backup as it was written here"), _("restore another one"))


def _told(backup: Path) -> dict[str, str]:
    return {str(path.relative_to(backup)): _sum(path) for path in files_of(backup) if path.name not in _OWN}


def _sum(path: Path) -> str:
    told = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            told.update(piece)
    return told.hexdigest()
