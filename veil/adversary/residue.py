"""What is left of the original's sound in the result: the recording itself, however faint, and the hum of the mains.

The recording is looked for by the correlation of whitened sounds (Knapp and Carter, "The generalized correlation method
for estimation of time delay", 1976), at any delay up to 2 s, at any gain, turned round or not, in four bands. The
result is whitened moment by moment, so that a rest is looked for where the new voice leaves room for it: in its pauses
and between its formants. Of sounds that have nothing in common the correlation is noise of known size, so the figures
are in units of that noise.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from veil.nouns.report import Attack, Verdict
from veil.nouns.speech import Sound

LIMIT = 13.0
"""Times the noise. Sounds that have nothing in common reached 10.3 in 280 windows of 4 s; a rest of -34 dB reached 20
in 12 s where the room is 20 dB below the voices, and one of -30 dB 18 where it is 8 dB below them."""
WINDOW_S = 4.0
_DELAY_S = 2.0
_AROUND_S = 0.2  # of delay, in which the noise of a correlation is taken
_BANDS_HZ = ((60, 7600), (60, 500), (500, 1500), (1500, 3500), (3500, 7600))
_FRAME, _SMOOTH, _FLOOR = 512, (5, 3), 1e-4  # samples; tones and moments around; of the mean power
_OLD, _NEW = 0.25, 0.7  # how far each sound is whitened: measured on pairs of speakers: see the limit
_SILENT = 1e-4  # -80 dB
_MAINS_HZ = (50.0, 60.0)
_HUM = 10.0  # times the power around it, from which a line is heard
_HUM_WINDOW_S = 8.0
_HUM_LEAST_S = 16.0

Lines = dict[float, float]
"""Where a line of the mains is heard, Hz, by where it should be."""

LEFT = "left of the sound"


@dataclass(frozen=True)
class Found:
    """The place in which the original is heard best: how far above the noise, and how much later it comes."""

    above: float
    at_s: float
    delay_s: float


class Leftover:
    """Takes windows of both sounds at the same time of the film, and says what they have in common.

    A single window shows a loud rest; all windows together, at one delay, a faint one.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._size = round(WINDOW_S * rate_hz)
        self._sums = np.zeros((len(_BANDS_HZ), self._size * 2), np.float64)
        self._windows = 0
        self._best: Found | None = None
        self.short = False  # there were windows too short to be looked at

    def take(self, at_s: float, original: Sound, result: Sound) -> None:
        """Take a window of both, float32 (samples,) of up to 4 s; what is silent tells nothing."""
        if min(_level(original), _level(result)) < _SILENT:
            return
        if min(len(original), len(result)) < self._rate_hz // 2:
            self.short = True
            return
        rows = _correlations(original[: self._size], result[: self._size], self._size, self._rate_hz)
        self._sums += rows
        self._windows += 1
        found = self._peak(rows, at_s)
        if self._best is None or found.above > self._best.above:
            self._best = found

    def _peak(self, rows: NDArray[np.float64], at_s: float) -> Found:
        """Return the highest place of correlations, in units of each band's own noise."""
        reach = round(_DELAY_S * self._rate_hz)
        near = np.abs(np.concatenate([rows[:, -reach:], rows[:, : reach + 1]], axis=1))
        usual = scipy.ndimage.uniform_filter1d(near, round(_AROUND_S * self._rate_hz), axis=1, mode="nearest")
        above = near / (usual + 1e-12)
        place = int(np.argmax(above.max(0)))
        return Found(float(above.max()), at_s, (place - reach) / self._rate_hz)

    @property
    def best(self) -> Found | None:
        """Return where the original is heard best, None where there was nothing to compare."""
        if self._best is None or self._windows < 2:
            return self._best
        together = self._peak(self._sums, self._best.at_s)
        return together if together.above > self._best.above else self._best


def _level(sound: Sound) -> float:
    return float(np.abs(sound).max(initial=0.0))


def _correlations(original: Sound, result: Sound, size: int, rate_hz: int) -> NDArray[np.float64]:
    """Return the whitened correlation in each band, (bands, 2 * size); the delay of the result is the place."""
    count = min(len(original), len(result))
    old = scipy.fft.rfft(_whitened(original[:count], _OLD), 2 * size)
    new = scipy.fft.rfft(_whitened(result[:count], _NEW), 2 * size)
    cross = new * np.conj(old)
    at = np.fft.rfftfreq(2 * size, 1 / rate_hz)
    rows = np.stack([scipy.fft.irfft(np.where((at >= low) & (at < high), cross, 0)) for low, high in _BANDS_HZ])
    return np.asarray(rows / (np.sqrt(np.square(rows).mean(1, keepdims=True)) + 1e-30), np.float64)


def _whitened(sound: Sound, power: float) -> NDArray[np.float64]:
    """Return a sound divided by its own loudness around each moment and tone, to the power of twice `power`."""
    _, _, rows = scipy.signal.stft(sound.astype(np.float64), nperseg=_FRAME, boundary="even")
    loud = scipy.ndimage.uniform_filter(np.square(np.abs(rows)), _SMOOTH)
    _, white = scipy.signal.istft(rows / (loud + _FLOOR * float(loud.mean()) + 1e-14) ** power, nperseg=_FRAME)
    return np.asarray(white[: len(sound)], np.float64)


def hum(sound: Sound, rate_hz: int) -> Lines:
    """Return the frequency of each line of the mains that is heard, Hz, by its nominal frequency; none in too little.

    A line is a tone at a multiple of 50 or 60 Hz that stands far out of what is around it, for all of the sound.
    """
    size = round(_HUM_WINDOW_S * rate_hz)
    if len(sound) < _HUM_LEAST_S * rate_hz:
        return {}
    at, power = scipy.signal.welch(sound, rate_hz, "hann", size, average="median")
    found = {}
    for mains in _MAINS_HZ:
        for line in (mains * k for k in range(1, 6)):
            near, around = np.abs(at - line) <= 0.01 * line, (np.abs(at - line) <= 6) & (np.abs(at - line) > 1.5)
            peak = int(np.argmax(np.where(near, power, 0)))
            if power[peak] > _HUM * max(float(power[around].max(initial=0.0)), 1e-14):
                found[line] = float(at[peak])
    return found


def attack_on_rest(
    found: Found | None, frame: int | None, hums: tuple[dict[float, float], dict[float, float]]
) -> Attack:
    """Return the verdict on what is left of the original's sound where a hidden voice was; `hums` of both sounds."""

    def said(verdict: Verdict, words: str) -> Attack:
        score = None if found is None else found.above
        return Attack(None, LEFT, "whitened correlation", score, LIMIT, verdict, frame, words)

    if found is not None and found.above >= LIMIT:
        where = f"{found.delay_s:+.3f} s beside its time"
        return said("exposed", f"the original's own sound is in the result, {where}: no sample of it may be there")
    before, after = hums
    shared = [line for line in before if line in after and abs(before[line] - after[line]) < 0.2]
    if shared:
        words = f"the hum of the mains at {shared[0]:.0f} Hz is in the original and in the result: it can date a film"
        return said("exposed" if len(shared) > 1 else "warned", words)
    if found is None:
        return said("safe", "where hidden voices were, the original or the result is silent")
    return said("safe", "nothing of the original's own sound is found where hidden voices were")
