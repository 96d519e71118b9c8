"""A slip in the transcript: who is hidden is not heard by it without a word about it, and two at once are still two."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.hearing.test_words import Parrot, part
from tests.talkies import Track, case_of, spoken, talkie
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Sound, Turn
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages import hear as stage
from veil.stages.by_hand import freed_by_hand, freed_told
from veil.stages.case import Case, CaseFolder
from veil.stages.hear import hear, load_heard
from veil.stages.sound_ledger import owed
from veil.stages.sounding import sound_told

OPEN = Plan(1, {"P1": Role(voicing=Voicing(heard=(ALWAYS,)))}, sound="disguised")
BOTH = Span(Fraction(1), Fraction(3, 2))


@pytest.fixture
def heard_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Case, CaseFolder]:
    """Return a film that was heard: P2 speaks, who is hidden, and for a moment somebody else does too."""
    monkeypatch.setattr(stage, "recogniser_for", lambda _model=None: Parrot([part("we left before dawn")]))
    case, folder = case_of(talkie(tmp_path / "film.mov", Track(spoken()[None])), tmp_path / "film.veil", ("P1", "P2"))

    def who(_sound: Sound, voiced: tuple[Span, ...]) -> tuple[Turn, ...]:
        return tuple(Turn("P2", span, overlapped=(BOTH,)) for span in voiced)

    hear(case, folder, who)
    return case, folder


def test_who_is_heard_by_a_correction_is_said(heard_case: tuple[Case, CaseFolder]) -> None:
    """A hidden person's line that is given to somebody who may be heard lets it be heard, and says so, with a time."""
    case, folder = heard_case
    assert freed_by_hand(case, OPEN, folder) == ()
    folder.transcript.write_text(folder.transcript.read_text("utf-8").replace("P2:", "P1:"), "utf-8")
    freed = freed_by_hand(case, OPEN, folder)
    assert freed
    assert "transcript.txt was changed" in freed_told(freed)
    assert any("transcript.txt was changed" in line for line in sound_told(case, OPEN, folder))
    assert freed_by_hand(case, Plan(1), folder) == ()


def test_two_at_once_are_two_after_a_correction(heard_case: tuple[Case, CaseFolder]) -> None:
    """Where two were heard at once the original stays away, whoever a person wrote before the line."""
    case, folder = heard_case
    folder.transcript.write_text(folder.transcript.read_text("utf-8").replace("P2:", "P1:"), "utf-8")
    assert any(span.start <= BOTH.start and BOTH.end <= span.end for span in owed(OPEN, load_heard(folder), case.end_s))
    assert not any(span.meets(BOTH) for span in freed_by_hand(case, OPEN, folder))


@pytest.mark.parametrize("who", ["P9", "p1", "V7"])
def test_a_label_that_nobody_has_is_hidden(heard_case: tuple[Case, CaseFolder], who: str) -> None:
    """A speaker whom the plan does not know is a stranger, and strangers are hidden."""
    case, folder = heard_case
    folder.transcript.write_text(folder.transcript.read_text("utf-8").replace("P2:", f"{who}:"), "utf-8")
    assert freed_by_hand(case, OPEN, folder) == ()


def test_a_film_that_nobody_listened_to_is_told(tmp_path: Path) -> None:
    """Where `veil hear` was never run, the user is told why there is no voice, not that nobody is heard."""
    case, folder = case_of(talkie(tmp_path / "film.mov", Track(spoken()[None])), tmp_path / "film.veil")
    (told,) = sound_told(case, OPEN, folder)
    assert "nobody has listened" in told
