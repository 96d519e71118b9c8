"""Whose mouth is taken over, when, and what is then seen: other filmed words give the same film."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from tests import faces
from veil.models.topology import OUTER_LIPS
from veil.nouns.picture import Box, Frame, Pixels
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Phone, Placed, Turn
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages.case import Case, CaseFolder
from veil.stages.cut import _key
from veil.stages.dressing import CuttingRoom, Scenery
from veil.stages.mouths import Mouths, mouths_of
from veil.stages.placed import save_placed

FRAMES = 30
PLAN = Plan(3, {"P1": Role(double="boris")}, sound="disguised")


def span(start_s: float, end_s: float) -> Span:
    return Span(Fraction(start_s).limit_denominator(1000), Fraction(end_s).limit_denominator(1000))


def line(*symbols: str, start_s: float = 0.4, each_s: float = 0.12, speaker: str = "P1") -> Placed:
    """Return a line of sounds in a row."""
    phones = tuple(Phone(s, start_s + i * each_s, start_s + (i + 1) * each_s) for i, s in enumerate(symbols))
    return Placed(speaker, span(start_s, start_s + len(symbols) * each_s), (), phones, "revoice")


def turn(start_s: float, end_s: float, speaker: str = "P1") -> Turn:
    return Turn(speaker, span(start_s, end_s))


def talking(words: float) -> faces.Scene:
    """Return somebody who says something; with other `words` their lips do something else, and nothing else differs."""

    def path(i: int) -> faces.Pose:
        jaw = 0.3 + 0.3 * float(np.sin(words + (0.7 + 0.4 * words) * i))
        moves = (("jawOpen", jaw), ("mouthPucker", 0.5 * jaw * (words % 2)), ("browInnerUp", 0.3))
        return faces.Pose(160, 100, 90, 8 * float(np.sin(i * 0.2)), 3, 0, moves)

    return faces.Scene((faces.Actor("farah", path),), FRAMES)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return faces.case_of(talking(0.0), tmp_path)


def test_a_mouth_is_taken_over_while_its_person_speaks(case: Case) -> None:
    """It is whole from before the turn to after it, comes and goes smoothly, and is as filmed far from it."""
    mouths = Mouths(case, PLAN, (), Heard((turn(2, 3), turn(3.5, 4), turn(8, 9))))
    assert all(mouths.share("P1", t) == 1 for t in np.arange(1.8, 4.15, 0.05)), "short breaths do not let lips go"
    assert [mouths.share("P1", t) for t in (1.5, 6.0, 9.5)] == [0, 0, 0]
    ramp = [mouths.share("P1", t) for t in np.arange(1.5, 2.0, 0.01)]
    assert ramp == sorted(ramp)
    assert max(np.diff(ramp)) < 0.15


def test_whoever_may_be_heard_keeps_their_mouth(case: Case) -> None:
    """Where the plan lets somebody be heard, their mouth is as filmed; beside that it is not."""
    role = Role(double="boris", voicing=Voicing(heard=(span(4, 8),)))
    mouths = Mouths(case, replace(PLAN, roles={"P1": role}), (), Heard((turn(2, 10),)))
    assert [mouths.share("P1", t) for t in (3.9, 5.0, 7.0, 8.1)] == [1, 0, 0, 1]
    lifted = Role(double="boris", voicing=Voicing(heard=(ALWAYS,)))
    assert not any(
        Mouths(case, replace(PLAN, roles={"P1": lifted}), (), Heard((turn(0, 10),))).share("P1", t) for t in range(10)
    )


@pytest.mark.parametrize("sound", ["left out", "as it is"])
def test_without_new_voices_nothing_changes(case: Case, sound: Literal["left out", "as it is"]) -> None:
    """Where no voice is replaced, every mouth is as filmed, whatever was heard or made before."""
    plan = replace(PLAN, sound=sound)
    mouths = Mouths(case, plan, [line("m", "ɑ")], Heard((turn(0, 10),), (span(0, 10),)))
    assert mouths.share("P1", 1.0) == 0
    assert mouths.told(["P1"], 0, FRAMES) == []


def test_others_speak_with_their_own_mouths(case: Case) -> None:
    """A turn or line of somebody else, seen or not, moves no lips; a voice that no turn explains may be theirs."""
    elsewhere = Heard((turn(1, 2, "P2"), turn(3, 4, "V1")), (span(1, 2), span(3, 4)))
    mouths = Mouths(case, PLAN, [line("m", "ɑ", start_s=3, speaker="V1")], elsewhere)
    assert [mouths.share("P1", t) for t in (1.5, 3.5)] == [0, 0]
    nobodys = Mouths(case, PLAN, (), Heard((turn(1, 2, "V1"),), (span(1, 3),)))
    assert [nobodys.share("P1", t) for t in (1.3, 2.5)] == [0, 1]


def test_a_bent_voice_that_nobody_wrote_down_keeps_its_lips(case: Case) -> None:
    """Where a voice is only bent, and no word was changed, the lips fit as they are; where words are known they go."""
    bent = Placed("P1", span(1, 2), (), (), "convert")
    heard = Heard((turn(1, 2),))
    assert Mouths(case, PLAN, [bent], heard).share("P1", 1.5) == 0
    assert Mouths(case, PLAN, [replace(bent, phones=line("m").phones)], heard).share("P1", 1.5) == 1
    assert Mouths(case, PLAN, [replace(bent, by="silence")], heard).share("P1", 1.5) == 1


def test_a_mouth_says_what_is_heard_and_rests_else(case: Case) -> None:
    """Lips are open for the line's vowels, closed for its m, and closed where the turn goes on without a sound."""
    mouths = Mouths(case, PLAN, [line("m", "ɑ", "m", "ɑ")], Heard((turn(0.2, 6),)))
    gaps = [mouths.says("P1", 0.4 + 0.12 * (k + 0.5)).gap for k in range(4)]
    assert max(gaps[0], gaps[2]) < 0.01
    assert min(gaps[1], gaps[3]) > 0.12
    assert mouths.says("P1", 4.0).gap == 0


