"""Who is recognised by the voice of the result: the undisguised person, nobody else; what cannot be tried is told."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from tests.talkers import CHILD, MAN, WHISPERER, Talker
from veil.adversary import voices
from veil.adversary.speakers import NAMES, Bend, bent, listener, spoken
from veil.adversary.voices import FAR_POOLED, FAR_TURN, Voiceprint, by_chance, limits, searched
from veil.models.weights import weight_path
from veil.nouns.report import Attack
from veil.nouns.speech import HEARING_HZ, Sound

RATE_HZ = Fraction(25)


@pytest.fixture
def few_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try two shifts, not sixteen."""
    monkeypatch.setattr(voices, "SEARCH", (Bend(-4, -4), Bend(4, 4)))


def attacked(result: Callable[[int], Sound], of: Talker = MAN) -> dict[str, Attack]:
    """Return the verdicts on two turns of a result, by channel, of somebody who speaks for 12 s in the original."""
    known = Voiceprint("P1")
    for turn in range(2):
        known.original(Fraction(10 * turn), of.say(6, turn))
    for turn in range(2):
        known.result(Fraction(10 * turn), result(turn))
    return {attack.channel: attack for attack in known.attacks(RATE_HZ)}


@pytest.mark.parametrize("name", NAMES)
def test_a_voice_is_known_again(name: str) -> None:
    """Each net finds one talker's two sayings more alike than two talkers', by far."""
    ear = listener(name)
    man, again, other = ear.hear(MAN.say(4, 1)), ear.hear(MAN.say(4, 2)), ear.hear(WHISPERER.say(4, 3))
    assert float(man @ again) > 0.85
    assert float(man @ other) < float(man @ again) - 0.15
    assert np.linalg.norm(man) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_no_room_but_the_opponents_loads_them(name: str) -> None:
    """The defence never uses what the opponent listens with."""
    for role in ("hearing", "disguise", "sight"):
        with pytest.raises(ValueError, match="adversary"):
            weight_path(name, role)


@pytest.mark.usefixtures("few_shifts")
def test_the_original_is_recognised() -> None:
    """The person's own voice left in the result is recognised in turns and pooled: the positive control of all else."""
    found = attacked(lambda turn: MAN.say(5, 10 + turn))
    assert {a.verdict for a in found.values()} == {"exposed"}
    assert found["voice"].frame in {0, 250}
    assert found["voice over time"].score is not None


@pytest.mark.usefixtures("few_shifts")
def test_another_voice_is_not() -> None:
    """Somebody else's voice in the result is safe, and both lines say by which recogniser and how well it hears."""
    found = attacked(lambda turn: WHISPERER.say(5, 10 + turn))
    assert {a.verdict for a in found.values()} == {"safe"}
    for attack in found.values():
        assert attack.by in NAMES
        assert "knows the undisguised voice in 100%" in attack.said


def test_a_shift_is_searched_for() -> None:
    """A voice that was only made higher and larger is found again by shifting it back, by both nets."""
    shifted = Talker(MAN.pitch_hz * 2 ** (5 / 12), MAN.size * 2 ** (5 / 12), MAN.breath, MAN.tilt)
    for name in NAMES:
        ear = listener(name)
        template, speech = ear.hear(MAN.say(6, 1)), spoken(shifted.say(4, 2))
        plain = float(ear.embed(ear.spectrum(speech)) @ template)
        best, bend = searched(name, speech, template)
        assert best > plain + 0.02
        assert bend.formants_st < -2


def test_nothing_is_heard() -> None:
    """Silence in the result is safe, and says so; it is never a matter of too little to compare."""
    found = attacked(lambda _: np.zeros(HEARING_HZ, np.float32))
    assert {a.verdict for a in found.values()} == {"safe"}
    assert "nothing is heard" in found["voice"].said


def test_too_little_proves_nothing() -> None:
    """Of whom hardly a second was heard in the original, nothing is proven while a voice speaks for them."""
    known = Voiceprint("P1")
    known.original(Fraction(0), MAN.say(1.5, 1))
    known.result(Fraction(0), WHISPERER.say(4, 2))
    assert {a.verdict for a in known.attacks(RATE_HZ)} == {"not proven"}
    assert "1.5 s" in known.attacks(RATE_HZ)[0].said


