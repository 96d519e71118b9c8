"""Revoice: the words of a line, spoken by a voice that is nobody's (Kokoro-82M, StyleTTS 2, Apache-2.0).

The net is run in three parts, so that it can be asked how long it would make each phone before it makes any sound: the
line is fitted to its place in one go, words that a person marked are stressed, and the times of phones and words are
exact, because they are what the sound was made from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from veil.disguise.voices.pool import Blend, Style
from veil.disguise.voices.reading import MARKS, Reading, read_aloud
from veil.disguise.voices.saying import Asked, said, smooth
from veil.models import give_back, onnx_session, packaged_paths
from veil.models.graphs import INT64, Entry, part_of
from veil.models.packages import Session
from veil.nouns.speech import Line, Sound, Spoken, Stress
from veil.nouns.voicing import Speech

# Symbols of its alphabet and their numbers, from config.json of Kokoro-82M; hibari speaks the same.
_NUMBERS = {
    **dict(zip(';:,.!?—…"()“” ', (1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16), strict=True)),
    **dict(zip("AIOQSTWYᵊ", (24, 25, 31, 33, 35, 36, 39, 41, 42), strict=True)),
    **dict(zip("abcdefhijklmnopqrstuvwxyz", (43, 44, 45, 46, 47, 48, *range(50, 69)), strict=True)),
    **dict(zip("ɑɐɒæɔɕçðʤəɚɛɜɡɪŋθɹɾʃʧʊʌʒʔˈˌːʰʲᵻ", (
        69, 70, 71, 72, 76, 77, 78, 81, 82, 83, 85, 86, 87, 92, 102, 112, 119, 123, 125, 131, 133, 135, 138, 147, 148,
        156, 157, 158, 162, 164, 177), strict=True)),
}  # fmt: skip

_BEFORE_FRAMES, _AFTER_FRAMES = 12.0, 1.0  # of silence: with less before it, the net swallows the first word
_PITCHED: dict[Stress, float] = {"strong": 1.1, "soft": 0.96, "": 1.0}

_SKIPPED = 7  # frames of the silence before, of which no sound is made: a tenth of the time, and nothing is missed
_AHEAD = 4  # half frames by which the sound is ahead of the frames

_LOADING = Lock()  # two threads that begin at once load the nets once

_LENGTHS = "/encoder/predictor/ReduceSum_output_0"
_WHOLE = "/encoder/Clip_output_0"
_MOVES = "/encoder/predictor/text_encoder/Concat_4_output_0"
_TEXT = "/encoder/text_encoder/Transpose_2_output_0"
_ALIGNED = "/encoder/MatMul_1_output_0"
_PITCH = "/encoder/Reshape_output_0"
_ENERGY = "/encoder/Reshape_1_output_0"


class Kokoro:
    """A blend of public voices that speaks English; see `Voice`."""

    name = "revoice"
    by: Speech = "revoice"
    nobodys = True
    rate_hz = 24_000
    frame = 600  # samples: 25 ms
    ahead_s = 0.055

    def __init__(self, blend: Blend) -> None:
        """Load the nets, unless they are loaded; raise VeilError when they are missing."""
        self.blend = blend
        self._style: Style = blend.style()
        with _LOADING:
            self._nets = _nets()

    def speak(self, line: Line, seed: int) -> Spoken:
        """Return the line in this voice; see `Voice.speak`."""
        reading = known(read_aloud(line.words, self.blend.british))
        return said(self, reading, line, seed, self.blend.pace)

    def asked(self, reading: Reading) -> Asked:
        """Return how long each symbol would be; see `Engine`."""
        style = self._style[min(len(reading.symbols), len(self._style)) - 1][None]
        lengths, *said_of_it = self._nets.text({"tokens": np.array([numbers(reading)], np.int64), "style": style})
        frames = np.maximum(lengths[0].astype(np.float64), 0.5)
        frames[[0, -1]] = _BEFORE_FRAMES, _AFTER_FRAMES
        return Asked(reading, frames, (style, *said_of_it))

    def sounded(
        self,
        asked: Asked,
        frames: NDArray[np.int64],
        stress: Sequence[Stress],
        random: np.random.Generator,  # noqa: ARG002  (this net draws none)
    ) -> Sound:
        """Return the sound; see `Engine`."""
        style, moves, text = asked.notes
        aligned, pitch, energy = self._nets.shape(
            {_WHOLE: frames[None].astype(np.float32), _MOVES: moves, _TEXT: text, "style": style}
        )
        higher = np.roll(smooth(np.repeat([_PITCHED[s] for s in stress], 2 * frames), 5), -_AHEAD) * self.blend.pitch
        pitch = (pitch * higher).astype(np.float32)
        (sound,) = self._nets.sound(
            {
                _ALIGNED: np.ascontiguousarray(aligned[:, :, _SKIPPED:]),
                _PITCH: np.ascontiguousarray(pitch[:, 2 * _SKIPPED :]),
                _ENERGY: np.ascontiguousarray(energy[:, 2 * _SKIPPED :]),
                "style": style,
            }
        )
        silence = np.zeros(_SKIPPED * self.frame, np.float32)
        return np.concatenate([silence, np.asarray(sound, np.float32).ravel()])


def release() -> None:
    """Give the memory of the nets back, some 700 MB; the next voice loads them again."""
    _nets.cache_clear()
    give_back()


def known(reading: Reading) -> Reading:
    """Return a reading without symbols that are not in the alphabet, or marks that stand before nothing."""
    kept = [(s, o) for s, o in zip(reading.symbols, reading.owners, strict=True) if s in _NUMBERS]
    while kept and kept[-1][0] in MARKS:
        kept.pop()
    return Reading("".join(s for s, _ in kept), tuple(o for _, o in kept))


def numbers(reading: Reading) -> list[int]:
    """Return the numbers of a reading's symbols, with the silence before and after."""
    return [0, *(_NUMBERS[symbol] for symbol in reading.symbols), 0]


@dataclass(frozen=True)
class _Nets:
    text: Session
    shape: Session
    sound: Session


@lru_cache(maxsize=1)
def _nets() -> _Nets:
    whole = b"".join(path.read_bytes() for path in packaged_paths("kokoro", "disguise"))
    style = Entry("style", axes=2)
    said = (Entry(_MOVES, axes=3), Entry(_TEXT, axes=3))
    shaped = (Entry(_ALIGNED, axes=3), Entry(_PITCH, axes=2), Entry(_ENERGY, axes=2))
    return _Nets(
        onnx_session(part_of(whole, (Entry("tokens", INT64, 2), style), (Entry(_LENGTHS, axes=2), *said))),
        onnx_session(part_of(whole, (Entry(_WHOLE, axes=2), *said, style), shaped)),
        onnx_session(part_of(whole, (*shaped, style), (Entry("audio", axes=1),))),
    )
