"""Watch: a film goes in, shots, tracks and the cast come out."""

import json
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.errors import VeilError
from veil.media import Reader, cannot_write, read
from veil.nouns.cast import ROW, Cast, Fitting, Looks, Track
from veil.nouns.film import Film, Shot
from veil.nouns.front import cut_off
from veil.nouns.picture import Frame
from veil.nouns.time import Span
from veil.progress import Progress, silent
from veil.sight.looks import Guesser
from veil.sight.meshes import Mesher
from veil.sight.people import cast_of, likeness
from veil.sight.recogniser import Recogniser
from veil.sight.shots import Cuts
from veil.sight.tracks import Ended, Tracker
from veil.stages.ahead import ahead
from veil.stages.case import Case, CaseFolder, load_case, save_case, write_json
from veil.stages.foreground import Foreground
from veil.stages.sheet import portrait

_SAVE_EVERY = 600  # frames between two points at which interrupted work goes on


@dataclass
class _Notes:
    """What is known so far; written now and then, so that work that was interrupted goes on."""

    frames: int = 0
    shot_starts: list[tuple[int, Fraction]] = field(default_factory=list)
    ended: list[list[Any]] = field(default_factory=list)  # [label, shot, first, last]
    live: list[dict[str, Any]] = field(default_factory=list)
    born: int = 0

    def save(self, path: Path) -> None:
        write_json(path, {**self.__dict__, "shot_starts": [[i, str(at)] for i, at in self.shot_starts]})

    @classmethod
    def load(cls, path: Path) -> "_Notes":
        if not path.is_file():
            return cls()
        stored = json.loads(path.read_text("utf-8"))
        stored["shot_starts"] = [(i, Fraction(at)) for i, at in stored["shot_starts"]]
        return cls(**stored)


def watch(film: Film, folder: CaseFolder, progress: Progress = silent) -> Case:
    """Look at every frame of the film and write the case; a finished case of the same film is read, not redone.

    Work that was interrupted goes on where it was last saved. Raises VeilError when the film cannot be read, the case
    is another film's, or cannot be written.
    """
    film = replace(film, path=film.path.absolute())
    if folder.about.is_file():
        case = load_case(folder)
        if case.film.fingerprint != film.fingerprint:
            raise VeilError(
                "this case belongs to another film", "choose another folder with --case, or remove this one"
            )
        if case.film != film:  # it was moved
            case = replace(case, film=film)
            save_case(folder, case)
        return case
    folder.make()
    try:
        return _Watching(film, folder).run(progress)
    except OSError as error:
        raise cannot_write(error) from error


