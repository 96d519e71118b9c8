"""Measures sealed files: how fast they are written, read, sought in and played, and how much memory that takes.

    python -m bench.sealed_files            # 1 GiB in the folder for temporary files
    python -m bench.sealed_files --gib 20   # a whole film's length

Everything is read through the cache of the operating system: what is measured is Veil, not the disk.
"""

import argparse
import os
import resource
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av

from tests.films import Recipe, make
from veil.vault.age import AgeReader, Identity, seal
from veil.vault.slips import join, split

_MIB, _MAC = 1 << 20, sys.platform == "darwin"
_SEEKS = 2000


class _Noise:
    """Gives the same random block again and again, so many bytes in all."""

    def __init__(self, size: int) -> None:
        self._left, self._block = size, secrets.token_bytes(1 << 16)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        taken = min(size, self._left)
        self._left -= taken
        return self._block[:taken]


def took(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def read_all(reader: AgeReader, size: int) -> None:
    """Read a file from its start to its end in pieces."""
    reader.seek(0)
    while reader.read(size):
        pass


def seeks(reader: AgeReader) -> list[float]:
    """Return the seconds that a jump to a random place and 4 KiB from there take."""
    places = [secrets.randbelow(max(1, reader.size - 4096)) for _ in range(_SEEKS)]
    return [took(lambda place=place: (reader.seek(place), reader.read(4096))) for place in places]  # type: ignore[misc]


def bulk(folder: Path, identity: Identity, gib: int) -> None:
    """Measure a large file."""
    size, path = gib << 30, folder / "large.age"
    seconds = took(lambda: seal(_Noise(size), path, [identity.recipient]))  # type: ignore[arg-type]
    print(f"written   {size / seconds / _MIB:8.0f} MiB/s, to the disk")
    with AgeReader(path, [identity]) as reader:
        print(f"read      {size / took(lambda: read_all(reader, 1 << 15)) / _MIB:8.0f} MiB/s in pieces of 32 KiB")
        found = sorted(seeks(reader))
        print(
            f"sought    {statistics.median(found) * 1e6:8.0f} us median, {found[int(0.99 * _SEEKS)] * 1e6:.0f} us p99"
        )
    opened = [took(lambda: AgeReader(path, [identity]).close()) for _ in range(100)]
    print(f"opened    {statistics.median(opened) * 1e6:8.0f} us median, with the last chunk proven")
    path.unlink()


def played(folder: Path, identity: Identity) -> None:
    """Measure a film of 1080p, open and sealed, decoded and sought in."""
    plain = make(folder / "film.mp4", Recipe(frames=250, size=(1920, 1080), sound=True, options=(("g", "25"),)))
    sealed = folder / "film.mp4.age"
    seal(plain, sealed, [identity.recipient])
    sources: dict[str, Callable[[], str | AgeReader]] = {
        "open": lambda: str(plain), "sealed": lambda: AgeReader(sealed, [identity])
    }  # fmt: skip
    for name, source in sources.items():
        decode = min(took(lambda s=source: _decode(s())) for _ in range(3))  # type: ignore[misc]
        jump = statistics.median(_jumps(source()))
        print(f"{name:9} {250 / decode:8.0f} frames/s of 1080p, {jump * 1e3:.1f} ms to a random frame")


def _decode(source: str | AgeReader) -> None:
    with av.open(source, "r") as container:
        for _ in container.decode(video=0):
            pass


def _jumps(source: str | AgeReader) -> list[float]:
    with av.open(source, "r") as container:
        stream, found = container.streams.video[0], []
        for _ in range(40):
            begun = time.perf_counter()
            container.seek(secrets.randbelow(stream.duration or 1), stream=stream)
            next(container.decode(stream))
            found.append(time.perf_counter() - begun)
    return found


def main() -> None:
    """Measure everything."""
    asked = argparse.ArgumentParser(description="measure sealed files")
    asked.add_argument("--gib", type=int, default=1)
    identity = Identity.new()
    gib = asked.parse_args().gib
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        bulk(Path(folder), identity, gib)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (1 << (20 if _MAC else 10))
        print(f"memory    {grown:8.1f} MiB more at the most, for {gib} GiB")
        played(Path(folder), identity)
    key = os.urandom(32)
    make_s, join_s = took(lambda: split(key)), took(lambda: join(split(key)[:2]))
    print(f"slips     {make_s * 1e3:8.1f} ms to make, {(join_s - make_s) * 1e3:.1f} ms to join")


if __name__ == "__main__":
    main()
