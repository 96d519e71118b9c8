"""What can lie in a film file beside pictures and sound, and what each of it tells."""

from dataclasses import dataclass
from typing import Literal

Tells = Literal["device", "place", "time", "person", "software", "words", "picture", "data", "unknown", "name", "form"]
"""What a find gives away. "name": of the file itself; "form": how the film is stored, which points at nobody."""

_SHOWN = 200


@dataclass(frozen=True)
class Found:
    """One thing in a film file; `value` is private and belongs in a sealed report only."""

    kind: str
    where: str  # the boxes or elements that lead to it
    size: int  # bytes
    tells: Tells
    value: str


_KEYS: tuple[tuple[tuple[str, ...], str, Tells], ...] = (
    (("location", "gps", "xyz", "iso6709"), "place (GPS)", "place"),
    (("creation", "date", "time", "year"), "date", "time"),
    (("serial", "camera", "lens", "reel", "uid", "umid"), "number of the device or recording", "device"),
    (("make", "manufacturer", "model", "device", "firmware", "com.android", "product"), "make or model", "device"),
    (("encoder", "software", "application", "tool", "writing", "vendor"), "software", "software"),
    (("artist", "author", "copyright", "director", "producer", "owner", "company", "performer"), "a name", "person"),
    (("language",), "language", "person"),
)
_SILENT = frozenset((
    "major_brand", "minor_version", "compatible_brands", "duration", "handler_name", "bps", "number_of_frames",
    "number_of_bytes", "rotate", "_statistics_tags",
))  # fmt: skip


def key(name: str, where: str, value: str = "") -> Found | None:
    """Return what a tag of that name is; None where it says nothing of its own."""
    low = name.lower()
    if low in _SILENT:
        return None
    if "timecode" in low:
        return Found("time code", where, len(value), "time", shown(value or name))
    for words, kind, tells in _KEYS:
        if any(word in low for word in words):
            return Found(kind, where, len(value), tells, shown(value or name))
    return Found("note", where, len(value), "words", shown(value or name))


def unread(where: str, size: int, value: bytes | str = "") -> Found:
    """Return what stands for a part of a file that nobody looked at: what lies there is not known."""
    return Found("a part that could not be read", where, size, "unknown", shown(value))


def shown(value: bytes | str) -> str:
    """Return the start of a value as text, with a dot for what cannot be read."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return "".join(c if c.isprintable() else "." for c in text[:_SHOWN])