class _Watching:
    """One run over a film."""

    def __init__(self, film: Film, folder: CaseFolder) -> None:
        self._film, self._folder = film, folder
        self._notes_path = folder.path / f"watching-{film.fingerprint[:16]}.json"
        self._notes = _Notes.load(self._notes_path)
        self._tidy()
        self._tracker = Tracker(film.width, film.height, float(film.rate_hz), self._keep)
        self._foreground = Foreground(folder.tracks)
        self._written: dict[str, int] = {}

    def run(self, progress: Progress) -> Case:
        notes = self._notes
        known = {t["label"]: _track(self._folder, t["label"], 0, t["rows"]).fittings() for t in notes.live}
        self._tracker.resume(notes.live, notes.born, known)
        before = max(0, notes.frames - self._tracker.memory)
        with self._folder.sums.open("ab") as self._sums, read(self._film, start=before) as frames:
            self._sums.truncate(4 * notes.frames)
            cuts = Cuts(self._film.rate_hz)
            for frame in progress(ahead(frames), doing="watching", total=self._film.frames or None):
                begins = cuts.begins(frame)
                if frame.index < notes.frames:
                    self._tracker.remember(frame)
                    continue
                self._take(frame, begins)
            self._tracker.finish()
            self._foreground.finish()
            case = self._case(frames)
        save_case(self._folder, case)
        self._notes_path.unlink(missing_ok=True)
        return case

    def _take(self, frame: Frame, begins: bool) -> None:
        notes = self._notes
        if begins or not notes.shot_starts:
            self._tracker.cut(frame.index)
            self._foreground.cut()
            notes.shot_starts.append((frame.index, frame.at))
        self._tracker.step(frame)
        self._foreground.step(frame, self._tracker.fitted())
        self._sums.write(np.uint32(frame.picture.sum()).tobytes())
        notes.frames = frame.index + 1
        if notes.frames % _SAVE_EVERY == 0:
            self._foreground.settle()
            notes.live, notes.born = self._tracker.state(), self._tracker.born
            for label, looks in self._tracker.fittings().items():
                self._keep_looks(label, looks)
            for track in notes.live:
                track["rows"] = self._written.get(track["label"], 0)
            self._sums.flush()
            notes.save(self._notes_path)

    def _keep(self, label: str, first: int, rows: list[NDArray[np.void]], ended: Ended | None) -> None:
        path = self._folder.tracks / f"{label}.rows"
        with path.open("ab") as out:
            out.write(np.array(rows, ROW).tobytes())
        self._written[label] = self._written.get(label, path.stat().st_size // ROW.itemsize - len(rows)) + len(rows)
        if ended is None:
            return
        if ended.portrait is not None:
            cv2.imwrite(str(path.with_suffix(".png")), ended.portrait[:, :, ::-1])
        self._keep_looks(label, ended.fittings)
        count = path.stat().st_size // ROW.itemsize
        if count:
            self._notes.ended.append([label, len(self._notes.shot_starts) - 1, first, first + count])

    def _keep_looks(self, label: str, looks: list[Fitting]) -> None:
        if looks:
            np.savez(
                self._folder.tracks / f"{label}.npz",
                crops=np.stack([f.crop for f in looks]),
                meshes=np.stack([f.mesh for f in looks]),
                lights=np.stack([f.light for f in looks]),
            )

    def _tidy(self) -> None:
        """Drop what was written after the last save: whole tracks, and rows of those that were known."""
        rows = {label: last - first for label, _, first, last in self._notes.ended}
        rows |= {track["label"]: track["rows"] for track in self._notes.live}
        for path in self._folder.tracks.iterdir():
            if path.stem not in rows:
                path.unlink()
            elif path.suffix == ".rows":
                with path.open("ab") as out:
                    out.truncate(rows[path.stem] * ROW.itemsize)
            elif path.suffix == ".front":
                cut_off(path, self._notes.frames)

    def _case(self, frames: Reader) -> Case:
        notes = self._notes
        tracks = [
            replace(_track(self._folder, label, first, last), shot=max(0, shot))
            for label, shot, first, last in notes.ended
        ]
        mesher, recogniser = Mesher(), Recogniser()
        cast = cast_of(tracks, {t.label: likeness([t], mesher, recogniser) for t in tracks})
        by_label = {t.label: t for t in tracks}
        neutrals = {}
        for person in cast.people:
            like = likeness([by_label[t] for t in person.tracks], mesher, recogniser)
            if like is not None:
                neutrals[person.label] = like.neutral
        starts = [*notes.shot_starts, (notes.frames, frames.end_s)]
        shots = tuple(Shot(Span(at, max(at, later)), first, last) for (first, at), (last, later) in pairwise(starts))
        looks = self._guess_looks(cast, by_label)
        return Case(self._film, notes.frames, frames.undecodable, shots, cast, neutrals, looks)

    def _guess_looks(self, cast: Cast, tracks: dict[str, Track]) -> dict[str, Looks]:
        """Return the mean guess over each person's pictures."""
        guesser, looks = Guesser(), {}
        for person in cast.people:
            pictures = [portrait(tracks[label]) for label in person.tracks]
            guesses = [guesser.guess(p).sex for p in pictures if p is not None]
            if guesses:
                looks[person.label] = Looks(float(np.mean(guesses)))
        return looks


def _track(folder: CaseFolder, label: str, first: int, last: int) -> Track:
    return Track(label, 0, first, last, folder.tracks / f"{label}.rows")
