"""Films to measure on: the clips of a folder, the project's own sample, and copies made longer or shorter."""

import os
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from bench.landmarks import Eyes, around
from veil.media import Writer, probe, read
from veil.nouns.picture import Frame

ROOT = Path(__file__).parent.parent
OUT = ROOT / "bench" / "out"
_FILMS = {".mp4", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".gif"}


def folder(given: str | None, variable: str, name: str) -> Path | None:
    """Return a folder that was named, or stands in the environment, or lies in ``../shared``; None when none does."""
    for candidate in (given, os.environ.get(variable), ROOT.parent / "shared" / name):
        if candidate and Path(candidate).is_dir():
            return Path(candidate)
    return None


def clips(where: Path | None, only: list[str]) -> list[Path]:
    """Return the clips to measure on, and always the project's own; `only` keeps names that begin with one of these."""
    found = sorted(p for p in where.iterdir() if p.suffix.lower() in _FILMS) if where else []
    found += sorted(p for p in (ROOT / "samples").glob("*") if p.suffix.lower() in _FILMS)
    return [p for p in found if not only or p.name.startswith(tuple(only))]


def looped(film: Path, target: Path, seconds: int) -> int:
    """Write a film over and over until it lasts `seconds`, without encoding it again; return the number of frames.

    The film must be one that the MP4 container takes (H.264, HEVC, MPEG-4).
    """
    written, offset = 0, Fraction(0)
    with av.open(str(target), "w") as out:
        copy = None
        while offset < seconds:
            with av.open(str(film)) as source:
                stream = source.streams.video[0]
                copy = copy or out.add_stream_from_template(stream)
                base = Fraction(stream.time_base or Fraction(1, 90000))
                first, last = None, Fraction(0)
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    first = packet.dts if first is None else first
                    last = max(last, (packet.dts - first + (packet.duration or 0)) * base)
                    shift = round(offset / base) - first
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, copy
                    out.mux(packet)
                    written += 1
            offset += last
            if not last:
                raise ValueError("the film has no length")
    return written


def pretended(film: Path, target: Path, kind: str) -> None:
    """Write what stands in for a result: a copy as filmed, or one with every detected face blurred.

    The copy shows what the measures say when nothing is hidden, and what encoding alone costs.
    """
    eyes = Eyes()
    with read(probe(film)) as source, Writer.like(source, target, quality=20, preset="veryfast") as out:
        for frame in source:
            picture = frame.picture
            if kind == "blur":
                picture = picture.copy()
                for sighting in eyes.faces(frame.picture):
                    points, _ = eyes.at_box(frame.picture, sighting)
                    box = picture.even(around(points, 0.15))
                    if box.area:
                        old = picture.rgb(box)
                        new = cv2.GaussianBlur(old, (0, 0), max(1.0, box.width / 10)).astype(np.uint8, copy=False)
                        picture.paste(box, old, new)
            out.put(Frame(frame.index, frame.at, picture))
