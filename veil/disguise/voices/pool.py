"""Voices that are nobody's: each a blend of several from a public pool, drawn at random, and no two in a film alike.

The pool is Kokoro's English voices. A blend is drawn from the seed and the speaker's label alone: nothing of the
person's own voice is known here, so nothing of it can show in the choice.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from veil.models import weight_path

Style = NDArray[np.float32]
"""Float32 (510, 256): what Kokoro is told of a voice, for each number of symbols. The first half says how it sounds,
the second how it moves."""

_LONGEST = 510
_LEFT_OUT = frozenset(("af_nicole", "am_santa"))  # a whisper, and a part that somebody plays: they spoil a blend
_SURE_OF_SEX = 0.2  # further from the middle than this, a guess of sex is heeded
_MIX = (3, 4)
_MOST = 0.5
_APART = 0.55
_TRIES = 200
_PITCHES = 0.06  # a blend's pitch is moved by up to this part, either way
_PACES = 0.05


@dataclass(frozen=True)
class Blend:
    """Shares of voices of the pool, adding up to 1, and how its pitch and pace differ from theirs."""

    shares: tuple[tuple[str, float], ...]
    pitch: float = 1.0
    pace: float = 1.0

    @property
    def british(self) -> bool:
        """Tell whether most of it speaks British English."""
        return sum(share for name, share in self.shares if name.startswith("b")) > 0.5

    def style(self) -> Style:
        pool = styles()
        return np.asarray(sum(share * pool[name] for name, share in self.shares), np.float32)

    def unlikeness(self, other: "Blend") -> float:
        """Return how far two blends are from each other: 1 is as far as two voices of the pool usually are."""
        return float(np.sqrt(np.mean((self._place() - other._place()) ** 2)))  # noqa: SLF001

    def _place(self) -> NDArray[np.float64]:
        names, places = _places()
        shares = dict(self.shares)
        return np.asarray([shares.get(name, 0.0) for name in names]) @ places


def blends(seed: int, sexes: Mapping[str, float | None]) -> dict[str, Blend]:
    """Return a blend for each speaker, by label; each at least a distance from all before it, where there is any.

    `sexes` are guesses, 0 female to 1 male, None where there is none: then a coin is tossed. The same seed and label
    give the same blend, unless it were too like that of an earlier label.
    """
    drawn: dict[str, Blend] = {}
    for label in sorted(sexes, key=lambda label: (label[:1], len(label), label)):
        random = np.random.default_rng([seed % 2**63, zlib.crc32(label.encode())])
        male = _male(sexes[label], random)
        best, furthest = _draw(male, random), -1.0
        for _ in range(_TRIES):
            nearest = min((best.unlikeness(other) for other in drawn.values()), default=np.inf)
            if nearest >= _APART:
                break
            other = _draw(male, random)
            away = min(other.unlikeness(b) for b in drawn.values())
            if away > max(nearest, furthest):
                best, furthest = other, away
        drawn[label] = best
    return drawn


def blend(seed: int, sex: float | None = None) -> Blend:
    """Return one blend by a seed that is one person's."""
    return blends(seed, {"": sex})[""]


@lru_cache(maxsize=1)
def styles() -> dict[str, Style]:
    """Return the voices of the pool by name; the first letter is the accent (a, b), the second the sex (f, m)."""
    with np.load(weight_path("kokoro_voices", "disguise"), allow_pickle=False) as kept:
        rows, voices = kept["rows"], {name: kept[name].astype(np.float32) for name in kept.files if name != "rows"}
    every = np.arange(_LONGEST)
    before = np.clip(np.searchsorted(rows, every, "right") - 1, 0, len(rows) - 2)
    way = ((every - rows[before]) / (rows[before + 1] - rows[before])).astype(np.float32)[:, None]
    return {name: kept[before] * (1 - way) + kept[before + 1] * way for name, kept in voices.items()}


def _male(sex: float | None, random: np.random.Generator) -> bool:
    toss = bool(random.integers(2))
    return toss if sex is None or abs(sex - 0.5) < _SURE_OF_SEX else sex > 0.5


def _draw(male: bool, random: np.random.Generator) -> Blend:
    accents = "a" if random.random() < 0.7 else "ab"
    names = [n for n in sorted(styles().keys() - _LEFT_OUT) if n[1] == ("m" if male else "f") and n[0] in accents]
    while True:
        chosen = random.choice(names, random.integers(_MIX[0], _MIX[1] + 1), replace=False)
        shares = random.dirichlet(np.full(len(chosen), 2.0))
        if shares.min() >= 0.1 and shares.max() <= _MOST:
            break
    pitch, pace = np.exp(random.uniform(-1, 1, 2) * [_PITCHES, _PACES])
    return Blend(tuple((str(n), float(s)) for n, s in zip(chosen, shares, strict=True)), float(pitch), float(pace))


@lru_cache(maxsize=1)
def _places() -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the pool and where each voice lies, such that two of one sex are usually 1 apart."""
    names = sorted(styles())
    means = np.stack([styles()[name][20:200].mean(0, dtype=np.float64) for name in names])
    means = means / means.std(0)
    apart = [
        np.sqrt(np.mean((means[i] - means[j]) ** 2))
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if i < j and one[1] == other[1]
    ]
    return names, means / np.median(apart)
