"""Walks the boxes of an MP4 or MOV file and says which hold more than is needed to show the film.

Sources: ISO/IEC 14496-12 (the boxes), the QuickTime File Format specification (user data, item lists). FFmpeg shows
but a part of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from veil.media.trace import Found, Tells, key, shown, unread

_MOST_HELD = 1 << 16  # bytes of one box that are looked at
_MOST_BOXES = 20_000
_BEHIND = b"\0\0\0\1"  # stands for what lies in a box behind the last whole one: no box is called so
_INSIDE = frozenset(
    b"moov trak mdia minf dinf stbl edts udta mvex moof traf mfra tref gmhd ilst schi sinf ipro iprp ipco tapt".split()
)
_PLAIN = frozenset(  # structure, with nothing to choose
    b"styp stsd meta dref url  vmhd smhd nmhd sthd gmin stts stss ctts cslg stsc stsz stz2 stco co64 sgpd sbgp sdtp "
    b"mehd trex mfhd tfhd tfdt trun mfro tfra sidx ssix prft pasp btrt esds avcC hvcC dOps av1C vpcC chan frma schm "
    b"d263 damr wave enda saiz saio stps clap alac pdin iods fiel tapt clef prof enof chrm ".split(b" ")
) | {b"url ", b"\0\0\0\0"}
_SHAPE = {
    b"elst": "edit list", b"colr": "colour tags", b"mdcv": "mastering screen", b"clli": "light levels",
    b"amve": "light levels", b"SmDm": "mastering screen", b"CoLL": "light levels", b"gama": "colour tags",
}  # fmt: skip
_NAMED: dict[bytes, tuple[str, Tells]] = {
    b"\xa9xyz": ("place (GPS)", "place"), b"loci": ("place (GPS)", "place"), b"gps ": ("place (GPS)", "place"),
    b"\xa9mak": ("maker of the device", "device"), b"\xa9mod": ("model of the device", "device"),
    b"manu": ("maker of the device", "device"), b"modl": ("model of the device", "device"),
    b"\xa9swr": ("software", "software"), b"\xa9too": ("software", "software"), b"\xa9enc": ("software", "software"),
    b"FIRM": ("firmware of the device", "device"), b"LENS": ("serial number of the lens", "device"),
    b"CAME": ("serial number of the device", "device"), b"MUID": ("number of the recording", "device"),
    b"GUMI": ("number of the recording", "device"), b"SETT": ("settings of the device", "device"),
    b"GPMF": ("telemetry of the device", "device"), b"CNTH": ("preview picture", "picture"),
    b"thmb": ("preview picture", "picture"), b"THMB": ("preview picture", "picture"),
    b"covr": ("cover picture", "picture"), b"\xa9day": ("date", "time"), b"date": ("date", "time"),
    b"chpl": ("chapters", "words"), b"XMP_": ("XMP notes", "words"),
    b"\xa9nam": ("title", "words"), b"\xa9cmt": ("comment", "words"), b"\xa9ART": ("name of a person", "person"),
    b"titl": ("title", "words"), b"\xa9des": ("comment", "words"),
    b"name": ("name of a track", "words"), b"auth": ("name of a person", "person"),
    b"\xa9aut": ("name of a person", "person"),
    b"cprt": ("copyright", "person"), b"uuid": ("box of a maker's own", "unknown"),
}  # fmt: skip
_UUIDS: dict[bytes, tuple[str, Tells]] = {
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"): ("Content Credentials", "form"),  # C2PA, embedding in BMFF
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): ("XMP notes", "words"),
    bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"): ("notes of a Canon camera", "device"),
    bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"): ("EXIF notes", "device"),
    bytes.fromhex("50524f4621d24fcebb88695cfac9c740"): ("profile of a Sony camera", "device"),
}
_TELLING = (b"c2pa.ingredient", b"c2pa.thumbnail", b"c2pa.metadata", b"stds.", b"cawg.", b"sigTst", b"dc:title")
_UNIX_EPOCH_S = 2_082_844_800  # seconds from 1904 to 1970


@dataclass(frozen=True)
class Part:
    """A box: its four letters, the path to it, where its content lies."""

    kind: bytes
    where: str
    start: int
    end: int


def is_mp4(head: bytes) -> bool:
    """Tell from its first 12 bytes whether a file is made of boxes."""
    return head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def walk(path: Path) -> list[Found]:
    """Return what the boxes of a file hold beside the film; what is damaged or left out counts as unknown bytes."""
    size = path.stat().st_size
    found: list[Found] = []
    with path.open("rb") as file:
        for number, part in enumerate(_parts(file, 0, size, "")):
            if number >= _MOST_BOXES:
                found.append(unread(f"box number {_MOST_BOXES:,} and all after it", size - part.start))
                break
            found += _judged(file, part)
        found += _stray(file, size)
    return found


def media_bytes(path: Path) -> int:
    """Return how many bytes the media data boxes of a file hold."""
    with path.open("rb") as file:
        return sum(end - start for kind, start, end in _row(file, 0, path.stat().st_size) if kind == b"mdat")


def _parts(file: BinaryIO, start: int, end: int, where: str) -> Iterator[Part]:
    """Yield boxes between two places, each before those inside it, and what lies behind the last one in another."""
    behind = start
    for kind, inner, stop in _row(file, start, end):
        behind = stop
        name = f"{where}/{kind.decode('latin-1')}" if where else kind.decode("latin-1")
        yield Part(kind, name, inner, stop)
        if kind in _INSIDE or where.endswith("/ilst"):
            yield from _parts(file, inner, stop, name)
        elif kind == b"meta":
            yield from _parts(file, inner + _version(file, inner), stop, name)
        elif kind == b"stsd":
            yield from _samples(file, inner + 8, stop, name)
    if where and behind < end:
        yield Part(_BEHIND, where, behind, end)


def _row(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the content of boxes that follow each other; stop where there is none."""
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        size, kind, inner = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, inner = int.from_bytes(head[8:16], "big"), start + 16
        elif size == 0:
            size = end - start
        if size < inner - start or start + size > end:
            return
        yield kind, inner, start + size
        start += size


