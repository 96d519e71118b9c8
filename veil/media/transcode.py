"""Copies a film through Veil's own reader and writer and changes nothing: the yardstick of the benchmark."""

from pathlib import Path

from veil.media.reader import Reader
from veil.media.writer import Codec, Writer
from veil.nouns.film import Film


def transcode(film: Film, path: Path, codec: Codec = "h264", quality: int = 20, preset: str = "veryfast") -> int:
    """Write the film's pictures, undisguised and without sound, to `path`; return how many there were.

    For measuring only. Raises VeilError when the film cannot be read or the file cannot be written.
    """
    frames = 0
    with Reader(film) as reader, Writer.like(reader, path, codec=codec, quality=quality, preset=preset) as writer:
        for frame in reader:
            writer.put(frame)
            frames += 1
    return frames
