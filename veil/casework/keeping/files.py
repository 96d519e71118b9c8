"""Sealed files: films, pictures and papers in the age format, each with a key of its own in a compartment.

Nothing of them is on the disk in the clear. Their sizes are rounded up, so that a size does not tell a film.
"""

import io
import secrets
import uuid
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.keeping.models import SealedFile
from veil.casework.network.models import Compartment
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.vault import stores
from veil.vault.age import AgeReader, Identity, Sealer

_PIECE = 64 * 1024
_LEAST = 64 * 1024
SCATTERED = 12


class Part(io.RawIOBase):
    """The first `size` bytes of a sealed file: what was put in, without what it was rounded up with."""

    def __init__(self, whole: AgeReader, size: int) -> None:
        super().__init__()
        self._whole, self.size = whole, size

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte comes from."""
        return self._whole.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; the end is that of what was put in."""
        if whence == io.SEEK_END:
            return self._whole.seek(self.size + offset)
        return self._whole.seek(offset, whence)

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill a buffer as far as there is something."""
        told = self._whole.read(min(len(buffer), max(0, self.size - self.tell()))) or b""
        buffer[: len(told)] = told
        return len(told)

    def close(self) -> None:
        """Close the file."""
        self._whole.close()
        super().close()


def rounded(size: int) -> int:
    """Return the size that a file of this size gets on the disk: at most an eighth more (64 KiB at the least)."""
    step = max(_LEAST, 1 << max(0, size.bit_length() - 4))
    return -(-max(size, 1) // step) * step


def put(hand: Hand, owner: uuid.UUID, kind: Kind, source: BinaryIO) -> SealedFile:
    """Seal a file into a compartment of which this worker holds the key; raise `NotAllowed` without it."""
    compartment = Compartment.objects.filter(owner=owner, kind=kind).first()
    if compartment is None or not hand.holds(owner, kind):
        from veil.casework.policy import NotAllowed

        raise NotAllowed
    row = SealedFile(root=compartment.root, compartment=compartment, since=clock.now())
    key = Identity.new()
    path = path_of(row.id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    size = 0
    with Sealer(path, [key.recipient]) as sealer:
        while piece := source.read(_PIECE):
            size += len(piece)
            sealer.write(piece)
        for start in range(size, rounded(size), _PIECE):
            sealer.write(bytes(min(_PIECE, rounded(size) - start)))
    row.save(force_insert=True)
    hand.write(row.id, owner, kind, {"key": key.told(), "bytes": size})
    hand.note("file sealed", row.id)
    return row


def reader(hand: Hand, file: uuid.UUID) -> Part:
    """Return a sealed file for reading anywhere in it (PyAV takes it); raise `NotAllowed` without the key."""
    row = SealedFile.objects.select_related("compartment").filter(id=file).first()
    if row is None:
        raise VeilError(_("there is nothing here, or it is not open to you"), _("go back to the board"))
    said = hand.read(row.id, row.compartment.owner, Kind(row.compartment.kind)).said
    if not path_of(row.id).exists():
        raise VeilError(_("a sealed file is missing"), _("look for it in the last backup"))
    return Part(AgeReader(path_of(row.id), [Identity.parse(said["key"])]), int(said["bytes"]))


def path_of(file: uuid.UUID) -> Path:
    """Return where a sealed file lies."""
    return stores.folder() / "files" / file.hex


def scatter(folder: Path) -> None:
    """Put files of noise where the sealed ones will lie: in every vault there are some that nobody can open."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for _one in range(SCATTERED + secrets.randbelow(SCATTERED)):
        path = folder / uuid.uuid4().hex
        size = rounded(secrets.randbelow(8 * _LEAST))
        key = Identity.new().recipient  # its secret half is forgotten at once
        with Sealer(path, [key]) as sealer:
            for _piece in range(size // _PIECE):
                sealer.write(bytes(_PIECE))
