"""Hidden words in the sound are found, words that merely sound alike are explained, and no report names any."""

from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
import soxr

from veil.adversary.words import (
    HiddenWord,
    Hit,
    Searched,
    Spotter,
    alike,
    attack_on_words,
    controls,
    explained,
    phones_of,
    said_openly,
)
from veil.nouns.speech import HEARING_HZ, Placed, Sound, Word
from veil.nouns.time import Span


@lru_cache(maxsize=4)
def said(text: str) -> Sound:
    """Return a text in the shipped preview's voice, at 16 kHz."""
    from hibari import SAMPLE_RATE, Hibari

    return np.asarray(soxr.resample(np.asarray(Hibari()(text), np.float32), SAMPLE_RATE, HEARING_HZ), np.float32)


def line(*words: tuple[str, float, float]) -> Placed:
    """Return a line of a new voice with these words, from and to."""
    there = tuple(Word(text, Span(Fraction(a), Fraction(b))) for text, a, b in words)
    return Placed("P1", Span(there[0].span.start, there[-1].span.end), there, (), "revoice")


def test_a_name_is_heard() -> None:
    """A name that no dictionary knows is heard where it is said, and not where another word stands."""
    spotter = Spotter(["Grisha", "Magomed"])
    hits = spotter.hits(said("My brother Grisha took the documents before anybody could see them."))
    assert [(hit.word, hit.sure) for hit in hits] == [("Grisha", True)]
    assert hits[0].at_s == pytest.approx(0.8, abs=0.4)
    assert not spotter.hits(said("My cousin took the papers before anybody could see them."))


def test_silence_and_nothing_to_search() -> None:
    """Nothing is heard in silence, and a search for nothing finds nothing."""
    assert not Spotter(["Grisha"]).hits(np.zeros(HEARING_HZ, np.float32))
    assert not Spotter([]).hits(np.ones(HEARING_HZ, np.float32))
    assert len(Spotter(["Li"])) == 0


def test_how_names_may_be_said() -> None:
    """Names in Latin and Cyrillic letters give the same phones, doubled letters count once, short ones are left out."""
    assert phones_of("Гриша") == phones_of("Grisha")
    assert "G R IH SH AH" in phones_of("Grisha")
    assert set(phones_of("Anna")) <= set(phones_of("Ana")) | set(phones_of("Anna"))
    assert phones_of("Li") == ()
    assert phones_of("42") == ()


def test_what_sounds_alike_is_explained() -> None:
    """A hit at a word that was meant and sounds alike is explained; elsewhere, or at another word, it is not."""
    lines = (line(("A", 0.0, 0.1), ("Russian", 0.1, 0.6), ("drove", 0.6, 1.0), ("home", 1.0, 1.4)),)
    hit = Hit("Ruslan", 0.2, sure=True, phones="R AH S L AH N")
    assert alike(hit.phones, "Russian")
    assert not alike(hit.phones, "mountains")
    assert explained(hit, lines)
    assert not explained(Hit("Ruslan", 3.2, sure=True, phones=hit.phones), lines)
    assert not explained(Hit("Akhmed", 0.2, sure=True, phones="AA K M EH D"), lines)


def test_words_that_voices_were_given() -> None:
    """A hidden word, in whatever form and letters, among the words of a line is found without any hearing."""
    hidden = (HiddenWord(("Гриша", "Гришей")),)
    assert said_openly(hidden, (line(("with", 0, 0.2), ("Grishey,", 0.2, 0.6)),)) == [0.2]
    assert said_openly(hidden, (line(("with", 0, 0.2), ("Yegor", 0.2, 0.6)),)) == []
    assert list(controls((line(("documents", 0, 0.5), ("at", 0.5, 0.6)),))) == ["documents"]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Searched((1.0,), (), (), 4, 4, 1), "exposed"),
        (Searched((), (2.0,), (), 4, 4, 1), "exposed"),
        (Searched((), (), (3.0,), 4, 4, 1), "warned"),
        (Searched((), (), (), 4, 1, 1), "warned"),
        (Searched((), (), (), 0, 0, 1), "warned"),
        (Searched((), (), (), 4, 4, 0), "warned"),
        (Searched((), (), (), 4, 3, 1), "safe"),
    ],
)
def test_verdicts(found: Searched, verdict: str) -> None:
    """What is heard exposes, what may be heard warns, and a search that does not hear never says safe."""
    assert attack_on_words(found, 25).verdict == verdict
