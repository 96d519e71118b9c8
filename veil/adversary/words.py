"""Is a hidden word heard in the result? Searches its sound with a recogniser that the defence does not use.

Names are in no recogniser's dictionary, so a transcript would miss them; the sound is searched for the phones of each
word instead (keyword spotting: CMU Sphinx, Huggins-Daines et al., ICASSP 2006). Words that merely sound alike are told
apart by what was meant to be said there; that the search can hear at all is shown by words that are surely there.
"""

import difflib
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from veil.models.packages import packaged_paths
from veil.nouns.report import Attack, Verdict
from veil.nouns.speech import HEARING_HZ, Placed, Sound

SPOKEN = "spoken words"
HEARS = 0.5
"""Share of the words that are surely said which the search must hear, or it proves nothing."""
_SURE, _FAINT = 1e-20, 1e-30  # likelihood ratios from which a word is heard, and perhaps heard
_ALIKE = 0.72  # of the phones: from here on two words sound alike
_NEAR_S = 0.6
_PHONE_S = 0.11
_AGREED, _HALF = 0.7, 0.5  # of a word's phones, which a search for phones alone must hear there too
_MANY_PHONES = 5
_FRAME_S = 0.01
_CONTROLS = 16  # words that are surely said, by which the search is tried
_CONTROL_LETTERS = 6
_FEWEST_PHONES = 4  # a shorter word is heard everywhere

