"""Asks whether the original's sound can be recognised in the result, as a search engine for music would.

Source: Haitsma and Kalker, "A highly robust audio fingerprinting system" (ISMIR 2002): 32 bits for every 11.6 ms, the
signs of differences between neighbouring bands and moments; two stretches of 3 s are the same recording when fewer
than 35 % of their bits differ.
"""

import numpy as np
from numpy.typing import NDArray

from veil.nouns.report import Attack, Verdict

Sound = NDArray[np.float32]

LIMIT = 0.65  # share of bits that agree
_WINDOW_S, _HOP_S = 0.37, 0.0116
_BANDS, _LOW_HZ, _HIGH_HZ = 33, 300.0, 2000.0
_BLOCK, _STEP = 256, 128  # rows of 32 bits
_AROUND = 172  # rows by which the sounds may be out of step: 2 s
_SILENT = 1e-4  # -80 dB
_QUIET = 1e-4  # energy against the loud parts, below which there is nothing to hear


def prints(sound: Sound, rate_hz: int) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Return 32 bits a row, uint32 (N,), and which rows (N,) hold something to hear."""
    window, hop = round(_WINDOW_S * rate_hz), round(_HOP_S * rate_hz)
    if sound.size < window + hop:
        return np.zeros(0, np.uint32), np.zeros(0, np.bool_)
    rows = np.lib.stride_tricks.sliding_window_view(sound, window)[::hop]
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1) * window / rate_hz
    shape = np.hanning(window).astype(np.float32)
    energy = np.zeros((len(rows), _BANDS), np.float64)
    for start in range(0, len(rows), 512):
        power = np.abs(np.fft.rfft(rows[start : start + 512] * shape)) ** 2
        total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, 1)], 1)
        inner = np.round(edges).astype(int)
        energy[start : start + 512] = total[:, inner[1:]] - total[:, inner[:-1]]
    across = energy[:, :-1] - energy[:, 1:]
    loud = energy.sum(1)
    heard = loud > _QUIET * max(float(np.percentile(loud, 95)), 1e-12)
    bits = np.packbits(across[1:] > across[:-1], axis=1)
    return np.ascontiguousarray(bits).view(np.uint32)[:, 0], heard[1:] & heard[:-1]


def agreement(original: Sound, result: Sound, rate_hz: int) -> float | None:
    """Return the largest share of bits, 0 to 1, in which 3 s of the result agree with the original around there.

    Both are float32 (samples,) at the same rate. None where there are no 3 s to hear in one of them.
    """
    (old, old_heard), (new, new_heard) = prints(original, rate_hz), prints(result, rate_hz)
    best = None
    for start in range(0, max(1, len(new) - _BLOCK + 1), _STEP):
        block, heard = new[start : start + _BLOCK], new_heard[start : start + _BLOCK]
        for at in range(max(0, start - _AROUND), start + _AROUND + 1):
            there = slice(at, at + len(block))
            both = heard[: len(old_heard[there])] & old_heard[there]
            count = int(np.count_nonzero(both))
            if count >= _BLOCK // 2:
                wrong = np.bitwise_count(old[there] ^ block[: len(both)])
                best = max(best or 0.0, 1 - int(wrong[both].sum()) / (32 * count))
    return best


def attack_on_sound(original: Sound | None, result: Sound | None, rate_hz: int) -> Attack:
    """Return the verdict on the sound of the result; without any it is safe.

    A nan in either stands for a track that is there and could not be heard: unless something is recognised all the
    same, nothing is proven then.
    """

    def said(score: float | None, verdict: Verdict, words: str) -> Attack:
        return Attack(None, "sound", "sound print", score, LIMIT, verdict, said=words)

    if result is None:
        return said(None, "safe", "the result has no sound")
    deaf = any(sound is not None and np.isnan(sound).any() for sound in (original, result))
    old = np.zeros(0, np.float32) if original is None else original[~np.isnan(original)]
    new = result[~np.isnan(result)]
    score = None if _silent(old) or _silent(new) else agreement(old, new, rate_hz)
    if score is not None and score >= LIMIT:
        words = "the recording of the original is recognised in the result; leave the sound out or give another"
        return said(score, "exposed", words)
    if deaf:
        return said(score, "not proven", "there is a sound track that could not be heard")
    if _silent(new):
        return said(None, "safe", "the result has no sound")
    if _silent(old):
        return said(None, "safe", "the original has no sound that could be recognised")
    if score is None:
        return said(None, "not proven", "there are no three seconds of sound to compare")
    return said(score, "safe", "the recording of the original is not recognised in the result")


def _silent(sound: Sound) -> bool:
    return float(np.abs(sound).max(initial=0)) < _SILENT
