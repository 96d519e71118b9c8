"""A recording is known again, however it was coded, and no other one is taken for it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from veil.adversary.soundprint import LIMIT, Sound, agreement, attack_on_sound

RATE_HZ = 8000


def talk(seed: int, length_s: float = 8) -> Sound:
    """Return something like speech: hums of changing pitch and noise through changing resonances, with pauses."""
    rng = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    pitch = rng.uniform(90, 220)
    while sum(p.size for p in parts) < length_s * RATE_HZ:
        count = round(rng.uniform(0.05, 0.25) * RATE_HZ)
        at = np.arange(count) / RATE_HZ
        pitch = float(np.clip(pitch * rng.uniform(0.85, 1.18), 80, 260))
        tones, weights = pitch * np.arange(1, 15), rng.uniform(0, 1, 14) ** 2
        voiced = (weights[:, None] * np.sin(2 * np.pi * tones[:, None] * at)).sum(0)
        sound = voiced if rng.random() < 0.7 else 2 * rng.standard_normal(count)
        parts.append(sound * np.hanning(count) * (rng.random() > 0.15))
    whole = np.concatenate(parts)[: round(length_s * RATE_HZ)]
    return np.asarray(0.3 * whole / np.abs(whole).max(), np.float32)


def test_the_same_recording_is_known() -> None:
    """Louder, noisier, a little later and coarser: it is the same recording, and exposed."""
    original = talk(1)
    noise = 0.01 * np.random.default_rng(2).standard_normal(original.size)
    changed = np.roll(np.round((0.6 * original + noise) * 60) / 60, 900).astype(np.float32)
    for result in (original, changed):
        attack = attack_on_sound(original, result, RATE_HZ)
        assert attack.verdict == "exposed"
        assert attack.score is not None
        assert attack.score > 0.75


@pytest.mark.parametrize("seed", range(4))
def test_another_recording_is_not(seed: int) -> None:
    """Other talk agrees by chance only, below the limit wherever it is laid against the original."""
    score = agreement(talk(10 + seed), talk(20 + seed), RATE_HZ)
    assert score is not None
    assert 0.5 < score < LIMIT
    assert attack_on_sound(talk(10 + seed), talk(20 + seed), RATE_HZ).verdict == "safe"


def test_a_piece_of_it_is_enough() -> None:
    """Four seconds of the original inside other sound are found."""
    result = talk(3, 12)
    result[32_000:64_000] = talk(1, 12)[32_000:64_000]
    assert attack_on_sound(talk(1, 12), result, RATE_HZ).verdict == "exposed"


def test_silence_gives_nobody_away() -> None:
    """No sound, or silence, is safe; too little to compare is not proven."""
    assert attack_on_sound(talk(1), None, RATE_HZ).verdict == "safe"
    assert attack_on_sound(talk(1), np.zeros(80_000, np.float32), RATE_HZ).verdict == "safe"
    assert attack_on_sound(None, talk(1), RATE_HZ).verdict == "safe"
    assert attack_on_sound(talk(1), talk(1, 1), RATE_HZ).verdict == "not proven"
    attack = attack_on_sound(talk(1), None, RATE_HZ)
    assert (attack.channel, attack.score, attack.said) == ("sound", None, "the result has no sound")


def test_what_cannot_be_heard_is_not_proven() -> None:
    """A track that is there and cannot be heard (a nan) proves nothing, unless the rest is recognised or gone."""
    deaf = np.array([np.nan], np.float32)
    assert attack_on_sound(talk(1), deaf, RATE_HZ).verdict == "not proven"
    assert attack_on_sound(deaf, talk(1), RATE_HZ).verdict == "not proven"
    assert attack_on_sound(talk(1), np.append(talk(2), deaf), RATE_HZ).verdict == "not proven"
    assert attack_on_sound(talk(1), np.append(talk(1), deaf), RATE_HZ).verdict == "exposed"
    assert attack_on_sound(deaf, None, RATE_HZ).verdict == "safe"