_SOUNDS = (
    ("shch", "SH CH"), ("sch", "SH"), ("tch", "CH"), ("sh", "SH"), ("ch", "CH"), ("zh", "ZH"), ("kh", "K"),
    ("th", "TH"), ("ph", "F"), ("ts", "T S"), ("ck", "K"), ("qu", "K W"), ("ng", "NG"), ("gh", "G"), ("dj", "JH"),
    ("ya", "Y AA"), ("yu", "Y UW"), ("yo", "Y OW"), ("ye", "Y EH"), ("oo", "UW"), ("ee", "IY"), ("ou", "UW"),
    ("ai", "AY"), ("ei", "EY"), ("ay", "AY"), ("ey", "IY"), ("iy", "IY"), ("b", "B"), ("c", "K"), ("d", "D"),
    ("f", "F"), ("g", "G"), ("h", "HH"), ("j", "JH"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"), ("p", "P"),
    ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("v", "V"), ("w", "W"), ("x", "K S"), ("z", "Z"), ("y", "IY"),
)  # fmt: skip
_VOWELS: tuple[dict[str, str], ...] = (
    {"a": "AA", "e": "EH", "i": "IH", "o": "OW", "u": "UW"},
    {"a": "AH", "e": "EH", "i": "IY", "o": "AA", "u": "UW"},
    {"a": "AE", "e": "IY", "i": "IH", "o": "AA", "u": "AH"},
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ i _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)


@dataclass(frozen=True)
class HiddenWord:
    """A word that must not be heard, in every form in which it may be said."""

    forms: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A place where a word is heard, perhaps; `phones` are those that were searched."""

    word: str
    at_s: float
    sure: bool
    phones: str


def phones_of(word: str) -> tuple[str, ...]:
    """Return how a word may be said, each as ARPAbet phones; none for a word too short to be searched for."""
    plain = _plain(word)
    known = [said for k in range(1, 4) if (said := _dictionary().get(plain if k == 1 else f"{plain}({k})"))]
    ruled = [_ruled(plain, vowels) for vowels in _VOWELS]
    ruled += [_reduced(said) for said in ruled[:1]]
    ways = dict.fromkeys((*known, *ruled))
    return tuple(way for way in ways if len(way.split()) >= _FEWEST_PHONES)


def _plain(word: str) -> str:
    """Return a word in small Latin letters."""
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in word.lower())
    bare = unicodedata.normalize("NFKD", latin)
    return re.sub(r"[^a-z]", "", bare)


def _ruled(plain: str, vowels: Mapping[str, str]) -> str:
    """Return the phones of a word by its letters, doubled ones once."""
    phones: list[str] = []
    letters = re.sub(r"([^oe])\1", r"\1", plain)
    while letters:
        said = next(((spelt, said) for spelt, said in _SOUNDS if letters.startswith(spelt)), None)
        spelt, sound = said or (letters[0], vowels[letters[0]])
        if spelt == "a" and letters == "a":
            sound = "AH"
        phones.append(sound)
        letters = letters[len(spelt) :]
    return " ".join(phones)


def _reduced(phones: str) -> str:
    """Return phones of which every vowel but the first is said without stress."""
    said, seen = [], False
    for phone in phones.split():
        vowel = phone[0] in "AEIOU"
        said.append("AH" if vowel and seen and phone not in {"IY", "IH"} else phone)
        seen |= vowel
    return " ".join(said)


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, str]:
    lines = _model()["cmudict-en-us.dict"].read_text("utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _model() -> dict[str, Any]:
    return {path.name: path for path in packaged_paths("pocketsphinx_en", "adversary")}


class Spotter:
    """Searches sound for words; it belongs to one thread."""

    def __init__(self, words: Iterable[str]) -> None:
        import pocketsphinx  # slow, and only where there is something to search for

        model = _model()
        self._decoder: Any = pocketsphinx.Decoder(
            hmm=str(model["mdef"].parent), dict=str(model["cmudict-en-us.dict"]), lm=None, loglevel="FATAL"
        )
        self._keys: dict[str, tuple[str, str]] = {}
        for word in dict.fromkeys(words):
            for phones in phones_of(word):
                key = f"k{len(self._keys)}"
                self._keys[key] = (word, phones)
                self._decoder.add_word(key, phones, update=False)
        for name, least in (("sure", _SURE), ("faint", _FAINT)):
            if self._keys:
                self._search(name, least)

    def _search(self, name: str, least: float) -> None:
        with tempfile.TemporaryDirectory() as folder:  # the keys say nothing: k0, k1, ...
            listed = Path(folder) / "keys"
            listed.write_text("".join(f"{key} /{least:g}/\n" for key in self._keys), "utf-8")
            self._decoder.add_kws(name, str(listed))

    def __len__(self) -> int:
        """Return how many words are searched for."""
        return len({word for word, _ in self._keys.values()})

    def hits(self, sound: Sound) -> tuple[Hit, ...]:
        """Return what is heard in a sound at 16 kHz, in order of time."""
        if not self._keys or len(sound) < HEARING_HZ // 4:
            return ()
        samples = (np.clip(sound / max(float(np.abs(sound).max()), 1e-4), -1, 1) * 20000).astype(np.int16).tobytes()
        spots = self._heard("sure", samples)
        spots += [hit for hit in self._heard("faint", samples) if not any(_same(hit, other) for other in spots)]
        heard = self._phones(samples) if spots else []
        weighed = [replace(hit, sure=sure) for hit in spots if (sure := _weighed(hit, heard)) is not None]
        best: list[Hit] = []
        for hit in sorted(weighed, key=lambda h: (not h.sure, h.at_s)):
            if not any(_same(hit, other) for other in best):
                best.append(hit)
        return tuple(sorted(best, key=lambda h: h.at_s))

    def _phones(self, samples: bytes) -> list[tuple[str, float]]:
        """Return every phone that is heard, whatever the words, and when it begins."""
        ear = _phone_ear()
        ear.start_utt()
        ear.process_raw(samples, full_utt=True)
        ear.end_utt()
        return [] if ear.hyp() is None else [(phone.word, phone.start_frame * _FRAME_S) for phone in ear.seg()]

    def _heard(self, search: str, samples: bytes) -> list[Hit]:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        spots = [(segment.word.strip(), segment.start_frame * _FRAME_S) for segment in decoder.seg()]
        return [Hit(self._keys[k][0], at_s, search == "sure", self._keys[k][1]) for k, at_s in spots if k in self._keys]


@lru_cache(maxsize=1)
def _phone_ear() -> Any:
    """Return a decoder of phones, of any language's as English ones."""
    import pocketsphinx

    model = _model()
    return pocketsphinx.Decoder(
        hmm=str(model["mdef"].parent),
        dict=str(model["cmudict-en-us.dict"]),
        lm=None,
        loglevel="FATAL",
        allphone=str(model["en-us-phone.lm.bin"]),
        lw=2.0,
        beam=1e-20,
        pbeam=1e-20,
    )


def _weighed(hit: Hit, heard: Sequence[tuple[str, float]]) -> bool | None:
    """Return whether a second search, for phones alone, is sure of a hit; None where it does not hear the word."""
    wanted = _shape(hit.phones)
    ends_s = hit.at_s + _PHONE_S * len(wanted) + 0.1
    near = _shape(" ".join(phone for phone, at_s in heard if hit.at_s - 0.1 <= at_s <= ends_s and phone.isalpha()))
    blocks = difflib.SequenceMatcher(None, wanted, near, autojunk=False).get_matching_blocks()
    there = sum(block.size for block in blocks)
    share = there / len(wanted)
    if not hit.sure:
        return False if share >= _AGREED and there >= _MANY_PHONES else None
    enough = _AGREED if len(wanted) > _MANY_PHONES else 1.0  # of a short word half the language is alike
    return share >= enough or (False if share >= _HALF else None)


def _same(one: Hit, other: Hit) -> bool:
    return one.word == other.word and abs(one.at_s - other.at_s) < _NEAR_S


def alike(phones: str, word: str) -> bool:
    """Tell whether a word that was meant to be said sounds like the phones that were heard."""
    wanted = _shape(phones)
    return any(
        difflib.SequenceMatcher(None, wanted, _shape(said), autojunk=False).ratio() >= _ALIKE
        for said in (*phones_of(word), _ruled(_plain(word), _VOWELS[0]) if _plain(word) else "")
    )


def _shape(phones: str) -> list[str]:
    """Return phones of which all vowels are one, and voiced ones their voiceless kin."""
    kin = {"B": "P", "D": "T", "G": "K", "V": "F", "Z": "S", "ZH": "SH", "JH": "CH", "DH": "TH"}
    return ["A" if phone[0] in "AEIOU" else kin.get(phone, phone) for phone in phones.split()]


def explained(hit: Hit, lines: Sequence[Placed]) -> bool:
    """Tell whether what is heard is what was meant to be said there, which merely sounds like the hidden word."""
    near = [
        word.text
        for line in lines
        for word in line.words
        if float(word.span.start) - _NEAR_S <= hit.at_s <= float(word.span.end) + _NEAR_S
    ]
    pairs = [one + other for one, other in pairwise(near)]
    return any(alike(hit.phones, said) for said in (*near, *pairs))


def controls(lines: Sequence[Placed]) -> dict[str, list[tuple[float, float]]]:
    """Return some long words that are surely said, and when: by them it is seen whether the search hears."""
    said: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        for word in line.words:
            if len(_plain(word.text)) >= _CONTROL_LETTERS:
                said.setdefault(_plain(word.text), []).append((float(word.span.start), float(word.span.end)))
    longest = sorted(said, key=lambda w: (-len(w), w))[:_CONTROLS]
    return {word: said[word] for word in longest}


def said_openly(hidden: Iterable[HiddenWord], lines: Sequence[Placed]) -> list[float]:
    """Return when a hidden word is among the words that the new voices were given."""
    forms = {_plain(form) for word in hidden for form in word.forms} - {""}
    return [float(w.span.start) for line in lines for w in line.words if _plain(w.text) in forms]


@dataclass(frozen=True)
class Searched:
    """What a search of the result gave."""

    given: tuple[float, ...]  # when new voices were given a hidden word
    sure: tuple[float, ...]
    faint: tuple[float, ...]
    controls: int
    spotted: int  # of the controls
    searched: int  # hidden words long enough to be searched for


def attack_on_words(found: Searched, rate_hz: float) -> Attack:
    """Return the verdict on hidden words in the sound; it names none of them."""

    def said(verdict: Verdict, words: str, at_s: float | None = None) -> Attack:
        frame = None if at_s is None else int(at_s * rate_hz)
        return Attack(None, SPOKEN, "keyword spotting", None, None, verdict, frame, words)

    if found.given:
        return said("exposed", f"a new voice says a hidden word in {len(found.given)} places", found.given[0])
    if found.sure:
        words = f"a hidden word is heard in {len(found.sure)} places: listen there; give it another alias or cover it"
        return said("exposed", words, found.sure[0])
    control = f"{found.spotted} of {found.controls} words that are surely said were heard by the same search"
    if found.faint:
        words = f"something like a hidden word is heard in {len(found.faint)} places: listen there; {control}"
        return said("warned", words, found.faint[0])
    if not found.searched:
        return said("warned", "no hidden word is long enough to be searched for in the sound: listen yourself")
    if found.spotted < max(1, HEARS * found.controls):
        return said("warned", f"the search does not hear this speech ({control}): listen for hidden words yourself")
    return said("safe", f"no hidden word is heard; {control}")
