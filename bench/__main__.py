"""Measures Veil and prints one table, worst figures first: ``python -m bench [--quick] [--clips DIR]``."""

import argparse
import contextlib
import json
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import adaptive, films, tables
from bench.calibration import calibrations
from bench.landmarks import Eyes
from bench.measure import Lines, Settings, measured
from bench.speed import Failed, Speeds, disguise, peer_fps, stages, transcode_fps
from veil.adversary.recognisers import NAMES
from veil.errors import VeilError
from veil.media import probe, read

_ERRORS = (Failed, VeilError, OSError, ValueError)


def arguments(words: list[str]) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: make bench BENCH=--quick"
    )
    parser.add_argument("--quick", action="store_true", help="fewer looks a clip; no peer")
    parser.add_argument("--clips", help="folder of films (default: $VEIL_BENCH_CLIPS, then ../shared/clips)")
    parser.add_argument("--faces", help="folder to calibrate on (default: $VEIL_BENCH_FACES, then ../shared/faces)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only clips that begin with NAME")
    parser.add_argument("--instead", choices=["copy", "blur"], default="", help="measure this instead of Veil")
    parser.add_argument("--double", default="", metavar="NAME", help="let everybody wear this double")
    parser.add_argument("--speed-on", action="append", default=[], metavar="NAME", help="clips to time, by name")
    parser.add_argument("--no-speed", action="store_true", help="leave out transcode, peer and memory")
    parser.add_argument("--no-adaptive", action="store_true", help="leave out the attacker who knows Veil")
    parser.add_argument("--no-sheets", action="store_true", help="write no pictures")
    parser.add_argument("--hour", action="store_true", help="also disguise a film of an hour, for memory")
    return parser.parse_args(words)


def main() -> int:
    """Measure, print, write ``bench/out/results.json``; return 1 when a clip could not be measured."""
    asked = arguments(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else 200)
    found = films.clips(films.folder(asked.clips, "VEIL_BENCH_CLIPS", "clips"), asked.only)
    if not found:
        console.print("no film to measure on: name a folder with --clips")
        return 2
    results: dict[str, Any] = {
        "machine": _machine(),
        "instead": asked.instead,
        "double": asked.double,
        "clips": [],
        "speed": [],
    }
    eyes = Eyes()
    lines = _calibrated(asked, eyes, results, console)
    settings = Settings(
        asked.quick, asked.instead, looks=30 if asked.quick else 90, sheets=not asked.no_sheets, double=asked.double
    )
    for clip in found:
        console.print(f"[dim]measuring {clip.name}[/]")
        results["clips"].append(measured(clip, eyes, lines, settings))
        _write(results)
    if not asked.no_speed and not asked.instead:
        _time(asked, found, results, console)
    trained = None if asked.quick or asked.no_adaptive or asked.instead else _adaptive(asked, results, console)
    _write(results)
    tables.show(results, console)
    if trained:
        adaptive.show(trained, console)
    console.print(f"all figures: {films.OUT / 'results.json'}   pictures: {films.OUT / 'sheets'}")
    return int(any(row["failed"] for row in results["clips"]))


def _adaptive(asked: argparse.Namespace, results: dict[str, Any], console: Console) -> dict[str, Any] | None:
    """Return what an attacker finds who has trained on Veil's own output; None where there are no faces to train on."""
    faces, clips = (
        films.folder(asked.faces, "VEIL_BENCH_FACES", "faces"),
        films.folder(asked.clips, "VEIL_BENCH_CLIPS", "clips"),
    )
    if faces is None or clips is None:
        return None
    results["adaptive"] = told = adaptive.adaptive(faces, clips, console)
    return told


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version(),
            "load": os.getloadavg()[0]}  # fmt: skip


def _write(results: dict[str, Any]) -> None:
    films.OUT.mkdir(parents=True, exist_ok=True)
    (films.OUT / "results.json").write_text(json.dumps(results, indent=1, default=float))


