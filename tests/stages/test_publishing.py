"""From a case to what is published, and to a voice double: of a film that is safe, of words that may be told."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.disguise.test_read_aloud import hum, rest
from tests.films import Recipe, flat, make
from tests.stages.test_takes import _consent, _write
from veil.cli.publish import publish as publish_verb
from veil.cli.voice import voice as voice_verb
from veil.errors import Exposed, VeilError
from veil.media import probe
from veil.nouns.cast import Cast
from veil.nouns.film import Shot
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Phrase, Transcript, Word
from veil.nouns.time import Span
from veil.stages import publishing, said, voice_double
from veil.stages.burned import load_captions
from veil.stages.case import Case, CaseFolder, load_case, save_case
from veil.stages.credentials import note_finished
from veil.stages.painted import seal_of
from veil.stages.publishing import publish

PLAN = Plan(0, {"V1": Role(alias="Egor")}, title="Rain", language="en")


def _phrase(text: str, start: float, end: float) -> Phrase:
    words = text.split()
    each = Fraction(end - start) / len(words)
    spans = [Span(Fraction(start) + i * each, Fraction(start) + (i + 1) * each) for i in range(len(words))]
    return Phrase("V1", Span(Fraction(start), Fraction(end)), tuple(map(Word, words, spans)))


TALK = Transcript("en", (_phrase("They came at night, I am Egor.", 1, 3), _phrase("Nobody was at home.", 5, 7)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CaseFolder:
    """Return a case of ten seconds in which somebody is heard and nobody seen; its words are TALK's."""
    film = tmp_path / "film.mp4"
    make(film, Recipe(frames=100, size=(64, 48), rate=Fraction(10)), flat((90, 100, 110)))
    case = Case(probe(film), 100, 0, (Shot(Span(Fraction(0), Fraction(10)), 0, 100),), Cast((), ()), {}, {})
    kept = CaseFolder(tmp_path / "film.veil")
    kept.make()
    save_case(kept, case)
    for part in (publishing, voice_double, said):
        monkeypatch.setattr(part, "disguised", lambda *_: TALK)
    words = (lambda text: "ruslan" in text.casefold()), (lambda text, _: text)
    for door in ("veil.stages.publishing", "veil.cli.voice", "veil.stages.voice_double", "veil.stages.said"):
        monkeypatch.setattr(f"{door}.wording", lambda *_: words)
    for door in ("veil.stages.publishing", "veil.cli.voice"):
        monkeypatch.setattr(f"{door}.make_plan", lambda *_: PLAN)
    return kept


def _finished(folder: CaseFolder, plan: Plan = PLAN) -> Path:
    """Return a result of the case that an attack has found safe."""
    result = folder.path.parent / "film.veiled.mp4"
    make(result, Recipe(frames=100, size=(64, 48), rate=Fraction(10)), flat((10, 20, 30)))
    note_finished(folder, result, seal_of(load_case(folder), plan, folder))
    return result


def test_only_a_safe_film_is_published(folder: CaseFolder) -> None:
    """What belongs to a film is written for the very file that was found safe, and for no other."""
    result = _finished(folder)
    written = publish(folder, result)
    assert len(written.paths) == 4
    record = json.loads(result.with_suffix(".jsonld").read_text("utf-8"))
    assert record["duration"] == "PT10S"
    assert record["creditText"] == "identified as Egor"
    result.write_bytes(result.read_bytes() + b" ")
    with pytest.raises(VeilError, match="found safe"):
        publish(folder, result)
    note_finished(folder, None)
    with pytest.raises(VeilError, match="found safe"):
        publish(folder, result)


def test_another_plan_needs_another_cut_but_the_record_does_not(folder: CaseFolder) -> None:
    """After a change of what is disguised nothing is published; what [publication] says may change at any time."""
    result = _finished(folder, replace(PLAN, publication=replace(PLAN.publication, title="Rain")))
    assert publish(folder, result).paths
    note_finished(folder, result, "of another plan")
    with pytest.raises(VeilError, match="not the one"):
        publish(folder, result)


