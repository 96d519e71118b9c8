"""Spelling: the words of a text, and one key for a name however it is spelled, in Latin or in Cyrillic letters."""

import bisect
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_I = frozenset({"i", "i'm", "i've", "i'd", "i'll"})
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_FAR = 30  # words: further from any capital nobody wrote them
_STOP = re.compile(r"(?<![.…])[.!?][»”\"')]*\s+[«„“\"'(]*$")  # the end of a sentence; after an ellipsis it may go on
_WORD = re.compile(r"[^\W_]+(?:['’`\-‑][^\W_]+)*")
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f h ts ch sh sch  i  e iu ia".split(" "),
        strict=True,
    )
)
_SAME = (
    ("kh", "h"), ("ph", "f"), ("ck", "k"), ("dzh", "j"), ("dj", "j"), ("x", "ks"), ("q", "k"), ("w", "v"), ("ou", "u"),
    ("oo", "u"), ("ee", "i"), ("y", "i"), ("ks", "ks"),
)  # fmt: skip


@dataclass(frozen=True)
class Token:
    """One word of a text: characters `start` to `end`, without the punctuation around it."""

    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()

    @property
    def low(self) -> str:
        return self.text.lower().replace("ё", "е").replace("’", "'")


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a text in order; hyphens and apostrophes inside a word belong to it."""
    return tuple(Token(m[0], m.start(), m.end()) for m in _WORD.finditer(text))


def key_of(word: str) -> str:
    """Return one key for all spellings of a name: lower case, Latin letters, no accents, nothing doubled."""
    plain = unicodedata.normalize("NFKD", word.lower().replace("ё", "е").replace("й", "и"))
    letters = "".join(_LATIN.get(c, c) for c in plain if not unicodedata.combining(c))
    letters = re.sub(r"[^\w]+", "", letters)
    for one, other in _SAME:
        letters = letters.replace(one, other)
    return re.sub(r"(.)\1+", r"\1", letters)


def is_cased(text: str) -> bool:
    """Tell whether a text is written with capitals, as people write; recognisers often write none."""
    words = [t for t in tokens(text) if t.low not in _I]
    capitals = sum(t.capital for t in words)
    return capitals > 0 and capitals >= 0.02 * len(words)


def cased_words(text: str, words: Sequence[Token]) -> tuple[bool, ...]:
    """Tell of each word whether it stands where people wrote capitals; a recogniser's lines may hold corrected ones.

    A sentence that begins with a small letter has none, nor has what is far from any capital.
    """
    if not is_cased(text):
        return (False,) * len(words)
    capitals = [i for i, w in enumerate(words) if w.capital and w.low not in _I]
    cased, at = [], True
    for i, word in enumerate(words):
        if i == 0 or _STOP.search(text[words[i - 1].end : word.start]):
            at = not word.text[:1].islower()
        near = bisect.bisect_left(capitals, i - _FAR)
        cased.append(at and near < len(capitals) and capitals[near] <= i + _FAR)
    return tuple(cased)


def like(word: str, pattern: str) -> str:
    """Return `word` with the capitals of `pattern`: none, the first, or all."""
    letters = [c for c in pattern if c.isalpha()]
    if not letters:
        return word
    if len(letters) > 1 and all(c.isupper() for c in letters):
        return word.upper()
    return word.lower() if letters[0].islower() and all(c.islower() for c in letters) else word
