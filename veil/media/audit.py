"""Lists everything in a film file beside picture and sound, and tells what of the original is still in the result.

lefts = compare(original, result)
attack = attack_on_file(lefts)
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from veil.media import boxes, elements
from veil.media.messages import in_extradata, in_packet, known_names, length_size
from veil.media.source import open_input
from veil.media.trace import Found, Tells, key, shown, unread
from veil.nouns.report import Attack

Outcome = Literal["removed", "still there", "added by Veil"]

_HEAD = 1 << 20  # bytes at both ends that are searched for names whatever the container
_FIRST_PACKETS = 8
_GIVES_AWAY: frozenset[Tells] = frozenset(
    {"device", "place", "time", "person", "software", "words", "picture", "data", "unknown"}
)
_CAMERA_NAME = re.compile(
    r"(?:IMG|MVI|DSC[NF]?|GOPR|G[XHP]\d\d|C\d{4}|VID|PXL|DJI|MOV|P\d{7}|CLIP|WA)[_-]?\d{2,}|20\d{6}", re.IGNORECASE
)
_ADVICE = {
    "date of the file": "tells when the film was cut; set another one, or copy it into a new file, before sharing it",
    "name of the file": "repeats a part of the original's name; give it another name before sharing it",
    "camera's name for the file": "tells of a camera or a day; give the file another name before sharing it",
    "Content Credentials": "say that people are disguised, and name the owner of the certificate they are signed with",
}
_SAID = {
    "removed": "was in the original and is gone",
    "still there": "is in the result as it was in the original",
    "added by Veil": "is in the result and was not in the original",
}


@dataclass(frozen=True)
class Left:
    """What became of one kind of thing in the file; nothing in it is private but `values`."""

    kind: str
    tells: Tells
    in_original: int  # how often
    in_result: int
    size: int  # bytes, of all of that kind
    outcome: Outcome
    said: str
    values: tuple[str, ...] = ()  # for a sealed report only

    @property
    def gives_away(self) -> bool:
        """Whether the result must not be shown with it."""
        added_software = self.outcome == "added by Veil" and self.tells == "software"
        return self.in_result > 0 and self.tells in _GIVES_AWAY and not added_software


def audit(path: Path) -> list[Found]:
    """Return all that lies in a film file beside picture and sound, and what its name and date tell.

    Raises VeilError when the file cannot be opened as a film.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(_HEAD, path.stat().st_size - _HEAD))
        tail = file.read(_HEAD)
    mp4, matroska = boxes.is_mp4(head[:12]), elements.is_matroska(head)
    found = boxes.walk(path) if mp4 else elements.walk(path) if matroska else []
    with open_input(path) as container:
        found += _container(container, tags=not (mp4 or matroska))
        if mp4:
            found += _unused(path, container)
        found += _streams(container)
    if not (mp4 or matroska):
        found += known_names(head, "file") + known_names(tail, "file")
    return [*found, *_of_the_file(path)]


def compare(original: Path, result: Path) -> list[Left]:
    """Tell of each kind of thing in the original or the result what became of it, worst first."""
    before, after = _by_kind(audit(original)), _by_kind(audit(result))
    lefts = []
    for kind in sorted(before.keys() | after.keys()):
        old, new = before.get(kind, []), after.get(kind, [])
        outcome: Outcome = "removed"
        if new:
            same = {f.value for f in old} & {f.value for f in new}
            outcome = "still there" if same or (old and new[0].tells not in ("form", "name")) else "added by Veil"
        every = old + new
        values = tuple(dict.fromkeys(f.value for f in every))
        said = f"{kind}: {_SAID[outcome]}" if kind not in _ADVICE or not new else f"{kind}: {_ADVICE[kind]}"
        size = sum(f.size for f in every)
        lefts.append(Left(kind, every[-1].tells, len(old), len(new), size, outcome, said, values))
    return sorted(_renamed(lefts, original, result), key=lambda left: (not left.gives_away, not left.in_result))


def attack_on_file(lefts: list[Left]) -> Attack:
    """Return the verdict: exposed where the result tells of a device, place, time, person or program of the original.

    The score is the number of such kinds.
    """
    worst = [left for left in lefts if left.gives_away]
    warned = [left.said for left in lefts if left.in_result and left.kind in _ADVICE and not left.gives_away]
    removed = sum(left.outcome == "removed" for left in lefts)
    if worst:
        said = "the file still holds: " + ", ".join(left.kind for left in worst) + "; do not share it"
    else:
        said = "; ".join([f"nothing in the file points at anyone; {removed} kinds of notes were removed", *warned])
    return Attack(None, "file", "audit", len(worst), 1, "exposed" if worst else "safe", said=said)


