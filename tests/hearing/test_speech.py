"""Speech and voice: found where they are, at any loudness, in pieces of any length."""

from fractions import Fraction

import numpy as np
import pytest

from tests.talkies import hiss, spoken, tone
from veil.hearing.speech import FRAME_S, Activity, Listener, activity_of, speech_spans, voiced_spans
from veil.nouns.speech import HEARING_HZ
from veil.nouns.time import Span


def held(spans: tuple[Span, ...]) -> float:
    return float(sum(span.length_s for span in spans))


@pytest.mark.parametrize("quieter_db", [0, 40, 60])
def test_speech_is_found_at_any_loudness(quieter_db: int) -> None:
    """Speech is found where it is, however softly it was recorded, and the silence around it is none."""
    sound = spoken() * np.float32(10 ** (-quieter_db / 20))
    found = speech_spans(activity_of(sound))
    assert 0.3 < float(found[0].start) < 0.8
    assert 0.6 < held(found) / (len(sound) / HEARING_HZ - 1) < 1.1


def test_pieces_are_heard_like_the_whole() -> None:
    """Where a film is cut into pieces changes nothing that matters of what is heard in it."""
    sound, listener = spoken(), Listener()
    for start in range(0, len(sound), 7001):
        listener.take(sound[start : start + 7001])
    apart, whole = listener.done(), activity_of(sound)
    assert len(apart.spoken) == len(whole.spoken)
    np.testing.assert_allclose(apart.level_db, whole.level_db, atol=1e-3)
    assert float(np.mean((apart.spoken > 0.5) == (whole.spoken > 0.5))) > 0.9


def test_voice_holds_all_speech_and_what_is_around() -> None:
    """No speech lies outside what is owed another sound, and no sound near speech does."""
    breath = hiss(0.6, 0.02) * np.hanning(round(0.6 * HEARING_HZ)).astype(np.float32)
    sound = np.concatenate([np.zeros(HEARING_HZ, np.float32), breath, spoken(), np.zeros(5 * HEARING_HZ, np.float32)])
    activity = activity_of(sound + hiss(len(sound) / HEARING_HZ, 0.0005))
    (voiced,) = voiced_spans(activity)
    assert all(voiced.start <= s.start and s.end <= voiced.end for s in speech_spans(activity))
    assert float(voiced.start) <= 1.1, "the breath before the first word"
    assert voiced.end < activity.end - 3, "a silent end is nobody's voice"


def test_a_voice_without_words_is_voice() -> None:
    """What is periodic like a voice counts where nobody speaks: laughter and sobs are not left standing."""
    silence = np.zeros(3 * HEARING_HZ, np.float32)
    sob = tone(240, 0.5) * np.hanning(HEARING_HZ // 2).astype(np.float32)
    voiced = voiced_spans(activity_of(np.concatenate([silence, sob, silence])))
    assert any(Fraction(31, 10) in span and Fraction(34, 10) in span for span in voiced)


@pytest.mark.parametrize("sound", [np.zeros(4 * HEARING_HZ, np.float32), hiss(4)], ids=["silence", "noise"])
def test_silence_and_noise_are_nobody(sound: np.ndarray) -> None:
    """Neither silence nor even noise is taken for speech or for a voice."""
    activity = activity_of(sound)
    assert not speech_spans(activity)
    assert not voiced_spans(activity)


def test_nothing_is_nothing() -> None:
    """A film of no length holds no voice; what is no sound is refused."""
    assert not voiced_spans(Listener().done())
    with pytest.raises(ValueError, match="float32"):
        Listener().take(np.zeros((2, 8)))  # type: ignore[arg-type]


def test_spans_stay_inside_the_film() -> None:
    """However generous, no span begins before the film or ends after it."""
    loud = np.full(40, 0.9, np.float32)
    activity = Activity(loud, np.full(40, -20, np.float32), loud)
    (span,) = voiced_spans(activity)
    assert span == Span(Fraction(0), 40 * FRAME_S)
