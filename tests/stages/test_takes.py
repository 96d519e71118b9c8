"""A voice double's takes: checked one by one, kept without a trace, used only with consent."""

import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.disguise.test_read_aloud import RATE_HZ, hum, rest
from veil.disguise.lent import today
from veil.disguise.voices import volunteer
from veil.errors import VeilError
from veil.nouns.plan import Plan
from veil.nouns.speech import Line, Said, Sound
from veil.nouns.voicing import Voicing
from veil.stages.case import CaseFolder
from veil.stages.recording import as_page, as_plain, script_of
from veil.stages.take_checks import check_take
from veil.stages.takes import RATE_HZ as KEPT_HZ
from veil.stages.takes import destroy_takes, hear_take, numbered, takes_for, voice_double
from veil.stages.voice_double import Given, Hearing, check_takes, take_in

PLAN = Plan(0, title="Rain")
VOICING = Voicing("double", takes="takes-P1", consent="voice-P1.toml")


def _line(text: str, start: float, length_s: float) -> Line:
    words = tuple(Said(word) for word in text.split())
    return Line("P1", words, "en", Fraction(start), Fraction(length_s), Fraction(1, 2))


LINES = (_line("They came at night.", 4, 1.6), _line("I left, and Egor stayed.", 8, 2))
SCRIPT = script_of("P1", LINES, {"Egor": ""})


def _read(length_s: float = 1.5) -> Sound:
    """Return about what a reading is: silence, a voice, silence."""
    return np.concatenate([rest(0.5), hum(length_s), rest(0.5)])


def _write(path: Path, sound: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _consent(path: Path, **said: object) -> Path:
    text = volunteer.template(today()).replace('lender = ""', 'lender = "wren"').replace('[""]', '["Rain"]')
    text = text.replace('purpose = ""', 'purpose = "a film"').replace("agreed = false", "agreed = true")
    for key, value in said.items():
        text = "\n".join(f"{key} = {value}" if row.startswith(f"{key} =") else row for row in text.split("\n"))
    path.write_text(text)
    return path


@pytest.fixture
def given(tmp_path: Path) -> Given:
    source = tmp_path / "recorded"
    source.mkdir()
    _write(source / "1.wav", _read(1.5))
    _write(source / "line 02 (good).wav", _read(1.9))
    return Given(source, _consent(tmp_path / "consent.toml"))


@pytest.fixture
def folder(tmp_path: Path) -> CaseFolder:
    (tmp_path / "film.veil").mkdir()
    return CaseFolder(tmp_path / "film.veil")


def test_takes_come_in_and_are_heard(given: Given, folder: CaseFolder) -> None:
    """Fit takes are kept for their owner only, and each line is said with its own, in its place."""
    handed = take_in(PLAN, folder, SCRIPT, given, Hearing())
    assert handed.again == ()
    assert handed.kept == 2
    assert (handed.folder, handed.consent) == ("takes-P1", "voice-P1.toml")
    spoken = takes_for(folder.path, VOICING, "Rain")
    for line, said_s in zip(LINES, (1.5, 1.9), strict=True):
        heard = spoken(line)
        assert heard is not None
        assert heard.rate_hz == KEPT_HZ
        assert len(heard.words) == len(line.words)
        assert abs(heard.length_s - said_s) < 0.2
        assert heard.length_s <= float(line.length_s + line.room_s)
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.path.rglob("*"))
    assert spoken(_line("Nobody has read this.", 4, 2)) is None
    with pytest.raises(VeilError, match="has not read the line at 0:00:04"):
        voice_double(folder.path, VOICING, "Rain").speak(_line("Nobody has read this.", 4, 2), 0)


def test_any_format_is_read_and_nothing_of_it_is_kept(given: Given, folder: CaseFolder) -> None:
    """A take from a telephone (AAC with a place and a name in it) comes in as bare sound."""
    with av.open(str(given.source / "1.m4a"), "w") as out:
        out.metadata.update({"title": "wren at home", "location": "+43.3-045.7/"})
        stream = out.add_stream("aac", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(_read(1.5)[None], format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        out.mux([*stream.encode(frame), *stream.encode(None)])
    (given.source / "1.wav").unlink()
    assert take_in(PLAN, folder, SCRIPT, given, Hearing()).kept == 2
    kept = b"".join(path.read_bytes() for path in (folder.path / "takes-P1").glob("*.wav"))
    assert b"wren" not in kept
    assert b"+43.3-" not in kept


def _clipped() -> Sound:
    return np.asarray(np.clip(9 * _read(), -1, 1), np.float32)


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (lambda: rest(2.5), "louder"),
        (lambda: np.asarray(0.004 * _read(), np.float32), "louder"),
        (_clipped, "distorted"),
        (lambda: _read() + rest(2.5, 0.03), "noise"),
        (lambda: _read(3.2), "faster"),
        (lambda: _read(0.5), "shorter"),
        (lambda: hum(1.6), "cut off"),
        (lambda: None, "cannot be read"),
    ],
    ids=["silent", "faint", "clipped", "noisy", "long", "short", "cut", "unreadable"],
)
def test_each_fault_is_said_in_one_sentence(spoiled: Callable[[], Sound | None], said: str) -> None:
    """What is wrong with a take is said in one sentence, with its line and what to do; a good one passes."""
    (sentence,) = check_take(7, LINES[0], spoiled()).again
    assert said in sentence
    assert sentence.startswith("line 7: ")
    assert check_take(7, LINES[0], _read()).again == ()


