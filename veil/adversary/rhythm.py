"""Does the rhythm of the original stand in the result? Where words begin within their phrases, beyond their text.

Phone and word timing tells people apart (Tomashenko et al., arXiv:2412.17164), whatever voice speaks. Phrases begin
where the original's do, by design; inside of them the new voice should keep its own time. Compared is how far each word
lies from where its letters alone would put it: by the text alone two voices agree a little, copied times agree wholly.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from veil.nouns.report import Attack
from veil.nouns.speech import Phrase, Placed, Word

LIMIT = 0.8
"""Correlation from which rhythm counts as carried over; see `bench/voices.py` for what free and copied timing reach."""
_FEWEST = 12  # words inside phrases, of which nothing is told below
TIMING = "voice timing"


def lead(words: Sequence[Word]) -> NDArray[np.float64]:
    """Return how far each word but the first begins from where its letters would put it, as a share of the phrase."""
    starts = np.array([float(w.span.start) for w in words])
    length_s = float(words[-1].span.end) - starts[0]
    letters = np.cumsum([0, *(len(w.text) + 1 for w in words)]).astype(np.float64)
    return np.asarray((starts[1:] - starts[0]) / max(length_s, 1e-6) - letters[1:-1] / letters[-1], np.float64)


def rhythm(original: Sequence[Phrase], result: Sequence[Placed]) -> tuple[float, int] | None:
    """Return the correlation of two rhythms, -1 to 1, and of how many words; None where too little can be compared.

    Only phrases of at least three timed words count, of which as many are said in the result.
    """
    ours: list[NDArray[np.float64]] = []
    theirs: list[NDArray[np.float64]] = []
    for line in result:
        phrase = max(original, key=lambda p: _shared_s(p, line), default=None)
        if phrase is None or _shared_s(phrase, line) <= 0 or len(phrase.words) != len(line.words):
            continue
        if len(line.words) >= 3 and all(w.timed for w in phrase.words):
            ours.append(lead(phrase.words))
            theirs.append(lead(line.words))
    if sum(map(len, ours)) < _FEWEST:
        return None
    one, other = np.concatenate(ours), np.concatenate(theirs)
    if min(one.std(), other.std()) < 1e-9:
        return None
    return float(np.corrcoef(one, other)[0, 1]), len(one)


def attack_on_rhythm(person: str, original: Sequence[Phrase], result: Sequence[Placed]) -> Attack | None:
    """Return whether the rhythm of somebody's words crossed: it warns; None where there is too little to say."""
    found = rhythm([p for p in original if p.speaker == person], result)
    if found is None:
        return None
    score, words = found
    if score >= LIMIT:
        said = (
            f"words begin in their phrases as they did in the original ({words} words): rhythm alone tells people apart"
        )
        return Attack(person, TIMING, "rhythm of words", score, LIMIT, "warned", said=said)
    said = (
        f"inside its phrases the new voice keeps its own time ({words} words); phrases begin where they did, by design"
    )
    return Attack(person, TIMING, "rhythm of words", score, LIMIT, "safe", said=said)


def _shared_s(phrase: Phrase, line: Placed) -> float:
    return float(min(phrase.span.end, line.span.end) - max(phrase.span.start, line.span.start))