def _version(file: BinaryIO, start: int) -> int:
    """Return 4 where a `meta` box begins with version and flags (ISO), 0 where with a box (QuickTime)."""
    file.seek(start)
    return 0 if file.read(8)[4:8] in (b"hdlr", b"keys", b"mhdr") else 4


def _samples(file: BinaryIO, start: int, end: int, where: str) -> Iterator[Part]:
    """Yield the sample entries of a track that hold pictures, and the boxes inside every entry."""
    for kind, inner, stop in _row(file, start, end):
        name = f"{where}/{kind.decode('latin-1')}"
        for skipped in (78, 28, 44, 64):  # a picture's entry, and three versions of sound's
            if _lettered(file, inner + skipped, stop):
                if skipped == 78:
                    yield Part(b"entry", name, inner, stop)
                yield from _parts(file, inner + skipped, stop, name)
                break


def _lettered(file: BinaryIO, start: int, end: int) -> bool:
    """Tell whether a box begins at `start`."""
    first = next(_row(file, start, end), None)
    return first is not None and re.fullmatch(rb"[A-Za-z0-9 \xa9_-]{4}", first[0]) is not None


def _judged(file: BinaryIO, part: Part) -> list[Found]:
    size = part.end - part.start
    if part.kind == b"mdat":
        return []
    file.seek(part.start)
    data = file.read(min(size, _MOST_HELD))

    def found(kind: str, tells: Tells, value: bytes | str = data) -> list[Found]:
        return [Found(kind, part.where, size, tells, shown(value))]

    if part.kind == _BEHIND:
        return [unread(part.where, size, data)] if data.strip(b"\0") else []
    if part.kind in (b"free", b"skip", b"wide"):
        return found("filler with content", "unknown") if data.strip(b"\0") else []
    if part.kind in (b"mvhd", b"tkhd", b"mdhd"):
        return _times(part, data)
    if part.kind == b"ftyp":
        return found("brand of the container", "form", data[:4])
    if part.kind == b"hdlr":
        name = re.sub(rb"[^ -~]", b"", data[20:])
        return found("name of a track's handler", "software", name) if _says(name) else []
    if part.kind == b"entry":
        name = re.sub(rb"[^ -~]", b"", data[42:74])
        return found("name of the encoder", "software", name) if _says(name) else []
    if part.kind in _SHAPE:
        return found(_SHAPE[part.kind], "form")
    if part.kind == b"uuid":
        return found(*_makers_own(data, size))
    if part.kind in _INSIDE or part.kind in _PLAIN:
        return []
    return _noted(part, data, size)