@pytest.mark.usefixtures("few_shifts")
def test_a_recogniser_that_does_not_know_the_original_acquits_nobody() -> None:
    """Where the original sounds like a different person all the time, nothing is proven."""
    noises = [np.random.default_rng(k).standard_normal(4 * HEARING_HZ).astype(np.float32) * 0.1 for k in range(1)]
    known = Voiceprint("P1")
    known.original(Fraction(0), MAN.say(4, 1))
    known.original(Fraction(5), CHILD.say(4, 1))
    known.original(Fraction(10), noises[0])
    known.result(Fraction(0), WHISPERER.say(4, 2))
    assert known.attacks(RATE_HZ)[1].verdict in {"not proven", "exposed"}


def test_what_is_left_between_the_words() -> None:
    """Their own voice between the new words is recognised, and a room's noise there is not."""
    for left, verdict in ((MAN.say(3, 5), "exposed"), (_noise(3), "safe")):
        known = Voiceprint("P1")
        known.original(Fraction(0), MAN.say(9, 1))
        known.between(Fraction(3), left)
        attack = known.attack_between(RATE_HZ)
        assert attack is not None
        assert attack.verdict == verdict


def test_the_noise_of_a_room_is_nobodys_voice() -> None:
    """Noise between the words that is like the noise in the original accuses nobody; a breath in it is heard."""
    known, breathing = Voiceprint("V1"), Voiceprint("V1")
    for voice in (known, breathing):
        voice.original(Fraction(0), _noise(9))
    known.between(Fraction(10), _noise(3, 1))
    attack = known.attack_between(RATE_HZ)
    assert attack is not None
    assert attack.verdict == "safe"
    breath = _noise(3, 2)
    breath[HEARING_HZ : 2 * HEARING_HZ] *= 4
    breathing.between(Fraction(10), breath)
    attack = breathing.attack_between(RATE_HZ)
    assert attack is not None
    assert attack.verdict == "exposed"


def _noise(seconds: float, seed: int = 0) -> Sound:
    return (0.01 * np.random.default_rng(seed).standard_normal(round(seconds * HEARING_HZ))).astype(np.float32)


def test_chance_is_counted() -> None:
    """One turn at its limit among few is an alarm; among many it is what strangers reach, and a few more are not."""
    assert by_chance(1) == 0
    assert by_chance(10) == 1
    assert by_chance(100) == 4
    assert all(by_chance(n) <= by_chance(n + 1) for n in range(1, 300))


@pytest.mark.parametrize("name", NAMES)
def test_limits_make_sense(name: str) -> None:
    """Rarer mistakes ask for higher scores, a search costs some of the limit, and rates fall from a half."""
    for length_s in (1.5, 5, 20):
        bounds = limits(name, length_s)
        assert bounds.at(FAR_TURN) < bounds.at(FAR_POOLED) < 1
        assert bounds.rate(bounds.scores[0]) == pytest.approx(0.5)
        assert bounds.rate(bounds.at(FAR_TURN)) == pytest.approx(FAR_TURN, rel=1e-6)
    assert limits(name, 8, searched=True).at(FAR_POOLED) > limits(name, 8).at(FAR_POOLED) - 0.01


def test_bending_a_spectrum() -> None:
    """A tone lies where the shift puts it, melody and colour can be moved apart, and no shift changes nothing."""
    at = np.arange(HEARING_HZ * 2) / HEARING_HZ
    power = listener("voicefilter").spectrum(np.sin(2 * np.pi * 1000 * at).astype(np.float32))
    up = bent(power, Bend(6, 6))
    assert up.mean(0).argmax() == pytest.approx(power.mean(0).argmax() * 2**0.5, abs=1)
    assert bent(power, Bend()) is power
    assert not np.allclose(bent(power, Bend(0, 4)), power)


def test_silences_are_left_out() -> None:
    """What is shown to a net is speech: silences are cut, quiet speech is raised, and nothing comes of nothing."""
    speech = MAN.say(2, 1)
    gaps = np.concatenate([np.zeros(3 * HEARING_HZ, np.float32), speech * 0.01, np.zeros(3 * HEARING_HZ, np.float32)])
    heard = spoken(gaps)
    assert len(heard) < 1.3 * len(speech)
    assert float(np.sqrt((heard**2).mean())) == pytest.approx(10 ** (-30 / 20), rel=0.05)
    assert len(spoken(np.zeros(HEARING_HZ, np.float32))) == 0
    assert len(spoken(np.zeros(3, np.float32))) == 0
