"""What an attack found raises covers, never lowers them; the plan's author keeps the last word on what is worn."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import faces
from veil.errors import VeilError
from veil.nouns.film import Shot
from veil.nouns.picture import Box
from veil.nouns.plan import Plan, Role
from veil.nouns.report import Attack, Finding, Report, Trace, Verdict
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages import escalation
from veil.stages.case import Case, CaseFolder, load_found
from veil.stages.escalation import Raised, cover_findings, in_force, load_raised, raise_covers, save_raised
from veil.stages.foreground import load_refused

DAMAGED = ["", "[]", "3", "no json", '{"P1": 3}', '{"P1": {"hidden": [["1/0", 2]]}}']


@pytest.mark.parametrize("text", DAMAGED)
@pytest.mark.parametrize("load", [load_raised, load_refused])
def test_a_damaged_note(load: Callable[[CaseFolder], object], text: str, tmp_path: Path) -> None:
    """What earlier attacks left, damaged, is a clear sentence and never a weaker cover."""
    for name in ("raised.json", "front-refused.json"):
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(VeilError, match="damaged") as caught:
        load(CaseFolder(tmp_path))
    assert "delete" in caught.value.hint


PLAN = Plan(0, {"P1": Role(double="ada")})


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return the case of one person on screen for 24 frames."""
    return faces.case_of(faces.speaking(24), tmp_path)


def report(known: Sequence[int], channels: dict[str, Verdict], frames: int = 24) -> Report:
    """Return a report in which P1 is known in these frames."""
    likeness = np.array([1.1 if i in known else 0.5 for i in range(frames)], np.float32)
    blank = np.full(frames, np.nan, np.float32)
    index = np.arange(frames, dtype=np.int32)
    trace = Trace(index, index / 25, likeness, blank, blank, blank)
    attacks = tuple(Attack("P1", c, "x", 1.1, 1.0, verdict) for c, verdict in channels.items())
    return Report(frames, 0, (), attacks, (), {"P1": trace})


def never(label: str, refused: Sequence[str]) -> str | None:
    """Find no other double."""
    del label, refused
    return None


def boris(label: str, refused: Sequence[str]) -> str | None:
    """Find boris, unless he was refused."""
    del label
    return None if "boris" in refused else "boris"


def test_few_frames_go_in_shadow(case: Case, tmp_path: Path) -> None:
    """Whoever no other double hides, and who is recognised in few frames, goes in shadow there and keeps the double."""
    folder = CaseFolder(tmp_path)
    assert raise_covers(case, PLAN, folder, report([3, 4], {"face": "exposed"}), never)
    raised = load_raised(folder)["P1"]
    assert raised.double is None
    assert not raised.whole
    role = in_force(PLAN, {"P1": raised}).roles["P1"]
    assert role.double == "ada"
    assert role.shade(Fraction(3, 25)) == 1
    assert role.shade(Fraction(23, 25)) < 1


def test_hardly_any_frame_goes_in_shadow(case: Case, tmp_path: Path) -> None:
    """For one frame of very many no double is changed: the head goes in shadow there."""
    folder = CaseFolder(tmp_path)
    assert raise_covers(case, PLAN, folder, report([90], {"face": "exposed"}, 120), boris)
    assert load_raised(folder)["P1"].double is None
    assert load_raised(folder)["P1"].hidden


@pytest.mark.parametrize("channels", [{"face": "exposed"}, {"face": "safe", "face over time": "exposed"}])
def test_another_double(case: Case, tmp_path: Path, channels: dict[str, Verdict]) -> None:
    """Whoever is recognised in most frames, or over time, gets a double that the rehearsal found, then the shadow."""
    folder = CaseFolder(tmp_path)
    assert raise_covers(case, PLAN, folder, report(range(20), channels), boris)
    now = in_force(PLAN, load_raised(folder))
    assert now.roles["P1"].double == "boris"
    assert raise_covers(case, now, folder, report(range(20), channels), boris)
    assert load_raised(folder)["P1"] == Raised("boris", ("ada", "boris"), (ALWAYS,))
    assert not raise_covers(case, now, folder, report(range(20), channels), boris), "there is nothing left to raise"


@pytest.mark.parametrize("verdict", ["exposed", "not proven"])
def test_no_double_is_worn_that_cannot_be_attacked(case: Case, tmp_path: Path, verdict: Verdict) -> None:
    """Where nothing can be proved, or no double hides somebody, their head goes in shadow throughout."""
    folder = CaseFolder(tmp_path)
    assert raise_covers(case, PLAN, folder, report(range(24), {"face": verdict}), never)
    assert load_raised(folder)["P1"].whole
    assert in_force(PLAN, load_raised(folder)).roles["P1"].shade(Fraction(99)) == 1


def test_the_author_has_the_last_word(tmp_path: Path) -> None:
    """A double that was refused is replaced; one that the author chose since is tried."""
    folder = CaseFolder(tmp_path)
    save_raised(folder, {"P1": Raised("boris", ("ada",))})
    assert in_force(PLAN, load_raised(folder)).roles["P1"].double == "boris"
    changed = Plan(0, {"P1": Role(double="luz")})
    assert in_force(changed, load_raised(folder)).roles["P1"].double == "luz"


