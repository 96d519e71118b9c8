"""Turns: who speaks when, by ear and by eye."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.murmurs import HIGH, LOW, Throat, mouth, murmur
from veil.hearing.turns import turns
from veil.nouns.lips import Lips
from veil.nouns.speech import DOUBTFUL_TURN, Turn
from veil.nouns.time import Span

Talk = tuple[NDArray[np.float32], tuple[Span, ...], list[tuple[float, NDArray[np.float64]]]]


def talk(*parts: tuple[Throat, float], pause_s: float = 0.8) -> Talk:
    """Return murmurs one after another, where they are voiced, and when and how each one's mouth opens."""
    sounds, voiced, mouths, at_s = [], [], [], 0.0
    for seed, (throat, length_s) in enumerate(parts):
        sound, opening = murmur(throat, length_s, seed)
        sounds += [sound, np.zeros(round(pause_s * 16_000), np.float32)]
        voiced.append(Span(Fraction(at_s).limit_denominator(100), Fraction(at_s + length_s).limit_denominator(100)))
        mouths.append((at_s, opening))
        at_s += length_s + pause_s
    sound = np.concatenate(sounds)
    noise = np.random.default_rng(9).normal(size=len(sound)) * 1e-3
    return np.asarray(sound + noise, np.float32), tuple(voiced), mouths


def most(found: tuple[Turn, ...], span: Span) -> str:
    """Return who speaks most of a span."""
    heard: dict[str, Fraction] = {}
    for turn in found:
        if turn.span.meets(span):
            shared = min(turn.span.end, span.end) - max(turn.span.start, span.start)
            heard[turn.speaker] = heard.get(turn.speaker, Fraction(0)) + shared
    return max(heard, key=lambda label: heard[label])


def still(end_s: float) -> Lips:
    return mouth(np.zeros(0), 0, end_s)


def test_two_voices_are_two_speakers() -> None:
    """Voices that nobody is seen to speak with are V1 and V2, in order of time, each the same wherever it comes."""
    sound, voiced, _ = talk((LOW, 3), (HIGH, 3), (LOW, 2.5), (HIGH, 2.5))
    found = turns(sound, voiced, {})
    assert [most(found, span) for span in voiced] == ["V1", "V2", "V1", "V2"]


def test_a_change_without_a_pause_is_found() -> None:
    """Where the voice changes in the middle of voiced sound the turn changes, within half a second."""
    sound, _, _ = talk((LOW, 4), (HIGH, 4), pause_s=0)
    found = turns(sound, (Span(Fraction(0), Fraction(8)),), {})
    first, second = [t for t in found if t.span.length_s > 2]
    assert first.speaker != second.speaker
    assert abs(second.span.start - 4) < Fraction(1, 2)


def test_a_voice_belongs_to_the_mouth_that_moves_with_it() -> None:
    """Each voice gets the label of the person whose lips move while it is heard, and not of who keeps still."""
    sound, voiced, mouths = talk((LOW, 6), (HIGH, 6))
    end_s = len(sound) / 16_000
    lips = {"P1": mouth(mouths[1][1], mouths[1][0], end_s), "P2": mouth(mouths[0][1], mouths[0][0], end_s)}
    found = turns(sound, voiced, lips)
    assert [most(found, span) for span in voiced] == ["P2", "P1"]
    assert all(t.sure >= DOUBTFUL_TURN for t in found if t.span.length_s > 1)


def test_a_silent_face_gets_no_voice() -> None:
    """A narrator over the picture of somebody who keeps still stays V1."""
    sound, voiced, _ = talk((LOW, 4))
    assert {t.speaker for t in turns(sound, voiced, {"P1": still(5)})} == {"V1"}


def test_a_smile_is_no_speech() -> None:
    """Lips that part slowly and stay parted do not take a voice."""
    sound, voiced, _ = talk((LOW, 4))
    slow = np.clip(np.linspace(-0.5, 2.0, 125), 0, 1)
    assert {t.speaker for t in turns(sound, voiced, {"P1": mouth(slow, 0, 5)})} == {"V1"}