def test_the_verb_says_what_it_wrote(folder: CaseFolder) -> None:
    """`veil publish` names each file, and refuses a language without a translation."""
    result = _finished(folder)
    done = CliRunner().invoke(publish_verb, [str(folder.path), str(result)])
    assert done.exit_code == 0, done.output
    assert done.stdout.count("written  ") == 4
    done = CliRunner().invoke(publish_verb, [str(folder.path), str(result), "--language", "ru"])
    assert isinstance(done.exception, VeilError)


def test_from_script_to_withdrawal(folder: CaseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`veil voice`: a consent, a script, takes of which one is bad, the better one, and the voice taken back."""
    monkeypatch.setattr("veil.cli.voice.recogniser_for", lambda _: None)
    run, case = CliRunner(), str(folder.path)
    assert run.invoke(voice_verb, ["template", str(tmp_path / "blank.toml")]).exit_code == 0
    assert 'lends = "voice"' in (tmp_path / "blank.toml").read_text("utf-8")
    done = run.invoke(voice_verb, ["script", case, "V1", "-o", str(tmp_path / "script.html")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "script.html").read_text("utf-8")
    assert "They came at night, I am Egor." in page
    assert "film" not in page.replace("Recording", "")
    takes = tmp_path / "takes"
    takes.mkdir()
    reading = [rest(0.5), hum(1.9), rest(0.5)]
    _write(takes / "1.wav", np.concatenate(reading))
    _write(takes / "2.wav", rest(2.5))
    consent = str(_consent(tmp_path / "consent.toml"))
    done = run.invoke(voice_verb, ["takes", case, "V1", str(takes), "--consent", consent])
    assert done.exit_code == 1
    assert "line 2: hardly anything can be heard; record it louder" in done.stdout
    assert "1 of 2 lines are fit" in done.stdout
    _write(takes / "2.wav", np.concatenate(reading))
    assert run.invoke(voice_verb, ["check", case, "V1", str(takes)]).exit_code == 0
    done = run.invoke(voice_verb, ["takes", case, "V1", str(takes), "--consent", consent])
    assert done.exit_code == 0, done.output
    assert 'takes = "takes-V1"' in done.stdout
    (folder.sound / "lines").mkdir(parents=True)
    (folder.sound / "lines" / "1.npz").write_bytes(b"the volunteer's voice")
    assert run.invoke(voice_verb, ["withdraw", case, "V1"]).exit_code == 0
    assert not list(folder.path.rglob("*.wav"))
    assert not list(folder.sound.rglob("*.npz"))


@pytest.mark.parametrize("verb", [(), ("script",), ("check",), ("takes",), ("withdraw",), ("template",)])
def test_help_ends_in_an_example(verb: tuple[str, ...]) -> None:
    """The help of `veil voice` and of each of its verbs has an example."""
    told = CliRunner().invoke(voice_verb, [*verb, "--help"]).stdout
    assert "veil voice" in told.split("example:")[1]


def test_no_hidden_word_is_read_or_burned_in(folder: CaseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rewording has missed a name, neither a script is printed nor a subtitle kept for the cut."""
    case, plan = load_case(folder), replace(PLAN, subtitles="burned in")
    said.burn_in(case, plan, folder)
    assert [c.text for c in load_captions(plan, folder)] == ["They came at night, I am Egor.", "Nobody was at home."]
    missed = replace(TALK, phrases=(_phrase("I am Ruslan, yes.", 1, 3),))
    for part in (voice_double, said):
        monkeypatch.setattr(part, "disguised", lambda *_: missed)
    for use in (lambda: voice_double.script_for(case, plan, folder, "V1"), lambda: said.burn_in(case, plan, folder)):
        with pytest.raises(Exposed) as raised:
            use()
        assert "Ruslan" not in f"{raised.value} {raised.value.hint}"


def test_a_script_needs_words(folder: CaseFolder) -> None:
    """Where somebody says nothing that is known, the error says where to look."""
    done = CliRunner().invoke(voice_verb, ["script", str(folder.path), "P9", "-o", "x.txt"])
    assert isinstance(done.exception, VeilError)
    assert "transcript.txt" in done.exception.hint
