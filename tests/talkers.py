"""Nobody's voices: pulses through resonances that move as in speech, told apart by melody, size and way of talking."""

from dataclasses import dataclass

import numpy as np
import scipy.signal

from veil.nouns.speech import HEARING_HZ, Sound

_VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
    (440, 1020, 2240),
)
_WIDTHS_HZ = (60, 90, 150)


@dataclass(frozen=True)
class Talker:
    """Somebody who is nobody: pitch, length of the throat against a usual one, how breathy, and how tense."""

    pitch_hz: float
    size: float = 1.0
    breath: float = 0.02
    tilt: float = 0.9

    def say(self, seconds: float, seed: int) -> Sound:
        """Return syllables that mean nothing, float32 at 16 kHz."""
        random = np.random.default_rng(seed)
        parts: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
        while sum(len(part) for part in parts) < seconds * HEARING_HZ:
            parts.append(self._syllable(random))
            parts.append(np.zeros(int(random.uniform(0.02, 0.08) * HEARING_HZ)))
        sound = np.concatenate(parts)[: round(seconds * HEARING_HZ)]
        return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32)

    def _syllable(self, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        count = int(random.uniform(0.12, 0.3) * HEARING_HZ)
        pitch = self.pitch_hz * (1 + 0.12 * np.sin(np.linspace(0, random.uniform(1, 4), count)))
        turns = np.cumsum(pitch / HEARING_HZ) + random.random()
        pulses = np.diff(np.floor(turns), prepend=0.0)
        source = scipy.signal.lfilter([1], [1, -self.tilt], pulses)
        source += self.breath * random.standard_normal(count)
        vowel = _VOWELS[random.integers(len(_VOWELS))]
        for at_hz, width_hz in zip(vowel, _WIDTHS_HZ, strict=True):
            reach = np.exp(-np.pi * width_hz / HEARING_HZ)
            angle = 2 * np.pi * at_hz * self.size / HEARING_HZ
            source = scipy.signal.lfilter([1 - reach], [1, -2 * reach * np.cos(angle), reach**2], source)
        shape = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.02 * HEARING_HZ))
        return np.asarray(source * shape / (np.abs(source).max() + 1e-9), np.float64)


MAN, CHILD, WHISPERER = Talker(105, 0.92), Talker(280, 1.3, 0.04, 0.8), Talker(330, 1.45, 0.5, 0.3)