def test_words_are_checked_where_they_can_be() -> None:
    """Other words, and above all a hidden name, send a take back; without a recogniser it says that nobody listened."""
    checked = check_take(1, LINES[0], _read(), lambda _: "they came at night")
    assert checked.again == ()
    assert checked.words_checked
    assert not check_take(1, LINES[0], _read()).words_checked
    (other,) = check_take(1, LINES[0], _read(), lambda _: "it rains in the valley").again
    assert "other words" in other
    (named,) = check_take(1, LINES[0], _read(), lambda _: "they came at Ruslan", lambda t: "Ruslan" in t).again
    assert "hidden" in named
    assert "Ruslan" not in named


def test_what_is_missing_or_strange_is_told(given: Given, folder: CaseFolder) -> None:
    """A line without a take is told; handed in later it joins the others; a take of no line is refused."""
    (given.source / "1.wav").rename(given.source.parent / "later.wav")
    first = take_in(PLAN, folder, SCRIPT, given, Hearing())
    assert first.again == ("line 1: it is missing; record it",)
    (given.source / "line 02 (good).wav").unlink()
    (given.source.parent / "later.wav").rename(given.source / "1.wav")
    assert take_in(PLAN, folder, SCRIPT, given, Hearing()) == replace(first, checked=(), kept=2) or (
        take_in(PLAN, folder, SCRIPT, given, Hearing()).again == ()
    )
    (given.source / "1.wav").rename(given.source / "33.wav")
    with pytest.raises(VeilError, match="2 lines, and there is a take of line 33"):
        check_takes(SCRIPT, given.source, Hearing())
    (given.source / "33.wav").unlink()
    with pytest.raises(VeilError, match="no take"):
        numbered(given.source)
    (given.source / "5.wav").write_bytes(b"no sound")
    assert hear_take(given.source / "5.wav") is None


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"agreed": "false"}, "not given"),
        ({"films": '["Snow"]'}, "not for this film"),
        ({"until": date(2020, 1, 1).isoformat()}, "run out"),
        ({"lends": '"face"'}, "no consent to lend a voice"),
        ({"lender": '""'}, "no lender"),
    ],
)
def test_no_take_without_consent(given: Given, folder: CaseFolder, said: dict[str, str], wrong: str) -> None:
    """Takes come in only with a consent that was given, to lend a voice, for this film, today."""
    with pytest.raises(VeilError, match=wrong):
        take_in(PLAN, folder, SCRIPT, replace(given, consent=_consent(given.consent, **said)), Hearing())
    assert not (folder.path / "takes-P1").exists()


def test_consent_is_asked_each_time(given: Given, folder: CaseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice is used only while its consent holds: not for another film, not later, not under another consent."""
    take_in(PLAN, folder, SCRIPT, given, Hearing())
    voice_double(folder.path, VOICING, "rain")
    for title, wrong in (("Snow", "not for this film"), ("", "which film")):
        with pytest.raises(VeilError, match=wrong):
            voice_double(folder.path, VOICING, title)
    monkeypatch.setattr("veil.stages.takes.today", lambda: today() + timedelta(days=800))
    with pytest.raises(VeilError, match="run out"):
        voice_double(folder.path, VOICING, "Rain")
    monkeypatch.undo()
    _consent(folder.path / "voice-P1.toml", purpose='"another"')
    with pytest.raises(VeilError, match="another consent"):
        voice_double(folder.path, VOICING, "Rain")


def test_a_voice_can_be_taken_back(given: Given, folder: CaseFolder) -> None:
    """Withdrawn takes are gone, twice does no harm, and the voice is refused from then on, however often handed in."""
    take_in(PLAN, folder, SCRIPT, given, Hearing())
    first = destroy_takes(folder.path / "takes-P1")
    assert first.withdrawn == today()
    assert destroy_takes(folder.path / "takes-P1") == first
    assert not list((folder.path / "takes-P1").glob("*.wav"))
    with pytest.raises(VeilError, match="taken their voice back"):
        voice_double(folder.path, VOICING, "Rain")
    with pytest.raises(VeilError, match="taken their voice back"):
        take_in(PLAN, folder, SCRIPT, given, Hearing())


def test_a_second_pass_bends_the_volunteers_voice(given: Given, folder: CaseFolder) -> None:
    """Where the plan asks for a second pass the take goes through it; where there is none, the plan is refused."""
    take_in(PLAN, folder, SCRIPT, given, Hearing())
    asked = replace(VOICING, second_pass=True)
    with pytest.raises(VeilError, match="second pass"):
        voice_double(folder.path, asked, "Rain")
    plain = voice_double(folder.path, VOICING, "Rain", lambda sound, _: -sound).speak(LINES[0], 0)
    bent = voice_double(folder.path, asked, "Rain", lambda sound, _: -sound).speak(LINES[0], 0)
    assert np.array_equal(bent.sound, -plain.sound)


def test_a_script_holds_what_is_to_be_read_and_no_more(tmp_path: Path) -> None:
    """Numbers, coarse times, words with their marks and how names are said stand in page and text alike."""
    marked = Line(
        "P1",
        (Said("Никто", "strong", "slow", 0.8), Said("Егора"), Said("<не>", "soft"), Said("видел.", "", "fast")),
        "ru", Fraction(62), Fraction(9, 5),
    )  # fmt: skip
    script = script_of("P1", (marked, Line("P2", (Said("чужое"),), "ru", Fraction(1), Fraction(1))), {"Егор": ""})
    for text in (as_page(script), as_plain(script)):
        assert "0:01:02.0" in text
        assert "1.8 с" in text
        assert "чужое" not in text
        assert "Egor" in text
    page = as_page(script)
    assert "<b>Никто</b>" in page
    assert "пауза 0.8 с" in page
    assert "&lt;не&gt;" in page
    assert "<script" not in page
    assert "http" not in page
    assert str(tmp_path) not in page
