"""The sound of a cut: what is laid under the film, and that nobody judges a cut by another sound than it has."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import faces, sounds
from tests.films import Recipe
from veil.desk import Desk
from veil.errors import VeilError
from veil.media import SOUND_HZ, pieces, probe, read
from veil.nouns.cast import Cast, Looks, Person
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Phrase, Placed, Transcript, Turn, Word
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages import sounding as sounding_stage
from veil.stages.case import Case, CaseFolder, load_case
from veil.stages.names_file import Entry, Names, save_names
from veil.stages.painted import seal_of
from veil.stages.sounding import sound_told, sounding, voices_of


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a film in which somebody is seen, with a tone and a click, and a plan that disguises its sound."""
    monkeypatch.setattr(sounding_stage, "reworded", lambda *_: Transcript("en", ()))
    desk = Desk(faces.film(tmp_path / "film.mp4", faces.speaking(18), Recipe(sound=True)))
    desk.watch()
    desk.folder.plan.write_text('sound = "disguised"\n')
    return desk


def listened(path: Path) -> sounds.Samples:
    with read(probe(path)) as reader:
        return np.concatenate(list(pieces(path, reader.offset_s, Fraction(7, 10))), axis=1)


def test_the_cut_has_the_new_sound_and_none_of_its_own(desk: Desk, tmp_path: Path) -> None:
    """A film that nobody listened to keeps none of its sound: the room alone is heard, and the ledger says so."""
    control = listened(desk.film)
    assert sounds.loud_at(control)
    part = desk.cut(tmp_path / "result.mp4")
    assert probe(part).has_sound
    sound = listened(part)
    assert 0 < np.abs(sound).max() < 0.05
    ledger = json.loads(desk.folder.ledger.read_text())
    assert (ledger["sound"], ledger["owed_s"] == ledger["paid_s"] > 0.7) == ("disguised", True)


def test_another_sound_breaks_the_seal(desk: Desk, tmp_path: Path) -> None:
    """A corrected transcript, another name or track is another cut, names only read are not; no picture is cut anew."""
    part = desk.cut(tmp_path / "result.mp4")
    case, plan = load_case(desk.folder), desk.plan()
    seal = seal_of(case, plan, desk.folder)
    assert seal == seal_of(case, plan, desk.folder)
    sections = sorted(desk.folder.cuts.iterdir())
    desk.folder.transcript.write_text("corrected", "utf-8")
    assert seal_of(case, plan, desk.folder) != seal
    with pytest.raises(VeilError, match="not made by the plan"):
        desk.attack(part)
    desk.folder.transcript.unlink()
    assert seal_of(case, plan, desk.folder) == seal
    entry = Entry("Ramzan", "given name", "replaced", "Umar", places=("0:00:01.000 P1",))
    save_names(desk.folder.names, Names((entry,)))
    named = seal_of(case, plan, desk.folder)
    save_names(desk.folder.names, Names((replace(entry, accepted=True),)), ("a remark",))
    assert seal_of(case, plan, desk.folder) == named
    save_names(desk.folder.names, Names((replace(entry, becomes="Tom"),)))
    assert seal_of(case, plan, desk.folder) != named
    desk.folder.names.unlink()
    desk.folder.plan.write_text('sound = "disguised"\nambience = "as it is"\n')
    desk.cut(tmp_path / "again.mp4")
    assert sorted(desk.folder.cuts.iterdir()) == sections


