"""Where somebody speaks, and where anything of a voice may be heard: speech for the words, `voiced` for the law."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from veil.models import Session, onnx_session, weight_path
from veil.nouns.speech import HEARING_HZ, Sound
from veil.nouns.time import Instant, Span

FRAME = 512  # samples
FRAME_S = Fraction(FRAME, HEARING_HZ)
_BEFORE = 64  # samples of the frame before that the net wants to see
_BLOCK = 512  # frames in one go

_LOUD = 0.5  # what the loudest of a piece is brought to before the net hears it
_MOST_GAIN = 60.0
_SPOKEN, _STILL_SPOKEN = 0.5, 0.35  # limits of the net, as its authors use them
_SHORTEST_S, _JOINED_S = 0.1, 0.25
MARGIN_S = Fraction(12, 100)  # that spans of speech have at both ends

_PERHAPS = 0.15  # of the net: enough that somebody is owed another sound
_ABOVE_DB = 6.0  # over the floor around it: something happens there
_INAUDIBLE_DB = 55.0  # below the loudest of the film: nobody hears it
_PERIODIC = 0.5  # of a frame's energy that comes back after one period of a voice
_NEAR_S = 2.5  # this far from speech whatever happens is taken for breath, laughter, sobs
_AROUND_S, _BETWEEN_S = 0.35, 1.0
_LOWEST_HZ, _HIGHEST_HZ = 70, 900  # of voices: a man's murmur, a child's scream


@dataclass(frozen=True, eq=False)
class Activity:
    """What was measured of each frame of 32 ms, float32 (frames,).

    `spoken` is how likely somebody speaks, 0 to 1; `level_db` the loudness between 150 and 7000 Hz below full scale;
    `periodic` how much of it repeats at the pitch of a voice, 0 to 1.
    """

    spoken: NDArray[np.float32]
    level_db: NDArray[np.float32]
    periodic: NDArray[np.float32]

    @property
    def end(self) -> Instant:
        return len(self.spoken) * FRAME_S


@dataclass
class Listener:
    """Hears a film piece by piece; the net is Silero's, MIT. Sounds are 16 kHz mono; pieces may be of any length."""

    _net: Session = field(default_factory=lambda: onnx_session(weight_path("silero_vad", "hearing")))
    _state: list[NDArray[np.float32]] = field(default_factory=lambda: [np.zeros((1, 1, 128), np.float32)] * 2)
    _rest: Sound = field(default_factory=lambda: np.zeros(0, np.float32))
    _tail: Sound = field(default_factory=lambda: np.zeros(FRAME, np.float32))
    _kept: list[Activity] = field(default_factory=list)

    def take(self, piece: Sound) -> None:
        """Hear the next piece; raise ValueError when it is no sound."""
        if piece.dtype != np.float32 or piece.ndim != 1:
            raise ValueError(f"a sound is float32 (samples,), not {piece.dtype} {piece.shape}")
        sound = np.concatenate([self._rest, piece])
        whole = len(sound) // FRAME * FRAME
        self._rest = sound[whole:]
        if whole:
            self._kept.append(self._measured(sound[:whole]))

    def done(self) -> Activity:
        """Return what was heard; the last frame is filled up with silence."""
        if len(self._rest):
            self.take(np.zeros(FRAME - len(self._rest), np.float32))
        empty = np.zeros(0, np.float32)
        kept = [Activity(empty, empty, empty), *self._kept]
        return Activity(
            np.concatenate([k.spoken for k in kept]),
            np.concatenate([k.level_db for k in kept]),
            np.concatenate([k.periodic for k in kept]),
        )

    def _measured(self, sound: Sound) -> Activity:
        before = np.concatenate([self._tail, sound])
        self._tail = sound[-FRAME:]
        frames = sound.reshape(-1, FRAME)
        wide = sliding_window_view(before, 2 * FRAME)[::FRAME]  # each frame after the one before it
        level, periodic = _loudness(frames), _periodicity(wide)
        peak = float(np.quantile(np.abs(sound), 0.999))
        gain = min(max(_LOUD / peak, 1.0), _MOST_GAIN) if peak > 0 else 1.0
        seen = np.clip(gain * wide[:, FRAME - _BEFORE :], -1, 1).astype(np.float32)
        spoken = [self._asked(seen[k : k + _BLOCK]) for k in range(0, len(seen), _BLOCK)]
        return Activity(np.concatenate(spoken), level, periodic)

    def _asked(self, seen: NDArray[np.float32]) -> NDArray[np.float32]:
        hidden, cell = self._state
        spoken, hidden, cell = self._net({"input": np.ascontiguousarray(seen), "h": hidden, "c": cell})
        self._state = [hidden, cell]
        return np.asarray(spoken, np.float32).reshape(-1)


