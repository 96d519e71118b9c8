"""Hearing a film: who speaks, what is said, and what a person corrected, kept in the case and never lost."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.films import Recipe, make
from tests.hearing.test_words import Parrot, part
from tests.talkies import Track, case_of, hiss, spoken, talkie, tone
from veil.errors import VeilError
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import HEARING_HZ, Heard, Sound, Turn
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages import hear as stage
from veil.stages.audible import audible
from veil.stages.case import Case, CaseFolder
from veil.stages.hear import Wish, hear, load_heard


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Parrot:
    """Put a recogniser that always says the same in the place of the one that ships."""
    bird = Parrot([part("we left (it) before dawn", sure=0.5)])
    monkeypatch.setattr(stage, "recogniser_for", lambda _model=None: bird)
    return bird


def film_of(tmp_path: Path, *tracks: Track, labels: tuple[str, ...] = ("P1",)) -> tuple[Case, CaseFolder]:
    return case_of(talkie(tmp_path / "film.mov", *tracks), tmp_path / "film.veil", labels)


def voice(*, before_s: float = 0) -> Track:
    return Track(np.concatenate([np.zeros(round(before_s * HEARING_HZ), np.float32), spoken()])[None])


def test_an_english_film_becomes_a_transcript(tmp_path: Path) -> None:
    """A voice that ships, in a film, is written down with its speaker and its times; nothing is asked of a network."""
    case, folder = film_of(tmp_path, voice(before_s=2))
    heard = hear(case, folder, lambda _sound, voiced: tuple(Turn("P1", span) for span in voiced))
    assert heard.transcript.language == "en"
    assert {p.speaker for p in heard.transcript.phrases} == {"P1"}
    assert heard.transcript.phrases[0].said.startswith("We left the house")
    assert 2.3 < heard.transcript.phrases[0].span.start < 2.9
    assert any(heard.transcript.phrases[0].span.start in span for span in heard.voiced)
    assert folder.transcript.stat().st_mode & 0o077 == 0
    assert (folder.hearing / "heard.json").stat().st_mode & 0o077 == 0
    assert load_heard(folder) == heard


def test_it_is_done_again_only_when_something_changed(tmp_path: Path, parrot: Parrot) -> None:
    """A film is not heard twice for nothing; another language or other subtitles are a reason."""
    case, folder = film_of(tmp_path, voice())
    first = hear(case, folder)
    often = len(parrot.heard_s)
    assert hear(case, folder) == first
    assert len(parrot.heard_s) == often
    hear(case, folder, wish=Wish(language="en"))
    assert len(parrot.heard_s) > often
    often = len(parrot.heard_s)
    hear(case, folder)  # what was wished for stays
    assert len(parrot.heard_s) == often


def test_what_a_person_corrects_stays(tmp_path: Path, parrot: Parrot) -> None:
    """Corrected words are what is heard, at once and after a new hearing; their speaker has the turn."""
    case, folder = film_of(tmp_path, voice())
    (phrase,) = {p.said for p in hear(case, folder).transcript.phrases[:1]}
    assert phrase == "we left it before dawn"
    text = folder.transcript.read_text("utf-8")
    line = next(line for line in text.splitlines() if "V1:" in line)
    folder.transcript.write_text(text.replace(line, line.split("V1:")[0] + "V7: Vera *left*"), "utf-8")
    corrected = load_heard(folder)
    assert corrected.transcript.phrases[0].said == "Vera left"
    assert any(t.speaker == "V7" and t.span.meets(corrected.transcript.phrases[0].span) for t in corrected.turns)
    parrot.says = [part("something else altogether")]
    again = hear(case, folder, wish=Wish(language="en"))
    assert again.transcript.phrases[0].said == "Vera left"
    assert "Vera *left*" in folder.transcript.read_text("utf-8")


def test_a_transcript_outlives_what_was_heard(tmp_path: Path, parrot: Parrot) -> None:
    """When what was kept of a hearing is lost or damaged, the transcript is not: every line of it stays."""
    case, folder = film_of(tmp_path, voice())
    hear(case, folder)
    text = folder.transcript.read_text("utf-8").replace("before", "after")
    folder.transcript.write_text(text, "utf-8")
    (folder.hearing / "heard.json").unlink()
    parrot.says = [part("something else altogether")]
    assert "after" in hear(case, folder).transcript.phrases[0].said
    assert "after" in folder.transcript.read_text("utf-8")
    assert "else" not in folder.transcript.read_text("utf-8")


def test_a_run_that_was_cut_off_is_finished(tmp_path: Path, parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the power fails between the record and the transcript, both are whole afterwards, corrections included."""
    del parrot
    case, folder = film_of(tmp_path, voice())
    from veil.stages import heard as kept

    with monkeypatch.context() as cut:
        cut.setattr(kept, "_finish", lambda _folder: None)
        assert hear(case, folder) == Heard()
    assert load_heard(folder).transcript.phrases
    assert folder.transcript.is_file()
    assert not (folder.hearing / "pending.json").exists()


