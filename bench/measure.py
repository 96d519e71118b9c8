"""Measures one clip: disguises it, walks through both films, and gathers every figure."""

import os
import shutil
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.calibration import Calibration
from bench.coverage import Coverage
from bench.expression import Expression
from bench.films import OUT, pretended
from bench.identity import Identity
from bench.landmarks import Eyes
from bench.pairs import Walk, walk
from bench.picture import Looks
from bench.sheets import chosen, write_sheets
from bench.speed import Failed, disguise, stages
from bench.spoken import Spoken
from veil.errors import VeilError
from veil.media import probe, read
from veil.nouns.picture import Box

Lines = list[tuple[Calibration, ...]]
"""Of each recogniser: for large faces, for smaller ones."""


@dataclass(frozen=True)
class Settings:
    """How thoroughly to measure."""

    quick: bool
    instead: str  # "" for Veil; "copy" or "blur" to see what the measures say of those
    looks: int  # faces shown to a recogniser, about, in each clip
    sheets: bool = True
    double: str = ""  # whom everybody is made to wear; "" lets Veil cast


def measured(clip: Path, eyes: Eyes, lines: Lines, settings: Settings) -> dict[str, Any]:
    """Return every figure of a clip; a clip that fails is told with its reason, never left out."""
    row: dict[str, Any] = {"clip": clip.name, "load": os.getloadavg()[0], "failed": ""}
    try:
        _measure(clip, eyes, lines, settings, row)
    except (Failed, VeilError, ValueError, OSError) as problem:
        row["failed"] = f"{type(problem).__name__}: {problem}"
        row["exit_code"] = getattr(problem, "code", None)
    except Exception as problem:  # noqa: BLE001 - one clip must not take the table with it, and the fault is told
        row["failed"] = f"{type(problem).__name__}: {problem}"
        row["trace"] = traceback.format_exc()
    return row


def _measure(clip: Path, eyes: Eyes, lines: Lines, settings: Settings, row: dict[str, Any]) -> None:
    scratch = OUT / "work" / clip.name
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    film = probe(clip)
    with read(film) as frames:
        count = sum(1 for _ in frames)
    row |= {"size": f"{film.width}x{film.height}", "frames": count, "rate_hz": float(film.rate_hz)}
    result = scratch / "result.mp4"
    if settings.instead:
        pretended(clip, result, settings.instead)
    else:
        ran, told = disguise(clip, result, scratch / "case.veil", settings.double)
        row |= {"seconds": ran.seconds, "load": ran.load, "peak_mib": ran.peak_mib, "told": told}
        row |= {"fps": count / ran.seconds, "stages_fps": stages(told, count)}
    _compare(clip, result, eyes, lines, settings, row)


def _compare(clip: Path, result: Path, eyes: Eyes, lines: Lines, settings: Settings, row: dict[str, Any]) -> None:
    """Walk through both films once and put every figure into `row`."""
    count = int(row["frames"])
    identities = [Identity(sizes, -(-count // settings.looks)) for sizes in lines]
    spoken = None if settings.instead else Spoken(result.with_name("case.veil"))
    expression, looks = Expression(eyes, float(row["rate_hz"]), spoken), Looks()
    coverage = Coverage(eyes, 10 if settings.quick else 3)
    found = Walk()
    for pair in walk(clip, result, eyes, found):
        expression.see(pair)
        looks.see(pair)
        coverage.see(pair)
        for identity in identities:
            identity.see(pair)
    row |= {"compared": found.frames, "missing_frames": found.missing, "shifted_s": float(found.shifted_s)}
    row["identity"] = [r for identity in identities for r in identity.figures()]
    row["too_small"] = identities[0].too_small if identities else 0
    row["expression"], row["unseen_in_result"] = expression.figures(), expression.unseen
    row["picture"], row["coverage"] = looks.figures(), coverage.figures()
    row["headline"] = headline(row)
    if settings.sheets:
        boxes = {i: [Box(*b) for b in found_boxes] for i, found_boxes in coverage.bare.items()}
        wanted = chosen(_worst(row), found.frames, seed=found.frames)
        row["sheets"] = write_sheets(clip, result, wanted, OUT / "sheets" / clip.stem, boxes)


def _worst(row: dict[str, Any]) -> dict[str, list[int]]:
    """Return the worst frames by each measure."""
    worst = {f"{r['recogniser']} score": r["worst_frames"] for r in row["identity"]}
    worst |= {"expression": row["expression"][0]["worst_frames"]} if row["expression"] else {}
    worst["flicker"] = row["picture"][0]["worst_frames"] if row["picture"] else []
    worst["equal share"] = row["coverage"]["worst_frames"]
    worst["bare face"] = [int(i) for i in list(row["coverage"]["bare"])[:4]]
    worst["leak"] = [int(i) for i in list(row["coverage"]["leaked"])[:6]]
    return worst


def headline(row: dict[str, Any]) -> dict[str, Any]:
    """Return the one line of a clip: the worst recogniser and track, the worst expression, the worst picture."""
    identity = row["identity"]
    judged = [r for r in identity if r["filmed"] >= 0.5]  # who cannot recognise the original proves nothing
    told: dict[str, Any] = {
        "leak_rate": max((r["leak_rate"] for r in judged), default=None),
        "over_limit": max((r["score_max"] - r["limit_1e-3"] for r in judged), default=None),
        "worst_by": max(judged, key=lambda r: (r["leak_rate"], r["score_max"] - r["limit_1e-3"]))["recogniser"]
        if judged
        else "",
        "tracks_verified": sum(r["track_verified"] for r in judged),
        "tracks_judged": len(judged),
        "best_rank": min((r["rank"] for r in judged), default=None),
        "filmed": min((r["filmed"] for r in judged), default=None),
        "blur": max((r["blur"] for r in judged), default=None),
        "leaked_frames": row["coverage"]["leaked_frames"],
        "bare_frames": row["coverage"]["bare_frames"],
    }
    longest = max(row["expression"], key=lambda r: r["frames"], default=None)
    for key in (
        "blendshapes", "mouth", "mouth_lag_frames", "speech", "speech_lag_frames", "gaze_deg", "head_deg", "jitter",
    ):  # fmt: skip
        told[key] = longest[key] if longest else None
    for key in ("flicker", "seam", "grain"):
        values = [r[key] for r in row["picture"] if r[key] is not None]
        told[key] = max(values, key=lambda v: abs(v - 1)) if values else None
    return told
