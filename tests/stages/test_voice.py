"""The new sound of a film: nothing of a hidden voice is in it, and the new voices are where they belong."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import numpy as np
import pytest
from scipy.signal import welch

from tests import sounds
from veil.errors import Exposed, VeilError
from veil.media import SOUND_HZ, pieces, probe
from veil.nouns.cast import Cast
from veil.nouns.film import Shot
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Line, Phone, Phrase, Spoken, Transcript, Turn, Word
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages import voice as voicing
from veil.stages.case import Case, CaseFolder
from veil.stages.placed import load_placed
from veil.stages.sound_marks import read_notes
from veil.stages.utterances import Voices
from veil.stages.voice import track_of, voice

HZ, END_S = SOUND_HZ, 14
_LAGS = HZ // 20  # up to 50 ms out of step


def span(start: float, end: float) -> Span:
    return Span(Fraction(round(start * 1000), 1000), Fraction(round(end * 1000), 1000))


def phrase(start: float, end: float, words: str, speaker: str = "P1") -> Phrase:
    said = words.split()
    step = (end - start) / len(said)
    timed = tuple(Word(w, span(start + i * step, start + (i + 1) * step)) for i, w in enumerate(said))
    return Phrase(speaker, span(start, end), timed)


class Whispering:
    """A voice that whispers for as long as a line is; it keeps count of what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, line: Line, seed: int) -> Spoken:
        self.said.append(line.text)
        sound = sounds.whisper(float(line.length_s), 24_000, seed % 1000 + len(line.text))
        phones = (Phone("m", 0.0, 0.5),)
        return Spoken(sound, 24_000, phones, tuple((i * 0.1, i * 0.1 + 0.1) for i in range(len(line.words))))


def recorded() -> sounds.Samples:
    """Return 14 s: P1 speaks, laughs; a click; P2 speaks; somebody breathes; P1 again, in a humming, noisy room."""
    rng = np.random.default_rng(8)
    sound = 0.002 * rng.standard_normal(END_S * HZ) + sounds.hum(END_S)
    laugh = sounds.murmur(0.6, seed=5, pitch_hz=300) * (np.sin(2 * np.pi * 6 * np.arange(round(0.6 * HZ)) / HZ) > 0)
    parts = {1.0: sounds.murmur(3), 4.4: laugh, 6.0: sounds.murmur(3, seed=2), 11.0: sounds.murmur(2, seed=3)}
    parts[9.8] = 0.03 * rng.standard_normal(HZ // 2).astype(np.float32)
    for at_s, part in parts.items():
        sound[round(at_s * HZ) : round(at_s * HZ) + len(part)] += part
    sound += sounds.clicks([5.5], END_S)
    return np.asarray(sound, np.float32)


HEARD = Heard(
    (Turn("P1", span(1, 4)), Turn("P1", span(4.4, 5)), Turn("P2", span(6, 9)), Turn("P1", span(11, 13))),
    (span(0.9, 5.1), span(5.9, 9.1), span(9.7, 10.4), span(10.9, 13.1)),
)
WORDS = Transcript("en", (phrase(1, 4, "we went there"), phrase(6, 9, "and then", "P2"), phrase(11, 13, "nobody came")))
PLAN = Plan(3, {"P2": Role(voicing=Voicing(heard=(ALWAYS,)))}, sound="disguised")
ALONE = (6.0, 9.0)  # when P2, who may be heard, speaks alone


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, sounds.Samples]:
    sound = recorded()
    path = sounds.under_film(tmp_path_factory.mktemp("film") / "film.mkv", sound)
    return Case(probe(path), END_S * 25, 0, (), Cast((), ()), {}, {}), sound


def made(case: Case, folder: Path, plan: Plan = PLAN, said: Transcript = WORDS, by: Whispering | None = None) -> Path:
    speaker = by or Whispering()
    kept = CaseFolder(folder)
    return voice(case, plan, kept, HEARD, said, Voices({"revoice": lambda *_: speaker}))


def listened(path: Path) -> sounds.Samples:
    sound: sounds.Samples = np.concatenate(list(pieces(path, Fraction(0), Fraction(END_S))), axis=1)[0]
    return sound


