"""Every voice keeps one contract; what each hides from whom is refused or allowed before anything sounds."""

import builtins
import json
import shutil
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veil.disguise.voices import Blend, Voice, allowed, blend, blends, overrun_s, saying, voice_for
from veil.disguise.voices import piper as piper_room
from veil.disguise.voices.convert import Convert
from veil.disguise.voices.fitting import FASTEST, HARDEST, SLOWEST, pause, tempo, whole_frames
from veil.disguise.voices.foreign import sounds_of
from veil.disguise.voices.hibari import Hibari
from veil.disguise.voices.joining import Piece, _phones
from veil.disguise.voices.kokoro import Kokoro, known
from veil.disguise.voices.piper import Piper, as_espeak, read_by_espeak
from veil.disguise.voices.pool import styles
from veil.disguise.voices.reading import Reading, read_aloud
from veil.errors import VeilError
from veil.models import graphs
from veil.nouns.speech import Line, Said, Spoken
from veil.nouns.voicing import FROMS, SPEECHES, From, Speech, Voicing

_MAP = {
    symbol: [number] for number, symbol in enumerate("_^$ ,.!?;:'-abdefhijklmnopqstuvwxzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʔθˈˌːʲɭ")
}


def _line(text: str, length: float = 4, room: float = 0, language: str = "en", **marks: Said) -> Line:
    words = tuple(marks.get(word.strip(".,!?"), Said(word)) for word in text.split())
    return Line("P1", words, language, Fraction(3), Fraction(length), Fraction(room))


def _fake_nets(path: Path, config: Any) -> tuple[Any, Any]:  # noqa: ARG001
    """Stand in for a voice's nets: each phone 3 frames and a tone, each blank 1 frame."""

    def lengths(fed: dict[str, Any]) -> list[Any]:
        return [np.where(fed["input"] == 0, 1.0, 3.0).astype(np.float32)[:, None]]

    def sound(fed: dict[str, Any]) -> list[Any]:
        frames = fed["/Ceil_output_0"].ravel()
        ids = np.repeat(fed["input"].ravel(), frames.astype(int) * 256)
        tone = np.sin(np.cumsum(ids % 7 + 2.0) * 0.02) * np.where((ids > 0) & (ids < 4), 0, 0.3)
        tone[: 4 * 256] = 0  # before the first phone, blanks are silent too
        return [tone.astype(np.float32)[None, None, None]]

    return lengths, sound


@lru_cache(maxsize=1)
def _kokoro() -> Voice:
    return Kokoro(blend(5, 1.0))


@pytest.fixture
def a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a voice in Piper's format whose nets are stood in for."""
    path = tmp_path / "voice.onnx"
    settings_ = {"audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"}, "phoneme_id_map": _MAP}
    path.with_name("voice.onnx.json").write_text(json.dumps(settings_), "utf-8")
    monkeypatch.setattr(piper_room, "_read_nets", _fake_nets)
    return path


@pytest.fixture(params=["revoice", "hibari", "piper"])
def voice(request: pytest.FixtureRequest, a_file: Path) -> Voice:
    """Return each synthetic voice in turn."""
    made: dict[str, Callable[[], Voice]] = {"revoice": _kokoro, "hibari": Hibari, "piper": lambda: Piper(a_file, "en")}
    return made[str(request.param)]()


def _keeps(line: Line, spoken: Spoken) -> None:
    """Check everything that holds for whatever a voice made of a line."""
    assert spoken.sound.dtype == np.float32
    assert spoken.sound.ndim == 1
    assert np.isfinite(spoken.sound).all()
    assert np.abs(spoken.sound).max(initial=0) <= 1
    ends = [0.0, *(edge for phone in spoken.phones for edge in (phone.start_s, phone.end_s)), spoken.length_s]
    assert ends == sorted(ends)
    assert len(spoken.words) == len(line.words)
    edges = [0.0, *(edge for word in spoken.words for edge in word), spoken.length_s]
    assert edges == sorted(edges)
    assert all(phone.symbol.strip() for phone in spoken.phones)


