"""All that lies in a film file beside the film is found, and Veil's own results hold none of it."""

import os
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from tests import films
from tests.films import PLANTED, Recipe, make
from veil.errors import VeilError
from veil.media import Codec, Writer, boxes, elements, probe, read
from veil.media.audit import Left, _packets, attack_on_file, audit, compare
from veil.media.listen import listen
from veil.media.messages import in_packet, known_names
from veil.media.trace import Found

PLACE = b"+55.7522+037.6156/"


def box(kind: bytes, content: bytes) -> bytes:
    """Return a box of an MP4 file."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def in_movie(path: Path, added: bytes) -> None:
    """Put a box into the `moov` box at the end of a file."""
    data = path.read_bytes()
    at = data.rindex(b"moov") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    assert at + size == len(data), "moov is not the last box"
    path.write_bytes(data[:at] + struct.pack(">I", size + len(added)) + data[at + 4 :] + added)


def appended(path: Path, added: bytes) -> None:
    """Put bytes at the end of a file."""
    path.write_bytes(path.read_bytes() + added)


def kinds(path: Path) -> set[str]:
    """Return the kinds of things found in a file."""
    return {found.kind for found in audit(path)}


def cut(source: Path, out: Path, codec: Codec = "h264", *, heard: bool = False) -> Path:
    """Write a film as Veil writes its results."""
    film = probe(source)
    with read(film) as frames, Writer.like(frames, out, codec=codec, heard=heard) as writer:
        for frame in frames:
            writer.put(frame)
    return out


def by_kind(lefts: list[Left]) -> dict[str, Left]:
    """Return what was found under its kind."""
    return {left.kind: left for left in lefts}


PLANTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "place": ("place (GPS)", lambda p: in_movie(p, box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7" + PLACE)))),
    "3GPP place": (
        "place (GPS)", lambda p: in_movie(p, box(b"udta", box(b"loci", b"\0" * 6 + b"Moscow\0" + b"\1" * 13)))
    ),
    "serial number": (
        "serial number of the device", lambda p: in_movie(p, box(b"udta", box(b"CAME", b"C3141592653589")))
    ),
    "model": ("model of the device", lambda p: in_movie(p, box(b"udta", box(b"\xa9mod", b"\0\5\0\0Pixel")))),
    "telemetry": ("telemetry of the device", lambda p: in_movie(p, box(b"udta", box(b"GPMF", b"DEVC\0\1" * 9)))),
    "preview": ("preview picture", lambda p: in_movie(p, box(b"udta", box(b"thmb", b"\xff\xd8\xff" * 20)))),
    "XMP": (
        "XMP notes",
        lambda p: appended(p, box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + b"<x:xmpmeta>")),
    ),
    "maker's box": ("box of a maker's own", lambda p: appended(p, box(b"uuid", b"0123456789abcdefhidden"))),
    "filler": ("filler with content", lambda p: appended(p, box(b"free", b"a word in the filler"))),
    "unknown box": ("unknown box", lambda p: appended(p, box(b"beam", b"\1\2\3\4"))),
    "trailing bytes": ("bytes after the end of the film", lambda p: appended(p, b"\xff" * 40)),
    "media data": ("media bytes that no track uses", lambda p: appended(p, box(b"mdat", b"\7" * 5000))),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found_and_judged(tmp_path: Path, name: str) -> None:
    """Each thing is found in an original, gone from what Veil writes, and exposes a result that holds it."""
    kind, plant = PLANTS[name]
    original = make(tmp_path / "film.mp4", Recipe(frames=5, sound=True))
    clean = kinds(original)
    plant(original)
    assert kinds(original) - clean >= {kind}
    result = cut(original, tmp_path / "out.mp4")
    left = by_kind(compare(original, result))[kind]
    assert (left.in_result, left.outcome, left.gives_away) == (0, "removed", False)
    assert attack_on_file(compare(original, result)).verdict == "safe"
    leaking = make(tmp_path / "leaking.mp4", Recipe(frames=5))
    plant(leaking)
    left = by_kind(compare(original, leaking))[kind]
    assert left.gives_away
    attack = attack_on_file(compare(original, leaking))
    assert attack.verdict == "exposed"
    assert kind in attack.said


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("heard", [False, True])
def test_results_hold_nothing(tmp_path: Path, suffix: str, codec: Codec, *, heard: bool) -> None:
    """In every container and codec that Veil writes, nothing is left but how the film is stored."""
    original = make(tmp_path / f"Aminata{suffix}", Recipe(frames=8, planted=True, sound=True))
    result = cut(original, tmp_path / f"out{suffix}", codec, heard=heard)
    assert {found.tells for found in audit(original)} >= {"software", "words", "person"}
    assert {found.tells for found in audit(result)} <= {"form", "name"}
    attack = attack_on_file(compare(original, result))
    assert (attack.verdict, attack.channel, attack.person, attack.score) == ("safe", "file", None, 0)
    assert PLANTED not in attack.said


def test_notes_are_private(tmp_path: Path) -> None:
    """What may be shared names kinds and sizes; the words themselves are in `values` alone."""
    original = make(tmp_path / "Aminata.mp4", Recipe(frames=5, planted=True))
    for left in compare(original, original):
        shared = f"{left.kind} {left.said}"
        assert PLANTED not in shared
        assert "Aminata" not in shared
    values = [v for left in compare(original, original) for v in left.values]
    assert PLANTED in " ".join(values)


def test_dates_and_languages(tmp_path: Path) -> None:
    """Dates in the header and the language of a track are told."""
    path = make(tmp_path / "film.mp4", Recipe(frames=5, sound=True))
    data = bytearray(path.read_bytes())
    header, media = data.rindex(b"mvhd"), data.rindex(b"mdhd")
    data[header + 8 : header + 12] = struct.pack(">I", 3_900_000_000)
    data[media + 24 : media + 26] = struct.pack(">H", (6 << 10) | (1 << 5) | 19)  # "fas"
    path.write_bytes(data)
    values = {found.kind: found.value for found in audit(path)}
    assert values["date of creation"] == "1817155200 s after 1970"
    assert values["language of a track"] == "fas"


def test_side_tracks(tmp_path: Path) -> None:
    """A time code track, chapters and a cover picture are found."""
    path = tmp_path / "film.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.metadata["timecode"] = "10:31:00:00"
        chapter = {"id": 1, "start": 0, "end": 5, "time_base": Fraction(1, 25), "metadata": {"title": "At the border"}}
        container.set_chapters([cast(Any, chapter)])
        for index in range(5):
            frame = VideoFrame.from_ndarray(films.shapes(64, 48)(index), format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = kinds(path)
    assert {"data track (telemetry, time code)", "chapter"} <= found
    assert "cover or preview picture" in kinds(films.cover_only(tmp_path / "cover.mp4"))


def test_names_and_dates_of_files(tmp_path: Path) -> None:
    """A result named after its original is warned of; a camera's name for a file is a find."""
    original = make(tmp_path / "GX010023.mp4", Recipe(frames=5))
    assert "camera's name for the file" in kinds(original)
    result = cut(original, tmp_path / "GX010023.veiled.mp4")
    attack = attack_on_file(compare(original, result))
    assert (attack.verdict, "tells of a camera" in attack.said) == ("safe", True)
    plain = make(tmp_path / "harvest.mp4", Recipe(frames=5))
    named = cut(plain, tmp_path / "harvest.veiled.mp4")
    attack = attack_on_file(compare(plain, named))
    assert attack.verdict == "safe"
    assert "another name" in attack.said
    os.utime(named, (0, 0))
    assert any(found.value.startswith("1970-01-01") for found in audit(named))


