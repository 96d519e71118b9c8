"""Puts the spoken pieces of a line in a row: silence trimmed, pauses put in, and the times of phones and words kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from veil.disguise.voices.reading import MARKS, PAUSES, Reading
from veil.nouns.speech import Phone, Sound, Spoken

LEVEL_DB = -23.0
"""Of what is loud in a line, below full scale: every voice speaks at it, and the room sets what is heard."""
_PEAK = 0.95
_SILENT = 10 ** (-45 / 20)  # of a piece's loudest 10 ms
KEPT_S = 0.03  # of silence before the first sound and after the last
_FADE_S = 0.005
_SHARED_S = 0.06  # of the gap between two words that still belongs to each
_LETTERED = frozenset("ːˑʰʲˤ˞\u0303\u0329\u032a\u032f\u0327")  # they change the phone before them
_STOPS = frozenset(PAUSES + '"()“”')

_IPA = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ᵊ": "ə", "ᵻ": "ɪ",
    "T": "ɾ", "ɐ": "ə",
}  # fmt: skip
"""Misaki's letters that stand for two sounds or for none of IPA's."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Sound of one breath; `edges` (symbols + 3,) in samples: silence before, each symbol, silence after."""

    reading: Reading
    sound: Sound
    edges: NDArray[np.int64]


def joined(pieces: Sequence[Piece], pauses: Mapping[int, float], words: int, between_s: float, rate_hz: int) -> Spoken:
    """Return pieces as one sound; `pauses` are seconds of silence after a word, by its place in the line."""
    sounds: list[Sound] = []
    phones: list[tuple[Phone, int]] = []
    at = 0
    for index, piece in enumerate(pieces):
        if index:
            sounds.append(np.zeros(round(between_s * rate_hz), np.float32))
            at += len(sounds[-1])
        whole = _trimmed(_paused(piece, pauses, rate_hz), rate_hz)
        phones += [
            (Phone(symbol, (start + at) / rate_hz, (end + at) / rate_hz), owner)
            for symbol, start, end, owner in _phones(whole, round(_SHARED_S * rate_hz))
        ]
        sounds.append(whole.sound)
        at += len(whole.sound)
    sound = np.concatenate(sounds) if sounds else np.zeros(0, np.float32)
    return Spoken(sound, rate_hz, tuple(phone for phone, _ in phones), _words(phones, words))


def on_a_level(sound: Sound) -> Sound:
    """Return the sound at the level of every voice, its peaks below full scale."""
    loud = np.abs(sound)
    loud = loud[loud > 0.1 * loud.max()] if len(loud) else loud
    if not len(loud) or not loud.max() > 0:
        return np.zeros_like(sound)
    gain = 10 ** (LEVEL_DB / 20) / float(np.sqrt(np.mean(np.square(loud, dtype=np.float64))))
    return np.asarray(sound * min(gain, _PEAK / float(np.abs(sound).max())), np.float32)


def _paused(piece: Piece, pauses: Mapping[int, float], rate_hz: int) -> Piece:
    """Return the piece with silence after the words that have a pause, where it is quietest behind them."""
    owners = piece.reading.owners
    for word, pause_s in pauses.items():
        if word not in owners or owners[-1] == word:
            continue
        last = len(owners) - 1 - owners[::-1].index(word)  # its stop
        start, end = int(piece.edges[last + 1]), int(piece.edges[last + 3])
        cut = start + _quietest(piece.sound[start:end], rate_hz)
        sound = piece.sound.copy()
        fade = np.linspace(1, 0, round(_FADE_S * rate_hz), dtype=np.float32)
        sound[cut - len(fade) : cut] *= fade[-min(cut, len(fade)) :]
        sound[cut : cut + len(fade)] *= fade[::-1][: len(sound) - cut]
        gap = np.zeros(round(pause_s * rate_hz), np.float32)
        edges = np.where(piece.edges > cut, piece.edges + len(gap), piece.edges)
        edges[last + 2] = max(int(edges[last + 2]), cut + len(gap))  # the silence is the stop's, not the next word's
        piece = replace(piece, sound=np.concatenate([sound[:cut], gap, sound[cut:]]), edges=edges)
    return piece


def _quietest(sound: Sound, rate_hz: int) -> int:
    width = round(_FADE_S * rate_hz)
    power = np.convolve(np.square(sound), np.ones(2 * width), "valid")
    return int(np.argmin(power)) + width if len(power) else len(sound) // 2


def _trimmed(piece: Piece, rate_hz: int) -> Piece:
    """Return the piece from its first sound to its last."""
    step = rate_hz // 100
    blocks = len(piece.sound) // step
    loud = np.sqrt(np.mean(np.square(piece.sound[: blocks * step].reshape(blocks, step)), axis=1))
    heard = np.flatnonzero(loud > _SILENT * loud.max()) if blocks and loud.max() > 0 else np.zeros(0, int)
    if not len(heard):
        return replace(piece, sound=piece.sound[:0], edges=np.zeros_like(piece.edges))
    kept = round(KEPT_S * rate_hz)
    start = max(0, int(heard[0]) * step - kept)
    end = min(len(piece.sound), (int(heard[-1]) + 1) * step + kept)
    sound = piece.sound[start:end].copy()
    fade = np.linspace(0, 1, min(round(_FADE_S * rate_hz), len(sound)), dtype=np.float32)
    sound[: len(fade)] *= fade
    sound[len(sound) - len(fade) :] *= fade[::-1]
    edges = np.clip(piece.edges - start, 0, end - start)
    edges[1] = min(int(edges[1]), int(heard[0]) * step - start)  # the first phone is heard before the net counts it
    return replace(piece, sound=sound, edges=edges)


def _phones(piece: Piece, shared: int) -> list[tuple[str, int, int, int]]:
    """Return (IPA, first sample, last, word) of each phone: marks go with what they stand before, gaps are shared.

    Of a gap between two words that is a pause, each gets no more than so many samples: lips rest in the others.
    """
    out: list[tuple[str, int, int, int]] = []
    begun: int | None = None
    for index, (symbol, owner) in enumerate(zip(piece.reading.symbols, piece.reading.owners, strict=True)):
        start, end = int(piece.edges[index + 1]), int(piece.edges[index + 2])
        if symbol in _STOPS:
            begun = None
        elif symbol == " ":
            half = min((end - start) // 2, shared)
            if index and piece.reading.symbols[index - 1] not in _STOPS and out:
                out[-1] = (*out[-1][:2], start + half, out[-1][3])
                begun = end - half
        elif symbol in MARKS:
            begun = start if begun is None else begun
        elif symbol in _LETTERED and out:
            out[-1] = (out[-1][0] + symbol, out[-1][1], end, out[-1][3])
        else:
            out.append((_IPA.get(symbol, symbol), start if begun is None else begun, end, owner))
            begun = None
    return out


def _words(phones: Sequence[tuple[Phone, int]], words: int) -> tuple[tuple[float, float], ...]:
    """Return when each word is; one that is not spoken is where the one before it ends."""
    spans: list[tuple[float, float]] = []
    at = 0.0
    for word in range(words):
        own = [phone for phone, owner in phones if owner == word]
        spans.append((own[0].start_s, own[-1].end_s) if own else (at, at))
        at = spans[-1][1]
    return tuple(spans)
