"""Mouths out of the tracks of a case."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from veil.models.topology import CANONICAL, INNER_LIPS
from veil.nouns.cast import ROW, Cast, Person, Sure, Track
from veil.nouns.film import Film, Shot
from veil.nouns.lips import Lips
from veil.nouns.picture import Colour
from veil.nouns.time import Span
from veil.stages.case import Case
from veil.stages.lips_seen import lips_seen


def rows(openings: list[float], scale: float = 12.0, turn: float = 0.0) -> np.ndarray:
    """Return rows of a track: the average face, its lips parted by so many centimetres, `scale` pixels each."""
    out = np.zeros(len(openings), ROW)
    points = np.zeros((478, 3), np.float32)
    points[:468] = CANONICAL * (1, -1, -1)
    turning = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]], np.float32)
    for row, opening in zip(out, openings, strict=True):
        mesh = points.copy()
        mesh[INNER_LIPS[1:10], 1] += opening
        row["mesh"] = (mesh @ turning.T) * scale + (300, 200, 0)
        row["sure"] = Sure.FITTED
    return out


def case(folder: Path, **kept: np.ndarray) -> Case:
    """Return a case of two shots of 20 frames at 25 a second, the first track in the first shot, and so on."""
    tracks = []
    for number, (label, stored) in enumerate(kept.items()):
        stored.tofile(folder / f"{label}.rows")
        tracks.append(Track(label, number, 20 * number, 20 * number + len(stored), folder / f"{label}.rows"))
    shots = tuple(Shot(Span(Fraction(4 * i, 5), Fraction(4 * i + 4, 5)), 20 * i, 20 * i + 20) for i in range(2))
    film = Film(folder / "f", 640, 360, Fraction(25), Fraction(8, 5), 40, "h264", Colour(), False, 0, True, "0")
    return Case(film, 40, 0, shots, Cast(tuple(tracks), (Person("P1", tuple(kept)),)), {}, {})


def test_the_parting_of_the_lips_is_measured(tmp_path: Path) -> None:
    """How far the lips part is told as a share of the face's height, whatever the face's size and turn."""
    openings = [0.0, 0.5, 1.0, 0.5] * 5
    near = lips_seen(case(tmp_path, T1=rows(openings, 20)))["P1"].opening
    for other in (rows(openings, 8), rows(openings, 20, turn=0.5)):
        assert lips_seen(case(tmp_path, T1=other))["P1"].opening == pytest.approx(near, abs=0.003)
    assert near[2] - near[1] == pytest.approx(near[1] - near[0], abs=0.01)
    assert near[2] - near[0] > 0.04


def test_frames_have_their_instants(tmp_path: Path) -> None:
    """Two tracks of one person, in two shots, are one row of instants of the film."""
    lips = lips_seen(case(tmp_path, T1=rows([0.0] * 20), T2=rows([0.5] * 20)))["P1"]
    assert lips.at_s == pytest.approx(np.arange(40) / 25)
    assert lips.opening[25] > lips.opening[5]


def test_what_is_not_seen_well_is_not_trusted(tmp_path: Path) -> None:
    """Frames without a fitted mesh, tiny faces and profiles tell nothing."""
    guessed = rows([0.0] * 20)
    guessed["sure"][10:] = Sure.SEEN
    assert lips_seen(case(tmp_path, T1=guessed))["P1"].trusted.tolist() == [True] * 10 + [False] * 10
    assert lips_seen(case(tmp_path, T1=rows([0.0] * 20, scale=2))) == {}
    assert lips_seen(case(tmp_path, T1=rows([0.0] * 20, turn=1.45))) == {}


def test_a_mouth_without_order_is_refused() -> None:
    """Lips whose instants do not rise, or that lack a column, cannot be made."""
    one = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match="rise"):
        Lips(np.array([1.0, 1.0]), one, one, np.ones(2, np.bool_))
    with pytest.raises(ValueError, match="every instant"):
        Lips(np.array([1.0, 2.0]), one[:1], one, np.ones(2, np.bool_))