def test_every_voice_keeps_the_contract(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound, times of phones and words, the same twice by one seed, no files, no network."""
    line = _line("Nobody asked us, Grisha, at 5:30.", 3)
    voice.speak(line, 1)  # what is read once is read now

    def closed(*words: Any, **_: Any) -> Any:
        raise AssertionError(f"opened {words}")

    monkeypatch.setattr(builtins, "open", closed)
    monkeypatch.setattr(Path, "open", closed)
    monkeypatch.setattr(socket, "socket", closed)
    spoken, again = voice.speak(line, 1), voice.speak(line, 1)
    _keeps(line, spoken)
    assert np.array_equal(spoken.sound, again.sound)
    assert (spoken.phones, spoken.words) == (again.phones, again.words)
    assert overrun_s(line, spoken) == 0
    assert spoken.phones[0].start_s < 0.06
    assert np.sqrt(np.mean(np.square(spoken.sound))) > 0.02


def test_words_are_where_they_sound(voice: Voice) -> None:
    """A long pause that is marked behind a word is silent, and lies between that word and the next."""
    line = _line("We waited and nobody came.", 6, waited=Said("waited", pause_s=0.73))
    spoken = voice.speak(line, 3)
    _keeps(line, spoken)
    start, end = spoken.words[1][1], spoken.words[2][0]
    assert end - start >= 0.75
    middle = (start + end) / 2
    heard = spoken.sound[round((middle - 0.2) * spoken.rate_hz) : round((middle + 0.2) * spoken.rate_hz)]
    assert np.abs(heard).max() < 0.01


def test_marks_are_heard(voice: Voice) -> None:
    """A stressed word is longer and louder than the same word unstressed; a slow one is longer than a fast one."""

    def said(**mark: Any) -> tuple[float, float]:
        spoken = voice.speak(_line("I never saw him", 6, never=Said("never", **mark)), 4)
        start, end = spoken.words[1]
        heard = spoken.sound[round(start * spoken.rate_hz) : round(end * spoken.rate_hz)]
        every = float(np.sqrt(np.mean(np.square(spoken.sound))))
        return end - start, float(np.sqrt(np.mean(np.square(heard)))) / every

    strong, soft = said(stress="strong"), said(stress="soft")
    assert strong[0] > soft[0]
    assert strong[1] > soft[1]
    assert said(tempo="slow")[0] > said(tempo="fast")[0]


def test_a_line_fits_or_says_by_how_much_not(voice: Voice) -> None:
    """A line uses its own place, then the room behind it, is hurried up to a limit, and reports what is over."""
    text = "They could see everything I had."
    free = voice.speak(_line(text, 30), 1).length_s
    tight = _line(text, round(free * 0.85, 1))
    assert overrun_s(tight, voice.speak(tight, 1)) == 0
    roomy = _line(text, 0.5, 30)
    assert voice.speak(roomy, 1).length_s > free / FASTEST / SLOWEST * 0.9
    hopeless = _line(text, 0.5)
    spoken = voice.speak(hopeless, 1)
    _keeps(hopeless, spoken)
    assert spoken.length_s > free / HARDEST / SLOWEST * 0.8
    assert overrun_s(hopeless, spoken) == pytest.approx(spoken.length_s - 0.5)


def test_nothing_to_say_is_silence(voice: Voice) -> None:
    """A line with no words, or of signs alone, makes no sound, and every word of it still has its place."""
    for text in ("", "... —"):
        line = _line(text)
        spoken = voice.speak(line, 1)
        _keeps(line, spoken)
        assert not spoken.phones


def test_a_long_line_is_cut_and_whole(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is longer than one breath is spoken to its end."""
    monkeypatch.setattr(saying, "MOST_SYMBOLS", 16)
    line = _line("They asked again, and I said nothing", 60)
    spoken = voice.speak(line, 1)
    _keeps(line, spoken)
    assert all(end > start for start, end in spoken.words)


_SIGNS = st.sampled_from(list("abcxyzABZ019.,!?;:'\"-—…$£%&+@#/°()[]\\~’“ \tñßØабЖё½²Ⅷ①مあ😀\u202e\u200b"))
_WRITTEN = st.text(_SIGNS, max_size=9) | st.sampled_from(
    ["$5", "5:30", "p.m.", "3/4/2019", "1,000.50", "U.S.", "'em", "-5°C", "2-3", "1990s", "XIV", "www.a.com", "a@b.co"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_WRITTEN, max_size=5))
def test_whatever_is_written_is_said_or_refused(written: list[str]) -> None:
    """Any text gives a sound that keeps the contract, or a refusal in words, and never anything else."""
    line = Line("P1", tuple(Said(text) for text in written), "en", Fraction(0), Fraction(2))
    try:
        spoken = Hibari().speak(line, 0)
    except VeilError:
        return
    _keeps(line, spoken)


def test_names_numbers_and_signs_are_pronounced() -> None:
    """Names in Cyrillic, numbers, times, sums and unknown words are read, each under the word it belongs to."""
    words = ("Гриша", "paid", "$5", "million", "at", "10:30", "to", "Xzqwt", "—", "ok?")
    reading = known(read_aloud(tuple(Said(word) for word in words)))
    owned = ["".join(s for s, o in zip(reading.symbols, reading.owners, strict=True) if o == i) for i in range(10)]
    assert "ɡɹ" in owned[0]
    assert "fˈIv" in owned[2]
    assert "tˈɛn" in owned[5]
    assert all(any(s.isalpha() for s in own) for own in owned[:8] + owned[9:])
    assert owned[9].endswith("?")


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("Akhmed", "ɑkmˈɛd"), ("Zulikhan", "zulikˈɑn"), ("Umarova", "umɑɹˈOvə"), ("Kadyrov", "kɑdˈiɹɑv"),
        ("Zhanna", "ʒˈɑnnə"), ("Natalia", "nɑtˈɑliə"), ("Sergei", "sɛɹɡˈA"), ("Featherstone", None), ("Oh", None),
    ],
)  # fmt: skip
def test_names_from_the_east_are_read_as_they_are_said(name: str, sounds: str | None) -> None:
    """Names in the spelling of Russian and its neighbours are read letter by letter; English ones are left alone."""
    assert sounds_of(name) == sounds
    reading = read_aloud((Said(f"({name}'s,"), Said("house")))
    assert sounds is None or sounds in reading.symbols
    assert set(reading.owners) == {0, 1}


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_any_name_has_sounds_or_none(name: str) -> None:
    """No spelling of a name breaks its reading."""
    sounds = sounds_of(name)
    assert sounds is None or (sounds.count("ˈ") == 1 and len(sounds) > 1)


