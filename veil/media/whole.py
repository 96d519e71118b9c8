"""Tells whether a film file ends before it should, from what its own header says."""

from pathlib import Path

from av.container import InputContainer
from av.index import IndexEntries

_MATROSKA, _SEGMENT = bytes.fromhex("1a45dfa3"), bytes.fromhex("18538067")
_SLACK = 8  # bytes by which careless writers are wrong


def cut_short(path: Path, container: InputContainer) -> bool:
    """Tell whether frames or bytes that the header promises lie beyond the end of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == _MATROSKA:
        return _matroska_end(head) > size + _SLACK
    if head[:4] == b"RIFF":
        told = int.from_bytes(head[4:8], "little")
        return told not in (0, 0xFFFFFFFF) and told + 8 > size + _SLACK
    if "mp4" in container.format.name:
        return any(_last_byte(stream.index_entries) > size for stream in container.streams)
    return False


def _last_byte(entries: IndexEntries) -> int:
    """Return where the last frame of a track ends; 0 when the index names none."""
    return entries[-1].pos + entries[-1].size if len(entries) else 0


def _matroska_end(head: bytes) -> int:
    """Return where the Matroska segment ends (RFC 8794); 0 when it does not tell."""
    length, at = _number(head, 4)
    at += length
    if head[at : at + 4] != _SEGMENT:
        return 0
    length, start = _number(head, at + 4)
    return start + length if length else 0


def _number(head: bytes, at: int) -> tuple[int, int]:
    """Read a number of variable width; return it (0 for "unknown") and where it ends."""
    first = head[at] if at < len(head) else 0
    width = 9 - first.bit_length()
    if width > 8:
        return 0, at + 1
    value = int.from_bytes(head[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (0 if value == (1 << 7 * width) - 1 else value), at + width