def test_messages_in_the_stream(tmp_path: Path) -> None:
    """What x264 writes between the pictures is found in MP4, and in a bare stream."""
    path = make(tmp_path / "film.mp4", Recipe(frames=5))
    assert "encoder's or maker's data in the stream" in kinds(path)
    bare = make(tmp_path / "film.h264", Recipe(frames=5))
    assert "encoder's or maker's data in the stream" in kinds(bare)
    unit = b"\x06\x88\x02ab\x80"
    found = in_packet(len(unit).to_bytes(4, "big") + unit, "h264", 4)
    assert [f.kind for f in found] == ["time code"]


def test_broken_units_do_no_harm() -> None:
    """Units that promise more than there is end quietly."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        data = rng.integers(0, 256, 60, np.uint8).tobytes()
        in_packet(data, "h264", 4)
        in_packet(data, "hevc", 0)
        known_names(data, "anywhere")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_damaged_files_are_walked(tmp_path: Path, suffix: str) -> None:
    """Bytes overwritten anywhere in the header end in a list or in a problem that is told, never in a crash."""
    path = make(tmp_path / f"film{suffix}", Recipe(frames=5, sound=True, planted=True))
    data, rng = path.read_bytes(), np.random.default_rng(1)
    for _ in range(40):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), 12):
            broken[at] = int(rng.integers(0, 256))
        path.write_bytes(broken)
        try:
            audit(path)
        except VeilError:
            continue


def test_listening(tmp_path: Path) -> None:
    """The sound of a film comes as samples at the rate that was asked for; a silent film has none."""
    heard = listen(make(tmp_path / "film.mp4", Recipe(frames=25, sound=True)), 8000)
    assert heard is not None
    assert heard.dtype == np.float32
    assert 7000 < heard.size < 11_000
    assert 0.5 < np.abs(heard).max() <= 1
    assert listen(make(tmp_path / "silent.mp4", Recipe(frames=5))) is None


def test_attachments_and_numbers(tmp_path: Path) -> None:
    """An attachment in Matroska, its name, and the number of the recording are found."""
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.add_attachment("contacts.txt", "text/plain", b"Aminata, 1 Harbour Street")
        frame = VideoFrame.from_ndarray(films.shapes(64, 48)(0), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert {"attachment", "name of an attachment", "number of the recording", "software"} <= kinds(path)
    result = cut(path, tmp_path / "out.mkv")
    assert attack_on_file(compare(path, result)).verdict == "safe"
    appended(result, b"\x2a\xd7\xb1\x84\1\2\3\4" + b"left behind")
    assert attack_on_file(compare(path, result)).verdict == "exposed"


def test_every_track_is_heard(tmp_path: Path) -> None:
    """Two sound tracks come one after the other; one that cannot be decoded is there all the same, as a nan."""
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        tracks = [container.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(2)]
        for track, level in zip(tracks, (4000, 12_000), strict=True):
            frame = AudioFrame.from_ndarray(np.full((1, 8000), level, np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            container.mux([*track.encode(frame), *track.encode(None)])
    heard = listen(path, 8000)
    assert heard is not None
    assert heard.size == 16_000
    assert sorted({round(float(v), 2) for v in heard}) == [0.12, 0.37]
    data = path.read_bytes()
    path.write_bytes(data.replace(b"A_PCM/INT/LIT", b"A_UNKNOWN/VEI"))
    deaf = listen(path, 8000)
    assert deaf is not None
    assert np.isnan(deaf).all()
    path.write_bytes(data.replace(b"A_PCM/INT/LIT", b"A_UNKNOWN/VEI", 1))
    half = listen(path, 8000)
    assert half is not None
    assert (half.size, int(np.isnan(half).sum())) == (8001, 1)


def test_where_the_audit_stops_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many boxes or elements, a broken end inside a box, packets that cannot be read: never silence."""
    unread = "a part that could not be read"
    film, other = (make(tmp_path / f"film{suffix}", Recipe(frames=5)) for suffix in (".mp4", ".mkv"))
    in_movie(film, box(b"udta", b"\0\0\0\xffjunk behind"))
    assert unread in kinds(film)
    assert unread not in kinds(other)
    for module, name in ((boxes, "_MOST_BOXES"), (elements, "_MOST_ELEMENTS")):
        monkeypatch.setattr(module, name, 5)
    assert unread in {f.kind for f in boxes.walk(make(tmp_path / "many.mp4", Recipe(frames=5)))}
    assert {unread, "bytes after the end of the film"} & {f.kind for f in elements.walk(other)}


def test_packets_that_cannot_be_read_are_told() -> None:
    """Where FFmpeg stops, what lies behind is unknown, and a result like that is exposed."""

    class Broken:
        def demux(self) -> Iterator[object]:
            yield from ()
            raise av.error.InvalidDataError(1, "damaged")

    stopped: list[Found] = []
    assert not list(_packets(cast(Any, Broken()), stopped))
    assert [(f.kind, f.tells) for f in stopped] == [("a part that could not be read", "unknown")]
