"""What is written beside a finished film: all of it or nothing, with no word that is hidden."""

import json
import tomllib
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.films import Recipe, flat, make
from veil.errors import Exposed, VeilError
from veil.media import probe
from veil.nouns.cast import Cast
from veil.nouns.plan import Plan, Role
from veil.nouns.publication import Publication
from veil.nouns.speech import Phrase, Placed, Transcript, Word
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages.caption_files import read_cues
from veil.stages.case import Case
from veil.stages.outputs import Told, outputs
from veil.stages.publication import iso_duration, read_publication, written_publication
from veil.stages.said import said_in
from veil.stages.translation import Translation, read_translation

PLAN = Plan(0, {"P1": Role(alias="Akhmed"), "P2": Role(voicing=Voicing(heard=(ALWAYS,)))}, language="en")


def _words(text: str, start: float, each_s: float) -> tuple[Word, ...]:
    begins = [Fraction(start) + i * Fraction(each_s) for i in range(len(text.split()))]
    return tuple(Word(word, Span(at, at + Fraction(each_s))) for word, at in zip(text.split(), begins, strict=True))


def _phrase(speaker: str, text: str, start: float, end: float, each_s: float = 0.3) -> Phrase:
    return Phrase(speaker, Span(Fraction(start), Fraction(end)), _words(text, start, each_s))


TALK = Transcript(
    "en",
    (
        _phrase("P1", "My name is Akhmed, and I come from the mountains.", 1.03, 4.9),
        _phrase("P2", "Why did you leave?", 5.5, 7),
        _phrase("P1", "They came at night.", 8, 10),
    ),
)
PLACED = (
    Placed("P1", Span(Fraction(1), Fraction(5)), _words(TALK.phrases[0].said, 1.2, 0.35), (), "revoice"),
    Placed("P1", Span(Fraction(8), Fraction(10)), _words("They came at night.", 8, 0.4), (), "revoice"),
)
TOLD = Told(TALK, lambda text: "ruslan" in text.casefold(), PLACED)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a film in which nobody's face is seen, and everybody is heard."""
    path = tmp_path_factory.mktemp("case") / "film.mp4"
    make(path, Recipe(frames=30, size=(64, 48)), flat((90, 100, 110)))
    return Case(probe(path), 30, 0, (), Cast((), ()), {}, {})


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "film.veiled.mp4"
    make(path, Recipe(frames=30, size=(64, 48)), flat((90, 100, 110)))
    return path


def test_everything_is_written_beside_the_film(case: Case, result: Path) -> None:
    """Transcript, SRT, WebVTT and record stand beside the film, with aliases, and a second time nothing changes."""
    written = outputs(case, PLAN, TOLD, result)
    tails = {".txt", ".srt", ".vtt", ".jsonld"}
    assert {p.name for p in written.paths} == {f"film.veiled{tail}" for tail in tails}
    assert written.hurried == 0
    text = result.with_suffix(".txt").read_text("utf-8")
    assert "identified as Akhmed" in text
    assert "Akhmed: They came at night." in text
    assert "P2: Why did you leave?" in text
    assert next(cue.span.start for cue in read_cues(result.with_suffix(".srt").read_text("utf-8"))) == Fraction("1.2")
    assert outputs(case, PLAN, TOLD, result) == written


def test_the_record_is_a_video_object(case: Case, result: Path) -> None:
    """The record holds what the publisher says, the length, the language, the alias, the disclosure, the words."""
    told = Publication("Rain", "A testimony.", "Voices", "V-12", "North Caucasus", "", date(2026, 12, 1), "A house")
    outputs(case, PLAN, replace(TOLD, publication=told), result)
    record = json.loads(result.with_suffix(".jsonld").read_text("utf-8"))
    assert record["@context"] == "https://schema.org"
    assert record["@type"] == "VideoObject"
    assert record["name"] == "Rain"
    assert record["isPartOf"]["name"] == "Voices"
    assert record["identifier"] == "V-12"
    assert record["contentLocation"]["address"] == "North Caucasus"
    assert record["inLanguage"] == "en"
    assert record["datePublished"] == "2026-12-01"
    assert record["duration"] == "PT1S"
    assert record["creditText"] == "identified as Akhmed"
    assert "They came at night." in record["transcript"]
    assert "closedCaptions" in record["accessibilityFeature"]
    assert "disguised" in record["disambiguatingDescription"]
    everything = json.dumps(record)
    assert case.film.path.name not in everything
    assert str(case.film.fingerprint)[:16] not in everything


@pytest.mark.parametrize(
    "told",
    [
        replace(TOLD, publication=Publication(description="The story of Ruslan.")),
        replace(TOLD, placed=(replace(PLACED[0], words=_words("I am Rus\u00adlan, yes", 1, 0.5)),)),
        replace(TOLD, translation=Translation("Меня зовут Ruslan.", "ru")),
        replace(TOLD, hidden=lambda text: "night. my" in text.casefold() or "leave? they" in text.casefold()),
    ],
    ids=["record", "parted word", "translation", "over two phrases"],
)
def test_a_hidden_word_stops_everything(case: Case, result: Path, told: Told) -> None:
    """Wherever a hidden word would stand, nothing at all is written, and the error does not repeat it."""
    with pytest.raises(Exposed) as raised:
        outputs(case, PLAN, told, result)
    assert "uslan" not in f"{raised.value} {raised.value.hint}"
    assert [p.name for p in result.parent.iterdir() if p.suffix != ".wardrobe"] == [result.name]