def test_a_voice_is_known_where_its_face_is_not_seen() -> None:
    """Somebody who was seen to speak keeps the voice when it goes on without their face."""
    sound, voiced, mouths = talk((LOW, 3), (HIGH, 3), (LOW, 3))
    lips = {"P1": mouth(mouths[0][1], 0, 3.4)}
    found = turns(sound, voiced, lips)
    assert [most(found, span) for span in voiced] == ["P1", "V1", "P1"]


def test_a_voice_like_theirs_from_elsewhere_is_not_theirs() -> None:
    """What sounds like a person while they are seen to keep still is not surely said by them."""
    sound, voiced, mouths = talk((LOW, 6), (LOW, 4))
    found = turns(sound, voiced, {"P1": mouth(mouths[0][1], 0, 11.6)})
    assert most(found, voiced[0]) == "P1"
    assert all(t.speaker != "P1" or t.sure < DOUBTFUL_TURN or t.span.length_s < 1 for t in found if t.span.start > 6)
    assert most(found, voiced[1]) == "V1"


def test_a_dubbed_mouth_is_never_sure() -> None:
    """Somebody whose lips move all the time, but not with the sound, is at most a doubtful owner of the voice."""
    sound, voiced, _ = talk((LOW, 10))
    _, other = murmur(LOW, 10, 7)
    found = turns(sound, voiced, {"P1": mouth(other, 0, 10.8)})
    assert all(t.sure < DOUBTFUL_TURN for t in found if t.speaker == "P1")


def test_two_mouths_at_once_are_marked() -> None:
    """Where two people are seen to speak at once, both have a turn, and it is marked as overlapped."""
    low, one = murmur(LOW, 4, 0)
    high, other = murmur(HIGH, 4, 1)
    sound = np.asarray(0.5 * (low[:60_000] + high[:60_000]), np.float32)
    found = turns(sound, (Span(Fraction(0), Fraction(15, 4)),), {"P1": mouth(one, 0, 4), "P2": mouth(other, 0, 4)})
    assert {t.speaker for t in found} == {"P1", "P2"}
    for turn in found:
        marked = sum((s.length_s for s in turn.overlapped), Fraction(0))
        assert marked >= turn.span.length_s * Fraction(4, 5)


def test_all_that_is_voiced_lies_in_a_turn() -> None:
    """No instant of voiced sound is without a speaker: odd ends, blips and time behind the sound included."""
    sound, voiced, _ = talk((LOW, 2), (HIGH, 1.23))
    blips = (Span(Fraction(243, 100), Fraction(249, 100)), Span(Fraction(19, 5), Fraction(7)))
    every = tuple(sorted((*voiced, *blips)))
    found = turns(sound, every, {})
    for span in every:
        edges = sorted({span.start, span.end, *(e for t in found for e in (t.span.start, t.span.end) if e in span)})
        for a, b in pairwise(edges):
            assert any((a + b) / 2 in turn.span for turn in found)


@pytest.mark.parametrize("seconds", [0, 0.05, 1])
def test_silence_and_nothing_have_no_turns(seconds: float) -> None:
    """A sound in which nothing is voiced, or none at all, gives no turn."""
    assert turns(np.zeros(round(seconds * 16_000), np.float32), (), {"P1": still(2)}) == ()


def test_voiced_digital_silence_is_doubtful() -> None:
    """Voiced time that holds nothing to be told by is a turn that nobody should trust."""
    found = turns(np.zeros(16_000, np.float32), (Span(Fraction(2), Fraction(3)),), {})
    assert [(t.speaker, t.sure) for t in found] == [("V1", 0.0)]


def test_a_wrong_sound_is_refused() -> None:
    """Sound that is not one row of float32 is an error of the caller."""
    with pytest.raises(ValueError, match="float32"):
        turns(np.zeros((2, 100), np.float32), (), {})