def likeness(one: sounds.Samples, other: sounds.Samples) -> float:
    """Return the highest normalised correlation of two windows at any small shift and either sign, both whitened."""
    count = 2 * len(one)
    a, b = (np.fft.rfft(part, count) for part in (one, other))
    across = a * np.conj(b)
    shifts = np.fft.irfft(across / np.maximum(np.abs(across), 1e-9), count)
    near = np.abs(np.concatenate([shifts[:_LAGS], shifts[-_LAGS:]]))
    return float(near.max() / shifts.std())


def likenesses(
    one: sounds.Samples, other: sounds.Samples, where: Sequence[float], window_s: float = 0.25
) -> list[float]:
    first, count = [round(at_s * HZ) for at_s in where], round(window_s * HZ)
    return [likeness(one[at : at + count], other[at : at + count]) for at in first]


HIDDEN_S = [*np.arange(0, 5.7, 0.2), *np.arange(9.1, 13.7, 0.2)]
LONG_S = [0.0, 1.0, 2.5, 9.1, 10.8]  # of 3 s


def test_nothing_of_a_hidden_voice_is_left(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """In every hidden window the result is no more like the original than chance: words, laugh, breath, click, room.

    The controls: what is 30 dB under the result is found in short windows, 34 dB in long ones.
    """
    case, was = filmed
    now = listened(made(case, tmp_path))
    for where, window_s, least in ((HIDDEN_S, 0.25, 0.03), (LONG_S, 3.0, 0.02)):
        chance = max(
            max(likenesses(np.roll(was, 2 * HZ + at), now, where, window_s)) for at in range(777, 6 * HZ, 35_000)
        )
        assert max(likenesses(was, now, where, window_s)) < 1.2 * chance
        assert max(likenesses(was, now + least * was, where, window_s)) > 2 * chance
    assert min(likenesses(was, now, list(np.arange(6.2, 8.6, 0.2)))) > 20  # P2, who may be heard


def test_a_voice_that_may_be_heard_is_untouched(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """Where somebody who may be heard speaks alone, every sample is the original's, up to the joins."""
    case, was = filmed
    now = listened(made(case, tmp_path))
    kept = slice(round((ALONE[0] + 0.05) * HZ), round((ALONE[1] - 0.05) * HZ))
    assert np.abs(now[kept] - was[kept]).max() < 2e-4


def test_no_hum_is_left(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """The mains, which dates a recording, is gone with its harmonics: no line stands out where nobody is heard."""
    case, was = filmed
    now = listened(made(case, tmp_path, PLAN, Transcript("en", ())))
    hidden = slice(0, round(5.8 * HZ))
    for sound, low, high in ((was, 12.0, 99.0), (now, -99.0, 3.0)):
        at_hz, power = welch(sound[hidden], HZ, nperseg=HZ)
        lines = [
            power[np.abs(at_hz - f) <= 1].max() / np.median(power[np.abs(at_hz - f) < 12]) for f in (100, 150, 200)
        ]
        assert low < 10 * np.log10(max(lines)) - (0 if sound is was else 4) < high


def test_the_joins_are_level(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """The synthetic room is as loud as the original's beside it, within 6 dB, above the hum."""
    case, was = filmed
    now = listened(made(case, tmp_path, PLAN, Transcript("en", ())))

    def level_db(sound: sounds.Samples, start_s: float, end_s: float) -> float:
        at_hz, power = welch(sound[round(start_s * HZ) : round(end_s * HZ)], HZ, nperseg=4096)
        return float(10 * np.log10(power[at_hz > 500].mean()))

    assert abs(level_db(now, 0.2, 0.8) - level_db(was, 0.2, 0.8)) < 6


def test_each_scene_has_its_own_air(filmed: tuple[Case, sounds.Samples]) -> None:
    """A loud place after a quiet one is loud in the result too, from its first shot on; a like one is no other room."""
    case, _ = filmed
    starts = (0, 10, 30, 60)
    shots = tuple(Shot(span(a, b), a * 25, b * 25) for a, b in pairwise((*starts, 90)))
    rooms = voicing._Rooms(replace(case, shots=shots), 1)
    rng = np.random.default_rng(2)
    for at_s in range(0, 90, 10):
        gain = 0.003 if 30 <= at_s < 60 else 0.0003
        rooms.take(np.asarray(gain * rng.standard_normal(10 * HZ), np.float32), np.zeros(1001, np.bool_), at_s * HZ)
    found = rooms.found()
    assert [start // HZ for start, _ in found] == [0, 30, 60]
    assert found[1][1].noise_db[5] - found[0][1].noise_db[5] == pytest.approx(20, abs=4)
    assert found[2][1] == found[0][1]
    assert {room.echo_s for _, room in found} == {found[0][1].echo_s}


def test_lines_are_said_where_they_belong(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """Each hidden phrase is said by its new voice at its place, and what is said is written down in film time."""
    case, was = filmed
    speaker = Whispering()
    now = listened(made(case, tmp_path, by=speaker))
    assert sorted(speaker.said) == ["nobody came", "we went there"]  # two are spoken at once
    placed = load_placed(CaseFolder(tmp_path))
    assert [p.span for p in placed] == [span(1, 4), span(11, 13)]
    assert [w.text for w in placed[1].words] == ["nobody", "came"]
    assert placed[1].words[1].span == span(11.1, 11.2)
    assert (placed[1].phones[0].start_s, placed[1].by) == (11.0, "revoice")
    loud = np.abs(now[: 5 * HZ]) > 0.05
    assert abs(np.flatnonzero(loud)[0] / HZ - 1) < 0.15
    level = [20 * np.log10(np.sqrt((sound[HZ : 4 * HZ] ** 2).mean())) for sound in (was, now)]
    assert abs(level[0] - level[1]) < 4  # as loud as the voice that it stands for


def test_a_corrected_phrase_alone_is_said_again(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """Made again without a change nothing is done; after a correction only that phrase is spoken."""
    case, _ = filmed
    speaker = Whispering()
    before = made(case, tmp_path, by=speaker).stat().st_mtime_ns
    assert made(case, tmp_path, by=speaker).stat().st_mtime_ns == before
    assert len(speaker.said) == 2
    corrected = replace(WORDS, phrases=(*WORDS.phrases[:2], phrase(11, 13, "no one came")))
    made(case, tmp_path, said=corrected, by=speaker)
    assert speaker.said[2:] == ["no one came"]
    assert track_of(CaseFolder(tmp_path)).stat().st_mtime_ns > before
    assert len(list((tmp_path / "sound" / "lines").iterdir())) == 2, "what was said before is gone"


def test_what_is_said_twice_at_once_is_said_once(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """Two lines that are alike and follow each other are spoken in two threads; neither spoils the other's file."""
    case, _ = filmed
    twice = Transcript("en", tuple(phrase(at, at + 1, "no no") for at in (1, 4, 7, 10)))
    barrier = Barrier(2)

    class Slow(Whispering):
        def speak(self, line: Line, seed: int) -> Spoken:
            with suppress(BrokenBarrierError):
                barrier.wait(0.3)
            return super().speak(line, seed)

    speaker = Slow()
    made(case, tmp_path, Plan(3, sound="disguised"), twice, speaker)
    assert speaker.said == ["no no", "no no"], "the last has other room behind it"
    assert len(load_placed(CaseFolder(tmp_path))) == 4


def test_the_notes_never_stand_beside_another_track(
    filmed: tuple[Case, sounds.Samples], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run killed between the track and its notes leaves no notes; a track that they are not about is made again."""
    case, _ = filmed
    made(case, tmp_path)
    good = listened(track_of(CaseFolder(tmp_path)))
    with monkeypatch.context() as killed:
        killed.setattr(voicing, "save_placed", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            made(case, tmp_path, replace(PLAN, roles={"P1": Role(voicing=Voicing(heard=(ALWAYS,)))}))
    assert np.array_equal(listened(made(case, tmp_path)), good)
    other = sounds.write(tmp_path / "other.flac", [recorded()], codec="flac")
    other.replace(track_of(CaseFolder(tmp_path)))
    assert np.array_equal(listened(made(case, tmp_path)), good)


def test_what_the_end_cuts_off_is_told_and_nowhere(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """A line too long for the film ends with it, in the words that are kept and its length stands in the sums."""
    case, _ = filmed

    class Slow(Whispering):
        def speak(self, line: Line, seed: int) -> Spoken:
            del seed
            words = tuple((i * 1.0, i * 1.0 + 1) for i in range(len(line.words)))
            return Spoken(sounds.whisper(len(words), 24_000), 24_000, (), words)

    made(case, tmp_path, said=Transcript("en", (phrase(13, 14, "a b c d e f"),)), by=Slow())
    (line,) = load_placed(CaseFolder(tmp_path))
    assert line.span.end == END_S
    assert [word.text for word in line.words] == ["a", "b", "c"]
    assert line.words[-1].span.end == END_S
    notes = json.loads((tmp_path / "sound" / "track.json").read_text())
    assert notes["ledger"]["cut_off_s"] == 3.5


def test_silence_and_wordless_voices_leave_the_room(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """Who is to be silent, or of whom nobody knows the words, leaves nothing but the air of the room."""
    case, _ = filmed
    quiet = Plan(3, {"P1": Role(voicing=Voicing(by="silence"))}, sound="disguised")
    now = listened(made(case, tmp_path, quiet, replace(WORDS, phrases=WORDS.phrases[:1])))
    assert 0 < np.abs(now).max() < 0.1
    assert not load_placed(CaseFolder(tmp_path))


def test_a_voice_that_nothing_gives_is_an_error(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """A way of speaking that nobody can give is a sentence and a hint, and no track is left."""
    case, _ = filmed
    asked = Plan(3, {"P1": Role(voicing=Voicing(by="double", takes="takes", consent="c"))}, sound="disguised")
    with pytest.raises(VeilError, match="double"):
        made(case, tmp_path, asked)
    assert not track_of(CaseFolder(tmp_path)).exists()


def test_a_gain_that_lets_a_hidden_voice_through_withholds_the_track(
    filmed: tuple[Case, sounds.Samples], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If ever the rule of who may be heard were wrong, the ledger, which has another source, says so."""
    case, _ = filmed
    monkeypatch.setattr(voicing, "audible", lambda *_: np.ones(END_S * 100, np.bool_))
    with pytest.raises(Exposed, match="hidden voice"):
        made(case, tmp_path)
    assert not list((tmp_path / "sound").glob("track*"))


def test_the_ledger_is_written_down(filmed: tuple[Case, sounds.Samples], tmp_path: Path) -> None:
    """How much was owed and paid stands beside the track."""
    case, _ = filmed
    made(case, tmp_path)
    sums = json.loads((tmp_path / "sound" / "track.json").read_text())["ledger"]
    assert sums["owed_s"] == sums["paid_s"] == pytest.approx(4.2 + 0.2 + 0.7 + 2.2, abs=0.01)
    assert sums["without_original_s"] == pytest.approx(11, abs=0.1)
    assert (sums["lost_s"], sums["late_s"]) == (0, 0)


@pytest.mark.parametrize("off", [Fraction(-3, 10), Fraction(3, 10)])
def test_a_film_may_end_between_two_samples(tmp_path: Path, off: Fraction) -> None:
    """A film whose length is no whole number of samples, with a hidden voice until its end, is no fault."""
    path = sounds.under_film(tmp_path / "film.mkv", sounds.murmur(1)[None])
    case = Case(probe(path), 25, 0, (), Cast((), ()), {}, {})
    end_s = 1 + off / HZ
    case = replace(case, film=replace(case.film, length_s=end_s))
    heard = Heard((Turn("P1", span(0, 1.1)),), (span(0, 1.1),))
    voices = Voices({"revoice": lambda *_: Whispering()})
    voice(case, PLAN, CaseFolder(tmp_path), heard, Transcript("en", (phrase(0, 1, "we went"),)), voices)
    assert read_notes(CaseFolder(tmp_path))[1]["owed_s"] == 1