def test_two_lines_may_be_spoken_at_once() -> None:
    """One voice speaks for two threads at once as it speaks for one after the other: two processors, half the time."""
    voice, other = _kokoro(), Hibari()
    jobs = [(voice, _line("Nobody came.")), (other, _line("Two men followed me.")), (voice, _line("I ran."))]
    one = [voice.speak(line, 1).sound for voice, line in jobs]
    with ThreadPoolExecutor(3) as threads:
        many = list(threads.map(lambda job: job[0].speak(job[1], 1).sound, jobs))
    assert all(np.array_equal(a, b) for a, b in zip(one, many, strict=True))


def test_letters_that_it_cannot_read_are_refused() -> None:
    """A word in letters of another alphabet is refused, without repeating it, and never left out in silence."""
    with pytest.raises(VeilError, match="letters") as refusal:
        read_aloud((Said("Hello"), Said("გამარჯობა")))
    assert "გ" not in str(refusal.value) + refusal.value.hint


@pytest.mark.parametrize("hidden_from", FROMS)
@pytest.mark.parametrize("by", SPEECHES)
def test_what_software_sees_through_is_refused(by: Speech, hidden_from: From) -> None:
    """Only viewers can be hidden from by a bent voice; for all others the plan is refused, with what to choose."""
    if by == "convert" and hidden_from != "the public":
        with pytest.raises(VeilError, match="software recognises"):
            allowed(Voicing(by=by), hidden_from)
    else:
        allowed(Voicing(by=by), hidden_from)


@given(st.floats(0.05, 30), st.floats(0, 3), st.fractions(0, 40), st.fractions(0, 10))
def test_tempo_is_in_steps_and_in_its_range(
    natural_s: float, silent_s: float, length: Fraction, room: Fraction
) -> None:
    """The tempo never leaves its range, and room behind is used before anyone is hurried."""
    faster = tempo(natural_s, silent_s, length, room)
    assert 1 / SLOWEST - 1e-9 <= faster <= HARDEST + 1e-9
    place_s = max(float(length) - silent_s, 0)
    if faster > FASTEST + 1e-9:
        assert natural_s / FASTEST > place_s + float(room) - 1e-6
    if natural_s <= (place_s + float(room)) * FASTEST:
        assert natural_s / faster <= max(place_s, natural_s / FASTEST) + 1e-6


