"""Reads a sealed file anywhere in it, as if it were open: PyAV plays a film through it, and no plain copy is made."""

import io
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from veil.errors import VeilError
from veil.vault.age.header import read_header
from veil.vault.age.keys import Key, unwrap_any
from veil.vault.age.payload import CHUNK_BYTES, NONCE_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES, Chunks, count
from veil.vault.age.refusals import NotAge, Spoiled

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

KEPT_CHUNKS = 32  # 2 MiB: a film's index, and where its picture and its sound are read in turn


class AgeReader(io.RawIOBase):
    """A sealed file, opened: seekable, read-only; each call is whole, whichever thread makes it.

    No byte is given out before its chunk is proven; its length is told only after the last chunk is proven to be the
    last, which happens when it is opened. Raises `NotAge`, `NoKeyFits` or `Spoiled`.
    """

    def __init__(self, source: Path | BinaryIO, keys: Sequence[Key], *, kept: int = KEPT_CHUNKS) -> None:
        """Open a file, or something seekable that holds one from its beginning; a stream given is not closed here."""
        super().__init__()
        self._plain: OrderedDict[int, bytes] = OrderedDict()
        self._own = False
        self._source, self._own = _opened(source)
        self._kept = max(1, kept)
        self._lock = threading.RLock()
        self._at = 0
        try:
            self._begin(keys)
        except (VeilError, OSError) as error:
            self.close()
            if isinstance(error, OSError):
                raise _unreadable() from error
            raise

    def _begin(self, keys: Sequence[Key]) -> None:
        end = self._source.seek(0, os.SEEK_END)
        self._source.seek(0)
        header = read_header(self._source)
        file_key = unwrap_any(header.stanzas, keys)
        header.check(file_key)
        self._start = header.size + NONCE_BYTES
        nonce = self._fetch(header.size, NONCE_BYTES)
        self._count = count(max(0, end - self._start))
        self._chunks = Chunks(file_key, nonce)
        self._sealed = end - self._start
        self.size = self._sealed - self._count * TAG_BYTES  # plain bytes
        self._chunk(self._count - 1)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, counted from the start, from here, or from the end; beyond the end nothing is read."""
        with self._lock:
            self._check_open()
            origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}
            if whence not in origins or origins[whence] + offset < 0:
                raise ValueError("no such place")
            self._at = origins[whence] + offset
            return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes, or as many as there are; all of the rest for -1."""
        with self._lock:
            self._check_open()
            left = max(0, self.size - self._at)
            wanted = left if size is None or size < 0 else min(size, left)
            parts = []
            while wanted:
                index, skip = divmod(self._at, CHUNK_BYTES)
                part = self._chunk(index)[skip : skip + wanted]
                parts.append(part)
                self._at += len(part)
                wanted -= len(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)

    def readall(self) -> bytes:
        """Return all of the rest."""
        return self.read(-1)

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill a buffer as far as there is something; return how many bytes."""
        with memoryview(buffer).cast("B") as view:
            data = self.read(len(view))
            view[: len(data)] = data
            return len(data)

    def close(self) -> None:
        """Forget what was opened; never fails."""
        if not self.closed:
            self._plain.clear()
            if self._own:
                self._source.close()
        super().close()

    def _chunk(self, index: int) -> bytes:
        """Return one chunk, opened; those asked for last are kept."""
        plain = self._plain.get(index)
        if plain is not None:
            self._plain.move_to_end(index)
            return plain
        start = index * SEALED_CHUNK_BYTES
        sealed = self._fetch(self._start + start, min(SEALED_CHUNK_BYTES, self._sealed - start))
        plain = self._chunks.open(index, sealed, last=index == self._count - 1)
        self._plain[index] = plain
        if len(self._plain) > self._kept:
            self._plain.popitem(last=False)
        return plain

    def _fetch(self, start: int, size: int) -> bytes:
        """Return sealed bytes; raise `Spoiled` when the file ends before them."""
        try:
            self._source.seek(start)
            data = self._source.read(size)
            while len(data) < size and (more := self._source.read(size - len(data))):
                data += more
        except OSError as error:
            raise _unreadable() from error
        if len(data) != size:
            raise Spoiled("the sealed file is cut short")
        return data

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("it is closed")


def _opened(source: Path | BinaryIO) -> tuple[BinaryIO, bool]:
    if not isinstance(source, Path):
        if not source.seekable():
            raise NotAge("a sealed file must be read from a disk", "save it as a file first")
        return source, False
    try:
        return source.open("rb", buffering=0), True
    except OSError as error:
        raise _unreadable() from error


def _unreadable() -> VeilError:
    return VeilError("the sealed file cannot be read", "check that it is there and that its disk is whole")
