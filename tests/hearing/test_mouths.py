"""Mouths: do they talk, and with this sound?"""

import numpy as np

from tests.murmurs import LOW, mouth, murmur
from veil.hearing.mouths import Mouth, loudness
from veil.nouns.lips import Lips


def test_a_talking_mouth_is_told_from_one_at_rest() -> None:
    """Lips that open and close as syllables do speak for speech; resting ones against it."""
    _, opening = murmur(LOW, 4, 0)
    found = Mouth(mouth(opening, 4, 8), 80)
    assert found.talks[45:75].min() > 1
    assert found.talks[5:35].max() < -1


def test_a_mouth_that_is_not_trusted_says_nothing() -> None:
    """Frames in which the mouth was not seen well count neither for nor against."""
    _, opening = murmur(LOW, 4, 0)
    seen = mouth(opening, 0, 4)
    blind = Lips(seen.at_s, seen.opening, seen.width, seen.at_s < 2)
    found = Mouth(blind, 40)
    assert not found.seen[24:].any()
    assert not found.talks[24:].any()


def test_a_mouth_follows_its_own_sound_only() -> None:
    """Lips fit the loudness of what they say, a fifth of a second late or not, better than of something else."""
    sound, opening = murmur(LOW, 12, 0)
    other, _ = murmur(LOW, 12, 5)
    everywhere = np.ones(120, np.bool_)
    late = np.concatenate([np.zeros(3), opening])[: len(opening)]
    for lips in (mouth(opening, 0, 12), mouth(late, 0, 12)):
        own = Mouth(lips, 120).follows(loudness(sound), everywhere)
        strange = Mouth(lips, 120).follows(loudness(other), everywhere)
        assert own is not None
        assert strange is not None
        assert own > 2.5
        assert own > strange + 1


def test_little_time_tells_nothing() -> None:
    """Of a second of speech nobody can say whether the lips follow it."""
    sound, opening = murmur(LOW, 1, 0)
    assert Mouth(mouth(opening, 0, 1), 10).follows(loudness(sound), np.ones(10, np.bool_)) is None