def test_what_is_left_of_a_face_is_tried_with_another_double(case: Case, tmp_path: Path) -> None:
    """A part of somebody's own face calls for another double first; when that is none, or was tried, for a cover."""
    folder, box = CaseFolder(tmp_path), Box(10, 10, 40, 50)
    found = replace(report([], {"face": "safe"}), findings=(Finding(5, box, 0.7, "original", "P1"),))
    assert raise_covers(case, PLAN, folder, found, boris)
    assert load_raised(folder)["P1"].double == "boris"
    assert not load_found(folder)
    assert raise_covers(case, in_force(PLAN, load_raised(folder)), folder, found, boris)
    assert load_found(folder)[5] == [box]
    other = CaseFolder(tmp_path / "other")
    other.path.mkdir()
    assert raise_covers(case, PLAN, other, found, never)
    assert load_raised(other) == {}
    assert load_found(other)[5] == [box]


def test_a_safe_report_raises_nothing(case: Case, tmp_path: Path) -> None:
    """Where nobody was found or recognised nothing changes."""
    folder = CaseFolder(tmp_path)
    assert not raise_covers(case, PLAN, folder, report([], {"face": "safe", "rank": "safe"}), boris)
    assert load_raised(folder) == {}


def test_findings_are_covered_around_their_frame(tmp_path: Path) -> None:
    """A finding is covered from a little before to a little after, inside its shot, and earlier findings stay."""
    folder, box = CaseFolder(tmp_path), Box(10, 10, 40, 50)
    shots = [Shot(Span(Fraction(0), Fraction(2)), 0, 60)]
    assert cover_findings(folder, Report(60, 0, (Finding(2, box, 0.9),)), shots)
    assert cover_findings(folder, Report(60, 0, (Finding(58, box, 0.9),)), shots)
    assert not cover_findings(folder, Report(60, 0, (Finding(58, box, 0.9),)), shots), "it is covered already"
    found, near = load_found(folder), escalation._AROUND
    assert set(found) == {*range(2 + near + 1), *range(58 - near, 60)}
    assert all(boxes == [box] for boxes in found.values())


VOICED = Plan(0, {"P1": Role(double="ada")}, sound="disguised")


def raise_voice(case: Case, plan: Plan, folder: CaseFolder, **channels: Verdict) -> Plan:
    """Attack the plan in force with these verdicts; return the plan that is in force then."""
    verdicts = {channel.replace("_", " "): verdict for channel, verdict in channels.items()}
    raise_covers(case, in_force(plan, load_raised(folder)), folder, report([], verdicts), never)
    return in_force(plan, load_raised(folder))


def test_a_recognised_voice_gets_another_and_then_is_silent(case: Case, tmp_path: Path) -> None:
    """Whoever is recognised by a blend of voices gets a second and a third, then nothing speaks for them."""
    folder = CaseFolder(tmp_path)
    seen = [raise_voice(case, VOICED, folder, voice="safe", voice_over_time="exposed").role_of("P1") for _ in range(4)]
    assert [(r.voicing.by, r.voicing.again) for r in seen] == [
        ("revoice", 1), ("revoice", 2), ("silence", 0), ("silence", 0),
    ]  # fmt: skip
    assert {r.double for r in seen} == {"ada"}


def test_a_voice_that_could_not_be_tried_is_silent(case: Case, tmp_path: Path) -> None:
    """Another blend would prove no more, so who could not be tried is silent at once; a warning raises nothing."""
    folder = CaseFolder(tmp_path)
    assert (
        raise_voice(case, VOICED, folder, voice="warned", voice_timing="warned").role_of("P1").voicing.by == "revoice"
    )
    assert raise_voice(case, VOICED, folder, voice="not proven").role_of("P1").voicing.by == "silence"


@pytest.mark.parametrize("voicing", [Voicing("double", takes="takes"), Voicing("convert"), Voicing(voice="piper.onnx")])
def test_a_voice_that_has_no_other_is_silent(case: Case, voicing: Voicing, tmp_path: Path) -> None:
    """Of a volunteer, of a bent voice and of one that the user named there is no other to draw."""
    plan = replace(VOICED, roles={"P1": Role(voicing=voicing)})
    assert raise_voice(case, plan, CaseFolder(tmp_path), voice="exposed").role_of("P1").voicing.by == "silence"


def test_the_preview_gives_way_to_a_blend(case: Case, tmp_path: Path) -> None:
    """Whoever is recognised by the preview's one voice gets a blend, which counts as the same way of speaking."""
    plan = replace(VOICED, roles={"P1": Role(voicing=Voicing(voice="hibari"))})
    for again, by in ((1, "revoice"), (2, "revoice"), (0, "silence")):
        role = raise_voice(case, plan, CaseFolder(tmp_path), voice="exposed").role_of("P1")
        assert role.voicing.by == by
        assert role.voicing.again == again


def test_a_voice_that_the_author_chose_since(case: Case, tmp_path: Path) -> None:
    """A refused voice does not silence a volunteer found since; a voice without a face is raised too."""
    folder = CaseFolder(tmp_path)
    raise_voice(case, VOICED, folder, voice="not proven")
    other = replace(VOICED, roles={"P1": Role(voicing=Voicing("double", takes="takes"))})
    assert in_force(other, load_raised(folder)).role_of("P1").voicing.by == "double"
    attack = Attack("V1", "voice over time", "x", 1.1, 1.0, "exposed")
    assert raise_covers(case, VOICED, folder, Report(24, 0, (), (attack,)), never)
    assert in_force(VOICED, load_raised(folder)).role_of("V1").voicing.again == 1
    assert in_force(VOICED, load_raised(folder)).others == VOICED.others
