"""The only room that knows FFmpeg: what a film is, its frames, and how a new one is written.

film = probe(path)
with read(film) as frames, Writer.like(frames, part) as out:
    for frame in frames:
        out.put(frame)
"""

from veil.media.join import join
from veil.media.probe import probe
from veil.media.reader import Reader, read
from veil.media.sound_source import PIECE_S, SOUND_HZ, Channels, pieces
from veil.media.sound_writer import SoundWriter
from veil.media.target import CONTAINERS, cannot_write, check_writable
from veil.media.transcode import transcode
from veil.media.writer import CODECS, Codec, Details, Writer

__all__ = [
    "CODECS",
    "CONTAINERS",
    "PIECE_S",
    "SOUND_HZ",
    "Channels",
    "Codec",
    "Details",
    "Reader",
    "SoundWriter",
    "Writer",
    "cannot_write",
    "check_writable",
    "join",
    "pieces",
    "probe",
    "read",
    "transcode",
]
