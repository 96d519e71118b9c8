"""Rhythm that crossed is told; a voice that keeps its own time is not accused; too little says nothing."""

from fractions import Fraction

import numpy as np

from veil.adversary.rhythm import attack_on_rhythm, rhythm
from veil.nouns.speech import Phrase, Placed, Word
from veil.nouns.time import Span

TEXT = "when they had come to the house nobody was there any more and we went on"


def words(seed: int, start_s: float) -> tuple[Word, ...]:
    """Return the text said from `start_s` on in 5 s, each word as long as it pleases."""
    random = np.random.default_rng(seed)
    lengths = np.array([len(w) + 1 for w in TEXT.split()]) * random.uniform(0.4, 1.8, len(TEXT.split()))
    ends = start_s + np.cumsum(lengths) / lengths.sum() * 5
    starts = np.concatenate([[start_s], ends[:-1]])
    return tuple(
        Word(text, Span(Fraction(float(a)), Fraction(float(b))))
        for text, a, b in zip(TEXT.split(), starts, ends, strict=True)
    )


def phrases(seed: int, count: int = 4) -> tuple[Phrase, ...]:
    """Return phrases of one speaker, 6 s apart."""
    said = [words(seed + i, 6.0 * i) for i in range(count)]
    return tuple(Phrase("P1", Span(w[0].span.start, w[-1].span.end), w) for w in said)


def placed(of: tuple[Phrase, ...]) -> tuple[Placed, ...]:
    """Return the same words at the same times as lines of a new voice."""
    return tuple(Placed(p.speaker, p.span, p.words, (), "revoice") for p in of)


def test_copied_rhythm_is_told() -> None:
    """Words that begin exactly where the original's do are told as a warning."""
    attack = attack_on_rhythm("P1", phrases(1), placed(phrases(1)))
    assert attack is not None
    assert attack.verdict == "warned"
    assert attack.channel == "voice timing"


def test_its_own_time_is_safe() -> None:
    """A voice that says the same words in its own time is safe."""
    attack = attack_on_rhythm("P1", phrases(1), placed(phrases(50)))
    assert attack is not None
    assert attack.verdict == "safe"


def test_too_little_says_nothing() -> None:
    """Of a few words, of other words, or of words whose times nobody knows, nothing is told."""
    few = phrases(1, 1)[0]
    short = Phrase("P1", few.span, few.words[:6])
    assert rhythm([short], placed((short,))) is None
    assert attack_on_rhythm("P2", phrases(1), placed(phrases(1))) is None
    untimed = tuple(p.renamed(tuple(Word(w.text, w.span, timed=False) for w in p.words)) for p in phrases(1))
    assert rhythm(untimed, placed(phrases(1))) is None
