"""Joins films that were written one after the other into one, without encoding them again."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from veil.errors import VeilError
from veil.media.reader import Reader
from veil.media.sound import SoundTrack
from veil.media.source import locator
from veil.media.target import blank_names, cannot_write, check_writable, container_of, options_of


def join(
    parts: Sequence[tuple[Path, Fraction]], like: Reader, out: Path, *, heard: bool = False, sound: Path | None = None
) -> None:
    """Write `parts`, each with the instant at which it begins, to `out`; with `heard` under the film's own sound.

    `sound` is a file with another sound that begins with the first frame; then nothing of the film's own is heard.

    All parts come from `Writer` with the same settings, and each begins at 0 by its own clock. Raises VeilError when
    `out` cannot be written; then nothing is left of it.
    """
    check_writable(out)
    kind = container_of(out)
    try:
        with ExitStack() as stack:
            track = None
            if sound is not None:
                track = stack.enter_context(closing(SoundTrack(sound, Fraction(0))))
            elif heard and like.film.has_sound:
                track = stack.enter_context(closing(SoundTrack(like.film.path, like.offset_s)))
            container = stack.enter_context(av.open(locator(out), "w", format=kind, container_options=options_of(kind)))
            _copy(parts, container, kind, track)
        if kind == "matroska":
            blank_names(out)
    except (av.FFmpegError, OSError) as error:
        out.unlink(missing_ok=True)
        raise cannot_write(error) from error
    except VeilError:
        out.unlink(missing_ok=True)
        raise


def _copy(
    parts: Sequence[tuple[Path, Fraction]], container: OutputContainer, kind: str, sound: SoundTrack | None
) -> None:
    lead_s = max(Fraction(0), -sound.start_s) if sound else Fraction(0)
    with av.open(locator(parts[0][0])) as first:
        template = first.streams.video[0]
        stream = container.add_stream_from_template(template)
        stream.time_base = template.time_base
        if kind != "matroska" and template.codec_context.name == "hevc":
            stream.codec_context.codec_tag = "hvc1"  # what Apple's players ask for
        if sound:
            sound.attach(container)
        container.start_encoding()
    for packet in _packets(parts, stream, lead_s):
        if sound and packet.pts is not None:
            for heard in sound.packets(packet.pts * Fraction(packet.time_base) - lead_s, lead_s):
                container.mux_one(heard)
        container.mux_one(packet)
    if sound:
        for heard in sound.packets(None, lead_s):
            container.mux_one(heard)


def _packets(
    parts: Sequence[tuple[Path, Fraction]], stream: VideoStream, lead_s: Fraction
) -> Iterator["Packet[VideoStream]"]:
    for path, begins_s in parts:
        with av.open(locator(path)) as part:
            source = part.streams.video[0]
            for packet in part.demux(source):
                if packet.dts is None:
                    continue
                if source.duration and packet.pts is not None:  # what is demuxed counts between decoding times
                    packet.duration = max(1, min(packet.duration or 1, source.duration - packet.pts))
                ticks = round((begins_s + lead_s) / Fraction(packet.time_base))
                packet.pts = None if packet.pts is None else packet.pts + ticks
                packet.dts += ticks
                packet.stream = stream
                yield packet