@given(st.lists(st.floats(0.1, 30), min_size=1, max_size=60))
def test_frames_are_whole_and_not_lost(lengths: list[float]) -> None:
    """Whole frames are at least one each; where all are longer than one, their sum is right to half a frame."""
    frames = whole_frames(np.array(lengths))
    assert (frames >= 1).all()
    if min(lengths) >= 1:
        assert abs(frames.sum() - sum(lengths)) <= 0.5 + 1e-6


def test_pauses_are_on_a_grid() -> None:
    """A pause is as long as the next step of the grid, and has an end."""
    assert [pause(s) for s in (0.0, 0.01, 0.1, 0.33, 99)] == pytest.approx([0, 0.1, 0.1, 0.4, 3])


def test_a_blend_is_nobodys() -> None:
    """A blend mixes three or four voices of one sex, none above a half; the same seed gives the same, others differ."""
    seen = set()
    for seed in range(60):
        drawn = blend(seed, float(seed % 2))
        shares = dict(drawn.shares)
        assert 3 <= len(shares) <= 4
        assert sum(shares.values()) == pytest.approx(1)
        assert max(shares.values()) <= 0.5
        assert {name[1] for name in shares} == {"fm"[seed % 2]}
        assert all(np.abs(drawn.style() - alone).max() > 0.05 for alone in styles().values())
        assert drawn == blend(seed, float(seed % 2))
        seen.add(drawn)
    assert len(seen) == 60


def test_people_in_one_film_get_voices_unlike_each_other() -> None:
    """Eight people in a film have blends apart from each other; one who joins later changes none before."""
    sexes: dict[str, float | None] = {f"P{i}": (0.05, 0.95)[i % 2] for i in range(1, 9)}
    for seed in range(5):
        drawn = blends(seed, sexes)
        apart = [a.unlikeness(b) for i, a in enumerate(drawn.values()) for b in list(drawn.values())[i + 1 :]]
        assert min(apart) > 0.4
        assert blends(seed, {label: sexes[label] for label in ("P1", "P2")}).items() <= drawn.items()


def test_blends_have_no_way_in_for_a_voice() -> None:
    """What a blend is drawn from is a seed, a label and a guess of sex: there is no argument for a sound."""
    assert blend.__annotations__.keys() == {"seed", "sex", "return"}
    assert blends.__annotations__.keys() == {"seed", "sexes", "return"}


def test_voice_for_asks_the_plan(a_file: Path) -> None:
    """The plan's word chooses the voice; a language without one, and what is not spoken, are refused."""
    assert isinstance(voice_for(Voicing(), "en", 1), Kokoro)
    assert isinstance(voice_for(Voicing(voice="hibari"), "", 1), Hibari)
    assert isinstance(voice_for(Voicing(voice=str(a_file)), "en", 1), Piper)
    own = Blend((("af_heart", 0.5), ("af_sky", 0.3), ("af_nova", 0.2)))
    chosen = voice_for(Voicing(), "en", 1, own)
    assert isinstance(chosen, Kokoro)
    assert chosen.blend == own
    with pytest.raises(VeilError, match="language"):
        voice_for(Voicing(), "ru", 1)
    with pytest.raises(ValueError, match="synthetic"):
        voice_for(Voicing(by="silence"), "en", 1)


def test_somebodys_voice_is_called_so(a_file: Path) -> None:
    """A voice from a file is somebody's; a blend is nobody's."""
    assert not Piper(a_file, "en").nobodys
    assert _kokoro().nobodys


@pytest.mark.parametrize("settings_", ["", "{}", "[]", '{"audio": {"sample_rate": 1}, "phoneme_id_map": {}}'])
def test_a_file_that_is_no_voice_is_refused(settings_: str, tmp_path: Path) -> None:
    """A path with no voice, or with settings that are not Piper's, is refused with what to do, and without the path."""
    path = tmp_path / "secret.onnx"
    path.write_bytes(b"not a net")
    if settings_:
        path.with_name("secret.onnx.json").write_text(settings_, "utf-8")
    with pytest.raises(VeilError) as refusal:
        Piper(path)
    assert "secret" not in str(refusal.value) + refusal.value.hint