def test_a_film_without_sound_and_words_stays_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nothing to hear no sound is made."""
    monkeypatch.setattr(sounding_stage, "reworded", lambda *_: Transcript("en", ()))
    desk = Desk(faces.film(tmp_path / "film.mp4", faces.speaking(6)))
    desk.watch()
    assert sounding(load_case(desk.folder), Plan(1, sound="disguised"), desk.folder) is None


def test_a_plan_that_does_not_hide_enough_is_refused(case: Case, tmp_path: Path) -> None:
    """Whoever hides from people who know them is not bent; who may always be heard may have any voice."""
    heard = Heard((Turn("V1", Span(Fraction(0), Fraction(1))),))
    bent = Plan(1, others=Role(voicing=Voicing(by="convert")))
    with pytest.raises(VeilError, match="convert does not hide"):
        voices_of(case, bent, CaseFolder(tmp_path), heard, ())
    own = Plan(1, {"V1": Role(voicing=Voicing(by="convert", heard=(ALWAYS,)))})
    voices_of(case, own, CaseFolder(tmp_path), heard, ())


def test_the_plan_says_whether_a_woman_or_a_man_speaks(case: Case, tmp_path: Path) -> None:
    """A guess of sex by looks can be overruled: every voice of a blend is then of the sex that the plan says."""
    heard = Heard((Turn("P1", Span(Fraction(0), Fraction(1))),))
    looks = replace(case, looks={"P1": Looks(sex=1.0)})

    def sexes(voice: str, seed: int = 1) -> set[str]:
        plan = Plan(seed, {"P1": Role(voicing=Voicing(voice=voice))}, sound="disguised")
        return set(re.findall(r"'[ab]([fm])_", voices_of(looks, plan, CaseFolder(tmp_path), heard, ()).marks["P1"]))

    assert sexes("") == sexes("man") == {"m"}
    assert sexes("woman") == {"f"}
    assert set().union(*(sexes("by lot", seed) for seed in range(12))) == {"f", "m"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a silent film in which nobody is seen."""
    path = sounds.under_film(tmp_path_factory.mktemp("film") / "film.mkv", np.zeros(SOUND_HZ, np.float32))
    return Case(probe(path), 25, 0, (), Cast((), ()), {}, {})


def test_what_became_of_each_voice_is_told(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone who is heard is told of once: who speaks anew, who is only bent, who is silent, and why."""
    second = Span(Fraction(0), Fraction(1))
    heard = Heard(
        tuple(Turn(who, second) for who in ("P1", "P2", "P3", "P4", "V1")),
        transcript=Transcript("en", tuple(Phrase(who, second, (Word("no", second),)) for who in ("P1", "P2", "P3"))),
    )
    roles = {"P2": Role(voicing=Voicing(by="convert")), "P3": Role(voicing=Voicing(by="silence"))}
    roles["P4"] = Role(voicing=Voicing(heard=(ALWAYS,)))
    plan = Plan(1, roles, sound="disguised")
    placed = (Placed("P1", second, (), (), "revoice"), Placed("P2", second, (), (), "convert"))
    monkeypatch.setattr(sounding_stage, "load_record", lambda _: heard)
    monkeypatch.setattr(sounding_stage, "load_heard", lambda _: heard)
    monkeypatch.setattr(sounding_stage, "load_placed", lambda _: placed)
    told = sound_told(case, plan, CaseFolder(tmp_path))
    assert told[4].startswith("silent, since no word of theirs is known: V1; add them to transcript.txt or, where it")
    assert told[:4] == [
        "with another voice: P1",
        "with their own voice, only bent: P2",
        "with their own voice, as the plan says: P4",
        "silent: P3, in subtitles only",
    ]
    seen = replace(case, cast=Cast((), (Person("V1", ()),)))
    assert "music" not in sound_told(seen, plan, CaseFolder(tmp_path))[4], "the voice of somebody seen is no music"


@pytest.mark.parametrize("accepted", [False, True])
def test_nothing_is_replaced_silently(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, accepted: bool
) -> None:
    """Who runs the whole job is told how much of the words is replaced, until they have agreed to all of it."""
    folder = CaseFolder(tmp_path)
    places = ("0:00:00.5 P1",)
    entries = (
        Entry("Ruslan", "given name", "replaced", "Egor", accepted=accepted, places=places),
        Entry("Monday", "date", "kept", places=places),
        Entry("Grozny", "place", "covered", places=()),
    )
    save_names(folder.names, Names(entries))
    monkeypatch.setattr(sounding_stage, "load_record", lambda _: Heard())
    told = sound_told(case, Plan(1, sound="disguised"), folder)
    line = "one name or other word is replaced or covered: look through names.toml, then run it again"
    assert (line in told) is not accepted
    assert not any("Ruslan" in said for said in told)