def _calibrated(asked: argparse.Namespace, eyes: Eyes, results: dict[str, Any], console: Console) -> Lines:
    """Return the recognisers, calibrated; what could not be is told in the table."""
    faces = films.folder(asked.faces, "VEIL_BENCH_FACES", "faces")
    lines: Lines = []
    missing: dict[str, str] = {}
    for name in NAMES:
        console.print(f"[dim]calibrating {name}[/]")
        try:
            if faces is None:
                raise FileNotFoundError("no faces to calibrate on: name a folder with --faces")
            lines.append(calibrations(name, faces, eyes))
        except (OSError, ValueError, KeyError, IndexError) as problem:
            missing[name] = f"{type(problem).__name__}: {problem}"
    results["missing_recognisers"] = missing
    results["recognisers"] = [
        {"name": c.recogniser.name, "shown_px": c.shown_px, "equal_error": c.equal_error,
         "equal_error_at": c.equal_error_at,
         "limits": {str(k): v for k, v in c.limits.items()}, "accepted": {str(k): v for k, v in c.accepted.items()},
         "impostor_pairs": c.impostor_pairs, "others": len(c.others)}
        for sizes in lines
        for c in sizes
    ]  # fmt: skip
    return lines


def _time(asked: argparse.Namespace, found: list[Path], results: dict[str, Any], console: Console) -> None:
    """Time some clips against a transcode and the peer, and a film of a minute (and an hour) for memory."""
    names = tuple(asked.speed_on) or ("wide_720p_b", "sofa_1080p", "witness")
    timed = [clip for clip in found if clip.name.startswith(names)]
    for clip in timed:
        console.print(f"[dim]timing {clip.name}[/]")
        results["speed"].append(_timed(clip, clip.name, peer=not asked.quick))
    long = [(60, "one minute")] + ([(3600, "one hour")] if asked.hour else [])
    for seconds, name in long if timed and not asked.quick else []:
        film = films.OUT / "work" / f"long-{seconds}.mp4"
        label = f"{timed[-1].name}, {name}"
        console.print(f"[dim]timing {label}[/]")
        try:
            film.unlink(missing_ok=True)
            films.looped(timed[-1], film, seconds)
            results["speed"].append(_timed(film, label, peer=False))
        except _ERRORS as problem:
            results["speed"].append({"clip": label, "failed": str(problem)})
        film.unlink(missing_ok=True)


def _timed(clip: Path, label: str, *, peer: bool) -> dict[str, Any]:
    """Return how fast a clip went, by Veil, by a transcode and by the peer."""
    scratch = films.OUT / "work" / "speed"
    scratch.mkdir(parents=True, exist_ok=True)
    result = scratch / "result.mp4"
    notes: list[str] = []
    try:
        frames = _frames(clip)
        result.unlink(missing_ok=True)
        ran, told = disguise(clip, result, _fresh(scratch / "case.veil"))
        film = probe(clip)
        fps = stages(told, frames)
        speeds = Speeds(label, f"{film.width}x{film.height}", frames, ran.load, frames / ran.seconds, ran.peak_mib, fps)
        if fps:
            speeds.start_s = ran.seconds - sum(frames / one for one in fps.values())
    except _ERRORS as problem:
        return {"clip": label, "failed": f"{type(problem).__name__}: {problem}"}
    try:
        speeds.transcode_fps = transcode_fps(clip, scratch)
        speeds.of_transcode = speeds.transcode_fps / speeds.veil_fps
    except _ERRORS as problem:
        notes.append(f"transcode: {problem}")
    if peer:
        try:
            speeds.peer_fps = peer_fps(clip, frames, scratch)
            speeds.over_peer = speeds.veil_fps / speeds.peer_fps
        except _ERRORS as problem:
            notes.append(f"peer: {problem}")
    speeds.note = "; ".join(notes)
    return speeds.row()


def _fresh(folder: Path) -> Path:
    """Return the path with nothing there."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    return folder


def _frames(clip: Path) -> int:
    with read(probe(clip)) as frames:
        return sum(1 for _ in frames)


if __name__ == "__main__":
    sys.exit(main())
