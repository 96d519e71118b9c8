"""Sealed files on the disk: whole or not there, alike in nothing, of any size, and swept after a kill."""

import errno
import io
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.vault.forge import FILE_KEY
from tests.vault.letters import LETTER, OURS, US, opened, sealed_with
from veil.errors import VeilError
from veil.vault.age import (
    AgeReader,
    Identity,
    NoKeyFits,
    NotAge,
    Sealer,
    seal,
    sweep,
)


def test_missing_and_unreadable(tmp_path: Path) -> None:
    """A file that is not there, is a folder, or cannot be sought gives a sentence."""
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(VeilError):
            AgeReader(place, [OURS])
        with pytest.raises(VeilError):
            seal(place, tmp_path / "out.age", [US])
    end, other = os.pipe()
    os.close(other)
    with os.fdopen(end, "rb") as pipe, pytest.raises(NotAge):
        AgeReader(pipe, [OURS])
    assert not list(tmp_path.iterdir())


def test_whole_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sealing fails, the file that stood there before still stands, and nothing else is left."""
    target = tmp_path / "file.age"
    seal(io.BytesIO(b"before"), target, [US])
    with pytest.raises(ZeroDivisionError), Sealer(target, [US]) as sealer:
        sealer.write(bytes(LETTER[0] // 0))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _full)
        with pytest.raises(VeilError, match="disk is full"):
            seal(io.BytesIO(LETTER), target, [US])
    with pytest.raises(VeilError):
        seal(io.BytesIO(LETTER), tmp_path / "no folder" / "file.age", [US])
    assert list(tmp_path.iterdir()) == [target]
    assert opened(target.read_bytes()) == b"before"
    assert target.stat().st_mode & 0o077 == 0


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, "full")


def test_same_text_never_looks_the_same(tmp_path: Path) -> None:
    """Two files with the same text share neither file key, nonce nor a chunk."""
    first, second = sealed_with(tmp_path, LETTER), sealed_with(tmp_path, LETTER)
    assert len(first) == len(second)
    assert first[22:] != second[22:]
    assert not {first[-i - 64 : -i] for i in range(1, 900)} & {second[-i - 64 : -i] for i in range(1, 900)}
    assert LETTER[:32] not in first
    assert FILE_KEY not in first


class _Endless(io.RawIOBase):
    """Gives zeroes, so many in all."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int = -1, /) -> bytes:
        taken = min(size, self.left)
        self.left -= taken
        return bytes(taken)


def test_constant_memory(tmp_path: Path) -> None:
    """A big file is sealed and read within a few chunks of memory, whatever its size."""
    path = tmp_path / "big.age"
    tracemalloc.start()
    try:
        seal(_Endless(40 << 20), path, [US])  # type: ignore[arg-type]
        with AgeReader(path, [OURS], kept=4) as reader:
            while reader.read(1 << 15):
                pass
            assert reader.tell() == 40 << 20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


def test_key_of_a_compartment(tmp_path: Path) -> None:
    """A file sealed to a compartment opens with that compartment's key only, and names one recipient."""
    key = bytes(32)
    data = sealed_with(tmp_path, b"a film", Identity.of(key).recipient)
    assert opened(data, Identity.of(key)) == b"a film"
    assert data.count(b"-> ") == 1
    with pytest.raises(NoKeyFits):
        opened(data, Identity.of(b"\1" + key[1:]), Identity(key))


_AGAIN = """
import io, sys
from pathlib import Path
from veil.vault.age import Identity, seal
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        seal(io.BytesIO(letter * 3_000_000), Path(sys.argv[1]), [Identity(bytes(32)).recipient])
"""


def test_killed_while_sealing(tmp_path: Path) -> None:
    """However often the machine dies while a file is sealed anew, a whole one stands there; the rest is swept."""
    target = tmp_path / "film.age"
    keep = tmp_path / "notes.part"
    keep.touch()
    for wait_s in (0.005, 0.02, 0.013, 0.031, 0.042):
        with subprocess.Popen([sys.executable, "-c", _AGAIN, str(target)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not target.exists():
                time.sleep(0.005)
            time.sleep(wait_s)
            process.kill()
        with AgeReader(target, [Identity(bytes(32))]) as reader:
            assert reader.read() in {b"a" * 3_000_000, b"b" * 3_000_000}
    left = len(list(tmp_path.iterdir())) - 2
    assert sweep(tmp_path) == left
    assert sorted(tmp_path.iterdir()) == [target, keep]
