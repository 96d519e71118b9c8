"""Gathers from the tracks of a case how every mouth moves: what tells hearing who speaks."""

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import INNER_LIPS
from veil.nouns.cast import Sure, Track
from veil.nouns.lips import Lips
from veil.stages.case import Case

_BELOW, _ABOVE = INNER_LIPS[3:8], INNER_LIPS[17:12:-1]  # the middle of the inner lips, from the right to the left
_CORNERS = INNER_LIPS[0], INNER_LIPS[10]
_BROW, _CHIN, _NOSE = 10, 152, 168  # top of the forehead, chin, and the bridge of the nose between the eyes
_CHEEKS = 234, 454
_LEAST_PX = 40  # of a face's height: below it a mouth is a few pixels, and its mesh guesses
_MOST_TURNED = 0.72  # how far the nose may lie towards one cheek: further, half of the mouth is hidden
_PIECE = 4000  # rows read at once


def lips_seen(case: Case) -> dict[str, Lips]:
    """Return how the mouth of every person of the cast moves, by label; only of those whose face is ever fitted.

    Frames get their instants from their shot, evenly. Two tracks of one person never hold the same frame; where they
    do by mistake, the first counts.
    """
    tracks = {track.label: track for track in case.cast.tracks}
    lips = {}
    for person in case.cast.people:
        parts = [_mouth(case, tracks[label]) for label in person.tracks]
        if any(part.trusted.any() for part in parts):
            lips[person.label] = _joined(parts)
    return lips


def _joined(parts: list[Lips]) -> Lips:
    at_s, first = np.unique(np.concatenate([part.at_s for part in parts]), return_index=True)
    opening, width = (np.concatenate([getattr(part, name) for part in parts])[first] for name in ("opening", "width"))
    return Lips(at_s, opening, width, np.concatenate([part.trusted for part in parts])[first])


def _mouth(case: Case, track: Track) -> Lips:
    """Return the mouth of one track; rows are read in pieces."""
    measured = [_measured(track.read(first, first + _PIECE)) for first in range(0, track.last - track.first, _PIECE)]
    opening, width, trusted = (np.concatenate(column) for column in zip(*measured, strict=True))
    return Lips(_instants(case, track.first, track.last), opening, width, trusted)


def _measured(
    rows: NDArray[np.void],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Return opening, width and trust of each row."""
    mesh = rows["mesh"]
    height = np.linalg.norm(mesh[:, _BROW] - mesh[:, _CHIN], axis=1)
    safe = np.maximum(height, 1)
    opening = np.linalg.norm(mesh[:, _BELOW] - mesh[:, _ABOVE], axis=2).mean(1) / safe
    width = np.linalg.norm(mesh[:, _CORNERS[0]] - mesh[:, _CORNERS[1]], axis=1) / safe
    across = mesh[:, _CHEEKS[1], 0] - mesh[:, _CHEEKS[0], 0]
    turned = np.abs(2 * (mesh[:, _NOSE, 0] - mesh[:, _CHEEKS[0], 0]) / np.where(across == 0, 1, across) - 1)
    trusted = (rows["sure"] == Sure.FITTED) & (height >= _LEAST_PX) & (turned <= _MOST_TURNED) & np.isfinite(opening)
    keep = np.float32
    return np.where(trusted, opening, 0).astype(keep), np.where(trusted, width, 0).astype(keep), trusted


def _instants(case: Case, first: int, last: int) -> NDArray[np.float64]:
    """Return the instants of frames `first` to `last` (half-open): each shot's frames lie evenly in it."""
    edges = [shot.first for shot in case.shots] + [case.shots[-1].last] if case.shots else [0, 1]
    times = [float(shot.span.start) for shot in case.shots] + [float(case.end_s)] if case.shots else [0.0, 0.0]
    return np.interp(np.arange(first, last), edges, times)
