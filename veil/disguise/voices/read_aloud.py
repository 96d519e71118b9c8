"""Fits what a volunteer read aloud to the place of its line: silence trimmed, pauses on a grid, one stretch for all.

The stretch is WSOLA (Verhelst and Roelands, ICASSP 1993): short pieces are laid over one another where their waves
agree, so that the pitch stays. Words and phones are guessed from letters and loudness: lips can follow, no more.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from veil.disguise.voices.reading import read_aloud as pronounced
from veil.errors import VeilError
from veil.nouns.speech import Line, Phone, Sound, Spoken

MOST_STRETCH = 1.15
"""How much slower, and how much faster, a reading still sounds natural."""
_STEP = 0.05  # tempo comes in steps, as for other voices
_PAUSE_S, _LEAST_PAUSE_S, _MOST_PAUSE_S = 0.1, 0.15, 3.0  # the grid; what counts as a pause; the longest
_FRAME_S = 0.01
_QUIET_DB, _OVER_FLOOR_DB = -38.0, 8.0  # below what is loud, and over the noise: where speech ends
_RIM_S, _FADE_S = 0.03, 0.005
_SHORTEST_S = 0.05  # of a sound that is speech and no click
_LEVEL_DB, _PEAK = -23.0, 0.95
_STOP_S = 0.35  # so far a word with a stop after it may lie from a pause and still be the word before it
_WINDOW_S, _SEEK_S = 0.024, 0.008

_CYRILLIC = "a b v ɡ d e o ʒ z i j k l m n o p r s t u f x ts tʃ ʃ ʃ ɨ e u a i i e ɡ"
_LATIN = "a b k d ɛ f ɡ h ɪ dʒ k l m n ɔ p k ɹ s t u v w ks i z"
_LETTERS = dict(zip("абвгдеёжзийклмнопрстуфхцчшщыэюяіїєґ", _CYRILLIC.split(), strict=True)) | dict(
    zip("abcdefghijklmnopqrstuvwxyz", _LATIN.split(), strict=True)
)
_PAIRS = {
    "th": "θ", "sh": "ʃ", "ch": "tʃ", "ph": "f", "ee": "i", "ea": "i", "oo": "u", "ou": "aʊ", "ow": "aʊ", "ck": "k",
    "qu": "kw", "ng": "ŋ", "wh": "w", "ai": "eɪ", "ay": "eɪ", "oa": "oʊ", "er": "ə",
}  # fmt: skip
_VOWELS = frozenset("aeiouɛɪɔɨəʊæɑɒʌɜᵻᵊɐ")
_TWO = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "Q": "əʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "ʤ": "dʒ",
    "ʧ": "tʃ",
    "T": "ɾ",
}  # of the rules


@dataclass(frozen=True)
class Stretch:
    """What must be done to a reading: by how much its length is multiplied, and how long each pause becomes."""

    factor: float
    pauses_s: tuple[float, ...]
    length_s: float  # of what comes of it


def speech(sound: Sound, rate_hz: int) -> list[tuple[int, int]]:
    """Return where somebody speaks, samples, with pauses between of at least 0.15 s; nothing where it is silent."""
    levels = _levels_db(sound, rate_hz)
    if not len(levels) or levels.max() < -60:
        return []
    loud = float(np.percentile(levels[levels > levels.max() + _QUIET_DB], 95))
    floor = float(np.percentile(levels, 5))
    limit = max(loud + _QUIET_DB, min(floor + _OVER_FLOOR_DB, loud - 12))
    heard = np.flatnonzero(levels > limit)
    if not len(heard):
        return []
    breaks = np.flatnonzero(np.diff(heard) * _FRAME_S >= _LEAST_PAUSE_S)
    firsts, lasts = heard[np.r_[0, breaks + 1]], heard[np.r_[breaks, len(heard) - 1]] + 1
    step, rim = _FRAME_S * rate_hz, round(_RIM_S * rate_hz)
    spans = [
        (max(0, round(a * step) - rim), min(len(sound), round(b * step) + rim))
        for a, b in zip(firsts.tolist(), lasts.tolist(), strict=True)
        if (b - a) * _FRAME_S >= _SHORTEST_S
    ]
    return [s for s in spans if s[1] > s[0]]


def _levels_db(sound: Sound, rate_hz: int) -> NDArray[np.float64]:
    step = round(_FRAME_S * rate_hz)
    frames = sound[: len(sound) // step * step].reshape(-1, step).astype(np.float64)
    return np.asarray(10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-12))


def natural_s(spans: Sequence[tuple[int, int]], rate_hz: int) -> float:
    """Return how long a reading is from its first sound to its last."""
    return (spans[-1][1] - spans[0][0]) / rate_hz if spans else 0.0


def stretch_for(line: Line, spans: Sequence[tuple[int, int]], rate_hz: int) -> Stretch:
    """Return how a reading is fitted to its line: its pauses on the grid, its tempo within 15 percent, in steps.

    The room behind the line is used only when that is not enough; then pauses shrink; then it is longer than its place.
    """
    said_s = sum(b - a for a, b in spans) / rate_hz
    pauses = [min(_MOST_PAUSE_S, _on_grid((b[0] - a[1]) / rate_hz)) for a, b in pairwise(spans)]
    place_s, room_s = float(line.length_s), float(line.room_s)
    ways = (pauses, place_s), (pauses, place_s + room_s), ([_PAUSE_S] * len(pauses), place_s + room_s)
    for most, (gaps, free_s) in zip((MOST_STRETCH, 1.0, 1.0), ways, strict=True):
        wanted = (free_s - sum(gaps)) / max(said_s, 1e-6)
        if wanted >= 1 / MOST_STRETCH:
            # Rounded down: what is a little shorter than its place still fits.
            factor = max(1 / MOST_STRETCH, min(most, math.floor(wanted / _STEP + 1e-9) * _STEP))
            return Stretch(factor, tuple(gaps), said_s * factor + sum(gaps))
    factor, gaps = 1 / MOST_STRETCH, ways[-1][0]
    return Stretch(factor, tuple(gaps), said_s * factor + sum(gaps))


def _on_grid(pause_s: float) -> float:
    return max(1, round(pause_s / _PAUSE_S)) * _PAUSE_S


def fitted(sound: Sound, rate_hz: int, line: Line) -> Spoken:
    """Return a reading as the line is heard: from its first sound to its last, at the level of every voice.

    It is longer than its place where even the fastest natural tempo is not enough. Silent where nothing is said in it.
    """
    spans = speech(sound, rate_hz)
    if not spans:
        return Spoken(np.zeros(0, np.float32), rate_hz, (), ((0.0, 0.0),) * len(line.words))
    way = stretch_for(line, spans, rate_hz)
    parts: list[Sound] = []
    islands: list[tuple[float, float]] = []
    at = 0
    for number, (start, end) in enumerate(spans):
        part = _faded(stretched(sound[start:end], rate_hz, way.factor), rate_hz)
        gap = np.zeros(round(way.pauses_s[number - 1] * rate_hz) if number else 0, np.float32)
        parts += [gap, part]
        islands.append(((at + len(gap)) / rate_hz, (at + len(gap) + len(part)) / rate_hz))
        at += len(gap) + len(part)
    whole = _on_level(np.concatenate(parts))
    sounds, stops = sounds_of(line), [said.text for said in line.words]
    words = words_in(stops, sounds, islands)
    return Spoken(whole, rate_hz, _phones(sounds, words, whole, rate_hz), words)


def stretched(sound: Sound, rate_hz: int, factor: float) -> Sound:
    """Return a sound `factor` times as long, at the same pitch (WSOLA)."""
    window, seek = 2 * round(_WINDOW_S * rate_hz / 2), round(_SEEK_S * rate_hz)
    hop = window // 2
    count = round(len(sound) * factor)
    if abs(factor - 1) < 1e-3 or len(sound) < 2 * window:
        return sound.copy()
    padded = np.concatenate([np.zeros(seek + hop, np.float32), sound, np.zeros(2 * window + seek, np.float32)])
    shape = np.hanning(window + 1)[:window].astype(np.float32)
    out = np.zeros(count + 2 * window, np.float32)
    coarse = max(1, rate_hz // 12_000)  # the search needs no more than 6 kHz
    last = seek
    for number in range(count // hop + 2):
        due = seek + round(number * hop / factor)
        if number:
            follows = padded[last + hop : last + hop + window : coarse]
            around = padded[due - seek : due + seek + window : coarse]
            if len(follows) * coarse < window or len(around) <= len(follows):
                break
            due += (int(np.argmax(np.correlate(around, follows, "valid"))) * coarse) - seek
        due = min(max(due, 0), len(padded) - window)
        out[number * hop : number * hop + window] += padded[due : due + window] * shape
        last = due
    return out[hop : hop + count]


def _faded(sound: Sound, rate_hz: int) -> Sound:
    ramp = np.linspace(0, 1, min(round(_FADE_S * rate_hz), len(sound) // 2), dtype=np.float32)
    out = sound.copy()
    if len(ramp):
        out[: len(ramp)] *= ramp
        out[-len(ramp) :] *= ramp[::-1]
    return out


def _on_level(sound: Sound) -> Sound:
    loud = np.abs(sound[np.abs(sound) > 0.1 * np.abs(sound).max(initial=0)])
    if not len(loud):
        return np.zeros_like(sound)
    gain = 10 ** (_LEVEL_DB / 20) / float(np.sqrt(np.mean(np.square(loud, dtype=np.float64))))
    return np.asarray(sound * min(gain, _PEAK / float(loud.max())), np.float32)


# ── where words and phones are ─────────────────────────────────────────────────────────────────────────────────────


Sounds = Sequence[Sequence[str]]
"""For each word of a line about how it sounds, in IPA."""


def sounds_of(line: Line) -> Sounds:
    """Return how the words of a line sound: in English by its rules, elsewhere by their letters."""
    letters = [letters_as_phones(said.text) for said in line.words]
    if line.language.split("-")[0] != "en":
        return letters
    try:
        reading = pronounced(line.words)
    except VeilError:
        return letters
    told: list[list[str]] = [[] for _ in line.words]
    for symbol, owner in zip(reading.symbols, reading.owners, strict=True):
        if symbol.isalpha() and symbol not in "ːʰʲˈˌ":
            told[owner].append(_TWO.get(symbol, symbol))
    return told


def words_in(
    words: Sequence[str], sounds: Sounds, islands: Sequence[tuple[float, float]]
) -> tuple[tuple[float, float], ...]:
    """Return when each word is said, guessed: by its sounds, and so that stops fall on pauses where they are near."""
    if not words or not islands:
        return ((0.0, 0.0),) * len(words)
    total_s = sum(end - start for start, end in islands)
    sizes = np.array([1.0 + sum(_weights(phones)) for phones in sounds])
    ends = np.cumsum(sizes) / sizes.sum() * total_s
    bounds = np.cumsum([end - start for start, end in islands])
    groups = _shared_out(words, ends.tolist(), bounds.tolist())
    out: list[tuple[float, float]] = []
    for (start, end), group in zip(islands, groups, strict=True):
        mine = np.concatenate([[0.0], np.cumsum(sizes[group[0] : group[1]])])
        at = start + (end - start) * mine / mine[-1] if mine[-1] else np.array([start])
        out += [(float(a), float(b)) for a, b in pairwise(at.tolist())]
    return tuple(out)


def _shared_out(words: Sequence[str], ends: list[float], bounds: list[float]) -> list[tuple[int, int]]:
    """Return which words are said before each pause: the cut nearest to it, a stop counting as nearer."""
    groups, first = [], 0
    for number, bound in enumerate(bounds):
        left = len(bounds) - number - 1
        if not left:
            groups.append((first, len(words)))
            break
        ways = range(first, max(first, len(words) - left) + 1)
        near = [abs((ends[w - 1] if w else 0.0) - bound) - _STOP_S * _stops(words, w) for w in ways]
        cut = ways[int(np.argmin(near))]
        groups.append((first, cut))
        first = cut
    return groups


def _stops(words: Sequence[str], end: int) -> bool:
    return end > 0 and words[end - 1].rstrip("\"'»”’)").endswith((",", ".", "!", "?", ";", ":", "—", "…"))


def _weights(phones: Sequence[str]) -> list[float]:
    """Return about how long sounds take, against others."""
    return [1.5 if phone[0] in _VOWELS else 1.0 for phone in phones]


def letters_as_phones(word: str) -> list[str]:
    """Return about how a word sounds, by its letters: enough for lips, not for ears."""
    lower = "".join(c for c in unicodedata.normalize("NFC", word.casefold()) if c.isalnum())
    out, i = [], 0
    while i < len(lower):
        if pair := _PAIRS.get(lower[i : i + 2]):
            out.append(pair)
            i += 2
            continue
        letter = lower[i] if lower[i] in _LETTERS else unicodedata.normalize("NFD", lower[i])[0]
        silent = lower[i] == "e" and i == len(lower) - 1 and len(out) > 1
        if letter in _LETTERS and not silent and not (out and out[-1] == _LETTERS[letter]):
            out.append(_LETTERS[letter])
        elif letter.isdigit():
            out += ["n", "a"]
        i += 1
    return out


def _phones(sounds: Sounds, times: Sequence[tuple[float, float]], sound: Sound, rate_hz: int) -> tuple[Phone, ...]:
    """Return phones over each word by their kind; where it is quiet there is no vowel, and the mouth closes."""
    levels = _levels_db(sound, rate_hz)
    quiet = float(np.percentile(levels, 95)) - 30 if len(levels) else 0.0
    out = []
    for phones, (start, end) in zip(sounds, times, strict=True):
        sizes = np.array(_weights(phones))
        edges = start + (end - start) * np.concatenate([[0.0], np.cumsum(sizes)]) / max(float(sizes.sum()), 1e-6)
        for phone, (a, b) in zip(phones, pairwise(edges.tolist()), strict=True):
            heard = levels[int(a / _FRAME_S) : max(int(a / _FRAME_S) + 1, math.ceil(b / _FRAME_S))]
            if phone[0] not in _VOWELS or (len(heard) and heard.max() > quiet):
                out.append(Phone(phone, float(a), float(b)))
    return tuple(out)