def _makers_own(data: bytes, size: int) -> tuple[str, Tells]:
    """Return what a box of a maker's own is; Content Credentials that hold more than Veil writes may tell anything."""
    kind, tells = _UUIDS.get(data[:16], _NAMED[b"uuid"])
    more = tells == "form" and (size > _MOST_HELD or any(word in data for word in _TELLING))
    return kind, "unknown" if more else tells


def _noted(part: Part, data: bytes, size: int) -> list[Found]:
    """Judge a box of notes: user data, an item of a list, or one that nobody knows."""
    if "/ilst/" in part.where:
        if part.kind != b"data":
            return []  # its `data` inside tells
        label = part.where.split("/")[-2].encode("latin-1")
        kind, tells = _NAMED.get(label, ("note", "words"))
        return [Found(kind, part.where, size, tells, shown(data[8:]))]
    if part.kind == b"keys":
        return [
            found for n in re.findall(rb"mdta([\x20-\x7e]+)", data) if (found := key(n.decode("latin-1"), part.where))
        ]
    kind, tells = _NAMED.get(part.kind, ("unknown box", "unknown"))
    if not data.strip(b"\0") or data in _USUAL:
        return []
    return [Found(kind, part.where, size, tells, shown(data))]


def _times(part: Part, data: bytes) -> list[Found]:
    """Read when a film or track was made and changed, and the language of a track."""
    long = data[:1] == b"\1"
    width, found = (8 if long else 4), []
    for at, kind in ((4, "date of creation"), (4 + width, "date of change")):
        value = int.from_bytes(data[at : at + width], "big")
        if value:
            text = str(value - _UNIX_EPOCH_S)
            found.append(Found(kind, part.where, width, "time", f"{text} s after 1970"))
    if part.kind == b"mdhd":
        at = 4 + 3 * width + 4 if not long else 4 + 8 + 8 + 4 + 8
        code = int.from_bytes(data[at : at + 2], "big")
        letters = "".join(chr(0x60 + (code >> shift & 31)) for shift in (10, 5, 0))
        if letters not in ("und", "```") and code < 0x7FFF and code:
            found.append(Found("language of a track", part.where, 2, "person", letters))
    return found


def _stray(file: BinaryIO, size: int) -> list[Found]:
    """Look for bytes after the last box."""
    end = max((stop for _, _, stop in _row(file, 0, size)), default=0)
    if end >= size:
        return []
    file.seek(end)
    data = file.read(min(size - end, _MOST_HELD))
    return [Found("bytes after the end of the film", "", size - end, "unknown", shown(data))]


def _says(name: bytes) -> bool:
    """Tell whether a name is more than what the standard or a player needs."""
    return bool(re.search(rb"[A-Za-z]{3}", name)) and name not in _USUAL


_USUAL = frozenset((b"VideoHandler", b"SoundHandler", b"DataHandler", b"Stereo", b"Mono", b"appl"))
