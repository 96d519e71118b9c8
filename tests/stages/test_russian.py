"""A film in Russian, known by its subtitles alone: no voice that speaks it ships, and it works all the same."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.disguise.test_read_aloud import hum, rest
from tests.stages.test_takes import _consent, _write
from tests.talkies import Track, spoken, talkie
from veil.cli.voice import voice as voice_verb
from veil.desk import Desk
from veil.disguise.words.declension import name, place
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Phrase, Transcript, Word
from veil.nouns.time import Span
from veil.nouns.voicing import Voicing
from veil.stages.heard import Wish, language_of
from veil.stages.names_file import load_names
from veil.stages.placed import load_placed
from veil.stages.sounding import NO_VOICE
from veil.stages.voicing import speakable

_CUES = """1
00:00:00,600 --> 00:00:02,400
Меня зовут Аслан Казбеков. Я жил в Грозном.

2
00:00:02,900 --> 00:00:05,100
Об Аслане говорили все. Мы уехали из Грозного.
"""
_GONE = "Аслан", "Казбек", "Грозн"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a film of about six seconds that was watched and heard, with subtitles as old programs write them."""
    folder = tmp_path_factory.mktemp("russian")
    (folder / "ru.srt").write_bytes(_CUES.encode("cp1251"))
    desk = Desk(talkie(folder / "film.mkv", Track(spoken()[None])))
    desk.watch()
    desk.hear(Wish(subtitles=str(folder / "ru.srt")))
    return desk


def test_silence_and_subtitles(desk: Desk) -> None:
    """Without a word of the user, hidden people are silent, subtitles have other names in their case; it is told."""
    result = desk.film.with_name("silent.mp4")
    report = desk.disguise(result)
    assert report.safe
    assert not load_placed(desk.folder)
    assert NO_VOICE in desk.said()
    assert 'voice = "silence"' in desk.folder.plan.read_text("utf-8")
    alias = {e.said: e.becomes for e in load_names(desk.folder.names).entries}
    for kind in (".srt", ".vtt", ".txt", ".jsonld"):
        text = " ".join(result.with_suffix(kind).read_text("utf-8").split())
        assert not [name for name in _GONE if name.lower() in text.lower()]
        assert f"{name(alias['Аслан'], 'masc')['loct']} говорили" in text
        assert f"жил в {place(alias['Грозный'])[1]['loct']}" in text


def test_a_volunteer_speaks(desk: Desk, tmp_path: Path) -> None:
    """From a plan in which somebody is silent: the script, takes, the plan, and a cut in which the takes are heard."""
    desk.plan()
    run, case, script = CliRunner(), str(desk.folder.path), tmp_path / "script.txt"
    speakers = sorted(desk.plan().roles)
    for label in (label for label in speakers if label.startswith("V")):
        done = run.invoke(voice_verb, ["script", case, label, "-o", str(script)])
        assert done.exit_code == 0, done.output
        told, takes = script.read_text("utf-8"), tmp_path / label
        takes.mkdir()
        script.unlink()
        assert not [name for name in _GONE if name in told]
        for number in range(1, sum(row[:4].strip().isdigit() for row in told.splitlines()) + 1):
            _write(takes / f"{number}.wav", np.concatenate([rest(0.5), hum(1.9), rest(0.5)]))
        consent = str(_consent(tmp_path / "consent.toml", films='["Rain"]'))
        desk.folder.plan.write_text(
            desk.folder.plan.read_text("utf-8").replace('title = ""', 'title = "Rain"'), "utf-8"
        )
        done = run.invoke(voice_verb, ["takes", case, label, str(takes), "--consent", consent])
        assert done.exit_code == 0, done.output
        plan = desk.folder.plan.read_text("utf-8")
        head, own = plan.split(f"[people.{label}]")
        double = f'voice = "double"\ntakes = "takes-{label}"\nvoice_consent = "voice-{label}.toml"'
        desk.folder.plan.write_text(f"{head}[people.{label}]" + own.replace('voice = "silence"', double, 1), "utf-8")
    assert desk.plan().roles[speakers[0]].voicing.by == "double"
    desk.cut(tmp_path / "spoken.mp4")
    assert {line.by for line in load_placed(desk.folder)} == {"double"}


def test_what_can_be_spoken_is() -> None:
    """English keeps its voices; a voice that somebody names, takes and a bent voice stay in any language."""
    ways = [Voicing(), Voicing(voice="hibari"), Voicing(voice="ru.onnx"), Voicing("convert"), Voicing("double")]
    plan = Plan(1, {f"V{i}": Role(voicing=way) for i, way in enumerate(ways)})
    assert speakable(plan, "en") == speakable(plan, "") == plan
    by = [role.voicing.by for role in speakable(plan, "ru").roles.values()]
    assert by == ["silence", "silence", "revoice", "convert", "double"]
    assert speakable(plan, "ru").others.voicing.by == "silence"


@pytest.mark.parametrize(
    ("plan", "heard", "said", "language"),
    [
        ("", "", "Я жил там.", "ru"), ("", "en", "Я жил там.", "ru"), ("", "uk", "Я жив там.", "uk"),
        ("", "en", "I lived there.", "en"), ("", "", "მე ვარ", ""), ("bg", "", "Аз бях там.", "bg"), ("", "", "", ""),
    ],
)  # fmt: skip
def test_which_language(plan: str, heard: str, said: str, language: str) -> None:
    """The plan knows; then what was heard, but for English in Russian letters; then the letters."""
    nowhen = Span(Fraction(0), Fraction(1))
    phrase = Phrase("V1", nowhen, tuple(Word(word, nowhen) for word in said.split()))
    assert language_of(plan, Heard(transcript=Transcript(heard, (phrase,)))) == language
