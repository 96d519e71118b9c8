"""Walks the elements of a Matroska or WebM file and says which hold more than is needed to show the film.

Sources: RFC 8794 (EBML), RFC 9559 (Matroska).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from veil.media.trace import Found, Tells, key, shown, unread

_MOST_HELD = 1 << 16
_MOST_ELEMENTS = 200_000
_INSIDE = {
    0x18538067: "Segment", 0x1549A966: "Info", 0x1654AE6B: "Tracks", 0xAE: "TrackEntry", 0x1254C367: "Tags",
    0x7373: "Tag", 0x67C8: "SimpleTag", 0x1043A770: "Chapters", 0x45B9: "EditionEntry", 0xB6: "ChapterAtom",
    0x80: "ChapterDisplay", 0x1941A469: "Attachments", 0x61A7: "AttachedFile",
}  # fmt: skip
_TELLING: dict[int, tuple[str, Tells]] = {
    0x7BA9: ("title", "words"), 0x4D80: ("software", "software"), 0x5741: ("software", "software"),
    0x4461: ("date of creation", "time"), 0x73A4: ("number of the recording", "device"),
    0x7384: ("name of the file", "words"), 0x3CB923: ("number of another file", "device"),
    0x3C83AB: ("name of another file", "words"), 0x3EB923: ("number of another file", "device"),
    0x3E83BB: ("name of another file", "words"), 0x4444: ("number of the recording", "device"),
    0x536E: ("name of a track", "words"), 0x258688: ("name of the encoder", "software"),
    0x22B59C: ("language of a track", "person"), 0x22B59D: ("language of a track", "person"),
    0x85: ("chapter", "words"), 0x466E: ("name of an attachment", "words"), 0x465C: ("attachment", "data"),
    0x467E: ("name of an attachment", "words"), 0xEC: ("filler with content", "unknown"),
}  # fmt: skip
_CLUSTER, _NAME, _TEXT = 0x1F43B675, 0x45A3, 0x4487
_PLAIN = frozenset((0x1A45DFA3, 0x114D9B74, 0x1C53BB6B, _CLUSTER, 0xBF, 0xEC, *_INSIDE))


def is_matroska(head: bytes) -> bool:
    """Tell from its first bytes whether a file is made of EBML elements."""
    return head[:4] == b"\x1a\x45\xdf\xa3"


def walk(path: Path) -> list[Found]:
    """Return what the elements of a file hold beside the film."""
    size = path.stat().st_size
    with path.open("rb") as file:
        walker = _Walker(file)
        end = walker.into(0, size, "", top=True)
        if end < size:
            file.seek(end)
            walker.found.append(_stray(file.read(min(size - end, _MOST_HELD)), size - end))
    return walker.found


def _stray(data: bytes, size: int) -> Found:
    return Found("bytes after the end of the film", "", size, "unknown", shown(data))


class _Walker:
    """Goes through elements, depth first, and keeps what tells something."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MOST_ELEMENTS
        self._tag = ""
        self.found: list[Found] = []

    def into(self, start: int, end: int, where: str, *, top: bool = False) -> int:
        """Look at the elements between two places; return where the last whole one ends.

        Inside another element what lies behind that was not looked at, and is told.
        """
        at = start
        for number, inner, stop in self._row(start, end):
            known = number in _PLAIN or number in _TELLING
            if top and not known:
                break
            at = stop
            name = f"{where}/{_INSIDE.get(number, f'{number:X}')}".lstrip("/")
            if number in _INSIDE:
                self.into(inner, stop, name)
            elif number in (_NAME, _TEXT):
                self._simple(number, inner, stop, name)
            elif number in _TELLING:
                self._telling(number, inner, stop, name)
            elif not known and where == "Segment":
                self.found.append(
                    Found("unknown element", name, stop - inner, "unknown", shown(self._data(inner, stop)))
                )
        if not top and at < end:
            self.found.append(unread(where, end - at, self._data(at, end)))
        return at

    def _row(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        while start < end and self._left:
            self._left -= 1
            self._file.seek(start)
            head = self._file.read(12)
            width = 9 - head[0].bit_length() if head else 9
            length = 9 - head[width].bit_length() if len(head) > width else 9
            if width > 4 or length > 8:
                return
            size = int.from_bytes(head[width : width + length], "big") & ((1 << 7 * length) - 1)
            inner = start + width + length
            stop = end if size == (1 << 7 * length) - 1 else inner + size
            if stop > end:
                return
            yield int.from_bytes(head[:width], "big"), inner, stop
            start = stop

    def _data(self, inner: int, stop: int) -> bytes:
        self._file.seek(inner)
        return self._file.read(min(stop - inner, _MOST_HELD))

    def _simple(self, number: int, inner: int, stop: int, where: str) -> None:
        text = shown(self._data(inner, stop))
        if number == _NAME:
            self._tag = text
        elif found := key(self._tag, where, text):
            self.found.append(found)

    def _telling(self, number: int, inner: int, stop: int, where: str) -> None:
        data = self._data(inner, stop)
        kind, tells = _TELLING[number]
        if data.strip(b"\0") and data not in (b"und", b"und\0"):
            self.found.append(Found(kind, where, stop - inner, tells, shown(data)))
