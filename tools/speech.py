"""Synthetic testimony: espeak-ng speaks a sentence and says when each sound begins; sounds become mouth actions."""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

VISEMES: dict[str, dict[str, float]] = {
    "closed": {"mouthPress": 0.35, "mouthRollLower": 0.12, "mouthRollUpper": 0.1, "jawOpen": 0.0},
    "lip_teeth": {"mouthRollLower": 0.35, "mouthUpperUp": 0.2, "jawOpen": 0.06},
    "tongue_teeth": {"jawOpen": 0.16, "tongueOut": 0.22, "mouthLowerDown": 0.15},
    "tip": {"jawOpen": 0.12, "mouthStretch": 0.15, "mouthLowerDown": 0.28, "mouthUpperUp": 0.1},
    "back": {"jawOpen": 0.2, "mouthLowerDown": 0.15},
    "hush": {"mouthFunnel": 0.45, "jawOpen": 0.1},
    "round": {"mouthPucker": 0.6, "mouthFunnel": 0.15, "jawOpen": 0.1},
    "open_round": {"mouthFunnel": 0.5, "jawOpen": 0.36},
    "wide_open": {"jawOpen": 0.5, "mouthLowerDown": 0.3, "mouthUpperUp": 0.3},
    "half": {"jawOpen": 0.32, "mouthStretch": 0.2, "mouthLowerDown": 0.25, "mouthUpperUp": 0.25},
    "smile": {"jawOpen": 0.16, "mouthSmile": 0.28, "mouthStretch": 0.22, "mouthLowerDown": 0.3, "mouthUpperUp": 0.2},
    "neutral": {"jawOpen": 0.24, "mouthLowerDown": 0.12},
    "silence": {"jawOpen": 0.0},
}
BEGINS = {
    "p": "closed", "b": "closed", "m": "closed", "f": "lip_teeth", "v": "lip_teeth", "T": "tongue_teeth", "D":
    "tongue_teeth", "t": "tip", "d": "tip", "n": "tip", "l": "tip", "s": "tip", "z": "tip", "k": "back", "g":
    "back", "N": "back", "h": "back", "S": "hush", "Z": "hush", "r": "round", "w": "round", "u": "round", "U":
    "round", "o": "open_round", "O": "open_round", "0": "open_round", "a": "wide_open", "A": "wide_open", "V":
    "wide_open", "e": "half", "E": "half", "i": "smile", "I": "smile", "j": "smile", "@": "neutral", "3":
    "neutral", "_": "silence",
}  # fmt: skip
"""Viseme of a sound, by the first letter of espeak's name for it."""


@dataclass(frozen=True)
class Speech:
    """Mono sound (samples,) -1..1 at `rate_hz`, and when each phoneme begins: (seconds, espeak's name)."""

    sound: Floats
    rate_hz: int
    phonemes: tuple[tuple[float, str], ...]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("text", ctypes.c_char * 8),
    ]


def speak(text: str, voice: str = "en-us+f3", words_per_minute: int = 150, pitch: int = 42) -> Speech:
    """Let espeak-ng (a library on this machine) say `text`."""
    library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
    rate = library.espeak_Initialize(2, 500, None, 1)  # synchronous, with phoneme events
    chunks: list[npt.NDArray[np.int16]] = []
    phonemes: list[tuple[float, str]] = []

    def hear(wave: ctypes.c_void_p, count: int, events: ctypes.c_void_p) -> int:
        if wave and count > 0:
            chunks.append(np.ctypeslib.as_array(ctypes.cast(wave, ctypes.POINTER(ctypes.c_short)), (count,)).copy())
        event = ctypes.cast(events, ctypes.POINTER(_Event))
        at = 0
        while event[at].type != 0:
            if event[at].type == 7:
                phonemes.append((event[at].audio_ms / 1000, event[at].text.decode("utf-8", "replace")))
            at += 1
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    for parameter, value in ((1, words_per_minute), (3, pitch)):
        library.espeak_SetParameter(parameter, value, 0)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, len(data), 0, 0, 0, 1, None, None)
    library.espeak_Synchronize()
    sound = np.concatenate(chunks).astype(np.float32) / 32768
    return Speech(sound, rate, tuple(phonemes))


def mouth_track(speech: Speech, frames: int, fps: int, delay_s: float, names: tuple[str, ...]) -> Floats:
    """Mouth actions per frame (frames, len(names)): each sound's shape, blended over about 90 ms, a little early."""
    fine = 200
    count = int(frames / fps * fine)
    track = np.zeros((count, len(names)), np.float32)
    times = [start for start, _ in speech.phonemes] + [len(speech.sound) / speech.rate_hz]
    for (start, sound), stop in zip(speech.phonemes, times[1:], strict=True):
        shape = VISEMES[BEGINS.get(sound.lstrip("',%=-|;")[:1], "silence")]
        first, last = (int((edge + delay_s - 0.03) * fine) for edge in (start, stop))
        for action, weight in shape.items():
            for name in (action, action + "Left", action + "Right"):
                if name in names:
                    track[max(first, 0) : last, names.index(name)] = weight
    kernel = np.exp(-((np.arange(-30, 31) / (0.040 * fine)) ** 2) / 2)
    kernel /= kernel.sum()
    smooth = np.stack([np.convolve(track[:, k], kernel, "same") for k in range(track.shape[1])], 1)
    return smooth[(np.arange(frames) / fps * fine).astype(int)].astype(np.float32)