def test_who_speaks_is_asked(tmp_path: Path, parrot: Parrot) -> None:
    """Whoever tells the turns decides whose words they are; two at once are remarked with the place."""
    del parrot

    def who(sound: Sound, voiced: tuple[Span, ...]) -> tuple[Turn, ...]:
        assert sound.dtype == np.float32
        return tuple(Turn("P2", span, 0.8, (Span(span.start, span.start + 1),)) for span in voiced)

    case, folder = film_of(tmp_path, voice(), labels=("P1", "P2"))
    heard = hear(case, folder, who)
    assert heard.speakers == ("P2",)
    assert {p.speaker for p in heard.transcript.phrases} == {"P2"}
    assert any("two speak at once in one place, the first at 0:00:00" in remark for remark in heard.remarks)


def test_nothing_to_hear_is_said(tmp_path: Path) -> None:
    """No sound, silence and music: nobody's words, one clear remark each; music is taken for a voice."""
    silent_film = make(tmp_path / "silent.mp4", Recipe(frames=5))
    heard = hear(*case_of(silent_film, tmp_path / "silent.veil"))
    assert heard.remarks == ("the film has no sound, so nobody is heard",)
    assert not heard.voiced
    heard = hear(*film_of(tmp_path, Track(np.zeros((1, 3 * HEARING_HZ), np.float32))))
    assert heard.remarks == ("nobody is heard in the film",)
    beat = tone(220, 1) * np.linspace(1, 0, HEARING_HZ, dtype=np.float32)
    music = np.concatenate([np.zeros(2 * HEARING_HZ, np.float32), *[beat] * 8]) + hiss(10, 0.001)
    (tmp_path / "music").mkdir()
    heard = hear(*film_of(tmp_path / "music", Track(music[None])))
    assert not heard.transcript.phrases
    assert any(Fraction(6) in span for span in heard.voiced)
    assert any("music" in remark and "0:00:0" in remark for remark in heard.remarks)


def test_voices_are_looked_for_in_every_track(tmp_path: Path, parrot: Parrot) -> None:
    """A voice in the second sound track is owed another sound too, and the words are found where somebody speaks."""
    del parrot
    quiet = Track(np.zeros((1, 8 * HEARING_HZ), np.float32))
    heard = hear(*film_of(tmp_path, quiet, voice(before_s=1)))
    assert any(Fraction(3) in span for span in heard.voiced)
    assert heard.transcript.phrases
    assert any("2 sound tracks: words are those of track 2" in remark for remark in heard.remarks)


def test_turns_of_another_track_let_nobody_be_heard(tmp_path: Path, parrot: Parrot) -> None:
    """A film is given its first track; who speaks in another does not tell who would be heard, so nobody is, and told.

    Where the words are in the first track, turns are as sure as they were.
    """
    del parrot

    def who(_sound: Sound, voiced: tuple[Span, ...]) -> tuple[Turn, ...]:
        return tuple(Turn("P1", span) for span in voiced)

    plan = Plan(1, {"P1": Role(voicing=Voicing(heard=(ALWAYS,)))}, ambience="as it is")
    quiet = Track(np.concatenate([tone(200, 1), np.zeros(8 * HEARING_HZ, np.float32)])[None] * np.float32(0.01))
    (tmp_path / "other").mkdir()
    for tracks, folder, heard_at_all in (
        ([voice(), quiet], tmp_path, True),
        ([quiet, voice()], tmp_path / "other", False),
    ):
        case, kept = film_of(folder, *tracks)
        heard = hear(case, kept, who)
        assert audible(plan, heard, case.end_s)[200] == heard_at_all
        assert any("own voice" in remark for remark in heard.remarks) != heard_at_all


