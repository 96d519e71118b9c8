"""The case folder: what is kept of a film between the steps. It holds faces; guard it like the film.

`case.json` says what was watched, `frames.sums` what every frame was, `tracks/` holds the meshes, `plan.toml` the
decisions, `hearing/` what is heard, `transcript.txt` and `names.toml` the words and names that a person corrects,
`sound/` the new voices, `cut/` finished parts of the disguised film, `report.html` and `report.json` the last attack
without any original picture, `sealed/` the same with the originals beside.
"""

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from veil.errors import VeilError
from veil.nouns.cast import Cast, Fitting, Looks, Person, Track
from veil.nouns.film import Film, Shot
from veil.nouns.picture import Box, Colour, Points
from veil.nouns.time import Span
from veil.whole import write_whole

FORMAT = 2


@dataclass(frozen=True)
class CaseFolder:
    """Where everything of a case lies."""

    path: Path

    @property
    def about(self) -> Path:
        return self.path / "case.json"

    @property
    def tracks(self) -> Path:
        return self.path / "tracks"

    @property
    def plan(self) -> Path:
        return self.path / "plan.toml"

    @property
    def cuts(self) -> Path:
        return self.path / "cut"

    @property
    def found(self) -> Path:
        return self.path / "found.json"

    @property
    def hearing(self) -> Path:
        return self.path / "hearing"

    @property
    def transcript(self) -> Path:
        return self.path / "transcript.txt"

    @property
    def names(self) -> Path:
        return self.path / "names.toml"

    @property
    def sound(self) -> Path:
        return self.path / "sound"

    @property
    def painted(self) -> Path:
        return self.path / "painted.npz"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.json"

    @property
    def report(self) -> Path:
        return self.path / "report.json"

    @property
    def page(self) -> Path:
        return self.path / "report.html"

    @property
    def sums(self) -> Path:
        return self.path / "frames.sums"

    def make(self) -> None:
        """Create the folder for its owner only; raise VeilError when that cannot be."""
        try:
            self.tracks.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise VeilError("the case folder cannot be written", "choose another place with --case") from error


@dataclass(frozen=True, eq=False)
class Case:
    """A film that was watched: who is in it, and their calm faces by label."""

    film: Film
    frames: int
    undecodable: int
    shots: tuple[Shot, ...]
    cast: Cast
    neutrals: dict[str, Points]
    looks: dict[str, Looks]

    @property
    def end_s(self) -> Fraction:
        """When the film ends: as it was watched, where the file itself tells of less or of nothing."""
        return max((self.film.length_s, *(shot.span.end for shot in self.shots)))


def looks_of(case: Case, label: str) -> list[Fitting]:
    """Return all looks that were kept of a person, in the order of their tracks."""
    tracks = {t.label: t for t in case.cast.tracks}
    (person,) = [p for p in case.cast.people if p.label == label]
    return [look for name in person.tracks for look in tracks[name].fittings()]


def looks_at(case: Case, label: str, most: int) -> list[Fitting]:
    """Return the looks that were kept of a person, at most so many, best spread over the film."""
    looks = looks_of(case, label)
    return [looks[i] for i in np.linspace(0, len(looks) - 1, min(most, len(looks))).astype(int)] if looks else []


def write_json(path: Path, value: object) -> None:
    """Write a JSON file so that it is whole or not there."""
    write_whole(path, json.dumps(value, indent=1, default=_plain).encode())


def load_found(folder: CaseFolder) -> dict[int, list[Box]]:
    """Return the faces that earlier attacks found, by frame; raise VeilError when the file is damaged."""
    if not folder.found.is_file():
        return {}
    try:
        stored = json.loads(folder.found.read_text("utf-8"))
        return {int(index): [Box(*box) for box in boxes] for index, boxes in stored.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise VeilError("what earlier attacks found is damaged", "delete found.json in the case folder") from error


def _plain(value: object) -> object:
    if isinstance(value, Fraction | Path):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} does not go into a case")


def save_case(folder: CaseFolder, case: Case) -> None:
    """Write everything but the rows, which are there already."""
    np.savez_compressed(folder.path / "neutrals.npz", **case.neutrals)  # type: ignore[arg-type]  # names to arrays
    write_json(
        folder.about,
        {
            "format": FORMAT,
            "film": asdict(case.film),
            "frames": case.frames,
            "undecodable": case.undecodable,
            "shots": [[s.span.start, s.span.end, s.first, s.last] for s in case.shots],
            "tracks": [[t.label, t.shot, t.first, t.last] for t in case.cast.tracks],
            "people": {p.label: list(p.tracks) for p in case.cast.people},
            "looks": {label: looks.sex for label, looks in case.looks.items()},
        },
    )


def load_case(folder: CaseFolder) -> Case:
    """Read a case that was watched; raise VeilError when there is none, or it is of another version of Veil."""
    if not folder.about.is_file():
        raise VeilError("this folder holds no watched film", "run `veil watch FILM` first")
    try:
        about = json.loads(folder.about.read_text("utf-8"))
        if about["format"] != FORMAT:
            raise VeilError(
                "this case was made by another version of Veil",
                "watch it into a new folder with --case; decide anew who is who, P1 may be somebody else",
            )
        tracks = tuple(
            Track(label, shot, first, last, folder.tracks / f"{label}.rows")
            for label, shot, first, last in about["tracks"]
        )
        people = tuple(Person(label, tuple(owned)) for label, owned in about["people"].items())
        with np.load(io.BytesIO((folder.path / "neutrals.npz").read_bytes())) as stored:
            neutrals = {name: stored[name] for name in stored.files}
        shots = tuple(Shot(Span(Fraction(a), Fraction(b)), first, last) for a, b, first, last in about["shots"])
        looks = {label: Looks(guess) for label, guess in about["looks"].items()}
        return Case(
            _film(about["film"]), about["frames"], about["undecodable"], shots, Cast(tracks, people), neutrals, looks
        )
    except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise VeilError("the case is damaged", "run `veil watch FILM` again") from error


def _film(about: dict[str, Any]) -> Film:
    return Film(
        **{
            **about,
            "path": Path(about["path"]),
            "rate_hz": Fraction(about["rate_hz"]),
            "length_s": Fraction(about["length_s"]),
            "colour": Colour(**about["colour"]),
        }
    )
