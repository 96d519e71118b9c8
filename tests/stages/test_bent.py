"""Voices that are bent: only the sound of their own turns is given to what bends, and hidden words are not in it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import sounds
from veil.errors import VeilError
from veil.media import SOUND_HZ
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Phrase, Sound, Transcript, Turn, Word
from veil.nouns.time import Span
from veil.nouns.voicing import Voicing
from veil.stages.bent import bent, bent_spans, hidden_words
from veil.stages.lines import lines
from veil.stages.utterances import Utterances, Voices

PLAN = Plan(3, {"P1": Role(voicing=Voicing(by="convert"))}, hidden_from="the public")
WORDS = Transcript("en", (Phrase("P1", Span(Fraction(1), Fraction(4)), tuple(
    Word(text, Span(Fraction(at), Fraction(at + 1))) for at, text in ((1, "we"), (2, "met"), (3, "Vera"))
)),))  # fmt: skip
HEARD = Heard((Turn("P1", Span(Fraction(1), Fraction(4))), Turn("P2", Span(Fraction(7, 2), Fraction(6)))), (), WORDS)


def kept(folder: Path, given: list[Sound] | None = None) -> Utterances:
    def bend(seed: int, sound: Sound) -> Sound:
        del seed
        if given is not None:
            given.append(sound)
        return -sound

    return Utterances(folder, PLAN, Voices({}, bend))


def test_only_own_turns_are_given_away() -> None:
    """Bent is what is surely theirs and nobody else's: no overlap, no doubtful turn, nobody with another voice."""
    assert bent_spans(PLAN, HEARD) == [("P1", Span(Fraction(1), Fraction(7, 2)))]
    doubtful = replace(HEARD, turns=(replace(HEARD.turns[0], sure=0.3),))
    assert not bent_spans(PLAN, doubtful)
    assert not bent_spans(Plan(3), HEARD)


def test_a_bent_turn_lies_where_it_was_without_hidden_words(tmp_path: Path) -> None:
    """The turn is bent at its place, as long as it was; a word that the transcript hides is silent in it."""
    sound = sounds.murmur(6)
    pieces = [sound[None, start : start + SOUND_HZ] for start in range(0, len(sound), SOUND_HZ)]
    alias = (*WORDS.phrases[0].words[:2], replace(WORDS.phrases[0].words[2], text="Nina"))
    disguised = replace(WORDS, phrases=(WORDS.phrases[0].renamed(alias),))
    given: list[Sound] = []
    ((utterance, place),) = bent(PLAN, HEARD, disguised, kept(tmp_path, given), pieces)
    assert (place.at, place.length_s) == (Fraction(1), Fraction(5, 2))
    name = slice(round(1.92 * SOUND_HZ), None)
    assert not given[0][name].any()
    middle = slice(SOUND_HZ // 10, round(1.9 * SOUND_HZ))
    assert np.array_equal(given[0][middle], sound[SOUND_HZ:][middle])
    assert np.abs(utterance.spoken().sound + given[0]).max() < 1e-4
    assert not utterance.dry
    bent(PLAN, HEARD, disguised, kept(tmp_path, given), pieces)
    assert len(given) == 1, "what is kept is not bent again"


def test_what_nobody_knows_or_took_out_is_not_bent(tmp_path: Path) -> None:
    """A word that a person took out of the transcript is silent, and so is what nobody wrote down or was emptied."""
    phrase = WORDS.phrases[0]
    shorter = replace(WORDS, phrases=(phrase.renamed(phrase.words[:2]),))
    heard = replace(HEARD, transcript=shorter, recognised=phrase.words, turns=HEARD.turns[:1])
    assert hidden_words(replace(heard, transcript=WORDS), WORDS, "P1") == ()
    assert hidden_words(heard, shorter, "P1") == (Span(Fraction(73, 25), Fraction(102, 25)),)
    emptied = replace(WORDS, phrases=(replace(phrase, words=()),))
    given: list[Sound] = []
    sound = sounds.murmur(6)[None]
    bent(PLAN, replace(heard, transcript=emptied, recognised=()), emptied, kept(tmp_path, given), [sound])
    assert not np.concatenate(given).any()


def test_what_is_bent_is_not_said_as_well() -> None:
    """A bent voice has no lines for a new one."""
    assert not lines(PLAN, WORDS, Fraction(10))


def test_where_nothing_bends_it_is_an_error(tmp_path: Path) -> None:
    """Without a way to bend, the plan that asks for it gets a sentence."""
    with pytest.raises(VeilError, match="convert"):
        bent(PLAN, HEARD, WORDS, Utterances(tmp_path, PLAN, Voices({})), [sounds.murmur(6)[None]])