def test_a_new_sound_cuts_a_section_anew(case: Case, tmp_path: Path) -> None:
    """What a section is kept by depends on the lines of those in it, and on nobody else's."""
    folder = CaseFolder(tmp_path / "case")
    folder.make()
    keys = []
    for placed in ((), (line("m", "ɑ"),), (line("m", "i"),), (line("m", "ɑ"), line("i", speaker="V1"))):
        save_placed(folder, placed)
        scenery = Scenery(mouths=mouths_of(case, PLAN, folder))
        keys.append(_key(case, PLAN, ({}, {}), 0, scenery))
    assert len({*keys[:3]}) == 3
    assert keys[3] == keys[1]


def mouth_of(scene: faces.Scene, frame: Frame) -> Pixels:
    """Return the part of a picture where a mouth that is taken over lies."""
    mesh = scene.actors[0].mesh(frame.index)
    assert mesh is not None
    return frame.picture.rgb(Box.around(mesh[OUTER_LIPS]).grown(0.12))


def dressed(words: float, folder: Path, scenery_of_mouths: bool) -> list[Frame]:
    """Return a scene as it goes out."""
    folder.mkdir()
    scene = talking(words)
    case = faces.case_of(scene, folder)
    mouths = Mouths(case, PLAN, [line("b", "ɑ", "i", "f", "u")], Heard((turn(0, 10),)))
    room = CuttingRoom(case, PLAN, {}, None, Scenery(mouths=mouths if scenery_of_mouths else None))
    return [room.dress(faces.frame_of(scene, index)) for index in range(8, FRAMES, 4)]


def test_no_word_can_be_read_on_the_lips(tmp_path: Path) -> None:
    """Law 2, for lips: other filmed words leave the mouth of the result as it is, but for a trace.

    The control: without another mouth, the same films differ by far more.
    """
    differences = []
    for taken in (True, False):
        one, other = (dressed(words, tmp_path / f"{taken}-{words}", taken) for words in (0.0, 1.0))
        off = []
        for a, b in zip(one, other, strict=True):
            mouths = [mouth_of(talking(0.0), frame).astype(int) for frame in (a, b)]
            off.append(float(np.abs(mouths[0] - mouths[1]).mean()))
        differences.append(np.array(off))
    assert differences[1].mean() > 8
    assert differences[0].max() < 0.15 * differences[1].mean()
