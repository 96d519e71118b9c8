"""The preview voice: one synthetic voice for everybody, ten times faster than the blends (hibari, Apache-2.0).

It imitates Kokoro's `af_heart`. Everyone in a film has it, so it is nobody's, but speakers cannot be told apart.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from veil.disguise.voices.kokoro import known, numbers
from veil.disguise.voices.reading import Reading, read_aloud
from veil.disguise.voices.saying import Asked, said
from veil.models import onnx_session, packaged_paths
from veil.models.graphs import INT64, Entry, part_of
from veil.models.packages import Session
from veil.nouns.speech import Line, Sound, Spoken, Stress
from veil.nouns.voicing import Speech

_LENGTHS = "/Sub_output_0"
_WHOLE = "/Clip_output_0"
_EXITS = tuple(Entry(name, axes=3) for name in ("lh", "theta", "ln", "lr", "phi")) + (Entry("f0", axes=2),)
_BEFORE_FRAMES, _AFTER_FRAMES = 10.0, 1.0


class Hibari:
    """One fast voice that speaks English; see `Voice`."""

    name = "hibari"
    by: Speech = "revoice"
    nobodys = True
    rate_hz = 24_000
    frame = 600  # samples: 25 ms
    ahead_s = 0.055

    def __init__(self) -> None:
        """Load the net, unless it is loaded; raise VeilError when it is missing."""
        self._text, self._sound = _nets()

    def speak(self, line: Line, seed: int) -> Spoken:
        """Return the line in this voice; see `Voice.speak`."""
        return said(self, known(read_aloud(line.words)), line, seed)

    def asked(self, reading: Reading) -> Asked:
        """Return how long each symbol would be; see `Engine`."""
        (lengths,) = self._text({"ids": np.array([numbers(reading)], np.int64)})
        frames = np.maximum(lengths.ravel().astype(np.float64), 0.5)
        frames[[0, -1]] = _BEFORE_FRAMES, _AFTER_FRAMES
        return Asked(reading, frames)

    def sounded(
        self,
        asked: Asked,
        frames: NDArray[np.int64],
        stress: Sequence[Stress],  # noqa: ARG002  (length and loudness only)
        random: np.random.Generator,
    ) -> Sound:
        """Return the sound; see `Engine`."""
        from hibari import dsp

        ids = np.array([numbers(asked.reading)], np.int64)
        spectra = self._sound({"ids": ids, _WHOLE: frames.astype(np.float32)})
        return np.asarray(dsp.synth(*(part[0] for part in spectra), random), np.float32)


@lru_cache(maxsize=1)
def _nets() -> tuple[Session, Session]:
    (path,) = packaged_paths("hibari", "disguise")
    whole, ids = path.read_bytes(), Entry("ids", INT64, 2)
    return (
        onnx_session(part_of(whole, (ids,), (Entry(_LENGTHS),))),
        onnx_session(part_of(whole, (ids, Entry(_WHOLE)), _EXITS)),
    )
