"""How every synthetic voice says a line: it is asked how long each symbol would take, the whole is fitted to its place,
and only then it sounds. The times of phones and words are exact, because they are what the sound was made from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from veil.disguise.voices.fitting import EMPHASIS, PACE, pause, tempo, whole_frames
from veil.disguise.voices.joining import KEPT_S, Piece, joined, on_a_level
from veil.disguise.voices.reading import PAUSES, Reading
from veil.nouns.speech import Line, Said, Sound, Spoken, Stress

MOST_SYMBOLS = 200  # in one go: more would take memory, and nobody speaks longer in one breath
_BETWEEN_S = 0.2  # of silence where a line was cut in two
_EDGES_S = 2 * KEPT_S + 0.02  # of silence that is left around each piece, and of what the cut is not exact by
_LAST_STOP_S, _LAST_PHONE_S = 0.075, 0.275  # nets let the end of a line fade for half a second
_LOUDER: dict[Stress, float] = {"strong": 1.35, "soft": 0.75, "": 1.0}
_RAMP_S = 0.025


@dataclass(frozen=True, eq=False)
class Asked:
    """What a net was asked: a reading, the frames of each symbol (with the silence before and after), its own notes."""

    reading: Reading
    frames: NDArray[np.float64]
    notes: Any = None


class Engine(Protocol):
    """A net that speaks readings; `frame` are its samples for one frame.

    `ahead_s` is by how much its phones are heard before the frames that it counts for them: measured at onsets.
    """

    rate_hz: int
    frame: int
    ahead_s: float

    def asked(self, reading: Reading) -> Asked:
        """Return how long it would make each symbol."""
        ...

    def sounded(
        self, asked: Asked, frames: NDArray[np.int64], stress: Sequence[Stress], random: np.random.Generator
    ) -> Sound:
        """Return the sound of a reading, whose symbols (and the silences around) last so many frames each."""
        ...


def said(engine: Engine, reading: Reading, line: Line, seed: int, pace: float = 1.0) -> Spoken:
    """Return the line, fitted to its place; `pace` is how much faster than usual this voice speaks."""
    random = np.random.default_rng([seed % 2**63, 0x5A])
    pace *= float(random.uniform(0.98, 1.02))
    asked = [engine.asked(piece) for piece in reading.pieces(MOST_SYMBOLS)]
    natural = [_marked(piece, line.words, engine.rate_hz / engine.frame) / pace for piece in asked]
    pauses = {i: pause(word.pause_s) for i, word in enumerate(line.words[:-1]) if word.pause_s > 0}
    natural_s = sum(float(frames[1:-1].sum()) for frames in natural) * engine.frame / engine.rate_hz
    silent_s = sum(pauses.values()) + _BETWEEN_S * max(0, len(asked) - 1) + _EDGES_S * len(asked)
    faster = tempo(natural_s, silent_s, line.length_s, line.room_s)
    pieces = []
    for piece, frames in zip(asked, natural, strict=True):
        hurried = frames / faster
        hurried[[0, -1]] = piece.frames[[0, -1]]
        whole = whole_frames(hurried)
        stress: list[Stress] = ["", *(line.words[owner].stress for owner in piece.reading.owners), ""]
        sound = engine.sounded(piece, whole, stress, random)
        edges = np.concatenate([[0], np.cumsum(whole)]) * engine.frame - round(engine.ahead_s * engine.rate_hz)
        edges = np.clip(edges, 0, len(sound))
        edges[-1] = len(sound)
        louder = np.repeat([_LOUDER[s] for s in stress], np.diff(edges))
        level = on_a_level(sound * smooth(louder, round(_RAMP_S * engine.rate_hz)))
        pieces.append(Piece(piece.reading, level, edges))
    return joined(pieces, pauses, len(line.words), _BETWEEN_S, engine.rate_hz)


def _marked(asked: Asked, words: Sequence[Said], frames_a_second: float) -> NDArray[np.float64]:
    """Return the frames of the symbols with the marks heeded, and the line's end not drawn out."""
    frames = asked.frames.copy()
    for index, (symbol, owner) in enumerate(zip(asked.reading.symbols, asked.reading.owners, strict=True), start=1):
        if symbol not in PAUSES + " ":
            frames[index] *= EMPHASIS[words[owner].stress] * PACE[words[owner].tempo]
    for index in range(len(frames) - 2, 0, -1):
        if asked.reading.symbols[index - 1] not in PAUSES + " ":
            frames[index] = min(frames[index], _LAST_PHONE_S * frames_a_second)
            break
        frames[index] = min(frames[index], _LAST_STOP_S * frames_a_second)
    return frames


def smooth(values: NDArray[Any], width: int) -> NDArray[np.float32]:
    """Return the values with steps turned into ramps of so many values, so that nothing clicks."""
    if not len(values) or np.all(values == values[0]):
        return np.asarray(values, np.float32)
    padded = np.pad(np.asarray(values, np.float64), (width // 2 + 1, width - width // 2), mode="edge")
    sums = np.cumsum(padded)
    return np.asarray((sums[width:] - sums[:-width])[: len(values)] / width, np.float32)
