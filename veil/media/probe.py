"""Looks at a film file before anyone watches it: what it is, and whether it can be used at all."""

import hashlib
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from veil.errors import VeilError
from veil.media.reader import first_frame
from veil.media.source import (
    CHECK_DISK,
    COPY_AGAIN,
    check_colour,
    coding_of,
    film_stream,
    open_input,
    rate_of,
    upright_of,
)
from veil.media.whole import cut_short
from veil.nouns.film import Film
from veil.nouns.time import parse_clock


def probe(path: Path) -> Film:
    """Return what is known of a film; raise VeilError unless it has at least one frame that can be decoded.

    The whole file is read once for its fingerprint, one frame is decoded. Cover art is no film.
    """
    path = Path(path)
    with open_input(path) as container:
        stream = film_stream(container)
        length_s, rate_hz, frames = _length_s(container, stream), rate_of(stream), stream.frames
        codec, has_sound = stream.codec_context.codec.canonical_name, bool(container.streams.audio)
        if cut_short(path, container):
            raise VeilError("the film is cut short: its end is missing", COPY_AGAIN)
        frame = first_frame(container, stream)
    check_colour(frame)
    coding, upright = coding_of(frame), upright_of(frame)
    width, height = upright.size(frame.width, frame.height)
    return Film(
        path=path,
        width=width,
        height=height,
        rate_hz=rate_hz,
        length_s=length_s or max(frames, 1) / rate_hz,
        frames=frames,
        codec=codec,
        colour=coding.result,
        hdr=coding.transfer in ("pq", "hlg"),
        rotation_deg=upright.rotation_deg,
        has_sound=has_sound,
        fingerprint=_fingerprint(path),
    )


def _length_s(container: "av.container.InputContainer", stream: VideoStream) -> Fraction:
    if stream.duration and stream.duration > 0 and stream.time_base:
        return Fraction(stream.duration * stream.time_base)
    start_s = Fraction((stream.start_time or 0) * (stream.time_base or 0))
    with suppress(KeyError, ValueError):  # Matroska tells the end of each track in a tag
        return max(parse_clock(stream.metadata["DURATION"]) - start_s, Fraction(0))
    return Fraction(max(container.duration or 0, 0), 1_000_000)


def _fingerprint(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise VeilError("the film file can no longer be read", CHECK_DISK) from error