def test_a_file_that_is_no_net_is_refused(tmp_path: Path) -> None:
    """Settings alone do not make a voice: the net must be one of Piper's."""
    path = tmp_path / "voice.onnx"
    settings_ = {"audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"}, "phoneme_id_map": _MAP}
    path.with_name("voice.onnx.json").write_text(json.dumps(settings_), "utf-8")
    step = graphs._field(2, 2, b"/Ceil_output_0") + graphs._field(4, 2, b"Nonsense")
    other = graphs._field(1, 2, b"/Ceil_output_0") + graphs._field(2, 2, b"output") + graphs._field(4, 2, b"Nonsense")
    nonsense = graphs._field(7, 2, graphs._field(1, 2, step) + graphs._field(1, 2, other))
    for content in (b"not a net", b"", b"\x3a\x00", nonsense):
        path.write_bytes(content)
        with pytest.raises(VeilError, match="net"):
            Piper(path)


def test_a_voice_of_another_language_is_refused(a_file: Path) -> None:
    """An English voice is not made to speak Russian."""
    with pytest.raises(VeilError, match="another language"):
        Piper(a_file, "ru")


def test_without_espeak_other_languages_are_refused(a_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where espeak-ng is missing, a voice in another language says what to install."""
    beside = a_file.with_name("voice.onnx.json")
    beside.write_text(beside.read_text("utf-8").replace("en-us", "ru"), "utf-8")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(VeilError, match="espeak-ng"):
        Piper(a_file, "ru")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed here")
def test_russian_is_read_by_espeak() -> None:
    """Each Russian word gets its own sounds, and signs alone none."""
    reading = read_by_espeak([Said("Привет,"), Said("Гриша!"), Said("—"), Said("кто-то")], "ru")
    assert set(reading.owners) == {0, 1, 3}
    assert reading.symbols.startswith("prʲ")
    assert "!" in reading.symbols


def test_english_for_pipers_voices() -> None:
    """Misaki's letters for two sounds become the two; each keeps its word."""
    text = "nˈIt fɔɹ hˈɜɹ bˈʌTəɹ"
    reading = as_espeak(Reading(text, tuple(text[: at + 1].count(" ") for at in range(len(text)))))
    assert reading.symbols == "nˈaɪt fɔːɹ hˈɜːɹ bˈʌɾɚ"
    assert len(reading.owners) == len(reading.symbols)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 44_100])
def test_convert_bends_and_keeps_its_length(rate_hz: int) -> None:
    """A bent sound is as long and as loud as the old one, is unlike it, and the same seed bends the same way."""
    at = np.arange(rate_hz * 2) / rate_hz
    sound = (0.2 * np.sign(np.sin(2 * np.pi * 110 * at)) * (np.sin(7 * at) > 0)).astype(np.float32)
    kept = sound.copy()
    bent = Convert(3).bend(sound, rate_hz)
    assert np.array_equal(sound, kept)
    assert bent.dtype == np.float32
    assert bent.shape == sound.shape
    assert np.isfinite(bent).all()
    assert np.abs(bent).max() <= 1
    assert 0.3 < np.std(bent) / np.std(sound) < 2
    assert abs(np.corrcoef(bent, sound)[0, 1]) < 0.5
    assert np.array_equal(bent, Convert(3).bend(sound, rate_hz))
    assert not np.array_equal(bent, Convert(4).bend(sound, rate_hz))


@pytest.mark.parametrize("samples", [0, 1, 7, 500])
def test_convert_takes_any_length(samples: int) -> None:
    """Silence and scraps of sound come back as long as they were."""
    assert Convert(1).bend(np.zeros(samples, np.float32), 48_000).shape == (samples,)
    assert np.isfinite(Convert(1).bend(np.ones(samples, np.float32), 48_000)).all()


def test_lips_rest_in_a_pause_between_two_words() -> None:
    """A short gap between two words is shared; of a pause each word gets a little, and no sound lasts through it."""
    piece = Piece(Reading("ni ði", (0, 0, 0, 1, 1)), np.full(1300, 0.1, np.float32), np.zeros(8, np.int64))
    for gap, before, after in ((80, 340, 340), (500, 360, 740)):
        edges = np.cumsum([0, 100, 100, 100, gap, 100, 100, 100])
        found = _phones(replace(piece, edges=edges), 60)
        assert [symbol for symbol, *_ in found] == ["n", "i", "ð", "i"]
        assert (found[1][2], found[2][1]) == (before, after)
