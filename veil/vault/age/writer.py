"""Seals a file of any size, a chunk at a time: it stands whole under its name, or not at all."""

import errno
import io
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from veil.errors import VeilError
from veil.progress import Progress, silent
from veil.vault.age.header import FILE_KEY_BYTES, write_header
from veil.vault.age.keys import Wrapper, wrap_all
from veil.vault.age.payload import CHUNK_BYTES, NONCE_BYTES, Chunks
from veil.whole import settle

_LEFT = re.compile(r".*\.[0-9a-f]{8}\.part", re.DOTALL)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Sealer:
    """Takes plain bytes and writes them sealed; only what is sealed ever reaches the disk. A context manager.

    The file gets its name when the block ends well; otherwise nothing is left. What is being written is called
    `NAME.xxxxxxxx.part`: a machine that lost power may leave one behind, sealed as well, with a key that nobody has
    but those it was meant for.
    """

    def __init__(self, target: Path, recipients: Sequence[Wrapper]) -> None:
        self._target = target
        self._draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        file_key, nonce = secrets.token_bytes(FILE_KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
        head = write_header(file_key, wrap_all(file_key, recipients)) + nonce
        self._chunks = Chunks(file_key, nonce)
        self._held = bytearray()  # not yet sealed: at most one chunk, since the last one must be known as the last
        self._index = 0
        try:
            self._file: BinaryIO = io.FileIO(os.open(self._draft, _NEW, 0o600), "wb")
        except OSError as error:
            raise _unwritable(error) from error
        try:
            self._put(head)
        except VeilError:
            self._forget()
            raise

    def write(self, plain: bytes | bytearray | memoryview) -> int:
        """Take some bytes; raise VeilError when they cannot be written."""
        with memoryview(plain).cast("B") as view:
            for start in range(0, len(view), CHUNK_BYTES):
                self._take(view[start : start + CHUNK_BYTES])
            return len(view)

    def _take(self, view: memoryview) -> None:
        self._held += view
        if len(self._held) > CHUNK_BYTES:  # there is more to come after this chunk, so it is not the last
            plain = bytes(self._held[:CHUNK_BYTES])
            del self._held[:CHUNK_BYTES]
            self._put(self._chunks.seal(self._index, plain, last=False))
            self._index += 1

    def _put(self, sealed: bytes) -> None:
        try:
            rest = memoryview(sealed)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise _unwritable(error) from error

    def _finish(self) -> None:
        self._put(self._chunks.seal(self._index, bytes(self._held), last=True))
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._draft, self._target)
            settle(self._target.parent)
        except OSError as error:
            raise _unwritable(error) from error

    def _forget(self) -> None:
        self._held.clear()
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._forget()


def seal(source: Path | BinaryIO, target: Path, recipients: Sequence[Wrapper], progress: Progress = silent) -> None:
    """Write a file, or what a stream still gives, sealed; raise VeilError and leave nothing when that fails."""
    try:
        if isinstance(source, Path):
            with source.open("rb", buffering=0) as file:
                total = -(-os.fstat(file.fileno()).st_size // CHUNK_BYTES)
                _seal(_blocks(file), target, recipients, progress, total)
        else:
            _seal(_blocks(source), target, recipients, progress, None)
    except OSError as error:
        raise VeilError("the file to be sealed cannot be read", "check the disk it is on") from error


def sweep(folder: Path) -> int:
    """Remove what sealings left behind that a crash or a loss of power ended; return how many.

    Only while nothing is being sealed there: when the first one unlocks the vault.
    """
    left = [path for path in folder.rglob("*.part") if _LEFT.fullmatch(path.name)]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _seal(
    blocks: Iterator[bytes], target: Path, recipients: Sequence[Wrapper], progress: Progress, total: int | None
) -> None:
    with Sealer(target, recipients) as sealer:
        for block in progress(blocks, doing="sealing", total=total):
            sealer.write(block)


def _blocks(file: BinaryIO | io.FileIO) -> Iterator[bytes]:
    while block := file.read(CHUNK_BYTES):
        yield block


def _unwritable(error: OSError) -> VeilError:
    told = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "the sealed file cannot be written"
    return VeilError(told, "free some space, or check that this folder can be written to, and try again")