def test_a_language_without_a_model_is_said(tmp_path: Path) -> None:
    """Where the recogniser does not know the language, places of speech are kept without words and it is said."""
    heard = hear(*film_of(tmp_path, voice()), wish=Wish(language="ru"))
    assert heard.transcript.phrases
    assert all(not p.words for p in heard.transcript.phrases)
    assert any("--subtitles" in remark for remark in heard.remarks)
    assert heard.turns


def subtitles(path: Path, *lines: str, first_s: float = 0.6) -> str:
    """Write subtitles that follow one another, 2.4 s each."""
    cues = [
        f"00:00:{first_s + 2.4 * k:06.3f} --> 00:00:{first_s + 2.4 * (k + 1):06.3f}\n{t}" for k, t in enumerate(lines)
    ]
    path.write_bytes("\n\n".join(cues).encode("cp1251"))
    return str(path)


def test_subtitles_are_the_words(tmp_path: Path) -> None:
    """Russian subtitles are spread over what is spoken; their language is known by their letters."""
    given = subtitles(tmp_path / "film.srt", "Мы вышли до рассвета.", "Никто не знал дороги.")
    heard = hear(*film_of(tmp_path, voice()), wish=Wish(subtitles=given))
    assert " ".join(p.said for p in heard.transcript.phrases) == "Мы вышли до рассвета. Никто не знал дороги."
    assert heard.transcript.language == "ru"
    assert all(p.source == "subtitles" for p in heard.transcript.phrases)
    assert not any(w.timed for p in heard.transcript.phrases for w in p.words)


def test_subtitles_get_the_times_of_what_was_heard(tmp_path: Path) -> None:
    """Where the recogniser heard the same words, they begin when they were heard, late as the subtitles are."""
    given = subtitles(
        tmp_path / "film.srt",
        "We left the house before dawn.",
        "Nobody knew where THAT road would take us.",
        first_s=0.9,
    )
    heard = hear(*film_of(tmp_path, voice()), wish=Wish(subtitles=given))
    words = [w for p in heard.transcript.phrases for w in p.words]
    assert " ".join(w.text for w in words).startswith("We left the house before dawn. Nobody knew where THAT road")
    assert [w.text for w in words if not w.timed] == ["THAT"]
    assert 0.4 < words[0].span.start < 0.8


def test_subtitles_that_say_something_else_are_refused(tmp_path: Path) -> None:
    """Subtitles with other words than those that are heard are refused without a word of them."""
    given = subtitles(tmp_path / "film.srt", "An owl is a bird with large eyes", "which hunts in quiet nights for mice")
    with pytest.raises(VeilError, match="not what is said") as caught:
        hear(*film_of(tmp_path, voice()), wish=Wish(subtitles=given))
    assert "owl" not in f"{caught.value} {caught.value.hint}"


def test_what_is_kept_holds_no_more_than_it_must(tmp_path: Path, parrot: Parrot) -> None:
    """What is kept of a hearing is words and times, and no sound; damage is told."""
    del parrot
    case, folder = film_of(tmp_path, voice())
    hear(case, folder)
    assert {path.name for path in folder.hearing.iterdir()} == {"heard.json"}
    told = json.loads((folder.hearing / "heard.json").read_text("utf-8"))
    assert len(json.dumps(told)) < 10_000
    (folder.hearing / "heard.json").write_text("{", "utf-8")
    with pytest.raises(VeilError, match="damaged"):
        load_heard(folder)
    assert load_heard(CaseFolder(tmp_path / "elsewhere")) == Heard()
