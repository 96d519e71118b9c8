"""Finds what encoders and cameras write between the pictures: supplemental messages, user data, known names.

Sources: ITU-T H.264 and H.265, annex D and E (SEI); names are those that cameras and programs are known to leave.
"""

import re
from collections.abc import Iterator

from veil.media.trace import Found, Tells, shown

_PAYLOADS: dict[int, tuple[str, Tells]] = {
    4: ("captions or maker's data in the stream", "words"), 5: ("encoder's or maker's data in the stream", "software"),
    1: ("clock of the pictures", "time"), 136: ("time code", "time"), 137: ("mastering screen", "form"),
    144: ("light levels", "form"), 0: ("buffering", "form"), 6: ("recovery point", "form"),
    45: ("packing of frames", "form"), 47: ("orientation of the screen", "form"), 129: ("parameter sets", "form"),
    132: ("checksum of the picture", "form"), 147: ("colour tags", "form"),
}  # fmt: skip
_KNOWN: tuple[tuple[bytes, str, Tells], ...] = (
    (rb"Lav[cf]\d|x26[45] |HandBrake|FFmpeg|Adobe (?:Premiere|After)|DaVinci|Final Cut|CapCut|KineMaster|Google",
     "software", "software"),
    ((rb"(?:GoPro|iPhone|iPad|Apple|Canon|NIKON|Nikon|SONY|Sony|Panasonic|FUJIFILM|OLYMPUS|SAMSUNG|Samsung|Xiaomi"
     rb"|HUAWEI|HERO\d|Insta360|Blackmagic|com\.android|com\.apple\.quicktime\.m)"), "name of a device", "device"),
    (rb"http://ns\.adobe\.com/xap|<x:xmpmeta|<\?xpacket", "XMP notes", "words"),
    (rb"Exif\0\0|NonRealTimeMeta", "EXIF notes", "device"),
    (rb"[+-]\d\d\.\d{3,6}[+-]\d{3}\.\d{3,6}", "place (GPS)", "place"),
    (rb"(?:19|20)\d\d[-:]\d\d[-:]\d\d[ T]\d\d:\d\d:\d\d", "date", "time"),
)  # fmt: skip


def known_names(data: bytes, where: str) -> list[Found]:
    """Return what is known of devices, programs, places and dates in bytes, whatever their form; each kind once."""
    found = []
    for pattern, kind, tells in _KNOWN:
        match = re.search(pattern, data)
        if match:
            text = data[match.start() : match.start() + 200]
            found.append(Found(kind, where, len(match.group()), tells, shown(text)))
    return found


def length_size(extradata: bytes, codec: str) -> int:
    """Return how many bytes tell the length of a unit; 0 where units follow start codes."""
    if codec == "h264" and len(extradata) > 6 and extradata[0] == 1:
        return (extradata[4] & 3) + 1
    if codec == "hevc" and len(extradata) > 22 and extradata[0] == 1:
        return (extradata[21] & 3) + 1
    return 0


def in_packet(data: bytes, codec: str, width: int) -> list[Found]:
    """Return the supplemental messages of one packet of H.264 or HEVC."""
    return [found for unit in _units(data, width) for found in _in_unit(unit, codec)]


def in_extradata(extradata: bytes, codec: str) -> list[Found]:
    """Return the supplemental messages kept in the header of an HEVC stream, where x265 puts its name."""
    found: list[Found] = []
    if codec != "hevc" or not length_size(extradata, codec):
        return found
    at = 23
    for _ in range(extradata[22]):
        count = int.from_bytes(extradata[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            found += _in_unit(extradata[at + 2 : at + 2 + size], codec)
            at += 2 + size
    return found


def _units(data: bytes, width: int) -> Iterator[bytes]:
    if not width:
        yield from (unit for unit in data.split(b"\0\0\1") if unit)
        return
    at = 0
    while at + width < len(data):
        size = int.from_bytes(data[at : at + width], "big")
        yield data[at + width : at + width + size]
        at += width + size


def _in_unit(unit: bytes, codec: str) -> Iterator[Found]:
    if codec == "h264":
        supplemental, start = bool(unit) and unit[0] & 31 == 6, 1
    else:
        supplemental, start = bool(unit) and unit[0] >> 1 & 63 in (39, 40), 2
    if not supplemental:
        return
    data, at = unit[start:].replace(b"\0\0\3", b"\0\0"), 0
    while at + 2 <= len(data) and data[at:] != b"\x80":
        kind, at = _number(data, at)
        size, at = _number(data, at)
        name, tells = _PAYLOADS.get(kind, (f"message {kind} in the stream", "unknown"))
        skipped = 16 if kind == 5 else 0  # the maker's number
        yield Found(name, "stream/SEI", size, tells, shown(data[at + skipped : at + size]))
        at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number that is written as a row of bytes, the last below 255."""
    value = 0
    while at < len(data) and data[at] == 255:
        value, at = value + 255, at + 1
    return value + (data[at] if at < len(data) else 0), at + 1