def _by_kind(found: list[Found]) -> dict[str, list[Found]]:
    kinds: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        kinds[one.kind].append(one)
    return kinds


def words_of(text: str) -> list[str]:
    """Return the words of a text or a name of a file, upper and lower case as one."""
    return [w for w in re.split(r"[\W_]+", text.casefold()) if w]


def _renamed(lefts: list[Left], original: Path, result: Path) -> Iterator[Left]:
    """Judge the names of both files together: what the result's repeats of the original's."""
    for left in lefts:
        if left.kind != "name of the file":
            yield left
    words = [w for w in words_of(original.name.split(".")[0]) if len(w) > 2]
    shared = [w for w in words if w in result.name.casefold()]
    kind = "name of the file"
    outcome: Outcome = "still there" if shared else "removed"
    said = f"{kind}: {_ADVICE[kind] if shared else _SAID['removed']}"
    yield Left(kind, "name", 1, int(bool(shared)), len(original.name), outcome, said, (original.name, result.name))


def _container(container: InputContainer, *, tags: bool) -> Iterator[Found]:
    """Yield tags, chapters, and streams that are neither the film nor its sound."""
    if tags:
        yield from _tags(container.metadata, "file")
    for chapter in container.chapters():
        title = str(chapter["metadata"].get("title", "chapter"))
        yield Found("chapter", "file", len(title), "words", shown(title))
    for stream in container.streams:
        where = f"stream {stream.index}"
        if tags:
            yield from _tags(stream.metadata, where)
        with suppress(AttributeError):
            kind = _SIDE.get(stream.type)
            if kind:
                yield Found(kind[0], where, 0, kind[1], shown(str(stream.metadata)))
        if stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
            yield Found("cover or preview picture", where, 0, "picture", where)


_SIDE: dict[str, tuple[str, Tells]] = {
    "data": ("data track (telemetry, time code)", "data"),
    "subtitle": ("subtitles", "words"),
    "attachment": ("attachment", "data"),
}


def _tags(tags: dict[str, str], where: str) -> Iterator[Found]:
    for name, value in tags.items():
        if found := key(name, f"{where}/{name}", str(value)):
            yield found


def _unused(path: Path, container: InputContainer) -> Iterator[Found]:
    """Yield how much of the media data no track uses."""
    used = sum(entry.size for stream in container.streams for entry in stream.index_entries)
    held = boxes.media_bytes(path)
    if 0 < used < held:
        yield Found("media bytes that no track uses", "mdat", held - used, "unknown", f"{held - used} bytes")


def _streams(container: InputContainer) -> list[Found]:
    """Return what lies between the pictures and in the first packets of every stream; each kind once a stream."""
    found: dict[tuple[int, str], Found] = {}
    seen: Counter[int] = Counter()
    told = {s.index: (_codec(s), _extradata(s)) for s in container.streams}

    def keep(index: int, every: list[Found]) -> None:
        for one in every:
            found.setdefault((index, one.kind), one)

    for index, (codec, extradata) in told.items():
        keep(index, known_names(extradata, f"stream {index}") + in_extradata(extradata, codec))
    stopped: list[Found] = []
    for packet in _packets(container, stopped):
        index = packet.stream.index
        codec, extradata = told[index]
        seen[index] += 1
        first = seen[index] <= _FIRST_PACKETS
        if not packet.size or not (first or codec in ("h264", "hevc")):
            continue
        data = bytes(packet)
        if first:
            keep(index, known_names(data, f"stream {index}"))
        if codec in ("h264", "hevc"):
            keep(index, in_packet(data, codec, length_size(extradata, codec)))
    return [*found.values(), *stopped]


def _packets(container: InputContainer, stopped: list[Found]) -> Iterator["Packet[Any]"]:
    """Yield every packet; where one cannot be read nothing behind it was looked at, and `stopped` says so."""
    try:
        yield from container.demux()
    except EOFError:
        return
    except av.FFmpegError as error:
        stopped.append(unread("packets", 0, type(error).__name__))


def _codec(stream: Stream) -> str:
    context: Any = getattr(stream, "codec_context", None)
    return str(context.codec.canonical_name) if context else ""


def _extradata(stream: Stream) -> bytes:
    context: Any = getattr(stream, "codec_context", None)
    return bytes(context.extradata or b"") if context else b""


def _of_the_file(path: Path) -> Iterator[Found]:
    """Yield what the file's own name and date tell."""
    yield Found("name of the file", "", len(path.name), "name", path.name)
    if _CAMERA_NAME.search(path.stem):
        yield Found("camera's name for the file", "", len(path.stem), "name", path.stem)
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    yield Found("date of the file", "", 8, "name", at.isoformat())