def test_the_originals_name_stops_everything(case: Case, result: Path) -> None:
    """A record that would tell the name of the original's file is not written."""
    named = replace(case, film=replace(case.film, path=Path("grozny_2026-03-04.mov")))
    told = replace(TOLD, publication=Publication(title="Grozny_2026-03-04, the film"))
    with pytest.raises(Exposed, match="original"):
        outputs(named, PLAN, told, result)
    marked = replace(TOLD, publication=Publication(identifier=f"sha256:{case.film.fingerprint}"))
    with pytest.raises(Exposed, match="original"):
        outputs(case, PLAN, marked, result)
    counted = replace(case, film=replace(case.film, path=Path("2026.mov")))
    assert outputs(counted, PLAN, replace(TOLD, publication=Publication(published=date(2026, 12, 1))), result).paths


def test_work_of_others_is_not_overwritten(case: Case, result: Path) -> None:
    """Subtitles that somebody has changed are kept, unless they are to be written again."""
    outputs(case, PLAN, TOLD, result)
    result.with_suffix(".srt").write_text("mine", "utf-8")
    with pytest.raises(VeilError, match="other subtitles"):
        outputs(case, PLAN, TOLD, result)
    outputs(case, PLAN, TOLD, result, again=True)
    assert "Akhmed" in result.with_suffix(".srt").read_text("utf-8")


def test_no_time_of_an_unheard_person_is_told() -> None:
    """Where no voice speaks a hidden person's words, their word times change nothing; permitted voices keep them."""
    other = replace(
        TALK, phrases=tuple(replace(p, words=_words(p.said, float(p.span.start), 0.05)) for p in TALK.phrases)
    )
    mute, changed = said_in(PLAN, TALK, ()), said_in(PLAN, other, ())
    assert [s for s in mute if s.speaker == "P1"] == [s for s in changed if s.speaker == "P1"]
    assert [s for s in mute if s.speaker == "P2"] != [s for s in changed if s.speaker == "P2"]


def test_what_a_late_line_says_is_told_once() -> None:
    """A line that had to wait until its phrase was over is the only place of those words."""
    late = Placed("P1", Span(Fraction(11), Fraction(13)), _words("They came at night.", 11, 0.4), (), "revoice")
    said = said_in(PLAN, TALK, (PLACED[0], late))
    assert [s.span.start for s in said if s.pieces[0].text == "They"] == [11]


def test_a_translation_follows_the_new_sound(case: Case, result: Path, tmp_path: Path) -> None:
    """A translation with times is laid along the new voice, its names replaced, in files of its own language."""
    first = "1\n00:00:01,000 --> 00:00:04,900\nМеня зовут Руслан, я с гор.\n"
    given = f"{first}\n2\n00:00:08,100 --> 00:00:09,900\nПришли ночью.\n"
    (tmp_path / "given.srt").write_text(given, "cp1251")
    told = replace(
        TOLD,
        translation=read_translation(tmp_path / "given.srt", "ru"),
        rename=lambda text, _: text.replace("Руслан", "Ахмед"),
        hidden=lambda text: "руслан" in text.casefold(),
    )
    outputs(case, PLAN, told, result)
    cues = read_cues((tmp_path / "film.veiled.ru.srt").read_text("utf-8"))
    assert [cue.span.start for cue in cues] == [Fraction("1.2"), Fraction(8)]
    assert "Ахмед" in cues[0].text
    assert "Akhmed" in (tmp_path / "film.veiled.srt").read_text("utf-8")


@pytest.mark.parametrize("text", ["Раз. \n\nДва?\nТри.", "Раз. Два? Три."])
def test_a_translation_without_times_goes_in_order(case: Case, result: Path, text: str) -> None:
    """Plain lines or sentences, as many as phrases, stand one beside each."""
    outputs(case, PLAN, replace(TOLD, translation=Translation(text, "ru")), result)
    cues = read_cues(result.with_name("film.veiled.ru.srt").read_text("utf-8"))
    assert [cue.text.split(": ")[-1] for cue in cues] == ["Раз.", "Два?", "Три."]
    assert cues[1].span.start == Fraction("5.5")


def test_a_translated_copy_of_the_transcript_is_understood(case: Case, result: Path) -> None:
    """Veil's own transcript with its words translated keeps its places; another encoding of nothing is refused."""
    outputs(case, PLAN, TOLD, result)
    copy = result.with_suffix(".txt").read_text("utf-8").replace("They came at night.", "Они пришли ночью.")
    outputs(case, PLAN, replace(TOLD, translation=Translation(copy, "ru")), result, again=True)
    cues = read_cues(result.with_name("film.veiled.ru.srt").read_text("utf-8"))
    assert cues[-1].text.endswith("Они пришли ночью.")
    assert cues[-1].span.start == 8
    result.with_name("empty").write_bytes(b" ")
    with pytest.raises(VeilError, match="empty"):
        read_translation(result.with_name("empty"), "ru")


def test_a_plan_says_what_it_read() -> None:
    """What [publication] says is written and read back; what Veil does not know is refused."""
    told = Publication('A "film"', "Two\nlines", "", "7", "", "ru", date(2026, 12, 1))
    for one in (told, Publication()):
        lines = "\n".join(written_publication(one))
        assert read_publication(tomllib.loads(lines)["publication"]) == one
    for wrong in ({"titel": "x"}, {"title": 3}, {"language": "Russian!"}, {"published": "2026"}):
        with pytest.raises(VeilError):
            read_publication(wrong)


def test_durations_are_iso() -> None:
    """Lengths are told as ISO 8601 tells them."""
    assert iso_duration(Fraction(3723)) == "PT1H2M3S"
    assert iso_duration(Fraction(120)) == "PT2M"
    assert iso_duration(Fraction(0)) == "PT0S"