def activity_of(sound: Sound) -> Activity:
    """Return what is to be heard in a whole sound of 16 kHz."""
    listener = Listener()
    listener.take(sound)
    return listener.done()


def _loudness(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), axis=1)))
    hz = np.fft.rfftfreq(FRAME, 1 / HEARING_HZ)
    band = power[:, (hz >= 150) & (hz <= 7000)].sum(axis=1) * (2 / (FRAME * FRAME * 0.375))
    return np.asarray(10 * np.log10(band + 1e-14), np.float32)


def _periodicity(wide: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the highest normalised autocorrelation at periods of a voice, (frames, 1024) to (frames,), 0 to 1."""
    found = np.zeros(len(wide), np.float32)
    shortest, longest = HEARING_HZ // _HIGHEST_HZ, HEARING_HZ // _LOWEST_HZ
    window = np.hanning(2 * FRAME).astype(np.float32)
    own = np.fft.irfft(np.square(np.abs(np.fft.rfft(window, 4 * FRAME))))[:longest]
    for k in range(0, len(wide), _BLOCK):
        block = wide[k : k + _BLOCK] * window
        spectrum = np.square(np.abs(np.fft.rfft(block, 4 * FRAME, axis=1)))
        spectrum[:, : 2 * FRAME // 100] = 0  # below 78 Hz: rumble and hum
        repeats = np.fft.irfft(spectrum, axis=1)[:, :longest] / (own / own[0])
        whole = np.maximum(repeats[:, 0], 1e-12)
        found[k : k + _BLOCK] = np.clip(repeats[:, shortest:].max(axis=1) / whole, 0, 1)
    return found


def speech_spans(activity: Activity) -> tuple[Span, ...]:
    """Return where somebody speaks, in order: what is worth the recogniser's time."""
    sure, still = activity.spoken >= _SPOKEN, activity.spoken >= _STILL_SPOKEN
    found = [(a, b) for a, b in _runs(still) if sure[a:b].any()]
    found = _joined(found, _JOINED_S)
    kept = [(a, b) for a, b in found if (b - a) * FRAME_S >= _SHORTEST_S]
    return _spans(_joined([_widened(run, float(MARGIN_S)) for run in kept], 0), activity)


def voiced_spans(activity: Activity) -> tuple[Span, ...]:
    """Return where anything of a voice may be heard, breath, laughter and sobs included: generous, in order.

    Beside whatever may be speech it holds what happens near speech, and anywhere what is periodic like a voice. Music
    and other tones are in it too: nobody who is owed another sound falls through because something else is heard.
    """
    happens = _happens(activity)
    core = _joined(_runs(activity.spoken >= _PERHAPS), 0.2)
    near = np.zeros(len(happens), bool)
    for a, b in (_widened(run, _NEAR_S) for run in core):
        near[max(0, a) : b] = True
    around = [(a, b) for a, b in _joined(_runs(happens), 0.15) if near[a:b].any()]
    tones = happens & (activity.periodic >= _PERIODIC)
    alone = [(a, b) for a, b in _joined(_runs(tones), 0.04) if b - a >= 3]
    widened = [_widened(run, _AROUND_S) for run in (*core, *around, *alone)]
    return _spans(_joined(sorted(widened), _BETWEEN_S), activity)


def _happens(activity: Activity) -> NDArray[np.bool_]:
    """Tell of each frame whether it is louder than the floor around it, and audible at all."""
    level = activity.level_db
    if not len(level):
        return np.zeros(0, bool)
    second = round(1 / float(FRAME_S))
    whole = len(level) // second * second
    seconds = level[:whole].reshape(-1, second) if whole else level[None]
    quiet = np.pad(np.quantile(seconds, 0.1, axis=1), 10, mode="reflect" if len(seconds) > 1 else "edge")
    around = np.quantile(sliding_window_view(quiet, 21), 0.2, axis=1)
    floor = np.pad(np.repeat(around, second), (0, second), mode="edge")[: len(level)]
    audible = float(np.quantile(level, 0.99)) - _INAUDIBLE_DB
    return np.asarray((level > floor + _ABOVE_DB) & (level > audible), bool)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _joined(runs: list[tuple[int, int]], gap_s: float) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for a, b in runs:
        if joined and (a - joined[-1][1]) * FRAME_S <= gap_s:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def _widened(run: tuple[int, int], by_s: float) -> tuple[int, int]:
    by = round(by_s / float(FRAME_S))
    return run[0] - by, run[1] + by


def _spans(runs: list[tuple[int, int]], activity: Activity) -> tuple[Span, ...]:
    most = len(activity.spoken)
    return tuple(Span(max(0, a) * FRAME_S, min(b, most) * FRAME_S) for a, b in runs if b > 0 and a < most)
