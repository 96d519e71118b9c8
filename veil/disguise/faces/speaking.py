"""What a mouth does to say something: speech sounds of a new voice, in time, to the shape of lips and jaw.

Each sound has a shape, and rules its neighbours' time by how much it matters to them (dominance: Cohen and Massaro
1993): vowels rule the opening, rounded sounds the form of the lips, well before they are heard. Lips that must meet
meet, however quick the speech is. Nothing of a film goes in here.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from veil.nouns.speech import Phone, Word

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """A mouth: nothing but zeros is a calm one with closed lips."""

    jaw: float = 0.0  # 0 closed to 1 wide open
    gap: float = 0.0  # between the inner lips at their middle, in widths of the mouth
    wide: float = 0.0  # how much further apart the corners are, of the width: below 0 for rounded lips
    forward: float = 0.0  # how far the lips are pushed out, centimetres of an average face
    bite: float = 0.0  # 0 to 1: the lower lip is at the upper teeth
    press: float = 0.0  # 0 to 1: the lips are pressed together
    tongue: float = 0.0  # 0 at rest to 1 behind the upper teeth


_REST = Shape()
_OPENING, _FORM = slice(0, 2), slice(2, 4)  # of a shape as a row of numbers
_TIPS = slice(4, 7)  # what is at its place at the very sound: bite, press, tongue
_KINDS: dict[str, tuple[Shape, float, float]] = {
    # what a sound looks like, how much it rules the opening, and how much the form
    "rest": (_REST, 1.0, 0.5),
    "closed": (Shape(0.03, 0.0, press=1.0), 1.5, 0.25),
    "bite": (Shape(0.05, 0.05, bite=1.0), 1.4, 0.3),
    "between teeth": (Shape(0.14, 0.12, 0.02, tongue=1.0), 0.8, 0.3),
    "tip": (Shape(0.09, 0.09, 0.03, tongue=0.8), 0.55, 0.2),
    "hiss": (Shape(0.04, 0.075, 0.05), 0.9, 0.4),
    "back": (Shape(0.16, 0.12), 0.35, 0.1),
    "breath": (Shape(0.18, 0.13), 0.1, 0.05),
    "hush": (Shape(0.08, 0.11, -0.16, 0.26), 0.9, 1.0),
    "r": (Shape(0.11, 0.10, -0.10, 0.15), 0.6, 0.6),
    "w": (Shape(0.07, 0.045, -0.24, 0.32), 1.1, 1.4),
    "u": (Shape(0.12, 0.085, -0.22, 0.30), 1.0, 1.3),
    "short u": (Shape(0.16, 0.11, -0.14, 0.16), 1.0, 0.9),
    "o": (Shape(0.27, 0.17, -0.18, 0.22), 1.1, 1.2),
    "open o": (Shape(0.38, 0.23, -0.11, 0.12), 1.2, 1.0),
    "a": (Shape(0.46, 0.27), 1.3, 0.7),
    "broad a": (Shape(0.40, 0.24, 0.05), 1.2, 0.8),
    "short a": (Shape(0.32, 0.19), 1.0, 0.5),
    "murmur": (Shape(0.18, 0.125), 0.6, 0.25),
    "e": (Shape(0.27, 0.175, 0.05), 1.1, 0.8),
    "short i": (Shape(0.16, 0.13, 0.06), 0.9, 0.7),
    "i": (Shape(0.09, 0.11, 0.10), 1.0, 1.0),
    "y": (Shape(0.08, 0.09, 0.07), 0.7, 0.6),
    "dark i": (Shape(0.15, 0.12, 0.05), 0.9, 0.6),
    "front u": (Shape(0.11, 0.09, -0.20, 0.28), 1.0, 1.2),
}

_IPA: dict[str, str] = {
    "pbmɓ": "closed", "fvʋɸβɱ": "bite", "θð": "between teeth", "tdnlɾTɲɳʎɫɖʈɭ": "tip", "szʦʣɕʑʨʥ": "hiss",
    "kɡgŋxɣqχcɟçɴʁʝħ": "back", "hɦʔ": "breath", "ʃʒʧʤʂʐ": "hush", "ɹɻɚɝrʀɽ": "r", "wʍɥɰᵝ": "w", "uɯ": "u",
    "ʊ": "short u", "oɵɤ": "o", "ɔɒ": "open o", "aɑɐ": "a", "æ": "broad a", "ʌ": "short a", "əɜᵊɘ": "murmur", "eɛ": "e",
    "ɪᵻ": "short i", "i": "i", "j": "y", "ɨ": "dark i", "yʏøœʉ": "front u",
}  # fmt: skip
_KIND_OF = {symbol: kind for symbols, kind in _IPA.items() for symbol in symbols}
_PAIRS = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "S": "ʃ", "ꭧ": "ʧ"}
"""Sounds that Kokoro's and hibari's alphabet (misaki) writes with one letter."""
_ARPABET = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AY": "aɪ", "B": "b", "CH": "ʧ", "D": "d",
    "DH": "ð", "EH": "ɛ", "ER": "ɝ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "ʤ",
    "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s",
    "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_LETTERS = {
    **dict.fromkeys("pbmпбм", "closed"), **dict.fromkeys("fvфв", "bite"), **dict.fromkeys("tdnlтднл", "tip"),
    **dict.fromkeys("szcсзц", "hiss"), **dict.fromkeys("kgqxкгх", "back"), "h": "breath", "j": "hush",
    **dict.fromkeys("шжщч", "hush"), "r": "r", "р": "tip", "w": "w", **dict.fromkeys("uу", "u"), "ю": "front u",
    **dict.fromkeys("oо", "o"), "ё": "o", **dict.fromkeys("aая", "a"), **dict.fromkeys("eеэ", "e"),
    **dict.fromkeys("iи", "i"), **dict.fromkeys("yй", "y"), "ы": "dark i",
}  # fmt: skip
"""What a written letter looks like when it is spoken: for voices that do not tell their sounds."""
_MEETING = ("closed", "bite")  # sounds that are none unless something meets
_SILENT = frozenset("ьъ'’-")
_MARKS = frozenset("ˈˌːˑʲʰ̩̃̆̚˞*_'%=")  # stress, length, softness: no sounds of their own
_SHORTEST_REST_S = 0.13

_STEP_S = 0.01
_BEFORE_S, _AFTER_S = (0.038, 0.085), (0.045, 0.055)  # how long a sound rules before and after it: opening, form
_EDGE = 0.2, 0.05  # of a sound's length, and seconds at most: outside of its two edges it rules in full
_SOFT_S = 0.018  # how quick muscles are, sigma
_MEETS_S = 0.025  # to both sides of the middle of a closure lips are shut: one frame at least sees it
_PARTS_S = 0.065  # then they part, over this long
_LEADS_S = 0.01  # lips are where they must be a little before the sound is
_AROUND_S = 0.4  # before and after a line in which its lips may move


@dataclass(frozen=True)
class _Sound:
    kind: str
    start_s: float
    end_s: float


class Saying:
    """What a mouth does while it says `phones` (or, where a voice tells none, `words`); at rest at all other times."""

    def __init__(self, phones: tuple[Phone, ...], words: tuple[Word, ...] = ()) -> None:
        sounds = _sounds(phones) or [s for word in words for s in _spelled(word)]
        self._start_s = (sounds[0].start_s if sounds else 0.0) - _AROUND_S
        self._rows = _rows(sounds, self._start_s) if sounds else np.zeros((1, 7))
        self.closures_s = tuple((s.start_s + s.end_s) / 2 for s in sounds if s.kind == "closed")
        """The middles of the sounds at which lips meet."""

    @property
    def span_s(self) -> tuple[float, float]:
        """When the mouth may be anything but at rest, seconds."""
        return self._start_s, self._start_s + (len(self._rows) - 1) * _STEP_S

    def at(self, time_s: float) -> Shape:
        """Return the shape of the mouth at a time, the one that `phones` count from."""
        place = (time_s - self._start_s) / _STEP_S
        if not 0 <= place <= len(self._rows) - 1:
            return _REST
        low = min(int(place), len(self._rows) - 2)
        share = place - low
        return Shape(*((1 - share) * self._rows[low] + share * self._rows[low + 1]).tolist())


def _rows(sounds: list[_Sound], start_s: float) -> Values:
    """Return the shape of the mouth every hundredth of a second from `start_s` on, (N, 7)."""
    count = int(np.ceil((sounds[-1].end_s + _AROUND_S - start_s) / _STEP_S)) + 1
    times: Values = start_s + _STEP_S * np.arange(count, dtype=np.float64) + _LEADS_S
    whole = _with_rests(sounds, float(times[0]), float(times[-1]))
    shapes = np.array([astuple(_KINDS[s.kind][0]) for s in whole])
    rows = np.zeros((count, 7))
    for part, which in ((_OPENING, 0), (_FORM, 1)):
        rules = np.array([_KINDS[s.kind][1 + which] for s in whole])
        power = _power(whole, times, rules, _BEFORE_S[which], _AFTER_S[which])
        rows[:, part] = power @ shapes[:, part]
    reach = round(4 * _SOFT_S / _STEP_S)
    bell = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) * _STEP_S / _SOFT_S))
    padded = np.pad(rows, ((reach, reach), (0, 0)), "edge")
    rows = np.stack([np.convolve(column, bell / bell.sum(), "valid") for column in padded.T], 1)
    for sound in sorted(sounds, key=lambda s: s.kind == "closed"):  # lips that must meet have the last word
        if any(astuple(_KINDS[sound.kind][0])[_TIPS]):
            _meet(rows, times, sound)
    return rows


def _power(sounds: list[_Sound], times: Values, rules: Values, before_s: float, after_s: float) -> Values:
    """Return how much each sound has to say at each time, (times, sounds); they sum to 1."""
    starts, ends = np.array([s.start_s for s in sounds]), np.array([s.end_s for s in sounds])
    middles = (starts + ends) / 2
    core = (ends - starts) / 2 - np.minimum(_EDGE[0] * (ends - starts), _EDGE[1])
    off = times[:, None] - middles
    late = np.clip(off - core, 0, None) / after_s
    early = np.clip(-off - core, 0, None) / before_s
    power = rules * np.exp(-np.minimum(late + early, 60))
    return np.asarray(power / np.maximum(power.sum(1, keepdims=True), 1e-30), np.float64)


def _meet(rows: Values, times: Values, sound: _Sound) -> None:
    """Let lips, teeth or tongue meet what they must around the middle of a sound; writes `rows`."""
    away = np.abs(times - (sound.start_s + sound.end_s) / 2) - _MEETS_S
    ease = np.clip(away / _PARTS_S, 0, 1)
    free = ease * ease * (3 - 2 * ease)
    shape = np.array(astuple(_KINDS[sound.kind][0]))
    rows[:, _TIPS] = rows[:, _TIPS] * free[:, None] + shape[_TIPS] * (1 - free[:, None])
    if sound.kind not in _MEETING:
        return
    rows[:, 1] = rows[:, 1] * free + shape[1] * (1 - free)
    rows[:, 0] = np.minimum(rows[:, 0], shape[0] + 0.04 + free)


def _with_rests(sounds: list[_Sound], first_s: float, last_s: float) -> list[_Sound]:
    """Return the sounds with a rest wherever nothing is said for a while, and at both ends."""
    whole, here_s = [], first_s - 1
    for sound in sounds:
        if sound.start_s - here_s > _SHORTEST_REST_S:
            whole.append(_Sound("rest", here_s, sound.start_s))
        whole.append(sound)
        here_s = sound.end_s
    return [*whole, _Sound("rest", here_s, last_s + 1)]


def _sounds(phones: tuple[Phone, ...]) -> list[_Sound]:
    """Return what is seen of phones, in order of time: in IPA, in misaki's letters, or in ARPABET."""
    symbols = [phone.symbol.strip("012 ") for phone in phones]
    american = any(len(s) == 2 and s in _ARPABET for s in symbols)
    found = []
    for phone, symbol in zip(phones, symbols, strict=True):
        told = _ARPABET.get(symbol, "") if american else "".join(_PAIRS.get(c, c) for c in symbol)
        kinds = [_KIND_OF.get(c, "murmur") for c in told if c not in _MARKS and c.isalpha()]
        found += _in_a_row(kinds, phone.start_s, phone.end_s)
    return sorted(found, key=lambda s: s.start_s)


def _spelled(word: Word) -> list[_Sound]:
    """Return what is seen of a word that nobody wrote in sounds, by its letters: about right, and in its time."""
    kinds = [_LETTERS.get(c, "murmur") for c in word.text.lower() if c.isalpha() and c not in _SILENT]
    return _in_a_row(kinds, float(word.span.start), float(word.span.end))


def _in_a_row(kinds: list[str], start_s: float, end_s: float) -> list[_Sound]:
    """Return sounds that share a time; none where there is no time to share."""
    if end_s <= start_s:
        return []
    edges = np.linspace(start_s, end_s, len(kinds) + 1).tolist()
    return [_Sound(kind, edges[i], edges[i + 1]) for i, kind in enumerate(kinds)]
