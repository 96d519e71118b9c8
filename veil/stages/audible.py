"""Where the original sound may be heard: where somebody who may be heard speaks alone, and nobody else could be heard.

The film is laid out in cells of 10 ms. A doubt about who speaks counts against the sound (law 5).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from veil.nouns.plan import Plan
from veil.nouns.speech import DOUBTFUL_TURN, Heard, Turn
from veil.nouns.time import Span

CELL_S = Fraction(1, 100)
_INSIDE = Fraction(1, 1000)  # of a cell: just before its end
_BEFORE_S, _AFTER_S = 0.15, 0.3  # around a hidden voice, where somebody else speaks: breath, and the room's echo
_QUIET_BEFORE_S, _QUIET_AFTER_S = 0.4, 0.8  # the same where nobody speaks
_SLIVER_S = 0.5  # what is voiced and in nobody's turn, but beside a turn that may be heard, is mostly its own edge
_SHORTEST_S = 0.25  # what is shorter than this is not worth two joins
_FADE_S, _QUIET_FADE_S = 0.04, 0.3

Cells = NDArray[np.bool_]


@dataclass(frozen=True)
class Run:
    """A stretch of samples, half-open, in which the original is heard; it fades in and out inside of it."""

    start: int
    end: int
    fade_in: int
    fade_out: int


def audible(plan: Plan, heard: Heard, end_s: Fraction) -> Cells:
    """Return in which cells of the film the original may be heard, bool (cells,)."""
    count = ceil(end_s / CELL_S)
    if not heard.turns and not heard.voiced:
        return np.zeros(count, np.bool_)  # nobody listened, or nobody was heard: who knows
    own = {turn.speaker: np.zeros(count, np.bool_) for turn in heard.turns}  # who may be heard speaks
    edges, spoken, hidden, doubled = np.zeros((4, count), np.bool_)
    for turn in heard.turns:
        touched = _touched(turn.span, count)
        allowed = _allowed(plan, turn, touched)
        inside = slice(ceil(turn.span.start / CELL_S), floor(turn.span.end / CELL_S))
        whole = np.zeros(count, np.bool_)
        whole[inside] = True
        own[turn.speaker][touched] |= allowed & whole[touched]
        edges[touched] |= allowed
        hidden[touched] |= ~allowed
        spoken[touched] = True
        for span in turn.overlapped:
            doubled[_touched(span, count)] = True
    several = np.sum([np.zeros(count, np.int16), *own.values()], axis=0)  # not turns: two of one are one voice
    hidden |= doubled & (several < 2)
    voiced = np.zeros(count, np.bool_)
    for span in heard.voiced:
        voiced[_touched(span, count)] = True
    strange, slivers = _unexplained(voiced & ~edges, edges)
    hidden |= strange
    may = (several > 0) & ~_grown(hidden, _BEFORE_S, _AFTER_S) & ~slivers
    if plan.ambience == "as it is":
        quiet = ~(voiced | spoken)
        may |= quiet & ~_grown(hidden | slivers, _QUIET_BEFORE_S, _QUIET_AFTER_S)
    return _without_short(may)


def runs_of(may: Cells, rate_hz: int, speech: Cells) -> list[Run]:
    """Return the stretches of `may` in samples; where an edge lies in `speech` it fades fast, else slowly."""
    cell = int(CELL_S * rate_hz)
    runs = []
    for first, last in stretches(may):
        length = (last - first) * cell
        fades = [int((_FADE_S if speech[at] else _QUIET_FADE_S) * rate_hz) for at in (first, last - 1)]
        fade_in, fade_out = (min(fade, length // 2) for fade in fades)
        runs.append(Run(first * cell, last * cell, fade_in, fade_out))
    return runs


def speech_cells(heard: Heard, count: int) -> Cells:
    """Return in which cells somebody speaks, bool (count,)."""
    cells = np.zeros(count, np.bool_)
    for span in (*heard.voiced, *(turn.span for turn in heard.turns)):
        cells[_touched(span, count)] = True
    return cells


def _touched(span: Span, count: int) -> slice:
    first = min(max(0, floor(span.start / CELL_S)), count)
    return slice(first, min(max(first, ceil(span.end / CELL_S)), count))


def _allowed(plan: Plan, turn: Turn, touched: slice) -> Cells:
    """Return in which cells that a turn touches the speaker may be heard, from the cell's start to its end."""
    role, length = plan.role_of(turn.speaker), touched.stop - touched.start
    if turn.sure < DOUBTFUL_TURN or not (role.voicing.heard or role.lift):
        return np.zeros(length, np.bool_)
    late = CELL_S * (1 - _INSIDE)
    starts = (CELL_S * cell for cell in range(touched.start, touched.stop))
    return np.array([role.sounds(at) and role.sounds(at + late) for at in starts], np.bool_)


def _unexplained(voiced: Cells, edges: Cells) -> tuple[Cells, Cells]:
    """Return what is voiced and in no turn that may be heard: what is somebody else, and mere slivers beside a turn."""
    strange, slivers = np.zeros_like(voiced), np.zeros_like(voiced)
    for first, last in stretches(voiced):
        beside = bool(edges[max(0, first - 1)] or edges[min(len(edges) - 1, last)])
        sliver = beside and (last - first) * CELL_S < _SLIVER_S
        (slivers if sliver else strange)[first:last] = True
    return strange, slivers


def stretches(cells: Cells) -> list[tuple[int, int]]:
    """Return where cells are true, as half-open pairs, in order."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], cells, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def _grown(cells: Cells, before_s: float, after_s: float) -> Cells:
    grown = cells.copy()
    for first, last in stretches(cells):
        grown[max(0, first - round(before_s / float(CELL_S))) : last + round(after_s / float(CELL_S))] = True
    return grown


def _without_short(cells: Cells) -> Cells:
    kept = cells.copy()
    for first, last in stretches(cells):
        if (last - first) * CELL_S < _SHORTEST_S:
            kept[first:last] = False
    return kept
